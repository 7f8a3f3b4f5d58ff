"""Reviews that the show has without an import, and what a stopped import has left."""

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from reviewcast.model.characters import clean_text
from reviewcast.model.errors import ReviewcastError, UsageError
from reviewcast.shelf.archive import LARGEST_TEXT, FolderArchive, decode, decode_name, read_file
from reviewcast.shelf.detect import Source
from reviewcast.shelf.ledger import Record
from reviewcast.shelf.review_file import FOLDER
from reviewcast.shelf.sources.folder import read_post
from reviewcast.shelf.values import SourceReview
from reviewcast.text.readers.front_matter import split_front_matter

OWN = "show"


def leave_out_show(source: Source, show: Path) -> None:
    """Leave the show out of a folder that it lies in: what was imported is none of the blog's.

    Raise UsageError for the show's own folder, or its reviews'.
    """
    if not isinstance(source.archive, FolderArchive):
        return
    place = Path(os.path.realpath(source.name))
    own = Path(os.path.realpath(show))
    if place == own or place.is_relative_to(os.path.realpath(own / FOLDER)):
        raise UsageError(
            f"{source.name} is the folder of this show: what is in it need not be imported.",
            hint="Name where the reviews are now. To see those of the show: reviewcast shelf",
        )
    if own.is_relative_to(place):
        source.archive.leave_out(own)


def settle_records(folder: Path, records: list[Record]) -> list[Record]:
    """Return the records with what a stopped run has done; the user's own go with their files."""
    for record in records:
        if record.pending and (folder / record.file).is_file():
            record.written = record.pending
        record.pending = ""
    return [record for record in records if not record.own or (folder / record.file).is_file()]


def read_own_reviews(folder: Path, files: Iterable[Path], records: list[Record]) -> list[Record]:
    """Return records of the show's reviews that no import has written.

    One that an import wrote and its user renamed is found by its ids, under its new name.
    """
    known = {record.file for record in records}
    gone = {
        one: record
        for record in records
        if record.written and not (folder / record.file).is_file()
        for one in record.ids
    }
    own = []
    for path in files:
        file = Path(os.path.relpath(path, folder)).as_posix()
        review = None if file in known else _read_review(path, file)
        if review is None:
            continue
        renamed = next((gone[one] for one in review.ids if one in gone), None)
        if renamed is not None:
            renamed.file = file
        else:
            record = Record(file=file, ids=list(review.ids), versions={OWN: review}, own=True)
            own.append(record)
    return own


def _read_review(path: Path, file: str) -> SourceReview | None:
    """Read a review of the show as far as that tells what it is of; None when it is unreadable."""
    if path.suffix.lower() not in {".md", ".markdown", ".mkd", ".txt", ".text", ".html"}:
        return None
    try:
        text = clean_text(decode(read_file(path, most_bytes=LARGEST_TEXT), file))
        review = read_post(decode_name(file), *split_front_matter(text))
    except ReviewcastError:  # its build says so
        return None
    return replace(review, source=OWN)


def is_kept(record: Record) -> bool:
    """True if a record says more than that its user has a file, whose name can be written."""
    return not record.own or (len(record.versions) > 1 and decode_name(record.file) == record.file)
