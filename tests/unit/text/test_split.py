"""A Review becomes a Script: nothing lost, nothing over the limit, nothing torn apart."""

import re
import unicodedata

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples
from tests.unit.text.texts import make_review, plain_sentences, reviews

from reviewcast.model.errors import ConfigError, LostTextError
from reviewcast.model.text import (
    Change,
    Omission,
    Paragraph,
    Review,
    Script,
    ScriptChapter,
    Section,
    Segment,
    Span,
)
from reviewcast.settings.schema import SplitSettings
from reviewcast.text.pieces import Cutter
from reviewcast.text.script_completeness import ADDED, prove_said, prove_whole
from reviewcast.text.sentences import split_sentences
from reviewcast.text.split import split_review
from reviewcast.text.spoken.rules.typography import speak_typography

replace = msgspec.structs.replace
limits = st.sampled_from([8, 20, 60, 100, 200, 1000])
clusters = st.sampled_from(
    ["a", "e\u0301", "o\u0323\u0302", "क्", "👍🏽", "👨\u200d👩\u200d👧", "7"]
)
quick = settings(max_examples=count_examples(100), deadline=None)
LONG = (
    "The house has three floors, a cellar that nobody mentions, and a garden where the second act "
    "takes place; when the lights go out, as they do on the hour, everyone runs — and nobody, not "
    "even the cat, comes back to the room that they left."
)


def split_texts(*texts: str, max_chars: int = 1000, **options: object) -> list[str]:
    script = split_review(make_review(*texts), SplitSettings(**options), max_chars=max_chars)
    return [segment.text for segment in script.segments]


def list_parts(review: Review, script: Script):
    """Each text of the review with the segments and omissions that stand in it, in order."""
    said = any(one.span.section == -1 for one in script.segments)  # a file's name may be a work's
    says_title = said or "text" in review.origins.values()
    texts = {(-1, -1): review.title if says_title else ""}
    for number, section in enumerate(review.sections):
        texts[number, -1] = section.heading or ""
        for index, paragraph in enumerate(section.paragraphs):
            texts[number, index] = paragraph.text
    parts = {place: [] for place in texts}
    for part in [*script.segments, *script.omissions]:
        if part.span and part.span.section != ADDED:  # what the script adds is no text of it
            parts[part.span.section, part.span.paragraph].append(part)
    for place, text in texts.items():
        yield text, sorted(parts[place], key=lambda part: part.span.start)


