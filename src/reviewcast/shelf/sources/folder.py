"""A folder of posts, as Jekyll, Hugo, Eleventy and Pelican keep them."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from msgspec.structs import replace

from reviewcast.model.characters import clean_text
from reviewcast.model.errors import ReviewError
from reviewcast.shelf.archive import LARGEST_TEXT, Archive, decode
from reviewcast.shelf.converting import drop_comments, make_markdown
from reviewcast.shelf.dates import find_date, is_future
from reviewcast.shelf.sources.books import read_isbn
from reviewcast.shelf.sources.feed import plain_id
from reviewcast.shelf.values import LeftOut, Reading, SourceReview
from reviewcast.shelf.works import split_year
from reviewcast.text.readers import fields, withheld
from reviewcast.text.readers.front_matter import split_front_matter
from reviewcast.text.readers.people import list_people

SOURCE = "folder"
_MARKDOWN = {".md", ".markdown", ".mkd"}
_PAGES = {".html", ".htm"}
_UNREAD = set(".rst .mdx .adoc .asciidoc .org .textile .txt .rtf .docx .odt".split())
_NO_TEXTS = {"robots", "humans", "requirements"}
_DRAFTS = {"_drafts", "drafts", "draft", "private", "_private", "unpublished", "_trash", "trash"}
_OTHERS = {"node_modules", "_site", "_includes", "_layouts", "_data", "themes", "layouts", "vendor"}
_OTHERS |= {"archetypes", "output", "public", "dist", "_sass", "assets", "static"}
_NO_POSTS = {"readme", "changelog", "license", "contributing", "about", "_index", "404"}
_ON = {"true", "yes", "1", "on", "y"}
_PAGE_LAYOUTS = {"page", "default", "home", "archive", "category", "tag"}
_H1 = re.compile(r"\A#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)")
_STARS = re.compile(r"([0-5])(?:[.,]0)?([.,]5)?")
_ID = re.compile(r"(?!https?:)[a-z-]+:\S")
_INDEXES = {"index", "post", "review"}


def list_posts(archive: Archive) -> list[str]:
    """Return the names of the files that may be posts, drafts among them."""
    found = []
    for name in archive.names:
        path = PurePosixPath(name)
        is_text = path.suffix.lower() in _MARKDOWN | _PAGES
        folders = {part.lower() for part in path.parts[:-1]}
        if is_text and folders.isdisjoint(_OTHERS) and path.stem.lower() not in _NO_POSTS:
            found.append(name)
    return found


def _list_others(archive: Archive) -> Iterator[LeftOut]:
    """Return texts that are not read; those of a folder that holds no posts are counted."""
    counts: Counter[str] = Counter()
    for name in archive.names:
        path = PurePosixPath(name)
        suffix, parts = path.suffix.lower(), [part.lower() for part in path.parts[:-1]]
        if suffix not in _MARKDOWN | _PAGES | _UNREAD or path.stem.lower() in _NO_TEXTS:
            continue
        depth = next((depth for depth, part in enumerate(parts, 1) if part in _OTHERS), 0)
        if depth:
            counts["/".join(path.parts[:depth])] += 1
        elif path.stem.lower() in _NO_POSTS:
            yield LeftOut(title=name, reason="no post by its name")
        elif suffix in _UNREAD:
            yield LeftOut(title=name, reason=f"{suffix} is not read: save it as .md or .html")
    for folder, count in counts.items():
        texts = "1 text" if count == 1 else f"{count} texts"
        yield LeftOut(title=f"{folder}/", reason=f"{texts} in a folder that holds no posts")


def read_archive(archive: Archive, now: dt.datetime, *, blog: str = "") -> Reading:
    """Read the posts that the blog shows at this time; a text without front matter is none.

    `blog` is the name of its folder or zip file: two blogs may have posts of one name.
    """
    reviews: list[SourceReview] = []
    left_out: list[LeftOut] = []
    failed: list[LeftOut] = []
    for name in list_posts(archive):
        ids = (f"file:{name}",)
        if not {part.lower() for part in PurePosixPath(name).parts[:-1]}.isdisjoint(_DRAFTS):
            left_out.append(LeftOut(title=name, reason="a draft by its folder", ids=ids))
            continue
        try:
            text = clean_text(decode(archive.read(name, most_bytes=LARGEST_TEXT), name))
            metadata, body = split_front_matter(text)
        except ReviewError as error:
            failed.append(LeftOut(title=name, reason=error.message, ids=ids))
            continue
        reason = _find_reason(metadata, name, now)
        if reason:
            left_out.append(LeftOut(title=name, reason=reason, ids=ids))
        elif body.strip():
            reviews.append(read_post(name, metadata, body))
        else:
            left_out.append(LeftOut(title=name, reason="without text", ids=ids))
    left_out += _list_others(archive)
    source = f"{SOURCE}@{blog}"
    return Reading(
        reviews=tuple(replace(one, source=source) for one in reviews),
        left_out=tuple(replace(one, source=source) for one in left_out),
        failed=tuple(failed),
    )


def _find_reason(metadata: Mapping[str, str], name: str, now: dt.datetime) -> str:
    """Return why a blog does not show a text, "" when it does."""

    def read(*keys: str) -> str:
        values = (metadata.get(key, metadata.get(f"params.{key}", "")) for key in keys)
        return next((value.strip().lower() for value in values if value.strip()), "")

    if not metadata:
        return "no front matter: not a post"
    reason = withheld.find_reason(metadata)
    if reason:
        return reason
    if read("layout", "type") in _PAGE_LAYOUTS:
        return "a page"
    # what Hugo goes by is the first of these that is a date
    dates = [read(key) for key in ("publishdate", "pubdate", "published", "date")]
    if is_future(find_date(unsure=(*dates, PurePosixPath(name).name)), now):
        return "scheduled for later"
    expired = find_date(read("expirydate", "unpublishdate"))
    return "expired" if expired and expired < now.date().isoformat() else ""


def read_post(name: str, metadata: Mapping[str, str], body: str) -> SourceReview:
    """Read a post from its front matter and its text."""
    path = PurePosixPath(name)
    body = make_markdown(body) if path.suffix.lower() in _PAGES else drop_comments(body)
    title = fields.plain_value(fields.find_field(metadata, "title").value)
    heading = _H1.match(body)
    if heading and (not title or fields.is_same(title, heading[1])):
        title, body = fields.plain_value(heading[1]), body[heading.end() :].strip()
    work, year = split_year(fields.plain_value(fields.find_subject(metadata).value))
    link = next(
        (one.value for one in fields.list_values(metadata, "link") if "://" in one.value), ""
    )
    isbn = next((metadata[key] for key in metadata if key.rpartition(".")[2] in _ISBNS), "")
    stem = path.parent.name if path.stem.lower() in _INDEXES else path.stem
    ids = [f"file:{name}"]
    ids += [f"url:{plain_id(link)}"] if link else []
    written = metadata.get("source", "").split(", ")  # by an import; blogs have addresses there
    ids += [one.replace("%2C", ",") for one in written if _ID.match(one)]
    return SourceReview(
        source=SOURCE,
        ids=tuple(dict.fromkeys(ids)),
        title=title or re.sub(r"^\d{4}-\d\d-\d\d-", "", stem).replace("-", " ").capitalize(),
        text=body,
        work=work,
        year=year,
        date=find_date(fields.find_field(metadata, "date").value, unsure=(path.name, stem)),
        watched=find_date(metadata.get("watched", "")),
        rating=_read_rating(metadata),
        language=fields.find_field(metadata, "language").value,
        author=fields.plain_value(fields.find_author(metadata).value),
        link=link,
        tmdb=metadata.get("tmdb", metadata.get("tmdb_id", "")),
        imdb=metadata.get("imdb", metadata.get("imdb_id", "")),
        isbn=read_isbn(isbn),
        cast=list_people(metadata),
        tags=tuple(tag.strip() for tag in metadata.get("tags", "").split(",") if tag.strip()),
        spoiler=metadata.get("spoiler", metadata.get("spoilers", "")).lower() in _ON,
    )


def _read_rating(metadata: Mapping[str, str]) -> str:
    """Return the rating as it is written; a number of stars as signs, which all languages have."""
    found = fields.find_rating(metadata, "")
    value = fields.plain_value(found.value)
    number = _STARS.fullmatch(value)
    if number and found.key.rpartition(".")[2].lower() == "stars":
        return "★" * int(number[1]) + ("½" if number[2] else "")
    return value


_ISBNS = {"isbn", "isbn13", "isbn_13", "isbn10"}
