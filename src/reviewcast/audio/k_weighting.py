"""K-weighted power of audio, 100 ms at a time (ITU-R BS.1770-4)."""

import functools
import math

import numpy as np

from reviewcast.audio.samples import Doubles, Samples

_BLOCK = 32  # samples that one row of a product of matrices filters
_ROWS = 64  # of a product: small enough that no library of linear algebra starts threads for it
_AT_ONCE = 32 * _BLOCK * _ROWS  # samples; little memory


class PowerMeter:
    """Measures the K-weighted power of audio that comes in pieces, in steps of 100 ms.

    All channels count alike, as left and right do.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._filter = _open_filter(rate_hz)
        self._states = np.zeros((channels, 4))
        self._step = rate_hz // 10
        self._unread = np.zeros((0, channels))
        self._squares = np.zeros(0)

    def add(self, samples: Samples) -> list[float]:
        """Return the power of each step that is complete now, in order.

        `samples` is of shape (n, channels), full scale at ±1. What is left over waits for more.
        """
        self._unread = np.concatenate([self._unread, samples])
        size = _BLOCK * _ROWS
        whole = len(self._unread) // size * size
        ready, self._unread = self._unread[:whole], self._unread[whole:]
        return self._measure(ready)

    def finish(self) -> list[float]:
        """Return the power of the steps that were waiting; of an incomplete one nothing."""
        rest = len(self._unread)
        padding = np.zeros((-rest % (_BLOCK * _ROWS), len(self._states)))
        squares = len(self._squares) + rest
        return self._measure(np.concatenate([self._unread, padding]))[: squares // self._step]

    def _measure(self, samples: Doubles) -> list[float]:
        squares = [self._squares]
        for start in range(0, len(samples), _AT_ONCE):
            part = samples[start : start + _AT_ONCE]
            total = np.zeros(len(part))
            for channel in range(part.shape[1]):
                output, state = self._filter.run(
                    np.ascontiguousarray(part[:, channel]), self._states[channel]
                )
                self._states[channel] = state
                total += output * output
            squares.append(total)
        joined = np.concatenate(squares)
        whole = len(joined) // self._step
        self._squares = joined[whole * self._step :]
        steps = joined[: whole * self._step].reshape(whole, self._step)
        return [float(power) for power in steps.sum(axis=1) / self._step]


class _Filter:
    """Both filters of the standard in a row, a block of samples at a time.

    Of a block with samples x that begins in state s, the output is D x + C s and the next block
    begins in state B x + A s: four matrices, made once for a rate.
    """

    def __init__(self, rate_hz: int) -> None:
        a, b, c, d = _connect(_make_shelf(rate_hz), _make_high_pass(rate_hz))
        powers = [np.linalg.matrix_power(a, n) for n in range(_BLOCK + 1)]
        response = np.array([d, *((c @ power @ b).item() for power in powers[: _BLOCK - 1])])
        lag = np.arange(_BLOCK)[:, None] - np.arange(_BLOCK)
        self._d = np.where(lag >= 0, response[lag], 0.0).T
        self._c = np.concatenate([c @ power for power in powers[:_BLOCK]]).T
        self._b = np.concatenate([power @ b for power in powers[_BLOCK - 1 :: -1]], axis=1).T
        self._a = powers[_BLOCK].T

    def run(self, samples: Doubles, state: Doubles) -> tuple[Doubles, Doubles]:
        """Return the filtered samples of whole products, and the state behind them."""
        blocks = samples.reshape(-1, _ROWS, _BLOCK)
        # what each block leaves behind reaches all later ones: twice as far with each pass
        states = np.concatenate([state[None], (blocks @ self._b).reshape(-1, 4)])
        carry, reach = self._a, 1
        while reach < len(states):
            states[reach:] += states[:-reach] @ carry
            carry, reach = carry @ carry, 2 * reach
        output = blocks @ self._d + states[:-1].reshape(-1, _ROWS, 4) @ self._c
        return output.ravel(), states[-1]


@functools.lru_cache(maxsize=8)
def _open_filter(rate_hz: int) -> _Filter:
    return _Filter(rate_hz)


_Section = tuple[tuple[float, float, float], tuple[float, float]]  # b0 b1 b2, a1 a2


def _make_shelf(rate_hz: int) -> _Section:
    """Return the filter of the head: some 4 dB more above 1.7 kHz, for any rate."""
    k = math.tan(math.pi * 1681.974450955533 / rate_hz)
    high = 10 ** (3.999843853973347 / 20)
    band, q = high**0.4996667741545416, 0.7071752369554196
    a0 = 1 + k / q + k * k
    return (
        (
            (high + band * k / q + k * k) / a0,
            2 * (k * k - high) / a0,
            (high - band * k / q + k * k) / a0,
        ),
        (2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0),
    )


def _make_high_pass(rate_hz: int) -> _Section:
    """Return the high-pass at 38 Hz, for any rate."""
    k, q = math.tan(math.pi * 38.13547087602444 / rate_hz), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return (1.0, -2.0, 1.0), (2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0)


def _connect(first: _Section, second: _Section) -> tuple[Doubles, Doubles, Doubles, float]:
    """Return the state matrices A (4, 4), B (4, 1), C (1, 4) and D of two sections in a row."""
    a1, b1, c1, d1 = _make_states(first)
    a2, b2, c2, d2 = _make_states(second)
    a = np.block([[a1, np.zeros((2, 2))], [b2 @ c1, a2]])
    return a, np.concatenate([b1, b2 * d1]), np.concatenate([d2 * c1, c2], axis=1), d2 * d1


def _make_states(section: _Section) -> tuple[Doubles, Doubles, Doubles, float]:
    """Return A, B, C and D of one section in the transposed direct form II."""
    (b0, b1, b2), (a1, a2) = section
    a = np.array([[-a1, 1.0], [-a2, 0.0]])
    b = np.array([[b1 - a1 * b0], [b2 - a2 * b0]])
    return a, b, np.array([[1.0, 0.0]]), b0
