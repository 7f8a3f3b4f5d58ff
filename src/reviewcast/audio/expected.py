"""How long speech will likely last, and where stings will stand: by the text alone.

Nothing here loads what makes audio: a plan asks it, too.
"""

import unicodedata
from itertools import pairwise

from reviewcast.model.text import Script
from reviewcast.settings.schema import StitchSettings

_CHARS_PER_S = 18.0
"""What a brisk voice says: how long speech lasts must be expected before it is there."""

_WIDE_CHARS = 3
"""A Chinese or Japanese character takes as long as so many letters."""

_FIRST_WIDE = "\u1100"
"""No character before it is wide."""


def count_letters(text: str) -> int:
    """Return how long a text is in letters, of which a Chinese or Japanese character is several."""
    if text.isascii() or max(text) < _FIRST_WIDE:
        return len(text)
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + (_WIDE_CHARS - 1) * wide


def expect_speech(script: Script) -> list[float]:
    """Return how long the speech of each chapter will likely last, in seconds, pauses included.

    By the text alone: the music before the first words is laid when no more than those are spoken.
    """
    expected_s = [0.0] * len(script.chapters)
    for segment in script.segments:
        letters = count_letters(segment.spoken)
        expected_s[segment.chapter] += letters / _CHARS_PER_S + segment.pause_s
    return expected_s


def find_stings(expected_s: list[float], settings: StitchSettings) -> list[bool]:
    """Return for each chapter whether its speech, and that before it, is worth a sting."""
    return [min(pair) >= settings.sting_chapters_s for pair in pairwise([0.0, *expected_s])]
