"""Real podcast clients subscribe to a published show, and get what was published."""

import hashlib
import io
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import feedparser
import podcastparser
import pytest
import requests
import uvicorn
from tests.support.clients import Client, Gpodder, Newsboat, Podget
from tests.support.partytime import read_with_partytime
from tests.support.program import Program
from tests.support.published import make_mp3
from tests.support.show import add_episode, make_show

from reviewcast.web.folder_server import make_app
from reviewcast.web.hosts import list_own_names, open_socket, tell_url

CLOCK = {"SOURCE_DATE_EPOCH": "1795000000"}
# what file systems, shells and HTML trip over; a client may name a file after it
TITLES = {
    "amelie": "Amélie & <Co>",
    "ac-dc": "AC/DC: 100% “No”",
    "nine": "9",
    "dots": "… 'n' $HOME; \\",
}
# in the feed nothing looks like a tag, which some clients would drop
SHOWN = {**TITLES, "amelie": "Amélie & ‹Co›"}
CLIENTS = [Gpodder, Newsboat, Podget]


@dataclass
class Server:
    """A show's folder as `reviewcast serve` serves it, and what was told of its requests."""

    url: str
    log: list[str]

    def tell_new(self) -> list[str]:
        """Return the requests since the last time."""
        new = self.log.copy()
        self.log.clear()
        return new


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A show of four episodes, published into its folder."""
    show = make_show(tmp_path_factory.mktemp("clients") / "show")
    for number, (slug, title) in enumerate(TITLES.items(), 1):
        audio = make_mp3() * number
        add_episode(show, slug, number, f"2026-10-{number:02}", audio=audio, title=title)
    publish(show)
    return show


@pytest.fixture
def show(published, tmp_path) -> Path:
    """The show, to be changed."""
    shutil.copytree(published, tmp_path / "show")
    return tmp_path / "show"


@pytest.fixture
def server(show) -> Iterator[Server]:
    """The show, served by a thread at a port that is free."""
    log: list[str] = []
    with open_socket("127.0.0.1", 0) as listener:
        url = tell_url(listener)
        app = make_app(
            show / "public", local=url, names=list_own_names("127.0.0.1"), log=log.append
        )
        config = uvicorn.Config(
            app, log_config=None, lifespan="off", server_header=False, timeout_graceful_shutdown=0
        )
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Server(url, log)
        finally:
            running.should_exit = True
            thread.join(60)


@pytest.fixture(params=CLIENTS, ids=lambda client: client.name)
def client(request, server, tmp_path) -> Client:
    """Each client, subscribed in an empty home."""
    return request.param(tmp_path / "home", f"{server.url}feed.xml")


def publish(show: Path) -> None:
    """Publish a show into its folder."""
    done = Program(show.parent / "cache").run("publish", cwd=show, env=CLOCK)
    assert done.code == 0, done.err


def get(url: str) -> requests.Response:
    """Ask for a URL directly, whatever proxies this machine has."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=60)


def hash_audio(show: Path) -> dict[str, str]:
    """Return the SHA-256 of each published MP3, by its name."""
    return {path.name: hash_file(path) for path in (show / "public" / "media").glob("*.mp3")}


def hash_downloads(client: Client) -> dict[str, str]:
    """Return the SHA-256 of each downloaded MP3, by its name."""
    return {name: hash_file(path) for name, path in client.list_downloads().items()}


