"""`preview` and `names` as users meet them: tables, players, files, the lexicon."""

import os
import signal
import subprocess
import wave
from pathlib import Path

import pytest
from tests.conftest import require_tool
from tests.support.program import Program
from tests.support.show import make_show
from tests.support.terminal import run_on_terminal

TALE = """---
title: A tale
draft_note: x
---

It begins with Annabelle Lee, and the whole Odeon is full.

## More

> It goes on.

![a poster](poster.jpg)

And then Annabelle Lee ends it well, as all such tales do in the end.
"""
VOICE = {"REVIEWCAST_VOICE": "espeak"}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "cache")


@pytest.fixture
def tale(tmp_path: Path) -> Path:
    path = tmp_path / "tale.md"
    path.write_text(TALE, encoding="utf-8")
    return path


def make_player(folder: Path, name: str, script: str) -> dict[str, str]:
    """Put a program of this name on an otherwise empty PATH."""
    if os.name == "nt":
        pytest.skip("the stand-in is a shell script")
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return {**VOICE, "PATH": str(folder)}


def test_the_table_tells_of_each_segment(program, tale):
    """Number, chapter, role, length, the text; what is left out and why; edits; risky words."""
    tale.with_suffix(".edits.toml").write_text(
        '[[edit]]\ntext = "It goes on."\nspoken = "On it goes."\n[[edit]]\ntext = "Gone."\n'
        'spoken = "x"\n'
    )
    result = program.run("preview", tale, env=VOICE)
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0].startswith("A tale: 6 segments, 0 in the store, ~0:")
    assert "## More" in lines
    assert any(
        line.startswith("   2 ") and "~" in line and " ? It begins" in line for line in lines
    )
    assert any(line.startswith("   4 ") and "[quote, edited] It goes on." in line for line in lines)
    assert any(line.startswith("   -  ") and "poster" in line for line in lines)
    assert any(line.startswith("   !  Gone.") for line in lines)
    assert "   ?  not in the lexicon: Annabelle Lee (2, 5), Odeon (2)" in lines
    assert not (tale.parent / "cache").exists()


def test_json_tells_the_same_to_programs(program, tale):
    """Numbers from 1, whether a length is known, and risky words by segment."""
    program.run("preview", tale, "4", "-o", tale.with_name("4.mp3"), env=VOICE)
    listing = program.run("preview", tale, "--json", env=VOICE).json
    assert [one["number"] for one in listing["segments"]] == [1, 2, 3, 4, 5, 6]
    assert [one["is_known"] for one in listing["segments"]] == [n == 4 for n in range(1, 7)]
    assert listing["segments"][1]["risky"] == ["Annabelle Lee", "Odeon"]
    assert listing["segments"][3]["role"] == "quote"
    assert len(listing["omitted"]) >= 1
    assert listing["unfit"] == []


def test_a_terminal_gets_lines_of_its_width(program, tale):
    """On 30 columns no line is longer, and a text has two lines, unless --full asks for all."""
    columns = 30
    shown = {}
    for options in ((), ("--full",)):
        env = {**VOICE, "NO_COLOR": "1"}
        said = run_on_terminal(program, "preview", tale, *options, columns=columns, env=env)
        lines = shown[options] = said.splitlines()
        assert len([line for line in lines if line[:4].strip().isdigit()]) == 6
        assert all(len(line) <= columns for line in lines)
    assert any(line.endswith("…") for line in shown[()])
    assert not any(line.endswith("…") for line in shown[("--full",)])
    assert len(shown[("--full",)]) > len(shown[()])


def test_segments_are_played_by_the_first_player(program, tale, tmp_path):
    """It gets a file of the right kind, which is gone afterwards; nothing of it is printed."""
    record = tmp_path / "record"
    script = f'echo noise; echo "$@" > {record}; for f; do :; done; /bin/cp "$f" {tmp_path}/heard'
    result = program.run("preview", tale, "2", env=make_player(tmp_path / "bin", "aplay", script))
    assert result.code == 0, result.err
    assert result.out.startswith("played: ")
    quiet, file = record.read_text().split()
    assert quiet == "-q"
    assert not Path(file).exists()
    with wave.open(str(tmp_path / "heard")) as heard:
        figures = (heard.getframerate(), heard.getnchannels(), heard.getsampwidth())
        assert figures == (44100, 2, 2)
        assert heard.getnframes() > 44100
    assert not list(tale.parent.glob("*.preview.*"))
    # one that goes before, but fails, gives way
    for script in ("exit 1", "echo no device >&2"):
        record.unlink(missing_ok=True)
        make_player(tmp_path / "bin", "ffplay", script)
        env = make_player(tmp_path / "bin", "aplay", f'echo "$@" > {record}')
        assert program.run("preview", tale, "2", env=env).out.startswith("played: ")
        assert record.exists()


