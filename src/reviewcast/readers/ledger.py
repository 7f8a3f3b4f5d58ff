"""The proof of reading: every visible word of a source is in what was made of it.

It knows nothing of how the readers work: it counts. All words of the raw source, markup and all,
are set against all words that the document holds: title, headings, paragraphs, omissions, and
the markup that the reader says nobody sees. A word that the source has more often is lost.

Only one thing is told apart. Markup within a word (`un*frigging*believable`, `mes<b>mer</b>ise`)
makes several words of the source one of the document. So what the first count misses is counted
again with such markup taken out, and only what is missing in both, at the same place, is lost;
unless it is, with its neighbours, a word that only the document has.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from html.entities import html5

from reviewcast.readers.characters import clean_text, decode_references

# letters and digits, and what is read though it is neither: ★ ♥ © € ° emoji; not typography
_WORD = re.compile(
    r"[^\W_]+|[\u00a2-\u00a9\u00ac\u00ae-\u00b1\u00d7\u00f7\u20a0-\u20bf\u2100-\u2bff\U0001f000-\U0001faff]"
)
_WITHIN_WORDS = re.compile(
    r"</?(?![A-Za-z][\w+.-]*:)(?!(?:br|p|div|li|ul|ol|td|th|tr|dt|dd|h[1-6]|hr|blockquote|section)\b)[A-Za-z][^<>]*>"
    r"|<!--.*?-->|\]\([^()\s]*(?:\s[^()\n]*)?\)|\]\[[^\[\]\n]*\]|\{[%{:#.<][^{}\n]*\}+"
    r"|[*_`~=\[\]\\\u00ad\u200c\u200d]|\|\|",
    re.DOTALL,
)
_REPEATED = re.compile(r"&(?:amp;)+")
_FAR = 60
_LONGEST_WHOLE = 300
_MOST_STEPS = 200_000
_Interval = tuple[int, int]


def find_lost_text(source: str, kept: Iterable[str]) -> str:
    """Give the longest run of the source that is nowhere in what was kept, "" if all is there."""
    source = _make_plain(source)
    counts: Counter[str] = Counter()
    for text in kept:
        counts.update(match[0] for match in _WORD.finditer(_make_plain(text)))
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
        lost = _intersect(_assemble(source, missing, left), lost)
        lost = [place for place in lost if not _is_reference(source, place)]
    return _name_longest(source, lost) if lost else ""


def _make_plain(text: str) -> str:
    """Decode references until none is left: one side may have decoded them more often."""
    text = _REPEATED.sub("&", text) if "&amp;" in text else text
    for _ in range(8):
        if "&" not in text:
            break
        decoded = decode_references(text)
        if decoded == text:
            break
        text = decoded
    return clean_text(text)


def _is_reference(source: str, place: _Interval) -> bool:
    """Tell a reference that became a sign once markup in it was gone, such as &mdash*;."""
    start, end = place
    return source[start - 1 : start] == "&" and f"{source[start:end]};" in html5


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


def _assemble(source: str, missing: list[_Interval], left: "Counter[str]") -> list[_Interval]:
    """Excuse what is a part of a word that the source does not have and the document has.

    Such a word stands for neighbours in the source, in their order, with markup between them. A
    neighbour that was counted for itself is not, and so may stand for a missing one elsewhere.
    """
    words = [match.span() for match in _WORD.finditer(source)]
    places: dict[str, list[int]] = {}
    for index, (start, end) in enumerate(words):
        places.setdefault(source[start:end], []).append(index)
    uncounted = set(missing)
    excused: set[_Interval] = set()
    steps = iter(range(_MOST_STEPS))  # what is not found by then is lost
    for whole in sorted(left.elements(), key=len, reverse=True):
        for part in _find_parts(source, words, places, whole=whole, used=excused, steps=steps):
            if part in uncounted:
                excused.add(part)
            else:
                left[source[part[0] : part[1]]] += 1
    still = []
    for start, end in missing:
        if (start, end) in excused:
            continue
        if left.get(source[start:end], 0) > 0:
            left[source[start:end]] -= 1
        else:
            still.append((start, end))
    return still


def _find_parts(
    source: str,
    words: list[_Interval],
    places: dict[str, list[int]],
    *,
    whole: str,
    used: set[_Interval],
    steps: Iterator[int],
) -> list[_Interval]:
    """Find neighbours in the source that together are a word of the document."""
    for size in range(min(len(whole), _LONGEST_WHOLE) - 1, 0, -1):
        if next(steps, None) is None:
            return []
        for first in places.get(whole[:size], ()):
            if next(steps, None) is None:
                return []
            if words[first] in used:
                continue
            parts, length = [words[first]], size
            for following in words[first + 1 : first + _FAR]:
                part = source[following[0] : following[1]]
                if following not in used and whole.startswith(part, length):
                    parts.append(following)
                    length += len(part)
                    if length == len(whole):
                        return parts
    return []


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
