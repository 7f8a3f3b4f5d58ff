"""A review file becomes a Review."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.errors import LostTextError, ReviewError
from reviewcast.model import Document, Omission, Paragraph, Review, Section
from reviewcast.readers import fields
from reviewcast.readers.characters import clean_text
from reviewcast.readers.docx import list_docx_texts, read_docx
from reviewcast.readers.encodings import decode_text
from reviewcast.readers.front_matter import skip_front_matter
from reviewcast.readers.html import list_html_texts, read_html
from reviewcast.readers.languages import detect_language
from reviewcast.readers.ledger import find_lost_text
from reviewcast.readers.markdown import read_markdown
from reviewcast.readers.script import is_script, read_script
from reviewcast.readers.text import read_text

_MAX_BYTES = 2_000_000
_MAX_DOCX_BYTES = 20_000_000
_LONGEST_TITLE = 255
_READERS: dict[str, Callable[[str], Document]] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".mkd": read_markdown,
}
_PAGES = (".html", ".htm", ".xhtml")
_PAGE = re.compile(
    r"\s*(?:<\?xml[^<>]*>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html\b)",
    re.IGNORECASE | re.DOTALL,
)
_INDEXES = {"index", "_index", "readme", "review", "post"}


class ReadSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is taken for granted when the review does not say it."""

    language: str = "en"
    author: str = ""


class ReviewSource(Struct, frozen=True):
    """The bytes of a review and the name they came under; "" stands for standard input."""

    name: str
    data: bytes


def read_review(source: ReviewSource, settings: ReadSettings) -> Review:
    """Read a review: text, Markdown (also on standard input), an HTML page, a Word document.

    Raises ReviewError when it is empty, binary, over 2 MB, of an unknown kind, or no text in any
    plausible encoding, and LostTextError when a word of it is in nothing that was read.
    """
    name = Path(source.name).name or "standard input"
    suffix = Path(source.name).suffix.lower() or ".md" if source.name else ".md"
    if suffix not in _READERS and suffix not in _PAGES and suffix != ".docx":
        kinds = ", ".join(sorted([*_READERS, *_PAGES, ".docx"]))
        raise ReviewError(f"{name} is of a kind that cannot be read.", hint=f"Use one of: {kinds}.")
    _refuse_size(source.data, name, _MAX_DOCX_BYTES if suffix == ".docx" else _MAX_BYTES)
    document, text, notes = _read_document(source.data, name, suffix)
    document = _tidy_document(document)
    if document.script is None:
        _prove_read(text, document)
    if not any(_is_speakable(p.text) for s in document.sections for p in s.paragraphs):
        raise ReviewError(
            f"{name} holds no text to speak.", hint="Write the review below the title."
        )
    return _gather(replace(document, notes=notes + document.notes), source.name, settings)


def _read_document(data: bytes, name: str, suffix: str) -> tuple[Document, str, tuple[str, ...]]:
    """Read a file; give the document, the raw text it was made of, and what was guessed."""
    if suffix == ".docx":
        return read_docx(data, name), list_docx_texts(data, name), ()
    decoded, notes = decode_text(data, name)
    text = clean_text(decoded)
    if suffix != ".txt" and is_script(text):
        return read_script(text), "", notes
    if suffix in _PAGES or (name == "standard input" and _PAGE.match(text)):
        return read_html(text), list_html_texts(text), notes
    return _READERS[suffix](text), skip_front_matter(text), notes


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
        texts = (_tidy_paragraph(paragraph) for paragraph in section.paragraphs)
        heading = _tidy(section.heading or "") or None
        return Section(heading, tuple(paragraph for paragraph in texts if paragraph.text))

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
    return Paragraph(text, paragraph.role)  # its spans of emphasis would not fit any more


def _is_speakable(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _gather(document: Document, source_name: str, settings: ReadSettings) -> Review:
    """Put together what the document, its name and the settings tell."""
    metadata = document.metadata
    origins: dict[str, str] = {}

    def tell(name: str, found: fields.Field) -> str:
        if found.value:
            origins[name] = document.origins.get(found.key, "front matter")
        return fields.plain_value(found.value)

    stem = _find_stem(source_name)
    omissions, notes = document.omissions, document.notes
    title = tell("title", fields.find_field(metadata, "title"))
    slug = tell("slug", fields.find_field(metadata, "slug"))
    link = fields.find_field(metadata, "permalink")
    if not slug and link.value and not re.search(r"[:{]", link.value.strip("/").rpartition("/")[2]):
        slug = tell("slug", link).strip("/").rpartition("/")[2].partition(".")[0]
    if not title and document.title:
        title, origins["title"] = document.title, "text"
    elif not title and slug:
        title, origins["title"] = _name_title(slug), "slug"
    elif not title:
        title = _name_title(stem)
        origins["title"] = "file name" if stem else "default"
    if len(title) > _LONGEST_TITLE:
        end = max(0, title.rfind(" ", 0, _LONGEST_TITLE + 1)) or _LONGEST_TITLE
        reason = f"the title is over {_LONGEST_TITLE} characters"
        omissions = (Omission(title[end:].strip(), reason), *omissions)
        title = title[:end]
    date = fields.read_date(tell("date", fields.find_field(metadata, "date")))
    if not date and "date" not in origins:
        date = fields.read_date(Path(source_name).name)
        origins.update({"date": "file name"} if date else {})
    if fields.is_on(metadata, "draft"):
        notes = (*notes, "The review says that it is a draft.")
    language = _find_language(document, settings, origins, tell)
    track = tell("track", fields.find_field(metadata, "track"))
    return Review(
        script=document.script,
        title=title,
        slug=_slugify(slug) or _slugify(stem) or _slugify(title) or "review",
        sections=document.sections,
        language=language,
        subject=tell("subject", fields.find_subject(metadata)),
        author=tell("author", fields.find_author(metadata)) or settings.author,
        rating=tell("rating", fields.find_rating(metadata, language)),
        date=date,
        image=tell("image", fields.find_field(metadata, "image")),
        description=tell("description", fields.find_field(metadata, "description")),
        track=int(track) if re.fullmatch(r"[1-9]\d{0,4}", track) else None,
        omissions=omissions,
        origins=origins,
        notes=notes,
    )


def _find_language(
    document: Document,
    settings: ReadSettings,
    origins: dict[str, str],
    tell: Callable[[str, fields.Field], str],
) -> str:
    """Believe the review, else its text when that is plainly in another language than settings."""
    written = tell("language", fields.find_field(document.metadata, "language")).replace("_", "-")
    if written:
        return written
    text = "\n".join(p.text for section in document.sections for p in section.paragraphs)
    detected = detect_language(text, settings.language)
    if detected:
        origins["language"] = "detected"
    return detected or settings.language


def _find_stem(source_name: str) -> str:
    """Give the file's name, or its folder's where every review is called index.md."""
    path = Path(source_name)
    stem = path.stem
    if stem.lower().partition(".")[0] in _INDEXES and path.parent.name not in {"", ".", ".."}:
        stem = path.parent.name
    return _tidy(stem)


def _name_title(stem: str) -> str:
    """Make a title of a file's name, without the date that blogs begin it with."""
    words = re.sub(r"[-_]+", " ", re.sub(r"^\d{4}-\d\d-\d\d-", "", stem)).split()
    return " ".join(word.capitalize() if word.islower() else word for word in words) or "Review"


def _slugify(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-")
