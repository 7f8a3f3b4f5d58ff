"""The timbre of a voice: the same at any pace and level, another of another voice."""

import numpy as np
import pytest
from msgspec.structs import replace
from tests.support.tones import make_noise, to_pcm

from reviewcast.audio.measure import measure_take
from reviewcast.audio.timbre import measure_timbre
from reviewcast.model.audio import Take
from reviewcast.speech.same_voice import SENTENCE, describe_difference, measure_spoken
from reviewcast.speech.voices.espeak import EspeakVoice


def measure(take):
    return measure_timbre(take, measure_take(take))


def say(**options):
    return EspeakVoice(**options).speak(SENTENCE, language="en")


def find_apart(one, other):
    """Return how far two takes are apart, in dB."""
    return float(np.sqrt(np.mean((np.subtract(measure(one), measure(other))) ** 2)))


@pytest.mark.parametrize("options", [{"speed_wpm": 150}, {"speed_wpm": 180}, {"pitch": 40}])
def test_a_voice_keeps_its_timbre(options):
    """Pace and a little pitch do not make another voice."""
    assert find_apart(say(), say(**options)) < 1.0


@pytest.mark.parametrize("name", ["en+f2", "en+f3", "en+m3", "en+m7"])
def test_another_voice_has_another(name):
    """That is told where the length alone does not tell: they differ by 2 to 4 %."""
    other = measure_spoken(say(voice=name))
    assert abs(other.heard_s / measure_spoken(say()).heard_s - 1) < 0.05
    assert "dB apart" in describe_difference(other, measure_spoken(say()))


def test_level_and_faint_noise_change_nothing():
    """A quieter take with the noise of a codec is the same voice."""
    take = say()
    samples = np.frombuffer(take.pcm, "<i2") / 2
    noise = np.random.default_rng(0).normal(0, 10, len(samples))
    noisy = replace(take, pcm=np.rint(samples + noise).astype("<i2").tobytes())
    assert find_apart(take, noisy) < 0.5


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 48_000])
def test_any_rate_and_length(rate_hz):
    """Bands that a rate does not hold are left out; what is too short has none."""
    take = Take(to_pcm(make_noise(2.0, rate_hz)), rate_hz)
    timbre = measure(take)
    assert len(timbre) == 18
    assert np.isfinite(timbre).all()
    held = [level for level in timbre if level]
    assert np.mean(held) == pytest.approx(0, abs=1e-6)
    short = Take(to_pcm(make_noise(0.01, rate_hz)), rate_hz)
    assert set(measure(short)) == {0.0}
    silent = Take(bytes(2 * rate_hz), rate_hz)
    assert np.isfinite(measure(silent)).all()
