"""The documents of a podcast: feed, archive pages, site."""

import functools
import hashlib
import html
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from reviewcast.episode.artwork import read_cover
from reviewcast.episode.notes import compose_notes, make_excerpt
from reviewcast.model.errors import FaultsFound
from reviewcast.model.podcast import EpisodeRecord, Release
from reviewcast.podcast.feed.archives import FeedPart, plan_feed
from reviewcast.podcast.feed.render import render_feed
from reviewcast.podcast.release import list_media
from reviewcast.podcast.site.embed import render_embed, render_oembed
from reviewcast.podcast.site.frame import Site
from reviewcast.podcast.site.listen import (
    LISTEN,
    name_beside,
    render_cues,
    render_listen,
    render_parts,
    render_shared,
)
from reviewcast.podcast.site.pages import render_assets, render_episode, render_index, site_version
from reviewcast.podcast.site.pictures import SMALL_FORMAT, make_small, make_small_of, name_small
from reviewcast.podcast.site.search import name_shard, plan_shards, render_shard
from reviewcast.settings.schema import Config
from reviewcast.system.transcripts import load_omissions, load_sentences
from reviewcast.system.workspace import load_cues, load_notes

_EXCERPT_BYTES = 300
"""So much of a review describes an episode: its text stands in the notes, and once."""

LISTING = "listing"  # in place of a recipe: made anew in each run, they are quick


class Document(Struct, frozen=True):
    """A page or feed: its name, the key of what it is made of, and how it is made."""

    name: str
    recipe: str
    render: Callable[[], bytes]


class Podcast(Struct, frozen=True, kw_only=True):
    """What all documents are made of.

    `records` are those of the releases, by slug. `guid` is the show's podcast:guid, `cover` the
    published name of its artwork, "" without one, and `artwork` what that is.
    """

    config: Config
    guid: str
    cover: str
    artwork: bytes = b""
    releases: tuple[Release, ...]
    records: Mapping[str, EpisodeRecord]


class Documents(Struct, frozen=True):
    """The feed, ready to be put, and the pages in the order in which they are put before it."""

    feed: bytes
    pages: tuple[Document, ...]


def make_assets(config: Config) -> dict[str, bytes]:
    """Return the cover and what pages are drawn with, by names that hold their hash."""
    assets = {}
    if cover := read_cover(config):
        suffix = "png" if cover.startswith(b"\x89PNG") else "jpg"
        assets[f"cover-{hashlib.sha256(cover).hexdigest()[:12]}.{suffix}"] = cover
    if config.site.pages:
        assets |= render_assets(config.site)
    return assets


def make_documents(podcast: Podcast) -> Documents:
    """Return the documents of a podcast; pages of episodes are rendered when their turn comes."""
    feed, *archives = plan_feed(podcast.releases, podcast.config.feed)
    return Documents(
        _render_part(podcast, feed),
        (
            *_list_pictures(podcast),
            *_list_pages(podcast),
            *(_make_archive(podcast, part) for part in archives),
            *_list_listings(podcast),
        ),
    )


def check_feed(feed: bytes, sizes: Mapping[str, int]) -> None:
    """Hold a feed against the rules; `sizes` are those of the files that it may name, in bytes.

    Raise FaultsFound when it breaks one.
    """
    from reviewcast.podcast.check.inspect import check_feed_bytes

    faults = [one for one in check_feed_bytes(feed, sizes.get) if one.severity == "error"]
    if faults:
        others = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
        raise FaultsFound(
            f"The feed would break a rule: {faults[0].where}: {faults[0].message}{others}",
            hint=faults[0].fix,
        )


def find_named_files(cover: str, releases: Sequence[Release]) -> set[str]:
    """Return the names of all files that a feed of these releases may name."""
    named = {cover}
    for release in releases:
        named |= {release.audio, release.vtt, release.srt}
        named |= {release.transcript, release.chapters_file, release.image, release.opus}
        named |= {chapter.image for chapter in release.chapters}
    return named - {""}


def find_stray_pages(
    sent: Collection[str], withdrawn: Collection[str], pages: Collection[Document]
) -> set[str]:
    """Return pages of episodes that were withdrawn, and archives that there are no more.

    `sent` are the documents that were put there, `withdrawn` the pages of withdrawn episodes:
    only what is known to be ours is ever taken away.
    """
    return {*sent, *withdrawn} - {document.name for document in pages}


def _list_pictures(podcast: Podcast) -> Iterator[Document]:
    """Return the small copies of all pictures that pages show."""
    if not podcast.config.site.pages:
        return
    if podcast.artwork:
        # the name holds a hash of what it is made of
        recipe = _hash(("small", podcast.cover, SMALL_FORMAT))
        yield Document(
            name_small(podcast.cover), recipe, functools.partial(make_small, podcast.artwork)
        )
    for release in podcast.releases:
        shown = {release.image, *(chapter.image for chapter in release.chapters)}
        for file in list_media(podcast.records[release.slug]).values():
            if file.name in shown:
                recipe = _hash(("small", file.sha256, SMALL_FORMAT))
                render = functools.partial(make_small_of, file.path)
                yield Document(name_small(file.name), recipe, render)


