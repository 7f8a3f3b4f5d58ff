"""What becomes of the reviews of a shelf: roles, groups, and what was built before."""

from collections import Counter

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.model.audio import Loudness
from reviewcast.model.errors import ConfigError
from reviewcast.model.podcast import EpisodeRecord
from reviewcast.podcast.round_ups import decide_role, plan_shelf
from reviewcast.settings.schema import Config
from reviewcast.settings.shelf import CollectSettings, ShelfRule, ShelfSettings
from reviewcast.text.look import Look

TODAY = "2026-03-15"


def make(name, date="2026-01-10", words=200, **fields):
    values = {
        "source": f"reviews/{name}.md",
        "sha256": f"sha of {name}",
        "slug": name,
        "title": name.title(),
        "subject": "",
        "date": date,
        "rating": "",
        "stars": None,
        "tags": (),
        "words": words,
        "language": "en",
    }
    return msgspec.convert(values | fields, Look)


def record(slug, source="", members=(), **fields):
    return EpisodeRecord(
        slug=slug,
        title=slug,
        path="",
        size_bytes=1,
        duration_s=1.0,
        sha256="",
        voice="espeak",
        language="en",
        loudness=Loudness(-16, -1),
        chapters=(),
        source=source,
        **fields,
        members={f"reviews/{name}.md": f"sha of {name}" for name in members},
    )


def collect(by="month", least=1000, rules=(), **fields):
    shelf = ShelfSettings(alone_from_words=least, rules=tuple(ShelfRule(**one) for one in rules))
    return Config(shelf=shelf, collect=CollectSettings(by=by, **fields))


def groups(looks, config, records=(), today=TODAY):
    plan = plan_shelf(looks, records, config, today)
    return {
        made.slug: [one.source.removeprefix("reviews/").removesuffix(".md") for one in made.members]
        for made in plan.round_ups
    }


def test_without_settings_all_are_alone():
    plan = plan_shelf([make("a", words=1)], (), Config(), TODAY)
    assert (plan.roles, plan.round_ups) == ({"reviews/a.md": "alone"}, ())


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({"tag": "Horror"}, {"b"}),
        ({"rating_below": 2}, {"a"}),
        ({"rating_from": 2}, {"b"}),
        ({"year_before": 2020}, {"a"}),
        ({"year_from": 2020}, {"b"}),
        ({"words_below": 100}, {"a"}),
        ({"words_from": 100}, {"b", "c"}),
        ({"rating_from": 1, "words_below": 100}, {"a"}),
        ({}, {"a", "b", "c"}),
    ],
)
def test_rules(rule, fits):
    """All conditions of a rule must fit; without a rating or a date none on it does."""
    looks = [
        make("a", "2019-12-31", words=99, stars=1.5),
        make("b", "2020-01-01", words=100, stars=2.0, tags=("x", "horror")),
        make("c", "", words=100),
    ]
    config = collect(least=0, rules=[rule | {"then": "never"}])
    assert {one.slug for one in looks if decide_role(one, config) == "never"} == fits


def test_the_first_rule_that_fits_decides_and_front_matter_last():
    rules = [{"tag": "x", "then": "alone"}, {"then": "never"}]
    config = collect(rules=rules)
    assert decide_role(make("a", tags=("x",)), config) == "alone"
    assert decide_role(make("a"), config) == "never"
    assert decide_role(make("a", own_role="round-up", tags=("x",)), config) == "round-up"


def test_length_alone_makes_no_episode_shorter_than_round_ups_are():
    """250 words are hardly 80 seconds; a rule or the front matter may want it so."""
    config = collect(least=250)
    assert decide_role(make("a", words=260), config) == "round-up"
    assert decide_role(make("a", words=330), config) == "alone"
    assert decide_role(make("a", words=260), collect(by="", least=250)) == "alone"


def test_months_that_are_over_are_round_ups():
    looks = [
        make("b", "2026-01-20", words=200),
        make("a", "2026-01-10", words=200),
        make("c", "2026-02-03", words=400),
        make("d", "2026-03-01", words=900),
        make("e", "", words=900),
    ]
    assert groups(looks, collect()) == {"2026-01": ["a", "b"], "2026-02": ["c"]}
    plan = plan_shelf(looks, (), collect(), TODAY)
    assert plan.waiting == {
        "reviews/d.md": "2026-03 is not over",
        "reviews/e.md": "it has no date",
    }
    assert plan.round_ups[0].title == "Reviews in brief: January 2026"
    assert plan.round_ups[0].date == "2026-01-20"


def test_a_month_that_is_too_short_joins_the_next():
    looks = [make("a", "2026-01-10"), make("b", "2026-02-10"), make("c", "2026-03-10")]
    assert groups(looks[:2], collect()) == {"2026-02": ["a", "b"]}
    plan = plan_shelf(looks[:1], (), collect(), TODAY)
    assert plan.waiting == {"reviews/a.md": "its group is too short yet"}


