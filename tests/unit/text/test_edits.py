"""Edits of single segments: readable, never lost, safe against each other."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.model.errors import ConfigError, ConflictError
from reviewcast.model.text import Script, ScriptChapter, Segment, Span
from reviewcast.text.edits import Edit, apply_edits, find_edits_file, load_edits, save_edit


def make_script(*texts):
    segments = tuple(
        Segment(
            index=n, chapter=0, role="narrator", text=text, spoken=text, pause_s=0.5,
            span=Span(0, n, 0, len(text)),
        )
        for n, text in enumerate(texts)
    )  # fmt: skip
    return Script(
        title="T", language="en", chapters=(ScriptChapter("T", written=False),), segments=segments
    )


def test_the_file_lies_beside_its_review(tmp_path):
    """`x.md` has `x.edits.toml`; without the file there are no edits."""
    file = find_edits_file(tmp_path / "x.md")
    assert file == tmp_path / "x.edits.toml"
    assert load_edits(file) == ()


def test_edits_change_their_segments_only():
    """What is given changes, all else stays; the second of two that read alike can be meant."""
    script = make_script("One.", "Two.", "One.", "Three.")
    edits = [
        Edit(text="One.", occurrence=2, spoken="Once  more."),
        Edit(text="Two.", pause_s=2.0, voice="espeak", recording="x/two.wav"),
        Edit(text="Gone.", spoken="Never."),
    ]
    changed, unfit = apply_edits(script, edits)
    assert [s.spoken for s in changed.segments] == ["One.", "Two.", "Once more.", "Three."]
    assert [s.pause_s for s in changed.segments] == [0.5, 2.0, 0.5, 0.5]
    two = changed.segments[1]
    assert (two.voice, two.recording) == ("espeak", "x/two.wav")
    assert unfit == (edits[2],)


def test_saving_keeps_what_is_written_by_hand(tmp_path):
    """Comments and other edits stay as they are; what changes nothing is taken away."""
    file = tmp_path / "x.edits.toml"
    file.write_text(
        '# mine\n[[edit]]\ntext = "One."  # the first\nspoken = "Uno."\n\n'
        '[[edit]]\ntext = "Two."\npause_s = 1\n',
        encoding="utf-8",
    )
    save_edit(file, Edit(text="Two.", pause_s=1.0, spoken="Due."))
    save_edit(file, Edit(text="Three.", voice="gtts"))
    text = file.read_text(encoding="utf-8")
    assert text.startswith('# mine\n[[edit]]\ntext = "One."  # the first\nspoken = "Uno."\n')
    assert [edit.text for edit in load_edits(file)] == ["One.", "Two.", "Three."]
    save_edit(file, Edit(text="Two."))
    save_edit(file, Edit(text="Three."))
    assert [edit.text for edit in load_edits(file)] == ["One."]
    assert "# mine" in file.read_text(encoding="utf-8")


def test_two_writers_never_lose_an_edit(tmp_path):
    """Who has seen an older version is refused; edits of other segments do not matter."""
    file = tmp_path / "x.edits.toml"
    first = save_edit(file, Edit(text="One.", spoken="A."), expect="")
    save_edit(file, Edit(text="Two.", spoken="B."), expect="")
    with pytest.raises(ConflictError):
        save_edit(file, Edit(text="One.", spoken="C."), expect="")
    assert load_edits(file)[0] == first
    save_edit(file, Edit(text="One.", spoken="C."), expect=first.version)
    assert load_edits(file)[0].spoken == "C."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[edit]]\nspoken = 'x'\n", "text"),
        ("[[edit]]\ntext = 'x'\nspeaking = 'y'\n", "speaking"),
        ("[[edit]]\ntext = 'x'\nspoken = '...'\n", "nothing to say"),
        ("[[edit]]\ntext = 'x'\npause_s = 99\n", "pause_s"),
        ("[[edit]]\ntext = 'x'\noccurrence = 0\n", "occurrence"),
        ("[[edit]]\ntext = 'x'\n[[edit]]\ntext = 'x'\n", "2 edits"),
        ("[edit]\ntext = 'x'\n", "something else"),
        ("edits = 1\n", "something else"),
        ("[[edit]\n", "not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_used_stays(tmp_path, text, said):
    """The error names what is wrong; neither loading nor saving touches the file."""
    file = tmp_path / "x.edits.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_edits(file)
    with pytest.raises(ConfigError):
        save_edit(file, Edit(text="One.", spoken="A."))
    assert file.read_text(encoding="utf-8") == text


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@settings(deadline=None, max_examples=count_examples(40))
@given(
    st.lists(TEXT, min_size=1, max_size=5, unique=True),
    TEXT.filter(lambda t: any(map(str.isalnum, t))),
)
def test_any_text_comes_back(tmp_path_factory, texts, spoken):
    """Whatever the texts hold, the file is TOML and gives the same edits again."""
    file = tmp_path_factory.mktemp("edits") / "x.edits.toml"
    edits = tuple(Edit(text=text, spoken=spoken, pause_s=0.25) for text in texts)
    for edit in edits:
        save_edit(file, edit)
    assert load_edits(file) == edits
    assert tomllib.loads(file.read_text(encoding="utf-8"))
