"""Film gauges, aspect ratios, resolutions and 4K are said as those who make pictures say them."""

import re

from reviewcast.text.spoken.engine import Context
from reviewcast.text.spoken.patterns import get_after, get_before
from reviewcast.text.spoken.rules.units import PICTURE_AFTER
from reviewcast.text.spoken.words import say_cardinal, say_number, say_year

_GAUGES = {"8", "9.5", "16", "17.5", "35", "65", "70"}
_LINES = frozenset({"2", "4", "5", "6", "8"})
_PICTURE_BEFORE = re.compile(r"\b(?:in|native|full|true|upscaled|restored in|at) $", re.IGNORECASE)


def say_gauge(match: re.Match[str], _context: Context) -> str | None:
    """Say the width of a film: 35mm."""
    if match[1] not in _GAUGES:
        return None
    return f"{say_number(match[1])} millimeter"


def say_ratio(match: re.Match[str], _context: Context) -> str:
    """Say an aspect ratio: 16:9, 2.35:1."""
    first, last = match["first"], match["last"]
    by = "by" if (first, last) in {("16", "9"), ("4", "3"), ("21", "9"), ("16", "10")} else "to"
    return f"{say_number(first)} {by} {say_number(last)}"


def say_resolution(match: re.Match[str], _context: Context) -> str:
    """Say a number of lines: 1080p."""
    return f"{say_year(match[1])} {match[2]}"


def say_frames(match: re.Match[str], _context: Context) -> str:
    """Say a number of lines and of frames a second: 1080p24."""
    return f"{say_year(match[1])} {match[2]} {say_cardinal(match[3])}"


def say_k(match: re.Match[str], _context: Context) -> str:
    """Say the resolution of a film: 4K."""
    return f"{say_cardinal(match[1])} K"


def say_d(match: re.Match[str], _context: Context) -> str:
    """Say the dimensions of a film: 3D, 4DX."""
    return f"{say_cardinal(match[1])} {' '.join(match[2].upper())}"


def say_large(match: re.Match[str], _context: Context) -> str | None:
    """Say 10k or 35M as a number, and 4k of a picture as a format."""
    number, letter = match["number"], match["letter"]
    scale = {"k": "thousand", "m": "million", "b": "billion"}[letter.lower()]
    if letter == "k" and re.match(r" (?:runs?|races?)\b", get_after(match, 6)):
        return f"{say_number(number)} K"
    is_format = number in _LINES and letter == "k" and not match["space"]
    if is_format and (
        PICTURE_AFTER.match(get_after(match, 16)) or _PICTURE_BEFORE.search(get_before(match))
    ):
        return f"{say_number(number)} K"
    if match["space"] and "." not in number:
        return None
    if letter == "M" and len(number) == 1 and not re.match(r"\+| [a-z]", get_after(match, 2)):
        return None  # the company 3M
    if letter == "B" and re.match(r" [A-Z]", get_after(match, 2)):
        return None  # 221B Baker Street
    return f"{say_number(number)} {scale}"
