#!/usr/bin/env python3
"""Compose and render the show's default intro, outro, sting, bed and cover into audio/."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile as sf  # type: ignore[import-untyped, unused-ignore]

Audio = npt.NDArray[np.float64]
Colour = tuple[int, int, int]

RATE = 44_100
PEAK = 10 ** (-3 / 20)
SEMITONES = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}


@dataclass(frozen=True)
class Piece:
    """One cue: its score (a row of cells per bar or so), and how it is finished."""

    seconds: float
    bpm: float
    fade: float  # seconds of closing fade
    drive: float  # saturation: how hard the loudest peak is pushed before it is levelled to PEAK
    chords: str  # cells of: first beat, length in beats, notes from low to high joined by hyphens
    bass: str  # cells of: first beat, length in beats, note, velocity in percent
    melody: str  # the same
    kicks: Sequence[float] = ()  # beats with a soft foot drum
    swishes: Sequence[float] = ()  # beats with a long brush stroke
    taps: Sequence[float] = ()  # beats with a brush tap


@dataclass(frozen=True)
class Voice:
    """An instrument and its place in the room."""

    play: Callable[[float, float, float], Audio]  # hertz, seconds, velocity
    gain: float
    pan: float  # -1 left .. 1 right
    send: float  # share that goes to the reverb


# F major, a slow walk I - vi - IV - iv - I/3 - V9sus - V9 - I: the borrowed iv is the film colour.
# Most voices keep common tones or move by step; roots are left to the bass.
# The motif is a ninth-chord climb that falls back, C E G A - G E, answered a step higher.
INTRO = Piece(
    seconds=10.4,
    bpm=92,
    fade=2.3,
    drive=0.25,
    chords="""
        0 2 A3-C4-E4-G4  |  2 2 F3-A3-C4-E4
        4 2 A3-C4-D4-F4  |  6 2 G3-Bb3-Db4-F4
        8 2 A3-C4-E4-G4  | 10 1 G3-Bb3-D4-F4 | 11 1 G3-Bb3-D4-E4
       12 4 A3-C4-E4-G4""",
    bass="""
        0 1.5 F2  90 | 1.5 .5 C3 60 |  2 1.5 D2  85 |  3.5 .5 A2  60
        4 1.5 Bb2 90 | 5.5 .5 F2 60 |  6 1.5 Bb2 85 |  7.5 .5 Bb2 55
        8 1.5 A2  90 | 9.5 .5 D3 60 | 10 1.5 C3  85 | 11.5 .5 C2  60
       12 4   F2  90""",
    melody="""
        0 .75 C5 70 |  .75 .75 E5 75 | 1.5 .5 G5 80 |  2 1 A5 95 |  3 .5 G5  70 |  3.5 .5 E5 60
        4 .75 D5 70 | 4.75 .75 F5 75 | 5.5 .5 A5 85 |  6 1 C6 95 |  7 .5 Bb5 75 |  7.5 .5 G5 65
        8 1.5 A5 90 |                  9.5 .5 G5 65 | 10 1 D5 75 | 11 .5 E5  70 | 11.5 .5 G5 75
       12 3   A5 85 | 13   2.5 E5 40 | 13.5 2 C5 35""",
    kicks=(0, 2, 4, 6, 8, 10, 12),
    swishes=(1, 3, 5, 7, 9, 11),
    taps=(0.5, 1.5, 1.75, 2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 7.5, 8.5, 9.5, 9.75, 10.5, 11.5, 11.75),
)
# The motif's answer again, but this time the leading note goes home to the tonic.
OUTRO = Piece(
    seconds=8.6,
    bpm=92,
    fade=1.6,
    drive=0.25,
    chords="""
        0 2 A3-C4-D4-F4  |  2 2 G3-Bb3-Db4-F4
        4 2 A3-C4-E4-G4  |  6 1 G3-Bb3-D4-F4 | 7 1 G3-Bb3-D4-E4
        8 5 F3-A3-C4-G4""",
    bass="""
        0 1.5 Bb2 90 | 1.5 .5 F2 60 |  2 1.5 Bb2 85 |  3.5 .5 Bb2 55
        4 1.5 A2  90 | 5.5 .5 D3 60 |  6 1.5 C3  85 |  7.5 .5 C2  60
        8 5   F2  90""",
    melody="""
        0 .75 D5 70 |  .75 .75 F5 75 | 1.5 .5 A5 85 | 2 1 C6 95 | 3 .5 Bb5 75 | 3.5 .5 G5 65
        4 1   A5 85 | 5    .5  G5 65 | 5.5 .5 C5 60 | 6 1 D5 70 | 7 1  E5  70
        8 5   F5 85 | 8.75 4   C5 40 | 9.5 3  F4 45""",
    kicks=(0, 2, 4, 6, 8),
    swishes=(1, 3, 5, 7),
    taps=(0.5, 1.5, 1.75, 2.5, 3.5, 4.5, 5.5, 5.75, 6.5),
)
# The motif's climb at double speed, landing on the home chord.
STING = Piece(
    seconds=1.9,
    bpm=132,
    fade=0.9,
    drive=0.25,
    chords=".75 3 A3-C4-E4-G4",
    bass=".75 3 F2 90",
    melody="0 .5 C5 70 | .25 .5 E5 75 | .5 .5 G5 80 | .75 3 A5 95",
    kicks=(0.75,),
)
PIECES = {"intro": INTRO, "outro": OUTRO, "sting": STING}
# The intro's walk at half its pace, a chord a bar, to lie under speech: pad and soft keys lead,
# the motif is only hinted at, and nothing strikes. It goes round after 8 bars (24 s): the bar
# before the first (beats 0 to 3) is played but not kept, so that it begins in full sound; what is
# kept ends 2 s into the ninth, which are mixed into the first 2 s when it goes round. The ninth
# is the first in another voicing: were it the same, the two would add up and be heard to swell.
BED = Piece(
    seconds=26.0,
    bpm=80,
    fade=0,
    drive=0.25,
    chords="""
        0 4 G3-Bb3-D4-E4
        4 4 A3-C4-E4-G4  |  8 4 F3-A3-C4-E4   | 12 4 A3-C4-D4-F4 | 16 4 G3-Bb3-Db4-F4
       20 4 A3-C4-E4-G4  | 24 4 G3-Bb3-D4-F4  | 28 4 G3-C4-D4-F4 | 32 4 G3-Bb3-D4-E4
       36 4 F3-A3-D4-F4""",
    bass="""
        0 4 C3  70
        4 4 F2  70       |  8 4 D3  70        | 12 4 Bb2 70      | 16 4 Bb2 70
       20 4 A2  70       | 24 4 G2  70        | 28 4 C3  70      | 32 4 C3  70
       36 4 C3  70""",
    melody="""
        4.5 1.5 C5 45 |  6 2 E5 40 |  8.5 1.5 G4 45 | 10 2 A4 50
       12.5 1.5 D5 45 | 14 2 F4 40 | 16.5 1.5 Bb4 45 | 18 2 G4 40
       20.5 1.5 C5 45 | 22 2 E5 40 | 24.5 1.5 Bb4 45 | 26 2 D5 45
       28.5 1.5 G4 45 | 30 2 A4 40 | 32.5 1.5 Bb4 45 | 34 2 G4 40
       36.5 1.5 A4 45""",
)


def tune_note(name: str) -> float:
    """Return a note's frequency in hertz; the last character is its octave."""
    step = SEMITONES[name[0]] - name.count("b")
    return float(440 * 2 ** (step / 12 + int(name[-1]) - 4))


