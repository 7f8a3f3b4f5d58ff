"""Pages: stable bytes, safe from any text, and a player that works in a real browser."""

import hashlib
import html
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.browser import open_browser, open_page, serve_folder, wait_until
from tests.support.budget import count_examples, pick_code_points
from tests.support.node_packages import require_node_package

from reviewcast.model.characters import clean_text
from reviewcast.model.errors import ConfigError
from reviewcast.model.podcast import EpisodeChapter, EpisodeCue, Release
from reviewcast.podcast.site.embed import render_oembed
from reviewcast.podcast.site.frame import Site
from reviewcast.podcast.site.italics import set_italics
from reviewcast.podcast.site.pages import render_assets, render_episode, render_index, site_version
from reviewcast.podcast.site.pictures import make_small
from reviewcast.podcast.site.search import (
    MOST_SHARD_S,
    name_shard,
    plan_shards,
    render_shard,
)
from reviewcast.settings.schema import Show, SiteSettings

SHOW = Show(
    title="The Second Reel",
    author="Ada Marsh",
    url="https://example.org/podcast/",
    description="Old films, seen again.",
    website="https://example.org/",
    license="CC-BY-4.0",
    license_url="https://creativecommons.org/licenses/by/4.0/",
    funding_url="https://example.org/support",
)
SITE = SiteSettings(subscribe={"Apple Podcasts": "https://podcasts.example/1"}, per_page=3)
CUES = (
    EpisodeCue(1.0, 3.0, "title", "The General: a straight face"),
    EpisodeCue(4.0, 8.0, "narrator", "A man loves two things."),
    EpisodeCue(8.4, 12.0, "narrator", "He keeps a picture of the girl."),
    EpisodeCue(12.8, 16.0, "narrator", "That is the whole plot."),
    EpisodeCue(21.0, 22.0, "title", "The ride"),
    EpisodeCue(23.0, 26.0, "narrator", "Consider two moments:"),
    EpisodeCue(26.8, 30.0, "list", "He sits on the rod."),
    EpisodeCue(30.45, 32.0, "list", "The wheels turn."),
    EpisodeCue(32.6, 36.0, "list", "A cannon lowers its barrel."),
    EpisodeCue(37.0, 40.0, "quote", "A clown falls down & asks whether you saw it."),
    EpisodeCue(41.0, 44.0, "spoiler", "The bridge is real."),
)
OLD_CUES = (EpisodeCue(3.5, 5.0, "narrator", "Am\u00e9lie keeps a picture, too."),)
CHAPTERS = (EpisodeChapter("The General", 0.0), EpisodeChapter("The ride", 20.25))
GENERAL = Release(
    slug="the-general",
    guid="1",
    title="The General: a straight face",
    published=datetime(2026, 11, 22, 8, tzinfo=UTC),
    audio="media/the-general-1a2b.mp3",
    size_bytes=180_000,
    duration_s=45.0,
    page="episodes/the-general/index.html",
    vtt="media/the-general.vtt",
    srt="media/the-general.srt",
    chapters=CHAPTERS,
    language="en",
    description="One railway line and not one smile.",
    notes='<p>Seen in a <a href="https://example.org/cinema">cinema</a>.</p>',
    link="https://example.org/the-general",
    author="Ada Marsh",
    subject="The General (1926)",
    rating="4.5/5",
)


def vary(release=GENERAL, **fields):
    """Make a release, or any other value, that differs in some fields."""
    values = {name: getattr(release, name) for name in release.__struct_fields__}
    return type(release)(**values | fields)


def make_releases(count):
    return [
        vary(
            slug=f"e{n}",
            guid=str(n),
            title=f"Episode {n}",
            published=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=n),
            page=f"episodes/e{n}/index.html",
        )
        for n in range(count)
    ]


def render(release=GENERAL, *, show=SHOW, cues=CUES, site=SITE, cover="cover.jpg"):
    return render_episode(show, release, cues, site, cover=cover).decode()


