"""`build --plan`: what a build would cost is what it then costs."""

from pathlib import Path

import pytest
from tests.support.google import GoogleStandIn
from tests.support.program import Program

TALE = (
    "# A tale\n\nIt begins slowly, on a river of salt.\n\n> All is well.\n\n"
    "It goes on.\n\n> All is well.\n\nAnd it ends.\n"
)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "cache")


@pytest.fixture
def tale(tmp_path: Path) -> Path:
    path = tmp_path / "tale.md"
    path.write_text(TALE)
    return path


def plan(program: Program, tale: Path, *arguments: str, env=None):
    result = program.run("build", tale, "--plan", "--json", *arguments, env=env)
    assert result.code == 0, result.err
    (found,) = result.json["plans"]
    return found


def test_requests_are_those_that_the_build_makes(program, tale):
    """The plan for Google counts each text once, as the build asks for it, and asks nobody."""
    with GoogleStandIn() as service:
        result = program.run(
            "build", tale, "--plan", "--json", "--voice", "gtts", env=service.environ()
        )
        assert not service.requests
        planned = result.json["plans"][0]
        built = program.run("build", tale, "--voice", "gtts", "--json", env=service.environ())
        assert planned["requests"] == len(service.texts)
    assert planned["to_voice"] == built.episode["voiced"] == built.episode["segments"]
    assert planned["requests"] < planned["to_voice"]  # a text that comes twice is asked for once
    assert planned["estimated_s"] > 0
    assert planned["otherwise"] is None
    again = plan(program, tale, "--voice", "gtts")
    assert (again["to_voice"], again["requests"], again["estimated_s"]) == (0, 0, 0)
    assert again["in_store"] == again["segments"]


def test_one_changed_sentence_is_one_request(program, tale):
    """What is in the store costs nothing."""
    with GoogleStandIn() as service:
        assert program.run("build", tale, "--voice", "gtts", env=service.environ()).code == 0
    tale.write_text(TALE.replace("goes on", "stands still"))
    found = plan(program, tale, "--voice", "gtts")
    assert (found["to_voice"], found["requests"]) == (1, 1)
    out = program.run("build", tale, "--plan", "--voice", "gtts").out
    segments = found["segments"]
    assert out == (
        f"A tale: 1 of {segments} segments to voice with gtts, {segments - 1} in the store,"
        " 1 request, about 1 s\n"
    )


def test_auto_counts_both_voices(program, tale):
    """With `auto` the embedded voice's cost stands beside Google's, until nobody is asked."""
    second = {"REVIEWCAST_VOICE_SECOND": "espeak"}
    found = plan(program, tale, env=second)
    assert (found["voice"], found["auto"]) == ("gtts", True)
    other = found["otherwise"]
    assert (other["voice"], other["auto"], other["requests"]) == ("espeak", False, 0)
    assert other["to_voice"] == other["segments"]
    out = program.run("build", tale, "--plan", env=second).out
    assert "with gtts if it answers, 0 in the store, " in out
    assert "; else " in out
    assert "with espeak, 0 in the store, about 1 s" in out
    with GoogleStandIn() as service:
        assert program.run("build", tale, env=service.environ()).code == 0
    assert plan(program, tale)["otherwise"] is None


def test_force_is_planned_as_it_is_built(program, tale):
    """`--plan --force` counts all segments, also those that are in the store."""
    assert program.run("build", tale, "--voice", "espeak").code == 0
    assert plan(program, tale, "--voice", "espeak")["to_voice"] == 0
    forced = plan(program, tale, "--voice", "espeak", "--force")
    assert (forced["to_voice"], forced["in_store"]) == (forced["segments"], 0)


def test_a_longer_review_takes_longer(program, tale, tmp_path):
    """The estimate grows with the text, for either kind of voice."""
    longer = tmp_path / "longer.md"
    lines = (f"The film number {n} begins slowly, and then it ends." for n in range(300))
    longer.write_text("# Long\n\n" + "\n\n".join(lines))
    for voice in ("espeak", "gtts"):
        short_s = plan(program, tale, "--voice", voice)["estimated_s"]
        assert plan(program, longer, "--voice", voice)["estimated_s"] > 2 * short_s
