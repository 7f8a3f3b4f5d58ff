"""The job before the job: single segments are listed, spoken and heard as the build would."""

from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.audio.files.encode import write_wave
from reviewcast.audio.files.sounds import open_sounds
from reviewcast.audio.render import encode_audio, find_gain, list_frames
from reviewcast.audio.timeline import stitch_takes
from reviewcast.model.audio import EncodedAudio, Gain, Sounds, Timeline
from reviewcast.model.errors import UsageError
from reviewcast.model.events import Notify, ignore_events
from reviewcast.model.text import Script, ScriptChapter, Segment, Span
from reviewcast.settings.schema import AUTO, Config
from reviewcast.speech.casting import Cast, make_voice
from reviewcast.speech.fallback import choose_cast, settle_cast
from reviewcast.speech.narrate import perform_draft, voice_script
from reviewcast.speech.takes import find_polished
from reviewcast.system.cache import Cache
from reviewcast.system.files import write_whole
from reviewcast.system.store import retry_lost
from reviewcast.text.draft import read_draft
from reviewcast.text.read import ReviewSource
from reviewcast.text.segments import add_neighbours, choose_segments, take_part
from reviewcast.text.sentences import split_sentences
from reviewcast.text.split import fit_script
from reviewcast.text.spoken import say


class Preview(Struct, frozen=True, kw_only=True):
    """Segments that can be heard: the audio, encoded, and how many were spoken for it."""

    audio: EncodedAudio
    timeline: Timeline
    script: Script
    voiced: int
    voice: str


def speak_words(
    words: Sequence[str], language: str, config: Config, *, cache: Cache, notify: Notify
) -> tuple[Preview, ...]:
    """Speak single words as a review of this language would, each for itself."""

    def write(name: str) -> tuple[Cast, Script]:
        return _write_words(words, language, config, name)

    cast, script = choose_cast(write, config, cache, notify=notify)
    voice_script(script, cast, config, cache, notify=notify)
    return tuple(
        render_segments(script, cast, config, [index], cache=cache, notify=ignore_events, own=True)
        for index in range(len(words))
    )


def speak_text(
    text: str, language: str, config: Config, *, cache: Cache, notify: Notify
) -> Preview:
    """Speak a text of any length, sentence by sentence, as a review of this language would.

    Raise UsageError for a text without a word.
    """
    sentences = [text[start:end] for start, end in split_sentences(text, language)]
    sentences = [sentence for sentence in sentences if any(map(str.isalnum, sentence))]
    if not sentences:
        raise UsageError(f"There is no word in {text[:60]!r}.", hint="Give a text to say.")

    def write(name: str) -> tuple[Cast, Script]:
        pause_s = config.split.sentence_pause_s
        cast, script = _write_words(sentences, language, config, name, pause_s=pause_s)
        limit = cast.voice.max_chars
        return cast, fit_script(script, config.split, find_limit=lambda _segment: limit)

    cast, script = choose_cast(write, config, cache, notify=notify)
    chosen = range(len(script.segments))
    return render_segments(script, cast, config, chosen, cache=cache, notify=notify, own=True)


def _write_words(
    words: Sequence[str], language: str, config: Config, name: str, *, pause_s: float = 0.0
) -> tuple[Cast, Script]:
    """Make a script of one segment a word, or a sentence, and cast it."""
    voice = make_voice(config, name or config.voice.name)
    segments = tuple(
        Segment(
            index=index,
            chapter=0,
            role="narrator",
            text=word,
            spoken=say(
                word,
                language=language,
                overrides=config.spoken,
                entries=config.lexicon,
                engine=voice.name,
            ).text,
            pause_s=pause_s if index < len(words) - 1 else 0.0,
            span=Span(-2, 0, 0, 0),
        )
        for index, word in enumerate(words)
    )
    script = Script(
        title="",
        language=language,
        chapters=(ScriptChapter("", written=False),),
        segments=segments,
    )
    return Cast(voice=voice), script


def preview_segments(
    source: ReviewSource,
    config: Config,
    places: Sequence[str],
    *,
    cache: Cache,
    notify: Notify,
    context: bool = False,
    mix: bool = False,
) -> Preview:
    """Speak some segments, such as "7", "7-9" or "chapter:Verdict", as the build would.

    They have the text, voice and level of the build, so their takes are never spoken again. With
    `context` the segments beside them are heard, too, with `mix` the music that stands there.
    Raise UsageError for a place that there is not.
    """
    draft = read_draft(source, config, notify=notify)
    if config.voice.name == AUTO:
        choose_segments(places, settle_cast(draft, config, cache)[1])  # before a voice is asked

    def perform(cast: Cast, script: Script) -> Preview:
        chosen = choose_segments(places, script)
        if context:
            chosen = add_neighbours(chosen, script)
        return render_segments(script, cast, config, chosen, cache=cache, notify=notify, mix=mix)

    return perform_draft(draft, config, cache, perform, notify=notify)


def save_preview(preview: Preview, file: Path, *, cache: Cache) -> None:
    """Write what can be heard: a WAV file when its name says so, else an MP3, whole or not at all.

    Raise StorageError when the disk or the folder refuses.
    """
    frames = list_frames(preview.audio, cache)
    with write_whole(file) as opened:
        if file.suffix.lower() == ".wav":
            write_wave(b"".join(frames), opened)
        else:
            opened.writelines(frames)


def render_segments(
    script: Script,
    cast: Cast,
    config: Config,
    indexes: Collection[int],
    *,
    cache: Cache,
    notify: Notify,
    mix: bool = False,
    own: bool = False,
) -> Preview:
    """Speak and encode the segments of a script that was cast, by index.

    They have the level that they have in the whole, once all of it is in the store; `own` gives
    them one of their own.
    """

    def render() -> Preview:
        made = voice_script(part, cast, config, cache, notify=notify)
        timeline = stitch_takes(
            part, made.takes, sounds, config.stitch, goes_on=goes_on, whole=script
        )
        gain = None if own else _find_whole_gain(script, cast, config, cache)
        audio = encode_audio(timeline, sounds, config, cache, notify=ignore_events, gain=gain)
        return Preview(
            audio=audio, timeline=timeline, script=part, voiced=made.voiced, voice=cast.voice.name
        )

    last = len(script.segments) - 1
    for index in indexes:
        if not 0 <= index <= last:
            raise UsageError(
                f"There is no segment {index + 1}.", hint=f"There are 1 to {last + 1}."
            )
    chosen = sorted(set(indexes))
    part = take_part(script, chosen)
    sounds = _choose_sounds(chosen, last, config) if mix else Sounds()
    goes_on = chosen[-1] < last
    return retry_lost(render)


def _choose_sounds(chosen: Sequence[int], last: int, config: Config) -> Sounds:
    """Open the music that stands beside the chosen segments."""
    sounds = open_sounds(config)
    return replace(
        sounds,
        intro=sounds.intro if chosen[0] == 0 else None,
        outro=sounds.outro if chosen[-1] == last else None,
    )


def _find_whole_gain(script: Script, cast: Cast, config: Config, cache: Cache) -> Gain | None:
    """Return the gain of the whole episode when all of it is in the store."""
    found = find_polished(script, cast, config, cache)
    if len(found) < len(script.segments):
        return None
    takes = tuple(found[segment.index] for segment in script.segments)
    return find_gain(stitch_takes(script, takes, open_sounds(config), config.stitch), config)
