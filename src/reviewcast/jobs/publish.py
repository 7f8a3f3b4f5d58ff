"""The job: the episodes of a show become a published podcast, the feed last of all."""

import contextlib
import functools
import hashlib
import html
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.episode.artwork import read_cover
from reviewcast.episode.notes import compose_notes
from reviewcast.model.errors import (
    ConflictError,
    DestinationError,
    FaultsFound,
    FetchError,
    StorageError,
    UsageError,
)
from reviewcast.model.events import Noticed, Notify, Progressed, Warned
from reviewcast.model.podcast import FEED, EpisodeRecord, Publication, Release, ShowPublication
from reviewcast.model.protocols import Destination, Stored, Upload
from reviewcast.podcast.documents import LISTING, Document, hash_document
from reviewcast.podcast.feed.archives import FeedPart, plan_feed
from reviewcast.podcast.feed.guids import make_episode_guid, make_show_guid
from reviewcast.podcast.feed.live import (
    ItemChange,
    LiveFeed,
    compare_feeds,
    read_archives,
    read_live_feed,
)
from reviewcast.podcast.feed.render import render_feed
from reviewcast.podcast.feed.validate import check_show
from reviewcast.podcast.identity import (
    describe_record,
    find_former,
    find_namesakes,
    is_lost,
    list_times,
    number_episodes,
)
from reviewcast.podcast.release import (
    MediaFile,
    find_expired,
    find_page,
    list_media,
    make_release,
    promise_episode,
    retire_files,
    update_retired,
)
from reviewcast.podcast.site.pages import render_assets, render_episode, render_index, site_version
from reviewcast.podcast.upload import CHANGING, LASTING, Entry, Sent, refuse_changed, wrap_document
from reviewcast.settings.schema import Config, Show
from reviewcast.system.http import post_form
from reviewcast.system.workspace import (
    load_cues,
    load_ledger,
    load_notes,
    load_publications,
    load_records,
    load_show_publication,
    lock_show,
    save_ledger,
    save_publication,
    save_show_publication,
)
from reviewcast.text.draft import match_reviews

_PING_S = 10.0


_MOST_NAMES = 5


class Published(Struct, frozen=True, kw_only=True):
    """What a run did, or with `dry_run` would do.

    `changes` are those of the feed, `scheduled` maps episodes to when they will appear.
    """

    feed_url: str
    episodes: int
    uploaded: tuple[Sent, ...] = ()
    deleted: tuple[str, ...] = ()
    changes: tuple[ItemChange, ...] = ()
    scheduled: dict[str, datetime] = {}
    drafts: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    dry_run: bool = False


class Wishes(Struct, frozen=True, kw_only=True):
    """What is asked of a run: all that is built is published, besides.

    `include` are episodes to publish, also when they were withdrawn, on `date` if that is given;
    `withdraw` are those that shall be public no more. `force` publishes over a feed that names
    episodes which this show does not know.
    """

    include: tuple[str, ...] = ()
    withdraw: tuple[str, ...] = ()
    date: datetime | None = None
    force: bool = False
    dry_run: bool = False


def publish_show(
    config: Config, destination: Destination, wishes: Wishes, *, now: datetime, notify: Notify
) -> Published:
    """Bring a destination up to date with a show.

    Media go first, then pages, the feed last and only when every file that it names is there
    with its size; only then is anything deleted. Stopped anywhere, the next run does the rest.
    Raises one of the errors of the tree; the live feed then names whole files only.
    """
    if config.folder is None:
        raise UsageError(
            "There is no podcast.toml here or above.", hint="Make a show: reviewcast init"
        )
    check_show(config.show)
    with _hold(lock_show(config.folder), wishes), _hold(destination.lock(), wishes):
        run = _Run(config, config.folder, destination, wishes=wishes, now=now, notify=notify)
        return run.publish()


