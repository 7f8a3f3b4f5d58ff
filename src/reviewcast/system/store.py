"""Stores on disk, of takes and of blocks, each entry under the hash of all that made it.

An entry is one file, whose head can be trusted without a look at its body. What fails a check in
any way is a miss, so an entry needs no fsync: a power cut costs a take, never an episode. When it
was last used is told, to an hour, by its time of modification.

Each episode leaves a receipt, an entry of a third store: where its MP3 lies, and the keys of all
that it was made of. So it can be told what no episode uses any more.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from reviewcast.model.errors import LostEntry, StorageError
from reviewcast.system.entries import list_entries
from reviewcast.system.entry_format import (
    SIGN_BYTES,
    Entry,
    Head,
    decode_entry,
    decode_head,
    encode_head,
)
from reviewcast.system.files import reporting, write_whole
from reviewcast.system.keys import Keys

F = TypeVar("F")
T = TypeVar("T")
_HOUR_S = 3600
_DAY_S = 86_400

_HEAD_BYTES = 4096  # what is read at first; few heads are longer
_ONLY_MISSING = "Run the same command again; only what is missing is made anew."

_MOST_LOST = 5
"""So often a cache may be removed under a build before it gives up."""


class Contents(Struct, frozen=True):
    """How many entries, and the bytes of their files."""

    entries: int = 0
    size_bytes: int = 0


class Store(Generic[F]):
    """Entries of one kind: figures that were measured, and bytes.

    Safe for threads and for several processes. An entry is written whole under its name. Two
    writers of one key may still write different bytes, since no service says a text twice the
    same: `keep` gives way to another run, and `load` tells when an entry is not the one that this
    run knows.
    """

    def __init__(self, folder: Path, kind: type[F]) -> None:
        self._folder = folder
        self._decoder = msgspec.json.Decoder(Head[kind])  # type: ignore[valid-type]
        self._known: dict[str, bytes] = {}
        self._missed: set[str] = set()
        self._is_wary = False

    def find(self, key: str) -> tuple[F, bytes] | None:
        """Read an entry, or None when there is none that is whole.

        It is marked as used, once an hour at most.
        """
        entry = self._read(key)
        self._note(key, entry)
        return (entry.figures, entry.body) if entry else None

    def peek(self, key: str) -> F | None:
        """Read the figures of an entry, or None when its head is not whole or its size is wrong.

        Whether its bytes are whole is found out by `load`, and after it once found a loss, here.
        It is marked as used.
        """
        entry = self._read(key) if self._is_wary else self._read_head(key)
        self._note(key, entry)
        return entry.figures if entry else None

    def load(self, key: str) -> bytes:
        """Read the bytes of an entry that was found or put before in this run.

        Raise LostEntry when it is gone or not whole: from then on `peek` looks at all of an entry.
        StorageError when it is not the same any more.
        """
        entry = self._read(key)
        if entry is None:
            self._is_wary = True
            raise LostEntry(
                f"A stored file vanished during the run: {self._place(key)}.", hint=_ONLY_MISSING
            )
        if self._known.get(key, entry.digest) != entry.digest:
            raise StorageError(
                f"A stored file was replaced during the run: {self._place(key)}.",
                hint=_ONLY_MISSING,
            )
        return entry.body

    def scan(self) -> Iterator[tuple[str, F, bytes]]:
        """Return key, figures and bytes of all entries that are whole, none marked as used.

        Raise StorageError when the folder cannot be read.
        """
        for file in list_entries(self._folder):
            if file.key and (entry := self._read(file.key, marks=False)):
                yield file.key, entry.figures, entry.body

    def pack(self, key: str) -> bytes | None:
        """Return an entry as it is stored, for another store; None when there is none, whole."""
        if self.find(key) is None:
            return None
        try:
            return self._place(key).read_bytes()
        except OSError:
            return None

    def unpack(self, key: str, data: bytes) -> F | None:
        """Store an entry that another store has packed, as `keep` does; None when it is not whole.

        Raise StorageError as `put` does.
        """
        entry = decode_entry(key, data, self._decoder)
        return self.keep(key, entry.figures, entry.body) if entry else None

    def identify(self, key: str) -> str:
        """Return what tells the entry from any other under its key: "" when not seen yet.

        A voice that is a service answers differently at times; what is made of a take goes by it.
        """
        return self._known.get(key, b"").decode()[:32]

    def keep(self, key: str, figures: F, body: bytes) -> F:
        """Store what was missing, and return the figures that hold from now on.

        They are another run's when that has stored the same meanwhile: both go on with its bytes.
        Raise StorageError as `put` does.
        """
        if key in self._missed and (other := self.find(key)):
            return other[0]
        self.put(key, figures, body)
        return figures

    def put(self, key: str, figures: F, body: bytes) -> None:
        """Store an entry, in place of any other.

        Raise StorageError when the disk is full or the folder refuses.
        """
        head, digest = encode_head(key, figures, body)
        place = self._place(key)
        for attempt in range(_MOST_LOST + 1):
            with contextlib.suppress(OSError):  # write_whole words it better
                place.parent.mkdir(parents=True, exist_ok=True)
            try:
                with write_whole(place, durable=False) as file:
                    file.write(head)
                    file.write(body)
                break
            except StorageError as error:
                # the folder was removed between the two lines above: it is made anew
                lost = isinstance(error.__cause__, FileNotFoundError)
                if not lost or attempt == _MOST_LOST:
                    raise
        self._known[key] = digest
        self._missed.discard(key)

    def measure(self, *, used: Keys | None = None) -> tuple[Contents, Contents]:
        """Count the entries, whole or not, and those of them that are not among the used.

        Raise StorageError when the folder cannot be read.
        """
        entries = size = others = others_size = 0
        for file in list_entries(self._folder):
            if not file.key:
                continue
            entries += 1
            size += file.status.st_size
            if used is not None and file.key not in used:
                others += 1
                others_size += file.status.st_size
        return Contents(entries, size), Contents(others, others_size)

    def remove(self, *, older_days: int = 0, used: Keys | None = None) -> Contents:
        """Remove the entries that were not used for so many days, and what killed runs left.

        0 removes all; those that are used stay. What is not an entry by its name and place is left
        alone, and so are the folders: a run that stores at this moment needs them. Raises
        StorageError.
        """
        # the time of use is written once an hour, so it may lag by so much
        now = time.time()
        before = now - older_days * _DAY_S - _HOUR_S if older_days else float("inf")
        # whether a process lives cannot be told from inside another container
        left_before = now - _HOUR_S if older_days else float("inf")
        entries = size = 0
        for file in list_entries(self._folder):
            if file.status.st_mtime > (before if file.key else left_before):
                continue
            if file.key and used is not None and file.key in used:
                continue
            hint = "Close what uses it, or make its folder one that can be written."
            with reporting(f"remove {file.path}", hint=hint):
                try:
                    os.unlink(file.path)
                except FileNotFoundError:
                    continue  # another run did it first
            if file.key:
                entries += 1
                size += file.status.st_size
        return Contents(entries, size)

    def _note(self, key: str, entry: Entry[F] | None) -> None:
        """Note what was found, or that nothing was."""
        if entry is None:
            self._missed.add(key)
            return
        self._missed.discard(key)
        self._known.setdefault(key, entry.digest)

    def _read(self, key: str, *, marks: bool = True) -> Entry[F] | None:
        """Read an entry, and mark it as used unless told otherwise."""
        try:
            with self._place(key).open("rb") as file:
                used = os.fstat(file.fileno()).st_mtime
                data = file.read()
        except OSError:
            return None
        entry = decode_entry(key, data, self._decoder)
        if entry and marks:
            self._mark(key, used)
        return entry

    def _read_head(self, key: str) -> Entry[F] | None:
        """Read an entry without its body, and mark it as used."""
        try:
            # not by a Path: a plan of thousands of reviews looks for a hundred thousand takes
            with open(os.path.join(self._folder, key[:2], key), "rb", buffering=0) as file:
                status = os.fstat(file.fileno())
                data = file.read(_HEAD_BYTES) or b""
                while data.find(b"\n", SIGN_BYTES) < 0 and (more := file.read(len(data) or 1)):
                    data += more
        except OSError:
            return None
        entry = decode_head(key, data, status.st_size, self._decoder)
        if entry:
            self._mark(key, status.st_mtime)
        return entry

    def _mark(self, key: str, used: float) -> None:
        """Mark an entry as used, unless it was marked within the hour."""
        if used < time.time() - _HOUR_S:
            with contextlib.suppress(OSError):  # the store can only be read, or is pruned just now
                os.utime(self._place(key))

    def _place(self, key: str) -> Path:
        return self._folder / key[:2] / key


def retry_lost(job: Callable[[], T]) -> T:
    """Do a job that reads the stores; anew when an entry turned out to be lost: it is a miss then.

    Somebody may remove the whole cache meanwhile, so that is done a few times. Raise LostEntry
    when it goes on.
    """
    for _ in range(_MOST_LOST):
        with contextlib.suppress(LostEntry):
            return job()
    return job()
