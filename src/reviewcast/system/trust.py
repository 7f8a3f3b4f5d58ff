"""What a podcast.toml may reach outside of its show: confirmed once by each user, and recorded."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec

from reviewcast.model.errors import ConfigError, StorageError
from reviewcast.model.protocols import Access
from reviewcast.system.files import make_folder, write_whole

VARIABLE = "REVIEWCAST_TRUST"
"""Set to anything, it trusts whatever a podcast.toml names, and nothing is recorded."""

_FILE = "trusted.json"


def is_inside(path: Path, folder: Path) -> bool:
    """Return True if a path lies below a folder, once all links are followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def find_untrusted(accesses: Iterable[Access]) -> list[Access]:
    """Return those that this user has not confirmed yet, each once.

    Raise StorageError when the record cannot be read.
    """
    wanted = list(dict.fromkeys(accesses))
    if not wanted or os.environ.get(VARIABLE):
        return []
    known = set(_load(_find_file()))
    return [access for access in wanted if not _covers(known, access)]


def is_recorded(access: Access) -> bool:
    """Return True if this user has confirmed it, whatever the variable says.

    Raise StorageError when the record cannot be read.
    """
    return _covers(set(_load(_find_file())), access)


def record_trust(accesses: Iterable[Access]) -> None:
    """Record that this user trusts these, from now on and for every show.

    Raise StorageError when the record cannot be read or written.
    """
    file = _find_file()
    known = _load(file)
    new = [access for access in dict.fromkeys(accesses) if access not in known]
    if not new:
        return
    make_folder(file.parent, hint=f"Set {VARIABLE} to 1 to trust without a record.")
    with write_whole(file) as opened:
        if hasattr(os, "fchmod"):  # on Windows a user's folder is private already
            os.fchmod(opened.fileno(), 0o600)
        opened.write(msgspec.json.format(msgspec.json.encode([*known, *new]), indent=2) + b"\n")


def require_trust(accesses: Iterable[Access]) -> None:
    """Raise ConfigError for the first of these that this user has not confirmed."""
    for access in find_untrusted(accesses):
        raise ConfigError(
            f"podcast.toml asks for {access.describe()}, which you have not confirmed.",
            hint="If you trust it, run the same command with --trust: this is needed once.",
        )


def _covers(known: Collection[Access], access: Access) -> bool:
    """Return True if a place or a folder that it lies in was confirmed for the same purpose."""
    places = (access.place, *map(str, Path(access.place).parents))
    return any(Access(access.purpose, place) in known for place in places)


def _find_file() -> Path:
    import platformdirs

    return Path(platformdirs.user_config_dir("reviewcast", appauthor=False), _FILE)


def _load(file: Path) -> list[Access]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Access])
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StorageError(
            f"Cannot read {file}: {error}.", hint="Remove it; access is then to be confirmed again."
        ) from error
