"""A quick look at a review: what a shelf is sorted by, without reading all of its text."""

import difflib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.characters import clean_text
from reviewcast.model.errors import ReviewcastError
from reviewcast.model.events import Notify, Warned, ignore_events
from reviewcast.model.languages import detect_language
from reviewcast.model.text import Document, Review, Section
from reviewcast.settings.accesses import reach_review
from reviewcast.settings.schema import Config, ReadSettings
from reviewcast.settings.shelf import EpisodeRole
from reviewcast.system.files import check_name, escape
from reviewcast.system.trust import require_trust
from reviewcast.text.draft import read_source
from reviewcast.text.gather import gather_review
from reviewcast.text.memos import Memos
from reviewcast.text.read import ReviewSource
from reviewcast.text.readers import fields
from reviewcast.text.readers.encodings import decode_text
from reviewcast.text.readers.front_matter import split_front_matter
from reviewcast.text.readers.html.parser import FENCE
from reviewcast.text.readers.plain import read_text
from reviewcast.text.stars import count_stars

_PLAIN = {".txt", ".text", ".md", ".markdown", ".mkd"}
_PAGES = {".html", ".htm", ".xhtml"}
_LOOK = "look"
_ROLES: tuple[EpisodeRole, ...] = get_args(EpisodeRole)

_NEVER = {"text-only", "no", "false", "none"}
_EPISODE_NUMBER = re.compile(r"(?:s\d+\W*)?(?:episode|ep\.?|e|no\.?|nr\.?|#)?\s*\d+(?:[./x-]\d+)*")

_MARKUP = re.compile(r"!\[[^\[\]]*\]\([^()]*\)|<[^<>]*>|\]\([^()\s]*\)|https?://\S+")
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_CHARS_PER_WORD = 2  # where no spaces stand between them
_HEADING = re.compile(r"\s*(?:#[ \t]+(.+?)[ \t]*#*|(.+)\n=+)[ \t]*(?:\n|$)")


class Look(Struct, frozen=True, kw_only=True):
    """What a file says of its review.

    `source` is its path from the show's folder. `stars` is the rating in stars of five, None when
    there is none or it is no number. `language` is told by the text only where round-ups are made,
    which have one each. `own_role` is what the front matter's `episode` says, None
    when it says nothing; `remark` is for the writer. `words` are counted, not spoken.
    """

    source: str
    sha256: str
    slug: str
    title: str
    subject: str
    date: str
    rating: str
    stars: float | None
    tags: tuple[str, ...]
    words: int
    language: str
    own_role: EpisodeRole | None = None
    draft: bool = False
    spoiler: bool = False
    remark: str = ""


def look_at(source: ReviewSource, name: str, config: Config) -> Look:
    """Look at a review; `name` is its path from the show's folder.

    Plain text and Markdown are not parsed below their front matter, other kinds are read whole.
    Raise ReviewError for what is no text, or whose front matter is not valid.
    """
    suffix = Path(source.name).suffix.lower()
    if suffix in _PLAIN:
        decoded, _ = decode_text(source.data, Path(source.name).name)
        metadata, text = split_front_matter(clean_text(decoded), quick=True)
        if suffix in {".txt", ".text"}:
            title, text = _part_text(text, metadata.get("title", ""))
        else:
            title, text = _part_markdown(text)
        document = Document((Section(None, ()),), title=title, metadata=metadata)
        settings = ReadSettings(language=config.show.language, author=config.show.author)
        review = gather_review(document, source.name, settings)
    else:
        review = read_source(source, config)
        parts = (one.text for section in review.sections for one in section.paragraphs)
        metadata, text = _read_fenced(source), "\n".join(parts)
    plain = _MARKUP.sub(" ", text)
    role, remark = _read_role(metadata, Path(source.name).name)
    return Look(
        source=name,
        sha256=hashlib.sha256(source.data).hexdigest(),
        slug=review.slug,
        title=review.title,
        subject=review.subject,
        date=review.date,
        rating=review.rating,
        stars=count_stars(review.rating),
        tags=_list_tags(metadata),
        words=len(_WORD.findall(_DENSE.sub(" ", plain))) + _count_dense(plain),
        language=_find_language(review, plain) if config.collect.by else review.language,
        own_role=role,
        draft=review.draft,
        spoiler=review.spoiler,
        remark=remark,
    )