@contextlib.contextmanager
def _hold(lock: contextlib.AbstractContextManager[None], wishes: Wishes) -> Iterator[None]:
    """Hold a lock; what is only looked at may also lie where nothing can be written."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock)
        except StorageError:
            if not wishes.dry_run:
                raise
        yield


class _Run:
    """One publication of one show to one destination."""

    def __init__(
        self,
        config: Config,
        folder: Path,
        destination: Destination,
        *,
        wishes: Wishes,
        now: datetime,
        notify: Notify,
    ) -> None:
        self._config = config
        self._show: Show = config.show
        self._folder = folder
        self._destination = destination
        self._wishes = wishes
        self._now = now
        self._retiring = now
        self._notify = notify
        self._feed_url = f"{self._show.url.rstrip('/')}/{FEED}"
        self._there: dict[str, Stored] = {}
        self._sent: list[Sent] = []
        self._ledger: dict[str, Entry] = {}
        self._notes: dict[str, EpisodeRecord] = {}
        self._listings: set[str] = set()

    def publish(self) -> Published:
        records = {record.slug: record for record in load_records(self._folder)}
        kept = load_publications(self._folder)
        self._tell_unbuilt(records.values())
        live = read_live_feed(self._destination.read(FEED))
        identity = self._identify(live)
        known = self._read_older(live, records, kept)
        self._check_clock(kept, known)
        promised = self._promise(records, kept, known, identity.guid)
        self._refuse_strangers(known, promised)
        self._refuse_renamed(records, kept, known, promised)
        self._number(records, kept, known, promised)
        public, media = self._select(records, promised)
        for slug, files in media.items():
            names = {kind: file.name for kind, file in files.items()}
            promised[slug] = retire_files(promised[slug], names, now=self._retiring)
        self._retire_withdrawn(promised)
        assets = self._make_assets()
        shared = {name: name for name in assets}
        identity = replace(
            identity, files=shared, retired=update_retired(identity, shared, now=self._retiring)
        )
        releases = [
            make_release(records[slug], promised[slug], pages=self._config.site.pages)
            for slug in public
        ]
        self._notes = {slug: records[slug] for slug in public}
        cover = next((name for name in assets if name.startswith("cover-")), "")
        self._there = self._destination.list()
        self._ledger = self._load_ledger()
        feed_part, *archives = plan_feed(releases, self._config.feed)
        feed = self._render_feed(feed_part, identity.guid, cover)
        sizes = self._list_sizes(media, assets)
        self._tell_moved([records[slug] for slug in public])
        self._check_feed(feed, sizes)
        expired = self._find_expired(identity, promised)
        if not self._wishes.dry_run:
            self._keep_promises(kept, promised, identity)
        try:
            self._send_media(media, assets, sizes)
            documents = [
                *self._list_pages(releases, cover),
                *(self._plan_archive(part, identity.guid, cover) for part in archives),
            ]
            self._send_documents(documents, releases, cover)
            self._confirm(sizes, releases, cover)
            changed = self._send_feed(feed, live)
            deleted = self._delete(expired | self._find_stray_pages(documents, promised))
        finally:
            if not self._wishes.dry_run:
                self._save_ledger()
        if not self._wishes.dry_run:
            self._forget(deleted, identity, promised)
            if changed:
                self._ping()
        return Published(
            feed_url=self._feed_url,
            episodes=len(releases),
            uploaded=tuple(self._sent),
            deleted=tuple(sorted(deleted)),
            changes=compare_feeds(live, read_live_feed((feed, Stored(len(feed), "")))),
            scheduled={
                slug: one.published
                for slug, one in promised.items()
                if slug in records
                and not (one.withdrawn or one.released)
                and one.published > self._now
            },
            drafts=tuple(
                slug for slug, one in records.items() if one.draft and slug not in promised
            ),
            withdrawn=tuple(slug for slug, one in promised.items() if one.withdrawn),
            dry_run=self._wishes.dry_run,
        )

    # --- what is to be public

    def _tell_unbuilt(self, records: Collection[EpisodeRecord]) -> None:
        """Name the reviews that differ from what was built of them, and those never built."""
        changed, built = [], set()
        for record in records:
            if record.source:
                path = self._folder / record.source
                built.add(os.path.normpath(path))
                if _is_newer(path, record):
                    changed.append(record.source)
        if changed:
            text = f"Changed since the build: {_list_some(changed)}."
            self._notify(Warned(f"{text} Build first: reviewcast build"))
        found = match_reviews(self._folder, self._config) if self._show.reviews else []
        missing = [path.name for path in found if str(path) not in built]
        if missing:
            self._notify(Noticed(f"Not built, so not published: {_list_some(missing)}."))

    def _tell_moved(self, records: Collection[EpisodeRecord]) -> None:
        """Name the episodes whose chapter files say that their pictures lie somewhere else."""
        base = f"{self._show.url.rstrip('/')}/media/".encode()
        moved = [
            record.slug
            for record in records
            if any(chapter.image for chapter in record.chapters)
            and base not in Path(record.path).with_suffix(".chapters.json").read_bytes()
        ]
        if moved:
            text = f"Built for another url, so their chapters lack pictures: {_list_some(moved)}."
            self._notify(Warned(f"{text} Build first: reviewcast build"))

    def _identify(self, live: LiveFeed) -> ShowPublication:
        """Return the show's guid: the one it has, else that of its live feed, else a new one."""
        kept = load_show_publication(self._folder)
        guid = self._show.guid or live.guid or make_show_guid(self._feed_url)
        if kept is None:
            return ShowPublication(guid=guid)
        return replace(kept, guid=self._show.guid or kept.guid)

    def _promise(
        self,
        records: Mapping[str, EpisodeRecord],
        kept: Mapping[str, Publication],
        live: LiveFeed,
        show_guid: str,
    ) -> dict[str, Publication]:
        """Return each episode the promise it has or now gets; drafts get none."""
        wishes = self._wishes
        for slug in wishes.include:
            if slug not in records:
                raise UsageError(
                    f"There is no episode {slug} in {self._folder / 'episodes'}.",
                    hint=f"There are: {', '.join(records)}."
                    if records
                    else "Build it first: reviewcast build",
                )
        for slug in wishes.withdraw:
            if slug not in kept:
                raise UsageError(
                    f"The episode {slug} was never published.",
                    hint=f"There are: {', '.join(sorted(kept)) or 'none'}.",
                )
        promised: dict[str, Publication] = dict(kept)
        guids = self._find_guids(records, kept, live, show_guid)
        dates = live.dates
        for slug, record in records.items():
            before = kept.get(slug)
            guid = guids[slug]
            waits = record.draft or wishes.withdraw  # who takes back publishes nothing new
            if waits and before is None and slug not in wishes.include and guid not in live.items:
                continue
            date = wishes.date if slug in wishes.include else None
            shown = before.published if before and (before.released or before.files) else None
            shown = shown or dates.get(guid)
            if date and shown:
                raise UsageError(
                    f"The episode {slug} appeared on {shown:%Y-%m-%d}: that date stays.",
                    hint="--date is for episodes that were never public; leave it out.",
                )
            # a record that was lost is found again where subscribers know it from
            date = date or shown
            one = promise_episode(record, before, guid=guid, now=self._now, published=date)
            # records of older versions tell it by their files alone
            one = replace(one, released=one.released or bool(one.files) or guid in live.items)
            if slug in wishes.include:
                one = replace(one, withdrawn=False)
            promised[slug] = one
        for slug in wishes.withdraw:
            promised[slug] = replace(promised[slug], withdrawn=True)
        return promised

    def _find_guids(
        self,
        records: Mapping[str, EpisodeRecord],
        kept: Mapping[str, Publication],
        live: LiveFeed,
        show_guid: str,
    ) -> dict[str, str]:
        """Return each record's guid: kept, or found in the live feed, or made."""
        guids = {
            slug: kept[slug].guid if slug in kept else make_episode_guid(show_guid, slug)
            for slug in records
        }
        known = {*guids.values(), *(one.guid for one in kept.values())}
        strangers = {guid: item for guid, item in live.items.items() if guid not in known}
        if strangers:
            unknown = {
                slug: record
                for slug, record in records.items()
                if slug not in kept and guids[slug] not in live.items
            }
            guids |= find_namesakes(unknown, strangers, live)
        return guids

    def _read_older(
        self,
        live: LiveFeed,
        records: Mapping[str, EpisodeRecord],
        kept: Mapping[str, Publication],
    ) -> LiveFeed:
        """Add the archive pages' episodes when one whose record was lost may be among them."""
        oldest = min(live.dates.values(), default=None)
        lost = (record for slug, record in records.items() if slug not in kept)
        if not live.prev_archive or oldest is None:
            return live
        if not any(record.date <= f"{oldest:%Y-%m-%d}" for record in lost):
            return live
        return replace(live, items=read_archives(live, self._destination.read) | live.items)

    def _check_clock(self, kept: Mapping[str, Publication], live: LiveFeed) -> None:
        """Warn of a clock that is behind what was published."""
        times = list_times(kept.values(), live)
        if not times or times[-1] <= self._now:
            return
        newest = times[-1]
        if times[len(times) // 2] > self._now:
            # most of them are ahead, so it is the clock that is wrong: a grace period that began
            # by it would be over as soon as it is right again
            self._retiring = newest
        self._notify(
            Warned(
                f"The clock says {self._now:%Y-%m-%d %H:%M} UTC, but an episode was published at"
                f" {newest:%Y-%m-%d %H:%M}: one of them is wrong. What is public stays;"
                " set the clock before publishing anything new."
            )
        )

    def _refuse_renamed(
        self,
        records: Mapping[str, EpisodeRecord],
        kept: Mapping[str, Publication],
        live: LiveFeed,
        promised: Mapping[str, Publication],
    ) -> None:
        """Never publish an episode a second time because its file or its slug has changed."""
        public = {
            slug: record
            for slug, record in records.items()
            if slug in promised and not promised[slug].withdrawn
        }
        lost = {
            slug: describe_record(record)
            for slug, record in public.items()
            if is_lost(record, self._folder)
        }
        by_source = {record.source: slug for slug, record in public.items() if slug in kept}
        for slug, record in public.items():
            if slug in {*kept, *lost, *self._wishes.include} or promised[slug].guid in live.items:
                continue
            former = by_source.get(record.source, "") if record.source else ""
            reason = f"both were built from {record.source}"
            if not former:
                former, _ = find_former(describe_record(record), lost.items())
                reason = f"the review file {records[former].source} is gone" if former else ""
            if former:
                raise UsageError(
                    f"The episode {slug} may be {former} under another name: {reason}.",
                    hint=f"If it is, write `slug: {former}` into its front matter, build it and"
                    f" remove episodes/{slug}; if not: reviewcast publish {slug}",
                )

    def _number(
        self,
        records: Mapping[str, EpisodeRecord],
        kept: Mapping[str, Publication],
        live: LiveFeed,
        promised: dict[str, Publication],
    ) -> None:
        """Note each episode's number in its promise; name the MP3s that say another one."""
        numbers = number_episodes(records, kept, promised, live.numbers)
        differing = []
        for slug, number in numbers.items():
            promised[slug] = replace(promised[slug], number=number)
            record = records.get(slug)
            if record and record.source and number and record.track != number:
                differing.append(slug)
        if differing:
            text = f"Numbered otherwise in the MP3 than in the feed: {_list_some(differing)}."
            self._notify(Noticed(f"{text} To have the same in both: reviewcast build"))

    def _refuse_strangers(self, live: LiveFeed, promised: Mapping[str, Publication]) -> None:
        """Never take an episode from subscribers because this machine does not know it."""
        known = {one.guid for one in promised.values()}
        strangers = [item.title for guid, item in live.items.items() if guid not in known]
        if strangers and not self._wishes.force:
            others = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
            raise ConflictError(
                f"The live feed names an episode that this show does not have:"
                f" {strangers[0]!r}{others}.",
                hint="Bring its folder here from where it was published, or adopt it: reviewcast"
                " import --adopt FEED. With --force the feed is published without it.",
            )

    def _select(
        self, records: Mapping[str, EpisodeRecord], promised: Mapping[str, Publication]
    ) -> tuple[list[str], dict[str, dict[str, MediaFile]]]:
        """Return the episodes that are public now, and their files."""
        public = []
        for slug, one in promised.items():
            # what was public stays so, whatever the clock says now or said then
            if one.withdrawn or (one.published > self._now and not one.released):
                continue
            if slug not in records:
                raise StorageError(
                    f"The episode {slug} is public, but its record is gone.",
                    hint=f"Build it again, or take it back: reviewcast unpublish {slug}",
                )
            public.append(slug)
        media = {slug: list_media(records[slug]) for slug in public}
        return public, media

    def _retire_withdrawn(self, promised: dict[str, Publication]) -> None:
        for slug, one in promised.items():
            if one.withdrawn and one.files:
                promised[slug] = retire_files(one, {}, now=self._retiring)

    def _make_assets(self) -> dict[str, bytes]:
        """Return the cover and what pages are drawn with, by names that hold their hash."""
        assets = {}
        if cover := read_cover(self._config):
            suffix = "png" if cover.startswith(b"\x89PNG") else "jpg"
            assets[f"cover-{hashlib.sha256(cover).hexdigest()[:12]}.{suffix}"] = cover
        if self._config.site.pages:
            assets |= render_assets(self._config.site)
        return assets

    # --- what is sent

    def _list_sizes(
        self, media: Mapping[str, Mapping[str, MediaFile]], assets: Mapping[str, bytes]
    ) -> dict[str, int]:
        """Return the size of every file that the feed may name, as it lies here."""
        sizes = {name: len(data) for name, data in assets.items()}
        for files in media.values():
            for file in files.values():
                try:
                    sizes[file.name] = os.stat(file.path).st_size
                except OSError as error:
                    raise StorageError(
                        f"Cannot read {file.path}: {error.strerror or error}.",
                        hint="Build the episode again.",
                    ) from error
        return sizes

    def _check_feed(self, feed: bytes, sizes: Mapping[str, int]) -> None:
        """Hold the feed against the rules before anything is sent."""
        from reviewcast.podcast.check.inspect import check_feed_bytes

        faults = [one for one in check_feed_bytes(feed, sizes.get) if one.severity == "error"]
        if faults:
            others = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
            raise FaultsFound(
                f"The feed would break a rule: {faults[0].where}: {faults[0].message}{others}",
                hint=faults[0].fix,
            )

    def _send_media(
        self,
        media: Mapping[str, Mapping[str, MediaFile]],
        assets: Mapping[str, bytes],
        sizes: Mapping[str, int],
    ) -> None:
        """Send what is not there yet; names hold a hash, so a file that is there is the same."""
        pending: list[tuple[Upload, str]] = []
        for files in media.values():
            for file in files.values():
                size = sizes[file.name]
                there = self._there.get(file.name)
                if there is None or there.size_bytes != size:
                    upload = Upload(
                        name=file.name,
                        source=Path(file.path),
                        size_bytes=size,
                        content_type=file.content_type,
                        cache_control=LASTING,
                    )
                    pending.append((upload, file.sha256))
        for name, data in assets.items():
            there = self._there.get(name)
            if there is None or there.size_bytes != len(data):
                pending.append((wrap_document(name, data, LASTING), ""))
        for number, (upload, sha256) in enumerate(pending, 1):
            if sha256 and isinstance(upload.source, Path):
                refuse_changed(upload.source, sha256)
            self._put(upload)
            if not self._wishes.dry_run:
                self._notify(Progressed("publish", number, len(pending)))

    def _list_pages(self, releases: Sequence[Release], cover: str) -> Iterator[Document]:
        """Return the pages of the episodes; each is made anew only when something of it changed."""
        settings = self._config.site
        if not settings.pages:
            return
        common = (self._show, settings, cover, site_version())
        for release in releases:
            record = self._notes[release.slug]

            def render(release: Release = release, record: EpisodeRecord = record) -> bytes:
                # a page has the rating, the chapters and the link in places of their own
                whole = replace(self._complete(release), description=release.description)
                return render_episode(self._show, whole, load_cues(record), settings, cover=cover)

            yield Document(
                release.page, hash_document((common, release, record.companions)), render
            )

    def _plan_archive(self, part: FeedPart, guid: str, cover: str) -> Document:
        notes = [self._notes[release.slug].companions for release in part.releases]
        recipe = hash_document(
            (self._show, self._config.feed, guid, cover, part, notes, site_version())
        )
        return Document(part.name, recipe, lambda: self._render_feed(part, guid, cover))

    def _render_feed(self, part: FeedPart, guid: str, cover: str) -> bytes:
        whole = replace(part, releases=tuple(map(self._complete, part.releases)))
        return render_feed(self._show, whole, self._config.feed, guid=guid, cover=cover)

    def _complete(self, release: Release) -> Release:
        """Add the notes to a release; they are read only where they are written out."""
        compose = functools.partial(
            compose_notes,
            rating=release.rating,
            subject=release.subject,
            author=release.author,
            chapters=release.chapters,
            link=release.link,
        )
        description, notes = compose(load_notes(self._notes[release.slug]))
        if release.description:  # the writer's own is shorter than the whole review
            description, _ = compose(f"<p>{html.escape(release.description)}</p>")
        return replace(release, description=description, notes=notes)

    def _send_documents(
        self, documents: Sequence[Document], releases: Sequence[Release], cover: str
    ) -> None:
        for document in documents:
            if not self._is_current(document.name, recipe=document.recipe):
                self._send_document(document.name, document.render(), document.recipe)
        if self._config.site.pages:
            pages = render_index(self._show, releases, self._config.site, cover=cover)
            for name, data in pages.items():
                self._send_document(name, data, LISTING)
                self._listings.add(name)

    def _is_current(self, name: str, *, recipe: str = "", sha256: str = "") -> bool:
        """True if what is there is what the ledger says was put there, made of the same."""
        entry = self._ledger.get(name)
        return (
            entry is not None
            and (entry.recipe == recipe if recipe else entry.sha256 == sha256)
            and self._there.get(name) == entry.stored
        )

    def _send_document(self, name: str, data: bytes, recipe: str) -> None:
        sha256 = hashlib.sha256(data).hexdigest()
        if self._is_current(name, sha256=sha256):
            self._ledger[name] = replace(self._ledger[name], recipe=recipe)
            return
        stored = self._put(wrap_document(name, data, CHANGING))
        if not self._wishes.dry_run:
            self._ledger[name] = Entry(recipe, sha256, stored)

    def _confirm(self, sizes: Mapping[str, int], releases: Sequence[Release], cover: str) -> None:
        """Make sure that every file which the feed will name is there with its size."""
        if self._wishes.dry_run:
            return
        named = {cover} if cover else set()
        for release in releases:
            named |= {release.audio, release.vtt, release.srt}
            named |= {release.transcript, release.chapters_file, release.image}
            named |= {chapter.image for chapter in release.chapters}
        for name in sorted(named - {""}):
            there = self._there.get(name)
            if there is None or there.size_bytes != sizes[name]:
                raise DestinationError(
                    f"The destination does not hold {name} with its {sizes[name]} bytes.",
                    hint="Publish again; the feed was not touched.",
                )

    def _send_feed(self, feed: bytes, live: LiveFeed) -> bool:
        """Put the feed in its place if it is still the one that was read; tell whether it was."""
        if live.data == feed:
            return False
        upload = wrap_document(FEED, feed, CHANGING)
        self._put(upload, expect=live.stored, guard=True)
        return True

    def _put(self, upload: Upload, *, expect: Stored | None = None, guard: bool = False) -> Stored:
        self._sent.append(Sent(upload.name, upload.size_bytes))
        if self._wishes.dry_run:
            return Stored(upload.size_bytes, "")
        stored = self._destination.put(upload, expect=expect, guard=guard)
        if stored.size_bytes != upload.size_bytes:
            raise DestinationError(
                f"The destination holds {stored.size_bytes} of the {upload.size_bytes} bytes of"
                f" {upload.name}.",
                hint="Publish again; the feed was not touched.",
            )
        self._there[upload.name] = stored
        return stored

    # --- what is taken away, and what is kept

    def _find_expired(
        self, identity: ShowPublication, promised: Mapping[str, Publication]
    ) -> set[str]:
        settings = self._config.publish
        expired = find_expired(identity.retired, settings, now=self._now)
        for one in promised.values():
            expired |= find_expired(one.retired, settings, now=self._now)
        return expired

    def _find_stray_pages(
        self, documents: Sequence[Document], promised: Mapping[str, Publication]
    ) -> set[str]:
        """Return pages of episodes that were withdrawn, and archives that there are no more.

        Only what is known to be ours is ever taken away.
        """
        current = {document.name for document in documents} | self._listings
        ours = {name for name, entry in self._ledger.items() if entry.recipe}
        ours |= {find_page(slug) for slug, one in promised.items() if one.withdrawn}
        return ours - current

    def _delete(self, names: Collection[str]) -> list[str]:
        deleted = sorted(name for name in names if name in self._there)
        if not self._wishes.dry_run:
            for name in deleted:
                self._destination.delete(name)
                self._there.pop(name, None)
                self._ledger.pop(name, None)
        return deleted

    def _keep_promises(
        self,
        kept: Mapping[str, Publication],
        promised: Mapping[str, Publication],
        identity: ShowPublication,
    ) -> None:
        """Write down what is promised before anybody is told."""
        for slug, one in promised.items():
            if kept.get(slug) != one:
                save_publication(self._folder, slug, one)
        if load_show_publication(self._folder) != identity:
            save_show_publication(self._folder, identity)

    def _forget(
        self,
        deleted: Collection[str],
        identity: ShowPublication,
        promised: Mapping[str, Publication],
    ) -> None:
        """Strike out retired files that are gone."""
        gone = {
            name for name in self._find_expired(identity, promised) if name not in self._there
        } | set(deleted)
        for slug, one in promised.items():
            rest = tuple(file for file in one.retired if file.name not in gone)
            if rest != one.retired:
                save_publication(self._folder, slug, replace(one, retired=rest))
        rest = tuple(file for file in identity.retired if file.name not in gone)
        if rest != identity.retired:
            save_show_publication(self._folder, replace(identity, retired=rest))

    def _load_ledger(self) -> dict[str, Entry]:
        return load_ledger(self._folder, self._config.publish.to, kind=dict[str, Entry]) or {}

    def _save_ledger(self) -> None:
        save_ledger(self._folder, self._config.publish.to, self._ledger)

    def _ping(self) -> None:
        """Tell the hub that the feed has changed (WebSub 1.0, section 7); it may fail."""
        hub = self._config.feed.hub
        if not hub:
            return
        form = {"hub.mode": "publish", "hub.url": self._feed_url}
        try:
            post_form(hub, form, name="It", timeout_s=_PING_S)
        except FetchError as error:
            self._notify(Warned(f"The hub {hub} was not told. {error.message}"))
        else:
            self._notify(Noticed(f"The hub {hub} was told."))


def _is_newer(review: Path, record: EpisodeRecord) -> bool:
    """True if a review was written to after its build, and differs."""
    try:
        if os.stat(review).st_mtime <= os.stat(record.path).st_mtime:
            return False
        return hashlib.sha256(review.read_bytes()).hexdigest() != record.source_sha256
    except OSError:
        return False  # a review that was moved away is no reason to say anything


def _list_some(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + rest
