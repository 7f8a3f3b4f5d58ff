"""What a script adds and how it says things: opening lines, spoilers, spoken forms, the proof."""

import pytest

from reviewcast.model.errors import ConfigError, LostTextError
from reviewcast.model.text import Change, Paragraph, Review, Section
from reviewcast.settings.schema import SplitSettings
from reviewcast.text.script_completeness import prove_whole
from reviewcast.text.split import split_review
from reviewcast.text.spoken import say


def write(*paragraphs: Paragraph | str, heading: str | None = None, **fields) -> Review:
    made = (Paragraph(p) if isinstance(p, str) else p for p in paragraphs)
    return Review(
        title=fields.pop("title", "A title"),
        slug="a",
        sections=(Section(heading, tuple(made)),),
        **fields,
    )


def say_forms(text, emphasis):
    spoken = say(text, emphasis=emphasis)
    return spoken.text, spoken.changes


def run(review: Review, max_chars: int = 1000, **settings):
    return split_review(review, SplitSettings(**settings), max_chars=max_chars, say=say_forms)


def test_opening_and_closing_lines():
    """Lines whose fields the review has are said first and last; others are left out."""
    script = run(
        write("It ends.", author="Jo", subject="Rocky IV", rating="8/10"),
        opening=("A review of {subject} by {author}.", "Seen on {date}."),
        closing=("The verdict: {rating}.",),
    )
    assert [segment.spoken for segment in script.segments] == [
        "A review of Rocky four by Jo.",
        "It ends.",
        "The verdict: eight out of ten.",
    ]
    assert script.segments[-1].pause_s == 0
    assert [chapter.title for chapter in script.chapters] == ["Review"]


def test_opening_comes_before_the_title():
    """A title that the review has is said after the opening lines."""
    review = write("It ends.", author="Jo", origins={"title": "text"})
    script = run(review, opening=("By {author}.",))
    assert [segment.text for segment in script.segments] == ["By Jo.", "A title", "It ends."]


def test_unknown_field_is_refused():
    """A field that there is not is told with what was likely meant."""
    with pytest.raises(ConfigError) as caught:
        SplitSettings(opening=("By {autor}.",))
    assert caught.value.hint == "Did you mean author?"


def test_spoilers_become_a_chapter_with_a_warning():
    """Spoilers are warned of, stand in a chapter of their own, and what was before goes on."""
    spoiler = Paragraph("He dies.", "spoiler")
    also = Paragraph("So does she.", "spoiler")
    script = run(write("Before.", spoiler, also, "After.", heading="Plot"))
    found = [(script.chapters[s.chapter].title, s.role, s.text) for s in script.segments]
    assert found == [
        ("Plot", "title", "Plot"),
        ("Plot", "narrator", "Before."),
        ("Spoilers", "spoiler", SplitSettings().spoiler_warning),
        ("Spoilers", "spoiler", "He dies."),
        ("Spoilers", "spoiler", "So does she."),
        ("Plot", "narrator", "After."),
    ]
    assert [chapter.written for chapter in script.chapters] == [True, False, False]


def test_limit_holds_for_what_is_said():
    """Spoken forms are longer than written ones; no segment is over the limit."""
    text = "It made $1,234,567 in 1994, $7,654,321 in 1995 and $9,876,543 in 1996, says Variety."
    script = run(write(text), max_chars=100)
    assert len(script.segments) > 1
    assert max(len(segment.spoken) for segment in script.segments) <= 100
    assert " ".join(segment.text for segment in script.segments) == text


def test_changes_of_a_run_stand_at_their_places():
    """In a run of short sentences each change still names what is written there."""
    script = run(write("In 1994 it won. In 1995 it lost. I gave it 3/5."))
    (segment,) = script.segments
    assert [c.written for c in segment.changes] == ["1994", "1995", "3/5"]
    for change in segment.changes:
        assert segment.text[change.start : change.end] == change.written


def test_italics_reach_the_spoken_forms():
    """A number in italics is a title: 1917 is a year as a film, and 300 a number."""
    text = "I saw 2012 and 300."
    review = write(Paragraph(text, emphasis=((6, 10), (15, 18))))
    assert run(review).segments[0].spoken == say(text, emphasis=[(6, 10), (15, 18)]).text


@pytest.mark.parametrize(
    ("lossy", "named"),
    [
        (lambda text: text.replace("good", ""), "good"),
        (lambda text: text.replace("not ", ""), "not"),
        (lambda text: text.partition(",")[0], "and"),
        (lambda text: text.replace("is not", "not is"), "not"),
        (lambda text: "one", "The"),
    ],
)
def test_a_word_that_would_not_be_said_is_named(lossy, named):
    """When spoken forms lose or turn words, the split fails and names the first."""
    with pytest.raises(LostTextError, match=named):
        split_review(
            write("The film is not good, and 9 is a number."),
            SplitSettings(),
            max_chars=100,
            say=lambda text, _: (
                lossy(text).replace("9", "nine"),
                (Change(26, 27, "9", "nine", "numbers: count"),) if "9" in lossy(text) else (),
            ),
        )