def read_cells(score: str, size: int) -> Iterator[list[str]]:
    """Split a score into its cells' words; the bars between cells are for the eye."""
    words = score.replace("|", " ").split()
    return (words[at : at + size] for at in range(0, len(words), size))


def sway(index: int) -> float:
    """Return a repeatable "human" deviation in -1..1: golden-ratio steps never fall in a rut."""
    return (index * 0.618_033_988_75) % 1 * 2 - 1


def make_noise(count: int, seed: int) -> Audio:
    """Return seeded white noise (a named bit generator, whose stream NumPy keeps stable)."""
    return np.random.Generator(np.random.PCG64(seed)).random(count) * 2 - 1


def count_time(seconds: float) -> Audio:
    """Return the sample times of a stretch."""
    return np.arange(round(seconds * RATE)) / RATE


def shape_note(t: Audio, attack: float, held: float, release: float) -> Audio:
    """Return a click-free envelope: raised-cosine attack, sustain, raised-cosine release."""
    up = np.clip(t / attack, 0, 1)
    down = np.clip((held + release - t) / release, 0, 1)
    return np.asarray(np.sin(np.pi / 2 * up) ** 2 * np.sin(np.pi / 2 * down) ** 2)


def play_keys(hertz: float, seconds: float, velocity: float) -> Audio:
    """Play an FM electric piano: a mellow 1:1 body and a short, high tine."""
    t = count_time(seconds + 0.35)
    phase = 2 * np.pi * hertz * t
    body = np.sin(phase + 1.3 * velocity * np.exp(-t * 3.2) * np.sin(phase))
    # A harder touch brings out more tine, as on the real thing.
    tine = np.sin(phase + 0.5 * velocity * np.exp(-t * 14) * np.sin(14 * phase))
    # Two decays, as strings and bars have: the blow dies fast, the rest sings on.
    decay = 0.5 * np.exp(-t * 7) + 0.5 * np.exp(-t * (0.75 + hertz / 700))
    shape = shape_note(t, 0.004, seconds, 0.35)
    return np.asarray((0.75 * body + 0.25 * tine) * decay * shape * velocity)


