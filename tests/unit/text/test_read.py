"""A review file becomes a Review, or one sentence that says why not."""

import re
import unicodedata
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.budget import count_examples
from tests.unit.text.texts import paragraphs

from reviewcast.model.errors import LostTextError, ReviewError
from reviewcast.model.text import Document, Review
from reviewcast.settings.schema import ReadSettings, SplitSettings
from reviewcast.text.read import READERS, ReviewSource, read_review
from reviewcast.text.readers.html.walker import read_html
from reviewcast.text.readers.markdown.walker import read_markdown
from reviewcast.text.split import split_review

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
unseen = st.one_of(
    st.sampled_from(BIDI + "\u2028\u2029\ufeff\u200b\U000e0041\ufff9\uffff"),
    st.characters(categories=["Cc"]),
)


def read(data: str | bytes, name: str = "a-review.md", *, readers=READERS, **fields: str) -> Review:
    data = data.encode() if isinstance(data, str) else data
    return read_review(ReviewSource(name, data), ReadSettings(**fields), readers=readers)


def texts(review: Review) -> list[str]:
    return [paragraph.text for section in review.sections for paragraph in section.paragraphs]


def list_strings(value: object) -> list[str]:
    """All the texts in a value, however deep."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    if not isinstance(parts, Iterable):
        return []
    return [text for part in parts for text in list_strings(part)]


class TestBadInput:
    """What cannot be read is refused with one sentence and a hint."""

    @pytest.mark.parametrize(
        ("name", "data", "message"),
        [
            ("x.md", b"", "x.md is empty."),
            ("x.txt", b" \n\t\r\n", "x.txt is empty."),
            ("", b"", "standard input is empty."),
            ("x.txt", "\u3000\u00a0\n\u200b\ufeff".encode(), "x.txt holds no text to speak."),
            ("x.txt", b"\xef\xbb\xbf", "x.txt holds no text to speak."),
            ("x.md", b"* * *\n\n...", "x.md holds no text to speak."),
            ("x.md", b"# Only a title", "x.md holds no text to speak."),
            ("x.md", b"---\ntitle: Only\n---\n", "x.md holds no text to speak."),
            ("x.md", b"```\nonly code\n```", "x.md holds no text to speak."),
            ("x.md", b"\x89PNG\r\n\x1a\n" + bytes(100), "x.md is a binary file."),
            ("x.txt", "Text.".encode("utf-16-le") * 9, "x.txt is a binary file."),
            ("x.txt", bytes(range(128, 256)), "x.txt is not text in UTF-8 (byte 0)."),
            ("x.txt", b"\xff\xd8\xff\xe0JFIF", "x.txt is a binary file."),
            ("x.md", b"%PDF-1.7 text", "x.md is a binary file."),
            ("x.txt", b"\xff\xfeT\x00e", "x.txt is not text in UTF-16-LE (byte 4)."),
            ("x.txt", b"Word. " * 400_000, "x.txt is larger than 2 MB."),
            ("x.docx", b"Text.", "x.docx is not a Word document."),
            ("x.md.gz", b"Text.", "x.md.gz is of a kind that cannot be read."),
            ("x.md", b">" * 101 + b" Text.", "The review is nested over 100 levels deep."),
            ("x.md", b"- " * 51 + b"Text.", "The review is nested over 100 levels deep."),
            ("x.md", b">" * 9000 + b" Text.", "The review is nested over 100 levels deep."),
            (
                "x.md",
                b"---\ntitle: A\n\nText.",
                "The front matter that begins with --- does not end.",
            ),
            (
                "x.md",
                b"+++\ntitle = 1\n\nText.",
                "The front matter that begins with +++ does not end.",
            ),
            ("x.md", b"---\na: [\n---\nText.", "The front matter is not valid YAML in line 3."),
            ("x.md", b"---\na: b: c\n---\nText.", "The front matter is not valid YAML in line 2."),
            (
                "x.md",
                b'---\na: "\\U00110000"\n---\nText.',
                "The front matter is not valid YAML.",
            ),
            (
                "x.md",
                b"---\na: &x 1\nb: *x\n---\nText.",
                "The front matter uses YAML aliases.",
            ),
            (
                "x.md",
                b"---\na: " + b"[" * 21 + b"\n---\n",
                "The front matter is nested too deeply.",
            ),
            (
                "x.md",
                b"---\na:\n  " + b"- " * 999 + b"\n---\n",
                "The front matter is nested too deeply.",
            ),
            (
                "x.md",
                b"+++\n" + b"a." * 3000 + b"a = 1\n+++\n",
                "The front matter is nested too deeply.",
            ),
            (
                "x.md",
                b"+++\na = " + b"[" * 9000 + b"\n+++\n",
                "The front matter is nested too deeply.",
            ),
            (
                "x.md",
                b"---\na: " + b"b" * 65_536 + b"\n---\nText.",
                "The front matter is longer than 64 kB.",
            ),
        ],
    )
    def test_refused(self, name, data, message):
        """The message is one sentence about the file, the hint says what to do."""
        with pytest.raises(ReviewError) as caught:
            read(data, name)
        assert caught.value.message == message
        assert caught.value.hint.endswith((".", '"A: B".', ".txt"))
        assert caught.value.exit_code == 3

    @pytest.mark.parametrize("source", [b"a = ", b"a = No", b"a = " + b"1" * 5000])
    def test_invalid_toml(self, source):
        """Whatever is wrong with TOML, the message says that it is TOML, and where."""
        with pytest.raises(ReviewError, match="The front matter is not valid TOML: ") as caught:
            read(b"+++\n" + source + b"\n+++\nText.")
        assert caught.value.hint == 'Put texts between quotes: title = "A: B".'

    def test_largest(self):
        """Two million bytes are read, one more is refused."""
        assert read(b"Word " * 400_000, "x.txt")
        with pytest.raises(ReviewError, match="larger than 2 MB"):
            read(b"Word " * 400_000 + b".", "x.txt")

    def test_deepest(self):
        """A hundred levels are read."""
        assert texts(read(">" * 100 + " Text.")) == ["Text."]


class TestUnseen:
    """Control characters, direction marks and NUL reach nobody."""

    @staticmethod
    def prove_clean(review: Review) -> None:
        script = split_review(review, SplitSettings(), max_chars=100)
        for value in (review, script):
            for text in list_strings(msgspec.to_builtins(value)):
                found = [c for c in text if c in BIDI or unicodedata.category(c) in {"Cc", "Cs"}]
                assert found == [], text

    @settings(max_examples=count_examples(100), deadline=None)
    @given(st.lists(st.one_of(unseen, paragraphs), max_size=12).map("".join))
    @pytest.mark.parametrize("name", ["x.txt", "x.md"])
    def test_in_the_text(self, name, text):
        """What nobody sees in the text is in no title, segment or omission."""
        try:
            review = read(f"{text}\n\nAnd an end.\n", name)
        except ReviewError as error:
            assert "binary" in error.message
        else:
            self.prove_clean(review)

    @settings(max_examples=count_examples(60), deadline=None)
    @given(st.lists(st.one_of(unseen, st.text("ab é🎬", max_size=3)), max_size=9).map("".join))
    @pytest.mark.parametrize("fence", ["---", "+++"])
    def test_in_escapes(self, fence, text):
        """Escapes in the quotes of front matter do not smuggle it in."""
        escaped = "".join(f"\\U{ord(character):08x}" for character in text)
        sign = ":" if fence == "---" else " ="
        fields = ("title", "author", "subject", "rating", "image", "description", "language")
        front = "\n".join(f'{field}{sign} "{escaped}"' for field in fields)
        self.prove_clean(read(f"{fence}\n{front}\n{fence}\n\nText, and an end.\n"))

    def test_escape_sequence(self):
        """A terminal's escape sequence in a title is harmless text."""
        review = read('---\ntitle: "A \\e[31mred\\0 \\uD800 title"\nslug: "\\x1b../.."\n---\nText.')
        assert (review.title, review.slug) == ("A [31mred title", "a-review")

    @settings(max_examples=count_examples(60), deadline=None)
    @given(st.lists(unseen, min_size=1, max_size=9))
    @pytest.mark.parametrize("frame", ["# {}A\n\nText{}.", "<p>A{}</p>\n\nText.", "![{}](a) Text."])
    def test_in_references(self, frame, characters):
        """Character references, in Markdown or HTML, do not smuggle it in."""
        references = "".join(f"&#{ord(character)};" for character in characters)
        self.prove_clean(read(frame.replace("{}", references)))

    def test_in_the_name(self):
        """A file's name gives a clean title and slug."""
        self.prove_clean(read("Text.", "/tmp/The\x1b[2J \u202egolden\nrush.md"))

    def test_seen(self):
        """What can be seen stays: accents, joined emoji, a replacement character."""
        text = "Café, cafe\u0301, 👨\u200d👩\u200d👧, می\u200cخواهم, caf\ufffd."
        assert texts(read(text, "x.txt")) == [text]


