"""listen.json and its cues: what other pages are told of an episode."""

import json
from datetime import UTC, datetime

from msgspec.structs import replace

from reviewcast.model.podcast import EpisodeChapter, EpisodeCue, Release
from reviewcast.podcast.site.frame import Site
from reviewcast.podcast.site.listen import (
    list_beside,
    render_cues,
    render_listen,
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