def test_years_tags_and_counts():
    looks = [
        make(name, f"20{18 + at}-05-05", words=400, tags=tags)
        for at, (name, tags) in enumerate(
            [("a", ("Horror",)), ("b", ("war",)), ("c", ("horror",)), ("d", ()), ("e", ("war",))]
        )
    ]
    years = {"2018": ["a"], "2019": ["b"], "2020": ["c"], "2021": ["d"], "2022": ["e"]}
    assert groups(looks, collect("year")) == years
    assert groups(looks, collect("tag")) == {"tag-horror": ["a", "c"], "tag-war": ["b", "e"]}
    by_two = {"round-up-001": ["a", "b"], "round-up-002": ["c", "d"]}
    assert groups(looks, collect("count", count=2)) == by_two
    waiting = plan_shelf(looks, (), collect("count", count=2), TODAY).waiting
    assert waiting == {"reviews/e.md": "1 of 2 are there"}


def test_what_is_built_stays_and_late_ones_join_the_next():
    """A review of January that comes in March is in February's, nowhere twice."""
    looks = [
        make("a", "2026-01-10"),
        make("late", "2026-01-15"),
        make("b", "2026-01-20"),
        make("c", "2026-02-03", words=400),
    ]
    built = [record("2026-01", members=["a", "b"])]
    assert groups(looks, collect(), built) == {"2026-01": ["a", "b"], "2026-02": ["late", "c"]}


def test_many_late_ones_are_a_second_round_up_of_their_month():
    looks = [make("a"), make("late", words=400)]
    plan = plan_shelf(looks, [record("2026-01", members=["a"])], collect(), TODAY)
    second = plan.round_ups[1]
    assert (second.slug, second.title) == ("2026-01-2", "Reviews in brief: January 2026 (2)")


def test_counts_go_on_behind_what_is_built():
    looks = [make(name, f"2026-01-0{at}", words=400) for at, name in enumerate("abcd", 1)]
    built = [record("round-up-001", members=["b", "d"])]
    known = {"round-up-001": ["b", "d"], "round-up-002": ["a", "c"]}
    assert groups(looks, collect("count", count=2), built) == known


@pytest.mark.parametrize("fields", [{"draft": True}, {"own_role": "never"}, {"own_role": "alone"}])
def test_who_must_not_be_in_a_round_up_leaves_it(fields):
    looks = [make("a"), make("b", **fields)]
    assert groups(looks, collect(), [record("2026-01", members=["a", "b"])]) == {"2026-01": ["a"]}


def test_a_rule_that_says_never_takes_a_review_out_of_what_is_built():
    """Unless its front matter wants it there: no other rule does."""
    looks = [make("a"), make("b", tags=("x",)), make("c", tags=("x",), own_role="round-up")]
    config = collect(rules=[{"tag": "x", "then": "never"}])
    built = [record("2026-01", members=["a", "b", "c"])]
    assert groups(looks, config, built) == {"2026-01": ["a", "c"]}


def test_rules_that_change_later_take_nothing_out_of_what_is_built():
    looks = [make("a", words=2000), make("b")]
    assert groups(looks, collect(), [record("2026-01", members=["a", "b"])]) == {
        "2026-01": ["a", "b"]
    }


def test_a_renamed_file_keeps_its_place():
    looks = [make("a"), make("new", sha256="sha of b")]
    built = [record("2026-01", members=["a", "b"])]
    assert groups(looks, collect(), built) == {"2026-01": ["a", "new"]}


def test_an_episode_of_its_own_stays_one():
    looks = [make("a"), make("b", words=400)]
    plan = plan_shelf(looks, [record("a", "reviews/a.md")], collect(), TODAY)
    assert plan.roles == {"reviews/a.md": "alone", "reviews/b.md": "round-up"}
    assert [len(made.members) for made in plan.round_ups] == [1]


def test_what_cannot_be_read_stays_in_what_is_built():
    """A passing typo takes nothing from a round-up; a file that is gone leaves it."""
    built = [record("2026-01", members=["a", "b"])]
    plan = plan_shelf([make("a")], built, collect(), TODAY, unread={"reviews/b.md"})
    assert [(one.source, one.sha256) for one in plan.round_ups[0].members] == [
        ("reviews/a.md", "sha of a"),
        ("reviews/b.md", "sha of b"),
    ]
    assert plan.held == {"reviews/a.md": "2026-01", "reviews/b.md": "2026-01"}
    assert groups([make("a")], collect(), built) == {"2026-01": ["a"]}


