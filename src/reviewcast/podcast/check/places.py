"""Where the files of a feed are looked for: a folder, a list of names, the web."""

import contextlib
import posixpath
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urljoin, urlsplit

from msgspec import Struct

from reviewcast.model.errors import FetchError

if TYPE_CHECKING:
    from requests import Response

    from reviewcast.system.guarded_http import Watch


_LARGEST_AUDIO = 2_000_000_000
_CHUNK = 1 << 18
_INDEX = "index.html"


class Unreadable(Exception):
    """A file that a feed names cannot be read; the message is one sentence."""


class Held(Struct, frozen=True, kw_only=True):
    """What is known of a file at a place: `outside` is what lies elsewhere and is not asked for.

    The headers are there when it came by HTTP; `problem` says what `missing` means.
    """

    state: Literal["there", "missing", "outside"]
    size_bytes: int | None = None
    content_type: str = ""
    ranges: bool | None = None
    problem: str = "there is no such file"

    @property
    def is_filled(self) -> bool:
        """True if it is there, and not known to be empty."""
        return self.state == "there" and self.size_bytes != 0


class ListedPlace:
    """Files of which the names and sizes are known, but not the bytes."""

    def __init__(self, base: str, list_file: Callable[[str], int | None]) -> None:
        self._base = base
        self._list_file = list_file

    def find_name(self, url: str) -> str:
        """Return the path below the show's URL, decoded; a folder's is that of its index.html."""
        url = url.partition("#")[0].partition("?")[0]
        if not self._base or not (url + "/").startswith(self._base):
            return ""
        name = unquote(url[len(self._base) :], errors="replace")
        name = posixpath.join(name, _INDEX) if not name or name.endswith("/") else name
        outside = "\0" in name or name.startswith("/") or ".." in name.split("/")
        return "" if outside else name

    def look(self, url: str) -> Held:
        """Return what the list has."""
        name = self.find_name(url)
        if not name:
            return Held(state="outside")
        size = self._list_file(name)
        if size is None and not posixpath.splitext(name)[1]:
            size = self._list_file(posixpath.join(name, _INDEX))
        return Held(state="missing") if size is None else Held(state="there", size_bytes=size)

    def read(self, url: str, limit: int) -> bytes | None:  # noqa: ARG002  there is nothing to read
        """Return None: there are no bytes here."""
        return None

    @contextlib.contextmanager
    def open_file(self, url: str) -> Iterator[Path | None]:  # noqa: ARG002  nor to open
        """Return None: there are no bytes here."""
        yield None


class FolderPlace(ListedPlace):
    """A folder that is what lies below the show's URL."""

    def __init__(self, base: str, folder: Path) -> None:
        super().__init__(base, self._measure)
        self._folder = folder

    def _measure(self, name: str) -> int | None:
        path = self._folder / name
        try:
            return path.stat().st_size if path.is_file() else None
        except (OSError, ValueError):
            return None

    def _find_path(self, url: str) -> Path | None:
        name = self.find_name(url)
        return self._folder / name if name and self._measure(name) is not None else None

    def read(self, url: str, limit: int) -> bytes | None:
        """Read up to `limit` bytes, None when it lies elsewhere; raise Unreadable."""
        path = self._find_path(url)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                data = file.read(limit + 1)
        except OSError as error:
            raise Unreadable(f"It cannot be read: {error.strerror or error}.") from error
        return _limit(data, limit)

    @contextlib.contextmanager
    def open_file(self, url: str) -> Iterator[Path | None]:
        """Return the file itself."""
        yield self._find_path(url)


