"""Episodes on disk: where they go, and how they get there whole."""

import hashlib
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from reviewcast.model.errors import StorageError, UsageError
from reviewcast.model.podcast import (
    Episode,
    EpisodeCue,
    EpisodeRecord,
    Publication,
    ShowPublication,
)
from reviewcast.model.telling import Told
from reviewcast.system.files import remove_leftovers, reporting, write_changed, write_whole

T = TypeVar("T")
NOTES_SUFFIX = ".notes.html"
_EPISODES = "episodes"
_RECORD = "episode.json"
_PUBLICATION = "publication.json"
_TOLD = "told.json"
_PICTURE = re.compile(r"\.[0-9a-f]{12}\.jpg")
_SUFFIX = ".mp3"


def find_show(start: Path) -> Path | None:
    """Find the folder with the podcast.toml that a file belongs to, from its own folder up."""
    for folder in (start, *start.parents):
        if (folder / SHOW_FILE).is_file():
            return folder
    return None


def place_episode(
    slug: str, *, review: Path | None, show: Path | None, output: Path | None
) -> Path:
    """Return where an episode's MP3 goes.

    An output is a file ending in .mp3 or a folder that exists. Without one, it is
    `episodes/SLUG/SLUG.mp3` in a show, or beside the review. Raise UsageError for any other
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
    """Write an MP3 from its parts; return its size in bytes and its SHA-256.

    Raise StorageError; the file that was there before is then still whole.
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
        write_changed(path.with_suffix(suffix), data)


def drop_pictures(path: Path, *, keep: Container[str]) -> None:
    """Remove the pictures of chapters beside an MP3 that are no longer its own."""
    with suppress(OSError):  # harmless if they stay
        for name in os.listdir(path.parent):
            suffix = name.removeprefix(path.stem)
            if suffix != name and _PICTURE.fullmatch(suffix) and suffix not in keep:
                path.with_name(name).unlink(missing_ok=True)


def load_records(show: Path) -> list[EpisodeRecord]:
    """Read the records of all episodes of a show, in the order of their numbers.

    Raise StorageError for a record that cannot be read.
    """
    records = []
    for folder in _list_folders(show):
        record = _load_record(folder)
        if record is not None:
            records.append(record)
    return sorted(records, key=lambda record: (record.track, record.slug))


def load_record(show: Path, slug: str) -> EpisodeRecord | None:
    """Read the record of one episode; None when it was never built."""
    return _load_record(str(show / _EPISODES / slug))


def _load_record(folder: str) -> EpisodeRecord | None:
    return _load_once(f"{folder}/{_RECORD}", _read_record)


def _read_record(file: str) -> EpisodeRecord | None:
    record = _load(file, EpisodeRecord)
    if record is None:
        return None
    path = f"{os.path.dirname(file)}/{os.path.basename(record.path)}"
    return msgspec.structs.replace(record, path=path)


def load_voices(show: Path) -> Iterator[tuple[str, str]]:
    """Read which voice has spoken each episode of a show, and in which language.

    A record that cannot be read is passed over: a build that needs it says so.
    """
    for folder in _list_folders(show):
        with suppress(StorageError):
            spoken = _load(f"{folder}/{_RECORD}", _Spoken)
            if spoken:
                yield spoken.voice, spoken.language


def load_cues(record: EpisodeRecord) -> tuple[EpisodeCue, ...]:
    """Read what is said when in an episode, from its record."""
    found = _load(Path(record.path).with_name(_RECORD), _Cues)
    return found.cues if found else ()


def load_notes(record: EpisodeRecord) -> str:
    """Read an episode's show notes, HTML; "" when there are none."""
    try:
        return Path(record.path).with_suffix(NOTES_SUFFIX).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"The show notes of {record.slug} cannot be read: {error}.",
            hint="Remove them and build the episode again.",
        ) from error


def save_record(path: Path, episode: Episode) -> None:
    """Write an episode's record beside its MP3, last of all: it says that the rest is there."""
    record = msgspec.to_builtins(msgspec.structs.replace(episode, path=path.name))
    for name in ("members", "same_as", "social", "speakers"):
        if not record[name]:
            del record[name]  # as records always were
    save_companions(path.with_name(_RECORD), {Path(_RECORD).suffix: _format(record)})


