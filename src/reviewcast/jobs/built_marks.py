"""What episodes were built of, kept beside what was spoken: a build tells by it what has changed.

It may be thrown away with the cache: what is not known counts by the episode's record alone.
"""

import os
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.model.errors import StorageError
from reviewcast.system.cache import Cache
from reviewcast.system.files import write_whole
from reviewcast.system.keys import hash_key

_FORMAT = "built 1"


class _Built(Struct, frozen=True):
    """The mark of an episode, and the MP3 that it became."""

    mark: str
    path: str
    size_bytes: int


def keep_mark(
    name: str, mark: str, output: Path | None, cache: Cache, *, audio: Path, size_bytes: int
) -> None:
    """Keep the mark of an episode that was built; a cache that refuses fails no build."""
    place = _find_place(name, output, cache)
    built = _Built(mark, os.path.realpath(audio), size_bytes)
    with suppress(OSError, StorageError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with write_whole(place, durable=False) as file:
            file.write(msgspec.json.encode(built))


def is_kept(name: str, mark: str, output: Path | None, cache: Cache) -> bool | None:
    """True if the episode is there that had this mark, None when nothing is known of one."""
    try:
        data = _find_place(name, output, cache).read_bytes()
        built = msgspec.json.decode(data, type=_Built)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    with suppress(OSError):
        return mark == built.mark and os.stat(built.path).st_size == built.size_bytes
    return False


def _find_place(name: str, output: Path | None, cache: Cache) -> Path:
    paths = [os.path.realpath(one) if one else "" for one in (name, output)]
    key = hash_key(_FORMAT, [os.fsencode(path).hex() for path in paths])
    return cache.folder / "marks" / key[:2] / f"{key}.json"
