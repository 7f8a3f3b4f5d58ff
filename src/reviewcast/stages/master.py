"""A timeline reaches its loudness."""

from collections.abc import Sequence

from msgspec import Struct

from reviewcast.errors import ConfigError
from reviewcast.loudness import gate_loudness
from reviewcast.model import Gain, Timeline

OPENING_S = 60
_STEP_DB = 0.2
"""Gains are multiples of this."""
_NEAR_DB = 0.1
"""A gain that is off by so much is kept."""
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
    own change of level, `codec_change_db`, is made up for. The gain that the first minute asks for
    is kept when it comes close enough: so an edit hardly ever moves it, which would change every
    block, and the beginning can be encoded before the end is spoken.
    """
    ideal = _find_ideal(timeline.energies_lufs, settings, channels, codec_change_db)
    opening = open_timeline(
        timeline.energies_lufs, settings, channels=channels, codec_change_db=codec_change_db
    )
    if abs(opening.gain_db - ideal) <= _NEAR_DB:
        return opening
    return Gain(_quantise(ideal), settings.true_peak_dbtp)


def open_timeline(
    energies_lufs: Sequence[float],
    settings: MasterSettings,
    *,
    channels: int,
    codec_change_db: float,
) -> Gain:
    """Find the gain that the first minute of a timeline asks for, which is likely that of all."""
    opening = energies_lufs[: OPENING_S * 10]
    ideal = _find_ideal(opening, settings, channels, codec_change_db)
    return Gain(_quantise(ideal), settings.true_peak_dbtp)


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
    energies_lufs: Sequence[float],
    settings: MasterSettings,
    channels: int,
    codec_change_db: float,
) -> float:
    measured = gate_loudness(energies_lufs) - (_MONO_LU if channels == 1 else 0)
    return find_target(settings, channels=channels) - measured - codec_change_db + _LOST_LU


def _quantise(gain_db: float) -> float:
    return round(round(gain_db / _STEP_DB) * _STEP_DB, 1)
