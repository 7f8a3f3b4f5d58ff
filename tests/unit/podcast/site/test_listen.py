"""listen.json and its cues: what other pages are told of an episode."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from tests.support.browser import open_browser, open_page, serve_folder, wait_until

from reviewcast.model.podcast import EpisodeChapter, EpisodeCue, Release
from reviewcast.podcast.site.frame import Site
from reviewcast.podcast.site.listen import (
    count_parts,
    list_beside,
    render_cues,
    render_listen,
    render_parts,
    render_shared,
)
from reviewcast.settings.schema import Show, SiteSettings

SITE = Site(Show(title="Film\x00 talk", url="https://example.org/p/"), SiteSettings(), "")
HEAT = Release(
    slug="heat",
    guid="1",
    title="Heat",
    published=datetime(2026, 1, 1, tzinfo=UTC),
    audio="media/heat-1a.mp3",
    size_bytes=1,
    duration_s=90.0,
    page="episodes/heat/index.html",
    chapters=(EpisodeChapter("Opening", 0.0), EpisodeChapter("The bank", 30.5)),
    language="en",
    link="https://blog.example/heat/",
)


def read(*releases, sources=None):
    return json.loads(render_listen(SITE, releases, sources or {}))


def test_an_episode_is_told_with_all_that_plays_it():
    """Addresses start from the file itself; the newest episode comes first."""
    newer = replace(HEAT, slug="ran", published=datetime(2026, 2, 1, tzinfo=UTC), link="")
    listen = read(HEAT, newer, sources={"heat": "ab" * 32})
    assert (listen["version"], listen["title"], listen["feed"]) == (1, "Film talk", "feed.xml")
    assert [one["slug"] for one in listen["episodes"]] == ["ran", "heat"]
    assert listen["episodes"][1] == {
        "slug": "heat",
        "post": "https://blog.example/heat/",
        "title": "Heat",
        "language": "en",
        "page": "episodes/heat/index.html",
        "embed": "episodes/heat/embed.html",
        "cues": "episodes/heat/cues.json",
        "audio": "media/heat-1a.mp3",
        "duration": 90.0,
        "chapters": [
            {"startTime": 0.0, "title": "Opening"},
            {"startTime": 30.5, "title": "The bank"},
        ],
        "source_sha256": "ab" * 32,
    }


def test_each_post_of_a_round_up_has_its_stretch():
    """From its chapter to the next one; an address that leads nowhere has none."""
    chapters = (
        EpisodeChapter("Opening", 0.0),
        EpisodeChapter("Ran", 10.0, link="https://blog.example/ran/"),
        EpisodeChapter("Heat", 40.0, link="https://blog.example/heat/"),
        EpisodeChapter("Odd", 80.0, link="javascript:alert(1)"),
    )
    entries = read(replace(HEAT, chapters=chapters, link=""))["episodes"]
    assert [(one["post"], one["title"], one.get("start"), one.get("end")) for one in entries] == [
        ("", "Heat", None, None),
        ("https://blog.example/ran/", "Ran", 10.0, 40.0),
        ("https://blog.example/heat/", "Heat", 40.0, 80.0),
    ]


ODD_POSTS = (
    "https://blog.example/2026/01/heat/",
    "https://www.blog.example/Heat.html",
    "http://blog.example/heat-2/index.htm",
    "https://blog.example/?p=1234",
    "https://blog.example/reviews/a&b=c/?x=1&y=(2)",
    "https://blog.example/Krítik/straße-über-Ünsinn/",
    "https://blog.example/%E6%98%A0%E7%94%BB/%e4%b8%83%e4%ba%ba",
    "https://blog.example/映画/七人の侍",
    "https://blog.example/фильм?ё=ж",
    "https://blog.example/a/../b/./dotted/",
    "https://blog.example//double//slash/",
    "https://blog.example/a_b/~tilde/c+d,e;f=g@h!$*",
    "https://blog.example/100%/off%",
    "https://münchen.example/heat/",
    "https://straße.example/über-den-film/",
    "https://blog.example:443/port/",
    "https://blog.example/emoji-🎬/",
    "https://blog.example",
)


def make_long_show(count):
    """Return a show of so many episodes, of which the oldest have odd posts."""
    return [
        replace(
            HEAT,
            slug=f"film-{n}",
            guid=str(n),
            published=HEAT.published + timedelta(days=n),
            page=f"episodes/film-{n}/index.html",
            link=ODD_POSTS[n] if n < len(ODD_POSTS) else f"https://blog.example/{n}-film/",
        )
        for n in range(count)
    ]


@pytest.mark.parametrize(("entries", "parts"), [(0, 1), (16, 1), (17, 2), (33, 4), (300, 32)])
def test_a_long_show_is_listed_in_parts(entries, parts):
    """A short one needs none; each episode of a long one is there by its post and its name."""
    assert count_parts(entries) == parts
    listed = render_parts(render_listen(SITE, make_long_show(entries), {}))
    assert len(listed) == (parts if parts > 1 else 0)
    if listed:
        slugs = {one["slug"] for data in listed.values() for one in json.loads(data)["episodes"]}
        assert slugs == {f"film-{n}" for n in range(entries)}


def test_a_page_loads_its_part_alone():
    """Of 300 episodes a post loads one of 32 files of at most a tenth of the whole."""
    whole = render_listen(SITE, make_long_show(300), {f"film-{n}": "ab" * 32 for n in range(300)})
    parts = render_parts(whole)
    assert len(whole) > 100_000
    assert max(map(len, parts.values())) < len(whole) / 10
    assert sum(map(len, parts.values())) / len(parts) < 7000


def test_one_more_episode_changes_few_parts():
    """So that a publication sends little."""
    before, after = (render_parts(render_listen(SITE, make_long_show(n), {})) for n in (299, 300))
    assert before.keys() == after.keys()
    assert sum(before[name] != after[name] for name in after) <= 2


@pytest.fixture(scope="module")
def browser():
    with open_browser() as running:
        yield running


def write_long_show(folder):
    """Write what a long show publishes for the script; return its episodes."""
    releases = make_long_show(40)
    whole = render_listen(SITE, releases, {})
    parts = render_parts(whole)
    files = parts | render_shared(len(parts)) | {"listen.json": whole}
    files |= {one.page.replace("index.html", "cues.json"): EMPTY_CUES for one in releases}
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return releases


EMPTY_CUES = b'{"version": 1, "slug": "x", "cues": [], "silent": []}'
BLANK = '<!doctype html><link rel="icon" href="data:,"><body><p>Hello.'
FOUND = "document.querySelector('reviewcast-player')?.shadowRoot.querySelector('p > a')?.href"


def open_post(page, origin, **values):
    """Open a page with the script, and return where its player leads to."""
    page.goto(f"{origin}/blank.html")
    page.evaluate(
        """(values) => {
            const script = Object.assign(document.createElement("script"), { src: "listen.js" });
            Object.assign(script.dataset, values);
            document.body.append(script);
        }""",
        values,
    )
    wait_until(page, FOUND)
    return page.evaluate(FOUND)


def test_every_post_finds_its_episode_in_the_parts(browser, tmp_path):
    """However its address is written, as the browser writes it too; nothing else is loaded."""
    releases = write_long_show(tmp_path)
    (tmp_path / "blank.html").write_text(BLANK)
    with serve_folder(tmp_path) as origin, open_page(browser) as (page, recorder):
        for release in releases[: len(ODD_POSTS) + 3]:
            written = {release.link, page.evaluate("(url) => new URL(url).href", release.link)}
            for post in written:
                found = open_post(page, origin, post=post)
                assert found == f"{origin}/{release.page}", post
        by_name = open_post(page, origin, episode="film-39", post="https://blog.example/none/")
        assert by_name == f"{origin}/{releases[39].page}"
        assert not [url for url in recorder.requests if url.endswith("/listen.json")]
        assert recorder.errors == []


def test_a_part_that_is_not_there_is_no_loss(browser, tmp_path):
    """While another publication is under way, all of listen.json is read in its place."""
    releases = write_long_show(tmp_path)
    (tmp_path / "blank.html").write_text(BLANK)
    for part in (tmp_path / "listen").iterdir():
        part.unlink()
    with serve_folder(tmp_path) as origin, open_page(browser) as (page, _):
        assert open_post(page, origin, post=releases[5].link) == f"{origin}/{releases[5].page}"


def test_cues_tell_what_the_review_itself_says():
    """Not its title, nor spoilers, nor what the script adds; what has no word is no cue."""
    cues = [
        EpisodeCue(1.0, 2.0, "title", "Heat"),
        EpisodeCue(2.0, 3.0, "narrator", "“Cops & robbers.”"),
        EpisodeCue(3.0, 4.0, "spoiler", "He dies."),
        EpisodeCue(4.0, 5.0, "narrator", "A synthetic voice read this."),
        EpisodeCue(5.0, 6.0, "narrator", "…"),
    ]
    notes = "<p>Heat: <em>cops</em> &amp; robbers.</p><p>He dies.</p>"
    told = json.loads(render_cues(HEAT, cues, notes, ["A caption", "***"]))
    assert told["cues"] == [
        [1.0, 2.0, "Heat", 0],
        [2.0, 3.0, "“Cops & robbers.”", 1],
        [3.0, 4.0, "He dies.", 0],
        [4.0, 5.0, "A synthetic voice read this.", 0],
    ]
    assert told["silent"] == ["A caption"]


def test_all_files_of_an_episode_are_known():
    """They leave with it."""
    assert list_beside("episodes/heat/index.html") == {
        f"episodes/heat/{name}" for name in ("cues.json", "embed.html", "index.html", "oembed.json")
    }


def test_the_script_is_served_without_comments_and_in_less_than_8_kb():
    """Its strings stay as they are written."""
    script = render_shared()["listen.js"]
    assert len(script) < 8000
    assert b"//" not in script.replace(b"(/", b"")
    assert b"The audio is of an older version of this text." in script
