"""Captions and chapters against what sounds in the finished MP3, to the end of a long episode.

Each word is a tone of its own here, so the decoded audio itself tells which is said when.
REVIEWCAST_TEST_LONG=1 makes the episodes an hour long instead of three minutes.
"""

import html
import json
import os
import random
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mutagen.id3 import ID3
from tests.conftest import require_tool
from tests.support.program import Program
from tests.support.tones import WordVoice, find_tones, pitch_word, to_pcm

from reviewcast.system.resources import find_sample

ROOT = Path(__file__).parents[2]
SAMPLE = find_sample()
LONG = os.environ.get("REVIEWCAST_TEST_LONG") == "1"
SECONDS = 3700 if LONG else 100
WORDS = """
the camera holds still while a man runs past and nobody in that old house looks up from supper
because they have seen him before though never with such a hat under so grey a sky there is music
somewhere between kitchen and garden which a child hears first then her brother who laughs loudly
extraordinary circumstances notwithstanding
""".split()
STING_HZ, INTRO_HZ = 6000, 7000
TOLERANCE_S = 0.05


def write_review(seconds: float) -> str:
    """Write a review of about that length: chapters, quotations, lists, all kinds of marks."""
    dice = random.Random(4)
    parts, chars = ["---\nlanguage: en\n---\n# A long review\n"], 0
    while chars < seconds / WordVoice.char_s / 1.1:
        kind = dice.random()
        if kind < 0.1:
            part = f"## {' '.join(dice.choices(WORDS, k=3)).capitalize()}"
        elif kind < 0.2:
            part = "\n".join(f"- {write_sentence(dice)}" for _ in range(3))
        elif kind < 0.3:
            part = f"> {write_sentence(dice)}"
        else:
            part = " ".join(write_sentence(dice) for _ in range(dice.randint(1, 5)))
        parts.append(part)
        chars += len(part)
    return "\n\n".join(parts)


def write_sentence(dice: random.Random) -> str:
    words = dice.choices(WORDS, k=dice.choice((2, 4, 8, 15, 30, 45)))
    for index in range(1, len(words) - 2):
        mark = dice.choices(("", ",", ";", ":", " —"), (20, 2, 0.5, 0.5, 1))[0]
        words[index] += mark
    if len(words) > 6 and dice.random() < 0.3:
        words[3], words[4] = f"“{words[3]}", f"{words[4]}”"
    return " ".join(words).capitalize() + dice.choice("..?")


@dataclass(frozen=True)
class Built:
    """An episode, and the words that sound in it: from, to, pitch."""

    path: Path
    said: list[tuple[float, float, float]]
    stings: list[float]


def build(folder: Path, options: str) -> Path:
    """Build the review through the program, with a voice that a package brings."""
    package = folder / "package" / "wordvoice-1.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: wordvoice\nVersion: 1\n")
    (package / "entry_points.txt").write_text(
        "[reviewcast.voices]\nwords = tests.support.tones:WordVoice\n"
    )
    for name, hz in (("sting", STING_HZ), ("intro", INTRO_HZ)):
        tone = 0.3 * np.sin(2 * np.pi * hz * np.arange(22_050) / 44_100)
        soundfile.write(folder / f"{name}.wav", np.frombuffer(to_pcm(tone), "<i2"), 44_100)
    (folder / "podcast.toml").write_text(
        '[show]\ndisclosure = ""\n[voice]\nname = "words"\n'
        f"[voice.words]\n{options}\n"
        '[stitch]\nintro = "intro.wav"\nintro_under_s = 0\noutro = ""\n'
        'sting = "sting.wav"\nsting_chapters_s = 0\n'
    )
    (folder / "review.md").write_text(write_review(SECONDS), encoding="utf-8")
    path = folder / "x.mp3"
    done = Program(folder / "cache").run(
        "build",
        folder / "review.md",
        "-o",
        path,
        env={"PYTHONPATH": os.pathsep.join((str(package.parent), str(ROOT)))},
    )
    assert done.code == 0, done.err
    return path


def read_mono(path: Path):
    with soundfile.SoundFile(path) as file:
        for block in file.blocks(44_000, dtype="float32", always_2d=True):
            yield block[:, 0]


@pytest.fixture(scope="module", params=["", "uneven = true\ntells = true"], ids=["even", "marked"])
def built(request, tmp_path_factory) -> Built:
    """The long review, spoken at an even pace, and at an uneven one that the voice tells of."""
    path = build(tmp_path_factory.mktemp("built"), request.param)
    tones = find_tones(read_mono(path), 44_100)
    assert tones.pop(0)[2] == pytest.approx(INTRO_HZ, abs=30)
    is_sting = [abs(hz - STING_HZ) < 100 for _, _, hz in tones]
    said = [tone for tone, sting in zip(tones, is_sting, strict=True) if not sting]
    stings = [start for (start, _, _), sting in zip(tones, is_sting, strict=True) if sting]
    return Built(path, said, stings)


