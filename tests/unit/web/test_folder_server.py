"""The published folder, served and asked for as clients do."""

import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest
import requests
import uvicorn
from lxml import etree
from tests.support.program import Program
from tests.support.published import URL, publish_show

from reviewcast.model.errors import StorageError, UsageError
from reviewcast.web.folder_server import make_app, point_feed_at
from reviewcast.web.hosts import is_own_host, list_own_names, open_socket, tell_url


@pytest.fixture(scope="module")
def show(tmp_path_factory) -> Path:
    folder = publish_show(tmp_path_factory.mktemp("show") / "public")
    (folder / ".secret").write_text("secret")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("secret")
    (folder.parent / "outside.txt").write_text("secret")
    (folder / "way-out.txt").symlink_to(folder.parent / "outside.txt")
    (folder / "to-secret.txt").symlink_to(folder / ".secret")
    (folder / "inside.jpg").symlink_to(folder / "cover.jpg")
    os.mkfifo(folder / "pipe.mp3")
    return folder


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return []


@pytest.fixture(scope="module")
def server(show, lines):
    """The application behind uvicorn, on a free port."""
    with open_socket("127.0.0.1", 0) as listener:
        app = make_app(show, local=tell_url(listener), log=lines.append)
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=0)
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        yield tell_url(listener)
        running.should_exit = True
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("feed.xml", "application/rss+xml; charset=utf-8"),
        ("feed-archive-0001.xml", "application/rss+xml; charset=utf-8"),
        ("media/1917.mp3", "audio/mpeg"),
        ("media/1917.vtt", "text/vtt; charset=utf-8"),
        ("media/1917.srt", "application/x-subrip; charset=utf-8"),
        ("media/1917.transcript.json", "application/json; charset=utf-8"),
        ("media/1917.chapters.json", "application/json+chapters; charset=utf-8"),
        ("cover.jpg", "image/jpeg"),
        ("index.html", "text/html; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
        ("episodes/1917/", "text/html; charset=utf-8"),
        ("inside.jpg", "image/jpeg"),
    ],
)
def test_files_have_their_types_by_get_and_head(server, session, name, content_type):
    """GET and HEAD give the same headers, and the length is that of the body."""
    got, head = session.get(server + name), session.head(server + name)
    assert (got.status_code, head.status_code) == (200, 200)
    assert got.headers["content-type"] == content_type
    assert int(got.headers["content-length"]) == len(got.content) > 0
    assert head.content == b""
    for header in ("content-type", "content-length", "etag"):
        assert head.headers[header] == got.headers[header]


def test_the_etag_is_written_as_usual(server, session):
    """Newsboat, for one, does not find it under another case."""
    for name in ("feed.xml", "media/1917.mp3"):
        assert "ETag" in list(session.get(server + name).raw.headers)


