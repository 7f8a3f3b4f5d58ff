"""A timeline reaches its loudness."""

from msgspec import Struct

from reviewcast.errors import ConfigError
from reviewcast.loudness import gate_loudness
from reviewcast.model import Gain, Timeline

_STEP_DB = 0.25
"""Gains are multiples of this, so that a small edit leaves the gain, and thus every other block."""
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
    timeline: Timeline, settings: MasterSettings, *, channels: int, codec_change_db: float
) -> Gain:
    """Find the one gain that brings the timeline to its loudness.

    Works from what was measured of the takes and sounds, so nothing is rendered. The codec's
    own change of level, `codec_change_db`, is made up for.
    """
    target = settings.loudness_lufs - (_MONO_LU if channels == 1 else 0)
    measured = gate_loudness(timeline.energies_lufs) - (_MONO_LU if channels == 1 else 0)
    gain = target - measured - codec_change_db
    return Gain(round(gain / _STEP_DB) * _STEP_DB, settings.true_peak_dbtp)
