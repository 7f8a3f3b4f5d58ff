"""Which episode of another tool's feed becomes which of this show: planned without an effect."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.clean import make_slug, quote_url
from reviewcast.model.podcast import EpisodeRecord, Publication
from reviewcast.model.text import Review
from reviewcast.podcast.feed.external import ExternalFeed, ExternalItem
from reviewcast.system.files import is_leftover
from reviewcast.system.workspace import load_publications, load_records, place_episode

How = Literal["fetched", "kept", "promised"]


class Skipped(Struct, frozen=True):
    """An item that was not adopted, and why, in one sentence."""

    title: str
    guid: str
    reason: str


class Candidate(Struct, frozen=True):
    """A review of the show that an item may have been made of."""

    slug: str
    title: str
    link: str


class Contents(Struct, frozen=True, kw_only=True):
    """What a show has that an item may be, and that none may overwrite.

    `records` and `publications` go by slug. `occupied` are the episodes whose folders hold any
    file, `voiced` those with an MP3, both by folder in lower case. `waiting` are the names of the
    MP3s that a stopped run has fetched.
    """

    reviews: tuple[Candidate, ...] = ()
    records: dict[str, EpisodeRecord] = {}
    publications: dict[str, Publication] = {}
    occupied: frozenset[str] = frozenset()
    voiced: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()


class Match(Struct, frozen=True):
    """An item, the slug that it gets, and how it is adopted, or in `fault` why it cannot be."""

    item: ExternalItem
    slug: str
    how: How | None
    fault: str = ""


class ImportPlan(Struct, frozen=True):
    """What becomes of a feed's items, the oldest first; nothing of it is done yet.

    `skipped` are the items that are no episodes, `known` counts those that the show has already.
    """

    matches: tuple[Match, ...]
    skipped: tuple[Skipped, ...]
    known: int


def read_contents(folder: Path, pending: Path, reviews: Iterable[Review]) -> Contents:
    """Read what a show's folder has; fetched MP3s wait for their records in `pending`."""
    names = _list_names(folder / "episodes")
    return Contents(
        reviews=tuple(Candidate(one.slug, one.title, one.link) for one in reviews),
        records={record.slug: record for record in load_records(folder)},
        publications=load_publications(folder),
        occupied=frozenset(
            name.casefold() for name in names if _holds_files(folder / "episodes" / name)
        ),
        voiced=frozenset(
            name.casefold()
            for name in names
            if os.path.exists(place_episode(name, review=None, show=folder, output=None))
        ),
        waiting=frozenset(_list_names(pending)),
    )


def plan_import(pages: Sequence[ExternalFeed], show: Contents, *, download: bool) -> ImportPlan:
    """Return what becomes of the items in the pages of a feed, newest first in each.

    Without `download` no audio is fetched. Nothing is fetched or written here, and no plan
    overwrites what the show has.
    """
    gathered, skipped = _gather(pages)
    items = []
    for item in gathered:
        if item.audio is None:
            skipped.append(_skip(item, "It has no audio."))
        elif item.published is None:
            skipped.append(_skip(item, "Neither it nor the feed tells a date that can be read."))
        else:
            items.append(item)
    slugs = _assign(items, show, download=download)
    matches = tuple(
        _match(item, slugs[item.guid], show, download=download)
        for item in items
        if item.guid in slugs
    )
    return ImportPlan(matches, tuple(skipped), known=len(items) - len(matches))


def name_pending(item: ExternalItem) -> str:
    """Return the name under which an item's MP3 waits for its record."""
    url = item.audio.url if item.audio else ""
    return f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.mp3"


def _gather(pages: Sequence[ExternalFeed]) -> tuple[list[ExternalItem], list[Skipped]]:
    """Return each item once, the oldest first; pages may repeat what newer ones have.

    An item without a date takes that of the one above it, and so keeps its place.
    """
    newest, seen, skipped = [], set(), []
    for page in pages:
        on_page: dict[str, ExternalItem] = {}
        for item in page.items:
            key = item.guid or item.title
            first = on_page.setdefault(key, item)
            if first.audio != item.audio:
                skipped.append(_skip(item, "An item above it has the same guid."))
            if key not in seen:
                seen.add(key)
                newest.append(item)
    last = next((item.published for item in newest if item.published), pages[0].changed)
    dated = []
    for item in newest:
        last = item.published or last
        dated.append(replace(item, published=last))
    dated.reverse()
    dated.sort(key=lambda item: item.published.timestamp() if item.published else 0)
    return dated, skipped


