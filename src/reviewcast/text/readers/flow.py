"""A flow of tags and texts becomes sections, paragraphs and omissions.

Every reader of marked-up text speaks to a Flow in the names of HTML's elements, whatever its own
syntax: so a quote, a caption or a spoiler is treated alike in Markdown, HTML and .docx.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from reviewcast.model.characters import clean_text
from reviewcast.model.errors import ReviewError
from reviewcast.model.text import Document, Omission, Paragraph, Role, Section
from reviewcast.text.readers.fields import is_same
from reviewcast.text.readers.html.elements import (
    BLOCKS,
    KNOWN,
    NEVER_SPOKEN,
    VOID,
    find_hidden_reason,
    find_picture,
    is_prose,
    is_spoiler,
    name_image,
)
from reviewcast.text.readers.leftovers import leave_out_leftovers
from reviewcast.text.readers.runs import Run

_CHAPTERS = {"h1", "h2", "h3"}


_HEADINGS = _CHAPTERS | {"h4", "h5", "h6"}


_ITALICS = {"em", "i", "cite"}


_LISTS = {"ul", "ol", "dl"}


_CELLS = {"td", "th"}


_NO_ATTRIBUTES: Mapping[str, str | None] = {}


_NEXT_CELL = "; "


_DEEPEST = 300


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


_FIGURES = re.compile(r"[0-9]{1,4}")


_BASE = re.compile(r"(?:\d|\)|(?<!\w)(?:[A-Za-z]|[kcdm]m|ft|in|yd|mi|[mM][cC]))\Z")


_LAST_WORD, _FIRST_WORD = re.compile(r"\w+\W?\Z"), re.compile(r"\w+")


class _Part:
    """A section while it grows."""

    def __init__(self, heading: str | None, level: str) -> None:
        self.heading = heading
        self.level = level
        self.paragraphs: list[Paragraph] = []
        self.images: list[tuple[int, str]] = []
        self.marks: list[tuple[int, str]] = []
        """The pictures and embeds that were left out, and before which paragraph each stood."""


class _Element:
    """An open element, and what is to be undone when it closes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.quotes = self.lists = self.spoilers = 0
        self.captures = False
        self.reason = ""
        self.emphasis: tuple[Run, int] | None = None
        self.link = ""
        self.close_with = ""
        self.quotes_inside = False


