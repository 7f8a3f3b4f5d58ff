"""An episode stays the one that it is: renamed, lost, restored, and under any clock."""

import hashlib
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from msgspec.structs import replace
from tests.conftest import require_tool
from tests.support.program import Program
from tests.support.show import add_episode, make_show
from tests.unit.jobs.test_publish import NOW, Recorder, list_items, publish

from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import UsageError
from reviewcast.model.events import Noticed, Warned
from reviewcast.model.podcast import EpisodeCue
from reviewcast.podcast.identity import keep_slug
from reviewcast.settings.schema import ReadSettings
from reviewcast.system.workspace import load_publications, load_records, save_publication
from reviewcast.text.read import ReviewSource, read_review

WRONG = datetime(2001, 1, 1, tzinfo=UTC)
FUTURE = datetime(2030, 5, 5, tzinfo=UTC)
TEXT = "Two soldiers cross a field, and the war does not wait for them. " * 5
REVIEW = f"---\ntitle: Nineteen seventeen\ndate: 2026-10-01\n---\n\n{TEXT}\n"


def list_numbers(show):
    feed = etree.fromstring((show / "public/feed.xml").read_bytes())
    name = "{http://www.itunes.com/dtds/podcast-1.0.dtd}episode"
    return {item.findtext("title"): item.findtext(name) for item in feed.iter("item")}


@pytest.fixture
def show(tmp_path):
    """A show of three finished episodes, built from reviews that are there."""
    folder = make_show(tmp_path / "show")
    (folder / "reviews").mkdir()
    for number, day in ((1, "2026-10-01"), (2, "2026-10-08"), (3, "2026-10-15")):
        source = f"reviews/film-{number}.md"
        (folder / source).write_text(f"# Film {number}\n\nIt is good.\n")
        add_episode(folder, f"film-{number}", number, day, source=source)
    return folder


# --- a wrong clock


def test_a_clock_that_is_behind_takes_nothing_away(show):
    """With a clock of 2001 nothing that is public vanishes, and the clock is warned of."""
    publish(show)
    before = list_items(show)
    events = []
    result = publish(show, now=WRONG, events=events)
    assert list_items(show) == before
    assert not result.changes
    assert not result.scheduled
    (warning,) = [event.message for event in events if isinstance(event, Warned)]
    assert "2001-01-01" in warning
    assert "2026-10-15" in warning
    events.clear()
    publish(show, events=events)
    assert not [event for event in events if isinstance(event, Warned)]


def test_an_episode_of_the_future_stays(show):
    """What was published undated while the clock said 2030 stays, with its date."""
    publish(show)
    add_episode(show, "film-4", 4, "")
    publish(show, now=FUTURE)
    before = list_items(show)
    assert "Film 4" in before
    events = []
    result = publish(show, events=events)
    assert list_items(show) == before
    assert not result.changes
    assert not result.scheduled
    assert [event for event in events if isinstance(event, Warned) and "2030" in event.message]


@pytest.mark.parametrize("now", [NOW, WRONG])
def test_a_lost_record_of_a_public_episode_is_public(show, now):
    """Whatever the clock says, what the live feed names is public and keeps date and guid."""
    add_episode(show, "film-4", 4, "")
    publish(show, now=FUTURE)
    before = list_items(show)
    for file in show.glob("episodes/*/publication.json"):
        file.unlink()
    (show / "publication.json").unlink()
    publish(show, now=now)
    assert list_items(show) == before


def test_a_scheduled_episode_still_waits(show):
    """An episode that was never public does not appear before its time."""
    add_episode(show, "film-4", 4, "2026-12-24")
    publish(show)
    assert set(publish(show).scheduled) == {"film-4"}
    publish(show, now=NOW + timedelta(days=60))
    assert "Film 4" in list_items(show)


def test_files_that_are_retired_by_a_wrong_clock_keep_their_grace(show):
    """A file that is replaced while the clock is behind is not deleted as soon as it is right."""
    publish(show)
    old = list_items(show)["Film 1"][2].removeprefix("https://example.org/podcast/")
    add_episode(show, "film-1", 1, "2026-10-01", audio=b"again" * 999)
    publish(show, now=WRONG)
    publish(show, now=datetime(2026, 10, 20, tzinfo=UTC))
    assert (show / "public" / old).exists()
    publish(show, now=NOW)
    assert not (show / "public" / old).exists()


