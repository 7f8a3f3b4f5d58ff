"""The job: new episodes are announced, once each, when they can be heard."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from reviewcast.model.errors import (
    ConfigError,
    NotTold,
    ReviewcastError,
    StorageError,
    UsageError,
)
from reviewcast.model.events import Noticed, Notify, Warned
from reviewcast.model.podcast import Release
from reviewcast.model.telling import Alert, Teller, Told
from reviewcast.podcast.feed.live import LiveFeed
from reviewcast.podcast.going_live import find_missing
from reviewcast.podcast.promises import BuiltShow
from reviewcast.podcast.publication import Plan, read_built_show
from reviewcast.podcast.release import make_release
from reviewcast.podcast.telling import (
    Due,
    TellPlan,
    choose_due,
    list_doubts,
    make_alert,
    make_tellers,
    plan_telling,
)
from reviewcast.settings.schema import Config
from reviewcast.system.clock import read_clock
from reviewcast.system.show_lock import lock_show
from reviewcast.system.workspace import load_told, save_told


class TellResult(Struct, frozen=True, kw_only=True):
    """What became of one episode with one teller; "due" is what a dry run would announce.

    `note` is where the message can be seen, or why there is none.
    """

    slug: str
    teller: str
    state: Literal["due", "told", "failed", "unknown", "waiting", "left out"]
    text: str = ""
    note: str = ""


class TellOptions(Struct, frozen=True, kw_only=True):
    """Which episodes: those that wait without any named; also those that may be announced already.

    `skip` records the named ones as not to be announced, and sends nothing.
    """

    episodes: tuple[str, ...] = ()
    again: bool = False
    skip: bool = False
    dry_run: bool = False


def tell_show(
    config: Config, options: TellOptions, *, now: datetime, notify: Notify
) -> list[TellResult]:
    """Announce a show's public episodes; nothing is published.

    Raise UsageError for an episode that is not public, or when no teller is set up.
    """
    if config.folder is None or not config.tell.use:
        raise UsageError(
            "podcast.toml sets up no teller.", hint='Such as use = ["mastodon"] under [tell].'
        )
    tellers = make_tellers(config)
    with contextlib.nullcontext() if options.dry_run else lock_show(config.folder):
        show = read_built_show(config, config.folder, notify=notify)
        book = load_told(config.folder)
        chosen = _choose(show, options.episodes)
        if options.skip:
            return _skip(config, chosen, book, now=now, dry_run=options.dry_run)
        due: list[Due] = []
        for teller in config.tell.use:
            plan = choose_due(chosen, book, teller, again=options.again)
            waits = [one for one in plan.due if options.episodes or _waits(book, one)]
            due += waits
            for remark in plan.remarks if options.episodes else ():
                notify(remark)
        if not options.episodes:
            for doubt in list_doubts(chosen, book, config.tell.use):
                notify(doubt)
        whole = TellPlan(book=book, due=tuple(due))
        if options.dry_run:
            return preview_telling(config, whole, tellers, now=now)
        return send_alerts(config, whole, tellers, notify=notify, wait_s=0)


def prepare_telling(
    show: BuiltShow, plan: Plan, live: LiveFeed, *, now: datetime, dry_run: bool, notify: Notify
) -> TellPlan | None:
    """Plan what a publication announces, and record it before anything is public.

    `live` is all that was public before. None when that fails, which fails no publication.
    """
    kept = show.kept.values()
    known = {one.guid for one in kept if one.was_public} | live.items.keys()
    try:
        book = load_told(show.folder)
        telling = plan_telling(plan.releases, book, show.config.tell, known=known, now=now)
        if telling.book != book and not dry_run:
            if not book and (out := known & {one.guid for one in plan.releases}):
                notify(Noticed(f"Not announced, as public before: {len(out)} of the episodes."))
            save_told(show.folder, telling.book)
    except StorageError as error:
        notify(Warned(f"New episodes are not announced. {error.message} {error.hint}".strip()))
        return None
    for remark in telling.remarks:
        notify(remark)
    return telling


def preview_telling(
    config: Config, plan: TellPlan, tellers: Mapping[str, Teller], *, now: datetime
) -> list[TellResult]:
    """Return what would be announced."""
    return [
        TellResult(
            slug=due.release.slug,
            teller=due.teller,
            state="due",
            text=make_alert(due, config.show, config, tellers[due.teller], sent=now).text,
        )
        for due in plan.due
    ]


def send_alerts(
    config: Config, plan: TellPlan, tellers: Mapping[str, Teller], *, notify: Notify, wait_s: int
) -> list[TellResult]:
    """Announce what is due and can be heard at the public address; never raise.

    Each message is recorded as being sent before it is, and as sent after: a run that ends
    between leaves the first, and the next one names it.
    """
    results: list[TellResult] = []
    releases = list({due.release.guid: due.release for due in plan.due}.values())
    missing = find_missing(config.show, releases, wait_s=wait_s) if releases else {}
    for guid, reason in missing.items():
        slug = next(one.slug for one in releases if one.guid == guid)
        notify(
            Warned(
                f"{slug} is not announced yet: {reason}. The next publish does it, or:"
                " reviewcast tell"
            )
        )
    for due in plan.due:
        if due.release.guid in missing:
            results.append(_describe(due, "waiting", note=missing[due.release.guid]))
            continue
        try:
            result = _send(config, due, plan, tellers[due.teller])
        except StorageError as error:  # what is not recorded is not sent
            notify(Warned(f"{due.release.slug} is not announced. {error.message}"))
            return results
        except Exception as error:  # of a plug-in, before anything was sent
            note = f"{due.teller} raised {type(error).__name__} before it was called."
            notify(Warned(f"{due.release.slug} is not announced. {note}"))
            results.append(_describe(due, "failed", note=note))
            continue
        if result.state != "told":
            notify(_warn(result, plan.book[due.release.guid][due.teller]))
        results.append(result)
    return results


def _send(config: Config, due: Due, plan: TellPlan, teller: Teller) -> TellResult:
    folder = config.folder or Path()
    entries = plan.book.setdefault(due.release.guid, {})
    sent = read_clock().replace(microsecond=0)
    alert = make_alert(due, config.show, config, teller, sent=sent)
    before = entries.get(due.teller)
    entries[due.teller] = Told("sending", sent)
    save_told(folder, plan.book)
    result, entry = _ask(due, alert, teller)
    if entry.state == "failed" and before:
        if due.again:  # the attempt before this one may have arrived
            entry = Told("sending", before.at, entry.note)
        elif before.state in {"waiting", "failed"}:
            entry = Told("failed", before.at, entry.note)  # given up by when it was news
    entries[due.teller] = entry
    try:
        save_told(folder, plan.book)
    except StorageError as error:
        return _describe(due, "unknown", note=f"That cannot be recorded. {error.message}")
    return result


def _ask(due: Due, alert: Alert, teller: Teller) -> tuple[TellResult, Told]:
    """Let a teller announce an episode, whatever it raises; return the result and its record."""
    try:
        where = teller.tell(alert)
    except (NotTold, ConfigError) as error:
        note = f"{error.message} {error.hint}".strip()
        return _describe(due, "failed", note=note), Told("failed", alert.sent, note)
    except ReviewcastError as error:
        return _doubt(due, alert, error.message)
    except Exception as error:  # a plug-in's own, whose words may hold a secret
        return _doubt(due, alert, f"it raised {type(error).__name__}")
    where = where if isinstance(where, str) else ""
    return _describe(due, "told", note=where, text=alert.text), Told("told", alert.sent, where)


def _doubt(due: Due, alert: Alert, note: str) -> tuple[TellResult, Told]:
    return _describe(due, "unknown", note=note), Told("sending", alert.sent, note)


def _describe(
    due: Due, state: Literal["told", "failed", "unknown", "waiting"], *, note: str, text: str = ""
) -> TellResult:
    slug = due.release.slug
    return TellResult(slug=slug, teller=due.teller, state=state, text=text, note=note)


def _warn(result: TellResult, entry: Told) -> Warned:
    if entry.state == "failed":
        return Warned(
            f"{result.teller} has not announced {result.slug}: {result.note} The next publish tries"
            " again."
        )
    return Warned(
        f"{result.slug} may not have been announced by {result.teller}: {result.note} Look there."
        f" If it is missing: reviewcast tell {result.slug} --again; if not: reviewcast tell"
        f" {result.slug} --skip"
    )


def _choose(show: BuiltShow, slugs: Sequence[str]) -> list[Release]:
    """Return the episodes that are public, the oldest first; of those that are named, these."""
    public = dict(_list_public(show))
    for slug in slugs:
        if slug not in public:
            raise UsageError(
                f"The episode {slug} is not public.",
                hint=f"There are: {', '.join(sorted(public)) or 'none'}.",
            )
    chosen = [one for slug, one in public.items() if not slugs or slug in slugs]
    return sorted(chosen, key=lambda one: (one.published, one.number))


def _list_public(show: BuiltShow) -> Iterator[tuple[str, Release]]:
    for slug, record in show.records.items():
        kept = show.kept.get(slug)
        if kept and kept.released and not kept.withdrawn and "audio" in kept.files:
            yield slug, make_release(record, kept, pages=show.config.site.pages)


def _waits(book: Mapping[str, Mapping[str, Told]], due: Due) -> bool:
    """True if an episode waits to be announced, or may have been and is to be again."""
    entry = book.get(due.release.guid, {}).get(due.teller)
    return entry is not None and entry.state in {"waiting", "failed", "sending"}


def _skip(
    config: Config,
    chosen: Sequence[Release],
    book: dict[str, dict[str, Told]],
    *,
    now: datetime,
    dry_run: bool,
) -> list[TellResult]:
    """Record the episodes as not to be announced, where they were not."""
    results = []
    for release in chosen:
        entries = book.setdefault(release.guid, {})
        for teller in config.tell.use:
            entry = entries.get(teller)
            if entry is None or entry.state not in {"told", "left out"}:
                entries[teller] = Told("left out", now.replace(microsecond=0), "skipped")
                results.append(TellResult(slug=release.slug, teller=teller, state="left out"))
    if results and not dry_run:
        save_told(config.folder or Path(), book)
    return results
