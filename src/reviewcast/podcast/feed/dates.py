"""Dates as feeds of all tools write them."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_ISO = re.compile(r"\d{4}-\d\d-\d\d")

_ZONES = {
    "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3,
    "MSK": 3, "JST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
"""Hours from UTC of names that RFC 822 does not have, as far as people agree on them."""


def read_date(text: str) -> datetime | None:
    """Read a date as feeds write them: RFC 2822, ISO 8601, with a zone's name or its offset.

    Return it in UTC, which is also taken where no zone or an unknown one is named; None for what
    is no date.
    """
    text = re.sub(r"\b(?:GMT|UTC)\s?(?=[+-]\d)", "", " ".join(text.split()))
    text = re.sub(r"([+-]\d\d):(\d\d)$", r"\1\2", text)
    rest, _, zone = text.rpartition(" ")
    if zone.upper() in _ZONES:
        text = f"{rest} +{_ZONES[zone.upper()]:02}00"
    try:
        when = datetime.fromisoformat(text) if _ISO.match(text) else parsedate_to_datetime(text)
        return to_utc(when).replace(microsecond=0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def to_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
