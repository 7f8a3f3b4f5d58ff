"""The documents of a podcast: feed, archive pages, site."""

import hashlib
from collections.abc import Callable

import msgspec
from msgspec import Struct

LISTING = "listing"  # in place of a recipe: made anew in each run, they are quick


class Document(Struct, frozen=True):
    """A page or feed: its name, the key of what it is made of, and how it is made."""

    name: str
    recipe: str
    render: Callable[[], bytes]


def hash_document(value: object) -> str:
    """Return the SHA-256 of a value's JSON, as hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()
