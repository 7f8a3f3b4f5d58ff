"""What a listener hears of written forms that only a page needs: a table of cases.

Each is a review, and all that is said of it but the title and the last line.
"""

from pathlib import Path

import pytest

from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import ReviewError
from reviewcast.model.text import Script
from reviewcast.settings.schema import ReadSettings
from reviewcast.speech.narration import write_narration
from reviewcast.text.draft import Draft
from reviewcast.text.read import ReviewSource, read_review

HEAD = "---\ntitle: T\n---\n"


def write(source: str, name: str = "x.md") -> Script:
    """Write the script of a review as the embedded voice says it."""
    config = load_config(None, voice="espeak")
    review = read_review(ReviewSource(name, source.encode()), ReadSettings())
    draft = Draft(review, (), Path(name))
    return write_narration(draft, config, "espeak").script


def hear(source: str, name: str = "x.md") -> list[str]:
    """Return what is said, without the voice's own last line."""
    return [segment.spoken for segment in write(source, name).segments][:-1]


LINES = [
    (
        "Cast: Ann Lee  \nMusic: Bo Ray  \nLength: 99 min",
        ["Cast: Ann Lee", "Music: Bo Ray", "Length: ninety nine minutes"],
    ),
    ("Cast: Ann Lee<br>Music: Bo Ray", ["Cast: Ann Lee", "Music: Bo Ray"]),
    ("Cast: Ann Lee\\\nMusic: Bo Ray", ["Cast: Ann Lee", "Music: Bo Ray"]),
    ("Cast: Ann Lee\nMusic: Bo Ray", ["Cast: Ann Lee", "Music: Bo Ray"]),
    ("**Cast:** Ann Lee\n**Music:** Bo Ray", ["Cast: Ann Lee", "Music: Bo Ray"]),
    (
        "*Food*: good\n*Staff*: kind\n*Value for money*: fair",
        ["Food: good", "Staff: kind", "Value for money: fair"],
    ),
    ("Cast: Ann Lee,\nBo Ray and Cy", ["Cast: Ann Lee, Bo Ray and Cy"]),
    ("I say: stay.\nThe sea: it waits.", ["I say: stay.", "The sea: it waits."]),
    (
        "It opens at\n9:30 in town and\n10:30 here.",
        ["It opens at nine thirty in town and ten thirty here."],
    ),
    ("A wrapped line of\nprose goes on.", ["A wrapped line of prose goes on."]),
    ("The sea is near<br>and goes on.", ["The sea is near and goes on."]),
    ("The sea is near<br>Nobody swims", ["The sea is near", "Nobody swims"]),
    ("First thought.<br><br>second thought.", ["First thought.", "second thought."]),
    (
        "the sea is near\\\nthe sky is far\\\nand nobody swims",
        ["the sea is near", "the sky is far", "and nobody swims"],
    ),
    (
        "> the sea is near  \n> the sky is far  \n> and nobody swims",
        ["the sea is near", "the sky is far", "and nobody swims"],
    ),
    ("| a | b |\n|--|--|\n| x<br>Y | z |", ["a; b", "x Y; z"]),
    ("# One<br>Two\n\nText.", ["One Two", "Text."]),
]
LEFTOVERS = [
    ("Text.\n\n- [Amazon Print](http://a.b)\n- [Kobo ebook](http://c.d)", ["Text."]),
    (
        "- [Kobo](http://a.b)\n- [The corner shop](http://c.d)",
        ["Kobo", "The corner shop"],
    ),
    ("\\* In 2018 it was printed again.", ["In twenty eighteen it was printed again."]),
    ("* TOC\n{:toc}\n\nText.", ["Text."]),
    ("1. Contents\n{:toc .wide}\n\nText.", ["Text."]),
    ("- [One](#one)\n- [Two](#two)\n  - [Three](#three)\n\nText.", ["Text."]),
    ("Text.\n\n[Back to top](#)", ["Text."]),
    ("Text.\n\n[↑ Top](#top)", ["Text."]),
    ("Text, see [above](#one).", ["Text, see above."]),
    ("- [The Sea](#)\n- [The Sky](#)", ["The Sea", "The Sky"]),
    ("Text.\n\n[View on Goodreads](http://a.b) | [Buy on Amazon](http://c.d)", ["Text."]),
    (
        "Text.\n\n[Spotify](http://a.b) · [Bandcamp](http://c.d) / [Apple Music](http://e.f)",
        ["Text."],
    ),
    (
        "Text.\n\nBuy it on [Amazon](http://a.b), not here.",
        ["Text.", "Buy it on Amazon, not here."],
    ),
    ("Text.\n\nShare this: [Twitter](http://a.b) [Facebook](http://c.d)", ["Text."]),
    ("Text.\n\nShare this: Twitter Facebook Like this: Like Loading...", ["Text."]),
    ("Text.\n\nShare it: with everyone you love.", ["Text.", "Share it: with everyone you love."]),
    ("Text.\n\nTags: horror, slow, 2019", ["Text."]),
    ("Text.\n\nFiled under: [Games](/x), [Old](/y)", ["Text."]),
    ("Text.\n\n[Sea](/tag/sea) [Sky](/tag/sky)", ["Text."]),
    (
        "Text.\n\nTags: they hang from every coat. Nobody pays.",
        ["Text.", "Tags: they hang from every coat. Nobody pays."],
    ),
    (
        "Text.\n\n## Photos\n\n![](a.jpg)\n\n![](b.jpg)\n\n## Sound\n\nMore.",
        ["Text.", "Sound", "More."],
    ),
    ("Text.\n\n## The harbour\n\n![](a.jpg)", ["Text.", "The harbour"]),
    ("Text.\n\nTrailer:\n\n<iframe src='https://v.example/x'></iframe>", ["Text."]),
    ("Text.\n\n**Watch the trailer:**\n\n{% youtube abc %}\n\nMore.", ["Text.", "More."]),
    ("Text.\n\nTrailer: it lies.", ["Text.", "Trailer: it lies."]),
    ("Text.\n\n![](a.jpg)\n*The cast at dinner*\n\nMore.", ["Text.", "More."]),
    ("Text.\n\n![](a.jpg)\n\n*The cast at dinner.*\n\nMore.", ["Text.", "More."]),
    ("Text.\n\n*I saw it twice.*\n\nMore.", ["Text.", "I saw it twice.", "More."]),
    ("Text.\n\n![](a.jpg)\n\n*Persona* is a film.", ["Text.", "Persona is a film."]),
]
SIGNS = [
    ("A room of 10 m<sup>2</sup> is small.", ["A room of ten m squared is small."]),
    ("As Einstein has it<sup>2</sup>, it bends.", ["As Einstein has it, it bends."]),
    ("It was 20<sup>0</sup>C outside.", ["It was twenty⁰C outside."]),
    ("He paid 9 m<sup>3</sup>x and left.", ["He paid nine m³x and left."]),
    ("The 2<sup>nd</sup> act.", ["The second act."]),
    ("* * * Sea Alert * * *", ["Sea Alert"]),
    ("I read `Salem's Lot.", ["I read Salem's Lot."]),
    ("I read ``Salem's Lot twice.", ["I read Salem's Lot twice."]),
    ("Text.\n\n<br/>\n### Sound\nMore.", ["Text.", "Sound", "More."]),
    ("Text.\n\n<hr>\n## Sound\n\nMore.", ["Text.", "Sound", "More."]),
    ("##Sound\n\nMore.", ["Sound", "More."]),
    ("#MeToo is in it.", None),
    ("Ｆｕｌｌ ｗｉｄｔｈ of １２", ["Full width of twelve"]),
    ("It is 𝐛𝐨𝐥𝐝 and 𝓬𝓾𝓻𝓵𝔂.", ["It is bold and curly."]),
    ("Text \\(\\textcolor{red}{x^2}\\) goes on.", ["Text goes on."]),
    ("Text $\\alpha_1$ goes on for $5 or $6.", ["Text goes on for five dollars or six dollars."]),
    ("A heap of &&&& and R & B.", ["A heap of &&&& and R and B."]),
]
SPOILERS = [
    (
        "<details><summary>Spoilers</summary>\nHe dies.\n</details>\n\nIt is safe.\n\nAnd here.",
        {"Spoilers", "He dies."},
    ),
    (
        "A.\n\n<details><summary>Spoiler alert</summary>\n\nHe dies.\n\n</details>\n\nIt is safe.",
        {"Spoiler alert", "He dies."},
    ),
    ("Sea.\n\n>!Spoilers: he dies!<\n\nIt is safe.", {"Spoilers: he dies"}),
    ("Sea.\n\nSPOILERS AHEAD\n\nHe dies.\n\nShe too.", {"SPOILERS AHEAD", "He dies.", "She too."}),
]
TITLES = [
    ("the-lord-of-the-rings-2001.md", "The Lord of the Rings (2001)"),
    ("2020-01-02-a-night-at-the-opera.md", "A Night at the Opera"),
    ("no_country_for_old_men.md", "No Country for Old Men"),
    ("rocky-iv.md", "Rocky IV"),
    ("what-we-do-in-the-shadows-2014.md", "What We Do in the Shadows (2014)"),
    ("blade-runner-2049.md", "Blade Runner 2049"),
    ("1917.md", "1917"),
    ("days-to-come-to.md", "Days to Come To"),
    ("MASH.md", "MASH"),
]


