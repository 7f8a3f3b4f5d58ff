"""Rules for the items of a feed, each an episode."""

import re
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from reviewcast.podcast.check.document import (
    Channel,
    Item,
    expand,
    is_plain_http,
    is_url,
    parse_duration,
)
from reviewcast.podcast.check.findings import APPLE, NAMESPACE, RFC2822, RFC3986, RSS, rule
from reviewcast.podcast.check.rules.feed import find_date_fault

_LONGEST_DESCRIPTION = 4000


_AUDIO_TYPES = {
    ".mp3": {"audio/mpeg"},
    ".m4a": {"audio/x-m4a", "audio/mp4"},
    ".mp4": {"video/mp4"},
    ".m4v": {"video/x-m4v"},
    ".mov": {"video/quicktime"},
    ".pdf": {"application/pdf"},
    ".epub": {"document/x-epub", "application/epub+zip"},
}
"""What Apple takes, by the ending of the URL's path."""


_TRANSCRIPTS = {
    "text/vtt",
    "application/x-subrip",
    "application/srt",
    "application/json",
    "text/html",
    "text/plain",
}


_NUMBERED = re.compile(r"(?:(?:episode|ep\.?|folge|#)\s*#?\d+|s\d+\s*[ex]\d+)\b", re.IGNORECASE)


_LEADING_NUMBER = re.compile(r"0*(\d{1,5})\s*[.:|)–—-]", re.ASCII)


_SCRIPT = re.compile(
    r"<\s*(script|iframe|object|embed|form|style)\b|<[^>]*\son\w+\s*=|<[^>]*\bjavascript:",
    re.IGNORECASE,
)


@rule(Item, "feed/item-title", "error", source=APPLE, fix="Give the episode a title.")
def check_title(item: Item) -> Iterator[str]:
    """An episode has a title."""
    if not item.title:
        yield "The episode has no title."


@rule(
    Item,
    "feed/item-title-number",
    "warning",
    source=APPLE,
    fix="Leave the number to itunes:episode; clients show it beside the title.",
)
def check_title_number(item: Item) -> Iterator[str]:
    """A title holds no number of episode; one that is the film's own is no such number."""
    leading = _LEADING_NUMBER.match(item.title)
    own = item.text("itunes:episode")
    if _NUMBERED.match(item.title) or (leading and leading[1] == own):
        yield "The title begins with the episode's number."


