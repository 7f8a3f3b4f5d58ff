"""When each word of a text is said, by what is known of its audio.

A voice that tells when its words begin is believed. For all others, marks in the text are matched
with the pauses that are heard, as a whole, so that the speech between them is about equally
quick; between two such places time is shared by characters.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from operator import attrgetter

from msgspec import Struct

_WORD = re.compile(r"(?<!\w)\w")
_GAP = re.compile(r"[^\w\s]*\s+[^\w\s]*|[—–。！？，、；：]+")
_SENTENCE_ENDS, _CLAUSE_ENDS = frozenset(".!?…。！？"), frozenset(",;:—–()-，、；：")
_NEAR_CHARS = 3  # as far may a place be off: spaces and marks are not always said as written
_LATE_S = 0.03  # a voice may tell of a word so long after its first sound

# what it costs to leave a mark or a pause without its like, in squares of how far speech is off
# its usual pace; found by trying 24 settings on 1,700 marks in speech of the embedded voice
_UNUSED_SENTENCE_END, _UNUSED_CLAUSE_END = 2.0, 1.0
_UNUSED_PAUSE_PER_S, _SHORTEST_TELLING_S = 60.0, 0.07
_USUAL_S, _USUAL_SHARE = 0.05, 0.4

# what is farther off is not tried, nor what leaves out more in a row
_FARTHEST_S, _FARTHEST_SHARE = 1.0, 0.08
_MOST_GAPS, _MOST_PAUSES = 12, 8


class Anchor(Struct, frozen=True):
    """A word whose time is known.

    What stands before it ends with character `end`, at `until_s`; it begins with character `at`,
    at `from_s`.
    """

    end: int
    at: int
    until_s: float
    from_s: float


class Alignment(Struct, frozen=True):
    """A text's anchors, the first at its start and the last at its end, and the pauses."""

    words: tuple[int, ...]
    anchors: tuple[Anchor, ...]
    pauses: tuple[tuple[float, float], ...]

    def locate(self, at: int) -> tuple[float, float]:
        """Return when speech ends before character `at` and begins after it, in seconds."""
        at = self._find_word(at)
        index = min(
            max(1, bisect_left(self.anchors, at, key=attrgetter("at"))), len(self.anchors) - 1
        )
        if self.anchors[index].at == at:
            return self.anchors[index].until_s, self.anchors[index].from_s
        before, after = self.anchors[index - 1], self.anchors[index]
        share = (at - before.at) / max(1, after.end - before.at)
        inside = [
            pause for pause in self.pauses if before.from_s < pause[0] < pause[1] < after.until_s
        ]
        spoken_s = after.until_s - before.from_s - sum(end - start for start, end in inside)
        time_s = before.from_s + min(1.0, max(0.0, share)) * spoken_s
        for start, end in inside:
            time_s += end - start if start < time_s else 0.0
        return time_s, time_s

    def _find_word(self, at: int) -> int:
        """Return the word that a place is meant for: the next one, else the one before, if near."""
        index = bisect_left(self.words, at)
        near = (*self.words[index : index + 1], *self.words[max(0, index - 1) : index])
        return next((word for word in near if abs(word - at) <= _NEAR_CHARS), at)


def align_text(
    spoken: str,
    start_s: float,
    end_s: float,
    *,
    pauses: Sequence[tuple[float, float]] = (),
    marks: Sequence[tuple[int, float]] = (),
) -> Alignment:
    """Find when the words of `spoken` are said, between `start_s` and `end_s`.

    `pauses` are what is silent in between and at both ends, `marks` the characters at which words
    begin, and when, if the voice told; both in order, in seconds.
    """
    words = tuple(match.start() for match in _WORD.finditer(spoken))
    heard_s = max((end for start, end in pauses if start <= start_s), default=start_s)
    over_s = min((start for start, end in pauses if end >= end_s), default=end_s)
    inside = tuple(pause for pause in pauses if heard_s < pause[0] < pause[1] < over_s)
    known = _take_marks(marks, inside) if marks else _match_pauses(spoken, heard_s, over_s, inside)
    anchors = [Anchor(0, 0, start_s, heard_s)]
    for at, until_s, from_s in known:
        if 0 < at < len(spoken) and heard_s < until_s <= from_s < over_s:
            anchors.append(Anchor(_find_end(spoken, at), at, until_s, from_s))
    anchors.append(Anchor(len(spoken), len(spoken), over_s, end_s))
    return Alignment(words, tuple(anchors), inside)


