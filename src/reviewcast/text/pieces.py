"""A text is cut into the pieces that a voice says at once: sentences, runs of them, clauses."""

import bisect
import math
import re
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

import msgspec
from msgspec import Struct

from reviewcast.model.characters import has_words
from reviewcast.model.text import Change
from reviewcast.settings.schema import SplitSettings
from reviewcast.text.clauses import find_cut, find_window
from reviewcast.text.sentences import split_sentences
from reviewcast.text.spoken.changes import cut_form, find_long_form
from reviewcast.text.spoken.engine import apply_changes
from reviewcast.text.spoken.rules.typography import speak_typography

_SHORT_CHARS = 45
_SCRAP_CHARS = 16
_LONGEST_SENTENCE = 8000
_SAID = re.compile(r"[^\W_]")
_HALVING_REACH = 200
_HALVING_PARTS = 4

Say = Callable[[str, Sequence[tuple[int, int]]], tuple[str, tuple[Change, ...]]]
"""Returns what is said for a text whose italic spans are known, and how it differs."""


class Manner(Struct, frozen=True):
    """How a voice takes its text: at most `max_chars` at once, in the forms that `say` gives."""

    max_chars: int
    say: Say


class Piece(Struct, frozen=True):
    """Characters `start` to `end` of a paragraph, as they are said.

    `whole` is false where a sentence was cut at a clause.
    """

    start: int
    end: int
    spoken: str
    changes: tuple[Change, ...]
    whole: bool = True


def say_plainly(text: str, _emphasis: Sequence[tuple[int, int]]) -> tuple[str, tuple[Change, ...]]:
    """Say a text with nothing but its typography mended."""
    return speak_typography(text), ()


class Cutter:
    """Cuts texts into pieces that a voice says at once, in the manner that is set."""

    def __init__(
        self, manner: Manner, settings: SplitSettings, language: str, titles: Sequence[str] = ()
    ) -> None:
        self.manner = manner
        self._settings = settings
        self._language = language
        self._titles = tuple(titles)

    def cut_text(self, text: str, emphasis: Sequence[tuple[int, int]]) -> Iterator[Piece]:
        """Cut a paragraph into whole sentences, short runs of them, or clauses of a long one."""
        # a character of Chinese or Korean is a syllable, as long as two or three letters
        density = _measure_density(text)
        run_chars, short_chars = self._settings.run_chars // density, _SHORT_CHARS // density
        limit = min(self.manner.max_chars, run_chars)
        run: Piece | None = None
        titles = (*self._titles, *list_marked_titles(text, emphasis))
        spans = _SortedSpans(emphasis)
        for start, end in split_sentences(text, self._language, titles):
            if end - start > _LONGEST_SENTENCE:
                if run:
                    yield from self._join_scraps(self._cut_long(text, run, spans))
                    run = None
                yield from self._cut_huge(text, start, end, spans)
                continue
            part = self._speak(text, start, end, spans)
            if run and min(run.end - run.start, end - start) < short_chars:
                joined = _join(run, part)
                if len(joined.spoken) <= limit:
                    run = joined
                    continue
            if run:
                yield from self._join_scraps(self._cut_long(text, run, spans))
            run = part
        if run:
            yield from self._join_scraps(self._cut_long(text, run, spans))

    def cut_spoken(self, spoken: str) -> Iterator[Piece]:
        """Cut what is said already where it is over the limit."""
        part = Piece(0, len(spoken), spoken, ())
        return self._cut_long(spoken, part, _SortedSpans(()), say=say_plainly)

    def _cut_huge(self, text: str, start: int, end: int, spans: "_SortedSpans") -> Iterator[Piece]:
        """Cut what is too long for any sentence before it is said, so that it is said once."""
        # each halving of what was said already would have it said anew
        longest = max(2 * _HALVING_REACH, _HALVING_PARTS * self.manner.max_chars)
        for first, last in _halve(text, start, end, min(longest, _LONGEST_SENTENCE)):
            part = self._speak(text, first, last, spans, whole=last == end)
            yield from self._join_scraps(self._cut_long(text, part, spans))

    def _find_dense_limit(self, sentence: str) -> int:
        """Return the limit of a sentence without spaces: a breath, if its own commas allow it."""
        breath = self._settings.run_chars // 2
        clauses = _CLAUSE_MARK.split(sentence)
        fits = breath and len(clauses) > 1 and max(map(len, clauses)) <= breath
        return min(self.manner.max_chars, breath) if fits else self.manner.max_chars

    def _join_scraps(self, parts: Iterator[Piece]) -> Iterator[Piece]:
        """Join a word or two that cuts left alone to what is said beside them."""
        held: Piece | None = None
        for part in parts:
            if held and min(len(held.spoken), len(part.spoken)) < _SCRAP_CHARS:
                joined = _join(held, part)
                if part.start > held.end and len(joined.spoken) <= self.manner.max_chars:
                    held = msgspec.structs.replace(joined, whole=part.whole)
                    continue
            if held:
                yield held
            held = part
        if held:
            yield held

    def _cut_long(
        self, text: str, part: Piece, spans: "_SortedSpans", say: Say | None = None
    ) -> Iterator[Piece]:
        """Cut a sentence at clauses into parts of about equal length, each within the limit."""
        max_chars = self.manner.max_chars
        if say is None and _measure_density(text[part.start : part.end]) > 1:
            max_chars = self._find_dense_limit(text[part.start : part.end])
        pending = [part]
        while pending:
            part = pending.pop()
            length = len(part.spoken)
            if length <= max_chars or part.end - part.start < 2 or not has_words(part.spoken):
                yield part
                continue
            form = find_long_form(text[part.start : part.end], part.changes, max_chars)
            if form:
                pending += reversed(_cut_within(text, part, form, max_chars))
                continue
            parts = max(2, math.ceil(length / (0.9 * max_chars)))
            at, after = find_cut(
                text,
                part.start,
                part.end,
                parts=parts,
                max_chars=max_chars,
                wholes=_list_wholes(part, parts, max_chars),
            )
            pending += [
                self._speak(text, after, part.end, spans, whole=part.whole, say=say),
                self._speak(text, part.start, at, spans, whole=False, say=say),
            ]

    def _speak(
        self,
        text: str,
        start: int,
        end: int,
        spans: "_SortedSpans",
        *,
        whole: bool = True,
        say: Say | None = None,
    ) -> Piece:
        spoken, changes = (say or self.manner.say)(text[start:end], spans.within(start, end))
        return Piece(start, end, spoken, changes, whole)


