"""The main job, from a review's file to what is decoded from the finished MP3."""

import itertools
import random
import re
import shutil
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mutagen.mp3 import MP3
from tests.conftest import require_tool
from tests.support import google
from tests.support.budget import FULL_SWEEP
from tests.support.google import GoogleStandIn
from tests.support.program import Program, Result

from reviewcast.audio.mp3.frames import find_frames
from reviewcast.jobs.batch import build_batch
from reviewcast.model.events import Progressed, ignore_events
from reviewcast.system.resources import find_sample

SAMPLE = find_sample()
SHORT = "# A short one\n\nIt begins.\n\n## More\n\nIt goes on, and then it ends well.\n"
QUICK = {
    "REVIEWCAST_SYNTHESIZE_FIRST_WAIT_S": "0.001",
    "REVIEWCAST_SYNTHESIZE_LONGEST_WAIT_S": "0.002",
    "REVIEWCAST_SYNTHESIZE_REQUESTS_PER_S": "1000",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, Path, Result]:
    """The sample, built once with the embedded voice."""
    folder = tmp_path_factory.mktemp("built")
    program = Program(folder / "cache")
    path = folder / "x.mp3"
    return program, path, program.run("build", SAMPLE, "-o", path, "--voice", "espeak", "--json")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "cache")


@pytest.fixture
def short(tmp_path: Path) -> Path:
    path = tmp_path / "short.md"
    path.write_text(SHORT, encoding="utf-8")
    return path


def build(program: Program, review: Path, output: Path, **env: str):
    """Build with the embedded voice and return the report."""
    arguments = ("build", review, "-o", output, "--voice", "espeak", "--json")
    return program.run(*arguments, env=env).episode


def speak(
    program: Program, output: Path, service: GoogleStandIn, review: Path = SAMPLE, **env: str
) -> Result:
    """Build the sample, or another review, with Google's voice."""
    arguments = ("build", review, "-o", output, "--voice", "gtts", "--json")
    return program.run(*arguments, env={**service.environ(), **env})


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_reported_figures_are_those_of_the_finished_file(built):
    """Duration, loudness, size and hash in the report are measured again on the file."""
    _, path, result = built
    episode = result.episode
    samples, rate = soundfile.read(path, dtype="float32")
    assert rate == 44100
    assert abs(len(samples) / rate - episode["duration_s"]) < 0.001
    assert abs(MP3(path).info.length - episode["duration_s"]) < 0.001
    assert episode["size_bytes"] == path.stat().st_size
    assert episode["voiced"] == episode["segments"]
    assert episode["voice"] == "espeak"


def test_loudness_is_on_target_by_another_meter(built):
    """FFmpeg's meter finds −16 LUFS and no peak over −1 dBTP."""
    require_tool("ffmpeg")
    _, path, result = built
    said = subprocess.run(
        ["ffmpeg", "-nostats", "-i", path, "-vn", "-af", "ebur128=peak=true", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    loudness = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])
    peak = float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", said)[-1])
    assert abs(loudness + 16) <= 0.5
    assert peak <= -1.0
    assert abs(loudness - result.episode["loudness"]["integrated_lufs"]) <= 0.15
    assert abs(peak - result.episode["loudness"]["true_peak_dbtp"]) <= 0.15


def test_mp3_is_clean_and_its_chapters_are_in_order(built):
    """mp3val has no warning, and ffprobe lists the chapters that were reported."""
    require_tool("mp3val")
    require_tool("ffprobe")
    _, path, result = built
    said = subprocess.run(["mp3val", path], capture_output=True, text=True, check=True).stdout
    assert "WARNING" not in said
    assert "ERROR" not in said
    probe = ["ffprobe", "-v", "error", "-show_chapters", "-of", "csv=p=0", path]
    lines = subprocess.run(probe, capture_output=True, text=True, check=True).stdout.splitlines()
    starts = [int(line.split(",")[2]) for line in lines]
    expected = result.episode["chapters"]
    assert starts == [round(1000 * chapter["start_s"]) for chapter in expected]
    assert starts == sorted(set(starts))
    assert [line.split(",")[-1] for line in lines] == [chapter["title"] for chapter in expected]


