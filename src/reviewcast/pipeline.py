"""The main job: a review becomes an episode."""

import hashlib
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from reviewcast.assets import open_cover, open_sounds
from reviewcast.cache import Cache
from reviewcast.config import Config
from reviewcast.events import Notify
from reviewcast.model import (
    EncodedAudio,
    Episode,
    EpisodeChapter,
    EpisodeCue,
    Review,
    Script,
    Timeline,
)
from reviewcast.protocols import Voice
from reviewcast.rendering import encode_audio, list_frames
from reviewcast.scripting import read_draft, tell_unfit
from reviewcast.stages.caption import Speech, caption_episode
from reviewcast.stages.notes import format_notes
from reviewcast.stages.read import ReviewSource
from reviewcast.stages.stitch import stitch_takes
from reviewcast.stages.tag import Tags, build_tag
from reviewcast.voicing import cast_draft, voice_script
from reviewcast.workspace import (
    NOTES_SUFFIX,
    load_records,
    save_audio,
    save_companions,
    save_record,
)

_SHORTEST_SOUNDBITE_S, _LONGEST_SOUNDBITE_S = 15, 60


def build_episode(
    source: ReviewSource,
    config: Config,
    *,
    place: Callable[[Review], Path],
    cache: Cache,
    notify: Notify,
    force: bool = False,
) -> Episode:
    """Turn a review into a finished MP3 with its captions, and give what was measured of it.

    `place` says where the MP3 goes. Raises one of the errors of the tree; what was there before
    is then still there, whole.
    """
    draft = read_draft(source, config, notify=notify)
    review = draft.review
    output = place(review)
    sounds = open_sounds(config)
    cover = open_cover(review, config, Path(source.name).parent, notify)
    cast, script = cast_draft(draft, config, cache, notify=notify, force=force)
    tell_unfit(draft, script, notify)
    made = voice_script(script, cast, config, cache, notify=notify, force=force)
    timeline = stitch_takes(script, made.takes, sounds, config.stitch)
    audio = encode_audio(timeline, sounds, config, cache, notify=notify, force=force)
    episode = _describe(
        source,
        review,
        script,
        timeline=timeline,
        audio=audio,
        config=config,
        output=output,
        voice=cast.voice,
        voiced=made.voiced,
    )
    return _save(
        episode,
        review,
        script,
        timeline=timeline,
        audio=audio,
        cover=cover,
        config=config,
        cache=cache,
    )


def _describe(
    source: ReviewSource,
    review: Review,
    script: Script,
    *,
    timeline: Timeline,
    audio: EncodedAudio,
    config: Config,
    output: Path,
    voice: Voice,
    voiced: int,
) -> Episode:
    """Gather what is known of an episode before its file is written."""
    rate = audio.rate_hz
    cues = (
        EpisodeCue(round(cue.start / rate, 3), round(cue.end / rate, 3), segment.role, segment.text)
        for cue, segment in zip(timeline.cues, script.segments, strict=True)
    )
    return Episode(
        slug=review.slug,
        title=review.title,
        path=str(output),
        size_bytes=0,
        duration_s=round(audio.samples / rate, 6),
        sha256="",
        voice=voice.name,
        language=review.language,
        loudness=audio.loudness,
        segments=len(script.segments),
        voiced=voiced,
        reused=len(script.segments) - voiced,
        blocks=len(audio.blocks),
        blocks_reused=sum(block.reused for block in audio.blocks),
        chapters=tuple(
            EpisodeChapter(chapter.title, round(chapter.start / rate, 3))
            for chapter in timeline.chapters
        ),
        cues=tuple(cues),
        track=_number(review, config),
        author=review.author,
        subject=review.subject,
        rating=review.rating,
        date=review.date,
        description=review.description,
        link=review.link,
        season=review.season,
        kind=review.kind,
        explicit=review.explicit or config.show.explicit,
        draft=review.draft,
        soundbite=_pick_soundbite(timeline, rate),
        source=_name_source(source, config),
        source_sha256=hashlib.sha256(source.data).hexdigest(),
        omitted=script.omissions,
    )


def _tell_speech(script: Script, timeline: Timeline) -> list[Speech]:
    """Tell how and when each segment is said, in seconds."""
    rate = timeline.rate_hz
    return [
        Speech(
            segment.spoken,
            segment.changes,
            tuple((round(start / rate, 3), round(end / rate, 3)) for start, end in cue.pauses),
            tuple((at, round(sample / rate, 3)) for at, sample in cue.marks),
        )
        for cue, segment in zip(timeline.cues, script.segments, strict=True)
    ]


def _name_source(source: ReviewSource, config: Config) -> str:
    """Give a review's path from its show's folder; "" without a show or a file."""
    if config.folder is None or not source.name:
        return ""
    try:
        return Path(os.path.relpath(source.name, config.folder)).as_posix()
    except ValueError:  # on another drive
        return Path(source.name).resolve().as_posix()


def _pick_soundbite(timeline: Timeline, rate: int) -> tuple[float, float]:
    """Choose a stretch that stands for the episode: whole segments of its last chapter.

    The podcast namespace asks for 15 to 120 seconds; (0, 0) when the chapter is shorter.
    """
    start = timeline.chapters[-1].start if timeline.chapters else 0
    cues = [cue for cue in timeline.cues if cue.start >= start]
    longest = _LONGEST_SOUNDBITE_S * rate
    ends = [cue.end for cue in cues if cue.end - cues[0].start <= longest]
    length = ends[-1] - cues[0].start if ends else 0
    if length < _SHORTEST_SOUNDBITE_S * rate:
        return 0.0, 0.0
    return round(cues[0].start / rate, 3), round(length / rate, 3)


def _number(review: Review, config: Config) -> int:
    """Give the episode's number: the review's own, the one it has, or the show's next."""
    if review.track:
        return review.track
    episodes = load_records(config.folder) if config.folder else []
    own = next((episode.track for episode in episodes if episode.slug == review.slug), None)
    return own or max((episode.track for episode in episodes), default=0) + 1


def _save(
    episode: Episode,
    review: Review,
    script: Script,
    *,
    timeline: Timeline,
    audio: EncodedAudio,
    cover: bytes,
    config: Config,
    cache: Cache,
) -> Episode:
    """Write the MP3, then what stands beside it, then the record that says so."""
    tag = build_tag(
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
            chapters=timeline.chapters,
            samples=audio.samples,
            rate_hz=audio.rate_hz,
        )
    )
    path = Path(episode.path)
    size_bytes, sha256 = save_audio(path, itertools.chain([tag], list_frames(audio, cache)))
    episode = msgspec.structs.replace(episode, size_bytes=size_bytes, sha256=sha256)
    captions = caption_episode(
        episode.cues,
        episode.chapters,
        title=episode.title,
        language=episode.language,
        speech=_tell_speech(script, timeline),
    )
    companions = {
        ".vtt": captions.vtt,
        ".srt": captions.srt,
        ".chapters.json": captions.chapters_json,
        ".transcript.json": captions.transcript_json,
        NOTES_SUFFIX: format_notes(review).encode(),
    }
    save_companions(path, companions)
    digests = {suffix: hashlib.sha256(data).hexdigest() for suffix, data in companions.items()}
    episode = msgspec.structs.replace(episode, companions=digests)
    if config.folder and path.is_relative_to(config.folder / "episodes"):
        save_record(path, episode)
    return episode


def _list_texts(review: Review) -> Iterator[str]:
    """Give the title, headings and paragraphs of a review as they are written."""
    yield review.title
    for section in review.sections:
        if section.heading:
            yield section.heading
        for paragraph in section.paragraphs:
            yield paragraph.text
