"""A built timeline becomes an Episode: chapters, cues, speakers, measurements."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reviewcast.audio.expected import count_letters
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.episode.artwork import make_suffix
from reviewcast.episode.captions import Speech
from reviewcast.episode.produce import Production
from reviewcast.episode.report_chart import ReportData, Spoken
from reviewcast.model.audio import Cue, EncodedAudio, Timeline
from reviewcast.model.podcast import (
    BuildFigures,
    Episode,
    EpisodeChapter,
    EpisodeCue,
    SpokenFigures,
)
from reviewcast.model.protocols import describe_voice
from reviewcast.model.text import Review, Script, Segment
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.speech.disclosure import list_speakers
from reviewcast.speech.narration import Narration
from reviewcast.speech.rates import name_setup
from reviewcast.speech.takes import choose_polish
from reviewcast.system.workspace import load_publication, load_publications, load_records
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import decode_round_up, is_round_up

_SHORTEST_SOUNDBITE_S, _LONGEST_SOUNDBITE_S = 15, 60


def describe_episode(
    source: ReviewSource,
    review: Review,
    made: Production,
    path: Path,
    *,
    pictures: Mapping[str, bytes],
    run: Run,
) -> Episode:
    """Return what is known of an episode before its file is written; `path` is the MP3."""
    config, audio, rate = run.settings, made.audio, made.audio.rate_hz
    return Episode(
        slug=review.slug,
        title=review.title,
        path=str(path),
        size_bytes=0,
        duration_s=round(audio.samples / rate, 6),
        sha256="",
        voice=made.voice,
        language=review.language,
        loudness=audio.loudness,
        chapters=tuple(
            EpisodeChapter(
                chapter.title,
                round(chapter.start / rate, 3),
                make_suffix(pictures[chapter.image]) if chapter.image in pictures else "",
                chapter.link,
            )
            for chapter in made.timeline.chapters
        ),
        cues=tuple(_list_cues(made)),
        track=_number(review, config),
        own_track=review.track is not None,
        author=review.author,
        subject=review.subject,
        rating=review.rating,
        date=review.date,
        description=review.description,
        link=review.link,
        same_as=review.same_as,
        social=review.social,
        season=review.season,
        kind=review.kind,
        explicit=review.explicit or config.show.explicit,
        draft=review.draft,
        soundbite=pick_soundbite(made.timeline, made.narration.script.segments),
        source=name_source(source, config),
        source_sha256=hashlib.sha256(source.data).hexdigest(),
        members=_list_members(source),
        omitted=made.narration.script.omissions,
        speakers=list_speakers(made.narration.script, made.narration.cast),
    )


def _list_members(source: ReviewSource) -> dict[str, str]:
    """Return the reviews of a round-up with their SHA-256; {} for a review alone."""
    if not is_round_up(source.name):
        return {}
    return {member.source: member.sha256 for member in decode_round_up(source).members}


def count_build(made: Production, files: dict[str, str], config: Config) -> BuildFigures:
    """Return the figures of a build; `files` are those written beside the MP3 on request."""
    audio, takes, segments = made.audio, made.takes, len(made.narration.script.segments)
    speakers = _list_speakers(made.narration)
    fresh = [block for block in audio.blocks if not block.reused]
    return BuildFigures(
        segments=segments,
        voiced=takes.voiced,
        reused=segments - takes.voiced,
        blocks=len(audio.blocks),
        blocks_reused=sum(block.reused for block in audio.blocks),
        voiced_segments=takes.fresh,
        voices=dict(Counter(name for name in speakers if name)),
        recordings=speakers.count(""),
        rate_hz=audio.rate_hz,
        channels=audio.channels,
        bitrate_kbps=_find_bitrate(audio),
        files=files,
        speech=tuple(_list_spoken(made, config)),
        block_bytes=sum(block.size_bytes for block in fresh),
        encoded_s=round(
            sum(block.figures.frames for block in fresh) * FRAME_SAMPLES / audio.rate_hz, 3
        ),
    )


def _list_spoken(made: Production, config: Config) -> Iterator[SpokenFigures]:
    """Yield what each voice said, and what of it was spoken just now."""
    cues = {cue.segment: _find_heard(cue) for cue in made.timeline.cues}
    rate, fresh, new = made.audio.rate_hz, set(made.takes.fresh), set[str]()
    for voice, part in made.narration.list_parts():
        info = describe_voice(voice)
        heard = voiced = take_bytes = characters = texts = 0
        for segment in part.segments:
            start, end = cues[segment.index]
            take, source = made.takes.takes[segment.index], made.takes.sources[segment.index]
            letters, heard = count_letters(segment.spoken), heard + end - start
            characters += letters
            if segment.index in fresh and source not in new:
                new.add(source)  # the same text is spoken once
                voiced, texts = voiced + letters, texts + 1
                polish = choose_polish(segment, made.narration.cast, config)
                copies = 1 + polish.speed if take.key != source else 1
                take_bytes += round(2 * take.figures.samples * copies)
        yield SpokenFigures(
            voice=info.name,
            setup=name_setup(voice, part.language, config),
            chars_per_s=0.0 if info.online else info.chars_per_s,
            characters=characters,
            heard_s=round(heard / rate, 3),
            voiced=voiced,
            texts=texts,
            take_bytes=take_bytes,
        )


def _list_cues(made: Production) -> Iterator[EpisodeCue]:
    """Yield each segment with the seconds from and to which it is heard."""
    rate = made.audio.rate_hz
    for cue, segment in zip(made.timeline.cues, made.narration.script.segments, strict=True):
        start, end = _find_heard(cue)
        yield EpisodeCue(round(start / rate, 3), round(end / rate, 3), segment.role, segment.text)


def _find_bitrate(audio: EncodedAudio) -> int:
    """Return the constant bit rate, or the average of one that varies."""
    if audio.vbr_quality is None:
        return audio.bitrate_kbps
    size = sum(block.size_bytes for block in audio.blocks)
    return round(size * 8 * audio.rate_hz / audio.samples / 1000)


def _list_speakers(narration: Narration) -> list[str]:
    """Return for each segment which voice says it, "" for an own recording."""
    return [
        "" if segment.recording else narration.cast.name_voice(segment)
        for segment in narration.script.segments
    ]


def collect_report(episode: Episode, figures: BuildFigures, made: Production) -> ReportData:
    """Return what a report shows of an episode that was built."""
    fresh, segments = set(made.takes.fresh), made.narration.script.segments
    return ReportData(
        episode=episode,
        figures=figures,
        speech=tuple(
            Spoken(speaker, segment.index in fresh, segment.spoken, segment.changes)
            for segment, speaker in zip(segments, _list_speakers(made.narration), strict=True)
        ),
        peaks=b"".join(block.figures.peaks for block in made.audio.blocks),
        energies=made.audio.energies,
        vbr_quality=made.audio.vbr_quality,
    )


def _find_heard(cue: Cue) -> tuple[int, int]:
    """Return the samples from and to which a cue is heard: without the margins it was cut with."""
    start = next((end for start, end in cue.pauses if start == cue.start), cue.start)
    end = next((start for start, end in cue.pauses if end == cue.end), cue.end)
    return (start, end) if start < end else (cue.start, cue.end)


def tell_speech(script: Script, timeline: Timeline) -> Iterator[Speech]:
    """Yield how and when each segment is said, in seconds."""
    rate = timeline.rate_hz
    for cue, segment in zip(timeline.cues, script.segments, strict=True):
        yield Speech(
            segment.spoken,
            segment.changes,
            tuple((round(start / rate, 3), round(end / rate, 3)) for start, end in cue.pauses),
            tuple((at, round(sample / rate, 3)) for at, sample in cue.marks),
        )


def name_source(source: ReviewSource, config: Config) -> str:
    """Return a review's path from its show's folder; "" without a show or a file."""
    if config.folder is None or not source.name:
        return ""
    try:
        return Path(os.path.relpath(source.name, config.folder)).as_posix()
    except ValueError:  # on another drive
        return Path(source.name).resolve().as_posix()


def pick_soundbite(timeline: Timeline, segments: Sequence[Segment]) -> tuple[float, float]:
    """Choose a stretch that stands for the episode: whole segments of its last chapter.

    `segments` are those of the timeline's cues. What spoils is in none, for apps play it unasked.
    The podcast namespace asks for 15 to 120 seconds; (0, 0) when the chapter is shorter.
    """
    rate = timeline.rate_hz
    spoiling = {one.chapter for one in segments if one.role == "spoiler"}
    plain = sorted({one.chapter for one in segments} - spoiling)
    wanted = plain[-1:]
    if wanted and wanted[0] - 1 in spoiling:
        wanted += plain[-2:-1]  # behind spoilers there may be no more than what the show says last
    for chapter in wanted:
        spoken = zip(timeline.cues, segments, strict=True)
        cues = [cue for cue, segment in spoken if segment.chapter == chapter]
        ends = [cue.end for cue in cues if cue.end - cues[0].start <= _LONGEST_SOUNDBITE_S * rate]
        length = ends[-1] - cues[0].start if ends else 0
        if length >= _SHORTEST_SOUNDBITE_S * rate:
            return round(cues[0].start / rate, 3), round(length / rate, 3)
    return 0.0, 0.0


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
