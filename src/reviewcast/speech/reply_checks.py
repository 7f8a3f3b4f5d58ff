"""Whether a take can be the speech of its text: alone, beside the others, and by their pace."""

import collections
import difflib
import hashlib
import statistics
import threading
from collections.abc import Iterable

from msgspec import Struct

from reviewcast.audio.fingerprints import is_same_sound, make_fingerprint
from reviewcast.audio.loudness import SILENCE_LUFS
from reviewcast.model.audio import IS_QUICK, IS_SILENT, Take, TakeFigures
from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.model.text import Segment

_FASTEST_CHARS_PER_S = 60.0
_SLOWEST_S = (4.0, 1.2)  # a take may last this long, and this much more for each letter
_TAKES_TO_LEARN = 12
_LETTERS_TO_LEARN = 20  # shorter ones are paced by their pauses
_HARDLY = 0.72  # of the length that a text has at the pace of the quickest quarter
_SURE, _LONG_SURE = 2, 4  # as often the same sound, of a short and a long text: that is the answer
_NEAR_S = 0.1  # two frames of MP3 to both sides, by which one sound may last longer or shorter
_SHORT, _LONG = 8, 20  # letters: eight and ate may be one sound, and their and there in a sentence
_ALIKE, _LONG_ALIKE = 0.6, 0.95
_AGAIN = "Run the same command again, or change that sentence."


class NeighbourHeard(VoiceUnavailable):
    """A text was given the sound of another one."""


class Heard(Struct, frozen=True):
    """What is remembered of a take: whose it is, how long for how many letters, and its sound.

    `lasts_s` is the whole take's length, `duration_s` that of what is heard.
    """

    key: str
    spoken: str
    letters: int
    duration_s: float
    digest: bytes
    lasts_s: float = 0.0
    fingerprint: bytes = b""


def hear_take(
    take: Take, figures: TakeFigures, segment: Segment, key: str, *, is_stored: bool = False
) -> Heard:
    """Take down what is compared of a take; of a silent one, that nothing is heard.

    One that `is_stored` is known again by its samples only: fingerprints of many take long.
    """
    is_silent = figures.level_lufs <= SILENCE_LUFS
    speech = memoryview(take.pcm)[2 * figures.start : 2 * figures.end]
    return Heard(
        key,
        segment.spoken,
        _count_letters(segment.spoken),
        0.0 if is_silent else (figures.end - figures.start) / figures.rate_hz,
        hashlib.sha256(speech).digest(),
        figures.samples / figures.rate_hz,
        b"" if is_stored else make_fingerprint(take),
    )


def prove_length(figures: TakeFigures, segment: Segment) -> None:
    """Refuse a computed take that is silent, or faster or slower than speech can be.

    Raise VoiceError.
    """
    duration_s = (figures.end - figures.start) / figures.rate_hz
    letters = _count_letters(segment.spoken)
    fixed_s, letter_s = _SLOWEST_S
    if (
        not letters / _FASTEST_CHARS_PER_S <= duration_s <= fixed_s + letter_s * letters
        or not duration_s
    ):
        raise VoiceError(
            f"The voice gave {duration_s:.2f} s for {_name(segment)}.",
            hint=_AGAIN,
        )


def doubt_length(figures: TakeFigures, segment: Segment) -> tuple[str, ...]:
    """Return what speaks against the length of a service's reply, by the text alone.

    That it is slow does not: acronyms and figures are. Raise VoiceUnavailable when a long text
    cannot be in it: then no repetition makes it the answer.
    """
    duration_s = (figures.end - figures.start) / figures.rate_hz
    letters = _count_letters(segment.spoken)
    if duration_s and letters / _FASTEST_CHARS_PER_S <= duration_s:
        return ()
    if letters >= _LONG:
        raise VoiceUnavailable(
            f"The voice gave {duration_s:.2f} s for {_name(segment)}.", hint=_AGAIN
        )
    return (IS_QUICK if duration_s else IS_SILENT,)