def _find_end(spoken: str, at: int) -> int:
    """Find where the word before a place ends, with the marks that are written to it."""
    end = at
    while end and not spoken[end - 1].isalnum():
        end -= 1
    while end < at and not spoken[end].isspace():
        end += 1
    return end


def _take_marks(
    marks: Sequence[tuple[int, float]], pauses: Sequence[tuple[float, float]]
) -> Iterator[tuple[int, float, float]]:
    """Return each word, until when it is spoken before it, and from when on it is."""
    ends = [end for _, end in pauses]
    for at, time_s in marks:
        index = bisect_left(ends, time_s - _LATE_S)
        if index < len(pauses) and pauses[index][0] < time_s:
            # a word such as "take" begins in silence; it is heard when that is over
            yield at, pauses[index][0], max(time_s, pauses[index][1])
        else:
            yield at, time_s, time_s


class _Match(Struct, frozen=True):
    """A gap of the text and a pause that may be it, the price of the cheapest way there, and it."""

    gap: int
    pause: int
    price: float
    before: "_Match | None"


def _match_pauses(
    spoken: str, start_s: float, end_s: float, pauses: Sequence[tuple[float, float]]
) -> list[tuple[int, float, float]]:
    """Choose which marks of the text are which pauses, by dynamic programming over both."""
    gaps = list(_list_gaps(spoken))
    if not gaps or not pauses or not spoken:
        return []
    # position 0 of each list stands for the start
    places = [0, *(at for at, _ in gaps)]
    unused_gaps = [*accumulate((price for _, price in gaps), initial=0.0)]
    lasts_s = [end - start for start, end in pauses]
    telling_s = (max(0.0, one - _SHORTEST_TELLING_S) for one in lasts_s)
    unused_pauses = [*accumulate((one * _UNUSED_PAUSE_PER_S for one in telling_s), initial=0.0)]
    silent_s = [*accumulate(lasts_s, initial=0.0)]
    heard_s = [0.0, *(pause[0] - start_s - silent_s[n] for n, pause in enumerate(pauses))]
    total_s = end_s - start_s - silent_s[-1]
    char_s = total_s / len(spoken)

    def price_way(before: _Match, gap: int, pause: int, place: int, time_s: float) -> float:
        usual_s = (place - places[before.gap]) * char_s
        off_s = time_s - heard_s[before.pause] - usual_s
        return (
            before.price
            + off_s**2 / (_USUAL_S**2 + _USUAL_SHARE**2 * max(0.0, usual_s))
            + unused_gaps[gap - 1]
            - unused_gaps[before.gap]
            + unused_pauses[pause - 1]
            - unused_pauses[before.pause]
        )

    origin = _Match(0, 0, 0.0, None)
    rows: list[list[_Match]] = []
    farthest_s = _FARTHEST_S + _FARTHEST_SHARE * total_s
    for pause in range(1, len(pauses) + 1):
        row = []
        for gap in range(1, len(places)):
            if abs(places[gap] * char_s - heard_s[pause]) > farthest_s:
                continue
            ways = (
                (price_way(before, gap, pause, places[gap], heard_s[pause]), before)
                for before in (origin, *_list_before(gap, rows[-_MOST_PAUSES:]))
            )
            row.append(_Match(gap, pause, *min(ways, key=lambda way: way[0])))
        if row:
            rows.append(row)
    closing = (len(places), len(pauses) + 1, len(spoken), total_s)
    chosen: _Match | None = min(
        (origin, *chain.from_iterable(rows)), key=lambda match: price_way(match, *closing)
    )
    found = []
    while chosen and chosen.gap:
        found.append((places[chosen.gap], *pauses[chosen.pause - 1]))
        chosen = chosen.before
    return found[::-1]


def _list_before(gap: int, rows: Sequence[Sequence[_Match]]) -> Iterator[_Match]:
    """Return the matches of a few gaps before this one; each row has those of gaps in a row."""
    for row in rows:
        end = max(0, gap - row[0].gap)
        yield from row[max(0, end - _MOST_GAPS) : end]


def _list_gaps(spoken: str) -> Iterator[tuple[int, float]]:
    """Return where a word follows a mark, and the price if no pause is found there."""
    last = 0
    for match in _GAP.finditer(spoken):
        word, marks = _WORD.search(spoken, match.start()), set(match[0])
        if word is None or word.start() == last or not match.start():
            continue
        if marks & _SENTENCE_ENDS:
            yield word.start(), _UNUSED_SENTENCE_END
        elif marks & _CLAUSE_ENDS:
            yield word.start(), _UNUSED_CLAUSE_END
        else:
            continue
        last = word.start()
