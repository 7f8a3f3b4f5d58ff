"""Which reviews of many are built: those of a time, those that have changed, the first so many."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

from reviewcast.jobs.batch_order import order_new
from reviewcast.jobs.built_marks import is_kept
from reviewcast.jobs.shows import STDIN, find_cache, open_review
from reviewcast.jobs.shows import load_config as load
from reviewcast.jobs.sync_record import load_sync_record
from reviewcast.model.errors import ReviewcastError
from reviewcast.model.events import Noticed, Notify
from reviewcast.model.podcast import EpisodeRecord
from reviewcast.podcast.freshness import Marks, is_whole
from reviewcast.settings.schema import Config
from reviewcast.system.workspace import load_records
from reviewcast.text.look import look_at
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import decode_round_up, is_round_up


class Wanted(Struct, frozen=True, kw_only=True):
    """Which reviews are wanted; what is empty, False or 0 wants all.

    `since` is the first date, YYYY-MM-DD. With `changed` only those are whose episode is missing
    or is not what a build would make now; `limit` is how many of these there may be at most.
    """

    since: str = ""
    changed: bool = False
    limit: int = 0

    def __bool__(self) -> bool:
        return bool(self.since or self.changed or self.limit)


def select_reviews(
    names: Iterable[str],
    wanted: Wanted,
    *,
    voice: str | None,
    show: Path | None,
    output: Path | None,
    made: Mapping[str, bytes] | None,
    notify: Notify,
) -> tuple[str, ...]:
    """Return those of the reviews that are wanted, in the order of a build; report the others.

    What cannot be read is wanted: its build says why.
    """
    names = tuple(names)
    if not wanted:
        return names
    made = made or {}
    known = _Known(voice, show, output, made)
    chosen: Iterable[str] = order_new(list(names), show, made) if show else names
    if wanted.since:
        chosen = _select_since(chosen, wanted.since, known, notify)
    if wanted.changed:
        before = list(chosen)
        chosen = [name for name in before if not known.is_current(name)]
        _tell(len(before) - len(chosen), "unchanged", notify)
    if wanted.limit:
        before = list(chosen)
        chosen = list(_limit(before, wanted.limit, known.is_current))
        _tell(len(before) - len(chosen), f"behind the first {wanted.limit}", notify)
    return tuple(chosen)


def _select_since(names: Iterable[str], since: str, known: "_Known", notify: Notify) -> list[str]:
    names, dates = list(names), {}
    for name in names:
        try:
            dates[name] = known.find_date(name)
        except ReviewcastError:
            dates[name] = since
    _tell(sum(not date for date in dates.values()), "without a date", notify)
    _tell(sum("" < date < since for date in dates.values()), f"before {since}", notify)
    return [name for name in names if dates[name] >= since]


def _tell(number: int, which: str, notify: Notify) -> None:
    if number:
        notify(Noticed(f"Left out: {number} {which}."))


def _limit(names: Iterable[str], limit: int, is_current: Callable[[str], bool]) -> Iterator[str]:
    """Yield names up to the last of so many that have work to do."""
    busy = 0
    for name in names:
        if not is_current(name):
            busy += 1
            if busy > limit:
                return
            yield name


class _Known:
    """What is known of the reviews of a command, by what they share."""

    def __init__(
        self, voice: str | None, show: Path | None, output: Path | None, made: Mapping[str, bytes]
    ) -> None:
        self._voice, self._show, self._output, self._made = voice, show, output, made
        self._load = cache(load)
        self._open_marks = cache(self._make_marks)
        self._records = cache(_load_records)
        self._synced = cache(_load_synced)

    def _open(self, name: str) -> tuple[ReviewSource, Config]:
        return open_review(
            name, voice=self._voice, show=self._show, load=self._load, made=self._made
        )

    def find_date(self, name: str) -> str:
        """Return a review's date, "" without one. Raise one of the errors of the tree."""
        if name == STDIN:
            return ""
        source, config = self._open(name)
        if is_round_up(name):
            return decode_round_up(source).date
        return look_at(source, name, config).date

    def _make_marks(self, folder: Path | None) -> Marks:
        return Marks(self._load(folder, voice=self._voice))

    def is_current(self, name: str) -> bool:
        """True if the episode of a review is there, and is what a build would make of it."""
        if name == STDIN:
            return False
        try:
            source, config = self._open(name)
            mark = self._open_marks(config.folder).mark(name, {name: source.data})
            kept = is_kept(name, mark, self._output, find_cache(config))
            if kept is not None or config.folder is None or self._output:
                return bool(kept)
            return self._fits_record(source, config.folder, mark)
        except ReviewcastError:
            return False

    def _fits_record(self, source: ReviewSource, folder: Path, mark: str) -> bool:
        """True if an episode that was built before marks were kept is of the review as it is."""
        file = os.path.relpath(os.path.abspath(source.name), folder).replace(os.sep, "/")
        record = self._records(folder).get(file)
        if record is None or not is_whole(record):
            return False
        synced = self._synced(folder).get(file)
        if synced is not None:
            return synced == mark
        return record.source_sha256 == hashlib.sha256(source.data).hexdigest()


def _load_records(folder: Path) -> dict[str, EpisodeRecord]:
    return {record.source: record for record in load_records(folder)}


def _load_synced(folder: Path) -> dict[str, str]:
    return load_sync_record(folder).built
