"""What every destination must do, as checks for authors of destinations."""

import contextlib
import hashlib
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from reviewcast.model.errors import ConflictError, DestinationError, LockedError, ReviewcastError
from reviewcast.model.protocols import Destination, Stored, Upload, is_name


def check_destination(make: Callable[[], Destination]) -> None:
    """Try whether a destination keeps what its protocol says.

    Each call of `make` reaches the same place by a connection of its own, as several runs would;
    it is empty at first, and is so again at the end. Raise AssertionError with a sentence on
    what is wrong.
    """
    first, second, third = make(), make(), make()
    demand(isinstance(first, Destination), "It lacks a method or `scheme` of Destination.")
    demand(
        isinstance(type(first).scheme, str) and type(first).scheme.isidentifier(),
        "Its `scheme` is not the part of a URL before `://`.",
    )
    demand(first.list() == {}, "The place is not empty at first, or list() does not say so.")
    for check in (
        _check_absent,
        _check_put,
        _check_names,
        _check_replacing,
        _check_sizes,
        _check_sources,
        _check_wholeness,
        _check_guard,
        _check_delete,
        _check_lock,
    ):
        what = check.__name__.removeprefix("_check_")
        try:
            check(first, second)
            for name in second.list():
                first.delete(name)
            left = third.list()
        except Exception as error:
            if isinstance(error, AssertionError):
                raise
            raise AssertionError(f"While trying {what}: {type(error).__name__}: {error}") from error
        demand(not left, f"After trying {what}, files that were deleted are still there.")


def _check_absent(one: Destination, other: Destination) -> None:
    for name in ("nothing.txt", "no/thing.txt"):
        demand(one.head(name) is None, "head() of a file that is not there is not None.")
        demand(one.read(name) is None, "read() of a file that is not there is not None.")
        one.delete(name)
    demand(other.list() == {}, "delete() of a file that is not there has made one.")


def _check_put(one: Destination, other: Destination) -> None:
    put = one.put(_upload("feed.xml", b"<rss/>"))
    _expect(one, other, {"feed.xml": (b"<rss/>", put)})
    again = one.put(_upload("feed.xml", b"<rss/>"))  # as after a failure whose cause is not known
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.write_bytes(b"sound")
        audio = other.put(_upload("episodes/one/one.mp3", source, 5))
    _expect(one, other, {"feed.xml": (b"<rss/>", again), "episodes/one/one.mp3": (b"sound", audio)})


def _check_names(one: Destination, other: Destination) -> None:
    names = ["a b.txt", "per%20cent.txt", "plus+and&=.txt", "~tilde'(1)!.txt", "a/b/c/d/e.txt"]
    names += ["#hash;,$@.txt", "[1]/{x}/^`.txt", "n" * 196 + ".txt"]
    files = {name: name.encode() for name in names}
    _expect(
        one, other, {name: (data, one.put(_upload(name, data))) for name, data in files.items()}
    )
    bad = ("", ".", "..", "../out", "/out", "in/../../out", "a//b", "a/", ".hidden", "a/.b/c")
    for name in (*bad, "a\\b", "caf\u00e9", "a\nb", "a\0b", "n" * 201, "a."):
        demand(not is_name(name), f"is_name() takes {name!r}.")
        _refuses(one, _upload(name, b"x"), f"put() takes the name {name!r}.")
    demand(set(other.list()) == set(names), "put() refuses a name, yet has made a file of it.")


def _check_replacing(one: Destination, other: Destination) -> None:
    marks = set()
    for data in (b"long " * 1000, b"short", b"shirt", b"short", b""):
        stored = one.put(_upload("a/feed.xml", data))
        before = one.head("a/feed.xml")
        _expect(one, other, {"a/feed.xml": (data, stored)})
        demand(before == other.head("a/feed.xml"), "The mark of an unchanged file changes.")
        marks.add((data, stored.mark))
    short, shirt = ({mark for data, mark in marks if data == text} for text in (b"short", b"shirt"))
    demand(not short & shirt, "A file that is replaced by another of its size keeps its mark.")


