"""Front matter: the YAML, TOML, JSON or plain header lines before a review's text."""

import datetime as dt
import re
from collections.abc import Callable
from typing import NamedTuple

from reviewcast.model.errors import ReviewError
from reviewcast.text.readers import people

_LONGEST = 64 * 1024
_DEEPEST = 20

_FENCES = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE),
}

_OPENING = re.compile(r"(---|\+\+\+)[ \t]*(yaml|yml|toml|json|)[ \t]*\Z", re.IGNORECASE)

_FIELD = re.compile(
    r"""(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*(?:["'][^"'\n]+["']|[\w.-][\w .-]*)[ \t]*:(?:\s|$)"""
)

_REMARK = re.compile(r"^[ \t]*#.*$", re.MULTILINE)

_HEADER_LINE = re.compile(
    r"([A-Za-z][\w -]{0,40}):[ \t]+(\S.*)|[ \t]+\S.*|([A-Za-z][\w-]{0,40}):[ \t]*"
)

_HEADER_NAMES = {
    "title", "subtitle", "date", "modified", "author", "authors", "category", "categories", "tags",
    "slug", "summary", "status", "lang", "rating", "template", "image", "cover", "stars", "grade",
}  # fmt: skip

# no critic writes these above a review for others to read
_BLOG_NAMES = frozenset(
    "date modified category categories tags slug status lang template layout permalink".split()
)

# other parsers of YAML take a tab behind the colon and at the end of a line
_TAB = re.compile(r"^([ ]*(?:- )?[\w.-]+:)[ ]*\t[ \t]*", re.MULTILINE)
_TAB_AT_END = re.compile(r"(?<=[^ \t])[ ]*\t[ \t]*$", re.MULTILINE)
_YAML_LEVEL = re.compile(r"[\[{?:]|-(?!\S)")
_DOTTED_KEY = re.compile(r"^[ \t]*\[{0,2}(?:[^\n=\"'#]*\.){20}", re.MULTILINE)


class _Place(NamedTuple):
    """Where the front matter stands, in which syntax, and where the text begins."""

    syntax: str
    start: int
    end: int
    body: int


def split_front_matter(text: str, *, quick: bool = False) -> tuple[dict[str, str], str]:
    """Part front matter from text: its fields with lower-case names, and the rest.

    It is YAML or TOML between fences, a JSON object, or, as Pelican has it, lines of `Title: x`
    above the first empty one. Every value is the string that the writer typed: a film may be
    called No, or 1917. Lists are joined by commas; a mapping's fields become `outer.inner`.
    With `quick` YAML is read by a parser in C, where there is one, which takes a tenth of the time.

    Raise ReviewError when it does not end, is over 64 kB, or is not valid.
    """
    place = _find_front_matter(text)
    if place is None:
        return {}, text
    source = text[place.start : place.end]
    if len(source) > _LONGEST:
        raise ReviewError("The front matter is longer than 64 kB.", hint="Shorten it.")
    try:
        is_quick = quick and place.syntax == "yaml"
        parsed = _parse_yaml_quickly(source) if is_quick else _PARSERS[place.syntax](source)
        fields = _flatten(parsed)
    except RecursionError as error:
        raise _too_deep() from error
    return dict(fields), text[place.body :]


def skip_front_matter(text: str) -> str:
    """Return the text below the front matter, without reading what stands in it."""
    place = _find_front_matter(text)
    return text if place is None else text[place.body :]


def _find_front_matter(text: str) -> _Place | None:
    begin = len(text) - len(text.lstrip("\n"))
    stop = text.find("\n", begin)
    stop = len(text) if stop < 0 else stop
    opening = _OPENING.match(text[begin : min(stop, begin + 40)])
    if opening is None:
        return _find_json(text, begin) or _find_header(text, begin)
    fence, language = opening[1], opening[2].lower()
    start = min(stop + 1, len(text))
    end = _FENCES[fence].search(text, start)
    if fence == "---" and not language:
        is_field = _FIELD.match(text, start)
        if not is_field and (end is None or _REMARK.sub("", text[start : end.start()]).strip()):
            return None  # a horizontal rule, not front matter
    if end is None:
        raise ReviewError(
            f"The front matter that begins with {fence} does not end.",
            hint=f"Close it with a line of {fence}.",
        )
    syntax = {"yml": "yaml", "": "yaml" if fence == "---" else "toml"}.get(language, language)
    return _Place(syntax, start, end.start(), _skip_lines(text, end.end()))


def _find_json(text: str, begin: int) -> _Place | None:
    import json

    if not re.compile(r"\{\s*\"").match(text, begin):
        return None
    try:
        _, end = json.JSONDecoder().raw_decode(text[: begin + 2 * _LONGEST], begin)
    except ValueError:
        return None
    except RecursionError as error:
        raise _too_deep() from error
    return _Place("json", begin, end, _skip_lines(text, end))


