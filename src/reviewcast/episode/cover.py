"""A show's cover is drawn from its title."""

import bisect
import hashlib
import io
import math
import os
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont


_SIDE = 3000
_MARGIN = 230
_TEXT_BOTTOM = 1990
_AUTHOR_PX = 120
_LARGEST_PX, _SMALLEST_PX = 1500, 90

_LEAST_WHOLE_PX = 110
"""The smallest size at which words stay whole: room for some thirty-five letters in a line."""

_LARGEST_BROKEN_PX = 240
_LEADING = 1.06

_BOLD = 0.02
"""How much of its size the lighter of the fonts gains on each side of a stroke."""

_LONGEST_TITLE = 200
_LONGEST_AUTHOR = 60
_MOST_BYTES = 512_000
_MOST_FONTS = 600


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


class _Face(NamedTuple):
    """A font by its file; "" is the one that comes with Pillow."""

    path: str

    def open(self, size_px: float) -> "ImageFont.FreeTypeFont":
        from PIL import ImageFont

        if self.path:
            return ImageFont.truetype(self.path, size_px)
        return ImageFont.load_default(size_px)  # type: ignore[return-value]  # a size needs FreeType


class _Line(NamedTuple):
    """Words that are set in one line, and how wide that is at a size of one pixel."""

    text: str
    width: float


def draw_cover(
    title: str, author: str = "", *, size_px: int = _SIDE, fonts: tuple[str, ...] | None = None
) -> bytes:
    """Draw a square sRGB JPEG of at most 512 kB: the title set large, a motif, the author.

    Colours and motif come from the title alone. The same letters give the same bytes, as long as
    they are plain ones; for others one of the `fonts` is taken, which are those of this machine if
    none are named. What no font has is left out: see `find_unprintable`.
    """
    from PIL import Image

    title, author = _tidy(title)[:_LONGEST_TITLE], _tidy(author)[:_LONGEST_AUTHOR]
    seed = hashlib.sha256(title.encode()).digest()
    palette = PALETTES[seed[0] % len(PALETTES)]
    image = Image.new("RGB", (_SIDE, _SIDE), palette.ground)
    chosen = _choose_face(title, fonts)
    motif = _MOTIFS[seed[1] % len(_MOTIFS)] if chosen else _draw_record
    image.paste(palette.accent, mask=_draw_mask(motif, random.Random(seed)))  # noqa: S311
    if chosen:
        top = _MARGIN
        if named := _choose_face(author, fonts):
            _set_line(image, named, top, palette.type)
            top += 2 * _AUTHOR_PX
        _set_title(image, chosen, top, palette.type)
    return _encode(image, size_px)


def find_unprintable(text: str, *, fonts: tuple[str, ...] | None = None) -> str:
    """Return the letters of a text that none of the `fonts` has, each once and in order."""
    shown = _choose_face(_tidy(text)[:_LONGEST_TITLE], fonts)
    there = shown[1] if shown else ""
    missing = (c for c in _tidy(text)[:_LONGEST_TITLE] if c not in there and not _is_ornament(c))
    return "".join(dict.fromkeys(c for c in missing if c not in _SAME and not c.isspace()))


# --- what can be printed

_SAME = {
    "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "„": "“", "‟": "“", "‚": "‘", "‛": "‘",
    "«": "“", "»": "”", "‹": "‘", "›": "’", "×": "x", "·": "-", "•": "-", "′": "’", "″": "”",
}  # fmt: skip
"""Signs that the small font lacks and others that readers take for the same."""

_JOINERS = "\u200c\u200d"


