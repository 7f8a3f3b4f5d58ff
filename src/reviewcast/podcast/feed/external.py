"""A feed of another tool is read: what it says of its show and of its episodes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from reviewcast.model.characters import clean_text, decode_references
from reviewcast.model.clean import clean_line, quote_url
from reviewcast.model.errors import UsageError
from reviewcast.model.languages import read_language
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.model.text import EpisodeKind
from reviewcast.podcast.check.document import parse_duration
from reviewcast.podcast.feed.categories import find_group, list_categories
from reviewcast.podcast.feed.dates import read_date
from reviewcast.podcast.feed.guids import is_guid
from reviewcast.podcast.feed.parse import (
    ANY_SPELLING,
    MalformedFeed,
    Node,
    find_channel,
    find_self_url,
    parse_feed,
)
from reviewcast.podcast.feed.texts import plain_title, strip_tags, to_html
from reviewcast.settings.schema import Person
from reviewcast.system.file_types import find_type_by_mime

if TYPE_CHECKING:
    from lxml.etree import _Element


_VAGUE_TYPES = {"", "application/octet-stream", "binary/octet-stream"}
_COUNT = re.compile(r"0*([1-9]\d{0,4})")
_KINDS: dict[str, EpisodeKind] = {"full": "full", "trailer": "trailer", "bonus": "bonus"}


class ExternalFile(Struct, frozen=True):
    """A file that an item names, and the type that it says it has."""

    url: str
    content_type: str


class ExternalItem(Struct, frozen=True, kw_only=True):
    """An episode as another tool's feed has it.

    `guid` is what clients know it by: without one, its enclosure's URL as it is written.
    `published` is in UTC, None when there is no date or none that can be read. `notes` is HTML as
    it came, `description` the same of a summary besides. `audio` is None without an enclosure.
    """

    guid: str
    title: str
    published: datetime | None
    audio: ExternalFile | None
    link: str = ""
    notes: str = ""
    description: str = ""
    author: str = ""
    number: int = 0
    season: int = 0
    kind: EpisodeKind = "full"
    explicit: bool = False
    image: str = ""
    transcripts: tuple[ExternalFile, ...] = ()
    chapters_url: str = ""
    chapters: tuple[EpisodeChapter, ...] = ()
    ai_content: str = ""
    """Whether synthetic voices are disclosed: "true", "false", or "" where nothing is said."""

    @property
    def is_mp3(self) -> bool:
        """True if the audio says that it is an MP3."""
        if self.audio is None:
            return False
        said = self.audio.content_type
        ends = urlsplit(self.audio.url).path.lower().endswith(".mp3")
        return _is_mp3(said) or (said in _VAGUE_TYPES and ends)


class ExternalFeed(Struct, frozen=True, kw_only=True):
    """A document of a feed.

    `settings` are those of [show] that it tells. `guid` is its podcast:guid, if that is one.
    `older` are the next documents of a feed in pages, as they are written there.
    """

    url: str
    guid: str
    image: str
    settings: dict[str, Any]
    items: tuple[ExternalItem, ...]
    older: tuple[str, ...]
    changed: datetime | None = None
    """When the feed says that it changed, in UTC."""


def read_external_feed(data: bytes, *, url: str, name: str) -> ExternalFeed:
    """Read a document of an RSS 2.0 feed; `url` is where it was fetched, "" for a file.

    Raise UsageError when it is something else, or cannot be read to its end.
    """
    try:
        root = parse_feed(data)
    except MalformedFeed as error:
        raise UsageError(
            f"{name} is not well-formed: {error}.",
            hint="Correct a copy of it, and adopt that: reviewcast import --adopt FILE",
        ) from error
    found = find_channel(root)
    if found is None:
        raise UsageError(f"{name} is no RSS feed.", hint="Name the feed of a podcast.")
    base = url or find_self_url(root)
    channel = _Node(found, base)
    guid = channel.text("podcast:guid")
    items = tuple(_read_item(_Node(one, base), channel) for one in channel.find_all("item"))
    return ExternalFeed(
        url=find_self_url(root) or url,
        guid=guid if is_guid(guid) else "",
        image=channel.link("itunes:image", "href"),
        settings=dict(_read_settings(channel)),
        items=items,
        changed=read_date(channel.text("pubDate", "lastBuildDate")),
        older=tuple(filter(None, channel.links("next") + channel.links("prev-archive"))),
    )


@dataclass(frozen=True)
class _Node(Node):
    """An element, whatever its namespaces are spelled like, and the URL of its document."""

    base: str = ""

    @staticmethod
    def find_prefix(uri: str) -> str | None:
        return ANY_SPELLING.get(uri.lower())

    def text(self, *names: str) -> str:
        """Return the text of the first child that has any, of the names in their order."""
        for name in names:
            for child in self.find_all(name):
                if text := clean_text("".join(map(str, child.itertext()))).strip():
                    return text
        return ""

    def link(self, name: str, attribute: str) -> str:
        """Return the whole URL in an attribute of the first child of that name, "" for none."""
        return next((self.join(one.get(attribute, "")) for one in self.find_all(name)), "")

    def join(self, url: str) -> str:
        """Return a URL whole and in ASCII; "" for none, and for what is not http or https."""
        try:
            return quote_url(urljoin(self.base, url.strip())) if url.strip() else ""
        except ValueError:
            return ""

    def read_ai_content(self) -> str:
        """Return "true" or "false" as it says of synthetic voices, "" where it does not."""
        values = (
            (one.text or "").strip().lower()
            for one in self.find_all("podcast:txt")
            if one.get("purpose") == "ai-content"
        )
        return next((value for value in values if value in {"true", "false"}), "")


def _read_item(item: _Node, channel: _Node) -> ExternalItem:
    enclosures = [(one, _read_type(one)) for one in item.find_all("enclosure")]
    # of several, the one that can be adopted
    enclosure, kind = next(
        (pair for pair in enclosures if _is_mp3(pair[1])),
        enclosures[0] if enclosures else (None, ""),
    )
    written = "" if enclosure is None else str(enclosure.get("url", "")).strip()
    # as it stands there, to the character: it is what clients compare
    guid = next(((one.text or "").strip() for one in item.find_all("guid")), "")
    first = str(enclosures[0][0].get("url", "")).strip() if enclosures else ""
    permanent = any(one.get("isPermaLink", "true") == "true" for one in item.find_all("guid"))
    notes = item.text("content:encoded", "description", "itunes:summary")
    described = item.text("description", "itunes:summary")
    author = item.text("itunes:author", "dc:creator")
    return ExternalItem(
        guid=guid or first,
        title=plain_title(item.text("title", "itunes:title")),
        published=read_date(item.text("pubDate", "dc:date")),
        audio=ExternalFile(item.join(written), kind) if written else None,
        link=item.join(item.text("link")) or (quote_url(guid) if permanent else ""),
        notes=to_html(notes),
        description=to_html(described) if described != notes else "",
        author="" if author == channel.text("itunes:author") else clean_line(author),
        number=_read_count(item.text("itunes:episode", "podcast:episode")),
        season=_read_count(item.text("itunes:season", "podcast:season")),
        kind=_KINDS.get(item.text("itunes:episodeType").lower(), "full"),
        explicit=_is_explicit(item),
        image=item.link("itunes:image", "href"),
        transcripts=tuple(
            ExternalFile(item.join(one.get("url", "")), _read_type(one))
            for one in item.find_all("podcast:transcript")
        ),
        chapters_url=item.link("podcast:chapters", "url"),
        chapters=tuple(_read_simple_chapters(item)),
        ai_content=item.read_ai_content() or channel.read_ai_content(),
    )


def _read_settings(channel: _Node) -> Iterator[tuple[str, Any]]:
    """Return what a channel tells of its show, by the names of the settings; nothing empty."""
    owner = next((_Node(one) for one in channel.find_all("itunes:owner")), None)
    locked = next(iter(channel.find_all("podcast:locked")), None)
    licence = next(iter(channel.find_all("podcast:license")), None)
    funding = next(iter(channel.find_all("podcast:funding")), None)
    email = owner.text("itunes:email") if owner else ""
    described = strip_tags(channel.text("description", "itunes:summary"))
    show_kind = channel.text("itunes:type").lower()
    settings: dict[str, Any] = {
        "title": plain_title(channel.text("title")),
        "author": clean_line(channel.text("itunes:author")),
        "language": read_language(channel.text("language", "dc:language")),
        "description": clean_line(decode_references(described)),
        "website": channel.join(channel.text("link")),
        "email": email or ("" if locked is None else (locked.get("owner") or "").strip()),
        "categories": tuple(_read_categories(channel)),
        "explicit": _is_explicit(channel),
        "type": show_kind if show_kind in {"episodic", "serial"} else "",
        "copyright": clean_line(channel.text("copyright")),
        "license": "" if licence is None else clean_line(licence.text or ""),
        "license_url": "" if licence is None else quote_url(licence.get("url", "")),
        "funding_url": "" if funding is None else quote_url(funding.get("url", "")),
        "funding_text": "" if funding is None else clean_line(funding.text or ""),
        "persons": tuple(_read_persons(channel)),
    }
    yield from ((name, value) for name, value in settings.items() if value not in ("", ()))
    if locked is not None:
        yield "locked", (locked.text or "").strip().lower() != "no"


def _read_categories(channel: _Node) -> Iterator[str]:
    """Return the categories that are Apple's, in its own case."""
    known = {name.casefold(): name for name in list_categories()}
    for category in channel.find_all("itunes:category"):
        above = category.get("text", "").strip()
        inner = _Node(category).find_all("itunes:category")
        names = [f"{above} > {one.get('text', '').strip()}" for one in inner] or [above]
        yield from (known[name.casefold()] for name in names if name.casefold() in known)


