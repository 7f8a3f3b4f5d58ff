"""A review's ids lead from its chapters, notes and page to the work in databases."""

import json
import re

import podcastparser
import pytest
from lxml import etree
from mutagen.id3 import ID3
from tests.support.partytime import read_with_partytime
from tests.support.program import Program
from tests.support.show import URL, make_show

IMDB = "https://www.imdb.com/title/tt0041959/"
TMDB = "https://www.themoviedb.org/movie/1092"
REVIEW = """---
title: The Third Man
subject: The Third Man (1949)
imdb: tt0041959
tmdb: "1092"
{more}---
# Vienna

It begins in Vienna, where the sewers are.

## Verdict

It is about penicillin.
"""
PLAIN = REVIEW.replace('imdb: tt0041959\ntmdb: "1092"\n', "")
BARE = '[voice]\nuse = ["espeak"]\n[stitch]\nintro = ""\noutro = ""\nsting = ""\n'


@pytest.fixture
def run(tmp_path):
    """Build and publish reviews by their names; gives the folder of what is published."""

    def run(more=BARE, **reviews):
        show = make_show(tmp_path / "show", more=more)
        (show / "reviews").mkdir(exist_ok=True)
        for name, text in reviews.items():
            (show / f"reviews/{name}.md").write_text(text, encoding="utf-8")
        said = ""
        for command in ("build", "publish", "check"):
            done = Program(tmp_path / "cache").run(command, cwd=show)
            assert done.code == 0, done.out + done.err
            said += done.err
        return show, said

    return run


def read_chapters(public):
    """Return the links of all chapters: of the tag, the chapter file and the feed, by titles."""
    (audio,) = public.glob("media/*.mp3")
    (chapters,) = public.glob("media/*.chapters.json")
    tag = [
        (frame.sub_frames["TIT2"].text[0], next(iter(frame.sub_frames.getall("WXXX")), None))
        for frame in ID3(audio).getall("CHAP")
    ]
    feed = etree.parse(public / "feed.xml").iter("{http://podlove.org/simple-chapters}chapter")
    return (
        [(title, link and link.url) for title, link in tag],
        [(one["title"], one.get("url")) for one in json.loads(chapters.read_bytes())["chapters"]],
        [(one.get("title"), one.get("href")) for one in feed],
    )


def test_a_review_leads_to_its_work(run):
    """By the link of its opening, a line of its notes, and what search engines read."""
    show, said = run(third=REVIEW.format(more="isbn: 978-0-14-044913-7\n"))
    public = show / "public"
    assert "has a wrong check digit" in said
    links = [("Opening", IMDB), ("Verdict", None)]
    assert read_chapters(public) == (links, links, links)
    data = (public / "feed.xml").read_bytes()
    (episode,) = podcastparser.parse(f"{URL}feed.xml", (public / "feed.xml").open("rb"))["episodes"]
    assert [one.get("href") for one in episode["chapters"]] == [IMDB, None]
    (item,) = read_with_partytime(data)["items"]
    assert item["title"] == "The Third Man"
    notes = etree.fromstring(data).findtext(
        "channel/item/{http://purl.org/rss/1.0/modules/content/}encoded"
    )
    facts = re.findall(r"<p>(<a [^>]*>IMDb</a> · <a [^>]*>TMDB</a>)</p>", notes)
    assert re.findall(r'href="([^"]*)"', facts[0]) == [IMDB, TMDB]
    page = (public / "episodes/third/index.html").read_text(encoding="utf-8")
    graph = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])
    review = next(one for one in graph["@graph"] if one["@type"] == "Review")
    assert review["itemReviewed"] == {
        "@type": "Movie",
        "name": "The Third Man",
        "datePublished": "1949",
        "sameAs": [IMDB, TMDB],
    }


def test_a_review_without_ids_is_what_it_was(run):
    """No chapter leads anywhere, and its record is silent of works."""
    show, _ = run(third=PLAIN.format(more=""))
    links = [("Opening", None), ("Verdict", None)]
    assert read_chapters(show / "public") == (links, links, links)
    assert "same_as" not in (show / "episodes/third/episode.json").read_text()


def test_ids_cost_no_speech(run, tmp_path):
    """Given later, they change tag and chapters alone; nothing is voiced or encoded again."""
    show, _ = run(third=PLAIN.format(more=""))
    (show / "reviews/third.md").write_text(REVIEW.format(more=""), encoding="utf-8")
    done = Program(tmp_path / "cache").run("build", "--json", cwd=show)
    episode = done.episode
    assert (episode["voiced"], episode["blocks"]) == (0, episode["blocks_reused"])
    assert episode["same_as"] == [IMDB, TMDB]
    assert [one.get("link") for one in episode["chapters"]] == [IMDB, None]


def test_a_round_up_leads_to_each_work(run):
    """To the written review where it is known, else to the work."""
    collect = (
        '[shelf]\nalone_from_words = 60\n[collect]\nby = "count"\ncount = 2\nat_least_s = 1.5\n'
    )
    heat = "title: Heat\nlink: https://blog.example/heat\nimdb: tt0113277"
    show, _ = run(
        more=BARE + collect,
        a=f"---\n{heat}\n---\nIt is blue.\n",
        b="---\ntitle: Ran\nimdb: tt0089881\n---\nIt is red, and it is green, too.\n",
    )
    (record,) = (show / "episodes").glob("*/*.chapters.json")
    found = {one["title"]: one.get("url") for one in json.loads(record.read_bytes())["chapters"]}
    assert found["Heat"] == "https://blog.example/heat"
    assert found["Ran"] == "https://www.imdb.com/title/tt0089881/"