def _tidy(text: str) -> str:
    """Compose letters, drop what has no shape of its own, and make every space a plain one."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(c for c in text if unicodedata.category(c)[0] != "C" or c in _JOINERS).strip()


def _is_ornament(char: str) -> bool:
    """Tell emoji and other signs, without which a title can still be read."""
    return unicodedata.category(char) in {"So", "Sk", "Me", "Cf"} or "\ufe00" <= char <= "\ufe0f"


@lru_cache(maxsize=16)
def _choose_face(text: str, fonts: tuple[str, ...] | None) -> tuple[_Face, str] | None:
    """Find a font, and what of the text it shows; None when that is nothing.

    Whole texts go before those without emoji, those before texts without accents, and the font
    that comes along before those of the machine.
    """
    if not text:
        return None
    plain = "".join(_SAME.get(char, char) for char in text if char not in _JOINERS)
    own = _Face("")
    for wanted in (plain, _drop_ornaments(plain)):
        if _has_all(own, wanted):
            return own, wanted
    bare = _drop_ornaments(text)
    if fonts is None:
        fonts = list_fonts() if bare else ()
    for face in map(_Face, fonts if bare and _can_lay_out(bare) else ()):
        if _has_all(face, bare):
            return face, bare
    letters = unicodedata.normalize("NFKD", _drop_ornaments(plain))
    rest = " ".join("".join(c for c in letters if c.isspace() or c in _Glyphs.of(own)).split())
    # a title of which most is gone would be none
    if _has_all(own, rest) and 5 * _count_letters(rest) >= 4 * _count_letters(bare):
        return own, rest
    return None


def _drop_ornaments(text: str) -> str:
    kept = (c for c in text if c.isascii() or c in _JOINERS or not _is_ornament(c))
    return " ".join("".join(kept).split())


def _count_letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _can_lay_out(text: str) -> bool:
    """True if the letters stand side by side, or the library that joins them is there."""
    from PIL import features

    if features.check("raqm"):
        return True
    return not any(
        unicodedata.bidirectional(char) in {"R", "AL", "AN"}
        or "\u0900" <= char <= "\u109f"
        or "\u1780" <= char <= "\u18af"
        for char in text
    )


def _has_all(face: _Face, text: str) -> bool:
    try:
        drawn = _Glyphs.of(face)
    except OSError:
        return False
    return bool(text.strip()) and all(c.isspace() or c in _JOINERS or c in drawn for c in text)


class _Glyphs:
    """The characters that a font has, told by comparing with what it draws for one it lacks."""

    def __init__(self, face: _Face) -> None:
        self._font = face.open(40)
        self._known: dict[str, bool] = {}
        self._missing = {self._draw(char) for char in ("\U0010ffff", "\uffff", "\x01")}

    @staticmethod
    @lru_cache(maxsize=4)
    def of(face: _Face) -> "_Glyphs":
        """Open a font once for many texts."""
        return _Glyphs(face)

    def __contains__(self, char: str) -> bool:
        if char not in self._known:
            drawn = self._draw(char)
            self._known[char] = drawn not in self._missing and any(drawn[1])
        return self._known[char]

    def _draw(self, char: str) -> tuple[tuple[int, int], bytes]:
        mask = self._font.getmask(char)
        return mask.size, bytes(mask)


@lru_cache(maxsize=1)
def list_fonts() -> tuple[str, ...]:
    """Return the paths of this machine's fonts, upright bold ones without serifs first."""
    paths = sorted({str(path) for folder in _list_font_folders() for path in _walk(folder)})
    return tuple(sorted(paths, key=_rank)[:_MOST_FONTS])


def _list_font_folders() -> Iterator[Path]:
    home = Path.home()
    if sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
        yield home / "AppData/Local/Microsoft/Windows/Fonts"
    elif sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    else:
        data = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        yield from (Path(folder) / "fonts" for folder in data.split(":") if folder)
        yield from (home / ".local/share/fonts", home / ".fonts")


