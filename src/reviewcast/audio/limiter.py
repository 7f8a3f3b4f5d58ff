"""True peaks, and a limiter that keeps below them."""

import functools
import math
from collections.abc import Iterator
from typing import cast

import numpy as np
from numpy.typing import NDArray

from reviewcast.audio.loudness import SILENCE_LUFS
from reviewcast.audio.samples import Samples

MOST_BETWEEN_DB = 2.0
"""How far true peaks of speech and music rise above the samples beside them, but for a few."""

TAPS = 12
_STRETCH = 64
_GROUP = 16  # stretches
_NEAR_PEAK = 0.97
_ROUNDING = 1.0001  # of float32
_LOOKAHEAD = 176  # 4 ms at 44.1 kHz: shorter distorts the bass, longer is heard as a dip


def measure_true_peak(samples: Samples, *, above_dbtp: float = SILENCE_LUFS) -> float:
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


def limit_peaks(
    samples: Samples, ceiling_dbtp: float, *, most_between_db: float | None = None
) -> Samples:
    """Hold true peaks under a ceiling by a gain that moves smoothly around each of them.

    Shape (n,) or (n, channels), all channels get one gain. What is under the ceiling comes back
    untouched. `most_between_db` is how far a true peak is expected to rise above the samples
    beside it: quicker than to look wherever one could, for who measures afterwards.
    """
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


def _spread(reduction_db: Samples, reach: int) -> Samples:
    """Begin and end each reduction smoothly within `reach` samples of it, never less than it."""
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

    def __init__(self, channel: Samples) -> None:
        group = _GROUP * _STRETCH
        count = max(1, -(-len(channel) // group))
        padded = np.zeros(count * group + 2 * TAPS, np.float32)
        padded[TAPS : TAPS + len(channel)] = channel
        cut = np.lib.stride_tricks.sliding_window_view
        groups = cut(padded, group + 2 * TAPS)[::group]
        self._peaks = np.maximum(groups.max(axis=1), -groups.min(axis=1))
        self._stretches = cut(padded, _STRETCH + 2 * TAPS)[::_STRETCH]
        self.peak = float(self._peaks.max())

    def pick(self, bound: float, above: float) -> tuple[NDArray[np.intp], Samples]:
        """Return the stretches, by index and in copy, that may rise above a value.

        Between two samples a signal rises no higher than `bound` times the largest sample near
        them; nor, which is less where it is smooth, above the larger of them by more than its
        curvature allows.
        """
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


def _interpolate_stretches(stretches: Samples) -> Samples:
    """Interpolate stretches end to end, and return each without its margins."""
    between = _interpolate(stretches.ravel()).reshape(-1, _STRETCH + 2 * TAPS)
    return between[:, TAPS:-TAPS]


def _interpolate(samples: Samples) -> Samples:
    """Return, for each sample, the largest magnitude of it and of three values up to the next."""
    largest = np.abs(samples)
    if not len(samples):
        return largest
    half, count = TAPS // 2, len(samples)
    for phase in _interpolator():
        # two halves: numpy has a quick way for kernels of up to 11 taps, four times as quick
        between = np.convolve(samples, phase[:half])[half - 1 : half - 1 + count]
        between[1:] += np.convolve(samples, phase[half:])[: count - 1]
        np.maximum(largest, np.abs(between, out=between), out=largest)
    return largest


@functools.cache
def _interpolator() -> Samples:
    """Build the phases at 1/4, 2/4 and 3/4 of a sample: sinc under a Kaiser window."""
    rows = []
    for quarter in (1, 2, 3):
        at = np.arange(TAPS) - (TAPS // 2 - 1) - quarter / 4
        row = np.sinc(at) * np.i0(6.0 * np.sqrt(np.maximum(0, 1 - (at / (TAPS / 2 + 0.25)) ** 2)))
        rows.append(row / row.sum())
    return np.array(rows, np.float32)[:, ::-1]


@functools.cache
def _interpolation_bound() -> float:
    return float(np.abs(_interpolator()).sum(axis=1).max())


@functools.cache
def _curvature_bound() -> tuple[float, float]:
    """Bound how far what is interpolated lies from a straight line between two samples.

    It is a sum over second differences, and, as the kernels give back a slope not quite, one over
    a slope: by the largest of each, with these factors.
    """
    bend = slope = 0.0
    for quarter, phase in zip((1, 2, 3), _interpolator()[:, ::-1].astype(np.float64), strict=True):
        rest = phase.copy()
        rest[TAPS // 2 - 1] -= 1 - quarter / 4
        rest[TAPS // 2] -= quarter / 4
        # twice summed up, it weighs second differences; what is left at the end, the last slope
        weights = np.cumsum(np.cumsum(rest))
        bend = max(bend, float(np.abs(weights[:-2]).sum()))
        slope = max(slope, float(np.abs(weights[-2:]).max()))
    return bend, slope


def _list_channels(samples: Samples) -> list[Samples]:
    if samples.ndim == 1:
        return [samples]
    return [np.ascontiguousarray(samples[:, index]) for index in range(samples.shape[1])]


def _list_stretches(
    indexes: NDArray[np.intp], reach: int, length: int
) -> Iterator[tuple[int, int]]:
    """Join indexes that are near each other into stretches, each widened by `reach`."""
    gaps = np.flatnonzero(np.diff(indexes) > 2 * reach)
    firsts = indexes[np.concatenate(([0], gaps + 1))]
    lasts = indexes[np.concatenate((gaps, [len(indexes) - 1]))]
    for first, last in zip(
        cast("list[int]", firsts.tolist()), cast("list[int]", lasts.tolist()), strict=True
    ):
        yield max(0, first - reach), min(length, last + reach + 1)
