"""A published show is checked: its feed, its files, and each against the other."""

import hashlib
import itertools
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from reviewcast.model.errors import StorageError, UsageError
from reviewcast.model.events import Notify, Progressed, ignore_events
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.podcast.check.document import Feed, Item, is_url, read_feed
from reviewcast.podcast.check.findings import RULES, Finding, Rule, Severity, apply_rules
from reviewcast.podcast.check.places import (
    FolderPlace,
    Held,
    ListedPlace,
    Place,
    Unreadable,
    WebPlace,
)
from reviewcast.podcast.check.rules.archives import Chain
from reviewcast.podcast.check.rules.artwork import LARGEST_IMAGE, open_artwork
from reviewcast.podcast.check.rules.captions import LARGEST_TRANSCRIPT, read_transcript
from reviewcast.podcast.check.rules.chapters import (
    LARGEST_CHAPTERS,
    read_chapter_file,
    read_simple_chapters,
)
from reviewcast.podcast.check.rules.hashes import (
    Hashed,
    hash_file,
    is_ours,
    list_built,
    list_hashed,
    read_promise,
)
from reviewcast.podcast.check.rules.items import list_urls
from reviewcast.podcast.check.rules.links import Unread, list_pages, open_page
from reviewcast.podcast.check.rules.media import open_audio
from reviewcast.podcast.feed.parse import find_base
from reviewcast.system.workspace import find_feed, find_show

__all__ = [
    "RULES",
    "Finding",
    "Report",
    "Rule",
    "Severity",
    "check_feed_bytes",
    "check_feed_url",
    "check_show_folder",
    "inspect_feed_url",
    "inspect_show_folder",
]


_LARGEST_FEED = 50_000_000


_MOST_ARCHIVES = 10_000


class Report(Struct, frozen=True):
    """What was found, and how many feeds, episodes, files were looked at."""

    findings: list[Finding]
    checked: dict[str, int]


def check_show_folder(
    folder: Path,
    *,
    quick: bool = False,
    deep: bool = False,
    only: Collection[str] | None = None,
    notify: Notify = ignore_events,
) -> list[Finding]:
    """Check a folder that holds a feed, or a show's folder, and return what was found.

    What lies below the feed's own URL is looked for in the folder; nothing is asked of the net.
    `quick` decodes no audio and compares no hashes; `deep` compares them in any case, also those
    of the built episodes of the show that the folder belongs to. `only` names the files, as paths
    below the folder, whose contents are looked into: audio, captions, chapters, images, pages;
    the feed is checked in any case.
    Raise UsageError when there is no feed, StorageError when it cannot be read.
    """
    return inspect_show_folder(folder, quick=quick, deep=deep, only=only, notify=notify).findings


def check_feed_url(
    url: str,
    *,
    quick: bool = False,
    deep: bool = False,
    allow_private: bool = False,
    notify: Notify = ignore_events,
) -> list[Finding]:
    """Fetch a feed and all that it names, one file at a time, and return what was found.

    What lies in a private network is not asked for unless `allow_private` is set or the feed's
    own URL is one of this machine or its network by its very name. `quick` asks for the audio's
    size and type only. `deep` fetches all that reviewcast has named by a hash, and compares it.
    Raise UsageError for what is no URL of HTTP, StorageError when the feed cannot be fetched.
    """
    return inspect_feed_url(
        url, quick=quick, deep=deep, allow_private=allow_private, notify=notify
    ).findings


def check_feed_bytes(
    data: bytes, list_file: Callable[[str], int | None], *, name: str = "feed.xml"
) -> list[Finding]:
    """Check a feed before it goes out, by its bytes and what is known of its files.

    `list_file` takes a path below the show's URL and gives the size in bytes of what is or will
    be there, None for nothing. The feed's archive pages are documents of their own.
    """
    root, fault, base = read_feed(data, name=name)
    return list(_check_document(Feed(name, data, ListedPlace(base, list_file), root, fault)))


def inspect_show_folder(
    folder: Path,
    *,
    quick: bool = False,
    deep: bool = False,
    only: Collection[str] | None = None,
    notify: Notify = ignore_events,
) -> Report:
    """Do as `check_show_folder` does, and tell what was looked at."""
    path = find_feed(folder)
    data = _read_file(path)
    root, fault, base = read_feed(data, name=path.name)
    place = FolderPlace(base, path.parent)
    main = Feed(path.name, data, place, root, fault)
    inspection = _Inspection(place, quick=quick, only=only, notify=notify)
    found = list(inspection.inspect(main))
    named = {feed.name for feed in inspection.feeds}
    lost = tuple(
        entry.name
        for entry in sorted(path.parent.glob(f"{path.stem}-archive-*.xml"))
        if entry.name not in named
    )
    if base:
        found += apply_rules(Chain(main.name, (), lost=lost))
        for name in list_pages(path.parent):
            if only is None or name in only:
                inspection.count("pages")
                found += apply_rules(open_page(path.parent, name, base=base, place=place))
    if is_ours(main) and (deep or not quick):
        found += _compare_names(path.parent, only)
    if deep and (show := find_show(path.parent.absolute())):
        found += itertools.chain.from_iterable(map(apply_rules, list_built(show)))
    return Report(found, inspection.checked)


