"""An episode's cues become the paragraphs of a transcript."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from reviewcast.model.clean import clean_line
from reviewcast.model.podcast import EpisodeChapter, EpisodeCue
from reviewcast.model.text import Role
from reviewcast.podcast.site.italics import Piece, set_italics
from reviewcast.podcast.site.tables import Cell, Table, match_table, read_tables

_PARAGRAPH_PAUSE_S = {"list": 0.5}

_USUAL_PARAGRAPH_PAUSE_S = 0.65
"""A longer silence within a chapter begins a paragraph, as cues do not tell where one did.

Both lie between the pauses that [split] makes after a sentence and after a paragraph or an item.
"""


class _Line(Struct, frozen=True):
    """A cue as it is shown."""

    start_s: float
    end_s: float
    role: Role
    pieces: tuple[Piece, ...]


class _Row(Struct, frozen=True):
    """A row of a table and the time in which it is said, both 0 for one without a word."""

    start_s: float
    end_s: float
    cells: tuple[Cell, ...]


class _Passage(Struct, frozen=True):
    """Cues that stand together: a paragraph, a list of paragraphs, a table, a heading."""

    role: Role
    start_s: float
    paragraphs: tuple[tuple[_Line, ...], ...]
    rows: tuple[_Row, ...] = ()


class _Part(Struct, frozen=True):
    """The transcript of a chapter; `heading` is "" when its first words are one.

    `anchor` is the id of either.
    """

    anchor: str
    heading: str
    passages: tuple[_Passage, ...]


def group_cues(
    cues: Sequence[EpisodeCue], chapters: Sequence[EpisodeChapter], notes: str = ""
) -> Iterator[_Part]:
    """Sort cues into chapters; a chapter starts at or before the cue that it begins with.

    What `notes`, clean HTML, have in italics or in a table is so here.
    """
    tables = read_tables(notes)
    starts = [chapter.start_s for chapter in chapters]
    parts: dict[int, list[_Line]] = {}
    for cue, pieces in zip(cues, set_italics(cues, notes), strict=True):
        if any(piece.text for piece in pieces):
            place = max(0, bisect_right(starts, cue.start_s + 0.001) - 1)
            line = _Line(cue.start_s, cue.end_s, cue.role, pieces)
            parts.setdefault(place, []).append(line)
    for place, spoken in sorted(parts.items()):
        passages = tuple(
            part for passage in _group_passages(spoken) for part in _part_tables(passage, tables)
        )
        has_heading = passages[0].role == "title"
        heading = clean_line(chapters[place].title) if chapters and not has_heading else ""
        yield _Part(f"chapter-{place + 1}", heading, passages)


def _group_passages(cues: Iterable[_Line]) -> Iterator[_Passage]:
    passages: list[list[list[_Line]]] = []
    last: _Line | None = None
    for cue in cues:
        gap_s = cue.start_s - last.end_s if last else 0.0
        is_new = gap_s > _PARAGRAPH_PAUSE_S.get(cue.role, _USUAL_PARAGRAPH_PAUSE_S)
        if last is None or last.role != cue.role or (is_new and cue.role in {"narrator", "title"}):
            passages.append([[cue]])
        elif is_new:
            passages[-1].append([cue])
        else:
            passages[-1][-1].append(cue)
        last = cue
    for paragraphs in passages:
        first = paragraphs[0][0]
        yield _Passage(first.role, first.start_s, tuple(map(tuple, paragraphs)))


def _part_tables(passage: _Passage, tables: list[Table]) -> Iterator[_Passage]:
    """Part a list from the tables in it; a table that was found stands in no other place."""
    if passage.role != "list" or not tables:
        yield passage
        return
    lines = [line for paragraph in passage.paragraphs for line in paragraph]
    starts = {id(paragraph[0]) for paragraph in passage.paragraphs}
    items: list[list[_Line]] = []
    at = 0
    while at < len(lines):
        found = next((one for one in tables if match_table(one, lines, at)), None)
        if found is None:
            if not items or id(lines[at]) in starts:
                items.append([])
            items[-1].append(lines[at])
            at += 1
            continue
        if items:
            yield _Passage("list", items[0][0].start_s, tuple(map(tuple, items)))
            items = []
        tables.remove(found)
        places = match_table(found, lines, at)
        rows = (_time_row(row.cells, lines[a:b]) for row, (a, b) in zip(found, places, strict=True))
        yield _Passage("list", lines[at].start_s, (), tuple(rows))
        at = places[-1][1]
    if items:
        yield _Passage("list", items[0][0].start_s, tuple(map(tuple, items)))


def _time_row(cells: tuple[Cell, ...], lines: Sequence[_Line]) -> _Row:
    return _Row(lines[0].start_s, lines[-1].end_s, cells) if lines else _Row(0.0, 0.0, cells)