def read_data(page):
    """Return what a page tells search engines."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1])


class _Links(HTMLParser):
    """Collects what a page loads and where it leads."""

    def __init__(self, page):
        super().__init__()
        self.loads, self.leads, self.tags = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        self.loads += [values["src"]] if "src" in values else []
        if tag == "link" and "oembed" in values.get("type", ""):
            return  # it is read by others, so its address is whole
        if tag == "link" and values["rel"] != "canonical":
            self.loads.append(values["href"])
        elif "href" in values:
            self.leads.append(values["href"])


# --- Settings and assets ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"accent": "red"},
        {"accent": "#12"},
        {"accent": "#12345g"},
        {"accent": "#fff;} body{display:none"},
        {"per_page": 0},
        {"subscribe": {"Apple": "javascript:alert(1)"}},
        {"subscribe": {"Apple": "https://"}},
        {"subscribe": {"Apple": 'https://x.example/"onclick="x'}},
        {"subscribe": {"Apple": "https://[x.example/"}},
        {"subscribe": {" ": "https://x.example/"}},
    ],
)
def test_settings_that_cannot_be_used_are_refused(wrong):
    """Each names its table, so it can be found in podcast.toml."""
    with pytest.raises(ConfigError, match=r"^\[site\] "):
        SiteSettings(**wrong)


def test_assets_are_named_by_their_content():
    """Another accent is another style sheet, so no cache mixes two versions."""
    plain, accented = render_assets(SITE), render_assets(SiteSettings(accent="#07f"))
    assert [re.sub("-[0-9a-f]{8}", "", name) for name in plain] == [
        "assets/style.css",
        "assets/player.js",
        "assets/search.js",
        "assets/icon.svg",
    ]
    assert set(plain) & set(accented) == {name for name in plain if name.endswith(".js")}
    assert render_assets(SITE) == plain
    index = render_index(SHOW, [GENERAL], SITE, cover="", shards=1)["index.html"].decode()
    for name in plain:
        assert name in render() + index


def _contrast(one, two):
    """The contrast of two colours, as WCAG 2.2 defines it."""

    def light(colour):
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)


@given(accent=st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"))
@settings(max_examples=count_examples(200), deadline=None)
def test_every_accent_can_be_read(accent):
    """Whatever colour is set, links reach 4.5 to 1 in light and dark, and so do buttons."""
    assets = render_assets(SiteSettings(accent=accent))
    style = next(data.decode() for name, data in assets.items() if "style" in name)
    names = ("ground", "card", "accent", "on-accent", "tint")
    schemes = re.findall(".*".join(rf"--{name}: (#\w+)" for name in names), style)
    assert len(schemes) == 2
    for (ground, card, colour, on, tint), text in zip(schemes, ("#1d2230", "#e9e6df"), strict=True):
        assert min(_contrast(colour, ground), _contrast(colour, card)) >= 4.5
        assert _contrast(colour, on) >= 4.5
        assert _contrast(text, tint) >= 7


def test_the_version_is_the_same_until_a_template_changes(tmp_path):
    """It hashes the templates and assets alone: code and caches beside them change nothing."""
    before = site_version()
    assert re.fullmatch("[0-9a-f]{16}", before)
    assert site_version() == before
    templates = tmp_path / "resources/site"
    shutil.copytree(files("reviewcast") / "resources/site", templates)
    assert site_version(templates) == before
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages" / "site.py").write_text("# another comment")
    (templates / "__init__.py").write_text("# code")
    (templates / ".DS_Store").write_bytes(b"x")
    assert site_version(templates) == before
    for name in ("index.html", "player.js", "style.css", "icon.svg"):
        with (templates / name).open("a") as file:
            file.write(" ")
        changed = site_version(templates)
        assert changed != before
        before = changed


def test_a_page_that_is_rendered_otherwise_has_another_version():
    """Published pages are rendered anew only when the version changes, so it has to.

    When this fails by code alone, raise PAGE_FORMAT. Then write the line it prints to the file.
    """
    golden = Path(__file__).with_name("site_version.txt")
    version, rendered = golden.read_text().split()
    digest = hashlib.sha256(render().encode())
    for name, page in render_index(SHOW, make_releases(8), SITE, cover="cover.jpg").items():
        digest.update(name.encode() + page)
    now = digest.hexdigest()[:16]
    assert now == rendered or site_version() != version, "raise PAGE_FORMAT"
    assert f"{site_version()} {now}" == golden.read_text().strip()


# --- Lists of episodes -------------------------------------------------------------------------


def test_the_index_lists_the_newest_first():
    """The order in which the releases are given does not matter."""
    releases = make_releases(3)
    pages = render_index(SHOW, releases[::-1], SITE, cover="cover.jpg")
    assert pages == render_index(SHOW, releases, SITE, cover="cover.jpg")
    assert list(pages) == ["index.html"]
    titles = re.findall(r"Episode \d+(?=</a>)", pages["index.html"].decode())
    assert titles == ["Episode 2", "Episode 1", "Episode 0"]


def test_one_more_episode_changes_only_the_index():
    """Older pages keep their bytes for ever; now and then one comes along; all are listed."""
    every = make_releases(20)
    versions = [render_index(SHOW, every[:n], SITE, cover="") for n in range(len(every) + 1)]
    for count, (before, after) in enumerate(pairwise(versions), 1):
        new = set(after) - set(before)
        assert new == (
            {f"archive/{(count - 1) // 3:04}.html"} if count > 3 and count % 3 == 1 else set()
        )
        assert all(before[name] == after[name] for name in before if name != "index.html")
        listed = {
            normpath(join(dirname(name), link))
            for name, page in after.items()
            for link in _Links(page.decode()).leads
        }
        assert {release.page for release in every[:count]} <= listed
        assert new <= listed


def test_a_show_without_episodes_has_an_index():
    """It says so; nothing fails."""
    pages = render_index(Show(), [], SiteSettings(), cover="")
    assert b"no episodes yet" in pages["index.html"]


def test_the_index_describes_the_series():
    """Search engines find the show's name, feed and artwork."""
    page = render_index(SHOW, [GENERAL], SITE, cover="cover.jpg")["index.html"].decode()
    assert read_data(page) == {
        "@context": "https://schema.org",
        "@type": "PodcastSeries",
        "name": "The Second Reel",
        "url": "https://example.org/podcast/",
        "webFeed": "https://example.org/podcast/feed.xml",
        "description": "Old films, seen again.",
        "inLanguage": "en",
        "image": "https://example.org/podcast/cover.jpg",
        "author": {"@type": "Person", "name": "Ada Marsh"},
    }
    assert '<link rel="canonical" href="https://example.org/podcast/index.html">' in page
    assert 'href="https://podcasts.example/1"' in page


# --- Episodes ----------------------------------------------------------------------------------


