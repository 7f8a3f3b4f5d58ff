"""Texts as no careful writer would type them, for hypothesis."""

from typing import Self

from hypothesis import strategies as st

from reviewcast.model.text import Omission, Paragraph, Review, Section

ODD_WORDS = [
    "the", "Dr.", "vs.", "No.", "1", "4.", "iPhone", "eXistenZ", "U.S.", "e.g.", "don't", "(yes.)",
    "“Wait…”", "…", "—", "–", "-", "--", "!", "?!", ",", ";", "world—even", "a--b", "and", "with",
    "*star*", "`tick`", "#", "|", "https://example.org/a-long/path?with=query&more#part",
    "film.", "film!", "film?", "Film,", "end.)", "你好，世界。", "映画、", "السينما", "أهلا؟",
    "שלום", "👨\u200d👩\u200d👧", "👍🏽", "🎬", "cafe\u0301", "क्षि", "ﬁ", "\u0958",
    "soft\u00adhyphen", "می\u200cخواهم",
]  # fmt: skip
long_words = st.one_of(
    st.text("abcxyz", min_size=90, max_size=400),
    st.text("ab-_/.,:", min_size=90, max_size=300),
    st.text("ae\u0301\u0308", min_size=50, max_size=300),
)
words = st.one_of(
    st.sampled_from(ODD_WORDS),
    st.text("abcdefgh", min_size=1, max_size=15),
    st.text(min_size=1, max_size=6),
)
paragraphs = st.one_of(
    st.lists(words, min_size=1, max_size=70).map(" ".join),
    st.lists(st.one_of(words, long_words), min_size=1, max_size=8).map(" ".join),
    st.text("电影很好看我们，。！", min_size=1, max_size=300),
    st.text(".,;!?…—-*\"' ", min_size=1, max_size=250),
).map(lambda text: " ".join(text.split()))
plain_words = st.text("abcdefghijklmnopqrstuvwxyzé", min_size=1, max_size=15)
plain_sentences = st.lists(
    st.one_of(plain_words, plain_words.map("{},".format)), min_size=2, max_size=90
).map(lambda words: " ".join(words).capitalize() + ".")
sections = st.builds(
    Section,
    st.none() | paragraphs,
    st.lists(
        st.builds(Paragraph, paragraphs, st.sampled_from(["narrator", "quote", "list"])),
        max_size=4,
    ).map(tuple),
)
reviews = st.builds(
    Review,
    title=paragraphs,
    slug=st.just("x"),
    sections=st.lists(sections, min_size=1, max_size=3).map(tuple),
    language=st.sampled_from(["en", "de", "ar", "zh", "xx"]),
    origins=st.sampled_from([{"title": "text"}, {"title": "file name"}]),
    omissions=st.lists(st.builds(Omission, paragraphs, st.just("image")), max_size=2).map(tuple),
)


def make_review(*texts: str, **fields: object) -> Review:
    """A review of one section without a heading, whose title is not spoken."""
    section = Section(None, tuple(map(Paragraph, texts)))
    return Review(**{"title": "A review", "slug": "a-review", "sections": (section,), **fields})


class CountingText(str):
    """A text that counts the characters that are sliced from it."""

    __slots__ = ("count",)
    count: int

    def __new__(cls, text: str) -> Self:
        self = super().__new__(cls, text)
        self.count = 0
        return self

    def __getitem__(self, key):
        part = super().__getitem__(key)
        self.count += len(part)
        return part
