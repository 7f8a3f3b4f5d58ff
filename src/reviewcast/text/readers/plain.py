"""Plain text: paragraphs between blank lines, a title when the first line is one."""

import re
from itertools import pairwise

from reviewcast.model.characters import has_words
from reviewcast.model.text import Document, Paragraph, Section
from reviewcast.text.readers.front_matter import split_front_matter
from reviewcast.text.readers.lines import find_soft_ends

_LONGEST_TITLE = 100
_RULE = re.compile(r"(=|-|~|\*|#|_)\1{2,}")
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def read_text(text: str) -> Document:
    """Read plain text with or without front matter.

    The first line is the title when it stands alone, is short and does not end as a sentence
    does; where front matter names the title, only when it is the same. A line with a rule of signs
    below it is a heading. Lines within a paragraph are joined, but for label lines.
    """
    metadata, body = split_front_matter(text)
    sections: list[tuple[str | None, list[str]]] = [(None, [])]
    markup: list[str] = []
    title = ""
    for part in _BLANK.split(body):
        lines = [" ".join(line.split()) for line in part.split("\n") if line.strip()]
        while lines and (heading := _find_underlined(lines)):
            # the first of them above all text is the title
            if not title and sections == [(None, [])] and not metadata.get("title"):
                title = heading
            else:
                sections.append((heading, []))
            below = lines.index(heading) + 1
            markup.append(lines[below])
            lines = lines[below + 1 :]
        if lines:
            sections[-1][1].extend(_join_lines(lines))
    paragraphs = sections[0][1]
    if not title and len(paragraphs) > 1 and metadata.get("title", paragraphs[0]) == paragraphs[0]:
        title = paragraphs.pop(0) if _is_title(paragraphs[0]) or metadata.get("title") else ""
    return Document(
        tuple(Section(heading, tuple(map(Paragraph, texts))) for heading, texts in sections),
        title=title,
        metadata=metadata,
        markup=tuple(markup),
    )


def _find_underlined(lines: list[str]) -> str:
    """Return the heading that these lines begin with: a line with a rule of signs below it."""
    at = 1 if _RULE.fullmatch(lines[0]) else 0
    if len(lines) < at + 2 or not _RULE.fullmatch(lines[at + 1]):
        return ""
    heading = lines[at]
    return heading if len(heading) <= _LONGEST_TITLE and has_words(heading) else ""


def _join_lines(lines: list[str]) -> list[str]:
    """Join the lines that only wrap; label lines stay apart."""
    bounds = [0, *find_soft_ends(lines), len(lines)]
    return [" ".join(lines[start:end]) for start, end in pairwise(bounds)]


def _is_title(line: str) -> bool:
    is_short = has_words(line) and len(line) <= _LONGEST_TITLE
    return is_short and not re.search(r"[.,;:…][\"'”’)]*$", line)