def play_vibes(hertz: float, seconds: float, velocity: float) -> Audio:
    """Play a soft-mallet vibraphone: tuned bar partials 1, 4 and 10 with a slow tremolo."""
    t = count_time(seconds + 0.5)
    phase = 2 * np.pi * hertz * t
    tone = np.sin(phase) * (0.5 * np.exp(-t * 1.3) + 0.5 * np.exp(-t * 8))
    tone += 0.12 * np.sin(2 * phase) * np.exp(-t * 3)
    tone += 0.22 * velocity * np.sin(4 * phase) * np.exp(-t * 7)
    tone += 0.07 * velocity**2 * np.sin(10 * phase) * np.exp(-t * 28)
    tremolo = 1 - 0.14 * (1 - np.cos(2 * np.pi * 5.2 * t))
    return np.asarray(tone * tremolo * shape_note(t, 0.003, seconds, 0.5) * velocity)


def play_bass(hertz: float, seconds: float, velocity: float) -> Audio:
    """Play a soft plucked bass: harmonics that die faster the higher they are."""
    t = count_time(seconds + 0.12)
    tone = np.zeros_like(t)
    for k in range(1, 9):
        # sin(k * pi / 5): the string is plucked a fifth of the way along.
        tone += np.sin(np.pi * k / 5) / k * np.sin(2 * np.pi * hertz * k * t) * np.exp(-t * 1.1 * k)
    return np.asarray(tone * shape_note(t, 0.006, seconds, 0.12) * velocity)


def play_pad(hertz: float, seconds: float, velocity: float) -> Audio:
    """Play a hushed string pad: three detuned, strongly darkened saws, slow to speak."""
    t = count_time(seconds + 0.8)
    tone = np.zeros_like(t)
    for index, detune in enumerate((0.9972, 1.0, 1.0031)):
        for k in range(1, 9):
            tone += np.sin(2 * np.pi * hertz * detune * k * t + index * 2.1 * k) / k**1.9
    return np.asarray(tone / 3 * shape_note(t, 0.45, seconds, 0.8) * velocity)


def play_haze(hertz: float, seconds: float, velocity: float) -> Audio:
    """Play the pad without an attack: it swells in and out evenly, 0.6 s at each end."""
    t, ends = count_time(seconds + 0.6), 0.6
    tone = np.zeros_like(t)
    for index, detune in enumerate((0.9981, 1.0, 1.0022)):
        for k in range(1, 6):
            tone += np.sin(2 * np.pi * hertz * detune * k * t + index * 2.1 * k) / k**1.8
    # The square root of a raised cosine: where one chord gives way to the next, power stays.
    up, down = np.clip(t / ends, 0, 1), np.clip((seconds + ends - t) / ends, 0, 1)
    return np.asarray(tone / 3 * np.sin(np.pi / 2 * up) * np.sin(np.pi / 2 * down) * velocity)


