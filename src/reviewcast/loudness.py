"""How loud audio is, and how its peaks are held (ITU-R BS.1770-4, EBU R 128).

Loudness is kept as momentary values (400 ms windows every 100 ms), because these can be
gathered from many pieces and gated together without another pass over the audio.
"""

import functools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, cast

from reviewcast.model import Loudness

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Lufs = NDArray[np.float64]

SILENCE_LUFS = -120.0
"""What stands for a window without any energy."""

MOST_BETWEEN_DB = 2.0
"""How far true peaks of speech and music rise above the samples beside them, but for a few."""

_AT_FULL_SCALE = 10**-0.0691  # what the standard takes off a weighted power
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_RANGE_GATE_LU = -20.0
_SHORT_TERM = 27  # windows of 400 ms, every 100 ms, that lie in 3 s
_FIRST_STEPS = 3000  # of 100 ms
_TAPS = 12
_STRETCH = 64
_GROUP = 16  # stretches
_NEAR_PEAK = 0.97
_ROUNDING = 1.0001  # of float32
_LOOKAHEAD = 176  # 4 ms at 44.1 kHz: shorter distorts the bass, longer is heard as a dip


def measure_energies(samples: "Samples", rate_hz: int) -> tuple[float, ...]:
    """Measure the momentary loudness every 100 ms, in LUFS.

    `samples` is of shape (n,) or (n, channels) with full scale at ±1. The windows reach 300 ms
    past both ends, so that pieces add up to what the whole would measure between silences.
    """
    import numpy as np

    from reviewcast.k_weighting import PowerMeter

    channels = 1 if samples.ndim == 1 else samples.shape[1]
    step = rate_hz // 10
    steps = -(-len(samples) // step) + 3
    padded = np.zeros((steps * step, channels), np.float32)
    padded[: len(samples)] = samples.reshape(len(samples), channels)
    meter = PowerMeter(rate_hz, channels)
    # of 100 ms each: four make a window, and none is summed twice
    powers = [0.0] * 3 + meter.add(padded) + meter.finish()
    return tuple(round(window, 3) for window in _list_windows(powers))


class EnergyGrid:
    """The momentary loudness of a whole, every 100 ms, gathered from that of its pieces.

    Pieces lie where they lie, to the nearest step, and where they overlap their powers add.
    """

    def __init__(self, rate_hz: int) -> None:
        import numpy as np

        self._step = rate_hz // 10
        self._powers = np.zeros(_FIRST_STEPS)
        self._count = 0

    def add(self, at: int, energies_lufs: "Sequence[float] | Lufs", *, gain_db: float = 0) -> None:
        """Add a piece that begins at a sample, with the loudness that it has alone."""
        import numpy as np

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

    def list_lufs(self) -> "Lufs":
        """Give the momentary loudness of each step; each window reaches 400 ms back."""
        import numpy as np

        powers = self._powers[: self._count]
        return 10 * np.log10(powers, out=np.full(len(powers), SILENCE_LUFS / 10), where=powers > 0)


def pack_lufs(energies_lufs: "Sequence[float] | Lufs") -> bytes:
    """Keep momentary loudness in little room: hundredths of a LU, two bytes each."""
    import numpy as np

    hundredths = np.rint(np.asarray(energies_lufs, np.float64) * 100)
    return np.clip(hundredths, SILENCE_LUFS * 100, 32_767).astype("<i2").tobytes()


def unpack_lufs(packed: bytes) -> "Lufs":
    """Give the momentary loudness that `pack_lufs` kept, to 0.005 LU."""
    import numpy as np

    return np.frombuffer(packed, "<i2") / 100


def to_stereo_lufs(energies_lufs: "Sequence[float] | Lufs") -> "Lufs":
    """Turn the loudness of one channel into that of the same signal from two speakers."""
    import numpy as np

    return np.asarray(energies_lufs, np.float64) + 10 * math.log10(2)


def measure_range(energies_lufs: "Iterable[float] | Lufs") -> float:
    """Give the loudness range in LU (EBU Tech 3342) of momentary values every 100 ms.

    The short-term loudness of 3 s is the mean of the windows of 400 ms that lie in it.
    """
    import numpy as np

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


def gate_loudness(energies_lufs: "Iterable[float] | Lufs") -> float:
    """Give the integrated loudness of momentary values after both gates, in LUFS.

    Without any value above the absolute gate it is SILENCE_LUFS.
    """
    values = _list_floats(energies_lufs)
    powers = 10 ** (values[values > _ABSOLUTE_GATE_LUFS] / 10)
    if not len(powers):
        return SILENCE_LUFS
    heard = powers[powers > powers.mean() * 10 ** (_RELATIVE_GATE_LU / 10)]
    return float(10 * math.log10(heard.mean()))


def pick_whole(
    energies_lufs: "Sequence[float] | Lufs", samples: int, rate_hz: int
) -> "Sequence[float] | Lufs":
    """Return the windows that lie within the audio whole: the standard counts no others.

    `energies_lufs` reach 300 ms past both ends, as from `measure_energies`. Of audio that is
    shorter than a window, all are returned.
    """
    whole = energies_lufs[3 : samples // (rate_hz // 10)]
    return whole if len(whole) else energies_lufs


def _list_floats(values: "Iterable[float] | Lufs") -> "Lufs":
    import numpy as np

    return values if isinstance(values, np.ndarray) else np.fromiter(values, np.float64)


def measure_true_peak(samples: "Samples", *, above_dbtp: float = SILENCE_LUFS) -> float:
    """Measure the true peak of (n,) or (n, channels) samples at four times the rate, in dBTP.

    It is at least `above_dbtp`, the highest that was measured before these samples. Exact, and
    quick: a stretch whose samples are too small to rise above the highest peak found so far is
    not interpolated.
    """
    best = 10 ** (above_dbtp / 20) if above_dbtp > SILENCE_LUFS else 0.0
    bound = _interpolation_bound()
    for channel in _list_channels(samples):
        stretches = _Stretches(channel)
        # the loudest few come first: they rule most others out
        for rise, above in ((1.0, _NEAR_PEAK * stretches.peak), (bound, 0.0)):
            chosen = stretches.pick(rise, max(above, best))[1]
            if len(chosen):
                best = max(best, float(_interpolate_stretches(chosen).max()))
    return 20 * math.log10(best) if best > 0 else SILENCE_LUFS


def measure_stream(blocks: "Iterable[Samples]", rate_hz: int) -> tuple[Loudness, int]:
    """Measure audio that comes in blocks of (n, channels), and count its samples a channel.

    Only windows that lie within the audio count, as the standard has it. One channel is taken as
    one speaker. Memory holds one block.
    """
    import numpy as np

    from reviewcast.k_weighting import PowerMeter

    meter = None
    edge = np.zeros((0, 1), np.float32)
    powers: list[float] = []
    peak_dbtp, count = SILENCE_LUFS, 0
    for block in blocks:
        if meter is None:
            edge = np.zeros((0, block.shape[1]), np.float32)
            meter = PowerMeter(rate_hz, block.shape[1])
        count += len(block)
        powers += meter.add(block)
        joined = np.concatenate([edge, block])
        same = joined.shape[1] == 2 and bool((joined[:, 0] == joined[:, 1]).all())
        joined = joined[:, :1] if same else joined
        peak_dbtp = measure_true_peak(joined, above_dbtp=peak_dbtp)
        edge = block[-2 * _TAPS :]
    if meter:
        powers += meter.finish()
    return Loudness(gate_loudness(_list_windows(powers)), peak_dbtp), count


def _list_windows(powers: list[float]) -> list[float]:
    """Return the loudness of each four powers of 100 ms that follow each other, in LUFS."""
    least = 10 ** (SILENCE_LUFS / 10)
    windows = map(sum, zip(powers, powers[1:], powers[2:], powers[3:], strict=False))
    means = (_AT_FULL_SCALE * window / 4 for window in windows)
    return [10 * math.log10(mean) if mean > least else SILENCE_LUFS for mean in means]


def limit_peaks(
    samples: "Samples", ceiling_dbtp: float, *, most_between_db: float | None = None
) -> "Samples":
    """Hold true peaks under a ceiling by a gain that moves smoothly around each of them.

    Shape (n,) or (n, channels), all channels get one gain. What is under the ceiling comes back
    untouched. `most_between_db` is how far a true peak is expected to rise above the samples
    beside it: quicker than to look wherever one could, for who measures afterwards.
    """
    import numpy as np

    ceiling = 10 ** (ceiling_dbtp / 20)
    bound = _interpolation_bound() if most_between_db is None else 10 ** (most_between_db / 20)
    reduction_db = np.zeros(len(samples), np.float32)
    found = []
    for channel in _list_channels(samples):
        chosen, stretches = _Stretches(channel).pick(bound, ceiling)
        between = _interpolate_stretches(stretches)
        row, column = np.nonzero(between > ceiling)
        at = chosen[row] * _STRETCH + column
        over_db = 20 * np.log10(between[row, column] / ceiling)
        inside = at < len(samples)  # the last stretch reaches past the end
        at, over_db = at[inside], over_db[inside]
        reduction_db[at] = np.maximum(reduction_db[at], over_db)
        found.append(at[reduction_db[at] > 0])
    over_at = np.unique(np.concatenate(found))
    if not len(over_at):
        return samples
    limited = samples.copy()
    for start, stop in _list_stretches(over_at, 2 * _LOOKAHEAD, len(samples)):
        gain = 10 ** (-_spread(reduction_db[start:stop], _LOOKAHEAD) / 20)
        limited[start:stop] *= gain if samples.ndim == 1 else gain[:, None]
    return limited


def _spread(reduction_db: "Samples", reach: int) -> "Samples":
    """Begin and end each reduction smoothly within `reach` samples of it, never less than it."""
    import numpy as np

    held = np.pad(reduction_db, reach)
    width = 2 * reach + 1
    whole = np.pad(held, (0, -len(held) % width)).reshape(-1, width)
    ahead = np.maximum.accumulate(whole, axis=1).ravel()
    behind = np.maximum.accumulate(whole[:, ::-1], axis=1)[:, ::-1].ravel()
    count = len(reduction_db)
    held = np.maximum(behind[:count], ahead[width - 1 : width - 1 + count])
    # two running means make a triangle of the same reach: at a peak, all that it covers is held
    half = reach // 2
    for _ in range(2):
        total = np.cumsum(np.pad(held, (half + 1, half), mode="edge"), dtype=np.float64)
        held = ((total[2 * half + 1 :] - total[: -2 * half - 1]) / (2 * half + 1)).astype(
            np.float32
        )
    return held


class _Stretches:
    """A channel cut into stretches with the margins that interpolation needs.

    The peaks of whole groups of them are found first: most groups are ruled out by theirs.
    """

    def __init__(self, channel: "Samples") -> None:
        import numpy as np

        group = _GROUP * _STRETCH
        count = max(1, -(-len(channel) // group))
        padded = np.zeros(count * group + 2 * _TAPS, np.float32)
        padded[_TAPS : _TAPS + len(channel)] = channel
        cut = np.lib.stride_tricks.sliding_window_view
        groups = cut(padded, group + 2 * _TAPS)[::group]
        self._peaks = np.maximum(groups.max(axis=1), -groups.min(axis=1))
        self._stretches = cut(padded, _STRETCH + 2 * _TAPS)[::_STRETCH]
        self.peak = float(self._peaks.max())

    def pick(self, bound: float, above: float) -> "tuple[NDArray[np.intp], Samples]":
        """Give the stretches, by index and in copy, that may rise above a value.

        Between two samples a signal rises no higher than `bound` times the largest sample near
        them; nor, which is less where it is smooth, above the larger of them by more than its
        curvature allows.
        """
        import numpy as np

        groups = np.flatnonzero(self._peaks * bound > above)
        indexes = (groups[:, None] * _GROUP + np.arange(_GROUP)).ravel()
        stretches = self._stretches[indexes]
        peaks = np.maximum(stretches.max(axis=1, initial=0), -stretches.min(axis=1, initial=0))
        chosen = peaks * bound > above
        indexes, stretches, peaks = indexes[chosen], stretches[chosen], peaks[chosen]
        slopes = np.diff(stretches, axis=1)
        bends = np.diff(slopes, axis=1)
        by_bend, by_slope = _curvature_bound()
        reach = peaks + by_bend * np.abs(bends, out=bends).max(axis=1, initial=0)
        reach += by_slope * np.abs(slopes, out=slopes).max(axis=1, initial=0)
        chosen = reach * _ROUNDING > above
        return indexes[chosen], stretches[chosen]


def _interpolate_stretches(stretches: "Samples") -> "Samples":
    """Interpolate stretches end to end, and give each without its margins."""
    between = _interpolate(stretches.ravel()).reshape(-1, _STRETCH + 2 * _TAPS)
    return between[:, _TAPS:-_TAPS]


def _interpolate(samples: "Samples") -> "Samples":
    """Give, for each sample, the largest magnitude of it and of three values up to the next."""
    import numpy as np

    largest = np.abs(samples)
    if not len(samples):
        return largest
    half, count = _TAPS // 2, len(samples)
    for phase in _interpolator():
        # two halves: numpy has a quick way for kernels of up to 11 taps, four times as quick
        between = np.convolve(samples, phase[:half])[half - 1 : half - 1 + count]
        between[1:] += np.convolve(samples, phase[half:])[: count - 1]
        np.maximum(largest, np.abs(between, out=between), out=largest)
    return largest


@functools.cache
def _interpolator() -> "Samples":
    """Build the phases at 1/4, 2/4 and 3/4 of a sample: sinc under a Kaiser window."""
    import numpy as np

    rows = []
    for quarter in (1, 2, 3):
        at = np.arange(_TAPS) - (_TAPS // 2 - 1) - quarter / 4
        row = np.sinc(at) * np.i0(6.0 * np.sqrt(np.maximum(0, 1 - (at / (_TAPS / 2 + 0.25)) ** 2)))
        rows.append(row / row.sum())
    return np.array(rows, np.float32)[:, ::-1]


@functools.cache
def _interpolation_bound() -> float:
    import numpy as np

    return float(np.abs(_interpolator()).sum(axis=1).max())


@functools.cache
def _curvature_bound() -> tuple[float, float]:
    """Bound how far what is interpolated lies from a straight line between two samples.

    It is a sum over second differences, and, as the kernels give back a slope not quite, one over
    a slope: by the largest of each, with these factors.
    """
    import numpy as np

    bend = slope = 0.0
    for quarter, phase in zip((1, 2, 3), _interpolator()[:, ::-1].astype(np.float64), strict=True):
        rest = phase.copy()
        rest[_TAPS // 2 - 1] -= 1 - quarter / 4
        rest[_TAPS // 2] -= quarter / 4
        # twice summed up, it weighs second differences; what is left at the end, the last slope
        weights = np.cumsum(np.cumsum(rest))
        bend = max(bend, float(np.abs(weights[:-2]).sum()))
        slope = max(slope, float(np.abs(weights[-2:]).max()))
    return bend, slope


def _list_channels(samples: "Samples") -> "list[Samples]":
    import numpy as np

    if samples.ndim == 1:
        return [samples]
    return [np.ascontiguousarray(samples[:, index]) for index in range(samples.shape[1])]


def _list_stretches(
    indexes: "NDArray[np.intp]", reach: int, length: int
) -> Iterator[tuple[int, int]]:
    """Join indexes that are near each other into stretches, each widened by `reach`."""
    import numpy as np

    gaps = np.flatnonzero(np.diff(indexes) > 2 * reach)
    firsts = indexes[np.concatenate(([0], gaps + 1))]
    lasts = indexes[np.concatenate((gaps, [len(indexes) - 1]))]
    for first, last in zip(
        cast("list[int]", firsts.tolist()), cast("list[int]", lasts.tolist()), strict=True
    ):
        yield max(0, first - reach), min(length, last + reach + 1)
