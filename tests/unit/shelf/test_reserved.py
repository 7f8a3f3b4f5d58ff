"""What only some may read, and what others wrote, is in feeds and pages, too, and left out."""

import json
from pathlib import Path

import pytest
from tests.unit.shelf.test_sources import NOW

from reviewcast.shelf.detect import open_data, open_path
from reviewcast.shelf.ledger import Record
from reviewcast.shelf.read_source import read_reviews_of
from reviewcast.shelf.withdrawal import withdraw_versions

FORM = (
    '<form action="https://blog.example/wp-login.php?action=postpass" method="post">'
    "<p>This content is password protected. Enter your password:</p></form>"
)
TEXT = "<p>Two men meet in a café and talk about their work, and part.</p>" * 9


def read(items, *, pages=None, **options):
    feed = f"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
    <channel><link>https://blog.example/</link>{items}</channel></rss>"""
    fetch = (lambda url: (url, pages[url].encode())) if pages else None
    source = open_data(feed.encode(), "feed.xml")
    return read_reviews_of(source, now=NOW, fetch=fetch, **options)


def make_item(title="Heat", text="", summary="Two men … Read more", **more):
    link = more.get("link", "https://blog.example/heat/")
    guid = more.get("guid", "https://blog.example/?p=1")
    content = f"<content:encoded><![CDATA[{text}]]></content:encoded>" if text else ""
    return f"""<item><title>{title}</title><link>{link}</link><guid>{guid}</guid>
    <description><![CDATA[{summary}]]></description>{content}</item>"""


def make_page(*, body=TEXT, head=""):
    return f"<html><head><title>Heat</title>{head}</head><body><article>{body}</article></body>"


def make_json_ld(**fields):
    return f'<script type="application/ld+json">{json.dumps(fields)}</script>'


@pytest.mark.parametrize(
    "item",
    [
        make_item("Protected: Heat", FORM),
        make_item("Heat", FORM),
        make_item(
            "Protected: Heat", summary="There is no excerpt because this is a protected post."
        ),
        make_item("Geschützt: Heat", summary="Es gibt keinen Auszug, da dies geschützt ist."),
        make_item("Private: Heat", "<p>canary</p>"),
    ],
)
def test_a_protected_post_in_a_feed(item):
    """What was imported of it before is no more among what the source shows."""
    before = read(make_item(text=TEXT)).reviews
    assert len(before) == 1
    record = Record(file="reviews/heat.md", ids=[], versions={})
    record.take(before[0])
    reading = read(item)
    assert not reading.reviews
    (left,) = reading.left_out
    assert left.reason == "protected by a password"
    withdraw_versions(Path("/nowhere"), [record], reading.left_out)
    assert not record.versions


def test_a_title_with_such_a_word_is_none():
    """As that of a film."""
    assert len(read(make_item("Private: Benjamin", TEXT * 3)).reviews) == 1
    assert len(read(make_item("Protected", TEXT)).reviews) == 1


def test_a_summary_leads_to_a_page_with_a_password():
    pages = {"https://blog.example/heat/": make_page(body=f"<h1>Heat</h1>{FORM}{TEXT}")}
    reading = read(make_item(), pages=pages)
    assert not reading.reviews
    assert [one.reason for one in reading.left_out] == ["protected by a password"]


@pytest.mark.parametrize(
    "where",
    [
        {"guid": "https://blog.example/?p=1#comment-5"},
        {"link": "https://blog.example/heat/#comment-5"},
        {"link": "https://blog.example/2020/heat.html?showComment=1577#c123456"},
    ],
)
def test_a_comment_is_by_others(where):
    """It has the address of the post; so it must not withdraw that, either."""
    reading = read(make_item("Comment on Heat by Anna", "<p>canary</p>", **where))
    assert not reading.reviews
    assert [(one.reason, one.ids) for one in reading.left_out] == [("a comment", ())]


def test_a_reply_in_atom_is_a_comment():
    feed = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/\
