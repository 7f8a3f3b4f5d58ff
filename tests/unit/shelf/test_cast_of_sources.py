"""A work's people come along where a source has them, and `names` over a shelf knows them."""

import json

import pytest
from tests.support.program import Program
from tests.support.show import make_show

from reviewcast.shelf.sources.page import read_page
from reviewcast.shelf.sources.wordpress import read_export
from reviewcast.text.readers.fields import find_author
from reviewcast.text.readers.front_matter import split_front_matter
from reviewcast.text.readers.people import list_people

WORK = {
    "@type": "Movie",
    "name": "Heat",
    "director": {"@type": "Person", "name": "Michael Mann"},
    "actor": [{"name": "Al Pacino"}, "Val Kilmer", {"name": "https://a.example/x"}],
}
LD = json.dumps({"@type": "Review", "author": {"name": "Jo Doe"}, "itemReviewed": WORK})
SCRIPT = f'<script type="application/ld+json">{LD}</script>'
CAST = ("Al Pacino", "Val Kilmer", "Michael Mann")


def test_a_page_names_its_works_people():
    """By its JSON-LD; the critic is none of them."""
    page = f"<html><head>{SCRIPT}</head><body><article><h1>Heat</h1><p>Fine.</p></article></body>"
    review = read_page(page.encode(), url="https://a.example/heat")
    assert (review.cast, review.author) == (CAST, "Jo Doe")


@pytest.mark.parametrize(
    ("matter", "wanted"),
    [
        ("cast: [{name: Al Pacino, role: Vincent Hanna}, {name: Val Kilmer}]",
         ("Al Pacino", "Vincent Hanna", "Val Kilmer")),
        ("cast:\n- actor: Al Pacino\n  character: Hanna\n  image: Jo.jpg\n- Val Kilmer",
         ("Val Kilmer", "Al Pacino", "Hanna")),
        ("cast:\n- Al Pacino: Hanna\n- Val Kilmer: ''", ("Al Pacino", "Hanna", "Val Kilmer")),
        ("film:\n  cast:\n    Al Pacino: Hanna", ("Al Pacino", "Hanna")),
        ("movie:\n  directors:\n  - name: Michael Mann\n    url: https://x.example/Mann",
         ("Michael Mann",)),
        ("cast: [{name: {first: Al}}, {}, [{name: Jo}]]", ()),
        ("cast: {}", ()),
    ],
)  # fmt: skip
def test_front_matter_may_list_them_as_mappings(matter, wanted):
    """With a name and a character each, as data files and other generators write them."""
    metadata, _ = split_front_matter(f"---\n{matter}\n---\nFine.\n")
    assert list_people(metadata) == wanted


@pytest.mark.parametrize(
    "text",
    [
        '+++\n[[cast]]\nname = "Al Pacino"\nage = 83\n[[cast]]\nname = "Val Kilmer"\n+++\nFine.',
        '{"cast": [{"name": "Al Pacino"}, {"name": "Val Kilmer", "links": []}]}\n\nFine.',
    ],
    ids=["TOML", "JSON"],
)
def test_other_front_matter_lists_them_so_too(text):
    assert list_people(split_front_matter(text)[0]) == ("Al Pacino", "Val Kilmer")


@pytest.mark.parametrize("key", ["author", "authors"])
def test_who_wrote_it_may_be_listed_so_too(key):
    metadata, _ = split_front_matter(f"---\n{key}:\n- name: Jo Doe\n  url: /jo\n---\nFine.\n")
    assert (find_author(metadata).value, list_people(metadata)) == ("Jo Doe", ())


def test_a_post_of_wordpress_names_them():
    """By the JSON-LD in its text, and by fields of its own; what is hidden in it is not text."""
    post = f"""<rss xmlns:content="c" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
    <wp:wxr_version>1.2</wp:wxr_version><item><title>Heat</title><content:encoded><![CDATA[{SCRIPT}
    <p>Fine.</p>]]></content:encoded><wp:post_id>1</wp:post_id><wp:status>publish</wp:status>
    <wp:post_type>post</wp:post_type><wp:postmeta><wp:meta_key>Starring</wp:meta_key>
    <wp:meta_value>Amy Brenneman, Ashley Judd</wp:meta_value></wp:postmeta>
    </item></channel></rss>"""
    (review,) = read_export(post.encode(), "x.xml").reviews
    assert review.cast == ("Amy Brenneman", "Ashley Judd", *CAST)
    assert review.text == "Fine."


def test_names_over_a_shelf(tmp_path):
    """A name of the cast list that is in 30 reviews comes before a single odd word."""
    blog = tmp_path / "blog" / "posts"
    blog.mkdir(parents=True)
    for at in range(30):
        matter = f"title: Film {at}\ndate: 2024-01-{at + 1:02}\nstarring: [Val Kilmer, Al Pacino]"
        (blog / f"{at}.md").write_text(f"---\n{matter}\n---\nI like Val Kilmer in it.\n", "utf-8")
    text = "---\ntitle: Odd\ndate: 2024-02-02\n---\nWe met Zdzisław here.\n"
    (blog / "odd.md").write_text(text, "utf-8")
    show = make_show(tmp_path / "show")
    program = Program(tmp_path / "cache")
    assert program.run("import", tmp_path / "blog", cwd=show).code == 0
    imported = (show / "reviews" / "2024-01-01-film-0.md").read_text("utf-8")
    assert 'cast: ["Val Kilmer", "Al Pacino"]' in imported

    def list_names():
        done = program.run("names", "--json", cwd=show, env={"REVIEWCAST_VOICE": "espeak"})
        assert done.code == 0, done.err
        return done.json["names"]

    first, *others = list_names()
    assert (first["written"], len(first["reviews"])) == ("Val Kilmer", 30)
    assert first["kinds"] == ["cast", "name"]
    assert others[0]["written"] == "Zdzisław"
    assert "Al Pacino" not in {one["written"] for one in others}  # nobody says it
    assert program.run("names", "--set", "Val Kilmer=val KILL-mer", cwd=show).code == 0
    assert list_names()[0]["written"] == "Zdzisław"
    again = program.run("import", tmp_path / "blog", "--json", cwd=show)
    assert again.json["changes"] == []
