"""A destination as a stranger writes it, with nothing but the public face for plug-ins."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from reviewcast.plugin import (
    ConfigError,
    ConflictError,
    Destination,
    DestinationError,
    LockedError,
    Stored,
    Upload,
    is_name,
)


class ShelfDestination:
    """A folder without folders, on a machine that nothing else writes to."""

    scheme: ClassVar[str] = "shelf"

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def open(cls, url: str) -> "ShelfDestination":
        """Reach the folder that a shelf:// URL names."""
        if not url.startswith("shelf:///"):
            raise ConfigError("That is no shelf:///FOLDER.")
        return cls(Path(url.removeprefix("shelf://")))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the shelf by a folder that only one can make."""
        held = self._root / ".held"
        try:
            held.mkdir(parents=True)
        except FileExistsError as error:
            raise LockedError("Somebody is at the shelf.", hint="Wait until they have left.") from (
                error
            )
        try:
            yield
        finally:
            held.rmdir()

    def list(self) -> dict[str, Stored]:
        """Return all files but those that are still written."""
        names = (path.name.replace("|", "/") for path in self._root.glob("*"))
        found = ((name, self.head(name)) for name in names if is_name(name))
        return {name: stored for name, stored in found if stored}

    def head(self, name: str) -> Stored | None:
        """Return one file's size and mark."""
        found = self.read(name)
        return found[1] if found else None

    def read(self, name: str) -> tuple[bytes, Stored] | None:
        """Return one file."""
        path = self._place(name)
        if not path.is_file():
            return None
        data = path.read_bytes()
        return data, Stored(len(data), hashlib.sha256(data).hexdigest())

    def put(self, upload: Upload, *, expect: Stored | None = None, guard: bool = False) -> Stored:
        """Write a file beside its place, then move it there."""
        path = self._place(upload.name)
        self._root.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{uuid.uuid4()}")
        try:
            with part.open("wb") as file:
                for piece in upload.read_pieces():
                    file.write(piece)
            if guard and self.head(upload.name) != expect:
                raise ConflictError(f"Another run has changed {upload.name} meanwhile.")
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        stored = self.head(upload.name)
        assert stored
        return stored

    def delete(self, name: str) -> None:
        """Remove a file."""
        self._place(name).unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        if not is_name(name):
            raise DestinationError(f"{name!r} is no name of a file here.")
        return self._root / name.replace("/", "|")  # which no name holds


def make_destination(root: Path) -> Destination:
    """Make one; a type checker sees that it keeps the protocol."""
    return ShelfDestination.open(f"shelf://{root}")
