"""Voices and destinations by name, from the entry points of whatever is installed."""

import dataclasses
import functools
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import cast

from reviewcast.model.errors import ConfigError, ReviewcastError, suggest
from reviewcast.model.protocols import Destination, Voice

_VOICES = "reviewcast.voices"
_DESTINATIONS = "reviewcast.destinations"
_OWN = "reviewcast"
_FOLDER = "folder"
_REPORT = "Report it to its author."


def list_voices() -> list[str]:
    """Return the names of all voices that are installed, whether they load or not."""
    return sorted(_find(_VOICES))


def load_voice(name: str) -> type[Voice]:
    """Load the class of a voice.

    Raise ConfigError when there is none of that name, or when its package is broken.
    """
    needed = ("name", "version", "max_chars", "max_workers", "online", "speak")
    return cast("type[Voice]", _load_class(_VOICES, name, "voice", needed))


def load_destination(scheme: str) -> type[Destination]:
    """Load the class of a destination by the scheme of its URLs.

    Raise ConfigError when there is none for that scheme, or when its package is broken.
    """
    needed = ("scheme", "open", "lock", "list", "head", "read", "put", "delete")
    found = _load_class(_DESTINATIONS, scheme, "destination", needed)
    return cast("type[Destination]", found)


def open_destination(url: str, *, base: Path | None) -> Destination:
    """Reach the place that a URL names; without `://` it is a folder, relative to `base`.

    Raise ConfigError when it names none, or when the package for it is broken or missing.
    """
    scheme, separator, path = url.partition("://")
    if not separator:
        scheme, path = _FOLDER, url
    scheme = scheme.lower()
    if scheme == _FOLDER and path:
        folder = Path(path)
        try:
            folder = folder.expanduser()
        except RuntimeError as error:
            raise ConfigError(
                f"There is no home folder for {path}.", hint="Write out the whole path."
            ) from error
        url = str(base / folder if base else folder)
    kind = load_destination(scheme)
    try:
        return kind.open(url)
    except ReviewcastError:
        raise
    except Exception as error:  # whatever a plug-in raises; its words may hold the URL
        raise ConfigError(
            f"The destination {scheme!r} cannot be opened: {type(error).__name__}.",
            hint="Correct its URL, or report it to its author.",
        ) from error


def _load(group: str, name: str, kind: str) -> object:
    found = _find(group)
    if name not in found:
        hint = suggest(name.lower(), found, otherwise=f"There are: {', '.join(sorted(found))}.")
        raise ConfigError(f"There is no {kind} named {name!r}.", hint=hint)
    try:
        return cast("object", found[name].load())
    except (Exception, SystemExit) as error:  # whatever a plug-in raises
        raise ConfigError(
            f"The {kind} {name!r} cannot be loaded: {error}.",
            hint=f"Reinstall the package that brings it, or choose another {kind}.",
        ) from error


def _load_class(group: str, name: str, kind: str, needed: tuple[str, ...]) -> type:
    """Load a class that has what is needed, the first of which is its own name."""
    found, what = _load(group, name, kind), f"{kind} {name!r}"
    wanted = "dataclass" if kind == "voice" else "class"
    if not isinstance(found, type) or (kind == "voice" and not dataclasses.is_dataclass(found)):
        raise ConfigError(f"The {what} is no {wanted}.", hint=_REPORT)
    for attribute in needed:
        if not hasattr(found, attribute):
            raise ConfigError(f"The {what} has no {attribute}.", hint=_REPORT)
    own = getattr(found, needed[0])
    if own != name:  # takes are kept under it: another voice's would be taken for its own
        raise ConfigError(f"The {what} says that it is {own!r}.", hint=_REPORT)
    return found


def _find(group: str) -> dict[str, EntryPoint]:
    return _search(group, tuple(sys.path), entry_points)


@functools.lru_cache(maxsize=8)
def _search(
    group: str, _path: tuple[str, ...], read: Callable[..., Iterable[EntryPoint]]
) -> dict[str, EntryPoint]:
    """Read what is installed along the path, once: that takes 25 ms, and each review asks."""
    found: dict[str, EntryPoint] = {}
    for point in read(group=group):
        # a plug-in cannot take the place of what is built in
        if point.name not in found or (point.dist and point.dist.name == _OWN):
            found[point.name] = point
    return found
