"""A published folder is served on this machine, for trying it in a real client."""

import hashlib
import os
import re
import socket
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviewcast.model.errors import StorageError
from reviewcast.podcast.feed.parse import (
    MalformedFeed,
    expand,
    find_base,
    find_self_url,
    parse_feed,
)
from reviewcast.podcast.feed.prefixes import strip_prefix
from reviewcast.system.file_types import find_type
from reviewcast.web.hosts import is_own_host, list_own_names, run_server, tell_url

_AUDIO_TAGS = {"enclosure", expand("podcast:source")}
_GUID_TAGS = {"guid", expand("podcast:guid")}
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def serve_folder(
    folder: Path,
    listener: socket.socket,
    *,
    host: str = "",
    log: Callable[[str], None] | None = None,
) -> None:
    """Serve a folder until the process is interrupted; `log` takes a line for each request.

    `host` is what the user calls this machine. Ctrl-C raises KeyboardInterrupt.
    """
    names = list_own_names(str(listener.getsockname()[0]))
    if names and host:
        names |= {host.lower()}
    run_server(make_app(folder, local=tell_url(listener), names=names, log=log), listener)


class PublishedFiles(StaticFiles):
    """A folder's files, with their right types and the feeds' URLs those of this server."""

    def __init__(self, folder: Path, local: str) -> None:
        super().__init__(directory=folder, html=True)
        self._folder = folder
        self._local = local

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Return a file's path and what it is, nothing for a hidden one."""
        full_path, found = super().lookup_path(path)
        if found is not None:
            # of the path that was asked for and of the file that a link leads to
            inside = os.path.relpath(full_path, os.path.realpath(self._folder))
            names = [*Path(path).parts, *Path(inside).parts]
            if any(name.startswith(".") and name != "." for name in names):
                return "", None
        return full_path, found

    def file_response(
        self,
        full_path: "str | os.PathLike[str]",
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return a file, a feed with the URLs of this server, or that it was not modified."""
        name = os.fspath(full_path)
        asked = Headers(scope=scope)
        body = self._point_feed(name, stat_result, asked) if name.endswith(".xml") else None
        response: Response
        if body is None:
            response = FileResponse(
                full_path, status_code, None, find_type(name).content_type, stat_result=stat_result
            )
        else:
            tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            response = Response(body, status_code, {"etag": tag}, find_type(name).content_type)
        # always asked for anew: what is being tried may change at any moment
        response.headers["cache-control"] = "no-cache"
        if self.is_not_modified(response.headers, asked):
            return NotModifiedResponse(response.headers)
        return response

    def _point_feed(self, name: str, found: os.stat_result, asked: Headers) -> bytes | None:
        host = asked.get("host", "")
        url = f"http://{host}/" if _HOST.fullmatch(host) else self._local
        return _load_feed(name, found.st_mtime_ns, found.st_size, url)


def make_app(
    folder: Path,
    *,
    local: str,
    names: Collection[str] = (),
    log: Callable[[str], None] | None = None,
) -> ASGIApp:
    """Make the application that serves a folder at the URL `local`.

    It answers to `names`, without any to each address of this machine: a foreign page whose domain
    was pointed here gets nothing.

    HEAD, byte ranges, ETag and 304 are there. Dot-files and whatever a link has outside of the
    folder are not found. In a feed, the show's own URL becomes that of this server, so that a
    client plays what lies in the folder; guids stay as they are. Raise StorageError when the
    folder is none.
    """
    try:
        files = PublishedFiles(folder, local)
    except RuntimeError as error:
        raise StorageError(f"{folder} is not a folder.", hint="Name one.") from error

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_logged(message: Message) -> None:
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
    texts that are such a URL as a whole, also behind a prefix that counts downloads: what is tried
    here is not counted. Guids name an episode, not a place, and stay.
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
            plain = strip_prefix(str(value), base) if element.tag in _AUDIO_TAGS else str(value)
            element.attrib[name] = _move(plain, base, url)
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


def _describe(scope: Scope, status: int) -> str:
    path = scope.get("raw_path", b"").decode("ascii", "backslashreplace")
    ranges = [value for name, value in scope["headers"] if name == b"range"]
    asked = f" {ranges[0].decode('latin-1')}" if ranges else ""
    return f"{scope['method']} {path} {status}{asked}"
