"""A service that counts downloads, on this machine: it redirects as OP3's prefix does."""

from __future__ import annotations

import contextlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATH = re.compile(r"/e(?:,([^/]*))?/(https?://)?(.+)")


class Counter:
    """Counts each GET, and leads on to what stands behind the prefix.

    `change` gives another address for it, "" for none: the service is then broken.
    """

    def __init__(self, change: Callable[[str], str] = str) -> None:
        self.counted: list[tuple[str, str]] = []
        """The arguments and the address of each download that was asked for, in order."""
        counter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.lead(counts=True)

            def do_HEAD(self) -> None:
                self.lead(counts=False)

            def lead(self, *, counts: bool) -> None:
                match = _PATH.fullmatch(self.path)
                target = change(f"{match[2] or 'https://'}{match[3]}") if match else ""
                if match and counts:
                    counter.counted.append((match[1] or "", target))
                self.send_response(302 if target else 404)
                if target:
                    self.send_header("Location", target)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/e/"

    @contextlib.contextmanager
    def serve(self) -> Iterator[Counter]:
        """Serve while the block runs."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
