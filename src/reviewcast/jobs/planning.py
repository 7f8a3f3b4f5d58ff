"""What is known of many reviews before any is built: accesses, plans, names.

Nothing here loads what makes audio: a plan is to be there at once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from reviewcast.episode.around import look_around
from reviewcast.jobs.costs import Costs, estimate_costs
from reviewcast.jobs.listing import Names, list_names
from reviewcast.jobs.shows import find_cache, find_show_of, load_config, open_review, open_run
from reviewcast.model.errors import ReviewcastError
from reviewcast.model.protocols import Access
from reviewcast.settings.accesses import list_file_accesses, list_review_accesses
from reviewcast.settings.schema import Config
from reviewcast.speech.around import Around
from reviewcast.speech.casting import list_voice_accesses
from reviewcast.speech.plan import Plan, plan_episode
from reviewcast.speech.rates import Rates, load_rates
from reviewcast.system.files import escape
from reviewcast.text.memos import Memos
from reviewcast.text.proper_nouns import SharedName, gather_names

T = TypeVar("T")


class Failure(Struct, frozen=True):
    """A review that was not built, and why."""

    review: str
    error: str
    hint: str
    exit_code: int


def list_accesses(
    names: Iterable[str], *, voice: str | None, show: Path | None = None, every: bool = False
) -> Iterator[list[Access]]:
    """Yield what each show reaches outside of it for the episodes of reviews, to be confirmed.

    With `every` also what only voices need that no setting chooses. Faults are left to the build.
    """
    asked: set[Path] = set()
    names = list(names)
    for name in names:
        with suppress(ReviewcastError):
            folder = show or find_show_of(name)
            if folder is None or folder in asked:
                continue
            asked.add(folder)
            config = load_config(folder, voice=voice)
            found = [*list_voice_accesses(config, every=every), *list_file_accesses(config)]
            if show:
                found += list_review_accesses(config, map(Path, names))
            yield found


def plan_batch(
    names: Iterable[str],
    *,
    voice: str | None,
    show: Path | None = None,
    force: bool = False,
    made: Mapping[str, bytes] | None = None,
) -> tuple[list[Plan], list[Failure], Costs]:
    """Return what `build_batch` would have to speak, each and in all; nothing is written in a show.

    Of two reviews with the same words each counts them as its own, as if it was built alone.
    """
    arounds: dict[int, Around] = {}
    records: dict[Path, Rates] = {}

    @cache
    def load(folder: Path | None, *, voice: str | None) -> Config:
        config = load_config(folder, voice=voice)
        arounds[id(config)] = look_around(config)  # a build would fail by its cover
        return config

    def plan(name: str) -> Plan:
        source, config = open_review(name, voice=voice, show=show, load=load, made=made)
        memos = open_memos(config)
        memo = memos.open(source)
        run = open_run(config, force=force)
        folder = run.cache.folder
        if folder not in records:
            records[folder] = load_rates(run.cache)
        around = arounds[id(config)]
        planned = plan_episode(source, run, memo, rates=records[folder], around=around)
        memos.save(memo)
        return planned

    open_memos = _share_memos()
    plans, failed = try_each(names, plan)
    rates = next(iter(records.values()), Rates())
    return plans, failed, estimate_costs(plans, rates)


def find_shared_names(
    names: Iterable[str], *, voice: str | None, show: Path | None = None
) -> tuple[tuple[SharedName, ...], list[Failure]]:
    """Find the names and odd words of reviews; nothing is written in a show, no request is sent."""
    names = list(names)
    load = cache(load_config)
    open_memos = _share_memos()

    def find(name: str) -> Names:
        source, config = open_review(name, voice=voice, show=show, load=load)
        memos = open_memos(config)
        memo = memos.open(source)
        found = list_names(source, config, memo=memo)
        memos.save(memo)
        return found

    found, failed = try_each(names, find)
    lost = {failure.review for failure in failed}
    read = [name for name in names if escape(name) not in lost]
    return gather_names(
        [(name, one.language, one.names) for name, one in zip(read, found, strict=True)]
    ), failed


def _share_memos() -> Callable[[Config], Memos]:
    """Return what opens the memos that reviews with the same settings share."""
    known: dict[int, Memos] = {}

    def open_memos(config: Config) -> Memos:
        if id(config) not in known:
            known[id(config)] = Memos(config, find_cache(config))
        return known[id(config)]

    return open_memos


def try_each(names: Iterable[str], job: Callable[[str], T]) -> tuple[list[T], list[Failure]]:
    """Do a job for each review; those that cannot be done are returned beside the rest."""
    done: list[T] = []
    failed: list[Failure] = []
    for name in names:
        try:
            done.append(job(name))
        except ReviewcastError as error:
            failed.append(fail(name, error))
    return done, failed


def fail(name: str, error: ReviewcastError) -> Failure:
    """Return what is told of a review that cannot be done."""
    return Failure(escape(name), error.message, error.hint, error.exit_code)
