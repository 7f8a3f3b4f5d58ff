"""Archive pages wait on the disk until their files are checked: their trees take much memory."""

import tempfile
from collections.abc import Iterator
from typing import Self

from reviewcast.podcast.check.document import Feed, read_feed
from reviewcast.podcast.check.places import Place
from reviewcast.system.files import reporting

_LARGEST_IN_MEMORY = 20_000_000


class FeedSpool:
    """Keeps the bytes of archive pages: up to 20 MB in memory, all of them on the disk after that.

    It is a context manager, which drops them at its end.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_LARGEST_IN_MEMORY)  # noqa: SIM115  closed by __exit__
        self._kept: list[tuple[str, int, int]] = []  # name, place in the file, size in bytes

    def keep(self, feed: Feed) -> None:
        """Keep a page; raise StorageError when the disk refuses it."""
        self._kept.append((feed.name, self._file.tell(), len(feed.data)))
        hint = "Set TMPDIR to a folder that has space and can be written."
        with reporting("keep the archive pages on the disk", hint=hint):
            self._file.write(feed.data)

    def reopen(self, place: Place) -> Iterator[Feed]:
        """Return the pages once more, one at a time, in their order."""
        for name, start, size_bytes in self._kept:
            self._file.seek(start)
            data = self._file.read(size_bytes)
            root, fault, _ = read_feed(data, name=name)
            yield Feed(name, data, place, root, fault, archive=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_what: object) -> None:
        self._file.close()
