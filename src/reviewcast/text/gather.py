"""A document, the name of its file and the settings become the fields of a Review."""

import re
from pathlib import Path

from msgspec.structs import replace

from reviewcast.model.characters import clean_text
from reviewcast.model.clean import make_slug
from reviewcast.model.languages import detect_language, read_language
from reviewcast.model.text import Document, Omission, Paragraph, Review, Section
from reviewcast.settings.schema import ReadSettings
from reviewcast.text.readers import fields, withheld
from reviewcast.text.readers.people import list_people, list_tagged
from reviewcast.text.readers.work_links import read_work_links
from reviewcast.text.stars import is_over_scale

_LONGEST_TITLE = 255
_LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_POST = re.compile(r"https?://[^\s<>\"'/]+/[^\s<>\"']+/[^\s<>\"']+", re.IGNORECASE)
_COUNT = re.compile(r"[1-9]\d{0,4}")

_SMALL_WORDS = frozenset(
    "a an and as at but by for from in nor of on or the to via vs with".split()
)

_ROMAN = re.compile(r"(?=..)x{0,2}(?:ix|iv|v?i{0,3})")
_FEW_LETTERS = 200  # of prose that alone does not tell a review's language
_INDEXES = {"index", "_index", "readme", "review", "post"}

_SHELVES = {"reviews", "posts", "articles", "content", "blog", "drafts", "_posts", "_drafts"}
"""Folders of many reviews, whose names say nothing of one."""


class _Fields:
    """The fields of a document, and where each that was read came from."""

    def __init__(self, document: Document) -> None:
        self.origins: dict[str, str] = {}
        self._metadata = document.metadata
        self._origins = document.origins

    def read(self, name: str, found: fields.Field | None = None) -> str:
        """Return the value of a field as plain text, "" when the document has none."""
        found = fields.find_field(self._metadata, name) if found is None else found
        if found.value:
            self.origins[name] = self._origins.get(found.key, "front matter")
        return fields.plain_value(found.value)


def gather_review(document: Document, source_name: str, settings: ReadSettings) -> Review:
    """Return the review that a document, its name and the settings make."""
    metadata = document.metadata
    known = _Fields(document)
    origins, read = known.origins, known.read
    stem = _find_stem(source_name)
    notes = document.notes
    slug = read("slug") or _find_slug(known, metadata)
    document = _settle_title(document, known, slug, stem)
    written = read("date")
    date = fields.read_date(written)
    if written and not date:
        notes = (*notes, f"The date {written!r} is not understood; write it as 2026-12-24.")
    if not date and "date" not in origins:
        date = fields.read_date(Path(source_name).name)
        origins.update({"date": "file name"} if date else {})
    if date and date < "1970":
        notes = (*notes, f"The date {date} is before 1970: gPodder hides such episodes.")
    reason = withheld.find_reason(metadata)
    if reason:
        whose = Path(source_name).name or "The review"
        notes = (*notes, f"{whose} says that it is {reason}.")
    language, remarks = _find_language(document, settings, known)
    track, season = read("track"), read("season")
    link = next(
        (one for one in fields.list_values(metadata, "link") if _LINK.fullmatch(one.value)), None
    )
    same_as, odd = read_work_links(metadata)
    rating = read("rating", fields.find_rating(metadata, language))
    if is_over_scale(rating):
        notes = (*notes, f"The rating {rating!r} is more than it can be.")
    kind = read("kind").lower()
    spoils = fields.is_on(metadata, "spoiler") and document.script is None
    return Review(
        script=document.script,
        title=document.title,
        slug=make_slug(slug) or make_slug(stem) or make_slug(document.title) or "review",
        sections=tuple(map(_mark_spoiler, document.sections)) if spoils else document.sections,
        spoiler=spoils,
        language=language,
        subject=read("subject", fields.find_subject(metadata)),
        author=read("author", fields.find_author(metadata)) or settings.author,
        rating=rating,
        date=date,
        image=read("image"),
        description=read("description"),
        link=read("link", link) if link else "",
        same_as=same_as,
        social=_list_posts(metadata),
        cast=(*list_people(metadata), *list_tagged(metadata)),
        track=int(track) if _COUNT.fullmatch(track) else None,
        season=int(season) if _COUNT.fullmatch(season) else 0,
        kind="trailer" if kind == "trailer" else "bonus" if kind == "bonus" else "full",
        explicit=fields.is_on(metadata, "explicit"),
        draft=bool(reason),
        omissions=document.omissions,
        origins=origins,
        unknown=tuple(key for key in fields.list_unknown(metadata) if key not in document.origins),
        notes=(*notes, *odd, *remarks),
    )


