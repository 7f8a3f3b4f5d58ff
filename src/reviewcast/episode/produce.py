"""The spine of a build, a preview and the page: a narration is spoken, laid and rendered."""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.audio.master import check_loudness
from reviewcast.audio.music import misses_bed
from reviewcast.audio.render import render
from reviewcast.audio.timeline import stitch_takes
from reviewcast.model.audio import EncodedAudio, Gain, Sounds, Timeline
from reviewcast.model.errors import VoiceError
from reviewcast.model.events import Noticed, Warned
from reviewcast.settings.run import Run
from reviewcast.speech.fallback import choose_narration, choose_next
from reviewcast.speech.narrate import synthesize
from reviewcast.speech.narration import Narration
from reviewcast.speech.takes import Takes
from reviewcast.system.store import retry_lost
from reviewcast.text.draft import Draft, tell_unfit


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


def produce_draft(draft: Draft, run: Run, perform: Callable[[Narration], Production]) -> Production:
    """Choose who speaks a draft, and have it performed, in whole or in part.

    When a voice fails for good, the next one performs all of it, if the settings say so; else its
    VoiceError is raised.
    """
    narration = choose_narration(draft, run)
    while True:
        try:
            return perform(narration)
        except VoiceError as error:
            narration = choose_next(narration, draft, error, run)


def tell_doubts(made: Production, draft: Draft, run: Run) -> None:
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
