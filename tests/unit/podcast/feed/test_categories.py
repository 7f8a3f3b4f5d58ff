"""Apple's categories and the roles of the podcast taxonomy."""

from reviewcast.podcast.feed.categories import CATEGORIES, ROLES, find_group, list_categories
from reviewcast.settings.schema import Person, Show


def test_apples_list_is_whole():
    """There are 19 categories with 91 below them, none twice."""
    names = list_categories()
    assert len(CATEGORIES) == 19
    assert len(names) == len(set(names)) == 19 + 91
    assert "TV & Film > Film Reviews" in names


def test_the_default_is_known():
    """A show's own categories and a person's own role are in the lists."""
    assert set(Show().categories) <= set(list_categories())
    assert find_group(Person("Ann").role) == "cast"


def test_roles():
    """A role has one group, whatever its case."""
    roles = [role for group in ROLES.values() for role in group]
    assert len(roles) == len(set(roles))
    assert find_group(" Co-Host ") == "cast"
    assert find_group("Author") == "writing"
    assert find_group("king") == ""
