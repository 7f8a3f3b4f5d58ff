"""Rules for what a feed and its pages name: the files are there, and served as they should be."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from reviewcast.podcast.check.document import Channel, Feed, Item, is_url
from reviewcast.podcast.check.findings import APPLE, NAMESPACE, RSS, must, should
from reviewcast.podcast.check.places import Held, Place, join_url
from reviewcast.system.file_types import find_type
from reviewcast.system.files import reporting

_LARGEST_PAGE = 20_000_000
_LINKS = ("href", "src", "poster")

_TYPES_MATTER = {".mp3", ".opus", ".vtt", ".srt", ".chapters.json", ".json", ".jpg", ".png"}
"""The endings of files that clients take by the type that the server sends."""


@dataclass(frozen=True)
class Page:
    """An HTML page of the folder; `where` is its path there, `url` what it is published as."""

    where: str
    url: str
    data: bytes
    place: Place


@dataclass(frozen=True)
class Unread:
    """A file that is there but could not be read."""

    where: str
    url: str
    fault: str


def list_pages(folder: Path) -> Iterator[str]:
    """Return the pages below a folder by their paths, in order, without hidden ones."""
    for path in sorted(folder.rglob("*.html")):
        inside = path.relative_to(folder)
        if not any(part.startswith(".") for part in inside.parts) and path.is_file():
            yield inside.as_posix()


def open_page(folder: Path, name: str, *, base: str, place: Place) -> Page:
    """Read a page; raises StorageError."""
    with reporting(f"read {folder / name}"), (folder / name).open("rb") as file:
        data = file.read(_LARGEST_PAGE)
    return Page(name, base + quote(name), data, place)


@must(
    "files/missing",
    RSS,
    fix="Upload the file before the feed names it, or take it out of the feed.",
)
def check_files(feed: Feed) -> Iterator[tuple[str, str]]:
    """Every file that the feed names is there and is not empty."""
    seen: set[str] = set()
    for owner, what, url in _list_files(feed):
        if url in seen or not is_url(url):
            continue
        seen.add(url)
        held = feed.place.look(url)
        if held.state == "missing":
            yield owner.where, f"The {what} {url} cannot be had: {held.problem}."
        elif held.size_bytes == 0 and what != "enclosure":
            yield owner.where, f"The {what} {url} is empty."


@should("files/page", RSS, fix="Publish the page, or leave the link out.")
def check_pages(feed: Feed) -> Iterator[tuple[str, str]]:
    """The pages that the feed links to, below the show's own URL, are there."""
    seen: set[str] = set()
    for owner in feed.owners:
        url = owner.text("link")
        if url in seen or not is_url(url) or not feed.place.find_name(url):
            continue
        seen.add(url)
        held = feed.place.look(url)
        if held.state == "missing":
            yield owner.where, f"The page {url} cannot be had: {held.problem}."


@must(
    "server/ranges",
    APPLE,
    fix="Let the server answer byte ranges; players seek and resume by them.",
)
def check_ranges(feed: Feed) -> Iterator[str]:
    """The server of the audio answers byte ranges."""
    for item in feed.items:
        if item.audio_url and is_url(item.audio_url):
            held = feed.place.look(item.audio_url)
            if held.state == "there" and held.ranges is False:
                yield f"The server does not answer byte ranges for {item.audio_url}."
                return


@should("server/type", NAMESPACE, fix="Let the server send the right Content-Type.")
def check_types(feed: Feed) -> Iterator[tuple[str, str]]:
    """The server says of each file what it is."""
    for owner, _, url in _list_files(feed):
        if is_url(url):
            held: Held = feed.place.look(url)
            kind = find_type(url)
            right = kind.also | {kind.mime} | ({"text/plain"} if kind.suffix == ".srt" else set())
            said = held.content_type
            if kind.suffix in _TYPES_MATTER and said and said not in right:
                yield owner.where, f"{url} is served as {said}."


@must("files/readable", RSS, fix="Let the whole file be read, and keep it of a usual size.")
def check_readable(unread: Unread) -> Iterator[str]:
    """What is there can be fetched to its end."""
    yield f"{unread.url}: {unread.fault}"


@must(
    "links/missing",
    "HTML Living Standard: links",
    fix="Publish what the page names, or correct the link.",
)
def check_links(page: Page) -> Iterator[str]:
    """What a page links to in its folder is there."""
    from lxml import etree, html

    try:
        # a folder's pages are in UTF-8, which lxml has to be told of pages that do not say so
        document = html.fromstring(page.data, parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return  # an empty page has no links
    seen: set[str] = set()
    for element in document.iter(etree.Element):
        for name in _LINKS:
            link = str(element.get(name, ""))
            url = join_url(page.url, link).partition("#")[0]
            if not link or url in seen or not page.place.find_name(url):
                continue
            seen.add(url)
            if page.place.look(url).state == "missing":
                yield f"Line {element.sourceline}: {link} leads nowhere."


def _list_files(feed: Feed) -> Iterator[tuple[Channel | Item, str, str]]:
    """Return all files that a feed names: who names it, what it is, and its URL."""
    for owner in feed.owners:
        if isinstance(owner, Item):
            for what, url in owner.list_urls():
                if what != "link":
                    yield owner, what, url
        else:
            for image in owner.find_all("itunes:image"):
                yield owner, "cover", (image.get("href") or "").strip()
