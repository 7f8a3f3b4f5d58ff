"""A show is published: once, in order, whole, and never otherwise than promised."""

import hashlib
import http.server
import itertools
import os
import shutil
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
import stamina
from lxml import etree
from msgspec.structs import replace
from tests.support.show import add_episode, make_show

from reviewcast.episode.artwork import make_suffix
from reviewcast.jobs.publish import publish_show
from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import (
    ConflictError,
    DestinationError,
    DestinationUnavailable,
    LockedError,
    StorageError,
    UsageError,
)
from reviewcast.model.events import Noticed, Warned
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.podcast.promises import PublishOptions
from reviewcast.system.workspace import (
    load_publications,
    load_records,
    save_companions,
    save_record,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Recorder:
    """A folder that keeps a list of what is asked of it, and may fail at the nth request."""

    scheme = "folder"

    def __init__(self, folder: Path, fail_at: int = 0):
        self.inner = FolderDestination.open(str(folder))
        self.calls: list[tuple[str, str]] = []
        self.fail_at = fail_at

    def _note(self, verb, name=""):
        self.calls.append((verb, name))
        if len(self.calls) == self.fail_at:
            raise DestinationUnavailable("The line is dead.")

    @contextmanager
    def lock(self):
        with self.inner.lock():
            yield

    def list(self):
        self._note("list")
        return self.inner.list()

    def head(self, name):
        self._note("head", name)
        return self.inner.head(name)

    def read(self, name):
        self._note("read", name)
        return self.inner.read(name)

    def put(self, upload, *, expect=None, guard=False):
        self._note("put", upload.name)
        return self.inner.put(upload, expect=expect, guard=guard)

    def delete(self, name):
        self._note("delete", name)
        self.inner.delete(name)

    @property
    def put_names(self):
        return [name for verb, name in self.calls if verb == "put"]


@pytest.fixture
def show(tmp_path):
    """A show of three finished episodes."""
    folder = make_show(tmp_path / "show")
    for number, day in ((1, "2026-10-01"), (2, "2026-10-08"), (3, "2026-10-15")):
        add_episode(folder, f"film-{number}", number, day)
    return folder


def publish(show, *, now=NOW, to=None, events=None, **wishes):
    to = to or Recorder(show / "public")
    told = [] if events is None else events
    return publish_show(
        load_config(show), to, PublishOptions(**wishes), now=now, notify=told.append
    )


def read_feed(folder):
    return etree.fromstring((folder / "feed.xml").read_bytes())


def list_items(show):
    """Return guid, date and enclosure of each item of the live feed, by title."""
    return {
        item.findtext("title"): (
            item.findtext("guid"),
            item.findtext("pubDate"),
            item.find("enclosure").get("url"),
        )
        for item in read_feed(show / "public").iter("item")
    }


def check_live(public):
    """The live feed, if there is one, is well formed and names whole files only."""
    if not (public / "feed.xml").exists():
        return
    feed = read_feed(public)
    base = "https://example.org/podcast/"
    for item in feed.iter("item"):
        enclosure = item.find("enclosure")
        file = public / enclosure.get("url").removeprefix(base)
        assert file.stat().st_size == int(enclosure.get("length"))
    for element in feed.iter():
        url = element.get("url") or element.get("href") or ""
        if url.startswith(base) and not url.endswith("/"):
            assert (public / url.removeprefix(base)).is_file(), url


def read_tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.parts[-4:])
    }


def test_media_first_then_pages_the_feed_last(show):
    """Files of episodes go before pages, and nothing goes after the feed."""
    to = Recorder(show / "public")
    result = publish(show, to=to)
    drawn = {name: "assets" for name in to.put_names if name.endswith("-small.jpg")}
    kinds = [drawn.get(name, name.partition("/")[0]) for name in to.put_names]
    order = ["media", "cover", "assets", "episodes", "search", "index.html", "listen", "feed.xml"]
    places = [next(n for n, kind in enumerate(order) if name.startswith(kind)) for name in kinds]
    assert places == sorted(places)
    assert to.calls[-1] == ("put", "feed.xml")
    assert result.episodes == 3
    check_live(show / "public")
    assert list(list_items(show)) == ["Film 3", "Film 2", "Film 1"]
    dates = [date for _, date, _ in list_items(show).values()]
    assert dates[0] == "Thu, 15 Oct 2026 00:00:00 +0000"


