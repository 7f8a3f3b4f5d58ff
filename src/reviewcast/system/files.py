"""A file is written whole or not at all."""

import contextlib
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from reviewcast.model.errors import ReviewcastError, ReviewError, StorageError

_PART = ".part"
_LEFTOVER = re.compile(r"\..*\.(\d+)-\d+" + re.escape(_PART))


@contextlib.contextmanager
def reporting(
    doing: str, *, hint: str = "", kind: type[ReviewcastError] = StorageError
) -> Iterator[None]:
    """Raise an OSError of the block as StorageError, or another kind: what failed, and why."""
    try:
        yield
    except OSError as error:
        raise kind(f"Cannot {doing}: {error.strerror or error}.", hint=hint) from error


def escape(name: str) -> str:
    r"""Write the bytes of a file's name that are not UTF-8 as \xff, so that it can be told."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def check_name(name: str) -> None:
    """Raise ReviewError for a review's name that is not UTF-8: no record or feed can hold it."""
    if escape(name) != name:
        raise ReviewError(
            f"The name {escape(name)} is not UTF-8.", hint="Rename the file; its text is fine."
        )


def make_folder(folder: Path, *, hint: str) -> None:
    """Make a folder with its parents, or raise StorageError with the hint."""
    with reporting(f"make the folder {folder}", hint=hint):
        folder.mkdir(parents=True, exist_ok=True)


def hash_file(path: Path) -> str:
    """Return a file's SHA-256, in hexadecimal; raise OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def write_whole(path: Path, *, durable: bool = True, sweep: bool = True) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` that takes its name when the block ends well.

    Durable: the bytes are on the disk before the name is, and the name before this returns; and
    with `sweep` what killed runs left of this file is taken away, which reads the whole folder.
    Whatever happens, `path` holds the old bytes or all of the new ones.

    Raise StorageError when the disk is full or the folder refuses.
    """
    part = path.with_name(f"{_name_parts(path)}{os.getpid()}-{threading.get_ident()}{_PART}")
    hint = "Free some space or choose another folder; what was there before is unchanged."
    try:
        with reporting(f"write {path}", hint=hint):
            if durable and sweep:
                remove_leftovers(path)
            # os.open and not tempfile: a published file must have any other file's permissions.
            flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
            with open(os.open(part, flags, 0o666), "w+b") as file:
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            os.replace(part, path)
            if durable:
                sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def check_writable(path: Path) -> None:
    """Check before any work that a file of this name can be written.

    Raise StorageError when it cannot.
    """
    # named as a leftover of this process, so that the next run takes it away after a kill
    probe = path.with_name(f"{_name_parts(path)}{os.getpid()}-0{_PART}")
    try:
        with reporting(f"write {path}", hint="Choose another place with -o."):
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                path.stat()  # a name that is too long is found out here
            probe.write_bytes(b"\0")
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()
    if path.is_dir():
        raise StorageError(f"{path} is a folder.", hint="Name a file, such as episode.mp3.")


def is_leftover(name: str) -> bool:
    """True if a file of this name is what a killed run left of another file."""
    match = _LEFTOVER.fullmatch(name)
    return match is not None and not is_alive(int(match[1]))


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk.

    Raise OSError.
    """
    if os.name == "nt":
        return  # a folder cannot be opened there; NTFS journals the rename
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _name_parts(path: Path) -> str:
    return f".{path.name[:50]}."  # with all that follows below 255 bytes, even of four-byte letters


def remove_leftovers(path: Path) -> None:
    """Take away what killed runs left beside `path`."""
    with os.scandir(path.parent) as entries:
        for entry in entries:
            if entry.name.startswith(_name_parts(path)) and is_leftover(entry.name):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)


def is_alive(pid: int) -> bool:
    """True if a process of this machine runs, or when that cannot be told."""
    if os.name == "nt" or pid == os.getpid():
        return True  # there is no harmless way to ask on Windows: the file stays
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_changed(path: Path, data: bytes) -> bool:
    """Write a file; the same one stays untouched. Return True when it was written."""
    if path.is_file() and path.read_bytes() == data:
        remove_leftovers(path)
        return False
    with write_whole(path) as file:
        file.write(data)
    return True