class TestProperties:
    """What holds for any text, at any limit."""

    @quick
    @given(reviews, limits)
    def test_nothing_is_lost(self, review, limit):
        """Segments and omissions hold every character but spaces, once and in order."""
        script = split_review(review, SplitSettings(), max_chars=limit)
        for text, parts in list_parts(review, script):
            assert "".join("".join(part.text for part in parts).split()) == "".join(text.split())
            for part in parts:
                assert text[part.span.start : part.span.end] == part.text
        assert script.omissions[: len(review.omissions)] == review.omissions
        assert [segment.index for segment in script.segments] == [*range(len(script.segments))]

    @quick
    @given(reviews, limits)
    def test_limit(self, review, limit):
        """No segment's spoken text is over the voice's limit, and each has words."""
        script = split_review(review, SplitSettings(), max_chars=limit)
        for segment in script.segments:
            assert len(segment.spoken) <= limit
            assert any(map(str.isalnum, segment.spoken))

    @quick
    @given(reviews, limits)
    def test_words_are_whole(self, review, limit):
        """A word is cut only when it alone is over the limit."""
        script = split_review(review, SplitSettings(), max_chars=limit)
        for text, parts in list_parts(review, script):
            ends = {end for _, end in split_sentences(text, review.language)}
            for part in parts[:-1]:
                end = part.span.end
                if end in ends or text[end].isspace() or text[end - 1] in "—–―，、；：。！？":
                    continue
                word = next(m[0] for m in re.finditer(r"\S+", text) if m.end() > end)
                assert max(len(word), len(speak_typography(word))) > limit

    @quick
    @given(st.lists(clusters, min_size=1, max_size=300).map("".join), st.sampled_from([20, 100]))
    def test_letters_are_whole(self, word, limit):
        """Where a word must be cut, accents and joined emoji stay together."""
        review = make_review(f"a {word}")
        script = split_review(review, SplitSettings(), max_chars=limit)
        for _, parts in list_parts(review, script):
            for part in parts:
                assert unicodedata.category(part.text[0]) not in {"Mn", "Sk"}
                assert "\u200d" not in {part.text[0], part.text[-1]}

    @quick
    @given(reviews, limits)
    def test_sentences_are_whole(self, review, limit):
        """A segment is whole sentences, or a part of one that is over the limit."""
        script = split_review(review, SplitSettings(), max_chars=limit)
        for text, parts in list_parts(review, script):
            sentences = split_sentences(text, review.language, (review.title,))
            starts, ends = {start for start, _ in sentences}, {end for _, end in sentences}
            for part in parts:
                if part.span.start in starts and part.span.end in ends:
                    continue
                within = next(
                    text[start:end]
                    for start, end in sentences
                    if start <= part.span.start and part.span.end <= end
                )
                assert len(speak_typography(within)) > limit

    @quick
    @given(plain_sentences, st.sampled_from([60, 100, 200]))
    def test_no_orphan(self, sentence, limit):
        """A long sentence of common words leaves no part with a single one."""
        parts = split_texts(sentence, max_chars=limit)
        assert all(len(part.split()) > 1 for part in parts)
        assert len(parts) <= 1 + 3 * len(sentence) // limit

    @quick
    @given(reviews, limits)
    def test_chapters(self, review, limit):
        """Every segment stands in a chapter, chapters go on, pauses are those of the settings."""
        script = split_review(review, SplitSettings(), max_chars=limit)
        chapters = [segment.chapter for segment in script.segments]
        assert chapters == sorted(chapters)
        assert all(0 <= chapter < len(script.chapters) for chapter in chapters)
        pauses = {0.0, 0.12, 0.45, 0.55, 0.8, 0.9, 1.0, 1.1}
        assert {segment.pause_s for segment in script.segments} <= pauses
        assert not script.segments or script.segments[-1].pause_s == 0

    @settings(max_examples=count_examples(40), deadline=None)
    @given(reviews, limits)
    def test_deterministic(self, review, limit):
        """The same review gives the same script."""
        first = split_review(review, SplitSettings(), max_chars=limit)
        copy = msgspec.json.decode(msgspec.json.encode(review), type=Review)
        assert split_review(copy, SplitSettings(), max_chars=limit) == first


class TestCuts:
    """Where a long sentence is cut, and what is spoken in one run."""

    @pytest.mark.parametrize(
        ("limit", "ends"),
        [
            (1000, ["they left."]),
            (150, ["takes place;", "they left."]),
            (100, ["nobody mentions,", "the hour,", "they left."]),
            (60, ["nobody mentions,", "takes place;", "the hour,", "the cat,", "they left."]),
        ],
    )
    def test_clauses(self, limit, ends):
        """A sentence over the limit is cut at its clauses, into parts of about one length."""
        parts = split_texts(LONG, max_chars=limit)
        assert " ".join(parts) == LONG
        assert [" ".join(part.split()[-2:]) for part in parts] == ends

    def test_clause_pause(self):
        """Within a sentence the pause is short; after it, it is the paragraph's."""
        review = make_review(LONG, "The end of it.")
        script = split_review(review, SplitSettings(), max_chars=150)
        assert [segment.pause_s for segment in script.segments] == [0.12, 0.8, 0]

    def test_runs(self):
        """Short sentences are spoken together, up to the limit of a run."""
        short = "He runs. He falls. He gets up again. He runs on."
        assert split_texts(short) == [short]
        assert split_texts(short, run_chars=20) == [
            "He runs. He falls.",
            "He gets up again.",
            "He runs on.",
        ]
        assert split_texts(short, run_chars=0) == [
            "He runs.",
            "He falls.",
            "He gets up again.",
            "He runs on.",
        ]

    def test_lower_case_review(self):
        """A review without capitals is still cut where its sentences end."""
        text = "it rains in every scene. nobody has an umbrella. i liked the rain. " * 4
        parts = split_texts(text.strip(), max_chars=100)
        assert all(part.endswith(".") for part in parts)

    @pytest.mark.parametrize("limit", [20, 100])
    def test_address(self, limit):
        """An address over the limit is cut between its words."""
        address = "https://example.org/" + "/".join(["reviews", "silent-films"] * 10)
        parts = split_texts(f"See {address} there.", max_chars=limit)
        assert "".join(parts).replace(" ", "") == f"See{address}there."
        words = set(re.split(r"\W+", address)) | {"See", "there", ""}
        assert {word for part in parts for word in re.split(r"\W+", part)} <= words

    def test_letter_with_many_accents(self):
        """One letter with more accents than the limit is cut all the same."""
        review = make_review("a" + "\u0323" * 500)
        script = split_review(review, SplitSettings(), max_chars=100)
        assert len(script.segments[0].spoken) <= 100
        assert {omission.text.strip("\u0323") for omission in script.omissions} == {""}

    def test_limit_of_one(self):
        """Not even the smallest limit keeps it from coming to an end."""
        assert "".join(split_texts("No—ﬁlm\u0958.", max_chars=1)) in {"No—ﬁlm\u0958", "Noﬁlm\u0958"}


