"""A Review becomes a Script of narration segments."""

import bisect
import collections
import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec
from msgspec import Struct

from reviewcast.model.errors import LostTextError
from reviewcast.model.text import (
    Change,
    Omission,
    Paragraph,
    Review,
    Role,
    Script,
    ScriptChapter,
    Segment,
    Span,
)
from reviewcast.settings.schema import FIELD, FIELDS, SPOILER_TITLE, SPOILER_WARNING, SplitSettings
from reviewcast.text.announcements import get_spoiler_title, get_spoiler_warning
from reviewcast.text.clauses import find_cut
from reviewcast.text.readers.fields import holds
from reviewcast.text.sentences import split_sentences
from reviewcast.text.spoilers import announces_spoilers, mark_spoilers, warns_of_spoilers
from reviewcast.text.spoken.engine import apply_changes
from reviewcast.text.spoken.rules.cuts import cut_form, find_long_form
from reviewcast.text.spoken.rules.left_out import list_left_out
from reviewcast.text.spoken.rules.typography import speak_typography

_SHORT_CHARS = 45


_SCRAP_CHARS = 16


_LONGEST_SENTENCE = 8000


_LONGEST_NAME = 80


_LETTERS = re.compile(r"[^\W\d_]+")


# what files are called that are called after nothing
_FILE_WORDS = frozenset(
    "review reviews index readme draft untitled post page text document notes note new copy final"
    " test tmp temp img image export file article entry blog kritik rezension critique".split()
)


_HALVING_REACH = 200


_NATURAL_CHAPTERS = {"en": ("Opening", "Review", "Verdict")}


_ADDED = -2  # the section of a span that stands for what the script itself adds


Say = Callable[[str, Sequence[tuple[int, int]]], tuple[str, tuple[Change, ...]]]
"""Gives what is said for a text whose italic spans are known, and how it differs."""


class Manner(Struct, frozen=True):
    """How a voice takes its text: at most `max_chars` at once, in the forms that `say` gives."""

    max_chars: int
    say: Say


class _Part(Struct, frozen=True):
    """Characters `start` to `end` of a paragraph, as they are said.

    `whole` is false where a sentence was cut at a clause.
    """

    start: int
    end: int
    spoken: str
    changes: tuple[Change, ...]
    whole: bool = True


def split_review(
    review: Review,
    settings: SplitSettings,
    *,
    max_chars: int,
    say: Say | None = None,
    manners: Mapping[Role, Manner] | None = None,
) -> Script:
    """Split a review into segments whose spoken text has at most `max_chars` characters.

    A segment is a sentence or a short run of them; a sentence is cut, at a clause, only when it
    alone is over the limit. `say` gives the spoken forms, without it only typography is mended;
    `manners` are those of roles that another voice says.
    A review that is an edited script keeps its segments. Raise LostTextError when a character
    of the review would be lost.
    """
    builder = _Builder(review, settings, Manner(max_chars, say or _say_plainly), manners or {})
    if review.script is not None:
        return builder.fit(review.script)
    script = builder.build()
    _prove_whole(review, script)
    return script


def fit_script(
    script: Script, settings: SplitSettings, *, find_limit: Callable[[Segment], int]
) -> Script:
    """Cut the segments whose spoken text is over the limit of their voice, as if never written."""
    segments: list[Segment] = []
    for segment in script.segments:
        limit = find_limit(segment)
        if segment.recording or len(segment.spoken) <= limit:
            segments.append(segment)
        else:
            alone = msgspec.structs.replace(script, segments=(segment,))
            unread = Review(title=script.title, slug="", sections=(), language=script.language)
            manner = Manner(limit, _say_plainly)
            segments += _Builder(unread, settings, manner, {}).fit(alone).segments
    numbered = (
        segment if segment.index == index else msgspec.structs.replace(segment, index=index)
        for index, segment in enumerate(segments)
    )
    return msgspec.structs.replace(script, segments=tuple(numbered))


def _say_plainly(text: str, _emphasis: Sequence[tuple[int, int]]) -> tuple[str, tuple[Change, ...]]:
    return speak_typography(text), ()