def test_every_word_is_in_the_transcript_once():
    """The cues stand in their order, with their times, grouped as they were written."""
    page = render()
    cues = re.findall(
        r'<span class="cue" data-start="([^"]+)" data-end="([^"]+)">(.*?)</span>', page
    )
    assert [(float(start), float(end), html.unescape(text)) for start, end, text in cues] == [
        (cue.start_s, cue.end_s, cue.text) for cue in CUES
    ]
    shape = re.sub(r"<span.*?</span>|\s", "", page[page.index("Transcript</h2>") + 15 :])
    shape = re.sub(r'(?:dir|class|id)="[^"]*"', "", shape)
    shape = re.sub("<a.*?</a>|</?div>", "", shape)
    assert shape.startswith(
        "<h3></h3><p></p><p></p><h3></h3><p></p><ul><li></li><li></li></ul>"
        "<blockquote><p></p></blockquote><details><summary>Spoiler</summary><p></p></details>"
    )


def test_a_page_shows_the_review_and_the_chapters_once():
    """Of the notes stays what is said nowhere else on the page, and the links of the rest."""
    told = "He keeps a picture of the girl."
    link = '<a href="https://example.org/girl">picture</a>'
    notes = (
        "<p><strong>The General (1926)</strong> · 4.5/5 · Ada Marsh</p>\n"
        f"<p>{told.replace('picture', link)}</p>\n"
        "<ul><li>He sits on the rod.</li><li>The wheels turn.</li></ul>\n"
        "<p>Seen at the Odeon.</p>\n<p>(Spoilers: in the episode.)</p>\n"
        "<p>00:00:00 The General<br>\n00:00:20 The ride</p>\n"
        '<p><a href="https://example.org/the-general">https://example.org/the-general</a></p>'
    )
    page = render(vary(notes=notes))
    assert page.count("of the girl") == 1
    assert page.count("The wheels turn.") == 1
    assert "Seen at the Odeon." in page
    for gone in ("Spoilers: in the episode", "00:00:20"):
        assert gone not in page
    links = _Links(page).leads
    assert links.count("https://example.org/girl") == 1
    assert links.count("https://example.org/the-general") == 1
    silent = render(vary(notes=notes), cues=())
    assert "of the girl" in silent
    assert "The wheels turn." in silent


def test_a_first_chapter_of_the_episodes_name_is_its_opening():
    """The title stands above already; a chapter with a name of its own keeps it."""
    named = vary(chapters=(EpisodeChapter(GENERAL.title, 0.0), *CHAPTERS[1:]))
    nav = re.compile('<nav class="chapters".*?</nav>', re.DOTALL)
    assert "Opening" in nav.search(render(named))[0]
    assert GENERAL.title not in nav.search(render(named))[0]
    assert "Opening" not in nav.search(render())[0]


def test_a_page_leads_to_the_review_and_to_the_episodes_beside_it():
    """The written review where it is known, else its transcript; before and after by title."""
    first, second, third = make_releases(3)
    page = render_episode(SHOW, second, CUES, SITE, cover="", older=first, newer=third).decode()
    leads = _Links(page).leads
    assert "../../episodes/e0/index.html" in leads
    assert "../../episodes/e2/index.html" in leads
    assert page.index("Previous episode") < page.index("Next episode")
    assert 'href="https://example.org/the-general">Read the written review' in render()
    assert 'href="#transcript">Read the review' in render(vary(link=""))
    assert "Previous episode" not in render()


def test_what_is_in_italics_in_the_review_is_so_in_the_transcript():
    """Across words and marks, once where it is written once; a spoiler has none to go by."""
    notes = (
        "<p>A man <em>loves two</em> things.</p><p>He keeps a <i>picture of</i> the girl.</p>"
        "<p>That is the whole <strong>plot</strong>. <em>\u201cThe ride\u201d</em></p>"
    )
    page = render(vary(notes=notes))
    assert "A man <em>loves two</em> things." in page
    assert "He keeps a <em>picture of</em> the girl." in page
    assert "That is the whole plot." in page
    assert "<em>The ride</em>" in page
    assert page.count("<em>") == 3
    marked = set_italics(
        [EpisodeCue(0, 1, "narrator", "Ein Cafe\u0301 <b>")], "<p>ein <em>cafe</em> b"
    )
    assert [(one.text, one.is_italic) for one in marked[0]] == [
        ("Ein ", False),
        ("Cafe\u0301", True),
        (" <b>", False),
    ]


def test_a_page_offers_itself_to_other_sites():
    """WordPress, Ghost and Discord read oEmbed and OpenGraph, Mastodon a player over https."""
    page = render()
    base = "https://example.org/podcast/episodes/the-general/"
    assert (
        f'type="application/json+oembed" title="{GENERAL.title}" href="{base}oembed.json"' in page
    )
    assert '<meta name="twitter:card" content="player">' in page
    assert f'<meta name="twitter:player" content="{base}embed.html">' in page
    assert '<meta property="og:audio" content="https://example.org/podcast/media/' in page
    plain = render(show=vary(SHOW, url="http://example.org/podcast/"))
    assert "twitter:player" not in plain
    assert "oembed.json" in plain
    assert "oembed" not in render(show=vary(SHOW, url=""))
    document = json.loads(render_oembed(Site(SHOW, SITE, "cover.jpg"), GENERAL))
    assert (document["version"], document["type"]) == ("1.0", "rich")
    assert document["title"] == GENERAL.title
    assert f'src="{base}embed.html"' in document["html"]
    assert {"html", "width", "height"} <= set(document)


