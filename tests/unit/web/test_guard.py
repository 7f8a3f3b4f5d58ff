"""Who may ask the page's server for what: every way in that is not the writer's is refused."""

import contextlib
import http.client
import io
import json
import re
import signal
import subprocess
from urllib.parse import urljoin, urlsplit

import numpy as np
import pytest
import requests
import soundfile
from tests.support.preview import TOKEN, serve_preview, write_review
from tests.support.program import Program

from reviewcast.web.uploads import LARGEST_BYTES

TALE = "# A tale\n\nIt begins, and it ends.\n\nSo it goes.\n"


@pytest.fixture(scope="module")
def preview(tmp_path_factory):
    review = write_review(tmp_path_factory.mktemp("show"), TALE)
    (review.parent / "secret.txt").write_text("secret")
    with serve_preview(review) as preview:
        yield preview


@pytest.fixture
def session(preview):
    """A session as a browser has it after the page was opened."""
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(preview.url).status_code == 200
        session.headers["Origin"] = preview.origin
        yield session


@pytest.fixture
def segment(preview):
    return preview.session.describe()["segments"][1]


def list_files(preview):
    return sorted(path for path in preview.folder.rglob("*") if ".reviewcast" not in path.parts)


def make_sound(seconds, *, rate=8000, kind="WAV", channels=1):
    at = np.arange(int(seconds * rate)) / rate
    tone = 0.3 * np.sin(2 * np.pi * 220 * at)
    file = io.BytesIO()
    soundfile.write(file, np.repeat(tone[:, None], channels, axis=1), rate, format=kind)
    return file.getvalue()


def test_the_token_becomes_a_cookie_that_only_the_page_has(preview):
    """The address with the token leads to one without; the cookie is no script's and no other's."""
    answer = requests.get(preview.url, allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert TOKEN in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_every_answer_has_a_strict_policy(preview, session):
    """No inline script, nothing from elsewhere, no frame around it; refusals have it too."""
    for answer in (session.get(preview.origin), requests.get(preview.origin)):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    first, second = session.get(preview.origin), session.get(preview.origin)
    nonces = [re.search(r"nonce-([\w-]+)'", one.headers["content-security-policy"])[1]
              for one in (first, second)]  # fmt: skip
    assert nonces[0] != nonces[1]
    assert f'data-nonce="{nonces[0]}"' in first.text


PATHS = ["/", "/state", "/events", "/static/preview.js", "/audio/x.mp3", "/levels/x.json"]


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_nothing_is_told(preview, path):
    """No cookie, or a wrong one, or a wrong token: 403, and not a word of the review."""
    wrong = {f"reviewcast-{urlsplit(preview.origin).port}": "wrong"}
    for answer in (
        requests.get(preview.origin + path),
        requests.get(preview.origin + path, cookies=wrong),
        requests.get(f"{preview.origin}{path}?token=wrong"),
        requests.get(f"{preview.origin}{path}?token=%ff%00"),
    ):
        assert answer.status_code == 403
        assert "tale" not in answer.text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "", "evil[::1]"],
)
def test_another_host_is_refused(preview, session, host):
    """A foreign name that was pointed at this machine gets nothing, token or not."""
    where = urlsplit(preview.url)
    (cookie,) = session.cookies
    # sent as it is: what keeps the cookies of requests refuses some of these names itself
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
    with contextlib.closing(connection):
        headers = {"Host": host.format(port=where.port), "Cookie": f"{cookie.name}={cookie.value}"}
        connection.request("GET", f"{where.path}?{where.query}", headers=headers)
        answer = connection.getresponse()
        assert answer.status in {400, 421}
        assert "set-cookie" not in answer.headers


