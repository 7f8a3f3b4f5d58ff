"""HTML becomes Markdown that the reader of reviews reads as the same words."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.model.errors import ReviewError
from reviewcast.settings.schema import ReadSettings
from reviewcast.shelf.converting import count_words, drop_comments, make_markdown
from reviewcast.shelf.sources.feed import parse_entries
from reviewcast.text.read import ReviewSource, read_review

WORDS = re.compile(r"[^\W_]+")
SIGNS = """heat 1995 the * _ # - + > ` \\ | ~ <i> </i> <b> <br> &amp; &lt; <p> </p> <li> <em>
[ ] ( ) ! 1. é snake_case || == $ : <h2> </h2>"""
PIECES = [*SIGNS.split(), "\n", "\n\n"]


def read_words(markdown):
    """Return all words of a text as a review is read, whatever is left out of it."""
    review = read_review(ReviewSource("x.md", f"# T\n\n{markdown}".encode()), ReadSettings())
    texts = [section.heading or "" for section in review.sections]
    texts += [paragraph.text for section in review.sections for paragraph in section.paragraphs]
    return Counter(WORDS.findall(" ".join([*texts, *(one.text for one in review.omissions)])))


def list_roles(markdown):
    """Return the paragraphs of a text as a review is read, each with its role."""
    review = read_review(ReviewSource("x.md", f"# T\n\n{markdown}".encode()), ReadSettings())
    return [(one.role, one.text) for section in review.sections for one in section.paragraphs]


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("one\ntwo\n\nthree", "one\\\ntwo\n\nthree"),
        ("one<br/><br />two", "one\n\ntwo"),
        ("<p>one<br>two</p>", "one\\\ntwo"),
        ("<b>Heat</i> is good", "**Heat is good**"),
        ("<i>Heat<i> is good", "*Heat* is good"),
        ("<blockquote>quoted<blockquote>mine", "> quoted\n\nmine"),
        ("5 * 3 * 2 and snake_case", "5 \\* 3 \\* 2 and snake_case"),
        ("1995. A year", "1995\\. A year"),
        ("# no heading", "\\# no heading"),
        ("a &lt;b&gt; c &amp;amp; d", "a \\<b> c \\&amp; d"),
        ("<p>seen</p><p hidden>canary</p><script>canary</script><!-- canary -->", "seen"),
        ("<p>seen</p><!--members-only--><p>canary</p>", "seen"),
        ("<pre>a<br>b</pre>", "```\na\nb\n```"),
    ],
)
def test_forms(html, wanted):
    """What members and blogs write, and what Markdown says for it."""
    assert make_markdown(html) == wanted


@pytest.mark.parametrize(
    "html",
    [
        "Fine. <spoiler>He dies.</spoiler>",
        "<p>Fine.</p><p><span class='spoiler'>He dies.</span></p>",
        "Fine.<br/><br/>(view spoiler)[He dies.<br/><br/>And she (hide spoiler)]<br/><br/>Bye.",
        "<p>Fine.</p><details><summary>Spoiler</summary><p>He dies.</p></details>",
        "Fine.\n\n[spoiler]He dies.[/spoiler]",
    ],
)
def test_spoilers_stay_spoilers(html):
    """However a service marks them, they are read as spoilers."""
    roles = list_roles(make_markdown(html))
    assert any(role == "spoiler" and "He dies" in text for role, text in roles), roles
    assert not any(role == "spoiler" and text == "Bye." for role, text in roles)


@settings(max_examples=count_examples(200), deadline=None)
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=30,
    ).map(" ".join)
)
def test_no_word_is_lost(html):
    """Each word of the HTML is read again, whatever signs stand around it."""
    words = Counter(
        WORDS.findall(re.sub(r"<[^<>]*>", " ", html.replace("&amp;", "").replace("&lt;", "")))
    )
    markdown = make_markdown(f"begin {html} end")
    assert not words - read_words(markdown)


def test_what_is_nested_too_deep_is_named():
    """Neither the parser's time nor the stack is used up."""
    with pytest.raises(ReviewError, match="nested"):
        make_markdown("<div>" * 5000 + "x")
    assert make_markdown("<div>" * 250 + "x") == "x"


