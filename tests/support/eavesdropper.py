"""A proxy on loopback that stands for every host of the web and records all that it is sent.

with Eavesdropper(tmp_path) as web:
    subprocess.run([...], env={**os.environ, **web.environ()})
    assert b"secret" not in web.heard
"""

from __future__ import annotations

import re
import socket
import socketserver
import ssl
import threading
from pathlib import Path
from typing import Self

import trustme

_PATIENCE_S = 20
_ANSWER = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Eavesdropper:
    """Answers each CONNECT itself, with a certificate that clients trust, and all else by 401."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._file = folder / "eavesdropper.pem"
        self._authority.cert_pem.write_to_path(str(self._file))
        self._heard: list[bytes] = []
        self.hosts: list[str] = []
        web = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                web._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_arguments: object) -> None:
                pass  # a client that goes away is no fault of ours

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def heard(self) -> bytes:
        """Return all that clients sent, decrypted."""
        return b"".join(self._heard)

    def environ(self) -> dict[str, str]:
        """Return the variables that lead a client here."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        proxies = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
        return {**dict.fromkeys(proxies, url), "REQUESTS_CA_BUNDLE": str(self._file)}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_what: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_PATIENCE_S)
        request = self._read(connection)
        if tunnel := re.match(rb"CONNECT ([^ :]+)", request):
            host = tunnel[1].decode()
            self.hosts.append(host)
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(host).configure_cert(context)
            with context.wrap_socket(connection, server_side=True) as secure:
                self._read(secure)
                secure.sendall(_ANSWER)
        else:
            connection.sendall(_ANSWER)

    def _read(self, connection: socket.socket) -> bytes:
        """Read and record a request with its body."""
        data = b""
        while b"\r\n\r\n" not in data and (piece := connection.recv(1 << 16)):
            data += piece
        length = re.search(rb"\r\ncontent-length: *(\d+)", data, re.IGNORECASE)
        whole = data.find(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
        while len(data) < whole and (piece := connection.recv(1 << 16)):
            data += piece
        self._heard.append(data)
        return data