@rule(
    Item,
    "feed/item-title-show",
    "warning",
    source=APPLE,
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


@rule(
    Item,
    "feed/item-guid",
    "error",
    source=RSS,
    fix='Give the episode a guid of its own, with isPermaLink="false", and never change it.',
)
def check_guid(item: Item) -> Iterator[str]:
    """Clients know an episode by its guid."""
    guid = item.find("guid")
    if guid is None or not item.text("guid"):
        yield "The episode has no guid."
    elif guid.get("isPermaLink", "true") != "false" and not is_url(item.text("guid")):
        yield 'The guid is no URL, and isPermaLink is not "false".'


@rule(
    Channel,
    "feed/item-guid-unique",
    "error",
    source=RSS,
    fix="Give each episode a guid of its own; clients show one of those that share it.",
)
def check_guids_unique(channel: Channel) -> Iterator[tuple[str, str]]:
    """No two episodes have one guid."""
    seen: dict[str, Item] = {}
    for item in channel.feed.items:
        guid = item.text("guid")
        if guid and guid in seen:
            yield item.where, f"The episode has the guid of {seen[guid].where}."
        seen.setdefault(guid, item)


@rule(
    Item,
    "feed/item-date",
    "error",
    source=RFC2822,
    fix="Write a pubDate such as Tue, 01 Dec 2026 08:00:00 +0000.",
)
def check_date(item: Item) -> Iterator[str]:
    """Clients sort episodes by their date."""
    text = item.text("pubDate")
    if not text:
        yield "The episode has no pubDate."
    elif fault := find_date_fault(text):
        yield f"The pubDate {fault}."


@rule(
    Item,
    "feed/item-date-early",
    "warning",
    source="gPodder",
    fix="Give the episode the date on which it appears, not that of the work.",
)
def check_early_date(item: Item) -> Iterator[str]:
    """Clients that count seconds from 1970 hide what was before."""
    text = item.text("pubDate")
    if text and not find_date_fault(text) and parsedate_to_datetime(text).year < 1970:
        yield f"The pubDate {text} is before 1970, and gPodder hides the episode."


@rule(
    Channel,
    "feed/item-order",
    "note",
    source="RSS Advisory Board, best practices",
    fix="List the newest episode first.",
)
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


@rule(
    Item,
    "feed/enclosure",
    "error",
    source=RSS,
    fix="Give the episode one enclosure.",
)
def check_enclosure(item: Item) -> Iterator[str]:
    """An episode has one audio file."""
    count = len(item.find_all("enclosure"))
    if count != 1:
        yield f"The episode has {count} enclosures." if count else "The episode has no enclosure."


@rule(
    Item,
    "feed/enclosure-url",
    "error",
    source=APPLE,
    fix="Name a whole URL in ASCII whose path ends in .mp3.",
)
def check_enclosure_url(item: Item) -> Iterator[str]:
    """The audio's URL is one that every client can follow, and tells its kind."""
    url = item.enclosure_url
    if item.find("enclosure") is None:
        return
    if not is_url(url):
        yield f"The enclosure's URL {url!r} is none, or not in ASCII."
    elif _find_ending(url) not in _AUDIO_TYPES:
        yield f"The enclosure's URL {url} does not end in .mp3."


@rule(
    Channel,
    "feed/enclosure-unique",
    "error",
    source=APPLE,
    fix="Give each episode a file of its own.",
)
def check_enclosures_unique(channel: Channel) -> Iterator[tuple[str, str]]:
    """No two episodes have one file."""
    seen: dict[str, Item] = {}
    for item in channel.feed.items:
        url = item.enclosure_url
        if url and url in seen:
            yield item.where, f"The episode has the file of {seen[url].where}."
        seen.setdefault(url, item)


@rule(Item, "feed/enclosure-type", "error", source=RSS, fix="Write audio/mpeg for an .mp3.")
def check_enclosure_type(item: Item) -> Iterator[str]:
    """The type fits the file's ending."""
    enclosure = item.find("enclosure")
    if enclosure is None:
        return
    said = enclosure.get("type") or ""
    right = _AUDIO_TYPES.get(_find_ending(item.enclosure_url))
    if not said or (right and said not in right):
        yield f"The enclosure's type is {said!r}."


@rule(
    Item,
    "feed/enclosure-length",
    "error",
    source=RSS,
    fix="Write the file's size in bytes.",
)
def check_enclosure_length(item: Item) -> Iterator[str]:
    """The length is the file's size; clients plan and verify downloads by it."""
    enclosure = item.find("enclosure")
    if enclosure is None:
        return
    said = enclosure.get("length") or ""
    if not re.fullmatch(r"[1-9]\d{0,14}", said, re.ASCII):
        yield f"The enclosure's length is {said!r}."
        return
    held = item.feed.place.look(item.enclosure_url)
    if held.state == "there" and held.size_bytes not in {None, int(said)}:
        yield f"The enclosure says {int(said):,} bytes, the file has {held.size_bytes:,}."


@rule(
    Item,
    "feed/item-duration",
    "warning",
    source=APPLE,
    fix="Write the length of the decoded audio in seconds.",
)
def check_duration(item: Item) -> Iterator[str]:
    """Clients show the length before anything is fetched."""
    text = item.text("itunes:duration")
    if not text:
        yield "The episode has no itunes:duration."
    elif not parse_duration(text):
        yield f"itunes:duration is {text!r}."


@rule(
    Item,
    "feed/item-description",
    "warning",
    source=APPLE,
    fix="Say in a few sentences what the episode is about, in at most 4,000 bytes.",
)
def check_description(item: Item) -> Iterator[str]:
    """An episode is described, in what fits."""
    size = len(item.text("description").encode())
    if not size and not item.text("content:encoded") and not item.text("itunes:summary"):
        yield "The episode has no description."
    elif size > _LONGEST_DESCRIPTION:
        yield f"The description has {size:,} bytes, more than 4,000."


@rule(
    Item,
    "feed/item-notes",
    "error",
    source="RSS Advisory Board, best practices: content:encoded",
    fix="Leave scripts, frames and forms out of the notes.",
)
def check_notes(item: Item) -> Iterator[str]:
    """Notes hold text and links, nothing that runs."""
    for name in ("description", "content:encoded", "itunes:summary"):
        if match := _SCRIPT.search(item.text(name)):
            yield f"{name} holds {match[0][:40]!r}."


@rule(Item, "feed/item-explicit", "error", source=APPLE, fix="Write true or false.")
def check_explicit(item: Item) -> Iterator[str]:
    """Whether an episode is explicit is said by one of two words, or by the show's."""
    element = item.find("itunes:explicit")
    value = item.text("itunes:explicit")
    if element is not None and value not in {"true", "false"}:
        yield f"itunes:explicit is {value!r}."


@rule(
    Item,
    "feed/item-number",
    "error",
    source=APPLE,
    fix="Write whole numbers from 1, and nothing where there is none.",
)
def check_number(item: Item) -> Iterator[str]:
    """Numbers of episodes and seasons are whole and not zero."""
    for name in ("itunes:episode", "itunes:season"):
        element, value = item.find(name), item.text(name)
        if element is not None and not re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII):
            yield f"{name} is {value!r}."


