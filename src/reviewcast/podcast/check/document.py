"""A feed as the rules see it: its channel, its items, and where its files are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewcast.podcast.check.places import Place
from reviewcast.podcast.feed.parse import (
    MalformedFeed,
    Node,
    expand,
    find_base,
    find_channel,
    find_self_url,
    parse_feed,
)
from reviewcast.podcast.feed.prefixes import strip_prefix

if TYPE_CHECKING:
    from lxml.etree import _Element


_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()

_DATE = re.compile(
    r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|UT|GMT|[ECMP][SD]T)",
    re.ASCII,
)

_LONGEST_TITLE = 60


@dataclass(frozen=True)
class Channel(Node):
    """The feed's channel; the whole document is at hand through `feed`."""

    feed: "Feed"

    @property
    def where(self) -> str:
        """Return the file and the line."""
        return f"{self.feed.name}, line {self.element.sourceline}"


@dataclass(frozen=True)
class Alternate:
    """A further encoding of an episode: its attributes, and the addresses of its sources."""

    said: "dict[str, str]"
    sources: tuple[str, ...]
    base: str

    @property
    def type(self) -> str:
        """Return its MIME type in lower case without parameters, "" without one."""
        return self.said.get("type", "").partition(";")[0].strip().lower()

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Return the sources of the web as they are written, and behind what counts downloads."""
        found = (url for url in self.sources if url.lower().startswith(("http://", "https://")))
        return tuple((url, strip_prefix(url, self.base, certain=True)) for url in found)

    @property
    def files(self) -> tuple[str, ...]:
        """Return the sources of the web, behind any address that counts downloads."""
        return tuple(real for _, real in self.addresses)


@dataclass(frozen=True)
class Item(Node):
    """An item, and the feed it stands in."""

    feed: "Feed"

    @property
    def title(self) -> str:
        """Return the title, "" without one."""
        return self.text("title")

    @cached_property
    def where(self) -> str:
        """Return the title and the line."""
        title = self.title or self.text("guid") or "an item without a title"
        title = title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"
        return f"“{title}” ({self.feed.name}, line {self.element.sourceline})"

    @property
    def enclosure_url(self) -> str:
        """Return the URL of the audio as it is written, "" without one."""
        found = self.find("enclosure")
        return "" if found is None else (found.get("url") or "").strip()

    @cached_property
    def audio_url(self) -> str:
        """Return the URL of the audio itself, behind any address that counts downloads."""
        return strip_prefix(self.enclosure_url, self.feed.base, certain=True)

    def list_urls(self) -> Iterator[tuple[str, str]]:
        """Return all that the item names: what it is, and its URL, of audio that of the file."""
        for enclosure in self.find_all("enclosure"):
            url = (enclosure.get("url") or "").strip()
            yield "enclosure", strip_prefix(url, self.feed.base, certain=True)
        for what, name, attribute in (
            ("image", "itunes:image", "href"),
            ("transcript", "podcast:transcript", "url"),
            ("chapter file", "podcast:chapters", "url"),
        ):
            for element in self.find_all(name):
                yield what, (element.get(attribute) or "").strip()
        for chapters in self.find_all("psc:chapters"):
            for chapter in chapters.findall(expand("psc:chapter")):
                if image := (chapter.get("image") or "").strip():
                    yield "chapter image", image
        for alternate in self.alternates:
            yield from (("alternate enclosure", url) for url in alternate.files)
        if self.find("link") is not None:
            yield "link", self.text("link")

    @cached_property
    def alternates(self) -> "tuple[Alternate, ...]":
        """Return the further encodings of the episode (podcast:alternateEnclosure)."""
        base = self.feed.base
        return tuple(
            Alternate(
                said={str(name): str(value) for name, value in element.attrib.items()},
                sources=tuple(
                    (source.get("uri") or "").strip()
                    for source in element.iterfind(expand("podcast:source"))
                ),
                base=base,
            )
            for element in self.find_all("podcast:alternateEnclosure")
        )

    @cached_property
    def duration_s(self) -> float | None:
        """Return itunes:duration in seconds; None when it is missing or of no known form."""
        return parse_duration(self.text("itunes:duration"))


@dataclass(frozen=True)
class Feed:
    """A feed's bytes and what they are, when they are XML at all."""

    name: str
    data: bytes
    place: Place
    root: "_Element | None" = None
    fault: str = ""
    archive: bool = False
    url: str = ""
    """Where it was fetched from; "" for one on the disk."""

    @property
    def where(self) -> str:
        """Return the feed's name."""
        return self.name

    @cached_property
    def channel(self) -> Channel | None:
        """Return the channel of an RSS feed."""
        found = find_channel(self.root)
        return None if found is None else Channel(found, self)

    @cached_property
    def items(self) -> list[Item]:
        """Return the items in the order of the document."""
        if self.channel is None:
            return []
        return [Item(element, self) for element in self.channel.find_all("item")]

    def find_repeated(self, read: Callable[[Item], str]) -> Iterator[tuple[Item, Item]]:
        """Yield each item that has the value of one above it, and that one; "" is no value."""
        seen: dict[str, Item] = {}
        for item in self.items:
            first = seen.setdefault(read(item), item)
            if first is not item and read(item):
                yield item, first

    @property
    def owners(self) -> "list[Channel | Item]":
        """Return the channel and its items, all that may name files; none without a channel."""
        return [self.channel, *self.items] if self.channel else []

    def close(self) -> None:
        """Release the items: they know their feed, so its tree would wait for the collector."""
        for name in ("channel", "items"):
            self.__dict__.pop(name, None)

    @cached_property
    def self_url(self) -> str:
        """Return the URL that the feed says is its own."""
        return "" if self.root is None else find_self_url(self.root)

    @cached_property
    def base(self) -> str:
        """Return the URL of the folder that the feed stands in, "" when it is not known."""
        return find_base(self.self_url or self.url)


