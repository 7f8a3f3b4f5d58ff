"""The preview page of a review, served in this process."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from reviewcast.web.app import make_app
from reviewcast.web.hosts import open_socket, tell_url
from reviewcast.web.session import EditingSession

TOKEN = "a-token-of-the-tests"


@dataclass(frozen=True)
class Preview:
    """A session and where its page is; `told` is all that it has told so far."""

    session: EditingSession
    origin: str
    told: list[dict[str, Any]]
    folder: Path = Path()

    @property
    def url(self) -> str:
        """Return the URL that opens the page."""
        return f"{self.origin}/?token={TOKEN}"

    def wait(self, *, timeout_s: float = 60.0) -> dict[str, Any]:
        """Wait until the worker has nothing left to do; return the session's state."""
        return self.wait_for(lambda state: not state["busy"], timeout_s=timeout_s)

    def wait_for(
        self, holds: Callable[[dict[str, Any]], bool], *, timeout_s: float = 60.0
    ) -> dict[str, Any]:
        """Wait until something holds of the session's state; return that."""
        moved = threading.Event()
        end = self.session.listen(lambda _message: moved.set())
        try:
            while not holds(state := self.session.describe()):
                assert moved.wait(timeout_s)
                moved.clear()
        finally:
            end()
        return state

    def act(self, deed: Callable[[], object]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Do something and wait for what follows; return the state, and what was told meanwhile."""
        before = len(self.told)
        deed()
        return self.wait(), self.told[before:]


@contextmanager
def serve_preview(review: Path, *, waits: bool = True, **options: Any) -> Iterator[Preview]:
    """Serve the page of a review on a free port, spoken and all when `waits`.

    `options` are those of the session.
    """
    session = EditingSession(str(review), **options)
    told: list[dict[str, Any]] = []
    session.listen(told.append)
    with open_socket("127.0.0.1", 0) as listener:
        app = make_app(session, listener, token=TOKEN)
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=0)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        session.start()
        try:
            preview = Preview(session, tell_url(listener).removesuffix("/"), told, review.parent)
            if waits:
                preview.wait()
            yield preview
        finally:
            server.should_exit = True
            thread.join(60)
            session.close()


def write_review(folder: Path, text: str, name: str = "tale.md", *, more: str = "") -> Path:
    """Write a review into a show of its own, read by the embedded voice."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "podcast.toml").write_text(
        '[show]\ntitle = "Tales"\nreviews = ["*.md"]\n[cache]\nfolder = ".reviewcast"\n'
        f'[voice]\nname = "espeak"\n{more}',
        encoding="utf-8",
    )
    review = folder / name
    review.write_text(text, encoding="utf-8")
    return review
