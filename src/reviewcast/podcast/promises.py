"""What subscribers are promised of each episode: its guid, its date, its number, for ever."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.errors import ConflictError, UsageError
from reviewcast.model.podcast import EpisodeRecord, Publication, ShowPublication
from reviewcast.podcast.feed.guids import make_episode_guid, make_show_guid
from reviewcast.podcast.feed.live import LiveFeed
from reviewcast.podcast.identity import (
    describe_record,
    find_former,
    find_namesakes,
    is_lost,
    list_times,
    number_episodes,
)
from reviewcast.podcast.release import Variant, promise_episode
from reviewcast.podcast.schedule import find_due, forecast
from reviewcast.settings.schema import Config


class PublishOptions(Struct, frozen=True, kw_only=True):
    """What is asked of a publication: all that is built is published, besides.

    `include` are episodes to publish, also when they were withdrawn, on `date` if that is given;
    `withdraw` are those that shall be public no more. `force` publishes over a feed that names
    episodes which this show does not know.
    """

    include: tuple[str, ...] = ()
    withdraw: tuple[str, ...] = ()
    date: datetime | None = None
    force: bool = False
    dry_run: bool = False


class BuiltShow(Struct, frozen=True, kw_only=True):
    """What a show's folder holds: the episodes that are built, and what was promised, by slug.

    `identity` is what was promised of the show itself, None before its first publication. `assets`
    are the cover and what pages are drawn with, by names that hold their hash, `variants` further
    encodings of episodes by slug.
    """

    config: Config
    folder: Path
    records: dict[str, EpisodeRecord]
    kept: dict[str, Publication]
    identity: ShowPublication | None
    assets: dict[str, bytes]
    variants: dict[str, Variant] = {}

    @property
    def cover(self) -> str:
        """The published name of the show's artwork, "" without one."""
        return next((name for name in self.assets if name.startswith("cover-")), "")


def identify_show(show: BuiltShow, live: LiveFeed, feed_url: str) -> ShowPublication:
    """Return the show's guid: the one it has, else that of its live feed, else a new one."""
    own = show.config.show.guid
    if show.identity is None:
        return ShowPublication(guid=own or live.guid or make_show_guid(feed_url))
    return replace(show.identity, guid=own or show.identity.guid)


