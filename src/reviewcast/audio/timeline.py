"""Takes become blocks on a timeline, between intro and outro."""

import math
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from msgspec import structs

from reviewcast.audio.loudness import (
    EnergyGrid,
    gate_loudness,
    pack_lufs,
    to_stereo_lufs,
    unpack_lufs,
)
from reviewcast.audio.measure import TRIM_MARGIN_S
from reviewcast.audio.mp3.edges import POST_FRAMES, PRE_FRAMES
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.audio.music import (
    Bed,
    Levels,
    cut_levels,
    draw_fade,
    duck,
    find_level,
    has_bed,
    join_levels,
    loop,
)
from reviewcast.audio.samples import RATE_HZ, Lufs, scale_length
from reviewcast.model.audio import (
    Block,
    Chapter,
    Cue,
    Piece,
    Sound,
    Sounds,
    StoredTake,
    TakeFigures,
    Timeline,
)
from reviewcast.model.text import Script, ScriptChapter, Segment
from reviewcast.settings.schema import StitchSettings

_LEAD = FRAME_SAMPLES
"""Silence with which a block begins."""

_TAIL = 3 * FRAME_SAMPLES
"""Silence with which it ends at least: the encoder's delay and what it looks ahead."""

_CUT_PAUSE_S = 0.25

_HEAD = round((TRIM_MARGIN_S + 0.005) * RATE_HZ)
"""How far the first sound of a take may lie behind its beginning: after a pause a take is placed
so that it lies exactly as far, and so a pause is heard as it is set."""

_SPEECH_LUFS = -24.0
"""Where every take is set before the master's gain: loud enough for 16 bits, no peak clips."""

_MOST_GAIN_DB = 30.0

MOST_MUSIC_GAIN_DB = 30.0
"""Music is raised by no more: what is softer still is its noise."""

_EDGE_FADE_MS = 5
_EDGE_FADE = RATE_HZ * _EDGE_FADE_MS // 1000
_STEP = RATE_HZ // 10  # of momentary loudness
_TONE_JOIN_S = 0.1

_OPENING_STEPS = 600
"""How much speech tells how loud the rest will be: a minute."""

_MOST_OPENINGS = 60
"""In how long an episode the music still counts, when the loudness of the whole is expected."""

_CHARS_PER_S = 18.0
"""What a brisk voice says: how long speech lasts must be expected before it is there."""

_WIDE_CHARS = 3
"""A Chinese or Japanese character takes as long as so many letters."""

_LEAST_MUSIC_S = 3.0

_CUT_FADE_S = 1.5
"""How long music that is cut short fades where no words are: a chord, not a click."""


def stitch_takes(
    script: Script,
    takes: Sequence[StoredTake],
    sounds: Sounds,
    settings: StitchSettings,
    *,
    goes_on: bool = False,
    whole: Script | None = None,
) -> Timeline:
    """Place the takes, trimmed and at one level, with their pauses and the music.

    Blocks are cut wherever a pause is long enough and no intro, outro or sting sounds, so each
    depends on its own pieces alone, and under a bed on where the bed has come to. All positions
    are exact counts of samples. When the script `goes_on` after its last segment, the pause there
    is kept: so a part of a script has the blocks of the `whole`, by which music is measured out.
    """
    stitching = _Stitching(script, sounds, settings, whole=whole)
    for segment, take in zip(script.segments, takes, strict=True):
        stitching.add(segment, take)
    return stitching.finish(goes_on=goes_on)


