"""An existing blog's reviews are found where they lie; nothing of it is executed."""

import glob
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.text.blog_settings import find_setting, find_website, read_settings
from reviewcast.text.readers import fields
from reviewcast.text.readers.front_matter import skip_front_matter, split_front_matter

_SUFFIXES = (".md", ".markdown", ".mkd", ".txt", ".html", ".htm", ".docx")
_READ_AT_MOST = 100_000
_MOST_TEXTS = 50_000
_MOST_PLACES = 8

_IS_REVIEW = re.compile(
    r"(?<![^\W_])(?:reviews?|critiques?|rese[nñ]as?|cr[ií]ticas?"
    r"|\w*(?:rezension|kritik|besprechung)(?:en)?)(?![^\W_])",
    re.IGNORECASE,
)

_NO_REVIEW = re.compile(
    r"\b(?:code|peer|pr|pull|year|month|week|decade)s?(?:[ -]+in)?[ -]+review", re.IGNORECASE
)
"""What is called a review and is none."""

_KINDS = {
    "category", "categories", "tag", "tags", "type", "types", "section", "kind", "collection",
    "layout", "genre", "post_type", "template",
}  # fmt: skip

_NOT_TEXTS = re.compile(
    r"_?index|readme|license|licence|changelog|contributing|code_of_conduct|about|404"
    r"|robots|humans|requirements|security",
    re.IGNORECASE,
)

_NOT_CONTENT = {
    "node_modules", "_site", "public", "dist", "output", "build", "_drafts", "drafts", "vendor",
    "themes", "layouts", "_layouts", "_includes", "_sass", "archetypes", "static", "assets",
    "resources", "templates", "episodes", "__pycache__", "venv", "target", "scaffolds",
}  # fmt: skip


_FIELDS = {
    "title": "title sitename site.title site.name name",
    "author": "author.name author params.author.name params.author extra.author.name extra.author"
    " site.author authors",
    "description": "description params.description extra.description site.description tagline"
    " subtitle sitesubtitle params.subtitle",
    "language": "lang language languagecode locale default_language defaultcontentlanguage"
    " default_lang params.lang site.language",
}
"""What a blog says of itself, under the names that its settings have for it."""


class Blog(Struct, frozen=True, kw_only=True):
    """What is known of a blog: its own words about itself, and which of its texts are reviews.

    `reviews` are paths and `patterns` match exactly them, both below `folder`. `signs` counts by
    what they were found, `places` by the folders they lie in; `posts` are all texts that were
    looked at. `notes` are remarks for the user.
    """

    folder: Path
    kind: str = "folder"
    title: str = ""
    author: str = ""
    website: str = ""
    description: str = ""
    language: str = ""
    reviews: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    posts: int = 0
    signs: dict[str, int] = {}
    places: dict[str, int] = {}
    notes: tuple[str, ...] = ()


