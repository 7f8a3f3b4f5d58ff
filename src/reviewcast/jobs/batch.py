"""Many reviews: each is built for itself, and one that fails holds up no other."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from reviewcast.episode.describe import collect_report, name_source
from reviewcast.episode.export import ExportFormat
from reviewcast.episode.produce import Production
from reviewcast.episode.report import MARK, Fault, Section, build_report, report_episode
from reviewcast.jobs.build import Built, build_episode, open_draft
from reviewcast.jobs.costs import Meter, Taken, count_taken
from reviewcast.jobs.planning import Failure, try_each
from reviewcast.jobs.shows import (
    STDIN,
    load_config,
    open_review,
    open_run,
    read_bytes,
)
from reviewcast.model.errors import ReviewcastError, ReviewError, UsageError
from reviewcast.model.events import Event, Notify, Progressed, Warned, tell_once
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.system.budget import Budget
from reviewcast.system.cache import Cache
from reviewcast.system.files import check_writable, write_whole
from reviewcast.system.show_lock import lock_show
from reviewcast.system.store import retry_lost
from reviewcast.system.workspace import (
    load_publications,
    load_records,
    place_episode,
    save_companions,
)
from reviewcast.text.look import look_at
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import decode_round_up, is_round_up

T = TypeVar("T")
_NO_DATE = "9999"
_MARK_WITHIN = 1000  # bytes from the start


class Batch(Struct, frozen=True):
    """What became of the reviews of one command."""

    built: tuple[Built, ...]
    failed: tuple[Failure, ...]
    taken: Taken | None = None
    """What building took, None when nothing was built."""

    @property
    def exit_code(self) -> int:
        """0, the code that all failures share when nothing was built, else 3."""
        codes = {failure.exit_code for failure in self.failed}
        if not codes:
            return 0
        return codes.pop() if len(codes) == 1 and not self.built else ReviewError.exit_code


def build_batch(
    names: Iterable[str],
    *,
    output: Path | None,
    voice: str | None,
    force: bool,
    notify: Notify,
    show: Path | None = None,
    absent: dict[str, str] | None = None,
    formats: Collection[ExportFormat] = (),
    report: Path | None = None,
    made: Mapping[str, bytes] | None = None,
    budget: Budget | None = None,
) -> Batch:
    """Build an episode of each review; `-` is standard input.

    They belong to `show`, or to the one that is found for each. What is so of several is told
    once, and a voice that does not answer is asked once; `absent` are such from before. `formats`
    are written beside each MP3, and `report` is a page about all of them. `made` are the names of
    round-ups, and what their files hold; `budget` is what voices may still do. Raise UsageError
    when two would become one file, or the report would take another file's place.
    """
    names = list(names)
    notify = tell_once(notify)
    absent = {} if absent is None else absent
    if output and len(names) > 1 and not output.is_dir():
        raise UsageError(
            "One file cannot hold several episodes.", hint="Give a folder that exists to -o."
        )
    if report:
        _check_report(report)
    taken: dict[Path, str] = {}
    meter, caches = Meter(), list[Cache]()
    sections: list[Section] = []
    find_holders = cache(_find_holders)

    def build(name: str) -> Built:
        remarks: list[str] = []

        def hear(event: Event) -> None:
            if not isinstance(event, Progressed):
                remarks.append(event.message)
            notify(event)

        source, config = open_review(name, voice=voice, show=show, made=made)
        _warn_of_holder(name_source(source, config), config, find_holders, hear)
        run = open_run(config, notify=hear, force=force, absent=absent, budget=budget)
        caches.append(run.cache)
        built, audible = _build_locked(
            name, source, run, output=output, formats=formats, taken=taken
        )
        if report:
            sections.append(_report(built, audible, len(sections) + 1, remarks))
        return built

    built, failed = try_each(_order_new(names, show, made or {}) if show else names, build)
    if report:
        _write_report(report, sections, failed)
    return Batch(tuple(built), tuple(failed), count_taken(built, failed, caches, meter))


def _report(built: Built, made: Production, number: int, remarks: Sequence[str]) -> Section:
    data = collect_report(built.episode, built.figures, made)
    return report_episode(data, number=number, remarks=remarks)


def _write_report(report: Path, sections: Sequence[Section], failed: Iterable[Failure]) -> None:
    faults = [Fault(failure.review, failure.error, failure.hint) for failure in failed]
    with write_whole(report) as file:
        file.write(build_report(sections, faults))


def _find_holders(show: Path) -> dict[str, str]:
    """Return the slugs of a show's round-ups, by the sources of the reviews that they hold."""
    try:
        records, publications = load_records(show), load_publications(show)
    except ReviewcastError:
        return {}  # who needs them tells it
    withdrawn = {slug for slug, one in publications.items() if one.withdrawn}
    return {
        source: record.slug
        for record in records
        if record.slug not in withdrawn
        for source in record.members
    }


