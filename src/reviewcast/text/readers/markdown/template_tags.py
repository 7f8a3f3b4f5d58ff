"""The tags of templates, `{{ … }}` and `{% … %}`: where they stand, their names and arguments."""

import bisect
import re
from collections.abc import Iterator
from typing import NamedTuple

_CLOSERS = {"{{<": ">}}", "{{%": "%}}", "{{": "}}", "{%": "%}", "{#": "#}"}
_OPENER = re.compile(r"\{\{[<%]|\{\{|\{%|\{#(?=\s)")
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_LONGEST = 4000
_NAME = re.compile(r"[-~]?\s*(/?)\s*((?:[\w./:-]|&#?\w{1,32};)*)\s*(.*?)\s*[-~/]?\s*", re.DOTALL)

ARGUMENT = re.compile(
    r"(?:(?P<key>[A-Za-z_][\w.-]*)\s*[=:]\s*)?"
    r"(?:\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'|`(?P<raw>[^`]*)`"
    r"|(?P<bare>[^\s\"'`,|]+))",
    re.DOTALL,
)

_ESCAPED = re.compile(r"\\([\"'\\])")


class Argument(NamedTuple):
    """What stands in a tag after its name; `key` is "" for what has none."""

    key: str
    value: str
    is_quoted: bool


class Tag(NamedTuple):
    """A tag of a template: where it stands, what it begins with, and what is in it."""

    start: int
    end: int
    kind: str
    body: str


def find_tags(source: str) -> Iterator[Tag]:
    """Find the tags of templates, each in one paragraph."""
    position = 0
    scripts = [match.span() for match in _SCRIPT.finditer(source)] if "<s" in source else []
    while match := _OPENER.search(source, position):
        inside = bisect.bisect_right(scripts, match.start(), key=lambda span: span[0]) - 1
        if inside >= 0 and match.start() < scripts[inside][1]:
            position = scripts[inside][1]
            continue
        closer = _CLOSERS[match[0]]
        # a tag ends soon or never: so that a million openers take no longer than their number
        end = source.find(closer, match.end(), match.end() + _LONGEST)
        body = source[match.end() : end]
        if end < 0 or ("\n\n" in body and match[0] != "{#"):
            position = match.end()
            continue
        position = end + len(closer)
        if not _is_in_code(source, match.start(), position):
            yield Tag(match.start(), position, match[0], body)


def _is_in_code(source: str, start: int, end: int) -> bool:
    return source[start - 1 : start] == "`" and source[end : end + 1] == "`"


def name_closed_block(tag: Tag) -> str:
    """Return the name of the block that a tag closes, "" when it closes none."""
    slash, name, _ = read_tag(tag)
    name = name.lower()
    if slash:
        return name
    if tag.kind == "{%" and name.startswith("end") and len(name) > 3:
        return name.removeprefix("end").strip("_-")
    return ""


def read_tag(tag: Tag) -> tuple[str, str, str]:
    """Return the slash that a tag begins with or "", its name, and its arguments."""
    match = _NAME.fullmatch(tag.body)
    return (match[1], match[2], match[3]) if match else ("", "", tag.body)


def read_arguments(arguments: str) -> Iterator[Argument]:
    """Read the arguments of a tag: quoted or bare, with or without a key."""
    for match in ARGUMENT.finditer(arguments):
        quoted = match["double"] or match["single"]
        value = _ESCAPED.sub(r"\1", quoted) if quoted else match["raw"] or match["bare"] or ""
        yield Argument(match["key"] or "", value, match["bare"] is None)