class _Builder:
    """Segments as they come, with what is known only when the next one is there."""

    def __init__(
        self,
        review: Review,
        settings: SplitSettings,
        manner: Manner,
        manners: Mapping[Role, Manner],
    ) -> None:
        self._review = review
        self._sections = tuple(mark_spoilers(review.sections))
        self._settings = settings
        self._usual = self._manner = manner
        self._manners = manners
        title, warning = settings.spoiler_title, settings.spoiler_warning
        is_usual = title == SPOILER_TITLE
        self._spoiler_title = get_spoiler_title(review.language) if is_usual else title
        is_usual = warning == SPOILER_WARNING
        self._spoiler_warning = get_spoiler_warning(review.language) if is_usual else warning
        self._titles = tuple(filter(None, (review.subject, review.title)))
        self._chapters: list[ScriptChapter] = []
        self._segments: list[Segment] = []
        self._omissions = list(review.omissions)
        self._after_spoiler = ""  # the chapter that goes on when the spoilers are over
        self._kind: Role = "narrator"  # of the last paragraph

    def build(self) -> Script:
        review, settings = self._review, self._settings
        natural = self._find_natural_chapters()
        opening = natural[0] if natural else review.title
        if _says_title(review):
            self._open_chapter(opening, written=False)
            self._add_lines(settings.opening)
            self._add_text(review.title, "title", settings.heading_pause_s, Span(-1, -1, 0, 0))
        elif any(map(self._fill, settings.opening)):
            self._open_chapter(opening, written=False)
            self._add_lines(settings.opening)
        for number, section in enumerate(self._sections):
            if section.heading is not None:
                self._after_spoiler = ""
                self._open_chapter(section.heading, written=True)
                where = Span(number, -1, 0, 0)
                self._add_text(section.heading, "title", settings.heading_pause_s, where)
                if announces_spoilers(section.heading):
                    self._after_spoiler = section.heading  # its chapter is theirs already
                    self._add_lines((self._spoiler_warning,), role="spoiler")
            elif section.paragraphs and not self._chapters:
                self._open_chapter(opening, written=False)
            images = dict(reversed(section.images))  # the first at each place
            for index, paragraph in enumerate(section.paragraphs):
                if natural.get(index):
                    self._open_chapter(natural[index], written=False)
                self._show(images.get(index, ""))
                self._add_paragraph(paragraph, Span(number, index, 0, 0))
            self._show(images.get(len(section.paragraphs), ""))
        if self._after_spoiler and any(map(self._fill, settings.closing)):
            self._go_on()  # who skips spoilers hears them
        self._add_lines(settings.closing)
        self._set_pause(0.0)
        return Script(
            title=review.title,
            language=review.language,
            chapters=tuple(self._chapters),
            segments=tuple(self._segments),
            omissions=tuple(self._omissions),
        )

    def fit(self, script: Script) -> Script:
        """Take an edited script; what is over the voice's limit is cut as a long sentence is."""
        for segment in script.segments:
            self._manner = self._manners.get(segment.role, self._usual)
            part = _Part(0, len(segment.spoken), segment.spoken, ())
            cuts = list(self._cut_long(segment.spoken, part, _Spans(()), say=_say_plainly))
            for cut in cuts:
                last = cut is cuts[-1]
                self._segments.append(
                    msgspec.structs.replace(
                        segment,
                        index=len(self._segments),
                        text=segment.text if len(cuts) == 1 else cut.spoken,
                        spoken=cut.spoken,
                        pause_s=segment.pause_s if last else self._settings.clause_pause_s,
                    )
                )
        return msgspec.structs.replace(
            script,
            title=self._review.title,
            language=self._review.language,
            segments=tuple(self._segments),
        )

    def _find_natural_chapters(self) -> dict[int, str]:
        """Return the paragraphs at which a long review without headings turns."""
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

    def _go_on(self) -> None:
        """Open the chapter that spoilers have interrupted once more, with the image it has."""
        title = self._after_spoiler
        image = next((one.image for one in reversed(self._chapters) if one.title == title), "")
        self._open_chapter(title, written=False)
        self._after_spoiler = ""
        self._show(image)

    def _show(self, image: str) -> None:
        """Return the chapter its image: the first that stands in it, and none that spoils."""
        if self._chapters and not self._after_spoiler and not self._chapters[-1].image:
            self._chapters[-1] = msgspec.structs.replace(self._chapters[-1], image=image)

    def _add_paragraph(self, paragraph: Paragraph, where: Span) -> None:
        """Say a paragraph; the first spoiler of several opens a chapter that warns of them.

        Where the writer's own line warns, nothing is added to it.
        """
        settings = self._settings
        if paragraph.role == "spoiler" and not self._after_spoiler:
            self._after_spoiler = self._chapters[-1].title
            self._open_chapter(self._spoiler_title or SPOILER_TITLE, written=False)
            if not warns_of_spoilers(paragraph.text):
                self._add_lines((self._spoiler_warning,), role="spoiler")
        elif paragraph.role != "spoiler" and self._after_spoiler:
            self._go_on()
        kind = paragraph.role
        if "quote" in {kind, self._kind} and kind != self._kind:
            self._raise_pause(settings.quote_pause_s)
        self._kind = kind
        pause_s = settings.list_pause_s if kind == "list" else settings.paragraph_pause_s
        self._add_text(paragraph.text, paragraph.role, pause_s, where, emphasis=paragraph.emphasis)

    def _add_lines(self, lines: Sequence[str], role: Role = "narrator") -> None:
        """Say lines of the script's own, those whose fields the review has."""
        for number, line in enumerate(filter(None, map(self._fill, lines))):
            where = Span(_ADDED, len(self._segments) + number, 0, 0)
            self._add_text(line, role, self._settings.paragraph_pause_s, where)

    def _fill(self, line: str) -> str:
        fields = {name: getattr(self._review, name) for name in FIELDS}
        if not all(fields[name] for name in FIELD.findall(line)):
            return ""
        return FIELD.sub(lambda match: fields[match[1]], line)

    def _add_text(
        self,
        text: str,
        role: Role,
        pause_s: float,
        where: Span,
        *,
        emphasis: Sequence[tuple[int, int]] = (),
    ) -> None:
        settings = self._settings
        self._manner = self._manners.get(role, self._usual)
        if role == "title":
            self._kind = role
        before = len(self._segments)
        for part in self._cut_text(text, emphasis):
            span = Span(where.section, where.paragraph, part.start, part.end)
            written = text[part.start : part.end]
            if not _is_speakable(part.spoken):
                if where.section != _ADDED:
                    self._omissions.append(Omission(written, "no words in it", span))
                continue
            self._segments.append(
                Segment(
                    index=len(self._segments),
                    chapter=max(0, len(self._chapters) - 1),
                    role=role,
                    text=written,
                    spoken=part.spoken,
                    pause_s=settings.sentence_pause_s if part.whole else settings.clause_pause_s,
                    span=span,
                    changes=part.changes,
                )
            )
            if where.section != _ADDED:
                left_out = itertools.starmap(Omission, list_left_out(part.changes))
                self._omissions.extend(left_out)
        if len(self._segments) > before:
            self._set_pause(pause_s)

    def _raise_pause(self, pause_s: float) -> None:
        """Make the last pause at least so long."""
        if self._segments:
            self._set_pause(max(pause_s, self._segments[-1].pause_s))

    def _set_pause(self, pause_s: float) -> None:
        if self._segments:
            self._segments[-1] = msgspec.structs.replace(self._segments[-1], pause_s=pause_s)

    def _cut_text(self, text: str, emphasis: Sequence[tuple[int, int]]) -> Iterator[_Part]:
        """Cut a paragraph into whole sentences, short runs of them, or clauses of a long one."""
        # a character of Chinese or Korean is a syllable, as long as two or three letters
        density = _measure_density(text)
        run_chars, short_chars = self._settings.run_chars // density, _SHORT_CHARS // density
        limit = min(self._manner.max_chars, run_chars)
        run: _Part | None = None
        titles = (*self._titles, *_list_titles(text, emphasis))
        spans = _Spans(emphasis)
        for start, end in split_sentences(text, self._review.language, titles):
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

    def _cut_huge(self, text: str, start: int, end: int, spans: "_Spans") -> Iterator[_Part]:
        """Cut what is too long for any sentence before it is said, so that it is said once."""
        for first, last in _halve(text, start, end):
            part = self._speak(text, first, last, spans, whole=last == end)
            yield from self._join_scraps(self._cut_long(text, part, spans))

    def _find_dense_limit(self, sentence: str) -> int:
        """Return the limit of a sentence without spaces: a breath, if its own commas allow it."""
        breath = self._settings.run_chars // 2
        clauses = _CLAUSE_MARK.split(sentence)
        fits = breath and len(clauses) > 1 and max(map(len, clauses)) <= breath
        return min(self._manner.max_chars, breath) if fits else self._manner.max_chars

    def _join_scraps(self, parts: Iterator[_Part]) -> Iterator[_Part]:
        """Join a word or two that cuts left alone to what is said beside them."""
        held: _Part | None = None
        for part in parts:
            if held and min(len(held.spoken), len(part.spoken)) < _SCRAP_CHARS:
                joined = _join(held, part)
                if part.start > held.end and len(joined.spoken) <= self._manner.max_chars:
                    held = msgspec.structs.replace(joined, whole=part.whole)
                    continue
            if held:
                yield held
            held = part
        if held:
            yield held

    def _cut_long(
        self, text: str, part: _Part, spans: "_Spans", say: Say | None = None
    ) -> Iterator[_Part]:
        """Cut a sentence at clauses into parts of about equal length, each within the limit."""
        max_chars = self._manner.max_chars
        if say is None and _measure_density(text[part.start : part.end]) > 1:
            max_chars = self._find_dense_limit(text[part.start : part.end])
        pending = [part]
        while pending:
            part = pending.pop()
            length = len(part.spoken)
            if length <= max_chars or part.end - part.start < 2:
                yield part
                continue
            form = find_long_form(text[part.start : part.end], part.changes, max_chars)
            if form:
                pending += reversed(_cut_within(text, part, form, max_chars))
                continue
            at, after = find_cut(
                text,
                part.start,
                part.end,
                parts=max(2, math.ceil(length / (0.9 * max_chars))),
                max_chars=max_chars,
                wholes=[
                    (part.start + change.start, part.start + change.end)
                    for change in part.changes
                    if any(map(str.isalnum, change.spoken))
                ],
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
        spans: "_Spans",
        *,
        whole: bool = True,
        say: Say | None = None,
    ) -> _Part:
        spoken, changes = (say or self._manner.say)(text[start:end], spans.within(start, end))
        return _Part(start, end, spoken, changes, whole)


