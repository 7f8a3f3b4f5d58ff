"""Proxies on loopback that break what passes through them, at a chosen moment.

with HttpProxy(server_address, faults={3: cut_reply}) as proxy:   # the 3rd request
    ...
with TcpProxy(server_address, cut_after_bytes=[5_000]) as proxy:  # the 1st connection
    ...
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

Address = tuple[str, int]
_PATIENCE_S = 30


@dataclass
class Exchange:
    """A request that came in, and the reply that the server behind gave, if it was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    reply: bytes = b""
    forward: Callable[[], tuple[int, list[tuple[str, str]], bytes]] = field(
        default=lambda: (500, [], b""), repr=False
    )
    """Lets the server behind have the request; returns its status, headers and body."""


Reply = tuple[int, list[tuple[str, str]], bytes, int | None]
"""Status, headers, body, and after how many bytes of the body the connection is cut."""

Fault = Callable[[Exchange], Reply | None]
"""Gives the reply, or None for a connection that is cut without one."""


def cut_request(_exchange: Exchange) -> None:
    """Cut the connection; the server behind never hears of the request."""


def cut_reply(exchange: Exchange) -> None:
    """Let the server do what it is asked to, and cut the connection before its reply."""
    exchange.forward()


def cut_body(exchange: Exchange) -> Reply:
    """Cut the connection in the middle of the reply's body."""
    status, headers, body = exchange.forward()
    return status, headers, body, len(body) // 2


def refuse(status: int, code: str) -> Fault:
    """Answer with one of S3's errors in place of the server."""

    def answer(_exchange: Exchange) -> Reply:
        body = f"<Error><Code>{code}</Code><Message>SECRET words</Message></Error>".encode()
        headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
        return status, headers, body, None

    return answer


def answer(status: int, body: bytes) -> Fault:
    """Answer with a page of another's, such as a hotel's."""
    return lambda _exchange: (status, [("Content-Length", str(len(body)))], body, None)


class HttpProxy:
    """Forwards requests to a server, but for those, counted from 1, that have a fault.

    `choose` decides instead, for faults that do not go by number.
    """

    def __init__(
        self,
        upstream: Address,
        *,
        faults: Mapping[int, Fault] | None = None,
        choose: Callable[[Exchange], Fault | None] | None = None,
    ) -> None:
        self.upstream = upstream
        self.faults = dict(faults or {})
        self.choose = choose
        self.exchanges: list[Exchange] = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = _PATIENCE_S
            disable_nagle_algorithm = True  # else each reply takes 40 ms

            def do_any(self) -> None:
                proxy.serve(self)

            do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = do_any  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    @property
    def url(self) -> str:
        """Where clients reach it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, faults: Mapping[int, Fault]) -> None:
        """Forget what has passed and count from 1 again, with other faults."""
        self.exchanges.clear()
        self.faults = dict(faults)

    def serve(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        exchange = Exchange(handler.command, handler.path, dict(handler.headers), body)
        exchange.forward = lambda: self._forward(exchange)
        self.exchanges.append(exchange)
        fault = (
            self.choose(exchange) if self.choose else self.faults.get(len(self.exchanges))
        ) or _pass_on
        reply = fault(exchange)
        if reply is None:
            handler.close_connection = True
            with contextlib.suppress(OSError):
                handler.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, data, cut = reply
        handler.send_response_only(status)
        for name, value in headers:
            if name.lower() not in {"connection", "transfer-encoding"}:
                handler.send_header(name, value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(data if cut is None else data[:cut])
        if cut is not None:
            handler.close_connection = True

    def _forward(self, exchange: Exchange) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(*self.upstream, timeout=_PATIENCE_S)
        with contextlib.closing(connection):
            headers = {
                name: value
                for name, value in exchange.headers.items()
                if name.lower() not in {"expect", "connection"}
            }
            connection.connect()
            if hasattr(socket, "TCP_QUICKACK"):  # likewise
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            connection.request(exchange.method, exchange.path, exchange.body, headers)
            reply = connection.getresponse()
            data = reply.read()
        return reply.status, reply.getheaders(), data

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _pass_on(exchange: Exchange) -> Reply:
    return (*exchange.forward(), None)


class TcpProxy:
    """Pumps bytes to a server and back; cuts connection N when its client has sent so many.

    `cut_after_bytes` has a number for each connection in order, None for one that stays whole;
    all after them stay whole. 0 cuts before anything is let through.
    """

    def __init__(self, upstream: Address, *, cut_after_bytes: Sequence[int | None] = ()) -> None:
        self.upstream = upstream
        self.cuts = list(cut_after_bytes)
        self.connections = 0
        self.sent_bytes: list[int] = []
        """What the client of each connection has sent."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._accept)

    @property
    def port(self) -> int:
        """Where clients reach it, on 127.0.0.1."""
        return int(self._listener.getsockname()[1])

    def fail(self, cuts: Sequence[int | None]) -> None:
        """Count connections from here on again, with other cuts."""
        with self._guard:
            self.connections, self.cuts, self.sent_bytes = 0, list(cuts), []

    def cut_all(self) -> None:
        """Cut every connection that there is."""
        with self._guard:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._guard:
                number = self.connections
                self.connections += 1
                self.sent_bytes.append(0)
                cut = self.cuts[number] if number < len(self.cuts) else None
            if cut == 0:
                client.close()
                continue
            server = socket.create_connection(self.upstream, timeout=_PATIENCE_S)
            server.settimeout(None)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._guard:
                self._open |= {client, server}
            up = threading.Thread(target=self._pump, args=(client, server, number, cut))
            down = threading.Thread(target=self._pump, args=(server, client, None, None))
            for pump in (up, down):
                pump.daemon = True
                pump.start()
            threading.Thread(target=self._close, args=(up, down, client, server)).start()

    def _pump(
        self, source: socket.socket, target: socket.socket, number: int | None, cut: int | None
    ) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                data = data if cut is None else data[: cut - passed]
                target.sendall(data)
                passed += len(data)
                if number is not None and number < len(self.sent_bytes):
                    self.sent_bytes[number] = passed
                if passed == cut:
                    break
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _close(self, up: threading.Thread, down: threading.Thread, *ends: socket.socket) -> None:
        up.join()
        down.join()
        with self._guard:
            for end in ends:
                self._open.discard(end)
                end.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self.cut_all()
