"""Breaths and clicks before the first word and after the last are found and silenced."""

from typing import cast

import numpy as np

from reviewcast.audio.samples import Samples

_FRAME_S = 0.005

_HEARD_BELOW_PEAK_DB = 42.0  # as where takes are trimmed: what is softer is gone anyway

_JOINED_S = 0.06  # what is nearer to each other is one sound

_APART_BEFORE_S, _APART_AFTER_S = 0.1, 0.2
"""A burst is isolated by such a silence; that before a final t or k is up to 150 ms long."""

_BREATH_S, _BREATH_BELOW_DB = 0.7, 18.0

_CLICK_S, _CLICK_BELOW_DB = 0.03, 12.0

_VOICED = 0.75

_FADE_S = 0.005

SIBILANT_HZ = (4000.0, 9000.0)


def frame_samples(rate_hz: int) -> int:
    """Return how many samples 5 ms are, at least one."""
    return max(1, round(rate_hz * _FRAME_S))


def level_frames(samples: Samples, rate_hz: int) -> Samples:
    """Return the power of each 5 ms, the last one filled with silence."""
    size = frame_samples(rate_hz)
    frames = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    return cast("Samples", np.einsum("ij,ij->i", frames, frames) / np.float32(size))


# --- edges


def clean_edges(samples: Samples, rate_hz: int, marks: tuple[tuple[int, int], ...]) -> Samples:
    """Silence the bursts before the first word and after the last: breaths, clicks of the lips.

    A burst is soft, short, neither sharp as an s nor voiced, holds no mark of a word, and is apart
    from the speech for longer than a stop closes the mouth.
    """
    sounds = _find_sounds(samples, rate_hz)
    if len(sounds) < 2:
        return samples
    powers = level_frames(samples, rate_hz)
    speech = float(powers[powers > powers.max() * np.float32(10**-3)].mean())

    def is_burst(sound: tuple[int, int]) -> bool:
        start, end = sound
        if any(start - _JOINED_S * rate_hz <= at < end for _, at in marks):
            return False
        size = frame_samples(rate_hz)
        loudest = float(powers[start // size : -(-end // size)].max())
        is_click = end - start <= _CLICK_S * rate_hz
        below_db = _CLICK_BELOW_DB if is_click else _BREATH_BELOW_DB
        if end - start > _BREATH_S * rate_hz or loudest > speech * 10 ** (-below_db / 10):
            return False
        part = samples[start:end]
        return is_click or not (_is_sharp(part, rate_hz) or _is_voiced(part, rate_hz))

    first, last = 0, len(sounds) - 1
    while first < last and is_burst(sounds[first]):
        if sounds[first + 1][0] - sounds[first][1] < _APART_BEFORE_S * rate_hz:
            break
        first += 1
    while last > first and is_burst(sounds[last]):
        if sounds[last][0] - sounds[last - 1][1] < _APART_AFTER_S * rate_hz:
            break
        last -= 1
    if (first, last) == (0, len(sounds) - 1):
        return samples
    cleaned = samples.copy()
    fade = max(1, round(_FADE_S * rate_hz))
    ramp = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)
    if first:
        start = (sounds[first - 1][1] + sounds[first][0]) // 2
        cleaned[:start] = 0
        cleaned[start : start + fade] *= ramp
    if last < len(sounds) - 1:
        end = (sounds[last][1] + sounds[last + 1][0]) // 2
        cleaned[end:] = 0
        cleaned[end - fade : end] *= ramp[::-1]
    return cleaned


def _find_sounds(samples: Samples, rate_hz: int) -> list[tuple[int, int]]:
    """Find what can be heard, from and to, joined where no more than a short silence is between."""
    size = frame_samples(rate_hz)
    frames = np.abs(np.pad(samples, (0, -len(samples) % size))).reshape(-1, size).max(axis=1)
    floor = max(float(frames.max()) * 10 ** (-_HEARD_BELOW_PEAK_DB / 20), 1.5)
    heard = np.flatnonzero(frames > floor)
    if not len(heard):
        return []
    gaps = np.flatnonzero((np.diff(heard) - 1) * size >= _JOINED_S * rate_hz)
    firsts = heard[np.concatenate(([0], gaps + 1))] * size
    lasts = (heard[np.concatenate((gaps, [len(heard) - 1]))] + 1) * size
    return list(zip(firsts.tolist(), np.minimum(lasts, len(samples)).tolist(), strict=True))


def _is_sharp(samples: Samples, rate_hz: int) -> bool:
    """True if most of a sound is above 4 kHz, as of an s, which no breath is."""
    power = np.square(np.abs(np.fft.rfft(samples)))
    return bool(power[int(SIBILANT_HZ[0] * len(samples) / rate_hz) :].sum() > power.sum() / 2)


def _is_voiced(samples: Samples, rate_hz: int) -> bool:
    """True if a sound repeats itself 70 to 400 times a second, as no breath does."""
    size = rate_hz // 20
    for start in range(0, max(1, len(samples) - size // 2), size // 2):
        part = samples[start : start + size] - samples[start : start + size].mean()
        power = np.square(np.abs(np.fft.rfft(part * np.hanning(len(part)), 2 * size)))
        likeness = np.fft.irfft(power)
        lags = np.arange(rate_hz // 400, min(rate_hz // 70, len(part) * 2 // 3))
        # the window alone makes later repetitions smaller
        fade = np.fft.irfft(np.square(np.abs(np.fft.rfft(np.hanning(len(part)), 2 * size))))
        heard = likeness[lags] / np.maximum(fade[lags] / fade[0], 0.05)
        if len(lags) and heard.max() > _VOICED * likeness[0]:
            return True
    return False