thread/1.0"><title>x</title><entry><id>tag:b,1999:2</id><title>c</title><thr:in-reply-to ref="t"/>
    <content>canary</content></entry><entry><id>tag:b,1999:3</id><title>Heat</title>
    <content>Fine.</content></entry></feed>"""
    reading = read_reviews_of(open_data(feed, "feed.xml"), now=NOW)
    assert [one.title for one in reading.reviews] == ["Heat"]


PAID = [
    make_json_ld(**{"@type": "NewsArticle", "isAccessibleForFree": False}),
    make_json_ld(**{"@type": "Review", "isAccessibleForFree": "False"}),
    make_json_ld(**{"@graph": [{"@type": "BlogPosting", "hasPart": {
        "@type": "WebPageElement", "isAccessibleForFree": False}}]}),
    '<script type="application/ld+json">{"isAccessibleForFree": "False", }</script>',
    '<meta property="article:content_tier" content="locked">',
]  # fmt: skip
FREE = [
    make_json_ld(**{"@type": "NewsArticle", "isAccessibleForFree": True}),
    make_json_ld(**{"@type": "Review", "itemReviewed": {
        "@type": "Museum", "isAccessibleForFree": False}}),
    '<meta property="article:content_tier" content="free">',
]  # fmt: skip


@pytest.mark.parametrize("head", PAID)
def test_a_page_that_is_paid_for(head):
    """Alone, as a saved file, and behind a feed; asked for, it is read."""
    page = make_page(head=head)
    pages = {"https://blog.example/heat/": page}
    for paid in (False, True):
        found = read(make_item(), pages=pages, include_paid=paid)
        alone = open_data(page.encode(), "heat.html", url="https://blog.example/heat/")
        single = read_reviews_of(alone, now=NOW, include_paid=paid)
        for reading in (found, single):
            assert len(reading.reviews) == paid
            assert [one.reason for one in reading.left_out] == ["for subscribers only"] * (not paid)
            assert paid or "url:blog.example/heat" in reading.left_out[0].ids


@pytest.mark.parametrize("head", FREE)
def test_a_page_that_is_free(head):
    """Also of a museum that is not."""
    assert len(read_reviews_of(open_data(make_page(head=head).encode(), "x.html"), now=NOW).reviews)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("<x:status xmlns:x='x'>publish</x:status><wp:status>private</wp:status>", "private"),
        ("<wp:status>private</wp:status><wp:status>publish</wp:status>", "private"),
        ("<wp:status>publish</wp:status><wp:post_password><b>x</b></wp:post_password>",
         "protected by a password"),
        ("", "not published (no status)"),
    ],
)  # fmt: skip
def test_a_post_of_wordpress_that_says_two_things(more, reason):
    """One that it is not for everybody is enough."""
    export = f"""<rss xmlns:content="c" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
    <wp:wxr_version>1.2</wp:wxr_version><item><title>Heat</title>{more}
    <content:encoded>canary</content:encoded><wp:post_id>1</wp:post_id>
    <wp:post_type>post</wp:post_type></item></channel></rss>"""
    reading = read_reviews_of(open_data(export.encode(), "x.xml"), now=NOW)
    assert (reading.reviews, [one.reason for one in reading.left_out]) == ((), [reason])


def test_a_reply_in_an_export_of_blogger_is_a_comment():
    kind = '<category scheme="http://schemas.google.com/g/2005#kind" term="x#post"/>'
    reply = '<thr:in-reply-to xmlns:thr="http://purl.org/syndication/thread/1.0" ref="t"/>'
    export = f"""<feed xmlns="http://www.w3.org/2005/Atom"
    xmlns:g="http://schemas.google.com/blogger/2008/kind#"><entry><id>tag:b.post-1</id>{kind}
    <title>Heat</title><content>Fine.</content></entry><entry><id>tag:b.post-2</id>{kind}{reply}
    <title>c</title><content>canary</content></entry></feed>"""
    reading = read_reviews_of(open_data(export.encode(), "x.xml"), now=NOW)
    assert [one.title for one in reading.reviews] == ["Heat"]


def test_what_substack_asks_readers_for_is_no_text(tmp_path):
    """It stands in the HTML of nearly every post."""
    ask = (
        '<div class="subscription-widget-wrap"><p class="cta-caption">Thanks for reading!</p></div>'
        '<p class="button-wrapper"><a class="button" href="x">Subscribe now</a></p>'
    )
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/1.heat.html").write_text(f"<p>Open.</p>{ask}<h3>Plot</h3><p>Two men.</p>")
    (tmp_path / "posts.csv").write_text(
        "post_id,post_date,is_published,type,audience,title\n"
        "1.heat,2020-01-02,true,newsletter,everyone,Heat\n"
    )
    (review,) = read_reviews_of(open_path(str(tmp_path)), now=NOW).reviews
    assert review.text == "Open.\n\n### Plot\n\nTwo men."
