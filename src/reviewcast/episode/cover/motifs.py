"""Motifs of covers, drawn at twice the size on a mask and halved, so that edges are smooth."""

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

SIDE = 3000
MARGIN = 230

_Motif = Callable[[ImageDraw.ImageDraw, random.Random], None]
_FINE = 2


def draw_mask(motif: _Motif, chance: random.Random) -> Image.Image:
    """Return a square mask of 3,000 pixels a side with a motif in white."""
    mask = Image.new("L", (SIDE * _FINE, SIDE * _FINE), 0)
    motif(ImageDraw.Draw(mask), chance)
    return mask.reduce(_FINE)


def _draw_wave(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """Bars as of a recorded voice, along the lower edge."""
    count, width = 19, 78
    step = (SIDE - 2 * MARGIN - width) / (count - 1)
    for number in range(count):
        swell = math.sin(math.pi * (number + 0.6) / (count + 0.2))
        height = 110 + swell * (140 + 430 * chance.random())
        x, middle = MARGIN + number * step, 2470
        _round_bar(draw, x, middle - height / 2, x + width, middle + height / 2)


def _round_bar(draw: ImageDraw.ImageDraw, x0: float, y0: float, x1: float, y1: float) -> None:
    box = [_FINE * value for value in (x0, y0, x1, y1)]
    draw.rounded_rectangle(box, radius=_FINE * (x1 - x0) / 2, fill=255)


def _draw_rings(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """Rings as of sound, out of a lower corner."""
    x = chance.choice((0.22, 0.5, 0.78)) * SIDE
    for radius in range(880, 0, -176):
        _disc(draw, x, SIDE, radius, 255)
        _disc(draw, x, SIDE, radius - 84, 0)
    _disc(draw, x, SIDE, 176, 255)


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, value: int) -> None:
    box = [_FINE * edge for edge in (x - radius, y - radius, x + radius, y + radius)]
    draw.ellipse(box, fill=value)


def _draw_dots(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """Rows of dots that grow towards the lower edge, as in a printed picture."""
    count, rows = 15, 6
    step = SIDE / count
    lean = chance.choice((-1, 1))
    for row in range(rows):
        for column in range(count + 1):
            x = (column + row % 2 / 2) * step
            side = lean * (x / SIDE - 0.5)
            radius = step * (0.06 + 0.062 * (row + 1) * (1 + 0.6 * side))
            _disc(draw, x, SIDE - (rows - 1 - row) * step * 0.86, min(radius, 0.47 * step), 255)


def _draw_quote(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """A pair of quotation marks, large enough to be a picture."""
    left = chance.choice((MARGIN, SIDE - MARGIN - 1010))
    for x in (left, left + 560):
        _disc(draw, x + 225, 2330, 225, 255)
        # the tail: a quarter of a ring from the disc's right edge down to its left
        box = [_FINE * edge for edge in (x - 450, 1880, x + 450, 2780)]
        draw.pieslice(box, 0, 90, fill=255)


def draw_record(draw: ImageDraw.ImageDraw, _chance: random.Random) -> None:
    """Rings over the whole cover, for a title that cannot be printed."""
    for radius in range(1250, 300, -190):
        _disc(draw, SIDE / 2, SIDE / 2, radius, 255)
        _disc(draw, SIDE / 2, SIDE / 2, radius - 90, 0)
    _disc(draw, SIDE / 2, SIDE / 2, 210, 255)


MOTIFS: tuple[_Motif, ...] = (_draw_wave, _draw_rings, _draw_dots, _draw_quote)
