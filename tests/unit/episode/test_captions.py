"""Transcripts and chapters: well formed, short lines, right times, the whole text once."""

import html
import itertools
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.episode.captions import Speech, caption_episode
from reviewcast.model.podcast import EpisodeChapter, EpisodeCue
from reviewcast.model.text import Change

TIME = r"(\d\d+):([0-5]\d):([0-5]\d)[.,](\d{3})"


def to_ms(hours, minutes, seconds, ms):
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(ms)


def parse_vtt(data):
    """Read WebVTT strictly: (start, end, text) of each cue, in milliseconds."""
    head, *blocks = data.decode().rstrip("\n").split("\n\n")
    assert head.strip() == "WEBVTT"
    cues = []
    for block in blocks:
        timing, text = block.strip("\n").split("\n")
        match = re.fullmatch(f"{TIME} --> {TIME}", timing)
        assert match, timing
        assert "-->" not in text
        speaker, _, said = text.removeprefix("<v ").partition(">")
        assert speaker in {"Narrator", "Quotation"}
        cues.append((to_ms(*match.groups()[:4]), to_ms(*match.groups()[4:]), html.unescape(said)))
    return cues


def parse_srt(data):
    """Read SubRip strictly: numbered from 1, commas in the times."""
    cues = []
    for number, block in enumerate(filter(None, data.decode().strip("\n").split("\n\n")), 1):
        label, timing, text = block.strip("\n").split("\n")
        assert label == str(number)
        match = re.fullmatch(f"{TIME} --> {TIME}", timing)
        assert match, timing
        assert timing.count(",") == 2
        cues.append((to_ms(*match.groups()[:4]), to_ms(*match.groups()[4:]), text))
    return cues


def make_cues(*texts, start_s=1.5, seconds=4.0):
    step = seconds + 0.5
    return tuple(
        EpisodeCue(
            round(start_s + n * step, 3), round(start_s + n * step + seconds, 3), "narrator", t
        )
        for n, t in enumerate(texts)
    )


def check_captions(cues):
    """Hold both transcripts against the cues that they were made of."""
    captions = caption_episode(cues, (), title="A title")
    parsed = parse_vtt(captions.vtt)
    assert parse_srt(captions.srt) == parsed
    assert all(len(text) <= 65 and text == text.strip() for _, _, text in parsed)
    assert all(start <= end for start, end, _ in parsed)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(parsed))
    said = "".join(text for _, _, text in parsed)
    assert re.sub(r"\s", "", said) == re.sub(r"\s", "", "".join(cue.text for cue in cues))
    for cue in cues:
        assert any(start == round(cue.start_s * 1000) for start, _, _ in parsed)
        assert any(end == round(cue.end_s * 1000) for _, end, _ in parsed)
    return parsed


def test_a_short_cue_is_one_caption():
    """A text of up to 65 characters keeps its cue's times to the millisecond."""
    parsed = check_captions(make_cues("It begins.", "It ends."))
    assert parsed == [(1500, 5500, "It begins."), (6000, 10_000, "It ends.")]


def test_a_long_cue_is_split_at_sentences_and_clauses():
    """A long text becomes lines of about equal length, each with its share of the time."""
    text = "It was the best of times, it was the worst of times, it was the age of wisdom. " * 3
    parsed = check_captions(make_cues(text.strip(), seconds=15.0))
    assert [line for _, _, line in parsed] == 3 * [
        "It was the best of times,",
        "it was the worst of times, it was the age of wisdom.",
    ]
    assert all(len(line) >= 10 for _, _, line in parsed)
    for start, end, line in parsed:
        assert (end - start) / 15_000 == pytest.approx(len(line) / len(text), rel=0.1)


def test_a_word_longer_than_a_line_is_cut():
    """A word of 200 letters is there in full, on lines of at most 65."""
    parsed = check_captions(make_cues("Oh " + "a" * 200 + " no"))
    assert 50 <= max(len(text) for _, _, text in parsed) <= 65


