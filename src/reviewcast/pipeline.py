"""The jobs: a review becomes a script, a plan, an episode."""

import dataclasses
import queue
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.cache import Cache
from reviewcast.config import Config, make_voice
from reviewcast.errors import ConfigError, VoiceError
from reviewcast.events import Noticed, Notify, Warned, ignore_events
from reviewcast.model import (
    Change,
    EncodedAudio,
    Episode,
    EpisodeChapter,
    EpisodeCue,
    Review,
    Script,
    Take,
    Timeline,
)
from reviewcast.mp3 import build_info_frame, level_change_db
from reviewcast.protocols import Voice
from reviewcast.readers.script import format_script
from reviewcast.sound import open_sound
from reviewcast.stages.caption import caption_episode
from reviewcast.stages.encode import encode_timeline
from reviewcast.stages.master import master_timeline
from reviewcast.stages.read import ReadSettings, ReviewSource, read_review
from reviewcast.stages.split import split_review
from reviewcast.stages.stitch import Sounds, stitch_takes
from reviewcast.stages.synthesize import find_takes, keep_take, key_take, synthesize_script
from reviewcast.stages.tag import Tags, build_tag, find_image_type
from reviewcast.workers import count_cores, open_pool
from reviewcast.workspace import load_episodes, save_audio, save_companions, save_record

_AUTO = "auto"
_ONLINE, _EMBEDDED = "gtts", "espeak"
_PROBE_S = 5.0


class Plan(Struct, frozen=True, kw_only=True):
    """What a build would do; `auto` when the voice is taken only if it answers."""

    title: str
    voice: str
    auto: bool
    segments: int
    to_voice: int
    in_store: int


def read_source(source: ReviewSource, config: Config, *, notify: Notify = ignore_events) -> Review:
    """Read a review with what the show takes for granted; what had to be guessed is told."""
    settings = ReadSettings(language=config.show.language, author=config.show.author)
    review = read_review(source, settings)
    for note in review.notes:
        notify(Noticed(note))
    return review


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
    review = read_source(source, config, notify=notify)
    output = place(review)
    sounds = open_sounds(config)
    cover = _open_cover(review, config, Path(source.name).parent, notify)
    voice, script = _cast(review, config, cache, notify, force=force)
    made = synthesize_script(
        script,
        voice,
        config.synthesize,
        store=cache.takes,
        open_pool=lambda: open_pool(
            voice, characters=sum(len(segment.spoken) for segment in script.segments)
        ),
        notify=notify,
        force=force,
    )
    timeline = stitch_takes(script, made.takes, sounds, config.stitch)
    gain = master_timeline(
        timeline,
        config.master,
        channels=config.encode.channels,
        codec_change_db=level_change_db(config.encode.kbps),
    )
    threads = config.encode.threads or count_cores()
    with ThreadPoolExecutor(threads) as executor:
        audio = encode_timeline(
            timeline,
            gain,
            config.encode,
            store=cache.blocks,
            load_take=cache.takes.load,
            sounds=filter(None, (sounds.intro, sounds.outro, sounds.sting)),
            executor=executor,
            ahead=2 * threads,
            notify=notify,
            force=force,
        )
    episode = _describe(
        review,
        script,
        timeline=timeline,
        audio=audio,
        config=config,
        output=output,
        voice=voice,
        voiced=made.voiced,
    )
    return _save(
        episode, review, timeline=timeline, audio=audio, cover=cover, config=config, cache=cache
    )


def plan_episode(source: ReviewSource, config: Config, *, cache: Cache) -> Plan:
    """Tell what a build would have to speak; nothing is written and nobody asked."""
    review = read_source(source, config)
    name = _ONLINE if config.voice.name == _AUTO else config.voice.name
    voice = make_voice(config, name)
    script = _write_script(review, config, voice)
    found = find_takes(script, voice, store=cache.takes)
    stored = sum(key_take(voice, script.language, s.spoken) in found for s in script.segments)
    return Plan(
        title=script.title,
        voice=name,
        auto=config.voice.name == _AUTO,
        segments=len(script.segments),
        to_voice=len(script.segments) - stored,
        in_store=stored,
    )


def write_script(
    source: ReviewSource, config: Config, *, notify: Notify = ignore_events
) -> tuple[Review, Script]:
    """Read a review and write the script that a build with the same settings would speak."""
    name = _EMBEDDED if config.voice.name == _AUTO else config.voice.name
    review = read_source(source, config, notify=notify)
    return review, _write_script(review, config, make_voice(config, name))


def format_editable(review: Review, script: Script) -> str:
    """Give a script as a text that can be edited, and built in place of the review."""
    names = ("title", "subject", "author", "rating", "date", "image", "language", "description")
    return format_script(script, {name: getattr(review, name) for name in names})


def _write_script(review: Review, config: Config, voice: Voice) -> Script:
    """Write the script of a review for a voice: within its limit, in forms that it reads well."""
    from reviewcast.spoken import say

    titles = {review.title, review.subject, re.sub(r" \(\d{4}\)$", "", review.subject)}

    def speak(text: str, emphasis: Sequence[tuple[int, int]]) -> tuple[str, tuple[Change, ...]]:
        spoken = say(
            text,
            language=review.language,
            titles=sorted(titles - {""}),
            emphasis=emphasis,
            overrides=config.spoken,
            entries=config.lexicon,
            engine=voice.name,
        )
        return " ".join(spoken.text.split()), spoken.changes

    return split_review(review, config.split, max_chars=voice.max_chars, say=speak)


