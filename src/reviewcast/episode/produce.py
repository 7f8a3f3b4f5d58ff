"""The spine of a build, a preview and the page: a narration is spoken, laid and rendered."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.audio.files.sounds import open_sounds
from reviewcast.audio.master import check_loudness
from reviewcast.audio.music import misses_bed
from reviewcast.audio.render import find_gain, render
from reviewcast.audio.timeline import stitch_takes
from reviewcast.model.audio import EncodedAudio, Gain, Sounds, Timeline
from reviewcast.model.errors import VoiceError
from reviewcast.model.events import Noticed, Warned
from reviewcast.settings.run import Run
from reviewcast.speech.fallback import choose_narration, choose_next
from reviewcast.speech.narrate import synthesize
from reviewcast.speech.narration import Narration
from reviewcast.speech.takes import Takes, find_polished
from reviewcast.system.store import retry_lost
from reviewcast.text.draft import Draft, tell_unfit
from reviewcast.text.segments import add_neighbours, choose_segments


class Production(Struct, frozen=True):
    """What can be heard of a narration: its takes, where they lie, and the encoded audio."""

    narration: Narration
    takes: Takes
    timeline: Timeline
    audio: EncodedAudio

    @property
    def voice(self) -> str:
        """The name of the episode's own voice."""
        return self.narration.cast.name


class Part(Struct, frozen=True):
    """The segments of an episode that are wanted: places such as "7", "7-9" or "chapter:Verdict".

    With `context` the segments beside them are wanted, too.
    """

    places: Sequence[str]
    context: bool = False


def produce_draft(draft: Draft, sounds: Sounds, run: Run, part: Part | None = None) -> Production:
    """Choose who speaks a draft, and produce it, or a part of it with the gain of the whole.

    When a voice fails for good, the next one speaks all of it, if the settings say so; else its
    VoiceError is raised. Raise UsageError for a place that there is not.
    """
    narration = choose_narration(draft, run)
    while True:
        try:
            if part:
                return _produce_part(narration, part, sounds, run)
            return produce(narration, sounds, run)
        except VoiceError as error:
            narration = choose_next(narration, draft, error, run)


def produce(
    narration: Narration, sounds: Sounds, run: Run, *, gain: Gain | None = None
) -> Production:
    """Speak, lay and render a narration; `gain` is that of the whole when this is a part of it.

    Raise VoiceError when a voice fails for good.
    """
    fresh, encoded = set[int](), set(run.made)

    def make() -> Production:
        takes = synthesize(narration, run)
        fresh.update(takes.fresh)
        segments = zip(narration.script.segments, takes.sources, strict=True)
        fresh.update(segment.index for segment, key in segments if key in run.made)
        timeline = lay_timeline(narration, takes, sounds, run)
        audio = render(timeline, sounds, run, gain=gain, encoded=encoded)
        return Production(narration, takes, timeline, audio)

    made = retry_lost(make)
    return replace(made, takes=replace(made.takes, fresh=tuple(sorted(fresh))))


def _produce_part(narration: Narration, part: Part, sounds: Sounds, run: Run) -> Production:
    """Produce some segments, with the music that stands beside them."""
    chosen = choose_segments(part.places, narration.script)
    if part.context:
        chosen = add_neighbours(chosen, narration.script)
    last = len(narration.script.segments) - 1
    beside = replace(
        sounds,
        intro=sounds.intro if chosen[0] == 0 else None,
        outro=sounds.outro if chosen[-1] == last else None,
    )
    gain = _find_whole_gain(narration, run)
    return produce(narration.select(chosen), beside, run, gain=gain)


def _find_whole_gain(narration: Narration, run: Run) -> Gain | None:
    """Return the gain of the whole episode when all of it is in the store."""
    found = find_polished(narration, run)
    if len(found) < len(narration.script.segments):
        return None
    takes = Takes(tuple(found[segment.index] for segment in narration.script.segments))
    timeline = lay_timeline(narration, takes, open_sounds(run.settings), run)
    return find_gain(timeline, run.settings)


def lay_timeline(narration: Narration, takes: Takes, sounds: Sounds, run: Run) -> Timeline:
    """Lay the takes of a narration, or of a part of one, on a timeline between sounds."""
    return stitch_takes(
        narration.script,
        takes.takes,
        sounds,
        run.settings.stitch,
        goes_on=narration.goes_on,
        whole=narration.whole,
    )


def report_doubts(made: Production, draft: Draft, run: Run) -> None:
    """Report what is likely not as the user wanted it. Raise SoundError for a wrong loudness."""
    settings, script = run.settings, made.narration.script
    missed = check_loudness(made.audio.loudness, settings.master, channels=settings.encode.channels)
    if missed:
        run.notify(Warned(missed))
    tell_unfit(draft, script, run.notify)
    if misses_bed(script, settings.stitch):
        wanted, there = (
            ", ".join(repr(name) for name in names)
            for names in (settings.stitch.bed_chapters, [one.title for one in script.chapters])
        )
        text = f"There is no bed: [stitch] bed_chapters names {wanted}, and the chapters are"
        run.notify(Warned(f"{text} {there}."))
    if settings.encode.mode == "vbr":
        run.notify(Noticed(_VBR_SEEKING))


_VBR_SEEKING = (
    'With [encode] mode = "vbr" browsers seek by a table of 256 steps, about 1/500 of the episode'
    ' off at most: 7 seconds in an hour. With "cbr" they seek exactly.'
)
