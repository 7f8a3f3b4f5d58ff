"""What a plan says that many episodes cost is what they then cost; the summary tells the truth."""

from pathlib import Path

import msgspec
import pytest
from tests.support.google import GoogleStandIn
from tests.support.program import Program

from reviewcast.cli.costs import format_size, format_time
from reviewcast.model.podcast import BuildFigures, SpokenFigures
from reviewcast.speech.rates import (
    FILE,
    START_CPU_S,
    Rates,
    expect_cpu_s,
    expect_heard_s,
    expect_plain_s,
    learn_rates,
    load_rates,
)
from reviewcast.system.cache import Cache

SENTENCES = (
    "The river carries salt past {n} empty houses, and nobody on the bridge says a word.",
    "It was made for little money.",
    "What half number {n} forgets, the last scene remembers, slowly and in the dark.",
    "Number {n} is the better film.",
)


def write_reviews(folder: Path, first: int, lengths: tuple[int, ...]) -> list[Path]:
    """Write reviews that differ, each of so many paragraphs."""
    paths = []
    for number, length in enumerate(lengths, first):
        paragraphs = (
            " ".join(one.format(n=1000 * number + n) for one in SENTENCES) for n in range(length)
        )
        path = folder / f"film-{number}.md"
        path.write_text(f"# Film {number}\n\n" + "\n\n".join(paragraphs) + "\n")
        paths.append(path)
    return paths


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "cache")


def plan_total(program: Program, reviews: list[Path], *more: str, env=None):
    result = program.run("build", *reviews, "--plan", "--json", *more, env=env)
    assert result.code == 0, result.err
    return result.json["total"]


def add_disk(total) -> int:
    return total["mp3_bytes"] + total["beside_bytes"] + total["cache_bytes"]


def list_sizes(folder: Path, suffix: str = "") -> int:
    return sum(p.stat().st_size for p in folder.rglob(f"*{suffix}") if p.is_file())


def test_a_plan_tells_what_a_build_then_takes(program, tmp_path):
    """Minutes and disk agree at first by the defaults, and better once there was a build."""
    first = write_reviews(tmp_path, 0, (2, 6))
    second = write_reviews(tmp_path, 10, (1, 4, 9))
    voice = ("--voice", "espeak")
    plain = plan_total(program, first, *voice)
    assert not plain["voices"][0]["is_measured"]
    built = program.run("build", *first, *voice, "--json").json["summary"]["taken"]
    assert plain["audio_s"] == pytest.approx(built["audio_s"], rel=0.2)
    learnt = plan_total(program, second, *voice)
    assert learnt["voices"][0]["is_measured"]
    before = list_sizes(program.cache / "takes") + list_sizes(program.cache / "blocks")
    out = tmp_path / "out"
    out.mkdir()
    built = program.run("build", *second, *voice, "-o", out, "--json").json["summary"]["taken"]
    assert learnt["audio_s"] == pytest.approx(built["audio_s"], rel=0.05)
    assert learnt["speech_s"] == pytest.approx(built["speech_s"], rel=0.05)
    assert add_disk(learnt) == pytest.approx(add_disk(built), rel=0.1)
    grown = list_sizes(program.cache / "takes") + list_sizes(program.cache / "blocks") - before
    assert built["cache_bytes"] == pytest.approx(grown, rel=0.05)
    assert built["mp3_bytes"] == list_sizes(out, ".mp3")
    assert built["beside_bytes"] == list_sizes(out) - built["mp3_bytes"]
    assert built["cpu_s"] > 0
    assert built["wall_s"] > 0
    again = plan_total(program, second, *voice)
    assert (again["speech_s"], again["cpu_s"], again["cache_bytes"]) == (0, 0, 0)
    assert again["audio_s"] == pytest.approx(built["audio_s"], rel=0.05)


def test_requests_are_summed_and_counted(program, tmp_path):
    """The summary's replies are those of the service's log, the plan's those of each review."""
    reviews = write_reviews(tmp_path, 0, (1, 2))
    with GoogleStandIn() as google:
        planned = plan_total(program, reviews, "--voice", "gtts", env=google.environ())
        # one after the other, for of two at once each may ask for what both say
        options = ("--voice", "gtts", "--jobs", "1", "--json")
        built = program.run("build", *reviews, *options, env=google.environ())
        assert built.json["summary"]["taken"]["replies"] == len(google.texts)
    shared = {"It was made for little money.", "This review was read by a synthetic voice."}
    assert shared < set(google.texts)
    assert planned["requests"] == len(google.texts) + len(shared)
    assert planned["waits_s"] > 0
    assert planned["otherwise"] is None


def test_mono_saves_what_it_then_saves(program, tmp_path):
    """What one channel at 64 kb/s would save of the MP3s is what a plan with it has less."""
    reviews = write_reviews(tmp_path, 0, (2, 3))
    small = {"REVIEWCAST_ENCODE_CHANNELS": "1", "REVIEWCAST_ENCODE_BITRATE_KBPS": "64"}
    stereo = plan_total(program, reviews, "--voice", "espeak")
    mono = plan_total(program, reviews, "--voice", "espeak", env=small)
    saved = stereo["mp3_bytes"] - mono["mp3_bytes"]
    assert stereo["mono_saves_bytes"] == pytest.approx(saved, rel=0.001)
    assert mono["mono_saves_bytes"] == 0