def test_without_a_player_the_file_is_written(program, tale, tmp_path):
    """It lies beside the review, that is said, and all is well."""
    (tmp_path / "empty").mkdir()
    env = {**VOICE, "PATH": str(tmp_path / "empty")}
    result = program.run("preview", tale, "2", env=env)
    assert result.code == 0
    assert "No program that plays" in result.err
    assert result.out.startswith(f"{tmp_path / 'tale.preview.mp3'}: ")
    assert (tmp_path / "tale.preview.mp3").stat().st_size > 10_000


def test_a_show_has_no_previews_among_its_reviews(program, tmp_path):
    """Without a player the file lies in the show's own hidden folder, and is no review."""
    show = make_show(tmp_path / "show")
    (show / "reviews").mkdir()
    (show / "reviews" / "tale.md").write_text(TALE)
    (tmp_path / "empty").mkdir()
    env = {**VOICE, "PATH": str(tmp_path / "empty")}
    result = program.run("preview", "reviews/tale.md", "2", env=env, cwd=show)
    assert result.code == 0, result.err
    written = show / ".reviewcast" / "tale.preview.mp3"
    assert result.out.startswith(f"{written}: ")
    assert written.stat().st_size > 10_000
    assert [path.name for path in (show / "reviews").iterdir()] == ["tale.md"]


