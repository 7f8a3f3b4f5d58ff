"""Records in JSON that one version of their format describes, each a file of its own."""

from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from reviewcast.model.errors import StorageError


class Versioned(Protocol):
    """A record that says which version of its format it has."""

    version: int


V = TypeVar("V", bound=Versioned)


def load_record(path: Path, empty: V, *, hint: str) -> V:
    """Read a record of the kind and version of `empty`, which is returned when there is none.

    Raise StorageError, with a hint at what to do, when it cannot be read or has another version.
    """
    try:
        record = msgspec.json.decode(path.read_bytes(), type=type(empty))
    except FileNotFoundError:
        return empty
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StorageError(f"The record {path} cannot be read: {error}.", hint=hint) from error
    if record.version != empty.version:
        raise StorageError(
            f"{path} is of another version of reviewcast.", hint="Use that version, or a newer one."
        )
    return record
