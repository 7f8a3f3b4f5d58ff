"""Plain text: paragraphs between blank lines, a title when the first line is one."""

import re
from itertools import pairwise

from reviewcast.model.characters import has_words
from reviewcast.model.text import Document, Paragraph, Section
from reviewcast.text.readers.front_matter import split_front_matter
from reviewcast.text.readers.lines import find_soft_ends

_LONGEST_TITLE = 100
_LONGEST_WRAPPED = 200  # characters of a line where paragraphs are wrapped
_BULLET = re.compile(r"[-*•·‣⁃–—] ?(?<=[ •·‣⁃–—])(?=[^\s*-])")
_DASHES = "–—"  # what somebody says, and no item
_NUMBER = re.compile(r"([0-9]{1,2})[.)] (?=\S)")
_RULE = re.compile(r"(=|-|~|\*|#|_)\1{2,}")
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def read_text(text: str) -> Document:
    """Read plain text with or without front matter.

    The first line is the title when it stands alone, is short and does not end as a sentence
    does; where front matter names the title, only when it is the same. A line with a rule of signs
    below it is a heading. Lines within a paragraph are joined, but for label lines and items.
    """
    metadata, body = split_front_matter(text)
    sections: list[tuple[str | None, list[Paragraph]]] = [(None, [])]
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
            sections[-1][1].extend(_join_lines(lines, markup))
    paragraphs = sections[0][1]
    first = paragraphs[0].text if paragraphs else ""
    is_list = bool(paragraphs) and paragraphs[0].role == "list"
    if not title and not is_list and len(paragraphs) > 1 and metadata.get("title", first) == first:
        title = paragraphs.pop(0).text if _is_title(first) or metadata.get("title") else ""
    return Document(
        tuple(Section(heading, tuple(texts)) for heading, texts in sections),
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


def _join_lines(lines: list[str], markup: list[str]) -> list[Paragraph]:
    """Join the lines that only wrap; label lines, items and lines of any length stay apart."""
    items = _find_items(lines)
    is_wrapped = max(map(_measure, lines)) <= _LONGEST_WRAPPED
    starts = {0, *find_soft_ends(lines), *items} if is_wrapped else set(range(len(lines)))
    paragraphs = []
    for start, end in pairwise([*sorted(starts), len(lines)]):
        text = " ".join(lines[start:end])
        is_item = start in items and text[0] not in _DASHES
        if is_item and (mark := _BULLET.match(text)):
            markup.append(mark[0].strip())
            text = text[mark.end() :]
        paragraphs.append(Paragraph(text, role="list" if is_item else "narrator"))
    return paragraphs


def _measure(line: str) -> int:
    """Return the length of a line as if an ideograph were three letters."""
    return len(line) if line.isascii() else len(line) + 2 * sum(sign > "\u2e80" for sign in line)


def _find_items(lines: list[str]) -> frozenset[int]:
    """Return which lines begin the items of a list: two with a mark, or numbers in a row."""
    bullets = [number for number, line in enumerate(lines) if _BULLET.match(line)]
    if len(bullets) < 2 and not (bullets and bullets[0] and lines[bullets[0] - 1].endswith(":")):
        bullets = []
    numbers = [
        (at, int(found[1])) for at, line in enumerate(lines) if (found := _NUMBER.match(line))
    ]
    is_row = [number for _, number in numbers] == list(range(1, len(numbers) + 1))
    return frozenset([*bullets, *(at for at, _ in numbers if is_row and len(numbers) > 1)])


def _is_title(line: str) -> bool:
    is_short = has_words(line) and len(line) <= _LONGEST_TITLE
    return is_short and not re.search(r"[.,;:…][\"'”’)]*$", line)
