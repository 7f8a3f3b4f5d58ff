"""Rules of RSS, Atom and XML for the feed as a whole and for its channel."""

import re
from collections import Counter
from collections.abc import Iterator

from reviewcast.podcast.check.document import Channel, Feed, find_date_fault, is_plain_http, is_url
from reviewcast.podcast.check.findings import (
    APPLE,
    APPLE_HTTPS,
    RFC2822,
    RFC3986,
    RFC5646,
    RSS,
    RSS_SELF,
    XML,
    must,
    should,
)
from reviewcast.podcast.feed.parse import NAMESPACES, expand

_LARGEST_FEED = 10_000_000
_LONGEST_DESCRIPTION = 4000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)

_ONCE = (
    "title link description language copyright itunes:image itunes:explicit itunes:author"
    " itunes:type itunes:owner podcast:guid podcast:locked podcast:medium"
).split()


@must(
    "feed/well-formed",
    XML,
    fix="Write the feed anew by a tool that escapes text and drops control characters.",
)
def check_well_formed(feed: Feed) -> Iterator[str]:
    """Clients read nothing of a feed that is not XML."""
    if feed.fault:
        yield feed.fault


@must("feed/rss", RSS, fix='Begin with <rss version="2.0"> and one <channel>.')
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


@should("feed/encoding", APPLE, fix="Write the feed in UTF-8.")
def check_encoding(feed: Feed) -> Iterator[str]:
    """UTF-8 is what every client reads."""
    encoding = None if feed.root is None else feed.root.getroottree().docinfo.encoding
    if encoding and encoding.upper() not in {"UTF-8", "US-ASCII", "ASCII"}:
        yield f"The encoding is {encoding}."


@must(
    "feed/namespaces",
    APPLE,
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


@must(
    "feed/size",
    "Limits of podcast directories",
    fix="Move older episodes to archive pages (RFC 5005), or shorten the notes.",
)
def check_size(feed: Feed) -> Iterator[str]:
    """Directories give up on a feed of more than 10 MB."""
    if len(feed.data) > _LARGEST_FEED:
        yield f"The feed has {len(feed.data) / 1e6:.1f} MB, more than 10."


@must("feed/title", RSS, fix="Give the show a title.")
def check_title(channel: Channel) -> Iterator[str]:
    """A show has a title."""
    if not channel.text("title"):
        yield "The show has no title."


@must("feed/link", RSS, fix="Name the show's web page.")
def check_link(channel: Channel) -> Iterator[str]:
    """A show has a page."""
    link = channel.text("link")
    if not is_url(link):
        yield f"The show's link {link!r} is no URL." if link else "The show has no link."


@must(
    "feed/description", APPLE, fix="Describe the show in a few sentences, in at most 4,000 bytes."
)
def check_description(channel: Channel) -> Iterator[str]:
    """A show is described, in what fits."""
    size = len(channel.text("description").encode())
    if not size:
        yield "The show has no description."
    elif size > _LONGEST_DESCRIPTION:
        yield f"The show's description has {size:,} bytes, more than 4,000."


@must("feed/language", RFC5646, fix="Use a tag such as en or de-AT.")
def check_language(channel: Channel) -> Iterator[str]:
    """The language is named by a tag."""
    language = channel.text("language")
    if not _LANGUAGE.fullmatch(language):
        yield f"{language!r} is no language tag." if language else "The show names no language."


@should(
    "feed/self",
    RSS_SELF,
    fix='Add <atom:link rel="self" type="application/rss+xml" href="…"/> with the feed\'s URL.',
)
def check_self(channel: Channel) -> Iterator[str]:
    """A feed says where it lives, so that copies of it lead back."""
    links = channel.links("self")
    if not links:
        yield "The feed does not name its own URL."
    elif len(links) > 1:
        yield "The feed names several URLs as its own."
    elif not is_url(links[0]):
        yield f"The feed's own URL {links[0]!r} is none."


@should(
    "feed/self-moved",
    RSS_SELF,
    fix="Let the feed name the URL that it is read from, or redirect there.",
)
def check_self_moved(channel: Channel) -> Iterator[str]:
    """The URL that a feed names is the one that it was fetched from."""
    feed = channel.feed
    if feed.url and is_url(feed.self_url) and feed.self_url != feed.url:
        yield f"The feed was read from {feed.url} and says that it is at {feed.self_url}."


@must("feed/date", RFC2822, fix="Write dates such as Tue, 01 Dec 2026 08:00:00 +0000.")
def check_dates(channel: Channel) -> Iterator[str]:
    """The channel's dates are of one form."""
    for name in ("pubDate", "lastBuildDate"):
        text = channel.text(name)
        if text and (fault := find_date_fault(text)):
            yield f"The channel's {name} {fault}."


@must("feed/repeated", RSS, fix="Keep one of them.")
def check_repeated(channel: Channel) -> Iterator[str]:
    """Of what may stand once, clients take the first, or the last."""
    counts = Counter(element.tag for element in channel.element)
    for name in _ONCE:
        if (count := counts[expand(name)]) > 1:
            yield f"The channel has {count} elements {name}."


@should("feed/items", APPLE, fix="Publish an episode.")
def check_items(channel: Channel) -> Iterator[str]:
    """Directories take a show that has an episode."""
    if not channel.feed.items:
        yield "The feed has no episode."


@should("feed/https", APPLE_HTTPS, fix="Serve the show by https and name those URLs.")
def check_https(channel: Channel) -> Iterator[str]:
    """Phones refuse what comes unencrypted."""
    images = channel.find_all("itunes:image")
    for url in (channel.feed.self_url, *(image.get("href") or "" for image in images)):
        if is_plain_http(url):
            yield f"{url} is not encrypted."


@must("feed/url", RFC3986, fix="Write whole URLs, with everything but ASCII percent-encoded.")
def check_urls(channel: Channel) -> Iterator[str]:
    """Links to a hub, a licence and persons are URLs, where there are any."""
    named = [
        (f"The {link.get('rel')} link", link.get("href"))
        for link in channel.find_all("atom:link")
        if link.get("rel") in {"hub", "prev-archive", "current"}
    ]
    for name in ("podcast:license", "podcast:person"):
        named += [(name, element.get("url")) for element in channel.find_all(name)]
    for what, url in named:
        if url is not None and not is_url(url.strip()):
            yield f"{what} names {url!r}, which is no URL."
