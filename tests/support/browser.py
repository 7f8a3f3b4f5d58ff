"""A real browser that looks at pages over loopback, and notes what it complains about."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.conftest import require_tool

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
]


class Recorder:
    """What a page did: its complaints, its dialogs and each address that it asked for."""

    def __init__(self, page: "Page") -> None:
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", self._note_dialog)

    def get_external(self, origin: str) -> list[str]:
        """Return the requests that left the origin."""
        return [url for url in self.requests if not url.startswith((origin, "data:"))]

    def _note_console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def _note_dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def open_browser() -> Iterator["Browser"]:
    """Start the system's chromium, muted and without a window."""
    program = require_tool("chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS, timeout=120_000)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(browser: "Browser", **options: Any) -> Iterator[tuple["Page", Recorder]]:
    """Open an empty page in a fresh profile; `options` are those of playwright's new_context."""
    context = browser.new_context(**options)
    context.set_default_timeout(60_000)
    page = context.new_page()
    try:
        yield page, Recorder(page)
    finally:
        context.close()


def wait_until(page: "Page", expression: str, *, timeout_s: float = 60.0) -> None:
    """Wait until a JavaScript expression holds; raises playwright's Error when it does not.

    Playwright's own wait_for_function evaluates text again and again, which a strict policy of
    the page forbids; here it is compiled once.
    """
    page.evaluate(
        f"""() => new Promise((resolve, reject) => {{
            const deadline = performance.now() + {timeout_s * 1000};
            const look = () => {{
                if ({expression}) resolve();
                else if (performance.now() > deadline) reject(new Error("never came true"));
                else setTimeout(look, 20);
            }};
            look();
        }})"""
    )


@contextmanager
def serve_folder(folder: Path, *, policy: str = "") -> Iterator[str]:
    """Serve a folder on loopback with byte ranges; return its origin, such as http://127.0.0.1:1.

    `policy` is sent as the Content-Security-Policy of every file.
    """
    import uvicorn
    from starlette.applications import Starlette
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    class Files(StaticFiles):
        def file_response(self, *args: Any, **kwargs: Any) -> Any:
            response = super().file_response(*args, **kwargs)
            if policy:
                response.headers["Content-Security-Policy"] = policy
            return response

    app = Starlette(routes=[Mount("/", Files(directory=folder, html=True))])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    # Already listening, so a browser that is early waits in the queue.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60)
