"""Sources of the web are fetched in bounds: public addresses, 5 redirects, 10 MB, 30 s in all."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from reviewcast.model.errors import UsageError
from reviewcast.shelf.archive import LARGEST_TEXT
from reviewcast.shelf.detect import Source, open_data
from reviewcast.shelf.sources.feed import Fetch
from reviewcast.shelf.sources.page import host_of

if TYPE_CHECKING:
    from reviewcast.system.http import Fetched

PATIENCE_S = 30.0
_MOST_REDIRECTS = 5
_LINK = re.compile(r"<link\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.IGNORECASE)
_FEEDS = {"application/rss+xml", "application/atom+xml"}


@contextmanager
def open_fetch(*, allow_private: bool, patience_s: float = PATIENCE_S) -> Iterator[Fetch]:
    """Return the function that fetches a page of at most 10 MB, with one try of 30 s in all.

    Each address that a host has is checked before one of them is connected to, after each
    redirect, too; those of private networks are refused without `allow_private`.
    """
    from reviewcast.system.http import Fetcher

    fetcher = Fetcher(
        allow_private=allow_private,
        patience_s=patience_s,
        longest_s=patience_s,
        most_redirects=_MOST_REDIRECTS,
        attempts=1,
    )

    def fetch(url: str) -> tuple[str, bytes]:
        found: Fetched = fetcher.read(url, most_bytes=LARGEST_TEXT)
        return found.url, found.data

    try:
        yield fetch
    finally:
        fetcher.close()


def open_url(url: str, fetch: Fetch, *, kind: str = "") -> Source:
    """Fetch a source and find out its format; a blog's first page stands for the blog's feed.

    Raise FetchError when it cannot be had, UsageError for a page that is none of a review.
    """
    at, data = fetch(url)
    source = open_data(data, at, url=at, kind=kind)
    is_front = not urlsplit(at).path.strip("/")
    if source.kind != "page" or kind or not (is_front or host_of(at) == "letterboxd.com"):
        return source
    feed = _find_feed(data.decode(errors="replace"))
    if host_of(at) == "letterboxd.com" and urlsplit(at).path.strip("/").count("/") == 0:
        feed = f"{at.rstrip('/')}/rss/"
    if not feed:
        raise UsageError(
            f"{at} is the first page of a site, and names no feed.",
            hint="Name the page of a review, or the address of the site's feed.",
        )
    at, data = fetch(urljoin(at, feed))
    return open_data(data, at, url=at)


def _find_feed(page: str) -> str:
    """Return the address of the first feed that a page's head names, not that of its comments."""
    for link in _LINK.findall(page):
        fields = {name.lower(): "".join(value) for name, *value in _ATTRIBUTE.findall(link)}
        is_feed = fields.get("type", "").lower() in _FEEDS and fields.get("href")
        if is_feed and "comment" not in (fields["href"] + fields.get("title", "")).lower():
            return fields["href"]
    return ""