def find_blog(folder: Path) -> Blog:
    """Look through the folder of a blog: Jekyll, Hugo, Eleventy, Pelican, or just texts.

    Raise UsageError when it is no folder.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", hint="Name the folder of the blog.")
    settings, kind, notes = read_settings(folder)
    texts = list(_list_texts(folder, kind, settings))
    found = {name: sign for name in texts if (sign := _find_sign(folder, name))}
    reviews = tuple(sorted(found))
    patterns = tuple(_cover_files(folder, set(reviews)))
    if not set(patterns).isdisjoint(map(glob.escape, reviews)):
        notes.append(
            "Some reviews lie among other posts and are listed by name in podcast.toml;"
            " add new ones there, or give them a folder of their own."
        )
    places = Counter(str(Path(name).parent.as_posix()) for name in reviews)
    words = {field: find_setting(settings, names) for field, names in _FIELDS.items()}
    words["author"] = re.sub(r"\s*[<(].*", "", words["author"])
    words["language"] = words["language"].replace("_", "-")
    return Blog(
        folder=folder,
        kind=kind,
        website=find_website(settings),
        reviews=reviews,
        patterns=patterns,
        posts=len(texts),
        signs=dict(Counter(found[name] for name in reviews).most_common()),
        places=_shorten(places),
        notes=tuple(notes),
        **words,
    )


def _shorten(places: Counter[str]) -> dict[str, int]:
    """Keep the folders with most reviews; the rest is one entry."""
    if len(places) <= _MOST_PLACES:
        return dict(sorted(places.items()))
    most = dict(places.most_common(_MOST_PLACES))
    rest = len(places) - len(most)
    return {**most, f"{rest} more folders": sum(places.values()) - sum(most.values())}


# --- the patterns of its files


def _cover_files(folder: Path, reviews: set[str]) -> Iterator[str]:
    """Return patterns that match these files of a folder, and no other that is there."""
    for suffix in sorted({Path(name).suffix for name in reviews}):
        wanted = {name for name in reviews if Path(name).suffix == suffix}
        yield from _cover_below(folder, _find_common(wanted), suffix, wanted)


def _find_common(names: set[str]) -> str:
    """Return the folder that holds all files; one that is there for a single page is none."""
    homes = [
        Path(name).parent.parent if Path(name).stem == "index" else Path(name).parent
        for name in names
    ]
    return os.path.commonpath(homes) if len(set(homes)) > 1 else str(homes[0])


def _cover_below(folder: Path, place: str, suffix: str, wanted: set[str]) -> Iterator[str]:
    below = {name for name in wanted if Path(place) in Path(name).parents}
    direct = {name for name in below if Path(name).parent == Path(place)}
    inner = below - direct
    prefix = "" if place in {"", "."} else f"{glob.escape(Path(place).as_posix())}/"
    ends = (f"*{suffix}", f"[!_]*{suffix}", f"*review*{suffix}")
    if inner:
        for end in ends:
            if _match(folder, f"{prefix}**/{end}") == below:
                yield f"{prefix}**/{end}"
                return
    if direct:
        pattern = next((e for e in ends if _match(folder, f"{prefix}{e}") == direct), None)
        if pattern:
            yield f"{prefix}{pattern}"
        else:
            yield from map(glob.escape, sorted(direct))
    depth = len(Path(place).parts)
    for child in sorted({Path(name).parts[depth] for name in inner}):
        yield from _cover_below(folder, os.path.join(place, child), suffix, inner)


def _match(folder: Path, pattern: str) -> set[str]:
    found = glob.glob(pattern, root_dir=folder, recursive=True)
    return {Path(name).as_posix() for name in found}


# --- its texts


def _list_texts(folder: Path, kind: str, settings: Mapping[str, str]) -> Iterator[str]:
    """List what may be a review, by name below the folder."""
    content = settings.get("path") if kind == "Pelican" else None
    roots = [folder / (content or "content")] if kind in {"Hugo", "Pelican"} else []
    roots = [root for root in roots if root.is_dir()] or [folder]
    names = (name for root in roots for name in _walk(folder, root))
    count = 0
    for name in names:
        if kind == "Jekyll" and not any(map(_holds_posts, Path(name).parts[:-1])):
            continue
        count += 1
        if count > _MOST_TEXTS:
            return
        yield name


def _holds_posts(folder_name: str) -> bool:
    """True if files of such a folder of Jekyll or Hexo are posts, also of own collections."""
    return folder_name == "_posts" or (
        folder_name.startswith("_") and _IS_REVIEW.search(folder_name) is not None
    )


def _walk(folder: Path, root: Path) -> Iterator[str]:
    for place, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders if name not in _NOT_CONTENT and not name.startswith(".")
        )
        for name in sorted(names):
            stem, suffix = os.path.splitext(name)
            if suffix.lower() not in _SUFFIXES or name.startswith("."):
                continue
            if _NOT_TEXTS.fullmatch(stem) and not (stem == "index" and Path(place) != root):
                continue
            yield Path(place, name).relative_to(folder).as_posix()


def _find_sign(folder: Path, name: str) -> str:
    """Return by what a text is a review, in words; "" when it is none."""
    path = folder / name
    metadata, title = _read_head(path)
    if fields.find_rating(metadata, "en").value:
        return "by a rating"
    for key, value in metadata.items():
        if key.rpartition(".")[2] in _KINDS and _names_review(value):
            return "by category, tag or type"
    if any(map(_names_review, Path(name).parts[:-1] or _own_name(folder))):
        return "by their folder"
    stem = Path(name).stem
    if _names_review(title or stem):
        return "by their title"
    return ""


def _own_name(folder: Path) -> list[str]:
    """Return the last word of the blog's own name, such as film-reviews, but not review-site."""
    return re.findall(r"[^\W_]+", folder.resolve().name)[-1:]


def _names_review(text: str) -> bool:
    text = text.replace("_", " ")
    return _IS_REVIEW.search(text) is not None and not _NO_REVIEW.search(text)


_TITLES = (
    re.compile(r"^#[ \t]+(\S.*)$", re.MULTILINE),
    re.compile(r"<title[^<>]*>([^<>]*)</title>", re.IGNORECASE),
)


def _read_head(path: Path) -> tuple[dict[str, str], str]:
    """Return a text's front matter and title, as far as there are any."""
    if path.suffix.lower() == ".docx":
        return {}, ""
    try:
        with path.open("rb") as file:
            text = file.read(_READ_AT_MOST).decode("utf-8-sig", "replace").replace("\r\n", "\n")
        metadata, _ = split_front_matter(text)
        body = skip_front_matter(text)[:4000]
    except (OSError, ReviewError):
        return {}, ""
    title = fields.find_field(metadata, "title").value
    if not title:
        title = next((match[1] for t in _TITLES if (match := t.search(body))), "")
    return metadata, title