def read_feed(data: bytes, *, name: str, url: str = "") -> tuple["_Element | None", str, str]:
    """Parse a feed: its root or None, what is wrong with it, and the URL of its folder.

    A feed that does not say its own URL stands below the one that it came from.
    """
    try:
        root = parse_feed(data)
    except MalformedFeed as error:
        return None, f"{name} is not well-formed: {error}.", find_base(url)
    return root, "", find_base(find_self_url(root) or url)


@lru_cache(maxsize=4096)  # an item's URLs are looked at by many rules
def is_url(text: str) -> bool:
    """True if a text is an http or https URL in ASCII, as URLs are (RFC 3986)."""
    if not text.isascii() or re.search(r"[\s<>\"{}|\\^`]", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_plain_http(text: str) -> bool:
    """True if a URL goes unencrypted over a network; this machine is none."""
    if not text.lower().startswith("http://") or not is_url(text):
        return False
    return urlsplit(text).hostname not in {"localhost", "127.0.0.1", "::1"}


def parse_duration(text: str) -> float | None:
    """Read seconds, or H:MM:SS, or MM:SS (RFC 2326, section 3.6); None for anything else."""
    match = re.fullmatch(r"(?:(?:(\d{1,4}):)?([0-5]?\d):)?(\d{1,9}(?:\.\d{1,9})?)", text, re.ASCII)
    if match is None or (match[2] and float(match[3]) >= 60):
        return None
    return int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + float(match[3])


def find_date_fault(text: str) -> str:
    """Return what is wrong with a date that should be one of RFC 2822, "" when it is right."""
    match = _DATE.fullmatch(text)
    try:
        date = parsedate_to_datetime(text) if match else None
    except ValueError:
        date = None
    if match is None or date is None:
        return f"{text!r} is no date of RFC 2822"
    if match[1] and match[1] != _DAYS[date.weekday()]:
        return f"{text!r} names the wrong day of the week"
    return ""
