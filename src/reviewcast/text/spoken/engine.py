"""Rules find written forms in a text and put spoken ones in their place, all at once."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from msgspec import Struct

from reviewcast.model.text import Change
from reviewcast.text.spoken.rules.readings import find_reading
from reviewcast.text.spoken.words import VULGAR


class Spoken(Struct, frozen=True):
    """A text as it is said, and how it differs from what is written, in order."""

    text: str
    changes: tuple[Change, ...] = ()


class Context:
    """What a rule may know besides its match: the voice, the language, where titles stand."""

    def __init__(
        self,
        *,
        engine: str = "",
        day_first: bool = False,
        titles: Sequence[tuple[int, int]] = (),
        emphasis: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.day_first = day_first
        self.reading = find_reading(engine)
        self._titles = _Spans(titles)
        self._likely_titles = _Spans([*titles, *emphasis])

    def spell(self, letters: str) -> str:
        """Say letters and digits one by one, so that no voice takes them for a word."""
        return " ".join(self.reading.letter_a if letter == "A" else letter for letter in letters)

    def is_title(self, match: re.Match[str]) -> bool:
        """True if the match is part of a title that the front matter names."""
        return self._titles.hold(*match.span())

    def is_likely_title(self, match: re.Match[str]) -> bool:
        """True if the match is part of a title or stands in italics or quotation marks."""
        return self._likely_titles.hold(*match.span())


class _Spans:
    """Spans that can be asked whether one of them holds another."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        furthest = 0
        for start, end in sorted(spans):
            furthest = max(furthest, end)
            self._starts.append(start)
            self._ends.append(furthest)

    def hold(self, start: int, end: int) -> bool:
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and end <= self._ends[at]


FIGURE = "0"  # in what a rule needs: any digit or fraction
PICTURES = "\uffff"  # likewise: all that is neither a letter nor common punctuation
_FIGURES = frozenset(f"0123456789{VULGAR}")
_FIRST_PICTURE = "\u2070"
Say = Callable[[re.Match[str], Context], str | None]


class Rule(NamedTuple):
    """A kind of written form and how it is said: a text, or what finds it.

    `say` returns None where the match is something else. The rule is tried only on texts that
    hold one of the characters of `needs`, and a figure if "0" is among them: most rules cost a
    text nothing. `in_titles` is False for forms that a title only looks like.
    A pattern begins with what is rare, looks around itself afterwards and never repeats a
    repetition, so that each rule reads a text once.
    """

    name: str
    pattern: str
    say: Say | str
    needs: str = FIGURE
    in_titles: bool = True


class Family(NamedTuple):
    """Rules that are turned off by one name, in the order in which they are tried."""

    name: str
    rules: tuple[Rule, ...]


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    """Compile a pattern when it is first tried: few texts need more than some of the rules."""
    return re.compile(pattern)


class RuleBook:
    """Rules in the order in which they are tried, ready for many texts."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._rules = [
            (f"{family.name}: {rule.name}", rule, frozenset(rule.needs.replace(FIGURE, "")))
            for family in families
            for rule in family.rules
        ]
        # few sentences have figures, but most rules are about them
        self._without_figures = [known for known in self._rules if FIGURE not in known[1].needs]
        self._telling = frozenset[str]().union(*(needs for *_, needs in self._rules))
        self._choose = lru_cache(maxsize=4096)(self._choose_rules)

    def find(self, text: str) -> Iterator[tuple[str, Rule, re.Match[str]]]:
        """Return each rule that may say something of the text otherwise, and its first match."""
        present = set(text)
        if not text.isascii() and max(present) >= _FIRST_PICTURE:
            present.add(PICTURES)
        has_figures = not present.isdisjoint(_FIGURES)
        for name, rule in self._choose(self._telling & present, has_figures=has_figures):
            match = _compile(rule.pattern).search(text)
            if match:
                yield name, rule, match

    def _choose_rules(
        self, present: frozenset[str], *, has_figures: bool
    ) -> list[tuple[str, Rule]]:
        """Return the rules that a text with these of the telling characters needs."""
        return [
            (name, rule)
            for name, rule, needs in (self._rules if has_figures else self._without_figures)
            if not needs or not present.isdisjoint(needs)
        ]


def rewrite_text(
    text: str, book: RuleBook, *, context: Context, fixed: Iterable[Change] = ()
) -> list[Change]:
    """Find what the rules say otherwise; an earlier rule's form is out of a later one's reach.

    Every rule sees the text as written. `fixed` changes stand already and do not overlap.
    """
    changes = list(fixed)
    taken = bytearray(len(text))
    for change in changes:
        taken[change.start : change.end] = b"\1" * (change.end - change.start)
    for name, rule, match in book.find(text):
        changes += _find_changes(match, rule, name, context, taken)
    return sorted(changes, key=lambda change: change.start)


def _find_changes(
    first: re.Match[str], rule: Rule, name: str, context: Context, taken: bytearray
) -> Iterator[Change]:
    text, search = first.string, first.re.search
    match: re.Match[str] | None = first
    while match:
        start, end = match.span()
        blocked = taken.find(1, start, end)
        spoken = None
        if blocked < 0 and (rule.in_titles or not context.is_title(match)):
            spoken = rule.say if isinstance(rule.say, str) else rule.say(match, context)
        if spoken is None:
            # what begins behind the blocked part may still be a form
            following = end if blocked < 0 else taken.find(0, blocked)
            if following < 0:
                return
        else:
            taken[start:end] = b"\1" * (end - start)
            following = end
            if spoken != match[0]:
                yield Change(start, end, match[0], spoken, name)
        match = search(text, max(following, start + 1))


def apply_changes(text: str, changes: Iterable[Change]) -> str:
    """Put the spoken forms in the place of the written ones."""
    parts: list[str] = []
    at = 0
    for change in changes:
        parts += (text[at : change.start], change.spoken)
        at = change.end
    return "".join(parts) + text[at:]
