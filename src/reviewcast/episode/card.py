"""A picture for each caption of a clip: cover, title, waveform, and the words that are said."""

import hashlib
import io
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw

from reviewcast.episode.cover import PALETTES, Palette
from reviewcast.episode.cover.fonts import Face, choose_face, tidy
from reviewcast.episode.cover.lines import BOLD, wrap_lines

Shape = Literal["square", "vertical"]

_LEADING = 1.22


class Box(NamedTuple):
    """A rectangle, in pixels."""

    left: int
    top: int
    width: int
    height: int


class Layout(NamedTuple):
    """Where everything stands on a card; without a cover the title has its room, too."""

    size: tuple[int, int]
    cover: Box
    title: Box
    bare_title: Box
    caption: Box
    wave: Box
    note: Box
    title_px: tuple[int, ...]
    caption_px: tuple[int, ...]


_CAPTION_PX = (64, 58, 52, 46, 40)

LAYOUTS: dict[Shape, Layout] = {
    "square": Layout(
        size=(1080, 1080),
        cover=Box(60, 60, 360, 360),
        title=Box(460, 60, 560, 360),
        bare_title=Box(60, 60, 960, 360),
        caption=Box(60, 480, 960, 330),
        wave=Box(60, 860, 960, 150),
        note=Box(60, 1022, 960, 40),
        title_px=(76, 68, 60, 52, 46, 40, 34),
        caption_px=_CAPTION_PX,
    ),
    "vertical": Layout(
        size=(1080, 1920),
        cover=Box(210, 190, 660, 660),
        title=Box(90, 890, 900, 250),
        bare_title=Box(90, 240, 900, 800),
        caption=Box(90, 1180, 900, 380),
        wave=Box(90, 1590, 900, 130),
        note=Box(90, 1736, 900, 40),
        title_px=(84, 76, 68, 60, 52, 46, 40, 34),
        caption_px=_CAPTION_PX,
    ),
}


class Card:
    """The cards of a clip in one shape; `cover` is a JPEG or PNG, b"" for none.

    `note` stands on all of them, small: who speaks, where that is to be disclosed. `fonts` are
    those of this machine if none are named.
    """

    def __init__(
        self,
        shape: Shape,
        *,
        title: str,
        show: str,
        cover: bytes,
        note: str = "",
        fonts: tuple[str, ...] | None = None,
    ) -> None:
        self.layout = LAYOUTS[shape]
        self.title = title
        self.note = note
        seed = hashlib.sha256(title.encode()).digest()
        self.palette: Palette = PALETTES[seed[0] % len(PALETTES)]
        self._fonts = fonts
        self._image = Image.new("RGB", self.layout.size, self.palette.ground)
        box = self.layout.bare_title
        if cover:
            place = self.layout.cover
            with Image.open(io.BytesIO(cover)) as picture:
                small = picture.convert("RGB").resize(
                    (place.width, place.height), Image.Resampling.LANCZOS
                )
            self._image.paste(small, (place.left, place.top))
            box = self.layout.title
        room = 56
        self._set_text(
            title, box._replace(height=box.height - room), self.layout.title_px, self.palette.type
        )
        foot = Box(box.left, box.top + box.height - room + 12, box.width, room - 12)
        self._set_text(show, foot, (34, 30, 26, 22), self.palette.accent)
        self._set_text(note, self.layout.note, (28, 24, 20), self.palette.type)

    def draw(self, caption: str) -> bytes:
        """Return the card with a caption as PNG; the room of the waveform is left empty."""
        image = self._image.copy()
        self._set_text(
            caption, self.layout.caption, self.layout.caption_px, self.palette.type, image=image
        )
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=1)
        return file.getvalue()

    def draw_wave(self, peaks: Sequence[float], *, is_played: bool) -> bytes:
        """Return the waveform as bars on the ground, as PNG: in the accent what was played."""
        box = self.layout.wave
        image = Image.new("RGB", (box.width, box.height), self.palette.ground)
        draw = ImageDraw.Draw(image)
        step = box.width / max(1, len(peaks))
        colour = self.palette.accent if is_played else _mix(self.palette.type, self.palette.ground)
        for number, peak in enumerate(peaks):
            half = max(3.0, peak * box.height / 2)
            left = number * step
            middle = box.height / 2
            corner = (left, middle - half, left + step * 0.6, middle + half)
            draw.rounded_rectangle(corner, radius=step * 0.3, fill=colour)
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()

    def can_show(self, text: str) -> bool:
        """True if a font of this machine has the text."""
        return choose_face(tidy(text), self._fonts) is not None

    def _set_text(
        self,
        text: str,
        box: Box,
        sizes: tuple[int, ...],
        colour: str,
        *,
        image: Image.Image | None = None,
    ) -> None:
        """Set a text as large as it fits; what does not fit at the smallest size ends in "…"."""
        chosen = choose_face(tidy(text), self._fonts)
        if chosen is None:
            return
        size, lines = fit_text(chosen[0], chosen[1], box, sizes)
        draw = ImageDraw.Draw(image or self._image)
        face = chosen[0]
        font, stroke = face.open(size), _find_stroke(face, size)
        is_right = _reads_from_right(text)
        for number, line in enumerate(lines):
            x = box.left + box.width if is_right else box.left
            y = box.top + round((number + 0.82) * size * _LEADING)
            anchor = "rs" if is_right else "ls"
            draw.text((x, y), line, fill=colour, font=font, stroke_width=stroke, anchor=anchor)


def fit_text(face: Face, text: str, box: Box, sizes: tuple[int, ...]) -> tuple[int, list[str]]:
    """Return the largest of the sizes at which a text fits, and its lines."""
    reference = face.open(1000)

    @lru_cache(maxsize=4096)
    def measure(part: str) -> float:
        return reference.getlength(part) / 1000 + 2 * BOLD

    for breaks_words in (False, True):
        for size in sizes:
            lines = wrap_lines(text, box.width / size, measure, breaks_words=breaks_words)
            if lines and len(lines) * size * _LEADING <= box.height:
                return size, lines
    size = sizes[-1]
    most = max(1, int(box.height / (size * _LEADING)))
    kept = wrap_lines(text, box.width / size, measure, breaks_words=True)[:most]
    last = kept[-1] if kept else ""
    while last and measure(f"{last}…") > box.width / size:
        last = last[:-1]
    return size, [*kept[:-1], f"{last.rstrip()}…"]


def _mix(colour: str, ground: str) -> tuple[int, ...]:
    """Return a colour halfway to the ground."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(ground[1:]), strict=True)
    return tuple((2 * one + 3 * other) // 5 for one, other in pairs)


def _find_stroke(face: Face, size_px: float) -> int:
    return 0 if "bold" in Path(face.path).stem.lower() else round(size_px * BOLD)


def _reads_from_right(text: str) -> bool:
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"
