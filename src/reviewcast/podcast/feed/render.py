"""Episodes become a podcast feed."""

import contextlib
from collections.abc import Iterable, Sequence
from email.utils import format_datetime
from typing import TYPE_CHECKING

from reviewcast.model.characters import clean_text
from reviewcast.model.clean import clean_line, quote_url
from reviewcast.model.disclosure import find_ai_content
from reviewcast.model.podcast import FEED, EpisodeChapter, Release
from reviewcast.podcast.feed.additions import Addition, list_further, list_images
from reviewcast.podcast.feed.archives import FeedPart
from reviewcast.podcast.feed.categories import find_group
from reviewcast.podcast.feed.dates import to_utc
from reviewcast.podcast.feed.parse import NAMESPACES, expand
from reviewcast.podcast.feed.persons import list_guests, list_persons
from reviewcast.podcast.feed.prefixes import add_prefix, fill_prefix
from reviewcast.podcast.feed.texts import (
    LONGEST_TITLE,
    clean_title,
    limit_description,
    make_paragraph,
)
from reviewcast.podcast.feed.validate import FREQUENCIES, SPDX
from reviewcast.settings.schema import FeedSettings, Person, Show
from reviewcast.system.file_types import find_type

if TYPE_CHECKING:
    from lxml.etree import _Element


_LONGEST_VALUE = 128
"""The podcast namespace's limit for the text of its elements."""


def render_feed(
    show: Show, part: FeedPart, settings: FeedSettings, *, guid: str, cover: str
) -> bytes:
    """Render a document of the feed as RSS 2.0: the same values, the same bytes.

    `guid` is the show's podcast:guid, `cover` the file name of its artwork below the show's URL,
    or "". Text that XML cannot hold is left out. It takes a show that `check_show` has passed.
    """
    from lxml import etree

    prefix = fill_prefix(settings.analytics_prefix, guid)
    root = etree.Element("rss", {"version": "2.0"}, nsmap=NAMESPACES)
    channel = _add(root, "channel")
    _describe_show(channel, show, part, settings)
    _describe_for_apple(channel, show, cover)
    _describe_for_podcasting(channel, show, part, guid)
    _add_all(channel, list_images(settings))
    for release in part.releases:
        item = _add(channel, "item")
        _describe_release(item, show, release, prefix=prefix)
        _describe_release_for_apple(item, show, release)
        _describe_release_for_podcasting(item, show, release)
        _add_all(item, list_further(release, show.url, prefix=prefix))
        _add_chapters(item, show, release.chapters)
    body = etree.tostring(root, encoding="UTF-8", pretty_print=True)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _describe_show(channel: "_Element", show: Show, part: FeedPart, settings: FeedSettings) -> None:
    """Add what RSS 2.0, Atom (RFC 4287) and RFC 5005 know of a channel."""
    _add(channel, "title", clean_title(show.title))
    _add(channel, "link", quote_url(show.website) or _join_url(show, ""))
    _add(channel, "description", limit_description(show.description))
    _add(channel, "language", show.language)
    _add_given(channel, "copyright", clean_line(show.copyright, longest=LONGEST_TITLE))
    if part.releases:
        # from the newest episode, never from now: a feed that says the same keeps its bytes
        newest = max(to_utc(release.published) for release in part.releases)
        _add(channel, "lastBuildDate", format_datetime(newest))
    _add(channel, "generator", "reviewcast")  # without its version, for the same reason
    rss = "application/rss+xml"
    _add(channel, "atom:link", rel="self", type=rss, href=_join_url(show, part.name))
    if part.is_archive:
        _add(channel, "fh:archive")
        _add(channel, "atom:link", rel="current", type=rss, href=_join_url(show, FEED))
    elif settings.hub:
        # WebSub, section 4: hubs are named by the document that is subscribed to
        _add(channel, "atom:link", rel="hub", href=settings.hub)
    if part.prev_archive:
        # no next-archive: it would change a page that is to stay as it is
        older = _join_url(show, part.prev_archive)
        _add(channel, "atom:link", rel="prev-archive", type=rss, href=older)