def test_pictures_of_chapters_and_places_to_follow_stand_on_the_page():
    """A chapter's picture beside its title, the show's places below the player."""
    pictured = vary(chapters=(CHAPTERS[0], EpisodeChapter("The ride", 20.25, "media/ride.jpg")))
    assert '<img src="../../media/ride-small.jpg" alt="" width="40"' in render(pictured)
    assert 'href="https://podcasts.example/1"><bdi>Apple Podcasts</bdi></a>' in render()


def test_a_chapter_without_a_spoken_heading_shows_its_title():
    """The title comes from the chapter; without chapters there is none."""
    cues = (EpisodeCue(21.0, 22.0, "narrator", "Off he runs."),)
    assert '<h3 dir="auto" id="chapter-2">The ride</h3>' in render(cues=cues)
    assert "<h3" not in render(vary(chapters=()), cues=cues)
    assert "Transcript" not in render(cues=())


def test_an_episode_is_described_with_its_review():
    """PodcastEpisode and Review, both with the addresses that the show's URL gives them."""
    episode, review = read_data(render())["@graph"]
    assert episode["@type"] == "PodcastEpisode"
    assert episode["url"] == "https://example.org/podcast/episodes/the-general/index.html"
    assert episode["datePublished"] == "2026-11-22T08:00:00+00:00"
    assert episode["duration"] == "PT45S"
    assert episode["associatedMedia"]["contentUrl"].endswith("/podcast/media/the-general-1a2b.mp3")
    assert episode["partOfSeries"]["name"] == "The Second Reel"
    assert review["itemReviewed"] == {
        "@type": "Movie",
        "name": "The General",
        "datePublished": "1926",
    }
    assert review["reviewRating"] == {
        "@type": "Rating",
        "ratingValue": 4.5,
        "bestRating": 5,
        "worstRating": 0,
    }
    assert review["author"]["name"] == "Ada Marsh"
    assert review["url"] == "https://example.org/the-general"
    assert len(read_data(render(vary(subject="")))["@graph"]) == 1


@pytest.mark.parametrize(
    ("rating", "expected"),
    [
        ("4.5/5", (4.5, 5)),
        ("8 / 10", (8, 10)),
        ("4,5/5", (4.5, 5)),
        ("3½/5", (3.5, 5)),
        ("0/10", (0, 10)),
        ("4 out of 5 stars", (4, 5)),
        ("87%", (87, 100)),
        ("★★★★½", (4.5, 5)),
        ("★★★☆", (3, 4)),
        ("⭐️⭐️", (2, 5)),
        ("B+", None),
        ("4.5", None),
        ("11/10", None),
        ("0/0", None),
        ("", None),
        ("two thumbs up", None),
        ("٣/٥", None),
    ],
)
def test_ratings_with_a_best_value_are_numbers(rating, expected):
    """Grades and words are shown as they are, and not guessed."""
    found = read_data(render(vary(rating=rating)))["@graph"][1].get("reviewRating")
    assert (found and (found["ratingValue"], found["bestRating"])) == expected


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("Arts > Books", "Book"),
        ("Music > Music Commentary", "MusicAlbum"),
        ("TV & Film", "Thing"),
        ("Leisure > Video Games", "VideoGame"),
    ],
)
def test_the_work_is_what_the_show_is_about(category, kind):
    """The show's first category tells what is reviewed."""
    page = render(show=vary(SHOW, categories=(category,)))
    assert read_data(page)["@graph"][1]["itemReviewed"]["@type"] == kind


def test_everything_is_loaded_from_the_show_itself():
    """All that pages load and link to within the show exists, by a relative path."""
    releases = [GENERAL, *make_releases(7)]
    pages = render_index(SHOW, releases, SITE, cover="cover.jpg")
    pages |= {item.page: render(item).encode() for item in releases}
    known = {*pages, *render_assets(SITE), "cover-small.jpg", "feed.xml"}
    known |= {GENERAL.audio, GENERAL.vtt, GENERAL.srt}
    for name, page in pages.items():
        links = _Links(page.decode())
        local = [link for link in links.leads if not link.startswith(("https://", "#"))]
        assert links.loads
        assert local
        for link in [*links.loads, *local]:
            assert link.startswith((".", "..")), (name, link)
            assert normpath(join(dirname(name), link.partition("#")[0])) in known, (name, link)


def test_without_a_url_nothing_claims_an_address():
    """A show that is only tried out has no canonical address, and its pages work the same."""
    page = render(show=vary(SHOW, url=""))
    assert "canonical" not in page
    assert "og:url" not in page
    assert "og:image" not in page
    assert "contentUrl" not in page


def test_addresses_that_lead_nowhere_good_are_dropped():
    """Only http and https leave the page, from settings, releases and notes."""
    bad = "javascript:alert(1)"
    show = vary(SHOW, website=bad, license_url=bad, funding_url="https://x y", url=bad)
    notes = f'<p onclick="x()">A <a href="{bad}">b</a> <a href="/c">c</a> <img src="https://t.example/x.gif"></p>'
    page = render(vary(link=bad, notes=notes), show=show)
    assert "javascript:" not in page
    assert "x y" not in page
    assert "t.example" not in page
    assert "onclick" not in page
    assert 'href="/c"' not in page


