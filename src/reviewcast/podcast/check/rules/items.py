"""Rules for what the items of a feed, each an episode, say of themselves."""

import re
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime

from reviewcast.podcast.check.document import Channel, Item, find_date_fault, is_plain_http, is_url
from reviewcast.podcast.check.findings import (
    APPLE,
    APPLE_HTTPS,
    RFC2822,
    RFC3986,
    RSS,
    may,
    must,
    should,
)

_LONGEST_DESCRIPTION = 4000
_NUMBERED = re.compile(r"(?:(?:episode|ep\.?|folge|#)\s*#?\d+|s\d+\s*[ex]\d+)\b", re.IGNORECASE)
_LEADING_NUMBER = re.compile(r"0*(\d{1,5})\s*[.:|)–—-]", re.ASCII)

_SCRIPT = re.compile(
    r"<\s*(script|iframe|object|embed|form|style)\b|<[^>]*\son\w+\s*=|<[^>]*\bjavascript:",
    re.IGNORECASE,
)


@must("feed/item-title", APPLE, fix="Give the episode a title.")
def check_title(item: Item) -> Iterator[str]:
    """An episode has a title."""
    if not item.title:
        yield "The episode has no title."


@should(
    "feed/item-title-number",
    APPLE,
    fix="Leave the number to itunes:episode; clients show it beside the title.",
)
def check_title_number(item: Item) -> Iterator[str]:
    """A title holds no number of episode; one that is the film's own is no such number."""
    leading = _LEADING_NUMBER.match(item.title)
    own = item.text("itunes:episode")
    if _NUMBERED.match(item.title) or (leading and leading[1] == own):
        yield "The title begins with the episode's number."


@should(
    "feed/item-title-show",
    APPLE,
    fix="Leave the show's name out; clients show it beside the title.",
)
def check_title_show(item: Item) -> Iterator[str]:
    """A title does not repeat the show's name."""
    show = item.feed.channel.text("title") if item.feed.channel else ""
    name = re.escape(show)
    if show and re.search(
        rf"^{name}\s*[:|–—-]\s*\S|\S\s*[:|–—-]\s*{name}$", item.title, re.IGNORECASE
    ):
        yield "The title repeats the name of the show."


@must(
    "feed/item-guid",
    RSS,
    fix='Give the episode a guid of its own, with isPermaLink="false", and never change it.',
)
def check_guid(item: Item) -> Iterator[str]:
    """Clients know an episode by its guid."""
    guid = item.find("guid")
    if guid is None or not item.text("guid"):
        yield "The episode has no guid."
    elif guid.get("isPermaLink", "true") != "false" and not is_url(item.text("guid")):
        yield 'The guid is no URL, and isPermaLink is not "false".'


@must(
    "feed/item-guid-unique",
    RSS,
    fix="Give each episode a guid of its own; clients show one of those that share it.",
)
def check_guids_unique(channel: Channel) -> Iterator[tuple[str, str]]:
    """No two episodes have one guid."""
    for item, first in channel.feed.find_repeated(lambda item: item.text("guid")):
        yield item.where, f"The episode has the guid of {first.where}."


@must("feed/item-date", RFC2822, fix="Write a pubDate such as Tue, 01 Dec 2026 08:00:00 +0000.")
def check_date(item: Item) -> Iterator[str]:
    """Clients sort episodes by their date."""
    text = item.text("pubDate")
    if not text:
        yield "The episode has no pubDate."
    elif fault := find_date_fault(text):
        yield f"The pubDate {fault}."


@should(
    "feed/item-date-early",
    "gPodder",
    fix="Give the episode the date on which it appears, not that of the work.",
)
def check_early_date(item: Item) -> Iterator[str]:
    """Clients that count seconds from 1970 hide what was before."""
    text = item.text("pubDate")
    if text and not find_date_fault(text) and parsedate_to_datetime(text).year < 1970:
        yield f"The pubDate {text} is before 1970, and gPodder hides the episode."


