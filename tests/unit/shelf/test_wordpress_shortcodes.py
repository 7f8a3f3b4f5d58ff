"""Shortcodes of WordPress as a visitor of the blog sees them: members' parts are not there."""

import pytest

from reviewcast.settings.schema import ReadSettings
from reviewcast.shelf.sources.wordpress import read_export
from reviewcast.shelf.sources.wordpress_shortcodes import expand_shortcodes
from reviewcast.text.read import ReviewSource, read_review


def export(body):
    return f"""<rss xmlns:content="c" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
    <wp:wxr_version>1.2</wp:wxr_version><item><title>Heat</title><content:encoded><![CDATA[{body}]]>
    </content:encoded><wp:post_id>1</wp:post_id><wp:status>publish</wp:status>
    <wp:post_type>post</wp:post_type></item></channel></rss>""".encode()


def speak(body, **options):
    """Return what is read of a post, once it is a file of the show."""
    (review,) = read_export(export(body), "x.xml", **options).reviews
    source = ReviewSource("heat.md", f"# Heat\n\n{review.text}\n".encode())
    sections = read_review(source, ReadSettings()).sections
    return " / ".join(one.text for section in sections for one in section.paragraphs)


SECRET = [
    "[restrict]canary[/restrict]",
    "[membership level='1']canary[/membership]",
    '[member roles="a, b"]canary [member]canary[/member] canary[/member]',
    "[private role=&quot;x&quot;]canary[/private]",
    "[MEMBERS_ONLY]canary[/members_only]",
    "[is_logged_in]canary[/is_logged_in]",
    "[hide]canary[/hide]",
    "[patreon level=3]<p>canary</p>\n\n<p>canary</p>[/patreon]",
    '<!-- wp:pmpro/membership {"levels":[1]} --><p>canary</p><!-- /wp:pmpro/membership -->',
    "<!-- wp:memberful/restricted --><p>canary</p><!-- /wp:memberful/restricted -->",
]


@pytest.mark.parametrize("part", SECRET)
def test_what_members_see_is_not_there(part):
    """It is when it is asked for, and what stands around it is in any case."""
    body = f"<p>Before.</p>\n\n{part}\n\n<p>After.</p>"
    said = speak(body)
    assert "canary" not in said
    assert said.startswith("Before.")
    assert said.endswith("After.")
    assert "canary" in speak(body, include_paid=True)


@pytest.mark.parametrize("part", ["[private]canary", "[members_only level=1]canary"])
def test_one_without_an_end_takes_the_rest(part):
    assert "canary" not in speak(f"<p>Before.</p>\n\n{part} <p>canary</p>")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("He [private joke] said [sic].", "He [private joke] said [sic]."),
        ("Of [the member] none.", "Of [the member] none."),
        ("[non_member]For all.[/non_member]", "For all."),
        ('[vc_row][vc_column_text css="a"]Hello[/vc_column_text][/vc_row] there', "Hello there"),
        ("[dropcap]T[/dropcap]wo men [1].", "Two men [1]."),
        ('Two [caption id="a_1" width="300"]<img src="a.jpg" /> A face[/caption] men.',
         "Two / men."),
        ('Two.\n\n[gallery ids="1,2"]\n\n[embed]https://a.example[/embed]\n\nMen.', "Two. / Men."),
        ("[videogame]Doom[/videogame] is old.", "Doom is old."),
        ("See [youtube https://a.example/x] there.", "See there."),
    ],
)  # fmt: skip
def test_what_visitors_see(body, said):
    assert " ".join(speak(body).split()) == said


@pytest.mark.parametrize(
    "html",
    ["[private " * 30_000, "[a b='" * 30_000, "[member]" * 20_000, "[a " + "b " * 30_000,
     "[caption]" * 10_000 + "[/caption]" * 10_000, "[x" + " aaaa=1" * 20_000 + "["],
)  # fmt: skip
def test_hostile_brackets_end(html):
    """In a time that grows with their number; the test's own time tells when not."""
    assert len(expand_shortcodes(html)) <= 2 * len(html)
