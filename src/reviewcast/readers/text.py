"""Plain text: paragraphs between blank lines, a title when the first line is one."""

import re

from reviewcast.model import Document, Paragraph, Section

_LONGEST_TITLE = 100
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def read_text(text: str) -> Document:
    """Read plain text.

    The first line is the title when it stands alone, is short and does not end as a sentence
    does. Lines within a paragraph are joined.
    """
    paragraphs = [" ".join(part.split()) for part in _BLANK.split(text) if part.strip()]
    title = paragraphs.pop(0) if len(paragraphs) > 1 and _is_title(paragraphs[0]) else ""
    return Document((Section(None, tuple(map(Paragraph, paragraphs))),), title=title)


def _is_title(line: str) -> bool:
    has_words = any(map(str.isalnum, line))
    return has_words and len(line) <= _LONGEST_TITLE and not re.search(r"[.,;:…][\"'”’)]*$", line)
