"""A bit that has flipped is found: by the hash in a file's name, or that of its record."""

import functools
import hashlib
import json
import threading
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from msgspec.structs import replace
from PIL import Image
from tests.support.budget import FULL_SWEEP
from tests.support.program import Program
from tests.support.show import add_episode, make_show

from reviewcast.episode.artwork import make_suffix, name_picture
from reviewcast.jobs.publish import publish_show
from reviewcast.jobs.shows import load_config
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.podcast.check.inspect import check_feed_url, check_show_folder
from reviewcast.podcast.check.rules.hashes import read_promise
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.podcast.promises import PublishOptions
from reviewcast.system.workspace import save_companions, save_record

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        pass


@pytest.fixture
def show(tmp_path):
    """A show with a cover, pages and a chapter's picture, published to a folder that is served."""
    public = tmp_path / "show/public"
    handler = functools.partial(Quiet, directory=str(public))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    show = make_show(tmp_path / "show", url=url)
    (show / "audio").mkdir()
    Image.new("RGB", (1400, 1400)).save(show / "audio/cover.png")
    add_episode(show, "film-1", 1, "2026-10-01")
    picture = b"no picture"
    suffix = make_suffix(picture)
    chapters = {
        "version": "1.2.0",
        "chapters": [
            {"startTime": 0, "title": "Opening", "img": url + name_picture("film-2", suffix)}
        ],
    }
    data = json.dumps(chapters).encode()
    episode = add_episode(
        show, "film-2", 2, "2026-10-08", chapters=(EpisodeChapter("Opening", 0.0, suffix),)
    )
    add = {suffix: picture, ".chapters.json": data}
    save_companions(show / "episodes/film-2/film-2.mp3", add)
    digests = {name: hashlib.sha256(value).hexdigest() for name, value in add.items()}
    changed = replace(episode, companions=episode.companions | digests)
    save_record(show / "episodes/film-2/film-2.mp3", changed)
    publish_show(
        load_config(show),
        FolderDestination(public),
        PublishOptions(),
        now=NOW,
        notify=lambda _event: None,
    )
    yield show, url
    server.shutdown()
    server.server_close()
    thread.join()


def flip(path):
    """Flip one bit in the middle of a file, and return its bytes from before."""
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :])
    return data


def list_damaged(findings, rule="files/hash"):
    return [finding.where for finding in findings if finding.rule == rule]


def test_any_flipped_bit_is_found(show):
    """In each file whose name holds a hash, in the folder and by the feed's URL; in it alone."""
    folder, url = show
    public = folder / "public"
    names = [
        path.relative_to(public).as_posix()
        for path in sorted(public.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    hashed = [name for name in names if read_promise(name)]
    assert set(names) - set(hashed) == {
        "feed.xml",
        "index.html",
        "listen.css",
        "listen.js",
        "listen.json",
        "search/0001.json",
        *(name for name in names if name.endswith("-small.jpg")),  # promised is the large one
        *(
            f"episodes/film-{number}/{name}"
            for number in (1, 2)
            for name in ("cues.json", "embed.html", "index.html", "oembed.json")
        ),
    }
    assert {name.rpartition(".")[2] for name in hashed} >= {"mp3", "vtt", "srt", "json", "jpg"}
    assert list_damaged(check_show_folder(public, deep=True).findings) == []
    assert list_damaged(check_feed_url(url + "feed.xml", deep=True, quick=True).findings) == []
    # one of each kind, or all
    kinds = {(name.partition("/")[0], name.rpartition(".")[2]): name for name in hashed}
    for name in hashed if FULL_SWEEP else sorted(kinds.values()):
        before = flip(public / name)
        assert list_damaged(check_show_folder(public).findings) == [name]
        assert list_damaged(check_show_folder(public, quick=True, deep=True).findings) == [name]
        assert list_damaged(check_show_folder(public, quick=True).findings) == []
        if name.endswith((".css", ".js", ".svg")):  # a feed names none of them
            assert list_damaged(check_feed_url(url + "feed.xml", deep=True).findings) == []
        else:
            found = check_feed_url(url + "feed.xml", deep=True, quick=True).findings
            assert list_damaged(found) == [url + name]
        (public / name).write_bytes(before)


def test_the_fix_that_is_named_heals(show):
    """What is removed there comes back whole with the next publication, and no part is left."""
    folder, _ = show
    public = folder / "public"
    audio = next((public / "media").glob("film-1-*.mp3"))
    whole = flip(audio)
    audio.unlink()
    publish_show(
        load_config(folder),
        FolderDestination(public),
        PublishOptions(),
        now=NOW,
        notify=lambda _event: None,
    )
    assert audio.read_bytes() == whole
    assert list_damaged(check_show_folder(public, deep=True).findings) == []
    assert not list(public.rglob("*.part"))


def test_built_episodes_are_compared_with_their_records(show, tmp_path):
    """A bit that flips in episodes/ is found by --deep, with exit code 8."""
    folder, _ = show
    flip(folder / "episodes/film-1/film-1.vtt")
    assert list_damaged(check_show_folder(folder).findings, "files/record") == []
    found = check_show_folder(folder, deep=True).findings
    assert list_damaged(found, "files/record") == ["episodes/film-1/film-1.vtt"]
    result = Program(tmp_path / "cache").run("check", "--deep", "--quick", cwd=folder)
    assert result.code == 8
    assert "files/record" in result.out
    assert "episodes/film-1/film-1.vtt: It is no longer what the build wrote." in result.out


def test_names_of_other_tools_promise_nothing(show):
    """In a feed of another tool, digits in a name are no hash."""
    folder, url = show
    feed = folder / "public/feed.xml"
    text = feed.read_text()
    assert "<generator>reviewcast</generator>" in text
    feed.write_text(text.replace("<generator>reviewcast<", "<generator>another<"))
    for path in (folder / "public/media").iterdir():
        flip(path)
    assert list_damaged(check_show_folder(folder, deep=True).findings) == []
    assert list_damaged(check_feed_url(url + "feed.xml", deep=True, quick=True).findings) == []
