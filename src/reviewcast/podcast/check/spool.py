"""Archive pages wait on the disk until their files are checked: their trees take much memory."""

import tempfile
from collections.abc import Iterator
from typing import Self

from msgspec import Struct

from reviewcast.model.errors import StorageError
from reviewcast.podcast.check.document import Feed, read_feed
from reviewcast.podcast.check.places import Place

_LARGEST_IN_MEMORY = 20_000_000


class _Kept(Struct, frozen=True):
    """Where a page waits in the file."""

    name: str
    start: int
    size_bytes: int


class FeedSpool:
    """Keeps the bytes of archive pages: up to 20 MB in memory, all of them on the disk after that.

    It is a context manager, which drops them at its end.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_LARGEST_IN_MEMORY)  # noqa: SIM115  closed by __exit__
        self._kept: list[_Kept] = []

    def keep(self, feed: Feed) -> None:
        """Keep a page; raise StorageError when the disk refuses it."""
        self._kept.append(_Kept(feed.name, self._file.tell(), len(feed.data)))
        try:
            self._file.write(feed.data)
        except OSError as error:
            raise StorageError(
                f"The archive pages cannot be kept on the disk: {error.strerror or error}.",
                hint="Set TMPDIR to a folder that has space and can be written.",
            ) from error

    def reopen(self, place: Place) -> Iterator[Feed]:
        """Return the pages once more, one at a time, in their order."""
        for one in self._kept:
            self._file.seek(one.start)
            data = self._file.read(one.size_bytes)
            root, fault, _ = read_feed(data, name=one.name)
            yield Feed(one.name, data, place, root, fault, archive=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_what: object) -> None:
        self._file.close()
