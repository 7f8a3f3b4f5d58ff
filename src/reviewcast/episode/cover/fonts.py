"""Which font shows a text, and what of the text it shows."""

import os
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont, features

_MOST_FONTS = 600


class Face(NamedTuple):
    """A font by its file; "" is the one that comes with Pillow."""

    path: str

    def open(self, size_px: float) -> ImageFont.FreeTypeFont:
        """Open it at a size."""
        if self.path:
            return ImageFont.truetype(self.path, size_px)
        return ImageFont.load_default(size_px)  # type: ignore[return-value]  # a size needs FreeType


SAME = {
    "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "„": "“", "‟": "“", "‚": "‘", "‛": "‘",
    "«": "“", "»": "”", "‹": "‘", "›": "’", "×": "x", "·": "-", "•": "-", "′": "’", "″": "”",
}  # fmt: skip
"""Signs that the small font lacks and others that readers take for the same."""

_JOINERS = "\u200c\u200d"


def tidy(text: str) -> str:
    """Compose letters, drop what has no shape of its own, and make every space a plain one."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(c for c in text if unicodedata.category(c)[0] != "C" or c in _JOINERS).strip()


def is_ornament(char: str) -> bool:
    """True if it is an emoji or another sign, without which a title can still be read."""
    return unicodedata.category(char) in {"So", "Sk", "Me", "Cf"} or "\ufe00" <= char <= "\ufe0f"


@lru_cache(maxsize=16)
def choose_face(text: str, fonts: tuple[str, ...] | None = None) -> tuple[Face, str] | None:
    """Find a font, and what of the text it shows; None when that is nothing.

    Whole texts go before those without emoji, those before texts without accents, and the font
    that comes along before the `fonts`, those of this machine if none are named.
    """
    if not text:
        return None
    plain = "".join(SAME.get(char, char) for char in text if char not in _JOINERS)
    own = Face("")
    for wanted in (plain, drop_ornaments(plain)):
        if _has_all(own, wanted):
            return own, wanted
    bare = drop_ornaments(text)
    if fonts is None:
        fonts = list_fonts() if bare else ()
    for face in map(Face, fonts if bare and _can_lay_out(bare) else ()):
        if _has_all(face, bare):
            return face, bare
    letters = unicodedata.normalize("NFKD", drop_ornaments(plain))
    rest = " ".join("".join(c for c in letters if c.isspace() or c in _Glyphs.of(own)).split())
    # a title of which most is gone would be none
    if _has_all(own, rest) and 5 * _count_letters(rest) >= 4 * _count_letters(bare):
        return own, rest
    return None


def drop_ornaments(text: str) -> str:
    """Return a text without emoji and other signs that are not read."""
    kept = (c for c in text if c.isascii() or c in _JOINERS or not is_ornament(c))
    return " ".join("".join(kept).split())


def _count_letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _can_lay_out(text: str) -> bool:
    """True if the letters stand side by side, or the library that joins them is there."""
    if features.check("raqm"):
        return True
    return not any(
        unicodedata.bidirectional(char) in {"R", "AL", "AN"}
        or "\u0900" <= char <= "\u109f"
        or "\u1780" <= char <= "\u18af"
        for char in text
    )


def _has_all(face: Face, text: str) -> bool:
    try:
        drawn = _Glyphs.of(face)
    except OSError:
        return False
    return bool(text.strip()) and all(c.isspace() or c in _JOINERS or c in drawn for c in text)


class _Glyphs:
    """The characters that a font has, told by comparing with what it draws for one it lacks."""

    def __init__(self, face: Face) -> None:
        self._font = face.open(40)
        self._known: dict[str, bool] = {}
        self._missing = {self._draw(char) for char in ("\U0010ffff", "\uffff", "\x01")}

    @staticmethod
    @lru_cache(maxsize=4)
    def of(face: Face) -> "_Glyphs":
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
