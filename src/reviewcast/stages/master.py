"""A timeline reaches its loudness."""

from msgspec import Struct

from reviewcast.errors import ConfigError
from reviewcast.loudness import gate_loudness, unpack_lufs
from reviewcast.model import Gain, Timeline

_STEP_DB = 0.2
"""Gains are multiples of this: in finer steps, more edits of the first minute would move them."""
_NEAR_DB = 0.15
"""An expected gain that is off by so much is kept."""
_LOST_LU = 0.08
"""What holding the peaks takes away at -16 LUFS, on the average of what was measured."""
_TOLERANCE_LU = 0.195
_MONO_LU = 3.0


class MasterSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How loud the finished episode is."""

    loudness_lufs: float = -16.0
    """Of two channels; one channel is set 3 LU lower, which sounds as loud."""
    true_peak_dbtp: float = -1.0

    def __post_init__(self) -> None:
        if not -40 <= self.loudness_lufs <= -8:
            raise ConfigError("[master] loudness_lufs must be from -40 to -8.")
        if not -12 <= self.true_peak_dbtp <= 0:
            raise ConfigError("[master] true_peak_dbtp must be from -12 to 0.")


def master_timeline(
    timeline: Timeline,
    settings: MasterSettings,
    *,
    channels: int,
    codec_change_db: float,
) -> Gain:
    """Find the one gain that brings the timeline to its loudness.

    Works from what was measured of the takes and sounds, so nothing is rendered. The codec's
    own change of level, `codec_change_db`, is made up for. The gain that was expected after the
    first minute of speech is kept when it comes close enough: so an edit hardly ever moves it,
    which would change every block, and the beginning can be encoded before the end is spoken.
    """
    measured = gate_loudness(unpack_lufs(timeline.energies))
    ideal_db = _find_ideal(measured, settings, channels, codec_change_db)
    if timeline.expected_lufs is not None:
        expected = expect_gain(
            timeline.expected_lufs, settings, channels=channels, codec_change_db=codec_change_db
        )
        if abs(expected.gain_db - ideal_db) <= _NEAR_DB:
            return expected
    return Gain(_quantise(ideal_db), settings.true_peak_dbtp)


def expect_gain(
    expected_lufs: float, settings: MasterSettings, *, channels: int, codec_change_db: float
) -> Gain:
    """Find the gain for a timeline of which only part is there, and all is expected so loud."""
    ideal_db = _find_ideal(expected_lufs, settings, channels, codec_change_db)
    return Gain(_quantise(ideal_db), settings.true_peak_dbtp)


def correct_gain(
    gain: Gain, measured_lufs: float, settings: MasterSettings, *, channels: int
) -> Gain:
    """Give a better gain when the finished audio missed its loudness, else the same."""
    off = find_target(settings, channels=channels) - measured_lufs
    if abs(off) <= _TOLERANCE_LU:
        return gain
    return Gain(_quantise(gain.gain_db + off), gain.ceiling_dbtp)


def find_target(settings: MasterSettings, *, channels: int) -> float:
    """Give the loudness to reach, in LUFS."""
    return settings.loudness_lufs - (_MONO_LU if channels == 1 else 0)


def _find_ideal(
    measured_lufs: float, settings: MasterSettings, channels: int, codec_change_db: float
) -> float:
    measured_lufs -= _MONO_LU if channels == 1 else 0
    return find_target(settings, channels=channels) - measured_lufs - codec_change_db + _LOST_LU


def _quantise(gain_db: float) -> float:
    return round(round(gain_db / _STEP_DB) * _STEP_DB, 1)
