"""Names and odd words: what is found, what is not, and what the lexicon knows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.text.name_search import Passage
from reviewcast.text.proper_nouns import find_names, gather_names
from reviewcast.text.spoken import LexiconEntry, load_lexicon


def find(*texts, language="en", **options):
    """Return the names of texts with their kinds."""
    found = find_names(texts, language=language, **options)
    return {name.written: " ".join(name.kinds) for name in found}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The film was made by Damien Chazelle in Paris.", {"Damien Chazelle", "Paris"}),
        ("Annabelle, played by Marion Mack, is put into sacks.", {"Marion Mack"}),
        ("We met Annabelle. Annabelle left.", {"Annabelle"}),
        ("Slavery is not mentioned. Nobody laughs.", set()),
        ("I saw it on Monday in May with an American friend.", set()),
        ("It is Keaton’s film, and Keaton's alone.", {"Keaton"}),
        ("A film of Guillermo del Toro, Robert De Niro.", {"Guillermo del Toro", "Robert De Niro"}),
        ("By J. J. Abrams and M. Night Shyamalan, then.", {"J. J. Abrams", "M. Night Shyamalan"}),
        ("I like Mr. Smith, and he said “Go away” to me.", {"Smith"}),
        ("The rose is a Rose.", set()),
        ("The rose is a Rose, and this Rose, too.", {"Rose"}),
        ("This Long Heading Has Capitals Everywhere.", set()),
        ("Then came Jean-Luc Godard.", {"Jean-Luc Godard"}),
        ("Directed Smith well. Watching Heat hurts. Try Salmon in June.", {"Heat", "Smith"}),
        ("Channing Tatum falls. Alfred Molina, too.", {"Channing Tatum", "Alfred Molina"}),
        ("Then came Agnès Varda.", {"Agnès Varda", "Agnès"}),
    ],
)  # fmt: skip
def test_names_are_told_by_their_capitals(text, names):
    """Mid-sentence capitals make names, kept whole; common words and first words do not."""
    assert set(find(text)) == names


def test_a_first_word_counts_when_the_name_is_known_from_elsewhere():
    """A full name that begins a sentence stays whole; what only begins one is no part of it."""
    found = find_names(
        ["Buster Keaton runs.", "Today Keaton falls, and then Keaton runs."], language="en"
    )
    assert [(name.written, name.count) for name in found][:1] == [("Keaton", 3)]
    assert find("Buster Keaton runs, and nobody else does, but Buster Keaton.") == {
        "Buster Keaton": "name"
    }


def test_odd_words_have_their_kinds():
    """Foreign letters, mixed case, initials, words without vowels, and what the rules left."""
    found = find(
        Passage(
            "We saw Miłosz at SXSW in an iPhone film, pfft. It cost ¤9.",
            "We saw Miłosz at SXSW in an iPhone film, pfft. It cost ¤9.",
        ),
    )
    assert found == {
        "Miłosz": "foreign letters name",
        "SXSW": "initials name",
        "iPhone": "mixed case",
        "pfft": "no vowels",
        "9": "figures",
        "¤": "signs",
    }
    assert find("It is a cliché in a café.") == {}


def test_titles_in_italics_are_kept_together():
    """What stands in italics with capitals is a title everywhere; a stressed word is none."""
    found = find(
        "We love The Quiet Man. It is really quiet.", "I said The Quiet Man.",
        italics=["The Quiet Man", "really", "Quiet"],
    )  # fmt: skip
    assert found == {"The Quiet Man": "title"}


def test_headings_do_not_tell_names():
    """A title's capitals mean nothing, but a name that is known is found there."""
    passages = [
        Passage("How Keaton Saved Comedy", "How Keaton Saved Comedy", is_heading=True),
        Passage("This was Keaton.", "This was Keaton."),
    ]
    (name,) = find_names(passages, language="en")
    assert (name.written, name.places) == ("Keaton", (0, 1))


