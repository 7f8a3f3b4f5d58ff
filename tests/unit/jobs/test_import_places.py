"""Where the files of an import lie: never in another one's place, and where its user has put it."""

import os
import zipfile
from datetime import UTC, datetime

import pytest
from tests.support.show import add_episode, make_show

from reviewcast.jobs.import_reviews import import_reviews
from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import UsageError
from reviewcast.model.events import ignore_events
from reviewcast.podcast.publication import read_built_show
from reviewcast.shelf.detect import open_data, open_path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEAD = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\n"


@pytest.fixture
def show(tmp_path):
    folder = make_show(tmp_path / "show")
    (folder / "reviews").mkdir()
    return folder


def run(show, text="Two men meet.", name="Heat"):
    row = f"2020-01-02,{name},1995,https://boxd.it/1,4,,{text},,2020-01-01\n"
    source = open_data((HEAD + row).encode(), "reviews.csv")
    return import_reviews(source, load_config(show), now=NOW, notify=ignore_events)


@pytest.mark.parametrize("taken", ["2020-01-01-HEAT.md", "2020-01-01-Heat.MD"])
def test_a_name_that_differs_in_its_case_is_taken(show, taken):
    """On systems where both are one file, the other would be lost."""
    (show / "reviews" / taken).write_text("# Ran\n\nA king divides his land.\n")
    (change,) = run(show).changes
    assert change.file == "reviews/2020-01-01-heat-2.md"


def test_a_link_within_the_show_stays_one(show):
    """Its user keeps the file elsewhere: that one gets the new text."""
    run(show)
    file, other = show / "reviews/2020-01-01-heat.md", show / "films/heat.md"
    other.parent.mkdir()
    file.rename(other)
    file.symlink_to("../films/heat.md")
    (change,) = run(show, "Two men meet and part.").changes
    assert change.change == "updated"
    assert file.is_symlink()
    assert other.read_text().endswith("\nTwo men meet and part.\n")


def test_what_a_link_out_of_the_show_names_is_not_written(show, tmp_path):
    run(show)
    file, other = show / "reviews/2020-01-01-heat.md", tmp_path / "heat.md"
    file.rename(other)
    file.symlink_to(other)
    before = other.read_bytes()
    run(show, "Two men meet and part.")
    assert other.read_bytes() == before
    assert file.read_text().endswith("\nTwo men meet and part.\n")


@pytest.mark.parametrize("place", [".", "reviews", "../show"])
def test_the_show_is_no_source_of_its_own(show, place):
    (show / "reviews/own.md").write_text("---\ntitle: Own\n---\nHello there world.\n")
    source = open_path(str(show / place))
    with pytest.raises(UsageError, match="is the folder of this show"):
        import_reviews(source, load_config(show), now=NOW, notify=ignore_events)
    assert os.listdir(show / "reviews") == ["own.md"]


def test_a_show_within_a_blog_is_none_of_its_posts(show, tmp_path):
    """Else what was imported would be a version of itself, and outlast what the blog has now."""
    (tmp_path / "_posts").mkdir()
    post = tmp_path / "_posts/2020-01-02-heat.md"
    for text in ("Two men meet, and talk, and part again.", "Two men meet."):
        post.write_text(f"---\ntitle: Heat\n---\n{text}\n")
        found = import_reviews(
            open_path(str(tmp_path)), load_config(show), now=NOW, notify=ignore_events
        )
        assert (found.found, found.joined) == (1, ())
        (file,) = (show / "reviews").iterdir()
        assert file.read_text().endswith(f"\n{text}\n")


def test_a_short_review_of_ones_own_is_not_doubled(show, tmp_path):
    """The same few words under the same title, with no day that says otherwise."""
    (show / "reviews/own.md").write_text("---\ntitle: Ran\n---\nLoved it.\n")
    (tmp_path / "blog").mkdir()
    for name, text in (("a", "Loved it."), ("b", "Hated it.")):
        (tmp_path / f"blog/{name}.md").write_text(f"---\ntitle: Ran\n---\n{text}\n")
    source = open_path(str(tmp_path / "blog"))
    found = import_reviews(source, load_config(show), now=NOW, notify=ignore_events)
    assert [one.file for one in found.joined] == ["reviews/own.md"]
    assert [one.change for one in found.changes] == ["new"]


def zip_export(path, live, deleted):
    with zipfile.ZipFile(path, "w") as archive:
        for name, rows in (("reviews.csv", live), ("deleted/reviews.csv", deleted)):
            lines = "".join(
                f"2020-01-02,{film},1995,https://boxd.it/{film},4,,A film of two men.,,2020-01-01\n"
                for film in rows
            )
            archive.writestr(name, HEAD + lines)
    return open_path(str(path))


def test_what_is_deleted_on_letterboxd_is_not_published(show, tmp_path):
    """Its row is in another table now; one that is in both is there."""

    def bring(*tables):
        source = zip_export(tmp_path / "x.zip", *tables)
        return import_reviews(source, load_config(show), now=NOW, notify=ignore_events)

    bring(["Heat", "Ran"], ["Ran"])
    for name in ("heat", "ran"):
        add_episode(show, name, 1, "2020-01-01", source=f"reviews/2020-01-01-{name}.md")
    found = bring(["Ran"], ["Ran", "Heat", "Up"])
    assert [(one.file, one.title) for one in found.withdrawn] == [
        ("reviews/2020-01-01-heat.md", "Heat")
    ]
    records = read_built_show(load_config(show), show).records
    assert [(slug, one.draft) for slug, one in records.items()] == [("heat", True), ("ran", False)]
    assert len(bring(["Ran", "Heat"], ["Up"]).withdrawn) == 0
    assert not read_built_show(load_config(show), show).records["heat"].draft


FILMS = {
    "heat": "Two men meet in a café and talk about their work for a long while.",
    "ran": "A king divides his land between his sons and goes mad in a storm.",
    "up": "A house flies over the land with balloons and a scout.",
}


@pytest.mark.parametrize(
    ("link", "guid"),
    [
        ("https://x.example/log.html#{}", "https://x.example/log.html#{}"),
        ("https://x.example/", "id-{}"),
        ("https://x.example/log#{}", "id-{}"),
        ("https://x.example/{}#comments", "https://x.example/?p={}"),
    ],
)
def test_posts_that_share_an_address_stay_apart(show, link, guid):
    """Of a blog of one page, and of a feed whose entries lead to its front; over several days."""
    for names in (["heat"], ["ran", "heat"], ["up"]):
        items = "".join(
            f"<item><title>{name.title()}</title><link>{link.format(name)}</link>"
            f"<guid>{guid.format(name)}</guid><description>{FILMS[name]}</description></item>"
            for name in names
        )
        feed = f'<rss version="2.0"><channel><link>https://x.example/</link>{items}</channel></rss>'
        source = open_data(feed.encode(), "feed.xml")
        import_reviews(source, load_config(show), now=NOW, notify=ignore_events)
    texts = {file.name: file.read_text() for file in (show / "reviews").iterdir()}
    assert sorted(texts) == ["heat.md", "ran.md", "up.md"]
    for name, text in FILMS.items():
        assert text in texts[f"{name}.md"]