def test_added_lines_are_no_excuse():
    """The proof still finds a lost paragraph where the script adds lines of its own."""
    review = write("It begins.", "It ends.")
    script = run(review, opening=("Hello.",))
    import msgspec

    cut = msgspec.structs.replace(script, segments=script.segments[:-1])
    with pytest.raises(LostTextError, match="It ends"):
        prove_whole(review, cut)


def test_compatibility_letters_are_no_loss():
    """A letter that has another code once normalized is still the same letter."""
    (segment,) = run(write("Safe\ub654\uf96b =( it is — now.")).segments
    assert segment.text.startswith("Safe")


def test_a_heading_that_announces_spoilers_is_warned_of():
    """Below a heading such as "Spoilers" the warning is spoken; its chapter keeps its name."""
    script = run(write("He dies.", "She knew.", heading="Spoiler section"))
    assert [(s.role, s.text) for s in script.segments if s.role == "spoiler"] == [
        ("spoiler", SplitSettings().spoiler_warning),
        ("spoiler", "He dies."),
        ("spoiler", "She knew."),
    ]
    assert [c.title for c in script.chapters].count("Spoiler section") == 1
    assert "Spoilers" not in [c.title for c in script.chapters]


def list_chapters(*sections, **settings):
    """Return the chapter of each segment of a review, and what is said in it."""
    made = tuple(Section(heading, tuple(map(Paragraph, texts))) for heading, *texts in sections)
    script = run(Review(title="Alien", slug="a", sections=made), **settings)
    return [(script.chapters[s.chapter].title, s.text) for s in script.segments]


WARNING = SplitSettings().spoiler_warning


def test_who_skips_a_last_chapter_of_spoilers_hears_the_end():
    """What the show says last, such as that the voice is synthetic, stands in no such chapter."""
    said = list_chapters(
        ("Plot", "It begins."), ("Spoilers", "He dies."), closing=("A synthetic voice.",)
    )
    assert said[-5:] == [
        ("Plot", "It begins."),
        ("Spoilers", "Spoilers"),
        ("Spoilers", WARNING),
        ("Spoilers", "He dies."),
        ("Alien", "A synthetic voice."),
    ]
    two = list_chapters(
        ("Spoilers", "He dies."), ("More spoilers", "And she."), closing=("A synthetic voice.",)
    )
    assert two[-2:] == [("More spoilers", "And she."), ("Alien", "A synthetic voice.")]


def test_what_follows_spoilers_below_their_heading_is_not_skipped_with_them():
    """The chapter before them goes on, or without one that of the whole."""
    texts = ("He dies.", "End of spoilers.", "See it.")
    said = list_chapters(("Plot", "It begins."), ("Spoilers", *texts))
    assert said[-3:] == [
        ("Spoilers", "He dies."),
        ("Plot", "End of spoilers."),
        ("Plot", "See it."),
    ]
    assert list_chapters(("Spoilers", *texts))[-1] == ("Alien", "See it.")


@pytest.mark.parametrize(
    "heading", ["No spoilers", "A spoiler-free look", "Sans spoilers", "Ohne Spoiler", "The plot"]
)
def test_a_heading_that_promises_none_warns_of_nothing(heading):
    """A promise that nothing is told is not taken for a warning."""
    script = run(write("He lives.", heading=heading))
    assert all(segment.role != "spoiler" for segment in script.segments)


def test_a_line_that_warns_opens_the_spoilers_and_another_ends_them():
    """The writer's own warning is enough; what follows the end goes on where it was."""
    script = run(
        write(
            "Before.", "SPOILERS AHEAD!", "He dies.", "End of spoilers.", "After.", heading="Plot"
        )
    )
    titles = [script.chapters[segment.chapter].title for segment in script.segments]
    told = [(t, s.role, s.text) for t, s in zip(titles, script.segments, strict=True)]
    assert told[-4:] == [
        ("Spoilers", "spoiler", "SPOILERS AHEAD!"),
        ("Spoilers", "spoiler", "He dies."),
        ("Plot", "narrator", "End of spoilers."),
        ("Plot", "narrator", "After."),
    ]
    assert SplitSettings().spoiler_warning not in [s.text for s in script.segments]


def test_a_review_that_spoils_as_a_whole_is_one_chapter_with_a_warning():
    """Its title is said before it; its headings open none that could be skipped to."""
    review = Review(
        title="Alien",
        slug="a",
        origins={"title": "text"},
        spoiler=True,
        sections=(
            Section(None, (Paragraph("He dies.", "spoiler"),)),
            Section("The end", (Paragraph("She lives.", "spoiler"),)),
        ),
    )
    script = run(review, closing=("Bye.",))
    assert [(script.chapters[s.chapter].title, s.role, s.text) for s in script.segments] == [
        ("Review", "title", "Alien"),
        ("Spoilers", "spoiler", SplitSettings().spoiler_warning),
        ("Spoilers", "spoiler", "He dies."),
        ("Spoilers", "title", "The end"),
        ("Spoilers", "spoiler", "She lives."),
        ("Review", "narrator", "Bye."),
    ]