def _walk(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (
            Path(place, name) for name in names if name.lower().endswith((".ttf", ".otf", ".ttc"))
        )


def _rank(path: str) -> tuple[int, str]:
    name = Path(path).stem.lower()
    marks = {
        "italic": 100, "oblique": 100, "emoji": 90, "math": 80, "mono": 20, "condensed": 12,
        "narrow": 12, "serif": 8, "thin": 6, "light": 4, "black": 2, "bold": -5, "sans": -2,
    }  # fmt: skip
    return sum(weight for mark, weight in marks.items() if mark in name), path


# --- type


def _set_line(image: "Image.Image", chosen: tuple[_Face, str], top: int, colour: str) -> None:
    """Set a line of small type, smaller still when it is too wide."""
    face, text = chosen
    width = face.open(_AUTHOR_PX).getlength(text)
    size = min(1.0, (_SIDE - 2 * _MARGIN) / (width + 1)) * _AUTHOR_PX
    _write(image, face, text, top=top, size_px=size, colour=colour)


def _set_title(image: "Image.Image", chosen: tuple[_Face, str], top: int, colour: str) -> None:
    """Set the title as large as it fits, in lines of about the same length."""
    face, text = chosen
    size, lines = _fit(face, text, (_SIDE - 2 * _MARGIN, _TEXT_BOTTOM - top))
    for number, line in enumerate(lines):
        line_top = top + round(number * size * _LEADING)
        _write(image, face, line, top=line_top, size_px=size, colour=colour)


def _write(
    image: "Image.Image", face: _Face, text: str, *, top: int, size_px: float, colour: str
) -> None:
    """Write a line, with the top of its capitals at `top` and its ink exactly on the margin."""
    from PIL import Image, ImageDraw

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
    x = _SIDE - _MARGIN - (box[2] - box[0]) if _reads_from_right(text) else _MARGIN
    ink = mask.crop(box)
    image.paste(colour, (x, round(y)), mask=ink)


def _find_stroke(face: _Face, size_px: float) -> int:
    is_bold = "bold" in Path(face.path).stem.lower()
    return 0 if is_bold else round(size_px * _BOLD)


def _reads_from_right(text: str) -> bool:
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


def _fit(face: _Face, text: str, box: tuple[int, int]) -> tuple[float, list[str]]:
    """Find the largest size at which the text fits, and its lines.

    Words stay whole as long as that leaves them large enough to be read; a break may stand within
    a syllable. What cannot stay whole is set in larger type again, broken.
    """
    reference = face.open(1000)

    @cache
    def measure(part: str) -> float:
        return reference.getlength(part) / 1000 + 2 * _BOLD

    size, lines = float(_LARGEST_PX), [text]
    for breaks_words, largest, smallest in (
        (False, _LARGEST_PX, _LEAST_WHOLE_PX),
        (True, _LARGEST_BROKEN_PX, _SMALLEST_PX),
    ):
        size = float(largest)
        while size > smallest:
            widest = box[0] / size
            lines = wrap_lines(text, widest, measure, breaks_words=breaks_words)
            if lines and (len(lines) - 1) * size * _LEADING + size * 1.05 <= box[1]:
                return size, _balance(text, lines, widest, measure, breaks_words=breaks_words)
            size *= 0.975
    return size, lines


def _balance(
    text: str,
    lines: list[str],
    widest: float,
    measure: Callable[[str], float],
    *,
    breaks_words: bool,
) -> list[str]:
    """Narrow the lines as long as they do not become more."""
    for step in range(1, 40):
        narrower = wrap_lines(text, widest * (1 - step / 60), measure, breaks_words=breaks_words)
        if not narrower or len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def wrap_lines(
    text: str, widest: float, measure: Callable[[str], float], *, breaks_words: bool
) -> list[str]:
    """Fill lines up to a width; an empty list when a word is wider and may not be broken."""
    lines: list[str] = []
    line = ""
    for part in _list_parts(text):
        if measure((line + part).rstrip()) <= widest:
            line += part
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = part
        while measure(line.rstrip()) > widest:
            if not breaks_words or len(line) < 2:
                return []
            cut = max(1, _find_cut(line, widest, measure))
            lines.append(line[:cut] + ("-" if line[cut - 1 : cut + 1].isalpha() else ""))
            line = line[cut:]
    return [*lines, line.rstrip()] if line.strip() else lines


def _find_cut(word: str, widest: float, measure: Callable[[str], float]) -> int:
    """Return how many letters of a word fit with a hyphen behind them."""
    letters = range(1, len(word))
    return bisect.bisect_right(letters, widest, key=lambda n: measure(f"{word[:n]}-"))


_PART = re.compile(
    # Chinese and Japanese break between any two signs, but not before closing ones
    r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef][、。，．！？）」』】〉》：；ー]*\s*"
    # and a dash between words stays at the end of its line
    r"|[^\s\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef]+(?:\s+[-–—](?=\s))?\s*"
)