# full-width and mathematical letters, which are read as what they look like
STYLED = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]")


class TestText:
    """Decoding, lines and what stands in a plain text."""

    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x85"])
    def test_decoding(self, codec, line_end):
        """UTF-8 and UTF-16 with any line ends give the same review."""
        text = line_end.join(["Häxan", "", "A lecture", "that dances.", "", "It ends."])
        review = read(text.encode(codec), "x.txt")
        assert review.title == "Häxan"
        assert texts(review) == ["A lecture that dances.", "It ends."]

    @settings(max_examples=count_examples(150), deadline=None)
    @given(st.lists(paragraphs, min_size=1, max_size=5).map("\n\n".join))
    def test_nothing_is_lost(self, text):
        """Every visible character of a plain text is in the title or a paragraph, in order."""
        text = text.translate({0: None, 0x1B: None})  # three of them make a binary file
        text = STYLED.sub(lambda letter: unicodedata.normalize("NFKC", letter[0]), text)
        text = f"A {text}"  # --- and ... alone are fences
        review = read(f"{text}\n\nAnd an end.", "x.txt")
        title = review.title if review.origins["title"] == "text" else ""
        kept = "".join("".join([title, *texts(review)]).split())
        hidden = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp", "Zs"}
        assert list(filter(lambda c: unicodedata.category(c) not in hidden, kept)) == [
            c for c in f"{text}And an end." if unicodedata.category(c) not in hidden
        ]

    def test_kinds(self):
        """The suffix decides in any case; without one, and on standard input, it is Markdown."""
        for name in ("x.MD", "x.markdown", "x.mkd", "x", ""):
            assert texts(read("A *word*.", name)) == ["A word."]
        for name in ("x.TXT", "x.text"):
            assert texts(read("A *word*.", name)) == ["A *word*."]


