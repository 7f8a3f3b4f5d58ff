"""What a sync keeps for the next one: what its sources were, and what episodes were built of."""

from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.system.files import write_changed
from reviewcast.system.records import load_record

FILE = "sync.json"

_VERSION = 1


class SourceMark(Struct, frozen=True):
    """What a source was when it was last imported: its format, and how many reviews it had."""

    kind: str
    found: int


class SyncRecord(Struct, kw_only=True):
    """The sources by their addresses, and the marks of episodes by their reviews' files."""

    version: int = _VERSION
    sources: dict[str, SourceMark] = {}
    built: dict[str, str] = {}


def load_sync_record(show: Path) -> SyncRecord:
    """Read the record of a show, an empty one before its first sync.

    Raise StorageError when it cannot be read.
    """
    return load_record(
        show / FILE,
        SyncRecord(),
        hint="Remove it: the next sync then builds all episodes once more, from the store.",
    )


def save_sync_record(show: Path, record: SyncRecord) -> None:
    """Write the record; the same one stays untouched."""
    data = msgspec.json.format(msgspec.json.encode(record, order="sorted"), indent=2) + b"\n"
    write_changed(show / FILE, data)
