"""`reviewcast build URL`: a review that stands on the web is spoken as one that is here."""

import pytest
from mutagen.id3 import ID3
from tests.support.network import PUBLIC, Network, serve
from tests.support.program import Program
from tests.support.show import make_show

URL = "http://blog.example/2024/heat-review/"
PAGE = b"""<!doctype html><html lang=en><head><title>Heat - Blog</title>
<link rel=canonical href="http://blog.example/2024/heat-review/">
<link rel=alternate type=application/rss+xml href=/feed.xml>
<script type="application/ld+json">{"@type": "Review", "datePublished": "2024-03-01",
"author": {"name": "Jo Doe"}, "itemReviewed": {"@type": "Movie", "name": "Heat"},
"reviewRating": {"ratingValue": 4, "bestRating": 5}}</script></head><body>
<nav><a href=/>Home of this blog</a></nav><article><h1>Heat</h1>
<p>Two men meet at night. They speak <em>softly</em>.</p></article>
<section class=comments><p>First canarycomment!</p></section></body></html>"""
FEED = b"""<rss version="2.0"><channel><title>Blog</title><link>http://blog.example/</link>
<item><title>Heat</title><description>Fine.</description></item></channel></rss>"""
SILENT = {f"REVIEWCAST_STITCH_{name}": "" for name in ("INTRO", "OUTRO", "STING")}
ENV = {**SILENT, "REVIEWCAST_VOICE": "espeak"}
ANSWERS = {"/2024/heat-review/": PAGE, "/": b"<html><p>x</p></html>", "/feed.xml": FEED}


@pytest.fixture
def program(tmp_path):
    """The program with a cache of its own."""
    return Program(tmp_path / "cache")


@pytest.fixture
def asked(monkeypatch):
    """A blog on the web; the paths that were asked for."""

    def answer(path):
        body = ANSWERS.get(path)
        return (404, {}, b"") if body is None else (200, {}, body)

    with serve(answer) as (port, paths):
        Network({"blog.example": [[PUBLIC]]}, {PUBLIC: port}).patch(monkeypatch)
        yield paths


@pytest.fixture
def here(tmp_path):
    """An empty folder outside of any show."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def test_outside_of_a_show(program, asked, here):
    """The MP3 is named after the page, says what the page says, and nothing else is kept."""
    done = program.run("build", URL, "--json", cwd=here, env=ENV)
    episode = done.episode
    said = " ".join(cue["text"] for cue in episode["cues"])
    assert "Two men meet at night." in said
    assert "canary" not in said and "Home" not in said
    assert "Left out of the page:" in done.err and "canarycomment" in done.err
    names = {path.name for path in here.iterdir()}
    assert "heat.mp3" in names
    assert all(name.startswith("heat.") and not name.endswith(".md") for name in names)
    tag = ID3(here / "heat.mp3")
    assert (str(tag["TIT2"]), str(tag["TPE1"])) == ("Heat", "Jo Doe")
    assert "canary" not in str(tag.pprint())
    again = program.run("build", URL, "--json", cwd=here, env=ENV).episode
    assert (again["sha256"], again["voiced"]) == (episode["sha256"], 0)


def test_where_it_is_wanted(program, asked, here):
    """-o names the file."""
    assert program.run("build", URL, "-o", "x.mp3", "-q", cwd=here, env=ENV).code == 0
    assert (here / "x.mp3").is_file() and not (here / "heat.mp3").exists()


def test_in_a_show_it_is_imported(program, asked, tmp_path):
    """Its file is one of the show's reviews, whose edits a second build keeps."""
    show = make_show(tmp_path / "show")
    episode = program.run("build", URL, "--json", cwd=show, env=ENV).episode
    (file,) = (show / "reviews").iterdir()
    assert file.name == "2024-03-01-heat.md"
    assert episode["path"].startswith(str(show / "episodes"))
    text = file.read_text("utf-8")
    assert text.endswith("---\n\nTwo men meet at night. They speak *softly*.\n")
    assert "rating: 4/5" in text and "canary" not in text
    file.write_text(file.read_text("utf-8").replace("at night", "at noon"), "utf-8")
    again = program.run("build", URL, "--json", cwd=show, env=ENV).episode
    assert "at noon" in " ".join(cue["text"] for cue in again["cues"])
    assert again["voiced"] == 1 and again["slug"] == episode["slug"]
    assert len(list((show / "reviews").iterdir())) == 1
    file.unlink()
    gone = program.run("build", URL, cwd=show, env=ENV)
    assert (gone.code, "which you have removed" in gone.err) == (2, True)


@pytest.mark.parametrize("place", ["here", "show"])
def test_looking_at_it_writes_nothing(program, asked, tmp_path, place):
    """A plan, a script and a list of segments, in a show or not."""
    folder = make_show(tmp_path / place)
    if place == "here":
        (folder / "podcast.toml").unlink()
    before = sorted(folder.iterdir())
    plan = program.run("build", URL, "--plan", "--json", cwd=folder, env=ENV)
    assert [one["title"] for one in plan.json["plans"]] == ["Heat"]
    script = program.run("script", URL, "--json", cwd=folder, env=ENV)
    assert "softly" in script.out and "canary" not in script.out
    listing = program.run("preview", URL, "--json", cwd=folder, env=ENV)
    assert (plan.code, script.code, listing.code) == (0, 0, 0)
    assert listing.json["title"] == "Heat"
    heard = program.run("preview", URL, "1", "-o", tmp_path / "x.wav", cwd=folder, env=ENV)
    assert heard.code == 0, heard.err
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("command", ["build", "script", "preview"])
@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("http://127.0.0.1:9/heat/", 6, "--allow-private"),
        ("http://blog.example/none/", 6, "answers 404"),
        ("http://nowhere.example/", 6, "cannot be reached"),
        ("http://blog.example/feed.xml", 2, "reviewcast import URL"),
        ("http://blog.example/", 2, "no page of a review"),
    ],
)
def test_what_cannot_be(program, asked, here, command, url, code, said):
    """Errors are a sentence, a hint and an exit code; nothing is written."""
    done = program.run(command, url, cwd=here, env=ENV)
    assert done.code == code, done.err
    assert said in done.err and "Traceback" not in done.err
    assert list(here.iterdir()) == []


def test_one_that_fails_stops_no_other(program, asked, here):
    """Beside a review that is here; each is told of by its own name."""
    (here / "dune.md").write_text("# Dune\n\nSand.\n", "utf-8")
    done = program.run("build", "dune.md", f"{URL}none", URL, "--json", cwd=here, env=ENV)
    assert done.code == 3
    assert [one["title"] for one in done.json["episodes"]] == ["Dune", "Heat"]
    assert [one["review"] for one in done.json["failed"]] == [f"{URL}none"]