@pytest.mark.parametrize("char", ["\ud800", "\u202e", "\x00", " ", '"', "\\"])
def test_addresses_hide_no_characters(char):
    """A character that turns the text around, or cannot be written, makes no link."""
    assert "Read the written review" in render(vary(link="https://example.org/a/x"))
    assert "Read the written review" not in render(vary(link=f"https://example.org/a{char}/x"))


def test_notes_that_are_nested_without_end_stay_quick():
    """A nest that would cost quadratic time becomes plain text; no word is lost."""
    page = render(vary(notes="<ul><li>" * 20_000 + "the end"))
    assert "the end" in page
    assert page.count("<li") < 50


def test_the_same_input_gives_the_same_bytes():
    """A page is a function of its own values."""
    assert render() == render()
    assert render(vary(notes="")) != render()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", '<html lang="de" dir="ltr">'),
        ("ar-EG", '<html lang="ar-EG" dir="rtl">'),
        ("", '<html lang="en" dir="ltr">'),
        ('x"><script>', '<html lang="en" dir="ltr">'),
    ],
)
def test_a_page_is_in_the_language_of_its_episode(language, expected):
    """The page's own English words say that they are."""
    page = render(vary(language=language))
    assert expected in page
    assert ('<h2 id="transcript" lang="en" dir="ltr">' in page) == ('"en"' not in expected)


# --- In a real browser ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    with open_browser() as running:
        yield running


def make_mp3(seconds):
    """Encode silence, so that there is something to play."""
    import lameenc

    encoder = lameenc.Encoder()
    encoder.set_bit_rate(32)
    encoder.set_in_sample_rate(16_000)
    encoder.set_channels(1)
    encoder.set_quality(7)
    encoder.silence()
    return bytes(encoder.encode(bytes(2 * 16_000 * seconds)) + encoder.flush())


def write_files(folder, contents):
    for name, data in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A show below a sub-path of a web server: its folder and its address."""
    from io import BytesIO

    from PIL import Image

    root = tmp_path_factory.mktemp("site")
    folder = root / "below" / "a path"
    cover = BytesIO()
    Image.new("RGB", (1400, 1400), "#16213e").save(cover, "JPEG")
    write_files(
        folder,
        render_assets(SITE)
        | render_index(SHOW, [GENERAL, *make_releases(4)], SITE, cover="cover.jpg", shards=2)
        | {name_shard(2): render_shard([(GENERAL, CUES)])}
        | {name_shard(1): render_shard([(make_releases(1)[0], OLD_CUES)])}
        | {GENERAL.page: render().encode(), GENERAL.audio: make_mp3(45)}
        | {"cover-small.jpg": make_small(cover.getvalue()), "feed.xml": b"<rss/>"},
    )
    with serve_folder(root) as origin:
        yield folder, f"{origin}/below/a%20path"


@pytest.fixture(scope="module")
def window(browser):
    """A window that many tests look through, one after the other: to open one takes a second."""
    with open_page(browser) as opened:
        yield opened


@pytest.fixture
def episode(window, published):
    """The episode's page, loaded anew and silent about itself to the end."""
    _, address = published
    page, recorder = window
    page.goto("about:blank")
    page.goto(f"{address}/{GENERAL.page}")
    wait_until(page, "document.querySelector('audio').readyState > 0")
    yield page
    page.evaluate("() => { localStorage.clear(); Storage.prototype.setItem = () => {}; }")
    assert recorder.errors == []
    assert recorder.get_external(address) == []


def get_time(page):
    return page.evaluate("document.querySelector('audio').currentTime")


def wait_for_time(page, low, high):
    wait_until(
        page,
        f"{low} <= document.querySelector('audio').currentTime"
        f" && document.querySelector('audio').currentTime <= {high}",
    )


def test_the_button_plays_and_pauses(episode):
    """It says what a press will do; the browser's own controls make way."""
    assert not episode.locator("audio").is_visible()
    episode.get_by_role("button", name="Play").click()
    wait_for_time(episode, 0.3, 10)
    episode.get_by_role("button", name="Pause").click()
    episode.get_by_role("button", name="Play").wait_for()
    assert episode.evaluate("document.querySelector('audio').paused")


def test_the_transcript_follows(episode):
    """The words that are spoken are marked as they play, and only they."""
    episode.locator(".chapters a", has_text="The ride").click()
    for text in ("The ride", "Consider two moments:"):
        wait_until(
            episode, f"document.querySelector('.cue[aria-current]')?.textContent === {text!r}"
        )
        assert episode.locator(".cue[aria-current=true]").count() == 1
    assert episode.locator(".chapters a[aria-current=true]").inner_text().split()[-1] == "ride"


def test_the_words_that_play_stay_in_view(browser, published):
    """A reader who watches the current words is taken along by a scroll."""
    _, address = published
    with open_page(browser, viewport={"width": 390, "height": 500}, reduced_motion="reduce") as (
        page,
        _,
    ):
        page.goto(f"{address}/{GENERAL.page}#t=32.8")
        wait_until(page, "document.querySelector('.cue[aria-current]')")
        page.evaluate("document.querySelector('.cue[aria-current]').scrollIntoView({block: 'end'})")
        before = page.evaluate("scrollY")
        page.get_by_role("button", name="Play").click()
        wait_until(page, "document.querySelector('blockquote .cue[aria-current]')")
        wait_until(page, f"scrollY > {before}")


