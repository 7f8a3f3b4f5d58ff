"""A take is polished: rumble, sharp sibilants, breaths and clicks at its edges; its speed is set.

The filters have zero phase, by one Fourier transform of the whole take, so that no sound moves.
What a take does not need is not done to it.
"""

import functools
from typing import TYPE_CHECKING, cast

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError
from reviewcast.settings.schema import PolishSettings
from reviewcast.system.extras import compose_install_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Spectrum = NDArray[np.complexfloating]


_RECIPE = "1"
"""Raised whenever the same take and settings would sound different."""

_FULL_SCALE = 32768.0
_FRAME_S = 0.005

_RUMBLE_DB = -40.0
"""Below this share of a take's energy, what the high-pass would take away is left."""

_HEARD_BELOW_PEAK_DB = 42.0  # as where takes are trimmed: what is softer is gone anyway
_JOINED_S = 0.06  # what is nearer to each other is one sound

_APART_BEFORE_S, _APART_AFTER_S = 0.1, 0.2
"""A burst is isolated by such a silence; that before a final t or k is up to 150 ms long."""

_BREATH_S, _BREATH_BELOW_DB = 0.7, 18.0
_CLICK_S, _CLICK_BELOW_DB = 0.03, 12.0
_VOICED = 0.75
_FADE_S = 0.005
_SIBILANT_HZ = (4000.0, 9000.0)
_EDGE_HZ = 700.0  # over so much the band rises and falls

_HARSH_DB = -1.0
"""A sibilant stands out whose band is nearly as strong as the rest of the speech on the average."""

_RATIO = 0.5
_LEAST_DB = 0.5
_GLIDE = (0.25, 0.5, 0.25)


def key_polish(settings: PolishSettings) -> str:
    """Return what stands for the settings in the key of a polished take; "" for nothing."""
    if not settings.enabled or settings == PolishSettings(
        high_pass_hz=0, clean_edges=False, de_ess_db=0
    ):
        return ""
    parts = [
        f"{value}"
        for value in (
            settings.high_pass_hz,
            settings.clean_edges,
            settings.de_ess_db,
            settings.speed,
        )
    ]
    if settings.speed != 1:
        parts.append(_find_stretcher())
    return f"polish {_RECIPE} {' '.join(parts)}"


def polish_take(take: Take, settings: PolishSettings) -> Take:
    """Polish a take; its marks go with it. The same take and settings give the same samples.

    Raise ConfigError when a speed is asked for and the extra for it is not installed.
    """
    if not settings.enabled or len(take.pcm) < 2 * _frame(take.rate_hz):
        return take
    import numpy as np

    original = np.frombuffer(take.pcm, "<i2").astype(np.float32)
    samples = _filter(original, take.rate_hz, settings)
    if settings.clean_edges:
        samples = _clean_edges(samples, take.rate_hz, take.marks)
    marks = take.marks
    if settings.speed != 1:
        _find_stretcher()
        length = round(len(samples) / settings.speed)
        samples = _stretch(samples, take.rate_hz, settings.speed, length)
        marks = tuple((at, round(sample / settings.speed)) for at, sample in marks)
    if samples is original:
        return take
    # beyond full scale it is set lower as a whole: every take gets its loudness later
    samples = samples * np.float32(min(1.0, 32767 / max(1.0, float(np.abs(samples).max()))))
    return Take(np.rint(samples).astype("<i2").tobytes(), take.rate_hz, marks)


def _frame(rate_hz: int) -> int:
    return max(1, round(rate_hz * _FRAME_S))


def _level_frames(samples: "Samples", rate_hz: int) -> "Samples":
    """Return the power of each 5 ms, the last one filled with silence."""
    import numpy as np

    size = _frame(rate_hz)
    frames = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    return cast("Samples", np.einsum("ij,ij->i", frames, frames) / np.float32(size))


# --- filters


