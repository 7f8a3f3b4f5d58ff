"""`reviewcast import SOURCE`, as users meet it."""

import pytest
from tests.support.exports import make_letterboxd, make_truth, make_wordpress
from tests.support.foreign_show import OldHost
from tests.support.program import Program
from tests.support.show import make_show


@pytest.fixture
def program(tmp_path):
    """The program with a cache of its own."""
    return Program(tmp_path / "cache")


@pytest.fixture
def show(tmp_path):
    """An empty show."""
    return make_show(tmp_path / "show")


@pytest.fixture
def export(tmp_path):
    """An export of three reviews."""
    path = tmp_path / "letterboxd.zip"
    path.write_bytes(make_letterboxd(make_truth(3).viewings))
    return path


def test_what_is_said(program, show, export):
    """A line for each file, for what is left out and why, and one for all."""
    done = program.run("import", export, cwd=show)
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].split() == "reviews/2016-01-03-the-camera-of-0.md The Camera of 0 new".split()
    assert "deleted or orphaned on Letterboxd" in lines[3]
    assert lines[-1] == "3 reviews found: 3 new, 0 updated, 0 unchanged, 2 left out"
    again = program.run("import", export, cwd=show)
    assert again.out.splitlines()[-1] == (
        "3 reviews found: 0 new, 0 updated, 3 unchanged, 2 left out"
    )


def test_a_dry_run_writes_nothing(program, show, export):
    """It says the same."""
    before = sorted(show.rglob("*"))
    done = program.run("import", export, "--dry-run", "--json", cwd=show)
    assert (done.code, len(done.json["changes"]), done.json["dry_run"]) == (0, 3, True)
    after = [path for path in sorted(show.rglob("*")) if ".reviewcast" not in path.parts]
    assert after == before


def test_imported_reviews_are_those_of_the_show(program, show, export):
    """They are built without a name, and one can be scripted at once."""
    program.run("import", export, cwd=show)
    plan = program.run("build", "--plan", "--voice", "espeak", "--json", cwd=show)
    assert plan.code == 0, plan.err


def test_what_is_private_now_is_named(program, show, tmp_path):
    """A post that was public at the last import is not taken away unasked, but named."""
    truth = make_truth(3)
    blog = tmp_path / "blog.xml"
    blog.write_bytes(make_wordpress(truth, truth.viewings))
    assert program.run("import", blog, cwd=show).code == 0
    text = blog.read_bytes()
    blog.write_bytes(text.replace(b"<wp:status>publish", b"<wp:status>private", 1))
    done = program.run("import", blog, "--json", cwd=show)
    assert done.code == 3
    (gone,) = done.json["withdrawn"]
    assert gone["file"] in done.err and (show / gone["file"]).exists()


def test_a_review_of_the_show_is_not_doubled(program, show, export):
    """One that the user has written by hand stands for the imported one, unchanged."""
    (show / "reviews").mkdir()
    own = show / "reviews" / "mine.md"
    own.write_text("---\ntitle: The Camera of 0\ndate: 2016-01-03\n---\nMy own.\n", "utf-8")
    done = program.run("import", export, "--json", cwd=show)
    assert len(done.json["changes"]) == 2
    assert done.json["joined"][0]["file"] == "reviews/mine.md"
    assert own.read_text("utf-8").endswith("My own.\n")
    assert program.run("import", export, "--json", cwd=show).json["changes"] == []


def test_a_review_that_lies_in_a_blog_is_not_doubled(program, tmp_path, export):
    """A show of a blog's reviews, where they lie, knows them; also when it imports again."""
    blog = tmp_path / "blog" / "_posts"
    blog.mkdir(parents=True)
    text = "---\ntitle: The Camera of 0 review\nrating: 4/5\n---\nMy own review of it.\n"
    (blog / "2016-01-03-camera-review.md").write_text(text, "utf-8")
    (tmp_path / "blog" / "_config.yml").write_text("title: Blog\n", "utf-8")
    show = tmp_path / "of-a-blog"
    assert program.run("init", show, "--from", tmp_path / "blog").code == 0
    done = program.run("import", export, "--json", cwd=show)
    assert done.code == 0, done.err
    assert done.json["joined"][0]["file"].endswith("blog/_posts/2016-01-03-camera-review.md")
    assert len(done.json["changes"]) == 2
    again = program.run("import", export, "--json", cwd=show)
    assert (again.code, again.json["changes"]) == (0, []), again.err


def test_without_its_ledger_nothing_is_doubled(program, show, export):
    """The ids in the files tell what they are of; their texts stay as they are."""
    program.run("import", export, cwd=show)
    (show / "imports.json").unlink()
    done = program.run("import", export, "--json", cwd=show)
    assert (done.code, done.json["changes"], done.json["unchanged"]) == (0, [], 3)


def test_a_podcast_is_adopted(program, show):
    """A feed of audio needs no --adopt, when it may be looked at."""
    with OldHost().serve() as host:
        host.put_show()
        refused = program.run("import", host.base + "/feed", cwd=show)
        assert refused.code == 6 and "--allow-private" in refused.err
        done = program.run("import", host.base + "/feed", "--allow-private", cwd=show)
        assert done.code == 0, done.err
        assert "5 episodes adopted" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["none.zip"], 2, "There is no file none.zip"),
        (["podcast.toml"], 2, "is no export of"),
        (["ftp://blog.example/x"], 2, "ftp://blog.example/x cannot be fetched: only http"),
        (["../ratings.csv"], 2, "holds no reviews"),
        (["podcast.toml", "--as", "ghost"], 3, "is no JSON"),
        (["podcast.toml", "--as", "feed"], 3, "is no feed"),
        (["podcast.toml", "--as", "substack"], 2, "is no substack export"),
        (["x", "--adopt", "y"], 2, "Name one source"),
        (["http://127.0.0.1:1/"], 6, "private network"),
        (["x", "--as", "nonsense"], 2, "nonsense"),
    ],
)
def test_what_cannot_be(program, show, arguments, code, said):
    """Errors are a sentence and an exit code; nothing is written."""
    (show / "../ratings.csv").write_text("Date,Name,Year,Letterboxd URI,Rating\n")
    done = program.run("import", *arguments, cwd=show)
    assert done.code == code, done.err
    assert said in done.err and "Traceback" not in done.err
    assert not (show / "imports.json").exists() and not (show / "reviews").exists()
