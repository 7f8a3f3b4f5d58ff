"""Keys of stored entries: hashes of content, and sets of many of them."""

import hashlib
from array import array

import msgspec

KEY_BYTES = 32


def hash_key(*parts: object) -> str:
    """Return the key of an entry: a hash over all that decides what it holds."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


class KeySeries:
    """Keys that differ in a text alone: what they have in common is hashed once."""

    def __init__(self, *parts: object) -> None:
        self._begun = hashlib.sha256(msgspec.json.encode(parts, order="sorted")[:-1] + b",")

    def hash_key(self, text: str) -> str:
        """Return what `hash_key` gives for the parts and this text."""
        digest = self._begun.copy()
        digest.update(msgspec.json.encode(text) + b"]")
        return digest.hexdigest()


class Keys:
    """A set of keys that is small: eight bytes of each, in parts by the key's first byte.

    Those that begin with the same nine bytes count as one, which only keeps more.
    """

    def __init__(self) -> None:
        self._parts = [array("Q") for _ in range(256)]
        self._opened = -1
        self._open: frozenset[int] = frozenset()

    def add(self, keys: bytes) -> None:
        """Add keys, one behind the other."""
        for at in range(0, len(keys), KEY_BYTES):
            self._parts[keys[at]].append(int.from_bytes(keys[at + 1 : at + 9]))

    def __contains__(self, key: str) -> bool:
        """True if a key is among them; quick for keys that come in order."""
        part = int(key[:2], 16)
        if part != self._opened:
            self._opened, self._open = part, frozenset(self._parts[part])
        return int(key[2:18], 16) in self._open
