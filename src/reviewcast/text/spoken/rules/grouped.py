"""Numbers of several parts: versions, thousands with full stops, decimal commas."""

import re

from reviewcast.text.spoken.engine import Context, Rule
from reviewcast.text.spoken.patterns import BEGIN, get_after, set_apart
from reviewcast.text.spoken.words import say_amount, say_cardinal, say_plain

_MEASURES = (
    "hours?|minutes?|seconds?|days?|weeks?|months?|years?|lit(?:er|re)s?|met(?:er|re)s?|miles?|"
    "kilomet(?:er|re)s?|grams?|kilograms?|kilos?|pounds?|inch(?:es)?|feet|points?|stars?|percent|"
    "million|billion|euros?|degrees|times|out of"
)


def _say_named_version(match: re.Match[str], context: Context) -> str:
    tail = f" {context.spell(match['tail'].upper())}" if match["tail"] else ""
    return f"version {' point '.join(map(say_plain, match['parts'].split('.')))}{tail}"


def _say_grouped(match: re.Match[str], _context: Context) -> str | None:
    """Say 100.000 and 1.234.567 as people on the Continent mean them, not as a fraction."""
    first, *groups = match[0].split(".")
    is_sure = len(groups) > 1 or groups[0].endswith("00") or _COUNTED.match(get_after(match, 16))
    if first == "0" or not is_sure:
        return None
    return set_apart(match, say_cardinal(match[0].replace(".", "")))


_COUNTED = re.compile(
    r" (?:people|copies|euros?|dollars|pounds|words|pages|years|seats|tickets|players|units|fans|"
    r"views|viewers|inhabitants|kilomet(?:er|re)s|met(?:er|re)s|miles|times|votes|steps)\b"
)

GROUPED = (
    Rule(
        "thousands with full stops",
        rf"{BEGIN}[0-9]{{0,2}}(?:\.[0-9]{{3}}(?![0-9])){{1,4}}(?!\.?\w)",
        _say_grouped,
        "0.",
    ),
    Rule(
        "decimal comma",
        rf"{BEGIN}[0-9]{{0,3}},[0-9]{{1,2}}(?= (?:{_MEASURES})\b)",
        lambda match, _: say_amount(match[0].replace(",", ".")),
        "0,",
    ),
    Rule(
        "version by name",
        r"v(?<![\w.].)(?:er(?:sion)?\.? |\. ?)?(?P<parts>[0-9]{1,4}(?:\.[0-9]{1,4}){0,4})"
        r"(?P<tail>[a-z])?(?!\w|[.,][0-9])",
        _say_named_version,
        "0v",
    ),
    Rule(
        "version",
        rf"{BEGIN}[0-9]{{0,3}}(?:\.[0-9]{{1,4}}){{2,4}}",
        lambda match, _: set_apart(match, " point ".join(map(say_plain, match[0].split(".")))),
        "0.",
    ),
)
