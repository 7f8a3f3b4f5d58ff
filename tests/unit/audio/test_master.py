"""The one gain: right for what the takes and the sounds measure, in steps, within bounds."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewcast.audio.loudness import SILENCE_LUFS, gate_loudness, pack_lufs
from reviewcast.audio.master import (
    check_loudness,
    correct_gain,
    find_target,
    master_timeline,
)
from reviewcast.model.audio import Gain, Loudness, Timeline
from reviewcast.model.errors import ConfigError, SoundError
from reviewcast.settings.schema import MasterSettings


def make_timeline(*values, expected_lufs=None):
    return Timeline(
        rate_hz=44_100,
        blocks=(),
        chapters=(),
        cues=(),
        energies=pack_lufs(values),
        expected_lufs=expected_lufs,
    )


def master(values, *, expected_lufs=None, settings=None):
    """Find the gain of a timeline with these energies, for a codec that changes nothing."""
    return master_timeline(
        make_timeline(*values, expected_lufs=expected_lufs),
        settings or MasterSettings(),
        codec_change_db=0.0,
    ).gain_db


@pytest.mark.parametrize(
    ("lufs", "codec_db", "gain_db"),
    [(-24.0, 0.0, 8.0), (-24.0, -0.445, 8.6), (-16.0, 0.0, 0.0)],
)
def test_gain_makes_up_the_difference(lufs, codec_db, gain_db):
    """The gain lifts what was measured to the target, and what codec and limiter take away."""
    gain = master_timeline(make_timeline(*[lufs] * 50), MasterSettings(), codec_change_db=codec_db)
    assert (gain.gain_db, gain.ceiling_dbtp) == (gain_db, -1.0)


def test_a_small_edit_leaves_the_gain():
    """Sentences more or less after the first minute do not move it, not even between two steps."""
    for expected_lufs in (None, -24.0):
        gains = {
            master([-24.0] * 3600 + [-25.0] * n, expected_lufs=expected_lufs)
            for n in range(0, 60, 4)
        }
        assert gains == {8.0}
    near = [master([-24.01 - drift] * 60_000, expected_lufs=-24.0) for drift in (0, 0.03, 0.05)]
    assert near == [8.0] * 3
    assert master([-24.05] * 60_000) == master([-24.13] * 60_000, expected_lufs=-24.0) == 8.2


@pytest.mark.parametrize("expected_lufs", [-24.2, -24.0, -24.12, -24.5, -23.8, -40.0])
def test_the_gain_that_was_expected_is_kept_when_it_is_near(expected_lufs):
    """What the first minute asks for holds for the whole, up to 0.15 dB off."""
    values = [-24.01] * 60_000
    expected_db = round(round((-16.0 - expected_lufs + 0.08) / 0.2) * 0.2, 1)
    ideal = -16.0 - gate_loudness(values) + 0.08
    near = abs(expected_db - ideal) <= 0.15
    assert master(values, expected_lufs=expected_lufs) == (
        expected_db if near else round(round(ideal / 0.2) * 0.2, 1)
    )


@pytest.mark.parametrize(
    ("measured_lufs", "gain_db"),
    [(-16.0, 8.0), (-16.19, 8.0), (-15.81, 8.0), (-16.21, 8.2), (-15.7, 7.6), (-18.0, 10.0)],
)
def test_a_gain_that_missed_is_corrected(measured_lufs, gain_db):
    """What the finished audio is off by is made up for, unless that is within 0.195 LU."""
    gain = Gain(8.0, -1.5)
    for channels, lower in ((2, 0), (1, 3)):
        better = correct_gain(gain, measured_lufs - lower, MasterSettings(), channels=channels)
        assert better == Gain(gain_db, -1.5)


def squash(gain_db, most_lufs=-9.0):
    """Return the loudness of speech of -26 LUFS under a limiter: each decibel counts for less."""
    linear = gain_db - 26
    return linear if linear < -14 else most_lufs - 5 * math.exp((-14 - linear) / 5)


@pytest.mark.parametrize("target_lufs", [-16.0, -13.0, -11.0, -10.0, -9.5])
def test_a_limiter_s_share_is_made_up_for(target_lufs):
    """Where the peaks are held, five corrections by what the last one did reach the target."""
    settings = MasterSettings(loudness_lufs=target_lufs)
    gain, before = Gain(target_lufs + 26, -1.0), None
    for _ in range(5):
        measured = squash(gain.gain_db)
        better = correct_gain(gain, measured, settings, channels=2, before=before)
        before, gain = (gain, measured), better
    assert squash(gain.gain_db) == pytest.approx(target_lufs, abs=0.2)


@pytest.mark.parametrize("rise_lu", [0.0, -0.1, 0.2])
def test_what_is_out_of_reach_is_given_up(rise_lu):
    """When six decibels more have hardly changed anything, no more is tried."""
    settings = MasterSettings(loudness_lufs=-8, true_peak_dbtp=-12)
    gain = correct_gain(Gain(10.0, -12.0), -19.0, settings, channels=2)
    assert gain.gain_db == 16  # not eleven at once
    again = correct_gain(
        gain, -19.0 + rise_lu, settings, channels=2, before=(Gain(10.0, -12.0), -19.0)
    )
    assert again == gain
    assert correct_gain(gain, SILENCE_LUFS, settings, channels=2) == gain


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("off", "said"),
    [(0.2, ""), (-0.2, ""), (-0.21, "softer"), (0.4, "louder"), (-1.0, "softer"), (1.0, "louder")],
)
def test_a_missed_loudness_is_told(channels, off, said):
    """Beyond 0.2 LU there is a warning that says how far it is off, and what to set."""
    target = -16 - (3 if channels == 1 else 0)
    warning = check_loudness(Loudness(target + off, -1.2), MasterSettings(), channels=channels)
    assert said in warning
    assert bool(said) == bool(warning)
    if said:
        assert f"{abs(off):.1f} LU {said} than {target:.1f}" in warning
        assert f"loudness_lufs = {-17 if off < 0 else -15} under [master]" in warning


@pytest.mark.parametrize("off", [-1.01, -11.4, 1.5, 9.0])
def test_a_loudness_that_is_far_off_is_refused(off):
    """Beyond 1 LU the build fails, and says which target could be reached."""
    settings = MasterSettings(loudness_lufs=-18.0)
    with pytest.raises(SoundError, match=r"LU (softer|louder) than -18.0") as caught:
        check_loudness(Loudness(-18.0 + off, -1.2), settings, channels=2)
    near = int(re.search(r"loudness_lufs = (-?\d+) under", caught.value.hint)[1])
    assert abs(near - (-18 + off)) < 1
    assert ("true_peak_dbtp above -1" in caught.value.hint) == (off < 0)


def test_what_has_no_loudness_cannot_miss_it():
    """Audio without a single window above the gate is neither corrected nor refused."""
    assert check_loudness(Loudness(SILENCE_LUFS, -60.0), MasterSettings(), channels=2) == ""


@given(st.floats(-30, -10), st.lists(st.floats(-60, 30), min_size=1, max_size=30))
def test_whatever_is_found_lands_near_the_target(target_lufs, levels_lufs):
    """No gain is off by more than half a step and what the figures are rounded by."""
    settings = MasterSettings(loudness_lufs=target_lufs)
    for channels in (1, 2):
        values = [level for level in levels_lufs for _ in range(50)]
        gain_db = master(values, settings=settings)
        reached = gate_loudness(values) - (3 if channels == 1 else 0) + gain_db - 0.08
        assert reached == pytest.approx(find_target(settings, channels=channels), abs=0.106)
        assert gain_db == round(gain_db, 1)


def test_the_gate_ignores_pauses():
    """Values of silence between the words do not move the gain."""
    wanted = master_timeline(make_timeline(*[-24.0] * 50), MasterSettings(), codec_change_db=0.0)
    with_pauses = make_timeline(*[-24.0] * 50, *[-60.0] * 30, *[-80.0] * 30)
    gain = master_timeline(with_pauses, MasterSettings(), codec_change_db=0.0)
    assert gain == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("loudness_lufs", -40.1),
        ("loudness_lufs", -7.9),
        ("loudness_lufs", float("nan")),
        ("true_peak_dbtp", 0.1),
        ("true_peak_dbtp", -12.1),
    ],
)
def test_targets_that_cannot_be_are_refused(name, value):
    """A target out of bounds is a mistake in the settings."""
    with pytest.raises(ConfigError, match=name):
        MasterSettings(**{name: value})
