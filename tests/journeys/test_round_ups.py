"""A shelf of short reviews becomes round-ups: built, corrected, published, and never said twice."""

import json
import os

import pytest
from mutagen.id3 import ID3
from tests.support.program import Program

APRIL = {"SOURCE_DATE_EPOCH": "1775900000"}  # 2026-04-11
TOML = """[show]
title = "Film talk"
url = "https://example.org/podcast/"
description = "What we saw."
[voice]
use = ["espeak"]
[stitch]
intro = ""
outro = ""
sting = ""
[shelf]
alone_from_words = 60
[[shelf.rules]]
tag = "private"
then = "never"
[collect]
by = "month"
at_least_s = 1.5
[site]
pages = false
"""
LONG = "A king parts his realm among his sons, and each of them wants all of it. " * 6


def write(show, name, matter, text):
    (show / "reviews" / f"{name}.md").write_text(f"---\n{matter}\n---\n\n{text}\n")


@pytest.fixture
def show(tmp_path):
    """Three short reviews of March, one of April, a long one, and one that must not be spoken."""
    (tmp_path / "reviews").mkdir()
    (tmp_path / "podcast.toml").write_text(TOML)
    write(tmp_path, "heat", "title: Heat\ndate: 2026-03-02\nrating: 4/5", "Two men meet at night.")
    write(tmp_path, "alien", "title: Alien\ndate: 2026-03-05\nspoiler: true", "It was the robot.")
    write(tmp_path, "up", "title: Up\ndate: 2026-03-09\nlink: https://a.org/up", "A house flies.")
    write(tmp_path, "now", "title: Now\ndate: 2026-04-01", "It is new.")
    write(tmp_path, "ran", "title: Ran\ndate: 2026-02-02", LONG)
    write(tmp_path, "diary", "title: Diary\ndate: 2026-03-03\ntags: [private]", "Xylophonic.")
    return tmp_path


@pytest.fixture
def program(tmp_path):
    """The program with a cache of its own."""
    return Program(tmp_path / "cache")


def build(program, show, *names):
    result = program.run("build", *names, "--json", cwd=show, env=APRIL)
    assert result.code == 0, result.err
    return {one["slug"]: one for one in result.json["episodes"]}


def list_shelf(program, show, *options):
    result = program.run("shelf", "--json", *options, cwd=show, env=APRIL)
    assert result.code == 0, result.err
    rows = result.json["reviews"]
    return {row["slug"]: (row["role"], row["state"], row["round_up"]) for row in rows}


def test_from_the_shelf_to_the_feed(program, show):
    """One journey: what is planned is built, what changes is voiced alone, all of it once."""
    march, text = ("round-up", "new", "2026-03"), ("text only", "new", "")
    assert list_shelf(program, show) == {
        "ran": ("alone", "new", ""),
        "heat": march,
        "diary": text,
        "alien": march,
        "up": march,
        "now": ("round-up", "new", ""),
    }
    plan = program.run("build", "--plan", "--json", cwd=show, env=APRIL)
    assert [one["title"] for one in plan.json["plans"]] == [
        "Ran",
        "Reviews in brief: March 2026",
    ]
    assert not (show / "episodes").exists()

    first = build(program, show)
    assert set(first) == {"ran", "2026-03"}
    chapters = [one["title"] for one in first["2026-03"]["chapters"]]
    assert chapters == [
        "Reviews in brief: March 2026",
        "Heat",
        "Alien",
        "Up",
        "Spoilers",
        "Reviews in brief: March 2026",
    ]
    tag = ID3(show / "episodes/2026-03/2026-03.mp3")
    links = [one.sub_frames["WXXX:"].url for one in tag.getall("CHAP") if "WXXX:" in one.sub_frames]
    assert links == ["https://a.org/up"]
    told = json.loads((show / "episodes/2026-03/2026-03.chapters.json").read_text())["chapters"]
    assert [one.get("url") for one in told] == [None, None, None, "https://a.org/up", None, None]

    again = build(program, show)
    assert {slug: one["sha256"] for slug, one in again.items()} == {
        slug: one["sha256"] for slug, one in first.items()
    }
    assert sum(one["voiced"] for one in again.values()) == 0

    write(show, "up", "title: Up\ndate: 2026-03-09", "A house really flies.")
    assert list_shelf(program, show, "--state", "changed") == {
        "up": ("round-up", "changed", "2026-03")
    }
    changed = build(program, show)
    assert changed["ran"]["voiced"] == 0
    said = [changed["2026-03"]["cues"][at]["text"] for at in changed["2026-03"]["voiced_segments"]]
    assert said == ["A house really flies."]

    published = program.run("publish", "--json", cwd=show, env=APRIL)
    assert published.code == 0, published.err
    assert published.json["episodes"] == 2
    assert "Not built" not in published.err  # diary and now are none that were forgotten
    live = list_shelf(program, show, "--state", "live")
    assert set(live) == {"ran", "heat", "alien", "up"}

    # a review of March that comes late is in no round-up of March, which subscribers have
    write(show, "late", "title: Late\ndate: 2026-03-20", "It came late.")
    (show / "reviews/heat.edits.toml").write_text(
        '[[edit]]\ntext = "Two men meet at night."\nspoken = "Two men, one city."\n'
    )
    later = build(program, show)
    assert list(later["2026-03"]["members"]) == [
        f"reviews/{name}.md" for name in ("heat", "alien", "up")
    ]
    assert later["2026-03"]["voiced"] == 1
    may = APRIL | {"SOURCE_DATE_EPOCH": "1778000000"}
    assert program.run("build", cwd=show, env=may).code == 0
    members = json.loads((show / "episodes/2026-04/episode.json").read_text())["members"]
    assert list(members) == ["reviews/late.md", "reviews/now.md"]

    secret = [
        file.name
        for file in [*(show / "episodes").rglob("*"), *(show / "public").rglob("*")]
        if file.is_file() and b"ylophonic" in file.read_bytes()
    ]
    assert secret == []


