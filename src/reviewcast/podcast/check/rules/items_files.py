"""Rules for the files that an item of a feed names."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from reviewcast.podcast.check.document import Channel, Item, is_url, parse_duration
from reviewcast.podcast.check.findings import APPLE, NAMESPACE, RSS, must, should

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

_TRANSCRIPTS = set(
    "text/vtt application/x-subrip application/srt application/json text/html text/plain".split()
)


@must("feed/enclosure", RSS, fix="Give the episode one enclosure.")
def check_enclosure(item: Item) -> Iterator[str]:
    """An episode has one audio file."""
    count = len(item.find_all("enclosure"))
    if count != 1:
        yield f"The episode has {count} enclosures." if count else "The episode has no enclosure."


@must("feed/enclosure-url", APPLE, fix="Name a whole URL in ASCII whose path ends in .mp3.")
def check_enclosure_url(item: Item) -> Iterator[str]:
    """The audio's URL is one that every client can follow, and tells its kind."""
    url = item.enclosure_url
    if item.find("enclosure") is None:
        return
    if not is_url(url):
        yield f"The enclosure's URL {url!r} is none, or not in ASCII."
    elif _find_ending(url) not in _AUDIO_TYPES:
        yield f"The enclosure's URL {url} does not end in .mp3."


@must("feed/enclosure-unique", APPLE, fix="Give each episode a file of its own.")
def check_enclosures_unique(channel: Channel) -> Iterator[tuple[str, str]]:
    """No two episodes have one file."""
    for item, first in channel.feed.find_repeated(lambda item: item.enclosure_url):
        yield item.where, f"The episode has the file of {first.where}."


@must("feed/enclosure-type", RSS, fix="Write audio/mpeg for an .mp3.")
def check_enclosure_type(item: Item) -> Iterator[str]:
    """The type fits the file's ending."""
    enclosure = item.find("enclosure")
    if enclosure is None:
        return
    said = enclosure.get("type") or ""
    right = _AUDIO_TYPES.get(_find_ending(item.enclosure_url))
    if not said or (right and said not in right):
        yield f"The enclosure's type is {said!r}."


@must("feed/enclosure-length", RSS, fix="Write the file's size in bytes.")
def check_enclosure_length(item: Item) -> Iterator[str]:
    """The length is the file's size; clients plan and verify downloads by it."""
    enclosure = item.find("enclosure")
    if enclosure is None:
        return
    said = enclosure.get("length") or ""
    if not re.fullmatch(r"[1-9]\d{0,14}", said, re.ASCII):
        yield f"The enclosure's length is {said!r}."
        return
    held = item.feed.place.look(item.audio_url)
    if held.state == "there" and held.size_bytes not in {None, int(said)}:
        yield f"The enclosure says {int(said):,} bytes, the file has {held.size_bytes:,}."


@should("feed/item-duration", APPLE, fix="Write the length of the decoded audio in seconds.")
def check_duration(item: Item) -> Iterator[str]:
    """Clients show the length before anything is fetched."""
    text = item.text("itunes:duration")
    if not text:
        yield "The episode has no itunes:duration."
    elif not parse_duration(text):
        yield f"itunes:duration is {text!r}."


@must(
    "feed/item-transcript",
    NAMESPACE,
    fix="Give each transcript its type: text/vtt, application/x-subrip, application/json.",
)
def check_transcript(item: Item) -> Iterator[str]:
    """Clients choose a transcript by its type."""
    for element in item.find_all("podcast:transcript"):
        kind = (element.get("type") or "").partition(";")[0].strip()
        if kind not in _TRANSCRIPTS:
            yield f"The transcript's type is {kind!r}."


@must("feed/item-chapters", NAMESPACE, fix="Write application/json+chapters.")
def check_chapters(item: Item) -> Iterator[str]:
    """Clients take chapters of one type."""
    for element in item.find_all("podcast:chapters"):
        kind = element.get("type") or ""
        if kind not in {"application/json+chapters", "application/json"}:
            yield f"The chapters' type is {kind!r}."


@must(
    "feed/item-soundbite",
    NAMESPACE,
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
