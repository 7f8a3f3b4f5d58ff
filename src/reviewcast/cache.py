"""Two stores on disk, of takes and of blocks, each entry under the hash of all that made it.

An entry is one file: a line with the SHA-256 of all that follows, a line of JSON, then bytes.
What fails this check in any way is a miss, so an entry needs no fsync: a power cut costs a take,
never an episode.
"""

import contextlib
import hashlib
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from reviewcast.atomic import write_whole
from reviewcast.errors import StorageError
from reviewcast.model import BlockFigures, TakeFigures

F = TypeVar("F")

_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This folder is a cache of reviewcast: it can be removed at any time.\n"
    "# For information about cache directory tags see https://bford.info/cachedir/\n"
)


def hash_key(*parts: object) -> str:
    """Give the key of an entry: a hash over all that decides what it holds."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


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
        """Read an entry, or None when there is none that is whole."""
        try:
            data = self._place(key).read_bytes()
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
        return (found.figures, body) if found.key == key else None

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

    def _place(self, key: str) -> Path:
        return self._folder / key[:2] / key


class Cache:
    """The folder that holds both stores; made on first use, marked as throw-away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.takes: Store[TakeFigures] = Store(folder / "takes", TakeFigures)
        self.blocks: Store[BlockFigures] = Store(folder / "blocks", BlockFigures)

    def prepare(self) -> None:
        """Make the folder.

        Raises StorageError when that is not possible.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, content in (("CACHEDIR.TAG", _TAG), (".gitignore", "*\n")):
                if not (self.folder / name).exists():
                    (self.folder / name).write_text(content, encoding="utf-8")
        except OSError as error:
            raise StorageError(
                f"Cannot use the cache folder {self.folder}: {error.strerror or error}.",
                hint="Set REVIEWCAST_CACHE to a folder that can be written.",
            ) from error
