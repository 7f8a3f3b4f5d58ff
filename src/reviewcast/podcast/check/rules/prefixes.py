"""Rules for addresses that count downloads: they lead to the file that they stand for."""

from collections.abc import Iterator

from reviewcast.podcast.check.document import Channel, Feed, is_url
from reviewcast.podcast.check.findings import NAMESPACE, OP3, RSS, must, should
from reviewcast.podcast.check.places import Held
from reviewcast.podcast.feed.prefixes import find_prefix_guid


@must(
    "server/prefix",
    f"{RSS}; {OP3}",
    fix="Correct the prefix, or take it away until its service answers.",
)
def check_prefix(feed: Feed) -> Iterator[tuple[str, str]]:
    """What counts a download leads on to the real file, with its length and type."""
    for item in feed.items:
        further = (pair for one in item.alternates for pair in one.addresses)
        for url, real in ((item.enclosure_url, item.audio_url), *further):
            if url != real and is_url(url) and (fault := _follow(feed, url, real)):
                yield item.where, f"The counting address {url} {fault}."


def _follow(feed: Feed, url: str, real: str) -> str:
    """Return what is wrong with where an address leads, "" for nothing."""
    counted, held = feed.place.look(url), feed.place.look(real)
    if counted.state == "missing":
        return f"cannot be had: {counted.problem}"
    if counted.state == held.state == "there" and (difference := _compare(counted, held)):
        return f"leads to something else: {difference}"
    return ""


def _compare(counted: Held, held: Held) -> str:
    """Return how what an address leads to differs from the file, "" for not at all."""
    if None not in {counted.size_bytes, held.size_bytes} and counted.size_bytes != held.size_bytes:
        return f"it has {counted.size_bytes:,} bytes, and the file {held.size_bytes:,}"
    if counted.content_type != held.content_type:
        there, right = counted.content_type or "no type", held.content_type or "no type"
        return f"it is of {there}, and the file of {right}"
    return ""


@should(
    "feed/prefix-guid",
    f"{OP3}; {NAMESPACE}",
    fix="Count for the show's own podcast:guid: https://op3.dev/e,pg={guid}/.",
)
def check_prefix_guid(channel: Channel) -> Iterator[tuple[str, str]]:
    """Downloads are counted for this show and no other."""
    own = channel.text("podcast:guid").lower()
    for item in channel.feed.items:
        guid = find_prefix_guid(item.enclosure_url)
        if guid and own and guid.lower() != own:
            yield item.where, f"Its downloads are counted for {guid}, and the show is {own}."
            return
