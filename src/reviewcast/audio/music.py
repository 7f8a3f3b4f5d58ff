"""Music on the timeline: fades, ducking, beds."""

import fnmatch
import math
from itertools import pairwise

from msgspec import structs

from reviewcast.audio.samples import RATE_HZ
from reviewcast.model.audio import Block, Piece, Sound
from reviewcast.model.text import Script, ScriptChapter
from reviewcast.settings.schema import Curve, StitchSettings

_FADED_DB = -60.0
_CURVE_POINTS = 24
Levels = tuple[tuple[int, float], ...]


def misses_bed(script: Script, settings: StitchSettings) -> bool:
    """True if a bed is wanted, and none of the chapters is one that should have it."""
    chapters = enumerate(script.chapters)
    return bool(settings.bed) and not any(has_bed(n, one, settings) for n, one in chapters)


def has_bed(number: int, chapter: ScriptChapter, settings: StitchSettings) -> bool:
    """True if a chapter, counted from 0, has the bed."""
    title = chapter.title.casefold()
    return not settings.bed_chapters or any(
        _matches(title, wanted.casefold().strip()) or wanted.strip() == str(number + 1)
        for wanted in settings.bed_chapters
    )


def _matches(title: str, wanted: str) -> bool:
    """True if a title is the wanted one, in which only * stands for anything: not [REC]."""
    return fnmatch.fnmatchcase(title, wanted.replace("[", "[[]").replace("?", "[?]"))


def merge_blocks(one: Block, other: Block) -> Block:
    """Make one block of two neighbours: what both hold of their overlap is laid once."""
    pieces = []
    for piece in one.pieces:
        last = piece.at + piece.samples
        if piece.source == "loop" and last > one.samples:
            piece = _crop(piece, 0, one.samples - piece.at)  # noqa: PLW2901
        pieces.append(piece)
    for piece in other.pieces:
        if piece.source == "loop" and piece.at < 0:
            piece = _crop(piece, -piece.at, piece.samples + piece.at)  # noqa: PLW2901
        pieces.append(structs.replace(piece, at=piece.at + one.samples))
    return Block(tuple(pieces), one.samples + other.samples, one.lead, other.trail)


def _crop(piece: Piece, first: int, samples: int) -> Piece:
    """Take a part of a piece that goes round."""
    return structs.replace(
        piece,
        start=piece.start + first,
        end=piece.start + first + samples,
        at=piece.at + first,
        samples=samples,
        levels=cut_levels(piece.levels, first, samples),
    )


class Bed:
    """A bed that sounds: from `start` on, rising; once it is known, to `end`, falling."""

    def __init__(self, sound: Sound, start: int, rise: int) -> None:
        self.sound, self.start, self.rise = sound, start, rise
        self.end = self.fall = 0

    def draw(self, curve: Curve) -> Levels:
        """Return its levels, by samples from its start."""
        rise = draw_fade(0, self.rise, curve=curve, ends=False)
        if not self.end:
            return rise
        return join_levels(
            rise, draw_fade(self.end - self.start, self.fall, curve=curve, ends=True)
        )


def loop(
    sound: Sound, start: int, *, at: int, samples: int, gain_db: float, levels: Levels
) -> Piece:
    """Return a piece of a sound that begins anew whenever it ends; times in samples."""
    start %= sound.samples
    return Piece(
        source="loop",
        key=sound.key,
        rate_hz=RATE_HZ,
        start=start,
        end=start + samples,
        at=at,
        samples=samples,
        gain_db=gain_db,
        fade_in_ms=0,
        fade_out_ms=0,
        levels=levels,
    )


def draw_fade(samples: int, fade: int, *, curve: Curve, ends: bool) -> Levels:
    """Draw a fade over the last samples of a piece, or over its first."""
    if fade <= 0:
        return ()
    points = []
    for step in range(_CURVE_POINTS + 1):
        part = step / _CURVE_POINTS
        level = {
            "linear": part,
            "power": math.sin(part * math.pi / 2),
            "smooth": math.sin(part * math.pi / 2) ** 2,
        }[curve]
        level_db = round(max(_FADED_DB, 20 * math.log10(max(level, 1e-6))), 3)
        points.append((round(part * fade), level_db))
    if not ends:
        return tuple(points)
    return tuple((samples - at, level_db) for at, level_db in reversed(points))


def duck(full: int, ducked: int, duck_db: float) -> Levels:
    """Go from the full level to the ducked one, or back when that comes first."""
    return tuple(sorted(((full, 0.0), (ducked, duck_db))))


def join_levels(*curves: Levels) -> Levels:
    """Put curves upon each other: their levels add."""
    drawn = [curve for curve in curves if curve]
    if len(drawn) < 2:
        return drawn[0] if drawn else ()
    places = sorted({at for curve in drawn for at, _ in curve})
    return tuple(
        (at, round(max(_FADED_DB, sum(find_level(curve, at) for curve in drawn)), 3))
        for at in places
    )


def cut_levels(levels: Levels, start: int, samples: int) -> Levels:
    """Return the part of a curve that lies in a piece, by samples from that piece's start."""
    if not levels or (levels[-1][0] <= start and not levels[-1][1]):
        return ()
    inside = [point for point in levels if start < point[0] < start + samples]
    ends = (start, start + samples)
    points = [(at, round(find_level(levels, at), 3)) for at in ends]
    cut = [points[0], *inside, points[1]]
    if not any(level_db for _, level_db in cut):
        return ()
    return tuple((at - start, level_db) for at, level_db in cut)


def find_level(levels: Levels, at: int) -> float:
    """Return the level of a curve at a sample; before and after it, that of its ends."""
    if at <= levels[0][0]:
        return levels[0][1]
    for (first, from_db), (last, to_db) in pairwise(levels):
        if at <= last:
            return from_db + (to_db - from_db) * (at - first) / max(1, last - first)
    return levels[-1][1]
