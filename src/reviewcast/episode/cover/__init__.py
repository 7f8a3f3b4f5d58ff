"""A show's cover is drawn from its title."""

import hashlib
import io
import random
import unicodedata
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw

from reviewcast.episode.cover.fonts import SAME, Face, choose_face, is_ornament, tidy
from reviewcast.episode.cover.lines import BOLD, LEADING, fit_lines
from reviewcast.episode.cover.motifs import MARGIN, MOTIFS, SIDE, draw_mask, draw_record

_TEXT_BOTTOM = 1990
_AUTHOR_PX = 120

_LONGEST_TITLE = 200
_LONGEST_AUTHOR = 60
_MOST_BYTES = 512_000


class Palette(NamedTuple):
    """A ground, the type on it, and an accent for the motif, as #rrggbb."""

    ground: str
    type: str
    accent: str


PALETTES = (
    Palette("#14213d", "#ffffff", "#fca311"),
    Palette("#f4ecdf", "#1d1a17", "#d1342f"),
    Palette("#0c3b39", "#fbf3e4", "#ff8a5b"),
    Palette("#ffcf3f", "#1c1a1f", "#c7362b"),
    Palette("#4f1637", "#ffeadb", "#ff9a76"),
    Palette("#211c4a", "#f3efff", "#9a86ff"),
    Palette("#cde7ee", "#0c2a3e", "#d4493f"),
    Palette("#22262c", "#f4f1ea", "#7fd494"),
    Palette("#ecdcff", "#2a1148", "#7a35c9"),
    Palette("#8f1d21", "#fff1e0", "#ffb347"),
    Palette("#d9ead0", "#16301f", "#b8471b"),
    Palette("#0b3a66", "#f2f8ff", "#5cc8ff"),
)
"""Type on ground is at least 7:1 and accent on ground 3:1 (WCAG 2.2, 1.4.6 and 1.4.11)."""


def draw_cover(
    title: str, author: str = "", *, size_px: int = SIDE, fonts: tuple[str, ...] | None = None
) -> bytes:
    """Draw a square sRGB JPEG of at most 512 kB: the title set large, a motif, the author.

    Colours and motif come from the title alone. The same letters give the same bytes, as long as
    they are plain ones; for others one of the `fonts` is taken, which are those of this machine if
    none are named. What no font has is left out: see `find_unprintable`.
    """
    title, author = tidy(title)[:_LONGEST_TITLE], tidy(author)[:_LONGEST_AUTHOR]
    seed = hashlib.sha256(title.encode()).digest()
    palette = PALETTES[seed[0] % len(PALETTES)]
    image = Image.new("RGB", (SIDE, SIDE), palette.ground)
    chosen = choose_face(title, fonts)
    motif = MOTIFS[seed[1] % len(MOTIFS)] if chosen else draw_record
    image.paste(palette.accent, mask=draw_mask(motif, random.Random(seed)))  # noqa: S311
    if chosen:
        top = MARGIN
        if named := choose_face(author, fonts):
            _set_line(image, named, top, palette.type)
            top += 2 * _AUTHOR_PX
        _set_title(image, chosen, top, palette.type)
    return _encode(image, size_px)


def find_unprintable(text: str, *, fonts: tuple[str, ...] | None = None) -> str:
    """Return the letters of a text that none of the `fonts` has, each once and in order."""
    shown = choose_face(tidy(text)[:_LONGEST_TITLE], fonts)
    there = shown[1] if shown else ""
    missing = (c for c in tidy(text)[:_LONGEST_TITLE] if c not in there and not is_ornament(c))
    return "".join(dict.fromkeys(c for c in missing if c not in SAME and not c.isspace()))


# --- type


def _set_line(image: Image.Image, chosen: tuple[Face, str], top: int, colour: str) -> None:
    """Set a line of small type, smaller still when it is too wide."""
    face, text = chosen
    width = face.open(_AUTHOR_PX).getlength(text)
    size = min(1.0, (SIDE - 2 * MARGIN) / (width + 1)) * _AUTHOR_PX
    _write(image, face, text, top=top, size_px=size, colour=colour)


def _set_title(image: Image.Image, chosen: tuple[Face, str], top: int, colour: str) -> None:
    """Set the title as large as it fits, in lines of about the same length."""
    face, text = chosen
    size, lines = fit_lines(face, text, (SIDE - 2 * MARGIN, _TEXT_BOTTOM - top))
    for number, line in enumerate(lines):
        line_top = top + round(number * size * LEADING)
        _write(image, face, line, top=line_top, size_px=size, colour=colour)


def _write(
    image: Image.Image, face: Face, text: str, *, top: int, size_px: float, colour: str
) -> None:
    """Write a line, with the top of its capitals at `top` and its ink exactly on the margin."""
    font, stroke = face.open(size_px), _find_stroke(face, size_px)
    room = round(size_px)
    mask = Image.new("L", (round(font.getlength(text)) + 2 * room, 3 * room), 0)
    draw = ImageDraw.Draw(mask)
    draw.text((room, 2 * room), text, fill=255, font=font, stroke_width=stroke, anchor="ls")
    box = mask.getbbox()
    if box is None:
        return
    capital = -font.getbbox("H", stroke_width=stroke, anchor="ls")[1]
    y = top + capital - 2 * room + box[1]
    x = SIDE - MARGIN - (box[2] - box[0]) if _reads_from_right(text) else MARGIN
    ink = mask.crop(box)
    image.paste(colour, (x, round(y)), mask=ink)


def _find_stroke(face: Face, size_px: float) -> int:
    is_bold = "bold" in Path(face.path).stem.lower()
    return 0 if is_bold else round(size_px * BOLD)


def _reads_from_right(text: str) -> bool:
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


# --- the file


def _encode(image: Image.Image, size_px: int) -> bytes:
    if size_px != SIDE:
        image = image.resize((size_px, size_px), Image.Resampling.LANCZOS)
    data = b""
    for quality, subsampling in ((92, 0), (85, 0), (80, 2), (65, 2), (40, 2)):
        file = io.BytesIO()
        image.save(
            file, "JPEG", quality=quality, subsampling=subsampling, optimize=True, dpi=(72, 72)
        )
        data = file.getvalue()
        if len(data) <= _MOST_BYTES:
            break
    return data