def test_a_chapter_seeks_and_can_be_shared(episode):
    """A press plays from there, and the page's address then tells the place."""
    link = episode.locator(".chapters a", has_text="The ride")
    link.click()
    wait_for_time(episode, 20.25, 30)
    assert episode.url.endswith("#t=20.25")
    episode.evaluate("document.querySelector('audio').pause()")
    link.click()  # again, with the same address
    wait_for_time(episode, 20.25, 22)


@pytest.mark.parametrize(
    ("place", "second"), [("?t=30.5", 30.5), ("#t=0:21", 21), ("#t=12,14", 12), ("?t=x#t=1m", 45)]
)
def test_an_address_can_name_a_second(window, published, place, second):
    """`?t=` and `#t=` start there, within the episode, without playing."""
    _, address = published
    page, recorder = window
    page.goto("about:blank")
    page.goto(f"{address}/{GENERAL.page}{place}")
    wait_until(page, "document.querySelector('audio').readyState > 0")
    wait_for_time(page, second - 0.2, second + 0.2)
    assert page.evaluate("document.querySelector('audio').paused")
    assert recorder.errors == []


def test_words_seek(episode):
    """A press on a sentence plays it."""
    episode.get_by_text("That is the whole plot.").click()
    wait_for_time(episode, 12.8, 15)
    assert episode.evaluate("!document.querySelector('audio').paused")


def test_the_keyboard_reaches_everything(episode):
    """First comes the way past the header; Space plays, arrows seek, Enter takes a time."""
    episode.keyboard.press("Tab")
    assert episode.evaluate("document.activeElement.textContent") == "Skip to the content"
    episode.keyboard.press("Enter")
    assert episode.evaluate("document.activeElement.id") == "content"
    episode.get_by_role("button", name="Play").focus()
    episode.keyboard.press("Space")
    wait_for_time(episode, 0.2, 10)
    episode.keyboard.press("Space")
    start = get_time(episode)
    episode.get_by_role("slider", name="Position").focus()
    for _ in range(3):
        episode.keyboard.press("ArrowRight")
    assert get_time(episode) == pytest.approx(start + 15, abs=0.3)
    assert "of 0:45" in episode.get_by_role("slider").get_attribute("aria-valuetext")
    episode.get_by_role("link", name="Play from 0:26").focus()
    episode.keyboard.press("Enter")
    wait_for_time(episode, 26.8, 30)


def test_space_plays_and_pauses_anywhere_but_in_controls(episode):
    """It neither scrolls nor acts twice; the content that has the focus has no frame."""
    episode.keyboard.press("Tab")
    episode.keyboard.press("Enter")
    assert episode.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none"
    before = episode.evaluate("scrollY")
    episode.keyboard.press("Space")
    wait_for_time(episode, 0.2, 10)
    episode.keyboard.press("Space")
    assert episode.evaluate("document.querySelector('audio').paused")
    assert episode.evaluate("scrollY") == before
    episode.get_by_role("slider", name="Position").focus()
    episode.keyboard.press("Space")
    assert not episode.evaluate("document.querySelector('audio').paused")
    episode.get_by_label("Speed").focus()
    episode.keyboard.press("Space")  # opens the list
    assert not episode.evaluate("document.querySelector('audio').paused")


def test_a_listener_goes_on_where_he_stopped(window, published):
    """The place and the speed are kept, an address that names a second goes before them."""
    _, address = published
    page, recorder = window
    page.goto("about:blank")
    page.goto(f"{address}/{GENERAL.page}#t=26.9")
    page.get_by_label("Speed").select_option("1.25")
    page.get_by_role("button", name="Play").click()
    wait_for_time(page, 27.0, 40)
    page.get_by_role("button", name="Pause").click()
    wait_until(page, f"Number(localStorage.getItem('reviewcast:at:{SHOW.url}{GENERAL.page}')) > 27")
    stopped = get_time(page)
    page.goto("about:blank")
    page.goto(f"{address}/{GENERAL.page}")
    wait_for_time(page, stopped - 0.3, stopped + 0.3)
    assert page.get_by_label("Speed").input_value() == "1.25"
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.25
    page.get_by_role("button", name="From the beginning").click()
    wait_for_time(page, 0, 5)
    page.goto("about:blank")
    page.goto(f"{address}/{GENERAL.page}#t=12")
    wait_for_time(page, 11.9, 12.1)
    page.evaluate("() => { localStorage.clear(); Storage.prototype.setItem = () => {}; }")
    assert recorder.errors == []


def test_arrows_skip_unless_one_types(episode):
    """Left and right go five seconds; where a key has its own meaning nothing happens."""
    episode.locator("body").press("ArrowRight")
    episode.locator("body").press("ArrowRight")
    assert get_time(episode) == pytest.approx(10, abs=0.2)
    episode.locator("body").press("ArrowLeft")
    assert get_time(episode) == pytest.approx(5, abs=0.2)
    episode.locator("body").press("Alt+ArrowRight")
    episode.evaluate("document.querySelector('main').append(document.createElement('textarea'))")
    episode.locator("textarea").press("ArrowRight")
    episode.locator("textarea").press("Space")
    assert get_time(episode) == pytest.approx(5, abs=0.2)
    assert episode.evaluate("document.querySelector('audio').paused")


