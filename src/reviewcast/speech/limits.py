"""What limits the requests to an online voice: the same for all runs that share a cache."""

import functools
from pathlib import Path
from urllib.parse import urlsplit

from reviewcast.model.protocols import Voice, describe_voice, list_endpoints
from reviewcast.settings.run import Run
from reviewcast.settings.schema import SynthesizeSettings
from reviewcast.speech.endpoints import Endpoints
from reviewcast.system.turns import Turns, find_turns


def choose_limits(voice: Voice, run: Run) -> Turns | Endpoints | None:
    """Return the turns at an online voice, or its addresses where it is had at several.

    They are in common with all runs that share the cache. Turns are those of the address where an
    option names one, as several voices may be at the same; each of several addresses has its own.
    """
    if not describe_voice(voice).online:
        return None
    settings, folder = run.settings.synthesize, run.cache.folder
    return find_endpoints(voice, settings, folder) or _find_turns(
        voice, settings.requests_per_s, folder
    )


def find_endpoints(
    voice: Voice, settings: SynthesizeSettings, folder: Path | None = None
) -> Endpoints | None:
    """Return the addresses of a voice that is had at several, the same for a whole process."""
    if not describe_voice(voice).online or len(list_endpoints(voice)) < 2:
        return None
    return _open_endpoints(voice, settings, folder)  # type: ignore[arg-type]


@functools.cache
def _open_endpoints(voice: Voice, settings: SynthesizeSettings, folder: Path | None) -> Endpoints:
    per_s = settings.requests_per_s
    return Endpoints(voice, settings, lambda one: _find_turns(one, per_s, folder), folder=folder)


def _find_turns(voice: Voice, per_s: float, folder: Path | None) -> Turns:
    address = urlsplit(str(getattr(voice, "base_url", ""))).netloc.lower()
    return find_turns(address or describe_voice(voice).name, per_s, folder)
