"""The italics of a review, in the cues that it is spoken in."""

import unicodedata
from collections.abc import Iterator, Sequence

from msgspec import Struct

from reviewcast.model.characters import clean_text
from reviewcast.model.podcast import EpisodeCue
from reviewcast.podcast.site.spelling import spell, spell_places

_ITALIC = frozenset({"em", "i"})


class Piece(Struct, frozen=True):
    """A stretch of a cue's text, set in italics or not."""

    text: str
    is_italic: bool = False


def set_italics(cues: Sequence[EpisodeCue], notes: str) -> list[tuple[Piece, ...]]:
    """Return each cue's text in pieces, in italics where the notes have the same words so.

    `notes` are clean HTML. A cue that is not in them, such as a spoiler, is one plain piece.
    """
    written, marks = _read_notes(notes)
    found: list[tuple[Piece, ...]] = []
    place = 0
    for cue in cues:
        text = clean_text(cue.text).strip()
        spelled, places = spell_places(text)
        at = -1
        if spelled and b"\1" in marks:
            at = written.find(spelled, place)
            at = at if at >= 0 else written.find(spelled)
        if at < 0:
            found.append((Piece(text),))
            continue
        place = at + len(spelled)
        italic = [places[n] for n in range(len(spelled)) if marks[at + n]]
        found.append(tuple(_cut(text, italic, set(places))))
    return found


def _read_notes(notes: str) -> tuple[str, bytearray]:
    """Return the letters and figures of notes, and for each whether it is in italics."""
    from selectolax.lexbor import LexborHTMLParser

    pieces, marks = [], bytearray()
    body = LexborHTMLParser(notes).body
    for node in body.traverse(include_text=True) if body else ():
        if node.tag != "-text":
            continue
        around = node.parent
        while around is not None and around.tag not in _ITALIC:
            around = around.parent
        spelled = spell(node.text(deep=False))
        pieces.append(spelled)
        marks += bytes([around is not None]) * len(spelled)
    return "".join(pieces), marks


def _cut(text: str, italic: Sequence[int], letters: set[int]) -> Iterator[Piece]:
    """Cut a text where italics begin and end; what stands between two such letters is so, too."""
    start = 0
    at = 0
    while at < len(italic):
        first = last = italic[at]
        while at + 1 < len(italic) and not letters.intersection(range(last + 1, italic[at + 1])):
            at += 1
            last = italic[at]
        at += 1
        while last + 1 < len(text) and unicodedata.category(text[last + 1]).startswith("M"):
            last += 1  # a mark over the last letter is part of it
        if first > start:
            yield Piece(text[start:first])
        yield Piece(text[first : last + 1], is_italic=True)
        start = last + 1
    if start < len(text):
        yield Piece(text[start:])
