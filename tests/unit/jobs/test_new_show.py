"""What a new show begins with: whole, in order, and never over what was there."""

import re
import tomllib

import pytest

from reviewcast.episode.cover import draw_cover
from reviewcast.jobs.new_show import check_free, propose_title, start_show
from reviewcast.jobs.shows import list_reviews, load_config
from reviewcast.model.errors import StorageError, UsageError
from reviewcast.settings.schema import Config
from reviewcast.system.resources import find_bundled, find_sample
from reviewcast.text.blogs import Blog, find_blog
from reviewcast.text.spoken import load_lexicon

FILES = [
    ".gitignore",
    "audio/intro.flac",
    "audio/outro.flac",
    "audio/sting.flac",
    "cover.jpg",
    "lexicon.toml",
    "podcast.toml",
    "reviews/the-general.md",
]


def list_files(folder) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_show_begins_with_all_it_needs(tmp_path):
    """Settings, sounds, cover, lexicon and a sample, in a folder that is made."""
    folder = tmp_path / "in" / "late-returns"
    start = start_show(folder, author="Jo Critic", url="https://example.org/podcast/")
    files = list_files(folder)
    assert list(files) == FILES
    assert sorted(start.written) == FILES
    assert start.written[-1] == "podcast.toml"
    assert (start.kept, start.notes) == ((), ())
    for name in ("intro", "outro", "sting"):
        assert files[f"audio/{name}.flac"] == find_bundled(f"{name}.flac").read_bytes()
    sample = files["reviews/the-general.md"]
    assert sample.replace(b"draft: true\n", b"", 1) == find_sample().read_bytes()
    assert b"draft: true\n" in sample
    assert files["cover.jpg"] == draw_cover("Late returns", "Jo Critic")
    assert b"\n.reviewcast/\n" in files[".gitignore"]
    config = load_config(folder, environ={})
    assert (config.show.title, config.show.author) == ("Late returns", "Jo Critic")
    assert config.show.url == "https://example.org/podcast/"
    assert config.show.cover == "cover.jpg"
    assert config.stitch.intro == "audio/intro.flac"
    assert config.show.reviews == Config().show.reviews
    assert list_reviews(folder)[1] == (str(folder / "reviews/the-general.md"),)


def test_the_lexicon_says_nothing_until_it_is_uncommented(tmp_path):
    """Its examples are right, and each stands behind one mark."""
    start_show(tmp_path / "a")
    text = (tmp_path / "a" / "lexicon.toml").read_text(encoding="utf-8")
    assert load_lexicon(text) == ()
    text = re.sub(r'^# (?=\[\[|\w+ = ["\[tf]|"[^"]+" = )', "", text, flags=re.MULTILINE)
    entries = {entry.written: entry for entry in load_lexicon(text)}
    assert list(entries) == ["Chazelle", "A24", "Reading", "Saoirse"]
    assert entries["Reading"].case == "exact"
    assert entries["Saoirse"].voices == ("espeak", "gtts")


def test_same_wishes_same_bytes(tmp_path):
    """Two shows of one title are the same, byte for byte."""
    for name in ("a", "b"):
        start_show(tmp_path / name, title="T", author="A", language="de")
    assert list_files(tmp_path / "a") == list_files(tmp_path / "b")


def test_a_show_is_never_begun_twice(tmp_path):
    """A podcast.toml, even one that points nowhere, is left alone, and so is all else."""
    (tmp_path / "podcast.toml").write_text("mine")
    with pytest.raises(UsageError, match="already"):
        start_show(tmp_path)
    assert list_files(tmp_path) == {"podcast.toml": b"mine"}
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "podcast.toml").symlink_to(tmp_path / "none")
    with pytest.raises(UsageError, match="already"):
        check_free(tmp_path / "b")
    (tmp_path / "c").write_text("")
    with pytest.raises(UsageError, match="no folder"):
        start_show(tmp_path / "c")


def test_what_is_there_is_kept(tmp_path):
    """Files of the same name stay and are named; those of the same bytes are no matter."""
    (tmp_path / "cover.jpg").write_bytes(b"mine")
    (tmp_path / "other.md").write_bytes(b"mine")
    (tmp_path / "lexicon.toml").symlink_to(tmp_path / "none")
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "intro.flac").write_bytes(find_bundled("intro.flac").read_bytes())
    start = start_show(tmp_path, title="T")
    assert start.kept == ("cover.jpg", "lexicon.toml")
    assert "audio/intro.flac" not in (*start.written, *start.kept)
    assert (tmp_path / "cover.jpg").read_bytes() == b"mine"
    assert (tmp_path / "other.md").read_bytes() == b"mine"
    assert not (tmp_path / "none").exists()