def hash_file(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_each_episode_arrives_whole_and_once(client, server, show):
    """All bytes are those that were published; looking again downloads nothing more."""
    wanted = hash_audio(show)
    assert len(wanted) == len(set(wanted.values())) == len(TITLES)
    client.fetch(list(wanted))
    assert hash_downloads(client) == wanted
    asked = server.tell_new()
    assert {line for line in asked if "feed.xml" not in line} == {
        f"GET /media/{name} 200" for name in wanted
    }
    # newsboat notes an ETag from the second time on, podget never does
    for _ in range(2):
        server.tell_new()
        client.fetch(list(wanted))
        assert hash_downloads(client) == wanted
    status = 200 if client.name == "podget" else 304
    assert server.tell_new() == [f"GET /feed.xml {status}"]


def test_a_cut_download_is_continued(client, server, show):
    """What was there already is not sent again, and the file is whole."""
    wanted = hash_audio(show)
    name = next(name for name in wanted if name.startswith("dots"))  # the newest
    data = (show / "public" / "media" / name).read_bytes()
    cut = len(data) // 3
    client.leave_part(name, data[:cut])
    client.fetch(list(wanted))
    assert hash_downloads(client) == wanted
    assert [line for line in server.tell_new() if name in line] == [
        f"GET /media/{name} 206 bytes={cut}-"
    ]


def test_a_new_episode_is_all_that_is_downloaded(client, server, show):
    """The feed of the next publish leads a client to the new episode and to no other."""
    before = hash_audio(show)
    client.fetch(list(before))
    server.tell_new()
    add_episode(show, "tenth", 10, "2026-10-10", audio=make_mp3() * 7, title="Tenth")
    publish(show)
    (new,) = set(hash_audio(show)) - set(before)
    client.fetch([new])
    assert hash_downloads(client) == hash_audio(show)
    assert server.tell_new() == ["GET /feed.xml 200", f"GET /media/{new} 200"]


@pytest.mark.parametrize("kind", [Gpodder, Newsboat], ids=lambda client: client.name)
def test_a_corrected_episode_stays_the_same_one(kind, server, show, tmp_path):
    """By its guid a client knows it again: same place, new audio, nothing twice."""
    client = kind(tmp_path / "home", f"{server.url}feed.xml")
    before = hash_audio(show)
    client.fetch(list(before))
    old = client.list_shown()
    add_episode(show, "nine", 3, "2026-10-03", audio=make_mp3() * 5, title="9")
    publish(show)
    (new,) = set(hash_audio(show)) - set(before)
    # the one that was downloaded is kept: no client throws away what a listener has
    client.fetch(list(before))
    shown = client.list_shown()
    assert [episode.guid for episode in shown] == [episode.guid for episode in old]
    assert [episode.published for episode in shown] == [episode.published for episode in old]
    changed = [after.audio for was, after in zip(old, shown, strict=True) if was != after]
    assert changed == [f"{server.url}media/{new}"]


@pytest.mark.parametrize("kind", [Gpodder, Newsboat], ids=lambda client: client.name)
def test_what_was_written_is_what_is_shown(kind, server, show, tmp_path):
    """Titles, dates, notes and chapters arrive letter by letter."""
    client = kind(tmp_path / "home", f"{server.url}feed.xml")
    audio = sorted(hash_audio(show))
    client.fetch(audio)
    shown = client.list_shown()
    assert [episode.title for episode in shown] == list(SHOWN.values())
    assert sorted(episode.audio for episode in shown) == [f"{server.url}media/{n}" for n in audio]
    for slug, episode in zip(SHOWN, shown, strict=True):
        assert f"<p>Notes of {slug}.</p>" in episode.notes
        assert get(episode.page).status_code == 200
        if kind is Gpodder:
            assert episode.chapters == ((0, "Opening"), (20, "Plot"), (40, "Verdict"))
            assert episode.duration_s == 60
            name = episode.audio.rpartition("/")[2]
            assert episode.size_bytes == (show / "public" / "media" / name).stat().st_size


def test_parsers_read_the_served_feed(server, show):
    """The two Python parsers find the same episodes and sizes, and no fault."""
    address = f"{server.url}feed.xml"
    answer = get(address)
    wanted = [
        (title, f"{server.url}media/{path.name}", path.stat().st_size)
        for slug, title in SHOWN.items()
        for path in (show / "public" / "media").glob(f"{slug}-*.mp3")
    ][::-1]
    strict = podcastparser.parse(address, io.BytesIO(answer.content))
    assert wanted == [
        (episode["title"], link["url"], link["file_size"])
        for episode in strict["episodes"]
        for link in episode["enclosures"]
    ]
    lenient = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    assert lenient.bozo == 0
    assert [(url, size) for _, url, size in wanted] == [
        (link.href, int(link.length)) for entry in lenient.entries for link in entry.enclosures
    ]


def test_partytime_reads_the_served_feed(server, show):
    """So does the parser of the Podcast Index."""
    parsed = read_with_partytime(get(f"{server.url}feed.xml").content)
    assert {item["enclosure"]["url"]: item["enclosure"]["length"] for item in parsed["items"]} == {
        f"{server.url}media/{path.name}": path.stat().st_size
        for path in (show / "public" / "media").glob("*.mp3")
    }
    # it takes "9" for a number, in CDATA too, and then has no title
    titles = [None if title.isdigit() else title for title in SHOWN.values()]
    assert [item.get("title") for item in parsed["items"]] == titles[::-1]
