"""A folder, published by whatever serves or copies it."""

import contextlib
import os
import stat
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from reviewcast.model.errors import ConfigError, ConflictError, DestinationError, StorageError
from reviewcast.model.protocols import Stored, Upload, is_name
from reviewcast.system.files import is_leftover, sync_folder, write_whole
from reviewcast.system.locks import choose_mode, hold_file

_LOCK = ".reviewcast.lock"
_CHUNK_BYTES = 1 << 20
_PATIENCE_S = 10.0


class FolderDestination:
    """A folder on this machine, made when it is not there.

    Each file is written beside its place, synced, and renamed; so are the folders made for it.
    What begins with a dot is passed over, and so is every link: no file leaves the folder. A mark
    is a file's time of change, size and inode. Content types are up to whatever serves the files.
    """

    scheme: ClassVar[str] = "folder"

    def __init__(self, folder: Path, *, patience_s: float = _PATIENCE_S) -> None:
        self.folder = folder
        self._patience_s = patience_s
        self._held = False
        self._one_guard = threading.Lock()

    @classmethod
    def open(cls, url: str) -> "FolderDestination":
        """Take a path, or `folder://` and a path, as it is written.

        Raise ConfigError for an empty one.
        """
        path = url.removeprefix("folder://")
        if not path or "\0" in path:
            raise ConfigError("No folder is named to publish to.", hint="Such as public.")
        return cls(Path(path))

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder by a lock that is free again as soon as its process is dead."""
        with self._hold(0):
            yield

    def list(self) -> dict[str, Stored]:
        """Read the whole tree; a run that holds it also removes what killed runs have left."""
        found: dict[str, Stored] = {}
        waiting = deque([""])
        with _reported("read", self.folder):
            while waiting:
                prefix = waiting.pop()
                with contextlib.suppress(FileNotFoundError):
                    self._list_folder(prefix, found, waiting)
        return found

    def head(self, name: str) -> Stored | None:
        """Look at one file."""
        place = self._place(name)
        with _reported("read", place):
            try:
                status = os.lstat(place)
            except (FileNotFoundError, NotADirectoryError):
                return None
        return _describe(status) if stat.S_ISREG(status.st_mode) else None

    def read(self, name: str) -> tuple[bytes, Stored] | None:
        """Read one file; a newer one that takes its place meanwhile does not disturb that."""
        place = self._place(name)
        with _reported("read", place):
            try:
                handle = os.open(
                    place,
                    # neither a link nor a pipe that takes a file's place is waited for
                    os.O_RDONLY
                    | getattr(os, "O_NOFOLLOW", 0)
                    | getattr(os, "O_NONBLOCK", 0)
                    | getattr(os, "O_BINARY", 0),
                )
            except (FileNotFoundError, NotADirectoryError):
                return None
            with open(handle, "rb") as file:
                status = os.fstat(handle)
                return (file.read(), _describe(status)) if stat.S_ISREG(status.st_mode) else None

    def put(self, upload: Upload, *, expect: Stored | None = None, guard: bool = False) -> Stored:
        """Copy a file in; with `guard`, what is there is compared while the folder is held."""
        place = self._place(upload.name)
        with self._hold_for_guard() if guard else contextlib.nullcontext():
            if guard and self.head(upload.name) != expect:
                raise ConflictError(
                    f"Another run has changed {upload.name} in {self.folder} meanwhile.",
                    hint="Run the same command again.",
                )
            try:
                self._make_folders(place.parent)
                # the whole folder is swept by list: for each file it would take far too long
                with write_whole(place, sweep=False) as file:
                    for piece in upload.read_pieces(_CHUNK_BYTES):
                        file.write(piece)
            except DestinationError:
                raise
            except StorageError as error:
                raise DestinationError(error.message, hint=error.hint) from error
            stored = self.head(upload.name)
        if stored is None or stored.size_bytes != upload.size_bytes:
            raise DestinationError(
                f"{place} is not as it was written.", hint="Look what else writes there."
            )
        return stored

    def delete(self, name: str) -> None:
        """Remove a file, and the folders that are empty without it.

        This is not synced: a file that a power cut brings back is removed by the next run.
        """
        place = self._place(name)
        with _reported("remove", place):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                place.unlink()
        with contextlib.suppress(OSError):  # one that is not empty ends it
            for _ in name.split("/")[1:]:
                place = place.parent
                place.rmdir()

    def _list_folder(self, prefix: str, found: dict[str, Stored], waiting: deque[str]) -> None:
        with os.scandir(self.folder / prefix) as entries:
            for entry in entries:
                name = prefix + entry.name
                if entry.name.startswith("."):
                    if self._held and is_leftover(entry.name):
                        with contextlib.suppress(OSError):
                            os.unlink(entry.path)
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(name + "/")
                elif entry.is_file(follow_symlinks=False) and is_name(name):
                    # Windows' own entries know no inode, so both ways of looking take lstat
                    with contextlib.suppress(FileNotFoundError):
                        found[name] = _describe(os.lstat(entry.path))

    def _place(self, name: str) -> Path:
        """Return a file's path; no folder on its way may be a link, which could lead out."""
        if not is_name(name):
            raise DestinationError(f"A file cannot be named {name!r} there.")
        place = self.folder
        *parents, last = name.split("/")
        for part in parents:
            place /= part
            if place.is_symlink():
                raise DestinationError(
                    f"{place} is a link, and nothing is published through links.",
                    hint="Replace it by a folder.",
                )
        return place / last

    def _make_folders(self, folder: Path) -> None:
        """Make a folder and what it lies in, and wait until their names are on the disk."""
        with _reported("make", folder):
            missing = []
            while not folder.is_dir() and not folder.is_symlink():
                missing.append(folder)
                folder = folder.parent
            for made in reversed(missing):
                made.mkdir(exist_ok=True)
                sync_folder(made.parent)

    @contextlib.contextmanager
    def _hold_for_guard(self) -> Iterator[None]:
        with self._one_guard, self._hold(self._patience_s):
            yield

    @contextlib.contextmanager
    def _hold(self, patience_s: float) -> Iterator[None]:
        if self._held:
            yield
            return
        self._make_folders(self.folder)
        held = hold_file(
            self.folder / _LOCK,
            busy=f"Another run of reviewcast is publishing to {self.folder}.",
            patience_s=patience_s,
            mode=choose_mode(self.folder),
        )
        with contextlib.ExitStack() as stack:
            with _reported("lock", self.folder):
                stack.enter_context(held)
            self._held = True
            try:
                yield
            finally:
                self._held = False


def _describe(status: os.stat_result) -> Stored:
    mark = f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"
    return Stored(status.st_size, mark)


@contextlib.contextmanager
def _reported(verb: str, place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DestinationError(
            f"{place} is a file, not a folder."
            if place.is_file() and isinstance(error, FileExistsError | NotADirectoryError)
            else f"Cannot {verb} {place}: {error.strerror or error}.",
            hint="Mend that or choose another folder; what was published before is unchanged.",
        ) from error
