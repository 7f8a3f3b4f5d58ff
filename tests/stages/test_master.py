"""The one gain: right for what the takes and the sounds measure, in steps, within bounds."""

import pytest

from reviewcast.errors import ConfigError
from reviewcast.model import Timeline
from reviewcast.stages.master import MasterSettings, master_timeline


def make_timeline(*values):
    return Timeline(rate_hz=44_100, blocks=(), chapters=(), cues=(), energies_lufs=values)


@pytest.mark.parametrize(
    ("channels", "lufs", "codec_db", "gain_db"),
    [(2, -24.0, 0.0, 8.0), (2, -24.0, -0.445, 8.5), (1, -24.0, 0.0, 8.0), (2, -16.1, 0.0, 0.0)],
)
def test_gain_makes_up_the_difference(channels, lufs, codec_db, gain_db):
    """The gain lifts what was measured to the target, and what the codec takes away."""
    gain = master_timeline(
        make_timeline(*[lufs] * 50), MasterSettings(), channels=channels, codec_change_db=codec_db
    )
    assert (gain.gain_db, gain.ceiling_dbtp) == (gain_db, -1.0)


def test_a_small_edit_leaves_the_gain():
    """The gain moves in steps, so that one new sentence rarely moves it at all."""
    gains = {
        master_timeline(
            make_timeline(*[-24.0] * 500, *[-25.0] * n), MasterSettings(), channels=2,
            codec_change_db=0.0,
        ).gain_db
        for n in range(40)
    }  # fmt: skip
    assert len(gains) == 1


def test_the_gate_ignores_pauses():
    """Values of silence between the words do not move the gain."""
    wanted = master_timeline(
        make_timeline(*[-24.0] * 50), MasterSettings(), channels=2, codec_change_db=0.0
    )
    with_pauses = make_timeline(*[-24.0] * 50, *[-60.0] * 30, *[-80.0] * 30)
    gain = master_timeline(with_pauses, MasterSettings(), channels=2, codec_change_db=0.0)
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
