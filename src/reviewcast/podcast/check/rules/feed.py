"""Rules for the feed as a whole and for its channel."""

import re
from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from reviewcast.podcast.check.document import (
    NAMESPACES,
    Channel,
    Feed,
    expand,
    is_plain_http,
    is_url,
    read_text,
)
from reviewcast.podcast.check.findings import (
    APPLE,
    NAMESPACE,
    RFC2822,
    RFC3986,
    RFC5646,
    RSS,
    XML,
    rule,
)
from reviewcast.podcast.feed.categories import CATEGORIES

_LARGEST_FEED = 10_000_000


_LONGEST_DESCRIPTION = 4000


_MEDIA = set(
    "podcast music video film audiobook newsletter blog publisher course mixed podcastL musicL "
    "videoL filmL audiobookL newsletterL blogL publisherL courseL".split()
)


_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


_DATE = re.compile(
    r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|UT|GMT|[ECMP][SD]T)",
    re.ASCII,
)


_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


_ONCE = (
    "title",
    "link",
    "description",
    "language",
    "copyright",
    "itunes:image",
    "itunes:explicit",
    "itunes:author",
    "itunes:type",
    "itunes:owner",
    "podcast:guid",
    "podcast:locked",
    "podcast:medium",
)


def find_date_fault(text: str) -> str:
    """Tell what is wrong with a date that should be one of RFC 2822, "" when it is right."""
    match = _DATE.fullmatch(text)
    try:
        date = parsedate_to_datetime(text) if match else None
    except ValueError:
        date = None
    if match is None or date is None:
        return f"{text!r} is no date of RFC 2822"
    if match[1] and match[1] != _DAYS[date.weekday()]:
        return f"{text!r} names the wrong day of the week"
    return ""


@rule(
    Feed,
    "feed/well-formed",
    "error",
    source=XML,
    fix="Write the feed anew by a tool that escapes text and drops control characters.",
)
def check_well_formed(feed: Feed) -> Iterator[str]:
    """Clients read nothing of a feed that is not XML."""
    if feed.fault:
        yield feed.fault


@rule(
    Feed,
    "feed/rss",
    "error",
    source=RSS,
    fix='Begin with <rss version="2.0"> and one <channel>.',
)
def check_rss(feed: Feed) -> Iterator[str]:
    """The root is rss, version 2.0, and holds a channel."""
    if feed.root is None:
        return
    if feed.root.tag != "rss":
        yield "This is XML, but not an RSS feed."
    elif feed.root.get("version") != "2.0":
        yield f"The version of RSS is {feed.root.get('version')!r}."
    elif feed.channel is None:
        yield "There is no channel."


@rule(Feed, "feed/encoding", "warning", source=APPLE, fix="Write the feed in UTF-8.")
def check_encoding(feed: Feed) -> Iterator[str]:
    """UTF-8 is what every client reads."""
    encoding = None if feed.root is None else feed.root.getroottree().docinfo.encoding
    if encoding and encoding.upper() not in {"UTF-8", "US-ASCII", "ASCII"}:
        yield f"The encoding is {encoding}."


@rule(
    Feed,
    "feed/namespaces",
    "error",
    source=APPLE,
    fix="Declare the namespaces with their exact URIs and their usual prefixes.",
)
def check_namespaces(feed: Feed) -> Iterator[str]:
    """Some clients look for prefixes and not for URIs, and no other URI is known to any."""
    if feed.root is None:
        return
    declared: dict[str, str] = {}
    for element in feed.root.iter():
        declared |= {prefix: uri for prefix, uri in element.nsmap.items() if prefix}
        if element is not feed.root and element.tag == "item":
            break  # what is declared later is declared again, or rare
    for prefix, uri in sorted(declared.items()):
        if prefix in NAMESPACES and uri != NAMESPACES[prefix]:
            yield f"The prefix {prefix} stands for {uri} and not for {NAMESPACES[prefix]}."
        for usual, known in NAMESPACES.items():
            if uri == known and prefix != usual and declared.get(usual) != known:
                yield f"The namespace of {usual} has the prefix {prefix}."


@rule(
    Feed,
    "feed/size",
    "error",
    source="Limits of podcast directories",
    fix="Move older episodes to archive pages (RFC 5005), or shorten the notes.",
)
def check_size(feed: Feed) -> Iterator[str]:
    """Directories give up on a feed of more than 10 MB."""
    if len(feed.data) > _LARGEST_FEED:
        yield f"The feed has {len(feed.data) / 1e6:.1f} MB, more than 10."


@rule(Channel, "feed/title", "error", source=RSS, fix="Give the show a title.")
def check_title(channel: Channel) -> Iterator[str]:
    """A show has a title."""
    if not channel.text("title"):
        yield "The show has no title."


