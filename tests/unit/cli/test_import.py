"""`reviewcast import --adopt`, as users meet it."""

import tomllib

import pytest
from tests.support.foreign_show import OldHost
from tests.support.program import Program
from tests.support.show import make_show

CLOCK = {"SOURCE_DATE_EPOCH": "1795000000"}


@pytest.fixture
def program(tmp_path):
    """The program with a cache of its own."""
    return Program(tmp_path / "cache")


@pytest.fixture
def host():
    """A podcast of another tool."""
    with OldHost().serve() as served:
        served.put_show()
        yield served


def test_adopt_then_publish_then_build(program, tmp_path, host):
    """The whole way: adopted, published, and one of them built anew from its review."""
    show = make_show(tmp_path / "show")
    (show / "reviews").mkdir()
    review = show / "reviews" / "third.md"
    review.write_text("# The Third Man\n\nIt begins, and it ends.\n", encoding="utf-8")
    done = program.run("import", "--adopt", host.base + "/feed", cwd=show)
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "episodes/third: The Third Man, 2019-11-02 06:30 UTC"
    assert lines[5] == "5 episodes adopted, 0 known before, 0 skipped"
    assert program.run("publish", "--json", cwd=show, env=CLOCK).json["episodes"] == 5
    built = program.run("build", review, "--voice", "espeak", cwd=show)
    assert built.code == 0, built.err
    (change,) = [
        change
        for change in program.run("publish", "--json", cwd=show, env=CLOCK).json["changes"]
        if change["guid"]
    ]
    assert (change["kind"], change["guid"]) == ("changed", "third-man")
    assert "date" not in change["fields"]


def test_settings_are_ready_to_paste(program, tmp_path, host):
    """The lines that are told load as they are; podcast.toml is not touched."""
    show = make_show(tmp_path / "show")
    before = (show / "podcast.toml").read_bytes()
    done = program.run("import", "--adopt", host.base + "/feed", "--dry-run", cwd=show)
    assert done.code == 0, done.err
    assert "5 episodes would be adopted" in done.out
    _, _, lines = done.out.partition("\n\n")
    table = tomllib.loads(lines)
    assert table["categories"] == ["TV & Film > Film History"]
    assert (table["title"], table["type"], table["locked"]) == ("Old & good", "serial", False)
    assert (show / "podcast.toml").read_bytes() == before
    assert not (show / "episodes").exists()


def test_what_is_skipped_is_an_error(program, tmp_path, host):
    """An item that cannot be adopted is named on stderr and in JSON, with exit 3."""
    show = make_show(tmp_path / "show")
    del host.files["/4.mp3"]
    done = program.run("import", "--adopt", host.base + "/feed", "--json", cwd=show)
    assert done.code == 3
    assert "生きる: The server answers 404" in done.err
    assert [one["guid"] for one in done.json["skipped"]] == ["ikiru"]
    assert len(done.json["adopted"]) == 4


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["import"], 2, "--adopt"),
        (["import", "--adopt", "none.xml"], 2, "There is no file none.xml."),
        (["import", "--adopt", "podcast.toml"], 2, "is not well-formed"),
        (["import_"], 2, "Did you mean import?"),
    ],
)
def test_what_cannot_be(program, tmp_path, arguments, code, said):
    """Errors are a sentence and an exit code."""
    show = make_show(tmp_path / "show")
    done = program.run(*arguments, cwd=show)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


def test_without_a_show(program, tmp_path):
    """There must be a show that the feed becomes."""
    done = program.run("import", "--adopt", "x.xml", cwd=tmp_path)
    assert done.code == 2
    assert "reviewcast init" in done.err
