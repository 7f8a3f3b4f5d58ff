"""Whom a show and its episodes credit (podcast namespace, person)."""

from reviewcast.model.clean import clean_line
from reviewcast.model.podcast import Release
from reviewcast.settings.schema import Person, Show


def list_persons(show: Show) -> tuple[Person, ...]:
    """Return whom the show credits; its author wrote what is read, if nobody else is named."""
    if show.persons or not show.author:
        return show.persons
    return (Person(show.author, role="author"),)


def list_guests(show: Show, release: Release) -> tuple[Person, ...]:
    """Return whom an episode by another author credits.

    Persons of an item replace those of the channel (podcast namespace, person), so the others
    are named again.
    """
    regular = list_persons(show)
    author = clean_line(release.author)
    if not author or author.casefold() in {
        clean_line(name).casefold() for name in (show.author, *(one.name for one in regular))
    }:
        return ()
    others = tuple(one for one in regular if one.role.strip().lower() != "author")
    return (*others, Person(author, role="author"))
