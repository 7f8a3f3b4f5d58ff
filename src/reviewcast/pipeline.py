"""The main job: a review becomes an episode."""

import hashlib
import itertools
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec

from reviewcast.assets import open_cover, open_pictures, open_sounds, warn_of_sounds
from reviewcast.atomic import check_writable
from reviewcast.cache import Cache, retry_lost
from reviewcast.casting import Cast
from reviewcast.config import Config
from reviewcast.events import Noticed, Notify, Warned
from reviewcast.exporting import ExportFormat, export_audio, place_exports
from reviewcast.identity import keep_slug
from reviewcast.model import (
    Cue,
    EncodedAudio,
    Episode,
    EpisodeChapter,
    EpisodeCue,
    Review,
    Script,
    Timeline,
)
from reviewcast.rendering import Renderer, list_frames
from reviewcast.scripting import Draft, read_draft, tell_unfit
from reviewcast.stages.caption import Speech, caption_episode
from reviewcast.stages.master import check_loudness
from reviewcast.stages.notes import format_notes
from reviewcast.stages.read import ReviewSource
from reviewcast.stages.release import make_suffix, name_picture
from reviewcast.stages.report import Account, Spoken
from reviewcast.stages.stitch import misses_bed
from reviewcast.stages.synthesize import Takes
from reviewcast.stages.tag import Tags, build_tag
from reviewcast.voicing import Absent, voice_draft
from reviewcast.workspace import (
    NOTES_SUFFIX,
    drop_pictures,
    load_publication,
    load_publications,
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
    absent: Absent | None = None,
    formats: Collection[ExportFormat] = (),
    tell: Callable[[Account], None] | None = None,
) -> Episode:
    """Turn a review into a finished MP3 with its captions, and give what was measured of it.

    `place` says where the MP3 goes; `absent` are voices that other reviews of the run have found
    not to answer. `formats` are written beside the MP3, and `tell` is given what a report shows.
    Raises one of the errors of the tree; what was there before is then still there, whole.
    """
    draft = _keep_identity(read_draft(source, config, notify=notify), source, config, notify)
    review = draft.review
    output = place(review)
    exports = place_exports(output, formats)
    for path in exports.values():
        check_writable(path)
    sounds = open_sounds(config)
    warn_of_sounds(sounds, config, notify)
    cover = open_cover(review, config, Path(source.name).parent, notify)
    with Renderer(sounds, config, cache, notify=notify, force=force) as renderer:

        def perform() -> tuple[Cast, Script, Takes, Timeline, EncodedAudio]:
            cast, script, made = voice_draft(
                draft, config, cache, notify=notify, force=force, absent=absent, heard=renderer.hear
            )
            fresh.update(made.fresh)
            timeline = renderer.stitch(script, made.takes)
            return cast, script, made, timeline, renderer.encode(timeline)

        fresh: set[int] = set()
        cast, script, made, timeline, audio = retry_lost(perform)
    missed = check_loudness(audio.loudness, config.master, channels=config.encode.channels)
    if missed:
        notify(Warned(missed))
    made = msgspec.structs.replace(made, voiced=len(fresh), fresh=tuple(sorted(fresh)))
    tell_unfit(draft, script, notify)
    if misses_bed(script, config.stitch):
        notify(Warned(_tell_bedless(script, config)))
    if config.encode.mode == "vbr":
        notify(Noticed(_VBR_SEEKING))
    shown = (chapter.image for chapter in timeline.chapters)
    pictures = open_pictures(shown, config, Path(source.name).parent, notify)
    episode = _describe(
        source,
        review,
        script,
        timeline=timeline,
        audio=audio,
        config=config,
        output=output,
        cast=cast,
        made=made,
        pictures=pictures,
    )
    episode = _save(
        episode,
        review,
        script,
        timeline=timeline,
        audio=audio,
        cover=cover,
        pictures=pictures,
        config=config,
        cache=cache,
    )
    takes = {*made.sources, *(take.key for take in made.takes)}
    keys = [*sorted(takes), *(block.key for block in audio.blocks)]
    cache.leave_receipt(output, episode.size_bytes, keys)
    if exports:
        export_audio(
            audio,
            exports,
            load_take=cache.takes.load,
            sounds=sounds.list_all(),
            level_change_db=config.encode.level_change_db,
            notify=notify,
        )
        files = {export: str(path) for export, path in exports.items()}
        episode = msgspec.structs.replace(episode, files=files)
    if tell:
        tell(_give_account(episode, script, audio=audio, cast=cast, made=made))
    return episode