def test_the_second_time_nothing_is_uploaded(show):
    """What is there stays there; the feed and pages are the same to the byte."""
    publish(show)
    before = read_tree(show)
    result = publish(show, now=NOW + timedelta(days=3))
    assert (result.uploaded, result.deleted, result.changes) == ((), (), ())
    assert read_tree(show) == before


def test_one_more_episode_touches_its_own_files_and_the_feed(show):
    """A new episode uploads its files, its page, the one that now leads to it, index and feed."""
    publish(show)
    add_episode(show, "film-4", 4, "2026-10-22")
    result = publish(show)
    names = [sent.name for sent in result.uploaded]
    others = {"index.html", "listen.json", "search/0001.json", "feed.xml"}
    others.add("episodes/film-3/index.html")
    assert all("film-4" in name or name in others for name in names)
    assert [(c.kind, c.title) for c in result.changes if c.guid] == [("new", "Film 4")]


def test_dry_run_tells_all_and_writes_nothing(show):
    """A dry run names the same files as the real one, and leaves no trace."""
    before = read_tree(show)
    told = publish(show, dry_run=True)
    assert read_tree(show) == before
    assert not (show / "public").exists() or read_tree(show / "public") == {}
    done = publish(show)
    assert told.uploaded == done.uploaded
    assert [c.title for c in told.changes] == ["Film 3", "Film 2", "Film 1"]


def test_a_run_does_what_its_dry_run_told(show):
    """Uploads, deletions, changes and all else are the same, also for what is corrected or gone."""
    publish(show)
    add_episode(show, "film-2", 2, "2026-10-09", audio=b"corrected" * 999)
    publish(show)
    add_episode(show, "film-3", 3, "2026-10-15", audio=b"corrected" * 999)
    add_episode(show, "film-4", 4, "2027-12-24")
    later = NOW + timedelta(days=15)
    before = read_tree(show)
    told = publish(show, now=later, withdraw=("film-1",), dry_run=True)
    assert read_tree(show) == before
    done = publish(show, now=later, withdraw=("film-1",))
    assert told == replace(done, dry_run=True)
    assert {name.partition("/")[0] for name in done.deleted} == {"media", "episodes"}


def test_a_dry_run_refuses_what_the_run_would(show):
    """Audio that is not what was built is named before anything is published."""
    (record,) = [r for r in load_records(show) if r.slug == "film-1"]
    Path(record.path).write_bytes(b"\0" * record.size_bytes)
    with pytest.raises(StorageError, match="no longer what the build wrote"):
        publish(show, dry_run=True)


def test_a_corrected_episode_keeps_guid_and_date(show):
    """New audio gets a new name; the old file goes when its grace period is over."""
    publish(show)
    guid, date, old = list_items(show)["Film 2"]
    add_episode(show, "film-2", 2, "2026-10-09", audio=b"corrected" * 999)
    publish(show)
    assert list_items(show)["Film 2"][:2] == (guid, date)
    new = list_items(show)["Film 2"][2]
    assert new != old
    place = show / "public" / old.removeprefix("https://example.org/podcast/")
    publish(show, now=NOW + timedelta(days=13))
    assert place.is_file()
    result = publish(show, now=NOW + timedelta(days=15))
    assert place.relative_to(show / "public").as_posix() in result.deleted
    assert not place.exists()
    check_live(show / "public")
    assert publish(show, now=NOW + timedelta(days=16)).deleted == ()
    assert not load_publications(show)["film-2"].retired


