"""What a podcast will be after a publication: planned without an effect, then kept on disk."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.errors import StorageError
from reviewcast.model.events import Notify, ignore_events
from reviewcast.model.podcast import FEED, EpisodeRecord, Publication, Release, ShowPublication
from reviewcast.model.protocols import Stored
from reviewcast.podcast.documents import make_assets
from reviewcast.podcast.feed.live import LiveFeed, read_archives
from reviewcast.podcast.holding_back import hold_back
from reviewcast.podcast.identity import list_times
from reviewcast.podcast.promises import (
    BuiltShow,
    PublishOptions,
    find_guids,
    identify_show,
    plan_calendar,
    promise_episodes,
)
from reviewcast.podcast.release import (
    MediaFile,
    find_expired,
    list_media,
    make_release,
    retire_files,
    update_retired,
)
from reviewcast.settings.schema import Config
from reviewcast.shelf.withdrawal import list_withdrawn
from reviewcast.system.workspace import (
    load_publications,
    load_records,
    load_show_publication,
    save_publication,
    save_show_publication,
)


class Plan(Struct, frozen=True, kw_only=True):
    """What a publication promises and shows; nothing of it is done yet.

    `promised` are all episodes that were or will be public, by slug, `releases` those that are
    public now, `media` the files of these. `calendar` is when the rhythm releases those that are
    not. `expired` are the published files whose grace period is over. `held_back` is when those
    were to appear that are drafts or private by now.
    """

    feed_url: str
    identity: ShowPublication
    promised: dict[str, Publication]
    releases: tuple[Release, ...]
    media: tuple[MediaFile, ...]
    calendar: dict[str, datetime]
    expired: frozenset[str]
    held_back: dict[str, datetime] = {}


def read_built_show(config: Config, folder: Path, *, notify: Notify = ignore_events) -> BuiltShow:
    """Read what a show's folder holds; what its reviews hold back is a draft.

    Raise StorageError for a record that cannot be read, ConfigError for a cover that is none.
    """
    records, kept = load_records(folder), load_publications(folder)
    withdrawn = list_withdrawn(folder)
    return BuiltShow(
        config=config,
        folder=folder,
        records={
            one.slug: hold_back(
                one, config, kept=kept.get(one.slug), withdrawn=withdrawn, notify=notify
            )
            for one in records
        },
        kept=kept,
        identity=load_show_publication(folder),
        assets=make_assets(config),
    )


def add_archives(
    live: LiveFeed, show: BuiltShow, read: Callable[[str], tuple[bytes, Stored] | None]
) -> LiveFeed:
    """Add the archive pages' episodes when one whose record was lost may be among them.

    `read` fetches a file of the destination, None when it is not there.
    """
    oldest = min(live.dates.values(), default=None)
    lost = (record for slug, record in show.records.items() if slug not in show.kept)
    if not live.prev_archive or oldest is None:
        return live
    if not any(record.date <= f"{oldest:%Y-%m-%d}" for record in lost):
        return live
    return replace(live, items=read_archives(live, read) | live.items)


def plan_publication(
    show: BuiltShow, live: LiveFeed, options: PublishOptions, now: datetime
) -> Plan:
    """Return what the public will be promised and shown; nothing is written or sent.

    `live` is all that the live feed and its archives name, `now` a moment in UTC. Raise UsageError
    for options that do not fit, ConflictError where an episode would be taken from subscribers,
    StorageError when a public episode has no record.
    """
    settings = show.config
    feed_url = f"{settings.show.url.rstrip('/')}/{FEED}"
    identity = identify_show(show, live, feed_url)
    guids = find_guids(show, live, identity.guid)
    calendar = plan_calendar(show, live, options, guids, now)
    promised = promise_episodes(show, live, options, guids=guids, calendar=calendar, now=now)
    public = _select_public(show.records, promised, options, now)
    variants = show.variants
    media = {slug: list_media(show.records[slug], variants.get(slug)) for slug in public}
    since = _date_retirement(show, live, now)
    for slug, one in promised.items():
        if slug in media:
            names = {kind: file.name for kind, file in media[slug].items()}
            promised[slug] = retire_files(one, names, now=since)
        elif one.withdrawn and one.files:
            promised[slug] = retire_files(one, {}, now=since)
    shared = {name: name for name in show.assets}
    identity = replace(identity, files=shared, retired=update_retired(identity, shared, now=since))
    retired = [identity.retired, *(one.retired for one in promised.values())]
    return Plan(
        feed_url=feed_url,
        identity=identity,
        promised=promised,
        releases=tuple(
            make_release(
                show.records[slug],
                promised[slug],
                pages=settings.site.pages,
                opus=variants.get(slug),
            )
            for slug in public
        ),
        calendar={slug: when for slug, when in calendar.items() if when > now},
        held_back={
            slug: one.published
            for slug, one in promised.items()
            if not one.withdrawn and is_held_back(slug, show.records, one) and slug not in public
        },
        media=tuple(file for files in media.values() for file in files.values()),
        expired=frozenset[str]().union(
            *(find_expired(files, settings.publish, now=now) for files in retired)
        ),
    )


def _select_public(
    records: Mapping[str, EpisodeRecord],
    promised: Mapping[str, Publication],
    options: PublishOptions,
    now: datetime,
) -> list[str]:
    """Return the episodes that are public now."""
    public = []
    for slug, one in promised.items():
        # what was public stays so, whatever the clock says now or said then
        if one.withdrawn or (one.published > now and not one.released):
            continue
        if is_held_back(slug, records, one) and slug not in options.include:
            continue
        if slug not in records:
            raise StorageError(
                f"The episode {slug} is public, but its record is gone.",
                hint=f"Build it again, or take it back: reviewcast unpublish {slug}",
            )
        public.append(slug)
    return public


def is_held_back(
    slug: str, records: Mapping[str, EpisodeRecord], promised: Publication | None
) -> bool:
    """True if an episode must not appear as its review is by now, whatever day it was given."""
    record = records.get(slug)
    return record is not None and record.draft and not (promised and promised.was_public)


def _date_retirement(show: BuiltShow, live: LiveFeed, now: datetime) -> datetime:
    """Return when grace periods begin that begin with this publication.

    When most episodes lie ahead of the clock, it is the clock that is wrong: a period that began
    by it would be over as soon as it is right again.
    """
    times = list_times(show.kept.values(), live)
    return times[-1] if times and times[len(times) // 2] > now else now


def keep_promises(show: BuiltShow, plan: Plan) -> None:
    """Write down what is promised, before any subscriber can see it."""
    for slug, one in plan.promised.items():
        if show.kept.get(slug) != one:
            save_publication(show.folder, slug, one)
    if show.identity != plan.identity:
        save_show_publication(show.folder, plan.identity)


def strike_expired(show: BuiltShow, plan: Plan) -> None:
    """Strike out the retired files that are gone, once they have been deleted."""
    for slug, one in plan.promised.items():
        rest = tuple(file for file in one.retired if file.name not in plan.expired)
        if rest != one.retired:
            save_publication(show.folder, slug, replace(one, retired=rest))
    rest = tuple(file for file in plan.identity.retired if file.name not in plan.expired)
    if rest != plan.identity.retired:
        save_show_publication(show.folder, replace(plan.identity, retired=rest))
