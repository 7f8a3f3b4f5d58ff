"""What lies on the web is fetched whole, or not at all."""

import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from reviewcast.atomic import write_whole
from reviewcast.errors import FetchError, FetchUnavailable

if TYPE_CHECKING:
    from requests import Response

T = TypeVar("T")

_CONNECT_S, _READ_S = 10.0, 30.0
_WHOLE_S = 3600.0
_ATTEMPTS = 3
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 5.0
_MOST_REDIRECTS = 20  # those who count downloads put one before another
_PIECE = 1 << 16
_LATER = {408, 425, 429}
_HINT = "Run the same command again later."


class Fetched(Struct, frozen=True):
    """A small file of the web, and the URL that it was at after all redirects."""

    data: bytes
    url: str


class Fetcher:
    """Asks for files by http and https, three times where asking again may help."""

    def __init__(self) -> None:
        import requests

        self._session = requests.Session()
        self._session.max_redirects = _MOST_REDIRECTS
        self._session.headers["User-Agent"] = "reviewcast"
        # lengths are those of the files, not of what a server makes of them on the way
        self._session.headers["Accept-Encoding"] = "identity"

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def read(self, url: str, *, most_bytes: int) -> Fetched:
        """Fetch a file of at most so many bytes.

        Raises FetchUnavailable when its server cannot be reached or breaks off, FetchError when
        the file cannot be had.
        """

        def read() -> Fetched:
            with self._ask(url) as response:
                return Fetched(b"".join(_receive(response, url, most_bytes)), response.url)

        return _try_again(read)

    def save(self, url: str, path: Path, *, most_bytes: int) -> None:
        """Fetch a file of at most so many bytes to the disk, where it then is whole.

        Raises as `read` does, and StorageError.
        """

        def save() -> None:
            with self._ask(url) as response, write_whole(path) as file:
                for piece in _receive(response, url, most_bytes):
                    file.write(piece)

        _try_again(save)

    def _ask(self, url: str) -> "Response":
        import requests

        try:
            response = self._session.get(url, stream=True, timeout=(_CONNECT_S, _READ_S))
        except requests.exceptions.SSLError as error:
            raise FetchError(f"The certificate of {name_url(url)} is not trusted.") from error
        except (requests.ConnectionError, requests.Timeout) as error:
            raise FetchUnavailable(f"{name_url(url)} cannot be reached.", hint=_HINT) from error
        except (requests.RequestException, ValueError) as error:
            raise FetchError(f"{name_url(url)} cannot be fetched.") from error
        status = response.status_code
        if status == requests.codes.ok:
            return response
        response.close()
        kind = FetchUnavailable if status in _LATER or status >= 500 else FetchError
        raise kind(
            f"The server answers {status} for {name_url(url)}.",
            hint=_HINT if kind is FetchUnavailable else "Open it in a browser.",
        )


def name_url(url: str) -> str:
    """Name a URL to the user, without what may be a password or a token in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _receive(response: "Response", url: str, most_bytes: int) -> Iterator[bytes]:
    """Give the body in pieces; at its end it was as long as the server had said."""
    import requests

    size, end = 0, time.monotonic() + _WHOLE_S
    try:
        for piece in response.iter_content(_PIECE):
            size += len(piece)
            if size > most_bytes:
                raise FetchError(f"{name_url(url)} is larger than {most_bytes // 1_000_000} MB.")
            if time.monotonic() > end:
                raise FetchUnavailable(f"{name_url(url)} takes more than an hour.", hint=_HINT)
            yield piece
    except (requests.RequestException, OSError) as error:
        raise FetchUnavailable(f"{name_url(url)} breaks off.", hint=_HINT) from error
    length = response.headers.get("Content-Length", "")
    encoded = response.headers.get("Content-Encoding", "identity").lower() != "identity"
    if length.isascii() and length.isdigit() and not encoded and size != int(length):
        raise FetchUnavailable(
            f"{name_url(url)} breaks off after {size:,} of {int(length):,} bytes.", hint=_HINT
        )


def _try_again(job: Callable[[], T]) -> T:
    """Do a job, and again after a wait when it raises FetchUnavailable; the third is raised."""
    import stamina

    _hush_stamina()
    for attempt in stamina.retry_context(
        on=FetchUnavailable,
        attempts=_ATTEMPTS,
        timeout=None,
        wait_initial=_FIRST_WAIT_S,
        wait_max=_LONGEST_WAIT_S,
        wait_jitter=_FIRST_WAIT_S,
    ):
        with attempt:
            return job()
    raise AssertionError("stamina ends by returning or raising")


@functools.cache
def _hush_stamina() -> None:
    """Keep stamina from logging each retry: what matters reaches the user as an error."""
    import stamina.instrumentation

    stamina.instrumentation.set_on_retry_hooks(())