@pytest.mark.parametrize(("source", "heard"), LINES + LEFTOVERS)
def test_heard(source, heard):
    """What is said of lines and leftovers; the rest is named among what is left out."""
    assert hear(HEAD + source)[1:] == heard


@pytest.mark.parametrize(("source", "heard"), SIGNS)
def test_signs(source, heard):
    """No mark of a page's markup is said."""
    said = hear(HEAD + source)[1:]
    assert said == heard if heard else "#" not in said[0]


@pytest.mark.parametrize(("source", "spoiled"), SPOILERS)
def test_spoilers_end_where_their_fold_ends(source, spoiled):
    """What stands below a fold spoils nothing; what a line announces reaches further."""
    script = write(HEAD + source)
    said = {one.text for one in script.segments if one.role == "spoiler" and one.span.section >= 0}
    assert said == spoiled


@pytest.mark.parametrize(("name", "title"), TITLES)
def test_titles_from_file_names(name, title):
    """Small words are small, and a year stands in brackets."""
    assert write("Text.", name).title == title


@pytest.mark.parametrize(
    ("name", "text", "is_said"),
    [
        ("the-third-man-1949.md", "It is dark.", True),
        ("the-third-man-1949.md", "I saw The Third Man again.", False),
        ("review.md", "It is dark.", False),
        ("x.md", "It is dark.", False),
    ],
)
def test_a_work_that_only_the_file_names_is_said(name, text, is_said):
    """A listener hears what is reviewed, once."""
    assert (write(text, name).segments[0].role == "title") is is_said


