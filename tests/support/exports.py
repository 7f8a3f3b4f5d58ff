"""Exports of reviews as services write them, and what is true of them.

Each review has a word of its own, `marker17x`, in each text that it stands in; each private text
has one that begins with `canary`.
"""

import csv
import datetime as dt
import io
import random
import zipfile
from dataclasses import dataclass, field
from html import escape

_WORDS = (
    "camera light dark moment actor scene music long slow bright rain house river voice face turn"
    " begin never always only perhaps still quiet loud green red city war love loss train table"
).split()
_LETTERBOXD = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date".split(",")
_GOODREADS = (
    "Book Id,Title,Author,ISBN,ISBN13,My Rating,Year Published,Original Publication Year,"
    "Date Read,Date Added,Bookshelves,Exclusive Shelf,My Review,Spoiler,Private Notes,Read Count"
).split(",")


@dataclass
class Viewing:
    """A review of a film: what Letterboxd has of it."""

    number: int
    film: str
    year: int
    day: dt.date
    words: int
    rewatch: bool = False
    text: str = ""

    @property
    def marker(self) -> str:
        """Return the word that only this review has."""
        return f"marker{self.number}x"


@dataclass
class Truth:
    """All reviews of a critic, and the random numbers that they are made of."""

    viewings: list[Viewing] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(17))

    def make_text(self, words: int, marker: str) -> str:
        """Return so many words, the marker among them."""
        made = [self.chance.choice(_WORDS) for _ in range(max(0, words - 1))]
        return " ".join([*made[: words // 2], marker, *made[words // 2 :]])


def make_truth(count: int, *, every_days: float = 9) -> Truth:
    """Make reviews: 60 % have under 40 words, one in twenty is of a film seen again."""
    truth = Truth()
    for number in range(count):
        again = number % 20 == 19
        seen = truth.viewings[number - 10] if again else None
        words = truth.chance.randint(3, 39) if number % 5 < 3 else truth.chance.randint(40, 200)
        viewing = Viewing(
            number=number,
            film=seen.film if seen else f"The {_WORDS[number % 32].title()} of {number}",
            year=seen.year if seen else 1930 + number % 90,
            day=dt.date(2016, 1, 3) + dt.timedelta(days=int(every_days * number)),
            words=words,
            rewatch=again,
        )
        viewing.text = truth.make_text(words, viewing.marker)
        truth.viewings.append(viewing)
    return truth


def make_letterboxd(viewings: list[Viewing]) -> bytes:
    """Return an export; `deleted` and `orphaned` have reviews, too."""
    rows = [_make_row(one, _dress(one.text)) for one in viewings]
    taken = [_make_row(one, f"canarydeleted {one.number}") for one in viewings[:3]]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("reviews.csv", _make_table(_LETTERBOXD, rows))
        archive.writestr("deleted/reviews.csv", _make_table(_LETTERBOXD, taken))
        archive.writestr("orphaned/reviews.csv", _make_table(_LETTERBOXD, taken))
        archive.writestr("profile.csv", "Username,Bio\nx,canaryprofile\n")
        archive.writestr("comments.csv", "Date,Content,Comment\n2020-01-01,x,canarycomment\n")
    return buffer.getvalue()


def _make_row(one: Viewing, text: str) -> list[str]:
    link = f"https://boxd.it/{one.number:x}"
    again = "Yes" if one.rewatch else ""
    day = f"{one.day}"
    return [day, one.film, str(one.year), link, "3.5", again, text, "noir, 35mm", day]


def _dress(text: str) -> str:
    """Set a text as members do: several lines, misclosed tags."""
    words = text.split(" ")
    if len(words) > 60:
        words[10] = f"<i>{words[10]}</b>"
        words[30] = f"{words[30]}\n\n{words[31]}"
        words[31] = '"quoted"'
    return " ".join(words)


def _make_table(columns: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def make_letterboxd_feed(viewings: list[Viewing]) -> bytes:
    """Return the feed of these reviews, with a viewing and a list that have no review."""
    items = "".join(
        f"""<item><title>{escape(one.film)}, {one.year} - ★★★½ (contains spoilers)</title>
        <link>https://letterboxd.com/x/film/f{one.number}/</link>
        <guid isPermaLink="false">letterboxd-review-{9000 + one.number}</guid>
        <pubDate>{one.day:%a, %d %b %Y} 12:00:00 +1300</pubDate>
        <letterboxd:watchedDate>{one.day}</letterboxd:watchedDate>
        <letterboxd:rewatch>{"Yes" if one.rewatch else "No"}</letterboxd:rewatch>
        <letterboxd:filmTitle>{escape(one.film)}</letterboxd:filmTitle>
        <letterboxd:filmYear>{one.year}</letterboxd:filmYear>
        <letterboxd:memberRating>3.5</letterboxd:memberRating>
        <tmdb:movieId>{1000 + one.number % 1000}</tmdb:movieId>
        <description><![CDATA[ <p><img src="https://a.example/poster.jpg"/></p> <p><em>This review
        may contain spoilers.</em></p> <p>{_dress(one.text).replace(chr(10) * 2, "</p><p>")}</p>
        ]]></description></item>"""
        for one in viewings
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
    xmlns:letterboxd="https://letterboxd.com" xmlns:tmdb="https://themoviedb.org"><channel>
    <title>Letterboxd</title><link>https://letterboxd.com/x/</link>
    <item><title>Seen, 1999</title><guid isPermaLink="false">letterboxd-watch-1</guid>
    <description><![CDATA[<p>Watched on Friday canarywatch</p>]]></description></item>
    {items}</channel></rss>""".encode()


def make_wordpress(truth: Truth, viewings: list[Viewing]) -> bytes:
    """Return a WXR with longer texts of these reviews, and posts that are not for everybody."""
    items = []
    for place, one in enumerate(viewings):
        longer = truth.make_text(260, one.marker)
        text = f"{one.text} {longer}" if place % 2 else longer
        day = one.day + dt.timedelta(days=place % 3)
        items.append(_make_item(place, f"Film Review: {one.film} ({one.year})", text, day=day))
    for place in range(20):
        items.append(_make_item(500 + place, "Canarytitle", f"canarydraft{place}", status="draft"))
        word = f"canarypassword{place}"
        items.append(_make_item(600 + place, "Locked", word, password="x"))
        items.append(_make_item(700 + place, "Own", f"canaryprivate{place}", status="private"))
    items.append(_make_item(800, "Pending", "canarypending", status="pending"))
    items.append(_make_item(801, "Trash", "canarytrash", status="trash"))
    items.append(_make_item(802, "Later", "canaryfuture", status="future"))
    items.append(_make_item(803, "About", "canarypage", kind="page"))
    items.append(_make_item(804, "Picture", "canaryattachment", kind="attachment"))
    items.append(_make_item(805, "Paid", "canarypaid", meta="paid_subscribers"))
    return f"""<?xml version="1.0" encoding="UTF-8" ?><rss version="2.0"
    xmlns:content="http://purl.org/rss/1.0/modules/content/"
    xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
    <channel><title>Blog</title><wp:wxr_version>1.2</wp:wxr_version>
    <wp:base_blog_url>https://blog.example</wp:base_blog_url>{"".join(items)}
    </channel></rss>""".encode()


def _make_item(
    number: int,
    title: str,
    text: str,
    *,
    status: str = "publish",
    kind: str = "post",
    password: str = "",
    day: dt.date = dt.date(2015, 1, 1),
    meta: str = "everybody",
) -> str:
    return f"""<item><title>{escape(title)}</title><link>https://blog.example/p{number}/</link>
    <dc:creator>x</dc:creator><guid isPermaLink="false">https://blog.example/?p={number}</guid>
    <content:encoded><![CDATA[<!-- wp:paragraph {{"note":"canaryblock"}} -->
    <p>{text}</p><!-- canaryhtmlcomment --><p style="display: none">canaryhidden</p>
    <!-- /wp:paragraph --> <!-- wp:jetpack/paywall /--><p>canarysubscribers</p>]]></content:encoded>
    <excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>{number}</wp:post_id>
    <wp:post_date>{day} 12:00:00</wp:post_date><wp:status>{status}</wp:status>
    <wp:post_type>{kind}</wp:post_type><wp:post_password>{password}</wp:post_password>
    <wp:postmeta><wp:meta_key>_jetpack_newsletter_access</wp:meta_key>
    <wp:meta_value>{meta}</wp:meta_value></wp:postmeta>
    <wp:comment><wp:comment_author>y</wp:comment_author>
    <wp:comment_content>canaryreader</wp:comment_content></wp:comment></item>"""


def make_goodreads(numbers: range) -> bytes:
    """Return a Goodreads export of these reviews, each with private notes."""
    rows = [
        [
            str(number),
            f"Book {number} (The Series, #{number % 7})",
            "Ann  Author",
            '="0261102214"',
            f'="97802611{number:05d}"',
            "0" if number % 3 else "4",
            "2001",
            "1999",
            f"2019/{1 + number % 12:02d}/{1 + number % 28:02d}",
            "2018/01/01",
            "to-read, fantasy",
            "read",
            f"Good<br/><br/>I say &amp; mean marker{number}x <b>twice</b>.",
            "true" if number % 2 else "",
            f"canarynotes{number}",
            "1",
        ]
        for number in numbers
    ]
    rows.append(["99999", "Unread", "A", '=""', '=""', "0", *[""] * 8, "canarynotes", "0"])
    return _make_table(_GOODREADS, rows).encode()


def make_substack(numbers: range) -> bytes:
    """Return a Substack export: free posts, paid ones, drafts, and what readers did."""
    columns = "post_id,post_date,is_published,email_sent_at,type,audience,title,subtitle".split(",")
    rows = []
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in numbers:
            rows.append(_make_post(number, "everyone", "true", f"Letter {number}"))
            text = f"<p>Dear reader, marker{number}x is <em>all</em>.</p>"
            archive.writestr(f"posts/{number}.letter.html", text)
            archive.writestr(f"posts/{number}.letter.delivers.csv", "x@canarydelivery.example")
            archive.writestr(f"posts/{number}.letter.opens.csv", "x@canaryopens.example")
        for number, audience, published in (
            (9001, "only_paid", "true"),
            (9002, "founding", "true"),
            (9003, "everyone", "false"),
        ):
            rows.append(_make_post(number, audience, published, "Hidden"))
            archive.writestr(f"posts/{number}.letter.html", f"<p>canarysubstack{number}</p>")
        archive.writestr("email_list.x.csv", "email\nx@canarylist.example\n")
        archive.writestr("posts.csv", _make_table(columns, rows))
    return buffer.getvalue()


def _make_post(number: int, audience: str, published: str, title: str) -> list[str]:
    day = f"2021-{1 + number % 12:02d}-{1 + number % 28:02d}T10:00:00.000Z"
    return [f"{number}.letter", day, published, "", "newsletter", audience, title, "Sub"]
