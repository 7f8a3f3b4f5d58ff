"""The session behind the page: what is saved, what is taken back, what is said when it fails."""

import pytest
from tests.support.preview import Preview, write_review

from reviewcast.model.errors import ConfigError, ConflictError, UsageError
from reviewcast.text.edits import Edit, find_edits_file, load_edits, save_edit
from reviewcast.web.session import EditingSession, MissingSegmentError, SegmentEdit

TALE = "# A tale\n\nIt begins, and it ends.\n\nSo it goes.\n"


@pytest.fixture
def review(tmp_path):
    return write_review(tmp_path / "show", TALE)


@pytest.fixture
def session(review):
    """A session whose worker has not begun: what is asked of it is saved, and nothing spoken."""
    session = EditingSession(str(review))
    yield session
    session.close()


def get_id(session, text):
    return next(one["id"] for one in session.describe()["segments"] if one["text"] == text)


def test_undo_goes_back_step_by_step(session, review):
    """Edits and words are taken back in turn, to the very bytes; then there is nothing left."""
    lexicon = review.with_name("lexicon.toml")
    lexicon.write_text('# mine\n[words]\n"tale" = "tail"  # so\n', encoding="utf-8")
    before = lexicon.read_bytes()
    one = get_id(session, "So it goes.")
    first = session.change(one, SegmentEdit(expect="", spoken="So it went."))
    session.change(one, SegmentEdit(expect=first.version, spoken="So it went.", pause_s=2.0))
    session.add_word("begins", "be-GINS")
    assert b"# mine" in lexicon.read_bytes()
    assert b"be-GINS" in lexicon.read_bytes()
    assert session.undo() == "how “begins” is said"
    assert lexicon.read_bytes() == before
    assert session.undo() == session.describe()["undo"] == "segment 3"
    assert load_edits(find_edits_file(review)) == (first,)
    session.undo()
    assert load_edits(find_edits_file(review)) == ()
    assert session.undo() == ""


def test_undo_never_takes_back_what_somebody_else_did(session, review):
    """An edit that was changed by hand since stays; what came before can still be taken back."""
    one, two = get_id(session, "So it goes."), get_id(session, "A tale")
    session.change(two, SegmentEdit(expect="", pause_s=1.0))
    mine = session.change(one, SegmentEdit(expect="", spoken="Mine."))
    file = find_edits_file(review)
    theirs = save_edit(file, Edit(text="So it goes.", spoken="Theirs."), expect=mine.version)
    with pytest.raises(ConflictError):
        session.undo()
    assert theirs in load_edits(file)
    session.undo()
    assert load_edits(file) == (theirs,)


def test_an_edit_that_says_nothing_new_is_none(session, review):
    """Saving what is there already changes no file and leaves nothing to undo."""
    session.change(get_id(session, "So it goes."), SegmentEdit(expect=""))
    assert not find_edits_file(review).exists()
    assert session.describe()["undo"] == ""


def test_what_a_voice_cannot_say_is_refused(session):
    """A text over a voice's limit would fall into segments of its own: it is not taken."""
    one = get_id(session, "So it goes.")
    with pytest.raises(ConfigError, match="at most 100 characters"):
        session.change(one, SegmentEdit(expect="", spoken="word " * 30, voice="gtts"))
    with pytest.raises(UsageError, match="nothing"):
        session.add_word("goes", " ")
    with pytest.raises(MissingSegmentError):
        session.change("0" * 16, SegmentEdit(expect=""))


def test_a_failure_is_told_and_the_desk_stays(session, review):
    """What the worker cannot read is said on the page, with a hint, and work goes on later."""
    find_edits_file(review).write_text("[[edit]\n", encoding="utf-8")
    session.start()
    state = Preview(session, "", []).wait()
    assert "not valid TOML" in state["failure"]["message"]
    assert state["failure"]["hint"]
    assert state["audio"] is None


def test_a_segment_keeps_its_name_while_its_text_stays(tmp_path):
    """Two that read alike have names of their own; what comes before them does not matter."""

    def list_ids(folder, text):
        session = EditingSession(str(write_review(tmp_path / folder, text)))
        session.close()
        return [one["id"] for one in session.describe()["segments"] if one["text"] == "So it goes."]

    first = list_ids("one", "# A tale\n\nSo it goes.\n\nSo it goes.\n")
    assert len(set(first)) == 2
    assert list_ids("two", "# A tale\n\nIt begins.\n\nSo it goes.\n\nSo it goes.\n") == first
