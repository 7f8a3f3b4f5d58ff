"""Voices, destinations and tellers by name, from the entry points of whatever is installed."""

import dataclasses
import functools
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import cast

from reviewcast.model.errors import ConfigError, ReviewcastError, suggest
from reviewcast.model.protocols import Destination, Voice, describe_voice
from reviewcast.model.telling import Teller
from reviewcast.system.extras import find_installed

_VOICES = "reviewcast.voices"
_DESTINATIONS = "reviewcast.destinations"
_TELLERS = "reviewcast.tellers"
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
    voice = cast("type[Voice]", _load_class(_VOICES, name, "voice", ("speak",)))
    try:
        own = describe_voice(voice).name
    except AttributeError as error:
        raise _make_lack(f"voice {name!r}", str(error)) from error
    _refuse_other_name(f"voice {name!r}", own, name)
    return voice


def find_voice_version(voice: Voice | type[Voice]) -> str:
    """Return what a take's key says of a voice beside its name and options.

    That is its own version, that of the distribution that computes the sound, and of a voice with
    options also what its files hold. Raise ConfigError when one of these is missing.
    """
    if hasattr(voice, "version") and not _is_option(voice, "version"):
        return cast("str", voice.version)  # an older plug-in's, which may differ by options
    info = describe_voice(voice)
    parts = [info.version]
    if info.package:
        parts.append(find_installed(info.package))
    if not isinstance(voice, type) and (hash_files := getattr(voice, "hash_files", None)):
        parts.append(hash_files())
    return "+".join(filter(None, parts))


def _is_option(voice: Voice | type[Voice], name: str) -> bool:
    return any(field.name == name for field in dataclasses.fields(voice))  # type: ignore[arg-type]


def load_destination(scheme: str) -> type[Destination]:
    """Load the class of a destination by the scheme of its URLs.

    Raise ConfigError when there is none for that scheme, or when its package is broken.
    """
    needed = ("scheme", "open", "lock", "list", "head", "read", "put", "delete")
    found = cast("type[Destination]", _load_class(_DESTINATIONS, scheme, "destination", needed))
    _refuse_other_name(f"destination {scheme!r}", found.scheme, scheme)
    return found


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


def list_tellers() -> list[str]:
    """Return the names of all tellers that are installed, whether they load or not."""
    return sorted(_find(_TELLERS))


def load_teller(name: str) -> type[Teller]:
    """Load the class of a teller.

    Raise ConfigError when there is none of that name, or when its package is broken.
    """
    found = _load_class(_TELLERS, name, "teller", ("info", "accesses", "tell"))
    teller = cast("type[Teller]", found)
    _refuse_other_name(f"teller {name!r}", getattr(teller.info, "name", None), name)
    return teller


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
    """Load a class that has what is needed."""
    found, what = _load(group, name, kind), f"{kind} {name!r}"
    has_options = kind != "destination"
    wanted = "dataclass" if has_options else "class"
    if not isinstance(found, type) or (has_options and not dataclasses.is_dataclass(found)):
        raise ConfigError(f"The {what} is no {wanted}.", hint=_REPORT)
    for attribute in needed:
        if not hasattr(found, attribute):
            raise _make_lack(what, attribute)
    return found


def _make_lack(what: str, attribute: str) -> ConfigError:
    return ConfigError(f"The {what} has no {attribute}.", hint=_REPORT)


def _refuse_other_name(what: str, own: object, name: str) -> None:
    """Raise ConfigError for another name: under it, another voice's takes would be found."""
    if own != name:
        raise ConfigError(f"The {what} says that it is {own!r}.", hint=_REPORT)


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