class Flow:
    """Gathers a document from what a reader tells it, in the order of the text."""

    def __init__(self) -> None:
        self.parts = [_Part(None, "")]
        self.omissions: list[Omission] = []
        self.markup: list[str] = []
        self.prefix = ""
        """Put before the next text of the same run: a list item's number, a cell's semicolon."""
        self._stack: list[_Element] = []
        self._run = Run()
        self._quotes = self._lists = self._spoilers = 0
        self._heading = ""
        self._captured: list[str] | None = None
        self._raised = 0  # the depth of an element that raises its text, until text follows it
        self._notes: list[Callable[[], None]] = []

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self._stack)

    def open(self, name: str, attributes: Mapping[str, str | None] = _NO_ATTRIBUTES) -> None:
        """Begin an element; one that is void, or a picture, ends at once."""
        if name in BLOCKS:
            self._close_unclosed(name)
            self._break(name)
        if name in {"img", "input", "embed"} or name in VOID:
            self._take_void(name, attributes)
            return
        if len(self._stack) >= _DEEPEST:
            raise ReviewError(
                f"The review is nested over {_DEEPEST} levels deep.",
                hint="Close its tags, and flatten its lists and quotes.",
            )
        element = _Element(name)
        self._stack.append(element)
        if self._captured is not None:
            return
        reason = NEVER_SPOKEN.get(name, "") or find_hidden_reason(name, attributes)
        if not reason and name == "figcaption" and not self._is_in_quoting_figure():
            reason = "caption"
        if reason:
            self._capture(element, reason, attributes)
            return
        if is_spoiler(name, attributes):
            element.spoilers = 1
            self._spoilers += 1
        if name in _LISTS:
            element.lists = 1
            self._lists += 1
        elif name in {"blockquote", "reviewcast-quote"}:
            element.quotes = 1
            self._quotes += 1
            for outer in self._stack:
                outer.quotes_inside = True
        elif name in _ITALICS:
            element.emphasis = (self._run, self._run.length)
        elif name == "a":
            element.emphasis = (self._run, self._run.length)
            element.link = attributes.get("href") or ""
        elif name in _HEADINGS:
            self._heading = name
        elif name == "q":
            self.say("“")
            element.close_with = "”"
        elif name == "sup":
            self._raised = len(self._stack)
        elif name in {"reviewcast-image", "reviewcast-embed"}:
            self._run.marks.append((not self._run.length, name.removeprefix("reviewcast-")))
        elif name in _CELLS and self._run.length:
            self.prefix = _NEXT_CELL
        elif name not in KNOWN and "-" not in name and not element.spoilers:
            # a browser shows nothing of it, its writer may have meant it to be read
            self.leave_out(f"<{name}>", "unknown tag")

    def close(self, name: str) -> None:
        """End the innermost element of that name, and all within it; ignore it if there is none."""
        is_last = bool(self._stack) and self._stack[-1].name == name
        if not is_last and all(element.name != name for element in self._stack):
            if name in BLOCKS:
                self.say(" ")
            return
        if name in BLOCKS:
            self._break(name)
        while self._stack:
            element = self._stack.pop()
            self._undo(element)
            if element.name == name:
                return

    def close_to(self, depth: int) -> None:
        """End all elements within the first `depth`."""
        while len(self._stack) > depth:
            self.close(self._stack[-1].name)

    def say(self, text: str) -> None:
        """Take a piece of text as a part of the paragraph, or of what is being left out."""
        text = clean_text(text)
        if self._raised and text:
            text = self._raise_figures(text)
        if self._captured is not None:
            self._captured += [self.prefix, text]
            self.prefix = ""
            return
        if self.prefix and not text.isspace() and text:
            self._run.add(self.prefix)
            self.prefix = ""
        self._run.add(text)
        if self._spoilers and text.strip():
            self._run.spoils = True

    def _raise_figures(self, text: str) -> str:
        """Return the figures of a power or of a note's mark as they are shown: m², not m2."""
        last = self._run.parts[-1] if self._run.open and self._run.parts else ""
        is_inside = len(self._stack) >= self._raised
        word = _LAST_WORD.search(last)
        if is_inside and word and self._captured is None and _FIGURES.fullmatch(text.strip()):
            self.hide(f"{word[0]} {text}")
            if _BASE.search(last):
                return text.strip().translate(_RAISED)
            self.leave_out(text, "a note's number")
            return ""
        if not is_inside:
            self._raised = 0
            follows = _FIRST_WORD.match(text)
            if follows:
                self.hide(follows[0])
        return text

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
        if address and self._captured is None and not self._spoilers:
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

    def finish(self) -> "list[_Part]":
        """End all that is open."""
        while self._stack:
            self.close(self._stack[-1].name)
        self._flush()
        while self._notes:
            self._speak_notes(spoils=False)
        self.hide(self.prefix)
        return self.parts

    def _close_unclosed(self, name: str) -> None:
        """Close what HTML lets a writer leave open: a paragraph, an item, a cell."""
        if not self._stack:
            return
        last = self._stack[-1].name
        if last == "p" or (last == name and name in {"li", "tr", "td", "th", "dt", "dd"}):
            self.close(last)

    def _take_void(self, name: str, attributes: Mapping[str, str | None]) -> None:
        if name == "br":
            self.end_line(hard=True)
        elif name == "input" and attributes.get("type") == "checkbox":
            self.say("☑ " if "checked" in attributes else "☐ ")
        elif name == "img":
            alt = attributes.get("alt") or ""
            self.leave_out(alt if alt.strip() else name_image(attributes.get("src")), "image")
            self.leave_out(attributes.get("title") or "", "caption")
            if not find_hidden_reason(name, attributes):
                self.show(find_picture(attributes))
        elif name == "embed":
            self.leave_out(attributes.get("title") or attributes.get("src") or "", "embed")

    def _capture(
        self, element: _Element, reason: str, attributes: Mapping[str, str | None]
    ) -> None:
        element.captures, element.reason = True, reason
        self._captured = []
        if reason == "embed":
            named = attributes.get("title") or attributes.get("src") or attributes.get("data")
            self._captured.append(clean_text(named or element.name))
            self._captured.append(" ")

    def _is_in_quoting_figure(self) -> bool:
        return any(e.name == "figure" and e.quotes_inside for e in self._stack)

    def _undo(self, element: _Element) -> None:
        self._quotes -= element.quotes
        self._lists -= element.lists
        if element.emphasis and element.emphasis[0] is self._run:
            span = (element.emphasis[1], self._run.length)
            if element.link:
                self._run.links.append((*span, element.link))
            elif element.name != "a":
                self._run.emphasis.append(span)
        if element.spoilers:
            if element.name in BLOCKS:
                self._flush()
            self._spoilers -= element.spoilers
        if element.name in _HEADINGS:
            self._heading = ""
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
        images, self._run.images = self._run.images, []
        marks, self._run.marks = self._run.marks, []
        if not self._run.parts:
            self._keep_images(images)
            self._keep_marks(reason for _, reason in marks)
            return
        in_row = any(element.name == "tr" for element in self._stack)
        paragraphs = self._run.list_paragraphs(whole=in_row or bool(self._heading))
        spoils = self._run.spoils
        self._run = Run()
        for element in self._stack:
            if element.emphasis:
                element.emphasis = (self._run, 0)
        if self.prefix == _NEXT_CELL:  # a block within the cell has begun anew
            self.prefix = ""
        self._keep_marks(reason for is_first, reason in marks if is_first)
        for paragraph in paragraphs:
            self._add(paragraph, images, spoils=spoils)
            images = []
        self._keep_marks(reason for is_first, reason in marks if not is_first)
        if self._notes:
            self._speak_notes(spoils=spoils)

    def _keep_images(self, images: Sequence[str]) -> None:
        part = self.parts[-1]
        part.images += ((len(part.paragraphs), image) for image in images)

    def _keep_marks(self, reasons: Iterable[str]) -> None:
        part = self.parts[-1]
        part.marks += ((len(part.paragraphs), reason) for reason in reasons)

    def _add(self, paragraph: Paragraph, images: Sequence[str], *, spoils: bool) -> None:
        text = paragraph.text
        is_nested = self._quotes or self._lists or spoils
        if self._heading in _CHAPTERS and not is_nested:
            part = _Part(text, self._heading)
            last = self.parts[-1]
            if last.heading is None and not last.paragraphs:
                part.images = last.images
                self.parts[-1] = part
            else:
                self.parts.append(part)
            self._keep_images(images)
            return
        in_row = any(element.name == "tr" for element in self._stack)
        role: Role = (
            "spoiler"
            if spoils
            else "title"
            if self._heading
            else "quote"
            if self._quotes
            else "list"
            if self._lists or in_row
            else "narrator"
        )
        self._keep_images(() if spoils else images)
        self.parts[-1].paragraphs.append(Paragraph(text, role, paragraph.emphasis, paragraph.links))

    def _speak_notes(self, *, spoils: bool) -> None:
        """Speak the notes as the writer's own words, whatever they stand in."""
        notes, self._notes = self._notes, []
        kept = (self._stack, self._quotes, self._lists, self._spoilers, self._heading)
        self._stack, self._quotes, self._lists = [], 0, 0
        self._spoilers, self._heading = int(spoils), ""
        for speak in notes:
            speak()
            self.close_to(0)
            self._flush()
        self._stack, self._quotes, self._lists, self._spoilers, self._heading = kept


def make_document(
    flow: Flow, metadata: dict[str, str], origins: dict[str, str] | None = None
) -> Document:
    """Make a document of a finished flow; its first heading above all text may be its title.

    That is one of level one, unless the title is known and others follow, or one that says the
    known title again.
    """
    parts = flow.finish()
    for part in parts:
        leave_out_leftovers(part, flow.omissions)
    title, first, known = "", parts[0], metadata.get("title", "")
    is_only = first.level == "h1" and all(part.level != "h1" for part in parts[1:])
    if first.heading and (
        (first.level == "h1" and not known) or is_only or is_same(first.heading, known)
    ):
        title, first.heading = first.heading, None
    return Document(
        tuple(Section(part.heading, tuple(part.paragraphs), tuple(part.images)) for part in parts),
        title=title,
        metadata=metadata,
        origins=origins or {},
        omissions=tuple(flow.omissions),
        markup=tuple(flow.markup),
    )
