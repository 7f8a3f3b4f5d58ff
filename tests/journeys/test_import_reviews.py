"""Ten years of reviews from five services become a show: each once, nothing private, edits kept."""

import re
from collections import Counter

import pytest
from tests.support.budget import FULL_SWEEP
from tests.support.exports import (
    make_goodreads,
    make_letterboxd,
    make_letterboxd_feed,
    make_substack,
    make_truth,
    make_wordpress,
)
from tests.support.program import Program
from tests.support.show import make_show

COUNT = 120
BLOG = slice(20, 60)
BOOKS, LETTERS = range(1000, 1030), range(2000, 2012)
CLOCK = {"SOURCE_DATE_EPOCH": "1795000000"}


@pytest.fixture
def program(tmp_path):
    """The program with a cache of its own."""
    return Program(tmp_path / "cache")


@pytest.fixture
def show(tmp_path):
    """An empty show."""
    return make_show(tmp_path / "show")


@pytest.fixture
def truth():
    """What the critic has written."""
    return make_truth(COUNT)


@pytest.fixture
def exports(tmp_path, truth):
    """All exports; the last five reviews are in the feed only."""
    files = {
        "letterboxd.zip": make_letterboxd(truth.viewings[:-5]),
        "letterboxd.xml": make_letterboxd_feed(truth.viewings[-50:]),
        "blog.xml": make_wordpress(truth, truth.viewings[BLOG]),
        "books.csv": make_goodreads(BOOKS),
        "substack.zip": make_substack(LETTERS),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in files]


def read_reviews(show):
    """Return the texts of the show's reviews by their names."""
    return {path.name: path.read_text("utf-8") for path in (show / "reviews").iterdir()}


def freeze(folder):
    """Return the bytes and the times of all files of a folder, but for the lock's."""
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and ".reviewcast" not in path.parts
    }


def import_all(program, show, exports):
    """Import one export after another; return what each run said."""
    runs = [program.run("import", path, "--json", cwd=show, env=CLOCK) for path in exports]
    assert [run.code for run in runs] == [0] * len(exports), [run.err for run in runs]
    return [run.json for run in runs]


def test_each_review_is_there_once(program, show, exports, truth):
    """No marker is lost, none is doubled, and no file has two."""
    letterboxd, feed, blog, books, letters = import_all(program, show, exports)
    assert len(letterboxd["changes"]) == COUNT - 5
    assert Counter(one["change"] for one in feed["changes"])["new"] == 5
    assert {one["change"] for one in blog["changes"]} == {"updated"}
    assert len(blog["joined"]) == 40
    assert (len(books["changes"]), len(letters["changes"])) == (len(BOOKS), len(LETTERS))
    reviews = read_reviews(show)
    wanted = {one.marker for one in truth.viewings} | {f"marker{n}x" for n in (*BOOKS, *LETTERS)}
    found = {name: set(re.findall(r"marker\d+x", text)) for name, text in reviews.items()}
    assert all(len(markers) == 1 for markers in found.values())
    assert Counter(marker for markers in found.values() for marker in markers) == Counter(wanted)


def test_nothing_private_is_in_any_file(program, show, exports):
    """The worst error there is: no word of a private place is in a file, even of the records."""
    results = import_all(program, show, exports)
    for path in show.rglob("*"):
        if path.is_file():
            assert b"canary" not in path.read_bytes().lower(), path
    reasons = Counter(one["reason"] for result in results for one in result["left_out"])
    assert reasons == {
        "deleted or orphaned on Letterboxd": 2,
        "a viewing without a review": 1,
        "a draft": 21,
        "private": 20,
        "protected by a password": 20,
        "waits for review": 1,
        "in the trash": 1,
        "scheduled for later": 1,
        "a page": 1,
        "for subscribers only": 1,
        "for subscribers only (only_paid)": 1,
        "for subscribers only (founding)": 1,
    }


def test_nor_in_what_is_spoken_of_it(program, show, exports):
    """The scripts of imported reviews have none of it either, and all of a review's words."""
    import_all(program, show, exports)
    longest = max((show / "reviews").iterdir(), key=lambda path: path.stat().st_size)
    script = program.run("script", longest, "--json", cwd=show)
    assert script.code == 0, script.err
    assert "canary" not in script.out.lower()
    said = " ".join(segment["text"] for segment in script.json["segments"])
    assert len(re.findall(r"marker\d+x", said)) >= 1