class _SortedSpans:
    """Spans of a text, such as those in italics, found by where they stand."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._spans = sorted(spans)
        self._longest = max((end - start for start, end in spans), default=0)

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the spans that touch a stretch, cut to it and counted from its start."""
        first = bisect.bisect_left(self._spans, (start - self._longest, 0))
        last = bisect.bisect_left(self._spans, (end, 0))
        return [
            (max(begin, start) - start, min(stop, end) - start)
            for begin, stop in self._spans[first:last]
            if stop > start
        ]


def _halve(text: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch in halves, between words, until none is longer."""
    pending = [(start, end)]
    while pending:
        start, end = pending.pop()
        # what holds no word is mostly left out as it is
        most = longest if _SAID.search(text, start, end) else _LONGEST_SENTENCE
        if end - start <= most:
            yield start, end
            continue
        at, after = find_cut(text, start, end, parts=2, max_chars=_HALVING_REACH)
        pending += [(after, end), (start, at)]


def _list_wholes(part: Piece, parts: int, max_chars: int) -> list[tuple[int, int]]:
    """List the spans that are said as one form, as far as a cut of the part may touch them."""
    _, low, high = find_window(part.start, part.end, parts=parts, max_chars=max_chars)
    first = bisect.bisect_left(part.changes, low - part.start, key=_END)
    last = bisect.bisect_left(part.changes, high - part.start, lo=first, key=_START)
    return [
        (part.start + change.start, part.start + change.end)
        for change in part.changes[first:last]
        if has_words(change.spoken)
    ]


_START, _END = attrgetter("start"), attrgetter("end")


def _join(run: Piece, part: Piece) -> Piece:
    """Put a sentence behind those before it; each was said by itself and stays so."""
    gap = " " if part.start > run.end else ""
    shift = part.start - run.start
    moved = (
        msgspec.structs.replace(change, start=change.start + shift, end=change.end + shift)
        for change in part.changes
    )
    return Piece(run.start, part.end, run.spoken + gap + part.spoken, (*run.changes, *moved))


def _measure_density(text: str) -> int:
    """Return how many letters a character of this text is worth: 3 where most are syllables."""
    if text.isascii():
        return 1
    return 3 if 2 * len(_SYLLABLE.findall(text)) > sum(map(str.isalnum, text)) else 1


_CLAUSE_MARK = re.compile("[，、；：。！？,;]")
_SYLLABLE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def _cut_within(text: str, part: Piece, form: Change, max_chars: int) -> tuple[Piece, Piece]:
    """Cut a part inside a form that is too long to be said at once, at a word of what is said."""
    first, last = cut_form(form, max_chars)
    middle = part.start + first.end
    before = (*(change for change in part.changes if change.end <= form.start), first)
    after = tuple(
        msgspec.structs.replace(change, start=change.start - first.end, end=change.end - first.end)
        for change in (last, *(change for change in part.changes if change.start >= form.end))
    )
    return (
        Piece(part.start, middle, _apply(text[part.start : middle], before), before, whole=False),
        Piece(middle, part.end, _apply(text[middle : part.end], after), after, whole=part.whole),
    )


def _apply(text: str, changes: Sequence[Change]) -> str:
    return " ".join(apply_changes(text, changes).split())


def list_marked_titles(text: str, emphasis: Sequence[tuple[int, int]]) -> Iterator[str]:
    """List the spans in italics that are names of works with a mark inside: Oh, God! Book II."""
    for start, end in emphasis:
        words = text[start:end].split()
        if 1 < len(words) <= _LONGEST_TITLE_WORDS and any(map(_MARKED.search, words[:-1])):
            is_name = sum(word[:1].isupper() or word[:1].isdigit() for word in words)
            if words[0][:1].isupper() and 2 * is_name > len(words) + 1:
                yield " ".join(words)


_LONGEST_TITLE_WORDS = 9
_MARKED = re.compile("[!?.]$")