def test_a_folder_that_refuses(tmp_path):
    """A file where a folder should be is an error of the disk, and there is no podcast.toml."""
    (tmp_path / "audio").write_bytes(b"")
    with pytest.raises(StorageError, match="audio"):
        start_show(tmp_path)
    assert not (tmp_path / "podcast.toml").exists()


@pytest.mark.parametrize(
    "wish",
    [
        {"language": "Klingonese"},
        {"language": "zz-Q"},
        {"language": "en-"},
        {"url": "example.org"},
        {"url": "javascript:alert(1)"},
        {"url": "https://"},
        {"url": "https://example.org/a b"},
    ],
)
def test_wishes_that_cannot_be(tmp_path, wish):
    """A language or address that is none is refused before anything is written."""
    with pytest.raises(UsageError):
        start_show(tmp_path / "a", **wish)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "title", ['A "quoted" \\ one', "Two\nlines\x00\x1b[31m", "\udcff odd", "é" * 300, "映画"]
)
def test_any_title(tmp_path, title):
    """Whatever is given as a title, the settings load and hold one clean line."""
    start = start_show(tmp_path, title=title)
    told = load_config(tmp_path, environ={}).show.title
    assert told == start.title
    assert told.isprintable()
    assert told


def test_titles_from_names(tmp_path):
    """Without a title the blog's is taken, else the folder's name as words."""
    assert propose_title(tmp_path / "late_returns-and more", None) == "Late returns and more"
    assert propose_title(tmp_path / "映画", None) == "映画"
    assert propose_title(tmp_path / "--", None) == "Reviews"
    assert propose_title(tmp_path / "x", Blog(folder=tmp_path, title="Wind")) == "Wind"


@pytest.fixture
def blog(tmp_path) -> Blog:
    folder = tmp_path / "my [blog]"
    for name in ("one", "two"):
        (folder / "_posts").mkdir(parents=True, exist_ok=True)
        (folder / "_posts" / f"{name}.md").write_text(f"---\ntitle: {name}\nrating: 4\n---\nText.")
    (folder / "_config.yml").write_text(
        "title: Wind\nauthor: Ada\nurl: https://example.org\ndescription: Old films.\nlang: de-AT\n"
    )
    return find_blog(folder)


def test_a_blog_beside_the_show(tmp_path, blog):
    """Its reviews become the show's where they lie, and its words the show's own."""
    show = tmp_path / "show"
    start = start_show(show, blog=blog)
    assert "reviews/the-general.md" not in start.written
    told = tomllib.loads((show / "podcast.toml").read_text(encoding="utf-8"))["show"]
    assert told == {
        "title": "Wind",
        "author": "Ada",
        "language": "de-AT",
        "reviews": ["../my [[]blog]/_posts/*.md"],
        "cover": "cover.jpg",
        "description": "Old films.",
        "website": "https://example.org",
    }
    names = [str(tmp_path / "my [blog]" / "_posts" / f"{name}.md") for name in ("one", "two")]
    assert list_reviews(show) == (show, tuple(names))


def test_a_blog_around_the_show(tmp_path, blog):
    """A show in the blog's own folder, and what is given goes before what the blog says."""
    start_show(blog.folder, blog=blog, title="T", author="A", language="English")
    show = load_config(blog.folder, environ={}).show
    assert (show.title, show.author, show.language) == ("T", "A", "en")
    assert show.reviews == ("_posts/*.md",)
    assert len(list_reviews(blog.folder)[1]) == 2


def test_a_blog_without_reviews(tmp_path):
    """The show then begins with a sample, and with what the blog says of itself."""
    (tmp_path / "_config.yml").write_text("title: Wind\nlang: not a language\nurl: none\n")
    start = start_show(tmp_path / "show", blog=find_blog(tmp_path))
    show = load_config(tmp_path / "show", environ={}).show
    assert (show.title, show.language, show.website) == ("Wind", "en", "")
    assert show.reviews == Config().show.reviews
    assert "reviews/the-general.md" in start.written
