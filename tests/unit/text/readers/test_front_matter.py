"""Front matter: fields as they were typed, and the text after them."""

import pytest
import yaml

from reviewcast.model.errors import ReviewError
from reviewcast.text.readers.front_matter import skip_front_matter, split_front_matter


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("No", "No"),
        ("yes", "yes"),
        ("null", "null"),
        ("~", "~"),
        ("9", "9"),
        ("0123", "0123"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("1917-01-02", "1917-01-02"),
        ("4.50", "4.50"),
        ('"A: B"', "A: B"),
        ("'It''s'", "It's"),
        ('"\\u00e9\\t!"', "é !"),
        ("[a, b, 1]", "a, b, 1"),
        ("|\n  one\n  two", "one two"),
        ("!!python/object:os.system x", "x"),
        ("a # a remark", "a"),
    ],
)
def test_yaml_values(written, value):
    """YAML is never clever: a film may be called No, or 9."""
    assert split_front_matter(f"---\ntitle: {written}\n---\nText.") == ({"title": value}, "Text.")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"No"', "No"),
        ("1917", "1917"),
        ("4.50", "4.50"),
        ("1922-09-18", "1922-09-18"),
        ("1922-09-18T20:15:00Z", "1922-09-18T20:15:00+00:00"),
        ("20:15:00", "20:15:00"),
        ('["a", "b"]', "a, b"),
        ('"""\none\ntwo"""', "one two"),
    ],
)
def test_toml_values(written, value):
    """TOML's values become the texts that they were."""
    assert split_front_matter(f"+++\ntitle = {written}\n+++\nText.") == ({"title": value}, "Text.")


def test_tabs_in_yaml():
    """A tab behind a colon or at the end of a line is a space."""
    text = "---\ntitle:\tSalt\t\nsea: calm \t \ntags:\n- a\t\n- b\n---\nText."
    assert split_front_matter(text) == ({"title": "Salt", "sea": "calm", "tags": "a, b"}, "Text.")


def test_nested_fields():
    """Fields within fields have both names; names are lower-case."""
    yaml_form = "---\nSubject:\n  Title: The Wind\n  Year: 1928\n---\n"
    toml_form = '+++\n[Subject]\nTitle = "The Wind"\nYear = 1928\n+++\n'
    fields = {"subject.title": "The Wind", "subject.year": "1928"}
    assert split_front_matter(yaml_form) == (fields, "")
    assert split_front_matter(toml_form) == (fields, "")


@pytest.mark.parametrize(
    ("text", "fields", "rest"),
    [
        ("---\n---\nText.", {}, "Text."),
        ("---\n# only a remark\n---\nText.", {}, "Text."),
        ("---  \na: b\n---\t\n\n\nText.\n---\n", {"a": "b"}, "Text.\n---\n"),
        ("---\na: b\n...\nText.", {"a": "b"}, "Text."),
        ("---\na:\nb: ''\n---\nText.", {}, "Text."),
        ("+++\n+++\nText.", {}, "Text."),
        ("Text.\n---\na: b\n---\n", {}, None),
        ("----\na: b\n----\n", {}, None),
        ("--- a\n", {}, None),
        ("---\n\nA rule above all, and no front matter.\n", {}, None),
        ("", {}, None),
        ("---", {}, None),
    ],
)
def test_fences(text, fields, rest):
    """Front matter is what stands between two fences on top, and nothing else."""
    assert split_front_matter(text) == (fields, text if rest is None else rest)


def test_deep_yaml_is_not_read_through(monkeypatch):
    """A nest of brackets is refused at its 21st, not after its last."""
    seen = []
    scan = yaml.scan

    def watch(source):
        for token in scan(source):
            seen.append(token)
            yield token

    monkeypatch.setattr(yaml, "scan", watch)
    with pytest.raises(ReviewError, match="nested too deeply"):
        split_front_matter("---\na: " + "[" * 30_000 + "\n---\n")
    assert len(seen) < 30


def test_flat_yaml_is_not_deep():
    """Many fields and lists beside each other are not nested."""
    source = "".join(f"field{number}: [a, {{b: c}}]\n" for number in range(100))
    fields, _ = split_front_matter(f"---\n{source}lists:\n- a\n- b\n---\n")
    assert len(fields) == 101


@pytest.mark.parametrize(
    ("text", "fields", "rest"),
    [
        ('{"title": "No", "rating": 4.50, "a": {"b": true}}\n\nText.',
         {"title": "No", "rating": "4.50", "a.b": "true"}, "Text."),
        ('---json\n{"title": "A"}\n---\nText.', {"title": "A"}, "Text."),
        ("---toml\ntitle = 'A'\n---\nText.", {"title": "A"}, "Text."),
        ("Title: A: B\nDate: 2020-01-02\n  and more\nTags:\n\nText.",
         {"title": "A: B", "date": "2020-01-02 and more"}, "Text."),
        ("date: 2020\nrating: 4\n\nText.", {"date": "2020", "rating": "4"}, "Text."),
        ("Note: this is a text.\n\nText.", {}, None),
        ("Title: one\nand a line of text.\n\nText.", {}, None),
        ("Date: only one\n\nText.", {}, None),
        ("{not json}\n\nText.", {}, None),
        ('{"open": \n\nText.', {}, None),
    ],
)  # fmt: skip
def test_other_syntaxes(text, fields, rest):
    """JSON, fences that name their syntax, and Pelican's header lines are front matter too."""
    assert split_front_matter(text) == (fields, text if rest is None else rest)
    assert skip_front_matter(text) == (text if rest is None else rest)


@pytest.mark.parametrize(
    "source",
    [
        "+++\n" + "a." * 20_000 + "a = 1\n+++\n",
        "+++\n[" + "a." * 20_000 + "a]\n+++\n",
        '{"a":' * 30_000 + "1" + "}" * 30_000,
        "---json\n" + '{"a":' * 50 + "1" + "}" * 50 + "\n---\n",
    ],
)
def test_too_deep(source):
    """Names within names are refused, in any syntax, before they take for ever."""
    with pytest.raises(ReviewError, match="nested too deeply"):
        split_front_matter(source)


def test_broken_json():
    """What is wrong with JSON is said."""
    with pytest.raises(ReviewError, match="not valid JSON"):
        split_front_matter("---json\n{\n---\nText.")
