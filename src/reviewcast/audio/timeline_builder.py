"""A timeline is built piece by piece: blocks that are closed change no more."""

from collections.abc import Sequence
from typing import Literal

from reviewcast.audio.cues import find_margins, make_cue, place_take
from reviewcast.audio.levels import EDGE_FADE_MS, Levels, cut_levels, find_level
from reviewcast.audio.loudness import EnergyGrid, pack_lufs, to_stereo_lufs, unpack_lufs
from reviewcast.audio.measure import TRIM_MARGIN_S
from reviewcast.audio.mp3.edges import POST_FRAMES, PRE_FRAMES
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.audio.music import (
    LEAD,
    TAIL,
    Bed,
    find_music_gain,
    find_music_limit,
    lay_tone,
    loop,
    place_sound,
    shape_intro,
    shape_outro,
)
from reviewcast.audio.samples import RATE_HZ, Lufs, to_samples
from reviewcast.model.audio import Block, Chapter, Cue, Piece, Sound, Sounds, StoredTake, Timeline
from reviewcast.model.text import ScriptChapter
from reviewcast.settings.schema import StitchSettings

STEP = RATE_HZ // 10
"""Samples between two values of momentary loudness."""

OPENING_STEPS = 600
"""How much speech tells how loud the rest will be: a minute."""

_HEAD = round((TRIM_MARGIN_S + 0.005) * RATE_HZ)
"""How far the first sound of a take may lie behind its beginning: after a pause a take is placed
so that it lies exactly as far, and so a pause is heard as it is set."""

_EDGE_FADE = RATE_HZ * EDGE_FADE_MS // 1000


