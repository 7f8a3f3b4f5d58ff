"""HTTP for addresses that others chose: bounded in time, and closed to the user's own network."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError

from reviewcast.model.errors import FetchError
from reviewcast.system.addresses import is_private, read_address
from reviewcast.system.http import make_session

Resolve = Callable[[str, int], list[str]]
"""Returns the IP addresses of a host for a port, or raises OSError."""

PATIENCE_S = 30.0
LONGEST_S = 3600.0

_SLOWEST_BYTES_PER_S = 20_000
"""A large file may take longer than the patience, as long as it comes at this pace or more."""

_CONNECT_S, _READ_S = 10.0, 30.0
_MOST_SLOW = 3
_LOCAL_ENDINGS = (".localhost", ".local", ".lan", ".internal", ".home.arpa")


class PrivateAddressError(FetchError):
    """The host lies in a private range, which was not allowed."""


def is_local_name(url: str) -> bool:
    """Return True if a URL's host is on this machine or its network by its very name."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    address = read_address(host)
    is_local = "." not in host or host.endswith(_LOCAL_ENDINGS)
    return is_private(address) if address is not None else is_local


def resolve_host(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, the best first; raise OSError when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Watch:
    """The time of one exchange: it grows with what was received; once over, `expired` is True."""

    def __init__(
        self, patience_s: float, cut: Callable[[], None], *, longest_s: float = LONGEST_S
    ) -> None:
        self.expired = False
        self._patience_s = patience_s
        self._longest_s = longest_s
        self._cut = cut
        self._begun = time.monotonic()
        self._received = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def count(self, size_bytes: int) -> None:
        """Count so many more bytes as received."""
        self._received += size_bytes

    def _left_s(self) -> float:
        allowed_s = self._patience_s + self._received / _SLOWEST_BYTES_PER_S
        return self._begun + min(allowed_s, self._longest_s) - time.monotonic()

    def _run(self) -> None:
        while (left_s := self._left_s()) > 0:
            if self._done.wait(left_s):
                return
        self.expired = True
        # also what is connected only now
        while not self._done.wait(0.05):
            self._cut()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_what: object) -> None:
        self._done.set()
        self._thread.join()


