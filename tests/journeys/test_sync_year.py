"""A show is synced once a day, with outages of all kinds, and three episodes a week come out.

REVIEWCAST_TEST_FULL_SWEEP=1 goes on for a year, by default it is five weeks of one,
in which each fault occurs.
"""

import io
import math
import shutil
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import feedparser
import podcastparser
import pytest
from tests.support.budget import FULL_SWEEP
from tests.support.exports import Viewing, make_letterboxd
from tests.support.program import be_main
from tests.support.speech_server import status
from tests.support.syncing import ONLINE

from reviewcast.jobs.shows import load_config
from reviewcast.jobs.sync import sync_show
from reviewcast.jobs.sync_run import SyncOptions
from reviewcast.model.events import ignore_events
from reviewcast.podcast.check.inspect import check_feed_bytes
from reviewcast.system.clock import read_clock
from reviewcast.system.workspace import load_publications, load_records

SUNDAY = datetime(2026, 1, 4, 18, tzinfo=UTC)
DAYS = 365 if FULL_SWEEP else 35
ARCHIVE = 90 if FULL_SWEEP else 16
REQUESTS = 30
MORE = f'[publish]\ndrip = "3/week"\n[budget]\nrequests_per_day = {REQUESTS}\n'

# by day: nothing runs; the blog is down, shows a page, nothing, or half; the voice; the folder
OFF = {9, 10, *range(24, 29), *range(100, 121), 250}
DOWN = {12, 13, 130, *range(200, 206)}
PAGE = {15, 131, 206}
EMPTY, HALF = {17, 132, 207}, {18, 133, 208}
MUTE = {3, 20, *range(140, 147)}
AWAY = {6, 22, 30, *range(150, 156)}
WRONG_CLOCK = {33, 160}


@pytest.fixture
def show(syncing, service, tmp_path, monkeypatch):
    """A show with an archive of Letterboxd and a blog, whose cache is its own."""
    monkeypatch.setenv("REVIEWCAST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("REVIEWCAST_TRUST", "1")
    folder = syncing.make(ONLINE.format(service.url) + MORE)
    toml = folder / "podcast.toml"
    toml.write_text(toml.read_text().replace("sources = [", 'sources = ["archive.zip", '))
    viewings = [
        Viewing(
            number=n,
            film=f"Old film {n}",
            year=1950 + n % 60,
            day=(SUNDAY - timedelta(days=4000 - 20 * n)).date(),
            words=6,
            text=f"An old film, and a fine one. The word is marker{1000 + n}x.",
        )
        for n in range(ARCHIVE)
    ]
    (folder / "archive.zip").write_bytes(make_letterboxd(viewings))
    return folder


def sync(show, now, monkeypatch):
    """Sync a show at a moment, in this process."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(now.timestamp())))
    with be_main():
        return sync_show(
            load_config(show),
            SyncOptions(allow_private=True),
            clock=read_clock,
            notify=ignore_events,
        )


def find_size(folder, name):
    path = folder / name
    return path.stat().st_size if path.is_file() else None


def check(public):
    """The feed is what clients and directories take; return its guids and dates."""
    data = (public / "feed.xml").read_bytes()
    found = check_feed_bytes(data, partial(find_size, public))
    assert not [one for one in found if one.severity == "error"]
    parsed = feedparser.parse(data)
    assert not parsed.bozo
    strict = podcastparser.parse("https://example.org/podcast/feed.xml", io.BytesIO(data))
    assert len(strict["episodes"]) == len(parsed.entries) == data.count(b"<item>")
    assert all(one["enclosures"] and one["guid"] for one in strict["episodes"])
    return {one["guid"]: one["published"] for one in strict["episodes"]}


def set_scene(day, syncing, service, show):
    """Let be down what is down on a day, and the blog grow: two posts a week."""
    blog = syncing.blog
    if day % 7 in {1, 4}:
        blog.add()
    blog.state = "down" if day in DOWN else "page" if day in PAGE else "up"
    blog.newest = 0 if day in EMPTY else 3 if day in HALF else 20
    service.faults = status(503) if day in MUTE else None
    public, kept = show / "public", show / "kept"
    if day in AWAY and public.is_dir():
        shutil.move(public, kept)
        public.write_text("This is no folder.")
    elif day not in AWAY and public.is_file():
        public.unlink()
        if kept.is_dir():
            shutil.move(kept, public)


def test_a_year_of_days(syncing, service, show, monkeypatch):
    """Three a week come out, dates stay for ever, no day floods, and each day's feed is valid."""
    dates, at_once, codes, checked, asked = {}, [], {}, (b"", {}), 0
    for day in range(DAYS):
        set_scene(day, syncing, service, show)
        if day in OFF:
            continue
        now = SUNDAY + timedelta(days=day, hours=day % 5)
        if day in WRONG_CLOCK:
            assert sync(show, now - timedelta(days=3000), monkeypatch).exit_code == 4
        result = sync(show, now, monkeypatch)
        codes[day] = result.exit_code
        assert len(service.asked) - asked <= REQUESTS
        asked = len(service.asked)
        known = {slug: one.published for slug, one in load_publications(show).items()}
        assert dates.items() <= known.items()
        assert all(when <= now for when in known.values())
        at_once.append(len(known) - len(dates))
        dates = known
        public = show / "public"
        if public.is_dir() and (public / "feed.xml").read_bytes() != checked[0]:
            before, checked = checked[1], ((public / "feed.xml").read_bytes(), check(public))
            assert before.items() <= checked[1].items()
    check_year(show, dates, at_once, codes)
    assert len(checked[1]) == len(dates)
    before = {path: path.read_bytes() for path in show.rglob("*.*") if path.is_file()}
    asked = len(service.asked)
    last = sync(show, now, monkeypatch)
    assert not last.has_changed
    assert len(service.asked) == asked
    after = {path: path.read_bytes() for path in show.rglob("*.*") if path.is_file()}
    assert {path for path in after if after[path] != before.get(path)} == set()


def check_year(show, dates, at_once, codes):
    """What became of all days together."""
    slots = sorted(dates.values())
    assert all(one < other for one, other in pairwise(slots))
    assert {when.weekday() for when in slots} <= {0, 2, 4}
    weeks = [when.isocalendar()[:2] for when in slots]
    assert max(map(weeks.count, weeks)) == 3
    assert at_once[0] <= 1
    assert max(at_once) <= 3
    missed = sum(1 for day in OFF | AWAY if day < DAYS)
    assert 3 * (DAYS - missed) / 7 - 5 <= len(slots) <= 3 * math.ceil(DAYS / 7) + 1
    sources = [record.source for record in load_records(show)]
    assert len(sources) == len(set(sources))
    assert len(list((show / "reviews").iterdir())) == ARCHIVE + len(
        {source for source in sources if "old-film" not in source}
    )
    wanted = dict.fromkeys(DOWN, 6) | dict.fromkeys(PAGE, 3) | dict.fromkeys(AWAY, 6)
    assert {day: code for day, code in codes.items() if code and day not in MUTE} == {
        day: wanted[day] for day in codes if day in wanted
    }
