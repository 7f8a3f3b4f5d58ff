"""Exports are opened in bounds: members by name, sizes by bytes really read, no DOCTYPE."""

import csv
import io
import itertools
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.shelf.values import LeftOut, SourceReview

LARGEST_FILE = 200_000_000
"""Bytes of one file that an export may have, such as the XML of a large blog."""

LARGEST_TABLE = LARGEST_FEED = 50_000_000
LARGEST_TEXT = 10_000_000
_LARGEST_FIELD = 1_000_000
_LARGEST_ALL = 1_000_000_000
_MOST_MEMBERS = 100_000
_MOST_ROWS = 100_000
_PIECE = 1 << 16
_STRAY = re.compile("[\udc80-\udcff]")
_LINE = re.compile(r"[^\r\n]*")


class Archive(Protocol):
    """Files by their names, with `/` between folders."""

    names: tuple[str, ...]

    def read(self, name: str, *, most_bytes: int) -> bytes:
        """Return a file's bytes; raise ReviewError when there are more or they are broken."""


class ZipArchive:
    """The members of a zip file, each read only when it is asked for."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._left = _LARGEST_ALL
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise ReviewError(f"{name} is a broken zip file.", hint="Export it again.") from error
        members = self._zip.infolist()
        if len(members) > _MOST_MEMBERS:
            raise ReviewError(f"{name} has over {_MOST_MEMBERS:,} files.")
        self.names = tuple(
            member.filename
            for member in members
            if not member.is_dir() and not _is_hidden(member.filename)
        )

    def read(self, name: str, *, most_bytes: int) -> bytes:
        """Unpack a member, whose header's word on its size is not believed."""
        data = bytearray()
        try:
            with self._zip.open(name) as member:
                while piece := member.read(_PIECE):
                    data += piece
                    self._left -= len(piece)
                    if len(data) > most_bytes or self._left < 0:
                        raise _too_large(f"{name} in {self._name}", most_bytes)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error) as error:
            raise ReviewError(
                f"{name} in {self._name} cannot be unpacked.", hint="Export it again."
            ) from error
        except (EOFError, OSError, ValueError) as error:
            raise ReviewError(f"{name} in {self._name} is broken.") from error
        return bytes(data)


def _is_hidden(name: str) -> bool:
    """True for what a system or an editor keeps beside the files, such as `.trash/`."""
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


class FolderArchive:
    """The files below a folder; hidden ones, and what links out of it, are none of them."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, Path] = {}
        root = os.path.realpath(folder)
        for place, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                path = Path(place, name)
                inside = not path.is_symlink() or Path(os.path.realpath(path)).is_relative_to(root)
                if inside and not name.startswith("."):
                    self._add(path, path.relative_to(folder).as_posix())
            if len(self._files) > _MOST_MEMBERS:
                raise ReviewError(f"{folder} has over {_MOST_MEMBERS:,} files.")
        self.names = tuple(self._files)

    def leave_out(self, folder: Path) -> None:
        """Leave out what lies below another folder."""
        root = os.path.realpath(folder)
        self._files = {
            name: path
            for name, path in self._files.items()
            if not Path(os.path.realpath(path)).is_relative_to(root)
        }
        self.names = tuple(self._files)

    def _add(self, path: Path, name: str) -> None:
        read = decode_name(name)
        self._files[read if read not in self._files else ascii(name)[1:-1]] = path

    def read(self, name: str, *, most_bytes: int) -> bytes:
        """Read a file of the folder."""
        return read_file(self._files[name], most_bytes=most_bytes)


def read_file(path: Path, *, most_bytes: int = LARGEST_FILE) -> bytes:
    """Read a file of at most so many bytes.

    Raise UsageError when there is none, ReviewError when it is larger or cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except FileNotFoundError as error:
        raise UsageError(
            f"There is no file {path}.", hint="Name a file, a folder, or a URL with its https://."
        ) from error
    except OSError as error:
        raise ReviewError(f"Cannot read {path}: {error.strerror or error}.") from error
    if len(data) > most_bytes:
        raise _too_large(str(path), most_bytes)
    return data


def _too_large(name: str, most_bytes: int) -> ReviewError:
    return ReviewError(f"{name} is larger than {most_bytes // 1_000_000} MB.")


def decode(data: bytes, name: str) -> str:
    """Decode text: UTF-8, or what its mark or its letters say that it is."""
    from reviewcast.text.readers.encodings import decode_text

    with suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    return decode_text(data, name)[0]


