"""Languages: told when a text is plainly in another than expected, never on a whim."""

import pytest

from reviewcast.model.languages import detect_language, read_language

TEXTS = {
    "en": "The film is a fable of the sea and it does not say a word more than the",
    "fr": "Le film est une fable sur la mer, et il ne dit pas un mot de plus que",
    "de": "Der Film ist ein Märchen von der See, und er sagt nicht ein Wort zu",
    "es": "La película es una fábula del mar y no dice una palabra más que las",
    "it": "Il film è una favola del mare e non dice una parola di più che gli",
    "pt": "O filme é uma fábula do mar e não diz uma palavra a mais que os outros",
    "nl": "De film is een fabel van de zee en hij zegt niet een woord te veel, dat",
    "ru": "Фильм — это сказка о море, и он не говорит ни слова больше, чем все",
    "ja": "この映画は海の寓話であり、他の作品よりも一言も多くは語らない。とても静かで美",
    "ko": "이 영화는 바다의 우화이며 다른 영화보다 한 마디도 더 하지 않는다 정말 조용하고",
    "zh": "这部电影是关于大海的寓言，它没有比其他电影多说一个字，非常安静而且美丽，值得",
    "el": "Η ταινία είναι ένας μύθος της θάλασσας και δεν λέει ούτε μια λέξη",
}


@pytest.mark.parametrize("language", TEXTS)
def test_detected(language):
    """A page of text tells its language; its own is no news."""
    text = f"{TEXTS[language]}. " * 7
    assert detect_language(text, "en") == ("" if language == "en" else language)
    assert detect_language(text, f"{language}-XX") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le film est une fable.", "en"),
        ("", "en"),
        ("1234 5678 " * 40, "en"),
        ("Alien Brazil Casablanca Dune Evita Fargo Gandhi Hook " * 9, "en"),
        (f"{TEXTS['en']}. “{TEXTS['fr']}.” {TEXTS['en']}. " * 3, "en"),
        (f"{TEXTS['ru']}. " * 5, "uk"),
    ],
)
def test_not_told(text, expected):
    """Too little, names alone, a quotation or a neighbour of its script tell nothing."""
    assert detect_language(text, expected) == ""


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("en", "en"),
        (" PT_br ", "pt-BR"),
        ("en_US.UTF-8", "en-US"),
        ("zh-hant-TW", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-1996", "de-1996"),
        ("Français", "fr"),
        ("English (US)", "en"),
        ("fr, en", "fr"),
        ("yue", "yue"),
        ("klingon", ""),
        ("xx", ""),
        ("gb", ""),
        ("e n", ""),
        ("", ""),
    ],
)
def test_tags(written, tag):
    """A language is known by its code or name; what is neither is none."""
    assert read_language(written) == tag


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "看完《Blade Runner 2049》，感觉很好。"),
        ("ja", "すごく良い映画だった。"),
        ("ko", "정말 좋은 영화였다."),
        ("ar", "فيلم جميل جدا."),
        ("fa", "این فیلم خیلی خوب بود و پایان قشنگی داشت."),
        ("ru", "Очень хороший фильм."),
        ("uk", "Це дуже гарний фільм і цікава історія."),
        ("bg", "Това е много хубав филм, който ще ви хареса, въпреки че е дълъг."),
        ("el", "Πολύ καλή ταινία."),
        ("he", "סרט נהדר."),
        ("th", "หนังดีมาก"),
        ("it", "Un film molto bello, ma troppo lungo."),
        ("de", "Das Essen war kalt und der Service langsam."),
        ("fr", "Un très bon film, mais la fin est trop longue."),
        ("es", "Una película muy buena, pero el final no me gustó."),
        ("nl", "Een mooie film over een jongen die niet wil praten."),
        ("sv", "Det är en bra film, men den är för lång."),
        ("pl", "To jest bardzo dobry film, ale nie dla mnie."),
        ("en", "The food was cold and the waiter was rude to us."),
    ],
)
def test_short_text(language, text):
    """A script, or a handful of small words, tells the language of a single sentence."""
    assert detect_language(text, "fi") == language
    assert detect_language(text, language) == ""


@pytest.mark.parametrize(
    "text",
    [
        "I loved it. Une belle soirée.",
        "A great film by Almodóvar: Todo sobre mi madre.",
        "Crème brûlée, coq au vin, foie gras: lovely.",
        "Ensemble cast, mise en scène, tour de force",
        "Amazing tacos al pastor, carnitas, horchata",
        "The Seventh Seal (Det sjunde inseglet)",
        "La La Land: la la la la",
        "Worth it.",
        "Older noise labels like Banned Productions, G.R.O.S.S.",
        "Москва: a great name for a bar.",
    ],
)
def test_short_english_is_left_alone(text):
    """Foreign dishes, titles and phrases in an English line tell nothing."""
    assert detect_language(text, "en") == ""