@pytest.mark.parametrize("name", ["feed.xml", "media/1917.mp3", "media/1917.vtt"])
def test_what_has_not_changed_is_not_sent_again(server, session, name):
    """An ETag that is still right gives 304 without a body; another one gives the file."""
    tag = session.get(server + name).headers["etag"]
    again = session.get(server + name, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert session.get(server + name, headers={"If-None-Match": '"x"'}).status_code == 200


def test_ranges_are_answered(server, session, show):
    """A stretch, the end, and what lies behind the end."""
    data = (show / "media/1917.mp3").read_bytes()
    url = server + "media/1917.mp3"
    middle = session.get(url, headers={"Range": "bytes=1000-1999"})
    assert (middle.status_code, middle.content) == (206, data[1000:2000])
    assert middle.headers["content-range"] == f"bytes 1000-1999/{len(data)}"
    assert session.get(url, headers={"Range": "bytes=-100"}).content == data[-100:]
    assert session.get(url, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
    assert session.get(url).headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    "path",
    [
        ".secret",
        ".git/config",
        "%2esecret",
        "media/../.secret",
        "../outside.txt",
        "..%2foutside.txt",
        "%2e%2e/outside.txt",
        "media/%2e%2e/%2e%2e/outside.txt",
        "way-out.txt",
        "to-secret.txt",
        "//etc/passwd",
        "%2fetc/passwd",
        "%00",
        "feed.xml%00.html",
        "x" * 5000,
        "pipe.mp3",
        "media",
        "none.html",
    ],
)
def test_nothing_else_is_given_away(server, path):
    """Dot-files, what lies outside, pipes and what is not there are plainly not found."""
    address = server.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=60) as raw:
        raw.sendall(
            f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b""
        while chunk := raw.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404")
    assert body == b"Not found\n"
    assert b"text/plain" in head


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil[::1]", "x y"])
def test_another_host_is_refused(server, session, host):
    """A foreign page whose domain was pointed at this machine reads nothing."""
    answer = session.get(server + "feed.xml", headers={"Host": host})
    assert answer.status_code in {400, 421}
    assert "1917" not in answer.text


def test_names_that_a_server_answers_to():
    """Loopback is called by its three names; every address by addresses and the machine's name."""
    loopback = list_own_names("127.0.0.1")
    for host in ("127.0.0.1:8000", "localhost:9000", "[::1]:8000", "LOCALHOST"):
        assert is_own_host(host, loopback)
    assert not is_own_host("192.168.1.2:8000", loopback)
    wild = list_own_names("0.0.0.0")
    for host in ("192.168.1.2:8000", "[fd00::1]:8000", f"{socket.gethostname()}.local:8000"):
        assert is_own_host(host, wild)
    assert not is_own_host("evil.example:8000", wild)
    assert is_own_host("192.168.1.2", list_own_names("192.168.1.2"))


def test_other_methods_are_refused(server, session):
    """Nothing can be changed."""
    answer = session.post(server + "feed.xml", data=b"x")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_feed_leads_to_this_server(server, session, show):
    """All of the show's URLs become local ones and can be fetched; guids stay as they are."""
    original = etree.fromstring((show / "feed.xml").read_bytes())
    served = etree.fromstring(session.get(server + "feed.xml").content)
    assert URL not in etree.tostring(served).decode()
    items = served.findall("channel/item")
    assert [item.findtext("guid") for item in items] == [
        item.findtext("guid") for item in original.findall("channel/item")
    ]
    urls = [value for element in served.iter() for value in element.attrib.values()
            if value.startswith(server)]  # fmt: skip
    urls += [item.findtext("link") for item in items]
    assert len(urls) > 10
    for url in urls:
        assert session.get(url).status_code == 200, url


def test_the_check_finds_nothing_in_what_is_served(server):
    """What is served is a show as good as the one on the disk, over HTTP."""
    from reviewcast.podcast.check.inspect import check_feed_url

    assert check_feed_url(server + "feed.xml").findings == []


def test_requests_are_told(server, session, lines):
    """Each request is one line, with what was asked for and what came of it."""
    session.get(server + "media/1917.vtt", headers={"Range": "bytes=0-9"})
    session.get(server + "%0Anone")
    assert "GET /media/1917.vtt 206 bytes=0-9" in lines
    assert "GET /%0Anone 404" in lines


def test_only_whole_urls_of_the_show_are_changed():
    """Texts that merely hold the URL, other places and guids stay as they are."""
    feed = f"""<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel>
    <a:link rel="self" href="{URL}feed.xml"/><link>{URL.rstrip("/")}</link>
    <description>See {URL} for more.</description>
    <item><guid isPermaLink="true">{URL}one</guid><link>{URL}one?a=1&amp;b=2</link>
    <enclosure url="{URL}one.mp3"/><source url="{URL}two and three"/>
    <comments>https://example.org/podcasts/one</comments></item></channel></rss>""".encode()
    root = etree.fromstring(point_feed_at(feed, "http://127.0.0.1:1/"))
    channel = root.find("channel")
    assert channel.findtext("link") == "http://127.0.0.1:1"
    assert channel.findtext("description") == f"See {URL} for more."
    item = channel.find("item")
    assert item.findtext("guid") == f"{URL}one"
    assert item.findtext("link") == "http://127.0.0.1:1/one?a=1&b=2"
    assert item.find("enclosure").get("url") == "http://127.0.0.1:1/one.mp3"
    assert item.find("source").get("url") == f"{URL}two and three"
    assert item.findtext("comments") == "https://example.org/podcasts/one"


@pytest.mark.parametrize(
    "data", [b"", b"<rss", b"<html/>", b"<rss><channel/></rss>", b"\xff\xfe\x00"]
)
def test_what_is_no_feed_is_left_alone(data):
    """Other XML, and what is none, is served as it is."""
    assert point_feed_at(data, "http://127.0.0.1:1/") is None


def test_a_port_that_is_taken_is_told():
    """A port in use, a host that is not there and a folder that is none are errors of one line."""
    with open_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} of 127.0.0.1 is in use"):
            open_socket("127.0.0.1", port)
    with pytest.raises(UsageError):
        open_socket("192.0.2.1", 0)
    with pytest.raises(StorageError):
        make_app(Path("none"), local="http://127.0.0.1:1/")


@pytest.mark.skipif(os.name == "nt", reason="signals are others there")
@pytest.mark.parametrize("busy", [False, True])
def test_ctrl_c_ends_it_at_once(show, tmp_path, busy):
    """The URL is the one line on stdout; Ctrl-C ends it even while a client is downloading."""
    program = Program(tmp_path)
    if busy:
        big = show.parent / "big"
        big.mkdir()
        (big / "feed.xml").write_bytes((show / "feed.xml").read_bytes())
        with (big / "big.mp3").open("wb") as file:
            file.truncate(200_000_000)
    folder = show.parent / "big" if busy else show
    process = subprocess.Popen(
        program.command("serve", folder, "--port", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=program.environ(),
    )
    try:
        url = process.stdout.readline().decode().strip()
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(url + "feed.xml").status_code == 200
            if busy:
                download = session.get(url + "big.mp3", stream=True)
                assert len(next(download.iter_content(1000))) == 1000
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert out == b""
    assert err.decode().splitlines() == ["GET /feed.xml 200", "GET /big.mp3 200"][: 1 + busy]


def test_the_command_finds_the_show_around(show, tmp_path):
    """Without a folder it is the show's; a place without one is told."""
    from reviewcast.system.public_folder import find_feed, find_public_folder

    (show.parent / "podcast.toml").write_text("")
    (show.parent / "reviews").mkdir(exist_ok=True)
    assert find_public_folder(show.parent / "reviews") == show
    assert find_public_folder(show) == show
    assert find_feed(show.parent) == show / "feed.xml"
    result = Program(tmp_path / "cache").run("serve", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "no published show" in result.err
    other = tmp_path / "show"
    (other / "site").mkdir(parents=True)
    (other / "podcast.toml").write_text('[publish]\nto = "site"\n')
    with pytest.raises(UsageError, match=r"holds no feed\.xml"):  # such as a whole home folder
        find_public_folder(other)
    (other / "site/feed.xml").write_text("<rss/>")
    assert find_public_folder(other) == other / "site"
    (other / "site/feed.xml").unlink()
    with pytest.raises(UsageError, match="holds no feed"):
        find_feed(other)
    for name in ("a.xml", "b.xml"):
        (other / name).write_text("<rss/>")
        if name == "a.xml":
            assert find_feed(other) == other / "a.xml"
    with pytest.raises(UsageError, match=r"2 \.xml files"):
        find_feed(other)
