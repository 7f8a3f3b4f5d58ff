"""Whether a take can be the speech of its text: alone, beside the others, and by their pace."""

import collections
import difflib
import hashlib
import statistics
import threading
from collections.abc import Iterable

from msgspec import Struct

from reviewcast.errors import VoiceError, VoiceUnavailable
from reviewcast.model import Segment, Take, TakeFigures

_FASTEST_CHARS_PER_S = 60.0
_SLOWEST_S = (4.0, 1.2)  # a take may last this long, and this much more for each letter
_TAKES_TO_LEARN = 12
_LETTERS_TO_LEARN = 20  # shorter ones are paced by their pauses
_NEVER, _HARDLY, _HARDLY_LONGER = 0.5, 0.65, 1.8  # of the length that the voice's pace promises
_SAME_ANSWERS = 3
_SHORT, _LONG = 8, 20  # letters: eight and ate may be one sound, and their and there in a sentence
_ALIKE, _LONG_ALIKE = 0.6, 0.95
_AGAIN = "Run the same command again, or change that sentence."


class NeighbourHeard(VoiceUnavailable):
    """A text was given the sound of another one."""


class Heard(Struct, frozen=True):
    """What is remembered of a take: whose it is, how long for how many letters, and its sound."""

    key: str
    spoken: str
    letters: int
    duration_s: float
    digest: bytes


def hear_take(take: Take, figures: TakeFigures, segment: Segment, key: str) -> Heard:
    """Take down what is compared of a take."""
    speech = memoryview(take.pcm)[2 * figures.start : 2 * figures.end]
    return Heard(
        key,
        segment.spoken,
        _count_letters(segment.spoken),
        (figures.end - figures.start) / figures.rate_hz,
        hashlib.sha256(speech).digest(),
    )


def prove_length(figures: TakeFigures, segment: Segment) -> None:
    """Refuse a take that is silent, or that nobody could have spoken so fast or so slowly.

    Raises VoiceError.
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


class Proof:
    """Holds the replies of a service against each other. Safe for threads.

    The pace of the voice is learned from all takes that are known. A reply that is far from it is
    asked for again; the same one given three times is how the voice says that text, unless half
    of it is missing. Two texts with the same sound are both asked for again: one of them was
    given its neighbour's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paces: dict[str, float] = {}
        self._holders: dict[bytes, Heard] = {}
        self._digests: dict[str, bytes] = {}
        self._doubted: list[str] = []
        self._answers: collections.Counter[tuple[str, bytes]] = collections.Counter()

    def learn(self, known: Iterable[Heard]) -> set[str]:
        """Take in what is stored already; give the keys that hold the sound of another text."""
        doubted: set[str] = set()
        for heard in known:
            holder = self._holders.get(heard.digest)
            if holder and _differ(holder.spoken, heard.spoken):
                doubted |= {holder.key, heard.key}
            else:
                self._keep(heard)
        for key in doubted:
            self._forget(key)
        return doubted

    def prove(self, heard: Heard, segment: Segment) -> None:
        """Hold a reply against all that is known, and keep it.

        Raises VoiceUnavailable when the text is to be asked for again, NeighbourHeard when those
        that `take_doubted` gives should be asked for before.
        """
        with self._lock:
            self._answers[heard.key, heard.digest] += 1
            self._refuse_neighbour(heard, segment)
            self._refuse_pace(heard, segment)
            self._keep(heard)

    def take_doubted(self) -> list[str]:
        """Give the keys of takes that were kept, and must be asked for again."""
        with self._lock:
            doubted, self._doubted = self._doubted, []
            return doubted

    def _refuse_neighbour(self, heard: Heard, segment: Segment) -> None:
        holder = self._holders.get(heard.digest)
        if holder is None or holder.key == heard.key or not _differ(holder.spoken, heard.spoken):
            return
        mine = self._answers[heard.key, heard.digest]
        theirs = self._answers[holder.key, holder.digest]
        if mine >= theirs:  # as sure of it as who has it: both are asked for again
            self._doubted.append(holder.key)
        if not theirs:  # it was stored by another run, which nobody can ask
            self._forget(holder.key)
            return
        raise NeighbourHeard(
            f"The voice gave {_name(segment)} the sound of another text: {holder.spoken[:60]!r}.",
            hint=_AGAIN,
        )

    def _refuse_pace(self, heard: Heard, segment: Segment) -> None:
        if len(self._paces) < _TAKES_TO_LEARN or heard.letters < _LETTERS_TO_LEARN:
            return
        share = heard.duration_s / heard.letters / statistics.median(self._paces.values())
        if _HARDLY <= share <= _HARDLY_LONGER:
            return
        if share < _NEVER or self._answers[heard.key, heard.digest] < _SAME_ANSWERS:
            raise VoiceUnavailable(
                f"The voice gave {heard.duration_s:.2f} s for {_name(segment)}, and at its pace"
                f" that takes {heard.duration_s / share:.2f} s.",
                hint=_AGAIN,
            )

    def _keep(self, heard: Heard) -> None:
        self._forget(heard.key)
        self._digests[heard.key] = heard.digest
        self._holders[heard.digest] = heard
        if heard.letters >= _LETTERS_TO_LEARN:
            self._paces[heard.key] = heard.duration_s / heard.letters

    def _forget(self, key: str) -> None:
        digest = self._digests.pop(key, None)
        if digest is not None:
            del self._holders[digest]


def _differ(one: str, other: str) -> bool:
    """Tell whether two texts can hardly sound the same, as "their" and "there" do."""
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
