"""A feed is gone through document by document, with all the files that it names."""

import hashlib
import itertools
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from reviewcast.model.events import Notify, Progressed
from reviewcast.podcast.check.document import Feed, Item, is_url, read_feed
from reviewcast.podcast.check.findings import Finding, apply_rules
from reviewcast.podcast.check.places import Held, Place, Unreadable, WebPlace
from reviewcast.podcast.check.rules.alternates import is_decoded, open_alternate
from reviewcast.podcast.check.rules.archives import Chain, Page, make_page
from reviewcast.podcast.check.rules.artwork import LARGEST_IMAGE, open_artwork
from reviewcast.podcast.check.rules.captions import LARGEST_TRANSCRIPT, read_transcript
from reviewcast.podcast.check.rules.chapters import (
    LARGEST_CHAPTERS,
    ChapterFile,
    read_chapter_file,
    read_simple_chapters,
)
from reviewcast.podcast.check.rules.hashes import Hashed, is_ours, read_promise
from reviewcast.podcast.check.rules.links import Unread
from reviewcast.podcast.check.rules.media import Audio, open_audio
from reviewcast.podcast.check.spool import FeedSpool
from reviewcast.system.files import hash_file

LARGEST_FEED = 50_000_000
_MOST_ARCHIVES = 10_000


def check_document(document: Feed) -> Iterator[Finding]:
    """Apply the rules for a feed, its channel and its items."""
    yield from apply_rules(document)
    if document.channel is not None:
        yield from apply_rules(document.channel)
    for item in document.items:
        yield from apply_rules(item)


