"""A review file becomes a Review."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from reviewcast.errors import ReviewError
from reviewcast.model import Document, Omission, Paragraph, Review, Section
from reviewcast.readers.markdown import read_markdown
from reviewcast.readers.text import read_text

_MAX_BYTES = 2_000_000
_LONGEST_TITLE = 255
_READERS: dict[str, Callable[[str], Document]] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".mkd": read_markdown,
}
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class ReadSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is taken for granted when the review does not say it."""

    language: str = "en"
    author: str = ""


class ReviewSource(Struct, frozen=True):
    """The bytes of a review and the name they came under; "" stands for standard input."""

    name: str
    data: bytes


def read_review(source: ReviewSource, settings: ReadSettings) -> Review:
    """Read a review of text (.txt) or Markdown (.md, and standard input).

    Raises ReviewError when it is empty, binary, over 2 MB, of an unknown kind, or not text in
    UTF-8 or UTF-16.
    """
    name = Path(source.name).name or "standard input"
    reader = _READERS.get(Path(source.name).suffix.lower() or ".md" if source.name else ".md")
    if reader is None:
        kinds = ", ".join(sorted(_READERS))
        raise ReviewError(f"{name} is of a kind that cannot be read.", hint=f"Use one of: {kinds}.")
    text = _decode(source.data, name)
    document = _tidy_document(reader(_clean(text)))
    if not any(_is_speakable(p.text) for s in document.sections for p in s.paragraphs):
        raise ReviewError(
            f"{name} holds no text to speak.", hint="Write the review below the title."
        )
    return _gather(document, source.name, settings)


def _decode(data: bytes, name: str) -> str:
    if len(data) > _MAX_BYTES:
        raise ReviewError(f"{name} is larger than 2 MB.", hint="Split it into several reviews.")
    if not data.strip():
        raise ReviewError(f"{name} is empty.", hint="Write the review first.")
    encoding = next((codec for bom, codec in _BOMS if data.startswith(bom)), None)
    if encoding is None and data.count(0) + data.count(b"\x1b") > max(2, len(data) // 1000):
        raise ReviewError(f"{name} is a binary file.", hint="Give a text or Markdown file.")
    try:
        return data.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ReviewError(
            f"{name} is not text in {(encoding or 'utf-8').upper()} (byte {error.start}).",
            hint="Save it as UTF-8.",
        ) from error


def _clean(text: str) -> str:
    """Drop what nobody can see and what must reach no voice, tag or terminal."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\x0c", "\n\n")
    return "".join(filter(_is_clean, text)) if _UNCLEAN.search(text) else text


_UNCLEAN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def _is_clean(character: str) -> bool:
    return not _UNCLEAN.match(character)


def _tidy(text: str) -> str:
    return " ".join(_clean(text).split())


def _tidy_document(document: Document) -> Document:
    """Clean what the reader decoded: &#8238; and its like stand for unseen characters too."""

    def tidy_section(section: Section) -> Section:
        texts = ((_tidy(paragraph.text), paragraph.role) for paragraph in section.paragraphs)
        heading = _tidy(section.heading or "") or None
        return Section(heading, tuple(Paragraph(text, role) for text, role in texts if text))

    return Document(
        tuple(map(tidy_section, document.sections)),
        title=_tidy(document.title),
        metadata={name: _tidy(value) for name, value in document.metadata.items()},
        omissions=tuple(Omission(_tidy(o.text), o.reason) for o in document.omissions),
    )


def _is_speakable(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _gather(document: Document, source_name: str, settings: ReadSettings) -> Review:
    """Put together what the document, its name and the settings tell."""
    fields = document.metadata
    origins: dict[str, str] = {}

    def pick(name: str, *keys: str) -> str:
        for key in keys or (name,):
            if fields.get(key):
                origins[name] = "front matter"
                return fields[key]
        return ""

    stem = _tidy(Path(source_name).stem)
    omissions = document.omissions
    title = pick("title")
    if not title and document.title:
        title, origins["title"] = document.title, "text"
    elif not title:
        title = _name_title(stem)
        origins["title"] = "file name" if stem else "default"
    if len(title) > _LONGEST_TITLE:
        end = max(0, title.rfind(" ", 0, _LONGEST_TITLE + 1)) or _LONGEST_TITLE
        reason = f"the title is over {_LONGEST_TITLE} characters"
        omissions = (Omission(title[end:].strip(), reason), *omissions)
        title = title[:end]
    language = pick("language", "language", "lang").replace("_", "-")
    author = pick("author", "author", "author.name") or settings.author
    track = pick("track", "track", "episode")
    return Review(
        title=title,
        slug=_slugify(pick("slug", "slug")) or _slugify(stem) or _slugify(title) or "review",
        sections=document.sections,
        language=language or settings.language,
        subject=pick("subject", "subject", "subject.title", "work", "work.title"),
        author=author,
        rating=pick("rating", "rating"),
        date=_read_date(pick("date", "date")),
        image=pick("image", "image"),
        description=pick("description", "description"),
        track=int(track) if re.fullmatch(r"[1-9]\d{0,4}", track) else None,
        omissions=omissions,
        origins=origins,
    )


def _name_title(stem: str) -> str:
    """Make a title of a file's name, without the date that blogs begin it with."""
    words = re.sub(r"[-_]+", " ", re.sub(r"^\d{4}-\d\d-\d\d-", "", stem)).split()
    return " ".join(word.capitalize() if word.islower() else word for word in words) or "Review"


def _read_date(text: str) -> str:
    """Give YYYY-MM-DD of the beginning of a date, "" when there is none."""
    import datetime as dt

    match = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", text)
    try:
        return dt.date(*map(int, match.groups())).isoformat() if match else ""
    except ValueError:
        return ""


def _slugify(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-")
