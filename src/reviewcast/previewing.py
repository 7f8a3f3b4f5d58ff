"""The job before the job: single segments are listed, spoken and heard as the build would."""

import difflib
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.assets import open_sounds
from reviewcast.atomic import write_whole
from reviewcast.cache import Cache, retry_lost
from reviewcast.casting import Cast, write_for
from reviewcast.config import AUTO, Config, make_voice
from reviewcast.edits import Edit, apply_edits, number_segments
from reviewcast.errors import UsageError
from reviewcast.events import Notify, ignore_events
from reviewcast.model import (
    Change,
    EncodedAudio,
    Gain,
    Omission,
    Role,
    Script,
    ScriptChapter,
    Segment,
    Span,
    StoredTake,
    Timeline,
)
from reviewcast.names import Name, Passage, find_names
from reviewcast.rendering import encode_audio, find_gain, list_frames
from reviewcast.scripting import Draft, read_draft
from reviewcast.sentences import split_sentences
from reviewcast.sound import write_wave
from reviewcast.spoken import say
from reviewcast.stages.read import ReviewSource
from reviewcast.stages.split import fit_script
from reviewcast.stages.stitch import Sounds, stitch_takes
from reviewcast.voicing import (
    choose_cast,
    find_polished,
    perform_draft,
    settle_cast,
    voice_script,
)

_CHARS_PER_S = 14.0
"""How fast a voice speaks of which nothing is known yet."""
_RANGE = re.compile(r"(?P<first>[0-9]{1,6})\s*(?:(?P<dash>[-–])\s*(?P<last>[0-9]{1,6})?)?")


class Row(Struct, frozen=True, kw_only=True):
    """A segment as a writer looks at it.

    `length_s` is measured when `is_known`, else estimated from what the voice has spoken so far.
    `occurrence` and `version` are those of its edit, `edit` is None without one. `options` are
    those that its role changes in its voice.
    """

    index: int
    chapter: str
    role: Role
    text: str
    spoken: str
    changes: tuple[Change, ...]
    pause_s: float
    length_s: float
    is_known: bool
    voice: str
    recording: str
    occurrence: int
    edit: Edit | None
    version: str
    options: dict[str, Any] = {}


class Listing(Struct, frozen=True, kw_only=True):
    """A whole script to look at, what is left out of it, and edits that fit nothing any more.

    `names` are the names and odd words of `list_segments`; their places are rows by index.
    """

    title: str
    language: str
    voice: str
    chapters: tuple[str, ...]
    rows: tuple[Row, ...]
    omissions: tuple[Omission, ...]
    unfit: tuple[Edit, ...]
    names: tuple[Name, ...] = ()


class Names(Struct, frozen=True):
    """The names and odd words of one review."""

    title: str
    language: str
    names: tuple[Name, ...]


class Preview(Struct, frozen=True, kw_only=True):
    """Segments that can be heard: the audio, encoded, and how many were spoken for it."""

    audio: EncodedAudio
    timeline: Timeline
    script: Script
    voiced: int
    voice: str


def list_segments(
    source: ReviewSource, config: Config, *, cache: Cache, notify: Notify = ignore_events
) -> Listing:
    """List the segments that a build would speak; nothing is spoken and nothing written.

    With the voice "auto" nobody is asked: the online voice is listed when it has begun the
    episode, else the second one.
    """
    draft = read_draft(source, config, notify=notify)
    cast, script = settle_cast(draft, config, cache)
    listing = describe_script(draft, cast, script, find_polished(script, cast, config, cache))
    return replace(listing, names=find_script_names(draft, cast, script, config))


def list_names(source: ReviewSource, config: Config, *, notify: Notify = ignore_events) -> Names:
    """Find the names and odd words of a review; nothing is spoken and nobody asked."""
    draft = read_draft(source, config, notify=notify)
    cast, script = write_for(draft, config)
    return Names(script.title, script.language, find_script_names(draft, cast, script, config))


def find_script_names(draft: Draft, cast: Cast, script: Script, config: Config) -> tuple[Name, ...]:
    """Find the names and odd words of a script that was cast; their places are its segments."""
    italics = (
        paragraph.text[start:end]
        for section in draft.review.sections
        for paragraph in section.paragraphs
        for start, end in paragraph.emphasis
    )
    return find_names(
        [Passage(one.text, one.spoken, one.role == "title") for one in script.segments],
        language=script.language,
        lexicon=config.lexicon,
        italics=sorted(set(italics)),
        voice=cast.voice.name,
    )


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

    Raises UsageError for a text without a word.
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