_VBR_SEEKING = (
    'With [encode] mode = "vbr" browsers seek by a table of 256 steps, about 1/500 of the episode'
    ' off at most: 7 seconds in an hour. With "cbr" they seek exactly.'
)


def _keep_identity(draft: Draft, source: ReviewSource, config: Config, notify: Notify) -> Draft:
    """Let an episode whose review file was renamed stay the one that it was."""
    if config.folder is None:
        return draft
    name = _name_source(source, config)
    sha256 = hashlib.sha256(source.data).hexdigest()
    slug, former = keep_slug(draft.review, name, sha256, config.folder)
    if slug == draft.review.slug:
        return draft
    if former:
        notify(Noticed(f"{name} was {former} before: it stays the episode {slug}."))
    review = msgspec.structs.replace(draft.review, slug=slug)
    return msgspec.structs.replace(draft, review=review)


def _tell_bedless(script: Script, config: Config) -> str:
    wanted, there = (
        ", ".join(repr(name) for name in names)
        for names in (config.stitch.bed_chapters, [one.title for one in script.chapters])
    )
    return f"There is no bed: [stitch] bed_chapters names {wanted}, and the chapters are {there}."


def _describe(
    source: ReviewSource,
    review: Review,
    script: Script,
    *,
    timeline: Timeline,
    audio: EncodedAudio,
    config: Config,
    output: Path,
    cast: Cast,
    made: Takes,
    pictures: Mapping[str, bytes],
) -> Episode:
    """Gather what is known of an episode before its file is written."""
    rate = audio.rate_hz
    speakers = _list_speakers(script, cast)
    cues = (
        EpisodeCue(round(start / rate, 3), round(end / rate, 3), segment.role, segment.text)
        for (start, end), segment in zip(
            map(_find_heard, timeline.cues), script.segments, strict=True
        )
    )
    return Episode(
        slug=review.slug,
        title=review.title,
        path=str(output),
        size_bytes=0,
        duration_s=round(audio.samples / rate, 6),
        sha256="",
        voice=cast.voice.name,
        language=review.language,
        loudness=audio.loudness,
        segments=len(script.segments),
        voiced=made.voiced,
        reused=len(script.segments) - made.voiced,
        blocks=len(audio.blocks),
        blocks_reused=sum(block.reused for block in audio.blocks),
        chapters=tuple(
            EpisodeChapter(
                chapter.title,
                round(chapter.start / rate, 3),
                make_suffix(pictures[chapter.image]) if chapter.image in pictures else "",
            )
            for chapter in timeline.chapters
        ),
        cues=tuple(cues),
        track=_number(review, config),
        own_track=review.track is not None,
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
        voiced_segments=made.fresh,
        voices=dict(Counter(name for name in speakers if name)),
        recordings=speakers.count(""),
        rate_hz=rate,
        channels=audio.channels,
        bitrate_kbps=_find_bitrate(audio),
    )


def _find_bitrate(audio: EncodedAudio) -> int:
    """Give the constant bit rate, or the average of one that varies."""
    if audio.vbr_quality is None:
        return audio.bitrate_kbps
    size = sum(block.size_bytes for block in audio.blocks)
    return round(size * 8 * audio.rate_hz / audio.samples / 1000)


