"""Files that somebody else may change while they are worked on."""

import contextlib
import hashlib
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct


class _Look(Struct, frozen=True):
    """A file as it was: what the system tells of it, and a digest of its bytes; None if missing."""

    stat: tuple[int, int, int] | None
    digest: bytes | None


class WatchedFiles:
    """Files, and which of them are not any more what they were. Its methods are for any thread."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._lock = threading.Lock()
        self._known = {file: _look(file) for file in files}
        self._missed: set[Path] = set()

    def find_changed(self) -> tuple[Path, ...]:
        """Return the files whose bytes were changed since the last call, by others than `writing`.

        A file that was only touched is none of them.
        """
        with self._lock:
            changed = [file for file in self._known if self._update(file) or file in self._missed]
            self._missed.clear()
        return tuple(changed)

    @contextlib.contextmanager
    def writing(self, file: Path) -> Iterator[None]:
        """Within it a file is changed by ourselves, which is not told."""
        with self._lock:
            if file in self._known and self._update(file):
                self._missed.add(file)
            try:
                yield
            finally:
                if file in self._known:
                    self._update(file)

    def _update(self, file: Path) -> bool:
        """Look at a file anew; return True if its bytes are others than before."""
        before = self._known[file]
        now = self._known[file] = _look(file, before)
        return now.digest != before.digest


def _look(file: Path, before: _Look | None = None) -> _Look:
    try:
        found = file.stat()
        stat = (found.st_mtime_ns, found.st_size, found.st_ino)
        if before and before.stat == stat:
            return before
        with file.open("rb") as opened:
            return _Look(stat, hashlib.file_digest(opened, "sha256").digest())
    except OSError:
        return _Look(None, None)
