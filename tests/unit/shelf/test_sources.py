"""Each format is read in full, and what is not for everybody is left out with its reason."""

import datetime as dt
import io
import json
import os
import zipfile
from html import escape

import pytest
from tests.support.exports import make_letterboxd_feed, make_truth, make_wordpress
from tests.support.program import Program

from reviewcast.model.errors import FetchUnavailable, ReviewError, UsageError
from reviewcast.shelf.detect import open_data, open_path
from reviewcast.shelf.read_source import read_reviews_of

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def read(place, *, kind="", **options):
    """Read a source of the disk."""
    return read_reviews_of(open_path(str(place), kind), now=NOW, **options)


def list_reasons(reading):
    """Return what was left out: the reason by title."""
    return {one.title: one.reason for one in reading.left_out}


def make_zip(path, files):
    """Write a zip file."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_storygraph(tmp_path):
    """Ratings in quarters, the last of several readings; a book without a review is none."""
    table = tmp_path / "storygraph.csv"
    table.write_text(
        "Title,Authors,Contributors,ISBN/UID,Format,Read Status,Date Added,Last Date Read,"
        "Dates Read,Read Count,Star Rating,Review,Tags,Owned?\n"
        "Piranesi,Susanna Clarke,,9781635575637,digital,read,2023/01/01,2024/02/03,"
        '"2023/01/02-2023/01/09, 2024/02/01-2024/02/03",2,4.25,<div>A <em>house</em>.</div>,'
        "fantasy,Yes\nDune,Frank Herbert,,x,digital,to-read,2023/01/01,,,0,,,,\n",
        "utf-8",
    )
    (review,) = read(table).reviews
    assert (review.title, review.creator, review.isbn) == (
        "Piranesi",
        "Susanna Clarke",
        "9781635575637",
    )
    assert (review.rating, review.watched, review.text) == ("4.25/5", "2024-02-03", "A *house*.")


def make_ghost():
    """Return an export of Ghost with one post for everybody."""
    common = {"type": "post", "status": "published", "visibility": "public"}
    posts = [
        {
            "id": "1",
            "title": "Heat",
            "html": "<p>Fine.</p>",
            "published_at": "2020-01-02T03:04:05Z",
        },
        {"id": "2", "title": "Draft", "html": "<p>canary</p>", "status": "draft"},
        {"id": "3", "title": "Members", "html": "<p>canary</p>", "visibility": "members"},
        {"id": "4", "title": "Paid", "html": "<p>canary</p>", "visibility": "paid"},
        {"id": "5", "title": "Later", "html": "<p>canary</p>", "status": "scheduled"},
        {"id": "6", "title": "About", "html": "<p>canary</p>", "type": "page"},
        {"id": "7", "title": "Old page", "html": "<p>canary</p>", "page": 1},
        {"id": "8", "title": "Mail", "html": "<p>canary</p>", "status": "sent"},
        {"id": "9", "title": "Mail too", "html": "<p>canary</p>"},
        {"id": "10", "title": "Tiers", "html": "<p>canary</p>", "visibility": "tiers"},
    ]
    data = {
        "posts": [{**common, **post} for post in posts],
        "posts_meta": [{"post_id": "9", "email_only": 1}],
        "tags": [{"id": "t", "name": "noir"}, {"id": "i", "name": "#canary"}],
        "posts_tags": [{"post_id": "1", "tag_id": "t"}, {"post_id": "1", "tag_id": "i"}],
        "members": [{"email": "canary@example.org"}],
    }
    return json.dumps({"db": [{"meta": {}, "data": data}]}).encode()


def test_substack_has_posts_and_other_things(tmp_path):
    """What is no post, such as a letter to some subscribers, is left out by its type."""
    kinds = ["", "newsletter", "podcast", "adhoc_email", "thread"]
    rows = "".join(f"{n},T{n},2020-01-0{n},true,everyone,{k}\n" for n, k in enumerate(kinds, 1))
    files = {"posts.csv": f"post_id,title,post_date,is_published,audience,type\n{rows}"}
    files |= {f"posts/{n}.html": f"<p>Text {n}.</p>" for n in range(1, 6)}
    reading = read(make_zip(tmp_path / "x.zip", files))
    assert [one.title for one in reading.reviews] == ["T1", "T2", "T3"]
    assert [one.reason for one in reading.left_out] == [
        "no post but 'adhoc_email'",
        "no post but 'thread'",
    ]


def test_ghost(tmp_path):
    """Of ten posts one is published for everybody; with leave, those for members come, too."""
    (tmp_path / "ghost.json").write_bytes(make_ghost())
    reading = read(tmp_path / "ghost.json")
    (review,) = reading.reviews
    assert (review.title, review.text, review.date) == ("Heat", "Fine.", "2020-01-02")
    assert review.tags == ("noir",)
    assert "canary" not in repr(reading)
    assert list_reasons(reading) == {
        "Draft": "a draft",
        "Members": "for subscribers only (members)",
        "Paid": "for subscribers only (paid)",
        "Later": "scheduled for later",
        "About": "a page",
        "Old page": "a page",
        "Mail": "sent by mail only",
        "Mail too": "sent by mail only",
        "Tiers": "for subscribers only (tiers)",
    }
    paid = {one.title for one in read(tmp_path / "ghost.json", include_paid=True).reviews}
    assert paid == {"Heat", "Members", "Paid", "Tiers"}


def make_paid(kind):
    """Return an export with one post, whose second half is for subscribers only."""
    if kind == "ghost":
        return make_ghost().replace(b"Fine.</p>", b"Fine.</p><!--members-only--><p>Bought.</p>")
    truth = make_truth(1)
    truth.viewings[0].text = "Fine."
    data = make_wordpress(truth, truth.viewings)
    return data.replace(b"canarysubscribers", b"Bought.").replace(b"canarypaid", b"Newsletter.")


@pytest.mark.parametrize("kind", ["ghost", "wordpress"])
def test_the_paid_part_of_a_post_comes_with_leave(kind):
    """Without it the text ends where the page of the blog does."""
    source = open_data(make_paid(kind), "x")
    assert source.kind == kind
    free = read_reviews_of(source, now=NOW).reviews
    paid = read_reviews_of(source, now=NOW, include_paid=True).reviews
    assert len(free) == 1 and "Bought." not in free[0].text
    assert "Bought." in paid[0].text
    assert len(paid) == (4 if kind == "ghost" else 2)


MEDIUM = """<!DOCTYPE html><html><head><title>Heat</title></head><body><article class="h-entry">
<header><h1 class="p-name">Heat</h1></header><section data-field="body" class="e-content">
<hr><h3>Heat</h3><p>Fine.</p></section><footer><p>By <a class="p-author h-card">Jo</a> on
<a href="https://medium.com/p/abc"><time class="dt-published" datetime="2020-01-02T03:04:05Z">x
</time></a>.</p><p><a href="https://medium.com/@jo/heat-1a2b3c4d5e6f" class="p-canonical">Link</a>
</p></footer></article></body></html>"""


def test_medium(tmp_path):
    """A draft is known by its name, and what has no date was not published."""
    export = make_zip(
        tmp_path / "medium.zip",
        {
            "README.html": "<html>canary</html>",
            "posts/2020-01-02_Heat-1a2b3c4d5e6f.html": MEDIUM,
            "posts/draft_Heat-2a2b3c4d5e6f.html": MEDIUM.replace("Fine", "canary"),
            "posts/Heat-3a2b3c4d5e6f.html": MEDIUM.replace("Fine", "canary").replace("dt-p", "x"),
            "claps/1.html": MEDIUM.replace("Fine", "canary"),
        },
    )
    reading = read(export)
    (review,) = reading.reviews
    assert (review.title, review.text, review.author) == ("Heat", "Fine.", "Jo")
    assert review.ids == ("medium:1a2b3c4d5e6f",)
    assert review.link == "https://medium.com/@jo/heat-1a2b3c4d5e6f"
    assert sorted(list_reasons(reading).values()) == ["a draft", "not published"]


def make_entry(kind, title, text, *, more=""):
    """Return an entry of Blogger's export."""
    return f"""<entry><id>tag:blogger.com,1999:blog-1.post-{title}</id>
    <published>2020-01-02T03:04:05.000-07:00</published>
    <category scheme="http://schemas.google.com/g/2005#kind"
    term="http://schemas.google.com/blogger/2008/kind#{kind}"/>
    <category scheme="http://www.blogger.com/atom/ns#" term="noir"/>{more}
    <title type="text">{title}</title><content type="html">&lt;p&gt;{text}&lt;/p&gt;</content>
    <link rel="alternate" href="https://x.blogspot.com/{title}.html"/></entry>"""


