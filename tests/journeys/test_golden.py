"""Golden pairs: a review, and the script that it becomes.

After a wanted change: `reviewcast script --voice espeak --json x.md > x.script.json`.
"""

import json
from pathlib import Path

import pytest
from tests.support.program import run_here

HERE = Path(__file__).parents[1] / "golden"
REVIEWS = sorted(path for path in HERE.iterdir() if path.suffix in {".md", ".txt", ".html"})


def write_script(*arguments: str, stdin: bytes = b"") -> dict[str, object]:
    done = run_here("script", "--voice", "espeak", "--json", *arguments, data=stdin)
    assert done.code == 0, done.err
    return done.json


@pytest.mark.parametrize("review", REVIEWS, ids=lambda path: path.name)
def test_golden(review):
    """A review becomes exactly the script beside it."""
    golden = review.with_suffix(".script.json").read_text(encoding="utf-8")
    assert write_script(str(review)) == json.loads(golden)


@pytest.mark.parametrize("review", [p for p in REVIEWS if p.suffix == ".md"], ids=lambda p: p.name)
def test_standard_input(review):
    """Standard input is read as Markdown; only a title from the file's name is missing."""
    golden = json.loads(review.with_suffix(".script.json").read_text(encoding="utf-8"))
    script = write_script("-", stdin=review.read_bytes())
    if review.stem == "nights-of-wind":
        assert script["title"] == "Review"
        script["title"] = golden["title"]
        said = golden["segments"].pop(0)
        assert (said["role"], said["text"]) == ("title", golden["title"])
        for segment in golden["segments"]:
            segment["index"] -= 1
            segment["number"] -= 1
    assert script == golden


def test_every_pair_is_whole():
    """No script stands without its review."""
    scripts = {path.name.removesuffix(".script.json") for path in HERE.glob("*.script.json")}
    assert scripts == {path.stem for path in REVIEWS}
