"""What the steps of a sync share, and how one that fails holds up no other."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from reviewcast.jobs.planning import Failure
from reviewcast.jobs.sync_record import SyncRecord, load_sync_record
from reviewcast.jobs.sync_result import Step, SyncFailure
from reviewcast.model.errors import ReviewcastError
from reviewcast.model.events import Event, Noticed, Notify, Warned
from reviewcast.settings.schema import Config
from reviewcast.system.budget import FILE as BUDGET_FILE
from reviewcast.system.budget import Budget
from reviewcast.system.files import escape

T = TypeVar("T")


class SyncOptions(Struct, frozen=True, kw_only=True):
    """The options of a sync; `sources` replace those of podcast.toml."""

    sources: tuple[str, ...] = ()
    include_paid: bool = False
    allow_private: bool = False
    dry_run: bool = False


class SyncRun(Struct, frozen=True):
    """What the steps of a sync share: settings, record and budget, and what has failed so far."""

    config: Config
    folder: Path
    options: SyncOptions
    record: SyncRecord
    budget: Budget
    clock: Callable[[], datetime]
    notify: Notify
    failed: list[SyncFailure]

    def try_step(self, step: Step, name: str, job: Callable[[], T]) -> T | None:
        """Do a job and return what it gives; what fails is noted, and None is returned."""
        try:
            return job()
        except ReviewcastError as error:
            self.fail(step, name, error)
            return None

    def fail(self, step: Step, name: str, error: ReviewcastError | Failure) -> None:
        """Note what has failed."""
        told = error.error if isinstance(error, Failure) else error.message
        texts = (name, told, error.hint)
        # messages may hold names of files that no JSON can
        name, told, hint = (one.encode("utf-8", "backslashreplace").decode() for one in texts)
        self.failed.append(
            SyncFailure(step=step, name=name, error=told, hint=hint, exit_code=error.exit_code)
        )

    def name_file(self, name: str) -> str:
        """Return a file's path from the show's folder as records have it; always UTF-8."""
        return escape(os.path.relpath(name, self.folder).replace(os.sep, "/"))

    def pass_warnings(self, event: Event) -> None:
        """Report an event unless it is a notice, which would be the same each day."""
        if not isinstance(event, Noticed):
            self.notify(event)


def open_sync(
    config: Config,
    folder: Path,
    options: SyncOptions,
    *,
    clock: Callable[[], datetime],
    notify: Notify,
) -> SyncRun:
    """Read what earlier syncs have kept, and what of today's budget is left.

    Raise StorageError for a record that cannot be read.
    """
    limits = config.budget
    budget = Budget(
        folder / BUDGET_FILE,
        requests=limits.requests_per_day,
        speech_s=limits.minutes_per_day * 60,
        clock=clock,
        dry_run=options.dry_run,
    )
    if ahead := budget.find_ahead():
        notify(
            Warned(
                f"The clock says {budget.read_today().day}, and a part of the budget of {ahead} is"
                " spent: one of them is wrong. What was spent counts today."
            )
        )
    record = load_sync_record(folder)
    return SyncRun(config, folder, options, record, budget, clock, notify, [])
