"""Which format a source has, by what is in it."""

import os
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.shelf.archive import (
    LARGEST_FILE,
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
_EXPORTS = frozenset({"ghost", "wordpress", "blogger", "goodreads", "storygraph", "letterboxd"})
_FEEDS = frozenset({"feed", "letterboxd-feed"})
_ENDS = (".json", ".xml", ".atom", ".csv")
_KINDS = "Letterboxd, Goodreads, StoryGraph, WordPress, Substack, Ghost, Medium, Blogger"


class Source(Struct, frozen=True, kw_only=True):
    """A source that was opened: its bytes or its files, and its format.

    `kind` is "podcast" for a feed of audio, which is adopted and not imported. `parsed` is what
    finding that out has already read. `url` is where it was, "" for a file. `parts` are the files
    of an archive that are all of this kind.
    """

    kind: Kind | str
    name: str
    url: str = ""
    data: bytes = b""
    archive: Any = None
    parsed: Any = None
    parts: tuple["Source", ...] = ()


def open_path(place: str, kind: str = "") -> Source:
    """Open a file or folder; `kind` overrules what it looks like.

    Raise UsageError when there is none or its format is not known, ReviewError when it is broken.
    """
    path, name = Path(place), decode_name(place)
    if re.match(r"\w+://", place):
        raise UsageError(f"{name} cannot be fetched: only http and https are.")
    table = path / "reviews.csv" if os.path.isdir(path) else path
    is_table = table.name == "reviews.csv" and os.path.isfile(table)
    if is_table and letterboxd.is_taken_back(table.resolve().parent.name):
        raise UsageError(
            f"{name} holds what was deleted on Letterboxd; it is never imported.",
            hint="Name the reviews.csv beside that folder, or the zip file.",
        )
    if os.path.isdir(path):
        return _open_archive(FolderArchive(path), name, kind)
    data = read_file(path)
    if data.startswith(b"PK\x03\x04"):
        return _open_archive(ZipArchive(data, name), name, kind)
    return open_data(data, name, kind=kind)


def _open_archive(archive: Archive, place: str, kind: str) -> Source:
    found = kind or _find_archive_kind(archive)
    has_posts = bool(folder.list_posts(archive))
    is_folder = isinstance(archive, FolderArchive)
    if not found and is_folder and has_posts:
        found = "folder"
    if found in _KINDS_OF_ARCHIVES:
        return Source(kind=found, name=place, archive=archive)
    parts = _open_members(archive, kind, _EXPORTS if has_posts else _EXPORTS | _FEEDS)
    if len({part.kind for part in parts}) > 1:
        both = " and ".join(sorted({part.kind for part in parts}))
        raise UsageError(f"{place} holds exports of {both}.", hint="Choose one with --as.")
    if parts:
        return Source(kind=parts[0].kind, name=place, parts=tuple(parts))
    if not kind and (is_folder or has_posts):
        return Source(kind="folder", name=place, archive=archive)
    if kind:
        raise UsageError(f"{place} holds nothing to be read as {kind}.", hint="Name a file in it.")
    raise UsageError(f"{place} is no export of {_KINDS}.", hint="Name its format with --as.")


def _open_members(archive: Archive, kind: str, kinds: Collection[str]) -> list[Source]:
    """Open the files of an archive that are exports of one of these kinds, or all of `kind`.

    Services split large exports. Raise ReviewError or UsageError for an only file that is none.
    """
    names = [name for name in archive.names if name.lower().endswith(_ENDS)]
    names = [name for name in names if not letterboxd.is_foreign(name)]
    if len(names) == 1 and (kind or not folder.list_posts(archive)):
        data = archive.read(names[0], most_bytes=LARGEST_FILE)
        return [open_data(data, names[0], kind=kind)]
    parts: list[Source] = []
    for name in names:
        with suppress(ReviewError, UsageError):
            part = open_data(archive.read(name, most_bytes=LARGEST_FILE), name)
            if part.kind in ({kind} if kind else kinds):
                parts.append(part)
    return parts


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
        parsed = ghost.open_export(data)
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
        export = ghost.open_export(data)
        if export is None:
            raise UsageError(f"{name} is no export of Ghost.", hint="Name its format with --as.")
        return "ghost", export
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
    if columns >= letterboxd.COLUMNS - {"Review"}:
        raise UsageError(
            f"{name} is of Letterboxd, and holds no reviews.",
            hint="Name the export's reviews.csv, or its zip file.",
        )
    raise UsageError(
        f"{name} is no export of {_KINDS}, and no feed.", hint="Name its format with --as."
    )
