"""The peak and the offset of foreign audio are found, and the offset is taken away."""

import math
from typing import cast

import numpy as np
from numpy.typing import NDArray

from reviewcast.audio.samples import Samples

_CORNER_HZ = 5.0
_SETTLING_S = 0.2
_CHUNK = 2048
_LEAST_OFFSET, _LEAST_SHARE = 0.001, 0.01
_SHORTEST_S = 0.1


class Survey:
    """What is found of blocks of (n,) or (n, 2) samples, one after another."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._count = 0
        self._sums: NDArray[np.float64] | None = None

    def note(self, block: Samples) -> None:
        """Take in a block."""
        self.peak = max(self.peak, float(block.max(initial=0)), -float(block.min(initial=0)))
        # many samples a row: numpy takes its time for columns of one or two
        flat, width = block.ravel(), _CHUNK * (1 if block.ndim == 1 else block.shape[1])
        rows = flat[: len(flat) // width * width].reshape(-1, width)
        sums = rows.sum(axis=0, dtype=np.float64).reshape(_CHUNK, *block.shape[1:]).sum(axis=0)
        sums += flat[rows.size :].reshape(-1, *block.shape[1:]).sum(axis=0, dtype=np.float64)
        self._sums = sums if self._sums is None else self._sums + sums
        self._count += len(block)

    def has_offset(self, rate_hz: int) -> bool:
        """True if a channel does not swing around zero: by 0.1 % of full scale, 1 % of its peak.

        Of less than 0.1 s nothing can be told.
        """
        if self._sums is None or self._count < _SHORTEST_S * rate_hz:
            return False
        offset = float(np.abs(self._sums).max()) / self._count
        return offset > max(_LEAST_OFFSET, _LEAST_SHARE * self.peak)


class HighPass:
    """Takes an offset away from blocks of (n,) or (n, 2) samples, one after another.

    One pole at 5 Hz: at 20 Hz it is down by 0.3 dB, and music keeps its shape.
    """

    def __init__(self, rate_hz: int) -> None:
        self._pole = math.exp(-2 * math.pi * _CORNER_HZ / rate_hz)
        self._settling = max(1, round(_SETTLING_S * rate_hz))
        self._before: NDArray[np.float64] | None = None
        self._last: NDArray[np.float64] | float = 0.0

    def filter(self, block: Samples) -> Samples:
        """Return the next block without its offset, of the same shape."""
        if not len(block):
            return block
        wave = block.astype(np.float64).reshape(len(block), -1)
        if self._before is None:  # as if the offset had been there for ever: no thump
            self._before = wave[: self._settling].mean(axis=0)
        steps = np.diff(wave, axis=0, prepend=self._before[None])
        self._before = wave[-1]
        powers = self._pole ** np.arange(_CHUNK)[:, None]
        for start in range(0, len(steps), _CHUNK):
            part = steps[start : start + _CHUNK]
            decay = powers[: len(part)]
            part[:] = decay * self._pole * (self._last + np.cumsum(part / decay, axis=0))
            self._last = part[-1].copy()
        return cast("Samples", steps.reshape(block.shape).astype(np.float32))
