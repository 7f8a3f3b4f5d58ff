"""What was imported into a show: by review its identities, its versions and what was written."""

import re
from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.model.errors import StorageError
from reviewcast.shelf.converting import count_words
from reviewcast.shelf.sources.letterboxd import FAMILY
from reviewcast.shelf.values import SourceReview
from reviewcast.system.files import write_changed
from reviewcast.system.records import load_record

FILE = "imports.json"
_VERSION = 1


def is_file_id(identity: str) -> bool:
    """True if an id is the name of a file, which other blogs may have, too."""
    return identity.startswith("file:")


class Record(Struct, kw_only=True, omit_defaults=True):
    """A review of the show, as its sources have it.

    `file` is below the show's folder. `written` is the text that the last import had for it, the
    base of the three-way merge; `pending` is what an import is about to write to a new file. `own`
    is True for a review that no import has written. `recent` is the source whose version changed
    last. A review that no source shows any more has no versions: its ids alone are kept.
    """

    file: str
    ids: list[str]
    versions: dict[str, SourceReview]
    written: str = ""
    pending: str = ""
    recent: str = ""
    own: bool = False

    def take(self, review: SourceReview) -> None:
        """Take a source's version in place of the one that it had."""
        if is_file_id(review.ids[0]) and not self.own:  # its blog's folder may have been renamed
            self.versions = {
                review.source if one.ids[0] == review.ids[0] else source: one
                for source, one in self.versions.items()
            }
        if self.versions.get(review.source) != review:
            self.recent = review.source
        self.versions[review.source] = review
        self.ids += [one for one in review.ids if one not in self.ids]

    def drop(self, source: str) -> None:
        """Forget a source's version, which it does not show any more."""
        del self.versions[source]
        if self.recent == source:
            self.recent = ""

    def choose(self) -> SourceReview:
        """Return the version that is to be spoken: the longest, the first of equals.

        Of one service's two exports the text that changed last stands for both.
        """
        stale = FAMILY - {self.recent} if self.recent in FAMILY else frozenset()
        versions = [one for one in self.versions.values() if one.source not in stale]
        return max(versions, key=lambda one: count_words(one.text))


class Ledger(Struct, kw_only=True):
    """All records of a show, in the order in which they came."""

    version: int = _VERSION
    reviews: list[Record] = []


def load_ledger(show: Path) -> Ledger:
    """Read the ledger of a show, an empty one when nothing was imported yet.

    Raise StorageError when it cannot be read.
    """
    path = show / FILE
    hint = "Restore it from a backup: it tells your edits from what was imported."
    ledger = load_record(path, Ledger(), hint=hint)
    for record in ledger.reviews:
        if not record.own and not _is_below(record.file):  # the user's own may lie elsewhere
            raise StorageError(
                f"{path} names {record.file!r}, which is no file of the show.",
                hint="Restore it from a backup.",
            )
    return ledger


def _is_below(file: str) -> bool:
    parts = re.split(r"[/\\]", file)
    return bool(file) and not {"", "..", "."}.intersection(parts) and ":" not in file


def save_ledger(show: Path, ledger: Ledger) -> bool:
    """Write the ledger; the same one stays untouched. Return True when it was written."""
    return write_changed(show / FILE, msgspec.json.encode(ledger) + b"\n")
