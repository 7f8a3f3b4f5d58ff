"""The desk behind the page: what is saved, what is taken back, and what is said when it fails."""

import pytest
from tests.support.preview import Preview, write_review

from reviewcast.model.errors import ConfigError, ConflictError, UsageError
from reviewcast.text.edits import Edit, find_edits_file, load_edits, save_edit
from reviewcast.web.session import Desk, MissingSegmentError, Wish, name_row

TALE = "# A tale\n\nIt begins, and it ends.\n\nSo it goes.\n"


@pytest.fixture
def review(tmp_path):
    return write_review(tmp_path / "show", TALE)


@pytest.fixture
def desk(review):
    """A desk whose worker has not begun: what is asked of it is saved, and nothing spoken."""
    desk = Desk(str(review))
    yield desk
    desk.close()


def get_id(desk, text):
    return next(one["id"] for one in desk.describe()["segments"] if one["text"] == text)


def test_undo_goes_back_step_by_step(desk, review):
    """Edits and words are taken back in turn, to the very bytes; then there is nothing left."""
    lexicon = review.with_name("lexicon.toml")
    lexicon.write_text('# mine\n[words]\n"tale" = "tail"  # so\n', encoding="utf-8")
    before = lexicon.read_bytes()
    one = get_id(desk, "So it goes.")
    first = desk.change(one, Wish(expect="", spoken="So it went."))
    desk.change(one, Wish(expect=first.version, spoken="So it went.", pause_s=2.0))
    desk.add_word("begins", "be-GINS")
    assert b"# mine" in lexicon.read_bytes()
    assert b"be-GINS" in lexicon.read_bytes()
    assert desk.undo() == "how “begins” is said"
    assert lexicon.read_bytes() == before
    assert desk.undo() == desk.describe()["undo"] == "segment 3"
    assert load_edits(find_edits_file(review)) == (first,)
    desk.undo()
    assert load_edits(find_edits_file(review)) == ()
    assert desk.undo() == ""


def test_undo_never_takes_back_what_somebody_else_did(desk, review):
    """An edit that was changed by hand since stays; what came before can still be taken back."""
    one, two = get_id(desk, "So it goes."), get_id(desk, "A tale")
    desk.change(two, Wish(expect="", pause_s=1.0))
    mine = desk.change(one, Wish(expect="", spoken="Mine."))
    file = find_edits_file(review)
    theirs = save_edit(file, Edit(text="So it goes.", spoken="Theirs."), expect=mine.version)
    with pytest.raises(ConflictError):
        desk.undo()
    assert theirs in load_edits(file)
    desk.undo()
    assert load_edits(file) == (theirs,)


def test_an_edit_that_says_nothing_new_is_none(desk, review):
    """Saving what is there already changes no file and leaves nothing to undo."""
    desk.change(get_id(desk, "So it goes."), Wish(expect=""))
    assert not find_edits_file(review).exists()
    assert desk.describe()["undo"] == ""


def test_what_a_voice_cannot_say_is_refused(desk):
    """A text over a voice's limit would fall into segments of its own: it is not taken."""
    one = get_id(desk, "So it goes.")
    with pytest.raises(ConfigError, match="at most 100 characters"):
        desk.change(one, Wish(expect="", spoken="word " * 30, voice="gtts"))
    with pytest.raises(UsageError, match="nothing"):
        desk.add_word("goes", " ")
    with pytest.raises(MissingSegmentError):
        desk.change("0" * 16, Wish(expect=""))


def test_a_failure_is_told_and_the_desk_stays(desk, review):
    """What the worker cannot read is said on the page, with a hint, and work goes on later."""
    find_edits_file(review).write_text("[[edit]\n", encoding="utf-8")
    desk.start()
    state = Preview(desk, "", []).wait()
    assert "not valid TOML" in state["failure"]["message"]
    assert state["failure"]["hint"]
    assert state["audio"] is None


def test_a_segment_keeps_its_name_while_its_text_stays(desk):
    """Two that read alike have names of their own; places do not matter."""
    rows = desk._listing.rows
    assert len({name_row(row) for row in rows}) == len(rows)
