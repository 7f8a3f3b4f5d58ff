"""How long a service asks to wait before the next request."""

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests import Response


def read_wait(reply: "Response") -> float | None:
    """Return the seconds that a reply asks to wait, None when it does not."""
    return parse_wait(reply.headers.get("Retry-After", ""))


def parse_wait(value: str) -> float | None:
    """Return the seconds that Retry-After asks for, a number or a date (RFC 9110, 10.2.3)."""
    value = value.strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
