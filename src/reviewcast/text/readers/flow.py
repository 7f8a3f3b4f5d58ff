"""A flow of tags and texts becomes sections, paragraphs and omissions.

Every reader of marked-up text speaks to a Flow in the names of HTML's elements, whatever its own
syntax: so a quote, a caption or a spoiler is treated alike in Markdown, HTML and .docx.
"""

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from reviewcast.model.characters import clean_text
from reviewcast.model.text import Omission, Paragraph
from reviewcast.text.readers.html.elements import (
    BLOCKS,
    KNOWN,
    VOID,
    find_hidden_reason,
    find_picture,
    find_unspoken_reason,
    is_prose,
    is_spoiler,
    name_image,
)
from reviewcast.text.readers.nesting import HEADINGS, Element, Nesting
from reviewcast.text.readers.raised import read_raised
from reviewcast.text.readers.runs import NEXT_CELL, Run, SectionDraft
from reviewcast.text.readers.shown_ratings import StarRow, find_image_rating, find_star_icon

_ITALICS = {"em", "i", "cite"}
_CELLS = {"td", "th"}
_NO_ATTRIBUTES: Mapping[str, str | None] = {}
_FIRST_WORD = re.compile(r"\w+")


class Flow:
    """Gathers a document from what a reader tells it, in the order of the text."""

    def __init__(self) -> None:
        self.parts = [SectionDraft(None, "")]
        self.omissions: list[Omission] = []
        self.markup: list[str] = []
        self.prefix = ""
        """Put before the next text of the same run: a list item's number, a cell's semicolon."""
        self._open = Nesting()
        self._run = Run()
        self._captured: list[str] | None = None
        self._raised = 0  # the depth of an element that raises its text, until text follows it
        self._stars = StarRow()
        self._notes: list[Callable[[], None]] = []

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return self._open.depth

    def open(self, name: str, attributes: Mapping[str, str | None] = _NO_ATTRIBUTES) -> None:
        """Begin an element; one that is void, or a picture, ends at once."""
        if name in BLOCKS:
            if unclosed := self._open.find_unclosed(name):
                self.close(unclosed)
            self._break(name)
        if name in {"img", "input", "embed"} or name in VOID:
            self._take_void(name, attributes)
            return
        element = self._open.push(name)
        if self._captured is not None:
            return
        if star := find_star_icon(name, attributes):
            self.say(self._stars.add(star, self._run.parts))
        quotes = self._open.is_in_quoting_figure()
        if reason := find_unspoken_reason(name, attributes, is_quoting=quotes):
            self._capture(element, reason, attributes)
            return
        self._open.count(element, spoils=is_spoiler(name, attributes))
        if name in _ITALICS or name == "a":
            element.emphasis = (self._run, self._run.length)
            element.link = (attributes.get("href") or "") if name == "a" else ""
        elif name == "q":
            self.say("“")
            element.close_with = "”"
        elif name == "sup":
            self._raised = self._open.depth
        elif name in {"reviewcast-image", "reviewcast-embed"}:
            self._run.marks.append((not self._run.length, name.removeprefix("reviewcast-")))
        elif name in _CELLS:
            column = self._open.count_cell(attributes.get("colspan") or "")
            self._run.begin_cell(column, is_heading=name == "th")
            self.prefix = NEXT_CELL if self._run.length else self.prefix
        elif name not in KNOWN and "-" not in name and not element.spoilers:
            # a browser shows nothing of it, its writer may have meant it to be read
            self.leave_out(f"<{name}>", "unknown tag")

    def close(self, name: str) -> None:
        """End the innermost element of that name, and all within it; ignore it if there is none."""
        if not self._open.holds(name):
            if name in BLOCKS:
                self.say(" ")
            return
        if name in BLOCKS:
            self._break(name)
        while self._open.elements:
            element = self._open.elements.pop()
            self._undo(element)
            if element.name == name:
                return

    def close_to(self, depth: int) -> None:
        """End all elements within the first `depth`."""
        while self._open.depth > depth:
            self.close(self._open.elements[-1].name)

    def say(self, text: str) -> None:
        """Take a piece of text as a part of the paragraph, or of what is being left out."""
        text = clean_text(text)
        if text.strip():
            self._stars.end()
        if self._raised and text:
            text = self._raise_figures(text)
        if self._captured is not None:
            self._captured += [self.prefix, text]
            self.prefix = ""
            return
        if self.prefix and not text.isspace() and text:
            self._run.add_prefix(self.prefix)
            self.prefix = ""
        self._run.add(text)
        if self._open.spoilers and text.strip():
            self._run.spoils = True

    def _raise_figures(self, text: str) -> str:
        """Return the figures of a power or of a note's mark as they are shown: m², not m2."""
        if self._open.depth < self._raised:
            self._raised = 0
            if follows := _FIRST_WORD.match(text):
                self.hide(follows[0])
            return text
        last = self._run.parts[-1] if self._run.open and self._run.parts else ""
        raised = read_raised(text, last) if self._captured is None else None
        if raised is None:
            return text
        self.hide(f"{raised.word} {text}")
        if not raised.shown:
            self.leave_out(text, "a note's number")
        return raised.shown

    def end_line(self, *, hard: bool) -> None:
        """End a line of a paragraph: by a mark of the writer's, or where the source's line ends."""
        if self._captured is not None or self.prefix:
            self.say(" ")
        else:
            self._run.end_line(hard=hard)

    def leave_out(self, text: str, reason: str) -> None:
        """Name something that will not be spoken."""
        text = " ".join(clean_text(text).split())
        if self._captured is not None:
            self._captured.append(f" {text} ")
        elif text:
            self.omissions.append(Omission(text, reason))
            if reason in {"image", "embed"}:
                self._run.marks.append((not self._run.length, reason))

    def show(self, address: str | None) -> None:
        """Note an image that stands here for all to see: what spoils or hides is not shown."""
        address = clean_text(address or "").strip()
        if address and self._captured is None and not self._open.spoilers:
            self._run.images.append(address)

    def hide(self, markup: str) -> None:
        """Account for a piece of the source that nobody sees."""
        if markup.strip():
            self.markup.append(markup)

    def part(self) -> None:
        """Begin a new paragraph where a block was left out."""
        self._break("div")

    def add_note(self, speak: Callable[[], None]) -> None:
        """Have a footnote spoken after the paragraph that refers to it."""
        self._notes.append(speak)

    def finish(self) -> list[SectionDraft]:
        """End all that is open."""
        self.close_to(0)
        self._flush()
        while self._notes:
            self._speak_notes(spoils=False)
        self.hide(self.prefix)
        return self.parts

    def _take_void(self, name: str, attributes: Mapping[str, str | None]) -> None:
        if name == "br":
            self.end_line(hard=True)
        elif name == "input" and attributes.get("type") == "checkbox":
            self.say("☑ " if "checked" in attributes else "☐ ")
        elif name == "img":
            alt = attributes.get("alt") or ""
            is_hidden = bool(find_hidden_reason(name, attributes))
            rating = "" if is_hidden else find_image_rating(alt)
            if rating:
                self.say(rating)
            else:
                self.leave_out(alt if alt.strip() else name_image(attributes.get("src")), "image")
            self.leave_out(attributes.get("title") or "", "caption")
            if not is_hidden and not rating:
                self.show(find_picture(attributes))
        elif name == "embed":
            self.leave_out(attributes.get("title") or attributes.get("src") or "", "embed")

    def _capture(self, element: Element, reason: str, attributes: Mapping[str, str | None]) -> None:
        element.captures, element.reason = True, reason
        self._captured = []
        if reason == "embed":
            named = attributes.get("title") or attributes.get("src") or attributes.get("data")
            self._captured.append(clean_text(named or element.name))
            self._captured.append(" ")

    def _undo(self, element: Element) -> None:
        self._open.discount(element)
        if element.emphasis and element.emphasis[0] is self._run:
            span = (element.emphasis[1], self._run.length)
            if element.link:
                self._run.links.append((*span, element.link))
            elif element.name != "a":
                self._run.emphasis.append(span)
        if element.spoilers and element.name in BLOCKS:
            self._flush()
        if element.name in HEADINGS:
            self._open.heading = ""
        if element.captures:
            text = " ".join("".join(self._captured or []).split())
            self._captured = None
            if element.reason == "code" and is_prose(text):
                self.say(text)
                self._flush()
            else:
                self.leave_out(text, element.reason)
        elif element.name == "q":
            self.say(element.close_with)

    def _break(self, name: str) -> None:
        """Begin anew before and after a block; a row of cells stays one paragraph."""
        if self._captured is not None:
            self._captured.append(" ")
        elif name not in _CELLS:
            self._flush()

    def _flush(self) -> None:
        self._stars.end()
        images, self._run.images = self._run.images, []
        marks, self._run.marks = self._run.marks, []
        if not self._run.parts:
            self.parts[-1].add_images(images)
            self.parts[-1].add_marks(reason for _, reason in marks)
            return
        is_whole = bool(self._open.heading) or self._open.holds("tr")
        paragraphs = self._run.list_paragraphs(whole=is_whole)
        spoils = self._run.spoils
        self._run = Run()
        for element in self._open.elements:
            if element.emphasis:
                element.emphasis = (self._run, 0)
        if self.prefix == NEXT_CELL:  # a block within the cell has begun anew
            self.prefix = ""
        self.parts[-1].add_marks(reason for is_first, reason in marks if is_first)
        for paragraph in paragraphs:
            self._add(paragraph, images, spoils=spoils)
            images = []
        self.parts[-1].add_marks(reason for is_first, reason in marks if not is_first)
        if self._notes:
            self._speak_notes(spoils=spoils)

    def _add(self, paragraph: Paragraph, images: Sequence[str], *, spoils: bool) -> None:
        if self._open.begins_chapter(spoils=spoils):
            part = SectionDraft(paragraph.text, self._open.heading)
            last = self.parts[-1]
            if last.heading is None and not last.paragraphs:
                part.images = last.images
                self.parts[-1] = part
            else:
                self.parts.append(part)
            part.add_images(images)
            return
        part = self.parts[-1]
        part.add_images(() if spoils else images)
        role = self._open.find_role(spoils=spoils)
        lists = self._open.list_items()
        part.paragraphs.append(msgspec.structs.replace(paragraph, role=role, lists=lists))

    def _speak_notes(self, *, spoils: bool) -> None:
        """Speak the notes as the writer's own words, whatever they stand in."""
        notes, self._notes = self._notes, []
        kept, self._open = self._open, Nesting(int(spoils))
        for speak in notes:
            speak()
            self.close_to(0)
            self._flush()
        self._open = kept