def play_hum(hertz: float, seconds: float, velocity: float) -> Audio:
    """Play a bass that is bowed rather than plucked: three harmonics, steady while it is held."""
    t, ends = count_time(seconds + 0.3), 0.3
    tone = sum(np.sin(2 * np.pi * hertz * k * t) / k**1.5 for k in (1, 2, 3))
    up, down = np.clip(t / ends, 0, 1), np.clip((seconds + ends - t) / ends, 0, 1)
    return np.asarray(tone * np.sin(np.pi / 2 * up) * np.sin(np.pi / 2 * down) * velocity)


def play_kick(hertz: float, seconds: float, velocity: float) -> Audio:
    """Play a felt-soft foot drum: a sine that falls to hertz as it dies."""
    t = count_time(seconds)
    phase = 2 * np.pi * (hertz * t + 2.2 * (1 - np.exp(-t * 22)))
    return np.asarray(np.sin(phase) * np.exp(-t * 9) * shape_note(t, 0.003, 0, seconds) * velocity)


def play_brush(hertz: float, seconds: float, velocity: float) -> Audio:
    """Play a brush on a snare: band-shaped noise centred on hertz, swelling then thinning."""
    t = count_time(seconds)
    spectrum = np.fft.rfft(make_noise(len(t), seed=round(hertz)))
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(t), 1 / RATE), 1) / hertz)
    hiss = np.fft.irfft(spectrum * np.exp(-((octaves / 0.8) ** 2)), len(t))
    swell = np.sin(np.pi * (t / seconds) ** 0.4) ** 2
    return np.asarray(hiss * swell * velocity)


KEYS = Voice(play_keys, gain=0.17, pan=-0.15, send=0.25)
VIBES = Voice(play_vibes, gain=0.34, pan=0.12, send=0.32)
BASS = Voice(play_bass, gain=0.38, pan=0.0, send=0.04)
PAD = Voice(play_pad, gain=0.032, pan=0.0, send=0.5)
KICK = Voice(play_kick, gain=0.45, pan=0.0, send=0.03)
BRUSH = Voice(play_brush, gain=0.30, pan=0.3, send=0.2)
HAZE = Voice(play_haze, gain=0.10, pan=0.0, send=0.4)
HUM = Voice(play_hum, gain=0.09, pan=0.0, send=0.05)
FAR_KEYS = Voice(play_keys, gain=0.07, pan=-0.15, send=0.5)
FAR_VIBES = Voice(play_vibes, gain=0.10, pan=0.15, send=0.6)


class Desk:
    """A stereo mixing desk with a dry bus and a reverb bus."""

    def __init__(self, seconds: float) -> None:
        """Clear a desk for a cue of this length."""
        self.dry = np.zeros((round(seconds * RATE), 2))
        self.wet = np.zeros_like(self.dry)

    def add(self, voice: Voice, at: float, tone: Audio, spread: float = 0.0) -> None:
        """Mix a mono tone in at a time, panned with constant power."""
        start = max(0, round(at * RATE))
        room = len(self.dry) - start
        angle = (np.clip(voice.pan + spread, -1, 1) + 1) * np.pi / 4
        sides = np.outer(tone[:room], (np.cos(angle), np.sin(angle))) * voice.gain
        self.dry[start : start + len(sides)] += sides
        self.wet[start : start + len(sides)] += sides * voice.send


def play_chords(desk: Desk, piece: Piece, beat: float) -> None:
    """Play each chord on the keys (rolled, then a light echo of its top) over the pad."""
    for index, (first, length, names) in enumerate(read_cells(piece.chords, 3)):
        at, held = float(first) * beat, float(length) * beat
        for voice, name in enumerate(names.split("-")):
            hertz, spread = tune_note(name), (voice - 1.5) * 0.3
            touch = 0.8 + 0.08 * sway(index * 5 + voice)
            roll = voice * 0.011  # only ever late: the first note must sound at once
            desk.add(KEYS, at + roll, play_keys(hertz, held, touch), spread)
            desk.add(PAD, at, play_pad(hertz, held, 1.0), -spread * 2)
            if length == "2" and voice:
                echo = play_keys(hertz, 0.5 * beat, 0.6 * touch)
                desk.add(KEYS, at + 1.5 * beat + roll, echo, spread)


def play_lines(desk: Desk, piece: Piece, beat: float) -> None:
    """Play the bass and the melody with slight, repeatable liberties of time and touch."""
    for voice, line, slack in ((BASS, piece.bass, 0.004), (VIBES, piece.melody, 0.008)):
        for index, (first, length, name, velocity) in enumerate(read_cells(line, 4)):
            at = float(first) * beat + slack * (1 + sway(index)) / 2
            touch = float(velocity) / 100 * (1 + 0.06 * sway(index + 3))
            desk.add(voice, at, voice.play(tune_note(name), float(length) * beat, touch))


