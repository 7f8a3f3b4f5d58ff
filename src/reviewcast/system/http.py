"""HTTP: one way to make a session, one retry, and files that are fetched whole or not at all."""

import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from reviewcast.model.errors import FetchError, FetchUnavailable
from reviewcast.system.files import write_whole

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session
    from requests.adapters import BaseAdapter

    from reviewcast.system.guarded_http import Watch


T = TypeVar("T")
_ATTEMPTS = 3
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 5.0
_CONNECTIONS = 16  # kept alive to one host, for all workers
_MOST_REDIRECTS = 20  # those who count downloads put one before another
_PIECE = 1 << 16
_LARGEST_REPLY_BYTES = 200 << 20  # an hour and more of speech: no reply to one request is as long
_LATER = {408, 425, 429}
_HINT = "Run the same command again later."


def make_session(*, agent: str = "", adapter: "BaseAdapter | None" = None) -> "Session":
    """Make a session: kept-alive connections, TLS verified.

    The environment decides on proxies and certificates (HTTPS_PROXY, REQUESTS_CA_BUNDLE). `agent`
    is the User-Agent, `adapter` makes the connections.
    """
    import requests

    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter or requests.adapters.HTTPAdapter(pool_maxsize=_CONNECTIONS))
    if agent:
        session.headers["User-Agent"] = agent
    return session


@functools.cache
def open_session() -> "Session":
    """Return the one session of all requests to services that the user chose."""
    return make_session()


def try_again(
    job: Callable[[], T],
    *,
    on: type[Exception] | Callable[[Exception], bool] = FetchUnavailable,
    attempts: int = _ATTEMPTS,
    first_wait_s: float = _FIRST_WAIT_S,
    longest_wait_s: float = _LONGEST_WAIT_S,
) -> T:
    """Do a job, and again after a wait when it raises what `on` names; the last one is raised.

    The waits double from `first_wait_s` up to `longest_wait_s`, each with a random part.
    """
    import stamina

    _hush_stamina()
    for attempt in stamina.retry_context(
        on=on,
        attempts=attempts,
        timeout=None,
        wait_initial=first_wait_s,
        wait_max=longest_wait_s,
        wait_jitter=first_wait_s,
    ):
        with attempt:
            return job()
    raise AssertionError("stamina ends by returning or raising")


def send_request(
    request: "PreparedRequest",
    *,
    name: str,
    timeout_s: float,
    direct: bool = False,
    redirects: bool = False,
    most_bytes: int = _LARGEST_REPLY_BYTES,
) -> "tuple[Response, bytes]":
    """Send a request once, through the one session, and read the whole reply, whatever its status.

    `timeout_s` is how long the server may be silent, `direct` passes by any proxy, `redirects`
    are followed only when that is asked for. Raise FetchUnavailable when the server cannot be
    reached, breaks off or does not end, FetchError when it cannot prove who it is. `name` begins
    their sentences.
    """
    import requests

    session = open_session()
    try:
        options = session.merge_environment_settings(request.url, {}, True, None, None)
        if direct:
            options["proxies"] = {}
        with session.send(
            request, timeout=timeout_s, allow_redirects=redirects, **options
        ) as reply:
            data = bytearray()
            for piece in reply.iter_content(_PIECE):
                data += piece
                if len(data) > most_bytes:
                    raise FetchUnavailable(f"{name} does not end its answer.")
            return reply, bytes(data)
    except requests.exceptions.RequestException as error:
        error.request = None  # its headers hold the secret, and a pickle of the error would too
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise FetchError(
                f"{name} has a certificate that cannot be verified.",
                hint="Behind a proxy, point REQUESTS_CA_BUNDLE at its certificates.",
            ) from error
        raise FetchUnavailable(f"{name} cannot be reached.", hint="Check the network.") from error
    except OSError as error:  # requests' word for certificates that are not there
        raise FetchError(
            f"The certificates cannot be read: {error}.",
            hint="Correct or unset REQUESTS_CA_BUNDLE.",
        ) from error


def post_form(url: str, form: Mapping[str, str], *, name: str, timeout_s: float) -> None:
    """Send a form, such as a notice to a WebSub hub, three times where that may help.

    `name` begins the sentence of an error. Raise FetchUnavailable when the server cannot be
    reached or answers that it is busy (a 503), FetchError when it refuses.
    """
    import requests

    def post() -> None:
        try:
            request = open_session().prepare_request(requests.Request("POST", url, data=form))
        except (requests.RequestException, ValueError) as error:
            raise FetchError(f"{name} has no address to send to.") from error
        reply, _ = send_request(request, name=name, timeout_s=timeout_s, redirects=True)
        if not reply.ok:
            raise _judge_status(reply.status_code)(f"{name} answers {reply.status_code}.")

    try_again(post)


class Fetched(Struct, frozen=True):
    """A small file of the web, and the URL that it was at after all redirects."""

    data: bytes
    url: str


class Fetcher:
    """Asks for files by http and https, `attempts` times where asking again may help.

    Addresses of private ranges are refused without `allow_private`. A request has `patience_s`
    (30 s) in all, and more only for what comes at 20 kB/s, up to `longest_s` (an hour).
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        patience_s: float | None = None,
        longest_s: float | None = None,
        most_redirects: int = _MOST_REDIRECTS,
        attempts: int = _ATTEMPTS,
    ) -> None:
        from reviewcast.system.guarded_http import LONGEST_S, PATIENCE_S, GuardedSession

        self._attempts = attempts

        self._session = GuardedSession(
            agent="reviewcast",
            most_redirects=most_redirects,
            allow_private=allow_private,
            patience_s=PATIENCE_S if patience_s is None else patience_s,
            longest_s=LONGEST_S if longest_s is None else longest_s,
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

        return try_again(read, attempts=self._attempts)

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

        try_again(save, attempts=self._attempts)

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
        kind = _judge_status(status)
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


def _judge_status(status: int) -> type[FetchError]:
    """Return the error that a status stands for: one that may pass, or one for good."""
    return FetchUnavailable if status in _LATER or status >= 500 else FetchError


@functools.cache
def _hush_stamina() -> None:
    """Keep stamina from logging each retry: what matters reaches the user as an error."""
    import stamina.instrumentation

    stamina.instrumentation.set_on_retry_hooks(())
