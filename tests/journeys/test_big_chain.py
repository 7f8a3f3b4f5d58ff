"""Ten years of reviews from five services become a podcast: few episodes, none short, all heard.

REVIEWCAST_TEST_LONG=1 takes 3,000 reviews, which is 28 hours of speech, instead of 30.
"""

import os
import re
from collections import Counter

import pytest
from tests.support.exports import (
    make_goodreads,
    make_letterboxd,
    make_letterboxd_feed,
    make_substack,
    make_truth,
    make_wordpress,
)
from tests.support.program import Program
from tests.support.show import make_show

LONG = os.environ.get("REVIEWCAST_TEST_LONG") == "1"
COUNT = 3000 if LONG else 30
BLOG = slice(200, 240) if LONG else slice(10, 14)
BOOKS = range(4000, 4200 if LONG else 4016)
LETTERS = range(5000, 5060 if LONG else 5006)
MORE = """[shelf]
alone_from_words = 250
[collect]
by = "month"
[encode]
channels = 1
bitrate_kbps = 64
quality = 9
[stitch]
intro = ""
outro = ""
sting = ""
"""
ENV = {"SOURCE_DATE_EPOCH": "1795000000", "REVIEWCAST_VOICE": "espeak"}
MARKER = re.compile(r"marker\d+x")
LEAST_S = 90
CANARIES = [word.encode(code) for word in ("canary", "Canary") for code in ("utf-8", "utf-16-le")]
"""Texts of tags are UTF-16."""


@pytest.fixture
def program(tmp_path):
    """The program with a cache of its own."""
    return Program(tmp_path / "cache")


def run(program, show, *arguments):
    """Run the program in the show; return what it printed as JSON."""
    done = program.run(*arguments, "--json", cwd=show, env=ENV)
    assert done.code == 0, done.err
    return done.json


def list_bytes(folder):
    """Return the bytes of all files of a folder that are no locks or notes of the machine."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".reviewcast" not in path.parts
    }


def test_an_archive_becomes_a_podcast(program, tmp_path):
    """Each review is heard once, or waits; nothing private is anywhere; a second run does none."""
    truth = make_truth(COUNT, every_days=1.2)
    exports = {
        "letterboxd.zip": make_letterboxd(truth.viewings[:-5]),
        "letterboxd.xml": make_letterboxd_feed(truth.viewings[-50:]),
        "blog.xml": make_wordpress(truth, truth.viewings[BLOG]),
        "books.csv": make_goodreads(BOOKS),
        "substack.zip": make_substack(LETTERS),
    }
    for name, data in exports.items():
        (tmp_path / name).write_bytes(data)
    show = make_show(tmp_path / "show", more=MORE)
    for name in exports:
        run(program, show, "import", tmp_path / name)
    wanted = {one.marker for one in truth.viewings}
    wanted |= {f"marker{number}x" for number in (*BOOKS, *LETTERS)}
    texts = {path.name: path.read_text("utf-8") for path in (show / "reviews").iterdir()}
    written = {name: set(MARKER.findall(text)) for name, text in texts.items()}
    assert Counter(one for found in written.values() for one in found) == Counter(wanted)

    built = run(program, show, "build")["episodes"]
    assert 0 < len(built) <= 400
    speech_s = [sum(cue["end_s"] - cue["start_s"] for cue in one["cues"]) for one in built]
    assert min(speech_s) >= LEAST_S
    rows = run(program, show, "shelf")["reviews"]
    waiting = {os.path.basename(row["file"]) for row in rows if row["waits"]}
    if LONG:
        assert not waiting
    heard = Counter(
        marker
        for one in built
        for marker in {found for cue in one["cues"] for found in MARKER.findall(cue["text"])}
    )
    assert heard == Counter(
        marker for name, found in written.items() if name not in waiting for marker in found
    )

    run(program, show, "publish", "--to", tmp_path / "public")
    for folder in (show, tmp_path / "public"):
        for path, data in list_bytes(folder).items():
            assert not any(canary in data for canary in CANARIES), path
    assert len(list((tmp_path / "public").rglob("*.mp3"))) == len(built)

    before = list_bytes(show)
    for name in exports:
        assert run(program, show, "import", tmp_path / name)["changes"] == []
    again = run(program, show, "build")["episodes"]
    assert sum(one["voiced"] + one["blocks"] - one["blocks_reused"] for one in again) == 0
    public = list_bytes(tmp_path / "public")
    run(program, show, "publish", "--to", tmp_path / "public")
    assert list_bytes(show) == before and list_bytes(tmp_path / "public") == public
