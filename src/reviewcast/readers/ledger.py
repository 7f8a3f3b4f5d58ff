"""The proof of reading: every visible word of a source is in what was made of it.

It knows nothing of how the readers work: it counts. All words of the raw source, markup and all,
are set against all words that the document holds: title, headings, paragraphs, omissions, and
the markup that the reader says nobody sees. A word that the source has more often is lost.

Only one thing is told apart. Markup within a word (`un*frigging*believable`, `mes<b>mer</b>ise`)
makes several words of the source one of the document. So what the first count misses is counted
again with such markup taken out, and only what is missing in both, at the same place, is lost;
unless it is, with its neighbours, a word that only the document has.
"""

import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reviewcast.readers.characters import clean_text, decode_references

# letters and digits, and what is read though it is neither: ★ ♥ © € ° emoji; not typography
_WORD = re.compile(
    r"[^\W_]+|[\u00a2-\u00a9\u00ac\u00ae-\u00b1\u00d7\u00f7\u20a0-\u20bf\u2100-\u2bff\U0001f000-\U0001faff]"
)
_WITHIN_WORDS = re.compile(
    r"</?(?![A-Za-z][\w+.-]*:)(?!(?:br|p|div|li|ul|ol|td|th|tr|dt|dd|h[1-6]|hr|blockquote|section)\b)[A-Za-z][^<>]*>"
    r"|<!--.*?-->|<[!?][^<>]*>|\]\([^()\s]*(?:\s[^()\n]*)?\)|\]\[[^\[\]\n]*\]|\{[%{:#.<][^{}\n]*\}+"
    r"|[*_`~=\[\]\\\u00ad\u200c\u200d]|\|\|",
    re.DOTALL,
)
# one that becomes a sign once the markup in it is gone, as in `caf&eac<b>ute;`
_BROKEN_REFERENCE = re.compile(
    r"[^\W_]{0,60}&[\w#]{0,60}(?:[\[\]*_`~]|<[^<>&;]{0,60}>|\{{1,2}[^}&;]{0,60}\}{1,2})"
    r"(?:[^\s&;<{]|<[^<>&;]{0,60}>|\{{1,2}[^}&;]{0,60}\}{1,2}){0,60};[^\W_]{0,60}"
)
_REPEATED = re.compile(r"&(?:amp;)+")
_FAR = 60
_LONGEST_WHOLE = 300
_MOST_STEPS = 200_000
_Interval = tuple[int, int]


class _Way(NamedTuple):
    """A way to make up a word: how bad it is, and how bad besides, and of what it is made."""

    cost: int
    more: int
    parts: list[_Interval]


def find_lost_text(source: str, kept: Iterable[str]) -> str:
    """Give the longest run of the source that is nowhere in what was kept, "" if all is there."""
    source = _make_plain(source)
    counts: Counter[str] = Counter()
    for text in kept:
        counts.update(_WORD.findall(_make_plain(text)))
    left = counts.copy()
    missing = list(_list_missing(source, left))
    if not missing:
        return ""
    cuts = [match.span() for match in _WITHIN_WORDS.finditer(source)]
    missing_joined = list(_map_back(list(_list_missing(_cut_out(source, cuts), counts)), cuts))
    for start, end in cuts:  # what was taken out must be somewhere too
        missing_joined += _list_missing(source, counts, start, end)
    lost = _intersect(missing, sorted(missing_joined))
    if lost:
        lost = _intersect(_Assembler(source, missing).find_lost(left), lost)
        signs = [match.span() for match in _BROKEN_REFERENCE.finditer(source)]
        lost = [place for place in lost if not _intersect([place], signs)]
    return _name_longest(source, lost) if lost else ""


def _make_plain(text: str) -> str:
    """Decode references until none is left: one side may have decoded them more often."""
    text = _REPEATED.sub("&", text) if "&amp;" in text else text
    for _ in range(8):
        if "&" not in text:
            break
        decoded = clean_text(decode_references(text))
        if decoded == text:
            break
        text = decoded
    return clean_text(text)


def _list_missing(
    source: str, left: "Counter[str]", start: int = 0, end: int = sys.maxsize
) -> Iterator[_Interval]:
    """Take each word of the source from what is left; give the places of those not there."""
    for match in _WORD.finditer(source, start, end):
        word = match[0]
        count = left.get(word, 0)
        if count:
            left[word] = count - 1
        else:
            yield match.span()


def _cut_out(source: str, cuts: list[_Interval]) -> str:
    parts = []
    position = 0
    for start, end in cuts:
        parts.append(source[position:start])
        position = end
    return "".join(parts) + source[position:]