class GuardedSession:
    """Asks for what lies at addresses of the web that a feed names, one request at a time.

    A host is resolved, its addresses are checked, and one that was checked is connected to.
    Those of private ranges are refused without `allow_private`; behind a proxy, only what is
    private by its very name. An exchange has `patience_s`, and more only for what comes at
    20 kB/s, up to `longest_s`; a host that was too slow three times gets no more requests.
    """

    def __init__(
        self,
        *,
        agent: str,
        most_redirects: int,
        allow_private: bool = False,
        patience_s: float = PATIENCE_S,
        longest_s: float = LONGEST_S,
        resolve: Resolve = resolve_host,
    ) -> None:
        self._allow_private = allow_private
        self._patience_s = patience_s
        self._longest_s = longest_s
        self._twins: set[socket.socket] = set()
        self._ended: list[socket.socket] | None = None  # while an exchange is watched
        self._lock = threading.Lock()
        self._slow: dict[str, int] = {}
        self._session = make_session(agent=agent, adapter=_GuardedAdapter(self, resolve))
        self._session.max_redirects = most_redirects
        # lengths are those of the files, not of what a server makes of them on the way
        self._session.headers["Accept-Encoding"] = "identity"

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    @contextlib.contextmanager
    def watch(self, url: str) -> Iterator[Watch]:
        """Limit the time of all that the block asks of a URL and receives.

        Raise FetchError at once for a host that was too slow before.
        """
        host = _find_host(url)
        if self._slow.get(host, 0) >= _MOST_SLOW:
            raise FetchError(f"{host} was too slow {_MOST_SLOW} times and gets no more requests.")
        watch = Watch(self._patience_s, self._cut, longest_s=self._longest_s)
        self._ended = []
        try:
            with watch:
                yield watch
        finally:
            ended, self._ended = self._ended, None
            for twin in ended:
                self.drop_twin(twin)
            if watch.expired:
                self._slow[host] = self._slow.get(host, 0) + 1

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        redirects: bool = True,
        **body: Any,
    ) -> requests.Response:
        """Send a request; the body of what comes back is not read yet.

        `body` are requests' own `data` and `auth`. Raise what requests raises, and
        PrivateAddressError.
        """
        return self._session.request(
            method,
            url,
            headers=headers,
            stream=True,
            timeout=(min(_CONNECT_S, self._patience_s), _READ_S),
            allow_redirects=redirects,
            **body,
        )

    def check_address(self, host: str, address: str) -> None:
        """Raise PrivateAddressError for an address that must not be connected to."""
        found = read_address(address)
        if not self._allow_private and (found is None or is_private(found)):
            raise _refuse(host)

    def check_name(self, url: str) -> None:
        """Raise PrivateAddressError for a host that is private by its very name."""
        if not self._allow_private and is_local_name(url):
            raise _refuse(_find_host(url))

    def keep_twin(self, connected: socket.socket) -> socket.socket:
        """Keep a second handle of a socket: by it a connection can be cut from another thread."""
        twin = connected.dup()
        with self._lock:
            self._twins.add(twin)
        return twin

    def drop_twin(self, twin: socket.socket) -> None:
        """Close the second handle of a connection that is closed, at the end of its exchange.

        http.client closes a connection before the body is read when the body has no length.
        """
        if self._ended is not None:
            self._ended.append(twin)
            return
        with self._lock:
            self._twins.discard(twin)
            twin.close()

    def _cut(self) -> None:
        with self._lock:
            for twin in self._twins:
                with contextlib.suppress(OSError):  # it is cut already
                    twin.shutdown(socket.SHUT_RDWR)


class _GuardedAdapter(HTTPAdapter):
    """Makes connections that check what they connect to, and that can be cut."""

    def __init__(self, guard: GuardedSession, resolve: Resolve) -> None:
        self._guard = guard
        self._pools = _make_pools(guard, resolve)
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._pools
        return manager

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> Any:
        self._guard.check_name(request.url or "")  # of each redirect, too
        return super().send(request, *arguments, **options)


def _make_pools(guard: GuardedSession, resolve: Resolve) -> dict[str, type[HTTPConnectionPool]]:
    class Guarded(HTTPConnection):
        """Connects to an address that was checked; the name could mean another one later."""

        _twin: socket.socket | None = None

        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn() if self.proxy else self._connect()
            self._twin = guard.keep_twin(connected)
            return connected

        def _connect(self) -> socket.socket:
            name = self._dns_host
            port = self.port or self.default_port
            try:
                addresses = resolve(name, port)
            except socket.gaierror as error:
                raise NameResolutionError(self.host, self, error) from error
            except (OSError, UnicodeError) as error:
                raise NewConnectionError(self, str(error)) from error
            for address in addresses:
                guard.check_address(self.host, address)
            fault: OSError | None = None
            timeout_s = self.timeout if isinstance(self.timeout, int | float) else None
            for address in addresses:
                try:
                    return socket.create_connection((address, port), timeout_s)
                except OSError as error:
                    fault = error
            raise NewConnectionError(self, f"{fault}") from fault

        def close(self) -> None:
            super().close()
            if self._twin is not None:
                guard.drop_twin(self._twin)
                self._twin = None

    class GuardedTls(Guarded, HTTPSConnection):
        """The same, under TLS for the host's own name."""

    class Pool(HTTPConnectionPool):
        ConnectionCls = Guarded

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = GuardedTls

    return {"http": Pool, "https": TlsPool}


def _refuse(host: str) -> PrivateAddressError:
    return PrivateAddressError(
        f"{host} is an address of a private network.",
        hint="If you trust it, run the same command with --allow-private.",
    )


def _find_host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url