def list_words(text: str) -> list[str]:
    return [word for word in text.split() if any(map(str.isalnum, word))]


def hold_against(said, captions):
    """Hold captions against the tones: every word once, in order, each start and end in time.

    Prints the largest errors.
    """
    tones = iter(said)
    starts, ends = [], []
    for start, end, text in captions:
        heard = []
        for word in list_words(text):
            heard.append(next(tones))
            assert heard[-1][2] == pytest.approx(pitch_word(word), abs=25), (start, word)
        if heard:
            starts.append(start - heard[0][0])
            ends.append(end - heard[-1][1])
    assert next(tones, None) is None
    worst = max(map(abs, starts)), max(map(abs, ends)), abs(starts[-1])
    print("start {:.3f} end {:.3f} last start {:.3f} s".format(*worst), len(starts), "captions")
    assert max(worst) <= TOLERANCE_S


def to_seconds(time: str) -> float:
    hours, minutes, seconds = time.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def read_captions(path: Path, suffix: str):
    """Read WebVTT or SubRip without any code of the product."""
    text = path.with_suffix(suffix).read_text(encoding="utf-8")
    for start, end, line in re.findall(r"^([\d:.,]+) --> ([\d:.,]+)\n(.*)$", text, re.MULTILINE):
        said = html.unescape(re.sub(r"^<v \w+>", "", line))
        yield to_seconds(start), to_seconds(end), said


def test_the_episode_is_as_long_as_it_should_be(built):
    """The test says what it claims: a minute and a half, or an hour."""
    assert built.said[-1][1] > (3600 if LONG else 80)


@pytest.mark.parametrize("suffix", [".vtt", ".srt"])
def test_captions_are_where_their_words_sound(built, suffix):
    """Every word is in the captions once; none starts or ends 50 ms off what is heard."""
    hold_against(built.said, read_captions(built.path, suffix))


def test_json_sentences_are_where_they_sound(built):
    """So it is for the sentences of the JSON transcript."""
    document = json.loads(built.path.with_suffix(".transcript.json").read_bytes())
    segments = document["segments"]
    hold_against(built.said, [(s["startTime"], s["endTime"], s["body"]) for s in segments])


def test_chapters_start_where_they_sound(built):
    """Each chapter but the first starts with its sting, in the file's tag and beside it."""
    document = json.loads(built.path.with_suffix(".chapters.json").read_bytes())
    starts = [chapter["startTime"] for chapter in document["chapters"]]
    tagged = sorted(frame.start_time / 1000 for frame in ID3(built.path).getall("CHAP"))
    assert starts[0] == tagged[0] == 0
    assert len(starts) == len(tagged) == len(built.stings) + 1 >= 3
    errors = np.abs(np.array([starts[1:], tagged[1:]]) - built.stings)
    print("chapters", errors.max(), "s,", len(starts))
    assert errors.max() <= TOLERANCE_S


def test_ffmpeg_hears_the_words_at_the_same_times(built):
    """Another decoder puts every tone at the same place to 5 ms."""
    command = [require_tool("ffmpeg"), "-v", "error", "-i", built.path, "-ac", "1"]
    raw = subprocess.run([*command, "-f", "s16le", "-"], capture_output=True, check=True).stdout
    samples = np.frombuffer(raw, "<i2").astype(np.float32)
    tones = find_tones(np.array_split(samples, range(44_000, len(samples), 44_000)), 44_100)
    heard = [tone for tone in tones if tone[2] < STING_HZ - 100]
    assert np.allclose([t[0] for t in heard], [t[0] for t in built.said], atol=0.005)


def test_sentences_of_the_embedded_voice_start_where_silence_ends(tmp_path):
    """With the real voice, each sentence is cut where it is silent before and speech after."""
    (tmp_path / "podcast.toml").write_text('[stitch]\nintro = ""\noutro = ""\nsting = ""\n')
    half = SAMPLE.read_text(encoding="utf-8").partition("## How")[0]
    (tmp_path / "x.md").write_text(half, encoding="utf-8")
    path = tmp_path / "x.mp3"
    done = Program(tmp_path / "cache").run(
        "build", tmp_path / "x.md", "-o", path, "--voice", "espeak"
    )
    assert done.code == 0, done.err
    samples = np.concatenate(list(read_mono(path)))
    level = np.abs(samples[: len(samples) // 441 * 441]).reshape(-1, 441).max(axis=1)
    heard = level > 10 ** (-38 / 20) * level.max()
    document = json.loads(path.with_suffix(".transcript.json").read_bytes())
    assert len(document["segments"]) > 12
    for sentence in document["segments"]:
        start, end = (round(100 * sentence[key]) for key in ("startTime", "endTime"))
        assert not heard[max(0, start - 15) : max(0, start - 5)].any(), sentence["body"]
        assert heard[max(0, start - 5) : start + 6].any(), sentence["body"]
        assert heard[end - 6 : end + 5].any(), sentence["body"]
        assert not heard[end + 5 : end + 10].any(), sentence["body"]