def test_no_word_is_lost_and_no_silence_is_long(built):
    """Each word of the review is said, in order; no silence lasts over 3 s."""
    program, path, result = built
    script = program.run("script", SAMPLE, "--json").json
    body = SAMPLE.read_text(encoding="utf-8").split("---", 2)[2]
    *segments, disclosure = script["segments"]
    written = " ".join(segment["text"] for segment in segments)
    assert words(written) == words(script["title"]) + words(re.sub(r"[*>#]", " ", body))
    for segment in segments:
        if not set("0123456789★") & set(segment["text"]):  # figures have spoken forms
            assert words(segment["spoken"]) == words(segment["text"])
    assert disclosure["spoken"] == "This review was read by a synthetic voice."
    cues = " ".join(cue["text"] for cue in result.episode["cues"])
    assert words(cues) == words(f"{written} {disclosure['text']}")
    samples, rate = soundfile.read(path, dtype="float32")
    heard = np.flatnonzero(np.abs(samples).max(axis=1) > 10 ** (-60 / 20))
    assert np.diff(heard).max() / rate < 3


def test_speech_stands_where_the_cues_say(built):
    """In each cue there is speech from its first to its last tenth, and silence just before."""
    _, path, result = built
    samples, rate = soundfile.read(path, dtype="float32")
    level = np.abs(samples).max(axis=1)
    sounding = result.episode["cues"][1:-1]
    for before, cue in itertools.pairwise(sounding):
        start, end = (round(cue[side] * rate) for side in ("start_s", "end_s"))
        assert level[start : start + rate // 10].max() > 0.01, cue["text"]
        assert level[end - rate // 10 : end].max() > 0.003, cue["text"]
        if cue["start_s"] - before["end_s"] < 1.5:  # otherwise a sting sounds between them
            assert level[round(before["end_s"] * rate) + 1200 : start - 1200].max() < 0.004


def test_captions_stand_beside_the_audio(built):
    """WebVTT, SubRip and JSON chapters are written with every word once."""
    _, path, result = built
    vtt = path.with_suffix(".vtt").read_text(encoding="utf-8")
    lines = [line.partition(">")[2] for line in vtt.splitlines()[2:] if line.startswith("<v ")]
    assert words(" ".join(lines)) == words(" ".join(c["text"] for c in result.episode["cues"]))
    assert path.with_suffix(".srt").read_text(encoding="utf-8").startswith("1\n00:00:0")
    assert '"version": "1.2.0"' in path.with_suffix(".chapters.json").read_text(encoding="utf-8")


def test_same_command_again_does_nothing_twice(built, tmp_path):
    """A second build speaks nothing, encodes nothing and gives the same bytes."""
    program, path, result = built
    again = build(program, SAMPLE, tmp_path / "y.mp3")
    assert again["voiced"] == 0
    assert again["blocks_reused"] == again["blocks"]
    assert again["sha256"] == result.episode["sha256"]
    assert (tmp_path / "y.mp3").read_bytes() == path.read_bytes()


def test_a_cold_build_on_one_thread_gives_the_same_bytes(program, short, tmp_path):
    """Neither the stores nor the number of threads is heard."""
    first = build(program, short, tmp_path / "x.mp3", REVIEWCAST_ENCODE_THREADS="2")
    alone = Program(tmp_path / "other")
    cold = build(alone, short, tmp_path / "x.mp3", REVIEWCAST_ENCODE_THREADS="1")
    assert cold["sha256"] == first["sha256"]
    assert cold["blocks"] > 3
    assert cold["blocks_reused"] == cold["reused"] == 0


def test_one_changed_word_costs_one_segment_and_one_block(built, tmp_path):
    """A word changed in the middle re-voices its segment and re-encodes its block."""
    program, _, _ = built
    text = SAMPLE.read_text(encoding="utf-8")
    changed = tmp_path / "the-general.md"
    changed.write_text(text.replace("nothing drags", "nothing lags"), encoding="utf-8")
    episode = program.run("build", changed, "--voice", "espeak", "--json").episode
    assert episode["voiced"] == 1
    assert episode["blocks"] - episode["blocks_reused"] <= 2


@pytest.mark.parametrize("harm", ["changed", "cut", "gone"])
def test_a_take_that_is_lost_is_spoken_again(program, short, tmp_path, harm):
    """When its bytes are needed; the episode is the same, and says what it cost."""
    first = build(program, short, tmp_path / "first.mp3")
    takes = sorted(path for path in (program.cache / "takes").rglob("*") if path.is_file())
    shutil.rmtree(program.cache / "blocks")
    for path in takes[:2]:
        data = path.read_bytes()
        if harm == "gone":
            path.unlink()
        else:
            path.write_bytes(data[:-100] + (b"\x55" * 100 if harm == "changed" else b""))
    again = build(program, short, tmp_path / "again.mp3")
    assert (again["voiced"], again["reused"]) == (2, first["segments"] - 2)
    assert again["blocks_reused"] == 0
    assert (tmp_path / "again.mp3").read_bytes() == (tmp_path / "first.mp3").read_bytes()
    last = build(program, short, tmp_path / "last.mp3")
    assert last["voiced"] == last["blocks"] - last["blocks_reused"] == 0


def test_a_take_that_is_lost_is_heard_all_the_same(program, short, tmp_path):
    """A preview speaks anew what it needs and cannot read."""
    build(program, short, tmp_path / "first.mp3")
    for path in (program.cache / "takes").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-100] + b"\x55" * 100)
    shutil.rmtree(program.cache / "blocks")
    heard = tmp_path / "heard.wav"
    program.run("preview", short, "1", "-o", heard, "--voice", "espeak")
    assert len(soundfile.read(heard)[0]) > 10_000


