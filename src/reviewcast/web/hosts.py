"""The socket of a server on this machine, and the names that it may be called by."""

import errno
import ipaddress
import os
import re
import socket
from collections.abc import Collection
from typing import TYPE_CHECKING

from reviewcast.model.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp


LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_WILD = {"0.0.0.0", "::", ""}  # noqa: S104  as hosts that are listened at


def open_socket(host: str, port: int) -> socket.socket:
    """Listen at a host's port, any free one for 0.

    Raise UsageError when it is taken, not allowed, or the host is not of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError, OverflowError) as error:
        raise UsageError(f"There is no host {host!r}.", hint="Use 127.0.0.1.") from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there it would share the port with whoever has it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        said = "is in use" if taken else f"cannot be used: {error.strerror or error}"
        raise UsageError(
            f"Port {port} of {host} {said}.",
            hint="Choose another with --port, or 0 for any that is free.",
        ) from error
    return listener


def run_server(app: "ASGIApp", listener: socket.socket) -> None:
    """Serve an application at a listening socket until the process is interrupted.

    Ctrl-C ends it at once, streams and downloads too, and raises KeyboardInterrupt.
    """
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=60,  # above every level: what there is to say, pages and the log of requests say
        access_log=False,
        lifespan="off",
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=0,
    )
    uvicorn.Server(config).run(sockets=[listener])


def tell_url(listener: socket.socket) -> str:
    """Return the URL that a listening socket is reached at."""
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104  every address of this machine; this one always works
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def list_own_names(host: str) -> frozenset[str]:
    """Return the names that a server at a host may be called by; none for every address."""
    if host in _WILD:
        return frozenset()
    return frozenset({host} | (LOOPBACK if ipaddress.ip_address(host).is_loopback else set()))


def is_own_host(host: str, names: Collection[str], *, port: int | None = None) -> bool:
    """Return True if a Host header names this server, by one of its names and its port.

    Without names it is any address, or the machine's own name: a page of the web whose domain was
    pointed at this machine has neither. Without a port it is any.
    """
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::(\d{1,5}))?", host)
    if not match or (port is not None and int(match[3] or 80) != port):
        return False
    name = (match[1] or match[2]).lower()
    if names:
        return name in names
    try:
        ipaddress.ip_address(name)
    except ValueError:
        own = socket.gethostname().lower()
        return name in {"localhost", own, f"{own}.local"}
    return True
