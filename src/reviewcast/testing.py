"""What the authors of plug-ins need to put them to the test."""

import contextlib
import dataclasses
import hashlib
import io
import math
import os
import pickle
import re
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import msgspec
from msgspec import Struct

from reviewcast.errors import (
    ConfigError,
    ConflictError,
    DestinationError,
    LockedError,
    ReviewcastError,
    VoiceError,
    VoiceUnavailable,
)
from reviewcast.model import Take
from reviewcast.protocols import Destination, Stored, Upload, Voice, is_name
from reviewcast.take_checks import find_fault
from reviewcast.workers import WorkerDied, open_pool

_SENTENCE = "Amélie is a film about a shy waitress, and it is a joy to watch."
_OTHER = "The second half is weaker."
_SHORT = "Good."
_LONGEST_TRIED = 5000  # characters: some minutes of speech
_LETTERS_PER_S = (3.0, 50.0)  # of the slowest and the quickest speech
_MOST_OF_THE_PACE = 2.0  # a voice that seems to speak so much quicker leaves something out


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

        Raises ConfigError for one of another scheme.
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
        """Give all that is there."""
        self.on_call("list", "")
        with self._busy:
            return {name: file.stored for name, file in self.files.items()}

    def head(self, name: str) -> Stored | None:
        """Give one file's size and mark."""
        self.on_call("head", name)
        file = self.files.get(_check_name(name))
        return file.stored if file else None

    def read(self, name: str) -> tuple[bytes, Stored] | None:
        """Give one file."""
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


def check_destination(make: Callable[[], Destination]) -> None:
    """Try whether a destination keeps what its protocol says.

    Each call of `make` reaches the same place by a connection of its own, as several runs would;
    it is empty at first, and is so again at the end. Raises AssertionError with a sentence on
    what is wrong.
    """
    first, second, third = make(), make(), make()
    _demand(isinstance(first, Destination), "It lacks a method or `scheme` of Destination.")
    _demand(
        isinstance(type(first).scheme, str) and type(first).scheme.isidentifier(),
        "Its `scheme` is not the part of a URL before `://`.",
    )
    _demand(first.list() == {}, "The place is not empty at first, or list() does not say so.")
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
        _demand(not left, f"After trying {what}, files that were deleted are still there.")


def _check_absent(one: Destination, other: Destination) -> None:
    for name in ("nothing.txt", "no/thing.txt"):
        _demand(one.head(name) is None, "head() of a file that is not there is not None.")
        _demand(one.read(name) is None, "read() of a file that is not there is not None.")
        one.delete(name)
    _demand(other.list() == {}, "delete() of a file that is not there has made one.")


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
        _demand(not is_name(name), f"is_name() takes {name!r}.")
        _refuses(one, _upload(name, b"x"), f"put() takes the name {name!r}.")
    _demand(set(other.list()) == set(names), "put() refuses a name, yet has made a file of it.")


def _check_replacing(one: Destination, other: Destination) -> None:
    marks = set()
    for data in (b"long " * 1000, b"short", b"shirt", b"short", b""):
        stored = one.put(_upload("a/feed.xml", data))
        before = one.head("a/feed.xml")
        _expect(one, other, {"a/feed.xml": (data, stored)})
        _demand(before == other.head("a/feed.xml"), "The mark of an unchanged file changes.")
        marks.add((data, stored.mark))
    short, shirt = ({mark for data, mark in marks if data == text} for text in (b"short", b"shirt"))
    _demand(not short & shirt, "A file that is replaced by another of its size keeps its mark.")


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
    _demand(not faults, "".join(faults))


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
        _demand(set(one.list()) == {"feed.xml"}, "The lock itself is in list().")
        raise Stop
    with other.lock():
        changed = other.put(_upload("feed.xml", b"two"), expect=stored, guard=True)
    _expect(one, other, {"feed.xml": (b"two", changed)})


def _expect(one: Destination, other: Destination, files: dict[str, tuple[bytes, Stored]]) -> None:
    """See that exactly these files are there, whichever way and from wherever one looks."""
    for place in (one, other):
        listed = place.list()
        _demand(
            set(listed) == set(files),
            f"list() gives {sorted(listed)} where {sorted(files)} were put.",
        )
        for name, (data, stored) in files.items():
            found = place.read(name)
            _demand(found is not None, f"read() does not find {name!r}.")
            if found is None:
                continue
            _demand(found[0] == data, f"read() gives other bytes than {name!r} was put with.")
            sizes = {stored.size_bytes, listed[name].size_bytes, found[1].size_bytes}
            _demand(sizes == {len(data)}, f"The size of {name!r} is told wrong.")
            marks = {stored.mark, listed[name].mark, found[1].mark}
            _demand(len(marks) == 1, f"put(), list() and read() give {name!r} several marks.")
            _demand(place.head(name) == stored, f"head() of {name!r} is not what put() gave.")


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


