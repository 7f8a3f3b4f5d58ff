"""`reviewcast help`: every topic, every setting, and what is near a topic that there is not."""

import re

import pytest
from click.testing import CliRunner
from tests.support.program import Program
from tests.support.terminal import run_on_terminal

from reviewcast.cli import group
from reviewcast.model.errors import UsageError
from reviewcast.settings.manual import describe_settings
from reviewcast.system.resources import list_topics, read_topic


def show(*words: str) -> str:
    done = CliRunner().invoke(group, ["help", *words], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


def test_topics_are_listed():
    """Those of the index, each of which is a file, and no file is missing there."""
    from importlib.resources import files

    folder = files("reviewcast") / "resources/manual"
    there = {one.name.removesuffix(".md") for one in folder.iterdir()} - {"index"}
    assert set(list_topics()) == there
    listed = show()
    for topic, about in list_topics().items():
        assert f"{topic} " in listed
        assert about in listed


@pytest.mark.parametrize("topic", [name for name in list_topics() if name != "settings"])
def test_a_topic_is_plain_in_a_pipe(topic):
    """It is printed as it is written."""
    assert show(topic).strip() == read_topic(topic).strip()


def test_every_setting_is_told_with_its_default():
    """The list is made of the settings themselves."""
    told = show("settings")
    assert "<!--" not in told
    assert told.count(describe_settings()) == 1


def test_a_command_without_a_topic_shows_its_help():
    assert "Usage: " in show("doctor")
    assert "Examples:" in show("doctor")


@pytest.mark.parametrize(
    ("topic", "hint"),
    [("setings", "Did you mean settings?"), ("docter", "Did you mean doctor?"), ("zzz", "lists")],
)
def test_an_unknown_topic(topic, hint):
    """A sentence, what was likely meant, and exit 2."""
    with pytest.raises(UsageError) as caught:
        show(topic)
    assert caught.value.exit_code == 2
    assert topic in caught.value.message
    assert hint in caught.value.hint


def test_it_is_laid_out_on_a_terminal(tmp_path):
    """Paged, no wider than the terminal, and without the marks of Markdown."""
    env = {"PAGER": "cat", "NO_COLOR": "1"}
    said = run_on_terminal(Program(tmp_path), "help", "voices", columns=60, env=env)
    assert max(map(len, said.splitlines())) <= 60
    assert "Voices" in said
    assert "```" not in said
    assert not re.search(r"\(\w+\.md\)", said)
    assert "\x1b" not in said
