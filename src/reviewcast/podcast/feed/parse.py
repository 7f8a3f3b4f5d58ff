"""The one reader of feeds: XML becomes elements whose children go by names such as itunes:image."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

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
"""What feeds declare: the prefix, and the URI that every client knows."""

_EXACT = {"": "", **{uri: f"{prefix}:" for prefix, uri in NAMESPACES.items()}}

ANY_SPELLING = {uri.lower(): prefix for uri, prefix in _EXACT.items()} | {
    # its address before 2021, which feeds still have
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast:",
    "http://purl.org/dc/elements/1.1/": "dc:",
}
"""Prefixes by the URI in lower case: tools write Apple's in more than one way."""


class MalformedFeed(ValueError):
    """The bytes are no well-formed XML; the message says what is wrong, and where."""


@cache
def expand(name: str) -> str:
    """Return the name that lxml knows `itunes:image` by."""
    prefix, colon, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if colon else local


def parse_feed(data: bytes) -> "_Element":
    """Parse a feed; nothing that it names is fetched and no entity of its own is expanded.

    Raise MalformedFeed when it is not well-formed.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=False
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedFeed(str(error)) from error


def find_channel(root: "_Element | None") -> "_Element | None":
    """Return the channel of an RSS feed, None in any other XML."""
    return None if root is None or root.tag != "rss" else root.find("channel")


def read_text(element: "_Element") -> str:
    """Return an element's own text without space around it."""
    return (element.text or "").strip()


@dataclass(frozen=True)
class Node:
    """An element of a feed, and its children by their names."""

    element: "_Element"

    @cached_property
    def _children(self) -> "dict[str, list[_Element]]":
        """Sort the children by name once: they are asked for again and again."""
        sorted_by_name: dict[str, list[_Element]] = {}
        for child in self.element.iterchildren(tag="*"):
            uri, _, local = str(child.tag).rpartition("}")
            prefix = self.find_prefix(uri[1:])
            if prefix is not None:
                sorted_by_name.setdefault(prefix + local, []).append(child)
        return sorted_by_name

    @staticmethod
    def find_prefix(uri: str) -> str | None:
        """Return the prefix of a namespace with its colon, None for one that is not known."""
        return _EXACT.get(uri)

    def find(self, name: str) -> "_Element | None":
        """Return the first child of that name."""
        found = self._children.get(name)
        return found[0] if found else None

    def find_all(self, name: str) -> "list[_Element]":
        """Return all children of that name."""
        return self._children.get(name, [])

    def text(self, name: str) -> str:
        """Return the text of the first child of that name, without space around it."""
        found = self.find(name)
        return "" if found is None else read_text(found)

    def links(self, relation: str) -> list[str]:
        """Return the URLs of the atom links with that relation, in order."""
        return [
            (link.get("href") or "").strip()
            for link in self.find_all("atom:link")
            if link.get("rel") == relation
        ]


def find_self_url(root: "_Element") -> str:
    """Return the URL that a feed says is its own (atom:link rel=self), "" without one."""
    channel = root.find("channel")
    return "" if channel is None else next(iter(Node(channel).links("self")), "")


def find_base(url: str) -> str:
    """Return the URL of the folder that a file's URL lies in, with its slash."""
    url = url.partition("#")[0].partition("?")[0]
    scheme, separator, rest = url.partition("://")
    folder, slash, _name = rest.rpartition("/")
    return f"{scheme}{separator}{folder}{slash}" if slash else ""
