"""Episodes get a small variant as Opus, made once and kept, for apps that play it."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from reviewcast.audio.files.opus import encode_opus
from reviewcast.episode.opus_tags import OpusTags, tag_opus
from reviewcast.model.errors import SoundError
from reviewcast.model.events import Noticed, Notify, Progressed, Warned
from reviewcast.model.podcast import EpisodeRecord, Release
from reviewcast.podcast.promises import BuiltShow
from reviewcast.podcast.release import Variant
from reviewcast.system.cache_tag import mark_folder
from reviewcast.system.files import hash_file, make_folder, reporting, write_whole
from reviewcast.system.keys import hash_key

_FORMAT = 1
"""Raised whenever the same episode becomes other bytes."""


def make_variants(
    show: BuiltShow, releases: Iterable[Release], *, dry_run: bool, notify: Notify
) -> dict[str, Variant]:
    """Return the variants of public episodes by slug; those that are not kept yet are made.

    A dry run makes none. What cannot be encoded is warned of and has none. Raise StorageError when
    the disk refuses.
    """
    folder = show.folder / ".reviewcast" / "opus"
    kbps = show.config.feed.opus_kbps
    wanted = {one.slug: _name(show.records[one.slug], show, kbps) for one in releases}
    kept = {slug: found for slug, name in wanted.items() if (found := _load(folder, name, kbps))}
    missing = [slug for slug in wanted if slug not in kept]
    if dry_run:
        if missing:
            notify(Noticed(f"To be encoded as Opus first: {len(missing)} of the episodes."))
        return kept
    if missing:
        make_folder(folder, hint="Make the show's folder one that can be written.")
        mark_folder(folder.parent)
    for number, slug in enumerate(missing, 1):
        try:
            kept[slug] = _make(folder, wanted[slug], show.records[slug], show, kbps)
        except SoundError as error:
            notify(Warned(f"{slug} has no Opus variant. {error.message}"))
        notify(Progressed("encode", number, len(missing)))
    _drop_others(folder, set(wanted.values()))
    return kept


def _make(folder: Path, name: str, record: EpisodeRecord, show: BuiltShow, kbps: int) -> Variant:
    path = folder / f"{name}.opus"
    with write_whole(path) as file, reporting(f"write {path}"):
        encode_opus(Path(record.path), file, kbps=kbps)
        tag_opus(file, _describe(record, show))
    made = Variant(str(path), hash_file(path), path.stat().st_size, kbps)
    with write_whole(folder / f"{name}.json") as file:
        file.write(msgspec.json.encode(made))
    return made


def _load(folder: Path, name: str, kbps: int) -> Variant | None:
    """Return a variant that is there whole; None for one that has to be made."""
    path = folder / f"{name}.opus"
    try:
        found = msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=Variant)
        size = path.stat().st_size
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    if size != found.size_bytes or found.kbps != kbps:
        return None
    return msgspec.structs.replace(found, path=str(path))


def _describe(record: EpisodeRecord, show: BuiltShow) -> OpusTags:
    settings = show.config.show
    return OpusTags(
        title=record.title,
        artist=record.author or settings.author,
        album=settings.title,
        date=record.date,
        track=record.track,
        language=record.language,
        chapters=record.chapters,
    )


def _name(record: EpisodeRecord, show: BuiltShow, kbps: int) -> str:
    """Return a name that is another one whenever the variant would be."""
    return hash_key((_FORMAT, record.sha256, kbps, _describe(record, show)))[:32]


def _drop_others(folder: Path, names: set[str]) -> None:
    """Remove the variants of episodes that have changed, or are public no more."""
    for name in _list(folder):
        if name.partition(".")[0] not in names:
            with suppress(OSError):  # they harm nobody
                os.unlink(folder / name)


def _list(folder: Path) -> Iterator[str]:
    with suppress(OSError):
        yield from (name for name in os.listdir(folder) if not name.startswith("."))
