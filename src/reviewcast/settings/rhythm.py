"""The rhythm in which episodes are released: "3/week", on which days, at which hour."""

import re

from msgspec import Struct

from reviewcast.model.errors import ConfigError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_RHYTHM = re.compile(r"(\d{1,2})\s*/\s*(day|week|month)")
_MOST = {"day": 12, "week": 7, "month": 28}
_DAYS_OF = {"day": 1, "week": 7, "month": 31}
_HINT = 'Write it as "3/week", "1/day" or "2/month"; "" publishes all at once.'

_WEEKS = ((), (1,), (1, 4), (0, 2, 4), (0, 1, 3, 4), (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), range(7))
"""The weekdays of so many releases a week, when none are chosen; 0 is Monday."""


class Rhythm(Struct, frozen=True):
    """So many releases a day, on some days of the week (0 to 6) or else the month (1 to 28).

    `period_days` is how long the period lasts at most that the releases are counted by, and
    `per_period` how many there are in it.
    """

    per_day: int
    hour: int
    period_days: int
    per_period: int
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()


def read_rhythm(drip: str, days: tuple[str, ...], hour: int) -> Rhythm | None:
    """Return the rhythm of the settings, None without one.

    Raise ConfigError for what is none, and for days that do not fit it.
    """
    where = "[publish] drip"
    if not drip.strip():
        return None
    match = _RHYTHM.fullmatch(drip.strip().lower())
    if not match or not 1 <= int(match[1]) <= _MOST[match[2]]:
        raise ConfigError(f"{where} {drip!r} is no rhythm.", hint=_HINT)
    count, period = int(match[1]), match[2]
    if unknown := [day for day in days if day not in DAYS]:
        raise ConfigError(
            f"{where}_days: {unknown[0]!r} is no day.", hint=f"The days are {', '.join(DAYS)}."
        )
    if not days:
        weekdays = tuple(_WEEKS[count if period == "week" else -1])
    elif period == "month" or (period == "week" and len(set(days)) != count):
        raise ConfigError(
            f"{where}_days names {len(set(days))} days, and {where} says {drip!r}.",
            hint="Name as many days as there are releases a week, or leave drip_days out.",
        )
    else:
        weekdays = tuple(sorted({DAYS.index(day) for day in days}))
    return Rhythm(
        per_day=count if period == "day" else 1,
        hour=hour,
        period_days=_DAYS_OF[period],
        per_period=count,
        weekdays=weekdays,
        month_days=tuple(1 + 28 * n // count for n in range(count)) if period == "month" else (),
    )
