"""Where a line ends on purpose, and where it only wraps."""

import re
from collections.abc import Iterator, Sequence

from reviewcast.model.characters import has_words

_LABEL = re.compile(r"\W{0,4}[A-ZÀ-Þ][\w'’&/.-]*(?: [\w'’&/.()-]+){0,3}\*{0,2}:\*{0,2}\s+\S")
_NO_LABEL = re.compile(r"\w*(?:https?|ftp)$|\d+$", re.IGNORECASE)
_ENDED = re.compile(r"[.,;:!?…—–-][\"'”’»)\]]*$|[，、；：。！？]$")
_JOINS = re.compile(r"[\"'“‘(\[]?(?:[a-zß-ÿ&+/,;.!?)—–-]|$)")
_WRAPPED = 50
_FEWEST_OF_VERSE = 3


def is_label_line(line: str) -> bool:
    """True if a line is a label and what it stands for, such as `Director: Ann Lee`."""
    return bool(_LABEL.match(line)) and not _NO_LABEL.search(line.partition(":")[0])


def find_soft_ends(lines: Sequence[str]) -> Iterator[int]:
    """Return the numbers of the lines, from 1 on, that begin anew though nothing says so.

    Those are label lines below other ones; all else is a paragraph that wraps.
    """
    labels = [is_label_line(line) for line in lines]
    for number in range(1, len(lines)):
        if labels[number] and labels[number - 1]:
            yield number


def is_verse(lines: Sequence[str]) -> bool:
    """True if lines that end on purpose are those of a poem or list: many, and short."""
    return len(lines) >= _FEWEST_OF_VERSE and max(map(len, lines)) < _WRAPPED


def parts_lines(before: str, after: str, *, verse: bool) -> bool:
    """True if a hard break parts two lines that would be said as one sentence.

    A line that goes on with a small letter only wraps, but in verse.
    """
    if not (has_words(before) and has_words(after)):
        return False
    if is_label_line(after):
        return True
    return not _ENDED.search(before) and (verse or not _JOINS.match(after))
