"""The preview page on this machine: who may ask for what, and what is answered."""

import secrets
import socket

from starlette.types import ASGIApp

from reviewcast.web.guard import guard
from reviewcast.web.hosts import list_own_names, run_server
from reviewcast.web.routes import make_routes
from reviewcast.web.session import EditingSession


def serve_session(session: EditingSession, listener: socket.socket, *, token: str) -> None:
    """Serve a session's page until the process is interrupted, which raises KeyboardInterrupt."""
    app = make_app(session, listener, token=token)
    session.start()
    try:
        run_server(app, listener)
    finally:
        session.close()


def make_token() -> str:
    """Make the secret that opens a page; one for each run."""
    return secrets.token_urlsafe(24)


def make_app(session: EditingSession, listener: socket.socket, *, token: str) -> ASGIApp:
    """Make the application of a session's page, behind its guard."""
    host, port = listener.getsockname()[:2]
    return guard(make_routes(session), token=token, port=port, names=list_own_names(str(host)))