class _Stitching:
    """A timeline that is being laid, take by take; the blocks that are closed change no more."""

    def __init__(
        self,
        script: Script,
        sounds: Sounds,
        settings: StitchSettings,
        *,
        whole: Script | None = None,
    ) -> None:
        self._script, self._sounds = script, sounds
        expected_s = _expect_speech(whole or script)
        self._has_sting = [
            min(pair) >= settings.sting_chapters_s for pair in pairwise([0.0, *expected_s])
        ]
        self._layer = _Layer(sounds, settings, speech_s=math.fsum(expected_s))
        self._bedded = [
            sounds.bed is not None and has_bed(number, chapter, settings)
            for number, chapter in enumerate(script.chapters)
        ]
        self._last: Segment | None = None
        self._characters = 0
        self._expected_lufs: float | None = None  # until the first minute of speech is laid

    def add(self, segment: Segment, take: StoredTake) -> None:
        """Lay the next segment of the script."""
        layer, last = self._layer, self._last
        if last is None:
            layer.open()
        if last is None or segment.chapter != last.chapter:
            opening = self._script.chapters[segment.chapter]
            # the first segment of all has no music before it but the intro
            is_apart = opening.written and segment.index > 0 and self._has_sting[segment.chapter]
            sting = self._sounds.sting if is_apart else None
            has_bed = self._bedded[segment.chapter]
            if last is not None:
                if self._bedded[last.chapter] and (sting or not has_bed):
                    layer.end_bed(last.pause_s)
                layer.wait(last.pause_s)
            layer.begin_chapter(opening, sting, take)
            if has_bed:
                layer.begin_bed()
        else:
            layer.wait(last.pause_s)
        layer.say(segment.index, take)
        self._last = segment
        self._characters += len(segment.spoken)
        # the window that is last in the opening is filled a step later
        if self._expected_lufs is None and layer.settled >= layer.opening[1] + _STEP:
            self._expected_lufs = self._expect_loudness()

    def finish(self, *, goes_on: bool = False) -> Timeline:
        """Close the last block, with the outro unless the script `goes_on`."""
        layer, last = self._layer, self._last
        if last is not None and goes_on:
            layer.wait(last.pause_s)
        elif last is not None:
            layer.close()
        return structs.replace(layer.finish(), expected_lufs=self._expected_lufs)

    def _expect_loudness(self) -> float:
        """Return how loud the whole will likely be: music, and speech that goes on like this."""
        layer = self._layer
        first, last = (at // _STEP for at in layer.opening)
        laid = layer.energies.list_lufs()
        total = sum(len(segment.spoken) for segment in self._script.segments)
        spoken = (layer.spoken - layer.opening[0]) / _STEP * total / max(1, self._characters)
        times = max(1, min(_MOST_OPENINGS, round(spoken / _OPENING_STEPS)))
        outro = layer.measure_outro()
        return gate_loudness(np.concatenate([laid[:first], *[laid[first:last]] * times, outro]))


def _expect_speech(script: Script) -> list[float]:
    """Return how long the speech of each chapter will likely last, in seconds, pauses included.

    By the text alone: the music before the first words is laid when no more than those are spoken.
    """
    expected_s = [0.0] * len(script.chapters)
    for segment in script.segments:
        wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in segment.spoken)
        letters = len(segment.spoken) + (_WIDE_CHARS - 1) * wide
        expected_s[segment.chapter] += letters / _CHARS_PER_S + segment.pause_s
    return expected_s


def find_missing_gain(sound: Sound, against_db: float) -> float:
    """Return by how many dB music stays below what it should be, as it is raised no further."""
    return max(0.0, _SPEECH_LUFS + 3.0103 + against_db - sound.level_lufs - MOST_MUSIC_GAIN_DB)


