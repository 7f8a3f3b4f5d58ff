"""Episodes on disk: where they go, and how they get there whole."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from reviewcast.atomic import write_whole
from reviewcast.errors import LockedError, StorageError, UsageError
from reviewcast.model import Episode

_SHOW_FILE = "podcast.toml"
_SUFFIX = ".mp3"


def find_show(start: Path) -> Path | None:
    """Find the folder with the podcast.toml that a file belongs to, from its own folder up."""
    for folder in (start, *start.parents):
        if (folder / _SHOW_FILE).is_file():
            return folder
    return None


def place_episode(
    slug: str, *, review: Path | None, show: Path | None, output: Path | None
) -> Path:
    """Tell where an episode's MP3 goes.

    An output is a file ending in .mp3 or a folder that exists. Without one, it is
    `episodes/SLUG/SLUG.mp3` in a show, or beside the review. Raises UsageError for any other
    output.
    """
    if output is not None:
        if os.path.isdir(output):  # unlike Path.is_dir it takes a name of any length
            return output / f"{slug}{_SUFFIX}"
        if output.suffix.lower() != _SUFFIX:
            raise UsageError(
                f"{output} does not end in .mp3.",
                hint="Name an .mp3 file, or a folder that exists.",
            )
        return output
    if show is not None:
        return show / "episodes" / slug / f"{slug}{_SUFFIX}"
    return (review.parent if review else Path()) / f"{slug}{_SUFFIX}"


def save_audio(path: Path, parts: Iterable[bytes]) -> tuple[int, str]:
    """Write an MP3 from its parts; give its size in bytes and its SHA-256.

    Raises StorageError; the file that was there before is then still whole.
    """
    digest = hashlib.sha256()
    size = 0
    with write_whole(path) as file:
        for part in parts:
            file.write(part)
            digest.update(part)
            size += len(part)
    return size, digest.hexdigest()


def save_companions(path: Path, files: dict[str, bytes]) -> None:
    """Write the files beside an MP3, by their suffixes; those that are the same stay untouched."""
    for suffix, data in files.items():
        companion = path.with_suffix(suffix)
        if not companion.is_file() or companion.read_bytes() != data:
            with write_whole(companion) as file:
                file.write(data)


def load_episodes(show: Path) -> list[Episode]:
    """Read the records of all episodes of a show, in the order of their numbers.

    Raises StorageError for a record that cannot be read.
    """
    episodes = []
    for record in sorted((show / "episodes").glob("*/episode.json")):
        try:
            episodes.append(msgspec.json.decode(record.read_bytes(), type=Episode))
        except (OSError, msgspec.DecodeError) as error:
            raise StorageError(
                f"The record {record} cannot be read: {error}.",
                hint="Remove it and build the episode again.",
            ) from error
    return sorted(episodes, key=lambda episode: (episode.track, episode.slug))


def save_record(path: Path, episode: Episode) -> None:
    """Write an episode's record beside its MP3, last of all: it says that the rest is there."""
    data = msgspec.json.format(msgspec.json.encode(episode), indent=2) + b"\n"
    with write_whole(path.with_name("episode.json")) as file:
        file.write(data)


@contextmanager
def lock_show(show: Path) -> Iterator[None]:
    """Hold a show against other runs.

    Raises LockedError when another run holds it; a killed run holds nothing.
    """
    import filelock

    lock = filelock.FileLock(show / ".reviewcast" / "lock", timeout=0)
    try:
        (show / ".reviewcast").mkdir(exist_ok=True)
        lock.acquire()
    except filelock.Timeout as error:
        raise LockedError(
            f"Another run of reviewcast is at work on {show}.", hint="Wait until it has ended."
        ) from error
    except OSError as error:
        raise StorageError(
            f"Cannot lock {show}: {error.strerror or error}.",
            hint="Make the show's folder one that can be written.",
        ) from error
    try:
        yield
    finally:
        lock.release()
