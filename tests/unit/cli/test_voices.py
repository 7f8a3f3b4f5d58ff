"""`reviewcast voices` as users meet it: the list, what a sentence costs, how a voice sounds."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.support.google import GoogleStandIn
from tests.support.program import Program

DEAD = {"HTTPS_PROXY": "http://127.0.0.1:9", "OPENAI_API_KEY": ""}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "cache")


def list_voices(program: Program, *options: str, env=None, cwd=None):
    result = program.run("voices", *options, "--json", env=env, cwd=cwd)
    assert result.code == 0, result.err
    return {voice["name"]: voice for voice in result.json["voices"]}


def test_the_list_tells_where_and_in_which_languages(program, tmp_path):
    """Called bare it lists; nobody is asked and nothing is written."""
    out = program.run("voices", env=DEAD, cwd=tmp_path).out
    assert re.search(r"^espeak +offline +\d+ languages +eSpeak NG", out, re.MULTILINE)
    assert re.search(r"^gtts +online +\d+ languages +Google", out, re.MULTILINE)
    voices = list_voices(program, env=DEAD, cwd=tmp_path)
    assert {"en", "de", "fr-fr"} <= set(voices["espeak"]["languages"])
    assert {"en", "de", "fr"} <= set(voices["gtts"]["languages"])
    assert voices["espeak"]["measured"] is None
    assert list(tmp_path.iterdir()) == []


def test_a_sentence_is_measured(program, tmp_path):
    """A voice here tells its seconds, one that does not answer says so, and the list goes on."""
    voices = list_voices(program, "--measure", env=DEAD, cwd=tmp_path)
    cost = voices["espeak"]["measured"]
    assert 0 < cost["took_s"] < cost["speech_s"]
    assert 1 < cost["speech_s"] < 6
    assert voices["gtts"]["measured"]["error"] == "Google's voice cannot be reached."
    out = program.run("voices", "--measure", env=DEAD, cwd=tmp_path).out
    assert re.search(r"^espeak .* \d\.\d{3} s for \d\.\d s ", out, re.MULTILINE)
    assert re.search(r"^gtts .* no answer .*cannot be reached", out, re.MULTILINE)


def test_an_online_voice_that_answers_is_measured(program, tmp_path):
    """One request is enough."""
    with GoogleStandIn() as service:
        voices = list_voices(program, "--measure", env=service.environ(), cwd=tmp_path)
    assert voices["gtts"]["measured"]["error"] == ""
    assert voices["gtts"]["measured"]["speech_s"] > 0.5


@pytest.mark.parametrize("name", ["x.wav", "x.mp3"])
def test_say_writes_a_file(program, tmp_path, name):
    """What is said is in the file, WAV or MP3; the second time nothing is spoken."""
    path = tmp_path / name
    say = ("voices", "say", "espeak", "It got 8/10. The end.", "-o", path, "--json")
    first, second = program.run(*say, cwd=tmp_path), program.run(*say, cwd=tmp_path)
    assert first.code == 0, first.err
    samples, rate_hz = soundfile.read(path)
    assert abs(len(samples) / rate_hz - first.json["duration_s"]) < 0.06
    assert np.abs(samples).max() > 0.05
    assert (first.json["voice"], first.json["path"]) == ("espeak", str(path))
    assert (first.json["voiced"], second.json["voiced"]) == (2, 0)


def test_say_takes_texts_of_any_length(program, tmp_path):
    """A sentence over the voice's limit is cut at clauses and said whole."""
    text = "and so it goes, " * 150
    path = tmp_path / "x.wav"
    result = program.run("voices", "say", "espeak", text, "-o", path, "--json", cwd=tmp_path)
    assert result.code == 0, result.err
    assert result.json["voiced"] >= 3
    assert result.json["duration_s"] > 60


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["say"], 2, "NAME"),
        (["say", "espeak", "…"], 2, "There is no word"),
        (["say", "espaek", "Hi"], 4, "Did you mean espeak?"),
        (["say", "espeak", "Hi", "-o", "x.ogg"], 2, ".mp3 or .wav"),
        (["say", "espeak", "Hi", "--language", "qqq", "-o", "x.wav"], 4, "no voice for 'qqq'"),
        (["--json", "say", "espeak", "Hi"], 2, "for the list"),
        (["sya"], 2, "sya"),
    ],
)
def test_what_cannot_be_said(program, tmp_path, arguments, code, said):
    """One sentence, a hint, the right exit code; nothing on stdout."""
    result = program.run("voices", *arguments, cwd=tmp_path)
    assert (result.code, result.out) == (code, "")
    assert said in result.err
    assert "Traceback" not in result.err


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_say_plays(program, tmp_path):
    """Without -o the first player that is installed gets it; without any that is said."""
    folder = tmp_path / "bin"
    folder.mkdir()
    env = {"PATH": str(folder)}
    say = ("voices", "say", "espeak", "Hello.")
    result = program.run(*say, cwd=tmp_path, env=env)
    assert (result.code, "No program that plays" in result.err) == (2, True)
    player = folder / "aplay"
    player.write_text(f'#!/bin/sh\nfor f; do :; done\n/bin/cp "$f" {tmp_path}/heard.wav\n')
    player.chmod(0o755)
    result = program.run(*say, cwd=tmp_path, env=env)
    assert result.code == 0, result.err
    assert result.out.startswith("played: ")
    assert soundfile.info(tmp_path / "heard.wav").duration > 0.2
