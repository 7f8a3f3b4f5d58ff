"""`build --report`, as users run it."""

import itertools
import re

import numpy as np
import pytest
import soundfile
from tests.support.program import Program

REVIEW = "# A short one\n\nIt begins in 1994.\n\n## More\n\nIt goes on, and then it ends well.\n"


@pytest.fixture
def program(tmp_path):
    (tmp_path / "short.md").write_text(REVIEW, encoding="utf-8")
    return Program(tmp_path / "cache")


def build(program, folder, *options, review="short.md"):
    return program.run("build", folder / review, "--voice", "espeak", "--json", *options)


def read(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


def test_a_report_tells_of_the_finished_file(program, tmp_path):
    """Its figures are those of --json, and its waveform is that of the decoded MP3."""
    episode = build(program, tmp_path, "--report", tmp_path / "report.html").episode
    page = read(tmp_path)
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    lufs = episode["loudness"]["integrated_lufs"]
    assert facts["Loudness"] == f"{lufs:.1f} LUFS".replace("-", "−")
    assert facts["Segments"] == f"{episode['segments']} spoken anew, 0 reused"
    assert page.count("<b>anew</b>") == episode["segments"]
    assert "1994 → nineteen ninety four" in page
    samples, _ = soundfile.read(tmp_path / "short.mp3", dtype="float32")
    outline = re.search(r'class="shape" d="M0 (\d+)l([^V]*?)h', page)
    rises = [int(rise) for rise in re.findall(r"-?\d+", outline[2])][1::2]
    heights = 120 - (int(outline[1]) + np.cumsum([0, *rises]))
    bounds = np.linspace(0, len(samples), len(heights) + 1).astype(int)
    level = np.abs(samples).max(axis=1)
    heard = np.array([level[a:b].max() for a, b in itertools.pairwise(bounds)]) * 120
    assert np.corrcoef(heights, heard)[0, 1] > 0.97


def test_a_changed_sentence_is_the_one_that_was_spoken_anew(program, tmp_path):
    """The report and --json name it, and nothing else; without a change, none."""
    report = tmp_path / "report.html"
    build(program, tmp_path, "--report", report)
    changed = REVIEW.replace("ends well", "ends badly")
    (tmp_path / "short.md").write_text(changed, encoding="utf-8")
    episode = build(program, tmp_path, "--report", report).episode
    (index,) = episode["voiced_segments"]
    assert episode["cues"][index]["text"] == "It goes on, and then it ends badly."
    assert re.findall(r"<b>anew</b><td[^>]*>([^<\n]*)", read(tmp_path)) == [
        "It goes on, and then it ends badly."
    ]
    once = build(program, tmp_path, "--report", report).episode
    assert once["voiced_segments"] == []
    assert "<b>anew</b>" not in read(tmp_path)
    first = report.read_bytes()
    build(program, tmp_path, "--report", report)
    assert report.read_bytes() == first


def test_one_page_tells_of_all_reviews(program, tmp_path):
    """Those that were built and those that were not, also when that is all of them."""
    (tmp_path / "empty.md").write_text("", encoding="utf-8")
    (tmp_path / "other.md").write_text("# Another\n\nIt is here.\n", encoding="utf-8")
    report = tmp_path / "report.html"
    names = [tmp_path / name for name in ("short.md", "empty.md", "other.md")]
    result = program.run("build", *names, "--voice", "espeak", "--report", report)
    assert result.code == 3
    page = read(tmp_path)
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", page) == ["A short one", "Another", "Not built"]
    assert "empty.md" in page
    result = program.run("build", names[1], "--voice", "espeak", "--report", report)
    assert result.code == 3
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", read(tmp_path)) == ["Not built"]


def test_warnings_of_the_build_stand_in_its_report(program, tmp_path):
    """What is told on stderr is also told there."""
    (tmp_path / "short.md").write_text(f"---\nimage: gone.jpg\n---\n{REVIEW}", encoding="utf-8")
    result = build(program, tmp_path, "--report", tmp_path / "report.html")
    assert "gone.jpg" in result.err
    assert "gone.jpg" in re.search(r'<ul class="remarks">(.*?)</ul>', read(tmp_path), re.DOTALL)[1]


def test_a_report_takes_no_other_file_s_place(program, tmp_path):
    """A page that is no report, such as a review, stays as it is; nothing is spoken."""
    page = tmp_path / "short.html"
    page.write_text("<h1>Mine</h1><p>It is a review.</p>", encoding="utf-8")
    result = build(program, tmp_path, "--report", page)
    assert result.code == 2
    assert "is there and is no report" in result.err
    assert page.read_text(encoding="utf-8").startswith("<h1>Mine")
    result = build(program, tmp_path, "--report", tmp_path / "short.md")
    assert result.code == 2
    assert "does not end in .html" in result.err
    assert not (tmp_path / "short.mp3").exists()


def test_a_place_that_cannot_be_written_is_told_before_any_work(program, tmp_path):
    """A folder of that name, say."""
    (tmp_path / "report.html").mkdir()
    result = build(program, tmp_path, "--report", tmp_path / "report.html")
    assert result.code == 6
    assert not (tmp_path / "short.mp3").exists()
