"""Rules of the podcast namespace for a feed's channel."""

import re
from collections.abc import Iterator

from reviewcast.podcast.check.document import Channel, is_url
from reviewcast.podcast.check.findings import NAMESPACE, must, should
from reviewcast.podcast.feed.parse import read_text

_MEDIA = set(
    "podcast music video film audiobook newsletter blog publisher course mixed podcastL musicL "
    "videoL filmL audiobookL newsletterL blogL publisherL courseL".split()
)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@should(
    "feed/guid",
    NAMESPACE,
    fix="Give the show a podcast:guid: a UUIDv5 of its feed's URL, made once and kept for life.",
)
def check_guid(channel: Channel) -> Iterator[str]:
    """A show is known by a UUID wherever it moves."""
    guid = channel.text("podcast:guid")
    if not _UUID.fullmatch(guid.lower()):
        yield f"podcast:guid {guid!r} is no UUID." if guid else "The show has no podcast:guid."


@should("feed/locked", NAMESPACE, fix="Write <podcast:locked>yes</podcast:locked>, or no.")
def check_locked(channel: Channel) -> Iterator[str]:
    """Whether other hosts may import the show is said by one of two words."""
    value = channel.text("podcast:locked")
    if value not in {"yes", "no"}:
        yield f"podcast:locked is {value!r}." if value else "The show has no podcast:locked."


@should("feed/medium", NAMESPACE, fix="Write podcast.")
def check_medium(channel: Channel) -> Iterator[str]:
    """The medium is one of a list; nothing stands for podcast."""
    value = channel.text("podcast:medium")
    if value and value not in _MEDIA:
        yield f"There is no podcast:medium {value!r}."


@should("feed/text-length", NAMESPACE, fix="Shorten it: clients cut what is longer.")
def check_text_lengths(channel: Channel) -> Iterator[str]:
    """Several elements of the podcast namespace hold so many characters and no more."""
    for name, limit in (
        ("podcast:funding", 128),
        ("podcast:person", 128),
        ("podcast:license", 128),
        ("podcast:updateFrequency", 128),
        ("podcast:txt", 4000),
    ):
        for element in channel.find_all(name):
            if len(read_text(element)) > limit:
                yield f"{name} is longer than {limit:,} characters."


@must("feed/funding", NAMESPACE, fix="Give podcast:funding the URL of a page for supporters.")
def check_funding(channel: Channel) -> Iterator[str]:
    """The funding link leads somewhere."""
    for element in channel.find_all("podcast:funding"):
        if not is_url(element.get("url") or ""):
            yield f"podcast:funding names {element.get('url')!r}, which is no URL."
