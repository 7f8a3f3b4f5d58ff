"""Where a sentence that is too long for one breath is cut."""

import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, count
from operator import add, sub

from reviewcast.model.characters import has_words

_GAP = re.compile(
    r"\s+|(?<=\w[—–])(?=\w)|(?<=[，、；：。！？])(?=[\w「『“（《])"
    r"|(?<=[。！？][」』”）])(?=[\w「『“（《])"
)

_SAID = re.compile(r"[^\W_]")

# an address is cut only when it must be, a number of several parts is not
_INSIDE_WORD = re.compile(r"(?<=\w)[-/_:;+&=?#@]+(?=\w)|(?<=[^\W\d])[.,](?=\w)")
_FARTHEST = 150  # that a cut lies from its ideal place
_ROUNDING = 1e-9
_PATIENCE = 6  # gaps, before all are priced
_INSIDE_WORD_PRICE = 4.0  # dearer than any space
_INSIDE_FORM_PRICE = 3.0  # that is not within a number or a date

# a title or a remark that is better not cut
_ASIDE = re.compile(r"“[^“”]{1,60}”|(?<!\S)\"(?=\S)[^\"]{1,60}\"|\([^()]{1,60}\)|«[^«»]{1,60}»")


def find_cut(
    text: str,
    start: int,
    end: int,
    *,
    parts: int,
    max_chars: int,
    wholes: Sequence[tuple[int, int]] = (),
) -> tuple[int, int]:
    """Find the best place to cut: (end of what stays, start of what follows).

    It lies in none of `wholes`, spans in order that are said as one form, unless nothing else is
    left, and within `max_chars` of the ideal place, so that a long text costs no more a character.
    Only those of `wholes` matter that `find_window` touches.
    """
    length = end - start
    ideal, low, high = find_window(start, end, parts=parts, max_chars=max_chars)
    within = _Wholes(wholes)
    words, ats, afters = _list_gaps(text, low, high)
    # a cut that leaves one word alone is the worst
    said = words if _SAID.search(text, low, high) else ()
    first = _find_second_word(said, len(words)) if low == start else 0
    last = len(words)
    if high == end:
        last -= 1 + _find_second_word(reversed(said), len(words))
    asides = _list_asides(text, low, high)
    least = 0.0
    best, best_cost = (_keep_together(text, ideal, low),) * 2, math.inf
    from_middle = _list_from_middle(list(map(add, ats, afters)), 2 * ideal)
    for step, number in enumerate(from_middle):
        at, after = ats[number], afters[number]
        if step == _PATIENCE:  # none is much nearer than others: how cheap can one be?
            least = min(map(_price_gap, words, words[1:])) + (first >= last) - _ROUNDING
            widest = max(map(sub, afters, ats))
            least += 0.2 if math.ceil((length - widest) / max_chars) > parts else 0.0
        cost = abs((at + after) / 2 - ideal) / length
        if cost + least >= best_cost:
            break  # all others are farther away
        if at <= start or after >= end:
            continue
        if within.hold(at, after):
            cost += _INSIDE_FORM_PRICE
        cost += _price_gap(words[number], words[number + 1])
        cost += 1.0 if number < first or number >= last else 0.0
        cost += 0.5 if asides and _is_inside(asides, at, after) else 0.0
        # better one clause less even than one part more
        more = math.ceil((at - start) / max_chars) + math.ceil((end - after) / max_chars)
        cost += 0.2 if more > parts else 0.0
        if cost < best_cost:
            best, best_cost = (at, after), cost
    if best_cost > _INSIDE_WORD_PRICE:
        for match in _INSIDE_WORD.finditer(text, max(low, start + 1), high):
            if within.hold(match.end(), match.end()):
                continue
            cost = abs(match.end() - ideal) / length + _INSIDE_WORD_PRICE
            if cost < best_cost:
                best, best_cost = (match.end(), match.end()), cost
    return best