def test_comments_of_markdown_go_but_not_those_of_code():
    """A blog shows neither HTML's nor Liquid's."""
    text = "a <!-- canary --> b {% comment %} canary {% endcomment %} c `<!-- d -->`"
    assert drop_comments(text).split() == ["a", "b", "c", "`<!--", "d", "-->`"]


def test_words_are_counted_without_addresses():
    """A picture alone is no text."""
    assert count_words("![x](https://a.example/b.jpg)") == 0
    assert count_words("It's [a link](https://a.example) [spoiler]x[/spoiler]") == 4


@pytest.mark.parametrize(
    "html",
    [
        (
            '<!--kg-gated-block:begin nonMember:false memberSegment:"status:-free" --><p>canary</p>'
            "<!--kg-gated-block:end--><p>Seen.</p>"
        ),
        "<p>Seen.</p><!-- wp:premium-content/subscriber-view --><p>canary</p>",
        "<p>Seen.</p><!-- WP:jetpack/paywall --><p>canary</p>",
        '<p>Seen.</p><p class="hidden">canary</p>',
        '<p>Seen.</p><p aria-hidden="true">canary</p>',
        '<p>Seen.</p><p class="screen-reader-text">canary</p>',
        '<p>Seen.</p><div style="visibility:hidden">canary</div><template>canary</template>',
        "<p>Seen.</p><object>canary</object>",
    ],
)
def test_what_the_blog_does_not_show_is_not_there(html):
    """Nor in a feed, whose parser must not take the tags away before."""
    assert make_markdown(html) == "Seen."
    item = f"<item><title>T</title><guid>a</guid><description><![CDATA[{html}]]></description>"
    data = f'<rss version="2.0"><channel>{item}</item></channel></rss>'.encode()
    entry = parse_entries(data, "feed.xml").entries[0]
    assert make_markdown(entry["summary"]) == "Seen."


def test_a_gated_block_for_everybody_stays():
    html = "<!--kg-gated-block:begin nonMember:true --><p>Seen.</p><!--kg-gated-block:end-->"
    assert make_markdown(html) == "Seen."


def test_a_comment_holds_its_code_and_code_its_comment():
    """Whichever begins first."""
    assert drop_comments("Fine. <!-- todo `x` secret plan --> End.") == "Fine.  End."
    assert drop_comments("Fine. `<!-- x -->` End.") == "Fine. `<!-- x -->` End."
    assert drop_comments("Fine. {% comment %} never ended") == "Fine."


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>x<br></p><p>y</p>", "x\n\ny"),
        ("<p><br>x</p>", "x"),
        ("<p>a<br>b<br/> <br/></p>", "a\\\nb"),
        ("<p>a<br>&nbsp;<br>b</p>", "a\\\n\xa0\\\nb"),
        ("line<br>next<br>", "line\\\nnext"),
        ("<em>a<br></em><p>b</p>", "*a*\n\nb"),
        ("<ul><li>one<br></li><li>two</li></ul>", "- one\n- two"),
        ("<p>a<br><img src='b.jpg'></p>", "a\\\n![](b.jpg)"),
        ("<div>a<br><div>b</div></div>", "a\n\nb"),
        ("<p>a<br><b></b></p><p>y \\</p>", "a\n\ny \\\\"),
        ("<pre>a<br>b<br></pre>", "```\na\nb\n```"),
    ],
)
def test_breaks_at_the_edges_are_no_signs(html, markdown):
    """A break that no browser shows would be a stroke to be read, or undo a mark behind it."""
    assert make_markdown(html).replace("\n\n```", "\n```") == markdown


def test_many_breaks_are_read_at_once():
    """20,000 of them take no longer than as many words."""
    assert make_markdown(f"<p>a{'<br>' * 20_000}</p>") == "a"
