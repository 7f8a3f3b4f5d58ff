"""The job: a podcast that another tool has published goes on as the show of this folder."""

import contextlib
import hashlib
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.episode.captions import caption_episode
from reviewcast.model.clean import make_slug
from reviewcast.model.errors import (
    FetchError,
    FetchUnavailable,
    SoundError,
    UsageError,
)
from reviewcast.model.events import Notify, Progressed, Warned
from reviewcast.model.podcast import (
    Episode,
    EpisodeChapter,
    EpisodeCue,
    Publication,
    ShowPublication,
)
from reviewcast.model.text import Review
from reviewcast.podcast.check.rules.captions import LARGEST_TRANSCRIPT, Caption, read_transcript
from reviewcast.podcast.check.rules.chapters import LARGEST_CHAPTERS, read_chapter_file
from reviewcast.podcast.feed.external import (
    ForeignFeed,
    ForeignFile,
    ForeignItem,
)
from reviewcast.podcast.feed.guids import make_show_guid
from reviewcast.podcast.importing.download import (
    ENDINGS,
    IMAGES,
    LARGEST_AUDIO,
    LARGEST_IMAGE,
    TRANSCRIPTS,
    Companions,
    Measured,
    is_web,
    make_cues,
    make_folder,
    make_plain,
    measure_mp3,
    read_pages,
    tidy_chapters,
)
from reviewcast.podcast.importing.match import (
    How,
    Skipped,
    Targets,
    find_fault,
    find_last_part,
    holds_files,
)
from reviewcast.settings.schema import Config
from reviewcast.system.file_types import find_image_type
from reviewcast.system.http import Fetcher
from reviewcast.system.workspace import (
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

_PIECE = 1 << 20


_MOST_SILENT = 3
"""After so many episodes in a row that no server answers for, the others are not tried."""


_UNKNOWN_VOICE = "synthetic"


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
    their guids and dates. Raise UsageError for what is no feed, FetchError when the feed or a
    page of it cannot be had, StorageError; an episode that cannot be adopted is among `skipped`.
    """
    if config.folder is None:
        raise UsageError(
            "There is no podcast.toml here or above.", hint="Make a show: reviewcast init"
        )
    from reviewcast.system.guarded_http import is_local_name

    allow_private = allow_private or (is_web(source) and is_local_name(source))
    fetcher = Fetcher(allow_private=allow_private)
    with lock_show(config.folder), contextlib.closing(fetcher):
        pages = read_pages(source, fetcher)
        run = _Run(
            config, config.folder, fetcher, download=download, dry_run=dry_run, notify=notify
        )
        return run.adopt(pages, source, reviews=reviews)


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
        show_guid = self._adopt_show(first, first.url or (source if is_web(source) else ""))
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
        """Keep the show's podcast:guid, unless the show here has one; return the one that holds.

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
        """Return each item once, the oldest first; pages may repeat what newer ones have.

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
        """Return the slug of each item that is to be adopted, by guid.

        Addresses tell more than titles: they choose first.
        """
        by_guid = {one.guid: slug for slug, one in self._publications.items()}
        targets = Targets()
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
        stem = make_slug(item.title) or find_last_part(item.link) or "episode"
        slug, number = stem, 1
        while slug in taken or holds_files(self._folder / "episodes" / slug):
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
            elif how == "fetched" and (fault := find_fault(item)):
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
            measured = measure_mp3(audio)
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
                description=make_plain(item.description),
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
        make_folder(self._folder / "episodes" / slug)
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
        """Return where an MP3 waits for its record; it is gone when that is written."""
        url = item.audio.url if item.audio else ""
        return self._pending_folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.mp3"

    def _fetch_audio(self, item: ForeignItem) -> Path:
        """Fetch an MP3; one that a stopped run has fetched is whole."""
        path = self._find_pending(item)
        if item.audio and not path.is_file():
            make_folder(path.parent)
            self._fetcher.save(item.audio.url, path, most_bytes=LARGEST_AUDIO)
        return path

    def _fetch_companions(self, item: ForeignItem, measured: Measured) -> Companions:
        """Fetch what belongs to an episode; what cannot be used is warned of and left out."""
        files: dict[str, bytes] = {}
        cues: tuple[EpisodeCue, ...] = ()
        for transcript in item.transcripts:
            suffix, data, captions = self._fetch_transcript(item, transcript)
            if suffix and suffix not in files:
                files[suffix] = data
                cues = cues or tuple(make_cues(captions))
        chapters = self._fetch_chapters(item, measured, files)
        if item.image and item.image != self._image:
            data = self._fetch(item, "image", item.image, LARGEST_IMAGE)
            suffix = IMAGES.get(find_image_type(data), "")
            if suffix:
                files[suffix] = data
            elif data:
                self._warn(item, "image", "is neither JPEG nor PNG")
        if item.notes:
            files[NOTES_SUFFIX] = f"{item.notes}\n".encode()
        return Companions(files, chapters, cues)

    def _fetch_transcript(
        self, item: ForeignItem, transcript: ForeignFile
    ) -> tuple[str, bytes, tuple[Caption, ...]]:
        """Return a transcript's suffix, bytes and captions; no suffix when it cannot be used."""
        kind = transcript.content_type
        if kind not in TRANSCRIPTS:  # the name tells what the type does not
            kind = ENDINGS.get(Path(urlsplit(transcript.url).path).suffix.lower(), "")
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
        return TRANSCRIPTS[kind], data, found.captions

    def _fetch_chapters(
        self, item: ForeignItem, measured: Measured, files: dict[str, bytes]
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
        chapters = tidy_chapters(found, item.title, measured.duration_s)
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
        """Return the feed's settings that podcast.toml lacks, and those that it has otherwise."""
        text = (self._folder / "podcast.toml").read_text(encoding="utf-8")
        written = tomllib.loads(text).get("show", {})
        others = {
            name: value
            for name, value in feed.settings.items()
            if value != getattr(self._config.show, name)
        }
        missing = {name: value for name, value in others.items() if name not in written}
        return missing, {name: others[name] for name in others if name in written}


def _read_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
