"""Sources of the web are fetched in bounds: public addresses, 5 redirects, 10 MB, 30 s in all."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from reviewcast.model.errors import FetchError, ReviewError, UsageError
from reviewcast.shelf.archive import LARGEST_TEXT
from reviewcast.shelf.detect import Source, open_data
from reviewcast.shelf.sources.feed import Fetch, plain_id
from reviewcast.shelf.sources.page import host_of

if TYPE_CHECKING:
    from reviewcast.system.http import Fetched

PATIENCE_S = 30.0
_MOST_REDIRECTS = 5
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
    if source.kind != "page" or kind:
        return source
    path = [part for part in urlsplit(at).path.split("/") if part]
    if host_of(at) == "letterboxd.com":
        if len(path) > 2 and path[1] == "film":  # a member's review
            return source
        named = urljoin(at, f"/{path[0]}/rss/") if len(path) == 1 else ""
    else:
        named = _find_feed(data.decode(errors="replace"), at)
        if path:
            return _find_blog(at, named, fetch) or source
    if not named:
        raise UsageError(
            f"{at} is no page of a review, and names no feed.",
            hint="Name the page of a review, or the address of the site's feed.",
        )
    at, data = fetch(named)
    return open_data(data, at, url=at)


def _find_blog(page: str, named: str, fetch: Fetch) -> Source | None:
    """Return the feed that a page names when that is of this page: a post names its blog's."""
    if not named:
        return None
    try:
        at, data = fetch(named)
        feed = open_data(data, at, url=at)
    except (FetchError, ReviewError, UsageError):
        return None
    link = feed.parsed.feed.get("link", "") if feed.kind in {"feed", "podcast"} else ""
    return feed if link and plain_id(link) == plain_id(page) else None


def _find_feed(page: str, url: str) -> str:
    """Return the address of the first feed that a page's head names, not that of its comments."""
    from reviewcast.text.readers.html.parser import parse_page

    for link in parse_page(page).css("link[href][type]"):
        fields = {name: value or "" for name, value in link.attributes.items()}
        told = f"{fields['href']} {fields.get('title', '')}".lower()
        if fields["type"].strip().lower() in _FEEDS and "comment" not in told:
            with suppress(ValueError):
                return urljoin(url, str(fields["href"]).strip())
    return ""