def decode_name(name: str) -> str:
    """Return the name of a file as text: bytes that are no UTF-8 are read as Windows-1252."""
    return _STRAY.sub(lambda match: os.fsencode(match[0]).decode("cp1252", "replace"), name)


def read_rows(
    data: bytes, name: str, failed: list[LeftOut], *, needed: Collection[str] = ()
) -> Iterator[dict[str, str]]:
    """Return the rows of a CSV file by the names of their columns, without space around values.

    A row with more fields than columns, such as a text with commas and no quotation marks, would
    be cut: it is added to `failed`. Nothing in a field is evaluated. Raise ReviewError for a file
    over 50 MB, a field over 1 MB, over 100,000 rows, one that is no text, or without one of the
    columns that are `needed`.
    """
    if len(data) > LARGEST_TABLE:
        raise _too_large(name, LARGEST_TABLE)
    text = decode(data, name)
    if "\0" in text:
        raise ReviewError(f"{name} has NUL characters: it is no CSV file.", hint="Export it again.")
    mark = _find_delimiter(_find_header(text))
    before = csv.field_size_limit(_LARGEST_FIELD)
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
        columns = {column.strip() for column in rows.fieldnames or ()}
        for column in needed:
            if column not in columns:
                raise ReviewError(
                    f"{name} is no such export: it has no column {column!r}.",
                    hint="Leave --as out, or name what it is an export of.",
                )
        _count_rows(text, mark, name)
        for row in rows:
            known = {
                key.strip(): value.strip()
                for key, value in row.items()
                if isinstance(key, str) and isinstance(value, str)
            }
            if any(value.strip() for value in row.get(None) or ()):
                failed.append(_name_row(known, name, rows.line_num))
            else:
                yield known
    except csv.Error as error:
        raise _refuse_table(name, rows.line_num, error) from error
    finally:
        csv.field_size_limit(before)


def _count_rows(text: str, mark: str, name: str) -> None:
    """Raise ReviewError for too many rows, before any of them is converted."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
    try:
        more = next(itertools.islice(rows, _MOST_ROWS + 1, None), None)
    except csv.Error as error:
        raise _refuse_table(name, rows.line_num, error) from error
    if more is not None:
        raise ReviewError(f"{name} has over {_MOST_ROWS:,} rows.", hint="Split it.")


def _refuse_table(name: str, line: int, error: csv.Error) -> ReviewError:
    return ReviewError(
        f"{name} cannot be read as CSV in line {line:,}: {error}.", hint="Export it again."
    )


def convert_rows(
    rows: Iterable[dict[str, str]],
    read_row: Callable[[dict[str, str]], SourceReview],
    failed: list[LeftOut],
) -> Iterator[SourceReview]:
    """Return the reviews of a table's rows; those that cannot be read are added to `failed`."""
    for row in rows:
        try:
            yield read_row(row)
        except ReviewError as error:
            failed.append(LeftOut(title=_find_title(row), reason=error.message))


def _find_title(row: dict[str, str]) -> str:
    return next((row[one] for one in ("Name", "Title", "title") if row.get(one)), "")


def _name_row(row: dict[str, str], name: str, line: int) -> LeftOut:
    return LeftOut(
        title=_find_title(row) or name,
        reason=f"Line {line:,} of {name} has more fields than columns: put its text in quotes.",
    )


def list_columns(data: bytes, name: str) -> frozenset[str]:
    """Return the names of the columns in the first line of a CSV file; raise ReviewError."""
    header = _find_header(decode(data[:LARGEST_TABLE], name))
    try:
        mark = _find_delimiter(header)
        rows = list(csv.reader([header], delimiter=mark, skipinitialspace=True))
    except csv.Error:
        return frozenset()
    return frozenset(column.strip() for row in rows for column in row)


def find_table(archive: Archive, names: Iterable[str], columns: Collection[str]) -> str:
    """Return the table that has these columns and lies nearest to the top, "" when none has."""
    for name in sorted(names, key=lambda name: (name.count("/"), name)):
        if list_columns(archive.read(name, most_bytes=LARGEST_TABLE), name).issuperset(columns):
            return name
    return ""


def _find_header(text: str) -> str:
    found = _LINE.match(text)
    return found[0] if found else ""


def _find_delimiter(header: str) -> str:
    """Return what parts the columns of a table: a comma, or the semicolon of some programs."""
    return ";" if header.count(";") > header.count(",") else ","
