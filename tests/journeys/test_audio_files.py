"""The sounds and the cover that come along are fit for an episode as they are."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from reviewcast.audio.files.sounds import open_sound
from reviewcast.audio.limiter import measure_true_peak
from reviewcast.audio.loudness import measure_energies

AUDIO = Path(__file__).parents[2] / "audio"


@pytest.mark.parametrize(
    ("name", "low_s", "high_s"), [("intro", 8, 12), ("outro", 5, 12), ("sting", 0.5, 4)]
)
def test_a_sound_is_fit_for_an_episode(name, low_s, high_s):
    """Stereo, 44.1 kHz, of the right length, without clipping, and it begins and ends quietly."""
    path = AUDIO / f"{name}.flac"
    info = soundfile.info(path)
    assert (info.channels, info.samplerate) == (2, 44_100)
    assert low_s <= info.duration <= high_s
    sound = open_sound(path)
    samples = np.frombuffer(sound.pcm, "<i2").reshape(-1, 2).astype(np.float32) / 32768
    assert measure_true_peak(samples) <= -1
    assert -24 <= sound.level_lufs <= -10
    assert np.abs(samples[:8]).max() < 0.01
    assert np.abs(samples[-441:]).max() < 0.01
    assert np.abs(samples.mean(axis=0)).max() < 1e-3
    assert (samples[:, 0] != samples[:, 1]).any()


def test_the_bed_is_fit_to_lie_under_speech():
    """Stereo, of 24 to 32 s, at full sound from end to end, calm, and with few highs."""
    path = AUDIO / "bed.flac"
    info = soundfile.info(path)
    assert (info.channels, info.samplerate) == (2, 44_100)
    assert 24 <= info.duration <= 32
    sound = open_sound(path)
    samples = np.frombuffer(sound.pcm, "<i2").reshape(-1, 2).astype(np.float32) / 32768
    assert measure_true_peak(samples) <= -1
    assert -24 <= sound.level_lufs <= -10
    assert np.abs(samples.mean(axis=0)).max() < 1e-3
    energies = measure_energies(samples, 44_100)[3:-3]
    assert max(energies) - min(energies) <= 3
    assert min(energies[0], energies[-1]) > sound.level_lufs - 2  # no fades
    power = (np.abs(np.fft.rfft(samples, axis=0)) ** 2).sum(axis=1)
    hertz = np.fft.rfftfreq(len(samples), 1 / 44_100)
    assert power[hertz > 2000].sum() < 0.001 * power.sum()


@pytest.mark.parametrize("name", ["intro", "outro", "sting", "bed"])
def test_a_sound_has_no_long_silence(name):
    """Nothing in it is silent for a second."""
    samples = soundfile.read(AUDIO / f"{name}.flac")[0]
    heard = np.flatnonzero(np.abs(samples).max(axis=1) > 1e-3)
    assert np.diff(heard).max() < 44_100


def test_the_cover_is_what_directories_ask_for():
    """A square PNG of 3000 pixels without transparency, well below half a megabyte."""
    data = (AUDIO / "cover.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    assert (width, height, depth) == (3000, 3000, 8)
    assert colour in {2, 3}  # true colour or a palette, no alpha
    assert len(data) < 500_000
