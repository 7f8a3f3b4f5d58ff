"""A feed as the rules see it: its channel, its items, and where its files are."""

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewcast.podcast.check.places import Place
from reviewcast.podcast.feed.parse import find_base, find_self_url, parse_feed

if TYPE_CHECKING:
    from lxml.etree import _Element


NAMESPACES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "psc": "http://podlove.org/simple-chapters",
    "fh": "http://purl.org/syndication/history/1.0",
}


_LONGEST_TITLE = 60


@cache
def expand(name: str) -> str:
    """Turn `itunes:image` into the name that lxml knows it by."""
    prefix, colon, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if colon else local


@dataclass(frozen=True)
class Node:
    """An element of the feed that rules look at."""

    element: "_Element"

    @cached_property
    def _children(self) -> "dict[str, list[_Element]]":
        """Sort the children by name once: rules ask for them again and again."""
        sorted_by_name: dict[str, list[_Element]] = {}
        for child in self.element:
            sorted_by_name.setdefault(str(child.tag), []).append(child)
        return sorted_by_name

    @property
    def where(self) -> str:
        """Tell the line."""
        return f"line {self.element.sourceline}"

    def find(self, name: str) -> "_Element | None":
        """Return the first child of that name."""
        found = self._children.get(expand(name))
        return found[0] if found else None

    def find_all(self, name: str) -> "list[_Element]":
        """Return all children of that name."""
        return self._children.get(expand(name), [])

    def text(self, name: str) -> str:
        """Return the text of the first child of that name, without space around it."""
        found = self.find(name)
        return "" if found is None else read_text(found)

    def links(self, relation: str) -> "list[_Element]":
        """Return the atom links with that relation."""
        return [link for link in self.find_all("atom:link") if link.get("rel") == relation]


@dataclass(frozen=True)
class Channel(Node):
    """The feed's channel; the whole document is at hand through `feed`."""

    feed: "Feed"

    @property
    def where(self) -> str:
        """Tell the file and the line."""
        return f"{self.feed.name}, line {self.element.sourceline}"


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
        """Tell the title and the line."""
        title = self.title or self.text("guid") or "an item without a title"
        title = title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"
        return f"“{title}” ({self.feed.name}, line {self.element.sourceline})"

    @property
    def enclosure_url(self) -> str:
        """Return the URL of the audio, "" without one."""
        found = self.find("enclosure")
        return "" if found is None else (found.get("url") or "").strip()

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
        """Tell the feed's name."""
        return self.name

    @cached_property
    def channel(self) -> Channel | None:
        """Return the channel of an RSS feed."""
        found = None if self.root is None or self.root.tag != "rss" else self.root.find("channel")
        return None if found is None else Channel(found, self)

    @cached_property
    def items(self) -> list[Item]:
        """Return the items in the order of the document."""
        if self.channel is None:
            return []
        return [Item(element, self) for element in self.channel.find_all("item")]

    def close(self) -> None:
        """Let go of the items: they know their feed, so its tree would wait for the collector."""
        for name in ("channel", "items"):
            self.__dict__.pop(name, None)

    @cached_property
    def self_url(self) -> str:
        """Return the URL that the feed says is its own."""
        return "" if self.root is None else find_self_url(self.root)


def read_feed(data: bytes, *, name: str, url: str = "") -> tuple["_Element | None", str, str]:
    """Parse a feed: its root or None, what is wrong with it, and the URL of its folder.

    A feed that does not say its own URL stands below the one that it came from.
    """
    from lxml import etree

    try:
        root = parse_feed(data)
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, f"{name} is not well-formed: {error}.", find_base(url)
    return root, "", find_base(find_self_url(root) or url)


def read_text(element: "_Element") -> str:
    """Return an element's own text without space around it."""
    return (element.text or "").strip()


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
    """Read seconds, or H:MM:SS, or MM:SS; None for anything else."""
    match = re.fullmatch(r"(?:(?:(\d{1,4}):)?([0-5]?\d):)?(\d{1,9}(?:\.\d{1,9})?)", text, re.ASCII)
    if match is None or (match[2] and float(match[3]) >= 60):
        return None
    return int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + float(match[3])
