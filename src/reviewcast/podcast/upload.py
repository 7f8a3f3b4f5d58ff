"""What is sent to a destination, in which order and with which headers."""

import hashlib
from pathlib import Path

from msgspec import Struct

from reviewcast.model.errors import (
    StorageError,
)
from reviewcast.model.protocols import Stored, Upload
from reviewcast.system.file_types import find_type

LASTING = "public, max-age=31536000, immutable"


CHANGING = "public, max-age=300, must-revalidate"


class Sent(Struct, frozen=True):
    """A file that was, or would be, uploaded."""

    name: str
    size_bytes: int


class Entry(Struct, frozen=True):
    """What the ledger knows of an uploaded document."""

    recipe: str
    sha256: str
    stored: Stored


def wrap_document(name: str, data: bytes, cache_control: str) -> Upload:
    """Return a document as an Upload with the content type of its name."""
    return Upload(
        name=name,
        source=data,
        size_bytes=len(data),
        content_type=find_type(name).content_type,
        cache_control=cache_control,
    )


def refuse_changed(path: Path, sha256: str) -> None:
    """Send nothing that is not what the build wrote and measured."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StorageError(
            f"Cannot read {path}: {error.strerror or error}.", hint="Build the episode again."
        ) from error
    if found != sha256:
        raise StorageError(
            f"{path} is no longer what the build wrote.", hint="Build the episode again."
        )