def _warn_of_holder(
    source: str, config: Config, find_holders: Callable[[Path], dict[str, str]], notify: Notify
) -> None:
    """Warn of a review that is built alone, and is in a round-up."""
    slug = find_holders(config.folder).get(source, "") if config.folder else ""
    if slug:
        notify(
            Warned(
                f"{source} is in the round-up {slug}, too, and would be public twice."
                " To take it out there, write `episode: alone` into its front matter and run:"
                " reviewcast build"
            )
        )


def _build_locked(
    name: str,
    source: ReviewSource,
    run: Run,
    *,
    output: Path | None,
    formats: Collection[ExportFormat],
    taken: dict[Path, str],
) -> tuple[Built, Production]:
    """Build an episode while no other run does so in its show; `taken` are the batch's files."""
    show = run.settings.folder
    with lock_show(show) if show else nullcontext():
        draft = open_draft(source, run)
        file = None if name == STDIN else Path(name)
        path = place_episode(draft.review.slug, review=file, show=show, output=output)
        if path in taken:
            raise UsageError(
                f"{name} and {taken[path]} would both become {path}.",
                hint="Give one of them another slug.",
            )
        taken[path] = name
        check_writable(path)
        run.cache.prepare()
        _keep_round_up(source, path)
        # also what is written at the end is read from the stores
        return retry_lost(partial(build_episode, source, draft, path, run, formats))


def _keep_round_up(source: ReviewSource, path: Path) -> None:
    """Write what a round-up is made of beside its MP3, when that is its place."""
    file = Path(os.path.abspath(source.name))
    if is_round_up(source.name) and file == path.with_name(file.name):
        save_companions(file, {file.suffix: source.data})


def _order_new(names: list[str], show: Path, made: Mapping[str, bytes]) -> list[str]:
    """Put the reviews that were never built in the order of their dates, for their numbers.

    That is the order in which a rhythm releases them: the newest may come first. All others keep
    their places. What has no date, or cannot be read, comes last among them.
    """
    try:
        config, records = load_config(show), load_records(show)
    except ReviewcastError:
        return names  # it is told for each of them
    known = {os.path.normpath(show / record.source) for record in records}
    fresh = [name for name in names if os.path.abspath(name) not in known and name != STDIN]
    if len(fresh) < 2:
        return names

    def find_date(name: str) -> str:
        try:
            if name in made:
                return decode_round_up(ReviewSource(name, made[name])).date or _NO_DATE
            return look_at(read_bytes(name), name, config).date or _NO_DATE
        except ReviewcastError:
            return _NO_DATE

    dates = {name: find_date(name) for name in fresh}
    newest_first = bool(config.publish.drip) and config.publish.drip_order == "newest"
    ordered = iter(
        sorted(
            sorted(fresh, key=dates.__getitem__, reverse=newest_first),
            key=lambda name: dates[name] == _NO_DATE,
        )
    )
    moved = set(fresh)
    return [next(ordered) if name in moved else name for name in names]


def _check_report(path: Path) -> None:
    """Find out before any work whether a report can be written to a file.

    Raise UsageError for one that is there and is no report: a page may be a review.
    """
    if path.suffix.lower() not in {".html", ".htm"}:
        raise UsageError(f"{path} does not end in .html.", hint="Name the report so: report.html")
    try:
        with path.open("rb") as file:
            is_other = MARK.encode() not in file.read(_MARK_WITHIN)
    except OSError:
        is_other = False  # it is not there, or the check below says what is wrong
    if is_other:
        raise UsageError(
            f"{path} is there and is no report.", hint="Give another name, or remove it."
        )
    check_writable(path)