def describe_script(
    draft: Draft, cast: Cast, script: Script, takes: dict[int, StoredTake]
) -> Listing:
    """Put a script and what is known of its takes into rows."""
    lengths = {
        index: (take.figures.end - take.figures.start) / take.figures.rate_hz
        for index, take in takes.items()
    }
    said = sum(len(script.segments[index].spoken) for index in lengths)
    chars_per_s = said / total if (total := sum(lengths.values())) else _CHARS_PER_S
    edits = {edit.place: edit for edit in draft.edits}
    rows = []
    for segment, occurrence in number_segments(script.segments):
        edit = edits.get((segment.text, occurrence))
        known = lengths.get(segment.index)
        rows.append(
            Row(
                index=segment.index,
                chapter=script.chapters[segment.chapter].title if script.chapters else "",
                role=segment.role,
                text=segment.text,
                spoken=segment.spoken,
                changes=segment.changes,
                pause_s=segment.pause_s,
                length_s=round(len(segment.spoken) / chars_per_s if known is None else known, 3),
                is_known=known is not None,
                voice=cast.find_voice(segment).name,
                options=cast.find_options(segment),
                recording=segment.recording,
                occurrence=occurrence,
                edit=edit,
                version=edit.version if edit else "",
            )
        )
    return Listing(
        title=script.title,
        language=script.language,
        voice=cast.voice.name,
        chapters=tuple(chapter.title for chapter in script.chapters),
        rows=tuple(rows),
        omissions=script.omissions,
        unfit=apply_edits(script, draft.edits)[1],
    )


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
    Raises UsageError for a place that there is not.
    """
    draft = read_draft(source, config, notify=notify)
    if config.voice.name == AUTO:
        choose_segments(places, settle_cast(draft, config, cache)[1])  # before a voice is asked

    def perform(cast: Cast, script: Script) -> Preview:
        chosen = choose_segments(places, script)
        if context:
            chosen = _add_neighbours(chosen, script)
        return render_segments(script, cast, config, chosen, cache=cache, notify=notify, mix=mix)

    return perform_draft(draft, config, cache, perform, notify=notify)


def choose_segments(places: Sequence[str], script: Script) -> tuple[int, ...]:
    """Give the indexes of segments by number from 1, range of numbers, or chapter.

    "7", "7-9", "7-" (to the end), "chapter:Verdict", "chapter:2". Raises UsageError for what there
    is not.
    """
    chosen: set[int] = set()
    for place in places:
        kind, colon, name = place.partition(":")
        if colon and kind.strip().lower() == "chapter":
            wanted = _find_chapter(name.strip(), script)
            chosen.update(one.index for one in script.segments if one.chapter == wanted)
        else:
            chosen.update(_read_range(place, len(script.segments)))
    if not chosen:
        raise UsageError("Nothing is said there.", hint="See: reviewcast preview REVIEW")
    return tuple(sorted(chosen))


def _read_range(place: str, count: int) -> range:
    found = _RANGE.fullmatch(place.strip())
    if found is None:
        raise UsageError(
            f"{place!r} names no segment.",
            hint='Write a number, a range such as 7-9, or "chapter:Verdict".',
        )
    first = int(found["first"])
    last = first if not found["dash"] else int(found["last"] or count)
    for number in (first, last):
        if not 1 <= number <= count:
            raise UsageError(f"There is no segment {number}.", hint=f"There are 1 to {count}.")
    if first > last:
        raise UsageError(f"The range {place} runs backwards.", hint=f"Write {last}-{first}.")
    return range(first - 1, last)


def _find_chapter(name: str, script: Script) -> int:
    """Find a chapter by its title in any case, by how only its title begins, or by its number."""
    titles = [chapter.title.casefold() for chapter in script.chapters]
    wanted = name.casefold()
    if wanted in titles:
        return titles.index(wanted)
    starting = [n for n, title in enumerate(titles) if wanted and title.startswith(wanted)]
    if len(starting) == 1:
        return starting[0]
    if re.fullmatch(r"[0-9]{1,4}", name) and 1 <= int(name) <= len(titles):
        return int(name) - 1
    near = difflib.get_close_matches(wanted, titles, 1)
    names = ", ".join(chapter.title for chapter in script.chapters)
    raise UsageError(
        f"There is no chapter {name!r}.",
        hint=f"Did you mean {script.chapters[titles.index(near[0])].title!r}?"
        if near
        else f"There are: {names}.",
    )


def _add_neighbours(chosen: Sequence[int], script: Script) -> tuple[int, ...]:
    beside = {index + step for index in chosen for step in (-1, 0, 1)}
    return tuple(sorted(beside & set(range(len(script.segments)))))


def save_preview(preview: Preview, file: Path, *, cache: Cache) -> None:
    """Write what can be heard: a WAV file when its name says so, else an MP3, whole or not at all.

    Raises StorageError when the disk or the folder refuses.
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
    part = _take_part(script, chosen)
    sounds = _choose_sounds(chosen, last, config) if mix else Sounds()
    goes_on = chosen[-1] < last
    return retry_lost(render)


def _take_part(script: Script, chosen: Sequence[int]) -> Script:
    """Take segments out of a script; a chapter is only announced where its beginning is taken."""
    firsts: dict[int, int] = {}
    for segment in script.segments:
        firsts.setdefault(segment.chapter, segment.index)
    taken = set(chosen)
    chapters = (
        replace(chapter, written=chapter.written and firsts.get(number) in taken)
        for number, chapter in enumerate(script.chapters)
    )
    segments = tuple(script.segments[index] for index in chosen)
    return replace(script, segments=segments, chapters=tuple(chapters))


def _choose_sounds(chosen: Sequence[int], last: int, config: Config) -> Sounds:
    """Open the music that stands beside the chosen segments."""
    sounds = open_sounds(config)
    return replace(
        sounds,
        intro=sounds.intro if chosen[0] == 0 else None,
        outro=sounds.outro if chosen[-1] == last else None,
    )


def _find_whole_gain(script: Script, cast: Cast, config: Config, cache: Cache) -> Gain | None:
    """Give the gain of the whole episode when all of it is in the store."""
    found = find_polished(script, cast, config, cache)
    if len(found) < len(script.segments):
        return None
    takes = tuple(found[segment.index] for segment in script.segments)
    return find_gain(stitch_takes(script, takes, open_sounds(config), config.stitch), config)