class TestChapters:
    """Headings, natural chapters, titles and what has no words."""

    def test_headings(self):
        """Each heading opens a chapter; what stands before the first is named as the review."""
        sections = (
            Section(None, (Paragraph("Before."),)),
            Section("One", (Paragraph("First."), Paragraph("“Quoted.”", "quote"))),
            Section("Two", (Paragraph("Second."),)),
        )
        script = split_review(
            make_review(sections=sections, origins={"title": "text"}),
            SplitSettings(),
            max_chars=100,
        )
        assert [(c.title, c.written) for c in script.chapters] == [
            ("Opening", False),
            ("One", True),
            ("Two", True),
        ]
        assert [(s.chapter, s.role, s.text, s.pause_s) for s in script.segments] == [
            (0, "title", "A review", 0.9),
            (0, "narrator", "Before.", 1.1),
            (1, "title", "One", 0.9),
            (1, "narrator", "First.", 1.0),
            (1, "quote", "“Quoted.”", 1.1),
            (2, "title", "Two", 0.9),
            (2, "narrator", "Second.", 0),
        ]

    @pytest.mark.parametrize(
        ("fields", "options", "titles"),
        [
            ({}, {}, ["Opening", "Review", "Verdict"]),
            ({"language": "en-GB", "origins": {"title": "text"}}, {}, ["Opening", "Review"]),
            ({"language": "de"}, {}, ["Kritik"]),
            ({"language": "eo"}, {}, ["A review"]),
            ({}, {"natural_chapters": False}, ["Review"]),
        ],
    )
    def test_natural_chapters(self, fields, options, titles):
        """A long English review without headings opens, goes on and ends, unless told not to."""
        review = make_review(*["It is a long paragraph of some words. " * 12] * 5, **fields)
        script = split_review(review, SplitSettings(**options), max_chars=100)
        assert [chapter.title for chapter in script.chapters][: len(titles)] == titles

    @pytest.mark.parametrize(
        ("images", "shown"),
        [
            ((), ["", ""]),
            (((0, "a"), (1, "b")), ["a", "a"]),
            (((1, "b"),), ["b", "b"]),
            (((2, "spoils"),), ["", ""]),
            (((2, "spoils"), (3, "spoils")), ["", ""]),
            (((4, "d"),), ["", "d"]),
        ],
    )
    def test_images(self, images, shown):
        """A chapter has the first image that stands in it; no spoiler is shown to anybody."""
        roles = ("narrator", "spoiler", "spoiler", "narrator")
        paragraphs = (Paragraph(f"Some words {role}.", role) for role in roles)
        sections = (Section("One", tuple(paragraphs), images), Section("Two", (Paragraph("C."),)))
        script = split_review(make_review(sections=sections), SplitSettings(), max_chars=100)
        assert [(chapter.title, chapter.image) for chapter in script.chapters] == [
            ("One", shown[0]),
            ("Spoilers", ""),
            ("One", shown[1]),
            ("Two", ""),
        ]

    def test_images_of_natural_chapters(self):
        """Where a review has no headings, an image belongs to the part that it stands in."""
        texts = ["It is a long paragraph of some words. " * 12] * 5
        section = Section(None, tuple(map(Paragraph, texts)), ((2, "a"), (3, "b"), (4, "c")))
        script = split_review(make_review(sections=(section,)), SplitSettings(), max_chars=100)
        assert [chapter.image for chapter in script.chapters] == ["", "a", "c"]

    def test_short_review_has_no_natural_chapters(self):
        """A short review is one chapter."""
        script = split_review(make_review(*["Short."] * 5), SplitSettings(), max_chars=100)
        assert [chapter.title for chapter in script.chapters] == ["Review"]

    @pytest.mark.parametrize(
        ("heading", "fields", "chapters"),
        [
            ("One", {"title": "front matter"}, [("One", True, ["A review", "One", "Text."])]),
            ("One", {}, [("One", True, ["One", "Text."])]),
            (
                "Spoilers",
                {"title": "text"},
                [("Opening", False, ["A review"]), ("Spoilers", True, ["Spoilers"])],
            ),
        ],
    )
    def test_title_is_said_in_the_first_chapter(self, heading, fields, chapters):
        """A review that begins with a heading has no chapter of its title alone."""
        review = make_review(sections=(Section(heading, (Paragraph("Text."),)),), origins=fields)
        script = split_review(review, SplitSettings(), max_chars=100)
        for number, (title, written, spoken) in enumerate(chapters):
            assert script.chapters[number] == ScriptChapter(title, written)
            texts = [one.spoken for one in script.segments if one.chapter == number]
            assert texts[: len(spoken)] == spoken

    def test_title_from_file_name(self):
        """A title that the writer did not write is not spoken."""
        assert split_texts("Text.") == ["Text."]

    def test_without_words(self):
        """What has no words is left out by name, and the pause before it stays."""
        sections = (
            Section(None, (Paragraph("Before."),)),
            Section("🎬", (Paragraph("* * *"), Paragraph("After."))),
        )
        script = split_review(make_review(sections=sections), SplitSettings(), max_chars=100)
        assert [(s.text, s.pause_s) for s in script.segments] == [("Before.", 1.1), ("After.", 0)]
        assert script.omissions == (
            Omission("🎬", "no words in it", Span(1, -1, 0, 1)),
            Omission("* * *", "no words in it", Span(1, 0, 0, 5)),
        )


