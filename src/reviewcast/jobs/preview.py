"""The job before the job: single segments are spoken and heard as the build would."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from reviewcast.audio.files.encode import write_wave
from reviewcast.audio.files.sounds import open_sounds
from reviewcast.audio.render import list_frames
from reviewcast.episode.produce import Part, Production, produce, produce_draft
from reviewcast.model.audio import Sounds
from reviewcast.model.errors import UsageError
from reviewcast.model.events import ignore_events
from reviewcast.model.protocols import describe_voice
from reviewcast.model.text import Script, ScriptChapter, Segment, Span
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.speech.casting import Cast, make_voice
from reviewcast.speech.fallback import choose_first, expect_narration
from reviewcast.speech.narrate import synthesize
from reviewcast.speech.narration import Narration, plan_each
from reviewcast.system.cache import Cache
from reviewcast.system.files import write_whole
from reviewcast.text.draft import read_draft
from reviewcast.text.read import ReviewSource
from reviewcast.text.segments import choose_segments
from reviewcast.text.sentences import split_sentences
from reviewcast.text.split import fit_script
from reviewcast.text.spoken import say


def preview_segments(
    source: ReviewSource,
    run: Run,
    places: Sequence[str],
    *,
    context: bool = False,
    mix: bool = False,
) -> Production:
    """Speak some segments, such as "7", "7-9" or "chapter:Verdict", as the build would.

    They have the text, voice and level of the build, so their takes are never spoken again. With
    `context` the segments beside them are heard, too, with `mix` the music that stands there.
    Raise UsageError for a place that there is not.
    """
    draft = read_draft(source, run.settings, notify=run.notify)
    if run.settings.voice.may_pass:
        choose_segments(places, expect_narration(draft, run).script)  # before a voice is asked

    sounds = open_sounds(run.settings) if mix else Sounds()
    return produce_draft(draft, sounds, run, Part(places, context))


def speak_words(words: Sequence[str], language: str, run: Run) -> tuple[Production, ...]:
    """Speak single words as a review of this language would, each for itself."""
    write = partial(_write_words, words, language, run.settings)
    narration = choose_first(plan_each(run.settings, language, write), run)
    synthesize(narration, run)
    silent = replace(run, notify=ignore_events)
    return tuple(
        produce(narration.select([index]), Sounds(), silent) for index in range(len(words))
    )


def speak_text(text: str, language: str, run: Run) -> Production:
    """Speak a text of any length, sentence by sentence, as a review of this language would.

    Raise UsageError for a text without a word.
    """
    sentences = [text[start:end] for start, end in split_sentences(text, language)]
    sentences = [sentence for sentence in sentences if any(map(str.isalnum, sentence))]
    if not sentences:
        raise UsageError(f"There is no word in {text[:60]!r}.", hint="Give a text to say.")

    def write(name: str) -> Narration:
        pause_s = run.settings.split.sentence_pause_s
        narration = _write_words(sentences, language, run.settings, name, pause_s=pause_s)
        limit = describe_voice(narration.cast.voice).max_chars
        script = fit_script(narration.script, run.settings.split, find_limit=lambda _: limit)
        return replace(narration, script=script)

    narration = choose_first(plan_each(run.settings, language, write), run)
    return produce(narration, Sounds(), run)


def _write_words(
    words: Sequence[str], language: str, config: Config, name: str, *, pause_s: float = 0.0
) -> Narration:
    """Make a script of one segment a word, or a sentence, and cast it."""
    voice = make_voice(config, name)
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
                engine=describe_voice(voice).name,
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
    return Narration(cast=Cast(voice=voice), script=script)


def save_preview(preview: Production, file: Path, *, cache: Cache) -> None:
    """Write what can be heard: a WAV file when its name says so, else an MP3, whole or not at all.

    Raise StorageError when the disk or the folder refuses.
    """
    frames = list_frames(preview.audio, cache)
    with write_whole(file) as opened:
        if file.suffix.lower() == ".wav":
            write_wave(b"".join(frames), opened)
        else:
            opened.writelines(frames)
