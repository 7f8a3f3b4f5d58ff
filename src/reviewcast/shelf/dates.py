"""Dates as exports write them."""

import datetime as dt
import re
from email.utils import parsedate_to_datetime

from reviewcast.text.readers.fields import read_date

_LOOSE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}")


def find_date(*written: str) -> str:
    """Return YYYY-MM-DD of the first text that begins with a date or is one of a mail (RFC 5322).

    "" when there is none; 0000-00-00 is none.
    """
    for text in written:
        found = read_date(text.strip()) or _read_mail_date(text)
        if found:
            return found
    return ""


def list_dates(written: str) -> list[str]:
    """Return all dates that stand in a text, in its order: `2023/01/02-2023/01/09`."""
    return [found for one in _LOOSE.findall(written) if (found := read_date(one))]


def is_future(date: str, now: dt.datetime) -> bool:
    """True if a day is over a day ahead: it may have begun in another time zone."""
    return bool(date) and dt.date.fromisoformat(date) > now.date() + dt.timedelta(days=1)


def count_days(one: str, other: str) -> int | None:
    """Return how many days lie between two dates, None when one of them is not known."""
    if not one or not other:
        return None
    return abs((dt.date.fromisoformat(one) - dt.date.fromisoformat(other)).days)


def list_near(date: str) -> list[str]:
    """Return a day and its neighbours, nothing for ""."""
    if not date:
        return []
    day = dt.date.fromisoformat(date).toordinal()
    days = range(max(day - 1, dt.date.min.toordinal()), min(day + 1, dt.date.max.toordinal()) + 1)
    return [dt.date.fromordinal(one).isoformat() for one in days]


def _read_mail_date(text: str) -> str:
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        return ""
