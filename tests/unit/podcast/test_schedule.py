"""When a rhythm releases episodes: never more than it says, in order, whatever was missed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewcast.model.errors import ConfigError
from reviewcast.podcast.schedule import find_due, forecast, list_slots
from reviewcast.settings.rhythm import read_rhythm

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
MOMENTS = st.integers(-1000, 1000).map(lambda hours: MONDAY + timedelta(hours=11 * hours))
RHYTHMS = st.builds(
    lambda count, period, hour: read_rhythm(f"{count}/{period}", (), hour),
    st.integers(1, 7),
    st.sampled_from(["day", "week", "month"]),
    st.integers(0, 23),
)
ZONES = st.sampled_from([UTC, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")])


def tell(slots, zone=UTC):
    return [f"{slot.astimezone(zone):%a %d %H}" for slot in slots]


@pytest.mark.parametrize(
    ("drip", "days", "told"),
    [
        ("3/week", (), ["Mon 30 07", "Wed 02 07", "Fri 04 07", "Mon 07 07"]),
        (" 2 / week ", ("thu", "tue"), ["Tue 01 07", "Thu 03 07", "Tue 08 07", "Thu 10 07"]),
        ("1/day", ("sat", "sun"), ["Sat 05 07", "Sun 06 07", "Sat 12 07", "Sun 13 07"]),
        ("2/day", (), ["Mon 30 07", "Mon 30 13", "Tue 01 07", "Tue 01 13"]),
        ("2/month", (), ["Tue 01 07", "Tue 15 07", "Fri 01 07", "Fri 15 07"]),
        ("7/WEEK", (), ["Mon 30 07", "Tue 01 07", "Wed 02 07", "Thu 03 07"]),
    ],
)
def test_a_rhythm_names_days_and_hours(drip, days, told):
    assert tell(forecast(read_rhythm(drip, days, 7), MONDAY, 4, UTC)) == told


@pytest.mark.parametrize(
    ("drip", "days", "message"),
    [
        ("often", (), "'often' is no rhythm"),
        ("0/week", (), "'0/week' is no rhythm"),
        ("8/week", (), "'8/week' is no rhythm"),
        ("3/week", ("mon", "tue"), "names 2 days"),
        ("1/month", ("mon",), "names 1 days"),
        ("1/week", ("monday",), "'monday' is no day"),
    ],
)
def test_what_is_no_rhythm_is_refused(drip, days, message):
    with pytest.raises(ConfigError, match=message) as caught:
        read_rhythm(drip, days, 7)
    assert caught.value.hint


def test_without_a_rhythm_there_is_none():
    assert read_rhythm(" ", (), 7) is None


def test_the_hour_is_that_of_the_clock_on_the_wall():
    """In summer and in winter."""
    zone = ZoneInfo("Europe/Berlin")
    slots = forecast(read_rhythm("1/day", (), 7), datetime(2026, 10, 23, 12, tzinfo=UTC), 3, zone)
    assert tell(slots, zone) == ["Sat 24 07", "Sun 25 07", "Mon 26 07"]
    assert tell(slots) == ["Sat 24 05", "Sun 25 06", "Mon 26 06"]


def test_a_new_show_begins_with_one_episode():
    rhythm = read_rhythm("3/week", (), 7)
    assert tell(find_due(rhythm, [], MONDAY, UTC)) == ["Fri 27 07"]


def test_a_show_that_was_published_otherwise_begins_with_one_episode():
    """No time without a rhythm is an outage; nor is what was published today followed at once."""
    rhythm = read_rhythm("3/week", (), 7)
    last = MONDAY - timedelta(days=24)
    assert tell(find_due(rhythm, [last], MONDAY, UTC)) == ["Fri 27 07"]
    assert not find_due(rhythm, [MONDAY - timedelta(hours=1)], MONDAY, UTC)


def test_what_an_outage_missed_is_not_made_up_for():
    """After three weeks the three of the last seven days are due, and no more."""
    rhythm = read_rhythm("3/week", (), 7)
    last = MONDAY - timedelta(days=24) + timedelta(hours=7)
    assert tell(find_due(rhythm, [last], MONDAY, UTC)) == ["Mon 23 07", "Wed 25 07", "Fri 27 07"]


def test_a_date_ahead_of_the_clock_stops_nothing():
    rhythm = read_rhythm("1/day", (), 7)
    times = [MONDAY - timedelta(days=days, hours=-7) for days in (9, 2, -2000)]
    assert tell(find_due(rhythm, times, MONDAY, UTC)) == ["Sun 29 07"]


def test_a_month_is_not_28_days():
    """Who publishes on the 30th releases what was due on the 1st."""
    rhythm = read_rhythm("1/month", (), 7)
    given_out, now = [], datetime(2026, 4, 30, 12, tzinfo=UTC)
    for month in (4, 5, 6, 7):
        now = now.replace(month=month)
        due = find_due(rhythm, given_out, now, UTC)
        assert tell(due)[0].endswith(" 01 07"), month
        given_out += due


@given(
    st.one_of(
        st.tuples(st.just("day"), st.integers(1, 12)),
        st.tuples(st.just("week"), st.integers(1, 7)),
        st.tuples(st.just("month"), st.integers(1, 28)),
    ),
    st.integers(0, 23),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - on the wall
    ZONES,
)
def test_a_run_once_a_period_releases_something_each_time(drip, hour, start, zone):
    """At the same hour on the wall, however long the month; never more than a period's."""
    period, count = drip
    rhythm = read_rhythm(f"{count}/{period}", (), hour)
    given_out: list[datetime] = []
    start = start.replace(day=min(start.day, 28))
    for step in range(14):
        now = start + timedelta(days={"day": 1, "week": 7, "month": 0}[period] * step)
        if period == "month":
            year, month = divmod(start.month - 1 + step, 12)
            now = start.replace(year=start.year + year, month=month + 1)
        due = find_due(rhythm, given_out, now.replace(tzinfo=zone).astimezone(UTC), zone)
        assert 1 <= len(due) <= count
        given_out += due


@given(RHYTHMS, MOMENTS, ZONES)
def test_slots_are_in_order_and_no_more_than_the_rhythm_says(rhythm, since, zone):
    period = timedelta(days=28 if rhythm.month_days else rhythm.period_days)
    slots = list(list_slots(rhythm, since, since + 3 * period, zone))
    assert slots == sorted(set(slots))
    assert all(since < slot <= since + 3 * period for slot in slots)
    most = len(rhythm.month_days) or len(rhythm.weekdays) * rhythm.per_day
    most = rhythm.per_day if rhythm.period_days == 1 else most
    for first in slots:
        # summer time begins and ends: an hour of the wall is not an hour
        late = first + period - timedelta(hours=2)
        assert sum(first <= slot < late for slot in slots) <= most


@given(RHYTHMS, MOMENTS, ZONES, st.lists(st.integers(1, 60 * 24), max_size=40))
def test_whoever_looks_whenever_gives_each_slot_once(rhythm, start, zone, hours):
    """However often and late it is asked, dates rise, none comes twice, and few come at once."""
    given_out, now = [], start
    for step in hours:
        now += timedelta(hours=step)
        due = find_due(rhythm, given_out, now, zone)
        assert all(now - timedelta(days=32) < slot <= now for slot in due)
        given_out += due
        assert not find_due(rhythm, given_out, now, zone) or not given_out
    assert all(one < other for one, other in pairwise(given_out))
