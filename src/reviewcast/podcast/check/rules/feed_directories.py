"""Rules of Apple's directory and of the podcast namespace for a feed's channel."""

import re
from collections.abc import Iterator

from reviewcast.podcast.check.document import Channel, is_url
from reviewcast.podcast.check.findings import APPLE, NAMESPACE, may, must, should
from reviewcast.podcast.feed.categories import CATEGORIES
from reviewcast.podcast.feed.parse import expand, read_text

_MEDIA = set(
    "podcast music video film audiobook newsletter blog publisher course mixed podcastL musicL "
    "videoL filmL audiobookL newsletterL blogL publisherL courseL".split()
)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@must("feed/image", APPLE, fix='Add <itunes:image href="…"/> with the URL of the cover.')
def check_image(channel: Channel) -> Iterator[str]:
    """A show has a cover."""
    image = channel.find("itunes:image")
    url = "" if image is None else (image.get("href") or "")
    if not is_url(url):
        yield f"The cover {url!r} is no URL." if url else "The show has no cover."


@must(
    "feed/category",
    "Apple Podcasts categories",
    fix="Choose from Apple's list and keep its exact case.",
)
def check_category(channel: Channel) -> Iterator[str]:
    """At least one category, all of Apple's list in its exact case."""
    found = channel.find_all("itunes:category")
    if not found:
        yield "The show has no category."
    for element in found:
        name = element.get("text") or ""
        if name not in CATEGORIES:
            yield f"There is no category {name!r}.{_suggest(name, tuple(CATEGORIES))}"
            continue
        for child in element.findall(expand("itunes:category")):
            below = child.get("text") or ""
            if below not in CATEGORIES[name]:
                hint = _suggest(below, CATEGORIES[name])
                yield f"The category {name} has no subcategory {below!r}.{hint}"


def _suggest(name: str, known: tuple[str, ...]) -> str:
    import difflib

    lowered = {entry.lower(): entry for entry in known}
    near = difflib.get_close_matches(name.lower(), lowered, 1)
    return f" Did you mean {lowered[near[0]]}?" if near else ""


@must("feed/explicit", APPLE, fix="Write true or false.")
def check_explicit(channel: Channel) -> Iterator[str]:
    """Whether the show is explicit is said by one of two words."""
    value = channel.text("itunes:explicit")
    if value not in {"true", "false"}:
        yield f"itunes:explicit is {value!r}." if value else "The show has no itunes:explicit."


@should("feed/author", APPLE, fix="Name who makes the show.")
def check_author(channel: Channel) -> Iterator[str]:
    """Directories show who makes it."""
    if not channel.text("itunes:author"):
        yield "The show has no itunes:author."


@must("feed/type", APPLE, fix="Write episodic or serial.")
def check_type(channel: Channel) -> Iterator[str]:
    """A show is episodic or serial; nothing stands for episodic."""
    value = channel.text("itunes:type")
    if value.lower() not in {"", "episodic", "serial"}:
        yield f"itunes:type is {value!r}."


@must("feed/owner", APPLE, fix="Write a whole address, or leave itunes:owner out.")
def check_owner(channel: Channel) -> Iterator[str]:
    """Directories write to the owner to verify the show."""
    owner = channel.find("itunes:owner")
    if owner is not None:
        email = owner.findtext(expand("itunes:email"), "").strip()
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            yield f"The owner's address {email!r} is none."


@must(
    "feed/new-feed-url",
    APPLE,
    fix="Name the whole URL that the feed has moved to, or leave the element out.",
)
def check_new_feed_url(channel: Channel) -> Iterator[str]:
    """Clients follow the URL that a feed has moved to."""
    element = channel.find("itunes:new-feed-url")
    if element is not None and not is_url(read_text(element)):
        yield f"itunes:new-feed-url {read_text(element)!r} is no URL."


@may("feed/blocked", APPLE, fix="Remove itunes:block to be listed again.")
def check_blocked(channel: Channel) -> Iterator[str]:
    """A show can be hidden by one word, and that may be forgotten."""
    if channel.text("itunes:block") == "Yes":
        yield "The show is hidden from Apple Podcasts."


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
