"""A work's people come along where a source has them, and `names` over a shelf knows them."""

import json

from tests.support.program import Program
from tests.support.show import make_show

from reviewcast.shelf.sources.page import read_page
from reviewcast.shelf.sources.wordpress import read_export

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