class _Layer:
    """The block that is being laid, and those that are done."""

    def __init__(self, sounds: Sounds, settings: StitchSettings, *, speech_s: float) -> None:
        self._sounds, self._settings = sounds, settings
        # in whole seconds, so that an edit hardly ever changes the block of the music
        music_s = max(_LEAST_MUSIC_S, math.floor(settings.music_share * speech_s))
        self._music = None if settings.music_share == 1 else _to_samples(music_s)
        self.blocks: list[Block] = []
        self._chapters: list[Chapter] = []
        self._cues: list[Cue] = []
        self.energies = EnergyGrid(RATE_HZ)
        self._base = 0  # samples of all blocks that are done
        self._pieces: list[Piece] = []
        self._at = _LEAD  # where the next piece begins in this block
        self._sounding = 0  # where the last music of this block ends
        self._lead = 0  # frames of sound that go on from the block before
        self._tail = 0  # silence with which the last take ends
        self._head = _HEAD  # so much later the next take should be heard
        self._bed: Bed | None = None
        self._beds: list[tuple[int, int]] = []

    @property
    def settled(self) -> int:
        # a bed is laid, and counted, as its block is closed
        return self._base if self._bed else self._base + self._at

    @property
    def opening(self) -> tuple[int, int]:
        """From where to where the first minute of speech is laid."""
        start = self._cues[0].start
        return start, start + _OPENING_STEPS * _STEP

    @property
    def spoken(self) -> int:
        """Where the last words end."""
        return self._cues[-1].end

    def measure_outro(self) -> Lufs:
        """Return the loudness that the outro will have, every 100 ms."""
        sound = self._sounds.outro
        if not sound:
            return unpack_lufs(b"")
        first = sound.samples - self._measure_music("outro", self._settings.outro_under_s)
        energies_lufs = unpack_lufs(sound.energies)[first // _STEP :]
        return energies_lufs + self._find_gain(sound, self._settings.music_db)

    def _measure_music(self, name: Literal["intro", "outro"], under_s: float) -> int:
        """Return how much of intro or outro is played; the rest is cut off in a short review."""
        sound: Sound = getattr(self._sounds, name)
        if self._music is None or name not in self._sounds.shrinks:
            return sound.samples
        return min(sound.samples, self._music + _to_samples(under_s))

    def open(self) -> None:
        """Begin with the intro, which goes down as the words begin."""
        sound, settings = self._sounds.intro, self._settings
        if not sound:
            return
        self._head = 0
        samples = self._measure_music("intro", settings.intro_under_s)
        under = min(_to_samples(settings.intro_under_s), samples // 2)
        words = samples - under
        attack = max(1, _to_samples(settings.duck_attack_s))
        clean = _to_samples(0.3 if samples == sound.samples else _CUT_FADE_S)
        self._place_sound(
            sound,
            join_levels(
                duck(words - attack, words, settings.duck_db) if under else (),
                self._fade(samples, under or clean, ends=True),
            ),
            last=samples,
        )
        self._at = self._sounding - under
        if not under:
            self._at += _to_samples(settings.gap_s)

    def close(self) -> None:
        """End with the outro, which rises as the words end."""
        sound, settings, last = self._sounds.outro, self._settings, self._cues[-1]
        self.end_bed()
        if not sound:
            return
        spoken = last.end - last.start
        under_s = min(settings.outro_under_s, spoken / RATE_HZ)
        samples = self._measure_music("outro", under_s)
        under = min(_to_samples(under_s), samples // 2)
        self._at = last.end - self._base
        self._at += -under if under else _to_samples(settings.gap_s)
        levels: Levels = ()
        if under:
            release = max(1, min(_to_samples(settings.duck_release_s), samples - under))
            levels = join_levels(
                self._fade(samples, under, ends=False),
                duck(under + release, under, settings.duck_db),
            )
        elif samples < sound.samples:
            levels = self._fade(samples, _to_samples(_CUT_FADE_S), ends=False)
        self._place_sound(sound, levels, first=sound.samples - samples)

    def begin_chapter(self, opening: ScriptChapter, sting: Sound | None, take: StoredTake) -> None:
        """Begin a chapter with its sting, or with its first take."""
        self._use_head(0 if sting else _find_margins(take.figures)[0])
        start = self._base + self._at if sting or self._chapters else 0
        self._chapters.append(Chapter(opening.title, start, opening.image, opening.link))
        if sting:
            self._place_sound(sting, ())
            self._at, self._tail = self._sounding, 0
            self.wait(self._settings.gap_s)

    def begin_bed(self) -> None:
        """Let the bed rise from here on, unless it sounds already."""
        if self._sounds.bed and not self._bed:
            fade = max(_EDGE_FADE, _to_samples(self._settings.bed_fade_s))
            self._bed = Bed(self._sounds.bed, self._base + self._at, fade)

    def end_bed(self, pause_s: float | None = None) -> None:
        """Let the bed fall after the last words, within a pause if one follows."""
        bed = self._bed
        if not bed:
            return
        fade, cut = _to_samples(self._settings.bed_fade_s), _to_samples(_CUT_PAUSE_S)
        if pause_s is not None:
            room = max(0, _to_samples(pause_s) - self._tail - _HEAD)
            # what a cut needs is left, so that what follows does not hang on the bed
            needed = cut if self._sounds.tone else _TAIL + _LEAD
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
        figures = take.figures
        gain_db = max(-_MOST_GAIN_DB, min(_MOST_GAIN_DB, _SPEECH_LUFS - figures.level_lufs))
        length = scale_length(figures.end - figures.start, figures.rate_hz, RATE_HZ)
        head, self._tail = _find_margins(figures)
        self._use_head(head)
        self._pieces.append(
            Piece(
                source="take",
                key=take.key,
                digest=take.digest,
                rate_hz=figures.rate_hz,
                start=figures.start,
                end=figures.end,
                at=self._at,
                samples=length,
                gain_db=round(gain_db, 3),
                fade_in_ms=_EDGE_FADE_MS,
                fade_out_ms=_EDGE_FADE_MS,
            )
        )
        self._note(self._at, to_stereo_lufs(unpack_lufs(figures.energies)), gain_db)
        start = self._base + self._at

        def place(sample: int) -> int:
            inside = max(0, min(sample, figures.end) - figures.start)
            return start + scale_length(inside, figures.rate_hz, RATE_HZ)

        self._cues.append(
            Cue(
                index,
                start,
                start + length,
                tuple((place(first), place(last)) for first, last in figures.pauses),
                tuple((at, place(sample)) for at, sample in figures.marks),
            )
        )
        self._at += length

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
        samples, spoken = _to_samples(pause_s), self._at
        heard = spoken - self._tail + samples  # where the next sound should be
        after = self._at = max(spoken, heard - _HEAD)
        self._head = max(0, heard - after)
        if self._bed or self._sounds.tone:
            quiet = max(spoken, self._sounding)
            if heard - max(spoken - self._tail, self._sounding) >= _to_samples(_CUT_PAUSE_S):
                # in the middle of the pause, so that neither overlap reaches into speech
                self._close((quiet + after) // 2, goes_on=True)
        elif samples >= _to_samples(_CUT_PAUSE_S) and self._sounding + _TAIL + _LEAD <= after:
            self._close(max(spoken + _TAIL, after - _LEAD))

    def finish(self) -> Timeline:
        if self._pieces:
            self.end_bed()  # of a part that goes on, but cannot be cut here
            end = max(self._at, self._sounding)
            self._close(end + _TAIL)
        return Timeline(
            rate_hz=RATE_HZ,
            blocks=tuple(self.blocks),
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
        gain_db = self._find_gain(sound, self._settings.music_db)
        self._pieces.append(
            Piece(
                source="sound",
                key=sound.key,
                rate_hz=RATE_HZ,
                start=first,
                end=last,
                at=self._at,
                samples=last - first,
                gain_db=gain_db,
                fade_in_ms=_EDGE_FADE_MS,
                fade_out_ms=_EDGE_FADE_MS,
                levels=levels,
            )
        )
        # a window reaches 300 ms back: so many more hold the end
        energies_lufs = unpack_lufs(sound.energies)[first // _STEP : last // _STEP + 4]
        self._note(self._at, energies_lufs, gain_db, levels)
        self._sounding = self._at + last - first

    def _find_gain(self, sound: Sound, against_db: float) -> float:
        wanted_db = _SPEECH_LUFS + 3.0103 + against_db - sound.level_lufs
        return round(min(wanted_db, MOST_MUSIC_GAIN_DB), 3)

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
                value + find_level(levels, (index - 1) * _STEP)
                for index, value in enumerate(energies_lufs)
            ]
        self.energies.add(self._base + at, energies_lufs, gain_db=gain_db)

    def _close(self, end: int, *, goes_on: bool = False) -> None:
        """Close the block near `end`, at a whole frame, in silence or where sound goes on."""
        quiet = max((piece.at + piece.samples for piece in self._pieces), default=0)
        frames = (end + FRAME_SAMPLES // 2) // FRAME_SAMPLES
        if not goes_on:
            frames = max(frames, -(-(quiet + _TAIL) // FRAME_SAMPLES))
        samples, trail = frames * FRAME_SAMPLES, POST_FRAMES if goes_on else 0
        if self._bed:
            self._lay_bed(self._bed, samples, trail)
        if self._sounds.tone:
            self._lay_tone(self._sounds.tone, samples, trail)
        self.blocks.append(Block(tuple(self._pieces), samples, self._lead, trail))
        self._base += samples
        self._pieces, self._sounding, self._lead = [], 0, PRE_FRAMES if goes_on else 0
        if goes_on:  # a bed goes on to the sample; else blocks begin alike wherever they stand
            self._at -= samples if self._bed else end
        else:
            self._at = _LEAD

    def _lay_bed(self, bed: "Bed", end: int, trail: int = 0) -> None:
        """Lay the bed from where it begins in this block, or its lead, up to its end or trail."""
        at = max(bed.start - self._base, -self._lead * FRAME_SAMPLES)
        samples = end + trail * FRAME_SAMPLES - at
        if samples <= 0:
            return
        inside = self._base + at - bed.start
        gain_db = self._find_gain(bed.sound, self._settings.bed_db)
        levels = cut_levels(bed.draw(self._settings.fade_curve), inside, samples)
        self._pieces.append(
            loop(bed.sound, inside, at=at, samples=samples, gain_db=gain_db, levels=levels)
        )
        counted = max(0, end - max(at, 0)) // _STEP
        self._note(max(at, 0), [bed.sound.level_lufs] * counted, gain_db)

    def _lay_tone(self, tone: Sound, samples: int, trail: int) -> None:
        """Lay the room tone: told from the block's start, then from its end, joined in between.

        So a block's tone depends on its own length alone, and goes on without a seam: it stands
        at its beginning on every border.
        """
        gain_db = self._find_gain(tone, self._settings.room_tone_db)
        first, last = -self._lead * FRAME_SAMPLES, samples + trail * FRAME_SAMPLES
        if not self.blocks:
            first = _LEAD
        if not trail:
            last = samples - _TAIL + FRAME_SAMPLES
        # what a neighbour holds too is left alone
        low = POST_FRAMES * FRAME_SAMPLES if self._lead else first
        high = samples - PRE_FRAMES * FRAME_SAMPLES if trail else last
        join, middle = min(_to_samples(_TONE_JOIN_S), high - low), (low + high) // 2
        if join <= 0:
            return  # the whole is shorter than any of this
        head, tail = middle + join // 2 - first, last - (middle - join // 2)
        rise = () if self.blocks else self._fade(head, _to_samples(0.5), ends=False)
        fall = () if trail else self._fade(tail, _to_samples(0.5), ends=True)
        out = draw_fade(head, join, curve="power", ends=True)
        into = draw_fade(tail, join, curve="power", ends=False)
        for start, at, length, levels in (
            (first, first, head, join_levels(rise, out)),
            (last - tail - samples, last - tail, tail, join_levels(into, fall)),
        ):
            self._pieces.append(
                loop(tone, start, at=at, samples=length, gain_db=gain_db, levels=levels)
            )

    def _fade(self, samples: int, most: int, *, ends: bool) -> Levels:
        fade = min(most, _to_samples(self._settings.fade_s))
        return draw_fade(samples, fade, curve=self._settings.fade_curve, ends=ends)


def _find_margins(figures: TakeFigures) -> tuple[int, int]:
    """Return how long a take is silent at its beginning and at its end, in samples at 44.1 kHz."""
    head = tail = 0
    for first, last in figures.pauses:
        if first == figures.start:
            head = scale_length(last - first, figures.rate_hz, RATE_HZ)
        elif last == figures.end:
            tail = scale_length(last - first, figures.rate_hz, RATE_HZ)
    return head, tail


def _to_samples(seconds: float) -> int:
    return round(seconds * RATE_HZ)
