"""A show's own fields against the rules of the directories."""

import difflib
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from reviewcast.model.clean import clean_line
from reviewcast.model.errors import ConfigError
from reviewcast.podcast.feed.categories import ROLES, find_group, list_categories
from reviewcast.podcast.feed.guids import is_guid
from reviewcast.settings.show import Person, Show, check_url

FREQUENCIES = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY",
    "biweekly": "FREQ=WEEKLY;INTERVAL=2",
    "monthly": "FREQ=MONTHLY",
}

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LONGEST_CODE = 4000  # podcast namespace, txt
SPDX = re.compile(r"[A-Za-z0-9.+-]+")


def check_show(show: Show) -> None:
    """Raise ConfigError when the show cannot make a valid feed."""
    if not clean_line(show.title):
        raise ConfigError("[show] title is empty.", hint="Name the show in podcast.toml.")
    if not show.url:
        raise ConfigError(
            "[show] url is missing: a feed needs to know where it will be.",
            hint='Such as url = "https://example.org/podcast/" in podcast.toml.',
        )
    check_place(show.url)
    if not clean_line(show.description):
        raise ConfigError(
            "[show] description is missing: directories show it to listeners.",
            hint='Such as description = "Reviews of old films, read aloud."',
        )
    for name in ("website", "funding_url", "license_url", "new_feed_url"):
        if value := getattr(show, name):
            check_url(f"[show] {name}", value)
    _check_categories(show.categories)
    if not _LANGUAGE.fullmatch(show.language):
        raise ConfigError(
            f"[show] language {show.language!r} is not a language tag.",
            hint='Such as "en", "en-GB" or "fr".',
        )
    if show.frequency and show.frequency not in FREQUENCIES:
        raise ConfigError(
            f"[show] frequency {show.frequency!r} is not known.",
            hint=_suggest(show.frequency, list(FREQUENCIES)),
        )
    if show.email and not _EMAIL.fullmatch(show.email):
        raise ConfigError(
            f"[show] email {show.email!r} is not an address.",
            hint='Such as "me@example.org", or none.',
        )
    if show.guid and not is_guid(show.guid):
        raise ConfigError(
            f"[show] guid {show.guid!r} is not a UUID.",
            hint="Copy it from <podcast:guid> of the show's feed, or leave it out.",
        )
    if show.license and not show.license_url and not SPDX.fullmatch(show.license):
        # podcast namespace, license: a custom one must have a url
        raise ConfigError(
            f"[show] license {show.license!r} is none that is known by its name alone.",
            hint="Set license_url to where its text is, or use an SPDX name such as CC-BY-4.0.",
        )
    for name in ("verify", "apple_verify"):
        _check_code(f"[show] {name}", getattr(show, name))
    for person in show.persons:
        _check_person(person)


def check_place(url: str) -> None:
    """Raise ConfigError when a show's url is not the address of a folder of the web."""
    check_url("[show] url", url)
    parts = urlsplit(url)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ConfigError(
            f"[show] url {url!r} is not the address of a folder.",
            hint="Leave out what follows a ? or #, and a user's name.",
        )


def _check_code(where: str, code: str) -> None:
    if "<" in code or code != clean_line(code) or len(code) > _LONGEST_CODE:
        raise ConfigError(
            f"{where} is no code on one line of at most {_LONGEST_CODE:,} characters.",
            hint="Write the code alone, without the tag and the space around it.",
        )


def _check_categories(categories: Sequence[str]) -> None:
    known = list_categories()
    if not categories:
        raise ConfigError(
            "[show] categories is empty: Apple asks for one at least.",
            hint='Such as categories = ["TV & Film > Film Reviews"].',
        )
    for category in categories:
        if category not in known:
            raise ConfigError(
                f"[show] category {category!r} is not in Apple's list.",
                hint=_suggest(category, known),
            )


def _check_person(person: Person) -> None:
    if not clean_line(person.name):
        raise ConfigError("[[show.persons]] has someone without a name.", hint="Add the name.")
    if not find_group(person.role):
        roles = [role for group in ROLES.values() for role in group]
        raise ConfigError(
            f"[[show.persons]] role {person.role!r} of {person.name} is not in the taxonomy.",
            hint=_suggest(person.role.lower(), roles),
        )
    for name in ("url", "image"):
        if value := getattr(person, name):
            check_url(f"[[show.persons]] {name}", value)


def _suggest(given: str, known: list[str]) -> str:
    folded = {name.casefold(): name for name in known}
    # the last part alone counts too: "Film Reviews" for "TV & Film > Film Reviews"
    folded |= {name.rpartition(" > ")[2].casefold(): name for name in reversed(known)}
    near = difflib.get_close_matches(given.casefold().strip(), folded, 1)
    if near:
        return f"Did you mean {folded[near[0]]!r}?"
    shown = [name for name in known if " > " not in name][:20]
    return f"There are: {', '.join(shown)}."
