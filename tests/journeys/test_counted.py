"""A show whose downloads are counted: published, checked, subscribed to, adopted, as before."""

import functools
import hashlib
import http.server
import threading
from typing import ClassVar

import pytest
from lxml import etree
from tests.support.clients import Gpodder, Newsboat, Podget
from tests.support.counter import Counter
from tests.support.foreign_show import OldHost
from tests.support.program import Program
from tests.support.published import make_mp3
from tests.support.show import add_episode, make_show

from reviewcast.podcast.check.inspect import check_feed_url, check_show_folder
from reviewcast.system.workspace import load_publications, load_records

CLOCK = {"SOURCE_DATE_EPOCH": "1795000000"}


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and notes what was asked for."""

    extensions_map: ClassVar = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mp3": "audio/mpeg",
        ".opus": "audio/ogg",
        ".vtt": "text/vtt",
        ".srt": "application/x-subrip",
    }
    asked: ClassVar[list[str]] = []

    def do_GET(self):
        self.asked.append(self.path)
        super().do_GET()

    def end_headers(self):
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def counter():
    with Counter().serve() as counter:
        yield counter


@pytest.fixture
def place(tmp_path):
    """A server for what will be published: its URL, its folder, what it was asked for."""
    folder, asked = tmp_path / "show" / "public", []
    handler = functools.partial(type("Own", (Files,), {"asked": asked}), directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", folder, asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def show(tmp_path, counter, place):
    """A show of three episodes, published there with the counter's prefix."""
    prefix = counter.url.replace("/e/", "/e,pg={guid}/")
    more = f'apple_verify = "05124"\n[feed]\nanalytics_prefix = "{prefix}"\n'
    show = make_show(tmp_path / "show", url=place[0], more=more)
    for number in (1, 2, 3):
        audio = make_mp3() * number
        add_episode(show, f"film-{number}", number, f"2026-10-{number:02}", audio=audio)
    publish(show)
    return show


def publish(show):
    done = Program(show.parent / "cache").run("publish", cwd=show, env=CLOCK)
    assert done.code == 0, done.err
    return done


def hash_files(paths):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.mark.parametrize("kind", [Gpodder, Newsboat, Podget], ids=lambda client: client.name)
def test_clients_download_and_are_counted(kind, show, counter, place, tmp_path):
    """Every client gets every byte, once, by way of the counter, and only audio is counted."""
    url, folder, asked = place
    client = kind(tmp_path / "home", f"{url}feed.xml")
    wanted = hash_files((folder / "media").glob("*.mp3"))
    for _ in range(2):
        client.fetch(list(wanted))
        assert hash_files(client.list_downloads().values()) == wanted
    guid = etree.parse(folder / "feed.xml").findtext("channel/{*}guid")
    counted = [(f"pg={guid}", f"{url}media/{name}") for name in sorted(wanted)]
    assert sorted(counter.counted) == counted
    assert {path for path in asked if path.endswith(".mp3")} == {f"/media/{n}" for n in wanted}


def test_it_is_published_as_before(show, counter):
    """A second run sends nothing, and pages count nobody; without the prefix all is as it was."""
    feed = show / "public" / "feed.xml"
    kept = {path: path.stat().st_mtime_ns for path in (show / "public").rglob("*")}
    publish(show)
    assert kept == {path: path.stat().st_mtime_ns for path in (show / "public").rglob("*")}
    before = feed.read_text(encoding="utf-8")
    assert before.count(counter.url.removesuffix("/")) == 3
    for path in (show / "public").rglob("*.html"):
        assert counter.url.removesuffix("/e/") not in path.read_text(encoding="utf-8")
    toml = (show / "podcast.toml").read_text(encoding="utf-8")
    (show / "podcast.toml").write_text(toml.partition("[feed]")[0], encoding="utf-8")
    said = publish(show)
    assert "analytics_prefix" in said.out + said.err
    after = feed.read_text(encoding="utf-8").splitlines()
    differing = [one for one, other in zip(before.splitlines(), after, strict=True) if one != other]
    assert len(differing) == 3
    assert all("<enclosure " in line for line in differing)