def test_no_review_is_collected_that_has_an_episode_of_its_own():
    """Whatever its front matter wants: it would be said twice."""
    looks = [make("a", own_role="round-up"), make("b", words=400)]
    plan = plan_shelf(looks, [record("a", "reviews/a.md")], collect(), TODAY)
    assert [one.source for made in plan.round_ups for one in made.members] == ["reviews/b.md"]
    assert plan.waiting == {
        "reviews/a.md": "it has an episode of its own: unpublish it and remove its folder"
    }


@pytest.mark.parametrize("own_role", [None, "round-up"])
def test_an_episode_of_its_own_stays_one_under_another_name(own_role):
    looks = [make("new", sha256="sha of a", own_role=own_role), make("b", words=400)]
    built = [record("a", "reviews/a.md", source_sha256="sha of a")]
    plan = plan_shelf(looks, built, collect(), TODAY)
    assert plan.roles["reviews/new.md"] == (own_role or "alone")
    assert plan.own == {"reviews/new.md": "a"}
    assert [one.source for made in plan.round_ups for one in made.members] == ["reviews/b.md"]
    copy = plan_shelf([*looks, make("a")], built, collect(), TODAY)
    assert copy.own == {"reviews/a.md": "a"}  # its file is there: the other is a copy of it
    assert plan_shelf(looks, built, collect(), TODAY, unread={"reviews/a.md"}).own == {}


def test_a_review_without_a_text_stops_no_round_up():
    looks = [make("a", words=400), make("b", words=0)]
    plan = plan_shelf(looks, (), collect(), TODAY)
    assert [len(made.members) for made in plan.round_ups] == [1]
    assert plan.waiting == {"reviews/b.md": "it has no text"}
    assert groups(looks, collect(), [record("2026-01", members=["a", "b"])]) == {"2026-01": ["a"]}


def test_a_round_up_that_all_have_left_is_told():
    looks = [make("a", own_role="alone"), make("b", draft=True)]
    built = [record("2026-01", members=["a", "b", "gone"]), record("c", "reviews/c.md")]
    plan = plan_shelf(looks, built, collect(), TODAY)
    assert (plan.round_ups, plan.emptied) == ((), ("2026-01",))


def test_drafts_wait():
    plan = plan_shelf([make("a", draft=True, words=900)], (), collect(), TODAY)
    assert plan.round_ups == ()
    assert plan.waiting == {"reviews/a.md": "it is a draft"}


def test_each_language_has_round_ups_of_its_own():
    looks = [make("a", words=400), make("b", words=400, language="de-AT")]
    assert groups(looks, collect()) == {"2026-01-de": ["b"], "2026-01": ["a"]}
    titles = {made.title for made in plan_shelf(looks, (), collect(), TODAY).round_ups}
    assert any(title.startswith("Kurz besprochen: ") for title in titles)


def test_a_slug_that_a_review_has_is_not_taken():
    looks = [make("2026-01", words=5000), make("a", words=400)]
    assert groups(looks, collect()) == {"2026-01-2": ["a"]}


def test_titles_come_from_the_template():
    config = collect(title="Short: {title}")
    plan = plan_shelf([make("a", words=400)], (), config, TODAY)
    assert plan.round_ups[0].title == "Short: January 2026"


@pytest.mark.parametrize(
    "fields", [{"title": "{month}"}, {"intro": "{title}, {cout}"}, {"closing": ("{stars}",)}]
)
def test_unknown_fields_are_refused(fields):
    with pytest.raises(ConfigError, match="There is no field"):
        CollectSettings(**fields)


@settings(
    max_examples=count_examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "2025-11-02", "2025-12-24", "2026-02-28", "2026-03-02"]),
            st.integers(0, 500),
            st.sampled_from(["", "x", "y"]),
            st.booleans(),
        ),
        max_size=12,
    ),
    st.sampled_from(["", "month", "year", "tag", "count"]),
)
def test_each_review_has_one_place_and_keeps_it(drawn, by):
    """Alone, in one round-up, waiting or text; and the next build of the same changes nothing."""
    looks = [
        make(f"r{at}", date, words, tags=(tag,) if tag else (), draft=draft)
        for at, (date, words, tag, draft) in enumerate(drawn)
    ]
    config = collect(by, least=400, count=3)
    plan = plan_shelf(looks, (), config, TODAY)
    members = Counter(one.source for made in plan.round_ups for one in made.members)
    assert all(count == 1 for count in members.values())
    for one in looks:
        places = [one.source in members, one.source in plan.waiting]
        assert sum(places) == (plan.roles[one.source] == "round-up")
    for made in plan.round_ups:
        words = sum(one.words for one in looks if one.source in {m.source for m in made.members})
        assert words / 3.4 >= 90
    built = [
        msgspec.structs.replace(
            record(made.slug), members={one.source: one.sha256 for one in made.members}
        )
        for made in plan.round_ups
    ]
    again = plan_shelf(looks, built, config, TODAY)
    assert {made.slug: made.members for made in again.round_ups} == {
        made.slug: made.members for made in plan.round_ups
    }