def test_transcripts_are_searched_on_the_index(window, published):
    """All words, whatever their case and accents, with their places; spoilers are not told."""
    _, address = published
    page, recorder = window
    page.goto(f"{address}/index.html")
    before = len(recorder.requests)
    field = page.get_by_label("Search all transcripts")
    found = page.locator(".found li")
    field.fill("CANNON lowers")
    page.get_by_text("1 episode.").wait_for()
    assert len(recorder.requests) > before, "nothing is fetched before somebody searches"
    assert not [url for url in recorder.requests[:before] if "/search/" in url]
    assert found.locator("h3").inner_text() == GENERAL.title
    assert found.locator("mark").all_inner_texts() == ["cannon", "lowers"]
    assert found.locator("p a").get_attribute("href") == f"{GENERAL.page}#t=32.6"
    field.fill("picture")
    page.get_by_text("2 episodes.").wait_for()
    assert found.locator("h3").all_inner_texts() == [GENERAL.title, "Episode 0"]
    field.fill("amelie")
    page.get_by_text("1 episode.").wait_for()
    assert found.locator("mark").inner_text() == "Am\u00e9lie"
    field.fill("bridge")
    page.get_by_text("No episodes.").wait_for()
    field.fill("<img src=x onerror=alert(1)>")
    page.get_by_text("No episodes.").wait_for()
    field.fill("")
    wait_until(page, "document.querySelector('.state').textContent === ''")
    assert found.count() == 0
    assert (recorder.errors, recorder.dialogs) == ([], [])


def test_what_is_searched_comes_in_parts_of_a_bounded_size():
    """One more episode changes the last part alone; a very long one has its own."""
    every = make_releases(300)
    sizes = [vary(one, duration_s=300.0 + 7 * n % 900) for n, one in enumerate(every)]
    sizes[40] = vary(sizes[40], duration_s=3 * MOST_SHARD_S)
    shards = plan_shards(sizes[::-1])
    assert [one for shard in shards for one in shard] == sizes
    assert (sizes[40],) in shards
    assert all(
        len(shard) == 1 or sum(one.duration_s for one in shard) <= MOST_SHARD_S for shard in shards
    )
    assert len(shards) < sum(one.duration_s for one in sizes) / MOST_SHARD_S * 1.5
    fewer = plan_shards(sizes[:-1])
    assert fewer[:-1] == shards[: len(fewer) - 1]


def test_speed_and_skips(episode):
    """The speed is the audio's own; skips stay within the episode."""
    episode.get_by_label("Speed").select_option("1.5")
    assert episode.evaluate("document.querySelector('audio').playbackRate") == 1.5
    episode.get_by_role("button", name="Forward 30 seconds").click()
    assert get_time(episode) == pytest.approx(30, abs=0.2)
    episode.get_by_role("button", name="Forward 30 seconds").click()
    assert get_time(episode) == pytest.approx(45, abs=0.3)
    for _ in range(4):
        episode.get_by_role("button", name="Back 15 seconds").click()
    assert get_time(episode) == pytest.approx(0, abs=0.2)


def test_without_scripts_the_page_plays_and_chapters_open_the_audio(browser, published):
    """The browser's own controls are there; a chapter leads into the file."""
    _, address = published
    with open_page(browser, java_script_enabled=False) as (page, recorder):
        page.goto(f"{address}/{GENERAL.page}")
        assert page.locator("audio[controls]").is_visible()
        assert not page.locator(".controls").is_visible()
        link = page.locator(".chapters a").nth(1).get_attribute("href")
        assert link == f"../../{GENERAL.audio}#t=20.25"
        assert recorder.errors == []


def test_the_pages_work_from_a_folder(browser, published):
    """Opened as files they look, play and seek the same."""
    folder, _ = published
    with open_page(browser) as (page, recorder):
        page.goto((folder / "index.html").as_uri())
        page.get_by_role("link", name=GENERAL.title).click()
        wait_until(page, "document.querySelector('audio')?.readyState > 0")
        page.locator(".chapters a").nth(1).click()
        wait_for_time(page, 20.25, 30)
        assert recorder.errors == []
        assert recorder.get_external(folder.as_uri()) == []


def test_nothing_runs_out_of_the_window(browser, tmp_path):
    """A word of 300 letters in every place does not make the page wider than it is."""
    word = "Donaudampfschiff" * 19
    release = vary(
        title=word,
        subject=word,
        author=word,
        rating=word,
        description=word,
        notes=f"<p>{word}</p><pre>{word}</pre><table><tr><td>{word}</td><td>x</td></tr></table>",
        chapters=tuple(EpisodeChapter(f"{word} {n}", float(n)) for n in range(9)),
    )
    cues = (EpisodeCue(0.0, 1.0, "quote", word), EpisodeCue(1.0, 2.0, "list", word))
    show = vary(SHOW, title=word, author=word, description=word, copyright=word)
    site = SiteSettings(subscribe={word: "https://example.org/"})
    pages = {release.page: render(release, show=show, cues=cues, site=site).encode()}
    pages |= render_index(show, [release], site, cover="")
    write_files(tmp_path, pages | render_assets(site))
    with serve_folder(tmp_path) as origin, open_page(browser) as (page, _):
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            for name in pages:
                page.goto(f"{origin}/{name}")
                assert page.evaluate("document.documentElement.scrollWidth") == width, name


def test_on_a_phone_the_player_is_two_lines(browser, published):
    """It stays in sight, so it takes little of it: buttons and speed in one line, then the time."""
    _, address = published
    with open_page(browser) as (page, _):
        for width in (320, 360, 390):
            page.set_viewport_size({"width": width, "height": 700})
            page.goto(f"{address}/{GENERAL.page}")
            wait_until(page, "!document.querySelector('.controls').hidden")
            assert page.evaluate("document.querySelector('.player').offsetHeight") < 120, width