class TimelineBuilder:
    """The block that is being laid, and those that are done, which change no more."""

    def __init__(
        self, sounds: Sounds, settings: StitchSettings, *, speech_s: float, cut_pause_s: float
    ) -> None:
        self._sounds, self._settings = sounds, settings
        self._cut_pause = to_samples(cut_pause_s)
        self._music = find_music_limit(settings, speech_s=speech_s)
        self._blocks: list[Block] = []
        self._chapters: list[Chapter] = []
        self._cues: list[Cue] = []
        self.energies = EnergyGrid(RATE_HZ)
        self._base = 0  # samples of all blocks that are done
        self._pieces: list[Piece] = []
        self._at = LEAD  # where the next piece begins in this block
        self._sounding = 0  # where the last music of this block ends
        self._lead = 0  # frames of sound that go on from the block before
        self._tail = 0  # silence with which the last take ends
        self._head = _HEAD  # so much later the next take should be heard
        self._bed: Bed | None = None
        self._beds: list[tuple[int, int]] = []

    @property
    def settled(self) -> int:
        """Up to where the loudness is known: a bed is counted as its block is closed."""
        return self._base if self._bed else self._base + self._at

    @property
    def opening(self) -> tuple[int, int]:
        """From where to where the first minute of speech is laid."""
        start = self._cues[0].start
        return start, start + OPENING_STEPS * STEP

    @property
    def spoken(self) -> int:
        """Where the last words end."""
        return self._cues[-1].end

    def measure_outro(self) -> Lufs:
        """Return the loudness that the outro will have, every 100 ms."""
        sound, settings = self._sounds.outro, self._settings
        if not sound:
            return unpack_lufs(b"")
        first = sound.samples - self._measure_music("outro", settings.outro_under_s)
        energies_lufs = unpack_lufs(sound.energies)[first // STEP :]
        return energies_lufs + find_music_gain(sound, settings.music_db)

    def _measure_music(self, name: Literal["intro", "outro"], under_s: float) -> int:
        """Return how much of intro or outro is played; the rest is cut off in a short review."""
        sound: Sound = getattr(self._sounds, name)
        if self._music is None or name not in self._sounds.shrinks:
            return sound.samples
        return min(sound.samples, self._music + to_samples(under_s))

    def open(self) -> None:
        """Begin with the intro, which goes down as the words begin."""
        sound, settings = self._sounds.intro, self._settings
        if not sound:
            return
        self._head = 0
        samples = self._measure_music("intro", settings.intro_under_s)
        under = min(to_samples(settings.intro_under_s), samples // 2)
        self._place_sound(sound, shape_intro(sound, samples, under, settings), last=samples)
        self._at = self._sounding - under
        if not under:
            self._at += to_samples(settings.gap_s)

    def close(self) -> None:
        """End with the outro, which rises as the words end."""
        sound, settings, last = self._sounds.outro, self._settings, self._cues[-1]
        self.end_bed()
        if not sound:
            return
        spoken = last.end - last.start
        under_s = min(settings.outro_under_s, spoken / RATE_HZ)
        samples = self._measure_music("outro", under_s)
        under = min(to_samples(under_s), samples // 2)
        self._at = last.end - self._base
        self._at += -under if under else to_samples(settings.gap_s)
        levels = shape_outro(sound, samples, under, settings)
        self._place_sound(sound, levels, first=sound.samples - samples)

    def begin_chapter(self, opening: ScriptChapter, sting: Sound | None, take: StoredTake) -> None:
        """Begin a chapter with its sting, or with its first take."""
        self._use_head(0 if sting else find_margins(take.figures)[0])
        start = self._base + self._at if sting or self._chapters else 0
        self._chapters.append(Chapter(opening.title, start, opening.image, opening.link))
        if sting:
            self._place_sound(sting, ())
            self._at, self._tail = self._sounding, 0
            self.wait(self._settings.gap_s)

    def begin_bed(self) -> None:
        """Begin the rise of the bed here, unless it sounds already."""
        if self._sounds.bed and not self._bed:
            fade = max(_EDGE_FADE, to_samples(self._settings.bed_fade_s))
            self._bed = Bed(self._sounds.bed, self._base + self._at, fade)

    def end_bed(self, pause_s: float | None = None) -> None:
        """End the bed after the last words, within a pause if one follows."""
        bed = self._bed
        if not bed:
            return
        fade, cut = to_samples(self._settings.bed_fade_s), self._cut_pause
        if pause_s is not None:
            room = max(0, to_samples(pause_s) - self._tail - _HEAD)
            # what a cut needs is left, so that what follows does not hang on the bed
            needed = cut if self._sounds.tone else TAIL + LEAD
            fade = min(fade, room - needed if room >= cut + _EDGE_FADE else room)
        fade = max(_EDGE_FADE, fade)
        bed.end, bed.fall = self._base + self._at + fade, fade
        first, last = bed.start + bed.rise, bed.end - fade
        if first < last:
            self._beds.append((first, last))
        self._lay_bed(bed, bed.end - self._base)
        self._sounding = max(self._sounding, bed.end - self._base)
        self._bed = None

    def say(self, index: int, take: StoredTake) -> None:
        """Lay the take of a segment."""
        figures = take.figures
        head, self._tail = find_margins(figures)
        self._use_head(head)
        piece = place_take(take, self._at)
        self._pieces.append(piece)
        self._note(self._at, to_stereo_lufs(unpack_lufs(figures.energies)), piece.gain_db)
        self._cues.append(make_cue(index, figures, self._base + self._at, piece.samples))
        self._at += piece.samples

    def _use_head(self, silent: int) -> None:
        """Go on to where something that is silent at first must begin, to be heard in time."""
        self._at += max(0, self._head - silent)
        self._head = 0

    def wait(self, pause_s: float) -> None:
        """Be silent so long; cut the block here when the pause has room for two ends.

        The silence in which the last take ends and the next begins is part of it. A block that
        ends here is a whole number of frames: this pause is up to 13 ms longer or shorter, so
        that no other block changes with what is said in this one.
        """
        samples, spoken = to_samples(pause_s), self._at
        heard = spoken - self._tail + samples  # where the next sound should be
        after = self._at = max(spoken, heard - _HEAD)
        self._head = max(0, heard - after)
        if self._bed or self._sounds.tone:
            quiet = max(spoken, self._sounding)
            if heard - max(spoken - self._tail, self._sounding) >= self._cut_pause:
                # in the middle of the pause, so that neither overlap reaches into speech
                self._close((quiet + after) // 2, goes_on=True)
        elif samples >= self._cut_pause and self._sounding + TAIL + LEAD <= after:
            self._close(max(spoken + TAIL, after - LEAD))

    def finish(self) -> Timeline:
        """Close the last block."""
        if self._pieces:
            self.end_bed()  # of a part that goes on, but cannot be cut here
            end = max(self._at, self._sounding)
            self._close(end + TAIL)
        return Timeline(
            rate_hz=RATE_HZ,
            blocks=tuple(self._blocks),
            chapters=tuple(self._chapters),
            cues=tuple(self._cues),
            energies=pack_lufs(self.energies.list_lufs()),
            beds=tuple(self._beds),
        )

    def _place_sound(
        self, sound: Sound, levels: Levels, *, first: int = 0, last: int | None = None
    ) -> None:
        """Place a sound, or a part of it, here."""
        last = sound.samples if last is None else last
        gain_db = find_music_gain(sound, self._settings.music_db)
        self._pieces.append(
            place_sound(sound, self._at, first=first, last=last, gain_db=gain_db, levels=levels)
        )
        # a window reaches 300 ms back: so many more hold the end
        energies_lufs = unpack_lufs(sound.energies)[first // STEP : last // STEP + 4]
        self._note(self._at, energies_lufs, gain_db, levels)
        self._sounding = self._at + last - first

    def _note(
        self,
        at: int,
        energies_lufs: Sequence[float] | Lufs,
        gain_db: float,
        levels: Levels = (),
    ) -> None:
        """Add the loudness of a piece to that of the timeline."""
        if levels:  # each window reaches 300 ms back
            energies_lufs = [
                value + find_level(levels, (index - 1) * STEP)
                for index, value in enumerate(energies_lufs)
            ]
        self.energies.add(self._base + at, energies_lufs, gain_db=gain_db)

    def _close(self, end: int, *, goes_on: bool = False) -> None:
        """Close the block near `end`, at a whole frame, in silence or where sound goes on."""
        quiet = max((piece.at + piece.samples for piece in self._pieces), default=0)
        frames = (end + FRAME_SAMPLES // 2) // FRAME_SAMPLES
        if not goes_on:
            frames = max(frames, -(-(quiet + TAIL) // FRAME_SAMPLES))
        samples, trail = frames * FRAME_SAMPLES, POST_FRAMES if goes_on else 0
        if self._bed:
            self._lay_bed(self._bed, samples, trail)
        if self._sounds.tone:
            self._pieces += lay_tone(
                self._sounds.tone,
                samples,
                self._settings,
                lead=self._lead,
                trail=trail,
                is_first=not self._blocks,
            )
        self._blocks.append(Block(tuple(self._pieces), samples, self._lead, trail))
        self._base += samples
        self._pieces, self._sounding, self._lead = [], 0, PRE_FRAMES if goes_on else 0
        if goes_on:  # a bed goes on to the sample; else blocks begin alike wherever they stand
            self._at -= samples if self._bed else end
        else:
            self._at = LEAD

    def _lay_bed(self, bed: "Bed", end: int, trail: int = 0) -> None:
        """Lay the bed from where it begins in this block, or its lead, up to its end or trail."""
        at = max(bed.start - self._base, -self._lead * FRAME_SAMPLES)
        samples = end + trail * FRAME_SAMPLES - at
        if samples <= 0:
            return
        inside = self._base + at - bed.start
        gain_db = find_music_gain(bed.sound, self._settings.bed_db)
        levels = cut_levels(bed.draw(self._settings.fade_curve), inside, samples)
        self._pieces.append(
            loop(bed.sound, inside, at=at, samples=samples, gain_db=gain_db, levels=levels)
        )
        counted = max(0, end - max(at, 0)) // STEP
        self._note(max(at, 0), [bed.sound.level_lufs] * counted, gain_db)