def test_the_check_follows_the_prefix(show, counter, place):
    """In the folder and on the web; nothing that is only looked at is counted."""
    assert list_errors(check_show_folder(show / "public", quick=True)) == set()
    assert list_errors(check_feed_url(f"{place[0]}feed.xml", quick=True)) == set()
    assert counter.counted == []
    audio = next((show / "public" / "media").glob("film-2*.mp3"))
    audio.write_bytes(audio.read_bytes()[:-1])
    wrong = {"feed/enclosure-length"}
    assert list_errors(check_show_folder(show / "public", quick=True)) - {"files/hash"} == wrong
    assert list_errors(check_feed_url(f"{place[0]}feed.xml", quick=True)) == wrong


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: "", "cannot be had: the server answers 404"),
        (lambda url: url.replace(url.rpartition("/")[2], "../feed.xml"), "leads to something else"),
        (lambda url: url.rpartition("/media")[0] + "/none.mp3", "cannot be had"),
        (lambda url: "" if url.endswith(".opus") else url, ".opus cannot be had"),
    ],
)
def test_a_prefix_that_leads_elsewhere_is_found(tmp_path, place, change, said):
    """A service that is gone, or sends what is not the file, is an error by its own rule."""
    with Counter(change).serve() as broken:
        more = f'[feed]\nopus_kbps = 24\nanalytics_prefix = "{broken.url}"\n'
        show = make_show(tmp_path / "show", url=place[0], more=more)
        add_episode(show, "film", 1, "2026-10-01", audio=make_mp3())
        publish(show)
        report = check_feed_url(f"{place[0]}feed.xml", quick=True)
    assert list_errors(report) == {"server/prefix"}
    assert said in next(one.message for one in report.findings if one.severity == "error")


def test_counted_for_another_show(show, place):
    """A guid in the prefix that is not the show's is warned of, once."""
    feed = show / "public" / "feed.xml"
    root = etree.fromstring(feed.read_bytes())
    for one in root.iterfind("channel/item/enclosure"):
        one.set("url", f"https://op3.dev/e,pg=1/{place[0]}media/x.mp3")
    feed.write_bytes(etree.tostring(root))
    rules = [one.rule for one in check_show_folder(show / "public", quick=True).findings]
    assert rules.count("feed/prefix-guid") == 1


def test_a_counted_podcast_is_adopted_uncounted(tmp_path):
    """Its files are fetched from where they lie, all of them, under the guids that they have."""
    adopted = []
    for prefix in ("", "https://op3.dev/e,pg=1/"):
        with OldHost().serve() as host:
            url = host.put_show()
            feed = host.files["/feed"].decode()
            enclosed = f'<enclosure url="{host.base}/'
            counted = feed.replace(enclosed, enclosed.replace('"', f'"{prefix}'))
            assert prefix in counted
            host.files["/feed"] = counted.encode()
            show = make_show(tmp_path / f"show{len(adopted)}")
            done = Program(tmp_path / "cache").run("import", "--adopt", url, cwd=show)
            assert done.code == 0, done.err
            base = host.base
        guids = {slug: one.guid.replace(base, "") for slug, one in load_publications(show).items()}
        adopted.append([(one.slug, one.sha256, guids[one.slug]) for one in load_records(show)])
    assert len(adopted[0]) == 5
    assert [one[:2] for one in adopted[0]] == [one[:2] for one in adopted[1]]
    # one item has no guid: its address, as it is written, is what clients know it by
    differing = [two for one, two in zip(*adopted, strict=True) if one != two]
    assert all(guid.startswith("https://op3.dev/e,pg=1/") for _, _, guid in differing)


def list_errors(report):
    """Return the rules that a show breaks; this audio's tags and frames are no matter here."""
    rules = {one.rule for one in report.findings if one.severity == "error"}
    return {rule for rule in rules if not rule.startswith("media/")}
