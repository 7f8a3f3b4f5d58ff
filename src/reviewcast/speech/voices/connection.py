"""The one verified session of all voices on the network, and what its failures mean."""

import functools
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from reviewcast.model.errors import VoiceError, VoiceUnavailable

if TYPE_CHECKING:
    import requests


LATER = "Wait a while and run the same command again; what was spoken is kept."


_CONNECTIONS = 16


_PIECE_BYTES = 1 << 16


_MOST_BYTES = 200 << 20  # an hour and more of speech: no reply to one text is as long


@functools.cache
def open_session() -> "requests.Session":
    """Open the one session: kept-alive connections for all workers, TLS verified."""
    import requests

    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=_CONNECTIONS))
    return session


def send_request(
    request: "requests.PreparedRequest", *, service: str, timeout_s: float, direct: bool = False
) -> "tuple[requests.Response, bytes]":
    """Send a request and read the whole reply; redirects are not followed.

    `timeout_s` is how long the service may be silent, `direct` passes by any proxy. Raises
    VoiceUnavailable when the service cannot be reached or breaks off, VoiceError when it cannot
    prove who it is. `service` begins their sentences.
    """
    import requests

    session = open_session()
    try:
        # the environment decides on proxies and certificates (HTTPS_PROXY, REQUESTS_CA_BUNDLE)
        options = session.merge_environment_settings(request.url, {}, True, None, None)
        if direct:
            options["proxies"] = {}
        with session.send(request, timeout=timeout_s, allow_redirects=False, **options) as reply:
            data = bytearray()
            for piece in reply.iter_content(_PIECE_BYTES):
                data += piece
                if len(data) > _MOST_BYTES:
                    raise VoiceUnavailable(f"{service} does not end its answer.", hint=LATER)
            return reply, bytes(data)
    except requests.exceptions.RequestException as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise VoiceError(
                f"{service} has a certificate that cannot be verified.",
                hint="Behind a proxy, point REQUESTS_CA_BUNDLE at its certificates.",
            ) from error
        raise VoiceUnavailable(
            f"{service} cannot be reached.", hint=f"Check the network. {LATER}"
        ) from error
    except OSError as error:  # requests' word for certificates that are not there
        raise VoiceError(
            f"The certificates cannot be read: {error}.",
            hint="Correct or unset REQUESTS_CA_BUNDLE.",
        ) from error


def read_wait(reply: "requests.Response") -> float | None:
    """Return the seconds that a reply asks to wait, None when it does not."""
    return parse_wait(reply.headers.get("Retry-After", ""))


def parse_wait(value: str) -> float | None:
    """Return the seconds that Retry-After asks for, a number or a date (RFC 9110, 10.2.3)."""
    import datetime as dt

    value = value.strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
