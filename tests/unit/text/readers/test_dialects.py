"""Dialects: codes of forums and blogs, attributes, formulas and slips become plain Markdown."""

import pytest

from reviewcast.text.readers.markdown.walker import read_markdown


def read(source: str):
    """The paragraphs as (role, text) and the omissions as (reason, text)."""
    document = read_markdown(source)
    said = [(p.role, p.text) for section in document.sections for p in section.paragraphs]
    return said, [(o.reason, o.text) for o in document.omissions]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "[b]Bold[/b] and [url=https://x.example]a link[/url].",
            [("narrator", "Bold and a link.")],
        ),
        ("[b]One [i]two[/b] three[/i] four [sic].", [("narrator", "One two three four [sic].")]),
        ("A [Spoiler]twist[/SPOILER].", [("spoiler", "A twist.")]),
        (
            "One.\n\n[expand]\n\nThe boat sinks.\n\nTwice.\n\n[/expand]\n\nTwo.",
            [
                ("narrator", "One."),
                ("spoiler", "The boat sinks."),
                ("spoiler", "Twice."),
                ("narrator", "Two."),
            ],
        ),
        (
            "[hide]The boat\n\nsinks.[/hide] Two.",
            [("spoiler", "The boat"), ("spoiler", "sinks."), ("narrator", "Two.")],
        ),
        ("[quote]A line.[/quote] Two.", [("quote", "A line."), ("narrator", "Two.")]),
        ("[expand] alone, and [/b] too.", [("narrator", "[expand] alone, and [/b] too.")]),
        ("[a][/b] [b]: c", [("narrator", "[a][/b] [b]: c")]),
    ],
)
def test_bracket_codes(source, said):
    """Of a pair of codes the text within stays; what is folded away is a spoiler."""
    assert read(source)[0] == said


@pytest.mark.parametrize(
    ("source", "omission"),
    [
        ("[quote=Ada]A line.[/quote]", ("caption", "Ada")),
        ("[code]x = 1[/code] One.", ("code", "x = 1")),
        ("A tide. [rating value=8 small=no]", ("shortcode", "rating value=8 small=no")),
        ("A tide. \\[rating value=8\\]", ("shortcode", "rating value=8")),
        ('A [box title="Two seas" /] tide.', ("shortcode", 'box title="Two seas"')),
        ("One.\n\n$$ \\lim_{t \\to 0} x = 1 $$", ("formula", "\\lim_{t \\to 0} x = 1")),
    ],
)
def test_left_out(source, omission):
    """Who is quoted, code and formulas are named."""
    assert omission in read(source)[1]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("See [the site](https://x.example){target=_blank} now.", "See the site now."),
        ("See [the site](x){rel='a b' target=_blank}, [it](y){: .z}.", "See the site, it."),
        ("Read [the book]https://x.example/a-b) first.", "Read the book first."),
        ("One<br/ >two<img src='a'/ >.", "One two."),
        ("A [video essay] and [audio only] of it.", "A [video essay] and [audio only] of it."),
        ("A dinner for $$, or $$$ with wine.", "A dinner for $$, or $$$ with wine."),
        ("All the ~~~magic of the sea~~~ in it.", "All the magic of the sea in it."),
    ],
)
def test_mended(source, text):
    """Slips and ornaments are read as they were meant."""
    assert read(source)[0] == [("narrator", text)]


def test_heading_below_a_tag():
    """A heading is one without a blank line above it too."""
    document = read_markdown("<div>A cover</div>\n#### The sound\nIt hums.")
    assert [(p.role, p.text) for p in document.sections[0].paragraphs] == [
        ("narrator", "A cover"),
        ("title", "The sound"),
        ("narrator", "It hums."),
    ]


@pytest.mark.parametrize(
    "source", ["[b]" * 9000, "[b]x" * 4000 + "[/b]" * 4000, "$$" * 9000 + "\\a"]
)
def test_heaps(source):
    """Thousands of codes take no longer than their number."""
    assert read(f"One.\n\n{source[:9000]}\n\nTwo.")[0][-1] == ("narrator", "Two.")


@pytest.mark.parametrize(
    "hidden",
    [
        "%%canary%%",
        "%% canary\n\ncanary %%",
        "%%\ncanary\n%%",
        "{::comment}\ncanary { x }\n{:/comment}",
        "{::comment}canary{:/}",
        "{/* canary * canary\n\ncanary */}",
        "<!-- canary -->",
        "{# canary #}",
        "[//]: # (canary)",
    ],
)
def test_comments_of_every_dialect(hidden):
    """Nobody reads them on the blog; they are named, not spoken."""
    said, _ = read(f"One.\n\n{hidden}\n\nTwo.")
    assert said == [("narrator", "One."), ("narrator", "Two.")]


def test_what_only_looks_like_a_comment():
    said, _ = read("Up by 50%% here and 20%% there, says {/* the note.\n\n%% of it.\n\nEnd.")
    assert next(text for _, text in said).startswith("Up by 50%% here and 20%% there")


@pytest.mark.parametrize("sign", ["{/* ", "%%a\n", "{::comment} ", "%% "])
def test_comments_that_do_not_end_take_no_time(sign):
    """Each of these was followed to the end, with the square of their number."""
    read(sign * 20_000)
