"""Written forms are said as a critic says them, and what is read well stays."""

import importlib
import pkgutil

import pytest
from tests.unit.text.spoken.foreign_forms import FOREIGN_FORMS, FOREIGN_UNCHANGED
from tests.unit.text.spoken.foreign_signs import SIGN_FORMS, SIGNS_UNCHANGED
from tests.unit.text.spoken.forms import FORMS, UNCHANGED
from tests.unit.text.spoken.more_forms import BRITISH, MORE_FORMS

from reviewcast.text.spoken import rules, say
from reviewcast.text.spoken.engine import Context, Family, RuleBook, apply_changes, rewrite_text

_MODULES = [
    importlib.import_module(f"{rules.__name__}.{one.name}")
    for one in pkgutil.iter_modules(rules.__path__)
]
_FAMILIES = [one for module in _MODULES for one in vars(module).values() if type(one) is Family]


@pytest.mark.parametrize(("written", "spoken"), FORMS.items())
def test_form(written, spoken):
    """A written form becomes the spoken one."""
    assert say(written).text == spoken


@pytest.mark.parametrize("text", UNCHANGED)
def test_unchanged(text):
    """What a voice reads well stays as it is, and no change is told."""
    assert say(text).text == text
    assert say(text).changes == ()


@pytest.mark.parametrize(("written", "spoken"), MORE_FORMS.items())
def test_further_form(written, spoken):
    """Numbers that touch letters, ratings, seasons, prices and ornaments are said as meant."""
    assert say(written).text == spoken


@pytest.mark.parametrize("spoken", sorted(set(MORE_FORMS.values())))
def test_further_form_is_final(spoken):
    """What was made to be spoken is not changed a second time."""
    assert say(spoken).text == spoken


@pytest.mark.parametrize(("written", "spoken"), BRITISH.items())
def test_british_numbers(written, spoken):
    """British numbers have an "and", American ones none."""
    assert say(written, language="en-GB").text == spoken
    assert " and " not in say(written, language="en-US").text


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        (language, written, spoken)
        for table in (FOREIGN_FORMS, SIGN_FORMS)
        for language, forms in table.items()
        for written, spoken in forms.items()
    ],
)
def test_foreign_form(language, written, spoken):
    """Forms of other languages are said in them, and their changes lead back to the text."""
    found = say(written, language=language)
    assert found.text == spoken
    assert "".join(apply_changes(written, found.changes)) == spoken


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (language, text)
        for table in (FOREIGN_UNCHANGED, SIGNS_UNCHANGED)
        for language, texts in table.items()
        for text in texts
    ],
)
def test_foreign_text_stays(language, text):
    """What is no form in its language stays as it is written."""
    assert say(text, language=language).text == text


def test_foreign_family_is_turned_off():
    """A family has the same name in every language."""
    assert say("8/10, z. B.", language="de", overrides={"ratings": False}).text.startswith("8/10")
    assert say("8/10", language="fr", overrides={"ratings: out of": False}).text == "8/10"


@pytest.mark.parametrize("family", _FAMILIES, ids=lambda family: family.name)
def test_what_a_rule_needs_hides_none_of_its_forms(family):
    """A rule that is tried on every text finds no more than on those with what it needs."""
    others = ["1Q26", "TV-Y7-FV", "Grade: A.", "Call 911", "Philosophy 101"]
    texts = [*FORMS, *MORE_FORMS, *UNCHANGED, *others]
    usual = RuleBook([family])
    always = RuleBook([Family(family.name, tuple(r._replace(needs="") for r in family.rules))])
    for text in texts:
        found = rewrite_text(text, usual, context=Context(engine="espeak"))
        assert found == rewrite_text(text, always, context=Context(engine="espeak"))
