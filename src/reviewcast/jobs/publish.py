"""The job: the episodes of a show become a published podcast, the feed last of all."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.jobs.tell import TellResult, prepare_telling, preview_telling, send_alerts
from reviewcast.model.errors import StorageError, UsageError
from reviewcast.model.events import Event, Notify
from reviewcast.model.podcast import FEED
from reviewcast.model.protocols import Destination, Stored
from reviewcast.model.telling import Teller
from reviewcast.podcast.feed.live import ItemChange, LiveFeed, compare_feeds, read_live_feed
from reviewcast.podcast.feed.validate import check_show
from reviewcast.podcast.hub import ping_hub
from reviewcast.podcast.promises import BuiltShow, PublishOptions
from reviewcast.podcast.publication import (
    Plan,
    add_archives,
    keep_promises,
    plan_publication,
    read_built_show,
    strike_expired,
)
from reviewcast.podcast.remarks import remark_on_clock, remark_on_plan, remark_on_show
from reviewcast.podcast.telling import TellPlan, make_tellers
from reviewcast.podcast.upload import (
    Sent,
    UploadPlan,
    confirm_media,
    delete_files,
    keep_manifest,
    list_uploads,
    plan_upload,
    put_feed,
    reach_destination,
    upload_media,
    upload_pages,
)
from reviewcast.podcast.variants import make_variants
from reviewcast.settings.schema import Config
from reviewcast.system.show_lock import lock_show


class Published(Struct, frozen=True, kw_only=True):
    """What a run did, or with `dry_run` would do.

    `changes` are those of the feed, `scheduled` maps episodes to when they will appear, `calendar`
    those to it that the rhythm of [publish] drip will release, and `held_back` those to when they
    were to appear that are drafts or private by now. `told` is what was announced where.
    """

    feed_url: str
    episodes: int
    uploaded: tuple[Sent, ...] = ()
    deleted: tuple[str, ...] = ()
    changes: tuple[ItemChange, ...] = ()
    scheduled: dict[str, datetime] = {}
    calendar: dict[str, datetime] = {}
    held_back: dict[str, datetime] = {}
    drafts: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    told: tuple[TellResult, ...] = ()
    dry_run: bool = False


def publish_show(
    config: Config,
    destination: Destination,
    options: PublishOptions,
    *,
    now: datetime,
    notify: Notify,
) -> Published:
    """Bring a destination up to date with a show.

    Media go first, then pages, the feed last and only when every file that it names is there
    with its size; only then is anything deleted. Stopped anywhere, the next run does the rest.
    Last of all, new episodes are announced that can be heard at the public address.
    Raise one of the errors of the tree; the live feed then names whole files only.
    """
    if config.folder is None:
        raise UsageError(
            "There is no podcast.toml here or above.", hint="Make a show: reviewcast init"
        )
    check_show(config.show)
    tellers = {} if options.withdraw else make_tellers(config)
    with _hold(lock_show(config.folder), optional=options.dry_run):
        with _hold(destination.lock(), optional=options.dry_run):
            show = read_built_show(config, config.folder, notify=notify)
            result, telling = _publish(
                show, destination, options, tellers=tellers, now=now, notify=notify
            )
        if telling is None or options.dry_run:
            return result
        # a folder is brought to its public address by something else: nothing to wait for
        wait_s = 0 if destination.scheme == "folder" else config.tell.confirm_s
        told = send_alerts(config, telling, tellers, notify=notify, wait_s=wait_s)
        return replace(result, told=tuple(told))


def _publish(
    show: BuiltShow,
    destination: Destination,
    options: PublishOptions,
    *,
    tellers: Mapping[str, Teller],
    now: datetime,
    notify: Notify,
) -> tuple[Published, TellPlan | None]:
    """Read what is live, plan, keep the promises, send, confirm, put the feed, delete."""
    _notify_all(notify, remark_on_show(show))
    live = read_live_feed(destination.read(FEED))
    known = add_archives(live, show, destination.read)
    _notify_all(notify, remark_on_clock(show, known, now))
    plan = plan_publication(show, known, options, now)
    if show.config.feed.opus_kbps:
        dry_run = options.dry_run
        made = make_variants(show, plan.releases, dry_run=dry_run, notify=notify)
        show = replace(show, variants=made)
        plan = plan_publication(show, known, options, now)
    _notify_all(notify, remark_on_plan(show, plan))
    remote = reach_destination(destination, show)
    upload = plan_upload(show, plan, live, remote)
    result = _describe(show, plan, upload, live, now)
    dry_run, telling = options.dry_run, None
    if tellers:
        telling = prepare_telling(show, plan, known, now=now, dry_run=dry_run, notify=notify)
    if dry_run:
        told = preview_telling(show.config, telling, tellers, now=now) if telling else ()
        uploaded = tuple(list_uploads(upload, remote))
        return replace(result, uploaded=uploaded, told=tuple(told), dry_run=True), None
    keep_promises(show, plan)
    with keep_manifest(remote, show):
        sent = [*upload_media(upload.media, remote, notify), *upload_pages(upload.pages, remote)]
        confirm_media(upload.named, remote)
        if upload.feed is not None:
            sent.append(put_feed(upload.feed, remote, expect=live.stored))
        delete_files(upload.deleted, remote)
    strike_expired(show, plan)
    hub = show.config.feed.hub
    if upload.feed is not None and hub:
        notify(ping_hub(hub, plan.feed_url))
    return replace(result, uploaded=tuple(sent)), telling


def _describe(
    show: BuiltShow, plan: Plan, upload: UploadPlan, live: LiveFeed, now: datetime
) -> Published:
    """Return what a plan comes to, but for what is uploaded."""
    promised = plan.promised
    feed = upload.feed or live.data
    return Published(
        feed_url=plan.feed_url,
        episodes=len(plan.releases),
        deleted=upload.deleted,
        changes=compare_feeds(live, read_live_feed((feed, Stored(len(feed), "")))),
        scheduled={
            slug: one.published
            for slug, one in promised.items()
            if slug in show.records and not (one.withdrawn or one.released) and one.published > now
            if slug not in plan.held_back
        },
        calendar=plan.calendar,
        held_back=plan.held_back,
        drafts=tuple(
            slug for slug, one in show.records.items() if one.draft and slug not in promised
        ),
        withdrawn=tuple(slug for slug, one in promised.items() if one.withdrawn),
    )


@contextlib.contextmanager
def _hold(lock: contextlib.AbstractContextManager[None], *, optional: bool) -> Iterator[None]:
    """Hold a lock; what is only looked at may also lie where nothing can be written."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock)
        except StorageError:
            if not optional:
                raise
        yield


def _notify_all(notify: Notify, events: Iterable[Event]) -> None:
    for event in events:
        notify(event)
