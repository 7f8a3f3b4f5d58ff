"""Small copies of pictures: what pages show is a fraction of what directories ask for."""

from pathlib import Path

from reviewcast.episode.artwork import shrink_picture
from reviewcast.system.files import reporting

SMALL_FORMAT = 1
"""Raise it when the same picture becomes other bytes."""


def name_small(name: str) -> str:
    """Return the name of a published picture's small copy, which lies beside it; "" for none."""
    return f"{name.rpartition('.')[0]}-small.jpg" if name else ""


def make_small(picture: bytes) -> bytes:
    """Return the small copy of a picture; of one that cannot be made smaller, itself."""
    try:
        return shrink_picture(picture)
    except ValueError:
        return picture


def make_small_of(path: str) -> bytes:
    """Return the small copy of a picture in a file; raise StorageError."""
    with reporting(f"read {path}", hint="Build the episode again."):
        return make_small(Path(path).read_bytes())
