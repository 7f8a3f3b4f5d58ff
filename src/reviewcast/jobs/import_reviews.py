"""The job: what a critic has written elsewhere becomes reviews of this show, each once."""

import contextlib
import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from reviewcast.model.errors import ConfigError, StorageError, UsageError
from reviewcast.model.events import Notify, Progressed, Warned
from reviewcast.settings.accesses import reach_review
from reviewcast.settings.schema import Config
from reviewcast.shelf.archive import decode_name
from reviewcast.shelf.detect import Source
from reviewcast.shelf.identity import Identities
from reviewcast.shelf.ledger import Record, load_ledger, save_ledger
from reviewcast.shelf.merge import merge_edits
from reviewcast.shelf.own_reviews import (
    is_kept,
    leave_out_show,
    read_own_reviews,
    settle_records,
)
from reviewcast.shelf.read_source import read_reviews_of
from reviewcast.shelf.review_file import FOLDER, format_review, name_file
from reviewcast.shelf.sources.feed import Fetch
from reviewcast.shelf.values import LeftOut, SourceReview
from reviewcast.shelf.withdrawal import Withdrawal, forget_removed, withdraw_versions
from reviewcast.system.files import is_leftover, write_whole
from reviewcast.system.show_lock import lock_show
from reviewcast.system.trust import require_trust
from reviewcast.text.draft import match_reviews

Change = Literal["new", "updated", "merged", "conflict", "removed"]


class Imported(Struct, frozen=True, kw_only=True):
    """A review whose file an import has written, or would write, or leaves to its user.

    "merged" keeps the user's edits beside the new text. "conflict" is a file that is kept as it
    is, for its user and its source have changed the same lines; "removed" one that its user has
    taken away.
    """

    file: str
    title: str
    change: Change


class Joined(Struct, frozen=True, kw_only=True):
    """A review that stands in two sources, and why it is taken for one."""

    file: str
    title: str
    source: str
    reason: str


class ReviewImport(Struct, frozen=True, kw_only=True):
    """What an import did, or with `dry_run` would do.

    `unchanged` counts the reviews whose files are left as they are. `withdrawn` are files of
    reviews that no source shows any more. `outside` is true if [show] reviews names
    none of the files that were written.
    """

    source: str
    found: int
    changes: tuple[Imported, ...] = ()
    joined: tuple[Joined, ...] = ()
    unchanged: int = 0
    left_out: tuple[LeftOut, ...] = ()
    failed: tuple[LeftOut, ...] = ()
    withdrawn: tuple[Imported, ...] = ()
    outside: bool = False
    dry_run: bool = False


def import_reviews(
    source: Source,
    config: Config,
    *,
    now: dt.datetime,
    fetch: Fetch | None = None,
    include_paid: bool = False,
    dry_run: bool = False,
    notify: Notify,
) -> ReviewImport:
    """Import the reviews of a source into the show's folder `reviews`.

    A review that the show has already, from this source or another, is the same file. A file
    that its user has edited keeps the edits. Stopped anywhere, the next run does the rest.

    Raise ReviewError or UsageError for a source that cannot be read, StorageError, LockedError.
    """
    if config.folder is None:
        raise UsageError(
            "There is no podcast.toml here or above.", hint="Make a show: reviewcast init"
        )
    folder = config.folder
    leave_out_show(source, folder)
    with lock_show(folder):
        reading = read_reviews_of(source, now=now, fetch=fetch, include_paid=include_paid)
        for warning in reading.warnings:
            notify(Warned(warning))
        ledger = load_ledger(folder)
        records = settle_records(folder, ledger.reviews)
        records += read_own_reviews(folder, _list_trusted(folder, config), records)
        forget_removed(folder, records)
        withdrawals = withdraw_versions(folder, records, reading.left_out)
        plan = _plan(folder, records, reading.reviews, withdrawals)
        ledger.reviews = [record for record in records if is_kept(record)]
        if not dry_run:
            _carry_out(folder, plan, lambda: save_ledger(folder, ledger), notify)
    files = {change.file for change in plan.changes if change.change == "new"}
    known = {os.path.relpath(one, folder) for one in match_reviews(folder, config)}
    return ReviewImport(
        source=source.kind,
        found=len(reading.reviews),
        changes=tuple(plan.changes),
        joined=tuple(plan.joined),
        unchanged=plan.unchanged,
        left_out=reading.left_out,
        failed=reading.failed,
        withdrawn=tuple(_find_withdrawn(folder, withdrawals)),
        outside=bool(files) and not dry_run and known.isdisjoint(map(os.path.normpath, files)),
        dry_run=dry_run,
    )


def _list_trusted(folder: Path, config: Config) -> list[Path]:
    """Return the show's reviews; of those outside of it, what its user has confirmed."""
    trusted = []
    for path in match_reviews(folder, config):
        with contextlib.suppress(ConfigError):
            require_trust(reach_review(path, config))
            trusted.append(path)
    return trusted