def _check_sizes(one: Destination, other: Destination) -> None:
    block = hashlib.sha256(b"block").digest() * 1024
    for size in (0, 1, 32768, 32769, 3_333_333):
        data = (block * (size // len(block) + 1))[:size]
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "source")
            source.write_bytes(data)
            stored = one.put(_upload("size.bin", source, size))
        _expect(one, other, {"size.bin": (data, stored)})


def _check_sources(one: Destination, other: Destination) -> None:
    stored = one.put(_upload("kept.mp3", b"old bytes"))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.write_bytes(b"n" * 100_000)
        wrong: list[tuple[Path | bytes, int]] = [
            (source, 99_999),
            (source, 100_001),
            (b"new", 2),
            (b"new", 4),
            (Path(folder, "missing"), 5),
        ]
        for name in ("kept.mp3", "new.mp3"):
            for wrong_source, size in wrong:
                _refuses(
                    one,
                    _upload(name, wrong_source, size),
                    "put() takes a source that is missing or has another size than it says.",
                )
                _expect(one, other, {"kept.mp3": (b"old bytes", stored)})


def _check_wholeness(one: Destination, other: Destination) -> None:
    """Read a file while it is replaced: all that is ever seen is one of the two."""
    versions = [letter * (200_000 + 77 * index) for index, letter in enumerate((b"a", b"b"))]
    one.put(_upload("busy.bin", versions[0]))
    ended = threading.Event()
    faults: list[str] = []

    def watch() -> None:
        try:
            while not ended.is_set():
                found = other.read("busy.bin")
                if found is None or found[0] not in versions:
                    faults.append("While a file is replaced, a part of it or nothing is seen.")
                    return
                if len(found[0]) != found[1].size_bytes:
                    faults.append("read() gives bytes and a size that do not belong together.")
                    return
        except ReviewcastError as error:
            faults.append(f"While a file is replaced, read() raises: {error}")

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for index in range(1, 7):
            one.put(_upload("busy.bin", versions[index % 2]))
    finally:
        ended.set()
        watcher.join()
    demand(not faults, "".join(faults))


def _check_guard(one: Destination, other: Destination) -> None:
    def put(data: bytes, expect: Stored | None) -> Stored:
        return one.put(_upload("feed.xml", data), expect=expect, guard=True)

    first = put(b"one", None)
    _expect(one, other, {"feed.xml": (b"one", first)})
    _conflicts(lambda: put(b"two", None), "A file is there, but the guard expects none.")
    second = put(b"two", first)
    _expect(one, other, {"feed.xml": (b"two", second)})
    _conflicts(lambda: put(b"three", first), "The guard expects a file that was replaced.")
    third = other.put(_upload("feed.xml", b"owt"))
    _conflicts(lambda: put(b"four", second), "Another run has put a file of the same size.")
    _expect(one, other, {"feed.xml": (b"owt", third)})
    other.delete("feed.xml")
    _conflicts(lambda: put(b"five", third), "The guard expects a file that was deleted.")
    _expect(one, other, {})
    last = put(b"six", None)
    _expect(one, other, {"feed.xml": (b"six", last)})


def _check_delete(one: Destination, other: Destination) -> None:
    names = ("a/one.txt", "a/one.txt.gz", "a/two.txt", "b/c/three.txt")
    puts = {name: one.put(_upload(name, b"text")) for name in names}
    gone = "a/one.txt"
    one.delete(gone)
    other.delete(gone)
    _expect(one, other, {name: (b"text", stored) for name, stored in puts.items() if name != gone})
    for name in ("a/one.txt.gz", "a/two.txt", "a"):
        one.delete(name)
    stored = puts["b/c/three.txt"]
    _expect(one, other, {"b/c/three.txt": (b"text", stored)})
    one.put(_upload("a", b"a file where a folder was"))
    one.delete("a")
    again = one.put(_upload("a/one.txt", b"back"))
    _expect(one, other, {"b/c/three.txt": (b"text", stored), "a/one.txt": (b"back", again)})


def _check_lock(one: Destination, other: Destination) -> None:
    class Stop(Exception):
        pass

    with contextlib.suppress(Stop), one.lock():
        stored = one.put(_upload("feed.xml", b"one"), guard=True)
        with contextlib.suppress(LockedError), other.lock():
            pass  # a place without locks lets both in; then the guard is what counts
        demand(set(one.list()) == {"feed.xml"}, "The lock itself is in list().")
        raise Stop
    with other.lock():
        changed = other.put(_upload("feed.xml", b"two"), expect=stored, guard=True)
    _expect(one, other, {"feed.xml": (b"two", changed)})


def _expect(one: Destination, other: Destination, files: dict[str, tuple[bytes, Stored]]) -> None:
    """See that exactly these files are there, whichever way and from wherever one looks."""
    for place in (one, other):
        listed = place.list()
        demand(
            set(listed) == set(files),
            f"list() gives {sorted(listed)} where {sorted(files)} were put.",
        )
        for name, (data, stored) in files.items():
            found = place.read(name)
            demand(found is not None, f"read() does not find {name!r}.")
            if found is None:
                continue
            demand(found[0] == data, f"read() gives other bytes than {name!r} was put with.")
            sizes = {stored.size_bytes, listed[name].size_bytes, found[1].size_bytes}
            demand(sizes == {len(data)}, f"The size of {name!r} is told wrong.")
            marks = {stored.mark, listed[name].mark, found[1].mark}
            demand(len(marks) == 1, f"put(), list() and read() give {name!r} several marks.")
            demand(place.head(name) == stored, f"head() of {name!r} is not what put() gave.")


def _upload(name: str, source: Path | bytes, size_bytes: int | None = None) -> Upload:
    if size_bytes is None:
        assert isinstance(source, bytes)
        size_bytes = len(source)
    return Upload(
        name=name,
        source=source,
        size_bytes=size_bytes,
        content_type="application/octet-stream",
        cache_control="max-age=60",
    )


def _refuses(place: Destination, upload: Upload, message: str) -> None:
    try:
        place.put(upload)
    except DestinationError:
        return
    except Exception as error:
        raise AssertionError(f"{type(error).__name__} is no DestinationError: {error}") from error
    raise AssertionError(message)


def _conflicts(job: Callable[[], object], message: str) -> None:
    try:
        job()
    except ConflictError:
        return
    except Exception as error:
        raise AssertionError(f"{type(error).__name__} is no ConflictError: {error}") from error
    raise AssertionError(f"{message} Yet put() puts one.")


def demand(condition: bool, message: str) -> None:  # noqa: FBT001
    """Raise AssertionError with the message unless the condition holds."""
    if not condition:
        raise AssertionError(message)
