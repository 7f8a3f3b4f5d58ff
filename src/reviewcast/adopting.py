"""The job: a podcast that another tool has published goes on as the show of this folder."""

import contextlib
import hashlib
import os
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.atomic import is_leftover
from reviewcast.checking.captions import LARGEST_TRANSCRIPT, Caption, read_transcript
from reviewcast.checking.chapters import LARGEST_CHAPTERS, read_chapter_file
from reviewcast.checking.id3 import read_tag
from reviewcast.config import Config
from reviewcast.errors import FetchError, FetchUnavailable, SoundError, StorageError, UsageError
from reviewcast.events import Notify, Progressed, Warned
from reviewcast.fetching import Fetcher, name_url
from reviewcast.foreign import ForeignFeed, ForeignFile, ForeignItem, read_foreign_feed
from reviewcast.loudness import measure_stream
from reviewcast.markup import clean_line, make_slug, quote_url
from reviewcast.model import (
    Episode,
    EpisodeChapter,
    EpisodeCue,
    Loudness,
    Publication,
    Review,
    ShowPublication,
)
from reviewcast.mp3 import measure_frame
from reviewcast.sound import stream_audio
from reviewcast.stages.caption import caption_episode
from reviewcast.stages.feed import make_show_guid
from reviewcast.stages.notes import compose_notes
from reviewcast.stages.tag import find_image_type
from reviewcast.workspace import (
    NOTES_SUFFIX,
    load_publications,
    load_records,
    load_show_publication,
    lock_show,
    place_episode,
    save_audio,
    save_companions,
    save_publication,
    save_record,
    save_show_publication,
)

How = Literal["fetched", "kept", "promised"]
_MOST_PAGES = 10_000
_LARGEST_FEED = 50_000_000
_LARGEST_AUDIO = 2_000_000_000
_LARGEST_IMAGE = 20_000_000
_PIECE = 1 << 20
_FRAMES_WITHIN = 1 << 16
"""So far behind the tag the first frame is looked for: some tools leave a gap."""
_FIRST_WITHIN_S = 1.0
"""A first chapter that starts so early is meant to start at 0, where players want it."""
_MOST_SILENT = 3
"""After so many episodes in a row that no server answers for, the others are not tried."""
_UNKNOWN_VOICE = "synthetic"
_TRANSCRIPTS = {
    "text/vtt": ".vtt",
    "application/x-subrip": ".srt",
    "application/srt": ".srt",
    "application/json": ".transcript.json",
}
_ENDINGS = {".vtt": "text/vtt", ".srt": "application/x-subrip", ".json": "application/json"}
_IMAGES = {"image/jpeg": ".jpg", "image/png": ".png"}


class Adopted(Struct, frozen=True, kw_only=True):
    """An episode that now has the guid and date (UTC) that its subscribers know.

    It was fetched with its audio; or an episode that was there keeps its own; or they are
    promised to one that its review is yet to be built to.
    """

    slug: str
    title: str
    guid: str
    published: datetime
    how: How


class Skipped(Struct, frozen=True):
    """An item that was not adopted, and why, in one sentence."""

    title: str
    guid: str
    reason: str


