"""Spoilers that a writer announces in words: by a heading, or a line such as SPOILERS AHEAD."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from reviewcast.model import Paragraph, Section

_LONGEST_LINE = 80
_WORD = re.compile(r"\bspoil(?:er)?s?\b", re.IGNORECASE)
_NONE = re.compile(
    r"\b(?:no|non|not|without|zero|minor|free of|sans|sin|ohne|senza|sem)[ -](?:\w+ )?spoil"
    r"|\bspoilers?[ -]?(?:free|less|frei|light)\b",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"\b(?:ahead|alert|warnings?|beware|below|follow(?:s|ing)?|begins?|starts?|territory|section"
    r"|from here|after this|past this|coming|incoming|discuss\w*|attention|achtung|warnung)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"\bend(?:s|ing|ed)?\b|\bover\b|\bsafe\b|\bfin\b", re.IGNORECASE)


def mark_spoilers(sections: Iterable[Section]) -> Iterator[Section]:
    """Give the role of a spoiler to what a heading or a short line announces as one.

    It reaches to the next heading, or to a line that says that the spoilers end. A heading that
    promises there are none announces nothing.
    """
    for section in sections:
        if not any(map(_WORD.search, _list_lines(section))):
            yield section
            continue
        spoils = section.heading is not None and announces_spoilers(section.heading)
        paragraphs = []
        for paragraph in section.paragraphs:
            is_line = len(paragraph.text) <= _LONGEST_LINE and _WORD.search(paragraph.text)
            if is_line and spoils and _ENDS.search(paragraph.text):
                spoils = False
            elif is_line and announces_spoilers(paragraph.text) and _is_warning(paragraph.text):
                spoils = True
            marked = spoils and paragraph.role in {"narrator", "list", "quote"}
            paragraphs.append(
                msgspec.structs.replace(paragraph, role="spoiler") if marked else paragraph
            )
        yield msgspec.structs.replace(section, paragraphs=tuple(paragraphs))


def warns_of_spoilers(text: str) -> bool:
    """Tell whether a line itself warns its reader, so that nobody has to do it again."""
    return bool(len(text) <= _LONGEST_LINE and announces_spoilers(text) and _is_warning(text))


def announces_spoilers(text: str) -> bool:
    """Tell whether a heading or line speaks of spoilers that are there, not of there being none."""
    return bool(_WORD.search(text)) and not _NONE.search(text)


def _is_warning(text: str) -> bool:
    return bool(_BEGINS.search(text)) or len(text.split()) <= 2


def _list_lines(section: Section) -> Iterator[str]:
    yield section.heading or ""
    paragraph: Paragraph
    for paragraph in section.paragraphs:
        if len(paragraph.text) <= _LONGEST_LINE:
            yield paragraph.text