def test_unpublish_and_back(show):
    """A withdrawn episode leaves feed and pages at once, its files later; it returns as it was."""
    publish(show)
    before = list_items(show)
    result = publish(show, withdraw=("film-2",))
    assert "Film 2" not in list_items(show)
    assert result.deleted == tuple(
        f"episodes/film-2/{name}"
        for name in ("cues.json", "embed.html", "index.html", "oembed.json")
    )
    assert [c.kind for c in result.changes if c.guid] == ["gone"]
    publish(show)
    assert "Film 2" not in list_items(show)
    assert list((show / "public" / "media").glob("film-2-*.mp3"))
    publish(show, include=("film-2",))
    assert list_items(show) == before
    publish(show, withdraw=("film-1",))
    publish(show, now=NOW + timedelta(days=15))
    assert not list((show / "public" / "media").glob("film-1-*"))


def test_scheduled_episodes_wait(show):
    """An episode dated ahead is not there before its time, and then is there with that date."""
    when = NOW + timedelta(days=1)
    add_episode(show, "film-4", 4, "2026-10-22")
    result = publish(show, include=("film-4",), date=when)
    assert result.scheduled == {"film-4": when}
    assert "Film 4" not in list_items(show)
    assert not list((show / "public").rglob("film-4*"))
    publish(show, now=when)
    assert list_items(show)["Film 4"][1] == "Mon, 23 Nov 2026 12:00:00 +0000"
    with pytest.raises(UsageError, match="that date stays"):
        publish(show, now=when, include=("film-4",), date=when + timedelta(days=1))


def test_a_review_dated_ahead_is_scheduled(show):
    """The review's own date counts, also when it lies ahead."""
    add_episode(show, "film-4", 4, "2026-12-24")
    assert list(publish(show).scheduled) == ["film-4"]


def test_drafts_stay_at_home(show):
    """A draft is not published unless it is named."""
    add_episode(show, "film-4", 4, "2026-10-22", draft=True)
    assert publish(show).drafts == ("film-4",)
    assert "Film 4" not in list_items(show)
    publish(show, include=("film-4",))
    assert "Film 4" in list_items(show)


def test_an_episode_without_date_appears_now_and_stays_so(show):
    """Its date is when it was first published, also later."""
    add_episode(show, "film-4", 4, "")
    publish(show)
    publish(show, now=NOW + timedelta(days=9))
    assert list_items(show)["Film 4"][1] == "Sun, 22 Nov 2026 12:00:00 +0000"


def test_strangers_in_the_live_feed_are_not_dropped(show, tmp_path):
    """An episode that another machine published is never taken from subscribers unasked."""
    publish(show)
    other = make_show(tmp_path / "other")
    add_episode(other, "film-9", 9, "2026-10-30")
    to = Recorder(show / "public")
    before = read_tree(show / "public")
    with pytest.raises(ConflictError, match="Film 3"):
        publish(other, to=to)
    assert read_tree(show / "public") == before
    publish(other, to=to, force=True)
    assert list(list_items(show)) == ["Film 9"]


def test_a_date_stays_when_an_episode_comes_back(show):
    """What was public once keeps its date, also after it was withdrawn and all files are gone."""
    publish(show)
    publish(show, withdraw=("film-1",))
    later = NOW + timedelta(days=30)
    publish(show, now=later)
    with pytest.raises(UsageError, match="that date stays"):
        publish(show, now=later, include=("film-1",), date=later + timedelta(days=9))
    publish(show, now=later, include=("film-1",))
    assert list_items(show)["Film 1"][1] == "Thu, 01 Oct 2026 00:00:00 +0000"


def test_what_is_not_built_is_named(show):
    """Reviews that changed since their build, or were never built, are named."""
    reviews = show / "reviews"
    reviews.mkdir()
    (reviews / "film-1.md").write_text("Built.", encoding="utf-8")
    (reviews / "film-9.md").write_text("Never.", encoding="utf-8")
    digest = hashlib.sha256(b"Built.").hexdigest()
    add_episode(show, "film-1", 1, "2026-10-01", source="reviews/film-1.md", source_sha256=digest)
    events = []
    publish(show, events=events)
    told = [event.message for event in events if isinstance(event, Warned | Noticed)]
    assert told == ["Not built, so not published: film-9.md."]
    record = (show / "episodes" / "film-1" / "film-1.mp3").stat()
    (reviews / "film-1.md").write_text("Changed.", encoding="utf-8")
    os.utime(reviews / "film-1.md", (record.st_atime, record.st_mtime + 10))
    events.clear()
    publish(show, events=events)
    assert any(
        "Changed since the build: reviews/film-1.md." in e.message
        for e in events
        if isinstance(e, Warned)
    )


