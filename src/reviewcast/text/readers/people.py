"""Who has made a work or is in it, as front matter and pages name them."""

import re
from collections.abc import Iterable, Iterator, Mapping

KEYS = frozenset(
    "cast actor actors actress actresses starring director directors directedby writers"
    " writtenby screenwriter screenwriters screenplay creator creators producer producers composer"
    " composers cinematographer cinematographers character characters narrator"
    " narrators translator translators illustrator illustrators artist artists band developer"
    " developers bookauthor bookauthors".split()
)
"""The last parts of the keys that people stand under, in small letters without signs."""

_WRITERS = {"author", "authors", "critic", "reviewer"}
_OF_WORKS = {"author", "authors", "writer"}
_WORKS = set("subject work film movie book album game item itemreviewed reviewed show".split())
MOST = 60
_LONGEST, _MOST_WORDS = 60, 6
_NAMED = "name fullname actor actress person artist title".split()
_CHARACTERS = "character as plays role part".split()
_NO_NAMES = frozenset(
    "name url link href image photo picture id imdb tmdb order job department".split()
)
_SEPARATOR = re.compile(r"[,;/|\n]|\s(?:and|und|et|y|e|as|als)\s|&|\.\.\.|…|[()]")
_NAME = re.compile(r"[^\W\d_][\w.'’ -]*")
_SIGN = re.compile(r"[\W_]+")
_TAG_NAME = re.compile(r"[A-ZÀ-Þ][\w.'’-]+(?: [\w.'’-]+){0,2} [A-ZÀ-Þ][\w.'’-]+")


def is_key(key: str) -> bool:
    """True if a key of front matter names people: `movie.director`, `directed_by`, `cast.name`."""
    parts = [_SIGN.sub("", part) for part in key.lower().removesuffix(".name").split(".")]
    last, before = parts[-1], parts[-2] if len(parts) > 1 else ""
    if last in _OF_WORKS:  # by itself it is who has written the review
        return before in _WORKS
    return last in KEYS or (last.isdigit() and before in KEYS)


def list_entries(value: object) -> str:
    """Return the people of a list of mappings, or of one, as a text; "" for other values.

    Each entry has its name under `name`, `actor` and the like, or is a name and a character.
    """
    entries = value if isinstance(value, list) else [value]
    return "; ".join(
        text for one in entries if isinstance(one, dict) for text in _list_entry(one) if text
    )


def _list_entry(entry: dict[object, object]) -> Iterator[str]:
    plain = {
        _SIGN.sub("", str(key).lower()): value
        for key, value in entry.items()
        if isinstance(value, str)
    }
    names = [plain[key] for key in _NAMED if key in plain]
    if names:
        yield from (names[0], *(plain[key] for key in _CHARACTERS if key in plain))
        return
    for key, value in entry.items():
        if isinstance(value, str) and _SIGN.sub("", str(key).lower()) not in _NO_NAMES:
            yield from (str(key), value)


def name_entries(key: str) -> str:
    """Return the key that the names in a list of mappings get, "" where these are no people."""
    if is_key(key):
        return f"{key}.name"
    return f"{key.removesuffix('s')}.name" if key in _WRITERS else ""


def list_people(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the people that front matter names for the work, each once, 60 at most."""
    return part_names(value for key, value in metadata.items() if is_key(key))


def list_tagged(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tags that may be people: two words or more, the first and last with a capital."""
    tags = (tag.strip() for tag in metadata.get("tags", "").split(","))
    return tuple(tag for tag in tags if len(tag) <= _LONGEST and _TAG_NAME.fullmatch(tag))[:MOST]


def part_names(values: Iterable[str]) -> tuple[str, ...]:
    """Return the single names in lists of them such as `Al Pacino as Hanna, Val Kilmer`."""
    found: dict[str, None] = {}
    for value in values:
        lines = "\n".join(" ".join(line.split()) for line in value.splitlines())
        for name in _SEPARATOR.split(lines):
            plain = " ".join(name.split())
            is_short = len(plain) <= _LONGEST and plain.count(" ") < _MOST_WORDS
            if is_short and _NAME.fullmatch(plain) and plain != plain.lower():
                found[plain] = None
    return tuple(found)[:MOST]