@pytest.mark.parametrize(
    "header",
    [
        "name: Salt\nisbn13: 978\ntitle: Salt and Sea",
        "id: 12\nslug: salt\ntitle: Salt and Sea\npages: 300",
        "Name: Salt\nTitle: Salt and Sea\nDate: 2020-01-02\nTags: sea",
    ],
)
def test_headers_that_begin_with_any_name(header):
    """A blog's fields are none of the text, whatever the first is called."""
    said = hear(f"{header}\n\nText.", "salt.md")
    assert (said[0][:4], said[1:]) == ("Salt", ["Text."])


def test_credits_are_no_header():
    """What a critic writes above a review for its readers is read."""
    assert hear("Director: Ann Lee\nTitle: Salt\nLength: 99 min\n\nText.")[0] == "Director: Ann Lee"


def test_tab_behind_a_field():
    """Front matter with a tab behind the colon is read as other tools read it."""
    script = write("---\ndate:\t2008-01-26\ntitle:\tA play\n---\nText.")
    assert script.title == "A play"


@pytest.mark.parametrize(
    ("source", "heard"),
    [
        ("SALT\n====\n\nText.\n\nSound\n-----\nMore.", ["SALT", "Text.", "Sound", "More."]),
        ("=====\nSALT\n=====\n\nText.", ["SALT", "Text."]),
        ("Salt.\n\nCast: Ann Lee\nMusic: Bo Ray", ["Salt.", "Cast: Ann Lee", "Music: Bo Ray"]),
        ("Text one.\n\n* * *\n\nText two.", ["Text one.", "Text two."]),
    ],
)
def test_plain_text(source, heard):
    """Rules of signs make headings; label lines stay apart."""
    assert hear(source, "x.txt") == heard


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("*a* " * 40_000, "over 40000 marks of emphasis"),
        ("a[^a]\n\n" + "[^a]: b\n\n" * 1100, "defined over 1000 times"),
        ("[^a]: " * 900 + "x", "nested over 100 levels deep"),
        ("a[^a]\n\n" + "[^a]: " * 150 + "x", "nested over 100 levels deep"),
    ],
)
def test_heaps_are_refused(source, message):
    """What no review has costs no time, and is told by its name."""
    with pytest.raises(ReviewError, match=message):
        write(source)