class Adoption(Struct, frozen=True, kw_only=True):
    """What a run did, or with `dry_run` would do.

    `known` counts the items that the show has already. `settings` are those of the feed's show
    that podcast.toml does not have, `differing` those of which it has others. `cover` is the URL
    of the feed's artwork.
    """

    show_guid: str
    adopted: tuple[Adopted, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    known: int = 0
    settings: dict[str, Any] = {}
    differing: dict[str, Any] = {}
    cover: str = ""
    dry_run: bool = False


def adopt_feed(
    source: str,
    config: Config,
    *,
    reviews: Iterable[Review],
    download: bool = True,
    dry_run: bool = False,
    allow_private: bool = False,
    notify: Notify,
) -> Adoption:
    """Adopt the feed at a URL or in a file, RSS 2.0, with all its pages (RFC 5005).

    Each episode comes with its audio, its guid and its date, the oldest first. One that fits an
    episode of the show, or one of its `reviews`, takes that one's place, so that what is built of
    the review goes on under the old guid. Nothing that is there is overwritten. Stopped
    anywhere, the next run does the rest; what the show knows already is passed over.

    What lies in a private network is fetched only with `allow_private`, or when the source itself
    is a URL of this machine or its network by its very name.

    Without `download`, no audio is fetched: only episodes and reviews that are there are given
    their guids and dates. Raises UsageError for what is no feed, FetchError when the feed or a
    page of it cannot be had, StorageError; an episode that cannot be adopted is among `skipped`.
    """
    if config.folder is None:
        raise UsageError(
            "There is no podcast.toml here or above.", hint="Make a show: reviewcast init"
        )
    from reviewcast.guarded_http import is_local_name

    allow_private = allow_private or (_is_web(source) and is_local_name(source))
    fetcher = Fetcher(allow_private=allow_private)
    with lock_show(config.folder), contextlib.closing(fetcher):
        pages = _read_pages(source, fetcher)
        run = _Run(
            config, config.folder, fetcher, download=download, dry_run=dry_run, notify=notify
        )
        return run.adopt(pages, source, reviews=reviews)


class _Targets:
    """What of this show an item may be: reviews and finished episodes that are not published."""

    def __init__(self) -> None:
        self._by_link: dict[str, str] = {}
        self._by_slug: dict[str, str] = {}
        self._by_title: dict[str, str] = {}

    def add_review(self, slug: str, title: str, link: str) -> None:
        """Take a review, which is told by its address, its name or its title."""
        self.add_episode(slug, title, link)
        self._by_slug.setdefault(slug, slug)

    def add_episode(self, slug: str, title: str, link: str) -> None:
        """Take an episode, which is told by its address or its title alone."""
        if link:
            self._by_link.setdefault(quote_url(link).rstrip("/"), slug)
        if key := _fold(title):
            self._by_title.setdefault(key, slug)

    def find_by_link(self, item: ForeignItem) -> str:
        """Find what an item's address names."""
        by_name = self._by_slug.get(_find_last_part(item.link), "")
        return self._by_link.get(item.link.rstrip("/"), "") or by_name

    def find_by_title(self, item: ForeignItem) -> str:
        """Find what has an item's title."""
        return self._by_title.get(_fold(item.title), "") or self._by_slug.get(
            make_slug(item.title), ""
        )


class _Measured(NamedTuple):
    """What was found in an MP3."""

    loudness: Loudness
    duration_s: float
    chapters: tuple[EpisodeChapter, ...]


class _Beside(NamedTuple):
    """What becomes the files beside an MP3, by suffix, and what they tell."""

    files: dict[str, bytes]
    chapters: tuple[EpisodeChapter, ...]
    cues: tuple[EpisodeCue, ...]


class _Run:
    """One adoption of one feed."""

    def __init__(
        self,
        config: Config,
        folder: Path,
        fetcher: Fetcher,
        *,
        download: bool,
        dry_run: bool,
        notify: Notify,
    ) -> None:
        self._config = config
        self._folder = folder
        self._fetcher = fetcher
        self._download = download
        self._dry_run = dry_run
        self._notify = notify
        self._publications = load_publications(folder)
        self._records = {record.slug: record for record in load_records(folder)}
        self._skipped: list[Skipped] = []
        self._reviews: set[str] = set()
        self._language = config.show.language
        self._image = ""

    def adopt(
        self, pages: Sequence[ForeignFeed], source: str, *, reviews: Iterable[Review]
    ) -> Adoption:
        """Adopt what is in the pages of a feed, newest first."""
        first = pages[0]
        self._language = first.settings.get("language", self._language)
        self._image = first.image
        show_guid = self._adopt_show(first, first.url or (source if _is_web(source) else ""))
        items = self._select(self._gather(pages))
        slugs = self._assign(items, reviews)
        pending = [item for item in items if item.guid in slugs]
        adopted = tuple(self._adopt_each(pending, slugs))
        if not self._skipped and not self._dry_run:  # else some of it may be wanted again
            shutil.rmtree(self._pending_folder, ignore_errors=True)
        missing, differing = self._compare_settings(first)
        return Adoption(
            show_guid=show_guid,
            adopted=adopted,
            skipped=tuple(self._skipped),
            known=len(items) - len(pending),
            settings=missing,
            differing=differing,
            cover=first.image,
            dry_run=self._dry_run,
        )

    def _adopt_show(self, feed: ForeignFeed, url: str) -> str:
        """Keep the show's podcast:guid, unless the show here has one; give the one that holds.

        A feed that does not tell one is known by that of its address (podcast namespace, guid).
        """
        kept = load_show_publication(self._folder)
        own = self._config.show.guid or (kept.guid if kept else "")
        if own:
            if feed.guid and feed.guid.lower() != own.lower():
                self._notify(
                    Warned(f"The show keeps its podcast:guid {own}; the feed's is {feed.guid}.")
                )
            return own
        guid = feed.guid or (make_show_guid(url) if url else "")
        if guid and not self._dry_run:
            save_show_publication(self._folder, ShowPublication(guid=guid))
        return guid

    # --- which items, and what they become

    def _gather(self, pages: Sequence[ForeignFeed]) -> list[ForeignItem]:
        """Give each item once, the oldest first; pages may repeat what newer ones have.

        An item without a date takes that of the one above it, and so keeps its place.
        """
        newest, seen = [], set()
        for page in pages:
            on_page: dict[str, ForeignItem] = {}
            for item in page.items:
                key = item.guid or item.title
                first = on_page.setdefault(key, item)
                if first.audio != item.audio:
                    self._skip(item, "An item above it has the same guid.")
                if key not in seen:
                    seen.add(key)
                    newest.append(item)
        last = next((item.published for item in newest if item.published), pages[0].changed)
        dated = []
        for item in newest:
            last = item.published or last
            dated.append(replace(item, published=last))
        dated.reverse()
        return sorted(dated, key=lambda item: item.published.timestamp() if item.published else 0)

    def _select(self, items: Iterable[ForeignItem]) -> list[ForeignItem]:
        """Leave out, by name, what is no episode that could be adopted."""
        selected = []
        for item in items:
            if item.audio is None:
                self._skip(item, "It has no audio.")
            elif item.published is None:
                self._skip(item, "Neither it nor the feed tells a date that can be read.")
            else:
                selected.append(item)
        return selected

    def _assign(self, items: Sequence[ForeignItem], reviews: Iterable[Review]) -> dict[str, str]:
        """Give the slug of each item that is to be adopted, by guid.

        Addresses tell more than titles: they choose first.
        """
        by_guid = {one.guid: slug for slug, one in self._publications.items()}
        targets = _Targets()
        for review in reviews:
            self._reviews.add(review.slug)
            if review.slug not in self._publications:
                targets.add_review(review.slug, review.title, review.link)
        for slug, record in self._records.items():
            if slug not in self._publications:
                targets.add_episode(slug, record.title, record.link)
        slugs = {}
        pending = []
        for item in items:
            before = by_guid.get(item.guid, "")
            if not before:
                pending.append(item)
            elif (
                before not in self._records
                and not self._publications[before].withdrawn
                and self._choose(item, before) == "fetched"
            ):
                # a run was stopped between its promise and its record, or fetched no audio
                slugs[item.guid] = before
        free = {item.guid: item for item in pending}
        taken = set(self._publications)
        for find in (targets.find_by_link, targets.find_by_title):
            for item in pending:
                slug = find(item)
                if item.guid in free and slug and slug not in taken:
                    taken.add(slug)
                    slugs[item.guid] = slug
                    del free[item.guid]
        taken |= self._reviews | set(self._records)
        for item in free.values():
            slugs[item.guid] = self._make_slug(item, taken)
            taken.add(slugs[item.guid])
        return slugs

    def _make_slug(self, item: ForeignItem, taken: set[str]) -> str:
        """Make a slug that nothing here has, of the title, else of the address."""
        stem = make_slug(item.title) or _find_last_part(item.link) or "episode"
        slug, number = stem, 1
        while slug in taken or _holds_files(self._folder / "episodes" / slug):
            number += 1
            slug = f"{stem}-{number}"
        return slug

    # --- one item after another

    def _adopt_each(self, items: Sequence[ForeignItem], slugs: dict[str, str]) -> Iterator[Adopted]:
        silent = 0
        for number, item in enumerate(items, 1):
            slug = slugs[item.guid]
            how = self._choose(item, slug)
            reason = ""
            if how is None:
                reason = "Neither an episode nor a review of it is here."
            elif how == "fetched" and silent >= _MOST_SILENT:
                reason = "It was not tried, as no server has answered."
            elif how == "fetched" and (fault := _find_fault(item)):
                reason = fault
            elif not self._dry_run:
                try:
                    self._adopt_item(item, slug, how)
                except (FetchError, SoundError) as error:
                    silent = silent + 1 if isinstance(error, FetchUnavailable) else 0
                    reason = error.message
            if reason or how is None or item.published is None:
                self._skip(item, reason)
            else:
                silent = 0 if how == "fetched" else silent
                yield Adopted(
                    slug=slug, title=item.title, guid=item.guid, published=item.published, how=how
                )
            if not self._dry_run:
                self._notify(Progressed("adopt", number, len(items)))

    def _choose(self, item: ForeignItem, slug: str) -> How | None:
        """Tell how an item is adopted, None when it cannot be; nothing foreign is overwritten."""
        if slug in self._records:
            return "kept"
        is_ours = slug in self._publications and self._find_pending(item).exists()
        if self._download and (is_ours or not self._find_path(slug).exists()):
            return "fetched"
        return "promised" if slug in self._reviews else None

    def _adopt_item(self, item: ForeignItem, slug: str, how: How) -> None:
        """Fetch and measure all first; then the promise, the files, and the record last.

        A promise without a record stops `publish`, so no stopped run can give another guid away.
        """
        if how != "fetched":
            self._promise(item, slug)
            return
        audio = self._fetch_audio(item)
        try:
            measured = _measure_mp3(audio)
        except SoundError:
            audio.unlink()
            raise
        beside = self._fetch_companions(item, measured)
        self._promise(item, slug)
        path = self._find_path(slug)
        size_bytes, sha256 = save_audio(path, _read_pieces(audio))
        save_companions(path, beside.files)
        save_record(
            path,
            Episode(
                slug=slug,
                title=item.title or slug,
                path=str(path),
                size_bytes=size_bytes,
                duration_s=measured.duration_s,
                sha256=sha256,
                voice=_UNKNOWN_VOICE if item.synthetic else "",
                language=self._language,
                loudness=measured.loudness,
                chapters=beside.chapters,
                cues=beside.cues,
                track=item.number,
                season=item.season,
                kind=item.kind,
                author=item.author,
                date=f"{item.published:%Y-%m-%d}",
                description=_make_plain(item.description),
                link=item.link,
                explicit=item.explicit,
                companions={
                    suffix: hashlib.sha256(data).hexdigest()
                    for suffix, data in beside.files.items()
                },
                segments=0,
                voiced=0,
                reused=0,
                blocks=0,
                blocks_reused=0,
            ),
        )
        audio.unlink()

    def _promise(self, item: ForeignItem, slug: str) -> None:
        if slug in self._publications:
            return
        assert item.published is not None
        _make_folder(self._folder / "episodes" / slug)
        # its subscribers know it already: neither date nor number changes any more
        promise = Publication(
            guid=item.guid, published=item.published, number=item.number, released=True
        )
        save_publication(self._folder, slug, promise)

    def _find_path(self, slug: str) -> Path:
        return place_episode(slug, review=None, show=self._folder, output=None)

    # --- what is fetched

    @property
    def _pending_folder(self) -> Path:
        return self._folder / ".reviewcast" / "adopted"

    def _find_pending(self, item: ForeignItem) -> Path:
        """Give where an MP3 waits for its record; it is gone when that is written."""
        url = item.audio.url if item.audio else ""
        return self._pending_folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.mp3"

    def _fetch_audio(self, item: ForeignItem) -> Path:
        """Fetch an MP3; one that a stopped run has fetched is whole."""
        path = self._find_pending(item)
        if item.audio and not path.is_file():
            _make_folder(path.parent)
            self._fetcher.save(item.audio.url, path, most_bytes=_LARGEST_AUDIO)
        return path

    def _fetch_companions(self, item: ForeignItem, measured: _Measured) -> _Beside:
        """Fetch what belongs to an episode; what cannot be used is warned of and left out."""
        files: dict[str, bytes] = {}
        cues: tuple[EpisodeCue, ...] = ()
        for transcript in item.transcripts:
            suffix, data, captions = self._fetch_transcript(item, transcript)
            if suffix and suffix not in files:
                files[suffix] = data
                cues = cues or tuple(_make_cues(captions))
        chapters = self._fetch_chapters(item, measured, files)
        if item.image and item.image != self._image:
            data = self._fetch(item, "image", item.image, _LARGEST_IMAGE)
            suffix = _IMAGES.get(find_image_type(data), "")
            if suffix:
                files[suffix] = data
            elif data:
                self._warn(item, "image", "is neither JPEG nor PNG")
        if item.notes:
            files[NOTES_SUFFIX] = f"{item.notes}\n".encode()
        return _Beside(files, chapters, cues)

    def _fetch_transcript(
        self, item: ForeignItem, transcript: ForeignFile
    ) -> tuple[str, bytes, tuple[Caption, ...]]:
        """Give a transcript's suffix, bytes and captions; no suffix when it cannot be used."""
        kind = transcript.content_type
        if kind not in _TRANSCRIPTS:  # the name tells what the type does not
            kind = _ENDINGS.get(Path(urlsplit(transcript.url).path).suffix.lower(), "")
        if not kind:
            said = transcript.content_type or "unknown"
            self._warn(item, "transcript", f"of type {said} is left out")
            return "", b"", ()
        data = self._fetch(item, "transcript", transcript.url, LARGEST_TRANSCRIPT)
        if not data:
            return "", b"", ()
        found = read_transcript(data, transcript.url, kind, where=item.title, duration_s=None)
        if found is None or found.fault or not found.captions:
            fault = found.fault if found else ""
            self._warn(item, "transcript", f"cannot be used: {fault or 'it is empty'}")
            return "", b"", ()
        return _TRANSCRIPTS[kind], data, found.captions

    def _fetch_chapters(
        self, item: ForeignItem, measured: _Measured, files: dict[str, bytes]
    ) -> tuple[EpisodeChapter, ...]:
        """Take the chapters of their file, else those in the feed, else those of the MP3's tag.

        The file stays as it is when its chapters are in order; else they are written anew.
        """
        found, data = item.chapters or measured.chapters, b""
        if item.chapters_url:
            data = self._fetch(item, "chapter file", item.chapters_url, LARGEST_CHAPTERS)
        if data:
            read = read_chapter_file(data, item.chapters_url, where=item.title, duration_s=None)
            if read.fault:
                self._warn(item, "chapter file", f"cannot be used: {read.fault}")
                data = b""
            else:
                found = read.chapters
        chapters = _tidy_chapters(found, item.title, measured.duration_s)
        if chapters:
            files[".chapters.json"] = (
                data
                if data and chapters == found
                else caption_episode(
                    (), chapters, title=item.title, language=self._language
                ).chapters_json
            )
        return chapters

    def _fetch(self, item: ForeignItem, what: str, url: str, most_bytes: int) -> bytes:
        """Fetch a small file; b"" when it is not to be had, and FetchUnavailable when not now."""
        if not url:
            return b""
        try:
            return self._fetcher.read(url, most_bytes=most_bytes).data
        except FetchUnavailable:
            raise
        except FetchError as error:
            self._warn(item, what, f"is left out: {error.message}")
            return b""

    def _warn(self, item: ForeignItem, what: str, said: str) -> None:
        self._notify(Warned(f"“{item.title}”: its {what} {said.rstrip('.')}."))

    def _skip(self, item: ForeignItem, reason: str) -> None:
        self._skipped.append(Skipped(item.title, item.guid, reason))

    def _compare_settings(self, feed: ForeignFeed) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give the feed's settings that podcast.toml lacks, and those that it has otherwise."""
        text = (self._folder / "podcast.toml").read_text(encoding="utf-8")
        written = tomllib.loads(text).get("show", {})
        others = {
            name: value
            for name, value in feed.settings.items()
            if value != getattr(self._config.show, name)
        }
        missing = {name: value for name, value in others.items() if name not in written}
        return missing, {name: others[name] for name in others if name in written}


def _read_pages(source: str, fetcher: Fetcher) -> list[ForeignFeed]:
    """Read a feed and all older documents that it leads to.

    A feed without one of them would lose episodes: then there is none.
    """
    pages: list[ForeignFeed] = []
    queue, seen = [source], {source}
    while queue:
        place = queue.pop(0)
        url, data = _read_document(place, fetcher)
        page = read_foreign_feed(data, url=url, name=name_url(place) if url else place)
        pages.append(page)
        for link in page.older:
            older = _resolve(link, place, url)
            if older not in seen and len(seen) < _MOST_PAGES:
                seen.add(older)
                queue.append(older)
    return pages


def _read_document(place: str, fetcher: Fetcher) -> tuple[str, bytes]:
    """Give a document and the URL that it was at, "" for a file."""
    if _is_web(place):
        fetched = fetcher.read(place, most_bytes=_LARGEST_FEED)
        return fetched.url, fetched.data
    try:
        return "", Path(place).read_bytes()
    except FileNotFoundError as error:
        raise UsageError(
            f"There is no file {place}.", hint="Name a file, or a URL with its https://."
        ) from error
    except OSError as error:
        raise UsageError(f"Cannot read {place}: {error.strerror or error}.") from error


def _resolve(link: str, place: str, url: str) -> str:
    """Give the place of an older document; beside a file lies what is named without a host."""
    if url:
        try:
            return urljoin(url, link)
        except ValueError as error:  # such as an unclosed bracket
            raise FetchError(f"The feed goes on at {link!r}, which is no address.") from error
    return link if _is_web(link) else str(Path(place).parent / unquote(link))


def _is_web(place: str) -> bool:
    return place.lower().startswith(("http://", "https://"))


def _find_fault(item: ForeignItem) -> str:
    """Tell why an item's audio is not to be fetched, "" when it is."""
    if item.audio is None or not item.audio.url:
        return "Its audio has no address of the web."
    if item.is_mp3:
        return ""
    said = item.audio.content_type or "of no type that is told"
    return f"Its audio is {said}, and only audio/mpeg can be adopted."


def _find_last_part(link: str) -> str:
    """Give the last part of an address's path as a slug, without an ending such as .html."""
    parts = [part for part in urlsplit(link).path.split("/") if part]
    name = unquote(parts[-1], errors="replace") if parts else ""
    return make_slug(name.removesuffix(".html").removesuffix(".htm"))


def _fold(title: str) -> str:
    return "".join(filter(str.isalnum, title.casefold()))


def _measure_mp3(path: Path) -> _Measured:
    """Decode an MP3 to its end, ten seconds at a time.

    Raises SoundError when it is something else, or broken.
    """
    try:
        with path.open("rb") as file:
            chapters, is_mp3 = _look_into(file)
    except OSError as error:
        raise StorageError(f"Cannot read {path}: {error.strerror or error}.") from error
    if not is_mp3:
        raise SoundError("Its audio is no MP3.")
    try:
        rate_hz, _, blocks = stream_audio(path)
        loudness, samples = measure_stream(blocks, rate_hz)
    except SoundError as error:
        raise SoundError("Its audio cannot be decoded to its end.") from error
    if not samples:
        raise SoundError("Its audio is empty.")
    return _Measured(loudness, round(samples / rate_hz, 6), chapters)


def _look_into(file: BinaryIO) -> tuple[tuple[EpisodeChapter, ...], bool]:
    """Give the chapters of an MP3's tag, and tell whether frames follow it at all."""
    chapters: tuple[EpisodeChapter, ...] = ()
    start = 0
    with contextlib.suppress(ValueError):  # what is wrong with a tag is the player's to bear
        while (tag := read_tag(file)).size_bytes:
            listed = (EpisodeChapter(one.title, one.start_ms / 1000) for one in tag.chapters)
            chapters = chapters or tuple(listed)
            start += tag.size_bytes
            file.seek(start)
    file.seek(start)
    data = file.read(_FRAMES_WITHIN)
    at = data.find(b"\xff")
    while at >= 0:
        with contextlib.suppress(SoundError):
            after = at + measure_frame(data[at : at + 4])
            if after >= len(data) or measure_frame(data[after : after + 4]):
                return chapters, True
        at = data.find(b"\xff", at + 1)
    return chapters, False


def _tidy_chapters(
    found: Iterable[EpisodeChapter], title: str, duration_s: float
) -> tuple[EpisodeChapter, ...]:
    """Put chapters in order, from 0 on and within the audio, each with a title."""
    named = {
        one.start_s: EpisodeChapter(clean_line(one.title), one.start_s)
        for one in found
        if clean_line(one.title) and 0 <= one.start_s < duration_s
    }
    chapters = [named[start_s] for start_s in sorted(named)]
    if not chapters or chapters[0].start_s == 0:
        return tuple(chapters)
    if chapters[0].start_s <= _FIRST_WITHIN_S:
        return (EpisodeChapter(chapters[0].title, 0.0), *chapters[1:])
    return (EpisodeChapter(title, 0.0), *chapters)


def _make_cues(captions: Iterable[Caption]) -> Iterator[EpisodeCue]:
    """Make of captions what a page shows as its transcript."""
    for one in sorted(captions, key=lambda one: one.start_s):
        if text := clean_line(" ".join(one.lines)):
            yield EpisodeCue(one.start_s, one.end_s, "narrator", text)


def _make_plain(notes: str) -> str:
    """Make plain text of a description that may hold HTML."""
    if not notes:
        return ""
    return compose_notes(notes, rating="", subject="", author="", chapters=(), link="")[0]


def _read_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _holds_files(folder: Path) -> bool:
    """Tell whether anything is there, but for what a killed run has left."""
    try:
        return any(not is_leftover(name) for name in os.listdir(folder))
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"Cannot make the folder {folder}: {error.strerror or error}.",
            hint="Make the show's folder one that can be written.",
        ) from error