def _map_back(places: list[_Interval], cuts: list[_Interval]) -> Iterator[_Interval]:
    """Tell where the places of the cut text stand in the whole one."""
    index, removed = 0, 0
    for start, end in places:
        while index < len(cuts) and cuts[index][0] <= start + removed:
            removed += cuts[index][1] - cuts[index][0]
            index += 1
        first = start + removed
        ahead, more = index, removed
        while ahead < len(cuts) and cuts[ahead][0] < end + more:
            more += cuts[ahead][1] - cuts[ahead][0]
            ahead += 1
        yield first, end + more


def _intersect(places: list[_Interval], others: Iterable[_Interval]) -> list[_Interval]:
    lost = []
    pending = iter(others)
    other = next(pending, None)
    for start, end in places:
        while other is not None and other[1] <= start:
            other = next(pending, None)
        if other is not None and other[0] < end:
            lost.append((start, end))
    return lost


class _Assembler:
    """Finds the neighbours in the source of which a word is made that only the document has."""

    def __init__(self, source: str, missing: list[_Interval]) -> None:
        self._source = source
        self._missing = missing
        self._uncounted = set(missing)
        self._words = [match.span() for match in _WORD.finditer(source)]
        self._places: dict[str, list[int]] = {}
        for index, word in enumerate(self._words):
            self._places.setdefault(self._read(word), []).append(index)
        self._steps = iter(range(_MOST_STEPS))  # what is not found by then is lost

    def find_lost(self, left: "Counter[str]") -> list[_Interval]:
        """Give what is missing and is no part of the words that are left over.

        Of which neighbours a word is made is not always plain, so it is guessed in several ways.
        """
        wholes = sorted(left.elements(), key=len, reverse=True)
        best = self._missing
        for near, guess in itertools.product((False, True), (wholes, wholes[::-1])):
            best = min(best, self._guess(left.copy(), guess, near=near), key=len)
            if not best:
                break
        return best

    def _guess(self, left: "Counter[str]", wholes: list[str], *, near: bool) -> list[_Interval]:
        used: set[_Interval] = set()
        while True:
            released: list[str] = []  # counted for themselves, which was wrong
            for whole in wholes:
                parts = self._find_parts(whole, used, near=near)
                used.update(parts)
                left[whole] -= bool(parts)
                released += [self._read(part) for part in parts if part not in self._uncounted]
            left.update(released)
            spare = left.copy()
            lost = [p for p in self._missing if p not in used and not _take(spare, self._read(p))]
            wholes = [word for word in released if spare[word] > 0]
            if not lost or not wholes:
                return lost

    def _find_parts(self, whole: str, used: set[_Interval], *, near: bool) -> list[_Interval]:
        """Find words of the source that together are one of the document.

        Of several ways that is the one of most missing words, and the nearest to each other; or
        the nearest first.
        """
        best = _Way(sys.maxsize, sys.maxsize, [])
        for size in range(min(len(whole), _LONGEST_WHOLE) - 1, 0, -1):
            firsts = self._places.get(whole[:size], ())
            for first in firsts[:_FAR] if best.parts else firsts:
                if best[:2] == (0, 0) or next(self._steps, None) is None:
                    return best.parts
                if self._words[first] not in used:
                    words = [w for w in self._words[first : first + _FAR] if w not in used]
                    best = min(best, self._join(words, whole, near=near) or best)
        return best.parts

    def _join(self, words: list[_Interval], whole: str, *, near: bool) -> _Way | None:
        """Make a whole of the first of these words and others, in the least costly way."""
        # by its length, the best way to each beginning of the whole
        ways = {words[0][1] - words[0][0]: _Way(0, 0, words[:1])}
        for reach, word in enumerate(words[1:], 1):
            part = self._read(word)
            for length, way in list(ways.items()):
                if not whole.startswith(part, length):
                    continue
                parts = [*way.parts, word]
                counted = sum(part not in self._uncounted for part in parts)
                gaps = reach + 1 - len(parts)
                longer = _Way(gaps, counted, parts) if near else _Way(counted, gaps, parts)
                ways[length + len(part)] = min(longer, ways.get(length + len(part), longer))
        return ways.get(len(whole))

    def _read(self, place: _Interval) -> str:
        return self._source[place[0] : place[1]]


def _take(left: "Counter[str]", word: str) -> bool:
    if left[word] <= 0:
        return False
    left[word] -= 1
    return True


def _name_longest(source: str, lost: list[_Interval]) -> str:
    """Join neighbours that no other word parts, and give the text of the longest run."""
    best, count = lost[0], 1
    run, length = lost[0], 1
    for start, end in lost[1:]:
        if _WORD.search(source, run[1], start):
            run, length = (start, end), 1
        else:
            run, length = (run[0], end), length + 1
        if length > count:
            best, count = run, length
    return " ".join(source[best[0] : best[1]].split())
