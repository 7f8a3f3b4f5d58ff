"""Rules for a feed that goes on in archive pages (RFC 5005)."""

from collections.abc import Iterator
from dataclasses import dataclass

from reviewcast.podcast.check.document import Feed
from reviewcast.podcast.check.findings import RFC5005, rule


@dataclass(frozen=True)
class Chain:
    """A feed and the archive pages that were found by following its links.

    `broken` tells why the chain ends early; `lost` are archive pages that it never leads to.
    """

    where: str
    feeds: tuple[Feed, ...]
    broken: str = ""
    lost: tuple[str, ...] = ()


@rule(
    Chain,
    "archive/chain",
    "error",
    source=RFC5005,
    fix="Publish every archive page before the feed links to it.",
)
def check_chain(chain: Chain) -> Iterator[str]:
    """Each page leads to the one before it, down to the oldest."""
    if chain.broken:
        yield chain.broken


@rule(
    Chain,
    "archive/mark",
    "error",
    source=RFC5005,
    fix="Put <fh:archive/> into archive pages, and into nothing else.",
)
def check_mark(chain: Chain) -> Iterator[tuple[str, str]]:
    """Archive pages say that they are, so that nobody subscribes to one."""
    for number, feed in enumerate(chain.feeds):
        marked = feed.channel is not None and feed.channel.find("fh:archive") is not None
        if marked and number == 0:
            yield feed.where, "The feed itself is marked as an archive page."
        elif number and feed.channel is not None and not marked:
            yield feed.where, "The archive page is not marked as one."


@rule(
    Chain,
    "archive/current",
    "warning",
    source=RFC5005,
    fix='Add <atom:link rel="current" href="…"/> with the URL of the feed itself.',
)
def check_current(chain: Chain) -> Iterator[tuple[str, str]]:
    """Archive pages lead to the feed itself."""
    for feed in chain.feeds[1:]:
        links = feed.channel.links("current") if feed.channel else []
        if feed.channel and [link.get("href") for link in links] != [chain.feeds[0].self_url]:
            yield feed.where, "The archive page does not lead to the feed itself."


@rule(
    Chain,
    "archive/lost",
    "warning",
    source=RFC5005,
    fix="Link to it by rel=prev-archive, or remove it.",
)
def check_lost(chain: Chain) -> Iterator[tuple[str, str]]:
    """Every archive page of the folder is part of the chain."""
    for name in chain.lost:
        yield name, "No feed leads to this archive page."
