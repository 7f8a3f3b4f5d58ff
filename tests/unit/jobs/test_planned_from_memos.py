"""What a plan and a list of names take from memos is what they find without them."""

import shutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.support.budget import count_examples
from tests.support.program import Program
from tests.unit.text.texts import paragraphs

from reviewcast.jobs.listing import list_names
from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import ReviewcastError
from reviewcast.model.text import LexiconEntry
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config, VoiceChoice
from reviewcast.speech.memo_writer import open_memo_writer
from reviewcast.speech.narration import plan_narrations
from reviewcast.speech.plan import plan_episode
from reviewcast.system.cache import Cache
from reviewcast.text.draft import read_draft
from reviewcast.text.look import look_at, look_at_files
from reviewcast.text.memos import Memo, Memos
from reviewcast.text.read import ReviewSource

GOLDEN = Path(__file__).parents[2] / "golden"

heads = st.sampled_from(
    [
        "",
        "---\ntitle: 'No'\nrating: 4/5\n---\n",
        "---\nlang: de\nspoiler: true\n---\n",
        "# A *b*\n\n",
    ]
)
marks = st.sampled_from(["", "## ", "> ", "- ", "Spoilers: ", "*", "![x](a.png) "])
texts = st.builds(
    lambda head, parts: head + "\n\n".join(f"{mark}{text}" for mark, text in parts),
    heads,
    st.lists(st.tuples(marks, paragraphs), min_size=1, max_size=5),
)
configs = st.builds(
    lambda use, when, cast, run_chars, closing, lexicon, spoken, language: structs.replace(
        Config(),
        voice=VoiceChoice(use=use, when_it_fails=when),
        cast=structs.replace(Config().cast, **cast),
        split=structs.replace(Config().split, run_chars=run_chars, closing=closing),
        lexicon=lexicon,
        spoken=spoken,
        show=structs.replace(Config().show, language=language),
    ),
    st.sampled_from([("gtts", "hibari", "espeak"), ("espeak",), ("gtts",), ("openai", "espeak")]),
    st.sampled_from(["stop", "next"]),
    st.sampled_from([{}, {"quote": "espeak"}, {"title": {"name": "gtts", "tld": "co.uk"}}]),
    st.sampled_from([0, 60, 220]),
    st.sampled_from([(), ("My rating: {rating}.",)]),
    st.sampled_from([(), (LexiconEntry("film", "fillum"), LexiconEntry("Dr.", "doc"))]),
    st.sampled_from([{}, {"ratings": False}, {"the": "thee"}]),
    st.sampled_from(["en", "en-GB", "fr", "zh"]),
)


def find_all(source: ReviewSource, run: Run, memo: Memo | None = None):
    """Return the narrations, plan and names of a review; what is raised in place of each."""

    def narrate():
        draft = open_memo_writer(source, run.settings, memo) if memo else None
        return [
            list(
                plan_narrations(
                    draft or read_draft(source, run.settings), run.settings, alone=alone
                )
            )
            for alone in (False, True)
        ]

    def find(job):
        try:
            return job()
        except ReviewcastError as error:
            return type(error), error.message, error.hint

    return [
        find(narrate),
        find(lambda: plan_episode(source, run, memo or Memo())),
        find(lambda: list_names(source, run.settings, memo=memo)),
    ]


def check_all(source: ReviewSource, config: Config, folder: Path) -> None:
    """Hold what comes of memos, new and known, against what is found without them."""
    run = Run(settings=config, cache=Cache(folder / "takes"))
    expected = find_all(source, run)
    for _ in range(2):
        memos = Memos(config, Cache(folder))
        memo = memos.open(source)
        assert find_all(source, run, memo) == expected
        memos.save(memo)
    if isinstance(expected[0], list):
        # all of it comes from the memo: other bytes under its name change nothing
        other = ReviewSource(source.name, b"Another text.")
        assert find_all(other, run, Memos(config, Cache(folder)).open(source)) == expected