def _list_pages(podcast: Podcast) -> Iterator[Document]:
    """Return the pages of the episodes; each is made anew only when something of it changed."""
    config = podcast.config
    if not config.site.pages:
        return
    common = (config.show, config.site, podcast.cover, site_version())
    ordered = sorted(podcast.releases, key=lambda one: (one.published, one.number, one.slug))
    neighbours = zip((None, *ordered), ordered, (*ordered[1:], None), strict=False)
    for older, release, newer in neighbours:
        beside = [(one.page, one.title, one.language) if one else () for one in (older, newer)]
        recipe = _hash((common, release, podcast.records[release.slug].companions, beside))
        render = functools.partial(_render_page, podcast, release, older, newer)
        yield from _list_beside(podcast, release)
        yield Document(release.page, recipe, render)


def _list_beside(podcast: Podcast, release: Release) -> Iterator[Document]:
    """Return what other pages show and read of an episode."""
    config, record = podcast.config, podcast.records[release.slug]
    site = Site(config.show, config.site, podcast.cover)
    common = (config.show, config.site, podcast.cover, site_version())

    def document(kind: str, recipe: object, render: Callable[[], bytes]) -> Document:
        return Document(name_beside(release.page, kind), _hash((kind, recipe)), render)

    yield document("embed", (common, release), functools.partial(render_embed, site, release))
    if site.url:
        # an embed page must be there before it is offered
        render = functools.partial(render_oembed, site, release)
        yield document("oembed", (common, release), render)
    spoken = (release.slug, record.companions, record.sha256, site_version())
    yield document("cues", spoken, functools.partial(_render_cues, release, record))


def _render_cues(release: Release, record: EpisodeRecord) -> bytes:
    return render_cues(release, load_sentences(record), load_notes(record), load_omissions(record))


def _render_page(
    podcast: Podcast, release: Release, older: Release | None, newer: Release | None
) -> bytes:
    record = podcast.records[release.slug]
    # a page has the rating, the chapters and the link in places of their own
    whole = replace(_complete(release, record, is_page=True), description=release.description)
    config, cues = podcast.config, load_cues(record)
    return render_episode(
        config.show, whole, cues, config.site, cover=podcast.cover, older=older, newer=newer
    )


def _make_archive(podcast: Podcast, part: FeedPart) -> Document:
    config = podcast.config
    notes = [podcast.records[release.slug].companions for release in part.releases]
    recipe = _hash(
        (config.show, config.feed, podcast.guid, podcast.cover, part, notes, site_version())
    )
    return Document(part.name, recipe, functools.partial(_render_part, podcast, part))


def _list_listings(podcast: Podcast) -> Iterator[Document]:
    """Return the pages that list the episodes."""
    config = podcast.config
    if not config.site.pages:
        return
    shards = plan_shards(podcast.releases)
    for number, shard in enumerate(shards, 1):
        said = [(one, podcast.records[one.slug].companions) for one in shard]
        recipe = _hash(("search", said, site_version()))
        yield Document(name_shard(number), recipe, functools.partial(_render_shard, podcast, shard))
    listings = render_index(
        config.show, podcast.releases, config.site, cover=podcast.cover, shards=len(shards)
    )
    site = Site(config.show, config.site, podcast.cover)
    sources = {slug: record.source_sha256 for slug, record in podcast.records.items()}
    listings[LISTEN] = render_listen(site, podcast.releases, sources)
    parts = render_parts(listings[LISTEN])
    # the script comes after what it loads
    listings |= parts | render_shared(len(parts) or 1)
    for name, data in listings.items():
        yield Document(name, LISTING, functools.partial(bytes, data))


def _render_shard(podcast: Podcast, shard: Sequence[Release]) -> bytes:
    return render_shard((one, load_sentences(podcast.records[one.slug])) for one in shard)


def _render_part(podcast: Podcast, part: FeedPart) -> bytes:
    config = podcast.config
    # archive pages are fetched once and stay as they are
    full = len(part.releases) if part.is_archive else config.feed.full_text
    releases = tuple(
        _complete(
            one, podcast.records[one.slug], site=config.show.url, is_whole=place < full or not link
        )
        for place, one in enumerate(part.releases)
        for link in [one.link or one.page]
    )
    return render_feed(
        config.show,
        replace(part, releases=releases),
        config.feed,
        guid=podcast.guid,
        cover=podcast.cover,
    )


def _complete(
    release: Release,
    record: EpisodeRecord,
    *,
    site: str = "",
    is_whole: bool = True,
    is_page: bool = False,
) -> Release:
    """Add the description and the notes to a release; notes are read only where they are written.

    The description is the writer's own, or how the review begins. Notes that are not whole are
    the same and lead to the written review, or to the page below `site`. Tables are there for
    pages alone.
    """
    compose = functools.partial(
        compose_notes,
        rating=release.rating,
        subject=release.subject,
        author=release.author,
        same_as=release.same_as,
        with_tables=is_page,
    )
    notes = load_notes(record)
    excerpt = release.description or make_excerpt(notes, most_bytes=_EXCERPT_BYTES)
    opening = f"<p>{html.escape(excerpt)}</p>" if excerpt else ""
    description, _ = compose(opening, chapters=release.chapters, link=release.link)
    if is_whole:
        _, notes = compose(notes, chapters=release.chapters, link=release.link)
    else:
        link = release.link or f"{site.rstrip('/')}/{release.page}"
        _, notes = compose(opening, chapters=(), link=link)
    return replace(release, description=description, notes=notes)


def _hash(value: object) -> str:
    """Return the SHA-256 of a value's JSON, as hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()