XSS = """
<script>alert(1)</script>
</script><script>alert(1)</script>
</title><script>alert(1)</script>
"><img src=x onerror=alert(1)>
'><svg onload=alert(1)>
" onmouseover="alert(1)" autofocus onfocus="alert(1)
' onmouseover='alert(1)
javascript:alert(1)
<a href="jav&#x09;ascript:alert(1)">x</a>
<a href="java\x01script:alert(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<scr\x00ipt>alert(1)</scr\x00ipt>
<!--<script>alert(1)</script>
<!-- --!><img src=x onerror=alert(1)>
<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>
<details open ontoggle=alert(1)>x</details>
<style>@import "//x.example/";</style><link rel=stylesheet href=//x.example/>
<base href="//x.example/"><meta http-equiv=refresh content="0;url=javascript:alert(1)">
<form action=javascript:alert(1)><button>x</button></form>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src onerror=alert(1)&gt;">
<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<template><script>alert(1)</script></template>
<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)">
{{ 7 * 7 }}{% raw %}{{ site.__class__ }}
]]><![CDATA[<script>alert(1)</script>]]>
+ADw-script+AD4-alert(1)+ADw-/script+AD4-
\\u003cscript\\u003ealert(1)\\u003c/script\\u003e
&lt;script&gt;alert(1)&lt;/script&gt;
<img src="`><script>alert(1)</script>">
""".strip().split("\n")


def fill(text):
    """Put a text wherever a page shows one."""
    release = vary(
        title=text,
        subject=text,
        author=text,
        rating=text,
        description=text,
        notes=text,
        link=text,
        language=text,
        chapters=(EpisodeChapter(text, 0.0), EpisodeChapter(text, 1.0)),
    )
    roles = ("title", "narrator", "list", "quote", "spoiler")
    cues = [EpisodeCue(n, n + 0.5, role, text) for n, role in enumerate(roles)]
    show = Show(
        title=text, author=text, description=text, copyright=text, license=text, website=text
    )
    return show, release, cues


def check_harmless(page, address, title):
    """Hold a page against what stands on every one: two scripts, no handlers, its structure."""
    page.goto(address)
    found = page.evaluate(
        """() => ({
            scripts: [...document.scripts].map((script) => script.type || script.src.slice(-11)),
            handlers: [...document.querySelectorAll("html > *, body *")].flatMap((element) =>
                element.getAttributeNames().filter((name) => /^on|^style$|^srcdoc$/.test(name))),
            links: [...document.links].map((link) => link.protocol),
            foreign: document.querySelectorAll(
                "iframe,object,embed,form,base,style,template,math,meta[http-equiv=refresh]").length,
            landmarks: [...document.querySelectorAll("h1,h2,nav,main,footer")].map(
                (element) => element.id || element.localName).join(" "),
            title: document.querySelector("h1").textContent,
            name: JSON.parse(document.querySelector("[type='application/ld+json']").textContent)
                ["@graph"][0].name || "",
        })"""
    )
    assert len(found["scripts"]) == 2
    assert found["scripts"][1] == "application/ld+json"
    assert found["handlers"] == []
    assert set(found["links"]) <= {"http:", "https:", "mailto:"}
    assert found["foreign"] == 0
    expected = "h1 nav chapters transcript"
    assert found["landmarks"].replace("content ", "", 1).removesuffix(" footer") in {
        expected,
        f"{expected} notes",
    }
    assert found["title"] == (title or "Untitled")
    assert found["name"] == title


@pytest.mark.parametrize("kind", ["attacks", "code points"])
def test_no_text_becomes_a_script(browser, tmp_path, kind):
    """All kinds of code points and known attacks, in every field, are shown and not obeyed."""
    texts = XSS if kind == "attacks" else pick_code_points()
    assets = render_assets(SITE)
    if kind == "code points":  # to look for a font for each of them takes minutes
        assets |= {name: b"html { display: none }" for name in assets if "style" in name}
    write_files(tmp_path, assets)
    with serve_folder(tmp_path) as origin, open_page(browser) as (page, recorder):
        for number, text in enumerate(texts):
            show, release, cues = fill(text)
            release = vary(release, page=f"episodes/{number}/index.html", audio="none.mp3")
            written = render_episode(show, release, cues, SITE, cover="")
            assert written.decode("utf-8")
            write_files(tmp_path, {release.page: written})
            title = re.sub("[ \t\n]+", " ", clean_text(text)).strip()
            check_harmless(page, f"{origin}/{release.page}", title)
        assert recorder.dialogs == []
        assert [error for error in recorder.errors if "404" not in error] == []
        assert recorder.get_external(origin) == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_pages_are_accessible(browser, published, scheme, width):
    """axe-core finds nothing serious on any kind of page, in either colour scheme."""
    axe = (require_node_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    _, address = published
    size = {"width": width, "height": 800}
    with open_page(browser, color_scheme=scheme, viewport=size) as (page, _):
        for name in ("index.html", "archive/0001.html", f"{GENERAL.page}#t=26.9"):
            page.goto(f"{address}/{name}")
            page.evaluate(f"() => {{ {axe} }}")
            report = page.evaluate("() => axe.run({resultTypes: ['violations']})")
            faults = [
                (fault["id"], [node["html"] for node in fault["nodes"]])
                for fault in report["violations"]
            ]
            assert faults == [], name