def test_a_word_of_the_lexicon_costs_only_its_segments(built, tmp_path):
    """A new entry in lexicon.toml re-voices just the segments that hold the word."""
    program, _, _ = built
    (tmp_path / "podcast.toml").touch()
    (tmp_path / "lexicon.toml").write_text('[words]\n"Johnnie" = "Johnny"\n')
    review = tmp_path / "the-general.md"
    review.write_bytes(SAMPLE.read_bytes())
    said = program.run("script", review, "--json").json["segments"]
    holding = [segment for segment in said if "Johnnie" in segment["text"]]
    assert all("Johnny" in segment["spoken"] for segment in holding)
    episode = build(program, review, tmp_path / "x.mp3")
    assert episode["voiced"] == len(holding) > 1


def test_an_edited_script_is_built_in_place_of_the_review(built, tmp_path):
    """`script --format md` is the same episode, but for what was changed in it."""
    program, _, result = built
    arguments = ("script", SAMPLE, "--voice", "espeak", "--format", "md")
    script = tmp_path / "edited.md"
    script.write_text(program.run(*arguments).out, encoding="utf-8")
    same = build(program, script, tmp_path / "x.mp3")
    assert (same["voiced"], same["duration_s"]) == (0, result.episode["duration_s"])
    assert same["chapters"] == result.episode["chapters"]
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("They will know what to do.", "They know."), encoding="utf-8")
    assert build(program, script, tmp_path / "x.mp3")["voiced"] == 1


def test_mono_is_an_option(program, short, tmp_path):
    """One channel at 96 kb/s is set 3 LU lower; nothing is spoken for it."""
    build(program, short, tmp_path / "stereo.mp3")
    path = tmp_path / "mono.mp3"
    episode = build(program, short, path, REVIEWCAST_ENCODE_CHANNELS="1")
    assert abs(episode["loudness"]["integrated_lufs"] + 19) <= 0.5
    assert episode["voiced"] == 0
    info = MP3(path).info
    assert (info.channels, info.bitrate, info.sample_rate) == (1, 96_000, 44_100)


def test_review_from_standard_input(program, tmp_path):
    """`-` reads Markdown from standard input and names the MP3 after the title."""
    result = program.run(
        "build", "-", "--voice", "espeak", "--json", data=SHORT.encode(), cwd=tmp_path
    )
    assert result.episode["title"] == "A short one"
    assert (tmp_path / "a-short-one.mp3").is_file()


def test_a_show_is_found_from_its_review(program, tmp_path):
    """With a podcast.toml above it, a review becomes an episode of the show, numbered for good."""
    (tmp_path / "reviews").mkdir()
    (tmp_path / "podcast.toml").write_text('[show]\ntitle = "My show"\n[voice]\nname = "espeak"\n')
    for name in ("one", "two", "one"):
        review = tmp_path / "reviews" / f"{name}.md"
        review.write_text(SHORT.replace("short", name), encoding="utf-8")
        assert program.run("build", review).code == 0
    for name, number in (("one", "1"), ("two", "2")):
        tags = MP3(tmp_path / "episodes" / name / f"{name}.mp3")
        assert str(tags["TRCK"]) == number
        assert str(tags["TALB"]) == "My show"
        assert (tmp_path / "episodes" / name / "episode.json").is_file()