def make_segment(text: str, spoken: str, *changes: Change) -> Segment:
    """A segment as it would stand in a script."""
    return Segment(
        index=0,
        chapter=0,
        role="narrator",
        text=text,
        spoken=spoken,
        pause_s=0.0,
        span=Span(0, 0, 0, len(text)),
        changes=changes,
    )


class TestProof:
    """Planted losses: whatever is missing, changed, twice or out of order is found and named."""

    review = make_review(
        sections=(
            Section(None, (Paragraph("An opening line."), Paragraph("* * *"))),
            Section("The heading", (Paragraph("A body, and more of it."), Paragraph("The end."))),
        ),
        origins={"title": "text"},
        omissions=(Omission("A poster", "image"),),
    )

    @pytest.fixture
    def script(self) -> Script:
        return split_review(self.review, SplitSettings(), max_chars=20)

    def refuse(self, script: Script, name: str) -> None:
        with pytest.raises(LostTextError, match=re.escape(name)) as caught:
            prove_whole(self.review, script)
        assert caught.value.exit_code == 3

    def test_whole(self, script):
        """What was not tampered with is whole."""
        prove_whole(self.review, script)
        assert len(script.segments) == 6

    @pytest.mark.parametrize("index", range(6))
    def test_dropped(self, script, index):
        """A segment that is missing is named: title, heading, sentence or part of one."""
        kept = tuple(s for s in script.segments if s.index != index)
        self.refuse(replace(script, segments=kept), script.segments[index].text)

    @pytest.mark.parametrize("index", range(6))
    def test_twice(self, script, index):
        """A segment that is there twice is named."""
        twice = (*script.segments, script.segments[index])
        self.refuse(replace(script, segments=twice), script.segments[index].text)

    @pytest.mark.parametrize(
        "change",
        [
            lambda s: replace(s, text="Something else."),
            lambda s: replace(s, text=s.text[:-1]),
            lambda s: replace(s, text=s.text + " "),
            lambda s: replace(s, span=replace(s.span, start=s.span.start + 1)),
            lambda s: replace(s, span=replace(s.span, end=s.span.end - 1)),
            lambda s: replace(s, span=replace(s.span, section=7)),
        ],
    )
    @pytest.mark.parametrize("index", range(6))
    def test_altered(self, script, index, change):
        """A segment that does not say what stands at its span is named."""
        changed: Segment = change(script.segments[index])
        segments = (*script.segments[:index], changed, *script.segments[index + 1 :])
        self.refuse(replace(script, segments=segments), changed.text[:15])

    @pytest.mark.parametrize("index", range(6))
    def test_shortened(self, script, index):
        """A segment that is honestly shorter than its text leaves a rest, which is named."""
        segment = script.segments[index]
        shorter = replace(
            segment, text=segment.text[:-2], span=replace(segment.span, end=segment.span.end - 2)
        )
        segments = (*script.segments[:index], shorter, *script.segments[index + 1 :])
        self.refuse(replace(script, segments=segments), repr(segment.text[-2:].strip()))

    @pytest.mark.parametrize("index", range(5))
    def test_out_of_order(self, script, index):
        """Two segments that changed places are named."""
        segments = list(script.segments)
        segments[index : index + 2] = reversed(segments[index : index + 2])
        self.refuse(replace(script, segments=tuple(segments)), script.segments[index].text)

    def test_speechless(self, script):
        """A segment with nothing to say is named."""
        segments = (replace(script.segments[0], spoken="…"), *script.segments[1:])
        self.refuse(replace(script, segments=segments), "A review")

    @pytest.mark.parametrize(
        ("spoken", "word"),
        [("A, and more of it.", "body"), ("A body, more and of it.", "and"), ("An body", "A")],
    )
    def test_unsaid(self, spoken, word):
        """A word that is not said, or not in its place, is named, though its letters are there."""
        segment = make_segment("A body, and more of it.", spoken)
        with pytest.raises(LostTextError, match=f"would not say '{word}'"):
            prove_said(segment)

    def test_said_otherwise(self):
        """What a change says counts as said; joiners within words are typography."""
        text = "می\u200cخواهم 8/10—بله"
        change = Change(9, 13, "8/10", "هشت از ده", "ratings")
        segment = make_segment(text, "می\u200cخواهم هشت از ده — بله", change)
        prove_said(segment)
        with pytest.raises(LostTextError, match="would not say"):
            prove_said(replace(segment, changes=()))

    @pytest.mark.parametrize("index", [0, 1])
    def test_hidden_omission(self, script, index):
        """An omission that is not told is named, whether the reader or the script left it out."""
        kept = tuple(o for number, o in enumerate(script.omissions) if number != index)
        self.refuse(replace(script, omissions=kept), script.omissions[index].text)

    def test_at_work(self, monkeypatch):
        """A splitter that loses a part is found out before anything is spoken."""
        cut_text = Cutter.cut_text
        monkeypatch.setattr(Cutter, "cut_text", lambda *a: list(cut_text(*a))[:1])
        with pytest.raises(LostTextError, match=re.escape("and more of it.")):
            split_review(self.review, SplitSettings(), max_chars=20)


class TestSettings:
    """What the settings may be."""

    @pytest.mark.parametrize(
        "options",
        [
            {"run_chars": -1},
            {"run_chars": 5001},
            {"clause_pause_s": -0.1},
            {"chapter_pause_s": 10.1},
            {"paragraph_pause_s": float("nan")},
            {"heading_pause_s": float("inf")},
        ],
    )
    def test_ranges(self, options):
        """A number out of its range is refused by name."""
        with pytest.raises(ConfigError, match=f"\\[split\\] {next(iter(options))} must be from"):
            SplitSettings(**options)
