"""Plain music and speech, with silence around, of any length: nothing of it may stop a build."""

import io

import numpy as np
import pytest
import soundfile
import soxr
from tests.support.budget import FULL_SWEEP
from tests.support.tones import to_pcm

from reviewcast.audio.files.decode import open_recording
from reviewcast.audio.files.sounds import open_sound
from reviewcast.audio.loudness import SILENCE_LUFS, gate_loudness, measure_energies, pick_whole
from reviewcast.audio.measure import measure_take
from reviewcast.model.audio import Take

LENGTHS = (1, 2, 3, 7, 50, 441, 4409, 4410, 4411, 17_640, 44_100)


def make_plain(number):
    """Make a plain sound of a kind, a rate, a level and a length that its number decides."""
    dice = np.random.default_rng(number)
    rate_hz = int(dice.choice([8000, 16_000, 22_050, 24_000, 44_100, 48_000]))
    if number % 5 == 0:
        count = LENGTHS[number // 5 % len(LENGTHS)]
    else:
        count = round(rate_hz * dice.uniform(0.01, 3))
    at_s = np.arange(count) / rate_hz
    kind = number % 4
    if kind == 0:
        wave = np.sin(2 * np.pi * dice.uniform(30, 3000) * at_s)
    elif kind == 1:
        wave = dice.normal(size=count) / 4
    elif kind == 2:
        wave = np.sign(np.sin(2 * np.pi * 220 * at_s)) * np.exp(-3 * at_s)
    else:
        wave = dice.normal(size=count) / 4 * np.linspace(1, 0, count)
    if count < 1000:
        wave = np.where(np.abs(wave) < 0.1, 0.5, wave)
    wave *= 10 ** (dice.uniform(-35, 0) / 20)
    before, after = (round(rate_hz * seconds) for seconds in dice.uniform(0, (1, 4)))
    silent = np.concatenate([np.zeros(before), wave, np.zeros(after)])
    return np.clip(silent, -1, 1).astype(np.float32), rate_hz


@pytest.mark.parametrize("tens", range(30 if FULL_SWEEP else 8))
def test_every_plain_sound_is_opened(tmp_path, tens):
    """As music, as a recording and as a take, it is measured to the loudness that it has."""
    for number in range(10 * tens, 10 * tens + 10):
        wave, rate_hz = make_plain(number)
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, wave, rate_hz, subtype="FLOAT" if number % 2 else "PCM_16")
        mixed = soxr.resample(wave, rate_hz, 44_100)  # near half the rate, meters differ
        mixed /= max(1, np.abs(mixed).max())
        heard = gate_loudness(measure_energies(np.stack([mixed, mixed], axis=1), 44_100))
        sound = open_sound(path)
        assert sound.samples == pytest.approx(len(wave) * 44_100 / rate_hz, abs=1)
        if heard > -60:
            assert sound.level_lufs == pytest.approx(heard, abs=0.1)
        take = open_recording(path.read_bytes(), "mine")
        figures = measure_take(take)
        assert 0 <= figures.start < figures.end <= figures.samples == len(wave)
        assert figures.level_lufs > SILENCE_LUFS
        assert measure_take(Take(to_pcm(wave), rate_hz)).end > 0


@pytest.mark.parametrize("kind", ["noise", "tone"])
def test_minutes_with_long_silences_are_opened(tmp_path, kind):
    """Also what lasts for minutes, with minutes of silence in it."""
    dice = np.random.default_rng(3)
    at_s = np.arange(44_100) / 44_100
    wave = dice.normal(size=44_100) / 9 if kind == "noise" else np.sin(2 * np.pi * 300 * at_s) / 3
    whole = np.zeros(150 * 44_100, np.float32)
    for start_s in (0.0, 2.7, 60.3, 148.9):
        start = round(start_s * 44_100)
        whole[start : start + 44_100] = wave
    file = io.BytesIO()
    soundfile.write(file, whole, 44_100, format="FLAC")
    path = tmp_path / "intro.flac"
    path.write_bytes(file.getvalue())
    assert open_sound(path).level_lufs == pytest.approx(-9.8 if kind == "tone" else -13.6, abs=3)


@pytest.mark.parametrize("silence_s", [1.5, 1.6, 1.9, 2.2, 2.6, 3.0, 10.0])
def test_what_rings_on_in_silence_is_silence(silence_s):
    """The filters of the meter end in numbers too small for a logarithm, and that is silence."""
    for seed in range(60):
        dice = np.random.default_rng(seed)
        rate_hz = int(dice.choice([16_000, 22_050, 44_100]))
        noise = dice.normal(size=round(rate_hz * dice.uniform(0.01, 0.3))) * dice.uniform(0.01, 0.3)
        silence = np.zeros(round(rate_hz * (silence_s + seed / 600)))
        values = measure_energies(np.concatenate([noise, silence]).astype(np.float32), rate_hz)
        assert values[0] > -60
        assert values[-1] == SILENCE_LUFS
        assert min(values) == SILENCE_LUFS


def test_windows_past_the_ends_are_not_counted():
    """The loudness of short audio is that of the windows which lie in it."""
    rate_hz = 44_100
    sine = np.sin(2 * np.pi * 997 * np.arange(3 * rate_hz // 2) / rate_hz).astype(np.float32)
    values = measure_energies(sine, rate_hz)
    assert gate_loudness(pick_whole(values, len(sine), rate_hz)) == pytest.approx(-3.01, abs=0.05)
    assert gate_loudness(values) < -3.5
    brief = measure_energies(sine[:5000], rate_hz)
    assert pick_whole(brief, 5000, rate_hz) == brief