def test_blogger(tmp_path):
    """Comments, settings and templates are entries, too; a draft says so in its control."""
    draft = '<app:control xmlns:app="http://purl.org/atom/app#"><app:draft>yes</app:draft>'
    entries = [
        make_entry("settings", "BLOG_PERMISSIONS", "canary"),
        make_entry("post", "Heat", "Fine."),
        make_entry("comment", "Nice", "canary"),
        make_entry("page", "About", "canary"),
        make_entry("post", "Draft", "canary", more=f"{draft}</app:control>"),
    ]
    (tmp_path / "blog.xml").write_text(
        f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>', "utf-8"
    )
    reading = read(tmp_path / "blog.xml")
    (review,) = reading.reviews
    assert (review.title, review.text, review.tags) == ("Heat", "Fine.", ("noir",))
    assert list_reasons(reading) == {"About": "a page", "Draft": "a draft"}


def test_blogger_of_takeout(tmp_path):
    """The newer export has its own elements for kind and state."""
    entries = "".join(
        f"""<entry><id>tag:blogger.com,1999:blog-1.post-{title}</id><title>{title}</title>
        <blogger:type>{kind}</blogger:type><blogger:status>{state}</blogger:status>
        <published>2020-01-02T00:00:00Z</published><content type="html">{title}</content></entry>"""
        for title, kind, state in (
            ("Heat", "POST", "LIVE"),
            ("Draft", "POST", "DRAFT"),
            ("Gone", "POST", "SOFT_TRASHED"),
            ("Nice", "COMMENT", "LIVE"),
        )
    )
    (tmp_path / "feed.atom").write_text(
        f"""<feed xmlns="http://www.w3.org/2005/Atom"
        xmlns:blogger="http://schemas.google.com/blogger/2018">{entries}</feed>""",
        "utf-8",
    )
    reading = read(tmp_path / "feed.atom")
    assert [one.title for one in reading.reviews] == ["Heat"]
    assert list_reasons(reading) == {"Draft": "a draft", "Gone": "not live (soft_trashed)"}


