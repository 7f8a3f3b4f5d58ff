"""The session behind the page: what is saved, what is taken back, what is said when it fails."""

import contextlib

import pytest
from tests.support.google import GoogleStandIn
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


def run_session(review, **options):
    """Start a session whose worker has done what there is; what it says is in the state."""
    session = EditingSession(str(review), **options)
    session.start()
    preview = Preview(session, "", [])
    preview.wait()
    return session, preview


@pytest.fixture
def closing():
    with contextlib.ExitStack() as stack:
        yield stack


def test_a_change_from_outside_is_read_and_told(review, closing):
    """The review is looked at while nothing is done: its new segments are there, and said so."""
    session, preview = run_session(review, watch_s=0.02)
    closing.callback(session.close)
    assert session.describe()["remarks"] == ()
    review.write_text("# A tale\n\nIt begins, and it ends.\n\nSo it went.\n", encoding="utf-8")
    state = preview.wait_for(lambda state: state["remarks"] and not state["busy"])
    assert "tale.md was changed outside of this page" in state["remarks"][0]
    assert "So it went." in [one["text"] for one in state["segments"]]
    assert {one["id"] for one in state["segments"] if one["place"]} == {
        one["id"] for one in state["segments"]
    }
    # what the page itself writes is none
    one = get_id(session, "So it went.")
    session.change(one, SegmentEdit(expect="", spoken="So it goes on."))
    session.add_word("begins", "be-GINS")
    state = preview.wait_for(
        lambda state: (
            not state["busy"]
            and "So it goes on." in [one["spoken"] for one in state["segments"]]
            and any("be-GINS" in one["spoken"] for one in state["segments"])
        )
    )
    assert state["remarks"] == ()


def test_build_tells_of_a_change_that_no_page_has_shown(review, closing):
    """What is built is what the file says now, and that it is other than what was seen is said."""
    session, preview = run_session(review, watch_s=3600)
    closing.callback(session.close)
    review.write_text("# A tale\n\nIt begins, and it ends.\n", encoding="utf-8")
    session.build()
    state = preview.wait()
    assert state["built"]["segments"] == len(state["segments"]) == 3
    assert "tale.md was changed outside of this page" in state["remarks"][0]


def test_a_voice_that_does_not_answer_is_told_and_asked_again(tmp_path, closing, monkeypatch):
    """Another one speaks meanwhile, which the page says; nothing pretends to be that voice."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    settings = 'fallback = "episode"\nsecond = "espeak"\n[synthesize]\nattempts = 1\n'
    session, preview = run_session(write_review(tmp_path / "show", TALE, more=settings))
    closing.callback(session.close)
    one = get_id(session, "So it goes.")
    session.change(one, SegmentEdit(expect="", voice="gtts"))
    state = preview.wait()
    row = next(row for row in state["segments"] if row["id"] == one)
    assert (row["edit"]["voice"], row["voice"]) == ("gtts", "espeak")
    assert state["absent"]
    assert "espeak speaks the whole episode" in state["remarks"][0]
    session.build()
    assert any("espeak speaks the whole episode" in one for one in preview.wait()["remarks"])
    with GoogleStandIn() as google:
        for name, value in google.environ().items():
            monkeypatch.setenv(name, value)
        session.render()
        state = preview.wait()
        assert google.texts == ["So it goes."]
    row = next(row for row in state["segments"] if row["id"] == one)
    assert (row["voice"], state["absent"], state["remarks"]) == ("gtts", False, ())


def test_voices_that_cannot_speak_are_marked(session, monkeypatch):
    """One without the key that it wants, or without its model; the embedded one always speaks."""
    lacks = {voice["name"]: voice["lack"] for voice in session.describe()["voices"]}
    assert lacks["espeak"] == lacks["gtts"] == ""
    assert "piper" in lacks["piper"]
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    session.start()
    state = Preview(session, "", []).wait()
    assert (
        "OPENAI_API_KEY is not set"
        in {one["name"]: one["lack"] for one in state["voices"]}["openai"]
    )