class WebPlace:
    """Files behind HTTP, each asked for once by HEAD and fetched in pieces, with limits."""

    def __init__(
        self, base: str, *, allow_private: bool = False, patience_s: float | None = None
    ) -> None:
        from reviewcast.system.guarded_http import PATIENCE_S, GuardedSession

        self._base = base
        self._session = GuardedSession(
            agent="reviewcast check",
            most_redirects=5,
            allow_private=allow_private,
            patience_s=PATIENCE_S if patience_s is None else patience_s,
        )
        self._held: dict[str, Held] = {}
        self.final_urls: dict[str, str] = {}
        """Where a file was in the end, after all redirects."""

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def find_name(self, url: str) -> str:
        """Return the path below the feed's folder."""
        return url.removeprefix(self._base) if self._base and url.startswith(self._base) else ""

    def look(self, url: str) -> Held:
        """Return what HEAD tells, then, where ranges are not announced, for the first byte."""
        if not _is_web(url):
            return Held(state="outside")
        if url not in self._held:
            try:
                self._held[url] = self._ask(url)
            except Unreadable as error:
                self._held[url] = Held(state="missing", problem=str(error))
        return self._held[url]

    def _ask(self, url: str) -> Held:
        with self._request("HEAD", url) as (response, _):
            status, headers = response.status_code, dict(response.headers.items())
        ranges = headers.get("Accept-Ranges", "").lower() == "bytes"
        if status >= 400 or not ranges or "Content-Length" not in headers:
            # servers that refuse HEAD, or tell less by it, are asked for one byte
            with self._request("GET", url, {"Range": "bytes=0-0"}) as (response, _):
                status, headers = response.status_code, dict(response.headers.items())
        if status >= 400:
            return Held(state="missing", problem=f"the server answers {status}")
        length = headers.get("Content-Length", "")
        if status == 206:
            ranges, length = True, headers.get("Content-Range", "").rpartition("/")[2]
        return Held(
            state="there",
            size_bytes=int(length) if length.isascii() and length.isdigit() else None,
            content_type=headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            ranges=ranges,
        )

    def read(self, url: str, limit: int) -> bytes | None:
        """Fetch up to `limit` bytes, None for what is not of the web; raise Unreadable."""
        if not _is_web(url):
            return None
        data = b"".join(self._fetch(url, limit))
        return _limit(data, limit)

    @contextlib.contextmanager
    def open_file(self, url: str) -> Iterator[Path | None]:
        """Fetch it to a temporary file, which is gone when the block ends; raise Unreadable."""
        with tempfile.TemporaryDirectory(prefix="reviewcast-") as folder:
            suffix = posixpath.splitext(urlsplit(url).path)[1][:8]
            path = Path(folder) / f"audio{suffix if suffix.isascii() and '/' not in suffix else ''}"
            with path.open("wb") as file:
                for chunk in self._fetch(url, _LARGEST_AUDIO):
                    file.write(chunk)
            yield path

    def _fetch(self, url: str, limit: int) -> Iterator[bytes]:
        import requests

        size = 0
        with self._request("GET", url) as (response, watch):
            if response.status_code != 200:
                raise Unreadable(f"The server answers {response.status_code}.")
            self.final_urls[url] = response.url
            try:
                for chunk in response.iter_content(_CHUNK):
                    size += len(chunk)
                    watch.count(len(chunk))
                    yield chunk
                    if size > limit:
                        return
            except (requests.RequestException, OSError) as error:
                if not watch.expired:
                    raise Unreadable(f"It cannot be fetched whole: {_explain(error)}.") from error
            if watch.expired:
                raise Unreadable("It comes too slowly.")

    @contextlib.contextmanager
    def _request(
        self, method: str, url: str, headers: dict[str, str] | None = None
    ) -> "Iterator[tuple[Response, Watch]]":
        import requests

        try:
            with self._session.watch(url) as watch:
                try:
                    response = self._session.request(method, url, headers)
                except (requests.RequestException, OSError, ValueError) as error:
                    slow = "no answer in time" if watch.expired else _explain(error)
                    raise Unreadable(f"It cannot be fetched: {slow}.") from error
                with response:
                    yield response, watch
        except FetchError as error:
            raise Unreadable(f"{error.message} {error.hint}".strip()) from error


Place = ListedPlace | WebPlace
"""Where the files of a feed are looked for by their URLs: what cannot be read is Unreadable."""


def join_url(base: str, link: str) -> str:
    """Resolve a link against the URL of the page that it stands on; "" when it is none."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme in {"http", "https"}
    except ValueError:  # such as an unclosed bracket
        return False


def _limit(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise Unreadable(f"It is larger than {limit // 1_000_000} MB.")
    return data


def _explain(error: Exception) -> str:
    """Return a request's failure as a word or two; what libraries say of it fills a page."""
    name = type(error).__name__
    words = {"SSLError": "its certificate is not trusted", "TooManyRedirects": "it only redirects"}
    if "Timeout" in name:
        return "no answer in time"
    return words.get(name, "the connection fails")