PRIVATE_POSTS = {
    "off.md": "published: off",
    "on.md": "draft: on",
    "pubdate.md": "date: 2020-01-01\npubdate: 2099-01-01",
    "published-later.md": "date: 2020-01-01\npublished: 2099-01-01",
    "never-rendered.md": "build:\n  render: never",
    "_posts/2020-01-02-a.md": "published: false",
    "_posts/2020-01-03-b.md": "draft: true",
    "_posts/2020-01-04-c.md": "status: draft",
    "_posts/2020-01-05-d.md": "password: secret",
    "_posts/2020-01-06-e.md": "private: true",
    "_posts/2099-01-07-f.md": "author: x",
    "_posts/2020-01-08-g.md": "publishDate: 2099-01-01",
    "_posts/2020-01-09-h.md": "expiryDate: 2020-02-01",
    "_posts/2020-01-10-i.md": "permalink: false",
    "_posts/2020-01-11-j.md": "visibility: members",
    "_posts/2020-01-12-k.md": "eleventyExcludeFromCollections: true",
    "_drafts/l.md": "author: x",
    "content/drafts/m.md": "author: x",
    "content/n.md": "layout: page",
}


def test_a_book_that_is_only_rated_is_left_out(tmp_path):
    """It is named; one that was never read is not, and a comma cuts no text."""
    (tmp_path / "goodreads.csv").write_text(
        "Book Id,Title,My Rating,Date Read,My Review\n1,Dune,4,2020/01/02,\n2,Emma,0,,\n"
        "3,Ulysses,5,2020/01/02,Long, very long.\n4,Momo,5,31.12.2020,Fine.\n"
        "5,Ada,5,12/2020,Fine.\n"
    )
    (tmp_path / "storygraph.csv").write_text(
        "Title,Authors,ISBN/UID,Read Status,Dates Read,Star Rating,Review\n"
        "Dune,x,1,read,,4.0,\nEmma,x,2,to-read,,,\nMomo,x,3,read,2020,5.0,Fine.\n"
    )
    books, graph = read(tmp_path / "goodreads.csv"), read(tmp_path / "storygraph.csv")
    assert [one.title for one in books.reviews] == ["Momo", "Ada"]
    assert [one.title for one in books.failed] == ["Ulysses"]
    assert list_reasons(books) == list_reasons(graph) == {"Dune": "a rating without a text"}
    (told,) = books.warnings
    assert told.endswith("goodreads.csv: 2 dates could not be read, such as '31.12.2020'.")
    (told,) = graph.warnings
    assert told.endswith("storygraph.csv: 1 date could not be read, such as '2020'.")