def _describe_for_apple(channel: "_Element", show: Show, cover: str) -> None:
    """Add what "A Podcaster's Guide to RSS" (Apple) asks of a show."""
    _add_given(channel, "itunes:new-feed-url", quote_url(show.new_feed_url))
    _add_given(channel, "itunes:author", clean_line(show.author, longest=LONGEST_TITLE))
    if show.email:
        owner = _add(channel, "itunes:owner")
        name = show.author or show.title
        _add(owner, "itunes:name", clean_line(name, longest=LONGEST_TITLE))
        _add(owner, "itunes:email", show.email)
    _add(channel, "itunes:type", show.type)
    _add(channel, "itunes:explicit", _write_flag(show.explicit))
    for category in show.categories:
        above, _, below = (name.strip() for name in category.partition(" > "))
        element = _add(channel, "itunes:category", text=above)
        if below:
            _add(element, "itunes:category", text=below)
    if cover:
        _add(channel, "itunes:image", href=_join_url(show, cover))
        # RSS 2.0: its title and link are those of the channel
        image = _add(channel, "image")
        _add(image, "url", _join_url(show, cover))
        _add(image, "title", clean_title(show.title))
        _add(image, "link", quote_url(show.website) or _join_url(show, ""))


def _describe_for_podcasting(channel: "_Element", show: Show, part: FeedPart, guid: str) -> None:
    """Add what the podcast namespace 1.0 (podcastindex.org) knows of a show."""
    _add(channel, "podcast:guid", guid)
    locked = _add(channel, "podcast:locked", "yes" if show.locked else "no")
    if show.email:
        locked.set("owner", clean_line(show.email))
    _add(channel, "podcast:medium", "podcast")
    _disclose(channel, show, part.ai_content)
    for purpose, code in (("verify", show.verify), ("applepodcastsverify", show.apple_verify)):
        if code and not part.is_archive:
            _add(channel, "podcast:txt", clean_line(code), purpose=purpose)
    if show.license:
        # the spec's identifiers are lower-case; a licence of one's own keeps its name
        name = show.license.lower() if SPDX.fullmatch(show.license) else show.license
        element = _add(channel, "podcast:license", clean_line(name, longest=_LONGEST_VALUE))
        if url := quote_url(show.license_url):
            element.set("url", url)
    if url := quote_url(show.funding_url):
        text = clean_line(show.funding_text, longest=_LONGEST_VALUE)
        _add(channel, "podcast:funding", text, url=url)
    for person in list_persons(show):
        _add_person(channel, person)
    if rule := FREQUENCIES.get(show.frequency):
        _add(channel, "podcast:updateFrequency", show.frequency.capitalize(), rrule=rule)


def _describe_release(item: "_Element", show: Show, release: Release, *, prefix: str) -> None:
    """Add what RSS 2.0 and its content module know of an item."""
    from lxml import etree

    title = clean_title(release.title) or release.slug
    description = limit_description(release.description) or title
    notes = clean_text(release.notes).strip() or make_paragraph(description)
    _add(item, "title", title)
    link = quote_url(release.link) or (_join_url(show, release.page) if release.page else "")
    _add_given(item, "link", link)
    guid = _add(item, "guid", release.guid, isPermaLink="false")
    with contextlib.suppress(ValueError):
        # as it is where XML can hold it: clients compare it to the character
        guid.text = release.guid
    _add(item, "pubDate", format_datetime(to_utc(release.published)))
    _add(item, "description", description)
    # lxml parts a "]]>" among two sections
    _add(item, "content:encoded").text = etree.CDATA(notes)
    _add(
        item,
        "enclosure",
        url=add_prefix(prefix, _join_url(show, release.audio)),
        length=str(release.size_bytes),
        type=find_type(".mp3").mime,
    )


