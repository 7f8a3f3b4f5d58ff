"""A build honours the edits beside its review: words, silences, voices, recordings."""

import numpy as np
import pytest
import soundfile
from mutagen.id3 import ID3
from tests.support.program import Program

REVIEW = """# A short one

It begins in a station at night. Nobody waits for the last train.

Then it rains, and the rain goes on. It ends well enough.
"""
BARE = '[stitch]\nintro = ""\noutro = ""\nsting = ""\n'


@pytest.fixture
def program(tmp_path):
    """The program with a cache of its own."""
    return Program(tmp_path / "cache")


@pytest.fixture
def review(tmp_path):
    """A review in a show without music."""
    (tmp_path / "podcast.toml").write_text(BARE, encoding="utf-8")
    file = tmp_path / "x.md"
    file.write_text(REVIEW, encoding="utf-8")
    return file


def build(program, review):
    return program.run("build", review, "--voice", "espeak", "--json")


def list_texts(program, review):
    script = program.run("script", review, "--voice", "espeak", "--json").json
    return [segment["text"] for segment in script["segments"]]


def write_edits(review, text):
    review.with_suffix(".edits.toml").write_text(text, encoding="utf-8")


def test_an_edit_changes_its_segment_alone(program, review):
    """Another wording costs one segment; without the edit all is as before."""
    first = build(program, review).episode
    text = list_texts(program, review)[1]
    write_edits(
        review, f'[[edit]]\ntext = "{text}"\nspoken = "It starts elsewhere."\npause_s = 2\n'
    )
    changed = build(program, review)
    assert (changed.episode["voiced"], changed.episode["reused"]) == (1, first["segments"] - 1)
    cues = changed.episode["cues"]
    assert cues[2]["start_s"] - cues[1]["end_s"] == pytest.approx(2.0, abs=0.05)
    assert cues[1]["text"] == text
    said = [
        s["spoken"]
        for s in program.run("script", review, "--voice", "espeak", "--json").json["segments"]
    ]
    assert said[1] == "It starts elsewhere."
    review.with_suffix(".edits.toml").unlink()
    back = build(program, review).episode
    assert (back["voiced"], back["sha256"]) == (0, first["sha256"])


def test_an_edit_that_fits_no_more_is_kept_and_told(program, review):
    """When the text has changed, the build goes on, warns, and leaves the edit alone."""
    edits = '[[edit]]\ntext = "It was never there."\nspoken = "Nothing."\n'
    write_edits(review, edits)
    result = build(program, review)
    assert result.code == 0
    assert "An edit fits no segment any more and is kept: 'It was never there.'" in result.err
    assert review.with_suffix(".edits.toml").read_text(encoding="utf-8") == edits


def test_a_recording_stands_for_its_segment(program, review, tmp_path):
    """The writer's own voice is in the place of the segment, and nowhere else."""
    rate = 48_000
    tone = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(3 * rate) / rate)
    (tmp_path / "own").mkdir()
    soundfile.write(tmp_path / "own" / "take.flac", tone, rate)
    text = list_texts(program, review)[1]
    write_edits(review, f'[[edit]]\ntext = "{text}"\nrecording = "own/take.flac"\n')
    episode = build(program, review).episode
    samples, rate = soundfile.read(episode["path"], dtype="float32")
    for number, cue in enumerate(episode["cues"]):
        part = samples[int(cue["start_s"] * rate) : int(cue["end_s"] * rate), 0]
        spectrum = np.abs(np.fft.rfft(part))
        peak_hz = np.argmax(spectrum) * rate / len(part)
        share = spectrum[np.abs(np.fft.rfftfreq(len(part), 1 / rate) - 1000) < 20].max()
        is_tone = abs(peak_hz - 1000) < 5 and share > 100 * np.median(spectrum)
        assert is_tone == (number == 1)
    assert episode["cues"][1]["end_s"] - episode["cues"][1]["start_s"] == pytest.approx(3, abs=0.1)
    assert build(program, review).episode["voiced"] == 0


@pytest.mark.parametrize(
    ("edit", "code", "said"),
    [
        ('recording = "none.wav"', 6, "Cannot open the recording"),
        ('recording = "x.md"', 6, "is not an audio file"),
        ('voice = "espeek"', 4, "Did you mean espeak?"),
        ('spoken = "..."', 4, "nothing to say"),
    ],
)
def test_edits_that_cannot_be(program, review, edit, code, said):
    """What an edit cannot mean is one sentence; nothing is written."""
    text = list_texts(program, review)[1]
    write_edits(review, f'[[edit]]\ntext = "{text}"\n{edit}\n')
    result = build(program, review)
    assert result.code == code
    assert said in result.err
    assert "Traceback" not in result.err
    assert not (review.parent / "episodes").exists() or not list(
        (review.parent / "episodes").rglob("*.mp3")
    )


def test_a_segment_may_have_a_voice_of_its_own(program, review):
    """Another voice says that segment; the plan counts it with its own store."""
    text = list_texts(program, review)[1]
    plain = build(program, review).episode
    write_edits(review, f'[[edit]]\ntext = "{text}"\nvoice = "espeak"\n')
    assert build(program, review).episode["sha256"] == plain["sha256"]
    plan = program.run("build", review, "--voice", "espeak", "--plan", "--json").json
    assert plan["plans"][0]["to_voice"] == 0


def test_what_is_recorded_as_a_whole_is_called_so(program, review, tmp_path):
    """No line, no mark and no record of a synthetic voice is left; taken back, all is as before."""
    first = build(program, review).episode
    assert first["speakers"] == ["synthetic"]
    soundfile.write(tmp_path / "own.wav", 0.3 * np.sin(np.arange(48_000) / 8), 24_000)
    texts = list_texts(program, review)
    edits = [f'[[edit]]\ntext = "{text}"\nrecording = "own.wav"\n' for text in texts]
    write_edits(review, "".join(edits[1:]))
    assert build(program, review).episode["speakers"] == ["recording", "synthetic"]
    write_edits(review, "".join(edits))
    done = build(program, review)
    assert done.episode["speakers"] == ["recording"]
    assert [cue["text"] for cue in done.episode["cues"]] == texts[:-1]
    assert "fits no segment" not in done.err
    marks = {frame.desc: frame.text for frame in ID3(done.episode["path"]).getall("TXXX")}
    assert marks["ai-content"] == ["false"]
    assert not ID3(done.episode["path"]).getall("COMM:AI disclosure")
    review.with_suffix(".edits.toml").unlink()
    back = build(program, review).episode
    assert (back["voiced"], back["sha256"]) == (0, first["sha256"])
