"""A take is polished: rumble, sharp sibilants, breaths and clicks at its edges; its speed is set.

The filters have zero phase, by one Fourier transform of the whole take, so that no sound moves.
What a take does not need is not done to it.
"""

import functools
from typing import cast

import numpy as np
from numpy.typing import NDArray

from reviewcast.audio.samples import FULL_SCALE, Samples
from reviewcast.model.audio import Take
from reviewcast.settings.schema import PolishSettings
from reviewcast.speech.polish_edges import SIBILANT_HZ, clean_edges, frame_samples, level_frames
from reviewcast.speech.polish_key import find_stretcher

Spectrum = NDArray[np.complexfloating]

_RUMBLE_DB = -40.0
"""Below this share of a take's energy, what the high-pass would take away is left."""

_EDGE_HZ = 700.0  # over so much the band rises and falls

_HARSH_DB = -1.0
"""A sibilant stands out whose band is nearly as strong as the rest of the speech on the average."""

_RATIO = 0.5
_LEAST_DB = 0.5
_GLIDE = (0.25, 0.5, 0.25)


def polish_take(take: Take, settings: PolishSettings) -> Take:
    """Polish a take; its marks go with it. The same take and settings give the same samples.

    Raise ConfigError when a speed is asked for and the extra for it is not installed.
    """
    if not settings.enabled or len(take.pcm) < 2 * frame_samples(take.rate_hz):
        return take
    original = np.frombuffer(take.pcm, "<i2").astype(np.float32)
    samples = _filter(original, take.rate_hz, settings)
    if settings.clean_edges:
        samples = clean_edges(samples, take.rate_hz, take.marks)
    marks = take.marks
    if settings.speed != 1:
        find_stretcher()
        length = round(len(samples) / settings.speed)
        samples = _stretch(samples, take.rate_hz, settings.speed, length)
        marks = tuple((at, round(sample / settings.speed)) for at, sample in marks)
    if samples is original:
        return take
    # beyond full scale it is set lower as a whole: every take gets its loudness later
    samples = samples * np.float32(min(1.0, 32767 / max(1.0, float(np.abs(samples).max()))))
    return Take(np.rint(samples).astype("<i2").tobytes(), take.rate_hz, marks)


# --- filters


def _filter(samples: Samples, rate_hz: int, settings: PolishSettings) -> Samples:
    """Take rumble and sharp sibilants away, both only where there are any."""
    if not settings.high_pass_hz and not settings.de_ess_db:
        return samples
    size = _find_quick_length(len(samples) + rate_hz // 10)
    spectrum: Spectrum = np.fft.rfft(samples, size)
    filtered = samples
    if settings.high_pass_hz and _holds_rumble(spectrum, size, rate_hz, settings.high_pass_hz):
        curve = _shape_high_pass(size, rate_hz, settings.high_pass_hz)
        rumble = spectrum[: len(curve)] * curve
        filtered = samples - _invert(rumble, size, len(samples))
    if settings.de_ess_db and rate_hz >= 2 * SIBILANT_HZ[0] + 2 * _EDGE_HZ:
        shape, first = _shape_band(size, rate_hz)
        whole = np.zeros_like(spectrum)
        whole[first : first + len(shape)] = spectrum[first : first + len(shape)] * shape
        band = _invert(whole, size, len(samples))
        cut = _find_cut(filtered, band, rate_hz, settings.de_ess_db)
        if cut is not None:
            filtered = filtered - band * cut
    return filtered


def _invert(spectrum: Spectrum, size: int, length: int) -> Samples:
    return cast("Samples", np.fft.irfft(spectrum, size)[:length].astype(np.float32, copy=False))


@functools.lru_cache(64)
def _find_quick_length(length: int) -> int:
    """Return the next length that is twice, three, nine or fifteen times a power of two."""
    power = 1 << max(4, (length - 1).bit_length())
    return min(
        size
        for size in (power, power * 15 // 16, power * 9 // 16, power * 3 // 4)
        if size >= length
    )


def _holds_rumble(spectrum: Spectrum, size: int, rate_hz: int, corner_hz: float) -> bool:
    # the sum over all is twice that over half the spectrum, which is as good for both
    low = spectrum[: max(1, int(corner_hz * size / rate_hz))]
    rumble = float(np.vdot(low, low).real)
    return rumble > 10 ** (_RUMBLE_DB / 10) * float(np.vdot(spectrum, spectrum).real)


def _shape_high_pass(size: int, rate_hz: int, corner_hz: float) -> Samples:
    """Return what is taken of each frequency: Butterworth, fourth order, 3 dB at the corner."""
    count = min(size // 2 + 1, int(8 * corner_hz * size / rate_hz) + 1)
    part = np.arange(count) * (rate_hz / size / corner_hz)
    return cast("Samples", (1 - part**4 / np.sqrt(1 + part**8)).astype(np.float32))


def _shape_band(size: int, rate_hz: int) -> tuple[Samples, int]:
    """Return the weights of the sibilants' band, and the first frequency that they are for."""
    low, high = SIBILANT_HZ
    first = int((low - _EDGE_HZ) * size / rate_hz)
    last = min(size // 2, int((high + _EDGE_HZ) * size / rate_hz))
    hz = np.arange(first, last + 1) * (rate_hz / size)
    rising = np.clip((hz - low + _EDGE_HZ) / (2 * _EDGE_HZ), 0, 1)
    falling = np.clip((high + _EDGE_HZ - hz) / (2 * _EDGE_HZ), 0, 1)
    return np.square(np.sin(np.pi / 2 * np.minimum(rising, falling))).astype(np.float32), first


def _find_cut(samples: Samples, band: Samples, rate_hz: int, most_db: float) -> Samples | None:
    """Find which part of the band is taken away at each sample; None when nothing stands out."""
    powers = level_frames(samples, rate_hz)
    sharp = level_frames(band, rate_hz)
    heard = powers > powers.max() * np.float32(10**-3.5)
    if not heard.any():
        return None
    is_sibilant = 2 * sharp > powers
    rest = powers[heard & ~is_sibilant]
    speech = float(rest.mean()) if len(rest) else float(powers[heard].mean())
    over_db = 10 * np.log10(np.maximum(sharp, 1e-9) / speech) - _HARSH_DB
    cut_db = np.where(is_sibilant, np.clip(over_db * _RATIO, 0, most_db), 0)
    if cut_db.max() < _LEAST_DB:
        return None
    # the cut comes a frame early, goes a frame late, and glides
    cut_db = np.pad(cut_db, 2)
    cut_db = np.maximum(np.maximum(cut_db[:-2], cut_db[1:-1]), cut_db[2:])
    cut_db = np.convolve(cut_db, _GLIDE, "same")[1:-1]
    size = frame_samples(rate_hz)
    middles = np.arange(len(cut_db)) * size + size // 2
    part = 1 - 10 ** (-cut_db / 20)
    return np.interp(np.arange(len(samples)), middles, part).astype(np.float32)


# --- speed


def _stretch(samples: Samples, rate_hz: int, speed: float, length: int) -> Samples:
    """Stretch by Rubber Band's R3 engine with its short window: quick, and it keeps stops sharp."""
    import pedalboard

    stretched = pedalboard.time_stretch(
        samples[None, :] / np.float32(FULL_SCALE),
        rate_hz,
        stretch_factor=speed,
        use_long_fft_window=False,
    )[0]
    missing = max(0, length - len(stretched))
    return cast("Samples", np.pad(stretched[:length], (0, missing)) * np.float32(FULL_SCALE))
