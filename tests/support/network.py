"""A stand-in for the network: names mean what a test says, and no packet leaves this machine.

A public address of `places` leads to a port of loopback; what is connected to is noted.
"""

import contextlib
import errno
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

PUBLIC = "93.184.216.34"
"""An address of the public web."""

Answer = tuple[int, dict[str, str], bytes | None]
"""Status, headers and body; None is a byte now and then, without end."""


class Network:
    """What names mean, and where addresses lead.

    `names` maps a host to the addresses of each answer in turn, of which the last one stays;
    `places` an address to the port of loopback that stands for it. `asked` and `connected` are the
    names that were resolved and the addresses that a connection was tried to.
    """

    def __init__(
        self, names: Mapping[str, Sequence[Sequence[str]]], places: Mapping[str, int]
    ) -> None:
        self.names = {name: list(answers) for name, answers in names.items()}
        self.places = dict(places)
        self.asked: list[str] = []
        self.connected: list[str] = []

    def patch(self, patch: pytest.MonkeyPatch) -> None:
        """Take the place of Python's own resolver and of its sockets' way out."""
        resolve, connect = socket.getaddrinfo, socket.socket.connect

        def getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
            try:
                ipaddress.ip_address(host)
            except ValueError:
                self.asked.append(host)
            else:
                return resolve(host, port, *arguments, **options)
            answers = self.names.get(host.rstrip("."))
            if answers is None:
                # a number such as 0x7f.1 is no name: the system's own reading of it
                return resolve(host, port, socket.AF_INET, 0, 0, socket.AI_NUMERICHOST)
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            return [entry for one in answer for entry in resolve(one, port, *arguments, **options)]

        def connect_there(sock: socket.socket, address: Any) -> None:
            if sock.family not in (socket.AF_INET, socket.AF_INET6):
                return connect(sock, address)
            self.connected.append(address[0])
            if address[0] not in self.places:
                raise OSError(errno.ECONNREFUSED, "nothing is there")
            return connect(sock, ("127.0.0.1", self.places[address[0]]))

        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        patch.setattr(socket.socket, "connect", connect_there)


@contextlib.contextmanager
def serve(answer: Callable[[str], Answer]) -> Iterator[tuple[int, list[str]]]:
    """Serve answers by path, each on a connection of its own; return the port and the paths."""
    asked: list[str] = []
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, headers, body = answer(self.path)
            self.send_response(status)
            length = str(len(body or b""))
            headers = {"Connection": "close", "Content-Length": length, **headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                if body is not None:
                    self.wfile.write(body)
                while body is None and not stopped.wait(0.05):
                    self.wfile.write(b"x")

        def log_message(self, *_arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            stopped.set()
            server.shutdown()
            thread.join()
