"""Curves of level over time: fades and ducking."""

import math
from itertools import pairwise

from reviewcast.settings.schema import Curve

EDGE_FADE_MS = 5
"""Each take and sound begins and ends with such a fade, so that nothing clicks."""

SPEECH_LUFS = -24.0
"""Where every take is set before the master's gain: loud enough for 16 bits, no peak clips."""

_FADED_DB = -60.0
_CURVE_POINTS = 24
Levels = tuple[tuple[int, float], ...]


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
