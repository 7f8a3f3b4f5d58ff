"""A published folder is served on this machine, for trying it in a real client."""

import errno
import hashlib
import ipaddress
import os
import re
import socket
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from reviewcast.model.errors import StorageError, UsageError
from reviewcast.podcast.feed.parse import (
    MalformedFeed,
    expand,
    find_base,
    find_self_url,
    parse_feed,
)
from reviewcast.system.file_types import find_type

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


_GUID_TAGS = {"guid", expand("podcast:guid")}


_WILD = {"0.0.0.0", "::", ""}  # noqa: S104  as hosts that are listened at


_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


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
    loopback = {"127.0.0.1", "localhost", "::1"}
    return frozenset({host} | (loopback if ipaddress.ip_address(host).is_loopback else set()))


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


def serve_folder(
    folder: Path,
    listener: socket.socket,
    *,
    host: str = "",
    log: Callable[[str], None] | None = None,
) -> None:
    """Serve a folder until the process is interrupted; `log` takes a line for each request.

    `host` is what the user calls this machine.

    Ctrl-C ends it at once, even in the middle of a download, and raises KeyboardInterrupt.
    """
    import uvicorn

    config = uvicorn.Config(
        make_app(
            folder,
            local=tell_url(listener),
            names=_add_name(list_own_names(str(listener.getsockname()[0])), host),
            log=log,
        ),
        log_config=None,
        log_level=60,  # above every level: what there is to say, the log of requests says
        access_log=False,
        lifespan="off",
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=0,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _add_name(names: frozenset[str], host: str) -> frozenset[str]:
    return names | {host.lower()} if names and host else names


def make_app(
    folder: Path,
    *,
    local: str,
    names: Collection[str] = (),
    log: Callable[[str], None] | None = None,
) -> "ASGIApp":
    """Make the application that serves a folder at the URL `local`.

    It answers to `names`, without any to each address of this machine: a foreign page whose domain
    was pointed here gets nothing.

    HEAD, byte ranges, ETag and 304 are there. Dot-files and whatever a link has outside of the
    folder are not found. In a feed, the show's own URL becomes that of this server, so that a
    client plays what lies in the folder; guids stay as they are. Raise StorageError when the
    folder is none.
    """
    from starlette.datastructures import Headers
    from starlette.exceptions import HTTPException
    from starlette.responses import FileResponse, PlainTextResponse, Response
    from starlette.staticfiles import NotModifiedResponse, StaticFiles

    class PublishedFiles(StaticFiles):
        """The folder's files, with their right types and the feeds' local URLs."""

        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            full_path, found = super().lookup_path(path)
            if found is not None:
                # of the path that was asked for and of the file that a link leads to
                inside = os.path.relpath(full_path, os.path.realpath(folder))
                names = [*Path(path).parts, *Path(inside).parts]
                if any(name.startswith(".") and name != "." for name in names):
                    return "", None
            return full_path, found

        def file_response(
            self,
            full_path: "str | os.PathLike[str]",
            stat_result: os.stat_result,
            scope: "Scope",
            status_code: int = 200,
        ) -> Response:
            name = os.fspath(full_path)
            asked = Headers(scope=scope)
            content_type = find_type(name).content_type
            response: Response | None = None
            if name.endswith(".xml"):
                host = asked.get("host", "")
                url = f"http://{host}/" if _HOST.fullmatch(host) else local
                body = _load_feed(name, stat_result.st_mtime_ns, stat_result.st_size, url)
                if body is not None:
                    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
                    response = Response(body, status_code, {"etag": tag}, content_type)
            if response is None:
                response = FileResponse(
                    full_path, status_code, None, content_type, stat_result=stat_result
                )
            # always asked for anew: what is being tried may change at any moment
            response.headers["cache-control"] = "no-cache"
            if self.is_not_modified(response.headers, asked):
                return NotModifiedResponse(response.headers)
            return response

    try:
        files = PublishedFiles(directory=folder, html=True)
    except RuntimeError as error:
        raise StorageError(f"{folder} is not a folder.", hint="Name one.") from error

    async def app(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            return

        async def send_logged(message: "Message") -> None:
            if message["type"] == "http.response.start":
                if log is not None:
                    log(_describe(scope, message["status"]))
                # newsboat knows this header by its usual case only, and Starlette writes it small
                message["headers"] = [
                    (b"ETag" if name == b"etag" else name, value)
                    for name, value in message["headers"]
                ]
            await send(message)

        host = Headers(scope=scope).get("host", "")
        if host and not is_own_host(host, names):  # a browser always tells it
            text = f"This server is not called so: open {local}\n"
            await PlainTextResponse(text, 421)(scope, receive, send_logged)
            return
        try:
            await files(scope, receive, send_logged)
        except HTTPException as error:
            # 401 stands for a file that this process may not read
            code = 404 if error.status_code == 401 else error.status_code
            said = {404: "Not found", 405: "Only GET and HEAD are answered"}
            response = PlainTextResponse(said.get(code, "Error") + "\n", code, error.headers)
            await response(scope, receive, send_logged)

    return app


def point_feed_at(data: bytes, url: str) -> bytes | None:
    """Make the show's own URLs in a feed begin with `url`; None when it is no feed with a URL.

    The show's URL is that of atom:link rel=self without its file name. Changed are attributes and
    texts that are such a URL as a whole; guids name an episode, not a place, and stay.
    """
    from lxml import etree

    try:
        root = parse_feed(data)
    except MalformedFeed:
        return None
    base = find_base(find_self_url(root))
    if root.tag != "rss" or not base:
        return None
    for element in root.iter(etree.Element):
        if element.tag in _GUID_TAGS:
            continue
        for name, value in element.attrib.items():
            element.attrib[name] = _move(str(value), base, url)
        text = (element.text or "").strip()
        if text and not len(element) and (moved := _move(text, base, url)) != text:
            element.text = moved
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _move(value: str, base: str, url: str) -> str:
    if any(map(str.isspace, value)):
        return value
    if value == base.removesuffix("/"):
        return url.removesuffix("/")
    return url + value.removeprefix(base) if value.startswith(base) else value


@lru_cache(maxsize=8)
def _load_feed(path: str, _changed_ns: int, _size: int, url: str) -> bytes | None:
    """Read and rewrite a feed, once for each state of the file."""
    return point_feed_at(Path(path).read_bytes(), url)


def _describe(scope: "Scope", status: int) -> str:
    path = scope.get("raw_path", b"").decode("ascii", "backslashreplace")
    ranges = [value for name, value in scope["headers"] if name == b"range"]
    asked = f" {ranges[0].decode('latin-1')}" if ranges else ""
    return f"{scope['method']} {path} {status}{asked}"
