"""The bytes of a store's entry.

A line with two SHA-256, a line of JSON, the head, then the body. The first digest is of all that
follows the line, the second of the first and the head: so a head can be trusted without a look at
the body.
"""

import hashlib
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct, structs

F = TypeVar("F")

SIGN_BYTES = 2 * 64 + 2
"""Of the first line: two digests, a space, a line end."""


class Head(Struct, Generic[F], frozen=True):
    """The key of an entry, how many bytes its body has, and what was measured of it."""

    key: str
    size: int
    figures: F


class Entry(Struct, Generic[F], frozen=True):
    """An entry that is whole; `digest` is that of it all."""

    figures: F
    body: bytes
    digest: bytes


def encode_head(key: str, figures: F, body: bytes) -> tuple[bytes, bytes]:
    """Return what stands before the body of an entry, and the digest of it all."""
    head = msgspec.json.encode(Head(key, len(body), figures))
    whole = hashlib.sha256(head)
    whole.update(b"\n")
    whole.update(body)
    digest = whole.hexdigest().encode()
    return b"%b %b\n%b\n" % (digest, _sign_head(digest, head), head), digest


def decode_head(
    key: str, data: bytes, size: int, decoder: msgspec.json.Decoder[Head[F]]
) -> Entry[F] | None:
    """Return an entry without its body from its first bytes; `size` is how many it has in all.

    None when its head is not whole, or it has another key or another size than that says.
    """
    end = data.find(b"\n", SIGN_BYTES)
    digest, _, sign = data[:SIGN_BYTES].partition(b" ")
    head = data[SIGN_BYTES:end]
    if end < 0 or sign != _sign_head(digest, head) + b"\n":
        return None
    try:
        found = decoder.decode(head)
    except msgspec.DecodeError:
        return None
    if (found.key, end + 1 + found.size) != (key, size):
        return None
    return Entry(found.figures, b"", digest)


def decode_entry(key: str, data: bytes, decoder: msgspec.json.Decoder[Head[F]]) -> Entry[F] | None:
    """Return the entry that a file holds; None when it is not whole, or of another key."""
    entry = decode_head(key, data, len(data), decoder)
    rest = memoryview(data)[SIGN_BYTES:]
    if not entry or hashlib.sha256(rest).hexdigest().encode() != entry.digest:
        return None
    return structs.replace(entry, body=data[data.index(b"\n", SIGN_BYTES) + 1 :])


def _sign_head(digest: bytes, head: bytes) -> bytes:
    return hashlib.sha256(digest + head).hexdigest().encode()
