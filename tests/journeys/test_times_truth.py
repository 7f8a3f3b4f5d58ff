"""Times of chapters, captions and words against the decoded samples, to the millisecond.

Each word is a rising tone of its own here; where it sounds is found by cross-correlation with the
waveform that the voice gave. REVIEWCAST_TEST_FULL_SWEEP=1 adds an episode of ten hours.
"""

import itertools
import json
import os
import re
import resource
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from tests.conftest import require_tool
from tests.support.program import Program, Result
from tests.support.tones import WordVoice, find_offset

from reviewcast.audio.measure import measure_take
from reviewcast.audio.samples import scale_length

ROOT = Path(__file__).parents[2]
RATE_HZ = 44_100
LONG = bool(os.environ.get("REVIEWCAST_TEST_FULL_SWEEP"))
TOLERANCE_S = 0.001
NEAR_S = 0.04
"""So far around the told time is looked; no two words are as near to each other and alike."""
REVIEW = """---
language: en
---
# A film of tones

The camera holds still, while a man runs past the old house. Nobody looks up from supper? They have
seen him before, though never with such a hat; it is grey, as is the sky above him.

## Between kitchen and garden

Somewhere there is music. A child hears it first, then her brother, who laughs loudly and runs into
the extraordinary garden. It rains.

> What he saw there, nobody has told.

## The end

See it twice.
"""
HOUR_S = 3600
SENTENCES = tuple(
    f"{first} camera holds still while a man runs past and nobody in that old house looks up from"
    " supper because they have seen him before though never with such a hat under so grey a sky and"
    f" there is music somewhere between kitchen and garden which a child hears {last}."
    for first, last in (("The", "first"), ("One", "twice"), ("Her", "never"))
)


@dataclass(frozen=True)
class Word:
    """A word's tone at 44.1 kHz, and how long after its start the tone is over."""

    wave: Any
    length_s: float


def list_words(spoken: str, *, uneven: bool = True) -> list[Word]:
    """Return the tones of a text as the voice makes them, without the silence between them."""
    take = WordVoice(uneven=uneven, tells=True, glides=True).speak(spoken, language="en")
    samples = np.frombuffer(take.pcm, "<i2").astype(np.float32)
    starts = [sample for _, sample in take.marks]
    words = []
    for start, end in itertools.pairwise([*starts, len(samples)]):
        length = int(np.flatnonzero(samples[start:end])[-1]) + 1
        tone = samples[start : start + length]
        words.append(Word(soxr.resample(tone, take.rate_hz, RATE_HZ), length / take.rate_hz))
    return words


def make_tone(hz: int, seconds: float) -> Any:
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.asarray(0.3 * np.sin(2 * np.pi * hz * at), np.float32)


def locate(samples: Any, wave: Any, told_s: float, first: int = 0) -> float:
    """Find when a waveform sounds near a time, in seconds; `samples` begin at sample `first`."""
    start = max(0, round((told_s - NEAR_S) * RATE_HZ) - first)
    window = samples[start : start + round(2 * NEAR_S * RATE_HZ) + len(wave)]
    shift = find_offset(window, wave[: len(window)])
    assert np.abs(window).max(initial=0) > 0.01, told_s
    return (first + start + shift) / RATE_HZ


def install(folder: Path, options: str, settings: str, *, sting_hz: int = 6000) -> dict[str, str]:
    """Make a show whose voice says words as tones; return the environment that knows the voice."""
    package = folder / "package" / "wordvoice-1.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: wordvoice\nVersion: 1\n")
    (package / "entry_points.txt").write_text(
        "[reviewcast.voices]\nwords = tests.support.tones:WordVoice\n"
    )
    soundfile.write(folder / "sting.wav", make_tone(sting_hz, 0.5), RATE_HZ)
    (folder / "podcast.toml").write_text(
        '[show]\ndisclosure = ""\ncover = ""\n[voice]\nname = "words"\n'
        f'[voice.words]\n{options}\n[stitch]\nintro = ""\noutro = ""\n'
        'sting = "sting.wav"\nsting_chapters_s = 0\n'
        f"{settings}"
    )
    return {"PYTHONPATH": os.pathsep.join((str(package.parent), str(ROOT)))}


