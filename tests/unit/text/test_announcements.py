"""An episode speaks of itself in its review's language."""

import pytest

from reviewcast.model.text import Paragraph, Review, Section
from reviewcast.settings.schema import SplitSettings
from reviewcast.text.announcements import (
    get_spoiler_title,
    get_spoiler_warning,
    name_round_up,
)
from reviewcast.text.disclosures import get_disclosure
from reviewcast.text.split import split_review
from reviewcast.text.spoilers import announces_spoilers, warns_of_spoilers

LANGUAGES = "ar de en es fr it ja ko nl pl pt ru zh".split()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_lines_of_its_own(language):
    """Each language has a disclosure and a warning, which its own reader takes for a warning."""
    assert get_disclosure(language)
    assert get_disclosure(f"{language}-XX") == get_disclosure(language)
    assert announces_spoilers(get_spoiler_title(language))
    assert announces_spoilers(get_spoiler_warning(language))
    if language != "en":
        assert get_disclosure(language) != get_disclosure("en")
        assert get_spoiler_warning(language) != get_spoiler_warning("en")


def test_language_without_lines():
    """A language without lines of its own has no disclosure and an English warning."""
    assert get_disclosure("eo") == ""
    assert get_spoiler_warning("eo") == get_spoiler_warning("en")


@pytest.mark.parametrize(
    "line",
    [
        "Aviso: spoilers",
        "¡Ojo, spoilers!",
        "Achtung, Spoiler!",
        "Spoilerwarnung",
        "Attention, spoilers",
        "Attention, divulgâcheurs",
        "Attenzione: spoiler",
        "Let op: spoilers",
        "Uwaga: spoilery",
        "Atenção: spoilers",
        "Осторожно, спойлеры!",
        "ネタバレ注意",
        "ネタバレあり",
        "剧透预警",
        "本文含剧透",
        "스포일러 주의",
        "تنبيه: حرق للأحداث",
        "Spoilers below",
    ],
)
def test_warning_is_known(line):
    """A line that warns does so in every language."""
    assert warns_of_spoilers(line)


@pytest.mark.parametrize(
    "line",
    [
        "Sin spoilers",
        "spoilerfrei",
        "ohne Spoiler",
        "sans spoilers",
        "senza spoiler",
        "zonder spoilers",
        "Без спойлеров",
        "ネタバレなし",
        "无剧透",
        "스포 없음",
        "بدون حرق الأحداث",
        "spoiled",
    ],
)
def test_promise_of_none_is_no_warning(line):
    """A line that promises that there are none warns of nothing."""
    assert not announces_spoilers(line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_spoilers_are_announced_in_the_language(language):
    """The chapter's title and the warning before it are in the review's language."""
    paragraphs = (Paragraph("1 2 3"), Paragraph("4 5 6", role="spoiler"))
    review = Review(
        title="",
        slug="x",
        language=language,
        sections=(Section(heading=None, paragraphs=paragraphs),),
    )
    script = split_review(review, SplitSettings(), max_chars=500)
    said = "".join(s.text for s in script.segments if s.role == "spoiler")
    assert said.replace(" ", "").startswith(get_spoiler_warning(language).replace(" ", ""))
    assert get_spoiler_title(language) in [chapter.title for chapter in script.chapters]


def test_own_warning_is_said():
    """A warning that the show sets is said in every language."""
    review = Review(
        title="",
        slug="x",
        language="de",
        sections=(Section(heading=None, paragraphs=(Paragraph("x", role="spoiler"),)),),
    )
    settings = SplitSettings(spoiler_warning="Vorsicht!", spoiler_title="Verraten")
    script = split_review(review, settings, max_chars=500)
    assert script.segments[0].text == "Vorsicht!"
    assert script.chapters[-1].title == "Verraten"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "这部电影讲述了一个男孩的故事。导演的手法非常成熟，演员也很好！我看了两遍。"),
        (
            "ja",
            "この映画は少年の話です。監督の手腕は見事だが、少し長いと私は思う。でも見る価値はある。",
        ),
        (
            "ko",
            "이 영화는 소년의 이야기이다. 감독의 솜씨가 훌륭하지만 조금 길다. 그래도 볼 만하다.",
        ),
    ],
)
def test_dense_scripts_are_cut_at_sentences(language, text):
    """A paragraph of Chinese or Japanese is spoken in sentences, as one of letters is."""
    review = Review(
        title="",
        slug="x",
        language=language,
        sections=(Section(heading=None, paragraphs=(Paragraph(f"{text} " * 5),)),),
    )
    script = split_review(review, SplitSettings(), max_chars=1000)
    assert len(script.segments) >= 5
    assert all(s.text[-1] in "。！." for s in script.segments)
    assert max(len(s.spoken) for s in script.segments) <= 73


def test_long_dense_sentence_is_cut_at_clauses():
    """A sentence over the limit is cut behind a comma of its script."""
    text = "这部电影讲述了一个男孩的故事，他在一个很小的村子里长大，后来去了一个很大的城市，" * 3
    review = Review(
        title="",
        slug="x",
        language="zh",
        sections=(Section(heading=None, paragraphs=(Paragraph(f"{text}真好。"),)),),
    )
    script = split_review(review, SplitSettings(), max_chars=60)
    assert all(s.text[-1] in "，。" for s in script.segments)


def test_long_dense_sentence_is_cut_for_breath():
    """Where the voice takes a thousand characters, a row of clauses is still cut at commas."""
    clause = "这部电影讲述了一个男孩的故事，"
    review = Review(
        title="",
        slug="x",
        language="zh",
        sections=(Section(heading=None, paragraphs=(Paragraph(f"{clause * 40}真好。"),)),),
    )
    script = split_review(review, SplitSettings(), max_chars=1000)
    assert max(len(s.spoken) for s in script.segments) <= 110
    assert all(s.text[-1] in "，。" for s in script.segments)


@pytest.mark.parametrize(
    ("by", "key", "language", "title", "name"),
    [
        ("month", "2026-03", "en", "Reviews in brief: March 2026", "March 2026"),
        ("month", "2026-03", "de-AT", "Kurz besprochen: März 2026", "März 2026"),
        ("month", "2026-12", "pt", "Críticas breves: dezembro de 2026", "dezembro de 2026"),
        ("year", "2019", "fr", "Critiques en bref: 2019", "2019"),
        ("tag", "film noir", "en", "Reviews in brief: film noir", "film noir"),
        ("count", "7", "fi", "Reviews in brief 7", "7"),
    ],
)
def test_what_a_round_up_is_called(by, key, language, title, name):
    assert name_round_up(by, key, language) == (title, name)
