"""Dates as exports write them."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from email.utils import parsedate_to_datetime

from reviewcast.text.readers.fields import read_date

_UNREAD: ContextVar[list[str]] = ContextVar("unread")
_LOOSE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}")


@contextmanager
def collect_unread() -> Iterator[list[str]]:
    """Return a list that gets each date that is written and cannot be read."""
    unread: list[str] = []
    token = _UNREAD.set(unread)
    try:
        yield unread
    finally:
        _UNREAD.reset(token)


def find_date(*written: str, unsure: tuple[str, ...] = ()) -> str:
    """Return YYYY-MM-DD of the first text that begins with a date or is one of a mail (RFC 5322).

    "" when there is none; 0000-00-00 is none. `unsure` are looked at last; they need not be dates.
    """
    for text in (*written, *unsure):
        found = read_date(text.strip()) or _read_mail_date(text)
        if found:
            return found
    _note_unread(*written)
    return ""


def list_dates(written: str) -> list[str]:
    """Return all dates that stand in a text, in its order: `2023/01/02-2023/01/09`."""
    dates = [found for one in _LOOSE.findall(written) if (found := read_date(one))]
    if not dates:
        _note_unread(written)
    return dates


def _note_unread(*written: str) -> None:
    text = next((one.strip() for one in written if one.strip()), "")
    if text and not text.startswith("0000-00-00"):
        _UNREAD.get([]).append(text)


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