def test_a_second_round_changes_nothing(program, show, exports):
    """Neither bytes nor times of any file; in whatever order the sources come."""
    import_all(program, show, exports)
    before = freeze(show)
    for result in import_all(program, show, exports[::-1]) + import_all(program, show, exports):
        assert result["changes"] == [] and result["unchanged"] == result["found"]
    assert freeze(show) == before


def test_edits_survive_and_conflicts_are_named(program, show, exports, truth, tmp_path):
    """What the user and a source change in different places is merged; the same place is kept."""
    export = exports[0]
    truth.viewings = truth.viewings[:6]
    for one in truth.viewings:
        one.text = f"First of {one.marker}.\n\nMiddle.\n\nLast one."
    export.write_bytes(make_letterboxd(truth.viewings))
    import_all(program, show, [export])
    merged, clash, gone, renamed, *others = sorted((show / "reviews").iterdir())
    merged.write_text(merged.read_text("utf-8").replace("Last one.", "My own end."), "utf-8")
    clash.write_text(clash.read_text("utf-8").replace("First of", "Mine of"), "utf-8")
    gone.unlink()
    renamed.rename(show / "reviews" / "another-name.md")
    for one in truth.viewings:
        one.text = one.text.replace("First of", "Second of")
    export.write_bytes(make_letterboxd(truth.viewings))
    run = program.run("import", export, "--json", cwd=show, env=CLOCK)
    assert run.code == 3, run.err
    changes = {one["file"].removeprefix("reviews/"): one["change"] for one in run.json["changes"]}
    assert changes == {
        merged.name: "merged",
        clash.name: "conflict",
        gone.name: "removed",
        "another-name.md": "updated",
        **{path.name: "updated" for path in others},
    }
    assert "Second of" in merged.read_text("utf-8") and "My own end." in merged.read_text("utf-8")
    assert "Mine of" in clash.read_text("utf-8")
    assert not gone.exists() and not renamed.exists()
    again = program.run("import", export, "--json", cwd=show, env=CLOCK)
    assert (again.code, len(again.json["changes"])) == (3, 2)  # until the user has decided


def make_private(export):
    """Make all posts of a blog's export private."""
    export.write_bytes(export.read_bytes().replace(b">publish<", b">private<"))


def test_what_turns_private_is_not_written_again(program, show, exports, truth):
    """The other source's text takes its place, its user's edits stay, and no record has it."""
    letterboxd, _, blog, *_ = exports
    truth.viewings = truth.viewings[20:24]
    letterboxd.write_bytes(make_letterboxd(truth.viewings))
    import_all(program, show, [letterboxd])
    before = read_reviews(show)
    public = make_wordpress(truth, truth.viewings)
    blog.write_bytes(public)
    import_all(program, show, [blog])
    assert all("blog.example" in text for text in read_reviews(show).values())
    gone = min((show / "reviews").iterdir())
    gone.unlink()
    make_private(blog)
    run = program.run("import", blog, "--json", cwd=show, env=CLOCK)
    assert (run.code, run.json["withdrawn"]) == (0, [])
    assert [one["change"] for one in run.json["changes"]] == ["new", *["updated"] * 3]
    told = re.compile("source: .*")
    assert {name: told.sub("", text) for name, text in read_reviews(show).items()} == {
        name: told.sub("", text) for name, text in before.items()
    }
    assert b"Film Review" not in (show / "imports.json").read_bytes()
    frozen = freeze(show)
    import_all(program, show, [letterboxd, blog])
    assert freeze(show) == frozen
    blog.write_bytes(public)
    import_all(program, show, [blog])
    assert all("blog.example" in text for text in read_reviews(show).values())


def test_what_no_source_shows_any_more_is_named_until_its_file_is_gone(program, show, exports):
    """Then nothing of it is left but its ids; once it is public again it comes back."""
    blog = exports[2]
    public = blog.read_bytes()
    import_all(program, show, [blog])
    files = sorted(f"reviews/{name}" for name in read_reviews(show))
    make_private(blog)
    for _ in range(2):
        run = program.run("import", blog, "--json", cwd=show, env=CLOCK)
        assert (run.code, run.json["changes"]) == (3, [])
        assert sorted(one["file"] for one in run.json["withdrawn"]) == files
    for file in files:
        (show / file).unlink()
    import_all(program, show, [blog])
    assert not re.search(rb"marker\d+x", (show / "imports.json").read_bytes())
    blog.write_bytes(public)
    (result,) = import_all(program, show, [blog])
    assert sorted(one["file"] for one in result["changes"]) == files
    assert result["joined"] == []


