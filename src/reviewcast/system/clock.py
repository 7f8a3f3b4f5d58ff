"""What time it is, or is to be taken for."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from reviewcast.model.errors import ConfigError

_VARIABLE = "SOURCE_DATE_EPOCH"


def read_clock(environ: Mapping[str, str] = os.environ) -> datetime:
    """Return the time in UTC; SOURCE_DATE_EPOCH (reproducible-builds.org) sets it, in seconds.

    Raise ConfigError when the variable holds no such number.
    """
    given = environ.get(_VARIABLE)
    if not given:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise ConfigError(
            f"{_VARIABLE} is no time: {given!r}.", hint="Unset it, or give seconds since 1970."
        ) from None