def test_plan_writes_nothing(program, short, tmp_path):
    """`--plan` tells what is missing, and leaves no file behind but in the cache."""
    plan = program.run("build", short, "--voice", "espeak", "--plan", "--json").json["plans"][0]
    assert (plan["to_voice"], plan["in_store"]) == (plan["segments"], 0)
    assert {path.name for path in tmp_path.iterdir()} <= {"cache", "short.md"}


def test_several_reviews_and_one_bad(program, short, tmp_path):
    """A review that cannot be read holds up no other; the exit code says that it is partial."""
    (tmp_path / "empty.md").write_text("")
    result = program.run("build", tmp_path / "empty.md", short, "--voice", "espeak", "--json")
    assert result.code == 3
    assert len(result.json["episodes"]) == 1
    assert result.json["failed"][0]["error"] == "empty.md is empty."


def test_intro_that_is_broken_is_told_before_any_speech(program, short, tmp_path):
    """A bad sound ends the build with exit 6 before anything is spoken."""
    (tmp_path / "podcast.toml").write_text('[stitch]\nintro = "intro.mp3"\n')
    result = program.run("build", short, "--voice", "espeak")
    assert result.code == 6
    assert "intro.mp3" in result.err
    (tmp_path / "intro.mp3").write_text("ffconcat version 1.0\nfile /etc/hostname\n")
    result = program.run("build", short, "--voice", "espeak")
    assert (result.code, "not an audio file" in result.err) == (6, True)
    assert not (tmp_path / "cache" / "takes").exists()


