"""A destination in memory, for tests that need no server."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import ClassVar

from msgspec import Struct

from reviewcast.model.errors import ConfigError, ConflictError, DestinationError, LockedError
from reviewcast.model.protocols import Stored, Upload, is_name


class MemoryFile(Struct, frozen=True):
    """A file in a MemoryDestination, and how it is to be served."""

    data: bytes
    content_type: str
    cache_control: str
    stored: Stored


class MemoryDestination:
    """A place in memory, for tests of what publishes.

    `files` is what is there. `on_call` hears of each call before it does anything, as the
    method's name and the file's, and may raise what is to go wrong. Safe for threads.
    """

    scheme: ClassVar[str] = "memory"

    def __init__(self, on_call: Callable[[str, str], None] = lambda _method, _name: None) -> None:
        self.files: dict[str, MemoryFile] = {}
        self.on_call = on_call
        self._busy = threading.Lock()
        self._locked = threading.Lock()

    @classmethod
    def open(cls, url: str) -> "MemoryDestination":
        """Make a new, empty place, whatever the URL names.

        Raise ConfigError for one of another scheme.
        """
        if not url.startswith("memory://"):
            raise ConfigError("That is no memory:// URL.")
        return cls()

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the place; another one who tries is refused."""
        self.on_call("lock", "")
        if not self._locked.acquire(blocking=False):
            raise LockedError("Another run is publishing here.", hint="Wait until it has ended.")
        try:
            yield
        finally:
            self._locked.release()

    def list(self) -> dict[str, Stored]:
        """Return all that is there."""
        self.on_call("list", "")
        with self._busy:
            return {name: file.stored for name, file in self.files.items()}

    def head(self, name: str) -> Stored | None:
        """Return one file's size and mark."""
        self.on_call("head", name)
        file = self.files.get(_check_name(name))
        return file.stored if file else None

    def read(self, name: str) -> tuple[bytes, Stored] | None:
        """Return one file."""
        self.on_call("read", name)
        file = self.files.get(_check_name(name))
        return (file.data, file.stored) if file else None

    def put(self, upload: Upload, *, expect: Stored | None = None, guard: bool = False) -> Stored:
        """Keep a copy; its mark is a hash of its bytes."""
        self.on_call("put", upload.name)
        name = _check_name(upload.name)
        data = b"".join(upload.read_pieces())
        stored = Stored(len(data), hashlib.sha256(data).hexdigest())
        with self._busy:
            old = self.files.get(name)
            if guard and (old.stored if old else None) != expect:
                raise ConflictError(f"Another run has changed {name} meanwhile.")
            self.files[name] = MemoryFile(data, upload.content_type, upload.cache_control, stored)
        return stored

    def delete(self, name: str) -> None:
        """Forget a file."""
        self.on_call("delete", name)
        with self._busy:
            self.files.pop(_check_name(name), None)


def _check_name(name: str) -> str:
    if not is_name(name):
        raise DestinationError(f"A file cannot be named {name!r} there.")
    return name