def test_a_life_by_faketime(tmp_path):
    """The whole program under clocks of 2001 and 2030: nothing vanishes, doubles or moves."""
    faketime = require_tool("faketime")
    show = make_show(tmp_path / "show")
    program = Program(tmp_path / "cache")
    add_episode(show, "film-1", 1, "2026-10-01")

    def run(when):
        command = [faketime, "-f", f"@{when} 12:00:00", *program.command("publish", "--json")]
        done = subprocess.run(
            command, cwd=show, env=program.environ(), capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), done.stderr

    run("2026-10-02")
    first = list_items(show)
    add_episode(show, "film-2", 2, "")
    _, said = run("2001-01-01")
    assert "The clock says 2001-01-01" in said
    assert list_items(show).items() > first.items()
    add_episode(show, "film-3", 3, "")
    run("2030-01-01")
    before = list_items(show)
    assert len(before) == 3
    result, said = run("2026-10-03")
    assert list_items(show) == before
    assert "2030-01-01" in said
    assert not result["changes"]


def test_what_is_withdrawn_beside_an_episode_of_the_future_goes_in_time(show):
    """One date ahead is no wrong clock: a grace period begins now and ends."""
    publish(show)
    add_episode(show, "film-4", 4, "")
    publish(show, now=FUTURE)
    old = list_items(show)["Film 1"][2].removeprefix("https://example.org/podcast/")
    publish(show, withdraw=("film-1",))
    assert (show / "public" / old).exists()
    publish(show, now=NOW + timedelta(days=15))
    assert not (show / "public" / old).exists()
    assert "Film 4" in list_items(show)


# --- renamed and lost


def keep(show, name, text=REVIEW):
    """Tell under which slug a review would be built."""
    (show / name).write_text(text)
    data = (show / name).read_bytes()
    review = read_review(ReviewSource(name, data), ReadSettings(language="en", author=""))
    return keep_slug(review, name, hashlib.sha256(data).hexdigest(), show)


def add_lost(show, slug="1917", *, text=TEXT, **fields):
    values = {"source": f"reviews/{slug}.md", "title": "Nineteen seventeen", "source_sha256": "x"}
    cues = (EpisodeCue(0.0, 1.0, "narrator", text),)
    return add_episode(show, slug, 9, "2026-10-01", cues=cues, **(values | fields))


def test_a_renamed_file_is_the_same_episode(show):
    """By its bytes, or by title, date and most of the text; a second build knows it at once."""
    add_lost(show)
    corrected = REVIEW.replace("a field", "a wide field")
    assert keep(show, "reviews/nineteen.md", corrected) == ("1917", "reviews/1917.md")
    add_lost(show, source="reviews/nineteen.md")
    assert keep(show, "reviews/nineteen.md") == ("1917", "")


def test_other_reviews_are_other_episodes(show):
    """A review is new when the file of the other is there, or two things differ."""
    add_lost(show)
    sequel = REVIEW.replace("Nineteen", "Twenty").replace("-10-", "-11-")
    assert keep(show, "reviews/new.md", sequel) == ("new", "")
    other = "---\ntitle: Nineteen seventeen\ndate: 2026-11-11\n---\n\nSomething else.\n"
    assert keep(show, "reviews/new.md", other) == ("new", "")
    (show / "reviews/1917.md").write_text("It is still there.")
    assert keep(show, "reviews/new.md") == ("new", "")


@pytest.mark.parametrize(
    "text",
    [
        REVIEW.replace("Nineteen seventeen", "1917, a war film"),
        REVIEW.replace("2026-10-01", "2026-10-02"),
        REVIEW.replace(TEXT, "All of it is written anew, and no word of it is left as it was."),
    ],
)
def test_when_two_of_three_agree_it_is_asked(show, text):
    """Title, date or text differs: the build is refused, and the hint settles it either way."""
    add_lost(show)
    with pytest.raises(UsageError) as caught:
        keep(show, "reviews/nineteen.md", text)
    assert caught.value.exit_code == 2
    assert "`slug: 1917`" in caught.value.hint
    for slug in ("1917", "nineteen"):
        said = text.replace("---\n", f"---\nslug: {slug}\n", 1)
        assert keep(show, "reviews/nineteen.md", said) == (slug, "")


def test_two_that_fit_are_asked_about(show):
    """When two lost files had the same review there is no telling which it is."""
    add_lost(show)
    add_lost(show, "war")
    with pytest.raises(UsageError, match="1917"):
        keep(show, "reviews/nineteen.md")


