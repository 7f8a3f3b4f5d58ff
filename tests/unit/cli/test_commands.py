"""The command line as users meet it: help, results on stdout, talk on stderr, exit codes."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.support.program import Program
from tests.support.terminal import run_on_terminal

from reviewcast.cli import group

COMMANDS = group.list_commands(click.Context(group))
TALE = "# A tale\n\nIt begins, and it ends.\n"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "cache")


def write(tmp_path: Path, text: str | bytes, name: str = "tale.md") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_help_names_every_command(program):
    """`-h` and `--help` list all commands, each with what it does."""
    short, long = program.run("-h"), program.run("--help")
    assert short.out == long.out
    for name in COMMANDS:
        assert re.search(rf"^  {name}  +\w", long.out, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name):
    """Every command and every option has a help text."""
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert command.help
    for option in command.params:
        assert isinstance(option, click.Argument) or option.help, option.name


def test_every_help_ends_with_examples_that_work():
    """Two or three for each command, of which each can be called so, and all fit 80 columns."""
    from reviewcast.cli.examples import EXAMPLES

    commands = {}
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        commands[name] = command
        for inner, one in getattr(command, "commands", {}).items():
            commands[f"{name} {inner}"] = one
    assert set(commands) == set(EXAMPLES)
    for name, command in commands.items():
        assert 2 <= len(EXAMPLES[name]) <= 3
        help_text = command.get_help(click.Context(command, info_name=name))
        end = help_text[help_text.index("Examples:") :]
        assert max(map(len, end.splitlines())) <= 79
        for line, about in EXAMPLES[name]:
            assert line in end
            assert about in end
            assert len(line) <= 78
            program_name, *words = shlex.split(line.partition(" >")[0])
            assert program_name == "reviewcast"
            main = click.Context(group, obj=False)
            found = group.get_command(main, words[0])
            assert found.make_context(words[0], words[1:], parent=main).command is found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_tab_key_completes(program, shell):
    """The printed text calls the program, which then offers commands, options and voices."""
    script = program.run("completion", shell)
    assert script.code == 0
    assert f"_REVIEWCAST_COMPLETE={shell}_complete" in script.out

    def complete(*words):
        typed = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
        if shell == "fish":
            typed["COMP_CWORD"] = words[-1]
        done = program.run(env={"_REVIEWCAST_COMPLETE": f"{shell}_complete", **typed})
        assert done.err == ""
        return re.findall(r"[\w-]+", done.out)

    assert {"preview", "publish"} <= set(complete("reviewcast", "p"))
    assert "espeak" in complete("reviewcast", "build", "--voice", "esp")
    assert "--plan" in complete("reviewcast", "build", "--pl")
    assert "file" in complete("reviewcast", "build", "he")
    complete("reviewcast", "nonsense", "b")  # offers nothing, and does not fail


LIBRARIES = "numpy requests gtts pydub mutagen soundfile msgspec markdown_it yaml stamina rich"


@pytest.mark.parametrize(
    ("arguments", "unloaded"),
    [
        pytest.param(["--help"], LIBRARIES, id="help"),
        pytest.param(["build", "tale.md", "--plan"], "numpy soundfile pydub", id="plan"),
        pytest.param(["names", "tale.md"], "numpy soundfile pydub", id="names"),
        pytest.param(["voices"], "numpy soundfile pydub", id="voices"),
    ],
)
def test_imports_are_lazy(program, tmp_path, arguments, unloaded):
    """The help of the program loads no library but click; no plan loads what makes audio."""
    write(tmp_path, TALE)
    code = (
        "import sys; from reviewcast.cli import main\n"
        f"sys.argv = ['reviewcast', *{arguments!r}]\n"
        "try: main()\nexcept SystemExit as end: assert not end.code, end.code\n"
        f"print(sorted({{m.partition('.')[0] for m in sys.modules}} & set({unloaded.split()!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=program.environ(),
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["biuld"], "Did you mean build?"),
        (["build"], "REVIEW"),
        (["build", "none.md"], "There is no file none.md."),
        (["build", "."], "is a folder"),
        (["build", "tale.md", "-o", "tale.wav"], ".mp3"),
        (["build", "tale.md", "tale.md", "-o", "one.mp3"], "several episodes"),
        (["script"], "REVIEW"),
    ],
)
def test_usage_errors_exit_2(program, tmp_path, arguments, said):
    """What the command line cannot mean is said in a sentence, with exit 2 and no traceback."""
    write(tmp_path, TALE)
    result = program.run(*arguments, cwd=tmp_path)
    assert result.code == 2
    assert said in result.err
    assert "Traceback" not in result.err
    assert result.out == ""


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.md", "is empty"),
        (b" \n\t\n", "a.txt", "is empty"),
        (bytes(range(256)) * 40, "a.txt", "binary"),
        (b"\xfe\xff\xd8\x00", "a.txt", "UTF-16"),
        (b"word " * 500_000, "a.txt", "larger than 2 MB"),
        (b"some text", "a.pdf", "kind"),
        (b"***\n\n---\n", "a.md", "no text"),
    ],
)
def test_bad_reviews_exit_3(program, tmp_path, content, name, said):
    """A review that cannot be read is said in one sentence with a hint."""
    path = write(tmp_path, content, name)
    result = program.run("build", path, "--voice", "espeak")
    assert result.code == 3
    assert said in result.err
    assert result.err.startswith("Error: ")
    assert "Hint:" in result.err
    assert not list(tmp_path.glob("*.mp3"))


def test_natural_mistakes_get_advice(program, tmp_path):
    """An address, a folder and texts of other programs are told what to do instead."""
    page = program.run("build", "http://127.0.0.1:9/heat", cwd=tmp_path)
    assert (page.code, "--allow-private" in page.err) == (6, True)
    page = program.run("names", "https://example.org/heat", cwd=tmp_path)
    assert (page.code, "reviewcast import URL" in page.err) == (2, True)
    assert "shelf/*.md" in program.run("build", make_folder(tmp_path, "shelf"), cwd=tmp_path).err
    for name, said in (
        ("a.odt", ".docx"),
        ("a.rtf", ".docx"),
        ("a.pdf", "Copy"),
        ("a.epub", "Copy"),
    ):
        result = program.run("build", write(tmp_path, "some text", name), "--voice", "espeak")
        assert (result.code, said in result.err) == (3, True)


def make_folder(tmp_path, name):
    (tmp_path / name).mkdir()
    return name


def test_a_missing_cover_fails_in_the_plan_too(program, tmp_path):
    """What a build would stop at, its plan tells."""
    write(tmp_path, '[show]\ncover = "none.jpg"\n', "podcast.toml")
    result = program.run("build", write(tmp_path, TALE), "--plan", "--voice", "espeak")
    assert (result.code, "none.jpg" in result.err) == (4, True)


def test_an_output_that_ends_in_a_slash_is_a_folder(program, tmp_path):
    """It is made; where a file is of that name, nothing is spoken."""
    review = write(tmp_path, TALE)
    assert program.run("build", review, "-o", f"{tmp_path}/new/out/", "--voice", "espeak").code == 0
    assert (tmp_path / "new" / "out" / "tale.mp3").exists()
    (tmp_path / "file").touch()
    assert program.run("build", review, "-o", f"{tmp_path}/file/", "--voice", "espeak").code == 6


def test_a_folder_with_spaces_is_quoted(program, tmp_path):
    """What init says comes next can be copied into a shell."""
    result = program.run("init", "Reel Doubt ü", cwd=tmp_path)
    assert "Next: cd 'Reel Doubt ü'; reviewcast build" in result.err


def test_init_asks_on_a_terminal(program, tmp_path):
    """Title, author, language and URL are asked for; an empty answer takes what is proposed."""
    shown = run_on_terminal(
        program, "init", "new", columns=80, cwd=tmp_path, data=b"Reel\nJo\nde\n\n"
    )
    for asked in ("Title [New]", "Author", "Language [en]", "URL of the published show"):
        assert asked in shown
    settings = (tmp_path / "new" / "podcast.toml").read_text(encoding="utf-8")
    assert '\nlanguage = "de"' in settings
    assert '\ntitle = "Reel"' in settings


def test_settings_that_are_wrong_exit_4(program, tmp_path):
    """An unknown setting, voice or variable is refused with what was likely meant."""
    review = write(tmp_path, TALE)
    assert "Did you mean espeak?" in program.run("build", review, "--voice", "espaek").err
    result = program.run("build", review, env={"REVIEWCAST_VIOCE": "espeak"})
    assert (result.code, "REVIEWCAST_VOICE" in result.err) == (4, True)
    write(tmp_path, "[encode]\nbitrate = 64\n", "podcast.toml")
    result = program.run("build", review, "--voice", "espeak")
    assert (result.code, "bitrate_kbps" in result.err) == (4, True)


@pytest.mark.skipif(os.name == "nt", reason="permissions are others there")
def test_folder_that_refuses_exits_6(program, tmp_path):
    """A place where nothing can be written is found out before any speech."""
    review = write(tmp_path, TALE)
    (tmp_path / "file").write_text("not a folder")
    result = program.run("build", review, "-o", tmp_path / "file" / "x.mp3", "--voice", "espeak")
    assert result.code == 6
    assert not (tmp_path / "cache").exists()


def test_another_run_on_the_show_exits_7(program, tmp_path):
    """A show that another run holds is left alone."""
    from reviewcast.system.show_lock import lock_show

    write(tmp_path, "", "podcast.toml")
    with lock_show(tmp_path):
        assert program.run("build", write(tmp_path, TALE), "--voice", "espeak").code == 7


def test_foreign_text_is_harmless_on_the_terminal(program, tmp_path):
    """Escapes, NUL and direction marks of a review or its name reach no output."""
    review = write(tmp_path, "# A \x1b[31mred\x07 \u202eelat\n\nIt \x00begins\x9b, and ends.\n")
    for arguments in (("script", review), ("build", review, "--voice", "espeak", "--json")):
        result = program.run(*arguments)
        assert result.code == 0
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", result.out + result.err)
    result = program.run("build", tmp_path / "\x1b[2Jnone.md")
    assert "\x1b" not in result.err


def test_script_shows_segments_and_omissions(program, tmp_path):
    """The plain script shows what is written, what is said where it differs, and what is not."""
    review = write(tmp_path, TALE + "\nWell—yes.\n\n![a poster](p.jpg)\n")
    out = program.run("script", review).out
    assert "It begins, and it ends." in out
    assert ">  Well — yes." in out
    assert "-  a poster  (image)" in out


def test_script_explains_its_spoken_forms(program, tmp_path):
    """`--explain` names what is said otherwise and the rule; JSON has the same."""
    review = write(tmp_path, "# Rocky IV\n\nI gave it 8/10.\n")
    out = program.run("script", review, "--explain").out
    assert "8/10 → eight out of ten  (ratings: " in out
    found = program.run("script", review, "--explain", "--json").json["segments"]
    assert [(one["number"], one["index"]) for one in found][:2] == [(1, 0), (2, 1)]
    assert found[1]["changes"][0]["written"] == "8/10"


def test_script_explains_where_its_fields_come_from(program, tmp_path):
    """`--explain` tells of each field where it was found, and what nothing was made of."""
    review = write(tmp_path, "---\nauthor: Ada\nmood: sad\n---\n# Salt\n\nIt runs.\n")
    out = program.run("script", review, "--explain").out
    assert out.startswith(
        "title: Salt  (text)\nauthor: Ada  (front matter)\nlanguage: en  (settings)\n"
        "not used: mood  (front matter)\n\n## Review\n"
    )
    found = program.run("script", review, "--explain", "--json").json
    assert found["fields"]["author"] == {"value": "Ada", "from": "front matter"}
    assert found["not_used"] == ["mood"]
    assert "fields" not in program.run("script", review, "--json").json


def test_spoken_forms_can_be_set(program, tmp_path):
    """podcast.toml turns a family off, or says a form otherwise; an unknown one is refused."""
    review = write(tmp_path, "# Rocky IV\n\nI gave it 8/10.\n")
    write(tmp_path, '[spoken]\nromans = false\n"8/10" = "eight of ten"\n', "podcast.toml")
    said = [s["spoken"] for s in program.run("script", review, "--json").json["segments"]]
    assert said[:2] == ["Rocky IV", "I gave it eight of ten."]
    write(tmp_path, "[spoken]\nroman = false\n", "podcast.toml")
    result = program.run("script", review)
    assert (result.code, "Did you mean romans?" in result.err) == (4, True)


def test_voices_lists_the_built_in_ones(program):
    """Both voices are listed with where they work; JSON has the same."""
    out = program.run("voices").out
    assert re.search(r"^espeak +offline", out, re.MULTILINE)
    assert re.search(r"^gtts +online", out, re.MULTILINE)
    assert {v["name"] for v in program.run("voices", "--json").json["voices"]} >= {"espeak", "gtts"}


def test_doctor_tries_the_parts(program, tmp_path):
    """The doctor finds all parts that need no network in order."""
    result = program.run(
        "doctor", "--json", cwd=tmp_path, env={"HTTPS_PROXY": "http://127.0.0.1:9"}
    )
    assert result.code == 0
    states = {finding["part"]: finding["state"] for finding in result.json["findings"]}
    assert {states[part] for part in ("voice espeak", "MP3 encoder", "sounds", "cache")} == {"ok"}
    assert states["voice gtts"] == "missing"


def test_audio_in_place_of_a_review_is_named(program, tmp_path):
    """What is no review, but plainly something else, is called by its name."""
    intro = Path(__file__).parents[3] / "audio" / "intro.flac"
    result = program.run("build", intro, "-o", tmp_path / "x.mp3")
    assert result.code == 3
    assert "intro.flac is audio (FLAC), not a review." in result.err


def test_a_broken_sound_is_named_by_its_setting(program, tmp_path):
    """Of several sounds, the message tells which one it is."""
    review = write(tmp_path, TALE)
    (tmp_path / "podcast.toml").write_text('[stitch]\nsting = "none.wav"\n')
    result = program.run("build", review, "--voice", "espeak")
    assert result.code != 0
    assert "none.wav" in result.err
    assert "It is the sting of [stitch]" in result.err


def test_quiet_stands_behind_any_command(program):
    """Also behind one that has commands of its own, and behind these."""
    for words in (("cache", "-q"), ("cache", "prune", "--unused", "-q"), ("voices", "-q")):
        assert program.run(*words).code == 0


@pytest.mark.parametrize("words", [("--quiet", "build"), ("build", "-q")])
def test_quiet_tells_nothing_but_the_result(program, tmp_path, words):
    """With --quiet stderr stays empty; it may stand before the command or behind it."""
    result = program.run(*words, write(tmp_path, TALE), "--voice", "espeak")
    assert (result.code, result.err) == (0, "")
    assert "LUFS" in result.out


def test_a_name_that_is_not_utf_8_is_refused_by_itself(program, tmp_path):
    """The other reviews are built; the review is told by a name that every terminal shows."""
    (tmp_path / "podcast.toml").write_text('[voice]\nname = "espeak"\n', encoding="utf-8")
    (tmp_path / "reviews").mkdir()
    (tmp_path / "reviews/film.md").write_text(TALE, encoding="utf-8")
    name = os.fsencode(tmp_path / "reviews") + b"/b\xff.md"
    try:
        with open(name, "w", encoding="utf-8") as file:
            file.write("# Another\n\nThe other film is good.\n")
    except OSError:
        pytest.skip("this file system has UTF-8 names alone")
    result = program.run("build", "--json", "--report", "report.html", cwd=tmp_path)
    assert result.code == 3
    assert [episode["slug"] for episode in result.json["episodes"]] == ["film"]
    (failure,) = result.json["failed"]
    assert (failure["review"], failure["exit_code"]) == ("reviews/b\\xff.md", 3)
    assert "b\\xff.md" in (tmp_path / "report.html").read_text(encoding="utf-8")
    for command in ("build --plan", "names"):
        result = program.run(*command.split(), cwd=tmp_path)
        assert (result.code, "b\\xff.md" in result.err) == (3, True)