class Inspection:
    """Goes through a feed, its archive pages and all files that they name, each of them once.

    `checked` counts what was looked at.
    """

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
        self._guids: set[str] = set()
        self._pages: list[Page] = []
        self._broken = ""
        self.names: set[str] = set()
        """The names of all documents that were found by following links from the feed."""
        self.checked = dict.fromkeys(
            ("feeds", "episodes", "images", "audio", "transcripts", "chapters", "pages"), 0
        )

    def count(self, what: str) -> None:
        """Count a thing that was looked at."""
        self.checked[what] += 1

    def inspect(self, main: Feed) -> Iterator[Finding]:
        """Check all documents first, then the files that they name."""
        self._deep = self._deep and is_ours(main)
        images: list[Finding] = []
        episodes: list[list[int]] = []
        with FeedSpool() as archives:
            for feed in self._follow_archives(main):
                if feed is not main:
                    archives.keep(feed)
                self.count("feeds")
                self.names.add(feed.name)
                self._pages.append(make_page(feed))
                self._guids |= {item.text("guid") for item in feed.items}
                yield from check_document(feed)
                images += self._check_images(feed)
                episodes.append(self._choose_episodes(feed))
                feed.close()
            yield from apply_rules(Chain(main.name, tuple(self._pages), self._broken))
            self.checked["episodes"] = len(self._guids)
            yield from images
            done, total = 0, sum(map(len, episodes))
            feeds = itertools.chain([main], archives.reopen(self._place))
            for feed, chosen in zip(feeds, episodes, strict=True):
                for number in chosen:
                    yield from self._check_episode(feed.items[number])
                    done += 1
                    self._notify(Progressed("check", done, total))
                feed.close()

    def _follow_archives(self, main: Feed) -> Iterator[Feed]:
        """Read the feed and its archive pages, newest first; note why the chain breaks, if so."""
        seen, feed = {main.self_url}, main
        url = _find_older(main)
        yield main
        while url:
            if url in seen or len(seen) > _MOST_ARCHIVES:
                self._broken = f"The chain of archive pages comes back to {url}."
                return
            seen.add(url)
            held = self._place.look(url) if is_url(url) else Held(state="outside")
            if held.state == "outside":
                return  # whether it is there cannot be known
            if held.state == "missing":
                self._broken = f"The archive page {url} cannot be had: {held.problem}."
                return
            try:
                data = self._place.read(url, LARGEST_FEED) or b""
            except Unreadable as error:
                self._broken = f"The archive page {url} cannot be had. {error}"
                return
            name = self._place.find_name(url) or url
            root, fault, _ = read_feed(data, name=name)
            feed = Feed(name, data, self._place, root, fault, archive=True)
            url = _find_older(feed)
            yield feed

    def _check_images(self, feed: Feed) -> Iterator[Finding]:
        for owner in feed.owners:
            for image in owner.find_all("itunes:image"):
                url = (image.get("href") or "").strip()
                data = self._read(url, LARGEST_IMAGE) if self._is_wanted(url) else None
                if isinstance(data, bytes):
                    yield from self._compare(url, data)
                    self.count("images")
                    yield from apply_rules(open_artwork(url, data, where=owner.where))
                elif data is not None:
                    yield from apply_rules(Unread(owner.where, url, data))

    def _choose_episodes(self, feed: Feed) -> list[int]:
        """Return the indices of the items that no newer document has, and whose files matter."""
        return [
            number
            for number, item in enumerate(feed.items)
            if self._is_wanted(*(url for _, url in item.list_urls()))
            and (not item.audio_url or self._is_new(item.audio_url))
        ]

    def _check_episode(self, item: Item) -> Iterator[Finding]:
        """Check an episode's audio first: its length is what all else is measured by."""
        files: list[tuple[str, bytes]] = []
        listed: ChapterFile | None = None
        for url, data, _kind in self._read_files(item, "podcast:chapters", LARGEST_CHAPTERS):
            if isinstance(data, str):
                yield from apply_rules(Unread(item.where, url, data))
                continue
            files.append((url, data))
            listed = read_chapter_file(data, url, where=item.where, duration_s=None)
            yield from self._compare(url, data)
            yield from self._compare_pictures(listed)
        duration_s = item.duration_s + 1 if item.duration_s is not None else None
        audio = None
        try:
            with self._open_audio(item.audio_url) as path:
                if path is not None:
                    yield from self._compare(item.audio_url, path)
                    audio = self._look_at_audio(item, path, listed)
        except Unreadable as error:
            yield from apply_rules(Unread(item.where, item.audio_url, str(error)))
        if audio is not None:
            yield from apply_rules(audio)
            duration_s = audio.duration_s if audio.duration_s is not None else duration_s
        yield from self._check_alternates(item, audio.duration_s if audio else item.duration_s)
        for url, data in files:
            self.count("chapters")
            found = read_chapter_file(data, url, where=item.where, duration_s=duration_s)
            yield from apply_rules(found)
        yield from self._check_transcripts(item, duration_s)

    def _look_at_audio(self, item: Item, path: Path, listed: ChapterFile | None) -> Audio:
        self.count("audio")
        return open_audio(
            path,
            item,
            quick=self._quick or not self._is_wanted(item.audio_url),
            json_chapters=None if listed is None or listed.fault else listed.chapters,
            simple_chapters=read_simple_chapters(item),
        )

    def _check_alternates(self, item: Item, enclosure_s: float | None) -> Iterator[Finding]:
        """Decode the further encodings, unless it has to be quick; `_compare` them in any case."""
        for one in item.alternates:
            for url in one.files if is_decoded(one) else ():
                if not (is_url(url) and self._is_wanted(url) and self._is_new(url)):
                    continue
                try:
                    with self._open_audio(url) as path:
                        if path is None:
                            continue
                        self.count("audio")
                        yield from self._compare(url, path)
                        if not self._quick:
                            sound = open_alternate(path, item, url, enclosure_s=enclosure_s)
                            yield from apply_rules(sound)
                except Unreadable as error:
                    yield from apply_rules(Unread(item.where, url, str(error)))

    def _check_transcripts(self, item: Item, duration_s: float | None) -> Iterator[Finding]:
        for url, data, kind in self._read_files(item, "podcast:transcript", LARGEST_TRANSCRIPT):
            if isinstance(data, str):
                yield from apply_rules(Unread(item.where, url, data))
                continue
            yield from self._compare(url, data)
            found = read_transcript(data, url, kind, where=item.where, duration_s=duration_s)
            if found is not None:
                self.count("transcripts")
                yield from apply_rules(found)

    def _compare_pictures(self, listed: ChapterFile) -> Iterator[Finding]:
        """Compare the pictures of chapters with the hashes in their names, if that is asked for."""
        for url in listed.images if self._deep else ():
            picture = self._read(url, LARGEST_IMAGE)
            if isinstance(picture, bytes):
                yield from self._compare(url, picture)

    def _read_files(
        self, item: Item, name: str, limit: int
    ) -> Iterator[tuple[str, bytes | str, str]]:
        """Read the files that elements name: the URL, the bytes or why there are none, the type."""
        for element in item.find_all(name):
            url = (element.get("url") or "").strip()
            data = self._read(url, limit)
            if data is not None:
                yield url, data, element.get("type") or ""

    def _compare(self, url: str, content: bytes | Path) -> Iterator[Finding]:
        """Compare a file of the web with the hash that its name holds, if that is asked for."""
        if promise := read_promise(self._place.find_name(url)) if self._deep else "":
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
        if not self._place.look(url).is_filled:
            return None
        try:
            return self._place.read(url, limit)
        except Unreadable as error:
            return str(error)

    def _open_audio(self, url: str) -> AbstractContextManager[Path | None]:
        """Return an audio file; what lies on the web is not fetched when it has to be quick."""
        left = self._quick and not self._deep and isinstance(self._place, WebPlace)
        if left or not is_url(url) or not self._place.look(url).is_filled:
            return nullcontext()
        return self._place.open_file(url)


def _find_older(feed: Feed) -> str:
    """Return the URL of the next older document, "" for none."""
    return next(iter(feed.channel.links("prev-archive")), "") if feed.channel else ""
