"""The cache folder: its stores, what is in use, what can be removed."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from msgspec import Struct, structs

from reviewcast.model.audio import BlockFigures, TakeFigures
from reviewcast.model.errors import StorageError
from reviewcast.system.cache_tag import is_tagged, mark_folder
from reviewcast.system.files import reporting
from reviewcast.system.keys import KEY_BYTES, Keys, hash_key
from reviewcast.system.store import Contents, Store

Owner = Literal["shared", "show", "variable"]
"""Whose a cache is: that of all shows, a show's own, or the one that a variable names."""

_RECEIPT = "receipt 1"


class Receipt(Struct, frozen=True):
    """Which MP3 some keys are of: its path, from the cache's folder unless absolute, and size."""

    path: bytes
    size_bytes: int


class MemoFigures(Struct, frozen=True):
    """Of what is kept of a review, and packed: how many bytes it is unpacked."""

    size_bytes: int


class CacheContents(Struct, frozen=True):
    """What the stores hold, or held."""

    takes: Contents = Contents()
    blocks: Contents = Contents()
    receipts: Contents = Contents()
    scripts: Contents = Contents()

    @property
    def entries(self) -> int:
        """How many entries in all."""
        return sum(store.entries for store in structs.astuple(self))

    @property
    def size_bytes(self) -> int:
        """The bytes of their files in all."""
        return sum(store.size_bytes for store in structs.astuple(self))


class CacheUse(Struct, frozen=True):
    """What is stored, what of it no episode uses, and how many episodes use the rest."""

    stored: CacheContents
    unused: CacheContents
    episodes: int


class Cache:
    """The folder that holds the stores; made on first use, marked as throw-away."""

    def __init__(self, folder: Path, *, owner: Owner = "shared") -> None:
        self.folder = folder
        self.owner = owner
        self.takes: Store[TakeFigures] = Store(folder / "takes", TakeFigures)
        self.blocks: Store[BlockFigures] = Store(folder / "blocks", BlockFigures)
        self.scripts: Store[MemoFigures] = Store(folder / "scripts", MemoFigures)
        self._receipts: Store[Receipt] = Store(folder / "receipts", Receipt)

    def leave_receipt(self, audio: Path, size_bytes: int, keys: Iterable[str]) -> None:
        """Note the keys of all that an MP3 was made of: they are used as long as it is there.

        A cache that refuses fails no build: what is not noted counts as unused.
        """
        path = os.path.realpath(audio)
        if self.owner == "show":  # its folder may be moved with all that is in it
            with contextlib.suppress(ValueError):  # on another drive
                path = os.path.relpath(path, os.path.realpath(self.folder))
        receipt = Receipt(os.fsencode(path), size_bytes)
        body = b"".join(sorted(map(bytes.fromhex, set(keys))))
        with contextlib.suppress(StorageError):
            self._receipts.put(hash_key(_RECEIPT, receipt.path), receipt, body)

    def measure(self) -> CacheUse:
        """Count what is stored, and what of it no episode uses.

        Raise StorageError when a folder cannot be read.
        """
        used, episodes = self._find_used()
        stores = (self.takes, self.blocks, self._receipts, self.scripts)
        counts = [store.measure(used=used) for store in stores]
        stored, unused = zip(*counts, strict=True)
        return CacheUse(CacheContents(*stored), CacheContents(*unused), episodes)

    def remove(self, *, older_days: int = 0, only_unused: bool = False) -> CacheContents:
        """Remove the entries not used for so many days, 0: all; return what is gone.

        With `only_unused` those that an episode uses stay, and so does what was asked for within
        the last day: a build that is at work now leaves its receipt when it ends. Raises
        StorageError, also for a folder that does not say that it is a cache.
        """
        if not is_tagged(self.folder):
            if not self.measure().stored.entries:
                return CacheContents()
            raise StorageError(
                f"{self.folder} has no CACHEDIR.TAG that says it is a cache: nothing is removed.",
                hint="Check REVIEWCAST_CACHE and [cache] folder. A build puts the tag back.",
            )
        used = None
        if only_unused:
            used, _ = self._find_used()
            older_days = max(older_days, 1)
        takes, blocks, scripts = (
            store.remove(older_days=older_days, used=used)
            for store in (self.takes, self.blocks, self.scripts)
        )
        receipts = Contents()
        if only_unused or not older_days:  # a receipt is as old as its episode
            receipts = self._receipts.remove(older_days=older_days, used=used)
        return CacheContents(takes, blocks, receipts, scripts)

    def _find_used(self) -> tuple[Keys, int]:
        """Gather the keys of all episodes that are there, those of their receipts with them."""
        used, episodes = Keys(), 0
        folder = os.path.realpath(self.folder)
        for key, receipt, body in self._receipts.scan():
            if len(body) % KEY_BYTES == 0 and _is_there(receipt, folder):
                used.add(bytes.fromhex(key))
                used.add(body)
                episodes += 1
        return used, episodes

    def prepare(self) -> None:
        """Make the folder.

        Raise StorageError when that is not possible.
        """
        hint = (
            "Set REVIEWCAST_CACHE, or [cache] folder in podcast.toml, to a folder that can be"
            " written."
        )
        with reporting(f"use the cache folder {self.folder}", hint=hint):
            self.folder.mkdir(parents=True, exist_ok=True)
            mark_folder(self.folder)


def _is_there(receipt: Receipt, folder: str) -> bool:
    """True if the MP3 of a receipt is still there, and still the one that was made."""
    try:
        status = os.stat(os.path.join(folder, os.fsdecode(receipt.path)))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True  # that cannot be told, so it counts
    return status.st_size == receipt.size_bytes