def _list_parts(text: str) -> list[str]:
    """List what lines may be broken between, each with the space after it."""
    return _PART.findall(text)


# --- motifs, drawn at twice the size on a mask and halved, so that edges are smooth

_Motif = Callable[["ImageDraw.ImageDraw", random.Random], None]
_FINE = 2


def _draw_mask(motif: _Motif, chance: random.Random) -> "Image.Image":
    from PIL import Image, ImageDraw

    mask = Image.new("L", (_SIDE * _FINE, _SIDE * _FINE), 0)
    motif(ImageDraw.Draw(mask), chance)
    return mask.reduce(_FINE)


def _draw_wave(draw: "ImageDraw.ImageDraw", chance: random.Random) -> None:
    """Bars as of a recorded voice, along the lower edge."""
    count, width = 19, 78
    step = (_SIDE - 2 * _MARGIN - width) / (count - 1)
    for number in range(count):
        swell = math.sin(math.pi * (number + 0.6) / (count + 0.2))
        height = 110 + swell * (140 + 430 * chance.random())
        x, middle = _MARGIN + number * step, 2470
        _round_bar(draw, x, middle - height / 2, x + width, middle + height / 2)


def _round_bar(draw: "ImageDraw.ImageDraw", x0: float, y0: float, x1: float, y1: float) -> None:
    box = [_FINE * value for value in (x0, y0, x1, y1)]
    draw.rounded_rectangle(box, radius=_FINE * (x1 - x0) / 2, fill=255)


def _draw_rings(draw: "ImageDraw.ImageDraw", chance: random.Random) -> None:
    """Rings as of sound, out of a lower corner."""
    x = chance.choice((0.22, 0.5, 0.78)) * _SIDE
    for radius in range(880, 0, -176):
        _disc(draw, x, _SIDE, radius, 255)
        _disc(draw, x, _SIDE, radius - 84, 0)
    _disc(draw, x, _SIDE, 176, 255)


def _disc(draw: "ImageDraw.ImageDraw", x: float, y: float, radius: float, value: int) -> None:
    box = [_FINE * edge for edge in (x - radius, y - radius, x + radius, y + radius)]
    draw.ellipse(box, fill=value)


def _draw_dots(draw: "ImageDraw.ImageDraw", chance: random.Random) -> None:
    """Rows of dots that grow towards the lower edge, as in a printed picture."""
    count, rows = 15, 6
    step = _SIDE / count
    lean = chance.choice((-1, 1))
    for row in range(rows):
        for column in range(count + 1):
            x = (column + row % 2 / 2) * step
            side = lean * (x / _SIDE - 0.5)
            radius = step * (0.06 + 0.062 * (row + 1) * (1 + 0.6 * side))
            _disc(draw, x, _SIDE - (rows - 1 - row) * step * 0.86, min(radius, 0.47 * step), 255)


def _draw_quote(draw: "ImageDraw.ImageDraw", chance: random.Random) -> None:
    """A pair of quotation marks, large enough to be a picture."""
    left = chance.choice((_MARGIN, _SIDE - _MARGIN - 1010))
    for x in (left, left + 560):
        _disc(draw, x + 225, 2330, 225, 255)
        # the tail: a quarter of a ring from the disc's right edge down to its left
        box = [_FINE * edge for edge in (x - 450, 1880, x + 450, 2780)]
        draw.pieslice(box, 0, 90, fill=255)


def _draw_record(draw: "ImageDraw.ImageDraw", _chance: random.Random) -> None:
    """Rings over the whole cover, for a title that cannot be printed."""
    for radius in range(1250, 300, -190):
        _disc(draw, _SIDE / 2, _SIDE / 2, radius, 255)
        _disc(draw, _SIDE / 2, _SIDE / 2, radius - 90, 0)
    _disc(draw, _SIDE / 2, _SIDE / 2, 210, 255)


_MOTIFS: tuple[_Motif, ...] = (_draw_wave, _draw_rings, _draw_dots, _draw_quote)


# --- the file


def _encode(image: "Image.Image", size_px: int) -> bytes:
    from PIL import Image

    if size_px != _SIDE:
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
