"""The check as a whole: folders, feeds of strangers, feeds on the web, broken input."""

import gc
import json
import os
import re
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.budget import count_examples
from tests.support.feeds import load_published
from tests.support.program import Program
from tests.support.published import URL, publish_show

from reviewcast.model.errors import StorageError, UsageError
from reviewcast.model.events import Progressed
from reviewcast.podcast.check.document import Feed, Item
from reviewcast.podcast.check.inspect import (
    check_feed_bytes,
    check_feed_url,
    check_show_folder,
)
from reviewcast.podcast.check.places import FolderPlace
from reviewcast.podcast.check.spool import FeedSpool
from reviewcast.settings.schema import FeedSettings


@pytest.fixture(scope="module")
def show(tmp_path_factory) -> Path:
    return publish_show(tmp_path_factory.mktemp("show") / "public")


@pytest.fixture
def copy(show, tmp_path) -> Path:
    return Path(shutil.copytree(show, tmp_path / "public"))


def list_rules(findings):
    return sorted(finding.rule for finding in findings)


def test_what_was_looked_at_is_counted_and_told(show):
    """Each thing once, though the archive page repeats an episode of the feed."""
    events = []
    report = check_show_folder(show, quick=True, notify=events.append)
    assert report.checked == {
        "feeds": 2,
        "episodes": 3,
        "images": 1,
        "audio": 3,
        "transcripts": 9,
        "chapters": 3,
        "pages": 4,
    }
    assert events == [Progressed("check", number, 3) for number in (1, 2, 3)]


def test_of_a_long_chain_one_page_is_kept_at_a_time(tmp_path):
    """The memory of a check does not grow with the number of archive pages."""
    published = load_published("paged")
    first = published.releases[0]
    releases = tuple(
        replace(first, slug=f"film-{n}", guid=f"guid-{n}", audio=f"media/{n}.mp3")
        for n in range(12)
    )
    made = replace(published, releases=releases, settings=FeedSettings(items=1))
    for name, data in made.render().items():
        (tmp_path / name).write_bytes(data)
    held = []

    def count_trees(_event):
        held.append(sum(type(one) is Item for one in gc.get_objects()))

    (tmp_path / "media").mkdir()
    for n in range(12):
        (tmp_path / f"media/{n}.mp3").write_bytes(b"x")
    gc.collect()
    gc.disable()  # what is let go of must not wait for the collector
    try:
        report = check_show_folder(tmp_path, quick=True, notify=count_trees)
    finally:
        gc.enable()
    assert (report.checked["feeds"], report.checked["episodes"]) == (12, 12)
    assert len(held) == 12
    assert max(held) <= 2


def test_archive_pages_wait_in_their_order(tmp_path):
    """What is kept comes back as it was, page by page, also when the disk has to hold it."""
    place = FolderPlace("https://example.org/", tmp_path)
    pages = [b"<rss><channel><title>%d</title>%s</channel></rss>" % (n, b" " * 9_000_000)
             for n in range(3)]  # fmt: skip
    with FeedSpool() as spool:
        for number, data in enumerate(pages):
            spool.keep(Feed(f"{number}.xml", data, place))
        found = [(feed.name, feed.data, feed.channel.text("title")) for feed in spool.reopen(place)]
    assert found == [(f"{n}.xml", data, str(n)) for n, data in enumerate(pages)]


def test_only_the_named_files_are_looked_into(copy):
    """What is not named is not opened, but that it is there is checked."""
    (copy / "media/1917.mp3").write_bytes((copy / "media/1917.mp3").read_bytes()[:-1] + b"x")
    (copy / "media/the-general.mp3").write_bytes(b"broken")
    (copy / "media/1917.vtt").write_bytes(b"broken")
    (copy / "cover.jpg").write_bytes(b"broken")
    found = check_show_folder(copy, only=["media/1917.vtt"]).findings
    # both of the same episode; of the other one only its length is known to be wrong
    assert set(list_rules(found)) == {"feed/enclosure-length", "transcript/readable"}
    assert set(list_rules(check_show_folder(copy, only=()).findings)) == {"feed/enclosure-length"}


