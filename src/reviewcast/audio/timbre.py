"""How a voice sounds, apart from what it says: the mean spectrum of its speech."""

import numpy as np

from reviewcast.model.audio import Take, TakeFigures

_LOWEST_HZ = 100.0
_BANDS = 18  # thirds of an octave, up to 6,400 Hz
_FRAME_S = 0.04
_HEARD = 1e-3
"""Frames with less of the loudest one's power are pauses."""


def measure_timbre(take: Take, figures: TakeFigures) -> tuple[float, ...]:
    """Return the level of each third of an octave from 100 to 6,400 Hz, in dB around their mean.

    Bands that the rate does not hold are 0. Pace, level and faint noise hardly change it.
    """
    samples = np.frombuffer(take.pcm, "<i2").astype(np.float32)[figures.start : figures.end]
    size = round(_FRAME_S * take.rate_hz)
    if len(samples) < size:
        return (0.0,) * _BANDS
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2]
    powers = np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32))) ** 2
    each = powers.sum(axis=1)
    mean = powers[each >= each.max() * _HEARD].mean(axis=0)
    frequencies = np.fft.rfftfreq(size, 1 / take.rate_hz)
    edges = _LOWEST_HZ * 2 ** (np.arange(_BANDS + 1) / 3)
    bands = np.add.reduceat(
        np.append(mean, 0.0), np.searchsorted(frequencies, edges).clip(max=len(mean))
    )[:_BANDS]
    held = edges[1:] <= take.rate_hz / 2
    levels = 10 * np.log10(bands + 1.0)
    return tuple(np.where(held, levels - levels[held].mean(), 0.0).tolist())