def test_other_languages_go_by_capitals_too_but_german():
    """In German nouns have capitals: only names of several words and foreign letters are found."""
    assert find("Un film de Truffaut avec Jean Moreau.", language="fr") == {
        "Truffaut": "name",
        "Jean Moreau": "name",
    }
    german = find("Der Film von Christian Petzold hat eine Größe und Miłosz.", language="de")
    assert german == {"Christian Petzold": "name", "Miłosz": "foreign letters"}
    assert find("Это фильм Андрея.", language="ru") == {"Андрея": "name"}
    assert find("Es gab 3 Filme.", language="de") == {}


def test_the_lexicon_knows_a_name_by_any_part_in_its_language():
    """What is said of the name is told; an entry for another language or voice does not count."""
    lexicon = load_lexicon('[words]\n"Chazelle" = "sha-ZELL"')
    text = "It is by Damien Chazelle and Saoirse Ronan."
    found = {
        name.written: name.spoken for name in find_names([text], language="en", lexicon=lexicon)
    }
    assert found == {"Damien Chazelle": "Damien sha-ZELL", "Saoirse Ronan": ""}
    for entry in (
        LexiconEntry("Chazelle", "x", language="fr"),
        LexiconEntry("Chazelle", "x", voices=("gtts",)),
    ):
        names = find_names([text], language="en", lexicon=(entry,), voice="espeak")
        assert not any(name.spoken for name in names)


def test_names_of_several_reviews_are_gathered():
    """Counts add up, the most frequent comes first, and each names its reviews."""
    one = find_names(["We met Ann. I like Ann."], language="en")
    two = find_names(["Wir sahen Ann Lee."], language="de")
    three = find_names(["I like Ann and Zoe."], language="en")
    gathered = gather_names([("1", "en", one), ("2", "de", two), ("3", "en", three)])
    assert [(name.written, name.count, name.reviews) for name in gathered] == [
        ("Ann", 3, ("1", "3")),
        ("Ann Lee", 1, ("2",)),
        ("Zoe", 1, ("3",)),
    ]


def test_the_most_doubtful_come_first():
    """A name that any English voice reads right comes last, however often it occurs."""
    text = (
        "I like Ann and Bob Hill. We met Ann and Ann again, with Zoë Kravitz and Krzysztof,"
        " and Grigori Kozintsev, who knows Mrk and iPhone games."
    )
    names = find_names([text], language="en")
    doubts = {name.written: name.doubt for name in names}
    assert [name.doubt for name in names] == sorted(doubts.values(), reverse=True)
    assert doubts["Zoë"] == doubts["Mrk"] == 3
    assert doubts["Krzysztof"] == doubts["Grigori Kozintsev"] == doubts["iPhone"] == 2
    assert doubts["Ann"] == doubts["Bob Hill"] == 0
    entry = LexiconEntry("Mrk", "mark")
    known = find_names([text], language="en", lexicon=(entry,))
    assert next(name for name in known if name.written == "Mrk").doubt == 0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("“Go,” Said Ford. He left with Ford.", {"Ford"}),
        ("Asked Mills again, “Why?” I like Mills.", {"Mills"}),
        ("Bread = butter, and a < b * c.", set()),
        ("It cost 5 | 6 and # too.", set()),
    ],
)
def test_noise_is_no_name(text, names):
    """Verbs before a name and the keyboard's signs are no part of any."""
    assert {name for name in find(text) if not name.isdigit()} == names


@settings(deadline=None, max_examples=count_examples(60))
@given(st.lists(st.text(max_size=80), max_size=4), st.sampled_from(["en", "de", "fr", "ja"]))
def test_any_text_has_names_that_stand_in_it(texts, language):
    """Whatever the text, nothing fails, and what is found is there as often as it is counted."""
    for name in find_names(texts, language=language):
        words = name.written.split()
        assert name.count >= len(name.places) > 0
        assert all(all(word in texts[place] for word in words) for place in name.places)
