"""Plain text: paragraphs between blank lines, a title when the first line is one."""

import re

from reviewcast.model.text import Document, Paragraph, Section
from reviewcast.text.readers.front_matter import split_front_matter

_LONGEST_TITLE = 100


_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def read_text(text: str) -> Document:
    """Read plain text with or without front matter.

    The first line is the title when it stands alone, is short and does not end as a sentence
    does; where front matter names the title, only when it is the same. Lines within a paragraph
    are joined.
    """
    metadata, body = split_front_matter(text)
    paragraphs = [" ".join(part.split()) for part in _BLANK.split(body) if part.strip()]
    title = ""
    if len(paragraphs) > 1 and metadata.get("title", paragraphs[0]) == paragraphs[0]:
        title = paragraphs.pop(0) if _is_title(paragraphs[0]) or metadata.get("title") else ""
    return Document(
        (Section(None, tuple(map(Paragraph, paragraphs))),), title=title, metadata=metadata
    )


def _is_title(line: str) -> bool:
    has_words = any(map(str.isalnum, line))
    return has_words and len(line) <= _LONGEST_TITLE and not re.search(r"[.,;:…][\"'”’)]*$", line)
