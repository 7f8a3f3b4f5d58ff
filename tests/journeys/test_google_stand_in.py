"""The stand-in of Google's voice, proved with gTTS' own code and with a pooled session."""

from __future__ import annotations

import base64
import importlib
import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from tests.support import google
from tests.support.google import Fault, Faults, GoogleStandIn, Request

gtts: Any = importlib.import_module("gtts")
soundfile: Any = importlib.import_module("soundfile")

ROOT = Path(__file__).resolve().parents[2]
TEXT = "The camera is the best part of this phone."
OTHER = "Its battery lasts for two long days and then some more."
LIMIT_S = 60  # for what must not hang; nothing waits for so long
# gTTS turns verification off, and urllib3 warns of it.
with_gtts = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount("https://", HTTPAdapter(pool_maxsize=8))
        yield session


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleStandIn]:
    """A stand-in with the built-in voice that this process is led to."""
    with GoogleStandIn() as standin:
        lead_to(standin, monkeypatch)
        yield standin


def lead_to(standin: GoogleStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in standin.environ().items():
        monkeypatch.setenv(name, value)


class Preparing(gtts.gTTS):  # type: ignore[misc]
    def prepare(self) -> requests.PreparedRequest:
        """The one request that gTTS would send."""
        (prepared,) = self._prepare_requests()
        return prepared


def post(session: requests.Session, text: str, **options: Any) -> requests.Response:
    """Send what gTTS prepares, but verified and through a pool."""
    prepared = Preparing(text, lang_check=False, **options).prepare()
    # Session.send, unlike Session.post, does not look for a CA bundle in the environment.
    settings = session.merge_environment_settings(prepared.url, {}, None, None, None)
    assert settings["verify"] == os.environ["REQUESTS_CA_BUNDLE"]
    return session.send(prepared, timeout=LIMIT_S, **settings)


def audio_of(response: requests.Response) -> bytes:
    """The audio in a reply, found as gTTS finds it."""
    response.raise_for_status()
    found = re.search(r'jQ1olc","\[\\"(.*)\\"]', response.text)
    assert found, response.text
    return base64.b64decode(found.group(1), validate=True)


def seconds(mp3: bytes) -> float:
    samples, rate = soundfile.read(io.BytesIO(mp3))
    assert rate == google.SAMPLE_RATE
    assert samples.ndim == 1
    return float(len(samples) / rate)


def is_plausible(mp3: bytes, text: str) -> bool:
    return 0.05 * len(text) < seconds(mp3) - 2 * google.EDGE_S < 0.08 * len(text)


def quick(text: str, language: str) -> bytes:
    """A voice for tests that do not listen."""
    return f"{language}:{text}".encode()


# --- the answer of a good day


@with_gtts
def test_gtts_itself_speaks_through_it(standin: GoogleStandIn) -> None:
    text = f"{TEXT} {OTHER} {TEXT}"
    sound = io.BytesIO()
    gtts.gTTS(text, tld="co.uk").write_to_fp(sound)
    # gTTS drops the full stops at which it splits.
    assert standin.texts == [TEXT[:-1], OTHER[:-1], TEXT]
    assert {request.host for request in standin.requests} == {"translate.google.co.uk"}
    assert {request.tld for request in standin.requests} == {"co.uk"}
    assert standin.handshakes == 3  # a session for each request is gTTS' way
    assert 0.05 * len(text) < seconds(sound.getvalue()) < 0.09 * len(text)


def test_the_reply_is_what_google_sends(standin: GoogleStandIn, session: requests.Session) -> None:
    mp3 = audio_of(post(session, TEXT))
    with soundfile.SoundFile(io.BytesIO(mp3)) as sound:
        assert (sound.format, sound.subtype) == ("MP3", "MPEG_LAYER_III")
    assert mp3.startswith(b"\xff\xf3\x84\xc4")  # MPEG-2 Layer III, 64 kb/s, 24 kHz, mono
    assert is_plausible(mp3, TEXT)


def test_edges_are_quiet_but_not_silent() -> None:
    samples, rate = soundfile.read(io.BytesIO(google.speak(TEXT, "en")))
    edge = samples[: int(google.EDGE_S * rate)]
    assert 0 < (edge**2).mean() ** 0.5 < 0.001
    assert (samples**2).mean() ** 0.5 > 0.02


def test_requests_say_what_was_asked_for(standin: GoogleStandIn, session: requests.Session) -> None:
    post(session, "Ein schöner Tag & „mehr“ = 100 %?", lang="de", slow=True, tld="com.br")
    post(session, TEXT)
    german, english = standin.requests
    assert german.text == "Ein schöner Tag & „mehr“ = 100 %?"
    assert (german.n, german.language, german.slow, german.tld) == (1, "de", True, "com.br")
    assert (english.n, english.language, english.slow, english.tld) == (2, "en", False, "com")
    assert german.at_s <= english.at_s
    assert german.fault is None


def test_one_connection_serves_many_requests(
    standin: GoogleStandIn, session: requests.Session
) -> None:
    sounds = {audio_of(post(session, TEXT)) for _ in range(5)}
    assert len(sounds) == 1
    assert standin.handshakes == 1
    assert standin.peak_in_flight == 1


def test_eight_at_once(session: requests.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(8)

    def speak(text: str, language: str) -> bytes:
        meeting.wait(LIMIT_S)  # until all eight are in flight
        return quick(text, language)

    texts = [f"Sentence {i}." for i in range(16)]
    with GoogleStandIn(speak=speak) as standin, ThreadPoolExecutor(8) as pool:
        lead_to(standin, monkeypatch)
        sounds = list(pool.map(lambda text: audio_of(post(session, text)), texts))
    assert sounds == [quick(text, "en") for text in texts]
    assert sorted(standin.texts) == sorted(texts)
    assert [request.n for request in standin.requests] == list(range(1, 17))
    assert standin.peak_in_flight == 8
    assert standin.handshakes == 8


def test_a_text_beyond_the_limit_of_gtts_gets_no_audio(
    standin: GoogleStandIn, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gtts.gTTS, "GOOGLE_TTS_MAX_CHARS", 1_000)
    response = post(session, "a" * (google.MAX_CHARS + 1))
    assert response.status_code == 200
    assert '"jQ1olc",null' in response.text


# --- faults


@pytest.mark.parametrize("wait", [None, 7])
def test_status(standin: GoogleStandIn, session: requests.Session, wait: int | None) -> None:
    fault = google.status(429, retry_after_s=wait)
    standin.faults = google.first(1, fault)
    response = post(session, TEXT)
    assert (response.status_code, response.reason) == (429, "Too Many Requests")
    assert response.headers.get("Retry-After") == (None if wait is None else "7")
    audio_of(post(session, TEXT))
    assert [request.fault for request in standin.requests] == [fault, None]
    assert standin.handshakes == 1


def test_server_error(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.SERVER_ERROR)
    assert post(session, TEXT).status_code == 500


def test_reset(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.RESET)
    # Some versions of OpenSSL show a reset as the end of the stream.
    with pytest.raises(requests.ConnectionError):
        post(session, TEXT)
    audio_of(post(session, TEXT))
    assert standin.handshakes == 2


def test_hang_lasts_until_the_stand_in_closes(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        GoogleStandIn(faults=google.first(1, google.HANG)) as standin,
        ThreadPoolExecutor(1) as pool,
    ):
        lead_to(standin, monkeypatch)
        reply = pool.submit(post, session, TEXT)
        standin.wait_for_requests(1)
        assert not reply.done()
        standin.close()
        with pytest.raises(requests.ConnectionError):
            reply.result(LIMIT_S)


def test_hang_lasts_until_the_client_goes(standin: GoogleStandIn) -> None:
    standin.faults = google.first(1, google.HANG)
    program = (
        "import gtts, io, warnings; warnings.simplefilter('ignore');"
        "gtts.gTTS('Hello.').write_to_fp(io.BytesIO())"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as client:
        standin.wait_for_requests(1, LIMIT_S)
        client.kill()
    for thread in standin.threads:
        thread.join(LIMIT_S)
        assert not thread.is_alive()
    assert standin.errors == []


def test_latency_ends_when_the_stand_in_closes(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GoogleStandIn(latency_s=3_600) as standin, ThreadPoolExecutor(1) as pool:
        lead_to(standin, monkeypatch)
        reply = pool.submit(post, session, TEXT)
        standin.wait_for_requests(1)
        standin.close()
        with pytest.raises(requests.ConnectionError):
            reply.result(LIMIT_S)


def test_latency_delays_the_answer_only(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GoogleStandIn(latency_s=0.01, speak=quick) as standin:
        lead_to(standin, monkeypatch)
        assert audio_of(post(session, TEXT)) == quick(TEXT, "en")


def test_truncated_mp3(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.TRUNCATED_MP3)
    half, whole = audio_of(post(session, TEXT)), audio_of(post(session, TEXT))
    assert half == whole[: len(whole) // 2]
    assert not is_plausible(half, TEXT)


def test_body_cut(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.BODY_CUT)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        post(session, TEXT)
    audio_of(post(session, TEXT))


def test_no_audio(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.NO_AUDIO)
    response = post(session, TEXT)
    assert response.status_code == 200
    assert "jQ1olc" not in response.text


def test_empty_audio(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.EMPTY_AUDIO)
    assert audio_of(post(session, TEXT)) == b""


def test_html_as_audio(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.HTML_AS_AUDIO)
    assert audio_of(post(session, TEXT)).startswith(b"<!DOCTYPE html>")


def test_consent_page(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.CONSENT_PAGE)
    response = post(session, TEXT)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Before you continue" in response.text


def test_sorry_redirect(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.SORRY_REDIRECT)
    response = post(session, TEXT)
    assert [earlier.status_code for earlier in response.history] == [302]
    assert response.url.startswith("https://www.google.com/sorry/")
    assert response.status_code == 200
    assert "unusual traffic" in response.text
    assert standin.sorry_visits == 1
    assert len(standin.requests) == 1


def test_silence(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.SILENCE)
    samples, rate = soundfile.read(io.BytesIO(audio_of(post(session, TEXT))))
    assert not samples.any()
    assert len(samples) / rate == pytest.approx(google.LONG_SILENCE_S, abs=0.1)


def test_neighbour(standin: GoogleStandIn, session: requests.Session) -> None:
    whole = audio_of(post(session, TEXT))
    standin.faults = lambda request: google.NEIGHBOUR
    assert audio_of(post(session, OTHER)) == whole
    standin.faults = lambda request: google.neighbour("Something else.")
    assert audio_of(post(session, OTHER)) == google.speak("Something else.", "en")


def test_neighbour_without_one(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = google.first(1, google.NEIGHBOUR)
    assert audio_of(post(session, TEXT)) != audio_of(post(session, TEXT))


@with_gtts
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (google.TOO_MANY, "429"),
        (google.SERVER_ERROR, "500 .* Upstream API error"),
        (google.RESET, "Failed to connect"),
        (google.BODY_CUT, "Failed to connect"),
        (google.NULL_AUDIO, "200 .* Unknown"),
    ],
)
def test_what_gtts_notices(standin: GoogleStandIn, fault: Fault, message: str) -> None:
    standin.faults = google.first(1, fault)
    with pytest.raises(gtts.gTTSError, match=message):
        gtts.gTTS(TEXT).write_to_fp(io.BytesIO())


@with_gtts
@pytest.mark.parametrize(
    ("fault", "size"),
    [
        (google.NO_AUDIO, 0),
        (google.EMPTY_AUDIO, 0),
        (google.CONSENT_PAGE, 0),
        (google.SORRY_REDIRECT, 0),
        (google.HTML_AS_AUDIO, len(google.CONSENT)),
        (google.TRUNCATED_MP3, len(google.speak(TEXT, "en")) // 2),
    ],
)
def test_what_gtts_takes_for_success(standin: GoogleStandIn, fault: Fault, size: int) -> None:
    standin.faults = google.first(1, fault)
    sound = io.BytesIO()
    gtts.gTTS(TEXT).write_to_fp(sound)
    assert len(sound.getvalue()) == size


@with_gtts
def test_wrong_certificate(session: requests.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with GoogleStandIn(trusted=False, speak=quick) as standin:
        lead_to(standin, monkeypatch)
        with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            post(session, TEXT)
        assert standin.requests == []
        assert standin.handshakes == 0
        gtts.gTTS(TEXT).write_to_fp(io.BytesIO())  # does not verify
        assert standin.texts == [TEXT]


# --- which requests fail


def request(n: int) -> Request:
    return Request(n, TEXT, "en", False, "translate.google.com", 0.0)


def failing(faults: Faults, upto: int) -> list[int]:
    return [n for n in range(1, upto + 1) if faults(request(n)) is not None]


def test_first_after_and_combine() -> None:
    first, after = google.first(2, google.RESET), google.after(3, google.HANG)
    assert failing(first, 5) == [1, 2]
    assert failing(after, 5) == [4, 5]
    both = google.combine(first, after)
    faults = [both(request(n)) for n in range(1, 5)]
    assert faults == [google.RESET, google.RESET, None, google.HANG]


def test_random_faults_depend_on_the_number_only() -> None:
    faults = google.random_faults(0.2, seed=7)
    numbers = failing(faults, 1_000)
    assert 150 < len(numbers) < 250
    assert [n for n in range(1_000, 0, -1) if faults(request(n))] == numbers[::-1]
    assert failing(google.random_faults(0.2, seed=8), 1_000) != numbers
    assert {faults(request(n)) for n in numbers} == set(google.LOUD_FAULTS)
    only = google.random_faults(1.0, kinds=[google.RESET])
    assert {only(request(n)) for n in range(1, 20)} == {google.RESET}
    assert failing(google.random_faults(0.0), 1_000) == []


def test_faults_may_look_at_the_stand_in(standin: GoogleStandIn, session: requests.Session) -> None:
    standin.faults = lambda request: google.TOO_MANY if request.text in standin.texts else None
    assert [post(session, TEXT).status_code for _ in range(2)] == [200, 429]


# --- outages and errors


def test_down_and_up(standin: GoogleStandIn, session: requests.Session) -> None:
    audio_of(post(session, TEXT))
    address = standin.proxy_url
    for _ in range(2):
        standin.down()
        with pytest.raises(requests.exceptions.ProxyError, match="refused"):
            post(session, TEXT)
        standin.up()
        assert standin.proxy_url == address
        audio_of(post(session, TEXT))
    assert len(standin.requests) == 3


def test_other_places_are_out_of_reach(standin: GoogleStandIn, session: requests.Session) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match="403"):
        session.get("https://example.com/", timeout=LIMIT_S)
    url = "https://translate.google.com"
    assert session.get(f"{url}/", timeout=LIMIT_S).status_code == 404
    path = google.PATH
    bad = session.post(f"{url}{path}", data={"f.req": "[]"}, timeout=LIMIT_S)
    assert bad.status_code == 400
    assert standin.requests == []


def fail(text: str, language: str) -> bytes:
    raise ValueError(f"no {language} voice for {text}")


def test_an_error_inside_is_raised_at_the_end(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def use() -> None:
        with GoogleStandIn(speak=fail) as standin:
            lead_to(standin, monkeypatch)
            with pytest.raises(requests.ConnectionError):
                post(session, TEXT)

    with pytest.raises(ExceptionGroup) as raised:
        use()
    assert [str(error) for error in raised.value.exceptions] == [f"no en voice for {TEXT}"]


def test_an_error_inside_does_not_hide_the_one_outside(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def use() -> None:
        with GoogleStandIn(speak=fail) as standin:
            lead_to(standin, monkeypatch)
            post(session, TEXT)

    with pytest.raises(requests.ConnectionError) as raised:
        use()
    assert f"ValueError: no en voice for {TEXT}" in raised.value.__notes__[0]


# --- the voice


def test_the_voice_is_repeatable_in_any_order() -> None:
    texts = [(TEXT, "en"), (OTHER, "en"), ("Das Telefon ist schön.", "de")]
    one, two = google.Speaker(), google.Speaker()
    try:
        forwards = [one.say(*text) for text in texts]
        backwards = [two.say(*text) for text in reversed(texts)]
        again = [one.say(*text) for text in texts]
    finally:
        one.close()
        two.close()
    assert forwards == backwards[::-1] == again
    assert len(set(forwards)) == 3
    assert google.speak(TEXT, "en") != google.speak(TEXT, "de")


def test_a_language_unknown_to_the_synthesizer_is_spoken_anyway() -> None:
    assert is_plausible(google.speak(TEXT, "xx"), TEXT)


def test_a_text_of_signs_only_is_a_short_silence() -> None:
    assert seconds(google.speak("?!", "en")) < 1.0


def test_a_broken_character_is_no_obstacle() -> None:
    assert seconds(google.speak("Half a pair: \ud83d.", "en")) > 1.0


def test_the_speaking_process_that_ends_is_reported_and_replaced() -> None:
    speaker = google.Speaker()
    try:
        speaker.say(TEXT, "en")
        assert speaker.process is not None
        speaker.process.kill()
        with pytest.raises(RuntimeError, match="the speaking process ended"):
            speaker.say(TEXT, "en")
        assert speaker.say(TEXT, "en")
    finally:
        speaker.close()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_long_path_is_given_as_a_short_link(tmp_path: Path) -> None:
    long = tmp_path / ("a" * 100) / ("b" * 100)
    long.mkdir(parents=True)
    with google.shorten_path(long) as short:
        assert len(os.fsencode(short)) < len(os.fsencode(long))
        assert short.resolve() == long.resolve()
    assert not short.exists()
    with google.shorten_path(Path("/short")) as same:
        assert same == Path("/short")


# --- by hand


def test_by_hand(session: requests.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-m", "tests.support.google", "--fail-after", "1", "--fault", "500"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("export ")
        for name, value in (pair.split("=", 1) for pair in line.split()[1:]):
            monkeypatch.setenv(name, value.strip("'"))
        statuses = [post(session, TEXT).status_code for _ in range(2)]
        _, summary = process.communicate(timeout=LIMIT_S)  # ends its input
    assert statuses == [200, 500]
    assert summary == "2 requests, 1 faults, 1 handshakes, at most 1 at once\n"
    assert process.returncode == 0