@settings(deadline=None, max_examples=count_examples(200))
@given(texts, configs, st.sampled_from(["tale.md", "tale.txt", "2020-01-02-heat.html"]))
def test_memos_change_nothing(tmp_path_factory, text, config, name):
    """Every field of narrations, plans and names is the same without, with new and known memos."""
    folder = tmp_path_factory.mktemp("memos")
    check_all(ReviewSource(name, text.encode("utf-8", "replace")), config, folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("voice", [None, "gtts", "espeak"])
def test_golden_reviews(tmp_path, voice):
    """All golden reviews come out of their memos as they are read, and so does their look."""
    files = sorted(path for path in GOLDEN.iterdir() if path.suffix in {".md", ".txt", ".html"})
    assert len(files) > 9
    config = load_config(None, environ={}, voice=voice)
    for number, file in enumerate(files):
        source = ReviewSource(str(file), file.read_bytes())
        check_all(source, config, tmp_path / str(number))
    looks = [look_at(ReviewSource(str(one), one.read_bytes()), one.name, config) for one in files]
    config = structs.replace(config, folder=GOLDEN)
    for _ in range(2):
        memos = Memos(config, Cache(tmp_path))
        assert list(look_at_files(files, config, memos=memos)) == looks


def test_edits_with_voices(tmp_path):
    """Edits that give a segment another voice, whose limit then cuts it, come out alike."""
    review = tmp_path / "tale.md"
    text = f"{'It goes on and on ' * 10}to its end."
    review.write_text(f"# A\n\n{text}\n\nIt ends.\n")
    (tmp_path / "tale.edits.toml").write_text(
        f'[[edit]]\ntext = "{text}"\nvoice = "gtts"\n\n[[edit]]\ntext = "It ends."\npause_s = 3.0\n'
    )
    source = ReviewSource(str(review), review.read_bytes())
    config = load_config(None, environ={}, voice="espeak")
    run = Run(settings=config, cache=Cache(tmp_path / "takes"))
    expected = find_all(source, run)
    memos = Memos(config, Cache(tmp_path / "cache"))
    for _ in range(2):
        memo = memos.open(source)
        assert find_all(source, run, memo) == expected
        memos.save(memo)
    narration = expected[0][0][0]
    assert {segment.voice for segment in narration.script.segments} == {"", "gtts"}


# --- the commands

REVIEWS = {
    "a.md": "---\ntitle: Heat\ndate: 2020-01-02\n---\n\nAl Pacino meets Robert De Niro. 8/10\n",
    "b.txt": "Amélie\n\nShe skims stones, and so does Amélie Poulain.\n",
    "c.html": "<title>Ran</title><p>Akira Kurosawa paints with <i>Throne of Blood</i> in mind.</p>",
    "bad.md": "---\ntitle: [\n---\n\nText.\n",
    "empty.md": "",
    "edited.md": "# Tale\n\nIt ends.\n",
    "edited.edits.toml": "[[edit]]\ntext = 'It ends.'\nspoken = 'It is over.'\n",
}


@pytest.fixture
def program(tmp_path) -> Program:
    return Program(tmp_path / "cache")


@pytest.fixture
def show(tmp_path) -> Path:
    folder = tmp_path / "show"
    (folder / "reviews").mkdir(parents=True)
    (folder / "podcast.toml").write_text("")
    for name, text in REVIEWS.items():
        (folder / "reviews" / name).write_text(text, encoding="utf-8")
    return folder


def list_bytes(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


COMMANDS = (["build", "--plan"], ["build", "--plan", "--json"], ["names"], ["names", "--json"])


def run_all(program, show, env=None):
    runs = [program.run(*command, cwd=show, env=env) for command in COMMANDS]
    return [(one.code, one.out, one.err) for one in runs]


def test_the_second_run_prints_what_the_first_did(program, show, tmp_path):
    """Also with damaged memos, and with a cache that refuses; nothing is written in the show."""
    before = list_bytes(show)
    first = run_all(program, show)
    assert [code for code, _, _ in first] == [3, 3, 3, 3]  # one is bad, and one empty
    assert "Amélie Poulain" in first[3][1]
    kept = program.run("cache", "--json", cwd=tmp_path).json["scripts"]
    assert kept["entries"] == 5  # of those that can be looked at
    assert run_all(program, show) == first
    files = [path for path in (program.cache / "scripts").rglob("*") if path.is_file()]
    for number, file in enumerate(files):
        file.write_bytes(file.read_bytes()[: number * 40])
    assert run_all(program, show) == first
    (tmp_path / "full").write_text("")
    assert run_all(program, show, {"REVIEWCAST_CACHE": str(tmp_path / "full")}) == first
    inside = {"REVIEWCAST_CACHE": str(show / "kept")}
    assert run_all(program, show, inside) == first
    assert list_bytes(show) == before
    cleared = program.run("cache", "clear", "--yes", "--json", cwd=tmp_path).json
    assert (cleared["removed"]["scripts"]["entries"], cleared["scripts"]["entries"]) == (5, 0)


def test_a_change_is_seen(program, show):
    """A review, its edits, a setting or the lexicon: what was kept before is of no use then."""
    before = run_all(program, show)

    def segments():
        plans = program.run("build", "--plan", "--json", cwd=show).json["plans"]
        return sum(plan["segments"] for plan in plans)

    count = segments()
    (show / "reviews" / "b.txt").write_text("Amélie\n\nShe skims stones.\n\nAnd so do I.\n")
    assert segments() == count + 1
    (show / "podcast.toml").write_text('[split]\nopening = ["Hello."]\n')
    assert segments() == count + 5
    (show / "lexicon.toml").write_text('[words]\n"Al Pacino" = "al patch-EE-no"\n')
    names = msgspec.json.decode(program.run("names", "--json", cwd=show).out)["names"]
    assert "al patch-EE-no" in [name["spoken"] for name in names]
    (show / "lexicon.toml").unlink()
    (show / "podcast.toml").write_text("")
    (show / "reviews" / "b.txt").write_text(REVIEWS["b.txt"], encoding="utf-8")
    assert run_all(program, show) == before
