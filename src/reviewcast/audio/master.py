"""A timeline reaches its loudness."""

import math

from reviewcast.audio.loudness import SILENCE_LUFS, gate_loudness, unpack_lufs
from reviewcast.model.audio import Gain, Loudness, Timeline
from reviewcast.model.errors import SoundError
from reviewcast.settings.schema import MasterSettings

_STEP_DB = 0.2
"""Gains are multiples of this: in finer steps, more edits of the first minute would move them."""

_NEAR_DB = 0.15
"""An expected gain that is off by so much is kept."""

_LOST_LU = 0.08
"""What holding the peaks takes away at -16 LUFS, on the average of what was measured."""

_TOLERANCE_LU = 0.195
_MOST_UNTOLD_LU = 0.2
_MOST_LU = 1.0

_MOST_MORE_DB = 24.0
"""What would need so much more gain is out of reach: the limiter takes it all away."""

_MOST_STEP_DB = 6.0
_MONO_LU = 3.0


def master_timeline(
    timeline: Timeline, settings: MasterSettings, *, codec_change_db: float
) -> Gain:
    """Find the one gain that brings the timeline to its loudness.

    Works from what was measured of the takes and sounds, so nothing is rendered. The codec's
    own change of level, `codec_change_db`, is made up for. The gain that was expected after the
    first minute of speech is kept when it comes close enough: so an edit hardly ever moves it,
    which would change every block.
    """
    # one channel measures less than it sounds; that it is set lower is in the target
    target_lufs = settings.loudness_lufs - codec_change_db + _LOST_LU
    ideal_db = target_lufs - gate_loudness(unpack_lufs(timeline.energies))
    gain_db = _quantise(ideal_db)
    if timeline.expected_lufs is not None:
        expected_db = _quantise(target_lufs - timeline.expected_lufs)
        if abs(expected_db - ideal_db) <= _NEAR_DB:
            gain_db = expected_db
    return Gain(gain_db, settings.true_peak_dbtp)


def correct_gain(
    gain: Gain,
    measured_lufs: float,
    settings: MasterSettings,
    *,
    channels: int,
    before: tuple[Gain, float] | None = None,
) -> Gain:
    """Return a better gain when the finished audio missed its loudness, else the same.

    `before` is another gain that was tried, with the loudness that it gave: where the peaks are
    held, a decibel of gain is less than one of loudness. When the target is out of reach, the gain
    stays.
    """
    off = find_target(settings, channels=channels) - measured_lufs
    if abs(off) <= _TOLERANCE_LU or measured_lufs <= SILENCE_LUFS:
        return gain
    rise = 1.0
    if before and before[0].gain_db != gain.gain_db:
        rise = (measured_lufs - before[1]) / (gain.gain_db - before[0].gain_db)
        if rise <= 0 or abs(off) > rise * _MOST_MORE_DB:
            return gain
    step_db = min(off / min(rise, 1.0), _MOST_STEP_DB)
    return Gain(_quantise(gain.gain_db + step_db), gain.ceiling_dbtp)


def check_loudness(loudness: Loudness, settings: MasterSettings, *, channels: int) -> str:
    """Return what is to be warned of when audio missed its loudness by over 0.2 LU, else "".

    Raise SoundError when it missed it by more than 1 LU.
    """
    target, reached = find_target(settings, channels=channels), loudness.integrated_lufs
    off = round(reached - target, 2)
    if abs(off) <= _MOST_UNTOLD_LU or reached <= SILENCE_LUFS:
        return ""
    said = (
        f"The episode has {reached:.1f} LUFS, {abs(off):.1f} LU"
        f" {'louder' if off > 0 else 'softer'} than {target:.1f}"
    )
    nearest = (math.ceil if off > 0 else math.floor)(settings.loudness_lufs + off)
    hint = f"Set loudness_lufs = {nearest} under [master]"
    if off < 0:
        said += f", as its peaks are held at {settings.true_peak_dbtp:g} dBTP"
        if settings.true_peak_dbtp < 0:
            hint += f", or a true_peak_dbtp above {settings.true_peak_dbtp:g}"
    if abs(off) > _MOST_LU:
        raise SoundError(f"{said}.", hint=f"{hint}.")
    return f"{said}. {hint}."


def find_target(settings: MasterSettings, *, channels: int) -> float:
    """Return the loudness to reach, in LUFS."""
    return settings.loudness_lufs - (_MONO_LU if channels == 1 else 0)


def _quantise(gain_db: float) -> float:
    return round(round(gain_db / _STEP_DB) * _STEP_DB, 1)