@rule(Channel, "feed/link", "error", source=RSS, fix="Name the show's web page.")
def check_link(channel: Channel) -> Iterator[str]:
    """A show has a page."""
    link = channel.text("link")
    if not is_url(link):
        yield f"The show's link {link!r} is no URL." if link else "The show has no link."


@rule(
    Channel,
    "feed/description",
    "error",
    source=APPLE,
    fix="Describe the show in a few sentences, in at most 4,000 bytes.",
)
def check_description(channel: Channel) -> Iterator[str]:
    """A show is described, in what fits."""
    size = len(channel.text("description").encode())
    if not size:
        yield "The show has no description."
    elif size > _LONGEST_DESCRIPTION:
        yield f"The show's description has {size:,} bytes, more than 4,000."


@rule(Channel, "feed/language", "error", source=RFC5646, fix="Use a tag such as en or de-AT.")
def check_language(channel: Channel) -> Iterator[str]:
    """The language is named by a tag."""
    language = channel.text("language")
    if not _LANGUAGE.fullmatch(language):
        yield f"{language!r} is no language tag." if language else "The show names no language."


@rule(
    Channel,
    "feed/image",
    "error",
    source=APPLE,
    fix='Add <itunes:image href="…"/> with the URL of the cover.',
)
def check_image(channel: Channel) -> Iterator[str]:
    """A show has a cover."""
    image = channel.find("itunes:image")
    url = "" if image is None else (image.get("href") or "")
    if not is_url(url):
        yield f"The cover {url!r} is no URL." if url else "The show has no cover."