def test_full_disk_keeps_the_old_file(program, short, tmp_path):
    """When the new MP3 does not fit, exit 6 says so and the old one is whole."""
    path = tmp_path / "x.mp3"
    assert program.run("build", short, "-o", path, "--voice", "espeak").code == 0
    before = path.read_bytes()
    short.write_text(SHORT + "\nOne more sentence, to make it longer.\n", encoding="utf-8")
    limited = f"ulimit -f {len(before) // 1024 - 50}; trap '' XFSZ; exec \"$@\""
    # every file is limited, as on a disk with that little room: blocks and takes still fit
    done = subprocess.run(
        [
            "bash",
            "-c",
            limited,
            "-",
            *program.command("build", short, "-o", path, "--voice", "espeak"),
        ],
        env=program.environ(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 6, done.stderr
    assert "Cannot write" in done.stderr
    assert path.read_bytes() == before
    assert not [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")]
    assert program.run("build", short, "-o", path, "--voice", "espeak").code == 0


def test_kill_at_any_moment_leaves_old_or_new(program, short, tmp_path):
    """Many kills: the name holds one finished file or the other, and the next run succeeds."""
    path = tmp_path / "x.mp3"
    (tmp_path / "podcast.toml").write_text('[stitch]\nintro = ""\noutro = ""\nsting = ""\n')
    other = tmp_path / "other.md"
    other.write_text(SHORT.replace("ends well", "ends badly"), encoding="utf-8")
    whole = set()
    for review in (other, short):
        build(program, review, path)
        whole.add(path.read_bytes())
    arguments = ("build", "--force", "-o", path, "--voice", "espeak")
    touches = int(program.kill(0, *arguments, short).err.split()[-1])
    dice = random.Random(1)
    # the last moments are those of the episode's own files
    last = range(touches - 11, touches + 1, 1 if FULL_SWEEP else 3)
    moments = [*dice.sample(range(1, touches - 12), 8 if FULL_SWEEP else 1), *last]
    kills = 0
    for moment, review in zip(moments, itertools.cycle((other, short)), strict=False):
        kills += program.kill(moment, *arguments, review).code == -signal.SIGKILL
        assert path.read_bytes() in whole
    # threads do not touch the disk equally often each time: a run may end before its moment
    assert kills >= len(moments) / 2
    build(program, short, path)
    assert path.read_bytes() in whole
    assert not [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")]


KINDS = (
    google.TOO_MANY,
    google.SERVER_ERROR,
    google.RESET,
    google.EMPTY_AUDIO,
    google.TRUNCATED_MP3,
    google.NO_AUDIO,
)


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """The first half of the sample."""
    path = tmp_path / "part.md"
    path.write_text(SAMPLE.read_text(encoding="utf-8").partition("## How")[0], encoding="utf-8")
    return path


def test_gtts_outlives_faults(program, part, tmp_path):
    """Under 10 % faults the episode is complete, the same as without any, over few connections."""
    with GoogleStandIn() as good:
        clean = speak(program, tmp_path / "a.mp3", good, part).episode
    with GoogleStandIn(faults=google.faults_by_text(0.1, seed=1, kinds=KINDS)) as bad:
        result = speak(Program(tmp_path / "other"), tmp_path / "b.mp3", bad, part, **QUICK)
        assert any(request.fault for request in bad.requests)
        assert bad.handshakes < len(bad.texts) / 3
        assert max(map(len, bad.texts)) <= 100
    assert result.episode["sha256"] == clean["sha256"]
    assert result.episode["voice"] == "gtts"


def test_gtts_gone_for_good_keeps_what_was_spoken(program, part, tmp_path):
    """Exit 5 says how to resume; the next run asks for nothing that is kept."""
    path = tmp_path / "x.mp3"
    with GoogleStandIn(faults=google.after(12, google.TOO_MANY)) as service:
        result = speak(
            program, path, service, part, **QUICK, REVIEWCAST_SYNTHESIZE_PATIENCE_S="0.5"
        )
        assert result.code == 5
        assert re.search(r"it refused \d+ requests in a row, for \d+ s\. 12 of", result.err)
        assert "run the same command again" in result.err
        assert not path.exists()
        kept = {request.text for request in service.requests if request.fault is None}
        asked = len(service.requests)
        service.faults = None
        episode = speak(program, path, service, part, **QUICK).episode
        assert kept.isdisjoint(service.texts[asked:])
        assert len(service.texts) - asked == episode["segments"] - 12


def test_auto_takes_google_when_it_answers(program, short):
    """`auto` speaks with gTTS, asks the first segment once, and then needs no network."""
    with GoogleStandIn() as service:
        episode = program.run("build", short, "--json", env=service.environ()).episode
        assert episode["voice"] == "gtts"
        assert sorted(service.texts) == sorted(set(service.texts))
        service.down()
        again = program.run("build", short, "--json", env=service.environ()).episode
    assert (again["voice"], again["sha256"]) == ("gtts", episode["sha256"])


def test_auto_does_not_keep_a_first_reply_that_breaks_off(program, short):
    """What `auto` tries Google with is asked for again when it sounds cut, and Google is kept."""
    numbers = itertools.count()

    def speak(text: str, language: str) -> bytes:
        mp3 = google.speak(text, language)
        frames = list(find_frames(mp3))
        return mp3 if next(numbers) else mp3[: frames[len(frames) * 4 // 5]]

    with GoogleStandIn(speak=speak) as service:
        result = program.run("build", short, "--json", env=service.environ())
        asked = [service.texts.count(text) for text in dict.fromkeys(service.texts)]
    assert result.episode["voice"] == "gtts"
    assert asked == [2] + [1] * (len(asked) - 1)
    assert "Warning" not in result.err


def test_auto_takes_the_embedded_voice_when_the_network_is_away(program, short):
    """`auto` speaks the whole episode with the embedded voice and says so on stderr."""
    with GoogleStandIn() as service:
        service.down()
        env = {**service.environ(), "REVIEWCAST_VOICE_SECOND": "espeak"}
        result = program.run("build", short, "--json", env=env)
    assert result.episode["voice"] == "espeak"
    assert "embedded voice" in result.err


def test_wrong_certificate_is_refused(program, short):
    """A service that cannot prove who it is gets nothing, and is not asked again."""
    with GoogleStandIn(trusted=False) as service:
        result = program.run("build", short, "--voice", "gtts", env=service.environ())
        assert not service.requests
    assert result.code == 5
    assert "certificate" in result.err


@pytest.mark.parametrize("stage", ["voice", "encode"])
def test_a_cache_that_is_removed_meanwhile_is_made_anew(tmp_path, monkeypatch, stage):
    """Whenever that happens, the episode is the one that an undisturbed build gives."""
    cache, review = tmp_path / "cache", tmp_path / "short.md"
    review.write_text("# A film\n\nThe film is good. It ends well.\n", encoding="utf-8")
    monkeypatch.setenv("REVIEWCAST_CACHE", str(cache))
    removed = []

    def remove(event):
        is_now = isinstance(event, Progressed) and event.stage == stage and len(removed) < 3
        if is_now and cache.exists():
            removed.append(event)
            shutil.rmtree(cache, ignore_errors=True)  # others write there meanwhile

    def build(name, notify):
        output = tmp_path / name
        batch = build_batch(
            [str(review)], output=output, voice="espeak", force=False, notify=notify
        )
        assert batch.failed == ()
        return output.read_bytes()

    assert build("disturbed.mp3", remove) == build("quiet.mp3", ignore_events)
    assert removed
