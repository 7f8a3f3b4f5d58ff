"""How loud audio is, and how its peaks are held (ITU-R BS.1770-4, EBU R 128).

Loudness is kept as momentary values (400 ms windows every 100 ms), because these can be
gathered from many pieces and gated together without another pass over the audio.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from reviewcast.audio.samples import Lufs, Samples

SILENCE_LUFS = -120.0
"""What stands for a window without any energy."""

_AT_FULL_SCALE = 10**-0.0691  # what the standard takes off a weighted power
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_RANGE_GATE_LU = -20.0
_SHORT_TERM = 27  # windows of 400 ms, every 100 ms, that lie in 3 s
_FIRST_STEPS = 3000  # of 100 ms


def measure_energies(samples: Samples, rate_hz: int) -> tuple[float, ...]:
    """Measure the momentary loudness every 100 ms, in LUFS.

    `samples` is of shape (n,) or (n, channels) with full scale at ±1. The windows reach 300 ms
    past both ends, so that pieces add up to what the whole would measure between silences.
    """
    from reviewcast.audio.k_weighting import PowerMeter

    channels = 1 if samples.ndim == 1 else samples.shape[1]
    step = rate_hz // 10
    steps = -(-len(samples) // step) + 3
    padded = np.zeros((steps * step, channels), np.float32)
    padded[: len(samples)] = samples.reshape(len(samples), channels)
    meter = PowerMeter(rate_hz, channels)
    # of 100 ms each: four make a window, and none is summed twice
    powers = [0.0] * 3 + meter.add(padded) + meter.finish()
    return tuple(round(window, 3) for window in list_windows(powers))


class EnergyGrid:
    """The momentary loudness of a whole, every 100 ms, gathered from that of its pieces.

    Pieces lie where they lie, to the nearest step, and where they overlap their powers add.
    """

    def __init__(self, rate_hz: int) -> None:
        self._step = rate_hz // 10
        self._powers = np.zeros(_FIRST_STEPS)
        self._count = 0

    def add(self, at: int, energies_lufs: Sequence[float] | Lufs, *, gain_db: float = 0) -> None:
        """Add a piece that begins at a sample, with the loudness that it has alone."""
        values = np.asarray(energies_lufs, np.float64)
        place = max(0, (at + self._step // 2) // self._step)
        end = place + len(values)
        if not len(values):
            return
        if end > len(self._powers):
            self._powers = np.concatenate([self._powers, np.zeros(end)])
        self._count = max(self._count, end)
        self._powers[place:end] += np.where(
            values > SILENCE_LUFS, 10 ** ((values + gain_db) / 10), 0.0
        )

    def list_lufs(self) -> Lufs:
        """Return the momentary loudness of each step; each window reaches 400 ms back."""
        powers = self._powers[: self._count]
        return 10 * np.log10(powers, out=np.full(len(powers), SILENCE_LUFS / 10), where=powers > 0)


def pack_lufs(energies_lufs: Sequence[float] | Lufs) -> bytes:
    """Keep momentary loudness in little room: hundredths of a LU, two bytes each."""
    hundredths = np.rint(np.asarray(energies_lufs, np.float64) * 100)
    return np.clip(hundredths, SILENCE_LUFS * 100, 32_767).astype("<i2").tobytes()


def unpack_lufs(packed: bytes) -> Lufs:
    """Return the momentary loudness that `pack_lufs` kept, to 0.005 LU."""
    return np.frombuffer(packed, "<i2") / 100


def to_stereo_lufs(energies_lufs: Sequence[float] | Lufs) -> Lufs:
    """Turn the loudness of one channel into that of the same signal from two speakers."""
    return np.asarray(energies_lufs, np.float64) + 10 * math.log10(2)


def measure_range(energies_lufs: Iterable[float] | Lufs) -> float:
    """Return the loudness range in LU (EBU Tech 3342) of momentary values every 100 ms.

    The short-term loudness of 3 s is the mean of the windows of 400 ms that lie in it.
    """
    powers = 10 ** (_list_floats(energies_lufs) / 10)
    if len(powers) < _SHORT_TERM:
        return 0.0
    total = np.cumsum(np.concatenate([[0.0], powers]))
    short = (total[_SHORT_TERM:] - total[:-_SHORT_TERM]) / _SHORT_TERM
    short = short[short > 10 ** (_ABSOLUTE_GATE_LUFS / 10)]
    if not len(short):
        return 0.0
    short = short[short > short.mean() * 10 ** (_RANGE_GATE_LU / 10)]
    low, high = np.percentile(10 * np.log10(short), (10, 95))
    return float(high - low)


def gate_loudness(energies_lufs: Iterable[float] | Lufs) -> float:
    """Return the integrated loudness of momentary values after both gates, in LUFS.

    Without any value above the absolute gate it is SILENCE_LUFS.
    """
    values = _list_floats(energies_lufs)
    powers = 10 ** (values[values > _ABSOLUTE_GATE_LUFS] / 10)
    if not len(powers):
        return SILENCE_LUFS
    heard = powers[powers > powers.mean() * 10 ** (_RELATIVE_GATE_LU / 10)]
    return float(10 * math.log10(heard.mean()))


def pick_whole(
    energies_lufs: Sequence[float] | Lufs, samples: int, rate_hz: int
) -> Sequence[float] | Lufs:
    """Return the windows that lie within the audio whole: the standard counts no others.

    `energies_lufs` reach 300 ms past both ends, as from `measure_energies`. Of audio that is
    shorter than a window, all are returned.
    """
    whole = energies_lufs[3 : samples // (rate_hz // 10)]
    return whole if len(whole) else energies_lufs


def _list_floats(values: Iterable[float] | Lufs) -> Lufs:
    return values if isinstance(values, np.ndarray) else np.fromiter(values, np.float64)


def list_windows(powers: list[float]) -> list[float]:
    """Return the loudness of each four powers of 100 ms that follow each other, in LUFS."""
    least = 10 ** (SILENCE_LUFS / 10)
    windows = map(sum, zip(powers, powers[1:], powers[2:], powers[3:], strict=False))
    means = (_AT_FULL_SCALE * window / 4 for window in windows)
    return [10 * math.log10(mean) if mean > least else SILENCE_LUFS for mean in means]