def test_many_plans_are_told_by_the_dearest_and_the_sum(program, tmp_path):
    """Of twelve plans ten are told, the longest first; one alone has no table."""
    reviews = write_reviews(tmp_path, 0, (*[1] * 10, 7, 2))
    run = program.run("build", *reviews, "--plan", "--voice", "espeak")
    lines = run.out.splitlines()
    assert lines[0].startswith("Film 10: ")
    assert lines[1].startswith("Film 11: ")
    assert lines[10] == "… and 2 reviews more; --json lists each."
    assert lines[12].startswith("Total      12 reviews, ")
    assert [line.split()[0] for line in lines[12:]] == [
        "Total",
        "Length",
        "Processor",
        "Disk",
        "Smaller",
    ]
    found = program.run("build", *reviews, "--plan", "--voice", "espeak", "--json").json
    assert len(found["plans"]) == 12
    assert found["total"]["to_voice"] == sum(plan["to_voice"] for plan in found["plans"])
    assert (
        len(program.run("build", reviews[0], "--plan", "--voice", "espeak").out.splitlines()) == 1
    )


def test_the_record_may_be_anything(program, tmp_path):
    """A plan writes no record, and one that is broken counts as none; a build puts it right."""
    reviews = write_reviews(tmp_path, 0, (1,))
    record = program.cache / FILE
    plain = plan_total(program, reviews, "--voice", "espeak")
    assert not record.exists()
    broken = Rates(setups={})
    for data in (b"\xff", b"[]", b'{"version":1,"setups":{"a":{"voice":"espeak","cpu_s":-1e300}}}'):
        record.write_bytes(data)
        assert load_rates(Cache(program.cache)) == broken
        assert plan_total(program, reviews, "--voice", "espeak") == plain
    wild = {"voice": "espeak", "heard_s": 1e14, "characters": 1e-300, "voiced": 1e-300}
    record.write_bytes(msgspec.json.encode({"version": 1, "setups": {"a": wild}}))
    assert plan_total(program, reviews, "--voice", "espeak")["audio_s"] == plain["audio_s"]
    record.unlink()
    assert program.run("build", *reviews, "--voice", "espeak").code == 0
    (rate,) = load_rates(Cache(program.cache)).setups.values()
    assert rate.voice == "espeak"
    assert rate.heard_s > 1


def make_figures(*speech: SpokenFigures, encoded_s: float = 100.0) -> BuildFigures:
    plain = {field.name: 0 for field in msgspec.structs.fields(BuildFigures) if field.required}
    values = plain | {"voiced_segments": (), "voices": {}}
    return BuildFigures(**values, speech=speech, encoded_s=encoded_s)


def say(voice: str, characters: int, heard_s: float, *, voiced: int, **more: object):
    values = {
        "voice": voice,
        "setup": voice,
        "chars_per_s": 1000.0,
        "characters": characters,
        "heard_s": heard_s,
        "voiced": voiced,
        "texts": 10,
        "take_bytes": voiced * 4000,
    }
    return msgspec.convert(values | more, SpokenFigures)


def test_what_a_run_took_is_shared_among_its_voices():
    """A voice is heard and costs what its builds told; half of a long record is forgotten."""
    rates = Rates()
    slow = say("slow", 100_000, 10_000.0, voiced=100_000, chars_per_s=10.0)
    quick = say("quick", 100_000, 5_000.0, voiced=100_000)
    learn_rates(rates, [make_figures(slow), make_figures(quick)], cpu_s=START_CPU_S + 20_000.0)
    assert expect_heard_s(rates.find("slow", "slow"), 1000) == pytest.approx(100)
    assert expect_heard_s(rates.find("quick", "another setup"), 1000) == pytest.approx(50)
    taken_s = sum(rate.cpu_s for rate in rates.setups.values())
    assert taken_s == pytest.approx(20_000)
    for one in (slow, quick):
        rate = rates.find(one.voice, one.setup)
        plain_s = expect_plain_s(one.chars_per_s, 100_000, 100.0)
        assert expect_cpu_s(rate, plain_s) == pytest.approx(rate.cpu_s, rel=0.02)
    known = rates.find("slow", "slow").cpu_s
    learn_rates(rates, [make_figures(say("slow", 1000, 100.0, voiced=0))], cpu_s=5000.0)
    assert rates.find("slow", "slow").cpu_s == known  # nothing was spoken
    learn_rates(rates, [make_figures(say("slow", 3_000_000, 300_000.0, voiced=1))], cpu_s=0.0)
    assert rates.find("slow", "slow").characters == (3_000_000 + 101_000) / 2


def test_figures_in_words():
    """Seconds, minutes and hours, and bytes up to terabytes."""
    times = [format_time(one) for one in (0, 0.2, 99, 100, 5000, 9000, 4e6)]
    assert times == ["0 min", "1 s", "99 s", "2 min", "83 min", "2.5 h", "1,111 h"]
    sizes = [format_size(one) for one in (0, 1234, 999_999, 45_000_000, 2.5e9, 3e12)]
    assert sizes == ["0.0 kB", "1.2 kB", "1.0 MB", "45 MB", "2.5 GB", "3.0 TB"]
