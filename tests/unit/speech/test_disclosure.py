"""Who is heard is known from the cast and the recordings, and the last line says it truthfully."""

from pathlib import Path

import pytest

from reviewcast.model.errors import ConfigError
from reviewcast.settings.load import load_settings
from reviewcast.speech.disclosure import list_speakers
from reviewcast.speech.narration import write_narration
from reviewcast.text.disclosures import get_disclosure, is_disclosure
from reviewcast.text.draft import read_draft, tell_unfit
from reviewcast.text.edits import Edit
from reviewcast.text.read import ReviewSource

REVIEW = """# A short one

It begins in a station at night.

> Nobody waits for the last train.

It ends well enough.
"""
TEXTS = (
    "A short one",
    "It begins in a station at night.",
    "Nobody waits for the last train.",
    "It ends well enough.",
)
SYNTHETIC = "This review was read by a synthetic voice."
PARTLY = "Parts of this review were read by a synthetic voice."
CLONED = "This review was read by a synthetic copy of my voice."
CLONE = "[voice.piper]\nown = true\nmodel = 'me.onnx'\n"


@pytest.fixture
def write(tmp_path):
    """Write the script of a review with settings, a voice and recordings of some segments."""

    def write(settings="", *, voice="espeak", recorded=(), told=None, name="x.md"):
        (tmp_path / "podcast.toml").write_text(settings, encoding="utf-8")
        config = load_settings(tmp_path, voice=voice)
        edits = tuple(Edit(text=text, recording="own.wav") for text in recorded)
        draft = read_draft(ReviewSource(str(tmp_path / name), REVIEW.encode()), config)
        draft = type(draft)(draft.review, edits, Path(draft.file))
        narration = write_narration(draft, config, voice)
        tell_unfit(draft, narration.script, (told if told is not None else []).append)
        speakers = list_speakers(narration.script, narration.cast)
        return speakers, [one.text for one in narration.script.segments]

    return write


@pytest.mark.parametrize(
    ("settings", "voice", "recorded", "speakers", "line"),
    [
        ("", "espeak", (), ("synthetic",), SYNTHETIC),
        ("", "espeak", TEXTS[1:2], ("recording", "synthetic"), PARTLY),
        ("", "espeak", TEXTS, ("recording",), None),
        ("", "espeak", (*TEXTS, SYNTHETIC), ("recording",), None),
        (CLONE, "piper", (), ("clone",), CLONED),
        (CLONE, "piper", TEXTS[1:2], ("clone", "recording"), PARTLY),
        (CLONE, "piper", TEXTS, ("recording",), None),
        (CLONE + "[cast]\nquote = 'espeak'\n", "piper", (), ("clone", "synthetic"), PARTLY),
        (CLONE + "[cast]\nquote = 'espeak'\n", "piper", TEXTS[2:3], ("clone", "recording"), PARTLY),
        # the copy at another speed has to be called so again
        (
            CLONE + "[cast]\nquote = { speed = 1.2 }\n",
            "piper",
            (),
            ("clone", "synthetic"),
            PARTLY,
        ),
        (
            CLONE + "[cast]\nquote = { speed = 1.2, own = true }\n",
            "piper",
            (),
            ("clone",),
            CLONED,
        ),
        (
            "[cast]\nquote = { name = 'piper', model = 'me.onnx', own = true }\n",
            "espeak",
            (),
            ("clone", "synthetic"),
            PARTLY,
        ),
        ("[voice.piper]\nown = false\nmodel = 'me.onnx'\n", "piper", (), ("synthetic",), SYNTHETIC),
        ("[split]\nclosing = ['Thanks.']\n", "espeak", TEXTS, ("recording", "synthetic"), PARTLY),
        ("[show]\ndisclosure = ''\n", "espeak", (), ("synthetic",), None),
        ("[show]\ndisclosure = 'By a machine.'\n", "espeak", (), ("synthetic",), "By a machine."),
        ("[show]\ndisclosure = 'By a machine.'\n", "espeak", TEXTS, ("recording",), None),
        ("[show]\ndisclosure = 'By me.'\n", "espeak", (*TEXTS, "By me."), ("recording",), "By me."),
    ],
)
def test_the_last_line_is_true(write, settings, voice, recorded, speakers, line):
    """It follows from who says the rest; the rest is as it was, and nothing is missed."""
    told = []
    found, texts = write(settings, voice=voice, recorded=recorded, told=told)
    assert found == speakers
    added = ["Thanks."] if "Thanks." in settings else []
    assert texts == [*TEXTS, *added, *([line] if line else [])]
    assert told == []


def test_a_review_in_a_language_without_a_line(write):
    """It has no line, whoever speaks, and what is heard is known all the same."""
    assert write("[show]\nlanguage = 'en'\n", recorded=TEXTS[:1])[1][-1] == PARTLY
    assert get_disclosure("eo", ("recording", "synthetic")) == ""


@pytest.mark.parametrize("speakers", [("synthetic",), ("clone",), ("clone", "synthetic")])
def test_each_language_has_all_lines(speakers):
    """None is that of another language or of another state."""
    codes = "ar ca cs da de el en es fi fr hu it ja ko nl no pl pt ro ru sv tr uk zh".split()
    lines = [get_disclosure(code, speakers) for code in codes]
    assert len(set(lines)) == len(codes)
    assert all(map(is_disclosure, lines))
    assert not set(lines) & {get_disclosure(code, ("recording", "own")) for code in codes}
    others = [
        one for one in (("synthetic",), ("clone",), ("clone", "synthetic")) if one != speakers
    ]
    assert not {get_disclosure(code, one) for code in codes for one in others} & set(lines)


@pytest.mark.parametrize(
    ("settings", "voice", "said"),
    [
        ("[voice.espeak]\nown = true\n", "espeak", "espeak has no voice that is the author's"),
        ("[voice.gtts]\nown = true\n", "gtts", "gtts has no voice that is the author's"),
        ("[voice.piper]\nown = 'yes'\nmodel = 'me.onnx'\n", "piper", "own must be true or false"),
        ("[cast]\nquote = { own = true }\n", "espeak", "espeak has no voice that is the author's"),
    ],
)
def test_a_voice_that_can_be_nobodys_own(write, settings, voice, said):
    """A stock voice never passes as the author's, and a wrong value is told."""
    with pytest.raises(ConfigError, match=said):
        write(settings, voice=voice)
