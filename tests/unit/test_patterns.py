"""What Python 3.11.2, Debian 12's own, gets wrong in regular expressions is not used."""

import importlib
import pkgutil
import re
from re import _constants, _parser

import reviewcast


def list_patterns():
    """Return every pattern that stands in a module or a class of reviewcast, with its place."""
    for module in pkgutil.walk_packages(reviewcast.__path__, "reviewcast."):
        if not module.name.endswith("__main__"):
            values = vars(importlib.import_module(module.name))
            for name, value in values.items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{module.name}.{name}", value


def find_parts(parsed):
    """Return all operations of a parsed pattern, the inner ones too."""
    for operation, argument in parsed:
        yield operation, argument
        stack = [argument]
        while stack:
            one = stack.pop()
            if isinstance(one, _parser.SubPattern):
                yield from find_parts(one)
            elif isinstance(one, (list, tuple)):
                stack += one


def is_wrong(pattern):
    """True if a pattern keeps what a whole group matched, and not single characters."""
    single = {_constants.IN, _constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY}
    return any(
        operation is _constants.ATOMIC_GROUP
        or (
            operation is _constants.POSSESSIVE_REPEAT
            and (len(argument[2]) != 1 or argument[2][0][0] not in single)
        )
        for operation, argument in find_parts(
            _parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
        )
    )


def test_no_group_is_possessive():
    r"""There a group that matched in part moves the place: (?:\s[.]+)*+ takes spaces away."""
    found = dict(list_patterns())
    assert len(found) > 100
    assert [name for name, pattern in found.items() if is_wrong(pattern)] == []


def test_wrong_patterns_are_seen():
    """A possessive group and an atomic one are seen, also within others."""
    for wrong in (r"(?:\s[.]+)*+x", r"a(?:b|(?:cd)?+)", r"(?>ab|a)c", r"(?=(?:ab)++)"):
        assert is_wrong(re.compile(wrong))
    for right in (r"[ab]*+c", r"a++", r".?+", r"\s++", r"(?:ab)*", r"[^a]++"):
        assert not is_wrong(re.compile(right))