def test_a_review_that_is_named_is_built_whatever_the_rules_say(program, show):
    """It then is an episode of its own, and no round-up holds it as well."""
    assert set(build(program, show, "reviews/heat.md")) == {"heat"}
    built = build(program, show)
    assert set(built) == {"heat", "ran", "2026-03"}
    assert list(built["2026-03"]["members"]) == ["reviews/alien.md", "reviews/up.md"]


def test_a_rule_holds_back_what_is_built_unless_it_is_named(program, show):
    """Also when it was built by its name."""
    assert set(build(program, show, "reviews/diary.md")) == {"diary"}
    published = program.run("publish", "--json", cwd=show, env=APRIL)
    assert (published.json["episodes"], published.json["drafts"]) == (0, ["diary"])
    assert program.run("publish", "diary", "--json", cwd=show, env=APRIL).json["episodes"] == 1


def test_an_episode_under_another_name_is_in_no_round_up(program, show):
    """Its file is renamed after it was built alone: it stays the episode that it is."""
    build(program, show, "reviews/heat.md")
    (show / "reviews/heat.md").rename(show / "reviews/thief.md")
    assert list_shelf(program, show)["thief"] == ("alone", "spoken", "")
    built = build(program, show)
    assert set(built) == {"heat", "ran", "2026-03"}
    assert built["heat"]["source"] == "reviews/thief.md"
    assert list(built["2026-03"]["members"]) == ["reviews/alien.md", "reviews/up.md"]


def test_a_member_may_be_taken_out_of_what_is_public(program, show):
    """`episode: never` holds for a round-up that is there, too."""
    build(program, show)
    write(show, "heat", "title: Heat\ndate: 2026-03-02\nepisode: never", "Two men meet at night.")
    built = build(program, show)
    assert list(built["2026-03"]["members"]) == ["reviews/alien.md", "reviews/up.md"]
    assert b"Two men" not in (show / "episodes/2026-03/2026-03.mp3").read_bytes()
    assert "Two men" not in (show / "episodes/2026-03/2026-03.vtt").read_text()


def test_scripts_and_previews_of_a_round_up(program, show):
    """What was built can be looked at by its file; it is corrected where its reviews are."""
    build(program, show)
    file = "episodes/2026-03/round-up.json"
    script = program.run("script", file, "--json", cwd=show, env=APRIL).json
    assert script["title"] == "Reviews in brief: March 2026"
    count = len(script["segments"])
    listed = program.run("preview", file, cwd=show, env=APRIL).out
    assert f"{count} segments, {count} in the store" in listed
    refused = program.run("preview", file, "--web", cwd=show, env=APRIL)
    assert refused.code == 2
    assert "corrected where its reviews are" in refused.err


def test_a_table_for_people(program, show):
    result = program.run("shelf", "--year", "2026", "--rating", "3-5", cwd=show, env=APRIL)
    assert result.out.splitlines()[1].split() == [
        *("2026-03-02", "4/5", "5", "in", "2026-03", "new", "Heat")
    ]
    assert result.out.splitlines()[-1] == "1 of 6 reviews: 1 in 1 round-up."
    waits = program.run("shelf", "--state", "new", "--tag", "none", cwd=show, env=APRIL)
    assert waits.out == "0 of 6 reviews.\n"
    wrong = program.run("shelf", "--rating", "good", cwd=show, env=APRIL)
    assert (wrong.code, wrong.out) == (2, "")
    turned = program.run("shelf", "--year", "2030-2010", cwd=show, env=APRIL)
    assert (turned.code, "Turn it round: 2010-2030" in turned.err) == (2, True)


