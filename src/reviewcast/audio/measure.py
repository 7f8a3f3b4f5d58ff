"""What is measured of a take and of a stream: speech, levels, loudness."""

import math
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from reviewcast.audio.limiter import TAPS, measure_true_peak
from reviewcast.audio.loudness import (
    SILENCE_LUFS,
    gate_loudness,
    list_windows,
    measure_energies,
    pack_lufs,
)
from reviewcast.audio.samples import FULL_SCALE, Samples
from reviewcast.model.audio import Loudness, Take, TakeFigures


def measure_stream(blocks: Iterable[Samples], rate_hz: int) -> tuple[Loudness, int]:
    """Measure audio that comes in blocks of (n, channels), and count its samples a channel.

    Only windows that lie within the audio count, as the standard has it. One channel is taken as
    one speaker. Memory holds one block.
    """
    from reviewcast.audio.k_weighting import PowerMeter

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
        edge = block[-2 * TAPS :]
    if meter:
        powers += meter.finish()
    return Loudness(gate_loudness(list_windows(powers)), peak_dbtp), count


_TRIM_BELOW_PEAK_DB = 42.0

TRIM_MARGIN_S = 0.02
"""How much silence a take is left at either end."""

_SHORTEST_PAUSE_S = 0.06


def measure_take(take: Take) -> TakeFigures:
    """Find where the speech of a take begins, pauses and ends, and how loud it is.

    Without any sound, `start` equals `end`.
    """
    samples = np.frombuffer(take.pcm, "<i2").astype(np.float32) / np.float32(FULL_SCALE)
    start, end, pauses = _find_speech(samples, take.rate_hz)
    speech = samples[start:end]
    energies = measure_energies(speech, take.rate_hz) if end > start else ()
    return TakeFigures(
        rate_hz=take.rate_hz,
        samples=len(samples),
        start=start,
        end=end,
        level_lufs=_measure_level(energies, len(speech) / take.rate_hz),
        energies=pack_lufs(energies),
        pauses=pauses,
        marks=_keep_marks(take.marks, len(samples)),
    )


def _find_speech(samples: Samples, rate_hz: int) -> tuple[int, int, tuple[tuple[int, int], ...]]:
    """Find the first and the last 5 ms in which something can be heard, with a small margin.

    Also, from and to, the stretches in which nothing can, to the sample: both margins, and what
    lasts 60 ms.
    """
    size = max(1, rate_hz // 200)  # 5 ms
    peaks = np.abs(np.pad(samples, (0, -len(samples) % size))).reshape(-1, size).max(axis=1)
    floor = max(float(peaks.max(initial=0)) * 10 ** (-_TRIM_BELOW_PEAK_DB / 20), 1.5 / FULL_SCALE)
    heard = np.flatnonzero(peaks > floor)
    if not len(heard):
        return 0, 0, ()
    before = np.flatnonzero((np.diff(heard) - 1) * size >= _SHORTEST_PAUSE_S * rate_hz)
    first, last = int(heard[0]) * size, min(len(samples), (int(heard[-1]) + 1) * size)
    margin = int(TRIM_MARGIN_S * rate_hz)
    start, end = max(0, first - margin), min(len(samples), last + margin)

    def find_onset(piece: int) -> int:
        """Return the first sample that is heard of these 5 ms."""
        inside = np.abs(samples[piece * size : (piece + 1) * size]) > floor
        return piece * size + int(np.argmax(inside))

    def find_end(piece: int) -> int:
        inside = np.abs(samples[piece * size : (piece + 1) * size]) > floor
        return piece * size + len(inside) - int(np.argmax(inside[::-1]))

    ends = [start, *(find_end(int(heard[index])) for index in before), find_end(int(heard[-1]))]
    onsets = [find_onset(int(heard[0])), *(find_onset(int(heard[i + 1])) for i in before), end]
    pauses = zip(ends, onsets, strict=True)
    return start, end, tuple(pause for pause in pauses if pause[0] < pause[1])


def _keep_marks(marks: tuple[tuple[int, int], ...], samples: int) -> tuple[tuple[int, int], ...]:
    """Return a voice's marks, or none when they run backwards or past the end."""
    rises = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(marks))
    return marks if rises and all(at >= 0 and 0 <= where <= samples for at, where in marks) else ()


def _measure_level(energies: tuple[float, ...], duration_s: float) -> float:
    """Return the loudness of a take, fair to one that is shorter than a window."""
    if not energies:
        return SILENCE_LUFS
    if duration_s >= 0.4:
        inside = energies[3:-3] or energies
        return gate_loudness(inside)
    return max(energies) + 10 * math.log10(0.4 / max(duration_s, 0.05))
