"""A review file becomes a Review."""

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.characters import clean_text
from reviewcast.model.clean import make_slug
from reviewcast.model.errors import LostTextError, ReviewError
from reviewcast.model.languages import detect_language, read_language
from reviewcast.model.text import Document, Omission, Paragraph, Review, Section
from reviewcast.settings.schema import ReadSettings
from reviewcast.system.file_types import HEAD_BYTES, find_format
from reviewcast.text.readers import fields
from reviewcast.text.readers.completeness import find_lost_text
from reviewcast.text.readers.docx import list_docx_texts, read_docx
from reviewcast.text.readers.edited_script import is_script, read_script
from reviewcast.text.readers.encodings import decode_text
from reviewcast.text.readers.front_matter import skip_front_matter
from reviewcast.text.readers.html.walker import list_html_texts, read_html
from reviewcast.text.readers.markdown.walker import read_markdown
from reviewcast.text.readers.plain import read_text

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


_LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)


_COUNT = re.compile(r"[1-9]\d{0,4}")


_SMALL_WORDS = frozenset(
    "a an and as at but by for from in nor of on or the to via vs with".split()
)


_ROMAN = re.compile(r"(?=..)x{0,2}(?:ix|iv|v?i{0,3})")


_INDEXES = {"index", "_index", "readme", "review", "post"}


_SHELVES = {"reviews", "posts", "articles", "content", "blog", "drafts", "_posts", "_drafts"}
"""Folders of many reviews, whose names tell nothing of one."""


class ReviewSource(Struct, frozen=True):
    """The bytes of a review and the name they came under; "" stands for standard input."""

    name: str
    data: bytes


def read_review(source: ReviewSource, settings: ReadSettings) -> Review:
    """Read a review: text, Markdown (also on standard input), an HTML page, a Word document.

    Raise ReviewError when it is empty, binary, over 2 MB, of an unknown kind, or no text in any
    plausible encoding, and LostTextError when a word of it is in nothing that was read.
    """
    name = Path(source.name).name or "standard input"
    suffix = Path(source.name).suffix.lower() or ".md" if source.name else ".md"
    if suffix not in _READERS and suffix not in _PAGES and suffix != ".docx":
        kinds = ", ".join(sorted([*_READERS, *_PAGES, ".docx"]))
        kind = find_format(source.data[:HEAD_BYTES])
        what = f"audio ({kind.name}), not a review" if kind else "of a kind that cannot be read"
        advice = _ADVICE.get(suffix, "")
        raise ReviewError(f"{name} is {what}.", hint=advice or f"Use one of: {kinds}.")
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
    """Read a file; return the document, the raw text it was made of, and what was guessed."""
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
    return Paragraph(text, paragraph.role)  # its spans of emphasis would not fit any more


def _is_speakable(text: str) -> bool:
    return any(character.isalnum() for character in text)


class _Teller:
    """Gives the fields of a document, and remembers where each came from."""

    def __init__(self, document: Document) -> None:
        self.origins: dict[str, str] = {}
        self._metadata = document.metadata
        self._origins = document.origins

    def tell(self, name: str, found: fields.Field | None = None) -> str:
        found = fields.find_field(self._metadata, name) if found is None else found
        if found.value:
            self.origins[name] = self._origins.get(found.key, "front matter")
        return fields.plain_value(found.value)


def _gather(document: Document, source_name: str, settings: ReadSettings) -> Review:
    """Put together what the document, its name and the settings tell."""
    metadata = document.metadata
    teller = _Teller(document)
    origins, tell = teller.origins, teller.tell
    stem = _find_stem(source_name)
    notes = document.notes
    slug = tell("slug") or _find_slug(teller, metadata)
    document = _settle_title(document, teller, slug, stem)
    written = tell("date")
    date = fields.read_date(written)
    if written and not date:
        notes = (*notes, f"The date {written!r} is not understood; write it as 2026-12-24.")
    if not date and "date" not in origins:
        date = fields.read_date(Path(source_name).name)
        origins.update({"date": "file name"} if date else {})
    if date and date < "1970":
        notes = (*notes, f"The date {date} is before 1970: gPodder hides such episodes.")
    if fields.is_on(metadata, "draft"):
        whose = Path(source_name).name or "The review"
        notes = (*notes, f"{whose} says that it is a draft.")
    language, remarks = _find_language(document, settings, teller)
    track, season = tell("track"), tell("season")
    link = next(
        (one for one in fields.list_values(metadata, "link") if _LINK.fullmatch(one.value)), None
    )
    kind = tell("kind").lower()
    return Review(
        script=document.script,
        title=document.title,
        slug=make_slug(slug) or make_slug(stem) or make_slug(document.title) or "review",
        sections=document.sections,
        language=language,
        subject=tell("subject", fields.find_subject(metadata)),
        author=tell("author", fields.find_author(metadata)) or settings.author,
        rating=tell("rating", fields.find_rating(metadata, language)),
        date=date,
        image=tell("image"),
        description=tell("description"),
        link=tell("link", link) if link else "",
        track=int(track) if _COUNT.fullmatch(track) else None,
        season=int(season) if _COUNT.fullmatch(season) else 0,
        kind="trailer" if kind == "trailer" else "bonus" if kind == "bonus" else "full",
        explicit=fields.is_on(metadata, "explicit"),
        draft=fields.is_on(metadata, "draft"),
        omissions=document.omissions,
        origins=origins,
        unknown=tuple(key for key in fields.list_unknown(metadata) if key not in document.origins),
        notes=(*notes, *remarks),
    )