DEEDS = ["/segments/{id}/edit", "/segments/{id}/recording", "/word", "/undo", "/build", "/render"]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", None])
def test_another_origin_changes_nothing(preview, session, segment, deed, origin):
    """A form or a script of a foreign page is refused before its body is read."""
    before = len(preview.told)
    answer = session.post(
        preview.origin + deed.format(**segment), json={"expect": ""}, headers={"Origin": origin}
    )
    assert answer.status_code == 403
    assert len(preview.told) == before


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_post_changes_things(preview, session, segment, deed, method):
    """A link or an image can do nothing."""
    answer = session.request(method, preview.origin + deed.format(**segment))
    assert answer.status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/vendor/../../session.py",
        "/static/vendor/VENDORED.md%00.js",
        "/static/",
        "/audio/..%2f..%2fsecret.txt.mp3",
        "/audio/../secret.txt",
        "/levels/..%2f..%2fsecret.json",
        "/secret.txt",
        "/../secret.txt",
        "/..%5csecret.txt",
    ],
)
def test_no_path_reaches_a_file(preview, session, path):
    """What is served stands in a list; nothing that a visitor writes is ever a file's name."""
    place = urlsplit(preview.origin)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    cookie = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    assert answer.status == 404
    assert b"secret" not in answer.read()
    connection.close()


@pytest.mark.parametrize("name", ["../../x", "..%2f..%2fx", "0" * 16, "%00", "x" * 5000])
def test_an_unknown_segment_is_not_there(preview, session, name):
    """A segment is told by what was listed; another name is nobody's, and no file appears."""
    before = list_files(preview)
    for deed, options in (("edit", {"json": {"expect": ""}}), ("recording", {"data": b"RIFF"})):
        answer = session.post(f"{preview.origin}/segments/{name}/{deed}", **options)
        assert answer.status_code == 404
    assert list_files(preview) == before


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b'{"expect": ""', 400),
        (b'{"expect": "", "recording": "../../etc/passwd"}', 400),
        (b'{"expect": "", "text": "x"}', 400),
        (b'{"expect": "", "voice": "../x"}', 422),
        (b'{"expect": "", "voice": ""}', 422),
        (b'{"expect": "", "spoken": "..."}', 422),
        (b'{"expect": "", "pause_s": 1e9}', 422),
        (b'{"expect": "", "pause_s": -1}', 422),
        (json.dumps({"expect": "", "spoken": "word " * 5000}).encode(), 422),
        (b'{"expect": "other", "pause_s": 1}', 409),
        (b" " * 100_000, 413),
    ],
)
def test_what_cannot_be_is_not_saved(preview, session, segment, body, code):
    """Each wrong wish is answered by what is wrong, and leaves no file behind."""
    before = list_files(preview)
    answer = session.post(f"{preview.origin}/segments/{segment['id']}/edit", data=body)
    assert answer.status_code == code, answer.text
    assert answer.json()["message"]
    assert list_files(preview) == before


def make_bomb():
    """Make a small file that would hold gigabytes: silence of eight channels at a high rate."""
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 192_000, 8, format="FLAC") as sound:
        sound.write(np.zeros((20 * 192_000, 8), np.int16))
        for _ in range(4):
            sound.write(np.zeros((20 * 192_000, 8), np.int16))
    return file.getvalue()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: b"", 415),
        (lambda: b"<html>", 415),
        (lambda: b"#!/bin/sh\n", 415),
        (lambda: b"RIFF\0\0\0\0WAVE" + bytes(100), 415),
        (lambda: b"ID3" + bytes(1000), 415),
        (lambda: b"ffconcat version 1.0\nfile secret.txt\n", 415),
        (lambda: make_sound(1, kind="FLAC")[:3000], 415),
        (make_bomb, 415),
        (lambda: make_sound(601, kind="FLAC"), 415),
        (lambda: b"RIFF" + bytes(LARGEST_BYTES), 413),
    ],
    ids=["nothing", "html", "script", "wav", "mp3", "concat", "cut", "bomb", "long", "large"],
)
def test_what_is_no_recording_is_not_kept(preview, session, segment, make, code):
    """A file is told by its bytes and decoded to its end before anything is written."""
    before = list_files(preview)
    url = f"{preview.origin}/segments/{segment['id']}/recording?expect="
    answer = session.post(url, data=make())
    assert answer.status_code == code, answer.text
    assert list_files(preview) == before


