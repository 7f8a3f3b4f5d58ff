"""Tables of a review in its notes: real ones for pages, and lists for apps, which show no others.

Apple Podcasts shows paragraphs, lists and links of notes alone, and nothing at all of a table.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from reviewcast.model.text import Paragraph

_OPENING = '<table class="cells">'
_TABLE = re.compile(rf"{_OPENING}(.*?)</table>", re.DOTALL)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[dh])>(.*?)</\1>", re.DOTALL)
_BETWEEN = "; "
_FEWEST_ROWS = 2


def part_tables(items: Sequence[Paragraph]) -> Iterator[tuple[bool, list[Paragraph]]]:
    """Part items of lists from tables whose rows are all known by their cells; True for these.

    A table in a list, of one row or column, or with paragraphs in its cells is a list.
    """
    lists: list[Paragraph] = []
    at = 0
    while at < len(items):
        end = at
        while end < len(items) and _follows(items, at, end):
            end += 1
        rows = list(items[at:end])
        has_rows = len(rows) >= _FEWEST_ROWS and len({row.lists for row in rows}) == len(rows)
        if has_rows and max(cell[2] for row in rows for cell in row.cells):
            if lists:
                yield False, lists
                lists = []
            yield True, rows
        else:
            end = max(end, at + 1)
            lists += items[at:end]
        at = end
    if lists:
        yield False, lists


def format_table(rows: Sequence[Paragraph], format_cell: Callable[[Paragraph], str]) -> str:
    """Return a table; `format_cell` writes a cell that stands as a paragraph of its own."""
    width = 1 + max(cell[2] for row in rows for cell in row.cells)
    pieces = [_OPENING]
    for row in rows:
        texts: list[tuple[str, bool]] = [("", False)] * width
        for start, end, column, is_heading in row.cells:
            texts[column] = (format_cell(_cut(row, start, end)), is_heading)
        cells = (("th" if is_heading else "td", text) for text, is_heading in texts)
        pieces.append(f"<tr>{''.join(f'<{name}>{text}</{name}>' for name, text in cells)}</tr>")
    return f"{''.join(pieces)}</table>"


def list_tables(notes: str) -> str:
    """Return notes with lists in place of tables, an item a row."""

    def make_list(table: re.Match[str]) -> str:
        rows = (
            _BETWEEN.join(cell[2] for cell in _CELL.finditer(row[1]) if cell[2])
            for row in _ROW.finditer(table[1])
        )
        return f"<ul>{''.join(f'<li>{row}</li>' for row in rows)}</ul>"

    return _TABLE.sub(make_list, notes)


def simplify_tables(notes: str, simplify: Callable[[str], str]) -> str:
    """Return notes of which all but the tables, and each of their cells, is simplified."""
    pieces = []
    at = 0
    for table in _TABLE.finditer(notes):
        pieces += [simplify(notes[at : table.start()]), _simplify_table(table[1], simplify)]
        at = table.end()
    pieces.append(simplify(notes[at:]))
    return "\n".join(filter(None, pieces))


def _simplify_table(rows: str, simplify: Callable[[str], str]) -> str:
    def clean(cell: re.Match[str]) -> str:
        text = simplify(cell[2]).removeprefix("<p>").removesuffix("</p>")
        return f"<{cell[1]}>{text}</{cell[1]}>"

    written = (
        f"<tr>{''.join(map(clean, _CELL.finditer(row[1])))}</tr>" for row in _ROW.finditer(rows)
    )
    return f"<table>{''.join(written)}</table>"


def _follows(items: Sequence[Paragraph], first: int, at: int) -> bool:
    """True if an item is a row of the table that begins with the first one."""
    if not items[at].cells or len(items[at].lists) != 1 or items[at].lists[0][0] != "table":
        return False
    # two of one row are cells with paragraphs: then it is no table here
    return at == first or items[at].lists[0][1] >= items[at - 1].lists[0][1]


def _cut(row: Paragraph, start: int, end: int) -> Paragraph:
    """Return a cell as a paragraph."""

    def move(first: int, last: int) -> tuple[int, int]:
        return max(first, start) - start, min(last, end) - start

    return Paragraph(
        row.text[start:end],
        emphasis=tuple(move(a, b) for a, b in row.emphasis if a < end and b > start),
        links=tuple((*move(a, b), url) for a, b, url in row.links if a < end and b > start),
    )