def test_the_old_name_taken_by_another_review(show):
    """A new review under the former name does not overwrite the renamed episode."""
    add_lost(show, source="reviews/nineteen.md")
    (show / "reviews/nineteen.md").write_text(REVIEW)
    with pytest.raises(UsageError, match=r"is that of reviews/nineteen\.md") as caught:
        keep(show, "reviews/1917.md", "# The sequel\n\nAnother film.\n")
    assert "slug: 1917-2" in caught.value.hint


def test_a_file_is_renamed_between_build_and_publish(tmp_path):
    """The program itself: build, publish, rename, build, publish; guid, date, number stay."""
    show = make_show(tmp_path / "show", more='reviews = ["reviews/*.md"]\n')
    (show / "reviews").mkdir()
    review = show / "reviews/1917.md"
    review.write_text(REVIEW)
    program = Program(tmp_path / "cache")
    clock = {"SOURCE_DATE_EPOCH": "1795000000"}

    def run(*arguments):
        result = program.run(*arguments, cwd=show, env=clock)
        assert result.code == 0, result.err
        return result

    run("build", "--voice", "espeak")
    run("publish")
    before, numbers = list_items(show), list_numbers(show)
    review.rename(show / "reviews/nineteen.md")
    assert "stays the episode 1917" in run("build", "--voice", "espeak").err
    run("publish")
    assert (list_items(show), list_numbers(show)) == (before, numbers)
    assert "stays" not in run("build", "--voice", "espeak").err
    short = "---\ntitle: Short\n---\n\nIt begins in a wood, and that is where it ends, too.\n"
    (show / "reviews/short.md").write_text(short)
    run("build", "--voice", "espeak", "reviews/short.md")
    (show / "reviews/short.md").unlink()
    (show / "reviews/brief.md").write_text(short.replace("a wood", "the wood"))
    assert "stays the episode short" in run("build", "--voice", "espeak", "reviews/brief.md").err
    shutil.rmtree(show / "episodes/short")
    (show / "reviews/brief.md").unlink()
    shutil.rmtree(show / "episodes")
    (show / "publication.json").unlink()
    run("build", "--voice", "espeak")
    run("publish")
    after = list_items(show)
    assert [item[:2] for item in after.values()] == [item[:2] for item in before.values()]
    assert list_numbers(show) == numbers


def test_a_second_episode_is_not_published(show):
    """What an earlier version built under the new name is refused, not published twice."""
    add_lost(show)
    publish(show)
    add_lost(show, "nineteen")
    (show / "reviews/nineteen.md").write_text(REVIEW)
    with pytest.raises(UsageError, match="1917") as caught:
        publish(show)
    assert "slug: 1917" in caught.value.hint
    assert len(list_items(show)) == 4
    assert publish(show, include=("nineteen",)).episodes == 5


def test_a_second_episode_of_an_unpublished_one(show):
    """Also when neither was published yet."""
    add_lost(show)
    add_lost(show, "nineteen")
    (show / "reviews/nineteen.md").write_text(REVIEW)
    with pytest.raises(UsageError, match="nineteen may be 1917"):
        publish(show)


def test_another_slug_for_the_same_review(show):
    """A review whose slug was changed after its publication is not published twice."""
    publish(show)
    add_episode(show, "other", 4, "2026-10-15", source="reviews/film-3.md")
    with pytest.raises(UsageError, match="both were built from reviews/film-3"):
        publish(show)
    assert publish(show, include=("other",)).episodes == 4


def test_lost_and_renamed(show):
    """With all records gone and a review renamed, the live feed still tells which it is."""
    publish(show)
    before, numbers = list_items(show), list_numbers(show)
    shutil.rmtree(show / "episodes")
    (show / "publication.json").unlink()
    for number, day in ((1, "2026-10-15"), (2, "2026-10-08")):  # in another order, too
        add_episode(show, f"film-{4 - number}", number, day)
    add_episode(show, "renamed", 3, "2026-10-01", title="Film 1")
    publish(show)
    after = list_items(show)
    assert {title: item[:2] for title, item in after.items()} == {
        title: item[:2] for title, item in before.items()
    }
    assert list_numbers(show) == numbers


def test_lost_beyond_the_first_page(show):
    """Records of episodes on archive pages are read back from there."""
    with (show / "podcast.toml").open("a") as file:
        file.write("[feed]\nitems = 1\n")
    publish(show)
    kept = load_publications(show)
    shutil.rmtree(show / "episodes")
    (show / "publication.json").unlink()
    for number, day in ((3, "2026-10-01"), (2, "2026-10-08"), (1, "2026-10-15")):
        add_episode(show, f"film-{4 - number}", number, day)
    publish(show)
    after = load_publications(show)
    for slug, one in kept.items():
        assert (after[slug].guid, after[slug].published) == (one.guid, one.published)
        assert after[slug].number == one.number