def play_drums(desk: Desk, piece: Piece, beat: float) -> None:
    """Play the foot drum, long brush strokes on the back beats and taps between them."""
    for index, first in enumerate(piece.kicks):
        desk.add(KICK, first * beat, play_kick(52, 0.4, 0.9 + 0.1 * sway(index)))
    for index, first in enumerate(piece.swishes):
        desk.add(BRUSH, first * beat, play_brush(3600 + index, 0.30, 1.0))
    for index, first in enumerate(piece.taps):
        touch = 0.5 + 0.15 * sway(index)
        desk.add(BRUSH, first * beat, play_brush(6200 + index, 0.07, touch), -0.25)


def make_room(seconds: float = 1.5) -> Audio:
    """Return a stereo impulse response: decaying noise whose treble dies first."""
    t = count_time(seconds)
    sides = []
    for side in (0, 1):
        spectrum = np.fft.rfft(make_noise(len(t), seed=1895 + side))
        hertz = np.fft.rfftfreq(len(t), 1 / RATE)
        response = np.zeros_like(t)
        for low, high, decay in ((180, 900, 4.2), (900, 3500, 5.5), (3500, 9000, 9.5)):
            # Soft band edges: a hard edge would ring before its own decay.
            edges = 1 / (1 + (low / np.maximum(hertz, 1)) ** 6) / (1 + (hertz / high) ** 6)
            response += np.fft.irfft(spectrum * edges, len(t)) * np.exp(-t * decay)
        response *= shape_note(t, 0.012, seconds - 0.3, 0.3)
        sides.append(response / np.sqrt(np.sum(response**2)))
    gap = np.zeros((round(0.018 * RATE), 2))  # pre-delay keeps the attacks clear
    return np.concatenate((gap, np.stack(sides, axis=1)))


def reverberate(send: Audio, room: Audio) -> Audio:
    """Convolve a stereo send with a room, cut to the send's length."""
    size = 1 << (len(send) + len(room)).bit_length()
    product = np.fft.rfft(send, size, axis=0) * np.fft.rfft(room, size, axis=0)
    return np.asarray(np.fft.irfft(product, size, axis=0)[: len(send)])


def cut_rumble(mix: Audio, corner: float = 30.0) -> Audio:
    """Take out DC and what no loudspeaker plays; padding keeps the end off the start."""
    size = 1 << (len(mix) + RATE).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / RATE)[:, np.newaxis]
    spectrum = np.fft.rfft(mix, size, axis=0) * hertz**4 / (hertz**4 + corner**4)
    return np.asarray(np.fft.irfft(spectrum, size, axis=0)[: len(mix)])


def render_piece(piece: Piece) -> Audio:
    """Play a piece, put it in its room, and level it."""
    desk, beat = Desk(piece.seconds), 60 / piece.bpm
    play_chords(desk, piece, beat)
    play_lines(desk, piece, beat)
    play_drums(desk, piece, beat)
    mix = cut_rumble(desk.dry + reverberate(desk.wet, make_room()))
    # Gentle saturation rounds the few highest peaks off, so loudness and PEAK can both be met.
    mix = np.tanh(mix / np.abs(mix).max() * piece.drive)
    t = count_time(piece.seconds)[:, np.newaxis]
    mix *= shape_note(t, 0.002, piece.seconds - piece.fade - 1 / RATE, piece.fade)
    return np.asarray(mix / np.abs(mix).max() * PEAK)


