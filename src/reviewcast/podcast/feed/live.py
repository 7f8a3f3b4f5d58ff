"""The feed that is live now: what subscribers know, and how another one would differ."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from reviewcast.model.errors import DestinationError
from reviewcast.model.podcast import FEED
from reviewcast.model.protocols import Stored
from reviewcast.podcast.feed.dates import read_date
from reviewcast.podcast.feed.parse import (
    MalformedFeed,
    Node,
    find_base,
    find_channel,
    parse_feed,
)
from reviewcast.podcast.feed.prefixes import strip_prefix

if TYPE_CHECKING:
    from lxml.etree import _Element


_ARCHIVE = re.compile(r"feed-archive-\d{4,}\.xml")

_FIELDS = {
    "title": "title",
    "date": "pubDate",
    "link": "link",
    "duration": "itunes:duration",
    "number": "itunes:episode",
    "season": "itunes:season",
    "description": "description",
    "notes": "content:encoded",
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
        dates = {guid: read_date(item.fields.get("date", "")) for guid, item in self.items.items()}
        return {guid: date for guid, date in dates.items() if date}

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each episode that has one, by guid."""
        numbers = {guid: item.fields.get("number", "") for guid, item in self.items.items()}
        return {guid: int(one) for guid, one in numbers.items() if one.isascii() and one.isdigit()}


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
    data, stored = found
    try:
        element = find_channel(parse_feed(data))
    except MalformedFeed as error:
        raise _refuse_feed(f"cannot be read: {error}") from error
    if element is None:
        raise _refuse_feed("is no podcast feed")
    channel = Node(element)
    base = find_base(next(iter(channel.links("self")), ""))
    items, prefix = {}, ""
    for item in map(Node, channel.find_all("item")):
        fields = _read_fields(item)
        written = fields.get("audio", "").strip()
        real = strip_prefix(written, base)
        if real != written:
            fields["audio"] = real  # what counts a download leads to the same file
            prefix = prefix or written.removesuffix(real).removesuffix(real.partition("://")[2])
        items[item.text("guid") or written] = LiveItem(fields.get("title", ""), fields)
    return LiveFeed(
        data,
        stored,
        guid=_read_guid(channel.text("podcast:guid")),
        fields=_read_show_fields(element) | ({"analytics_prefix": prefix} if prefix else {}),
        items=items,
        prev_archive=next(iter(channel.links("prev-archive")), ""),
    )


def _refuse_feed(fault: str) -> DestinationError:
    hint = "Look what it is, and move it away."
    return DestinationError(f"The {FEED} that lies there {fault}.", hint=hint)


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
    """Return what subscribers would see change: the show first, then its episodes in feed order."""
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


def _read_fields(item: Node) -> dict[str, str]:
    fields = {name: text for name, tag in _FIELDS.items() if (text := item.text(tag))}
    enclosure, chapters = item.find("enclosure"), item.find("podcast:chapters")
    if enclosure is not None:
        fields["audio"] = str(enclosure.get("url", ""))
        fields["bytes"] = str(enclosure.get("length", ""))
    if transcripts := [str(one.get("url", "")) for one in item.find_all("podcast:transcript")]:
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
