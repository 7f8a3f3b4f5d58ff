"""What lies on the web is fetched whole, or not at all."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from reviewcast.model.errors import FetchError, FetchUnavailable
from reviewcast.system.files import write_whole

if TYPE_CHECKING:
    from requests import Response

    from reviewcast.system.guarded_http import Watch


T = TypeVar("T")


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
    """Asks for files by http and https, three times where asking again may help.

    Addresses of private ranges are refused without `allow_private`. A request has `patience_s`
    (30 s) in all, and more only for what comes at 20 kB/s.
    """

    def __init__(self, *, allow_private: bool = False, patience_s: float | None = None) -> None:
        from reviewcast.system.guarded_http import PATIENCE_S, GuardedSession

        self._session = GuardedSession(
            agent="reviewcast",
            most_redirects=_MOST_REDIRECTS,
            allow_private=allow_private,
            patience_s=PATIENCE_S if patience_s is None else patience_s,
        )

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def read(self, url: str, *, most_bytes: int) -> Fetched:
        """Fetch a file of at most so many bytes.

        Raise FetchUnavailable when its server cannot be reached or breaks off, FetchError when
        the file cannot be had.
        """

        def read() -> Fetched:
            with self._session.watch(url) as watch, self._ask(url, watch) as response:
                pieces = _receive(response, url, most_bytes, watch)
                return Fetched(b"".join(pieces), response.url)

        return _try_again(read)

    def save(self, url: str, path: Path, *, most_bytes: int) -> None:
        """Fetch a file of at most so many bytes to the disk, where it then is whole.

        Raises as `read` does, and StorageError.
        """

        def save() -> None:
            with (
                self._session.watch(url) as watch,
                self._ask(url, watch) as response,
                write_whole(path) as file,
            ):
                for piece in _receive(response, url, most_bytes, watch):
                    file.write(piece)

        _try_again(save)

    def _ask(self, url: str, watch: "Watch") -> "Response":
        import requests

        try:
            response = self._session.request("GET", url)
        except requests.exceptions.SSLError as error:
            raise FetchError(f"The certificate of {name_url(url)} is not trusted.") from error
        except (requests.ConnectionError, requests.Timeout) as error:
            _refuse_slow(watch, url)
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


def _refuse_slow(watch: "Watch", url: str) -> None:
    if watch.expired:
        raise FetchUnavailable(f"{name_url(url)} comes too slowly.", hint=_HINT)


def _receive(response: "Response", url: str, most_bytes: int, watch: "Watch") -> Iterator[bytes]:
    """Return the body in pieces; at its end it was as long as the server had said."""
    import requests

    size = 0
    try:
        for piece in response.iter_content(_PIECE):
            size += len(piece)
            if size > most_bytes:
                raise FetchError(f"{name_url(url)} is larger than {most_bytes // 1_000_000} MB.")
            watch.count(len(piece))
            yield piece
    except (requests.RequestException, OSError) as error:
        _refuse_slow(watch, url)
        raise FetchUnavailable(f"{name_url(url)} breaks off.", hint=_HINT) from error
    _refuse_slow(watch, url)
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