@dataclass(frozen=True)
class ToneVoice:
    """A voice for tests: each word is a tone that its letters decide; offline and repeatable.

    A character lasts `char_s` seconds, from 0.02 to 0.3; the tones have an amplitude of `gain`,
    up to 1. It speaks at 24 kHz, some thousand times as quick as it is heard, and marks its words.
    """

    char_s: float = 0.06
    gain: float = 0.3

    name: ClassVar[str] = "tone"
    version: ClassVar[str] = "1"
    max_chars: ClassVar[int] = 300
    max_workers: ClassVar[int] = 1
    online: ClassVar[bool] = False
    rate_hz: ClassVar[int] = 24_000

    def __post_init__(self) -> None:
        if not 0.02 <= self.char_s <= 0.3:
            raise ConfigError("[voice.tone] char_s must be from 0.02 to 0.3.")
        if not 0.01 <= self.gain <= 1:
            raise ConfigError("[voice.tone] gain must be from 0.01 to 1.")

    def speak(self, text: str, *, language: str) -> Take:  # noqa: ARG002  tones have none
        """Sound a tone from 200 to 790 Hz a word, whatever the language, between quiet edges.

        Raises VoiceError for a text without a word, or of more than 300 characters.
        """
        import numpy as np

        words = list(re.finditer(r"\w+", text))
        if not words or len(text) > self.max_chars:
            raise VoiceError(
                f"Tones are given for 1 to {self.max_chars} characters with a word in them,"
                f" not for {text[:60]!r}.",
                hint="Please report it: the script should hold no such segment.",
            )
        edge = self.rate_hz // 10
        pcm = np.zeros(2 * edge + round(len(text) * self.char_s * self.rate_hz), "<i2")
        marks = []
        for word in words:
            first, last = (edge + round(at * self.char_s * self.rate_hz) for at in word.span())
            at_s = np.arange(last - first) / self.rate_hz
            hz = 200 + 10 * (zlib.crc32(word[0].casefold().encode()) % 60)
            fades = np.minimum(1, np.minimum(at_s, at_s[::-1]) / 0.005)
            pcm[first:last] = np.rint(32767 * self.gain * fades * np.sin(2 * np.pi * hz * at_s))
            marks.append((word.start(), first))
        return Take(pcm.tobytes(), self.rate_hz, tuple(marks))


def check_voice(voice: Voice, *, languages: Sequence[str] = ("en",)) -> None:
    """Try whether a voice keeps what its protocol says; an online one gets about 20 requests.

    All `languages` are tried, with English words. Voices that are not online also speak in a
    process of their own, which cannot see what a test has patched. Raises AssertionError with a
    sentence on what is wrong.
    """
    _check_shape(voice)
    _check_options(voice)
    with _watch_stdout():
        for language in languages:
            pace = _check_speech(voice, language)
            _check_limit(voice, language, pace)
            _check_refusals(voice, language)
        _check_repeats(voice, languages[0])
        _check_refusal(voice, _SENTENCE, "qqq")  # nobody speaks it


def _check_shape(voice: Voice) -> None:
    kind = type(voice)
    _demand(not isinstance(voice, type), "That is a class: give check_voice() a voice made of it.")
    _demand(isinstance(voice, Voice), "It lacks a ClassVar or the method of Voice.")
    frozen = getattr(getattr(kind, "__dataclass_params__", None), "frozen", False)
    _demand(frozen, "It is no frozen dataclass: write @dataclass(frozen=True).")
    fields = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name, wanted in (
        ("name", str),
        ("version", str),
        ("max_chars", int),
        ("max_workers", int),
        ("online", bool),
    ):
        _demand(name not in fields, f"`{name}` is one of its options: make it a ClassVar.")
        value = getattr(kind, name, None)
        _demand(type(value) is wanted, f"`{name}` is {value!r}, and no {wanted.__name__}.")
    _demand(
        re.fullmatch(r"[A-Za-z0-9_-]+", voice.name) is not None and voice.name != "auto",
        f"`name` is {voice.name!r}: use letters, figures, - and _, and another word than auto.",
    )
    _demand(voice.version != "", "`version` is empty.")
    _demand(
        voice.max_chars >= len(_SENTENCE),
        f"`max_chars` is {voice.max_chars}: a sentence of {len(_SENTENCE)} must fit.",
    )
    _demand(voice.max_workers >= 0, f"`max_workers` is {voice.max_workers}.")


