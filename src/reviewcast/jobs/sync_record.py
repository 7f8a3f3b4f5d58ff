"""What a sync keeps for the next one: what its sources were, and what episodes were built of."""

from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.model.errors import StorageError
from reviewcast.system.files import remove_leftovers, write_whole

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
    path = show / FILE
    try:
        record = msgspec.json.decode(path.read_bytes(), type=SyncRecord)
    except FileNotFoundError:
        return SyncRecord()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StorageError(
            f"The record {path} cannot be read: {error}.",
            hint="Remove it: the next sync then builds all episodes once more, from the store.",
        ) from error
    if record.version != _VERSION:
        raise StorageError(
            f"{path} is of another version of reviewcast.", hint="Use that version, or a newer one."
        )
    return record


def save_sync_record(show: Path, record: SyncRecord) -> None:
    """Write the record; the same one stays untouched."""
    path = show / FILE
    data = msgspec.json.format(msgspec.json.encode(record, order="sorted"), indent=2) + b"\n"
    if path.is_file() and path.read_bytes() == data:
        remove_leftovers(path)
        return
    with write_whole(path) as file:
        file.write(data)