def _skip(item: ExternalItem, reason: str) -> Skipped:
    return Skipped(item.title, item.guid, reason)


def _assign(items: Sequence[ExternalItem], show: Contents, *, download: bool) -> dict[str, str]:
    """Return the slug of each item that is to be adopted, by guid.

    Addresses tell more than titles: they choose first.
    """
    by_guid = {one.guid: slug for slug, one in show.publications.items()}
    slugs = {}
    free = {}
    for item in items:
        before = by_guid.get(item.guid, "")
        if not before:
            free[item.guid] = item
        elif (
            before not in show.records
            and not show.publications[before].withdrawn
            and _choose(item, before, show, download=download) == "fetched"
        ):
            # a run was stopped between its promise and its record, or fetched no audio
            slugs[item.guid] = before
    taken = set(show.publications)
    for find in _list_finders(show):
        for item in tuple(free.values()):
            slug = find(item)
            if slug and slug not in taken:
                taken.add(slug)
                slugs[item.guid] = slug
                del free[item.guid]
    taken |= {one.slug for one in show.reviews} | set(show.records)
    for item in free.values():
        slugs[item.guid] = _make_slug(item, taken, show)
        taken.add(slugs[item.guid])
    return slugs


def _make_slug(item: ExternalItem, taken: set[str], show: Contents) -> str:
    """Make a slug that nothing here has, of the title, else of the address."""
    stem = make_slug(item.title) or _find_last_part(item.link) or "episode"
    slug, number = stem, 1
    while slug in taken or slug.casefold() in show.occupied:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _match(item: ExternalItem, slug: str, show: Contents, *, download: bool) -> Match:
    how = _choose(item, slug, show, download=download)
    if how is None:
        return Match(item, slug, how, "Neither an episode nor a review of it is here.")
    return Match(item, slug, how, _find_fault(item) if how == "fetched" else "")


def _choose(item: ExternalItem, slug: str, show: Contents, *, download: bool) -> How | None:
    """Return how an item is adopted, None when it cannot be; nothing is overwritten."""
    if slug in show.records:
        return "kept"
    is_ours = slug in show.publications and name_pending(item) in show.waiting
    if download and (is_ours or slug.casefold() not in show.voiced):
        return "fetched"
    return "promised" if any(one.slug == slug for one in show.reviews) else None


def _find_fault(item: ExternalItem) -> str:
    """Return why an item's audio is not to be fetched, "" when it is."""
    if item.audio is None or not item.audio.url:
        return "Its audio has no address of the web."
    if item.is_mp3:
        return ""
    said = item.audio.content_type or "of no type that is told"
    return f"Its audio is {said}, and only audio/mpeg can be adopted."


def _list_finders(show: Contents) -> tuple[Callable[[ExternalItem], str], ...]:
    """Return what finds the slug of an unpublished review or episode: by address, then by title.

    Each returns "" for none.
    """
    published = show.publications
    reviews = [one for one in show.reviews if one.slug not in published]
    built = (Candidate(slug, one.title, one.link) for slug, one in show.records.items())
    # of several with one address or title the first counts
    targets = [*reviews, *(one for one in built if one.slug not in published)][::-1]
    by_link = {quote_url(one.link).rstrip("/"): one.slug for one in targets if one.link}
    by_title = {_fold(one.title): one.slug for one in targets if _fold(one.title)}
    by_slug = {one.slug: one.slug for one in reviews}
    return (
        lambda item: (
            by_link.get(item.link.rstrip("/")) or by_slug.get(_find_last_part(item.link), "")
        ),
        lambda item: by_title.get(_fold(item.title)) or by_slug.get(make_slug(item.title), ""),
    )


def _find_last_part(link: str) -> str:
    """Return the last part of an address's path as a slug, without an ending such as .html."""
    parts = [part for part in urlsplit(link).path.split("/") if part]
    name = unquote(parts[-1], errors="replace") if parts else ""
    return make_slug(name.removesuffix(".html").removesuffix(".htm"))


def _fold(title: str) -> str:
    return "".join(filter(str.isalnum, title.casefold()))


def _list_names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _holds_files(folder: Path) -> bool:
    """True if anything is there, but for what a killed run has left."""
    try:
        return any(not is_leftover(name) for name in os.listdir(folder))
    except FileNotFoundError:
        return False
    except OSError:
        return True