def test_time_is_shared_by_what_is_said():
    """A number that is long in speech takes its time, though it is short on the page."""
    cue = EpisodeCue(0.0, 10.0, "narrator", "In 1926. Yes.")
    change = Change(3, 7, "1926", "nineteen twenty six", "years")
    speech = [Speech("In nineteen twenty six. Yes.", (change,))]
    captions = caption_episode([cue], (), title="", speech=speech)
    said = len("In nineteen twenty six. Yes.")
    share = len("In nineteen twenty six. ") / said
    assert [start for start, _, _ in parse_vtt(captions.vtt)] == [0, round(share * 10_000)]


def test_captions_last_from_their_first_word_to_their_last():
    """Between two sentences of a cue, the pause belongs to neither of them."""
    cue = EpisodeCue(1.0, 4.9, "narrator", "It was a long way to the river. Yes.")
    pauses = ((1.0, 1.02), (4.1, 4.4), (4.88, 4.9))
    captions = caption_episode([cue], (), title="", speech=[Speech(cue.text, pauses=pauses)])
    assert [times[:2] for times in parse_vtt(captions.vtt)] == [(1000, 4100), (4400, 4900)]


def test_a_voice_that_tells_is_believed():
    """Marks of the voice say when a caption's first word is spoken, in the spoken text's places."""
    cue = EpisodeCue(0.0, 10.0, "narrator", "In 1926. Yes.")
    change = Change(3, 7, "1926", "nineteen twenty six", "years")
    spoken = "In nineteen twenty six. Yes."
    speech = Speech(spoken, (change,), marks=((0, 0.0), (3, 1.0), (spoken.index("Yes"), 9.0)))
    captions = caption_episode([cue], (), title="", speech=[speech])
    assert [times[:2] for times in parse_vtt(captions.vtt)] == [(0, 9000), (9000, 10_000)]


def test_speakers_and_the_json_transcript():
    """A quotation has a speaker of its own; JSON holds whole sentences with their times."""
    words = "On and on it goes, over the hill and far away, until nobody can hear it any more. No."
    cues = (EpisodeCue(0.0, 8.5, "narrator", words), EpisodeCue(9.0, 10.0, "quote", "He said."))
    captions = caption_episode(cues, (), title="")
    assert b"<v Quotation>He said." in captions.vtt
    document = json.loads(captions.transcript_json)
    assert document["version"] == "1.0.0"
    assert [(s["speaker"], s["body"]) for s in document["segments"]] == [
        ("Narrator", words.removesuffix(" No.")),
        ("Narrator", "No."),
        ("Quotation", "He said."),
    ]
    assert [s["startTime"] for s in document["segments"]] == [0.0, 8.2, 9.0]
    assert [s["endTime"] for s in document["segments"]] == [8.2, 8.5, 10.0]


def list_words(captions):
    """Return the words of the JSON transcript, sentence by sentence."""
    return [
        [(word["body"], word["startTime"], word["endTime"]) for word in segment.get("words", [])]
        for segment in json.loads(captions.transcript_json)["segments"]
    ]


def test_words_that_the_voice_has_marked():
    """They stand beside their sentence as they are written, a number as long as it is said."""
    cue = EpisodeCue(0.0, 10.0, "narrator", "In 1926 – well. Yes.")
    change = Change(3, 7, "1926", "nineteen twenty six", "years")
    spoken = "In nineteen twenty six – well. Yes."
    places = {"In": 0.0, "nineteen": 1.0, "twenty": 2.0, "six": 3.0, "well": 4.0, "Yes": 9.0}
    marks = tuple((spoken.index(word), time_s) for word, time_s in places.items())
    speech = Speech(spoken, (change,), pauses=((5.0, 9.0),), marks=marks)
    captions = caption_episode([cue], (), title="", speech=[speech])
    assert list_words(captions) == [
        [("In", 0.0, 1.0), ("1926 –", 1.0, 4.0), ("well.", 4.0, 5.0)],
        [("Yes.", 9.0, 10.0)],
    ]