DEEP = f"{'<div>' * 5000}x"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.csv", f"Book Id,Title,My Review\n1,Heat,{DEEP}\n2,Dune,Sand.\n"),
        ("x.csv", f"Title,Authors,Read Status,Review\nHeat,x,read,{DEEP}\nDune,x,read,Sand.\n"),
        ("x.csv", f"Name,Year,Letterboxd URI,Review\nHeat,1995,,{DEEP}\nDune,1984,,Sand.\n"),
        (
            "x.xml",
            (
                '<rss version="2.0" xmlns:letterboxd="https://letterboxd.com"><channel>'
                f"<item><title>Heat</title><guid>letterboxd-review-1</guid><description>{escape(DEEP)}"
                "</description></item><item><title>Dune</title><guid>letterboxd-review-2</guid>"
                "<description>Sand.</description></item></channel></rss>"
            ),
        ),
    ],
)
def test_one_review_that_cannot_be_read_stops_no_other(tmp_path, name, data):
    """It is named."""
    (tmp_path / name).write_text(data)
    reading = read(tmp_path / name)
    assert [one.title for one in reading.reviews] == ["Dune"]
    assert [one.title for one in reading.failed] == ["Heat"]


def test_dates_that_cannot_be_read_are_told_once(tmp_path):
    """With their count; what has none, and a switch where a date may be, are no such date."""
    (tmp_path / "podcast.toml").write_text("")
    (tmp_path / "blog").mkdir()
    for number, field in enumerate(["date: soon", "date: soon", "published: true", "a: b"]):
        text = f"---\ntitle: Heat {number}\n{field}\n---\nFine.\n"
        (tmp_path / "blog" / f"{number}.md").write_text(text)
    done = Program(tmp_path / "cache").run("import", "blog", "--json", cwd=tmp_path)
    assert (done.code, done.json["found"]) == (0, 4)
    assert "blog: 2 dates could not be read, such as 'soon'." in done.err