@rule(
    Channel,
    "feed/category",
    "error",
    source="Apple Podcasts categories",
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


@rule(Channel, "feed/explicit", "error", source=APPLE, fix="Write true or false.")
def check_explicit(channel: Channel) -> Iterator[str]:
    """Whether the show is explicit is said by one of two words."""
    value = channel.text("itunes:explicit")
    if value not in {"true", "false"}:
        yield f"itunes:explicit is {value!r}." if value else "The show has no itunes:explicit."


@rule(Channel, "feed/author", "warning", source=APPLE, fix="Name who makes the show.")
def check_author(channel: Channel) -> Iterator[str]:
    """Directories show who makes it."""
    if not channel.text("itunes:author"):
        yield "The show has no itunes:author."


@rule(Channel, "feed/type", "error", source=APPLE, fix="Write episodic or serial.")
def check_type(channel: Channel) -> Iterator[str]:
    """A show is episodic or serial; nothing stands for episodic."""
    value = channel.text("itunes:type")
    if value.lower() not in {"", "episodic", "serial"}:
        yield f"itunes:type is {value!r}."


@rule(
    Channel,
    "feed/owner",
    "error",
    source=APPLE,
    fix="Write a whole address, or leave itunes:owner out.",
)
def check_owner(channel: Channel) -> Iterator[str]:
    """Directories write to the owner to verify the show."""
    owner = channel.find("itunes:owner")
    if owner is not None:
        email = owner.findtext(expand("itunes:email"), "").strip()
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            yield f"The owner's address {email!r} is none."


@rule(
    Channel,
    "feed/self",
    "warning",
    source="RSS Advisory Board, best practices: atom:link",
    fix='Add <atom:link rel="self" type="application/rss+xml" href="…"/> with the feed\'s URL.',
)
def check_self(channel: Channel) -> Iterator[str]:
    """A feed says where it lives, so that copies of it lead back."""
    links = channel.links("self")
    if not links:
        yield "The feed does not name its own URL."
    elif len(links) > 1:
        yield "The feed names several URLs as its own."
    elif not is_url((links[0].get("href") or "").strip()):
        yield f"The feed's own URL {links[0].get('href')!r} is none."


@rule(
    Channel,
    "feed/self-moved",
    "warning",
    source="RSS Advisory Board, best practices: atom:link",
    fix="Let the feed name the URL that it is read from, or redirect there.",
)
def check_self_moved(channel: Channel) -> Iterator[str]:
    """The URL that a feed names is the one that it was fetched from."""
    feed = channel.feed
    if feed.url and is_url(feed.self_url) and feed.self_url != feed.url:
        yield f"The feed was read from {feed.url} and says that it is at {feed.self_url}."


@rule(
    Channel,
    "feed/guid",
    "warning",
    source=NAMESPACE,
    fix="Give the show a podcast:guid: a UUIDv5 of its feed's URL, made once and kept for life.",
)
def check_guid(channel: Channel) -> Iterator[str]:
    """A show is known by a UUID wherever it moves."""
    guid = channel.text("podcast:guid")
    if not _UUID.fullmatch(guid.lower()):
        yield f"podcast:guid {guid!r} is no UUID." if guid else "The show has no podcast:guid."


@rule(
    Channel,
    "feed/locked",
    "warning",
    source=NAMESPACE,
    fix="Write <podcast:locked>yes</podcast:locked>, or no.",
)
def check_locked(channel: Channel) -> Iterator[str]:
    """Whether other hosts may import the show is said by one of two words."""
    value = channel.text("podcast:locked")
    if value not in {"yes", "no"}:
        yield f"podcast:locked is {value!r}." if value else "The show has no podcast:locked."


@rule(Channel, "feed/medium", "warning", source=NAMESPACE, fix="Write podcast.")
def check_medium(channel: Channel) -> Iterator[str]:
    """The medium is one of a list; nothing stands for podcast."""
    value = channel.text("podcast:medium")
    if value and value not in _MEDIA:
        yield f"There is no podcast:medium {value!r}."


@rule(
    Channel,
    "feed/text-length",
    "warning",
    source=NAMESPACE,
    fix="Shorten it: clients cut what is longer.",
)
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


@rule(
    Channel,
    "feed/funding",
    "error",
    source=NAMESPACE,
    fix="Give podcast:funding the URL of a page for supporters.",
)
def check_funding(channel: Channel) -> Iterator[str]:
    """The funding link leads somewhere."""
    for element in channel.find_all("podcast:funding"):
        if not is_url(element.get("url") or ""):
            yield f"podcast:funding names {element.get('url')!r}, which is no URL."


@rule(
    Channel,
    "feed/ai-content",
    "error",
    source=APPLE,
    fix='Write <podcast:txt purpose="ai-content">true</podcast:txt>, or false.',
)
def check_ai_content(channel: Channel) -> Iterator[str]:
    """Whether synthetic voices speak is said by one of two words."""
    for element in channel.find_all("podcast:txt"):
        value = read_text(element)
        if element.get("purpose") == "ai-content" and value not in {"true", "false"}:
            yield f"The disclosure of AI content is {value!r}."


@rule(
    Channel,
    "feed/new-feed-url",
    "error",
    source=APPLE,
    fix="Name the whole URL that the feed has moved to, or leave the element out.",
)
def check_new_feed_url(channel: Channel) -> Iterator[str]:
    """Clients follow the URL that a feed has moved to."""
    element = channel.find("itunes:new-feed-url")
    if element is not None and not is_url(read_text(element)):
        yield f"itunes:new-feed-url {read_text(element)!r} is no URL."


@rule(
    Channel,
    "feed/date",
    "error",
    source=RFC2822,
    fix="Write dates such as Tue, 01 Dec 2026 08:00:00 +0000.",
)
def check_dates(channel: Channel) -> Iterator[str]:
    """The channel's dates are of one form."""
    for name in ("pubDate", "lastBuildDate"):
        text = channel.text(name)
        if text and (fault := find_date_fault(text)):
            yield f"The channel's {name} {fault}."


@rule(Channel, "feed/repeated", "error", source=RSS, fix="Keep one of them.")
def check_repeated(channel: Channel) -> Iterator[str]:
    """Of what may stand once, clients take the first, or the last."""
    counts = Counter(element.tag for element in channel.element)
    for name in _ONCE:
        if (count := counts[expand(name)]) > 1:
            yield f"The channel has {count} elements {name}."


@rule(Channel, "feed/items", "warning", source=APPLE, fix="Publish an episode.")
def check_items(channel: Channel) -> Iterator[str]:
    """Directories take a show that has an episode."""
    if not channel.feed.items:
        yield "The feed has no episode."


@rule(Channel, "feed/blocked", "note", source=APPLE, fix="Remove itunes:block to be listed again.")
def check_blocked(channel: Channel) -> Iterator[str]:
    """A show can be hidden by one word, and that may be forgotten."""
    if channel.text("itunes:block") == "Yes":
        yield "The show is hidden from Apple Podcasts."


@rule(
    Channel,
    "feed/https",
    "warning",
    source="Apple Podcasts, requirements for hosts: HTTPS",
    fix="Serve the show by https and name those URLs.",
)
def check_https(channel: Channel) -> Iterator[str]:
    """Phones refuse what comes unencrypted."""
    urls = [channel.feed.self_url, *(image.get("href") or "" for image in
            channel.find_all("itunes:image"))]  # fmt: skip
    for url in urls:
        if is_plain_http(url):
            yield f"{url} is not encrypted."


@rule(
    Channel,
    "feed/url",
    "error",
    source=RFC3986,
    fix="Write whole URLs, with everything but ASCII percent-encoded.",
)
def check_urls(channel: Channel) -> Iterator[str]:
    """Links to a hub, a licence and persons are URLs, where there are any."""
    named = [(link, "href", f"The {relation} link") for relation in
             ("hub", "prev-archive", "current") for link in channel.links(relation)]  # fmt: skip
    for name in ("podcast:license", "podcast:person"):
        named += [(element, "url", name) for element in channel.find_all(name)]
    for element, attribute, what in named:
        url = element.get(attribute)
        if url is not None and not is_url(url.strip()):
            yield f"{what} names {url!r}, which is no URL."