def test_a_huge_sentence_loses_no_word():
    """Prose without a full stop is cut before it is said, and all of it is said."""
    words = [f"word{chr(97 + number % 26)}" for number in range(6000)]
    script = write(HEAD + "Start *in italics* " + " ".join(words))
    said = " ".join(segment.spoken for segment in script.segments[1:-1]).split()
    assert said == ["Start", "in", "italics", *words]
    assert max(len(segment.spoken) for segment in script.segments) <= 1000


CONTENTS = [
    (
        "One.\n\nTable of contents:\n\n* [A](#a)\n* [B](#b)\n\nTwo.",
        "Table of contents:",
        "One. Two.",
    ),
    ("One.\n\nSpis treści:\n\nTwo.", "Spis treści:", "One. Two."),
    ("One.\n\n## Contents\n\n- [A](#a)\n\n## A\n\nTwo.", "Contents", "One. A Two."),
    ("One.\n\n**Contents**\n\nA map and a guide.", None, "One. Contents A map and a guide."),
    ("One.\n\n## Contents\n\n- A map\n- A guide", None, "One. Contents A map A guide"),
]


@pytest.mark.parametrize(("source", "left_out", "said"), CONTENTS)
def test_a_label_of_contents(source, left_out, said):
    """The label of links within the page goes with them; a box may have contents."""
    script = write(HEAD + source)
    assert " ".join(segment.spoken for segment in script.segments[1:-1]) == said
    named = [omission.text for omission in script.omissions if omission.reason == "navigation"]
    assert (left_out in named) is bool(left_out)


PAGE = "<html><head><title>{}</title>{}</head><body>{}<article><p>{}</p></article></body></html>"
LONG = "A sentence about the film that is long enough to be an article. " * 4


@pytest.mark.parametrize(
    ("title", "head", "body", "said"),
    [
        (
            "Salt – C6 Reviews",
            "<link rel=canonical href=https://www.c6reviews.com/salt>",
            "",
            "Salt",
        ),
        ("C6 Reviews: Salt", "<meta property=og:url content=https://c6reviews.com/a>", "", None),
        ("Salt - Sea Notes", "<meta name=application-name content='Sea Notes'>", "", "Salt"),
        ("Salt » Sea Notes", "", "<p class=site-title>Sea Notes</p>", "Salt"),
        ("Sea Notes • Salt", "", "<a rel=home href=/>Sea Notes</a>", "Salt"),
        ("Salt – The Return", "<link rel=canonical href=https://sea.example/salt>", "", None),
    ],
)
def test_a_site_is_no_part_of_a_title(title, head, body, said):
    """The site's name goes where the page itself shows it to be one."""
    assert write(PAGE.format(title, head, body, LONG), "x.html").title == (said or title)