def _read_persons(channel: _Node) -> Iterator[Person]:
    for one in channel.find_all("podcast:person"):
        name, role = clean_line(one.text or ""), one.get("role", "host").strip().lower()
        if name and find_group(role):
            url, image = quote_url(one.get("href", "")), quote_url(one.get("img", ""))
            yield Person(name, role=role, url=url, image=image)


def _read_simple_chapters(item: _Node) -> Iterator[EpisodeChapter]:
    """Return psc:chapters that have a time and a title."""
    for chapters in item.find_all("psc:chapters"):
        for one in _Node(chapters).find_all("psc:chapter"):
            start_s, title = parse_duration(one.get("start", "").strip()), one.get("title", "")
            if start_s is not None and clean_line(title):
                yield EpisodeChapter(clean_line(title), start_s)


def _read_type(element: "_Element") -> str:
    return str(element.get("type", "")).partition(";")[0].strip().lower()


def _is_mp3(content_type: str) -> bool:
    return find_type_by_mime(content_type).suffix == ".mp3"


def _read_count(text: str) -> int:
    match = _COUNT.fullmatch(text)
    return int(match[1]) if match else 0


def _is_explicit(node: _Node) -> bool:
    return node.text("itunes:explicit").lower() in {"yes", "true", "explicit"}