def find_window(start: int, end: int, *, parts: int, max_chars: int) -> tuple[int, int, int]:
    """Return the ideal place of a cut, and where the window around it begins and ends."""
    ideal = start + (end - start) * (parts // 2) // parts
    reach = min(max_chars, _FARTHEST)
    return ideal, max(start, ideal - reach), min(end, ideal + reach)


def _list_gaps(text: str, low: int, high: int) -> tuple[list[str], list[int], list[int]]:
    """Return the words of a stretch, and where the gaps between them begin and end.

    Before the first gap stands a word, and one behind the last; either may be empty.
    """
    stretch = text[low:high]
    if stretch.isascii():
        words = stretch.split(" ")
        inner = words[not words[0] : len(words) - (not words[-1])]
        if stretch.split() == inner:  # nothing but single spaces
            ats = list(map(add, accumulate(map(len, words[:-1])), count(low)))
            return words, ats, [at + 1 for at in ats]
    gaps = [gap.span() for gap in _GAP.finditer(text, low, high)]
    ats, afters = [at for at, _ in gaps], [after for _, after in gaps]
    return list(map(text.__getitem__, map(slice, [low, *afters], [*ats, high]))), ats, afters


def _list_from_middle(places: Sequence[int], middle: int) -> Iterator[int]:
    """Yield the indexes of places, which are in order, by their distance from the middle."""
    right = bisect_left(places, middle)
    left = right - 1
    while left >= 0 or right < len(places):
        if right == len(places) or (left >= 0 and middle - places[left] <= places[right] - middle):
            yield left
            left -= 1
        else:
            yield right
            right += 1


def _list_asides(text: str, low: int, high: int) -> list[tuple[int, int]]:
    if all(text.find(mark, low, high) < 0 for mark in _ASIDE_MARKS):
        return []
    return [aside.span() for aside in _ASIDE.finditer(text, low, high)]


def _is_inside(asides: Sequence[tuple[int, int]], at: int, after: int) -> bool:
    return any(first < at and after < last for first, last in asides)


class _Wholes:
    """Spans that do not overlap, in order."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._starts = [span[0] for span in spans]
        self._ends = [span[1] for span in spans]

    def hold(self, at: int, after: int) -> bool:
        """True if a cut from `at` to `after` would leave something of one on each side."""
        number = bisect_left(self._starts, at) - 1
        return number >= 0 and after < self._ends[number]


def _find_second_word(words: Iterable[str], count: int) -> int:
    """Return the index of the second word with a letter or digit, `count` when there is none."""
    spoken = (number for number, word in enumerate(words) if has_words(word))
    next(spoken, None)
    return next(spoken, count)


_ASIDE_MARKS = '“"(«'

# conjunctions and prepositions of the languages that reviews are written in, before which a
# clause may begin; the stronger ones first
_CLAUSE_WORDS = frozenset(
    "but yet because although though while when where which who whom whose that if unless until "
    "since whether whereas so mais car parce quand où qui que dont si tandis lorsque puisque aber "
    "denn weil obwohl während wenn als dass sondern pero porque aunque cuando donde quien sino ma "
    "perché quando dove che mentre anche".split()
)

_JOINING_WORDS = frozenset("and or nor et ou und oder y e o ni".split())

_PHRASE_WORDS = frozenset(
    "with without from into onto by for in on at as of to than after before about against among "
    "between through during under over like avec sans de des du dans pour par sur chez mit ohne "
    "von vom aus in im für auf an bei nach vor con sin del desde para por en sobre senza di da nel "
    "nella su per".split()
)

# nothing ends well with these
_LEADING_WORDS = frozenset(
    "a an the of to in on at by for with from into as than and or but nor if that which who his "
    "her its their our my your this these those every no very too so le la les un une des du de et "
    "ou que qui dans à au aux son sa ses der die das den dem ein eine einen einem einer und oder "
    "im am zu el los las una unos y o del al su sus il lo gli i uno e di da del della".split()
)

_WEAK_WORDS = frozenset(
    "is are was were be been being has have had will would can could may might should do does did "
    "not i he she we they it you there more most less est sont a ont ist sind war hat es son ha è "
    "sono".split()
)

_NAME_PARTICLES = frozenset("of the de del della di da von van der la le".split())

_SHORTENED = re.compile(
    r"(?:[^\W\d_]\.)*(?:[^\W\d_]|Mrs?|Ms|Dr|St|Sr|Jr|Prof|Sgt|Capt|Lt|Col|Gen|Rev|Sen|Gov|Mt|vs|"
    r"vol|vols|no|pt|ep|ch|pp?|feat|ca|cf|approx|dir|ed)\.",
    re.IGNORECASE,
)

_DASHES = frozenset("—–―")
_CLAUSE_ENDS = _DASHES | frozenset("；：。！？;:-")
_VERSUS = frozenset(("vs", "vs.", "v.", "&", "x"))
_OPENING, _CLOSING = "“\"‘'(«„[「『（《", "\"”’'»)]」』）》"


@lru_cache(maxsize=8192)
def _price_gap(before: str, following: str) -> float:
    """Return how much a cut between two words hurts.

    It is a share of the length, by which a cut may be off the ideal place to avoid that.
    """
    word, following_word = before.lstrip(_OPENING), following.lstrip(_OPENING)
    bare = word.rstrip(_CLOSING)
    mark = bare[-1:] or before[-1:]
    is_capital = following_word[:1].isupper()
    if _VERSUS & {bare.lower(), following_word.lower()} or _SHORTENED.fullmatch(bare):
        return 1.0
    if mark in _CLAUSE_ENDS or following[:1] in _DASHES:
        return 0.0
    if mark in {".", "!", "?", "…"}:
        # a small letter after it shows that the sentence goes on, perhaps after a title
        return 0.0 if is_capital else 0.1 if mark == "…" else 0.25
    if before.endswith(")") or following.startswith("("):
        return 0.03
    if mark in {",", "，", "、"}:
        is_date = bare[-2:-1].isdigit() and following[:1].isdigit()
        return 0.6 if is_date else 0.25 if bare[:1].isupper() and is_capital else 0.05
    small, following_small = bare.lower(), following_word.rstrip(",.;:").lower()
    if following_small in _CLAUSE_WORDS:
        price = 0.15
    elif following_small in _JOINING_WORDS:
        price = 0.2
    elif following_small in _PHRASE_WORDS:
        price = 0.36 if following_small in {"of", "de", "von", "di"} else 0.27
    else:
        price = 0.45
    if small in _LEADING_WORDS:
        price += 0.5
    elif small in _WEAK_WORDS:
        price += 0.15
    if bare[:1].isupper() and small not in _LEADING_WORDS:
        # Robert De | Niro, Lord | of the Rings
        price += 0.5 if is_capital else 0.35 if following_small in _NAME_PARTICLES else 0.0
    elif is_capital and small in _NAME_PARTICLES:
        price += 0.2
    if bare[-1:].isdigit() or following_word[:1].isdigit():
        # 128 | minutes, chapter | 3, 4 | out of 5
        price += 0.3
    return price + (0.5 if (small, following_small) == ("out", "of") else 0.0)


_JOINER = "\u200d"


def _keep_together(text: str, ideal: int, low: int) -> int:
    """Step back from the middle of a word to where no accent leaves its letter."""
    for at in range(ideal, low, -1):
        accent = text[at] == _JOINER or unicodedata.category(text[at]) in {"Mn", "Mc", "Me", "Sk"}
        if not accent and text[at - 1] != _JOINER:
            return at
    return max(ideal, low + 1)