def test_a_feed_is_checked_before_it_goes_out(show):
    """By its bytes and the sizes of what is or will be there."""
    data = (show / "feed.xml").read_bytes()
    names = []

    def find_size(name):
        names.append(name)
        path = show / name
        return path.stat().st_size if path.is_file() else None

    assert check_feed_bytes(data, find_size) == []
    assert {"media/1917.mp3", "media/1917.vtt", "cover.jpg"} <= set(names)
    (fault,) = check_feed_bytes(data, lambda n: 7 if n == "media/1917.mp3" else find_size(n))
    assert fault.rule == "feed/enclosure-length"
    assert (fault.severity, fault.source) == ("error", "RSS 2.0")
    assert "1917" in fault.where
    found = check_feed_bytes(data, lambda n: None if n.endswith(".vtt") else find_size(n))
    assert list_rules(found) == ["files/missing", "files/missing"]


def test_names_are_decoded_and_never_lead_out(tmp_path):
    """A URL's path is decoded; one that climbs out of the folder is not looked for."""
    asked = []
    feed = f"""<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
    <atom:link rel="self" href="{URL}feed.xml"/>
    <item><enclosure url="{URL}a%20b.mp3?x=1"/></item>
    <item><enclosure url="{URL}../secret.mp3"/></item>
    <item><enclosure url="{URL}%2e%2e/secret.mp3"/></item>
    <item><enclosure url="{URL}%2fetc/secret.mp3"/></item>
    <item><enclosure url="{URL}%00.mp3"/></item></channel></rss>""".encode()
    check_feed_bytes(feed, lambda name: asked.append(name) or 1)
    assert set(asked) == {"a b.mp3"}


def test_a_strangers_feed_is_checked(tmp_path):
    """Any .xml file that is alone, of another tool, with files elsewhere and old words."""
    (tmp_path / "podcast.xml").write_text(
        """<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>
        <title>Old</title><link>http://old.example/</link><description>Old.</description>
        <itunes:explicit>no</itunes:explicit><item><title>#1 First</title>
        <enclosure url="http://old.example/1.mp3" length="" type="audio/mpeg"/>
        <guid>first</guid><pubDate>yesterday</pubDate></item></channel></rss>"""
    )
    rules = list_rules(check_show_folder(tmp_path).findings)
    for rule in (
        "feed/explicit",
        "feed/item-title-number",
        "feed/item-guid",
        "feed/item-date",
        "feed/enclosure-length",
        "feed/item-https",
        "feed/image",
        "feed/self",
    ):
        assert rule in rules


def test_a_folder_without_a_feed_is_told(tmp_path):
    """That is no finding but a wrong command."""
    with pytest.raises(UsageError, match="holds no feed"):
        check_show_folder(tmp_path)
    with pytest.raises(UsageError, match="is not a folder"):
        check_show_folder(tmp_path / "none")


@given(data=st.data())
@settings(
    max_examples=count_examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_broken_input_never_ends_in_a_traceback(show, tmp_path_factory, data):
    """Bytes of any file are changed, cut, or another's: there are findings, or none."""
    names = sorted(
        str(path.relative_to(show)) for path in show.rglob("*") if path.suffix != ".html"
        and path.is_file() and "the-" not in path.name
    )  # fmt: skip
    name = data.draw(st.sampled_from(names))
    folder = tmp_path_factory.mktemp("broken", numbered=True) / "public"
    shutil.copytree(show, folder, copy_function=os.link)
    whole = (show / name).read_bytes()
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    at = data.draw(st.integers(0, min(len(whole), 6000)))
    junk = data.draw(st.binary(max_size=12))
    other = (show / data.draw(st.sampled_from(names))).read_bytes()
    broken = data.draw(
        st.sampled_from([cut, whole[:at] + junk + whole[at + len(junk) :], junk, other])
    )
    (folder / name).unlink()
    (folder / name).write_bytes(broken)
    found = check_show_folder(folder, only={name}).findings
    assert all(finding.message for finding in found)
    shutil.rmtree(folder.parent)


@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
@settings(max_examples=count_examples(60), deadline=None)
def test_any_text_may_stand_anywhere(show, text):
    """Every field that is read takes every text."""
    from lxml import etree

    root = etree.fromstring((show / "feed.xml").read_bytes())
    for element in root.iter(etree.Element):
        if not len(element):
            element.text = text.replace("\ufffe", "").replace("\uffff", "")
        for name in element.attrib:
            if (element.tag, name) != ("rss", "version"):
                element.set(name, element.text or "")
    assert check_feed_bytes(etree.tostring(root), lambda _name: 1)


def test_entities_are_not_expanded(tmp_path):
    """A feed that names a file of this machine, or grows without end, is not followed."""
    secret = tmp_path / "secret"
    secret.write_text("top secret")
    lol = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    (tmp_path / "feed.xml").write_text(
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY l0 "lol">{lol}]>'
        '<rss version="2.0"><channel><title>&x;&l9;</title></channel></rss>'
    )
    found = check_show_folder(tmp_path).findings
    assert found
    assert "top secret" not in str(found)