def test_a_passing_typo_takes_nothing_out_of_a_round_up(program, show):
    """Its build fails with the reason, what was there is there still, and the next one is whole."""
    before = build(program, show)["2026-03"]
    write(show, "heat", 'title: "Heat\ndate: 2026-03-02', "Two men meet at night.")
    failed = program.run("build", "--json", cwd=show, env=APRIL)
    assert failed.code == 3
    assert [one["slug"] for one in failed.json["episodes"]] == ["ran"]
    assert [one["review"] for one in failed.json["failed"]] == ["episodes/2026-03/round-up.json"]
    assert "not valid YAML" in failed.json["failed"][0]["error"]
    record = json.loads((show / "episodes/2026-03/episode.json").read_text())
    assert record["members"] == before["members"]
    write(show, "heat", "title: Heat\ndate: 2026-03-02\nrating: 4/5", "Two men meet at night.")
    assert build(program, show)["2026-03"]["sha256"] == before["sha256"]


def test_a_round_up_that_all_have_left_is_taken_back_by_hand(program, show):
    """It is public with all of them until then: every run says so, and none advises to build."""
    build(program, show)
    assert program.run("publish", cwd=show, env=APRIL).code == 0
    for name in ("heat", "alien", "up"):
        write(
            show, name, f"title: {name.title()}\ndate: 2026-03-02\nepisode: never", "Other words."
        )
    warning = "The round-up 2026-03 holds nothing any more: reviewcast unpublish 2026-03"
    assert warning in program.run("build", cwd=show, env=APRIL).err
    assert warning in program.run("shelf", cwd=show, env=APRIL).err
    published = program.run("publish", cwd=show, env=APRIL)
    assert warning in published.err
    assert "Build first" not in published.err
    assert program.run("unpublish", "2026-03", cwd=show, env=APRIL).code == 0
    for command in ("build", "shelf", "publish"):
        assert "2026-03 holds nothing" not in program.run(command, cwd=show, env=APRIL).err


def test_a_review_that_is_said_twice_is_told(program, show):
    """By the build that makes it so, and by every publication until one of them is taken back."""
    build(program, show)
    result = program.run("build", "reviews/heat.md", cwd=show, env=APRIL)
    assert result.code == 0
    assert "reviews/heat.md is in the round-up 2026-03, too" in result.err
    twice = "reviews/heat.md is in several episodes: 2026-03, heat."
    assert twice in program.run("publish", cwd=show, env=APRIL).err
    assert program.run("unpublish", "heat", cwd=show, env=APRIL).code == 0
    again = program.run("publish", cwd=show, env=APRIL)
    assert "several episodes" not in again.err
    assert "is in the round-up" not in program.run("build", "reviews/ran.md", cwd=show).err


def test_a_draft_is_no_part_of_a_round_up(program, show):
    write(show, "up", "title: Up\ndate: 2026-03-09\ndraft: true", "A house flies.")
    assert list(build(program, show)["2026-03"]["members"]) == [
        "reviews/heat.md",
        "reviews/alien.md",
    ]
    assert list_shelf(program, show, "--state", "draft") == {"up": ("round-up", "draft", "")}


def test_what_must_not_be_public_by_now_is_not_published(program, show):
    """Also when it was built before: neither its own episode nor the round-up that holds it."""
    build(program, show)
    write(show, "heat", "title: Heat\ndate: 2026-03-02\nepisode: never", "Two men meet at night.")
    write(show, "ran", "title: Ran\ndate: 2026-02-02\ndraft: true", LONG)
    result = program.run("publish", "--json", cwd=show, env=APRIL)
    assert (result.code, result.json["episodes"]) == (0, 0), result.err
    assert set(result.json["drafts"]) == {"2026-03", "ran"}
    build(program, show)  # the round-up is made anew, without it
    assert program.run("publish", "--json", cwd=show, env=APRIL).json["episodes"] == 1
    assert list_shelf(program, show, "--state", "live").keys() == {"alien", "up"}


def test_one_name_that_is_not_utf_8_stops_nothing(program, show):
    """Shelf, build and publish do all the others, and say which file is left out."""
    (show / os.fsdecode(b"reviews/caf\xe9.md")).write_text("# Cafe\n\nIt is open.\n")
    shelf = program.run("shelf", "--json", cwd=show, env=APRIL)
    assert (shelf.code, len(shelf.json["reviews"])) == (0, 6), shelf.err
    assert r"caf\xe9.md: The name caf\xe9.md is not UTF-8" in shelf.err
    built = program.run("build", "--json", cwd=show, env=APRIL)
    assert {one["slug"] for one in built.json["episodes"]} == {"ran", "2026-03"}
    assert [one["review"] for one in built.json["failed"]] == [r"reviews/caf\xe9.md"]
    published = program.run("publish", "--json", cwd=show, env=APRIL)
    assert (published.code, published.json["episodes"]) == (0, 2), published.err