@rule(
    Item,
    "feed/item-number-missing",
    "warning",
    source=APPLE,
    fix="Number the episodes of a serial show; clients sort them by that.",
)
def check_serial_number(item: Item) -> Iterator[str]:
    """The full episodes of a serial show have numbers."""
    kind = item.feed.channel.text("itunes:type").lower() if item.feed.channel else ""
    full = item.text("itunes:episodeType").lower() in {"", "full"}
    if kind == "serial" and full and item.find("itunes:episode") is None:
        yield "The show is serial and the episode has no number."


@rule(Item, "feed/item-type", "error", source=APPLE, fix="Write full, trailer or bonus.")
def check_type(item: Item) -> Iterator[str]:
    """An episode is full, a trailer or a bonus; nothing stands for full."""
    value = item.text("itunes:episodeType")
    if value.lower() not in {"", "full", "trailer", "bonus"}:
        yield f"itunes:episodeType is {value!r}."


@rule(
    Item,
    "feed/item-url",
    "error",
    source=RFC3986,
    fix="Write whole URLs, with everything but ASCII percent-encoded.",
)
def check_urls(item: Item) -> Iterator[str]:
    """Links, images and what else an episode names are URLs."""
    for what, url in list_urls(item):
        if what != "enclosure" and not is_url(url):
            yield f"The {what} {url!r} is no URL."


@rule(
    Item,
    "feed/item-https",
    "warning",
    source="Apple Podcasts, requirements for hosts: HTTPS",
    fix="Serve the show by https and name those URLs.",
)
def check_https(item: Item) -> Iterator[str]:
    """Phones refuse what comes unencrypted."""
    for what, url in list_urls(item):
        if what != "link" and is_plain_http(url):
            yield f"The {what} {url} is not encrypted."


@rule(
    Item,
    "feed/item-transcript",
    "error",
    source=NAMESPACE,
    fix="Give each transcript its type: text/vtt, application/x-subrip, application/json.",
)
def check_transcript(item: Item) -> Iterator[str]:
    """Clients choose a transcript by its type."""
    for element in item.find_all("podcast:transcript"):
        kind = (element.get("type") or "").partition(";")[0].strip()
        if kind not in _TRANSCRIPTS:
            yield f"The transcript's type is {kind!r}."


@rule(
    Item,
    "feed/item-chapters",
    "error",
    source=NAMESPACE,
    fix="Write application/json+chapters.",
)
def check_chapters(item: Item) -> Iterator[str]:
    """Clients take chapters of one type."""
    for element in item.find_all("podcast:chapters"):
        kind = element.get("type") or ""
        if kind not in {"application/json+chapters", "application/json"}:
            yield f"The chapters' type is {kind!r}."


@rule(
    Item,
    "feed/item-soundbite",
    "error",
    source=NAMESPACE,
    fix="Let it start and end within the episode; 15 to 120 seconds are usual.",
)
def check_soundbite(item: Item) -> Iterator[str]:
    """A soundbite lies within the episode."""
    for element in item.find_all("podcast:soundbite"):
        start_s = _read_number(element.get("startTime"))
        length_s = _read_number(element.get("duration"))
        if start_s is None or not length_s:
            yield "The soundbite has no startTime and duration in seconds."
        elif item.duration_s is not None and start_s + length_s > item.duration_s + 1:
            yield f"The soundbite ends at {start_s + length_s:g} s, after the episode."


def list_urls(item: Item) -> Iterator[tuple[str, str]]:
    """Return all that an item names: what it is, and its URL as it stands there."""
    for what, name, attribute in (
        ("enclosure", "enclosure", "url"),
        ("image", "itunes:image", "href"),
        ("transcript", "podcast:transcript", "url"),
        ("chapter file", "podcast:chapters", "url"),
    ):
        for element in item.find_all(name):
            yield what, (element.get(attribute) or "").strip()
    for chapters in item.find_all("psc:chapters"):
        for chapter in chapters.findall(expand("psc:chapter")):
            if image := (chapter.get("image") or "").strip():
                yield "chapter image", image
    if item.find("link") is not None:
        yield "link", item.text("link")


def _find_ending(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    dot = path.rfind(".")
    return path[dot:].lower() if dot > path.rfind("/") else ""


def _read_number(text: str | None) -> float | None:
    match = re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text or "", re.ASCII)
    return float(match[0]) if match else None
