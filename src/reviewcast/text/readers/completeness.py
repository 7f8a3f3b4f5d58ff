"""The proof of reading: every visible word of a source is in what was made of it.

It knows nothing of how the readers work: it counts. All words of the raw source, markup and all,
are set against all words that the document holds: title, headings, paragraphs, omissions, and
the markup that the reader reports as unseen. A word that the source has more often is lost.

Only one thing is special. Markup within a word (`un*frigging*believable`, `mes<b>mer</b>ise`)
makes several words of the source one of the document. So words that only such markup parts may
stand in the document as one; and what is then still missing may be, with its neighbours, a word
that only the document has.
"""

import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reviewcast.model.characters import clean_text, decode_references

# letters and digits, and what is read though it is neither: ★ ♥ © € ° emoji; not typography
_WORD = re.compile(
    r"[^\W_]+|[\u00a2-\u00a9\u00ac\u00ae-\u00b1\u00d7\u00f7\u20a0-\u20bf\u2100-\u2bff\U0001f000-\U0001faff]"
)

_WITHIN_WORDS = re.compile(
    r"</?(?![A-Za-z][\w+.-]*:)(?!(?:br|p|div|li|ul|ol|td|th|tr|dt|dd|h[1-6]|hr|blockquote|section)\b)[A-Za-z][^<>]*>"
    r"|<!--.*?-->|<[!?][^<>]*>|\]\([^()\s]*(?:\s[^()\n]*)?\)|\]\[[^\[\]\n]*\]|\[[\^/][^\[\]\s]{1,60}\]|\{[%{:#.<][^{}\n]*\}+"
    r"|[*_`~=\[\]\\\u00ad\u200c\u200d]|\|\|",
    re.DOTALL,
)

# one that becomes a sign once the markup in it is gone, as in `caf&eac<b>ute;`
_BROKEN_REFERENCE = re.compile(
    r"[^\W_]{0,60}&[\w#]{0,60}(?:[\[\]*_`~\\]|<[^<>]{0,60}>|\{{1,2}[^}]{0,60}\}{1,2})"
    r"(?:[^\s&;<{]|<[^<>]{0,60}>|\{{1,2}[^}]{0,60}\}{1,2}){0,60};[^\W_]{0,60}"
)

_REPEATED = re.compile(r"&(?:amp;)+")
_FAR = 60
_LONGEST_WHOLE = 300
_MOST_STEPS = 1_000_000
_Interval = tuple[int, int]


class _Way(NamedTuple):
    """A way to make up a word: how bad it is, and how bad besides, and of what it is made."""

    cost: int
    more: int
    parts: list[_Interval]


def find_lost_text(source: str, kept: Iterable[str]) -> str:
    """Return the longest run of the source that is nowhere in what was kept, "" if all is there."""
    source = _make_plain(source)
    left: Counter[str] = Counter()
    for text in kept:
        left.update(_WORD.findall(_make_plain(text)))
    if Counter(match[0] for match in _WORD.finditer(source)) <= left:
        return ""
    lost: list[_Interval] | None = None
    for groups in (_list_groups(source), ([word.span()] for word in _WORD.finditer(source))):
        missing = _find_missing(source, groups, left.copy())
        if not missing:
            return ""
        lost = missing if lost is None else min(lost, missing, key=len)
    return _name_longest(source, lost or [])


def _find_missing(
    source: str, groups: Iterable[list[_Interval]], left: "Counter[str]"
) -> list[_Interval]:
    """Take from what is left single words, then each group as one; return what is not there."""
    signs = bytearray(len(source))
    for match in _BROKEN_REFERENCE.finditer(source):
        signs[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    excused: set[_Interval] = set()
    missing: list[_Interval] = []
    waiting = []  # single words are many; only of the others is a list made
    for group in groups:
        if signs.find(1, group[0][0], group[-1][1]) >= 0:
            excused.update(group)
            waiting.append(group)
        elif len(group) > 1:
            waiting.append(group)
        elif not _take(left, source[group[0][0] : group[0][1]]):
            missing += group
    longest = max(map(len, left), default=0)
    for group in sorted(waiting, key=lambda group: (group[0] in excused, len(group) > 1)):
        missing += _take_group(source, group, left, longest)
    lost = _Assembler(source, sorted(missing)).find_lost(left) if missing else []
    return [place for place in lost if place not in excused]


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


def _list_groups(source: str) -> Iterator[list[_Interval]]:
    """Part the words of the source into those that nothing but markup parts."""
    group: list[_Interval] = []
    position = 0
    within = (match.span() for match in _WITHIN_WORDS.finditer(source))
    for start, end in itertools.chain(within, [(len(source), len(source))]):
        for word in _WORD.finditer(source, position, start):
            if group and (word.start() > position or word.start() == group[-1][1]):
                yield group
                group = []
            group.append(word.span())
        if group and start > max(position, group[-1][1]):
            yield group
            group = []
        # what was written within the markup must be somewhere too
        yield from ([word.span()] for word in _WORD.finditer(source, start, end))
        position = end
    if group:
        yield group


def _take_group(
    source: str, group: list[_Interval], left: "Counter[str]", longest: int
) -> Iterator[_Interval]:
    """Take a group of words as one from what is left, else as few as can be; return the rest."""
    if _take(left, "".join(source[start:end] for start, end in group)):
        return
    first = 0
    while first < len(group):
        word, found, size = "", "", 1
        for length, (start, end) in enumerate(group[first : first + _FAR], 1):
            word += source[start:end]
            if len(word) > longest:
                break
            if left.get(word, 0) > 0:
                found, size = word, length
        if not _take(left, found):
            yield group[first]
        first += size


def _take(left: "Counter[str]", word: str) -> bool:
    """Take a word from what is left, if it is there."""
    if left.get(word, 0) <= 0:
        return False
    left[word] -= 1
    return True


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
        self._steps = _MOST_STEPS  # what is not found by then is lost

    def find_lost(self, left: "Counter[str]") -> list[_Interval]:
        """Return what is missing and is no part of the words that are left over.

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
            unused = (place for place in self._missing if place not in used)
            lost = [place for place in unused if not _take(spare, self._read(place))]
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
                self._steps -= 1
                if best.cost == 0 or self._steps < 0:
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
            self._steps -= 1
            for length, way in list(ways.items()):
                if not whole.startswith(part, length):
                    continue
                self._steps -= len(way.parts)
                parts = [*way.parts, word]
                counted = sum(part not in self._uncounted for part in parts)
                gaps = reach + 1 - len(parts)
                longer = _Way(gaps, counted, parts) if near else _Way(counted, gaps, parts)
                ways[length + len(part)] = min(longer, ways.get(length + len(part), longer))
        return ways.get(len(whole))

    def _read(self, place: _Interval) -> str:
        return self._source[place[0] : place[1]]


def _name_longest(source: str, lost: list[_Interval]) -> str:
    """Join neighbours that no other word parts, and return the text of the longest run."""
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