def test_a_gigabyte_is_refused_before_it_is_sent(preview, session, segment):
    """The length that is announced is enough; one that is not is counted."""
    place = urlsplit(preview.origin)
    cookie = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    url = f"/segments/{segment['id']}/recording"
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    connection.putrequest("POST", url)
    headers = {"Cookie": cookie, "Origin": preview.origin, "Content-Length": str(10**9)}
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()

    def pour():
        for _ in range(LARGEST_BYTES // 1_000_000 + 1):
            yield bytes(1_000_000)

    assert session.post(preview.origin + url, data=pour()).status_code == 413


def test_many_ranges_are_one_answer(preview, session):
    """One range is answered; ten thousand are the whole file, once."""
    version = preview.session.describe()["audio"]["version"]
    url = f"{preview.origin}/audio/{version}.mp3"
    whole = session.get(url)
    assert whole.headers["content-type"] == "audio/mpeg"
    part = session.get(url, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    for many in ("0-1,5-6", ",".join(["9-9"] * 10_000)):
        answer = session.get(url, headers={"Range": f"bytes={many}"})
        assert (answer.status_code, answer.content) == (200, whole.content)


def test_a_stale_version_is_answered_with_theirs(preview, session, segment):
    """Who has not seen the last edit gets 409 and what it is; nothing is overwritten."""
    url = f"{preview.origin}/segments/{segment['id']}/edit"
    first = session.post(url, json={"expect": "", "pause_s": 2.0})
    assert first.status_code == 200
    second = session.post(url, json={"expect": "", "spoken": "Mine."})
    assert second.status_code == 409
    assert second.json()["theirs"] == first.json()
    recording = session.post(url.replace("edit", "recording") + "?expect=", data=make_sound(0.5))
    assert recording.status_code == 409
    third = session.post(url, json={"expect": first.json()["version"], "spoken": "Mine."})
    assert third.status_code == 200
    state = preview.wait()
    assert state["segments"][1]["spoken"] == "Mine."
    for _ in range(2):
        assert session.post(f"{preview.origin}/undo").status_code == 200
    state = preview.wait()
    assert state["segments"][1]["edit"]["version"] == ""
    assert session.post(f"{preview.origin}/undo").json() == {"undone": ""}


def test_events_reach_a_page(preview, session):
    """A stream tells at once where things stand, then of each step."""
    with session.get(f"{preview.origin}/events", stream=True, timeout=60) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        kinds = []
        preview.session.render()
        for line in lines:
            if line.startswith(b"data: "):
                kinds.append(json.loads(line[6:])["kind"])
            if kinds.count("state") >= 2:
                break
    assert kinds[0] == "state"
    preview.wait()


def test_too_many_streams_are_refused(preview, session):
    """A page that opens streams without end is stopped."""
    url = f"{preview.origin}/events"
    streams = [session.get(url, stream=True, timeout=60) for _ in range(17)]
    firsts = [next(stream.iter_lines()) for stream in streams if stream.status_code == 200]
    assert streams[-1].status_code == 503
    assert len(firsts) >= 16
    for stream in streams:
        stream.close()


def test_the_command_prints_its_address_and_ends_by_ctrl_c(tmp_path):
    """`preview --web` serves on loopback as soon as it says so; Ctrl-C ends it with 130."""
    review = write_review(tmp_path / "show", TALE)
    program = Program(tmp_path / "cache")
    command = program.command("preview", review, "--web", "--no-browser")
    with subprocess.Popen(
        command, env=program.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", url)
        with requests.Session() as session:
            session.trust_env = False
            assert "<title>Preview" in session.get(url, timeout=60).text
            stream = session.get(urljoin(url, "/events"), stream=True, timeout=60)
            assert next(stream.iter_lines())  # a stream that is open does not hold it up
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
        assert process.stderr is not None
        assert "Error" not in process.stderr.read()


def test_the_command_refuses_what_a_page_cannot_show(tmp_path):
    """Standard input has no file for edits to lie beside, and a page shows all segments."""
    program = Program(tmp_path / "cache")
    assert program.run("preview", "-", "--web", data=b"A tale.").code == 2
    review = write_review(tmp_path / "show", TALE)
    assert program.run("preview", review, "2", "--web").code == 2