class Proof:
    """Holds the replies of a service against each other. Safe for threads.

    The pace of the voice is learned from all takes that are known; of a reply that is far quicker
    a part may be missing. Two texts with the same sound are both asked for again: one of them was
    given its neighbour's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paces: dict[str, float] = {}
        self._sounds: dict[int, list[Heard]] = {}  # each sound as it came first, by its length
        self._names: dict[bytes, bytes] = {}  # of each digest, that of the same sound's first
        self._holders: dict[bytes, Heard] = {}
        self._held: dict[str, bytes] = {}
        self._doubted: list[str] = []
        self._waiting: set[str] = set()  # doubted, and not answered since
        self._answers: collections.Counter[tuple[str, bytes]] = collections.Counter()

    def learn(self, known: Iterable[Heard]) -> set[str]:
        """Take in what is stored already; return the keys that hold the sound of another text."""
        doubted: set[str] = set()
        for heard in known:
            holder = self._holders.get(self._name_sound(heard))
            # of short ones and of those that are only alike, the service was sure
            if holder and _is_certain(holder, heard) and _differ(holder.spoken, heard.spoken):
                doubted |= {holder.key, heard.key}
            else:
                self._keep(heard)
        for key in doubted:
            self._forget(key)
        return doubted

    def doubt_pace(self, figures: TakeFigures, segment: Segment) -> tuple[str, ...]:
        """Return what speaks against the length of a reply at the pace of the others.

        The voice is measured by its quickest quarter, so that a text with many figures or
        acronyms makes no other one suspect.
        """
        letters = _count_letters(segment.spoken)
        with self._lock:
            if len(self._paces) < _TAKES_TO_LEARN or letters < _LETTERS_TO_LEARN:
                return ()
            quick = statistics.quantiles(self._paces.values(), n=4)[0]
        duration_s = (figures.end - figures.start) / figures.rate_hz
        is_quick = duration_s / letters < _HARDLY * quick
        return ("is far quicker than elsewhere",) if is_quick else ()

    def prove(self, heard: Heard, segment: Segment, *, is_last: bool = False) -> tuple[str, ...]:
        """Hold a reply against all that is known, and keep it.

        Return what speaks against it still, when the service insists or this `is_last`: texts that
        differ only by what the voice does not read, such as another script, sound the same. Raises
        NeighbourHeard when the text is to be asked for again, after those that `take_doubted`
        gives, and when two long texts have the very same samples.
        """
        with self._lock:
            self._waiting.discard(heard.key)
            name = self._name_sound(heard)
            self._answers[heard.key, name] += 1
            doubts = self._refuse_neighbour(heard, name, segment, is_last=is_last)
            if not doubts:
                self._keep(heard)
            return doubts

    def take_doubted(self) -> list[str]:
        """Return the keys of takes that were kept, and must be asked for again."""
        with self._lock:
            doubted, self._doubted = self._doubted, []
            return doubted

    def _refuse_neighbour(
        self, heard: Heard, name: bytes, segment: Segment, *, is_last: bool
    ) -> tuple[str, ...]:
        holder = self._holders.get(name)
        if (
            holder is None
            or holder.key == heard.key
            or not heard.duration_s  # silence matches no text
            or not _differ(holder.spoken, heard.spoken)
        ):
            return ()
        mine, theirs = self._answers[heard.key, name], self._answers[holder.key, name]
        sure = _SURE if max(heard.letters, holder.letters) < _LONG else _LONG_SURE
        if (is_last or min(mine, theirs) >= sure) and not _is_certain(holder, heard):
            return (f"has the sound of {holder.spoken[:60]!r}",)
        if mine >= theirs and holder.key not in self._waiting:
            self._doubted.append(holder.key)  # either may be wrong: request both again
            self._waiting.add(holder.key)
        if not theirs:  # stored by another run: its reply is gone
            self._forget(holder.key)
            return ()
        raise NeighbourHeard(
            f"The voice gave {_name(segment)} the sound of another text: {holder.spoken[:60]!r}.",
            hint=_AGAIN,
        )

    def _name_sound(self, heard: Heard) -> bytes:
        """Return the digest under which a sound came first: its own, or that of one like it."""
        name = self._names.get(heard.digest)
        if name is None:
            place = round(heard.lasts_s / _NEAR_S)
            near = (other for at in (-1, 0, 1) for other in self._sounds.get(place + at, ()))
            alike = next(
                (
                    other
                    for other in near
                    if abs(other.lasts_s - heard.lasts_s) < _NEAR_S
                    and is_same_sound(other.fingerprint, heard.fingerprint)
                ),
                None,
            )
            if alike is None:
                self._sounds.setdefault(place, []).append(heard)
            name = self._names[heard.digest] = heard.digest if alike is None else alike.digest
        return name

    def _keep(self, heard: Heard) -> None:
        self._forget(heard.key)
        name = self._held[heard.key] = self._name_sound(heard)
        self._holders.setdefault(name, heard)
        if heard.letters >= _LETTERS_TO_LEARN:
            self._paces[heard.key] = heard.duration_s / heard.letters

    def _forget(self, key: str) -> None:
        name = self._held.pop(key, None)
        if name is not None and self._holders[name].key == key:
            del self._holders[name]


def _is_certain(one: Heard, other: Heard) -> bool:
    """True if two long texts were given the very same samples, which no service does by chance."""
    return one.digest == other.digest and max(one.letters, other.letters) >= _LONG


def _differ(one: str, other: str) -> bool:
    """True if two texts can hardly sound the same, as "their" and "there" do."""
    first, second = ("".join(filter(str.isalnum, text)).casefold() for text in (one, other))
    longest = max(len(first), len(second))
    if longest < _SHORT:
        return False
    ratio = difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()
    return ratio < (_ALIKE if longest < _LONG else _LONG_ALIKE)


def _count_letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _name(segment: Segment) -> str:
    return f"segment {segment.index + 1}: {segment.text[:60]!r}"
