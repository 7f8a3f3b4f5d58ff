"""Which episode of another tool's feed goes to which review."""

import os
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from reviewcast.model.clean import make_slug, quote_url
from reviewcast.podcast.feed.external import (
    ForeignItem,
)
from reviewcast.system.files import is_leftover

How = Literal["fetched", "kept", "promised"]


class Skipped(Struct, frozen=True):
    """An item that was not adopted, and why, in one sentence."""

    title: str
    guid: str
    reason: str


class Targets:
    """What of this show an item may be: reviews and finished episodes that are not published."""

    def __init__(self) -> None:
        self._by_link: dict[str, str] = {}
        self._by_slug: dict[str, str] = {}
        self._by_title: dict[str, str] = {}

    def add_review(self, slug: str, title: str, link: str) -> None:
        """Take a review, which is told by its address, its name or its title."""
        self.add_episode(slug, title, link)
        self._by_slug.setdefault(slug, slug)

    def add_episode(self, slug: str, title: str, link: str) -> None:
        """Take an episode, which is told by its address or its title alone."""
        if link:
            self._by_link.setdefault(quote_url(link).rstrip("/"), slug)
        if key := _fold(title):
            self._by_title.setdefault(key, slug)

    def find_by_link(self, item: ForeignItem) -> str:
        """Find what an item's address names."""
        by_name = self._by_slug.get(find_last_part(item.link), "")
        return self._by_link.get(item.link.rstrip("/"), "") or by_name

    def find_by_title(self, item: ForeignItem) -> str:
        """Find what has an item's title."""
        return self._by_title.get(_fold(item.title), "") or self._by_slug.get(
            make_slug(item.title), ""
        )


def find_fault(item: ForeignItem) -> str:
    """Tell why an item's audio is not to be fetched, "" when it is."""
    if item.audio is None or not item.audio.url:
        return "Its audio has no address of the web."
    if item.is_mp3:
        return ""
    said = item.audio.content_type or "of no type that is told"
    return f"Its audio is {said}, and only audio/mpeg can be adopted."


def find_last_part(link: str) -> str:
    """Return the last part of an address's path as a slug, without an ending such as .html."""
    parts = [part for part in urlsplit(link).path.split("/") if part]
    name = unquote(parts[-1], errors="replace") if parts else ""
    return make_slug(name.removesuffix(".html").removesuffix(".htm"))


def _fold(title: str) -> str:
    return "".join(filter(str.isalnum, title.casefold()))


def holds_files(folder: Path) -> bool:
    """True if anything is there, but for what a killed run has left."""
    try:
        return any(not is_leftover(name) for name in os.listdir(folder))
    except FileNotFoundError:
        return False
    except OSError:
        return True