def _compare_names(folder: Path, only: Collection[str] | None) -> Iterator[Finding]:
    """Compare what is in a folder with the hashes that its names hold."""
    for name, promise in list_hashed(folder):
        if only is None or name in only:
            try:
                digest = hash_file(folder / name)
            except OSError as error:
                reason = f"It cannot be read: {error.strerror or error}."
                yield from apply_rules(Unread(name, name, reason))
            else:
                yield from apply_rules(Hashed(name, promise, digest))


def inspect_feed_url(
    url: str,
    *,
    quick: bool = False,
    deep: bool = False,
    allow_private: bool = False,
    notify: Notify = ignore_events,
) -> Report:
    """Do as `check_feed_url` does, and tell what was looked at."""
    if not is_url(url):
        raise UsageError(f"{url} is no URL of a feed.", hint="It begins with https://.")
    from reviewcast.system.guarded_http import is_local_name

    place = WebPlace(find_base(url), allow_private=allow_private or is_local_name(url))
    try:
        data = place.read(url, _LARGEST_FEED) or b""
        root, fault, _ = read_feed(data, name=url, url=url)
        name = urlsplit(url).path.rpartition("/")[2] or url
        inspection = _Inspection(place, quick=quick, deep=deep, only=None, notify=notify)
        url = place.final_urls.get(url, url)
        found = list(inspection.inspect(Feed(name, data, place, root, fault, url=url)))
    except Unreadable as error:
        raise StorageError(f"Cannot fetch {url}: {error}", hint="Open it in a browser.") from error
    finally:
        place.close()
    return Report(found, inspection.checked)


def _check_document(document: Feed) -> Iterator[Finding]:
    """Apply the rules for a feed, its channel and its items."""
    yield from apply_rules(document)
    if document.channel is not None:
        yield from apply_rules(document.channel)
    for item in document.items:
        yield from apply_rules(item)