class TestFields:
    """What is known of a review, and where from."""

    def test_all(self):
        """Front matter gives every field as the writer typed it."""
        review = read(
            "---\nTitle: The Wind\nsubject: The Wind (1928)\nauthor: {name: Ada Quill}\n"
            "date: 2024-3-9T20:15:00Z\nrating: 4.50\nimage: wind.jpg\nlang: en_GB\n"
            "description: >\n  Sand\n  everywhere.\nepisode: 12\nslug: Sand & Wind\n---\nText."
        )
        fields = {
            "title": "The Wind",
            "slug": "sand-wind",
            "language": "en-GB",
            "subject": "The Wind (1928)",
            "author": "Ada Quill",
            "rating": "4.50",
            "date": "2024-03-09",
            "image": "wind.jpg",
            "description": "Sand everywhere.",
            "track": 12,
        }
        assert {name: getattr(review, name) for name in fields} == fields
        assert review.origins == dict.fromkeys(fields, "front matter")

    def test_defaults(self):
        """What the review does not say is taken for granted, or empty."""
        review = read("Text.", "2024-05-06-the-gold-rush.md", language="de", author="Ada")
        assert (review.title, review.slug) == ("The Gold Rush", "2024-05-06-the-gold-rush")
        assert (review.language, review.author, review.track) == ("de", "Ada", None)
        assert review.date == "2024-05-06"
        assert review.origins == {"title": "file name", "date": "file name"}

    @pytest.mark.parametrize(
        ("text", "name", "title", "origin"),
        [
            ("---\ntitle: No\n---\n# Heading\n\nText.", "x.md", "No", "front matter"),
            ("---\nbook: No\n---\n# Heading\n\nText.", "x.md", "Heading", "text"),
            ("---\nbook: No\n---\nText.", "x.md", "No", "front matter"),
            ("---\ntitle: '  '\n---\n# Heading\n\nText.", "x.md", "Heading", "text"),
            ("# Heading\n\nText.", "x.md", "Heading", "text"),
            ("## Heading\n\nText.", "x.md", "X", "file name"),
            ("Text.\n\n# Heading\n\nText.", "x.md", "X", "file name"),
            ("A title\n\nText.", "x.txt", "A title", "text"),
            ("Text.", "1917.txt", "1917", "file name"),
            ("Text.", "", "Review", "default"),
            ("Text.", "---.md", "Review", "file name"),
        ],
    )
    def test_title(self, text, name, title, origin):
        """Front matter goes before the text, the text before the file's name."""
        review = read(text, name)
        assert (review.title, review.origins["title"]) == (title, origin)

    @pytest.mark.parametrize(
        ("written", "heading", "title", "said"),
        [
            ("Salt", "Salt", "Salt", ["Text."]),
            ("Salt", "SALT!", "Salt", ["Text."]),
            ("Salt", "Salt, or the sea", "Salt, or the sea", ["Text."]),
            ("Review: Salt (2020)", "Salt", "Review: Salt (2020)", ["Text."]),
            ("Salt", "A film of the sea", "Salt", ["A film of the sea", "Text."]),
        ],
    )
    @pytest.mark.parametrize("name", ["title", "headline"])
    def test_two_titles(self, name, written, heading, title, said):
        """Of a title in front matter and a heading, the longer is said when it says the other."""
        review = read(f"---\n{name}: '{written}'\n---\n# {heading}\n\nText.")
        assert (review.title, texts(review)) == (title, said)
        assert [section.heading for section in review.sections] == [None]
        omitted = {written, heading} - {title, "SALT!", *said}
        assert [(o.text, o.reason) for o in review.omissions] == [
            (text, "the title again") for text in omitted
        ]

    @pytest.mark.parametrize("frame", ["# {}\n\nText.", "---\ntitle: {}\n---\nText."])
    @pytest.mark.parametrize("word", ["long ", "endless"])
    def test_long_title(self, frame, word):
        """What is too much for a title is left out by name, not lost."""
        whole = (word * 100).strip()
        review = read(frame.replace("{}", whole))
        assert len(review.title) <= 255
        (omission,) = review.omissions
        assert omission.reason == "the title is over 255 characters"
        assert (review.title + omission.text).replace(" ", "") == whole.replace(" ", "")
        assert not review.title.endswith("lon")

    @pytest.mark.parametrize(
        ("written", "date"),
        [
            ("1922-09-18", "1922-09-18"),
            ("1922-9-8 and later", "1922-09-08"),
            ("1922-13-01", ""),
            ("18.9.1922", ""),
            ("soon", ""),
        ],
    )
    def test_date(self, written, date):
        """A date is YYYY-MM-DD or nothing."""
        assert read(f"---\ndate: {written}\n---\nText.").date == date

    @pytest.mark.parametrize("written", ["2026-02-31", "24/12/2026", "tomorrow"])
    def test_a_date_that_is_none_is_told(self, written):
        """The writer hears of a date that nothing could be made of."""
        review = read(f"---\ndate: {written}\n---\nText.")
        assert review.date == ""
        assert any(written in note and "2026-12-24" in note for note in review.notes)

    @pytest.mark.parametrize("written", ["0", "-1", "1.5", "one", "100000", "²"])
    def test_no_track(self, written):
        """A number that is none is ignored."""
        assert read(f"---\ntrack: {written}\n---\nText.").track is None

    @pytest.mark.parametrize("slug", ["../../etc", "///", "映画"])
    def test_slug(self, slug):
        """A slug is plain letters and never a path."""
        assert read(f'---\nslug: "{slug}"\n---\nText.').slug in {"etc", "a-review"}

    @pytest.mark.parametrize(
        ("front", "field", "value"),
        [
            (
                "title: 'On *Smile*, <i>again</i> &amp; M*A*S*H'",
                "title",
                "On Smile, again & M*A*S*H",
            ),
            ("film: {title: Smile, year: 2022}", "subject", "Smile (2022)"),
            ("film_title: Smile (2022)\nyear: 2022", "subject", "Smile (2022)"),
            ("book: '[[The Trial]]'\nyear: none", "subject", "The Trial"),
            ("params: {album: {title: Low}}", "subject", "Low"),
            ("film: true", "subject", ""),
            ("grade: B+", "rating", "B+"),
            ("stars: 3.5", "rating", "3.5 stars"),
            ("hearts: 1", "rating", "1 heart"),
            ("hearts: 1\nlang: fr", "rating", "1 cœur"),
            ("score: ⭐️⭐️⭐️⭐️", "rating", "⭐️⭐️⭐️⭐️"),
            ("my_rating: 4\nout of: 5", "rating", "4/5"),
            ("rating: {value: 7, best: 10}", "rating", "7/10"),
            ("rating: 4/5\nbest_rating: 5", "rating", "4/5"),
            ("author: F. Kafka\nreviewer: Ada", "author", "Ada"),
            ("author: F. Kafka\nisbn: '1'", "author", ""),
            ("by: Ada", "author", "Ada"),
            ("header: {image: a.jpg}", "image", "a.jpg"),
            ("excerpt: Short.", "description", "Short."),
            ("locale: pt_BR", "language", "pt-BR"),
            ("published: March 16, 2025", "date", "2025-03-16"),
            ("pubdate: Sun, 9 Mar 2025 10:00:00 GMT", "date", "2025-03-09"),
            ("date: 5 Foo 2025", "date", ""),
            ("permalink: /films/the-wind.html", "slug", "the-wind"),
            ("permalink: /:year/:title/", "slug", "a-review"),
            ("permalink: /films/2020-the-wind/index.html", "slug", "2020-the-wind"),
            ("book: {title: The Trial}", "title", "The Trial"),
            ("film: Smile\nyear: 2022\nslug: x", "title", "Smile"),
            ("movie: tt0111161\nslug: the-wind", "title", "The Wind"),
            (
                "title: A\nmood: sad\nheader: {image: x, height: 2}",
                "unknown",
                ("mood", "header.height"),
            ),
        ],
    )
    def test_names(self, front, field, value):
        """A field is found under the names that blogs give it."""
        assert getattr(read(f"---\n{front}\n---\nText."), field) == value

    def test_title_of_a_slug_or_folder(self):
        """Without a title the slug gives one, and where every file is index.md its folder does."""
        review = read("---\nslug: the-gold-rush\n---\nText.")
        assert (review.title, review.origins["title"]) == ("The Gold Rush", "slug")
        review = read("Text.", "reviews/the-gold-rush/index.md")
        assert (review.title, review.slug) == ("The Gold Rush", "the-gold-rush")
        review = read("# The Gold Rush\n\nText.", "reviews/review.md")  # one of many
        assert (review.title, review.slug) == ("The Gold Rush", "review")

    def test_unknown_language(self):
        """A language that there is not is said, and the one of the text or the show is taken."""
        review = read("---\nlang: klingon\n---\nText.", language="de")
        assert (review.language, "language" in review.origins) == ("de", False)
        assert review.notes == ("There is no language 'klingon'; de is taken.",)
        assert read("---\nlanguage: English\n---\nText.", language="de").language == "en"

    def test_notes(self):
        """A draft and a guessed encoding are said to the writer."""
        review = read(b"---\ndraft: true\n---\nCaf\xe9 society.", "x.md")
        assert texts(review) == ["Café society."]
        assert [note.partition(",")[0] for note in review.notes] == [
            "x.md is not UTF-8; it was read as Windows-1252",
            "x.md says that it is a draft.",
        ]

    def test_detected_language(self):
        """A text that is plainly in another language than expected is read as such."""
        text = (
            "Le film est une fable sur la mer, et il ne dit pas un mot de plus que les autres. " * 4
        )
        review = read(text)
        assert (review.language, review.origins["language"]) == ("fr", "detected")
        assert read(f"---\nlang: en\n---\n{text}").language == "en"

    def test_language_of_quotations(self):
        """The prose tells the language; quotations and lists only where there is little prose."""
        french = "Le film est une fable sur la mer, et il ne dit pas un mot de plus que cela. "
        english = "The film is a fable about the sea and it does not say one more word of it. "
        quoted = "\n\n".join(f"> {english}" for _ in range(9))
        assert read(f"{french * 5}\n\n{quoted}").language == "fr"
        assert read(f"{english * 5}\n\n{quoted.replace(english, french)}").language == "en"
        assert read(f"Voilà.\n\n{quoted.replace(english, french)}").language == "fr"


