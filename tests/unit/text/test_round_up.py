"""Several reviews as one: what is said in which chapter, spoilers last, nothing lost."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from reviewcast.model.errors import LostTextError, ReviewError
from reviewcast.settings.schema import Config, Show, SplitSettings
from reviewcast.settings.shelf import CollectSettings
from reviewcast.speech.narration import write_narration
from reviewcast.text.draft import read_draft, tell_unfit
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import (
    RoundUp,
    RoundUpMember,
    encode_round_up,
    prove_joined,
    rebase,
    refresh_round_up,
)
from reviewcast.text.script_completeness import ADDED

REVIEWS = {
    "heat": "subject: Heat\nyear: 1995\nrating: 4/5\nlink: https://example.org/heat\n"
    "image: heat.jpg\n---\n\nTwo men meet. One of them stays.\n",
    "alien": "rating: ★★★★★\nspoiler: true\n---\n\nIt was the robot.\n\n## The end\n\nShe lives.\n",
    "up": "---\n\nA house flies.\n\n## Spoilers\n\nThe hero falls.\n\n## Verdict\n\nSee it.\n",
}


@pytest.fixture
def show(tmp_path):
    for name, text in REVIEWS.items():
        file = tmp_path / "reviews" / f"{name}.md"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"---\ntitle: {name.title()}\n{text}", encoding="utf-8")
    return tmp_path


def read(show, names=("heat", "alien", "up"), **settings):
    made = RoundUp(
        slug="2026-03",
        title="Reviews in brief: March 2026",
        language="en",
        date="2026-03-31",
        members=tuple(RoundUpMember(f"reviews/{name}.md", "") for name in names),
    )
    config = Config(folder=show, show=Show(disclosure="The end."), **settings)
    name = show / "episodes" / "2026-03" / "round-up.json"
    return read_draft(ReviewSource(str(name), encode_round_up(made)), config), config


def write(show, **options):
    draft, config = read(show, **options)
    script = write_narration(draft, config, "espeak").script
    return draft, script


def list_chapters(script):
    said = {title.title: [] for title in script.chapters}
    for segment in script.segments:
        said[script.chapters[segment.chapter].title].append(segment.text)
    return said


def test_a_chapter_a_work_and_spoilers_last(show):
    _, script = write(show)
    assert list_chapters(script) == {
        "Reviews in brief: March 2026": [
            "Reviews in brief: March 2026",
            "3 short reviews.",
            "The end.",
        ],
        "Heat (1995)": ["Heat (1995)", "Two men meet. One of them stays.", "4/5"],
        "Alien": ["Alien", "★★★★★"],
        "Up": ["Up", "A house flies.", "Verdict", "See it."],
        "Spoilers": [
            SplitSettings().spoiler_warning,
            "Alien",
            "It was the robot.",
            "The end",
            "She lives.",
            "Up",
            "Spoilers",
            "The hero falls.",
        ],
    }
    spoken = {segment.text: segment.spoken for segment in script.segments}
    assert spoken["4/5"] == "four out of five"
    assert spoken["★★★★★"] == "five stars"
    assert [one.index for one in script.segments] == list(range(len(script.segments)))
    pause_s = SplitSettings().chapter_pause_s
    for one, after in zip(script.segments, script.segments[1:], strict=False):
        if one.chapter != after.chapter:
            assert one.pause_s >= pause_s
    assert script.segments[-1].pause_s == 0


def test_chapters_have_the_pictures_and_links_of_their_works(show):
    _, script = write(show)
    heat = next(one for one in script.chapters if one.title == "Heat (1995)")
    assert (heat.image, heat.link) == ("reviews/heat.jpg", "https://example.org/heat")


def test_without_spoilers_it_ends_in_its_last_chapter(show):
    _, script = write(show, names=["heat"])
    titles = [one.title for one in script.chapters]
    assert titles == ["Reviews in brief: March 2026", "Heat (1995)"]
    assert script.segments[-1].text == "The end."
    assert "1 short reviews." not in [one.text for one in script.segments]


def test_the_lines_of_the_show_are_said_once(show):
    split = SplitSettings(opening=("Hello.",), closing=("Bye.",))
    settings = CollectSettings(intro="In {title}: {works}, {count} in all.", closing=())
    _, script = write(show, split=split, collect=settings)
    texts = [one.text for one in script.segments]
    assert texts[0] == "Hello."
    assert texts[-2:] == ["Bye.", "The end."]
    line = "In Reviews in brief: March 2026: Heat (1995), Alien, Up, 3 in all."
    assert line in " ".join(texts)
    assert "4/5" not in texts


def test_edits_of_single_reviews_hold(show):
    (show / "reviews/heat.edits.toml").write_text(
        '[[edit]]\ntext = "Heat"\nspoken = "Heet"\n\n'
        '[[edit]]\ntext = "Two men meet. One of them stays."\nrecording = "heat.flac"\n\n'
        '[[edit]]\ntext = "It is not there."\nspoken = "No."\n'
    )
    draft, script = write(show)
    said = {one.text: one for one in script.segments}
    assert said["Heat (1995)"].spoken == "Heet"
    assert said["Two men meet. One of them stays."].recording == "reviews/heat.flac"
    events = []
    tell_unfit(draft, script, events.append)
    assert [one.message.partition(":")[2] for one in events] == [
        " 'It is not there.' in heat.edits.toml."
    ]


def test_the_review_that_stands_for_it(show):
    """Notes, tag and record are made of it."""
    draft, _ = read(show)
    review = draft.review
    assert (review.slug, review.date) == ("2026-03", "2026-03-31")
    assert review.description == "Heat (1995), Alien, Up"
    assert [one.heading for one in review.sections] == [None, "Heat (1995)", "Alien", "Up"]
    roles = [one.role for one in review.sections[3].paragraphs]
    assert roles == ["narrator", "title", "spoiler", "title", "narrator"]


def test_whatever_is_lost_or_repeated_is_found(show):
    """What the show adds may be said as often as it wants."""
    _, script = write(show)
    segments = script.segments
    prove_joined(segments, [script])
    for at, one in enumerate(segments):
        less = segments[:at] + segments[at + 1 :]
        for changed in (less, (*segments, one), (*less, replace(one, text="Other words."))):
            if one.span.section == ADDED:
                prove_joined((*segments, one), [script])
                continue
            with pytest.raises(LostTextError, match="part of a review"):
                prove_joined(changed, [script])


def test_a_review_that_is_gone_is_told(show):
    (show / "reviews/up.md").unlink()
    with pytest.raises(ReviewError, match=r"reviews/up\.md of the round-up 2026-03"):
        read(show)


def test_what_is_no_round_up_is_told(tmp_path):
    source = ReviewSource(str(tmp_path / "round-up.json"), b"{}")
    with pytest.raises(ReviewError, match="is no round-up"):
        read_draft(source, Config(folder=tmp_path))


def test_its_file_changes_when_a_review_does(show):
    member = RoundUpMember("reviews/up.md", "")
    made = RoundUp(slug="a", title="A", language="en", date="", members=(member,))
    source = ReviewSource("round-up.json", encode_round_up(made))
    first = refresh_round_up(source, show)
    assert refresh_round_up(first, show) == first
    (show / "reviews/up.md").write_text("# Up\n\nOther words.\n")
    assert refresh_round_up(first, show) != first


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("a.jpg", "reviews/a.jpg"),
        ("../b.jpg", "b.jpg"),
        ("https://example.org/c.jpg", "https://example.org/c.jpg"),
        ("", ""),
    ],
)
def test_addresses_are_told_from_the_show(address, told):
    assert rebase(address, Path("/s/reviews"), Path("/s")) == told