def _list_posts(metadata: dict[str, str]) -> tuple[str, ...]:
    """Return the addresses of posts on social networks; what is only an account is none."""
    values = [one.value for one in fields.list_values(metadata, "social")]
    words = " ".join(values).replace(",", " ").split()
    found = (word.strip("[]\"'") for word in words)
    return tuple(dict.fromkeys(one for one in found if _POST.fullmatch(one)))


def _mark_spoiler(section: Section) -> Section:
    """Return a section of a review that spoils as a whole."""
    marked = (
        one if one.role == "title" else replace(one, role="spoiler") for one in section.paragraphs
    )
    return replace(section, paragraphs=tuple(marked))


def _find_slug(known: _Fields, metadata: dict[str, str]) -> str:
    """Return the last part of the address that a review says it has."""
    link = fields.find_field(metadata, "permalink")
    parts = [part for part in link.value.split("/") if part.partition(".")[0] not in _INDEXES]
    last = next(filter(None, reversed(parts)), "")
    if not last or re.search(r"[:{]", last):
        return ""
    known.read("slug", link)
    return fields.plain_value(last).partition(".")[0]


def _settle_title(document: Document, known: _Fields, slug: str, stem: str) -> Document:
    """Choose the title; of two in front matter and text, neither is lost.

    When one says all that the other says, it is the title; else the text's stands below it.
    """
    title, heading = known.read("title"), document.title
    omissions, sections = document.omissions, document.sections
    work = fields.plain_value(fields.find_work(document.metadata).value)
    if title and heading and not fields.is_same(title, heading):
        if fields.holds(heading, title):
            omissions = (Omission(title, "the title again"), *omissions)
            title, known.origins["title"] = heading, "text"
        elif fields.holds(title, heading):
            omissions = (Omission(heading, "the title again"), *omissions)
        else:
            first, *others = sections
            below = (Paragraph(heading, "title"), *first.paragraphs)
            sections = (replace(first, paragraphs=below), *others)
    elif not title and heading:
        title, known.origins["title"] = heading, "text"
    elif not title and work:
        title = work
        known.read("title", fields.find_work(document.metadata))
    elif not title and slug:
        title, known.origins["title"] = _name_title(slug), "slug"
    elif not title:
        title = _name_title(stem)
        known.origins["title"] = "file name" if stem else "default"
    if len(title) > _LONGEST_TITLE:
        end = max(0, title.rfind(" ", 0, _LONGEST_TITLE + 1)) or _LONGEST_TITLE
        reason = f"the title is over {_LONGEST_TITLE} characters"
        omissions = (Omission(title[end:].strip(), reason), *omissions)
        title = title[:end]
    return replace(document, title=title, sections=sections, omissions=omissions)


def _find_language(
    document: Document, settings: ReadSettings, known: _Fields
) -> tuple[str, tuple[str, ...]]:
    """Believe the review, else its text when that is plainly in another language than settings."""
    written = known.read("language")
    language = read_language(written)
    if language:
        return language, ()
    paragraphs = [p for section in document.sections for p in section.paragraphs]
    text = "\n".join(p.text for p in paragraphs if p.role == "narrator")
    detected = detect_language(text, settings.language)
    if not detected and sum(map(str.isalpha, text)) < _FEW_LETTERS:
        # quotations and lists of titles may be in any language, but are better than nothing
        detected = detect_language("\n".join(p.text for p in paragraphs), settings.language)
    known.origins.pop("language", None)
    known.origins.update({"language": "detected"} if detected else {})
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
    return " ".join(clean_text(stem).split())


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