REVIEW = """# A title of stars

An opening with *emphasised* words, caf&eacute; and AT&amp;T. No.

> A quote begins
> and its last line ends.

## The heading

- one item
- another item

| cell | second |
|------|--------|
| third | fourth |

A mark[^1] for mes<b>mer</b>ised readers ★★★½.

[^1]: The footnote itself.

![A caption](poster.png "Under it")

<details><summary>The summary</summary>

The ~~struck~~ twist.

</details>

```
some code
```

10. Tenth
9. Ninth

Term
: definition

We saw {% include movie name='Smile|2022' %} and [[Wiki|links]] [a link](https://example.org/deep).
"""


class TestProof:
    """A reader that loses anything is found out, whatever it is."""

    @pytest.mark.parametrize(
        "lost",
        [
            "A title of stars", "emphasised", "words,", "café", "AT&T", "No.", "A quote begins",
            "last line ends.", "The heading", "one item", "another item", "cell", "third", "fourth",
            "The footnote itself.", "★★★½", "★", "½", "A caption", "Under it", "The summary",
            "struck", "twist.", "some code", "10. ", "9. ", "Ninth", "Term", "definition", "Smile",
            "2022", "links", "a link", "https://example.org/deep", "mesmerised",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("name", ["x.md"])
    def test_planted_losses(self, lost, name):
        """Of a text that one planted fault drops, the error tells."""
        reader = read_markdown

        def drop(text: str) -> str:
            return text.replace(lost, "", 1)

        def read_badly(text):
            document = reader(text)
            whole = msgspec.to_builtins(document)
            for kept in ("title", "markup", "omissions", "sections"):
                whole[kept] = transform(whole[kept], drop)
            return msgspec.convert(whole, Document)

        assert read(REVIEW, name)
        with pytest.raises(LostTextError, match="would lose") as caught:
            read(REVIEW, name, readers={".md": read_badly})
        said = caught.value.message
        words = "".join(c if c.isalnum() or c in "★½" else " " for c in lost).split()
        if lost not in {"café", "AT&T", "mesmerised"}:  # they are told as they are written
            assert any(word in said for word in words)

    @pytest.mark.parametrize("number", range(30))
    def test_any_paragraph(self, number):
        """Each paragraph, heading and omission is missed when it is gone."""
        reader = read_markdown
        document = reader(REVIEW)
        whole = msgspec.to_builtins(document)
        parts = [*whole["sections"], *whole["omissions"]]
        parts += [p for section in whole["sections"] for p in section["paragraphs"]]
        part = parts[number % len(parts)]
        if "paragraphs" in part:
            part["heading"] = None
            if not reader(REVIEW).sections[whole["sections"].index(part)].heading:
                part["paragraphs"] = part["paragraphs"][1:]
        else:
            part["text"] = ""
        bad = msgspec.convert(whole, Document)
        with pytest.raises(LostTextError):
            read(REVIEW, readers={".md": lambda _: bad})

    def test_page(self):
        """The proof holds for pages too."""
        page = "<html><body><h1>T</h1><p>One.</p><nav>Two</nav><p>No.</p></body></html>"
        assert read(page, "x.html")
        whole = read_html(page)
        bad = replace(whole, sections=whole.sections[:-1], markup=())
        with pytest.raises(LostTextError, match="One"):
            read(page, "x.html", readers={".html": lambda _: bad})


def transform(value: object, change) -> object:
    """Change the texts in a value, the first that is changed only."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {
            key: transform(part, change) if key not in {"role", "reason"} else part
            for key, part in value.items()
        }
    return [transform(part, change) for part in value] if isinstance(value, list | tuple) else value


def test_a_review_of_spoilers_says_so_in_its_front_matter():
    """All of its text is one, whatever stands in it; `spoiler: false` says nothing."""
    text = "---\ntitle: Heat\nspoiler: {}\n---\nHe dies.\n\n> She says.\n\n- And he.\n"
    for word, wanted in (("true", {"spoiler"}), ("false", {"narrator", "quote", "list"})):
        source = ReviewSource("heat.md", text.format(word).encode())
        review = read_review(source, ReadSettings())
        assert {one.role for part in review.sections for one in part.paragraphs} == wanted
        assert review.unknown == ()
