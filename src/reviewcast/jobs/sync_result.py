"""What a sync did, step by step, or with a dry run would do."""

from typing import Literal

from msgspec import Struct

from reviewcast.jobs.import_reviews import ReviewImport
from reviewcast.jobs.publish import Published
from reviewcast.model.errors import ReviewError
from reviewcast.speech.plan import Plan

Step = Literal["import", "build", "publish"]


class SyncFailure(Struct, frozen=True, kw_only=True):
    """Something that failed, and held up nothing else: a source, a review, or the publication."""

    step: Step
    name: str
    error: str
    hint: str
    exit_code: int


class SourceImport(Struct, frozen=True, kw_only=True):
    """What came of a source; `result` is None when it could not be read."""

    source: str
    result: ReviewImport | None


class SyncBuilt(Struct, frozen=True, kw_only=True):
    """An episode that was built: how long it is, and how much of it was spoken for that."""

    slug: str
    title: str
    source: str
    duration_s: float
    voice: str
    segments: int
    voiced: int


class Waiting(Struct, frozen=True, kw_only=True):
    """A review that is built once the budget of another day allows it."""

    review: str
    reason: str


class BudgetState(Struct, frozen=True, kw_only=True):
    """What was spent of a day, in UTC; a limit of 0 is none."""

    day: str
    requests: int
    requests_per_day: int
    minutes: float
    minutes_per_day: float


class Synced(Struct, frozen=True, kw_only=True):
    """What became of a show.

    `planned` are the files of reviews and round-ups that were new or had changed, `unchanged` the
    number of those that had not. `plans` are what a dry run expects of those that are there.
    `published` is None when nothing could be published.
    """

    imports: tuple[SourceImport, ...] = ()
    planned: tuple[str, ...] = ()
    unchanged: int = 0
    plans: tuple[Plan, ...] = ()
    built: tuple[SyncBuilt, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    failed: tuple[SyncFailure, ...] = ()
    published: Published | None = None
    budget: BudgetState
    dry_run: bool = False
    exit_code: int = 0

    @property
    def has_changed(self) -> bool:
        """True if anything was imported, built or published, or waits."""
        imported = any(one.result and one.result.changes for one in self.imports)
        sent = self.published and (
            self.published.uploaded or self.published.deleted or self.published.changes
        )
        return bool(imported or self.planned or self.waiting or sent)


def find_exit_code(failed: tuple[SyncFailure, ...]) -> int:
    """Return 0, the code that all failures share, or 3."""
    codes = {one.exit_code for one in failed}
    return codes.pop() if len(codes) == 1 else ReviewError.exit_code if codes else 0