def _describe_release_for_apple(item: "_Element", show: Show, release: Release) -> None:
    """Add what "A Podcaster's Guide to RSS" (Apple) asks of an episode."""
    title = clean_title(release.title) or release.slug
    author = clean_line(release.author or show.author, longest=LONGEST_TITLE)
    _add(item, "itunes:title", title)
    _add_given(item, "itunes:author", author)
    _add(item, "itunes:duration", str(round(release.duration_s)))
    _add(item, "itunes:explicit", _write_flag(release.explicit or show.explicit))
    if release.season > 0:
        _add(item, "itunes:season", str(release.season))
    if release.number > 0:  # Apple: non-zero
        _add(item, "itunes:episode", str(release.number))
    _add(item, "itunes:episodeType", release.kind)
    if release.image:
        _add(item, "itunes:image", href=_join_url(show, release.image))


def _describe_release_for_podcasting(item: "_Element", show: Show, release: Release) -> None:
    """Add what the podcast namespace 1.0 (podcastindex.org) knows of an episode."""
    if release.season > 0:
        _add(item, "podcast:season", str(release.season))
    if release.number > 0:
        _add(item, "podcast:episode", str(release.number))
    # VTT first: Apple takes the first that it can read
    for name in (release.vtt, release.srt, release.transcript):
        if name:
            url, kind = _join_url(show, name), find_type(name).mime
            transcript = _add(item, "podcast:transcript", url=url, type=kind)
            if release.language:
                transcript.set("language", clean_line(release.language))
            transcript.set("rel", "captions")  # all three have time codes
    if release.chapters_file:
        url, kind = _join_url(show, release.chapters_file), find_type(".chapters.json").mime
        _add(item, "podcast:chapters", url=url, type=kind)
    start_s, length_s = release.soundbite
    if length_s > 0:
        _add(
            item,
            "podcast:soundbite",
            clean_line(release.title, longest=_LONGEST_VALUE),
            startTime=str(round(start_s, 3)),
            duration=str(round(length_s, 3)),
        )
    for person in list_guests(show, release):
        _add_person(item, person)
    _disclose(item, show, find_ai_content(release.speakers))


def _disclose(parent: "_Element", show: Show, ai_content: str) -> None:
    """Say whether a synthetic voice speaks, as Apple's guidelines ask the metadata to.

    The element is the one that hosts have agreed on (podcast namespace, txt; Podcast Standards
    Project). None at all leaves the question open.
    """
    if show.ai_voice and ai_content:
        _add(parent, "podcast:txt", ai_content, purpose="ai-content")


def _add_chapters(item: "_Element", show: Show, chapters: Sequence[EpisodeChapter]) -> None:
    """Add Podlove Simple Chapters 1.2 (podlove.org/simple-chapters)."""
    if chapters:
        parent = _add(item, "psc:chapters", version="1.2")
        for chapter in chapters:
            title = clean_line(chapter.title, longest=LONGEST_TITLE)
            element = _add(parent, "psc:chapter", start=_format_time(chapter.start_s), title=title)
            if chapter.image:
                element.set("image", _join_url(show, chapter.image))
            if link := quote_url(chapter.link):
                element.set("href", link)


def _add_person(parent: "_Element", person: Person) -> None:
    name = clean_line(person.name, longest=_LONGEST_VALUE)
    element = _add(parent, "podcast:person", name)
    if group := find_group(person.role):
        element.set("group", group)
        element.set("role", person.role.strip().lower())
    for attribute, url in (("href", person.url), ("img", person.image)):
        if quoted := quote_url(url):
            element.set(attribute, quoted)


def _add(parent: "_Element", tag: str, content: str = "", **attributes: str) -> "_Element":
    """Add an element; here everything is rid of what XML cannot hold."""
    element = parent.makeelement(
        expand(tag), {key: clean_line(value) for key, value in attributes.items()}
    )
    element.text = clean_text(content) or None
    parent.append(element)
    return element


def _add_all(parent: "_Element", additions: Iterable[Addition]) -> None:
    for one in additions:
        _add_all(_add(parent, one.tag, **one.attributes), one.children)


def _add_given(parent: "_Element", tag: str, content: str) -> None:
    if content:
        _add(parent, tag, content)


def _join_url(show: Show, name: str) -> str:
    return f"{show.url.rstrip('/')}/{name}"


def _write_flag(flag: bool) -> str:  # noqa: FBT001
    return "true" if flag else "false"  # the only two forms that Apple takes


def _format_time(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
