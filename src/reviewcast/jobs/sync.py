"""The job: sources are imported, what is new or changed is built, and all of it published."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import datetime

from msgspec import Struct

from reviewcast.jobs.batch import Batch, build_batch
from reviewcast.jobs.build import Built
from reviewcast.jobs.planning import plan_batch
from reviewcast.jobs.publish import Published, publish_show
from reviewcast.jobs.shelf import choose_reviews
from reviewcast.jobs.sync_import import import_sources
from reviewcast.jobs.sync_record import save_sync_record
from reviewcast.jobs.sync_result import (
    BudgetState,
    SourceImport,
    SyncBuilt,
    Synced,
    Waiting,
    find_exit_code,
)
from reviewcast.jobs.sync_run import SyncOptions, SyncRun, open_sync
from reviewcast.model.errors import BudgetSpent, TellError, UsageError
from reviewcast.model.events import Notify, tell_once
from reviewcast.podcast.freshness import Marks, is_whole
from reviewcast.podcast.promises import PublishOptions
from reviewcast.podcast.telling import list_tell_accesses
from reviewcast.settings.accesses import list_file_accesses, list_publish_accesses
from reviewcast.settings.schema import Config
from reviewcast.system.plugins import open_destination
from reviewcast.system.show_lock import lock_sync
from reviewcast.system.trust import require_trust
from reviewcast.system.workspace import load_records
from reviewcast.text.draft import match_reviews


class Work(Struct, frozen=True):
    """What is to be built: reviews and round-ups by their names, and the marks of all there are.

    `made` is what the files of round-ups hold; marks are by paths from the show's folder.
    """

    names: tuple[str, ...] = ()
    made: dict[str, bytes] = {}
    marks: dict[str, str] = {}


def sync_show(
    config: Config, options: SyncOptions, *, clock: Callable[[], datetime], notify: Notify
) -> Synced:
    """Import, plan, build and publish; run again, it changes nothing.

    A source, a review or a destination that fails holds up no other, and is in what is returned.
    What was spoken is kept when the budget of the day is used up: the next day goes on.
    Stopped anywhere, the next run does the rest. Raise LockedError when another sync is at work
    on the show, UsageError without one, StorageError for a record that cannot be read.
    """
    if config.folder is None:
        raise UsageError(
            "There is no podcast.toml here or above.", hint="Make a show: reviewcast init"
        )
    with nullcontext() if options.dry_run else lock_sync(config.folder):
        run = open_sync(config, config.folder, options, clock=clock, notify=tell_once(notify))
        imports = import_sources(run)
        work = plan_work(run)
        built = build_work(work, run)
        keep_record(work, built, run)
        published = publish_built(run)
        return sum_up(run, imports, work, built, published)


def plan_work(run: SyncRun) -> Work:
    """Return what is new or has changed since it was built: reviews and round-ups, no drafts."""
    return run.try_step("build", "", lambda: _plan(run)) or Work()


def _plan(run: SyncRun) -> Work:
    found = [str(path) for path in match_reviews(run.folder, run.config)]
    names, made = choose_reviews(run.folder, found, notify=run.pass_warnings, drafts=False)
    marks = Marks(run.config)
    by_file = {run.name_file(name): marks.mark(name, made) for name in names}
    records = {record.source: record for record in load_records(run.folder)}

    def is_current(file: str) -> bool:
        record, mark = records.get(file), by_file[file]
        is_same = bool(mark) and mark == run.record.built.get(file)
        return is_same and record is not None and is_whole(record)

    changed = tuple(name for name in names if not is_current(run.name_file(name)))
    return Work(changed, made, by_file)


def build_work(work: Work, run: SyncRun) -> tuple[Built, ...]:
    """Build what is planned, as far as the budget goes."""
    if run.options.dry_run or not work.names:
        return ()
    batch = run.try_step("build", "", lambda: _build(work, run))
    run.budget.release_speech()
    for failure in batch.failed if batch else ():
        run.fail("build", run.name_file(failure.review), failure)
    return batch.built if batch else ()


def _build(work: Work, run: SyncRun) -> Batch:
    return build_batch(
        work.names,
        output=None,
        voice=None,
        force=False,
        notify=run.notify,
        show=run.folder,
        made=work.made,
        budget=run.budget,
    )


def keep_record(work: Work, built: Iterable[Built], run: SyncRun) -> None:
    """Keep what episodes were built of, and what the sources were."""
    if run.options.dry_run:
        return
    record, done = run.record, {one.episode.source for one in built}
    if work.marks:  # there are none when nothing could be planned, too
        record.built = {
            file: mark
            for file, mark in work.marks.items()
            if mark and (file in done or record.built.get(file) == mark)
        }
    run.try_step("build", "", lambda: save_sync_record(run.folder, record))


def publish_built(run: SyncRun) -> Published | None:
    """Publish and announce what is built; return None when nothing could be published."""
    published = run.try_step("publish", run.config.publish.to, lambda: _publish(run))
    for one in published.told if published else ():
        if one.state in {"failed", "unknown"}:
            run.fail("publish", one.teller, TellError(f"{one.slug} was not announced: {one.note}"))
    return published


def _publish(run: SyncRun) -> Published:
    config = run.config
    accesses = [*list_publish_accesses(config), *list_file_accesses(config)]
    require_trust([*accesses, *list_tell_accesses(config)])
    return publish_show(
        config,
        open_destination(config.publish.to, base=run.folder),
        PublishOptions(dry_run=run.options.dry_run),
        now=run.clock(),
        notify=run.pass_warnings,
    )


def sum_up(
    run: SyncRun,
    imports: tuple[SourceImport, ...],
    work: Work,
    built: Iterable[Built],
    published: Published | None,
) -> Synced:
    """Return what the steps did; what waits for another day's budget has not failed."""
    waiting = [one for one in run.failed if one.exit_code == BudgetSpent.exit_code]
    failed = tuple(one for one in run.failed if one not in waiting)
    dry_run, limits, spent = run.options.dry_run, run.config.budget, run.budget.read_today()
    names = work.names if dry_run else ()
    plans, *_ = plan_batch(names, voice=None, show=run.folder, made=work.made)
    return Synced(
        imports=imports,
        planned=tuple(map(run.name_file, work.names)),
        unchanged=len(work.marks) - len(work.names),
        plans=tuple(plans),
        built=tuple(map(_describe_built, built)),
        waiting=tuple(Waiting(review=one.name, reason=one.error) for one in waiting),
        failed=failed,
        published=published,
        budget=BudgetState(
            day=spent.day,
            requests=spent.requests,
            requests_per_day=limits.requests_per_day,
            minutes=round(spent.speech_s / 60, 2),
            minutes_per_day=limits.minutes_per_day,
        ),
        dry_run=dry_run,
        exit_code=find_exit_code(failed),
    )


def _describe_built(built: Built) -> SyncBuilt:
    episode, figures = built.episode, built.figures
    return SyncBuilt(
        slug=episode.slug,
        title=episode.title,
        source=episode.source,
        duration_s=episode.duration_s,
        voice=episode.voice,
        segments=figures.segments,
        voiced=figures.voiced,
    )