def _list_speakers(script: Script, cast: Cast) -> list[str]:
    """Tell for each segment which voice says it, "" for an own recording."""
    return [
        "" if segment.recording else cast.find_voice(segment).name for segment in script.segments
    ]


def _give_account(
    episode: Episode, script: Script, *, audio: EncodedAudio, cast: Cast, made: Takes
) -> Account:
    """Gather what a report shows of an episode besides its record."""
    fresh = set(made.fresh)
    return Account(
        episode=episode,
        speech=tuple(
            Spoken(speaker, segment.index in fresh, segment.spoken, segment.changes)
            for segment, speaker in zip(script.segments, _list_speakers(script, cast), strict=True)
        ),
        peaks=b"".join(block.figures.peaks for block in audio.blocks),
        energies=audio.energies,
        vbr_quality=audio.vbr_quality,
    )


def _find_heard(cue: Cue) -> tuple[int, int]:
    """Give the samples from and to which a cue is heard: without the margins it was cut with."""
    start = next((end for start, end in cue.pauses if start == cue.start), cue.start)
    end = next((start for start, end in cue.pauses if end == cue.end), cue.end)
    return (start, end) if start < end else (cue.start, cue.end)


def _tell_speech(script: Script, timeline: Timeline) -> Iterator[Speech]:
    """Tell how and when each segment is said, in seconds."""
    rate = timeline.rate_hz
    for cue, segment in zip(timeline.cues, script.segments, strict=True):
        yield Speech(
            segment.spoken,
            segment.changes,
            tuple((round(start / rate, 3), round(end / rate, 3)) for start, end in cue.pauses),
            tuple((at, round(sample / rate, 3)) for at, sample in cue.marks),
        )


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
    """Return the review's own number, else the published one, the one it has, the show's next."""
    if review.track:
        return review.track
    if config.folder is None:
        return 1
    published = load_publication(config.folder, review.slug)
    if published and published.number:
        return published.number
    episodes = load_records(config.folder)
    own = next((episode.track for episode in episodes if episode.slug == review.slug), None)
    if own:
        return own
    taken = [one.number or 0 for one in load_publications(config.folder).values()]
    return max([*taken, *(episode.track for episode in episodes)], default=0) + 1


def _save(
    episode: Episode,
    review: Review,
    script: Script,
    *,
    timeline: Timeline,
    audio: EncodedAudio,
    cover: bytes,
    pictures: dict[str, bytes],
    config: Config,
    cache: Cache,
) -> Episode:
    """Write the MP3, then what stands beside it, then the record that says so."""
    path = Path(episode.path)
    captions = caption_episode(
        episode.cues,
        _address_pictures(episode, config),
        title=episode.title,
        language=episode.language,
        speech=_tell_speech(script, timeline),
    )
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
            pictures=pictures,
            lines=captions.lines,
        )
    )
    size_bytes, sha256 = save_audio(path, itertools.chain([tag], list_frames(audio, cache)))
    episode = msgspec.structs.replace(episode, size_bytes=size_bytes, sha256=sha256)
    companions = {
        ".vtt": captions.vtt,
        ".srt": captions.srt,
        ".chapters.json": captions.chapters_json,
        ".transcript.json": captions.transcript_json,
        NOTES_SUFFIX: format_notes(review).encode(),
        **{make_suffix(picture): picture for picture in pictures.values()},
    }
    save_companions(path, companions)
    digests = {suffix: hashlib.sha256(data).hexdigest() for suffix, data in companions.items()}
    episode = msgspec.structs.replace(episode, companions=digests)
    if config.folder and path.is_relative_to(config.folder / "episodes"):
        save_record(path, episode)
    drop_pictures(path, keep=companions)
    return episode


def _address_pictures(episode: Episode, config: Config) -> list[EpisodeChapter]:
    """Give the chapters with the URLs of their pictures.

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
    """Give the title, headings and paragraphs of a review as they are written."""
    yield review.title
    for section in review.sections:
        if section.heading:
            yield section.heading
        for paragraph in section.paragraphs:
            yield paragraph.text