@dataclass(frozen=True)
class Built:
    """An episode, what was told of it, its decoded samples, and the words in their order."""

    path: Path
    episode: dict[str, Any]
    samples: Any
    words: list[Word]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A short review with chapters, spoken at an uneven pace by a voice that marks its words."""
    folder = tmp_path_factory.mktemp("built")
    env = install(folder, "uneven = true\ntells = true\nglides = true", "")
    (folder / "review.md").write_text(REVIEW, encoding="utf-8")
    path = folder / "x.mp3"
    program = Program(folder / "cache")
    done = program.run("build", folder / "review.md", "-o", path, "--json", env=env)
    assert done.code == 0, done.err
    samples, rate_hz = soundfile.read(path, dtype="float32")
    assert rate_hz == RATE_HZ
    script = program.run("script", folder / "review.md", "--json", env=env).json
    spoken = (segment["spoken"] for segment in script["segments"])
    words = list(itertools.chain.from_iterable(map(list_words, spoken)))
    return Built(path, done.episode, samples[:, 0], words)


def hold(built: Built, told: list[tuple[float, float | None, str]]) -> None:
    """Hold starts, and ends where there are some, against the first and last word of each text."""
    words = iter(built.words)
    worst_start = worst_end = 0.0
    for start_s, end_s, text in told:
        said = [next(words) for word in text.split() if any(map(str.isalnum, word))]
        heard_s = locate(built.samples, said[0].wave, start_s)
        worst_start = max(worst_start, abs(heard_s - start_s))
        if end_s is not None:
            begun_s = end_s - said[-1].length_s
            heard_s = locate(built.samples, said[-1].wave, begun_s) + said[-1].length_s
            worst_end = max(worst_end, abs(heard_s - end_s))
    assert next(words, None) is None
    print(f"start {1000 * worst_start:.2f} ms, end {1000 * worst_end:.2f} ms, {len(told)} texts")
    assert worst_start <= TOLERANCE_S
    assert worst_end <= TOLERANCE_S


def to_seconds(time: str) -> float:
    hours, minutes, seconds = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def read_captions(path: Path) -> list[tuple[float, float, str]]:
    """Read WebVTT without any code of the product."""
    text = path.with_suffix(".vtt").read_text(encoding="utf-8")
    return [
        (to_seconds(start), to_seconds(end), re.sub(r"^<v \w+>", "", line))
        for start, end, line in re.findall(r"^(\S+) --> (\S+)\n(.*)$", text, re.MULTILINE)
    ]


def test_cues_are_where_they_sound(built):
    """Each segment starts with its first word and ends with its last, in samples."""
    hold(built, [(cue["start_s"], cue["end_s"], cue["text"]) for cue in built.episode["cues"]])


def test_captions_start_where_they_sound(built):
    """Within a segment, too, each line starts with its first word."""
    captions = read_captions(built.path)
    assert len(captions) > len(built.episode["cues"])
    hold(built, [(start, None, text) for start, _, text in captions])


def test_synchronised_text_is_the_captions(built):
    """The tag says the captions' words at the captions' times."""
    (frame,) = ID3(built.path).getall("SYLT")
    told = [(start_ms / 1000, None, text) for text, start_ms in frame.text]
    assert [(start, text.strip()) for start, _, text in told] == [
        (start, text) for start, _, text in read_captions(built.path)
    ]
    hold(built, told)


def test_words_of_the_transcript_are_where_they_sound(built):
    """Each word that the voice has marked is in the JSON transcript at its time."""
    document = json.loads(built.path.with_suffix(".transcript.json").read_bytes())
    for segment in document["segments"]:
        assert " ".join(word["body"] for word in segment["words"]) == segment["body"]
        times = [word[key] for word in segment["words"] for key in ("startTime", "endTime")]
        assert times == sorted(times)
        assert (times[0], times[-1]) == (segment["startTime"], segment["endTime"])
    words = itertools.chain.from_iterable(segment["words"] for segment in document["segments"])
    hold(built, [(word["startTime"], None, word["body"]) for word in words])


def list_chapters(path: Path) -> list[tuple[float, float]]:
    """Return the starts of all chapters but the first, beside the file and in its tag."""
    document = json.loads(path.with_suffix(".chapters.json").read_bytes())
    beside = [chapter["startTime"] for chapter in document["chapters"]]
    tagged = sorted(frame.start_time / 1000 for frame in ID3(path).getall("CHAP"))
    assert beside[0] == tagged[0] == 0
    return list(zip(beside[1:], tagged[1:], strict=True))


def test_chapters_start_where_their_stings_sound(built):
    """Beside the file and in its tag."""
    chapters = list_chapters(built.path)
    assert len(chapters) == 2
    for starts in chapters:
        for start_s in starts:
            heard_s = locate(built.samples, make_tone(6000, 0.5), start_s)
            assert abs(heard_s - start_s) <= TOLERANCE_S


def test_the_info_frame_tells_the_length(built):
    """What is decoded is as long as the file says, to the sample."""
    assert len(built.samples) / RATE_HZ == pytest.approx(built.episode["duration_s"], abs=1e-6)
    assert MP3(built.path).info.length == pytest.approx(len(built.samples) / RATE_HZ, abs=1e-4)


def read_blocks(path: Path) -> Iterator[tuple[int, Any]]:
    """Decode a file of any length; return each 20 s with the 40 s before, and where that begins."""
    kept, at = np.zeros(0, np.float32), 0
    with soundfile.SoundFile(path) as file:
        for block in file.blocks(20 * RATE_HZ, dtype="float32", always_2d=True):
            kept = np.concatenate([kept, block[:, 0]])
            yield at, kept
            dropped = max(0, len(kept) - 40 * RATE_HZ)
            kept, at = kept[dropped:], at + dropped


@pytest.fixture(scope="module")
def long_built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Ten hours of three takes, in three chapters, the last of them near the end."""
    if not LONG:
        pytest.skip("it takes some minutes and 300 MB of disk")
    folder = tmp_path_factory.mktemp("long")
    figures = [
        measure_take(WordVoice(glides=True).speak(text, language="en")) for text in SENTENCES
    ]
    (length,) = {scale_length(one.end - one.start, one.rate_hz, RATE_HZ) for one in figures}
    # with its pause each paragraph is whole MP3 frames, so that three blocks are encoded, not all
    pause = 1152 - length % 1152 + 30 * 1152
    env = install(
        folder,
        "glides = true",
        f"[split]\nparagraph_pause_s = {pause / RATE_HZ:.9f}\n"
        "[encode]\nchannels = 1\nbitrate_kbps = 64\n",
    )
    count = 10 * HOUR_S * RATE_HZ // (length + pause)
    paragraphs = [SENTENCES[n % 3] for n in range(count)]
    paragraphs.insert(count // 2, "## The middle")
    paragraphs.insert(count, "## The end")
    paragraphs.append(SENTENCES[1])
    (folder / "review.md").write_text("# Ten hours\n\n" + "\n\n".join(paragraphs), encoding="utf-8")
    path = folder / "x.mp3"
    done = Program(folder / "cache").run(
        "build", folder / "review.md", "-o", path, "--json", env=env
    )
    assert done.code == 0, done.err
    return path, done


def test_ten_hours_are_exact_to_their_end(long_built):
    """Every cue, chapter and the length are right within 1 ms of the decoded samples."""
    path, done = long_built
    chapters = list_chapters(path)
    sting = make_tone(6000, 0.5)
    known = {}
    told = [(start, sting) for starts in chapters for start in starts]
    for cue in done.episode["cues"]:
        if cue["text"] not in known:
            known[cue["text"]] = list_words(cue["text"], uneven=False)[0].wave
        told.append((cue["start_s"], known[cue["text"]]))
    told.sort(key=lambda pair: pair[0])
    assert told[-1][0] > 10 * HOUR_S - 60
    worst, ended, index = 0.0, 0, 0
    for first, samples in read_blocks(path):
        ended = first + len(samples)
        while index < len(told) and told[index][0] * RATE_HZ < ended - 2 * RATE_HZ:
            start_s, wave = told[index]
            worst = max(worst, abs(locate(samples, wave, start_s, first) - start_s))
            index += 1
    length_s = ended / RATE_HZ
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    print(
        f"{index} of {len(told)} places, worst {1000 * worst:.2f} ms, last at {told[-1][0]:.3f} s"
    )
    print(f"{length_s:.6f} s decoded, {done.episode['duration_s']:.6f} s told")
    print(f"peak memory of the build {peak_mb:.0f} MB")
    assert index == len(told)
    assert worst <= TOLERANCE_S
    assert length_s == pytest.approx(done.episode["duration_s"], abs=TOLERANCE_S)
    assert MP3(path).info.length == pytest.approx(length_s, abs=TOLERANCE_S)
    assert peak_mb < 250


def test_ten_hours_are_clean(long_built):
    """No other program finds a fault in the file."""
    path, _ = long_built
    said = subprocess.run([require_tool("mp3val"), path], capture_output=True, check=True).stdout
    assert b"WARNING" not in said
    assert b"ERROR" not in said
