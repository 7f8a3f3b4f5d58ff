"""Rules for a feed that goes on in archive pages (RFC 5005)."""

from collections.abc import Iterator
from dataclasses import dataclass

from reviewcast.podcast.check.document import Feed
from reviewcast.podcast.check.findings import RFC5005, must, should


@dataclass(frozen=True)
class Page:
    """A document of a feed, as far as the others depend on it: not the tree of its items.

    `is_marked` is None for what is no feed; `current` are the URLs that it names as the feed's.
    """

    where: str
    self_url: str
    is_marked: bool | None
    current: tuple[str, ...]


@dataclass(frozen=True)
class Chain:
    """A feed and the archive pages that were found by following its links.

    `broken` says why the chain ends early; `lost` are archive pages that it never leads to.
    """

    where: str
    pages: tuple[Page, ...]
    broken: str = ""
    lost: tuple[str, ...] = ()


def make_page(feed: Feed) -> Page:
    """Return what the chain has to know of a document."""
    channel = feed.channel
    if channel is None:
        return Page(feed.where, feed.self_url, None, ())
    return Page(
        feed.where,
        feed.self_url,
        channel.find("fh:archive") is not None,
        tuple(channel.links("current")),
    )


@must("archive/chain", RFC5005, fix="Publish every archive page before the feed links to it.")
def check_chain(chain: Chain) -> Iterator[str]:
    """Each page leads to the one before it, down to the oldest."""
    if chain.broken:
        yield chain.broken


@must("archive/mark", RFC5005, fix="Put <fh:archive/> into archive pages, and into nothing else.")
def check_mark(chain: Chain) -> Iterator[tuple[str, str]]:
    """Archive pages say that they are, so that nobody subscribes to one."""
    for number, page in enumerate(chain.pages):
        if page.is_marked and number == 0:
            yield page.where, "The feed itself is marked as an archive page."
        elif number and page.is_marked is False:
            yield page.where, "The archive page is not marked as one."


@should(
    "archive/current",
    RFC5005,
    fix='Add <atom:link rel="current" href="…"/> with the URL of the feed itself.',
)
def check_current(chain: Chain) -> Iterator[tuple[str, str]]:
    """Archive pages lead to the feed itself."""
    for page in chain.pages[1:]:
        if page.is_marked is not None and page.current != (chain.pages[0].self_url,):
            yield page.where, "The archive page does not lead to the feed itself."


@should("archive/lost", RFC5005, fix="Link to it by rel=prev-archive, or remove it.")
def check_lost(chain: Chain) -> Iterator[tuple[str, str]]:
    """Every archive page of the folder is part of the chain."""
    for name in chain.lost:
        yield name, "No feed leads to this archive page."
