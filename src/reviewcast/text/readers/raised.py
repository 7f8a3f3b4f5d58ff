"""Raised figures, as of a power or a note's mark, known by what they follow."""

import re
from typing import NamedTuple

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_FIGURES = re.compile(r"[0-9]{1,4}")
_BASE = re.compile(r"(?:\d|\)|(?<!\w)(?:[A-Za-z]|[kcdm]m|ft|in|yd|mi|[mM][cC]))\Z")
_LAST_WORD = re.compile(r"\w+\W?\Z")


class Raised(NamedTuple):
    """Raised figures as they are shown, "" for a note's mark, and the word that they stand at."""

    shown: str
    word: str


def read_raised(text: str, before: str) -> Raised | None:
    """Read raised figures behind a text: m², not m2; None when they are something else."""
    word = _LAST_WORD.search(before)
    if not word or not _FIGURES.fullmatch(text.strip()):
        return None
    return Raised(text.strip().translate(_RAISED) if _BASE.search(before) else "", word[0])