@may("feed/item-order", "RSS Advisory Board, best practices", fix="List the newest episode first.")
def check_order(channel: Channel) -> Iterator[tuple[str, str]]:
    """Simple clients take the first items for the newest."""
    last = None
    for item in channel.feed.items:
        text = item.text("pubDate")
        if not text or find_date_fault(text):
            continue
        date = parsedate_to_datetime(text)
        date = date if date.tzinfo else date.replace(tzinfo=UTC)  # "-0000" names no zone
        if last is not None and date > last:
            yield item.where, "The episode is newer than the one before it."
            return
        last = date


@should(
    "feed/item-description",
    APPLE,
    fix="Say in a few sentences what the episode is about, in at most 4,000 bytes.",
)
def check_description(item: Item) -> Iterator[str]:
    """An episode is described, in what fits."""
    size = len(item.text("description").encode())
    if not size and not item.text("content:encoded") and not item.text("itunes:summary"):
        yield "The episode has no description."
    elif size > _LONGEST_DESCRIPTION:
        yield f"The description has {size:,} bytes, more than 4,000."


@must(
    "feed/item-notes",
    "RSS Advisory Board, best practices: content:encoded",
    fix="Leave scripts, frames and forms out of the notes.",
)
def check_notes(item: Item) -> Iterator[str]:
    """Notes hold text and links, nothing that runs."""
    for name in ("description", "content:encoded", "itunes:summary"):
        if match := _SCRIPT.search(item.text(name)):
            yield f"{name} holds {match[0][:40]!r}."


@must("feed/item-explicit", APPLE, fix="Write true or false.")
def check_explicit(item: Item) -> Iterator[str]:
    """Whether an episode is explicit is said by one of two words, or by the show's."""
    element = item.find("itunes:explicit")
    value = item.text("itunes:explicit")
    if element is not None and value not in {"true", "false"}:
        yield f"itunes:explicit is {value!r}."


@must("feed/item-number", APPLE, fix="Write whole numbers from 1, and nothing where there is none.")
def check_number(item: Item) -> Iterator[str]:
    """Numbers of episodes and seasons are whole and not zero."""
    for name in ("itunes:episode", "itunes:season"):
        element, value = item.find(name), item.text(name)
        if element is not None and not re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII):
            yield f"{name} is {value!r}."


@should(
    "feed/item-number-missing",
    APPLE,
    fix="Number the episodes of a serial show; clients sort them by that.",
)
def check_serial_number(item: Item) -> Iterator[str]:
    """The full episodes of a serial show have numbers."""
    kind = item.feed.channel.text("itunes:type").lower() if item.feed.channel else ""
    full = item.text("itunes:episodeType").lower() in {"", "full"}
    if kind == "serial" and full and item.find("itunes:episode") is None:
        yield "The show is serial and the episode has no number."


@must("feed/item-type", APPLE, fix="Write full, trailer or bonus.")
def check_type(item: Item) -> Iterator[str]:
    """An episode is full, a trailer or a bonus; nothing stands for full."""
    value = item.text("itunes:episodeType")
    if value.lower() not in {"", "full", "trailer", "bonus"}:
        yield f"itunes:episodeType is {value!r}."


@must("feed/item-url", RFC3986, fix="Write whole URLs, with everything but ASCII percent-encoded.")
def check_urls(item: Item) -> Iterator[str]:
    """Links, images and what else an episode names are URLs."""
    for what, url in item.list_urls():
        if what != "enclosure" and not is_url(url):
            yield f"The {what} {url!r} is no URL."


@should("feed/item-https", APPLE_HTTPS, fix="Serve the show by https and name those URLs.")
def check_https(item: Item) -> Iterator[str]:
    """Phones refuse what comes unencrypted."""
    counted = ("enclosure", item.enclosure_url)
    for what, url in dict.fromkeys([*item.list_urls(), counted]):
        if what != "link" and is_plain_http(url):
            yield f"The {what} {url} is not encrypted."
