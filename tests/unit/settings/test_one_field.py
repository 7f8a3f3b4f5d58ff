"""A new setting is one annotated field: all else follows from it."""

from typing import Annotated

import pytest
from msgspec import Meta

from reviewcast.model.errors import ConfigError
from reviewcast.settings.load import load_settings
from reviewcast.settings.manual import describe_settings
from reviewcast.settings.schema import TABLES, StitchSettings
from reviewcast.settings.template import write_settings


class WithEcho(StitchSettings, frozen=True):
    """The table with one field more."""

    echo_db: Annotated[
        float, Meta(ge=-60, le=0, description="How loud the echo is, in dB.")
    ] = -40.0


@pytest.fixture(autouse=True)
def _one_more(monkeypatch):
    monkeypatch.setitem(TABLES, "stitch", WithEcho)


def test_it_stands_in_podcast_toml():
    """A new show's file has its line, at the default and explained."""
    assert "\n# echo_db = -40.0               # How loud the echo is, in dB.\n" in write_settings(
        {}
    )


def test_it_stands_in_the_manual():
    """The page of settings has its row."""
    row = "| `echo_db` | `-40.0` | from -60 to 0 | How loud the echo is, in dB. |"
    assert row in describe_settings().splitlines()


def test_it_is_read(tmp_path):
    """podcast.toml sets it, and its variable goes before that."""
    (tmp_path / "podcast.toml").write_text("[stitch]\necho_db = -20\n")
    assert load_settings(tmp_path, environ={}).stitch == WithEcho(echo_db=-20.0)
    environ = {"REVIEWCAST_STITCH_ECHO_DB": "-30"}
    assert load_settings(tmp_path, environ=environ).stitch == WithEcho(echo_db=-30.0)


@pytest.mark.parametrize("value", ["1", "-60.5", "nan", "inf"])
def test_its_bounds_hold(tmp_path, value):
    """A value out of its bounds is refused from the file, the variable and in code."""
    (tmp_path / "podcast.toml").write_text(f"[stitch]\necho_db = {value}\n")
    for make in (
        lambda: load_settings(tmp_path, environ={}),
        lambda: load_settings(None, environ={"REVIEWCAST_STITCH_ECHO_DB": value}),
        lambda: WithEcho(echo_db=float(value)),
    ):
        with pytest.raises(ConfigError) as caught:
            make()
        assert caught.value.message == "[stitch] echo_db must be from -60 to 0."
        assert caught.value.exit_code == 4
