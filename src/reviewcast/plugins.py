"""Voices by name, from the entry points of whatever is installed."""

import dataclasses
import difflib
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from reviewcast.errors import ConfigError
from reviewcast.protocols import Voice

_VOICES = "reviewcast.voices"
_OWN = "reviewcast"


def list_voices() -> list[str]:
    """Give the names of all voices that are installed, whether they load or not."""
    return sorted(_find_voices())


def load_voice(name: str) -> type[Voice]:
    """Load the class of a voice.

    Raises ConfigError when there is none of that name, or when its package is broken.
    """
    found = _find_voices()
    if name not in found:
        near = difflib.get_close_matches(name.lower(), found, 1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(found))}."
        raise ConfigError(f"There is no voice named {name!r}.", hint=hint)
    try:
        voice: object = found[name].load()
    except Exception as error:  # whatever a stranger's package raises
        raise ConfigError(
            f"The voice {name!r} cannot be loaded: {error}.",
            hint="Reinstall the package that brings it, or choose another voice.",
        ) from error
    if not (isinstance(voice, type) and dataclasses.is_dataclass(voice)):
        raise ConfigError(f"The voice {name!r} is no dataclass.", hint="Report it to its author.")
    for field in ("name", "version", "max_chars", "max_workers", "online", "speak"):
        if not hasattr(voice, field):
            raise ConfigError(
                f"The voice {name!r} has no {field}.", hint="Report it to its author."
            )
    return cast("type[Voice]", voice)


def _find_voices() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=_VOICES):
        # a stranger's package cannot take the place of a built-in voice
        if point.name not in found or (point.dist and point.dist.name == _OWN):
            found[point.name] = point
    return found
