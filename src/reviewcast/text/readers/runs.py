"""A paragraph and a section while they grow: text, what stands in it, where its lines end."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from reviewcast.model.text import Paragraph
from reviewcast.text.readers.lines import find_soft_ends, is_verse, parts_lines

NEXT_CELL = "; "
"""What is said between two cells of a row."""


class Run:
    """A paragraph's text while it grows, its white space already squeezed."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.open = False
        self.spoils = False
        self.emphasis: list[tuple[int, int]] = []
        self.links: list[tuple[int, int, str]] = []
        self.images: list[str] = []
        self.breaks: list[tuple[int, bool]] = []  # where a line ends, and whether on purpose
        self.marks: list[tuple[bool, str]] = []  # pictures and embeds: before any text, and what
        self.cells: list[tuple[int, int, bool]] = []  # where each begins, its column, if it heads
        self._cell: tuple[int, bool] | None = None  # the column of one without a text yet

    def begin_cell(self, column: int, *, is_heading: bool) -> None:
        """Begin a cell of a row; it is one of the paragraph's when a text follows in it."""
        self._cell = (column, is_heading)

    def add_prefix(self, text: str) -> None:
        """Add what stands between two cells, or before an item, and belongs to neither."""
        cell, self._cell = self._cell, None
        self.add(text)
        self._cell = cell

    def add(self, text: str) -> None:
        """Add a piece of text; white space at its ends and within it becomes one space."""
        if not text:
            return
        words = text.split()
        if not words:
            self._add_space()
            return
        if text[0].isspace():
            self._add_space()
        if self._cell:
            self.cells.append((self.length, *self._cell))
            self._cell = None
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

    def end_line(self, *, hard: bool) -> None:
        """Note that a line ends here; until all of it is known it may only wrap."""
        self._add_space()
        if self.length:
            self.breaks.append((self.length, hard))

    def list_paragraphs(self, *, whole: bool) -> list[Paragraph]:
        """Return what was gathered, parted where lines end on purpose unless it is one whole."""
        paragraph = self.read()
        bounds = [] if whole or not self.breaks else self._find_line_ends(paragraph.text)
        if not bounds:
            return [paragraph]
        bounds = [0, *bounds, len(paragraph.text)]
        return [
            one for start, end in pairwise(bounds) if (one := _slice(paragraph, start, end)).text
        ]

    def _find_line_ends(self, text: str) -> list[int]:
        places = sorted({at for at, _ in self.breaks if at < len(text)})
        hard = Counter(at for at, is_hard in self.breaks if is_hard)
        lines = [text[start:end].strip() for start, end in pairwise([0, *places, len(text)])]
        soft = set(find_soft_ends(lines))
        verse = is_verse(lines) and len(hard) == len(places)
        return [
            at
            for number, at in enumerate(places, 1)
            if number in soft
            or hard[at] > 1  # an empty line between them
            or (hard[at] and parts_lines(lines[number - 1], lines[number], verse=verse))
        ]

    def read(self) -> Paragraph:
        """Return all that was gathered as one paragraph."""
        text = "".join(self.parts).rstrip()
        links = sorted(self.links)
        return Paragraph(
            text,
            emphasis=tuple(filter(None, (_trim(text, *span) for span in sorted(self.emphasis)))),
            links=tuple(
                (*span, url) for start, end, url in links if (span := _trim(text, start, end))
            ),
            cells=tuple(self._read_cells(text)),
        )

    def _read_cells(self, text: str) -> Iterator[tuple[int, int, int, bool]]:
        ends = [start - len(NEXT_CELL) for start, _, _ in self.cells[1:]]
        for cell, end in zip(self.cells, [*ends, len(text)], strict=False):
            start, column, is_heading = cell
            if span := _trim(text, start, end):
                yield (*span, column, is_heading)


class SectionDraft:
    """A section while it grows; the places in `images` and `marks` count its paragraphs."""

    def __init__(self, heading: str | None, level: str) -> None:
        self.heading = heading
        self.level = level
        self.paragraphs: list[Paragraph] = []
        self.images: list[tuple[int, str]] = []
        self.marks: list[tuple[int, str]] = []
        """The pictures and embeds that were left out, and before which paragraph each stood."""

    def add_images(self, images: Iterable[str]) -> None:
        """Note images that stand before the next paragraph."""
        self.images += ((len(self.paragraphs), image) for image in images)

    def add_marks(self, reasons: Iterable[str]) -> None:
        """Note pictures and embeds that were left out before the next paragraph."""
        self.marks += ((len(self.paragraphs), reason) for reason in reasons)


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Take the spaces off the ends of a stretch; None when nothing is left."""
    kept = text[start:end]
    if not kept.strip():
        return None
    return start + len(kept) - len(kept.lstrip()), start + len(kept.rstrip())


def _slice(paragraph: Paragraph, start: int, end: int) -> Paragraph:
    """Return a stretch of a paragraph, with what stands in it, without spaces at its ends."""
    kept = paragraph.text[start:end]
    start += len(kept) - len(kept.lstrip())
    kept = kept.strip()
    end = start + len(kept)

    def cut(first: int, last: int) -> tuple[int, int]:
        return max(first, start) - start, min(last, end) - start

    return Paragraph(
        kept,
        emphasis=tuple(cut(a, b) for a, b in paragraph.emphasis if a < end and b > start),
        links=tuple((*cut(a, b), url) for a, b, url in paragraph.links if a < end and b > start),
    )