class _Spans:
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


def _halve(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch in halves, between words, until each is as long as a sentence may be."""
    pending = [(start, end)]
    while pending:
        start, end = pending.pop()
        if end - start <= _LONGEST_SENTENCE:
            yield start, end
            continue
        at, after = find_cut(text, start, end, parts=2, max_chars=_HALVING_REACH)
        pending += [(after, end), (start, at)]


def _join(run: _Part, part: _Part) -> _Part:
    """Put a sentence behind those before it; each was said by itself and stays so."""
    gap = " " if part.start > run.end else ""
    shift = part.start - run.start
    moved = (
        msgspec.structs.replace(change, start=change.start + shift, end=change.end + shift)
        for change in part.changes
    )
    return _Part(run.start, part.end, run.spoken + gap + part.spoken, (*run.changes, *moved))


def _measure_density(text: str) -> int:
    """Return how many letters a character of this text is worth: 3 where most are syllables."""
    if text.isascii():
        return 1
    return 3 if 2 * len(_SYLLABLE.findall(text)) > sum(map(str.isalnum, text)) else 1


_CLAUSE_MARK = re.compile("[，、；：。！？,;]")


_SYLLABLE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def _cut_within(text: str, part: _Part, form: Change, max_chars: int) -> tuple[_Part, _Part]:
    """Cut a part inside a form that is too long to be said at once, at a word of what is said."""
    first, last = cut_form(form, max_chars)
    middle = part.start + first.end
    before = (*(change for change in part.changes if change.end <= form.start), first)
    after = tuple(
        msgspec.structs.replace(change, start=change.start - first.end, end=change.end - first.end)
        for change in (last, *(change for change in part.changes if change.start >= form.end))
    )
    return (
        _Part(part.start, middle, _apply(text[part.start : middle], before), before, whole=False),
        _Part(middle, part.end, _apply(text[middle : part.end], after), after, whole=part.whole),
    )


def _apply(text: str, changes: Sequence[Change]) -> str:
    return " ".join(apply_changes(text, changes).split())


def _list_titles(text: str, emphasis: Sequence[tuple[int, int]]) -> Iterator[str]:
    """List the spans in italics that are names of works with a mark inside: Oh, God! Book II."""
    for start, end in emphasis:
        words = text[start:end].split()
        if 1 < len(words) <= _LONGEST_TITLE_WORDS and any(map(_MARKED.search, words[:-1])):
            is_name = sum(word[:1].isupper() or word[:1].isdigit() for word in words)
            if words[0][:1].isupper() and 2 * is_name > len(words) + 1:
                yield " ".join(words)


_LONGEST_TITLE_WORDS = 9


_MARKED = re.compile("[!?.]$")


def _is_speakable(text: str) -> bool:
    return any(map(str.isalnum, text))


def _says_title(review: Review) -> bool:
    origin = review.origins.get("title")
    if origin in {"slug", "file name"}:
        return _names_work(review.title) and not _mentions(review, review.title)
    return origin in {"front matter", "text"}


def _names_work(title: str) -> bool:
    """Return True if a title that was made of a file's name may be that of a work."""
    words = [word for word in _LETTERS.findall(title.lower()) if word not in _FILE_WORDS]
    return any(len(word) > 2 for word in words) and len(title) <= _LONGEST_NAME


def _mentions(review: Review, title: str) -> bool:
    """Return True if the review itself names the work somewhere."""
    name = re.sub(r" \(\d{4}\)$", "", title)
    return any(
        holds(text, name)
        for section in review.sections
        for text in (section.heading or "", *(one.text for one in section.paragraphs))
    )


def _prove_whole(review: Review, script: Script) -> None:
    """Hold the script against the review, character by character.

    Raise LostTextError when a segment does not say what stands at its span or says it out of
    order, or when something stands in no segment and no omission, or in two.
    """
    texts = dict(_list_texts(review))
    stretches: dict[tuple[int, int], list[tuple[int, int]]] = {place: [] for place in texts}
    parts: Iterator[Segment | Omission] = itertools.chain(script.segments, script.omissions)
    for part in parts:
        span = part.span
        if span is None or span.section == _ADDED:
            continue  # left out by the reader, before there were paragraphs; or of our own
        place = (span.section, span.paragraph)
        if place not in texts or texts[place][span.start : span.end] != part.text:
            raise LostTextError(
                f"The script does not say what the review says: {part.text[:80]!r}."
            )
        stretches[place].append((span.start, span.end))
    for place, text in texts.items():
        at = 0
        for start, end in [*sorted(stretches[place]), (len(text), len(text))]:
            if start < at:
                raise LostTextError(f"The script says this twice: {text[start:end][:80]!r}.")
            lost = text[at:start].strip()
            if lost:
                raise LostTextError(f"The script would lose a part of the review: {lost[:80]!r}.")
            at = end
    for segment in script.segments:
        if not _is_speakable(segment.spoken):
            raise LostTextError(f"The script has no words for this: {segment.text[:80]!r}.")
        _prove_said(segment)
    own = [segment for segment in script.segments if segment.span.section != _ADDED]
    for before, after in pairwise(own):
        if _order(before) >= _order(after):
            raise LostTextError(f"The script says this out of order: {after.text[:80]!r}.")
    hidden = collections.Counter(review.omissions) - collections.Counter(script.omissions)
    for omission in hidden:
        raise LostTextError(f"The script hides what it leaves out: {omission.text[:80]!r}.")


def _prove_said(segment: Segment) -> None:
    """Hold what is said against what is written: with its changes, every word is said, in order.

    Raise LostTextError, naming the first word that is not.
    """
    if segment.spoken == segment.text:
        return
    expected = apply_changes(segment.text, segment.changes)
    if " ".join(expected.split()) == segment.spoken:
        return  # as nearly all are
    said = _WORD.findall(speak_typography(segment.spoken))
    for number, word in enumerate(_WORD.findall(speak_typography(expected))):
        if number >= len(said) or said[number] != word:
            raise LostTextError(f"The script would not say {word!r} of {segment.text[:80]!r}.")


_WORD = re.compile(r"\w+")


def _order(segment: Segment) -> tuple[int, int, int]:
    return segment.span.section, segment.span.paragraph, segment.span.start


def _list_texts(review: Review) -> Iterator[tuple[tuple[int, int], str]]:
    if _says_title(review):
        yield (-1, -1), review.title
    for number, section in enumerate(review.sections):
        yield (number, -1), section.heading or ""
        for index, paragraph in enumerate(section.paragraphs):
            yield (number, index), paragraph.text
