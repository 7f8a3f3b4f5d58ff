"""An episode's cues become the paragraphs of a transcript."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from reviewcast.model.clean import clean_line
from reviewcast.model.podcast import EpisodeChapter, EpisodeCue
from reviewcast.model.text import Role
from reviewcast.podcast.site.italics import Piece, set_italics

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


class _Passage(Struct, frozen=True):
    """Cues that stand together: a paragraph, a list of paragraphs, a heading."""

    role: Role
    start_s: float
    paragraphs: tuple[tuple[_Line, ...], ...]


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

    What `notes`, clean HTML, have in italics is so here.
    """
    starts = [chapter.start_s for chapter in chapters]
    parts: dict[int, list[_Line]] = {}
    for cue, pieces in zip(cues, set_italics(cues, notes), strict=True):
        if any(piece.text for piece in pieces):
            place = max(0, bisect_right(starts, cue.start_s + 0.001) - 1)
            line = _Line(cue.start_s, cue.end_s, cue.role, pieces)
            parts.setdefault(place, []).append(line)
    for place, spoken in sorted(parts.items()):
        passages = tuple(_group_passages(spoken))
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