def test_ctrl_c_ends_the_player(program, tale, tmp_path):
    """The program ends with 130, and what it started ends, too."""
    if os.name == "nt":
        pytest.skip("signals are of POSIX")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    env = make_player(tmp_path / "bin", "ffplay", f"echo $$ > {pipe}; exec /bin/sleep 100")
    with subprocess.Popen(
        program.command("preview", tale, "2"),
        env=program.environ(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # what runs in the background of a shell without job control ignores it from the start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as running:
        player = int(pipe.read_text())
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"Interrupted" in said
    with pytest.raises(ProcessLookupError):
        os.kill(player, 0)


def test_the_real_player_plays(program, tale):
    """The player takes the file and its options, without a terminal or a screen."""
    require_tool("ffplay")
    env = {**VOICE, "SDL_AUDIODRIVER": "dummy", "SDL_VIDEODRIVER": "dummy"}
    result = program.run("preview", tale, "3", env=env)
    assert result.out.startswith("played: "), result.err
    assert result.code == 0


def test_files_are_written_where_they_are_asked_for(program, tale, tmp_path):
    """MP3 or WAV by the name; another name, or no segment, is refused before any work."""
    for name in ("x.mp3", "x.WAV"):
        result = program.run("preview", tale, "2", "-o", tmp_path / name, "--json", env=VOICE)
        assert result.json["path"] == str(tmp_path / name)
        assert result.json["segments"] == [2]
    assert (tmp_path / "x.WAV").read_bytes()[:4] == b"RIFF"
    for arguments in (("2", "-o", tmp_path / "x.ogg"), ("-o", tmp_path / "x.mp3"), ("--mix",)):
        result = program.run("preview", tale, *arguments, env=VOICE)
        assert result.code == 2
        assert "Hint:" in result.err


def test_standard_input_can_be_heard(program, tmp_path):
    """`-` is the review; without a player the file lands where we are."""
    (tmp_path / "empty").mkdir()
    env = {**VOICE, "PATH": str(tmp_path / "empty")}
    result = program.run("preview", "-", "1", env=env, cwd=tmp_path, data=TALE.encode())
    assert result.code == 0, result.err
    assert (tmp_path / "review.preview.mp3").exists()


@pytest.fixture
def show(program, tale, tmp_path):
    """A show of two reviews."""
    (tmp_path / "podcast.toml").write_text("")
    (tmp_path / "lexicon.toml").write_text("# mine\n[words]\n")
    (tmp_path / "reviews").mkdir()
    tale.rename(tmp_path / "reviews" / "tale.md")
    (tmp_path / "reviews" / "other.md").write_text("# Other\n\nThe whole Odeon is empty now.\n")
    return tmp_path


def test_names_of_the_whole_show(program, show):
    """By how often they occur, with the reviews that hold them and what the lexicon says."""
    result = program.run("names", "--set", "Odeon=oh-DEE-un", env=VOICE, cwd=show)
    assert (result.code, result.out) == (0, "")
    assert (show / "lexicon.toml").read_text() == '# mine\n[words]\nOdeon = "oh-DEE-un"\n'
    names = program.run("names", "--json", env=VOICE, cwd=show).json["names"]
    assert [(one["written"], one["count"], one["spoken"]) for one in names] == [
        ("Annabelle Lee", 2, ""),
        ("Odeon", 2, "oh-DEE-un"),
    ]
    assert names[1]["reviews"] == ["reviews/other.md", "reviews/tale.md"]
    unknown = program.run("names", "--unknown", env=VOICE, cwd=show).out
    assert unknown == "2  Annabelle Lee  name  as written  tale.md\n"
    assert program.run("names", "--remove", "Odeon", env=VOICE, cwd=show).code == 0
    assert program.run("names", "--remove", "Odeon", env=VOICE, cwd=show).code == 2
    assert program.run("names", "--set", "Odeon", env=VOICE, cwd=show).code == 2


def test_a_respelling_voices_only_the_segments_that_hold_the_word(program, show):
    """The build after it speaks these anew, and no other."""
    arguments = ("build", "reviews/tale.md", "--json")
    assert program.run(*arguments, env=VOICE, cwd=show).episode["voiced"] == 6
    program.run("names", "--set", "Annabelle=ANNA-bell", env=VOICE, cwd=show)
    assert program.run(*arguments, env=VOICE, cwd=show).episode["voiced"] == 2
    assert program.run(*arguments, env=VOICE, cwd=show).episode["voiced"] == 0


def test_the_users_lexicon_is_written_without_a_show(program, tale, tmp_path):
    """It is made where REVIEWCAST_LEXICON, or the system, says."""
    file = tmp_path / "mine.toml"
    file.write_text("")
    env = {**VOICE, "REVIEWCAST_LEXICON": str(file)}
    assert program.run("names", tale, "--set", "Odeon = oh", env=env, cwd=tmp_path).code == 0
    assert 'Odeon = "oh"' in file.read_text()
    assert "oh" in program.run("names", tale, env=env, cwd=tmp_path).out


def test_names_are_said(program, show, tmp_path):
    """Those that are listed, or words of one's own; played, or written into a folder."""
    folder = tmp_path / "said"
    result = program.run("names", "--say", "--unknown", "-o", folder, env=VOICE, cwd=show)
    assert result.code == 0, result.err
    assert result.out.split("\n") == ["Annabelle Lee", "Odeon", ""]
    assert sorted(file.name for file in folder.iterdir()) == ["Annabelle-Lee.mp3", "Odeon.mp3"]
    record = tmp_path / "record"
    env = make_player(tmp_path / "bin", "mpg123", f"echo once >> {record}")
    result = program.run("names", "--say", "Chazelle", "../x", env=env, cwd=show)
    assert (result.code, result.out) == (0, "Chazelle\n../x\n")
    assert record.read_text() == "once\nonce\n"
    assert program.run("names", "-o", folder, env=VOICE, cwd=show).code == 2
    (tmp_path / "empty").mkdir()
    env = {**VOICE, "PATH": str(tmp_path / "empty")}
    result = program.run("names", "--say", "Chazelle", env=env, cwd=show)
    assert "Give a folder to -o" in result.err


def test_a_review_that_cannot_be_read_holds_up_no_other(program, show):
    """The others are listed; the exit code is the failure's."""
    (show / "reviews" / "empty.md").write_text("")
    result = program.run("names", env=VOICE, cwd=show)
    assert result.code == 3
    assert "empty.md" in result.err
    assert "Annabelle Lee" in result.out