class _Write(Struct, frozen=True):
    """A file that is to be written: its text, and the import that it stands for."""

    record: Record
    text: str
    base: str


class _Plan(Struct):
    """What is to be done; nothing of it is done yet."""

    changes: list[Imported] = []
    joined: list[Joined] = []
    writes: list[_Write] = []
    unchanged: int = 0


def _plan(
    folder: Path,
    records: list[Record],
    reviews: tuple[SourceReview, ...],
    withdrawals: list[Withdrawal],
) -> _Plan:
    """Find each review's record, or make it one, and compare with what its file holds.

    The files of records that have lost a version are written from those that they still have.
    """
    plan = _Plan()
    identities = Identities(records)
    taken = {one.casefold() for one in {record.file for record in records} | _list_files(folder)}
    touched: dict[int, Record] = {}
    ids: dict[int, str] = {}
    for review in reviews:
        match = identities.find(review)
        if match and ids.get(id(match.record), review.ids[0]) != review.ids[0]:
            match = None  # a source has each review once, whatever its ids say
        if match is None:
            record = Record(file=name_file(review, taken), ids=[], versions={})
            taken.add(record.file.casefold())
            records.append(record)
        else:
            record = match.record
            if record.versions and review.source not in record.versions:
                joined = Joined(
                    file=decode_name(record.file),
                    title=review.title,
                    source=review.source,
                    reason=match.reason,
                )
                plan.joined.append(joined)
        ids[id(record)] = review.ids[0]
        record.take(review)
        identities.add(record)
        touched[id(record)] = record
    for record in touched.values():
        _plan_file(folder, record, plan)
    unchanged = plan.unchanged
    for record, _ in withdrawals:
        if record.versions and id(record) not in touched:
            _plan_file(folder, record, plan)
    plan.unchanged = unchanged  # count what the source has
    return plan


def _plan_file(folder: Path, record: Record, plan: _Plan) -> None:
    text = record.written if record.own else format_review(record)
    if record.own or text == record.written:
        plan.unchanged += 1
        return
    change: Change = "new"
    write: str | None = text
    if record.written:
        file = _read(folder / record.file)
        if file is None:
            change, write = "removed", None
        else:
            merge = merge_edits(record.written, text, file)
            change = "updated" if file == record.written else "merged"
            change = "conflict" if merge.conflict else change
            write = None if merge.conflict else merge.text
            if write == file:  # a stopped run, or the user, was there before
                plan.writes.append(_Write(record, "", text))
                plan.unchanged += 1
                return
    plan.changes.append(Imported(file=record.file, title=record.choose().title, change=change))
    if write is not None:
        plan.writes.append(_Write(record, write, text))


def _carry_out(folder: Path, plan: _Plan, save: Callable[[], bool], notify: Notify) -> None:
    """Note what is about to be written, write it, and note that it is there."""
    writes = [write for write in plan.writes if write.text]
    for write in writes:
        write.record.pending = "" if write.record.written else write.text
    if writes:
        _make_folder(folder / FOLDER)
        save()
    for number, write in enumerate(writes, 1):
        with write_whole(_follow(folder, write.record.file), sweep=False) as file:
            file.write(write.text.encode(errors="surrogateescape"))
        notify(Progressed("import", number, len(writes)))
    for write in plan.writes:
        write.record.written, write.record.pending = write.base, ""
    save()


def _follow(folder: Path, file: str) -> Path:
    """Return where a file lies; a link of the user's that stays within the show is kept."""
    path = folder / file
    real = Path(os.path.realpath(path))
    is_link = path.is_symlink() and real.is_relative_to(os.path.realpath(folder))
    return real if is_link else path


def _make_folder(folder: Path) -> None:
    """Make the folder of the reviews; take away what killed runs have left in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_leftover(entry.name):
                    with contextlib.suppress(OSError):
                        os.unlink(entry.path)
    except OSError as error:
        raise StorageError(
            f"Cannot make the folder {folder}: {error.strerror or error}."
        ) from error


def _list_files(folder: Path) -> set[str]:
    try:
        return {f"{FOLDER}/{name}" for name in os.listdir(folder / FOLDER)}
    except OSError:
        return set()


def _read(path: Path) -> str | None:
    """Return the text of a review's file as it is, None when there is none."""
    try:
        return path.read_bytes().decode(errors="surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"Cannot read {path}: {error.strerror or error}.") from error


def _find_withdrawn(folder: Path, withdrawals: list[Withdrawal]) -> Iterator[Imported]:
    """Return the files of reviews that were public at an earlier import, and are nowhere now."""
    for record, title in withdrawals:
        if not record.versions and record.written and (folder / record.file).is_file():
            yield Imported(file=record.file, title=title, change="removed")