def look_at_files(
    paths: Iterable[Path],
    config: Config,
    *,
    notify: Notify = ignore_events,
    memos: Memos | None = None,
) -> Iterator[Look]:
    """Look at the reviews of a show; one that cannot be read is warned of, and left out.

    What stands in `memos` is not looked at again, and the rest kept there.
    """
    show = str(config.folder or Path())
    confirmed: set[Path] = set()
    for path in paths:
        folder = path.parent
        try:
            check_name(path.name)
            if folder not in confirmed or path.is_symlink():
                require_trust(reach_review(path, config))
                confirmed |= set() if path.is_symlink() else {folder}
            name = os.path.relpath(path, show).replace(os.sep, "/")
            look = _look_once(ReviewSource(str(path), path.read_bytes()), name, config, memos)
        except ReviewcastError as error:
            notify(Warned(f"{escape(path.name)}: {error.message}"))
        except OSError as error:
            notify(Warned(f"Cannot read {path.name}: {error.strerror or error}."))
        else:
            if look.remark:
                notify(Warned(look.remark))
            yield look


def _look_once(source: ReviewSource, name: str, config: Config, memos: Memos | None) -> Look:
    if memos is None:
        return look_at(source, name, config)
    memo = memos.open(source)
    known = memo.recall(_LOOK, Look)
    if known is not None:
        return known if known.source == name else replace(known, source=name)
    look = look_at(source, name, config)
    memo.keep(_LOOK, look)
    memos.save(memo)
    return look


def _count_dense(text: str) -> int:
    return 0 if text.isascii() else -(-len(_DENSE.findall(text)) // _CHARS_PER_WORD)


def _list_tags(metadata: dict[str, str]) -> tuple[str, ...]:
    tags = fields.find_field(metadata, "tags").value.split(",")
    return tuple(dict.fromkeys(filter(None, (tag.strip(" []\"'#") for tag in tags))))


def _part_text(text: str, written: str) -> tuple[str, str]:
    """Part the title of plain text from the rest, as its reader does.

    `written` is the one that its front matter has.
    """
    document = read_text(text)
    title = document.title
    parts = [one.text for section in document.sections for one in section.paragraphs]
    if written and title and title != written:
        return "", "\n".join([title, *parts])
    return title, "\n".join(parts)


def _part_markdown(text: str) -> tuple[str, str]:
    """Part the heading that Markdown begins with from the rest."""
    heading = _HEADING.match(text)
    if heading is None:
        return "", text
    return fields.plain_value((heading[1] or heading[2]).strip()), text[heading.end() :]


def _read_fenced(source: ReviewSource) -> dict[str, str]:
    """Return the front matter of a page that is the source of one; {} for other files."""
    if Path(source.name).suffix.lower() not in _PAGES:
        return {}
    decoded, _ = decode_text(source.data, Path(source.name).name)
    text = clean_text(decoded)
    return split_front_matter(text)[0] if FENCE.match(text) else {}


def _find_language(review: Review, text: str) -> str:
    if review.origins.get("language") == "front matter":
        return review.language
    return detect_language(text, review.language) or review.language


def _read_role(metadata: dict[str, str], name: str) -> tuple[EpisodeRole | None, str]:
    """Return the role that the front matter asks for, and a remark on what is none.

    Blogs write an episode's number under the same name.
    """
    # not find_field: it takes "no" words such as false and none for no value
    values = (one.value.lower() for one in fields.list_values(metadata, "role"))
    written = next(filter(None, values), "")
    if not written or _EPISODE_NUMBER.fullmatch(written):
        return None, ""
    folded = re.sub(r"[\s_-]+", "-", written)
    if folded in _NEVER:
        return "never", ""
    if folded in _ROLES:
        return _ROLES[_ROLES.index(folded)], ""
    near = difflib.get_close_matches(folded, _ROLES, 1, cutoff=0.7)
    meant = f"did you mean {near[0]}? There" if near else "there"
    known = f"{', '.join(_ROLES[:-1])} and {_ROLES[-1]}"
    return None, f"{name} says episode: {written}, which is no role: {meant} are {known}."