def _check_options(voice: Voice) -> None:
    """See that the options can be written in podcast.toml, and travel to a worker."""
    kind = type(voice)
    options = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        value = getattr(voice, field.name)
        try:
            plain = msgspec.json.decode(msgspec.json.encode(value))
        except (TypeError, ValueError) as error:
            raise AssertionError(
                f"The option {field.name} cannot be part of a take's key: {error}"
            ) from error
        if plain is not None:  # podcast.toml has no such value; it can only be left out
            options[field.name] = plain
    try:
        decoded = msgspec.convert(options, kind, strict=False)
    except Exception as error:
        raise AssertionError(
            f"Its options {options} do not decode from podcast.toml: {error}"
        ) from error
    _demand(decoded == voice, f"Its options {options} decode from podcast.toml to {decoded}.")
    try:
        copy = pickle.loads(pickle.dumps(voice))  # noqa: S301  it was pickled here
    except Exception as error:
        raise AssertionError(f"It cannot be pickled for a worker process: {error}") from error
    _demand(copy == voice, "Pickled for a worker process it becomes another voice.")


@contextlib.contextmanager
def _watch_stdout() -> Iterator[None]:
    """See that nothing is written to standard output, by Python, a library or a worker."""
    said = io.StringIO()
    sys.stdout.flush()
    real = os.dup(1)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        try:
            with contextlib.redirect_stdout(said):
                yield
        finally:
            os.dup2(real, 1)
            os.close(real)
        file.seek(0)
        text = said.getvalue() or file.read(200).decode(errors="replace")
    _demand(not text, f"It writes to standard output, where results belong: {text[:60]!r}")


def _speak(voice: Voice, text: str, language: str) -> Take:
    """Speak a text that a voice has to speak."""
    try:
        return voice.speak(text, language=language)
    except VoiceUnavailable as error:
        raise AssertionError(f"It cannot be reached, so nothing is known: {error}") from error
    except (Exception, SystemExit) as error:
        raise AssertionError(
            f"For {text[:60]!r} in {language!r} it raises {type(error).__name__}: {error}"
        ) from error


def _check_speech(voice: Voice, language: str) -> float:
    """See that a sentence becomes speech, and a word less of it; give the letters a second."""
    lengths = [
        _check_take(_speak(voice, text, language), text) for text in (_SENTENCE, _OTHER, _SHORT)
    ]
    _demand(
        lengths == sorted(set(lengths), reverse=True),
        f"A longer text does not last longer: {lengths[0]:.2f} s, {lengths[1]:.2f} s and"
        f" {lengths[2]:.2f} s for {len(_SENTENCE)}, {len(_OTHER)} and {len(_SHORT)} characters.",
    )
    return _count_letters(_SENTENCE) / lengths[0]


def _check_limit(voice: Voice, language: str, pace: float) -> None:
    """See that as much as `max_chars` is spoken whole, and that more is too, or is refused."""
    text = _make_text(min(voice.max_chars, _LONGEST_TRIED))
    lasts_s = _check_take(_speak(voice, text, language), text)
    _demand(
        _count_letters(text) / lasts_s <= _MOST_OF_THE_PACE * pace,
        f"Of {len(text)} characters, which `max_chars` allows, it leaves some out.",
    )
    text = _make_text(3 * voice.max_chars)
    take = _check_refusal(voice, text, language)
    if take is not None:
        lasts_s = _check_take(take, text)
        _demand(
            _count_letters(text) / lasts_s <= _MOST_OF_THE_PACE * pace,
            f"It takes {len(text)} characters, more than `max_chars`, and leaves some out:"
            " raise VoiceError.",
        )


def _check_refusals(voice: Voice, language: str) -> None:
    for text in ("", "  ", "…", "?!", "\0"):
        take = _check_refusal(voice, text, language)
        if take is not None and not text.strip(" \0"):
            _demand(
                isinstance(take, Take) and not _measure_speech(take),
                f"It says something for {text!r}: raise VoiceError.",
            )


def _check_refusal(voice: Voice, text: str, language: str) -> Take | None:
    """See that a voice which cannot speak a text says so by an error of ours; None when it does."""
    try:
        return voice.speak(text, language=language)
    except (VoiceError, ConfigError) as error:
        _demand(error.message.strip() != "", f"Its {type(error).__name__} says nothing.")
        return None
    except (Exception, SystemExit) as error:
        raise AssertionError(
            f"For {text[:20]!r} ({len(text)} characters) in {language!r} it raises"
            f" {type(error).__name__}, not VoiceError or ConfigError: {error}"
        ) from error


