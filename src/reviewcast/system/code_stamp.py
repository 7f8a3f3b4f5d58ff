"""A stamp of the code that makes a value: what is kept of it is of no use to other code."""

import hashlib
import platform
from pathlib import Path

from reviewcast.system.extras import find_installed

_PACKAGE = Path(__file__).parents[1]


def stamp_code(rooms: tuple[str, ...], packages: tuple[str, ...], *, of: Path = _PACKAGE) -> str:
    """Return a digest of the sources of rooms, of versions of packages, and of Python's own.

    It is "" where no sources lie, as in an archive: nothing can be told of its code then. `of` is
    the folder that holds the rooms.
    """
    sources = hash_rooms(rooms, of=of)
    if not sources:
        return ""
    versions = [f"{name} {find_installed(name)}" for name in packages]
    python = (platform.python_implementation(), platform.python_version(), *platform.python_build())
    return hashlib.sha256("\n".join([sources, *versions, *python]).encode()).hexdigest()


def hash_rooms(rooms: tuple[str, ...], *, of: Path = _PACKAGE) -> str:
    """Return a digest of the sources of rooms, "" where no sources lie."""
    digest = hashlib.sha256()
    for room in rooms:
        try:
            files = sorted((of / room).rglob("*.py"))
            for file in files:
                data = file.read_bytes()
                digest.update(f"{file.relative_to(of)} {len(data)}\n".encode() + data)
        except OSError:
            return ""
        if not files:
            return ""
    return digest.hexdigest()
