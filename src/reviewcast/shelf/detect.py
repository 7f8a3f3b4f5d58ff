"""Which format a source has, by what is in it."""

import os
from pathlib import Path
from typing import Any

from msgspec import Struct

from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.shelf.archive import (
    Archive,
    FolderArchive,
    ZipArchive,
    decode_name,
    list_columns,
    read_file,
)
from reviewcast.shelf.sources import (
    blogger,
    books,
    feed,
    folder,
    ghost,
    letterboxd,
    medium,
    substack,
    wordpress,
)
from reviewcast.shelf.values import Kind

_HEAD = 4096
_KINDS_OF_ARCHIVES = frozenset({"letterboxd", "substack", "medium", "folder"})
_KINDS = "Letterboxd, Goodreads, StoryGraph, WordPress, Substack, Ghost, Medium, Blogger"


class Source(Struct, frozen=True, kw_only=True):
    """A source that was opened: its bytes or its files, and its format.

    `kind` is "podcast" for a feed of audio, which is adopted and not imported. `parsed` is what
    finding that out has already read. `url` is where it was, "" for a file.
    """

    kind: Kind | str
    name: str
    url: str = ""
    data: bytes = b""
    archive: Any = None
    parsed: Any = None


def open_path(place: str, kind: str = "") -> Source:
    """Open a file or folder; `kind` overrules what it looks like.

    Raise UsageError when there is none or its format is not known, ReviewError when it is broken.
    """
    path, name = Path(place), decode_name(place)
    table = path / "reviews.csv" if os.path.isdir(path) else path
    is_table = table.name == "reviews.csv" and os.path.isfile(table)
    if is_table and letterboxd.is_taken_back(table.resolve().parent.name):
        raise UsageError(
            f"{name} holds what was deleted on Letterboxd; it is never imported.",
            hint="Name the reviews.csv beside that folder, or the zip file.",
        )
    if os.path.isdir(path):
        archive = FolderArchive(path)
        found = kind or _find_archive_kind(archive) or "folder"
        return _make_archive_source(archive, name, found)
    data = read_file(path)
    if data.startswith(b"PK\x03\x04"):
        zipped = ZipArchive(data, name)
        return _open_zip(zipped, name, kind)
    return open_data(data, name, kind=kind)


def _open_zip(archive: ZipArchive, place: str, kind: str) -> Source:
    found = kind or _find_archive_kind(archive)
    inner = [name for name in archive.names if name.lower().endswith((".json", ".xml", ".csv"))]
    inner = [name for name in inner if "__MACOSX" not in name]
    if (
        found in {"", "ghost", "wordpress", "blogger", "goodreads", "storygraph"}
        and len(inner) == 1
    ):
        return open_data(archive.read(inner[0], most_bytes=200_000_000), inner[0], kind=kind)
    if not found and folder.list_posts(archive):
        found = "folder"
    if not found:
        raise UsageError(f"{place} is no export of {_KINDS}.", hint="Name its format with --as.")
    return _make_archive_source(archive, place, found)


def _make_archive_source(archive: Archive, place: str, kind: Kind | str) -> Source:
    if kind not in _KINDS_OF_ARCHIVES:
        raise UsageError(
            f"{place} has several files, and is not read as {kind}.", hint="Name the file in it."
        )
    return Source(kind=kind, name=place, archive=archive)


def _find_archive_kind(archive: Archive) -> Kind | str:
    if letterboxd.find_table(archive):
        return "letterboxd"
    if substack.find_table(archive):
        return "substack"
    return "medium" if medium.is_export(archive) else ""


def open_data(data: bytes, name: str, *, url: str = "", kind: str = "") -> Source:
    """Open a file's bytes; `kind` overrules what they look like."""
    found, parsed = (kind, None) if kind else _find_kind(data, name, url)
    if found == "ghost" and parsed is None:
        parsed = ghost.find_tables(data)
        if parsed is None:
            raise ReviewError(f"{name} is no export of Ghost.")
    if found in {"feed", "letterboxd-feed"} and parsed is None:
        _refuse_export(data, name)
        parsed = feed.parse_entries(data, name, url=url)
    return Source(kind=found, name=name, url=url, data=data, parsed=parsed)


def _refuse_export(data: bytes, name: str) -> None:
    """Raise UsageError for an export that is to be read as a feed: it has drafts, too."""
    plain = data.replace(b"\0", b"")
    for mark, kind in ((wordpress.MARK, "wordpress"), (blogger.MARK, "blogger")):
        if mark.search(plain):
            raise UsageError(f"{name} is an export and no feed.", hint=f"Use --as {kind}.")


def _find_kind(data: bytes, name: str, url: str) -> tuple[Kind | str, Any]:
    head = data[:_HEAD].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head.startswith(b"{"):
        tables = ghost.find_tables(data)
        if tables is None:
            raise UsageError(f"{name} is no export of Ghost.", hint="Name its format with --as.")
        return "ghost", tables
    if head.startswith(b"<") and not _is_page(head):
        plain = data.replace(b"\0", b"")  # so UTF-16 hides nothing
        if wordpress.MARK.search(plain):
            return "wordpress", None
        if blogger.MARK.search(plain):
            return "blogger", None
        parsed = feed.parse_entries(data, name, url=url)
        if feed.is_letterboxd(parsed):
            return "letterboxd-feed", parsed
        return ("podcast" if feed.is_podcast(parsed) else "feed"), parsed
    if _is_page(head) or name.lower().endswith((".html", ".htm")):
        return "page", None
    return _find_table_kind(data, name), None


def _is_page(head: bytes) -> bool:
    start = head[:2000].lower()
    return b"<html" in start or b"<!doctype html" in start


def _find_table_kind(data: bytes, name: str) -> Kind | str:
    columns = list_columns(data, name)
    if columns >= letterboxd.COLUMNS:
        return "letterboxd"
    if columns >= books.GOODREADS_COLUMNS:
        return "goodreads"
    if columns >= books.STORYGRAPH_COLUMNS:
        return "storygraph"
    raise UsageError(
        f"{name} is no export of {_KINDS}, and no feed.", hint="Name its format with --as."
    )