def _check_repeats(voice: Voice, language: str) -> None:
    """See that the same text sounds the same, again and in workers, beside others."""
    first, other = (_speak(voice, text, language) for text in (_SENTENCE, _OTHER))
    again = _speak(voice, _SENTENCE, language)
    _demand(_is_same(first, again, voice), "The same text has other samples the second time.")
    try:
        with open_pool(voice, characters=0) as pool:
            texts = (_SENTENCE, _OTHER, _SENTENCE, _OTHER)
            takes = list(pool.map(_speak, [voice] * 4, texts, [language] * 4))
    except (BrokenExecutor, WorkerDied) as error:
        raise AssertionError("It ends the worker process in which it speaks.") from error
    for index, take in enumerate(takes):
        _demand(
            _is_same(take, other if index % 2 else first, voice),
            "The same text has other samples in a worker, beside others.",
        )


def _is_same(one: Take, other: Take, voice: Voice) -> bool:
    """Tell whether two takes are the same, as far as that is in the voice's power."""
    if not voice.online:
        return one == other
    lengths = _measure_speech(one), _measure_speech(other)
    return math.isclose(*lengths, rel_tol=0.25, abs_tol=0.2)


def _check_take(take: Take, text: str) -> float:
    """See that a take is the speech of a text; give how long it is heard, in seconds."""
    fault = find_fault(take)
    _demand(not fault, f"For {text[:60]!r} it {fault}.")
    what, pcm = f"The take of {text[:60]!r}", take.pcm
    _check_samples(pcm, what)
    heard_s, letters = _measure_speech(take), _count_letters(text)
    _demand(heard_s > 0, f"{what} is silent.")
    slowest, quickest = _LETTERS_PER_S
    _demand(
        letters / quickest <= heard_s <= 2 + letters / slowest,
        f"{what} lasts {heard_s:.2f} s, which cannot be for {letters} letters.",
    )
    for before, after in pairwise(take.marks):
        _demand(before[0] < after[0] and before[1] <= after[1], f"{what}: its marks run backwards.")
    for at, sample in take.marks:
        _demand(
            0 <= at < len(text) and text[at].isalnum() and 0 <= sample <= len(pcm) // 2,
            f"{what}: the mark {(at, sample)} is not where a word begins.",
        )
    return heard_s


def _check_samples(pcm: bytes, what: str) -> None:
    """See that bytes are little-endian samples of 16 bit and one channel."""
    import numpy as np

    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    level = np.abs(samples).mean()
    if not level:
        raise AssertionError(f"{what} is silent.")
    pairs = samples[: len(samples) // 2 * 2].reshape(-1, 2)
    _demand(not (pairs[:, 0] == pairs[:, 1]).all(), f"{what} is stereo: mix it to one channel.")
    upper = np.frombuffer(pcm, "<u2")[1::2] & 0x7FFF
    upper = upper[upper > 0]
    # the upper halves of floats from 1e-9 to 1; of samples hardly any fall there
    floats = ((upper >= 0x3000) & (upper <= 0x3F80)).mean() if len(upper) else 0
    _demand(floats < 0.9, f"{what} holds floats: round them to 16 bit.")
    swapped = np.frombuffer(pcm, ">i2").astype(np.float64)
    rough, rough_swapped = (
        np.abs(np.diff(wave)).mean() / max(1e-9, np.abs(wave).mean()) for wave in (samples, swapped)
    )
    _demand(rough_swapped >= rough / 2, f"{what} is big-endian: swap its bytes.")
    _demand(
        abs(samples.mean()) < level / 2,
        f"{what} does not swing around zero: its samples are not signed 16 bit.",
    )


def _measure_speech(take: Take) -> float:
    """Give how long there is something to be heard, in seconds; 0 when there is nothing."""
    from reviewcast.sound import is_silent, measure_take

    if is_silent(take):
        return 0.0
    figures = measure_take(take)
    return (figures.end - figures.start) / figures.rate_hz


def _make_text(chars: int) -> str:
    """Make a text of exactly so many characters."""
    text = f"{_SENTENCE} " * (chars // len(_SENTENCE) + 1)
    return text[: chars - 1].rstrip().ljust(chars, ".")


def _count_letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _demand(condition: bool, message: str) -> None:  # noqa: FBT001
    if not condition:
        raise AssertionError(message)


def _check_name(name: str) -> str:
    if not is_name(name):
        raise DestinationError(f"A file cannot be named {name!r} there.")
    return name
