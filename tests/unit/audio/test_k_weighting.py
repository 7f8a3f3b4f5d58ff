"""The power meter against the standard's two filters, run a sample at a time."""

import numpy as np
import pytest

from reviewcast.audio.k_weighting import PowerMeter

# ITU-R BS.1770-4, tables 1 and 2, at 48 kHz
SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (-1.69065929318241, 0.73248077421585),
)
HIGH_PASS = (1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)


def run_section(samples, section):
    """Filter in direct form, as the standard draws it."""
    (b0, b1, b2), (a1, a2) = section
    output, x1, x2, y1, y2 = [], 0.0, 0.0, 0.0, 0.0
    for x in map(float, samples):
        y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        x1, x2, y1, y2 = x, x1, y, y1
        output.append(y)
    return np.array(output)


def make_sound(samples, channels=1):
    """Make noise that swells, over a tone of 30 Hz."""
    rng = np.random.default_rng(samples)
    swell = np.abs(np.sin(np.arange(samples) / 9000))
    tone = np.sin(np.arange(samples) * 2 * np.pi * 30 / 48_000)
    noise = rng.standard_normal((samples, channels)) * 0.1 * swell[:, None]
    return (noise + 0.2 * tone[:, None]).astype(np.float32)


@pytest.mark.parametrize("samples", [4799, 4800, 4801, 23_456])
def test_powers_are_those_of_the_tables_in_the_standard(samples):
    """Each whole step has the mean square of what the two filters let through."""
    sound = make_sound(samples)
    weighted = run_section(run_section(sound[:, 0], SHELF), HIGH_PASS)
    whole = samples // 4800
    expected = np.square(weighted[: whole * 4800]).reshape(whole, 4800).mean(axis=1)
    meter = PowerMeter(48_000, 1)
    assert [*meter.add(sound), *meter.finish()] == pytest.approx(list(expected), rel=1e-9)


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100])
@pytest.mark.parametrize("piece", [1, 777, 2048, 50_000])
def test_pieces_add_up_to_the_whole(rate_hz, piece):
    """However the audio comes, and however many channels it has, the powers are the same."""
    sound = make_sound(3 * rate_hz // (10 if piece == 1 else 1) + 13, channels=2)
    meter = PowerMeter(rate_hz, 2)
    powers = [
        power for at in range(0, len(sound), piece) for power in meter.add(sound[at : at + piece])
    ]
    powers += meter.finish()
    alone = []
    for channel in range(2):
        one = PowerMeter(rate_hz, 1)
        alone.append([*one.add(sound[:, channel : channel + 1]), *one.finish()])
    assert len(powers) == len(sound) // (rate_hz // 10)
    assert powers == pytest.approx([a + b for a, b in zip(*alone, strict=True)], rel=1e-9)


def test_nothing_has_no_power():
    """Without a whole step there is nothing to measure."""
    meter = PowerMeter(48_000, 2)
    assert meter.add(np.zeros((4799, 2), np.float32)) == []
    assert meter.finish() == []
