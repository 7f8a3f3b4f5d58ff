"""A published folder: where its feed lies, and which URL the folder stands for."""

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from reviewcast.errors import UsageError

if TYPE_CHECKING:
    from lxml.etree import _Element

_FEED = "feed.xml"
_PUBLIC = "public"
_SHOW_FILE = "podcast.toml"
_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
_HINT = "Publish the show first, or name the folder that holds its feed."


def find_feed(folder: Path) -> Path:
    """Find a published feed: `feed.xml`, that of a show in the folder, or the only `.xml` file.

    Raises UsageError when there is none, or no telling which.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", hint=_HINT)
    if (folder / _FEED).is_file():
        return folder / _FEED
    if (folder / _SHOW_FILE).is_file():
        public = folder / _find_setting(folder / _SHOW_FILE)
        if (public / _FEED).is_file():
            return public / _FEED
    feeds = sorted(path for path in folder.glob("*.xml") if path.is_file())
    if len(feeds) == 1:
        return feeds[0]
    if feeds:
        raise UsageError(
            f"{folder} holds {len(feeds)} .xml files and none is {_FEED}.",
            hint=f"Name the feed {_FEED}.",
        )
    raise UsageError(f"{folder} holds no feed.", hint=_HINT)


def find_public_folder(start: Path) -> Path:
    """Find what is published of the show that `start` lies in, or `start` if it holds a feed.

    Raises UsageError when neither is there.
    """
    if (start / _FEED).is_file():
        return start
    whole = Path(os.path.abspath(start))
    for folder in (whole, *whole.parents):
        if (folder / _SHOW_FILE).is_file():
            public = folder / _find_setting(folder / _SHOW_FILE)
            if (public / _FEED).is_file():
                return public
            if public.is_dir():
                raise UsageError(f"{public} holds no {_FEED}.", hint=_HINT)
            raise UsageError(f"The show in {folder} has not been published.", hint=_HINT)
    raise UsageError("There is no published show here.", hint=_HINT)


def _find_setting(show_file: Path) -> str:
    """Give the folder that a show is published to, as podcast.toml has it."""
    try:
        table = tomllib.loads(show_file.read_text(encoding="utf-8")).get("publish", {})
    except (OSError, ValueError, RecursionError):
        return _PUBLIC  # what is wrong with the file is told by those who need all of it
    place = table.get("to", _PUBLIC) if isinstance(table, dict) else _PUBLIC
    return place if isinstance(place, str) and "://" not in place else _PUBLIC


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
    """Give the URL that a feed says is its own (atom:link rel=self), "" without one."""
    channel = root.find("channel")
    links = [] if channel is None else channel.findall(_ATOM_LINK)
    for link in links:
        if link.get("rel") == "self":
            return (link.get("href") or "").strip()
    return ""


def find_base(url: str) -> str:
    """Give the URL of the folder that a file's URL lies in, with its slash."""
    url = url.partition("#")[0].partition("?")[0]
    scheme, separator, rest = url.partition("://")
    folder, slash, _name = rest.rpartition("/")
    return f"{scheme}{separator}{folder}{slash}" if slash else ""
