"""What a sample is here: rate, scale, and the change from another rate."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Lufs = NDArray[np.float64]
Doubles = NDArray[np.float64]

RATE_HZ = 44_100
"""The rate at which episodes are mixed and encoded."""

FULL_SCALE = 32768.0


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Change the rate of (n,) or (n, channels) samples; the length becomes `scale_length`'s."""
    import soxr

    if from_hz == to_hz:
        return samples
    resampled = soxr.resample(samples, from_hz, to_hz)
    length = scale_length(len(samples), from_hz, to_hz)
    missing = max(0, length - len(resampled))
    widths = ((0, missing),) + ((0, 0),) * (samples.ndim - 1)
    return np.pad(resampled[:length], widths) if missing else resampled[:length]


def scale_length(samples: int, from_hz: int, to_hz: int) -> int:
    """Return the count of samples after a change of rate: rounded, halves up."""
    return (2 * samples * to_hz + from_hz) // (2 * from_hz)


def resample_blocks(blocks: Iterator[Samples], rate_hz: int, to_hz: int) -> Iterator[Samples]:
    """Bring blocks of (n, 2) to another rate; their length in all is `scale_length`'s."""
    import soxr

    if rate_hz == to_hz:
        yield from blocks
        return
    stream = soxr.ResampleStream(rate_hz, to_hz, 2, dtype="float32")
    taken = given = 0
    for block in blocks:
        taken += len(block)
        resampled = stream.resample_chunk(block)
        given += len(resampled)
        yield resampled
    length = scale_length(taken, rate_hz, to_hz)
    rest = stream.resample_chunk(np.zeros((0, 2), np.float32), last=True)[: length - given]
    yield np.pad(rest, ((0, length - given - len(rest)), (0, 0)))


def to_samples(seconds: float) -> int:
    """Return a time as samples at 44.1 kHz."""
    return round(seconds * RATE_HZ)