def load_publications(show: Path) -> dict[str, Publication]:
    """Read what was promised of the episodes that were ever published, by slug."""
    found = {}
    for folder in _list_folders(show):
        publication = _load_once(f"{folder}/{_PUBLICATION}", _read_publication)
        if publication is not None:
            found[os.path.basename(folder)] = publication
    return found


def _read_publication(file: str) -> Publication | None:
    return _load(file, Publication)


def load_publication(show: Path, slug: str) -> Publication | None:
    """Read what was promised of one episode; None when it was never published."""
    return _load(show / _EPISODES / slug / _PUBLICATION, Publication)


def save_publication(show: Path, slug: str, publication: Publication) -> None:
    """Save what is promised of an episode, before the feed names it."""
    _save(show / _EPISODES / slug / _PUBLICATION, publication)


def load_show_publication(show: Path) -> ShowPublication | None:
    """Read what was promised of the show; None when it was never published."""
    return _load(show / _PUBLICATION, ShowPublication)


def save_show_publication(show: Path, publication: ShowPublication) -> None:
    """Save what is promised of the show."""
    _save(show / _PUBLICATION, publication)


def load_told(show: Path) -> dict[str, dict[str, Told]]:
    """Return what was announced of the episodes, by guid and teller; {} if nothing was."""
    return _load(show / _TOLD, dict[str, dict[str, Told]]) or {}


def save_told(show: Path, told: dict[str, dict[str, Told]]) -> None:
    """Save what is announced of episodes, before it is sent and after."""
    with write_whole(show / _TOLD) as opened:
        opened.write(_format(told))


def load_manifest(show: Path, place: str, *, kind: type[T]) -> T | None:
    """Read what was put at a place; None when that is not known, which costs time alone."""
    try:
        return _load(_find_manifest(show, place), kind)
    except StorageError:
        return None


def save_manifest(show: Path, place: str, manifest: object) -> None:
    """Note what was put at a place. It may be thrown away."""
    file = _find_manifest(show, place)
    file.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(file)
    with write_whole(file, durable=False) as opened:
        opened.write(msgspec.json.encode(manifest))


def _find_manifest(show: Path, place: str) -> Path:
    name = hashlib.sha256(place.encode()).hexdigest()[:16]
    return show / ".reviewcast" / "published" / f"{name}.json"


def _list_folders(show: Path) -> list[str]:
    """Return the folders of episodes, in order; as text, for a show may have thousands."""
    place = str(show / _EPISODES)
    with reporting(f"read {place}"), suppress(FileNotFoundError):
        return [f"{place}/{name}" for name in sorted(os.listdir(place)) if name[0] != "."]
    return []


class _Spoken(Struct, frozen=True):
    voice: str = ""
    language: str = ""


class _Cues(Struct, frozen=True):
    cues: tuple[EpisodeCue, ...] = ()


def _load(file: Path | str, kind: type[T]) -> T | None:
    try:
        with open(file, "rb") as opened:
            return msgspec.json.decode(opened.read(), type=kind)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        built = os.path.basename(file) == _RECORD
        raise StorageError(
            f"The record {file} cannot be read: {error}.",
            hint="Remove it and build the episode again."
            if built
            else "Restore it from a backup: it holds what the public was promised or told.",
        ) from error


_Version = tuple[int, int, int, int]
_known: dict[str, tuple[_Version, Any]] = {}
"""What was read of files, as they were then."""


def _load_once(file: str, read: Callable[[str], T]) -> T:
    """Return what is read of a file, again only when it is another one than the last time."""
    try:
        status = os.stat(file)
    except OSError:
        return read(file)  # which says what is wrong
    version = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if file not in _known or _known[file][0] != version:
        _known[file] = version, read(file)
    found: T = _known[file][1]
    return found


def _save(file: Path, record: Struct) -> None:
    with write_whole(file) as opened:
        opened.write(_format(record))


def _format(record: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


SHOW_FILE = "podcast.toml"