class _Inspection:
    """Goes through a feed, its archive pages and all files that they name, each of them once."""

    def __init__(
        self,
        place: Place,
        *,
        quick: bool,
        only: Collection[str] | None,
        notify: Notify,
        deep: bool = False,
    ) -> None:
        self._place = place
        self._quick = quick
        self._deep = deep
        self._only = only
        self._notify = notify
        self._seen: set[str] = set()
        self.feeds: list[Feed] = []
        self.checked = dict.fromkeys(
            ("feeds", "episodes", "images", "audio", "transcripts", "chapters", "pages"), 0
        )

    def count(self, what: str) -> None:
        """Count a thing that was looked at."""
        self.checked[what] += 1

    def inspect(self, main: Feed) -> Iterator[Finding]:
        """Check all documents first, then the files that they name."""
        self._deep = self._deep and is_ours(main)
        broken = self._follow_archives(main)
        for document in self.feeds:
            self.count("feeds")
            yield from _check_document(document)
        yield from apply_rules(Chain(main.name, tuple(self.feeds), broken))
        guids = {item.text("guid") for feed in self.feeds for item in feed.items}
        self.checked["episodes"] = len(guids)
        episodes = [
            item
            for item in itertools.chain.from_iterable(feed.items for feed in self.feeds)
            if self._is_wanted(*(url for _, url in list_urls(item)))
            and (not item.enclosure_url or self._is_new(item.enclosure_url))
        ]
        yield from self._check_images()
        for number, item in enumerate(episodes, 1):
            yield from self._check_episode(item)
            self._notify(Progressed("check", number, len(episodes)))

    def _follow_archives(self, main: Feed) -> str:
        """Read the archive pages, newest first; tell why the chain breaks, if it does."""
        self.feeds, seen, feed = [main], {main.self_url}, main
        while feed.channel is not None:
            links = feed.channel.links("prev-archive")
            url = (links[0].get("href") or "").strip() if links else ""
            if not url:
                return ""
            if url in seen or len(seen) > _MOST_ARCHIVES:
                return f"The chain of archive pages comes back to {url}."
            seen.add(url)
            held = self._place.look(url) if is_url(url) else Held(state="outside")
            if held.state == "outside":
                return ""  # there is no telling
            if held.state == "missing":
                return f"The archive page {url} cannot be had: {held.problem}."
            try:
                data = self._place.read(url, _LARGEST_FEED) or b""
            except Unreadable as error:
                return f"The archive page {url} cannot be had. {error}"
            name = self._place.find_name(url) or url
            root, fault, _ = read_feed(data, name=name)
            feed = Feed(name, data, self._place, root, fault, archive=True)
            self.feeds.append(feed)
        return ""

    def _check_images(self) -> Iterator[Finding]:
        for document in self.feeds:
            if document.channel is None:
                continue
            for owner in (document.channel, *document.items):
                for image in owner.find_all("itunes:image"):
                    url = (image.get("href") or "").strip()
                    data = self._read(url, LARGEST_IMAGE) if self._is_wanted(url) else None
                    if isinstance(data, bytes):
                        yield from self._compare(url, data)
                        self.count("images")
                        yield from apply_rules(open_artwork(url, data, where=owner.where))
                    elif data is not None:
                        yield from apply_rules(Unread(owner.where, url, data))

    def _check_episode(self, item: Item) -> Iterator[Finding]:
        """Check an episode's audio first: its length is what all else is measured by."""
        json_chapters: tuple[EpisodeChapter, ...] | None = None
        chapter_files: list[tuple[str, bytes]] = []
        for element in item.find_all("podcast:chapters"):
            url = (element.get("url") or "").strip()
            data = self._read(url, LARGEST_CHAPTERS)
            if isinstance(data, bytes):
                chapter_files.append((url, data))
                yield from self._compare(url, data)
                read = read_chapter_file(data, url, where=item.where, duration_s=None)
                json_chapters = None if read.fault else read.chapters
                for image in read.images if self._deep else ():
                    picture = self._read(image, LARGEST_IMAGE)
                    if isinstance(picture, bytes):
                        yield from self._compare(image, picture)
            elif data is not None:
                yield from apply_rules(Unread(item.where, url, data))
        duration_s = item.duration_s + 1 if item.duration_s is not None else None
        audio = None
        try:
            with self._open_audio(item) as path:
                if path is not None:
                    self.count("audio")
                    yield from self._compare(item.enclosure_url, path)
                    audio = open_audio(
                        path,
                        item,
                        quick=self._quick or not self._is_wanted(item.enclosure_url),
                        json_chapters=json_chapters,
                        simple_chapters=read_simple_chapters(item),
                    )
        except Unreadable as error:
            yield from apply_rules(Unread(item.where, item.enclosure_url, str(error)))
        if audio is not None:
            yield from apply_rules(audio)
            duration_s = audio.duration_s if audio.duration_s is not None else duration_s
        for url, data in chapter_files:
            self.count("chapters")
            yield from apply_rules(
                read_chapter_file(data, url, where=item.where, duration_s=duration_s)
            )
        for element in item.find_all("podcast:transcript"):
            url = (element.get("url") or "").strip()
            data = self._read(url, LARGEST_TRANSCRIPT)
            if isinstance(data, bytes):
                yield from self._compare(url, data)
                kind = element.get("type") or ""
                found = read_transcript(data, url, kind, where=item.where, duration_s=duration_s)
                if found is not None:
                    self.count("transcripts")
                    yield from apply_rules(found)
            elif data is not None:
                yield from apply_rules(Unread(item.where, url, data))

    def _compare(self, url: str, content: bytes | Path) -> Iterator[Finding]:
        """Compare a file of the web with the hash that its name holds, if that is asked for."""
        promise = read_promise(self._place.find_name(url)) if self._deep else ""
        if promise:
            if isinstance(content, Path):
                digest = hash_file(content)
            else:
                digest = hashlib.sha256(content).hexdigest()
            yield from apply_rules(Hashed(url, promise, digest))

    def _is_new(self, what: str) -> bool:
        """True if this was not looked at before; archive pages repeat what the feed has."""
        new = what not in self._seen
        self._seen.add(what)
        return new

    def _is_wanted(self, *urls: str) -> bool:
        """True if one of these files is among those to be looked into."""
        only = self._only
        return only is None or any(self._place.find_name(url) in only for url in urls)

    def _read(self, url: str, limit: int) -> bytes | str | None:
        """Return a file's bytes, or why it cannot be read; None for another rule's matter."""
        if not is_url(url) or not self._is_new(url):
            return None
        held = self._place.look(url)
        if held.state != "there" or held.size_bytes == 0:
            return None
        try:
            return self._place.read(url, limit)
        except Unreadable as error:
            return str(error)

    def _open_audio(self, item: Item) -> AbstractContextManager[Path | None]:
        """Return the audio's file; what lies on the web is not fetched when it has to be quick."""
        url = item.enclosure_url
        left = self._quick and not self._deep and isinstance(self._place, WebPlace)
        if left or not is_url(url):
            return nullcontext()
        held = self._place.look(url)
        if held.state != "there" or held.size_bytes == 0:
            return nullcontext()
        return self._place.open_file(url)


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_FEED:
            raise StorageError(f"{path} is larger than 50 MB.", hint="That is no feed.")
        return path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"Cannot read {path}: {error.strerror or error}.", hint="Check its permissions."
        ) from error
