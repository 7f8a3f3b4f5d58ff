"""A Review becomes a Script of narration segments."""

import itertools
from collections.abc import Callable, Mapping, Sequence

import msgspec

from reviewcast.model.characters import has_words
from reviewcast.model.text import (
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
from reviewcast.text.chapter_titles import find_first_heading, find_natural_chapters, name_opening
from reviewcast.text.pieces import Cutter, Manner, Say, say_plainly
from reviewcast.text.script_completeness import ADDED, prove_whole, says_title
from reviewcast.text.spoilers import announces_spoilers, mark_spoilers, warns_of_spoilers
from reviewcast.text.spoken.changes import list_left_out


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
    builder = _ScriptBuilder(review, settings, Manner(max_chars, say or say_plainly), manners or {})
    if review.script is not None:
        return builder.fit(review.script)
    script = builder.build()
    prove_whole(review, script)
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
            manner = Manner(limit, say_plainly)
            segments += _ScriptBuilder(unread, settings, manner, {}).fit(alone).segments
    numbered = (
        segment if segment.index == index else msgspec.structs.replace(segment, index=index)
        for index, segment in enumerate(segments)
    )
    return msgspec.structs.replace(script, segments=tuple(numbered))


class _ScriptBuilder:
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
        self._usual = manner
        self._manners = manners
        title, warning = settings.spoiler_title, settings.spoiler_warning
        is_usual = title == SPOILER_TITLE
        self._spoiler_title = get_spoiler_title(review.language) if is_usual else title
        is_usual = warning == SPOILER_WARNING
        self._spoiler_warning = get_spoiler_warning(review.language) if is_usual else warning
        titles = tuple(filter(None, (review.subject, review.title)))
        self._cutter = Cutter(manner, settings, review.language, titles)
        self._chapters: list[ScriptChapter] = []
        self._segments: list[Segment] = []
        self._omissions = list(review.omissions)
        self._after_spoiler = ""  # the chapter that goes on when the spoilers are over
        self._at_end = ""  # and the one that the show's own last lines stand in then
        self._kind: Role = "narrator"  # of the last paragraph

    def build(self) -> Script:
        review, settings = self._review, self._settings
        natural = find_natural_chapters(review) if settings.natural_chapters else {}
        opening = natural[0] if natural else name_opening(review)
        heading = find_first_heading(review)  # it names the chapter that the title is said in
        if says_title(review):
            self._open_chapter(heading or opening, written=bool(heading))
            self._add_lines(settings.opening)
            self._add_text(review.title, "title", settings.heading_pause_s, Span(-1, -1, 0, 0))
        elif any(map(self._fill, settings.opening)):
            self._open_chapter(heading or opening, written=bool(heading))
            self._add_lines(settings.opening)
        for number, section in enumerate(self._sections):
            if review.spoiler and number == 0:
                self._open_spoilers(warned=False)
            if section.heading is not None:
                named = not number and bool(heading) and bool(self._chapters)
                self._add_heading(section.heading, Span(number, -1, 0, 0), named=named)
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
            self._after_spoiler = self._at_end
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

    def _add_heading(self, heading: str, where: Span, *, named: bool) -> None:
        """Say a heading, which opens a chapter unless one is `named` after it already.

        Where all of the review spoils, the chapter of spoilers goes on.
        """
        is_whole = self._review.spoiler
        before = self._after_spoiler or (self._chapters[-1].title if self._chapters else "")
        if not is_whole:
            self._after_spoiler = ""
        if named or is_whole:
            self._set_pause(self._settings.chapter_pause_s)
        else:
            self._open_chapter(heading, written=True)
        self._add_text(heading, "title", self._settings.heading_pause_s, where)
        if not is_whole and announces_spoilers(heading):
            # its chapter is theirs already, and nothing else is to stand in it
            self._after_spoiler = before or self._review.title
            self._at_end = self._review.title
            self._add_lines((self._spoiler_warning,), role="spoiler")

    def fit(self, script: Script) -> Script:
        """Take an edited script; what is over the voice's limit is cut as a long sentence is."""
        for segment in script.segments:
            self._cutter.manner = self._manners.get(segment.role, self._usual)
            cuts = list(self._cutter.cut_spoken(segment.spoken))
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

    def _open_spoilers(self, *, warned: bool) -> None:
        """Open the chapter of spoilers, with the warning unless the writer's own line `warned`."""
        self._after_spoiler = self._chapters[-1].title if self._chapters else self._review.title
        self._at_end = self._after_spoiler
        self._open_chapter(self._spoiler_title or SPOILER_TITLE, written=False)
        if not warned:
            self._add_lines((self._spoiler_warning,), role="spoiler")

    def _show(self, image: str) -> None:
        """Set the image of the chapter: the first that stands in it, and none that spoils."""
        if self._chapters and not self._after_spoiler and not self._chapters[-1].image:
            self._chapters[-1] = msgspec.structs.replace(self._chapters[-1], image=image)

    def _add_paragraph(self, paragraph: Paragraph, where: Span) -> None:
        """Say a paragraph; the first spoiler of several opens a chapter that warns of them.

        Where the writer's own line warns, nothing is added to it.
        """
        settings = self._settings
        if paragraph.role == "spoiler" and not self._after_spoiler:
            self._open_spoilers(warned=warns_of_spoilers(paragraph.text))
        elif paragraph.role != "spoiler" and self._after_spoiler and not self._review.spoiler:
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
            where = Span(ADDED, len(self._segments) + number, 0, 0)
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
        self._cutter.manner = self._manners.get(role, self._usual)
        if role == "title":
            self._kind = role
        before = len(self._segments)
        for part in self._cutter.cut_text(text, emphasis):
            span = Span(where.section, where.paragraph, part.start, part.end)
            written = text[part.start : part.end]
            if not has_words(part.spoken):
                if where.section != ADDED:
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
            if where.section != ADDED:
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
