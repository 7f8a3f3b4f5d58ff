"""A quick look at a review says what reading all of it says."""

import os
import re

import pytest

from reviewcast.model.errors import ReviewError
from reviewcast.settings.schema import Config, ReadSettings
from reviewcast.settings.shelf import CollectSettings
from reviewcast.text.look import look_at, look_at_files
from reviewcast.text.read import ReviewSource, read_review

POST = """---
title: "Heat: again"
date: 2021-03-04
subject: Heat
year: 1995
rating: "4.5/5"
tags: ["crime", "Michael Mann"]
spoiler: true
episode: never
---

It is [long](https://example.org/a/b) and <em>good</em>. https://example.org/never-counted
"""

FILES = {
    "2021-03-04-heat.md": POST,
    "plain.md": "# Ran\n\nA king parts his realm.\n",
    "under.md": "The Third Man\n=============\n\nA city in ruins.\n",
    "header.md": "Title: Up\nDate: 2020-01-02\nTags: air, house\n\nIt flies.\n",
    "set.md": "# *The Big Sleep* & [more](https://a.org) &amp; less\n\nIt is long.\n",
    "ran.txt": "Ran, by Kurosawa\n\nA king parts his realm.\n",
    "rule.txt": "The Third Man\n-------------\n\nA city in ruins.\n\nIt rains.\n",
    "no-title.txt": "It begins at once.\n\nAnd goes on.\n",
    "one-line.txt": "Nothing but this\n",
    "wrapped.txt": "A long line that\nis wrapped\n\nAnd goes on.\n",
    "front.txt": "---\ntitle: Heat\n---\n\nHeat\n\nTwo men meet.\n",
    "other.txt": "---\ntitle: Heat\n---\n\nAnother line\n\nTwo men meet.\n",
    "toml.md": '+++\ntitle = "Alien"\ndate = 2019-05-06\ndraft = true\n+++\n\nIn space.\n',
    "page.html": "<html><head><title>Brazil</title></head><body><p>Forms, forms.</p></body></html>",
    "deep.md": "---\ntitle: Deep\nfilm:\n  title: The Abyss\n  year: 1989\n---\n\nWet.\n",
}


def look(text: str, name: str = "x.md", config: Config | None = None):
    return look_at(ReviewSource(f"reviews/{name}", text.encode()), name, config or Config())


@pytest.mark.parametrize("name", FILES)
def test_it_agrees_with_the_reader(name):
    """Title, slug, date, rating and subject are those of the whole review."""
    review = read_review(ReviewSource(f"reviews/{name}", FILES[name].encode()), ReadSettings())
    found = look(FILES[name], name)
    for field in ("title", "slug", "date", "rating", "subject", "draft", "spoiler", "language"):
        assert getattr(found, field) == getattr(review, field), field


@pytest.mark.parametrize("name", ["heat.md", "heat.txt", "heat.html", "heat.htm"])
def test_what_a_shelf_is_sorted_by(name):
    """Whatever kind of file the front matter stands in."""
    text = POST
    if name.endswith(("html", "htm")):
        text = re.sub(r"\[(.+?)\]\((.+?)\)", r'<a href="\2">\1</a>', text)
        text = text.replace(" https://example.org/never-counted", "")
    found = look(text, name)
    assert found.tags == ("crime", "Michael Mann")
    assert found.stars == 4.5
    assert found.own_role == "never"
    assert found.spoiler
    assert found.words == 5  # neither addresses nor tags are words


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("alone", "alone"),
        ("Round-up", "round-up"),
        ("round up", "round-up"),
        *((word, "never") for word in ("never", "text only", "Text-Only", "no", "false", "none")),
        *((number, None) for number in ("12", "#3", "2.5", "S01E04", "s2 ep. 3", "1x02", '""')),
    ],
)
def test_the_role_that_front_matter_asks_for(written, role):
    found = look(f"---\ntitle: A\nepisode: {written}\n---\n\nText.\n")
    assert (found.own_role, found.remark) == (role, "")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("nevr", "did you mean never? There are alone, round-up and never."),
        ("privat", "no role: there are alone, round-up and never."),
        ("never ever", "never ever, which is no role"),
        ("true", "true, which is no role"),
        ("~", "~, which is no role"),
    ],
)
def test_what_is_no_role_is_told(written, told):
    """It may stand for never, so that it must not be passed over in silence."""
    found = look(f"---\ntitle: A\nepisode: {written}\n---\n\nText.\n")
    assert found.own_role is None
    assert told in found.remark


@pytest.mark.parametrize(
    "text",
    ["", "![A poster of the film](heat.jpg)\n", "<!-- to be written -->\n", "https://a.org/b"],
)
def test_a_review_that_is_nothing_but_a_rating_has_no_words(text):
    assert look(f"---\ntitle: Heat\nrating: 4/5\n---\n\n# Heat\n\n{text}").words == 0


def test_a_language_without_spaces_has_words():
    assert look("# 映画\n\n" + "これはとても長い映画の話です。" * 10).words > 50


def test_the_language_is_told_where_round_ups_need_it():
    text = "# Heat\n\nDas ist ein sehr guter Film, und er ist auch noch nicht zu lang für uns.\n"
    assert look(text, config=Config(collect=CollectSettings(by="month"))).language == "de"


@pytest.mark.parametrize(
    "matter", ["a: [[1, 2], {b: c}]", "x: &a 1\ny: *a", 'a: "b', "a:\n- b\n- c: d", "a: {b: 1}"]
)
def test_odd_front_matter_is_read_as_ever(matter):
    """The quick parser and the usual one have one opinion."""
    text = f"---\ntitle: A\n{matter}\n---\n\nText.\n"
    try:
        title = read_review(ReviewSource("x.md", text.encode()), ReadSettings()).title
    except ReviewError as error:
        with pytest.raises(ReviewError, match=error.message[:30]):
            look(text)
    else:
        assert look(text).title == title


def test_a_file_that_cannot_be_read_is_left_out_with_a_warning(tmp_path):
    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    (tmp_path / "b.md").write_bytes(b"\x89PNG" + bytes(50))
    events = []
    paths = [tmp_path / name for name in ("a.md", "b.md", "gone.md")]
    found = list(look_at_files(paths, Config(folder=tmp_path), notify=events.append))
    assert [one.source for one in found] == ["a.md"]
    assert len(events) == 2


def test_a_name_that_is_not_utf_8_is_left_out_with_a_warning(tmp_path):
    """No record can hold it; all others are there."""
    bad = tmp_path / os.fsdecode(b"caf\xe9.md")
    for path in (bad, tmp_path / "a.md"):
        path.write_text("# A\n\nText.\n")
    events = []
    found = list(
        look_at_files([bad, tmp_path / "a.md"], Config(folder=tmp_path), notify=events.append)
    )
    assert [one.source for one in found] == ["a.md"]
    assert [one.message for one in events] == [r"caf\xe9.md: The name caf\xe9.md is not UTF-8."]
