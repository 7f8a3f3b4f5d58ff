"""Which voice stands in when no service answers: the best of the language; a show keeps its own."""

import json
import os
from pathlib import Path

import pytest
from tests.conftest import require_packages
from tests.support.program import Program

from reviewcast.jobs.shows import load_config
from reviewcast.speech.order import order_voices

require_packages("hibari", "onnxruntime")

DEAD = {"HTTPS_PROXY": "http://127.0.0.1:9"}
BARE = '[stitch]\nintro = ""\noutro = ""\nsting = ""\n'
TALE = "# A short tale\n\nIt begins in the rain.\n"


@pytest.fixture
def program(tmp_path) -> Program:
    return Program(tmp_path / "cache")


@pytest.fixture
def show(tmp_path) -> Path:
    """A show with one review, and without music."""
    folder = tmp_path / "show"
    folder.mkdir()
    (folder / "podcast.toml").write_text(BARE)
    (folder / "x.md").write_text(TALE)
    return folder


def build(program, review, *options, env=None):
    result = program.run("build", review, "--json", *options, env={**DEAD, **(env or {})})
    return result.episode["voice"], result.err


def give_episode(show, voice, *, language="en", name="old"):
    """Put down what an earlier build left, as far as it tells of the voice."""
    folder = show / "episodes" / name
    folder.mkdir(parents=True)
    (folder / "episode.json").write_text(json.dumps({"voice": voice, "language": language}))


def hide_package(folder):
    """Return an environment in which the natural voice's package cannot be found."""
    (folder / "sitecustomize.py").write_text(
        "import importlib.machinery, sys\n"
        "class Hidden(importlib.machinery.PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'hibari': return None\n"
        "        return super().find_spec(name, path, target)\n"
        "sys.meta_path[:] = [Hidden if one is importlib.machinery.PathFinder else one"
        " for one in sys.meta_path]\n"
    )
    return {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


def list_names(config, language):
    return [one.name for one in order_voices(config, language)]


def test_the_order_goes_by_language():
    """The online one, the best of the language, the one that has them all."""
    config = load_config(None, environ={})
    for language in ("en", "en-GB", "EN_us"):
        assert list_names(config, language) == ["gtts", "hibari", "espeak"]
    assert list_names(config, "de") == ["gtts", "espeak"]


def test_the_settings_go_first():
    """What they name as second is the only one; a voice that may not be replaced stands alone."""
    config = load_config(None, environ={"REVIEWCAST_VOICE_SECOND": "piper"})
    assert list_names(config, "en") == ["gtts", "piper"]
    config = load_config(None, environ={"REVIEWCAST_VOICE": "gtts"})
    assert list_names(config, "en") == ["gtts"]
    environ = {"REVIEWCAST_VOICE": "hibari", "REVIEWCAST_VOICE_FALLBACK": "episode"}
    assert list_names(load_config(None, environ=environ), "en") == ["hibari", "espeak"]


@pytest.mark.parametrize(
    ("episodes", "names"),
    [
        ([("espeak", "en")], ["espeak"]),
        ([("espeak", "en-GB"), ("gtts", "en")], ["espeak"]),
        ([("espeak", "en"), ("hibari", "en")], ["hibari", "espeak"]),
        ([("espeak", "de")], ["hibari", "espeak"]),
        ([("gtts", "en"), ("", "en")], ["hibari", "espeak"]),
        ([], ["hibari", "espeak"]),
    ],
)
def test_a_show_keeps_the_voice_that_it_was_built_with(show, episodes, names):
    """Where espeak alone has spoken its episodes of this language, it goes on."""
    for number, (voice, language) in enumerate(episodes):
        give_episode(show, voice, language=language, name=f"e{number}")
    config = load_config(show, environ={})
    assert list_names(config, "en")[1:] == names


def test_without_a_network_english_is_spoken_by_the_natural_voice(program, show):
    """It says so, and what another script needs goes to the voice that has it, by name."""
    voice, told = build(program, show / "x.md")
    assert voice == "hibari"
    assert "the embedded voice hibari speaks the whole episode" in told
    other = show / "y.md"
    other.write_text(TALE.replace("rain", "rain, says Сергей"))
    voice, told = build(program, other)
    assert voice == "espeak"
    assert "hibari has no sound for 'Сергей" in told
    assert "lexicon" in told
    (show / "lexicon.toml").write_text('[words]\n"Сергей" = "Sergey"\n', encoding="utf-8")
    assert build(program, other)[0] == "hibari"


def test_a_show_of_espeak_is_told_how_to_switch(program, show):
    """It is built as before, byte by byte, until the settings say otherwise."""
    first = program.run("build", show / "x.md", "--json", "--voice", "espeak").episode
    result = program.run("build", show / "x.md", "--json", env=DEAD)
    assert (result.episode["voice"], result.episode["sha256"]) == ("espeak", first["sha256"])
    assert 'use = ["gtts", "hibari"] under [voice]' in result.err
    out = program.run("voices", "--language", "en", cwd=show).out
    assert "2  espeak  has spoken this show's episodes" in out
    (show / "podcast.toml").write_text(f'{BARE}[voice]\nuse = ["gtts", "hibari"]\n')
    voice, told = build(program, show / "x.md")
    assert voice == "hibari"
    assert "keeps it" not in told


def test_without_its_package_espeak_speaks(program, show, tmp_path):
    """One sentence tells it, in the build and the list; the voice by name is refused."""
    folder = tmp_path / "site"
    folder.mkdir()
    env = hide_package(folder)
    voice, told = build(program, show / "x.md", env=env)
    assert voice == "espeak"
    assert told.count("needs the package hibari-tts, which is not installed") == 1
    assert "the embedded voice espeak speaks the whole episode" in told
    listed = program.run("voices", "--json", env=env, cwd=tmp_path).json
    lacks = {one["name"]: one["lack"] for one in listed["order"]}
    assert "hibari-tts" in lacks["hibari"]
    assert not lacks["espeak"]
    asked = program.run("build", show / "x.md", "--voice", "hibari", env={**env, **DEAD})
    assert asked.code == 4
    assert "pip install hibari-tts==" in asked.err
    assert "Traceback" not in asked.err


def test_the_list_tells_the_order_and_why(program, show):
    """For the language that is asked for, else the show's."""
    out = program.run("voices", cwd=show).out
    assert "Order for en:\n1  gtts    speaks when it answers" in out
    assert "\n2  hibari  the best embedded voice of this language\n" in out
    result = program.run("voices", "--language", "fr", "--json", cwd=show).json
    assert result["language"] == "fr"
    assert [one["name"] for one in result["order"]] == ["gtts", "espeak"]
    assert all(one["why"] for one in result["order"])


def test_script_and_plan_are_those_of_the_build(program, show):
    """Both take the natural voice's forms and cost without asking anybody."""
    review = show / "x.md"
    review.write_text("# A short tale\n\nPlan A begins, and then grade A.\n")
    plan = program.run("build", review, "--plan", "--json").json["plans"][0]
    assert plan["otherwise"]["voice"] == "hibari"
    script = program.run("script", review, "--json").json
    assert build(program, review)[0] == "hibari"
    rows = program.run("preview", review, "--json").json["segments"]
    assert [one["spoken"] for one in script["segments"]] == [one["spoken"] for one in rows]
    assert all(one["is_known"] for one in rows)