def test_words_are_told_only_where_the_voice_has_marked_them():
    """Times that were reckoned from letters alone are no times of words."""
    cue = EpisodeCue(0.0, 10.0, "narrator", "It begins, and it ends.")
    captions = caption_episode([cue], (), title="", speech=[Speech(cue.text)])
    assert "words" not in json.loads(captions.transcript_json)["segments"][0]


def test_the_captions_are_given_line_by_line():
    """They are those of the files."""
    cues = make_cues("It begins. " * 9, "It ends.")
    captions = caption_episode(cues, (), title="")
    assert [
        (round(1000 * line.start_s), round(1000 * line.end_s), line.text) for line in captions.lines
    ] == parse_vtt(captions.vtt)


def test_markup_is_escaped_in_vtt_only():
    """What looks like a tag or an arrow is shown, not obeyed."""
    cues = make_cues("if a < b & c > d --> then <i>what</i>?")
    captions = caption_episode(cues, (), title="")
    assert b"&lt;i&gt;what&lt;/i&gt;" in captions.vtt
    assert "<i>" not in captions.vtt.decode()
    check_captions(cues)


def test_times_beyond_an_hour():
    """Hours are written, in two digits at least."""
    parsed = check_captions(make_cues("Late.", start_s=3 * 3600 + 59.9996, seconds=1.0))
    assert parsed == [(3 * 3_600_000 + 60_000, 3 * 3_600_000 + 61_000, "Late.")]


def test_without_cues_the_files_are_still_well_formed():
    """No cue at all gives a valid empty transcript."""
    captions = caption_episode((), (), title="")
    assert parse_vtt(captions.vtt) == parse_srt(captions.srt) == []


def test_chapters_json():
    """Chapters are version 1.2.0, in order, with the title as it is."""
    chapters = (EpisodeChapter("Eins „zwei“", 0.0), EpisodeChapter("Zwei", 12.345))
    document = json.loads(caption_episode((), chapters, title="Ein Titel").chapters_json)
    assert document == {
        "version": "1.2.0",
        "title": "Ein Titel",
        "chapters": [
            {"startTime": 0.0, "title": "Eins „zwei“"},
            {"startTime": 12.345, "title": "Zwei"},
        ],
    }


def test_the_picture_of_a_chapter():
    """Its address is `img`, as the format calls it; chapters without a picture have none."""
    chapters = (EpisodeChapter("One", 0.0, "https://example.org/a.jpg"), EpisodeChapter("Two", 1.0))
    document = json.loads(caption_episode((), chapters, title="").chapters_json)
    assert document["chapters"] == [
        {"startTime": 0.0, "title": "One", "img": "https://example.org/a.jpg"},
        {"startTime": 1.0, "title": "Two"},
    ]


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=400
).filter(str.strip)


@given(st.lists(TEXT, min_size=1, max_size=6), st.floats(0.02, 30))
@settings(deadline=None, max_examples=count_examples(80))
def test_any_text_is_captioned_once_and_whole(texts, seconds):
    """No letter of any text is lost or doubled, no time runs backwards."""
    check_captions(make_cues(*texts, seconds=seconds))


@given(TEXT, st.lists(st.floats(0, 1), min_size=1, max_size=40))
@settings(deadline=None, max_examples=count_examples(80))
def test_words_of_any_text_are_whole_and_in_order(text, shares):
    """Every word is there once, no time runs backwards, wherever the voice puts its marks."""
    cue = EpisodeCue(1.0, 5.0, "narrator", text)
    places = sorted({round(share * len(text)) for share in shares})
    times = [1 + 4 * share for share in sorted(shares)]
    speech = Speech(text, marks=tuple(zip(places, times, strict=False)))
    sentences = list_words(caption_episode([cue], (), title="", speech=[speech]))
    said = "".join(word for sentence in sentences for word, _, _ in sentence)
    assert re.sub(r"\W", "", said) == re.sub(r"\W", "", text)
    told = [time for sentence in sentences for _, *times in sentence for time in times]
    assert told == sorted(told)
    assert all(1.0 <= time <= 5.0 for time in told)
