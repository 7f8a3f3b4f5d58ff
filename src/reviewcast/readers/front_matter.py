"""Front matter: the fenced block of YAML or TOML before a review's text."""

import datetime as dt
import re

from reviewcast.errors import ReviewError

_LONGEST = 64 * 1024
_DEEPEST = 20
_FENCES = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE),
}

_FIELD = re.compile(
    r"""(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*(?:["'][^"'\n]+["']|[\w.-][\w .-]*)[ \t]*:(?:\s|$)"""
)
_REMARK = re.compile(r"^[ \t]*#.*$", re.MULTILINE)


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Part front matter from text: its fields with lower-case names, and the rest.

    Every value is the string that the writer typed: a film may be called No, or 1917. Lists are
    joined by commas; a mapping's fields become `outer.inner`.

    Raises ReviewError when it does not end, is over 64 kB, or is not valid.
    """
    first, _, rest = text.lstrip("\n").partition("\n")
    fence = first.strip()
    if fence not in _FENCES or not first.startswith(fence):
        return {}, text
    end = _FENCES[fence].search(rest)
    if (
        fence == "---"
        and not _FIELD.match(rest)
        and (end is None or _REMARK.sub("", rest[: end.start()]).strip())
    ):
        return {}, text  # a horizontal rule, not front matter
    if end is None:
        raise ReviewError(
            f"The front matter that begins with {fence} does not end.",
            hint=f"Close it with a line of {fence}.",
        )
    source = rest[: end.start()]
    if len(source) > _LONGEST:
        raise ReviewError("The front matter is longer than 64 kB.", hint="Shorten it.")
    try:
        fields = _flatten(_parse_yaml(source) if fence == "---" else _parse_toml(source))
    except RecursionError as error:
        raise _too_deep() from error
    return dict(fields), rest[end.end() :].lstrip("\n")


def _too_deep() -> ReviewError:
    return ReviewError("The front matter is nested too deeply.", hint="Write plain fields.")


def _parse_yaml(source: str) -> object:
    import yaml

    try:
        depth = 0
        for token in yaml.scan(source):
            if isinstance(token, yaml.AliasToken):
                raise ReviewError(
                    "The front matter uses YAML aliases.", hint="Write the value out."
                )
            # the parser's time grows with the square of the depth
            depth += type(token).__name__.endswith(("SequenceStartToken", "MappingStartToken"))
            depth -= isinstance(
                token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken | yaml.BlockEndToken
            )
            if depth > _DEEPEST:
                raise _too_deep()
        return yaml.load(source, Loader=yaml.BaseLoader)  # noqa: S506  strings only: see above
    except (yaml.YAMLError, ValueError) as error:  # ValueError: "\U00110000" is no character
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise ReviewError(
            f"The front matter is not valid YAML{where}.",
            hint='Put values with a colon or a quotation mark between quotes: title: "A: B".',
        ) from error


def _parse_toml(source: str) -> object:
    import tomllib

    try:
        return tomllib.loads(source, parse_float=str)
    except ValueError as error:  # tomllib's own, or a number of thousands of digits
        raise ReviewError(
            f"The front matter is not valid TOML: {error}.",
            hint='Put texts between quotes: title = "A: B".',
        ) from error


def _flatten(fields: object, outer: str = "") -> "list[tuple[str, str]]":
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
        flat += _flatten(value, path.strip().lower())
    return flat


def _to_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_to_text(item) for item in value if not isinstance(item, dict))
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return " ".join(str(value).split())