def render_bed(piece: Piece) -> Audio:
    """Play a piece that goes round, at one level from its first sample to its last."""
    beat = 60 / piece.bpm
    before = round(4 * beat * RATE)
    desk = Desk(piece.seconds + 4 * beat)
    for index, (first, length, names) in enumerate(read_cells(piece.chords, 3)):
        at, held = float(first) * beat, float(length) * beat
        for voice, name in enumerate(names.split("-")):
            hertz, spread = tune_note(name), (voice - 1.5) * 0.3
            desk.add(HAZE, at, play_haze(hertz, held, 1.0), -spread * 2)
            touch = 0.3 + 0.05 * sway(index * 5 + voice)
            for late in (0, 2):
                roll = (late + 0.08 * voice) * beat
                desk.add(FAR_KEYS, at + roll, play_keys(hertz, 2 * beat, touch), spread)
    for voiced, line in ((HUM, piece.bass), (FAR_VIBES, piece.melody)):
        for first, length, name, velocity in read_cells(line, 4):
            tone = voiced.play(tune_note(name), float(length) * beat, float(velocity) / 100)
            desk.add(voiced, float(first) * beat, tone)
    mix = cut_treble(desk.dry + reverberate(desk.wet, make_room()), 2500)
    mix = hold_level(cut_rumble(mix))[before : before + round(piece.seconds * RATE)]
    return np.asarray(mix / np.abs(mix).max() * PEAK * 0.5)


def cut_treble(mix: Audio, corner: float) -> Audio:
    """Take the treble down by 6 dB an octave, to leave speech its consonants."""
    size = 1 << (len(mix) + RATE).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / RATE)[:, np.newaxis]
    spectrum = np.fft.rfft(mix, size, axis=0) / np.sqrt(1 + (hertz / corner) ** 2)
    return np.asarray(np.fft.irfft(spectrum, size, axis=0)[: len(mix)])


def hold_level(mix: Audio, window: float = 0.4) -> Audio:
    """Even a mix out by a slow hand on the fader: no stretch of it is louder than another."""
    width = round(window * RATE) // 2
    heard = cut_rumble(mix, 120.0)  # the ear gives less to the bass
    power = np.cumsum(np.pad(np.sum(heard**2, axis=1), (width + 1, width)))
    level = np.sqrt((power[2 * width + 1 :] - power[: -2 * width - 1]) / (2 * width + 1))
    return np.asarray(mix / np.maximum(level, level.max() / 10)[:, np.newaxis])


def write_sound(path: Path, mix: Audio) -> None:
    """Write 16-bit FLAC; undithered, so that the ends are exact zeros."""
    sf.write(path, np.round(mix * 32_767).astype(np.int16), RATE, format="FLAC", subtype="PCM_16")


def draw_cover(path: Path) -> None:
    """Draw the cover: a speech bubble that is a film frame, holding the name and a waveform."""
    from PIL import Image, ImageDraw, ImageFont

    ink, cream, red, amber = (24, 32, 58), (252, 240, 214), (226, 70, 48), (243, 156, 30)
    scale = 2  # drawn twice as large and reduced, for smooth edges
    image = Image.new("RGB", (3000 * scale, 3000 * scale), ink)
    draw = ImageDraw.Draw(image)

    def fill_box(left: float, top: float, width: float, height: float, fill: Colour) -> None:
        corners = [side * scale for side in (left, top, left + width, top + height)]
        draw.rounded_rectangle(corners, min(width / 2, height * 0.28, 260) * scale, fill)

    tail = [(620, 2300), (1330, 2300), (640, 2870)]
    draw.polygon([(x * scale, y * scale) for x, y in tail], cream)
    fill_box(150, 200, 2700, 2280, cream)
    for hole in range(7):
        for top in (320, 2170):
            fill_box(372 + hole * 340, top, 216, 190, ink)
    # Pillow's own font, made bold by a stroke and spaced so that the strokes do not touch.
    font = ImageFont.load_default(720 * scale)
    for word, left, baseline in (("review", 345, 1225), ("cast", 358, 1935)):
        x = float(left * scale)
        for letter in word:
            draw.text((x, baseline * scale), letter, ink, font, "ls", stroke_width=18 * scale)
            x += font.getlength(letter) + 28 * scale
    for bar, height in enumerate((230, 470, 690, 380, 560)):
        fill_box(1884 + bar * 158, 1730 - height / 2, 112, height, (red, amber)[bar % 2])
    image.reduce(scale).save(path, optimize=True)


def main() -> None:
    """Write the cues, the bed and the cover into the given folder, or audio/ beside scripts/."""
    default = Path(__file__).resolve().parent.parent / "audio"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    for name, piece in PIECES.items():
        write_sound(folder / f"{name}.flac", render_piece(piece))
    write_sound(folder / "bed.flac", render_bed(BED))
    draw_cover(folder / "cover.png")


if __name__ == "__main__":
    main()
