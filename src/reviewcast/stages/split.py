"""A Review becomes a Script of narration segments."""

import collections
import math
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import msgspec
from msgspec import Struct

from reviewcast.errors import ConfigError, LostTextError
from reviewcast.model import Omission, Review, Role, Script, ScriptChapter, Segment, Span
from reviewcast.sentences import split_sentences
from reviewcast.spoken.typography import speak_typography

_SHORT_CHARS = 45
_LONGEST_PAUSE_S = 10.0
_NATURAL_CHAPTERS = {"en": ("Opening", "Review", "Verdict")}


class SplitSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How the text is cut into segments, and how long the silence after each is."""

    run_chars: int = 220
    """Short sentences are spoken together up to this many characters."""
    natural_chapters: bool = True
    """A long review without headings gets an opening and a verdict."""
    clause_pause_s: float = 0.12
    sentence_pause_s: float = 0.45
    list_pause_s: float = 0.55
    paragraph_pause_s: float = 0.8
    heading_pause_s: float = 0.9
    chapter_pause_s: float = 1.1

    def __post_init__(self) -> None:
        if not 0 <= self.run_chars <= 5000:
            raise ConfigError("[split] run_chars must be from 0 to 5000.")
        for field in self.__struct_fields__:
            if field.endswith("_s") and not 0 <= getattr(self, field) <= _LONGEST_PAUSE_S:
                raise ConfigError(f"[split] {field} must be from 0 to {_LONGEST_PAUSE_S:.0f}.")


class _Cut(Struct, frozen=True):
    start: int
    end: int
    whole: bool
    """True when a sentence ends here, False when it was cut at a clause."""


def split_review(review: Review, settings: SplitSettings, *, max_chars: int) -> Script:
    """Split a review into segments whose spoken text has at most `max_chars` characters.

    A segment is a sentence or a short run of them; a sentence is cut, at a clause, only when it
    alone is over the limit. Raises LostTextError when a character of the review would be lost.
    """
    builder = _Builder(review, settings, max_chars)
    script = builder.build()
    _prove_whole(review, script)
    return script


class _Builder:
    """Segments as they come, with what is known only when the next one is there."""

    def __init__(self, review: Review, settings: SplitSettings, max_chars: int) -> None:
        self._review = review
        self._settings = settings
        self._max_chars = max_chars
        self._chapters: list[ScriptChapter] = []
        self._segments: list[Segment] = []
        self._omissions = list(review.omissions)

    def build(self) -> Script:
        review, settings = self._review, self._settings
        natural = self._find_natural_chapters()
        if _says_title(review):
            self._open_chapter(natural[0] if natural else review.title, written=False)
            self._say(review.title, "title", settings.heading_pause_s, Span(-1, -1, 0, 0))
        for number, section in enumerate(review.sections):
            if section.heading is not None:
                self._open_chapter(section.heading, written=True)
                self._say(
                    section.heading, "title", settings.heading_pause_s, Span(number, -1, 0, 0)
                )
            elif section.paragraphs and not self._chapters:
                self._open_chapter(natural[0] if natural else review.title, written=False)
            for index, paragraph in enumerate(section.paragraphs):
                if natural.get(index):
                    self._open_chapter(natural[index], written=False)
                pause = (
                    settings.list_pause_s
                    if paragraph.role == "list"
                    else settings.paragraph_pause_s
                )
                self._say(paragraph.text, paragraph.role, pause, Span(number, index, 0, 0))
        self._set_pause(0.0)
        return Script(
            title=review.title,
            language=review.language,
            chapters=tuple(self._chapters),
            segments=tuple(self._segments),
            omissions=tuple(self._omissions),
        )

    def _find_natural_chapters(self) -> dict[int, str]:
        """Give the paragraphs at which a long review without headings turns."""
        sections = self._review.sections
        names = _NATURAL_CHAPTERS.get(self._review.language.partition("-")[0].lower())
        if not self._settings.natural_chapters or not names or len(sections) != 1:
            return {}
        lengths = [len(paragraph.text) for paragraph in sections[0].paragraphs]
        if sections[0].heading is not None or len(lengths) < 4 or sum(lengths) < 1500:
            return {}
        # a one-line hook is not an opening of its own
        opening = next(i for i in range(len(lengths)) if sum(lengths[: i + 1]) >= 200 or i == 1) + 1
        return {0: names[0], opening: names[1], len(lengths) - 1: names[2]}

    def _open_chapter(self, title: str, *, written: bool) -> None:
        if self._chapters and not written and self._chapters[-1].title == title:
            return
        self._set_pause(self._settings.chapter_pause_s)
        self._chapters.append(ScriptChapter(title, written))

    def _say(self, text: str, role: Role, pause_s: float, where: Span) -> None:
        settings = self._settings
        before = len(self._segments)
        for cut in _cut_text(text, self._review.language, self._max_chars, settings.run_chars):
            part = text[cut.start : cut.end]
            spoken = speak_typography(part)
            span = Span(where.section, where.paragraph, cut.start, cut.end)
            if not _is_speakable(spoken):
                self._omissions.append(Omission(part, "no words in it", span))
                continue
            self._segments.append(
                Segment(
                    index=len(self._segments),
                    chapter=max(0, len(self._chapters) - 1),
                    role=role,
                    text=part,
                    spoken=spoken,
                    pause_s=settings.sentence_pause_s if cut.whole else settings.clause_pause_s,
                    span=span,
                )
            )
        if len(self._segments) > before:
            self._set_pause(pause_s)

    def _set_pause(self, pause_s: float) -> None:
        if self._segments:
            self._segments[-1] = msgspec.structs.replace(self._segments[-1], pause_s=pause_s)


def _cut_text(text: str, language: str, max_chars: int, run_chars: int) -> Iterator[_Cut]:
    """Cut a paragraph into whole sentences, short runs of them, or clauses of a long one."""
    run: _Cut | None = None
    for start, end in split_sentences(text, language):
        if run and _may_join(text, run, end, min(max_chars, run_chars)):
            run = _Cut(run.start, end, True)
            continue
        if run:
            yield from _cut_long(text, run, max_chars)
        run = _Cut(start, end, True)
    if run:
        yield from _cut_long(text, run, max_chars)


def _may_join(text: str, run: _Cut, end: int, limit: int) -> bool:
    last = text[run.end : end].strip()
    is_short = min(run.end - run.start, len(last)) < _SHORT_CHARS
    return is_short and len(speak_typography(text[run.start : end])) <= limit


def _cut_long(text: str, cut: _Cut, max_chars: int) -> Iterator[_Cut]:
    """Cut a sentence at clauses into parts of about equal length, each within the limit."""
    pending = [cut]
    while pending:
        part = pending.pop()
        length = len(speak_typography(text[part.start : part.end]))
        if length <= max_chars or part.end - part.start < 2:
            yield part
            continue
        parts = max(2, math.ceil(length / (0.9 * max_chars)))
        at, after = _find_cut(text, part, parts, max_chars)
        pending.append(_Cut(after, part.end, part.whole))
        pending.append(_Cut(part.start, at, False))


# how much a cut there hurts, as a share of the part's length that it may be off the ideal place
_PLACES = (
    (re.compile(r"[;:—–]\s+|(?<=\w)[—–](?=\w)|\s(?=[—–(])|[)]\s"), 0.00),
    (re.compile(r"(?:[,!?…]|[.](?=[\"”’)]*\s+[a-z]))[\"”’)]*\s+|[，、；：。！？](?=\w)"), 0.02),
    (
        re.compile(
            r"\s+(?=(?:and|but|or|nor|so|yet|because|although|though|while|when|where|which|who|that|if)\s)"
        ),
        0.12,
    ),
    (
        re.compile(
            r"\s+(?=(?:with|without|from|into|by|for|in|on|at|as|of|to|than|after|before)\s)"
        ),
        0.2,
    ),
    (re.compile(r"\s+"), 0.35),
    # dearer than any space: a word of several, such as an address, is cut only when it must be
    (re.compile(r"(?<=\w)[-/_.,:;+&=?#@]+(?=\w)"), 2.0),
)


def _find_cut(text: str, part: _Cut, parts: int, max_chars: int) -> tuple[int, int]:
    """Find the best place to cut: (end of what stays, start of what follows).

    It lies within `max_chars` of the ideal place, so that a long text costs no more a character.
    """
    length = part.end - part.start
    ideal = part.start + length * (parts // 2) // parts
    low, high = max(part.start, ideal - max_chars), min(part.end, ideal + max_chars)
    words = [m.span() for m in _WORD.finditer(text, low, high) if _is_speakable(m[0])]
    # a cut before the end of the second word, or after the start of the last but one, leaves one
    lone = len(words) < 2
    first = low if low > part.start else part.end if lone else words[1][1]
    last = high if high < part.end else part.start if lone else words[-2][0]
    best, best_cost = (_keep_together(text, ideal, low),) * 2, math.inf
    for pattern, price in _PLACES:
        for match in pattern.finditer(text, low, high):
            kept = len(match[0].rstrip()) if not match[0][0].isspace() else 0
            at, after = match.start() + kept, match.end()
            if at <= part.start or after >= part.end:
                continue
            orphan = 1 if at < first or after > last else 0
            cost = abs((at + after) / 2 - ideal) / length + price + orphan
            if cost < best_cost:
                best, best_cost = (at, after), cost
    return best


_WORD = re.compile(r"\S+")
_JOINER = "\u200d"


def _keep_together(text: str, ideal: int, low: int) -> int:
    """Step back from the middle of a word to where no accent leaves its letter."""
    for at in range(ideal, low, -1):
        accent = text[at] == _JOINER or unicodedata.category(text[at]) in {"Mn", "Mc", "Me", "Sk"}
        if not accent and text[at - 1] != _JOINER:
            return at
    return max(ideal, low + 1)


def _is_speakable(text: str) -> bool:
    return any(map(str.isalnum, text))


def _says_title(review: Review) -> bool:
    return review.origins.get("title") in {"front matter", "text"}


def _prove_whole(review: Review, script: Script) -> None:
    """Hold the script against the review, character by character.

    Raises LostTextError when a segment does not say what stands at its span or says it out of
    order, or when something stands in no segment and no omission, or in two.
    """
    left = {place: list(text) for place, text in _list_texts(review)}
    parts: list[Segment | Omission] = [*script.segments, *script.omissions]
    for part in parts:
        if part.span is None:
            continue  # left out by the reader, before there were paragraphs
        span = part.span
        letters = left.get((span.section, span.paragraph), [])
        if "".join(letters[span.start : span.end]) != part.text:
            raise LostTextError(
                f"The script does not say what the review says: {part.text[:80]!r}."
            )
        letters[span.start : span.end] = " " * len(part.text)
    for letters in left.values():
        lost = "".join(letters).strip()
        if lost:
            raise LostTextError(f"The script would lose a part of the review: {lost[:80]!r}.")
    for segment in script.segments:
        if not _is_speakable(segment.spoken):
            raise LostTextError(f"The script has no words for this: {segment.text[:80]!r}.")
    for before, after in pairwise(script.segments):
        if _order(before) >= _order(after):
            raise LostTextError(f"The script says this out of order: {after.text[:80]!r}.")
    hidden = collections.Counter(review.omissions) - collections.Counter(script.omissions)
    for omission in hidden:
        raise LostTextError(f"The script hides what it leaves out: {omission.text[:80]!r}.")


def _order(segment: Segment) -> tuple[int, int, int]:
    return segment.span.section, segment.span.paragraph, segment.span.start


def _list_texts(review: Review) -> Iterator[tuple[tuple[int, int], str]]:
    if _says_title(review):
        yield (-1, -1), review.title
    for number, section in enumerate(review.sections):
        yield (number, -1), section.heading or ""
        for index, paragraph in enumerate(section.paragraphs):
            yield (number, index), paragraph.text
