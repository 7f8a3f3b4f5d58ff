"""Words that the voice which will say them misreads are written so that it reads them rightly."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.rules.readings import READINGS

_CAPITALS = sorted(set().union(*(reading.capitals for reading in READINGS.values())))
_WORDS = sorted(set().union(*(reading.words for reading in READINGS.values())))
_MISREAD = rf"\b(?:{'|'.join(map(re.escape, _WORDS))})(?!\w)"


def has_misread(text: str) -> bool:
    """True if a text has a word that some voice misreads for its accent."""
    return not text.isascii() and re.search(_MISREAD, text) is not None


def _say_capitals(match: re.Match[str], context: Context) -> str | None:
    """Return a title's word as a word; outside of one it may well be an abbreviation."""
    if match[0] in context.reading.capitals and context.is_likely_title(match):
        return match[0].capitalize()
    return None


VOICES = Family(
    "voices",
    (
        Rule(
            "words",
            _MISREAD,
            lambda match, context: context.reading.words.get(match[0]),
            "".join(letter for letter in sorted(set("".join(_WORDS))) if not letter.isascii()),
        ),
        Rule(
            "capitals",
            rf"\b(?:{'|'.join(_CAPITALS)})(?![\w.&-])",
            _say_capitals,
            "".join(sorted({word[0] for word in _CAPITALS})),
        ),
    ),
)