@pytest.mark.parametrize("name", ["reviews.csv", "posts.csv"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_table_of_a_blog_is_no_export(tmp_path, name, packed):
    """Whatever its name is: those of Letterboxd and Substack are known by their columns."""
    files = {
        f"blog/_data/{name}": "film,stars\nHeat,4\n",
        "blog/a.md": "---\ntitle: A\n---\nFine.\n",
    }
    make_zip(tmp_path / "blog.zip", files)
    if not packed:
        zipfile.ZipFile(tmp_path / "blog.zip").extractall(tmp_path)
    source = open_path(str(tmp_path / ("blog.zip" if packed else "blog")))
    assert source.kind == "folder"
    assert [one.title for one in read_reviews_of(source, now=NOW).reviews] == ["A"]


def test_likes_are_not_called_deleted(tmp_path):
    """Letterboxd's export has a table of liked reviews, too, which are of others."""
    table = "Date,Name,Year,Letterboxd URI,Review\n2020-01-01,Heat,1995,https://boxd.it/1,Fine.\n"
    files = {
        "reviews.csv": table,
        "likes/reviews.csv": table.replace("Fine", "canary"),
        "deleted/reviews.csv": table.replace("Fine", "canary"),
    }
    reading = read(make_zip(tmp_path / "x.zip", files))
    assert list_reasons(reading) == {"deleted/reviews.csv": "deleted or orphaned on Letterboxd"}
    del files["reviews.csv"]
    with pytest.raises(UsageError):
        read(make_zip(tmp_path / "y.zip", files))


@pytest.mark.parametrize("kind", ["", "wordpress"])
def test_an_export_in_several_files(tmp_path, kind):
    """WordPress.com splits a large one; all are read, whatever else lies beside them."""
    truth = make_truth(4)
    files = {
        "blog.wordpress.001.xml": make_wordpress(truth, truth.viewings[:2]),
        "blog.wordpress.002.xml": make_wordpress(truth, truth.viewings[2:]),
        "settings.json": b"{}",
        "theme.xml": b"<theme/>",
    }
    reading = read(make_zip(tmp_path / "blog.zip", files), kind=kind)
    assert sorted(one.title for one in reading.reviews) == sorted(
        f"Film Review: {one.film} ({one.year})" for one in truth.viewings
    )
    with pytest.raises(UsageError, match="nothing to be read as ghost"):
        read(tmp_path / "blog.zip", kind="ghost")
    files["books.csv"] = b"Book Id,Title,My Review\n1,Dune,Sand.\n"
    make_zip(tmp_path / "blog.zip", files)
    if kind:
        assert len(read(tmp_path / "blog.zip", kind=kind).reviews) == 4
    else:
        with pytest.raises(UsageError, match="exports of goodreads and wordpress"):
            read(tmp_path / "blog.zip")


def test_an_only_file_is_what_it_is_said_to_be(tmp_path):
    """The table of a zip may lack a column by which it would be known."""
    export = make_zip(tmp_path / "x.zip", {"books.csv": "Title,My Review\nDune,Sand.\n"})
    assert [one.title for one in read(export, kind="goodreads").reviews] == ["Dune"]
    with pytest.raises(UsageError, match=r"books\.csv is no export"):
        read(export)


def test_the_zip_of_blogger(tmp_path):
    """Takeout packs a feed.atom beside settings and a theme."""
    entry = make_entry("post", "Heat", "Fine.")
    files = {
        "Takeout/Blogger/Blogs/x/feed.atom": f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>',
        "Takeout/Blogger/Blogs/x/settings.csv": "blog_name,x\n",
        "Takeout/Blogger/Blogs/x/theme-classic.html": "<html></html>",
    }
    assert [one.title for one in read(make_zip(tmp_path / "x.zip", files)).reviews] == ["Heat"]


def test_a_zipped_blog_may_have_one_table_of_its_own(tmp_path):
    """A package.json makes it no export of Ghost."""
    files = {"package.json": "{}", "a.md": "---\ntitle: A\n---\nFine.\n"}
    assert open_path(str(make_zip(tmp_path / "x.zip", files))).kind == "folder"


def test_a_folder_of_posts(tmp_path):
    """Posts of Jekyll, Hugo, Eleventy and Pelican; what the blog does not show is left out."""
    files = {
        "_posts/2020-01-01-heat.md": "---\ntitle: Heat\nfilm: Heat\nyear: 1995\nstars: 3.5\n"
        "note: canary\n---\nFine. <!-- canary -->\n",
        "content/posts/dune/index.md": '+++\ntitle = "Dune"\ndate = 2021-02-03\n+++\nSand.\n',
        "content/alien.md": "Title: Alien\nDate: 2022-03-04\nStatus: published\n\nEggs.\n",
        "content/page.html": "---\ntitle: Brazil\ndate: 2023-01-01\n---\n<p>Ducts.</p>",
        "README.md": "canary",
        "node_modules/x/post.md": "---\ntitle: canary\n---\ncanary",
        "notes.md": "canary",
        "brazil.rst": "canary",
        "robots.txt": "canary",
        "empty.md": "---\ntitle: Empty\n---\n",
    }
    for name, field in PRIVATE_POSTS.items():
        files[name] = f"---\ntitle: Private\n{field}\n---\ncanary\n"
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    reading = read(tmp_path)
    found = {one.title: (one.text, one.date, one.rating) for one in reading.reviews}
    assert found == {
        "Heat": ("Fine.", "2020-01-01", "★★★½"),
        "Dune": ("Sand.", "2021-02-03", ""),
        "Alien": ("Eggs.", "2022-03-04", ""),
        "Brazil": ("Ducts.", "2023-01-01", ""),
    }
    reasons = list_reasons(reading)
    assert reasons.pop("node_modules/") == "1 text in a folder that holds no posts"
    assert reasons.pop("README.md") == "no post by its name"
    assert reasons.pop("brazil.rst") == ".rst is not read: save it as .md or .html"
    assert reasons.pop("empty.md") == "without text"
    assert set(reasons) == {*PRIVATE_POSTS, "notes.md"}
    assert "canary" not in repr(reading.reviews)


def make_feed(*items):
    """Return a blog's RSS of items: title, text and whether it is in full."""
    made = "".join(
        f"<item><title>{title}</title><link>https://blog.example/{title}</link>"
        f"<pubDate>Thu, 02 Jan 2020 10:00:00 GMT</pubDate><{tag}><![CDATA[{text}]]></{tag}></item>"
        for title, text, tag in items
    )
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Blog</title><link>https://blog.example/</link>{made}</channel></rss>"
    ).encode()


FULL = make_feed(("Dune", "<p>All of it.</p>", "content:encoded"))
PAGE = b"""<html><head><title>Heat</title></head><body><nav>canary</nav><article><h1>Heat</h1>
<p>It begins in the rain, and it ends in the rain, which is all that there is to say.</p>
<p>But it is said well, by people who know how, at night, in a city that never was.</p></article>
<section id="comments" class="comments"><h2>Comments</h2><p>canary wrote this</p></section>
</body></html>"""


def test_a_feed_in_full_and_one_of_summaries():
    """A cut text is fetched from its page, without what readers have written below it."""
    source = open_data(
        make_feed(
            ("Dune", "<p>All of it.</p>", "content:encoded"),
            ("Heat", "It begins in the …", "description"),
        ),
        "feed.xml",
    )
    asked = []

    def fetch(url):
        asked.append(url)
        return url, PAGE

    reading = read_reviews_of(source, now=NOW, fetch=fetch)
    dune, heat = reading.reviews
    assert (source.kind, dune.text, asked) == ("feed", "All of it.", ["https://blog.example/Heat"])
    assert heat.text.startswith("It begins in the rain") and heat.text.endswith("never was.")
    assert "canary" not in repr(reading)


@pytest.mark.parametrize("kind", ["wordpress", "feed"])
def test_titles_and_tags_are_text(kind):
    """What a blog has escaped once more, or set in italics, is read as its page shows it."""
    tag = '<category domain="post_tag"><![CDATA[Sand &amp; Sun]]></category>'
    title = "<title><![CDATA[&#8220;Heat&#8221; &#038; <em>Dust</em> &lt;3]]></title>"
    truth = make_truth(1)
    data = make_wordpress(truth, truth.viewings) if kind == "wordpress" else FULL
    start = data.index(b"<title>", data.index(b"<item>"))
    end = data.index(b"</title>", start)
    data = data[:start] + f"{title}{tag}".encode() + data[end + 8 :]
    (review,) = read_reviews_of(open_data(data, "x.xml"), now=NOW).reviews
    assert (review.title, review.tags) == ("“Heat” & Dust <3", ("Sand & Sun",))


def test_when_no_server_answers_the_others_are_not_tried():
    """Three times is enough; each page is named, to be tried by another run."""
    source = open_data(make_feed(*((f"F{n}", "x …", "description") for n in range(9))), "feed.xml")
    asked = []

    def fetch(url):
        asked.append(url)
        raise FetchUnavailable(f"{url} cannot be reached.")

    reading = read_reviews_of(source, now=NOW, fetch=fetch)
    assert (len(asked), len(reading.failed), reading.reviews) == (3, 9, ())


def test_a_feed_of_audio_is_a_podcast():
    """It is adopted, not read."""
    feed = b"""<rss version="2.0"><channel><title>x</title><item><title>y</title>
    <enclosure url="https://a.example/y.mp3" type="audio/mpeg"/></item></channel></rss>"""
    assert open_data(feed, "feed.xml").kind == "podcast"


def test_a_feed_of_letterboxd():
    """Spoilers, the film's number and its picture are known of each; lists are no reviews."""
    truth = make_truth(4)
    source = open_data(make_letterboxd_feed(truth.viewings), "feed.xml")
    reading = read_reviews_of(source, now=NOW)
    assert source.kind == "letterboxd-feed"
    first = reading.reviews[0]
    assert (first.tmdb, first.spoiler, first.rating) == ("1000", True, "3.5/5")
    assert (first.image, first.year) == ("https://a.example/poster.jpg", "1930")
    assert first.text == truth.viewings[0].text


def test_a_series_is_no_film_of_that_number():
    """Letterboxd's feed numbers films and series apart, and so does what is made of it."""
    feed = make_letterboxd_feed(make_truth(1).viewings).replace(b"tmdb:movieId", b"tmdb:tvId")
    (first, *_) = read_reviews_of(open_data(feed, "feed.xml"), now=NOW).reviews
    assert first.tmdb == "tv/1000"


@pytest.mark.parametrize("prefix", ["http://wordpress.org", "https://wordpress.org"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_export_is_never_read_as_a_feed(prefix, encoding):
    """It has the elements of one, and its drafts would be entries."""
    truth = make_truth(2)
    text = make_wordpress(truth, truth.viewings).decode().replace("http://wordpress.org", prefix)
    data = text.replace("UTF-8", encoding).encode(encoding)
    assert open_data(data, "x.xml").kind == "wordpress"
    with pytest.raises(UsageError, match="is an export and no feed"):
        open_data(data, "x.xml", kind="feed")


def test_a_feed_has_no_doctype():
    """Not even one of the old kind."""
    with pytest.raises(ReviewError, match="DOCTYPE"):
        open_data(b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"/>', "x.xml")


def test_what_was_deleted_cannot_be_named_either(tmp_path):
    """Nor is it taken for the export when there is nothing else."""
    table = tmp_path / "export" / "deleted" / "reviews.csv"
    table.parent.mkdir(parents=True)
    table.write_text("Date,Name,Year,Letterboxd URI,Review\n2020-01-01,x,1999,y,canary\n", "utf-8")
    for place in (table, table.parent):
        with pytest.raises(UsageError, match="deleted on Letterboxd"):
            read(place)
    honest = tmp_path / "Deleted" / "letterboxd-jo" / "reviews.csv"
    honest.parent.mkdir(parents=True)
    honest.write_text(table.read_text("utf-8"), "utf-8")
    assert len(read(honest).reviews) == 1  # whoever keeps it in such a folder means it
    export = make_zip(tmp_path / "x.zip", {"deleted/reviews.csv": table.read_text("utf-8")})
    with pytest.raises(UsageError):
        read(export, kind="letterboxd")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.csv", b"Title,Price\nx,1\n"),
        ("x.json", b'{"a": 1}'),
        ("x.zip", b"PK\x05\x06" + b"\0" * 18),
        ("x.bin", b"\x89PNG\r\n"),
        ("empty", b""),
    ],
)
def test_what_is_none_of_these(tmp_path, name, data):
    """It is refused with a sentence."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises((UsageError, ReviewError)):
        read(tmp_path / name)


ROW = b"Date,Name,Year,Letterboxd URI,Review\n%s,Heat,%s,https://boxd.it/1,Fine.\n"
ITEM = b"""<rss version="2.0"><channel><title>x</title><item><title>Heat</title>
<pubDate>%s</pubDate><description>Fine.</description></item></channel></rss>"""
GHOST = b'{"data": {"posts": [{"title": "Heat", "html": "Fine.", "status": "published", %s}]}}'
ODD = {
    "the first day": ("x.csv", ROW % (b"0001-01-01", b"1995")),
    "the last day": ("x.csv", ROW % (b"9999-12-31", b"1995")),
    "a year in doubt": ("x.csv", ROW % (b"2020-01-01", b"1995?")),
    "lines of the old Mac": ("x.csv", (ROW % (b"2020-01-01", b"1995")).replace(b"\n", b"\r")),
    "UTF-16, the high byte first": (
        "x.csv",
        b"\xfe\xff" + (ROW % (b"2020-01-01", b"1995")).decode().encode("utf-16-be"),
    ),
    "a year of 20 figures": ("x.xml", ITEM % b"Thu, 02 Jan 20200000000000000000 10:00:00 GMT"),
    "a list for a switch": ("x.json", GHOST % b'"page": [], "id": [1]'),
    "a mark before JSON": ("x.json", b"\xef\xbb\xbf" + GHOST % b'"id": 1'),
    "a name that is no UTF-8": (b"blog/caf\xe9.md", b"---\ntitle: Heat\n---\nFine.\n"),
    "an address that is none": (
        "x.html",
        b"<html><link rel=canonical href='https://[x/a'><title>Heat</title><p>Fine.</p></html>",
    ),
    "a page of that name": (b"caf\xe9.html", b"<html><title>Heat</title><p>Fine.</p></html>"),
}


@pytest.mark.parametrize("what", ODD)
def test_odd_input_is_read_or_left_out(tmp_path, what):
    """Nothing of it stops the program, twice in a row: the second run reads what the first kept."""
    (tmp_path / "podcast.toml").write_text("")
    name, data = ODD[what]
    path = tmp_path / os.fsdecode(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    place = path.parent if path.suffix == ".md" else path
    program = Program(tmp_path / "cache")
    for new in (what != "the last day", False):
        done = program.run("import", place, "--json", cwd=tmp_path)
        assert (done.code, len(done.json["changes"])) == (0, new), done.err
        assert [one["reason"] for one in done.json["left_out"]] == (
            ["scheduled for later"] if what == "the last day" else []
        )


def test_a_review_of_the_show_has_a_name_that_is_no_utf_8(tmp_path):
    """It stands for the imported one as any other does."""
    (tmp_path / "podcast.toml").write_text('[show]\nreviews = ["reviews/*.md"]\n')
    (tmp_path / "reviews").mkdir()
    own = tmp_path / "reviews" / os.fsdecode(b"caf\xe9.md")
    own.write_text("---\ntitle: Heat\ndate: 2020-01-01\n---\nFine.\n")
    (tmp_path / "x.csv").write_bytes(ROW % (b"2020-01-01", b"1995"))
    done = Program(tmp_path / "cache").run("import", "x.csv", "--json", cwd=tmp_path)
    assert (done.code, done.json["changes"], done.json["unchanged"]) == (0, [], 1), done.err


@pytest.mark.parametrize("kind", ["feed", "ghost", "wordpress", "page", "goodreads"])
def test_several_files_are_not_read_as_one(tmp_path, kind):
    """Neither a folder nor a zip of a blog, whatever it is said to be."""
    (tmp_path / "blog").mkdir()
    (tmp_path / "blog" / "heat.md").write_text("---\ntitle: Heat\n---\nFine.\n")
    make_zip(tmp_path / "blog.zip", {"heat.md": "---\ntitle: Heat\n---\nFine.\n"})
    for name in ("blog", "blog.zip"):
        with pytest.raises(UsageError, match="holds nothing to be read as"):
            read(tmp_path / name, kind=kind)


@pytest.mark.parametrize("name", ["x" * 300, "loop"])
def test_a_name_that_cannot_be_opened(tmp_path, name):
    """One that is too long, and one that leads to itself, are sentences."""
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises((UsageError, ReviewError), match=r"Cannot read|There is no"):
        read(tmp_path / name)


def test_broken_zip_of_a_known_kind(tmp_path):
    """A zip whose end is missing is refused."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "reviews.csv", "Date,Name,Year,Letterboxd URI,Review\n2020-01-01,x,1,y,z\n"
        )
    (tmp_path / "x.zip").write_bytes(buffer.getvalue()[:60])
    with pytest.raises(ReviewError, match="broken zip"):
        read(tmp_path / "x.zip")