def plan_calendar(
    show: BuiltShow,
    live: LiveFeed,
    options: PublishOptions,
    guids: Mapping[str, str],
    now: datetime,
) -> dict[str, datetime]:
    """Return when the rhythm releases each new episode, by slug, in UTC; {} without a rhythm.

    The moments up to `now` are those that are due. Drafts, episodes that are asked for by name and
    those with a date ahead have no turn. By a clock that is behind most of what was published,
    nothing is due.
    """
    settings = show.config.publish
    rhythm = settings.rhythm
    if rhythm is None or options.withdraw:
        return {}
    times = list_times(show.kept.values(), live)
    is_behind = bool(times) and times[len(times) // 2] > now
    today = "9999" if is_behind else now.astimezone().date().isoformat()
    new = [
        record
        for slug, record in show.records.items()
        if not (record.draft or record.date > today)
        and slug not in {*show.kept, *options.include}
        and guids[slug] not in live.items
    ]
    new.sort(
        key=lambda record: (record.date, record.track), reverse=settings.drip_order == "newest"
    )
    new.sort(key=lambda record: not record.date)
    due = [] if is_behind else find_due(rhythm, times, now)[: len(new)]
    slots = [*due, *forecast(rhythm, times[-1] if is_behind else now, len(new) - len(due))]
    return {record.slug: slot for record, slot in zip(new, slots, strict=True)}


def promise_episodes(
    show: BuiltShow,
    live: LiveFeed,
    options: PublishOptions,
    *,
    guids: Mapping[str, str],
    calendar: Mapping[str, datetime],
    now: datetime,
) -> dict[str, Publication]:
    """Return what each episode is promised, kept or new, by slug; drafts are promised nothing.

    `live` is all that the live feed and its archives name, `guids` what `find_guids` gives and
    `calendar` what `plan_calendar` does: whose turn has not come is promised nothing. Raise
    UsageError for an episode that is not there, whose date is fixed, or that may be another one
    under a new name; ConflictError when `live` names an episode that this show does not know.
    """
    _refuse_unknown(show, options)
    promised = dict(show.kept)
    dates = live.dates
    for slug, record in show.records.items():
        before = show.kept.get(slug)
        guid = guids[slug]
        included = slug in options.include
        turn = calendar.get(slug)
        # who takes back publishes nothing new
        waits = record.draft or options.withdraw or (turn is not None and turn > now)
        if waits and before is None and not included and guid not in live.items:
            continue
        date = options.date if included else turn
        shown = before.published if before and before.was_public else None
        shown = shown or dates.get(guid)
        if date and shown:
            raise UsageError(
                f"The episode {slug} appeared on {shown:%Y-%m-%d}: that date stays.",
                hint="--date is for episodes that were never public; leave it out.",
            )
        # a record that was lost is found again where subscribers know it from
        one = promise_episode(record, before, guid=guid, now=now, published=date or shown)
        if included and record.draft and not shown and one.published > now:
            raise UsageError(
                f"The episode {slug} is a draft or private: it would not appear on"
                f" {one.published:%Y-%m-%d}.",
                hint=f"Take that out of {record.source or 'its review'} and build it; or publish it"
                f" at once: reviewcast publish {slug} --date {now:%Y-%m-%d}",
            )
        promised[slug] = replace(
            one,
            # records of older versions tell it by their files alone
            released=one.released or bool(one.files) or guid in live.items,
            withdrawn=one.withdrawn and not included,
        )
    for slug in options.withdraw:
        promised[slug] = replace(promised[slug], withdrawn=True)
    if not options.force:
        _refuse_dropping(live, promised)
    _refuse_renamed(show, live, promised, options)
    numbers = number_episodes(show.records, show.kept, promised, live.numbers)
    return promised | {
        slug: replace(promised[slug], number=number) for slug, number in numbers.items()
    }


def _refuse_unknown(show: BuiltShow, options: PublishOptions) -> None:
    for slug in options.include:
        if slug not in show.records:
            raise UsageError(
                f"There is no episode {slug} in {show.folder / 'episodes'}.",
                hint=f"There are: {', '.join(show.records)}."
                if show.records
                else "Build it first: reviewcast build",
            )
    for slug in options.withdraw:
        if slug not in show.kept:
            raise UsageError(
                f"The episode {slug} was never published.",
                hint=f"There are: {', '.join(sorted(show.kept)) or 'none'}.",
            )


def find_guids(show: BuiltShow, live: LiveFeed, show_guid: str) -> dict[str, str]:
    """Return each record's guid: kept, or found in the live feed, or made."""
    kept = show.kept
    guids = {
        slug: kept[slug].guid if slug in kept else make_episode_guid(show_guid, slug)
        for slug in show.records
    }
    known = {*guids.values(), *(one.guid for one in kept.values())}
    unknown = {guid: item for guid, item in live.items.items() if guid not in known}
    if unknown:
        candidates = {
            slug: record
            for slug, record in show.records.items()
            if slug not in kept and guids[slug] not in live.items
        }
        guids |= find_namesakes(candidates, unknown, live)
    return guids


def _refuse_dropping(live: LiveFeed, promised: Mapping[str, Publication]) -> None:
    """Never take an episode from subscribers because this machine does not know it."""
    known = {one.guid for one in promised.values()}
    unknown = [item.title for guid, item in live.items.items() if guid not in known]
    if unknown:
        others = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        raise ConflictError(
            f"The live feed names an episode that this show does not have: {unknown[0]!r}{others}.",
            hint="Bring its folder here from where it was published, or adopt it: reviewcast"
            " import --adopt FEED. With --force the feed is published without it.",
        )


def _refuse_renamed(
    show: BuiltShow, live: LiveFeed, promised: Mapping[str, Publication], options: PublishOptions
) -> None:
    """Never publish an episode a second time because its file or its slug has changed."""
    public = {
        slug: record
        for slug, record in show.records.items()
        if slug in promised and not promised[slug].withdrawn
    }
    lost = {
        slug: describe_record(record)
        for slug, record in public.items()
        if is_lost(record, show.folder)
    }
    by_source = {record.source: slug for slug, record in public.items() if slug in show.kept}
    for slug, record in public.items():
        if slug in {*show.kept, *lost, *options.include} or promised[slug].guid in live.items:
            continue
        former = by_source.get(record.source, "") if record.source else ""
        reason = f"both were built from {record.source}"
        if not former:
            former, _ = find_former(describe_record(record), lost.items())
            reason = f"the review file {show.records[former].source} is gone" if former else ""
        if former:
            raise UsageError(
                f"The episode {slug} may be {former} under another name: {reason}.",
                hint=f"If it is, write `slug: {former}` into its front matter, build it and"
                f" remove episodes/{slug}; if not: reviewcast publish {slug}",
            )