def test_an_image_that_is_a_bomb_is_left_alone(copy):
    """A header that claims a billion pixels is not believed."""
    data = bytearray((copy / "cover.jpg").read_bytes())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"
    (copy / "cover.jpg").write_bytes(data)
    assert set(list_rules(check_show_folder(copy, quick=True).findings)) <= {
        "artwork/readable",
        "artwork/size",
    }


class Server(BaseHTTPRequestHandler):
    """Serves a folder badly, as `faults` says."""

    folder: Path
    faults: set[str]

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, *, body):
        if "no head" in self.faults and not body:
            self.send_error(501)
            return
        if self.path == "/moved.xml":
            self.send_response(301)
            self.send_header("Location", "/feed.xml")
            self.end_headers()
            return
        path = self.folder / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        size = len(data)
        asked = self.headers.get("Range")
        self.send_response(206 if asked and "no ranges" not in self.faults else 200)
        if "no ranges" not in self.faults:
            self.send_header("Accept-Ranges", "bytes")
            if asked:
                self.send_header("Content-Range", f"bytes 0-0/{size}")
                data = data[:1]
        kind = "text/html" if "types" in self.faults and path.suffix == ".mp3" else ""
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            cut = "cut" in self.faults and path.suffix == ".vtt" and not asked
            self.wfile.write(data[: len(data) // 2] if cut else data)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def serve(copy):
    """Serve the copy with faults; gives the URL."""
    started = []

    def start(*faults):
        handler = type("Handler", (Server,), {"folder": copy, "faults": set(faults)})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        started.append((server, thread))
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        for feed in copy.glob("*.xml"):
            feed.write_bytes(feed.read_bytes().replace(URL.encode(), url.encode()))
        return url

    yield start
    for server, thread in started:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("faults", "rules"),
    [
        ((), []),
        (("no head",), []),
        (("no ranges",), ["server/ranges"] * 2),
        (("types",), ["server/type"] * 4),
        (("cut",), ["files/readable"] * 3),
    ],
)
def test_servers_are_checked(serve, faults, rules):
    """What a server does wrong is found; one that refuses HEAD is asked otherwise."""
    assert list_rules(check_feed_url(serve(*faults) + "feed.xml", quick=True).findings) == rules


def test_files_that_the_web_does_not_have_are_found(serve, copy):
    """A 404 is told with its number; a feed that is read from elsewhere, too."""
    url = serve()
    (copy / "media/1917.vtt").unlink()
    shutil.copy(copy / "feed.xml", copy / "copy.xml")
    found = check_feed_url(url + "copy.xml", quick=True).findings
    assert list_rules(found) == ["feed/self-moved", "files/missing"]
    assert "answers 404" in str(found)
    assert list_rules(check_feed_url(url + "moved.xml", quick=True).findings) == ["files/missing"]


def test_an_address_that_is_none_is_told(serve, copy):
    """An enclosure's host within brackets that is no IP address is a finding."""
    url = serve()
    feed = (copy / "feed.xml").read_text(encoding="utf-8")
    enclosed = re.findall(r'<enclosure[^>]* url="([^"]*)"', feed)
    (copy / "feed.xml").write_text(feed.replace(enclosed[0], "http://[::1/x.mp3"), "utf-8")
    found = check_feed_url(url + "feed.xml", quick=True).findings
    assert list_rules(found) == ["feed/enclosure-url"]
    assert "http://[::1/x.mp3" in str(found)


def test_audio_on_the_web_is_fetched_and_decoded(serve):
    """Without --quick, each file once."""
    report = check_feed_url(serve() + "feed.xml")
    assert report.findings == []
    assert report.checked["audio"] == 3


def test_a_feed_that_cannot_be_fetched_is_told(serve):
    """That is no finding: nothing is known."""
    with pytest.raises(StorageError, match="404"):
        check_feed_url(serve() + "none.xml")
    with pytest.raises(StorageError, match="the connection fails"):
        check_feed_url("http://127.0.0.1:9/feed.xml")
    with pytest.raises(UsageError):
        check_feed_url("ftp://example.org/feed.xml")


def test_the_command_prints_findings_by_rule(show, copy, tmp_path):
    """Good: exit 0. Errors: exit 8. Warnings: exit 8 with --strict only."""
    program = Program(tmp_path / "cache")
    good = program.run("check", show)
    assert (good.code, good.out) == (0, good.out)
    assert good.out.startswith("0 errors, 0 warnings, 0 notes in 2 feeds, 3 episodes")
    (copy.parent / "podcast.toml").write_text("")
    feed = copy / "feed.xml"
    feed.write_bytes(feed.read_bytes().replace(b"<itunes:author>Jo Doe", b"<itunes:author>", 1))
    warned = program.run("check", "--quick", cwd=copy.parent)
    assert (warned.code, "warning  feed/author" in warned.out) == (0, True)
    strict = program.run("--quiet", "check", "--quick", "--strict", copy)
    assert (strict.code, "Error: The check found 1 fault." in strict.err) == (8, True)
    feed.write_bytes(feed.read_bytes().replace(b"<title>1917", b"<title>\x1b[31m1917&#10;x", 1))
    assert program.run("check", copy).code == 8
    feed.write_bytes(feed.read_bytes().replace(b"\x1b[31m", b"&#x202e;", 1))
    (copy / "media/1917.srt").unlink()
    result = program.run("check", "--json", "--quick", copy)
    assert result.code == 8
    assert set(result.json) == {"findings", "checked"}
    (fault,) = [f for f in result.json["findings"] if f["severity"] == "error"]
    assert fault["rule"] == "files/missing"
    assert set(fault) == {"severity", "rule", "where", "message", "source", "fix"}
    text = program.run("check", "--quick", copy).out
    assert "\u202e" not in text
    assert text.index("error  files/missing") < text.index("warning  feed/author")
    assert json.dumps(fault)


ODD_URLS = [
    "http://[::1/x.mp3",
    "http://[/x.mp3",
    "https://example.org:99999/x.mp3",
    "http://exa\N{ZERO WIDTH SPACE}mple.org/x.mp3",
    "http://a\u2100b.example/x.mp3",
    "//[::1/x.mp3",
]


@pytest.mark.parametrize("odd", ODD_URLS)
def test_an_address_that_is_none_is_a_finding(serve, copy, odd):
    """Wherever a feed names it, in a folder and on the web, nothing but findings come of it."""
    feed = copy / "feed.xml"
    text = feed.read_text(encoding="utf-8")
    for attribute in ("url", "href", "image"):
        text = re.sub(rf'( {attribute}=")[^"]*media[^"]*"', rf'\1{odd}"', text)
    text = re.sub("<link>[^<]*</link>", f"<link>{odd}</link>", text)
    text = re.sub('(rel="prev-archive" href=")[^"]*', rf"\1{odd}", text)
    assert odd in text
    feed.write_text(text, encoding="utf-8")
    assert {"feed/enclosure-url", "feed/link"} & set(
        list_rules(check_show_folder(copy, quick=True).findings)
    )
    assert list_rules(check_feed_url(serve() + "feed.xml", quick=True).findings)
