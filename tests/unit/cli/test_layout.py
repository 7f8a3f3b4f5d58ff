"""On a terminal text wraps at words within its width; in a pipe nothing of that is seen."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from tests.support.program import Program
from tests.support.terminal import run_on_terminal

REVIEW = """# Heat

Heat is one of 132 films set in a Los Angeles of glass, and in it two men drink their coffee.

電影很長,但是每一個鏡頭都有它的理由,而且兩個人喝咖啡的那一場戲是整部電影裡最安靜也最危險的一場戲,沒有人開槍。

Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft sends [b]one[/b].
"""
PLAIN = {"NO_COLOR": "1", "REVIEWCAST_VOICE": "espeak"}
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "cache")


@pytest.fixture
def review(tmp_path: Path) -> Path:
    path = tmp_path / "heat.md"
    path.write_text(REVIEW, encoding="utf-8")
    return path


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_script_fits_the_terminal(program, review, columns):
    """No line is wider, no word that fits a line is broken, and no letter is lost."""
    piped = program.run("script", review, env=PLAIN).out
    shown = run_on_terminal(program, "script", review, columns=columns, env=PLAIN)
    assert "\x1b" not in shown
    lines = shown.splitlines()
    assert max(map(cell_len, lines)) <= columns
    assert "".join(shown.split()) == "".join(piped.split())
    words = {word for word in piped.split() if word.isascii()}
    assert words <= set(shown.split())
    start = next(at for at, line in enumerate(lines) if "Heat is one of 132" in line)
    assert lines[start + 1].startswith("      ") or columns == 120


def test_a_pipe_gets_a_row_a_line(program, review):
    """What reads stdout finds each segment whole on its line, whatever COLUMNS says."""
    plain = program.run("script", review, env=PLAIN).out
    asked = {**PLAIN, "COLUMNS": "40", "FORCE_COLOR": "1", "NO_COLOR": ""}
    assert program.run("script", review, env=asked).out == plain
    assert plain.count("\n") == 8


def test_colours_are_for_terminals_that_want_them(program, review):
    """NO_COLOR takes all of them out; without it marks are coloured."""
    coloured = run_on_terminal(program, "voices", columns=80, env={"NO_COLOR": ""})
    plain = run_on_terminal(program, "voices", columns=80, env={"NO_COLOR": "1"})
    assert "\x1b[1m" in coloured
    assert _ESCAPE.sub("", coloured).split() == plain.split()
    assert "\x1b" not in plain
    error = run_on_terminal(program, "script", "none.md", columns=80, env={"NO_COLOR": "1"})
    assert error.startswith("Error: ")


def test_foreign_text_writes_no_markup_and_no_escapes(program, tmp_path):
    """Markup of the terminal library stays text; escapes and direction marks become signs."""
    path = tmp_path / "odd.md"
    path.write_bytes(b"# A tale\n\nIt \x1b[31mruns \\[/b] \xe2\x80\xae on :smile:.\n")
    for command in ("script", "preview"):
        shown = run_on_terminal(program, command, path, columns=80, env=PLAIN)
        assert "runs [/b] " in shown
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", shown)


@pytest.mark.parametrize("columns", [20, 80])
def test_progress_stays_on_one_line(program, review, columns):
    """A bar that is drawn again begins where it stood: it is never wider than the terminal."""
    shown = run_on_terminal(
        program, "build", review.name, columns=columns, env=PLAIN, cwd=review.parent
    )
    bars = [line for line in re.split(r"[\r\n]", _ESCAPE.sub("", shown)) if "%" in line]
    assert len(bars) > 4
    assert max(map(cell_len, bars)) <= columns
    # each stage leaves one line behind
    assert len([line for line in shown.split("\n") if "%" in line]) <= 2 + shown.count("\x1b[1A")
    assert "heat.mp3" in shown


@pytest.mark.parametrize("columns", [50, 80, 200])
def test_the_shelf_is_a_table_of_80_columns(program, tmp_path, columns):
    """Each column begins where it is named, and long titles and ratings wrap below their own."""
    (tmp_path / "podcast.toml").write_text('[show]\ntitle = "A"\n', encoding="utf-8")
    (tmp_path / "reviews").mkdir()
    works = ("Heat", "The Assassination of Jesse James by the Coward Robert Ford", "Up " * 30)
    for number, work in enumerate(works, 1):
        (tmp_path / f"reviews/{number}.md").write_text(
            f"---\ntitle: {work}\ndate: 2026-03-0{number}\nrating: A gem, or two\n---\n\nText.\n",
            encoding="utf-8",
        )
    shown = run_on_terminal(program, "shelf", columns=columns, env=PLAIN, cwd=tmp_path)
    head, *rows, last = shown.splitlines()
    assert max(map(cell_len, [head, *rows])) <= columns
    assert last.startswith("3 reviews")
    if columns > 50:
        at = {name: head.index(name) for name in ("DATE", "STATE", "TITLE")}
        firsts = [row for row in rows if row.startswith("2026")]
        assert [row[at["STATE"] :].split()[0] for row in firsts] == ["new", "new", "new"]
        assert [row[at["TITLE"] :].split()[0] for row in firsts] == ["Heat", "The", "Up"]
        assert all(row[: at["DATE"] + 11].isspace() for row in rows if row not in firsts)
        assert len(rows) == 3 or columns == 80


def test_results_are_named_as_seen_from_here(program, review, tmp_path):
    """An MP3 below the folder is named by its way there, any other by its whole path."""
    assert program.run("build", review.name, env=PLAIN, cwd=tmp_path).out.startswith("heat.mp3: ")
    (tmp_path / "other").mkdir()
    out = program.run("build", review, env=PLAIN, cwd=tmp_path / "other").out
    assert out.startswith(f"{tmp_path / 'heat.mp3'}: ")


def test_an_error_wraps_but_a_command_can_be_copied(program, tmp_path):
    """A hint that holds a command is one line; a sentence is indented below its beginning."""
    shown = run_on_terminal(program, "build", columns=40, env=PLAIN, cwd=tmp_path)
    assert "Hint:  Name a REVIEW, or begin a show: reviewcast init" in shown
    assert "\r\n       " in shown.partition("Hint:")[0]