def _find_slug(teller: _Teller, metadata: dict[str, str]) -> str:
    """Return the last part of the address that a review says it has."""
    link = fields.find_field(metadata, "permalink")
    parts = [part for part in link.value.split("/") if part.partition(".")[0] not in _INDEXES]
    last = next(filter(None, reversed(parts)), "")
    if not last or re.search(r"[:{]", last):
        return ""
    teller.tell("slug", link)
    return fields.plain_value(last).partition(".")[0]


def _settle_title(document: Document, teller: _Teller, slug: str, stem: str) -> Document:
    """Choose the title; of two in front matter and text, neither is lost.

    When one says all that the other says, it is the title; else the text's stands below it.
    """
    title, heading = teller.tell("title"), document.title
    omissions, sections = document.omissions, document.sections
    work = fields.plain_value(fields.find_work(document.metadata).value)
    if title and heading and not fields.is_same(title, heading):
        if fields.holds(heading, title):
            omissions = (Omission(title, "the title again"), *omissions)
            title, teller.origins["title"] = heading, "text"
        elif fields.holds(title, heading):
            omissions = (Omission(heading, "the title again"), *omissions)
        else:
            first, *others = sections
            below = (Paragraph(heading, "title"), *first.paragraphs)
            sections = (replace(first, paragraphs=below), *others)
    elif not title and heading:
        title, teller.origins["title"] = heading, "text"
    elif not title and work:
        title = work
        teller.tell("title", fields.find_work(document.metadata))
    elif not title and slug:
        title, teller.origins["title"] = _name_title(slug), "slug"
    elif not title:
        title = _name_title(stem)
        teller.origins["title"] = "file name" if stem else "default"
    if len(title) > _LONGEST_TITLE:
        end = max(0, title.rfind(" ", 0, _LONGEST_TITLE + 1)) or _LONGEST_TITLE
        reason = f"the title is over {_LONGEST_TITLE} characters"
        omissions = (Omission(title[end:].strip(), reason), *omissions)
        title = title[:end]
    return replace(document, title=title, sections=sections, omissions=omissions)


def _find_language(
    document: Document, settings: ReadSettings, teller: _Teller
) -> tuple[str, tuple[str, ...]]:
    """Believe the review, else its text when that is plainly in another language than settings."""
    written = teller.tell("language")
    language = read_language(written)
    if language:
        return language, ()
    text = "\n".join(p.text for section in document.sections for p in section.paragraphs)
    detected = detect_language(text, settings.language)
    teller.origins.pop("language", None)
    teller.origins.update({"language": "detected"} if detected else {})
    language = detected or settings.language
    if not written:
        return language, ()
    return language, (f"There is no language {written!r}; {language} is taken.",)


def _find_stem(source_name: str) -> str:
    """Return the file's name, or its folder's where every review is an index.md alone in it."""
    path = Path(source_name)
    stem, folder = path.stem, path.parent.name
    is_index = stem.lower().partition(".")[0] in _INDEXES
    if is_index and folder.lower() not in {"", ".", "..", *_SHELVES}:
        stem = folder
    return _tidy(stem)


def _name_title(stem: str) -> str:
    """Make a title of a file's name, without the date that blogs begin it with.

    Small words are small within it, and a year at its end stands in brackets.
    """
    words = re.sub(r"[-_]+", " ", re.sub(r"^\d{4}-\d\d-\d\d-", "", stem)).split()
    year = words.pop() if len(words) > 1 and _is_past_year(words[-1]) else ""
    titled = [
        word
        if not word.islower()
        else word.upper()
        if _ROMAN.fullmatch(word)
        else word
        if 0 < number < len(words) - 1 and word in _SMALL_WORDS
        else word.capitalize()
        for number, word in enumerate(words)
    ]
    return " ".join([*titled, f"({year})"] if year else titled) or "Review"


def _is_past_year(word: str) -> bool:
    return bool(re.fullmatch(r"(?:18[89]|19\d|20[0-3])\d", word))