def _filter(samples: "Samples", rate_hz: int, settings: PolishSettings) -> "Samples":
    """Take rumble and sharp sibilants away, both only where there are any."""
    import numpy as np

    if not settings.high_pass_hz and not settings.de_ess_db:
        return samples
    size = _find_quick_length(len(samples) + rate_hz // 10)
    spectrum: Spectrum = np.fft.rfft(samples, size)
    filtered = samples
    if settings.high_pass_hz and _holds_rumble(spectrum, size, rate_hz, settings.high_pass_hz):
        curve = _shape_high_pass(size, rate_hz, settings.high_pass_hz)
        rumble = spectrum[: len(curve)] * curve
        filtered = samples - _invert(rumble, size, len(samples))
    if settings.de_ess_db and rate_hz >= 2 * _SIBILANT_HZ[0] + 2 * _EDGE_HZ:
        shape, first = _shape_band(size, rate_hz)
        whole = np.zeros_like(spectrum)
        whole[first : first + len(shape)] = spectrum[first : first + len(shape)] * shape
        band = _invert(whole, size, len(samples))
        cut = _find_cut(filtered, band, rate_hz, settings.de_ess_db)
        if cut is not None:
            filtered = filtered - band * cut
    return filtered


def _invert(spectrum: "Spectrum", size: int, length: int) -> "Samples":
    import numpy as np

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


def _holds_rumble(spectrum: "Spectrum", size: int, rate_hz: int, corner_hz: float) -> bool:
    import numpy as np

    # the sum over all is twice that over half the spectrum, which is as good for both
    low = spectrum[: max(1, int(corner_hz * size / rate_hz))]
    rumble = float(np.vdot(low, low).real)
    return rumble > 10 ** (_RUMBLE_DB / 10) * float(np.vdot(spectrum, spectrum).real)


def _shape_high_pass(size: int, rate_hz: int, corner_hz: float) -> "Samples":
    """Return what is taken of each frequency: Butterworth, fourth order, 3 dB at the corner."""
    import numpy as np

    count = min(size // 2 + 1, int(8 * corner_hz * size / rate_hz) + 1)
    part = np.arange(count) * (rate_hz / size / corner_hz)
    return cast("Samples", (1 - part**4 / np.sqrt(1 + part**8)).astype(np.float32))


def _shape_band(size: int, rate_hz: int) -> "tuple[Samples, int]":
    """Return the weights of the sibilants' band, and the first frequency that they are for."""
    import numpy as np

    low, high = _SIBILANT_HZ
    first = int((low - _EDGE_HZ) * size / rate_hz)
    last = min(size // 2, int((high + _EDGE_HZ) * size / rate_hz))
    hz = np.arange(first, last + 1) * (rate_hz / size)
    rising = np.clip((hz - low + _EDGE_HZ) / (2 * _EDGE_HZ), 0, 1)
    falling = np.clip((high + _EDGE_HZ - hz) / (2 * _EDGE_HZ), 0, 1)
    return np.square(np.sin(np.pi / 2 * np.minimum(rising, falling))).astype(np.float32), first


def _find_cut(
    samples: "Samples", band: "Samples", rate_hz: int, most_db: float
) -> "Samples | None":
    """Find which part of the band is taken away at each sample; None when nothing stands out."""
    import numpy as np

    powers = _level_frames(samples, rate_hz)
    sharp = _level_frames(band, rate_hz)
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
    size = _frame(rate_hz)
    middles = np.arange(len(cut_db)) * size + size // 2
    part = 1 - 10 ** (-cut_db / 20)
    return np.interp(np.arange(len(samples)), middles, part).astype(np.float32)


# --- edges


def _clean_edges(samples: "Samples", rate_hz: int, marks: tuple[tuple[int, int], ...]) -> "Samples":
    """Silence the bursts before the first word and after the last: breaths, clicks of the lips.

    A burst is soft, short, neither sharp as an s nor voiced, holds no mark of a word, and is apart
    from the speech for longer than a stop closes the mouth.
    """
    import numpy as np

    sounds = _find_sounds(samples, rate_hz)
    if len(sounds) < 2:
        return samples
    powers = _level_frames(samples, rate_hz)
    speech = float(powers[powers > powers.max() * np.float32(10**-3)].mean())

    def is_burst(sound: tuple[int, int]) -> bool:
        start, end = sound
        if any(start - _JOINED_S * rate_hz <= at < end for _, at in marks):
            return False
        size = _frame(rate_hz)
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


def _find_sounds(samples: "Samples", rate_hz: int) -> list[tuple[int, int]]:
    """Find what can be heard, from and to, joined where no more than a short silence is between."""
    import numpy as np

    size = _frame(rate_hz)
    frames = np.abs(np.pad(samples, (0, -len(samples) % size))).reshape(-1, size).max(axis=1)
    floor = max(float(frames.max()) * 10 ** (-_HEARD_BELOW_PEAK_DB / 20), 1.5)
    heard = np.flatnonzero(frames > floor)
    if not len(heard):
        return []
    gaps = np.flatnonzero((np.diff(heard) - 1) * size >= _JOINED_S * rate_hz)
    firsts = heard[np.concatenate(([0], gaps + 1))] * size
    lasts = (heard[np.concatenate((gaps, [len(heard) - 1]))] + 1) * size
    return list(zip(firsts.tolist(), np.minimum(lasts, len(samples)).tolist(), strict=True))


def _is_sharp(samples: "Samples", rate_hz: int) -> bool:
    """True if most of a sound is above 4 kHz, as of an s, which no breath is."""
    import numpy as np

    power = np.square(np.abs(np.fft.rfft(samples)))
    return bool(power[int(_SIBILANT_HZ[0] * len(samples) / rate_hz) :].sum() > power.sum() / 2)


def _is_voiced(samples: "Samples", rate_hz: int) -> bool:
    """True if a sound repeats itself 70 to 400 times a second, as no breath does."""
    import numpy as np

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


# --- speed


def _find_stretcher() -> str:
    """Return the version of the library that stretches; ConfigError when it is not installed."""
    import importlib.metadata

    try:
        return importlib.metadata.version("pedalboard")
    except importlib.metadata.PackageNotFoundError as error:
        raise ConfigError(
            "[voice.polish] speed needs pedalboard, which is not installed.",
            hint=f"Set speed = 1, or install it: {compose_install_line('polish')}",
        ) from error


def _stretch(samples: "Samples", rate_hz: int, speed: float, length: int) -> "Samples":
    """Stretch by Rubber Band's R3 engine with its short window: quick, and it keeps stops sharp."""
    import numpy as np
    import pedalboard

    stretched = pedalboard.time_stretch(
        samples[None, :] / np.float32(_FULL_SCALE),
        rate_hz,
        stretch_factor=speed,
        use_long_fft_window=False,
    )[0]
    missing = max(0, length - len(stretched))
    return cast("Samples", np.pad(stretched[:length], (0, missing)) * np.float32(_FULL_SCALE))
