"""An episode and its companions are written, each whole."""

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from reviewcast.audio.render import list_frames
from reviewcast.episode.artwork import make_suffix, name_picture
from reviewcast.episode.captions import caption_episode
from reviewcast.episode.describe import tell_speech
from reviewcast.episode.notes import format_notes
from reviewcast.episode.produce import Production
from reviewcast.episode.tag import Tags, build_tag
from reviewcast.model.podcast import Episode, EpisodeChapter, EpisodeCue
from reviewcast.model.text import Review
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.system.file_types import find_image_type
from reviewcast.system.workspace import (
    NOTES_SUFFIX,
    drop_pictures,
    save_audio,
    save_companions,
    save_record,
)

_IMAGE_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}


def save_episode(
    episode: Episode,
    review: Review,
    made: Production,
    *,
    cover: bytes,
    has_own_image: bool,
    pictures: dict[str, bytes],
    run: Run,
) -> Episode:
    """Write the MP3, then what stands beside it, then the record that says so.

    In a show, an image of the episode's own lies there, too, for the feed; elsewhere it would take
    the name of the review's picture. A receipt in the cache tells what it was made of.
    """
    config, path = run.settings, Path(episode.path)
    show = config.folder
    is_in_show = show is not None and path.is_relative_to(show / "episodes")
    captions = caption_episode(
        episode.cues,
        _address_pictures(episode, config),
        title=episode.title,
        language=episode.language,
        speech=tell_speech(made.narration.script, made.timeline),
    )
    tag = _make_tag(
        episode, review, made, config, cover=cover, pictures=pictures, lines=captions.lines
    )
    size_bytes, sha256 = save_audio(
        path, itertools.chain([tag], list_frames(made.audio, run.cache))
    )
    companions = {
        ".vtt": captions.vtt,
        ".srt": captions.srt,
        ".chapters.json": captions.chapters_json,
        ".transcript.json": captions.transcript_json,
        NOTES_SUFFIX: format_notes(review).encode(),
        **{make_suffix(picture): picture for picture in pictures.values()},
    }
    if has_own_image and is_in_show:
        companions[_IMAGE_SUFFIXES[find_image_type(cover)]] = cover
    save_companions(path, companions)
    digests = {suffix: hashlib.sha256(data).hexdigest() for suffix, data in companions.items()}
    episode = msgspec.structs.replace(
        episode, size_bytes=size_bytes, sha256=sha256, companions=digests
    )
    if is_in_show:
        save_record(path, episode)
    drop_pictures(path, keep=companions)
    takes = {*made.takes.sources, *(take.key for take in made.takes.takes)}
    keys = [*sorted(takes), *(block.key for block in made.audio.blocks)]
    run.cache.leave_receipt(path, episode.size_bytes, keys)
    return episode


def _make_tag(
    episode: Episode,
    review: Review,
    made: Production,
    config: Config,
    *,
    cover: bytes,
    pictures: dict[str, bytes],
    lines: tuple[EpisodeCue, ...],
) -> bytes:
    return build_tag(
        Tags(
            title=episode.title,
            artist=episode.author or config.show.author or config.show.title,
            album=config.show.title,
            date=episode.date,
            track=episode.track,
            comment=episode.description or episode.subject or episode.title,
            lyrics="\n\n".join(_list_texts(review)),
            language=episode.language,
            cover=cover,
            chapters=made.timeline.chapters,
            samples=made.audio.samples,
            rate_hz=made.audio.rate_hz,
            pictures=pictures,
            lines=lines,
            speakers=episode.speakers,
        )
    )


def _address_pictures(episode: Episode, config: Config) -> list[EpisodeChapter]:
    """Return the chapters with the URLs of their pictures.

    They are whole where the show has one, for clients take them as they stand; else they name the
    file beside the MP3.
    """

    def address(suffix: str) -> str:
        if not config.show.url:
            return quote(f"{Path(episode.path).stem}{suffix}")
        return f"{config.show.url.rstrip('/')}/{name_picture(episode.slug, suffix)}"

    return [
        msgspec.structs.replace(chapter, image=address(chapter.image)) if chapter.image else chapter
        for chapter in episode.chapters
    ]


def _list_texts(review: Review) -> Iterator[str]:
    """Return the title, headings and paragraphs of a review as they are written."""
    yield review.title
    for section in review.sections:
        if section.heading:
            yield section.heading
        for paragraph in section.paragraphs:
            yield paragraph.text