def _cast(
    review: Review, config: Config, cache: Cache, notify: Notify, *, force: bool
) -> tuple[Voice, Script]:
    """Choose the one voice of the episode and write its script.

    "auto" is the online voice when it answers a first request within a few seconds (what it
    says is kept), or when all that it should say is in the store; else the embedded one.
    """

    def write(name: str) -> tuple[Voice, Script]:
        voice = make_voice(config, name)
        return voice, _write_script(review, config, voice)

    if config.voice.name != _AUTO:
        return write(config.voice.name)
    voice, script = write(_ONLINE)
    found = {} if force else find_takes(script, voice, store=cache.takes)
    keys = (key_take(voice, script.language, segment.spoken) for segment in script.segments)
    unheard = next(
        (pair for pair in zip(keys, script.segments, strict=True) if pair[0] not in found), None
    )
    if unheard is None:
        return voice, script
    key, segment = unheard
    probe = dataclasses.replace(voice, timeout_s=_PROBE_S)  # type: ignore[type-var]
    try:
        take = _run_within(_PROBE_S, lambda: probe.speak(segment.spoken, language=script.language))
        keep_take(take, segment, key, store=cache.takes)
    except (VoiceError, ConfigError, TimeoutError) as error:
        reason = str(error).rstrip(".") or "Google's voice does not answer"
        notify(Noticed(f"{reason}: the embedded voice {_EMBEDDED} speaks the whole episode."))
        return write(_EMBEDDED)
    return voice, script


def _run_within(limit_s: float, job: Callable[[], Take]) -> Take:
    """Run a job that may hang, in a name look-up for example, for so long.

    Raises what it raises, or TimeoutError; its thread is then left to itself.
    """
    results: queue.Queue[Take | Exception] = queue.Queue()

    def run() -> None:
        try:
            results.put(job())
        except Exception as error:
            results.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        result = results.get(timeout=limit_s)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(result, Exception):
        raise result
    return result


def open_sounds(config: Config) -> Sounds:
    """Open what stands around the speech, before anything is spoken.

    Raises SoundError for what is missing or broken.
    """
    settings = config.stitch
    opened = {
        name: open_sound(_find_asset(value, f"{name}.flac", config))
        for name, value in (
            ("intro", settings.intro),
            ("outro", settings.outro),
            ("sting", settings.sting),
        )
        if value
    }
    return Sounds(**opened)


def _open_cover(review: Review, config: Config, folder: Path, notify: Notify) -> bytes:
    """Read the review's image, else the show's cover; b"" for none.

    Raises ConfigError when the show's cover cannot be used; a review's image is only warned of.
    """
    if review.image and "://" not in review.image:
        try:
            data = (folder / review.image.lstrip("/")).read_bytes()
            if find_image_type(data):
                return data
        except OSError:
            pass
        notify(
            Warned(
                f"The image {review.image} is no JPEG or PNG that can be read; the cover is used."
            )
        )
    elif review.image:
        notify(Warned(f"The image {review.image} is not fetched; the cover is used."))
    return read_cover(config)


def read_cover(config: Config) -> bytes:
    """Read the show's cover; b"" for none.

    Raises ConfigError when it cannot be used.
    """
    if not config.show.cover:
        return b""
    path = _find_asset(config.show.cover, "cover.png", config)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"Cannot read the cover {path}: {error.strerror or error}.",
            hint="Correct [show] cover.",
        ) from error
    if not find_image_type(data):
        raise ConfigError(f"The cover {path} is neither JPEG nor PNG.", hint="Convert it.")
    return data


def _find_asset(value: str, default: str, config: Config) -> Path:
    """Give the path of a sound or cover: the default one, or one in the show's folder."""
    if value != "default":
        return (config.folder or Path()) / Path(value).expanduser()
    package = Path(__file__).parent
    installed = package / "audio" / default
    return installed if installed.exists() else package.parent.parent / "audio" / default


def _describe(
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
        omitted=script.omissions,
    )


def _number(review: Review, config: Config) -> int:
    """Give the episode's number: the review's own, the one it has, or the show's next."""
    if review.track:
        return review.track
    episodes = load_episodes(config.folder) if config.folder else []
    own = next((episode.track for episode in episodes if episode.slug == review.slug), None)
    return own or max((episode.track for episode in episodes), default=0) + 1


def _save(
    episode: Episode,
    review: Review,
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
    info = build_info_frame(
        frames=audio.frames,
        size_bytes=audio.size_bytes,
        rate_hz=audio.rate_hz,
        channels=audio.channels,
        bitrate_kbps=audio.bitrate_kbps,
    )

    def list_parts() -> Iterator[bytes]:
        yield tag
        yield info
        for block in audio.blocks:
            yield cache.blocks.load(block.key)

    path = Path(episode.path)
    size_bytes, sha256 = save_audio(path, list_parts())
    episode = msgspec.structs.replace(episode, size_bytes=size_bytes, sha256=sha256)
    captions = caption_episode(episode.cues, episode.chapters, title=episode.title)
    save_companions(
        path, {".vtt": captions.vtt, ".srt": captions.srt, ".chapters.json": captions.chapters_json}
    )
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
