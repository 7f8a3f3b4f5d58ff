"""A show is released by a rhythm, published daily, with outages and a wrong clock.

REVIEWCAST_TEST_FULL_SWEEP=1 goes on for a year, by default it is a quarter of one.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import feedparser
from tests.support.budget import FULL_SWEEP
from tests.support.show import add_episode, make_show

from reviewcast.jobs.publish import Published, publish_show
from reviewcast.jobs.shows import load_config
from reviewcast.model.events import ignore_events
from reviewcast.podcast.check.inspect import check_feed_bytes
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.podcast.promises import PublishOptions
from reviewcast.system.workspace import load_publications

SUNDAY = datetime(2026, 1, 4, 18, tzinfo=UTC)
DAYS = 365 if FULL_SWEEP else 90
REVIEWS = 170 if FULL_SWEEP else 50
OUTAGES = {*range(9, 11), *range(30, 52), *range(200, 210), *range(301, 302)}
WRONG_CLOCK = 60


def make(folder, more="", reviews=REVIEWS):
    show = make_show(folder, more=f"[publish]\n{more}")
    for n in range(reviews):
        day = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(days=17 * n)
        add_episode(show, f"film-{n:03}", n + 1, f"{day:%Y-%m-%d}", audio=b"ID3" + bytes(40))
    return show


def find_size(folder, name):
    path = folder / name
    return path.stat().st_size if path.is_file() else None


def publish(show, now, **options) -> Published:
    destination = FolderDestination.open(str(show / "public"))
    return publish_show(
        load_config(show), destination, PublishOptions(**options), now=now, notify=ignore_events
    )


def test_three_a_week_with_outages(tmp_path):
    """Dates are the rhythm's, rise, stay for ever, and no week has more than three."""
    show = make(tmp_path, 'drip = "3/week"\n[site]\npages = false\n')
    dates, at_once, lengths = {}, [], []
    for day in range(DAYS):
        if day in OUTAGES:
            continue
        now = SUNDAY + timedelta(days=day, hours=day % 5)
        if day == WRONG_CLOCK:
            publish(show, now - timedelta(days=3000))  # the clock is wrong once
        result = publish(show, now)
        feed = (show / "public" / "feed.xml").read_bytes()
        known = {slug: one.published for slug, one in load_publications(show).items()}
        assert dates.items() <= known.items()
        assert all(when <= now for when in known.values())
        assert len(known) + len(result.calendar) == REVIEWS
        at_once.append(len(known) - len(dates))
        dates = known
        lengths.append(feed.count(b"<item>"))
        if day % 30 == 0:
            parsed = feedparser.parse(feed)
            assert not parsed.bozo
            assert len(parsed.entries) == len(known)
            found = check_feed_bytes(feed, partial(find_size, show / "public"))
            assert not [one for one in found if one.severity == "error"]
    assert lengths == sorted(lengths)
    slots = [dates[slug] for slug in sorted(dates)]  # the oldest review came first
    assert all(one < other for one, other in pairwise(slots))
    assert {(when.weekday(), when.astimezone().hour) for when in slots} <= {(0, 7), (2, 7), (4, 7)}
    weeks = [when.isocalendar()[:2] for when in slots]
    assert max(map(weeks.count, weeks)) == 3
    assert at_once[0] == 1
    assert max(at_once) == 3  # after an outage, what the last week missed
    assert 3 * (DAYS - 34) / 7 - 4 <= len(slots) <= 3 * DAYS / 7 + 1


def test_a_dry_run_prints_the_calendar_and_keeps_nothing(tmp_path):
    """What it says comes true, one turn after another."""
    show = make(tmp_path, 'drip = "2/week"\ndrip_days = ["tue", "sat"]\ndrip_hour = 20\n', 5)
    told = publish(show, SUNDAY, dry_run=True).calendar
    assert not load_publications(show)
    assert list(told) == [f"film-{n:03}" for n in range(1, 5)]
    for when in (SUNDAY, *told.values()):
        publish(show, when)
    known = load_publications(show)
    assert {slug: known[slug].published for slug in told} == told


def test_the_newest_review_may_come_first(tmp_path):
    show = make(tmp_path, 'drip = "1/day"\ndrip_order = "newest"\n', 3)
    assert list(publish(show, SUNDAY).calendar) == ["film-001", "film-000"]
    assert list(load_publications(show)) == ["film-002"]


def test_who_is_asked_for_by_name_does_not_wait(tmp_path):
    """Nor is a turn lost: the others keep their order."""
    show = make(tmp_path, 'drip = "1/week"\n', 4)
    result = publish(show, SUNDAY, include=("film-003",))
    assert set(load_publications(show)) == {"film-000", "film-003"}
    assert list(result.calendar) == ["film-001", "film-002"]


def test_drafts_and_dates_ahead_have_no_turn(tmp_path):
    show = make(tmp_path, 'drip = "1/day"\n', 1)
    add_episode(show, "draft", 8, "2015-01-01", draft=True)
    add_episode(show, "later", 9, "2026-02-01")
    result = publish(show, SUNDAY)
    assert result.calendar == {}
    assert set(result.scheduled) == {"later"}
    assert result.drafts == ("draft",)


def test_without_a_rhythm_all_are_published(tmp_path):
    show = make(tmp_path, reviews=4)
    assert publish(show, SUNDAY).episodes == 4
