"""A wrong setting becomes one sentence that says what is meant."""

import re
from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

import msgspec

from reviewcast.model.errors import ConfigError, suggest
from reviewcast.settings.fields import list_settings

_KINDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
"""TOML's kinds of values, as msgspec calls them and as a writer does."""

_CORRECT = "Correct it in podcast.toml or the variable."


def decode_settings(table: dict[str, Any], kind: Any, where: str) -> Any:
    """Return a table as its Settings, or raise ConfigError that names the setting."""
    refuse_unknown(table, {field.name for field in msgspec.structs.fields(kind)}, where)
    return convert_setting(table, kind, where)


def convert_setting(table: dict[str, Any], kind: Any, where: str) -> Any:
    """Convert a table to a type, or raise ConfigError that names the setting and what it takes."""
    try:
        return msgspec.convert(table, kind, strict=False)
    except ConfigError as error:
        error.hint = error.hint or _CORRECT
        raise
    except msgspec.ValidationError as error:
        cause = error.__cause__
        if isinstance(cause, ConfigError):
            cause.hint = cause.hint or _CORRECT
            raise cause from error
        raise _explain(str(error), kind, where) from error


def _explain(text: str, kind: Any, where: str) -> ConfigError:
    """Return in plain words what msgspec says of a value."""
    message, _, place = text.partition(" - at ")
    name = place.strip("`").removeprefix("$").removeprefix(".")
    setting = f"{where} {name}".strip()
    if re.match(r"Expected `(?:int|float)` [<>]", message):
        bounds = next((field.bounds for field in list_settings(kind) if field.key == name), "")
        if bounds:
            return ConfigError(f"{setting} must be {bounds}.", hint=_CORRECT)
    if wrong := re.fullmatch(r"Invalid enum value (.+)", message):
        choices = get_args(get_type_hints(kind).get(name))
        words = ", ".join(f'"{choice}"' for choice in choices)
        hint = f"Write one of {words}." if words else _CORRECT
        return ConfigError(f"{setting} cannot be {wrong[1]}.", hint=hint)
    if wrong := re.fullmatch(r"Expected `(.+)`, got `(.+)`", message):
        wanted, given = (
            " or ".join(_KINDS.get(part, part) for part in found.split(" | "))
            for found in wrong.groups()
        )
        return ConfigError(f"{setting} must be {wanted}, and is {given}.", hint=_CORRECT)
    return ConfigError(f"In {where}: {text}.", hint=_CORRECT)


def refuse_unknown(given: Mapping[str, Any], known: set[str], where: str) -> None:
    """Raise ConfigError for a name that is not known, with the nearest one as the hint."""
    for name in given:
        if name not in known:
            hint = suggest(name, known, otherwise=f"There are: {', '.join(sorted(known))}.")
            raise ConfigError(f"{where} has an unknown setting {name!r}.", hint=hint)