def test_killed_anywhere_nothing_private_stays(program, tmp_path, exports, truth):
    """Whenever a run is killed that takes a text back, the next one has done it all."""
    letterboxd, _, blog, *_ = exports
    truth.viewings = truth.viewings[20:22]
    letterboxd.write_bytes(make_letterboxd(truth.viewings))
    public = make_wordpress(truth, [*truth.viewings, *make_truth(1).viewings])
    whole = {}
    step = 4 if FULL_SWEEP else 6
    for moment in range(0, 100, step):
        show = make_show(tmp_path / f"killed{moment}")
        blog.write_bytes(public)
        import_all(program, show, [letterboxd, blog])
        make_private(blog)
        killed = program.kill(moment, "import", blog, cwd=show)
        if moment:
            assert killed.code == -9
            killed = program.run("import", blog, cwd=show)
        else:
            total = int(killed.err.split()[-1])
        assert killed.code == 3, killed.err
        whole = whole or read_reviews(show)
        assert read_reviews(show) == whole, moment
        if moment + step > total:
            break
    assert sum("blog.example/p" in text.partition("source:")[0] for text in whole.values()) == 1


def test_two_blogs_do_not_overwrite_each_other(program, show, tmp_path):
    """Their posts have files of the same names; a draft of the one is none of the other."""
    blogs = [tmp_path / "a", tmp_path / "b"]
    for blog, title in zip(blogs, ("Heat", "Dune"), strict=True):
        (blog / "posts").mkdir(parents=True)
        (blog / "posts" / "index.md").write_text(f"---\ntitle: {title}\n---\nOn {title}.\n")
    assert len(import_all(program, show, blogs)) == 2
    before = read_reviews(show)
    assert sorted(before) == ["dune.md", "heat.md"]
    import_all(program, show, blogs)
    (blogs[1] / "posts" / "index.md").write_text("---\ntitle: Dune\ndraft: true\n---\nx\n")
    run = program.run("import", blogs[1], "--json", cwd=show, env=CLOCK)
    assert [one["file"] for one in run.json["withdrawn"]] == ["reviews/dune.md"]
    assert read_reviews(show) == before


def test_killed_anywhere_the_next_run_completes(program, tmp_path, truth):
    """Whenever a run is killed, the next one has every review once, and all that its user wrote."""
    old, export = tmp_path / "old.zip", tmp_path / "few.zip"
    truth.viewings = truth.viewings[:5]
    for one in truth.viewings:
        one.text = f"First of {one.marker}.\n\nMiddle.\n\nLast one."
    old.write_bytes(make_letterboxd(truth.viewings[:4]))
    for one in truth.viewings[:3]:
        one.text = one.text.replace("First of", "Second of")
    export.write_bytes(make_letterboxd(truth.viewings))

    def prepare(name):
        """Make a show in which one file is edited, one as the next import has it, one removed."""
        show = make_show(tmp_path / name)
        assert program.run("import", old, cwd=show, env=CLOCK).code == 0
        merged, same, _, gone = sorted((show / "reviews").iterdir())
        merged.write_text(merged.read_text("utf-8").replace("Last one.", "My own end."), "utf-8")
        same.write_text(same.read_text("utf-8").replace("First of", "Second of"), "utf-8")
        gone.unlink()
        return show

    show = prepare("counted")
    total = int(program.kill(0, "import", export, cwd=show).err.split()[-1])
    whole = read_reviews(show)
    assert [whole[name].count("Second of") for name in sorted(whole)] == [1, 1, 1, 0]
    assert "My own end." in min(whole.items())[1]
    moments = range(1, total + 1) if FULL_SWEEP else {1 + total * at // 20 for at in range(20)}
    assert len(moments) >= 20
    for moment in sorted(moments):
        show = prepare(f"killed{moment}")
        assert program.kill(moment, "import", export, cwd=show).code == -9
        done = program.run("import", export, cwd=show, env=CLOCK)
        assert done.code == 0, done.err
        assert read_reviews(show) == whole, moment
        before = freeze(show)
        assert program.run("import", export, cwd=show, env=CLOCK).code == 0
        assert freeze(show) == before
