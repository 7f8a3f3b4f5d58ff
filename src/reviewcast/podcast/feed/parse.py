"""A published folder: where its feed lies, and which URL the folder stands for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element


_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"


def parse_feed(data: bytes) -> "_Element":
    """Parse a feed; nothing that it names is fetched and no entity of its own is expanded.

    Raises lxml's XMLSyntaxError when it is not well-formed.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=False
    )
    return etree.fromstring(data, parser)


def find_self_url(root: "_Element") -> str:
    """Return the URL that a feed says is its own (atom:link rel=self), "" without one."""
    channel = root.find("channel")
    links = [] if channel is None else channel.findall(_ATOM_LINK)
    for link in links:
        if link.get("rel") == "self":
            return (link.get("href") or "").strip()
    return ""


def find_base(url: str) -> str:
    """Return the URL of the folder that a file's URL lies in, with its slash."""
    url = url.partition("#")[0].partition("?")[0]
    scheme, separator, rest = url.partition("://")
    folder, slash, _name = rest.rpartition("/")
    return f"{scheme}{separator}{folder}{slash}" if slash else ""