def test_lost_promises_are_found_in_the_live_feed(show):
    """When the records of promises are lost, guid and dates come back from where they are known."""
    add_episode(show, "film-4", 4, "")
    publish(show)
    before = list_items(show)
    for file in show.rglob("publication.json"):
        file.unlink()
    result = publish(show, now=NOW + timedelta(days=5))
    assert list_items(show) == before
    assert result.changes == ()


def test_a_thrown_away_manifest_costs_time_alone(show):
    """Without .reviewcast the pages are sent again, with the same bytes."""
    publish(show)
    before = read_tree(show / "public")
    for file in (show / ".reviewcast" / "published").iterdir():
        file.unlink()
    result = publish(show)
    assert not [sent.name for sent in result.uploaded if sent.name.startswith("media/")]
    assert read_tree(show / "public") == before


def test_audio_that_is_not_what_was_built_is_refused(show):
    """A file that changed after its build is not sent, and the feed stays."""
    (record,) = [r for r in load_records(show) if r.slug == "film-1"]
    Path(record.path).write_bytes(b"\0" * record.size_bytes)
    with pytest.raises(StorageError, match="no longer what the build wrote"):
        publish(show)
    assert not (show / "public" / "feed.xml").exists()


def test_a_record_that_is_gone_is_no_reason_to_drop_an_episode(show):
    """A public episode without its record stops the run; unpublishing it is what drops it."""
    publish(show)
    (show / "episodes" / "film-2" / "episode.json").unlink()
    with pytest.raises(StorageError, match="its record is gone"):
        publish(show)
    publish(show, withdraw=("film-2",))
    assert list(list_items(show)) == ["Film 3", "Film 1"]


def test_what_never_arrived_whole_is_not_named(show):
    """A destination that holds fewer bytes than were sent keeps its old feed."""

    class Liar(Recorder):
        def put(self, upload, *, expect=None, guard=False):
            stored = super().put(upload, expect=expect, guard=guard)
            short = stored.size_bytes - 1 if upload.name.endswith(".mp3") else stored.size_bytes
            return replace(stored, size_bytes=short)

    with pytest.raises(DestinationError, match="The destination holds"):
        publish(show, to=Liar(show / "public"))
    assert not (show / "public" / "feed.xml").exists()


def test_a_feed_that_changed_meanwhile_is_not_overwritten(show, tmp_path):
    """When another run puts a feed between reading and writing, this one stops."""
    other = make_show(tmp_path / "other")

    class Overtaken(Recorder):
        def put(self, upload, *, expect=None, guard=False):
            if upload.name == "feed.xml":
                (show / "public" / "feed.xml").write_bytes(b"<rss><channel/></rss>")
            return super().put(upload, expect=expect, guard=guard)

    with pytest.raises(ConflictError):
        publish(show, to=Overtaken(show / "public"))
    assert (show / "public" / "feed.xml").read_bytes() == b"<rss><channel/></rss>"
    assert other


def test_two_runs_at_once(show):
    """The second run is told that the first one is at work, and loses nothing."""

    class Nested(Recorder):
        def list(self):
            with pytest.raises(LockedError):
                publish(show)
            return super().list()

    publish(show, to=Nested(show / "public"))
    assert len(list_items(show)) == 3


