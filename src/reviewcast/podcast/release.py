"""Records of finished episodes become releases, under promises that are kept for ever."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.episode.artwork import HASH_CHARS, name_picture
from reviewcast.model.podcast import (
    EpisodeRecord,
    Publication,
    Release,
    RetiredFile,
    ShowPublication,
)
from reviewcast.settings.publish import PublishSettings

_PICTURE = re.compile(r"\.[0-9a-f]{12}\.jpg")

_SUFFIXES = {
    "audio": ".mp3",
    "vtt": ".vtt",
    "srt": ".srt",
    "transcript": ".transcript.json",
    "chapters": ".chapters.json",
    "jpeg": ".jpg",
    "png": ".png",
}


class MediaFile(Struct, frozen=True):
    """A file of an episode: where it lies, its hash, and the name that it is published under."""

    name: str
    path: str
    sha256: str


class Variant(Struct, frozen=True):
    """Another encoding of an episode: where it lies, its hash and size, and its bit rate."""

    path: str
    sha256: str
    size_bytes: int
    kbps: int


def list_media(record: EpisodeRecord, opus: Variant | None = None) -> dict[str, MediaFile]:
    """Return the files of an episode by kind; each name holds a hash of its content.

    So a file that has changed gets another name: no cache ever serves an old one for it.
    """
    digests = {".mp3": record.sha256} | record.companions
    stem = record.path.removesuffix(".mp3")
    found = {}
    for kind, suffix in _SUFFIXES.items():
        if digest := digests.get(suffix):
            name = f"media/{record.slug}-{digest[:HASH_CHARS]}{suffix}"
            found[kind] = MediaFile(name, stem + suffix, digest)
    for suffix, digest in record.companions.items():
        if _PICTURE.fullmatch(suffix):
            name = name_picture(record.slug, suffix)
            found[f"picture{suffix}"] = MediaFile(name, stem + suffix, digest)
    if opus:
        name = f"media/{record.slug}-{opus.sha256[:HASH_CHARS]}.opus"
        found["opus"] = MediaFile(name, opus.path, opus.sha256)
    return found


def promise_episode(
    record: EpisodeRecord,
    kept: Publication | None,
    *,
    guid: str,
    now: datetime,
    published: datetime | None = None,
) -> Publication:
    """Return the episode's guid and date: those it has, else `guid` and the moment it appears.

    That moment is `published` when it is given, else the start of the review's own day, else now.
    Once an episode was public neither changes any more.
    """
    if kept is None:
        now = now.replace(microsecond=0)
        when = published or _find_day(record.date) or now
        if not published and when > now and record.date <= now.astimezone().date().isoformat():
            when = now  # the day has begun here, though not in UTC
        return Publication(guid=guid, published=when)
    if published and not kept.was_public:
        return replace(kept, published=published)
    return kept


def retire_files(
    publication: Publication, files: Mapping[str, str], *, now: datetime
) -> Publication:
    """Return the record with the names that an episode has now, and with those that it leaves."""
    return replace(
        publication,
        released=publication.released or bool(files),
        files=dict(files),
        retired=update_retired(publication, files, now=now),
    )


def update_retired(
    before: Publication | ShowPublication, files: Mapping[str, str], *, now: datetime
) -> tuple[RetiredFile, ...]:
    """Add the names that are no longer in use to those that were retired before."""
    used = set(files.values())
    known = {file.name for file in before.retired}
    fresh = sorted(set(before.files.values()) - used - known)
    kept = [file for file in before.retired if file.name not in used]
    return (*kept, *(RetiredFile(name, now.replace(microsecond=0)) for name in fresh))


def find_expired(
    retired: tuple[RetiredFile, ...], settings: PublishSettings, *, now: datetime
) -> set[str]:
    """Return the names whose grace period is over."""
    grace = timedelta(days=settings.grace_days)
    return {file.name for file in retired if file.since + grace <= now}


def find_page(slug: str) -> str:
    """Return the name of an episode's page."""
    return f"episodes/{slug}/index.html"


def make_release(
    record: EpisodeRecord, publication: Publication, *, pages: bool, opus: Variant | None = None
) -> Release:
    """Show an episode as the public sees it, without its notes."""
    names = publication.files
    return Release(
        slug=record.slug,
        guid=publication.guid,
        title=record.title,
        published=publication.published,
        audio=names["audio"],
        size_bytes=record.size_bytes,
        duration_s=record.duration_s,
        page=find_page(record.slug) if pages else "",
        vtt=names.get("vtt", ""),
        srt=names.get("srt", ""),
        transcript=names.get("transcript", ""),
        chapters_file=names.get("chapters", ""),
        image=names.get("jpeg") or names.get("png", ""),
        chapters=tuple(
            replace(chapter, image=names.get(f"picture{chapter.image}", ""))
            for chapter in record.chapters
        ),
        number=record.track if publication.number is None else publication.number,
        season=record.season,
        kind=record.kind,
        explicit=record.explicit,
        language=record.language,
        description=record.description,
        link=record.link,
        social=record.social,
        author=record.author,
        subject=record.subject,
        rating=record.rating,
        soundbite=record.soundbite,
        same_as=record.same_as,
        speakers=record.list_speakers(),
        opus=names.get("opus", "") if opus else "",
        opus_bytes=opus.size_bytes if opus else 0,
        opus_kbps=opus.kbps if opus else 0,
    )


def _find_day(date: str) -> datetime | None:
    if not date:
        return None
    return datetime.combine(datetime.fromisoformat(date).date(), time(), tzinfo=UTC)
