"""When episodes appear that are released by a rhythm: pure, from what is public and the clock."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from reviewcast.settings.rhythm import Rhythm

_MOMENT = timedelta(seconds=1)
_DAY_H = 12
"""Several releases of a day are spread over so many hours."""

_CHANGE_H = 2
"""No clock is put back by more when summer ends."""


def find_due(
    rhythm: Rhythm, times: Iterable[datetime], now: datetime, zone: tzinfo | None = None
) -> list[datetime]:
    """Return the moments up to `now` (UTC) for which the rhythm has an episode to release.

    `times` are when episodes were published before. Those moments count that are after the last
    of these, and not longer ago than the rhythm's period: what an outage missed before that is
    skipped, so that subscribers never get more at once than in any other period. A rhythm begins
    with one episode, in a new show or after one that was published otherwise. `zone` is the
    hour's, the machine's by default.
    """
    last = max((when for when in times if when <= now), default=None)
    # by the clock on the wall a day of autumn is an hour longer, and what is run once a period
    # is to find something each time
    since = now - timedelta(days=rhythm.period_days, hours=_CHANGE_H)
    if last is not None and last == next(list_slots(rhythm, last - _MOMENT, None, zone)):
        return list(list_slots(rhythm, max(last, since), now, zone))[-rhythm.per_period :]
    far = now - timedelta(days=32)
    return list(list_slots(rhythm, max(last or far, far), now, zone))[-1:]


def forecast(
    rhythm: Rhythm, since: datetime, count: int, zone: tzinfo | None = None
) -> list[datetime]:
    """Return the next `count` moments after `since`, in UTC."""
    return list(itertools.islice(list_slots(rhythm, since, None, zone), count))


def list_slots(
    rhythm: Rhythm, since: datetime, until: datetime | None, zone: tzinfo | None = None
) -> Iterator[datetime]:
    """Return the moments after `since`, up to and with `until` (None: without end), in UTC."""
    day = since.astimezone(zone).date() - timedelta(days=1)  # whose last hours may be after it
    while True:
        for slot in _list_day(rhythm, day, zone):
            if until is not None and slot > until:
                return
            if slot > since:
                yield slot
        day += timedelta(days=1)


def _list_day(rhythm: Rhythm, day: date, zone: tzinfo | None) -> Iterator[datetime]:
    """Return a day's moments, in UTC; the last of several may lie in the night after it."""
    on = day.day in rhythm.month_days if rhythm.month_days else day.weekday() in rhythm.weekdays
    if not on:
        return
    first = datetime.combine(day, time(rhythm.hour), zone).astimezone(UTC)
    for n in range(rhythm.per_day):
        yield first + timedelta(hours=_DAY_H * n / rhythm.per_day)
