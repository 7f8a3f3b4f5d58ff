"""A title is broken into lines, as large as these fit."""

import bisect
import re
from collections.abc import Callable
from functools import cache

from reviewcast.episode.cover.fonts import Face

_LARGEST_PX, _SMALLEST_PX = 1500, 90

_LEAST_WHOLE_PX = 110
"""The smallest size at which words stay whole: room for some thirty-five letters in a line."""

_LARGEST_BROKEN_PX = 240

LEADING = 1.06

BOLD = 0.02
"""How much of its size the lighter of the fonts gains on each side of a stroke."""


def fit_lines(face: Face, text: str, box: tuple[int, int]) -> tuple[float, list[str]]:
    """Find the largest size at which the text fits, and its lines.

    Words stay whole as long as that leaves them large enough to be read; a break may stand within
    a syllable. What cannot stay whole is set in larger type again, broken.
    """
    reference = face.open(1000)

    @cache
    def measure(part: str) -> float:
        return reference.getlength(part) / 1000 + 2 * BOLD

    size, lines = float(_LARGEST_PX), [text]
    for breaks_words, largest, smallest in (
        (False, _LARGEST_PX, _LEAST_WHOLE_PX),
        (True, _LARGEST_BROKEN_PX, _SMALLEST_PX),
    ):
        size = float(largest)
        while size > smallest:
            widest = box[0] / size
            lines = wrap_lines(text, widest, measure, breaks_words=breaks_words)
            if lines and (len(lines) - 1) * size * LEADING + size * 1.05 <= box[1]:
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
