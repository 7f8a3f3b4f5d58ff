"""Many reviews: each is built for itself, and one that fails holds up no other."""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from reviewcast.episode.export import ExportFormat
from reviewcast.episode.report import MARK, Fault, build_report
from reviewcast.jobs.batch_order import order_new
from reviewcast.jobs.batch_run import BatchRun
from reviewcast.jobs.build import Built
from reviewcast.jobs.costs import Taken
from reviewcast.jobs.episode_task import EpisodeTask
from reviewcast.jobs.planning import Failure
from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.model.events import Notify, tell_once
from reviewcast.settings.run import Elsewhere
from reviewcast.system.budget import Budget
from reviewcast.system.files import check_writable, write_whole

_MARK_WITHIN = 1000  # bytes from the start


class Batch(Struct, frozen=True):
    """What became of the reviews of one command; `left` are those that were not begun.

    `taken` is what building took, None when nothing was built.
    """

    built: tuple[Built, ...]
    failed: tuple[Failure, ...]
    left: int = 0
    taken: Taken | None = None

    @property
    def exit_code(self) -> int:
        """0, the code that all failures share when nothing was built, else 3; 130 when stopped."""
        if self.left:
            return STOPPED
        codes = {failure.exit_code for failure in self.failed}
        if not codes:
            return 0
        return codes.pop() if len(codes) == 1 and not self.built else ReviewError.exit_code


STOPPED = 130
"""The exit code of what was interrupted by its user."""


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
    jobs: int = 1,
    elsewhere: Elsewhere | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Batch:
    """Build an episode of each review; `-` is standard input.

    They belong to `show`, or to the one that is found for each. What is so of several is told
    once, and a voice that does not answer is asked once; `absent` are such from before. `formats`
    are written beside each MP3, and `report` is a page about all of them. `made` are the names of
    round-ups, and what their files hold; `budget` is what voices may still do, and needs one job.
    `jobs` reviews are built at once, to the same bytes as one after another; one where voices speak
    `elsewhere`. When `is_stopped` nothing more is begun. Raise UsageError when two would become one
    file, or the report would take another file's place.
    """
    names, made = list(names), made or {}
    if output and len(names) > 1 and not output.is_dir():
        raise UsageError(
            "One file cannot hold several episodes.", hint="Give a folder that exists to -o."
        )
    if report:
        _check_report(report)
    run = BatchRun(
        EpisodeTask(
            name="",
            voice=voice,
            show=show,
            output=output,
            formats=tuple(dict.fromkeys(formats)),
            force=force,
        ),
        made=made,
        absent={} if absent is None else absent,
        budget=budget,
        notify=tell_once(notify),
        reports=report is not None,
        is_stopped=is_stopped,
        elsewhere=elsewhere,
    )
    ordered = order_new(names, show, made) if show else names
    if (workers := 1 if elsewhere else min(jobs, len(ordered))) > 1:
        run.build_apart(ordered, workers)
    else:
        run.build_here(ordered)
    if report:
        _write_report(report, run)
    left = len(ordered) - run.done
    return Batch(tuple(run.built), tuple(run.failed), left, run.count_taken(left))


def _write_report(path: Path, run: BatchRun) -> None:
    faults = [Fault(failure.review, failure.error, failure.hint) for failure in run.failed]
    with write_whole(path) as file:
        file.write(build_report(run.sections, faults))


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
