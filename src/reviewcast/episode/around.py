"""What stands around the words of a show's episodes is looked at, without what makes audio."""

import filecmp
from contextlib import suppress

from reviewcast.episode.artwork import read_cover
from reviewcast.model.errors import ReviewcastError
from reviewcast.settings.load import find_asset
from reviewcast.settings.schema import Config
from reviewcast.speech.around import Around
from reviewcast.system.resources import find_bundled


def look_around(config: Config) -> Around:
    """Return how long a show's sounds are, by their headers, and how large its cover is.

    Raise ConfigError for a cover by which a build would fail. A sound that cannot be read counts
    as none: the build says what is wrong with it.
    """
    cover = read_cover(config)
    lengths_s: dict[str, float] = {}
    shrinks = set[str]()
    for name in ("intro", "outro", "sting"):
        value: str = getattr(config.stitch, name)
        if not value:
            continue
        with suppress(ReviewcastError):
            file = f"{name}.flac"
            path = find_asset(value, file, config, ("stitch", name))
            lengths_s[f"{name}_s"] = _measure(str(path))
            with suppress(OSError):
                if value == "default" or filecmp.cmp(path, find_bundled(file), shallow=False):
                    shrinks.add(name)
    return Around(**lengths_s, shrinks=frozenset(shrinks), cover_bytes=len(cover))


def _measure(path: str) -> float:
    """Return how long a sound is, in seconds; 0 when its header does not tell."""
    import mutagen

    try:
        found = mutagen.File(path)
        return float(found.info.length) if found is not None else 0.0
    except Exception:  # whatever a stranger's file brings about
        return 0.0
