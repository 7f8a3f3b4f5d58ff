"""A template and its values become a message of a limited length."""

import functools
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from reviewcast.model.clean import clean_line

if TYPE_CHECKING:
    import regex

_FIELD = re.compile(r"\{(\w+)\}")
_MENTION = re.compile(r"((?<![=/\w])@(?=\w)|<(?=[!@#]))")  # the last is how Slack has them
_GIVE_WAY = ("description", "title", "subject", "show", "author", "rating")


def compose_post(
    template: str,
    values: Mapping[str, str],
    *,
    most_graphemes: int = 0,
    most_bytes: int = 0,
    link_graphemes: int = 0,
    may_mention: bool = False,
) -> str:
    """Return a template with its fields replaced, within the limits; 0 is none.

    A line whose fields are all empty is left out. What is too long gives way in the order of the
    description, the title and the rest, never the link unless it alone is too long. With
    `link_graphemes`, {link} counts as so many. Where the length is limited, or it `may_mention`
    people, an @ in a value mentions nobody.
    """
    calls = may_mention or bool(most_graphemes)
    wanted = {
        name: _MENTION.sub("\\1\u200b", value) if calls and name not in {"link", "audio"} else value
        for name, value in ((name, clean_line(value)) for name, value in values.items())
    }

    def fits(text: str) -> bool:
        size = count_graphemes(text)
        if link_graphemes and wanted["link"] and wanted["link"] in text:
            size += link_graphemes - count_graphemes(wanted["link"])
        most = (most_graphemes or size, most_bytes or len(text.encode()))
        return size <= most[0] and len(text.encode()) <= most[1]

    def shorten(name: str, kept: int) -> str:
        value = f"{cut_graphemes(wanted[name], kept).rstrip()}…" if kept else ""
        return _fill(template, {**wanted, name: value})

    if not fits(_fill(template, {**wanted, **dict.fromkeys(_GIVE_WAY, "")})):
        wanted |= {"link": "", "audio": ""}
    text = _fill(template, wanted)
    for name in (one for one in _GIVE_WAY if f"{{{one}}}" in template):
        if fits(text):
            break
        length = count_graphemes(wanted[name])
        kept = _find_most(length, lambda kept, name=name: fits(shorten(name, kept)))  # type: ignore[misc]
        text = shorten(name, kept)
        wanted[name] = f"{cut_graphemes(wanted[name], kept).rstrip()}…" if kept else ""
    whole = text
    kept = _find_most(count_graphemes(text), lambda kept: fits(cut_graphemes(whole, kept)))
    return cut_graphemes(text, kept).rstrip()


def _find_most(top: int, fits: Callable[[int], bool]) -> int:
    """Return the largest number up to `top` that fits, 0 when none does."""
    if fits(top):
        return top
    low, high = 0, top
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def count_graphemes(text: str) -> int:
    """Return how many characters readers count (Unicode's extended grapheme clusters)."""
    return len(_compile().findall(text))


def cut_graphemes(text: str, most: int) -> str:
    """Return the first so many characters, as readers count them."""
    return "".join(_compile().findall(text)[:most])


def _fill(template: str, values: Mapping[str, str]) -> str:
    lines = []
    for line in template.split("\n"):
        names = _FIELD.findall(line)
        if not names or any(values.get(name) for name in names):
            lines.append(_FIELD.sub(lambda field: values.get(field[1], ""), line).strip())
    return "\n".join(lines).strip()


@functools.cache
def _compile() -> "regex.Pattern[str]":
    import regex  # 20 ms, and only those who tell need it

    return regex.compile(r"\X")
