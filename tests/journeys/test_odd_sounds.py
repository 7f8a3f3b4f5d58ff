"""Builds with odd music: as loud as they should be by another meter, or it is said."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.journeys.test_mastered import decode, measure
from tests.support.program import Program
from tests.support.tones import make_noise

RATE = 44_100
TEXT = "# Steamboats\n\nThe first reel begins on the river. It ends where nobody waits for it.\n"
NOISE, OTHER = (make_noise(4.0, RATE, seed=seed, low=100) for seed in (1, 2))
PLAIN = '[stitch]\nintro = ""\noutro = ""\nsting = ""\n'
TAIL = np.zeros(2 * RATE, np.float32)


def pair(left, right):
    return np.stack([left, right], axis=1)


INTROS = {
    "26 dB over full scale": (pair(NOISE, OTHER) * 40, ""),
    "an offset": (pair(NOISE + 0.4, NOISE + 0.4), ""),
    "an offset over full scale": (pair(NOISE * 3 - 2, OTHER * 3 + 2), ""),
    "one channel": (NOISE, ""),
    "one side": (pair(NOISE, 0 * NOISE), ""),
    "channels that cancel": (pair(NOISE, -NOISE), "silent where both channels are played as one"),
    "wide": (pair(NOISE, -0.7 * NOISE + 0.7 * OTHER), "softer where both channels are played"),
    "silence around": (np.concatenate([TAIL, NOISE, TAIL]), ""),
    "one sample": (np.array([0.5]), ""),
    "far too soft": (pair(NOISE, OTHER) * 0.0006, "stays below its level"),
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("odd") / "cache"


def build(cache, folder, settings):
    (folder / "podcast.toml").write_text(settings, encoding="utf-8")
    (folder / "x.md").write_text(TEXT, encoding="utf-8")
    target = folder / "x.mp3"
    done = Program(cache).run("build", folder / "x.md", "-o", target, "--voice", "espeak", "--json")
    return done, target


@pytest.mark.parametrize("kind", INTROS)
def test_any_intro_reaches_the_loudness(cache, tmp_path, kind):
    """Within 0.2 LU of the target by ffmpeg's meter; what nobody would hear is warned of."""
    samples, warning = INTROS[kind]
    soundfile.write(tmp_path / "mine.wav", samples, RATE, subtype="FLOAT")
    done, path = build(cache, tmp_path, '[stitch]\nintro = "mine.wav"\noutro = ""\n')
    assert done.code == 0, done.err
    told, meter = done.episode["loudness"], measure(path)
    assert abs(meter["I"] + 16) <= 0.2 + 0.05  # it rounds to tenths
    assert abs(meter["I"] - told["integrated_lufs"]) <= 0.051 + 0.01
    assert meter["Peak"] <= -1 + 0.05
    assert np.abs(decode(path).mean(axis=0)).max() < 1e-3
    assert warning in done.err
    assert ("The intro mine.wav is" in done.err) == bool(warning)
    assert "LUFS" not in done.err


@pytest.mark.parametrize(
    ("sentences", "channels"), [(1, 1), (1, 2), (2, 2), (3, 1), (4, 2)], ids=str
)
def test_short_episodes_have_the_loudness_that_is_told(cache, tmp_path, sentences, channels):
    """A few seconds of speech alone: told to what ffmpeg measures, and on target."""
    text = (
        "A short one.\n\nThen a longer one, that tells of the sea.\n\nHa.\n\nIt is over soon.\n\n"
    )
    (tmp_path / "s.md").write_text("# Hi\n\n" + "".join(text.split("\n\n")[:sentences]))
    (tmp_path / "podcast.toml").write_text(
        f'[stitch]\nintro = ""\noutro = ""\nsting = ""\n[encode]\nchannels = {channels}\n'
    )
    target = tmp_path / "s.mp3"
    arguments = ("build", tmp_path / "s.md", "-o", target, "--voice", "espeak", "--json")
    episode = Program(cache).run(*arguments).episode
    meter = measure(target)
    assert episode["duration_s"] < 14
    assert abs(meter["I"] - episode["loudness"]["integrated_lufs"]) <= 0.05 + 0.02
    assert abs(meter["I"] - (-16 if channels == 2 else -19)) <= 0.2 + 0.05


def test_a_soft_bed_is_not_raised_to_a_roar(cache, tmp_path):
    """A bed that peaks at -70 dBFS stays below the speech, and the build says so."""
    soundfile.write(tmp_path / "bed.wav", pair(NOISE, OTHER) * 6e-4, RATE, subtype="FLOAT")
    done, path = build(cache, tmp_path, '[stitch]\nbed = "bed.wav"\nintro = ""\noutro = ""\n')
    assert done.code == 0, done.err
    assert "The bed bed.wav is so soft" in done.err
    assert abs(measure(path)["I"] + 16) <= 0.25
    assert done.episode["loudness"]["speech_to_bed_db"] is None or (
        done.episode["loudness"]["speech_to_bed_db"] > 15
    )


def test_pauses_of_two_seconds_are_no_trouble(cache, tmp_path):
    """Silence after sound, of any take: the filters ring on in it, and that is silence."""
    done, path = build(cache, tmp_path, "[split]\nchapter_pause_s = 2.0\n")
    assert done.code == 0, done.err
    assert abs(measure(path)["I"] + 16) <= 0.25


def test_a_loudness_out_of_reach_is_told(cache, tmp_path):
    """Near it: a warning. Far from it: an error that says what to set, and no file is touched."""
    loud, path = build(
        cache, tmp_path, f"{PLAIN}[master]\nloudness_lufs = -11.7\ntrue_peak_dbtp = -4\n"
    )
    assert loud.code == 0, loud.err
    told = loud.episode["loudness"]["integrated_lufs"]
    assert -12.7 <= told < -11.9
    assert "LU softer than -11.7" in loud.err
    assert abs(measure(path)["I"] - told) <= 0.06
    before = path.read_bytes()
    done, _ = build(cache, tmp_path, f"{PLAIN}[master]\nloudness_lufs = -8\ntrue_peak_dbtp = -12\n")
    assert done.code == 6
    assert "LU softer than -8.0" in done.err
    assert "Set loudness_lufs = -" in done.err
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["intro", "bed"])
def test_a_pipe_as_music_holds_nothing_up(cache, tmp_path, name):
    """It is refused at once; nothing waits, and the next build runs."""
    os.mkfifo(tmp_path / "music.wav")
    done, _ = build(cache, tmp_path, f'[stitch]\n{name} = "music.wav"\n')
    assert done.code == 6
    assert "music.wav is a pipe, and no audio file." in done.err
    assert f"It is the {name} of [stitch]" in done.err
    assert build(cache, tmp_path, "")[0].code == 0
