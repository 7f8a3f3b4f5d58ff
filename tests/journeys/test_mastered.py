"""Finished files by other ears: loudness, peaks, beds, joins and seeking, measured by ffmpeg."""

import io
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.conftest import require_tool
from tests.support.program import Program
from tests.support.tones import find_offset, make_noise

from reviewcast.audio.loudness import gate_loudness, measure_energies, measure_range, pick_whole
from reviewcast.system.resources import find_bundled, find_sample

SAMPLE = find_sample()
HALF = "\n## ".join(SAMPLE.read_text(encoding="utf-8").split("\n## ")[:3])
RATE = 44_100
TEXT = "# Steamboats\n\n" + "\n\n".join(
    f"The {name} reel begins on the river. It ends at the {place}, where nobody waits for it."
    for name, place in zip(
        "first second third fourth fifth sixth".split(),
        "landing weir bridge harbour lock bend".split(),
        strict=True,
    )
)
# what is heard in each, and how the two voices of it lie to each other
SHOWS = {
    "plain": "",
    "mono": "[encode]\nchannels = 1\n",
    "vbr": '[encode]\nmode = "vbr"\n',
    "bed": '[stitch]\nbed = "default"\nbed_db = -18.0\n',
    "tone": "[stitch]\nroom_tone_db = -50.0\n",
    "music-heavy": '[stitch]\nmusic_db = 6.0\nbed = "default"\nbed_db = -6.0\n',
    "whisper": '[voice.espeak]\nvoice = "en-us+whisper"\n',
    "own intro, one channel": '[stitch]\nintro = "tone.wav"\nintro_under_s = 0.0\n',
    "no music": '[stitch]\nintro = ""\noutro = ""\nsting = ""\n',
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mastered") / "cache"


def build(cache: Path, folder: Path, settings: str, *, name: str = "x", text: str = TEXT, **env):
    (folder / "podcast.toml").write_text(settings, encoding="utf-8")
    (folder / "x.md").write_text(text, encoding="utf-8")
    tone = 0.3 * np.sin(np.arange(6 * RATE) * (2 * np.pi * 440 / RATE))
    soundfile.write(folder / "tone.wav", tone, RATE)
    path = folder / f"{name}.mp3"
    arguments = ("build", folder / "x.md", "-o", path, "--voice", "espeak", "--json")
    return Program(cache).run(*arguments, env=env).episode, path


def decode(path: Path):
    samples, rate = soundfile.read(io.BytesIO(path.read_bytes()), dtype="float32", always_2d=True)
    assert rate == RATE
    return samples


def measure(path: Path) -> dict[str, float]:
    """Measure a file by ffmpeg's meter."""
    done = subprocess.run(
        [require_tool("ffmpeg"), "-hide_banner", "-nostats", "-i", path, "-vn", "-af",
         "ebur128=peak=true", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    summary = done.stderr.rpartition("Summary:")[2]
    found = {
        name: float(value) for name, value in re.findall(r"(I|LRA|Peak):\s+(-?[\d.]+)", summary)
    }
    assert set(found) == {"I", "LRA", "Peak"}
    return found


@pytest.mark.parametrize("show", SHOWS)
def test_any_mix_reaches_its_loudness(cache, tmp_path, show):
    """By another meter: the target within 0.2, peaks under the ceiling, the range as reported."""
    episode, path = build(cache, tmp_path, SHOWS[show])
    meter, told = measure(path), episode["loudness"]
    target = -19 if show == "mono" else -16
    assert abs(meter["I"] - target) <= 0.2 + 0.05  # it rounds to tenths
    assert meter["Peak"] <= -1 + 0.05
    assert abs(meter["I"] - told["integrated_lufs"]) <= 0.1 + 0.05
    assert abs(meter["LRA"] - told["range_lu"]) <= 0.6 + 0.05
    samples = decode(path)
    heard = measure_energies(samples if samples.shape[1] == 2 else samples[:, 0], RATE)
    whole = pick_whole(heard, len(samples), RATE)
    assert told["integrated_lufs"] == pytest.approx(gate_loudness(whole), abs=0.05)
    # espeak makes a whisper of fresh noise in each run: its range differs by tenths from run to run
    near = 0.3 if show == "whisper" else 0.15
    assert told["range_lu"] == pytest.approx(measure_range(heard), abs=near)
    done = subprocess.run([require_tool("mp3val"), path], capture_output=True, text=True)
    assert "WARNING" not in done.stdout
    assert "ERROR" not in done.stdout
    assert abs(len(samples) / RATE - episode["duration_s"]) < 1e-5


@pytest.mark.parametrize("bed_db", [-14.0, -22.0])
def test_a_bed_lies_as_far_under_the_speech_as_it_should(cache, tmp_path, bed_db):
    """On the finished file the bed alone is where it was set, in every pause."""
    episode, path = build(cache, tmp_path, f'[stitch]\nbed = "default"\nbed_db = {bed_db}\n')
    assert abs(episode["loudness"]["speech_to_bed_db"] + bed_db) <= 0.5
    plain, _ = build(cache, tmp_path, '[stitch]\nbed = ""\n', name="plain")
    samples = decode(path).mean(axis=1)
    cues = [(cue["start_s"], cue["end_s"]) for cue in episode["cues"]]
    apart = np.subtract(cues, [(cue["start_s"], cue["end_s"]) for cue in plain["cues"]])
    assert np.abs(apart).max() <= 0.3  # without a bed blocks are whole frames between the words
    inside = [
        samples[int((end + 0.05) * RATE) : int((start - 0.05) * RATE)]
        for (_, end), (start, _) in pairwise(cues[2:-1])
        if start - end > 0.4
    ]
    levels = [10 * np.log10(np.mean(part**2)) for part in inside]
    # the music itself is not quite even: its momentary loudness spans some 2.4 LU
    assert np.ptp(levels) <= 4.0


@pytest.mark.parametrize("show", ["bed", "vbr"])
def test_threads_and_stores_change_no_byte(cache, tmp_path, show):
    """One thread or four, cold or from the stores: the same file."""
    files = set()
    for threads, own in (("1", tmp_path / "cold"), ("4", cache), ("2", cache)):
        _, path = build(own, tmp_path, SHOWS[show], REVIEWCAST_ENCODE_THREADS=threads)
        files.add(path.read_bytes())
    assert len(files) == 1


@pytest.mark.parametrize("show", ["bed", "tone", "no music"])
def test_no_join_is_heard(cache, tmp_path, show):
    """At the borders of blocks no step from sample to sample is larger than within speech."""
    episode, path = build(cache, tmp_path, SHOWS[show])
    steps = np.abs(np.diff(decode(path)[:, 0]))
    spoken = np.zeros(len(steps), bool)
    for cue in episode["cues"]:
        spoken[int(cue["start_s"] * RATE) : int(cue["end_s"] * RATE)] = True
    assert steps[~spoken].max() < steps[spoken].max()
    if show == "no music":
        quiet = ~np.convolve(spoken, np.ones(2 * RATE // 20, bool), "same").astype(bool)
        assert steps[quiet].max() < 1e-3


def test_an_own_recording_stands_where_it_should_to_the_sample(cache, tmp_path):
    """Noise in place of a segment is found in the finished file at its cue, under a bed too."""
    noise = make_noise(2.0, RATE, seed=3)
    soundfile.write(tmp_path / "own.wav", noise, RATE, subtype="PCM_16")
    text = "The third reel begins on the river. It ends at the bridge, where nobody waits for it."
    edits = f'[[edit]]\ntext = "{text}"\nrecording = "own.wav"\n'
    for settings in ("", SHOWS["bed"]):
        (tmp_path / "x.edits.toml").unlink(missing_ok=True)
        program = Program(cache)
        (tmp_path / "x.md").write_text(TEXT, encoding="utf-8")
        said = program.run("script", tmp_path / "x.md", "--json").json["segments"]
        texts = [one["text"] for one in said]
        chosen = text if text in texts else next(t for t in texts if "third reel" in t)
        (tmp_path / "x.edits.toml").write_text(edits.replace(text, chosen), encoding="utf-8")
        episode, path = build(cache, tmp_path, settings)
        cue = episode["cues"][texts.index(chosen)]
        low = int(cue["start_s"] * RATE) - 4000
        place = low + find_offset(decode(path)[low : low + 4 * RATE, 0], noise)
        assert abs(place / RATE - cue["start_s"]) <= 0.002


SHORT = "# A short one\n\n" + " ".join(
    f"The {n} reel is short, and this is all that there is to say of it."
    for n in "first second third fourth fifth sixth".split()
)


@pytest.mark.parametrize(
    ("intro", "settings", "music_s"),
    [
        ("", "", 3.0),
        ("", "[stitch]\nmusic_share = 1.0\n", 8.9),
        ("intro.flac", '[stitch]\nintro = "intro.flac"\n', 3.0),
        ("tone", '[stitch]\nintro = "tone.wav"\n', 4.5),
    ],
    ids=["default", "to its end", "a copy of it", "an own file"],
)
def test_the_first_word_of_a_short_review_comes_soon(cache, tmp_path, intro, settings, music_s):
    """After three seconds of the music that comes along; one's own is never cut."""
    if intro.endswith("flac"):
        (tmp_path / intro).write_bytes(find_bundled("intro.flac").read_bytes())
    episode, path = build(cache, tmp_path, settings, text=SHORT)
    first_s, last_s = episode["cues"][0]["start_s"], episode["cues"][-1]["end_s"]
    assert last_s - first_s < 45
    assert first_s == pytest.approx(music_s, abs=0.06)
    heard = np.abs(decode(path)).max(axis=1)
    assert 20 * np.log10(heard[RATE : 2 * RATE].max()) > -30  # there is music
    if music_s == 3.0:
        assert episode["duration_s"] - last_s < 3.3


def seek(path, start_s, *options):
    """Decode two seconds from a time on, as a player that is sent there."""
    done = subprocess.run(
        [require_tool("ffmpeg"), "-v", "error", *options, "-ss", str(start_s), "-i", path,
         "-vn", "-t", "2", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"],
        capture_output=True,
        check=True,
    )  # fmt: skip
    return np.frombuffer(done.stdout, np.float32)[: 2 * RATE]


def test_seeking_lands_on_the_chapter(cache, tmp_path):
    """A player that is sent to a chapter begins within a frame of what the whole file has there."""
    episode, path = build(cache, tmp_path, "", text=HALF)
    assert len(episode["chapters"]) > 2
    whole = decode(path)[:, 0]
    for chapter in episode["chapters"][1:]:
        start_s = chapter["start_s"]
        heard = seek(path, start_s)
        low = max(0, int(start_s * RATE) - RATE)
        place = low + find_offset(whole[low : low + 5 * RATE], heard[: RATE + RATE // 2])
        assert abs(place - start_s * RATE) <= 1152 + 1105


def test_vbr_is_off_by_half_a_step_of_its_table(cache, tmp_path):
    """Sent by the table, as browsers are, a player lands early and late alike; a notice says so."""
    episode, path = build(cache, tmp_path, SHOWS["vbr"], text=HALF)
    whole, off_s = decode(path)[:, 0], []
    for start_s in range(10, int(episode["duration_s"]) - 6, 20):
        low = (start_s - 3) * RATE
        heard = seek(path, start_s, "-fflags", "fastseek")[: RATE + RATE // 2]
        off_s.append((low + find_offset(whole[low : low + 8 * RATE], heard)) / RATE - start_s)
    # a step is of bytes: where there are fewer in a second, it lasts a little longer
    assert max(map(abs, off_s)) <= 1.2 * episode["duration_s"] / 512
    assert abs(np.mean(off_s)) <= episode["duration_s"] / 1024
    build_again = ("build", tmp_path / "x.md", "-o", path, "--voice", "espeak")
    assert "browsers seek by a table" in Program(cache).run(*build_again).err
