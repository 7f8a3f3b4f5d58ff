"""Each destination keeps the protocol, and those that do not are found out."""

import contextlib
import hashlib

import msgspec
import pytest

from reviewcast.model.errors import ConflictError, DestinationError
from reviewcast.model.protocols import Destination, Stored
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.testing.destination import check_destination
from reviewcast.testing.memory_destination import MemoryDestination, MemoryFile


def test_folder(tmp_path):
    """A folder keeps it, and leaves nothing but its lock."""
    check_destination(lambda: FolderDestination(tmp_path / "a/public"))
    assert [entry.name for entry in (tmp_path / "a/public").iterdir()] == [".reviewcast.lock"]


def test_s3(s3):
    """A bucket keeps it."""
    check_destination(s3.open)
    assert "Contents" not in s3.raw.list_objects_v2(Bucket="show")


def test_s3_whole_bucket(s3):
    """A bucket without a prefix keeps it too."""
    check_destination(lambda: s3.open("s3://show"))


def test_sftp(sftp):
    """A server keeps it, and nothing is left of it."""
    check_destination(sftp.open)
    assert list(sftp.folder.iterdir()) == []


def test_memory():
    """Memory keeps it."""
    place = MemoryDestination()
    check_destination(lambda: place)


class _Leaky(MemoryDestination):
    """Keeps what it has read when the rest does not come."""

    def put(self, upload, *, expect=None, guard=False):
        data = b""
        try:
            for piece in upload.read_pieces(1000):
                data += piece
        except DestinationError:
            self._keep(upload, data)
            raise
        return super().put(upload, expect=expect, guard=guard)

    def _keep(self, upload, data):
        stored = Stored(len(data), hashlib.sha256(data).hexdigest())
        self.files[upload.name] = MemoryFile(data, "", "", stored)
        return stored


class _Stepwise(_Leaky):
    """Shows a file while it grows."""

    def put(self, upload, *, expect=None, guard=False):
        data = b"".join(upload.read_pieces())
        if len(data) > 100_000:
            for end in range(0, len(data), 10_000):
                self._keep(upload, data[:end])
        return super().put(upload, expect=expect, guard=guard)


class _Careless(MemoryDestination):
    """Does not look what the guard expects."""

    def put(self, upload, *, expect=None, guard=False):
        return super().put(upload)


class _HalfCareless(MemoryDestination):
    """Looks at the size only."""

    def put(self, upload, *, expect=None, guard=False):
        old = self.head(upload.name)
        if guard and (old and old.size_bytes) != (expect and expect.size_bytes):
            raise ConflictError("It has changed.")
        return super().put(upload)


class _Believing(MemoryDestination):
    """Takes the source as it is, whatever size it was said to have."""

    def put(self, upload, *, expect=None, guard=False):
        try:
            with upload.open() as file:
                data = file.read()
        except DestinationError:
            data = b""
        true = msgspec.structs.replace(upload, source=data, size_bytes=len(data))
        return super().put(true, expect=expect, guard=guard)


class _Miscounting(MemoryDestination):
    """Tells another size in its list."""

    def list(self):
        return {name: Stored(s.size_bytes + 1, s.mark) for name, s in super().list().items()}


class _Unmarked(MemoryDestination):
    """Gives every file of a size the same mark, and so cannot guard."""

    def put(self, upload, *, expect=None, guard=False):
        stored = super().put(upload, expect=expect, guard=guard)
        plain = Stored(stored.size_bytes, "same")
        self.files[upload.name] = MemoryFile(self.files[upload.name].data, "", "", plain)
        return plain


class _Restless(MemoryDestination):
    """Gives another mark each time."""

    count = 0

    def head(self, name):
        self.count += 1
        stored = super().head(name)
        return stored and Stored(stored.size_bytes, f"{stored.mark}{self.count}")


class _Strict(MemoryDestination):
    """Raises when there is nothing to delete."""

    def delete(self, name):
        if name not in self.files:
            raise DestinationError("There is no such file.")
        super().delete(name)


class _Appending(MemoryDestination):
    """Leaves the tail of a longer file."""

    def put(self, upload, *, expect=None, guard=False):
        old = self.files.get(upload.name)
        stored = super().put(upload, expect=expect, guard=guard)
        file = self.files[upload.name]
        data = file.data + (old.data[len(file.data) :] if old else b"")
        self.files[upload.name] = MemoryFile(data, "", "", stored)
        return stored


class _Prefixing(MemoryDestination):
    """Deletes all that begins as the file does."""

    def delete(self, name):
        super().delete(name)
        for other in [each for each in self.files if each.startswith(name)]:
            super().delete(other)


class _Clutching(MemoryDestination):
    """Never lets go of its lock after an error."""

    @contextlib.contextmanager
    def lock(self):
        context = super().lock()
        context.__enter__()
        self.context = context
        yield
        context.__exit__(None, None, None)


class _Showing(MemoryDestination):
    """Lists its own temporary files."""

    def put(self, upload, *, expect=None, guard=False):
        stored = super().put(upload, expect=expect, guard=guard)
        self.files[f".{upload.name}.part"] = self.files[upload.name]
        return stored


class _Rooted(MemoryDestination):
    """Takes every name there is."""

    def put(self, upload, *, expect=None, guard=False):
        try:
            return super().put(upload, expect=expect, guard=guard)
        except DestinationError as error:
            if "named" not in error.message:
                raise
            return Stored(upload.size_bytes, "")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (_Leaky, "other bytes"),
        (_Stepwise, "a part of it"),
        (_Careless, "the guard expects"),
        (_HalfCareless, "that was replaced"),
        (_Believing, "another size than it says"),
        (_Miscounting, "size of"),
        (_Unmarked, "keeps its mark"),
        (_Restless, "head() of"),
        (_Strict, "There is no such file"),
        (_Appending, "other bytes"),
        (_Prefixing, "list() gives"),
        (_Clutching, "Another run is publishing"),
        (_Showing, "list() gives"),
        (_Rooted, "takes the name"),
    ],
)
def test_bad_ones_are_found_out(kind, words):
    """What a destination does wrong is named."""
    place = kind()
    with pytest.raises(AssertionError) as caught:
        check_destination(lambda: place)
    assert words in str(caught.value)


def test_it_must_have_all_methods():
    """What lacks a method is no destination."""
    with pytest.raises(AssertionError, match="lacks a method"):
        check_destination(object)


def test_it_must_be_empty(upload):
    """Nothing of a user's is deleted: a place with files in it is refused."""
    place = MemoryDestination()
    place.put(upload("mine.txt", b"mine"))
    with pytest.raises(AssertionError, match="not empty at first"):
        check_destination(lambda: place)
    assert place.list()


def test_memory_is_a_destination():
    """It has all methods, tells of its calls first, and refuses another's URL."""
    calls = []
    place = MemoryDestination(lambda *call: calls.append(call))
    assert isinstance(place, Destination)
    with place.lock():
        place.list()
        place.delete("x")
    assert calls == [("lock", ""), ("list", ""), ("delete", "x")]
    assert MemoryDestination.open("memory://").files == {}