def test_a_failure_at_any_request_leaves_a_sound_feed(show, tmp_path):
    """Whatever request fails, the live feed is sound, and the next run ends with golden bytes."""
    publish(show)
    shutil.copytree(show / "public", tmp_path / "before")
    add_episode(show, "film-4", 4, "2026-10-22")
    add_episode(show, "film-2", 2, "2026-10-08", audio=b"corrected" * 999)
    publish(show, withdraw=("film-1",))
    publish(show)
    golden = read_tree(show / "public")
    old_feed = (tmp_path / "before" / "feed.xml").read_bytes()
    for moment in itertools.count(1):
        public = tmp_path / str(moment)
        shutil.copytree(tmp_path / "before", public)
        to = Recorder(public, fail_at=moment)
        try:
            publish(show, to=to)
        except DestinationUnavailable:
            check_live(public)
            assert (public / "feed.xml").read_bytes() in {old_feed, golden["feed.xml"]}
            publish(show, to=Recorder(public))
        assert read_tree(public) == golden
        shutil.rmtree(public)
        if len(to.calls) < moment:
            break
    assert moment >= 15


class Hub(http.server.BaseHTTPRequestHandler):
    """A WebSub hub that remembers what it is told."""

    told: ClassVar[list[str]] = []
    status = 202

    def do_POST(self):
        self.told.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def test_a_hub_is_told_of_changes_only(show, monkeypatch):
    """The hub hears of a changed feed; its failure is a warning and fails nothing."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with (show / "podcast.toml").open("a", encoding="utf-8") as file:
            file.write(f'[feed]\nhub = "http://127.0.0.1:{server.server_address[1]}/"\n')
        publish(show)
        publish(show)
        feed = "https%3A%2F%2Fexample.org%2Fpodcast%2Ffeed.xml"
        assert Hub.told == [f"hub.mode=publish&hub.url={feed}"]
        Hub.status = 500
        add_episode(show, "film-4", 4, "2026-10-22")
        events = []
        with stamina.set_testing(True, attempts=3):  # without waits
            publish(show, events=events)
        assert any(isinstance(e, Warned) and "was not notified" in e.message for e in events)
        server.shutdown()
    assert "Film 4" in list_items(show)


def test_a_show_without_url_says_what_is_missing(tmp_path):
    """Without an address there is no feed; the error says which setting to make."""
    folder = make_show(tmp_path, url="")
    with pytest.raises(Exception, match="url") as caught:
        publish(folder)
    assert caught.value.exit_code == 4
    assert not (folder / "public").exists()


def add_pictured(show, *, address="https://example.org/podcast/media/film-4"):
    """Add an episode of whose chapters one has a picture."""
    picture = b"\xff\xd8\xff a picture"
    suffix = make_suffix(picture)
    chapters = (EpisodeChapter("Opening", 0.0, suffix), EpisodeChapter("Plot", 20.0))
    episode = add_episode(show, "film-4", 4, "2026-10-22", chapters=chapters)
    listed = f'{{"version": "1.2.0", "chapters": [{{"startTime": 0, "img": "{address}{suffix}"}}]}}'
    files = {suffix: picture, ".chapters.json": listed.encode()}
    path = Path(episode.path)
    save_companions(path, files)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    save_record(path, replace(episode, companions=episode.companions | digests))
    return f"media/film-4{suffix}", picture


def test_pictures_of_chapters_are_published_before_the_feed_names_them(show):
    """They lie beside the audio; a second run sends nothing."""
    name, picture = add_pictured(show)
    recorder, told = Recorder(show / "public"), []
    publish(show, to=recorder, events=told)
    assert recorder.put_names.index(name) < recorder.put_names.index("feed.xml")
    assert (show / "public" / name).read_bytes() == picture
    assert f'image="https://example.org/podcast/{name}"'.encode() in (
        (show / "public/feed.xml").read_bytes()
    )
    assert not [event for event in told if isinstance(event, Warned)]
    assert publish(show).uploaded == ()


def test_pictures_that_were_built_for_another_url_are_told_of(show):
    """The chapter file holds whole addresses, so it has to be built anew when the show moves."""
    add_pictured(show, address="https://old.example/media/film-4")
    told = []
    publish(show, events=told)
    assert "Built for another url, so their chapters lack pictures: film-4." in " ".join(
        event.message for event in told if isinstance(event, Warned)
    )