def test_a_backup_from_before_the_publication(show):
    """A record that says nothing of being public takes the date that subscribers know."""
    publish(show)
    before = list_items(show)
    kept = load_publications(show)["film-1"]
    older = replace(kept, released=False, files={}, published=FUTURE, number=None)
    save_publication(show, "film-1", older)
    publish(show)
    assert list_items(show) == before


def test_a_moved_show(show, tmp_path):
    """A show in another folder, its reviews in another one below it, is the same show."""
    publish(show)
    before, numbers = list_items(show), list_numbers(show)
    moved = tmp_path / "elsewhere"
    show.rename(moved)
    (moved / "reviews").rename(moved / "texts")
    assert keep(moved, "texts/film-1.md", "# Film 1\n\nIt is good.\n") == ("film-1", "")
    publish(moved)
    assert (list_items(moved), list_numbers(moved)) == (before, numbers)


# --- numbers


def test_numbers_go_by_date(tmp_path):
    """New episodes are numbered in the order of their dates, not of their file names."""
    show = make_show(tmp_path / "show")
    for number, day in ((1, "2026-10-15"), (2, "2026-10-01"), (3, "2026-10-08")):
        add_episode(show, f"film-{number}", number, day, source=f"reviews/film-{number}.md")
    events = []
    publish(show, events=events)
    expected = {"Film 2": "1", "Film 3": "2", "Film 1": "3"}
    assert list_numbers(show) == expected
    (notice,) = [e.message for e in events if isinstance(e, Noticed) and "MP3" in e.message]
    assert "reviewcast build" in notice
    add_episode(show, "film-0", 4, "2026-09-01")
    publish(show)
    assert list_numbers(show) == expected | {"Film 0": "4"}


def test_a_number_of_the_reviews_own(show):
    """A number that a review tells is taken; new ones begin behind it."""
    add_episode(show, "film-3", 30, "2026-10-15", own_track=True)
    publish(show)
    assert list_numbers(show)["Film 3"] == "30"
    add_episode(show, "film-4", 30, "2026-10-16")
    publish(show)
    assert list_numbers(show)["Film 4"] == "31"
    add_episode(show, "film-3", 29, "2026-10-15", own_track=True)
    publish(show)
    assert list_numbers(show)["Film 3"] == "29"


def test_seasons_are_numbered_apart(tmp_path):
    """Numbers of another season are not taken."""
    show = make_show(tmp_path / "show")
    add_episode(show, "film-1", 1, "2026-10-01", season=1)
    add_episode(show, "film-2", 2, "2026-10-08", season=1)
    add_episode(show, "film-3", 1, "2026-10-15", season=2, own_track=True)
    publish(show)
    assert list_numbers(show) == {"Film 1": "1", "Film 2": "2", "Film 3": "1"}


def test_numbers_of_before_they_were_kept(show):
    """Publication records of older versions have none: that of the build was published."""
    publish(show)
    for file in show.glob("episodes/*/publication.json"):
        data = json.loads(file.read_text())
        del data["number"]
        file.write_text(json.dumps(data))
    (show / "public/feed.xml").unlink()
    publish(show)
    assert list_numbers(show) == {"Film 1": "1", "Film 2": "2", "Film 3": "3"}
    assert {one.number for one in load_publications(show).values()} == {1, 2, 3}


def test_a_batch_is_numbered_by_date(tmp_path):
    """A first build of several reviews goes by their dates; a rebuild changes no number."""
    show = make_show(tmp_path / "show", more='reviews = ["reviews/*.md"]\n')
    (show / "reviews").mkdir()
    for name, day in (("a", "2026-10-15"), ("b", "2026-10-01"), ("c", "2026-10-08")):
        text = f"---\ndate: {day}\n---\n\n# Film {name}\n\nShort.\n"
        (show / f"reviews/{name}.md").write_text(text)
    program = Program(tmp_path / "cache")
    for _ in range(2):
        assert program.run("build", "--voice", "espeak", cwd=show).code == 0
        assert {one.slug: one.track for one in load_records(show)} == {"b": 1, "c": 2, "a": 3}
    publish_to = Recorder(show / "public")
    publish(show, to=publish_to)
    assert load_config(show).folder == show
    assert list_numbers(show) == {"Film b": "1", "Film c": "2", "Film a": "3"}
