"""What a source does not show any more is forgotten, and neither written nor spoken again."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from reviewcast.shelf.ledger import Record, is_file_id, load_ledger
from reviewcast.shelf.own_reviews import OWN
from reviewcast.shelf.review_file import format_review
from reviewcast.shelf.sources.letterboxd import FAMILY
from reviewcast.shelf.sources.letterboxd import SOURCE as LETTERBOXD
from reviewcast.shelf.values import LeftOut, SourceReview


class Withdrawal(NamedTuple):
    """A record that a left out review belongs to, and that review's title."""

    record: Record
    title: str


def withdraw_versions(
    folder: Path, records: Iterable[Record], left_out: Iterable[LeftOut]
) -> list[Withdrawal]:
    """Drop the versions that were left out of their source; return the records they were of.

    A record without any other version keeps its ids. A file that its user has removed comes back
    when the text it held is the one that was dropped, and another source still has the review.
    """
    by_id: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        for one in record.ids:
            by_id[one].append(record)
    found: dict[int, Withdrawal] = {}
    for item in left_out:
        for record in [record for one in item.ids for record in by_id.get(one, ())]:
            title = record.choose().title if record.versions else item.title
            found.setdefault(id(record), Withdrawal(record, title or record.file))
            _drop(folder, record, item)
    return list(found.values())


def forget_removed(folder: Path, records: Iterable[Record]) -> None:
    """Forget the text of a review that no source shows, once its user has removed its file."""
    for record in records:
        if not record.versions and not (folder / record.file).is_file():
            record.written = record.pending = ""


def list_withdrawn(folder: Path) -> frozenset[str]:
    """Return the files, below a show's folder, of reviews that no source shows any more.

    Raise StorageError when the ledger cannot be read.
    """
    return frozenset(
        record.file
        for record in load_ledger(folder).reviews
        if not (record.own or record.versions) and (folder / record.file).is_file()
    )


def _drop(folder: Path, record: Record, item: LeftOut) -> None:
    gone = [
        source
        for source, version in record.versions.items()
        if source != OWN and _is_of(item, version)
    ]
    if gone and item.source == LETTERBOXD:  # its feed has the newest alone, and tells of none
        gone = [source for source in record.versions if source in FAMILY or source in gone]
    spoken = record.choose().source if gone else ""
    for source in gone:
        record.drop(source)
    if gone and record.versions and not record.own and not (folder / record.file).is_file():
        record.written = "" if spoken in gone or not record.written else format_review(record)


def _is_of(item: LeftOut, version: SourceReview) -> bool:
    """True if a version has an id of a left out review, and no other one of its own kind."""
    first, other = item.ids[0], version.ids[0]
    blog = first.rpartition(":")[0]
    if blog.startswith("wordpress:") and blog == other.rpartition(":")[0] and first != other:
        return False  # posts of a blog may have the same guid
    shared = set(version.ids) & set(item.ids)
    return any(not is_file_id(one) or version.source == item.source for one in shared)
