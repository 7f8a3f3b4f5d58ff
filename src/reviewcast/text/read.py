"""A review file becomes a Review."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.characters import clean_text, has_words
from reviewcast.model.errors import LostTextError, ReviewError
from reviewcast.model.text import Document, Omission, Paragraph, Review, Section
from reviewcast.settings.schema import ReadSettings
from reviewcast.system.file_types import HEAD_BYTES, find_format
from reviewcast.text.gather import gather_review
from reviewcast.text.readers.completeness import find_lost_text
from reviewcast.text.readers.docx import list_docx_texts, read_docx
from reviewcast.text.readers.edited_script import is_script, read_script
from reviewcast.text.readers.encodings import decode_text
from reviewcast.text.readers.front_matter import skip_front_matter
from reviewcast.text.readers.html.parser import list_html_texts
from reviewcast.text.readers.html.walker import read_html
from reviewcast.text.readers.markdown.walker import read_markdown
from reviewcast.text.readers.plain import read_text

_MAX_BYTES = 2_000_000
_MAX_DOCX_BYTES = 20_000_000

READERS: Mapping[str, Callable[[str], Document]] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".mkd": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
}
"""What reads the decoded text of a file, by its suffix; Word documents are read from bytes."""

_ADVICE = {
    **dict.fromkeys(
        (".odt", ".rtf", ".doc", ".pages"),
        "Save it as .docx, .html or plain text in the program that it was written with.",
    ),
    **dict.fromkeys(
        (".pdf", ".epub"), "Copy its text into a .txt or .md file, a blank line between paragraphs."
    ),
}
"""What to do with texts of kinds that are not read, by suffix."""

_PAGE = re.compile(
    r"\s*(?:<\?xml[^<>]*>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html\b)",
    re.IGNORECASE | re.DOTALL,
)


class ReviewSource(Struct, frozen=True):
    """The bytes of a review and the name they came under; "" stands for standard input."""

    name: str
    data: bytes


def read_review(
    source: ReviewSource,
    settings: ReadSettings,
    *,
    readers: Mapping[str, Callable[[str], Document]] = READERS,
) -> Review:
    """Read a review: text, Markdown (also on standard input), an HTML page, a Word document.

    `readers` are by suffix what reads all but Word documents.

    Raise ReviewError when it is empty, binary, over 2 MB, of an unknown kind, or no text in any
    plausible encoding, and LostTextError when a word of it is in nothing that was read.
    """
    name = Path(source.name).name or "standard input"
    suffix = Path(source.name).suffix.lower() or ".md" if source.name else ".md"
    if suffix not in readers and suffix != ".docx":
        kinds = ", ".join(sorted([*readers, ".docx"]))
        kind = find_format(source.data[:HEAD_BYTES])
        what = f"audio ({kind.name}), not a review" if kind else "of a kind that cannot be read"
        advice = _ADVICE.get(suffix, "")
        raise ReviewError(f"{name} is {what}.", hint=advice or f"Use one of: {kinds}.")
    _refuse_size(source.data, name, _MAX_DOCX_BYTES if suffix == ".docx" else _MAX_BYTES)
    document, text, notes = _read_document(source.data, name, suffix, readers)
    document = _tidy_document(document)
    if document.script is None:
        _prove_read(text, document)
    if not any(has_words(p.text) for s in document.sections for p in s.paragraphs):
        raise ReviewError(
            f"{name} holds no text to speak.", hint="Write the review below the title."
        )
    return gather_review(replace(document, notes=notes + document.notes), source.name, settings)


def _read_document(
    data: bytes, name: str, suffix: str, readers: Mapping[str, Callable[[str], Document]]
) -> tuple[Document, str, tuple[str, ...]]:
    """Read a file; return the document, the raw text it was made of, and what was guessed."""
    if suffix == ".docx":
        return read_docx(data, name), list_docx_texts(data, name), ()
    decoded, notes = decode_text(data, name)
    text = clean_text(decoded)
    if suffix != ".txt" and is_script(text):
        return read_script(text), "", notes
    if name == "standard input" and _PAGE.match(text):
        suffix = ".html"
    reader = readers[suffix]
    if READERS.get(suffix) is read_html:
        return reader(text), list_html_texts(text), notes
    return reader(text), skip_front_matter(text), notes


def _refuse_size(data: bytes, name: str, most: int) -> None:
    if len(data) > most:
        raise ReviewError(
            f"{name} is larger than {most // 1_000_000} MB.", hint="Split it into several reviews."
        )
    if not data.strip():
        raise ReviewError(f"{name} is empty.", hint="Write the review first.")


def _prove_read(source: str, document: Document) -> None:
    """Hold the document against the raw source: every word that stands there is in it."""
    lost = find_lost_text(source, _list_texts(document))
    if lost:
        raise LostTextError(
            f"Reading would lose a part of the review: {lost[:80]!r}.",
            hint="This is a fault of reviewcast: please report it with the review.",
        )


def _list_texts(document: Document) -> Iterator[str]:
    yield document.title
    for section in document.sections:
        yield section.heading or ""
        for paragraph in section.paragraphs:
            yield paragraph.text
    for omission in document.omissions:
        yield omission.text
    yield from document.markup


def _tidy(text: str) -> str:
    return " ".join(clean_text(text).split())


def _tidy_document(document: Document) -> Document:
    """Clean what the reader decoded: &#8238; and its like stand for unseen characters too."""

    def tidy_section(section: Section) -> Section:
        texts = [_tidy_paragraph(paragraph) for paragraph in section.paragraphs]
        heading = _tidy(section.heading or "") or None
        before = [0, *itertools.accumulate(bool(paragraph.text) for paragraph in texts)]
        images = ((before[at], image) for at, image in section.images)
        kept = tuple(paragraph for paragraph in texts if paragraph.text)
        return Section(heading, kept, tuple(images))

    return replace(
        document,
        sections=tuple(map(tidy_section, document.sections)),
        title=_tidy(document.title),
        metadata={name: _tidy(value) for name, value in document.metadata.items()},
        omissions=tuple(Omission(_tidy(o.text), o.reason) for o in document.omissions),
    )


def _tidy_paragraph(paragraph: Paragraph) -> Paragraph:
    text = _tidy(paragraph.text)
    if text == paragraph.text:
        return paragraph
    # its spans of emphasis would not fit any more
    return replace(paragraph, text=text, emphasis=(), links=(), cells=())