def _find_header(text: str, begin: int) -> _Place | None:
    """Find lines of `Title: x` without fences: two names that blogs use, or a title."""
    end = text.find("\n\n", begin)
    end = len(text) if end < 0 else end
    if end - begin > _LONGEST:
        return None
    names: list[str] = []
    for line in text[begin:end].split("\n"):
        match = _HEADER_LINE.fullmatch(line)
        if not match or not (names or match[1] or match[3]):
            return None
        names.append((match[1] or match[3] or "").strip().lower())
    known = _HEADER_NAMES.intersection(names)
    if not ("title" in known or len(known) > 1):
        return None
    if names[0] not in _HEADER_NAMES and not _is_machine_made(names, text[begin:end]):
        return None
    return _Place("header", begin, end, _skip_lines(text, end))


def _is_machine_made(names: list[str], header: str) -> bool:
    """True for a blog's fields, False for credits: a critic writes `Director:`, not `isbn13:`."""
    if len(names) < 3 or not _HEADER_NAMES.intersection(names):
        return False
    keys = re.findall(r"^([A-Za-z][\w -]*):", header, re.MULTILINE)
    plain = all(re.fullmatch(r"[a-z][a-z0-9_-]*", key) for key in keys)
    return plain or ("title" in names and len(_BLOG_NAMES.intersection(names)) > 1)


def _skip_lines(text: str, position: int) -> int:
    while text.startswith("\n", position):
        position += 1
    return position


def _parse_header(source: str) -> object:
    fields: dict[str, str] = {}
    name = ""
    for line in source.split("\n"):
        if line[0].isspace():
            fields[name] += f" {line.strip()}"
        else:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    return fields


def _parse_json(source: str) -> object:
    import json

    try:
        return json.loads(source, parse_float=str, parse_int=str, parse_constant=str)
    except ValueError as error:
        raise ReviewError(
            f"The front matter is not valid JSON: {error}.", hint='Write it as {"title": "A"}.'
        ) from error


def _too_deep() -> ReviewError:
    return ReviewError("The front matter is nested too deeply.", hint="Write plain fields.")


def _parse_yaml_quickly(source: str) -> object:
    """Parse YAML in C; where that refuses it, the usual parser decides, and says why."""
    import yaml

    # what has few of these is neither nested too deeply nor does it use aliases
    nests = "*" in source or sum(map(source.count, ("[", "{", "\n ", "\t", "- ", "? "))) > _DEEPEST
    if nests or not yaml.__with_libyaml__:
        return _parse_yaml(source)
    try:
        return yaml.load(source, Loader=yaml.CBaseLoader)  # noqa: S506  strings only
    except (yaml.YAMLError, ValueError):
        return _parse_yaml(source)


def _parse_yaml(source: str) -> object:
    import yaml

    source = _TAB.sub(r"\1 ", _TAB_AT_END.sub("", source))
    try:
        # each level needs one of these signs, and most front matter has few
        if "*" in source or len(_YAML_LEVEL.findall(source)) > _DEEPEST:
            _refuse_wild_yaml(source)
        return yaml.load(source, Loader=yaml.BaseLoader)  # noqa: S506  strings only: see above
    except (yaml.YAMLError, ValueError) as error:  # ValueError: "\U00110000" is no character
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise ReviewError(
            f"The front matter is not valid YAML{where}.",
            hint='Put values with a colon or a quotation mark between quotes: title: "A: B".',
        ) from error


def _refuse_wild_yaml(source: str) -> None:
    """Raise ReviewError for aliases and for what is nested deeply."""
    import yaml

    depth = 0
    for token in yaml.scan(source):
        if isinstance(token, yaml.AliasToken):
            raise ReviewError("The front matter uses YAML aliases.", hint="Write the value out.")
        # the parser's time grows with the square of the depth
        depth += type(token).__name__.endswith(("SequenceStartToken", "MappingStartToken"))
        depth -= isinstance(
            token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken | yaml.BlockEndToken
        )
        if depth > _DEEPEST:
            raise _too_deep()


def _parse_toml(source: str) -> object:
    import tomllib

    if _DOTTED_KEY.search(source):  # the parser's time grows with the square of the dots
        raise _too_deep()
    try:
        return tomllib.loads(source, parse_float=str)
    except ValueError as error:  # tomllib's own, or a number of thousands of digits
        raise ReviewError(
            f"The front matter is not valid TOML: {error}.",
            hint='Put texts between quotes: title = "A: B".',
        ) from error


_PARSERS: dict[str, Callable[[str], object]] = {
    "yaml": _parse_yaml,
    "toml": _parse_toml,
    "json": _parse_json,
    "header": _parse_header,
}


def _flatten(fields: object, outer: str = "", depth: int = 0) -> list[tuple[str, str]]:
    if depth > _DEEPEST:
        raise _too_deep()
    if fields is None or fields == "":
        return []
    if not isinstance(fields, dict):
        if outer:
            return [(outer, _to_text(fields))]
        raise ReviewError(
            "The front matter is not a list of fields.", hint="Write it as name: value."
        )
    flat = []
    for name, value in fields.items():
        path = f"{outer}.{name}" if outer else str(name)
        path = path.strip().lower()
        flat += _flatten(value, path, depth + 1)
        key = people.name_entries(path) if isinstance(value, list | dict) else ""
        if key and (named := people.list_entries(value)):
            flat.append((key, " ".join(named.split())))
    return flat


def _to_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_to_text(item) for item in value if not isinstance(item, dict))
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(str(value).split())
