"""The feed that is live now: what subscribers know, and how another one would differ."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from reviewcast.model.errors import DestinationError
from reviewcast.model.protocols import Stored

if TYPE_CHECKING:
    from lxml.etree import _Element


_ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"


_PODCAST = "{https://podcastindex.org/namespace/1.0}"


_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"


_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"


_ARCHIVE = re.compile(r"feed-archive-\d{4,}\.xml")


_FIELDS = {
    "title": "title",
    "date": "pubDate",
    "link": "link",
    "duration": f"{_ITUNES}duration",
    "number": f"{_ITUNES}episode",
    "season": f"{_ITUNES}season",
    "description": "description",
    "notes": f"{_CONTENT}encoded",
}


class LiveItem(Struct, frozen=True):
    """An episode as the feed tells it: its title, and all that a change can be seen by."""

    title: str
    fields: dict[str, str]


class LiveFeed(Struct, frozen=True):
    """A published feed; without `stored` there is none yet. `items` go by guid, in order."""

    data: bytes = b""
    stored: Stored | None = None
    guid: str = ""
    fields: dict[str, str] = {}
    items: dict[str, LiveItem] = {}
    prev_archive: str = ""
    """The URL of the next older document (RFC 5005), "" for none."""

    @property
    def dates(self) -> dict[str, datetime]:
        """When each episode appeared, in UTC, by guid."""
        found = {}
        for guid, item in self.items.items():
            try:
                when = parsedate_to_datetime(item.fields["date"])
            except (KeyError, ValueError):
                continue
            found[guid] = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
        return found

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each episode that has one, by guid."""
        found = {}
        for guid, item in self.items.items():
            number = item.fields.get("number", "")
            if number.isascii() and number.isdigit():
                found[guid] = int(number)
        return found


class ItemChange(Struct, frozen=True):
    """How an episode, or with guid "" the show, differs: `fields` maps names to (old, new)."""

    kind: Literal["new", "changed", "gone"]
    guid: str
    title: str
    fields: dict[str, tuple[str, str]] = {}


def read_live_feed(found: tuple[bytes, Stored] | None) -> LiveFeed:
    """Read the feed that lies at a destination.

    Raise DestinationError when something lies there that is no feed.
    """
    if found is None:
        return LiveFeed()
    from lxml import etree

    data, stored = found
    parser: Any = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        channel = etree.fromstring(data, parser).find("channel")
    except etree.XMLSyntaxError as error:
        raise DestinationError(
            f"The feed.xml that lies there cannot be read: {error.msg}.",
            hint="Look what it is, and move it away.",
        ) from error
    if channel is None:
        raise DestinationError(
            "The feed.xml that lies there is no podcast feed.",
            hint="Look what it is, and move it away.",
        )
    items = {}
    for item in channel.iterfind("item"):
        fields = _read_fields(item)
        guid = (item.findtext("guid") or "").strip() or fields.get("audio", "").strip()
        items[guid] = LiveItem(fields.get("title", ""), fields)
    return LiveFeed(
        data,
        stored,
        guid=_read_guid(channel.findtext(f"{_PODCAST}guid") or ""),
        fields=_read_show_fields(channel),
        items=items,
        prev_archive=next(
            (
                str(link.get("href", ""))
                for link in channel.iterfind(_ATOM_LINK)
                if link.get("rel") == "prev-archive"
            ),
            "",
        ),
    )


def read_archives(
    live: LiveFeed, read: Callable[[str], tuple[bytes, Stored] | None]
) -> dict[str, LiveItem]:
    """Read the items of a feed's archive pages; `read` fetches a page by its name.

    The chain ends at a page that is not there. Raise DestinationError for one that is no feed.
    """
    items: dict[str, LiveItem] = {}
    seen = set()
    page = live
    while name := page.prev_archive.rpartition("/")[2]:
        found = read(name) if _ARCHIVE.fullmatch(name) and name not in seen else None
        if found is None:
            break
        seen.add(name)
        page = read_live_feed(found)
        items = page.items | items
    return items


def _read_guid(text: str) -> str:
    """Return a show's guid if it is one: other tools write all sorts of things there."""
    try:
        return str(uuid.UUID(text.strip()))
    except ValueError:
        return ""


def compare_feeds(before: LiveFeed, after: LiveFeed) -> tuple[ItemChange, ...]:
    """Tell what subscribers would see change: the show first, then its episodes in feed order."""
    changes = []
    if before.stored and (differing := _compare(before.fields, after.fields)):
        changes.append(ItemChange("changed", "", after.fields.get("title", ""), differing))
    for guid, item in after.items.items():
        old = before.items.get(guid)
        if old is None:
            changes.append(ItemChange("new", guid, item.title))
        elif differing := _compare(old.fields, item.fields):
            changes.append(ItemChange("changed", guid, item.title, differing))
    for guid, item in before.items.items():
        if guid not in after.items:
            changes.append(ItemChange("gone", guid, item.title))
    return tuple(changes)


def _compare(before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[str, str]]:
    names = [*after, *(name for name in before if name not in after)]
    return {
        name: (before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    }


def _read_fields(item: "_Element") -> dict[str, str]:
    fields = {
        name: text for name, tag in _FIELDS.items() if (text := (item.findtext(tag) or "").strip())
    }
    enclosure = item.find("enclosure")
    if enclosure is not None:
        fields["audio"] = str(enclosure.get("url", ""))
        fields["bytes"] = str(enclosure.get("length", ""))
    transcripts = [str(one.get("url", "")) for one in item.iterfind(f"{_PODCAST}transcript")]
    chapters = item.find(f"{_PODCAST}chapters")
    if transcripts:
        fields["transcript"] = " ".join(transcripts)
    if chapters is not None:
        fields["chapters"] = str(chapters.get("url", ""))
    return fields


def _read_show_fields(channel: "_Element") -> dict[str, str]:
    """Take every plain element of the show; those that follow from its episodes are left out."""
    fields: dict[str, str] = {}
    for child in channel.iterchildren(tag="*"):
        name = str(child.tag).rpartition("}")[2]
        if name in {"item", "lastBuildDate"}:
            continue
        words = [*map(str, child.attrib.values()), *map(str, child.itertext())]
        text = " ".join(" ".join(words).split())
        fields[name] = f"{fields[name]}; {text}" if name in fields else text
    return fields
