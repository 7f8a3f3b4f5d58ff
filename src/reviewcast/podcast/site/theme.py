"""A site's colours and static files."""

import functools
import hashlib

from msgspec import Struct

from reviewcast.system.resources import find_site

_ACCENT = "#c8371f"
LIGHT_GROUND = "#fcfaf6"
_LIGHT_CARD = "#ffffff"
DARK_GROUND = "#12151d"
_DARK_CARD = "#1b1f2a"

_LEAST_CONTRAST = 4.6
"""WCAG 2.2 (1.4.3) asks for 4.5."""


# --- The frame of every page ---------------------------------------------------------------


class _Asset(Struct, frozen=True):
    name: str
    data: bytes


@functools.lru_cache(maxsize=8)
def make_assets(accent: str) -> dict[str, _Asset]:
    """Return the static files of the pages by name, with the accent's colours in the style."""
    folder = find_site()
    accent = _expand_colour(accent or _ACCENT)
    light = _make_readable(accent, LIGHT_GROUND, end="#000000")
    dark = _make_readable(accent, _DARK_CARD, end="#ffffff")
    colours = (
        f"\n:root {{ --ground: {LIGHT_GROUND}; --card: {_LIGHT_CARD};"
        f" --accent: {light}; --on-accent: {_LIGHT_CARD};"
        f" --tint: {_mix_colours(LIGHT_GROUND, light, 0.12)}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --ground: {DARK_GROUND};"
        f" --card: {_DARK_CARD}; --accent: {dark}; --on-accent: {DARK_GROUND};"
        f" --tint: {_mix_colours(DARK_GROUND, dark, 0.2)}; }} }}\n"
    )
    contents = {
        "style.css": (folder / "style.css").read_bytes() + colours.encode(),
        "player.js": (folder / "player.js").read_bytes(),
        "search.js": (folder / "search.js").read_bytes(),
        "icon.svg": (folder / "icon.svg").read_bytes().replace(b"#accent", light.encode()),
    }
    assets = {}
    for name, data in contents.items():
        stem, _, suffix = name.partition(".")
        mark = hashlib.sha256(data).hexdigest()[:8]
        assets[stem] = _Asset(f"assets/{stem}-{mark}.{suffix}", data)
    return assets


# --- Colours: WCAG 2.2, relative luminance and contrast ---------------------------------------


def _expand_colour(colour: str) -> str:
    digits = colour.lower()[1:]
    return f"#{''.join(digit * 2 for digit in digits) if len(digits) == 3 else digits}"


def _split_colour(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix_colours(first: str, second: str, share: float) -> str:
    pairs = zip(_split_colour(first), _split_colour(second), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _measure_luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (part / 255 for part in _split_colour(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _measure_contrast(first: str, second: str) -> float:
    low, high = sorted((_measure_luminance(first), _measure_luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _make_readable(colour: str, ground: str, *, end: str) -> str:
    """Move a colour towards black or white, as little as its contrast to the ground asks for."""
    steps = (_mix_colours(colour, end, step / 50) for step in range(51))
    return next(step for step in steps if _measure_contrast(step, ground) >= _LEAST_CONTRAST)
