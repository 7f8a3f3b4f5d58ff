"""Two stores on disk, of takes and of blocks, each entry under the hash of all that made it.

An entry is one file: a line with the SHA-256 of all that follows, a line of JSON, then bytes.
What fails this check in any way is a miss, so an entry needs no fsync: a power cut costs a take,
never an episode. An entry's time of modification says, to a day, when it was last used.
"""

import contextlib
import hashlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from reviewcast.atomic import is_leftover, write_whole
from reviewcast.errors import StorageError
from reviewcast.model import BlockFigures, TakeFigures

F = TypeVar("F")

_DAY_S = 86_400
_TAG_NAME = "CACHEDIR.TAG"
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n"
_TAG = (
    f"{_SIGNATURE}"
    "# This folder is a cache of reviewcast: it can be removed at any time.\n"
    "# For information about cache directory tags see https://bford.info/cachedir/\n"
)
_FOLDER = re.compile("[0-9a-f]{2}")
_ENTRY = re.compile("[0-9a-f]{64}")
_PART = re.compile(r"\.[0-9a-f]{50}\.[0-9]+-[0-9]+\.part")


def hash_key(*parts: object) -> str:
    """Give the key of an entry: a hash over all that decides what it holds."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


class Contents(Struct, frozen=True):
    """How many entries, and the bytes of their files."""

    entries: int = 0
    size_bytes: int = 0


class _Head(Struct, Generic[F], frozen=True):
    key: str
    figures: F


class Store(Generic[F]):
    """Entries of one kind: figures that were measured, and bytes.

    Safe for threads and for several processes: an entry is written whole under its name,
    and two writers of one key write the same.
    """

    def __init__(self, folder: Path, kind: type[F]) -> None:
        self._folder = folder
        self._decoder = msgspec.json.Decoder(_Head[kind])  # type: ignore[valid-type]

    def find(self, key: str) -> tuple[F, bytes] | None:
        """Read an entry, or None when there is none that is whole.

        It is marked as used, once a day at most.
        """
        try:
            with self._place(key).open("rb") as file:
                used = os.fstat(file.fileno()).st_mtime
                data = file.read()
        except OSError:
            return None
        digest, _, rest = data.partition(b"\n")
        head, _, body = rest.partition(b"\n")
        if hashlib.sha256(memoryview(data)[len(digest) + 1 :]).hexdigest().encode() != digest:
            return None
        try:
            found = self._decoder.decode(head)
        except msgspec.DecodeError:
            return None
        if found.key != key:
            return None
        if used < time.time() - _DAY_S:
            with contextlib.suppress(OSError):  # the store can only be read, or is pruned just now
                os.utime(self._place(key))
        return found.figures, body

    def load(self, key: str) -> bytes:
        """Read the bytes of an entry that was found or put before in this run.

        Raises StorageError when it is gone.
        """
        entry = self.find(key)
        if entry is None:
            raise StorageError(
                f"A stored file vanished during the run: {self._place(key)}.",
                hint="Run the same command again; only what is missing is made anew.",
            )
        return entry[1]

    def put(self, key: str, figures: F, body: bytes) -> None:
        """Store an entry.

        Raises StorageError when the disk is full or the folder refuses.
        """
        head = msgspec.json.encode(_Head(key, figures))
        digest = hashlib.sha256(head)
        digest.update(b"\n")
        digest.update(body)
        place = self._place(key)
        with contextlib.suppress(OSError):  # write_whole says it better
            place.parent.mkdir(parents=True, exist_ok=True)
        with write_whole(place, durable=False) as file:
            file.write(digest.hexdigest().encode() + b"\n" + head + b"\n")
            file.write(body)

    def measure(self) -> Contents:
        """Count the entries, whole or not.

        Raises StorageError when the folder cannot be read.
        """
        sizes = [status.st_size for _, status, is_entry in self._walk() if is_entry]
        return Contents(len(sizes), sum(sizes))

    def remove(self, *, unused_days: int = 0) -> Contents:
        """Remove the entries that were not used for so many days, and what killed runs left.

        0 removes all. What is not an entry by its name and place is left alone, and so are the
        folders: a run that stores at this moment needs them. Raises StorageError.
        """
        # an entry that was used a moment ago may bear the time of a day ago
        before = time.time() - (unused_days + 1) * _DAY_S if unused_days else float("inf")
        sizes = []
        for path, status, is_entry in self._walk():
            if is_entry and status.st_mtime > before:
                continue
            try:
                os.unlink(path)
            except FileNotFoundError:
                continue  # another run was quicker
            except OSError as error:
                raise StorageError(
                    f"Cannot remove {path}: {error.strerror or error}.",
                    hint="Close what uses it, or make its folder one that can be written.",
                ) from error
            if is_entry:
                sizes.append(status.st_size)
        return Contents(len(sizes), sum(sizes))

    def _walk(self) -> Iterator[tuple[str, os.stat_result, bool]]:
        """Give path and status of each entry, by name and place, and of what killed runs left."""
        for folder in _list_folder(self._folder):
            if not (_FOLDER.fullmatch(folder.name) and folder.is_dir(follow_symlinks=False)):
                continue
            for file in _list_folder(folder.path):
                is_entry = _ENTRY.fullmatch(file.name) is not None
                is_left = _PART.fullmatch(file.name) is not None and is_leftover(file.name)
                if not (is_entry or is_left) or file.name.lstrip(".")[:2] != folder.name:
                    continue
                with contextlib.suppress(FileNotFoundError):
                    if file.is_file(follow_symlinks=False):
                        yield file.path, os.stat(file.path), is_entry

    def _place(self, key: str) -> Path:
        return self._folder / key[:2] / key


class CacheContents(Struct, frozen=True):
    """What both stores hold, or held."""

    takes: Contents
    blocks: Contents

    @property
    def entries(self) -> int:
        """How many entries in both."""
        return self.takes.entries + self.blocks.entries

    @property
    def size_bytes(self) -> int:
        """The bytes of their files in both."""
        return self.takes.size_bytes + self.blocks.size_bytes


class Cache:
    """The folder that holds both stores; made on first use, marked as throw-away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.takes: Store[TakeFigures] = Store(folder / "takes", TakeFigures)
        self.blocks: Store[BlockFigures] = Store(folder / "blocks", BlockFigures)

    def measure(self) -> CacheContents:
        """Count what is stored.

        Raises StorageError when a folder cannot be read.
        """
        return CacheContents(self.takes.measure(), self.blocks.measure())

    def remove(self, *, unused_days: int = 0) -> CacheContents:
        """Remove the entries that were not used for so many days, 0: all; give what is gone.

        Raises StorageError, also for a folder that does not say that it is a cache.
        """
        if not self._is_tagged():
            if not self.measure().entries:
                return CacheContents(Contents(), Contents())
            raise StorageError(
                f"{self.folder} has no CACHEDIR.TAG that says it is a cache: nothing is removed.",
                hint="Check REVIEWCAST_CACHE. A build puts the tag back.",
            )
        return CacheContents(
            self.takes.remove(unused_days=unused_days), self.blocks.remove(unused_days=unused_days)
        )

    def _is_tagged(self) -> bool:
        try:
            with (self.folder / _TAG_NAME).open("rb") as file:
                return file.read(len(_SIGNATURE)) == _SIGNATURE.encode()
        except OSError:
            return False

    def prepare(self) -> None:
        """Make the folder.

        Raises StorageError when that is not possible.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, content in ((_TAG_NAME, _TAG), (".gitignore", "*\n")):
                if not (self.folder / name).exists():
                    (self.folder / name).write_text(content, encoding="utf-8")
        except OSError as error:
            raise StorageError(
                f"Cannot use the cache folder {self.folder}: {error.strerror or error}.",
                hint="Set REVIEWCAST_CACHE to a folder that can be written.",
            ) from error


def _list_folder(folder: Path | str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(
            f"Cannot read {folder}: {error.strerror or error}.",
            hint="Make it a folder that can be read.",
        ) from error
