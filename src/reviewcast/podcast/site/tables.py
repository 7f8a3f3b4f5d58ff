"""The tables of a review, in the cues that their rows are spoken in."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from reviewcast.podcast.site.italics import Piece
from reviewcast.podcast.site.spelling import spell

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_ITALIC = frozenset({"em", "i"})
_CELLS = frozenset({"td", "th"})


class Spoken(Protocol):
    """A cue as a transcript shows it."""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Return its text."""
        ...


class Cell(Struct, frozen=True):
    """A cell of a row; `is_heading` says that it heads its column or row."""

    pieces: tuple[Piece, ...]
    is_heading: bool


class WrittenRow(Struct, frozen=True):
    """A row as notes have it, and its letters and figures."""

    cells: tuple[Cell, ...]
    spelled: str


Table = tuple[WrittenRow, ...]


def read_tables(notes: str) -> list[Table]:
    """Return the tables of notes, which are clean HTML, in order."""
    from selectolax.lexbor import LexborHTMLParser

    tables = LexborHTMLParser(notes).css("table") if "<table" in notes else []
    return [tuple(map(_read_row, table.css("tr"))) for table in tables]


def match_table(table: Table, lines: Sequence[Spoken], at: int) -> list[tuple[int, int]]:
    """Return which lines say each row of a table, from and to, when they begin at that line.

    A row without a letter or figure is said by none of them. It is [] when others are said.
    """
    places: list[tuple[int, int]] = []
    for row in table:
        start, said = at, ""
        while len(said) < len(row.spelled) and at < len(lines):
            said += spell("".join(piece.text for piece in lines[at].pieces))
            at += 1
        if said != row.spelled:
            return []
        places.append((start, at))
    return places if any(row.spelled for row in table) else []


def _read_row(row: "LexborNode") -> WrittenRow:
    cells = tuple(_read_cell(cell) for cell in row.iter() if cell.tag in _CELLS)
    text = "".join(piece.text for cell in cells for piece in cell.pieces)
    return WrittenRow(cells, spell(text))


def _read_cell(cell: "LexborNode") -> Cell:
    return Cell(tuple(_list_pieces(cell)), cell.tag == "th")


def _list_pieces(cell: "LexborNode") -> Iterator[Piece]:
    for node in cell.traverse(include_text=True):
        if node.tag == "-text":
            around = node.parent
            while around is not None and around.tag not in _ITALIC | _CELLS:
                around = around.parent
            yield Piece(node.text(deep=False), around is not None and around.tag in _ITALIC)
