"""Loudness and true peaks, held against other people's meters and against brute force."""

import functools
import importlib
import itertools
import math
import re
import subprocess
import sys

import numpy as np
import pyloudnorm
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import require_tool
from tests.support.budget import count_examples
from tests.support.tones import make_noise

from reviewcast.audio.limiter import limit_peaks, measure_true_peak
from reviewcast.audio.loudness import (
    SILENCE_LUFS,
    EnergyGrid,
    gate_loudness,
    measure_energies,
    measure_range,
)
from reviewcast.audio.measure import measure_stream
from reviewcast.model.audio import Loudness
from reviewcast.speech.voices.espeak import EspeakVoice
from reviewcast.system.resources import find_sample

# --- loudness


def make_speech(rate_hz, channels, *, seed=0):
    """Make sentences of different levels with pauses between them, as a review has."""
    dice = np.random.default_rng(seed)
    parts = [np.zeros(rate_hz, np.float32)]
    for number in range(6):
        sentence = make_noise(dice.uniform(0.8, 3), rate_hz, seed=seed + number, low=100)
        parts += [sentence * dice.uniform(0.1, 0.8), np.zeros(rate_hz // 2, np.float32)]
    mono = np.concatenate(parts)
    if channels == 1:
        return mono
    return np.stack([mono, np.roll(mono, rate_hz // 3) * 0.7], axis=1).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [22_050, 24_000, 44_100])
@pytest.mark.parametrize("channels", [1, 2])
def test_loudness_is_what_pyloudnorm_measures(rate_hz, channels):
    """The gated loudness of speech is within 0.1 LU of an independent meter."""
    samples = make_speech(rate_hz, channels)
    ours = gate_loudness(measure_energies(samples, rate_hz))
    theirs = pyloudnorm.Meter(rate_hz).integrated_loudness(samples)
    assert ours == pytest.approx(theirs, abs=0.1)


def open_libebur128():
    """Import the meter that this one is held against, where its wheels exist."""
    if sys.version_info >= (3, 13):
        pytest.skip("pyebur128 has no wheel for this Python")
    return importlib.import_module("pyebur128")


@pytest.mark.parametrize(("channels", "lufs"), [(1, -3.01), (2, 0.0)])
def test_full_scale_sine(channels, lufs):
    """A full-scale 997 Hz sine has the loudness that BS.1770 states."""
    sine = np.sin(2 * np.pi * 997 * np.arange(44_100 * 5) / 44_100).astype(np.float32)
    samples = sine if channels == 1 else np.stack([sine, sine], axis=1)
    whole_windows = measure_energies(samples, 44_100)[3:-3]
    assert gate_loudness(whole_windows) == pytest.approx(lufs, abs=0.05)


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 24_000, 44_100])
@pytest.mark.parametrize("channels", [1, 2])
def test_energies_are_the_momentary_loudness_of_libebur128(rate_hz, channels):
    """Summed from steps of 100 ms, each window is what libebur128 sums over all of it."""
    samples = make_speech(rate_hz, channels).reshape(-1, channels)
    pyebur128 = open_libebur128()
    step = rate_hz // 10
    padded = np.pad(samples, ((0, -len(samples) % step + 3 * step), (0, 0)))
    state = pyebur128.R128State(channels, rate_hz, pyebur128.MeasurementMode.MODE_M)
    expected = []
    for start in range(0, len(padded), step):
        state.add_frames(np.ascontiguousarray(padded[start : start + step]).ravel(), step)
        expected.append(max(pyebur128.get_loudness_momentary(state), SILENCE_LUFS))
    given = samples[:, 0] if channels == 1 else samples
    assert measure_energies(given, rate_hz) == pytest.approx(expected, abs=0.0006)


def test_energies_of_pieces_gate_to_the_loudness_of_the_whole():
    """Values gathered from pieces between silences give what the whole gives."""
    rate_hz = 44_100
    pieces = [make_noise(1.5 + n / 10, rate_hz, seed=n) * (0.2 + n / 8) for n in range(5)]
    gap = np.zeros(rate_hz // 2, np.float32)
    whole = np.concatenate([part for piece in pieces for part in (piece, gap)])
    apart = [value for piece in pieces for value in measure_energies(piece, rate_hz)]
    together = gate_loudness(measure_energies(whole, rate_hz))
    assert gate_loudness(apart) == pytest.approx(together, abs=0.1)


@pytest.mark.parametrize("count", [0, 1, 100, 4410, 4411])
def test_energies_of_very_short_samples(count):
    """There is a value for each 100 ms and three more, however short the samples are."""
    values = measure_energies(np.full(count, 0.5, np.float32), 44_100)
    assert len(values) == -(-count // 4410) + 3
    assert all(SILENCE_LUFS <= value < 0 for value in values)


@pytest.mark.parametrize("values", [(), (SILENCE_LUFS,) * 9, (-70.0, -71.0)])
def test_silence_has_the_loudness_of_silence(values):
    """Without a value above the absolute gate there is no loudness to speak of."""
    assert gate_loudness(values) == SILENCE_LUFS


def test_the_relative_gate_drops_what_is_10_lu_below():
    """Quiet stretches do not pull the loudness down."""
    assert gate_loudness([-20.0] * 10 + [-40.0] * 10) == pytest.approx(-20.0)
    assert gate_loudness([-20.0] * 10 + [-25.0] * 10) < -21


# --- the whole from its pieces


def test_a_grid_adds_what_overlaps():
    """Powers add: two equal values are 3 dB more, and silence adds nothing."""
    grid = EnergyGrid(44_100)
    assert len(grid.list_lufs()) == 0
    grid.add(0, [-20.0, -20.0, SILENCE_LUFS])
    grid.add(4410, [-30.0, -30.0], gain_db=10.0)
    grid.add(5 * 4410, [-40.0], gain_db=-2.0)
    expected = (-20.0, -16.99, -20.0, SILENCE_LUFS, SILENCE_LUFS, -42.0)
    assert grid.list_lufs() == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(("at", "place"), [(-3000, 0), (0, 0), (2204, 0), (2205, 1), (6614, 1)])
def test_a_grid_has_its_pieces_at_the_nearest_step(at, place):
    """To half a step; what begins before the whole stands at its beginning."""
    grid = EnergyGrid(44_100)
    grid.add(at, [-20.0])
    assert grid.list_lufs() == pytest.approx((SILENCE_LUFS,) * place + (-20.0,))


@given(
    st.lists(
        st.tuples(st.integers(0, 500_000), st.lists(st.floats(-120, 0), max_size=30)), max_size=6
    ),
    st.randoms(),
)
def test_a_grid_is_the_same_in_any_order(pieces, random):
    """Pieces may come in any order, or all their values one by one."""
    grids = [EnergyGrid(44_100) for _ in range(3)]
    shuffled = random.sample(pieces, len(pieces))
    for grid, order in zip(grids, (pieces, shuffled), strict=False):
        for at, values in order:
            grid.add(at, values)
    for at, values in pieces:
        start = (at + 2205) // 4410 * 4410
        for step, value in enumerate(values):
            grids[2].add(start + step * 4410, [value])
    first, second, third = (grid.list_lufs() for grid in grids)
    assert second == pytest.approx(first, abs=1e-9)
    assert third == pytest.approx(first, abs=1e-9)


def test_a_grid_of_pieces_is_what_their_mix_measures():
    """Music under speech, laid by their own measures, has the loudness of the two together."""
    speech, music = make_speech(44_100, 2), make_noise(20, 44_100, seed=5, low=60)
    music = np.stack([music, music[::-1]], axis=1)[: len(speech) - 44_100] * np.float32(0.3)
    grid = EnergyGrid(44_100)
    grid.add(0, measure_energies(speech, 44_100))
    grid.add(44_100, measure_energies(music, 44_100), gain_db=-6.0)
    mix = speech.copy()
    mix[44_100 : 44_100 + len(music)] += music * np.float32(10 ** (-6 / 20))
    heard = gate_loudness(measure_energies(mix, 44_100))
    assert gate_loudness(grid.list_lufs()) == pytest.approx(heard, abs=0.1)


# --- loudness range


@functools.cache
def speak_review():
    """Speak the sample review by the embedded voice, a paragraph at a time, at 44.1 kHz."""
    text = find_sample().read_text(encoding="utf-8").split("---")[-1]
    paragraphs = [p.strip() for p in text.split("\n\n") if len(p) > 40 and not p.startswith("#")]
    takes = [EspeakVoice().speak(paragraph[:900], language="en") for paragraph in paragraphs]
    return [
        soxr.resample(np.frombuffer(take.pcm, "<i2").astype("f4") / 32768, take.rate_hz, 44_100)
        for take in takes
    ]


@pytest.mark.parametrize(("channels", "steps_db"), [(1, 5), (2, 0)])
def test_the_loudness_range_of_speech_is_that_of_other_meters(tmp_path, channels, steps_db):
    """Within 0.5 LU of ffmpeg's ebur128, for an even voice and an uneven one."""
    pause = np.zeros(22_050, np.float32)
    speech = np.concatenate(
        [
            part
            for number, paragraph in enumerate(speak_review())
            for part in (paragraph * np.float32(10 ** (-(number * steps_db % 9) / 20)), pause)
        ]
    )
    samples = np.stack([speech] * channels, axis=1)
    ours = measure_range(measure_energies(samples, 44_100))
    assert (ours > 6) == (steps_db > 0)
    soundfile.write(tmp_path / "speech.wav", samples, 44_100)
    command = [require_tool("ffmpeg"), "-nostats", "-i", tmp_path / "speech.wav"]
    command += ["-af", "ebur128", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr
    theirs = float(re.findall(r"LRA:\s+([\d.]+) LU", told)[-1])
    assert ours == pytest.approx(theirs, abs=0.5)


@pytest.mark.parametrize("levels_db", [(0, -10), (0, -20), (-20, -5, -15)])
def test_the_loudness_range_of_steps_is_their_distance(levels_db):
    """Tones of 20 s each, as EBU Tech 3342 tests meters: right to 1 LU."""
    at = np.arange(20 * 44_100) / 44_100
    tone = np.sin(2 * np.pi * 1000 * at).astype(np.float32)
    samples = np.concatenate([tone * np.float32(10 ** ((db - 20) / 20)) for db in levels_db])
    stereo = np.stack([samples, samples], axis=1)
    found = measure_range(measure_energies(stereo, 44_100)[3:-3])
    expected = max(levels_db) - min(levels_db)
    assert found == pytest.approx(min(20, expected), abs=1)


@pytest.mark.parametrize("values", [(), (-20.0,) * 26, (-20.0,) * 500, (SILENCE_LUFS,) * 500])
def test_what_is_short_or_even_or_silent_has_no_range(values):
    """Less than 3 s, one level and silence have a range of 0."""
    assert measure_range(values) == pytest.approx(0, abs=1e-6)


# --- true peaks


@functools.cache
def make_phases():
    """Build the interpolator anew, at four times the rate, from its definition."""
    rows = []
    for quarter in (1, 2, 3):
        at = np.arange(12) - 5 - quarter / 4
        row = np.sinc(at) * np.i0(6.0 * np.sqrt(np.maximum(0, 1 - (at / 6.25) ** 2)))
        rows.append(row / row.sum())
    return np.array(rows, np.float32)


def measure_by_brute_force(samples, *, beyond=False):
    """Interpolate every sample of every channel, and if asked what rings on beyond the last.

    That is measured too, as far as a stretch of 64 samples reaches.
    """
    best = 0.0
    for channel in samples.reshape(len(samples), samples.size // max(1, len(samples))).T:
        padded = np.pad(channel, (12, 12 + (-len(channel) % 64 if beyond else 0)))
        best = max(best, float(np.abs(padded).max(initial=0)))
        for phase in make_phases():
            between = np.convolve(padded, phase[::-1])[5 : 5 + len(padded)]
            best = max(best, float(np.abs(between[12:-12]).max(initial=0)))
    return 20 * math.log10(best) if best > 0 else SILENCE_LUFS


def measure_by_resampling(samples):
    """Take the peak of eight times the rate, by soxr at its best."""
    padded = np.pad(samples.astype(np.float64), 4096)
    return 20 * math.log10(np.abs(soxr.resample(padded, 1, 8, quality="VHQ")).max())


def make_band_limited(seed, high=16_000.0):
    """Make noise without the last octave's upper part, where every short filter errs."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=20_000))
    spectrum[np.fft.rfftfreq(20_000, 1 / 44_100) > high] = 0
    wave = np.fft.irfft(spectrum) * np.hanning(20_000)
    return (wave / np.abs(wave).max()).astype(np.float32)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("high", [5000.0, 16_000.0])
def test_true_peak_of_band_limited_noise(seed, high):
    """Within 0.15 dB of the peak at eight times the rate."""
    samples = make_band_limited(seed, high)
    assert measure_true_peak(samples) == pytest.approx(measure_by_resampling(samples), abs=0.15)


def test_true_peak_between_samples():
    """A sine at a quarter of the rate, sampled beside its peaks, still peaks at 0 dB."""
    at = np.arange(8820)
    sine = np.sin(np.pi / 2 * at + np.pi / 4).astype(np.float32) * np.hanning(8820).astype("f4")
    assert 20 * math.log10(np.abs(sine).max()) == pytest.approx(-3.01, abs=0.01)
    assert measure_true_peak(sine) == pytest.approx(0.0, abs=0.1)


@given(
    st.integers(0, 5000),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 2]),
    st.sampled_from([1, 3, 50]),
    st.sampled_from([1, 2, 5, 40]),
)
@settings(deadline=None, max_examples=count_examples(100))
def test_true_peak_is_exactly_that_of_brute_force(count, seed, channels, sparseness, smoothness):
    """What is passed over for speed never held the highest peak, of rough signals and smooth."""
    dice = np.random.default_rng(seed)
    shape = (count, channels)
    samples = dice.normal(size=shape) * 0.2 * (dice.uniform(size=shape) < 1 / sparseness)
    samples = soxr.resample(samples, 1, smoothness) if count else samples
    samples = (samples[:, 0] if channels == 1 else samples).astype(np.float32)
    expected = measure_by_brute_force(samples, beyond=True)
    assert measure_true_peak(samples) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("shape", [0, (0, 2), 1, (1, 2), 1024, 1025])
def test_true_peak_of_silence_and_of_nothing(shape):
    """No samples, and any number of zeros, have the true peak of silence."""
    assert measure_true_peak(np.zeros(shape, np.float32)) == SILENCE_LUFS


@pytest.mark.parametrize("at", [0, 11, 1012, 1023, 1024, 1035, 2999])
def test_true_peak_is_found_at_every_place(at):
    """A single sample is measured wherever it stands, also where stretches meet."""
    samples = np.zeros(3000, np.float32)
    samples[at] = 0.5
    assert measure_true_peak(samples) == pytest.approx(20 * math.log10(0.5), abs=1e-4)


# --- limiting

CEILING_DBTP = -1.0


def check_limited(samples, ceiling_dbtp=CEILING_DBTP):
    """Limit and hold the result against all that is promised of it."""
    before = samples.copy()
    limited = limit_peaks(samples, ceiling_dbtp)
    assert (samples == before).all()
    assert limited.shape == samples.shape
    assert limited.dtype == np.float32
    assert measure_by_brute_force(limited) <= ceiling_dbtp + 0.01
    assert (np.abs(limited) <= np.abs(samples) + 1e-7).all()
    assert (np.sign(limited) == np.sign(samples)).all()
    return limited


@pytest.mark.parametrize("boost", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("seed", range(4))
def test_limited_noise_is_under_the_ceiling(seed, boost):
    """Noise that is up to 12 dB over is held to 0.01 dB."""
    check_limited(make_band_limited(seed) * np.float32(boost))


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0),
        np.zeros((0, 2)),
        np.ones(1),
        np.ones((1, 2)),
        np.zeros(5000),
        np.ones(5000),
        np.full((5000, 2), -1.5),
        np.sign(np.sin(np.arange(20_000) / 30)),
        np.tile([1.0, -1.0], 2500),
        np.tile([1.0, 1.0, -1.0, -1.0], 2500) * 3,
        np.eye(1, 4000, 2000)[0] * 4,
    ],
    ids=["none", "none-2", "one", "one-2", "zero", "dc", "dc-2", "square", "nyquist", "4", "click"],
)
def test_edge_cases_are_under_the_ceiling(samples):
    """Nothing, one sample, direct current, square waves and clicks are all held."""
    check_limited(samples.astype(np.float32))


def test_what_is_under_the_ceiling_comes_back_as_it_was():
    """Samples that need no limiting are the same object or the same values."""
    samples = make_band_limited(1) * np.float32(0.4)
    assert (limit_peaks(samples, CEILING_DBTP) == samples).all()


def test_only_the_surroundings_of_a_peak_are_touched():
    """Farther than 8 ms from a peak no sample changes."""
    samples = make_noise(2.0, 44_100, seed=3) * np.float32(0.5)
    samples[40_000] = 1.8
    limited = check_limited(samples)
    changed = np.flatnonzero(limited != samples)
    assert len(changed)
    assert changed.min() >= 40_000 - 362
    assert changed.max() <= 40_000 + 362


def test_channels_share_one_gain():
    """The stereo image stands still: both channels are turned down by the same factor."""
    left, right = make_band_limited(1) * np.float32(2), make_band_limited(2) * np.float32(0.2)
    samples = np.stack([left, right], axis=1)
    limited = check_limited(samples)
    loud = (np.abs(samples) > 1e-3).all(axis=1)
    ratio = limited[loud] / samples[loud]
    np.testing.assert_allclose(ratio[:, 0], ratio[:, 1], rtol=1e-5)
    assert ratio.min() < 0.6


def test_gain_moves_smoothly():
    """From one sample to the next the gain changes by less than 0.2 dB: no click."""
    samples = np.full(20_000, 0.5, np.float32)
    samples[10_000] = 2.0
    limited = check_limited(samples)
    gain_db = 20 * np.log10(limited / samples)
    assert np.abs(np.diff(gain_db)).max() < 0.2


@given(
    st.integers(1, 3000),
    st.integers(0, 2**32 - 1),
    st.floats(0.1, 4.0),
    st.sampled_from([1, 2]),
    st.floats(-12.0, 0.0),
)
@settings(deadline=None, max_examples=count_examples(60))
def test_any_noise_is_held_under_any_ceiling(count, seed, level, channels, ceiling_dbtp):
    """Sparse white noise, the worst there is, stays under the ceiling too."""
    dice = np.random.default_rng(seed)
    shape = count if channels == 1 else (count, 2)
    samples = (dice.normal(size=shape) * level * (dice.uniform(size=shape) < 0.2)).astype("f4")
    check_limited(samples, ceiling_dbtp)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_stream_measures_as_its_whole(channels):
    """Blocks of any length give the loudness, the true peak and the length of the whole."""
    noise = make_noise(7.3, 44_100)
    samples = np.stack([noise, noise[::-1]][:channels], axis=1)
    cuts = [0, 1, 4409, 44_100, 44_123, 200_000, len(samples)]
    blocks = [samples[a:b] for a, b in itertools.pairwise(cuts)]
    measured, count = measure_stream(iter(blocks), 44_100)
    assert count == len(samples)
    assert measured.true_peak_dbtp == pytest.approx(measure_true_peak(samples), abs=0.01)
    meter = pyloudnorm.Meter(44_100)
    assert measured.integrated_lufs == pytest.approx(meter.integrated_loudness(samples), abs=0.1)


def test_a_stream_of_nothing_is_silent():
    """No block, or less than a window, is no sound."""
    assert measure_stream(iter(()), 44_100) == (Loudness(SILENCE_LUFS, SILENCE_LUFS), 0)
