"""A flow of tags and texts becomes sections, paragraphs and omissions.

Every reader of marked-up text speaks to a Flow in the names of HTML's elements, whatever its own
syntax: so a quote, a caption or a spoiler is treated alike in Markdown, HTML and .docx.
"""

from collections.abc import Callable, Mapping, Sequence

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

_CHAPTERS = {"h1", "h2", "h3"}


_HEADINGS = _CHAPTERS | {"h4", "h5", "h6"}


_ITALICS = {"em", "i", "cite"}


_LISTS = {"ul", "ol", "dl"}


_CELLS = {"td", "th"}


_NO_ATTRIBUTES: Mapping[str, str | None] = {}


_NEXT_CELL = "; "


_DEEPEST = 300


class _Part:
    """A section while it grows."""

    def __init__(self, heading: str | None, level: str) -> None:
        self.heading = heading
        self.level = level
        self.paragraphs: list[Paragraph] = []
        self.images: list[tuple[int, str]] = []


class _Run:
    """A paragraph's text while it grows, its white space already squeezed."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.open = False
        self.spoils = False
        self.emphasis: list[tuple[int, int]] = []
        self.links: list[tuple[int, int, str]] = []
        self.images: list[str] = []

    def add(self, text: str) -> None:
        if not text:
            return
        words = text.split()
        if not words:
            self._add_space()
            return
        if text[0].isspace():
            self._add_space()
        joined = " ".join(words)
        self.parts.append(joined)
        self.length += len(joined)
        self.open = True
        if text[-1].isspace():
            self._add_space()

    def _add_space(self) -> None:
        if self.open:
            self.parts.append(" ")
            self.length += 1
            self.open = False

    def read(self) -> Paragraph:
        text = "".join(self.parts).rstrip()
        links = sorted(self.links)
        return Paragraph(
            text,
            emphasis=tuple(filter(None, (_trim(text, *span) for span in sorted(self.emphasis)))),
            links=tuple(
                (*span, url) for start, end, url in links if (span := _trim(text, start, end))
            ),
        )


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Take the spaces off the ends of a stretch; None when nothing is left."""
    kept = text[start:end]
    if not kept.strip():
        return None
    return start + len(kept) - len(kept.lstrip()), start + len(kept.rstrip())


class _Element:
    """An open element, and what is to be undone when it closes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.quotes = self.lists = self.spoilers = 0
        self.captures = False
        self.reason = ""
        self.emphasis: tuple[_Run, int] | None = None
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
        self._run = _Run()
        self._quotes = self._lists = self._spoilers = 0
        self._heading = ""
        self._captured: list[str] | None = None
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

    def leave_out(self, text: str, reason: str) -> None:
        """Name something that will not be spoken."""
        text = " ".join(clean_text(text).split())
        if self._captured is not None:
            self._captured.append(f" {text} ")
        elif text:
            self.omissions.append(Omission(text, reason))

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
            self.say(" ")
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
        if not self._run.parts:
            self._keep_images(images)
            return
        paragraph = self._run.read()
        spoils = self._run.spoils
        self._run = _Run()
        for element in self._stack:
            if element.emphasis:
                element.emphasis = (self._run, 0)
        if self.prefix == _NEXT_CELL:  # a block within the cell has begun anew
            self.prefix = ""
        self._add(paragraph, images, spoils=spoils)
        if self._notes:
            self._speak_notes(spoils=spoils)

    def _keep_images(self, images: Sequence[str]) -> None:
        part = self.parts[-1]
        part.images += ((len(part.paragraphs), image) for image in images)

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
