"""What is known of each voice that is installed, and how quick it is."""

import time
from functools import partial

from msgspec import Struct

from reviewcast.model.errors import ConfigError, ReviewcastError
from reviewcast.model.protocols import describe_voice
from reviewcast.settings.accesses import find_access
from reviewcast.settings.schema import Config
from reviewcast.speech.casting import make_voice
from reviewcast.speech.fallback import limit_wait, run_within
from reviewcast.speech.order import tell_lack
from reviewcast.system.plugins import find_voice_version, list_voices, load_voice
from reviewcast.system.trust import require_trust

_SENTENCE = "It is a film that one does not forget."
_PATIENCE_S = 5.0  # of an online voice: so long a build waits for one by default, too
_LONGEST_S = 60.0


class Measured(Struct, frozen=True, kw_only=True):
    """How long one sentence of 38 characters took to be spoken, and how long it lasts, in seconds.

    With an `error` nothing was spoken.
    """

    took_s: float = 0.0
    speech_s: float = 0.0
    error: str = ""


class InstalledVoice(Struct, frozen=True, kw_only=True):
    """A voice that loads; `languages` and `needs` are empty when it does not tell."""

    name: str
    version: str
    online: bool
    max_chars: int
    about: str
    languages: tuple[str, ...]
    needs: str
    measured: Measured | None = None


class BrokenVoice(Struct, frozen=True):
    """A voice that is installed and cannot be used, and why."""

    name: str
    error: str


def describe_voices(
    config: Config, *, measure: bool = False
) -> tuple[InstalledVoice | BrokenVoice, ...]:
    """Describe all voices by name; with `measure` each speaks a sentence in the show's language."""
    return tuple(_describe(name, config, measure=measure) for name in list_voices())


def find_lack(name: str, config: Config) -> str:
    """Return a sentence on what a voice needs and does not find here, "" when it may speak.

    No request is sent: an online voice may still not answer.
    """
    try:
        check_setup = getattr(make_voice(config, name), "check_setup", None)
        if check_setup:
            check_setup()
    except ReviewcastError as error:
        return error.message
    except Exception as error:  # whatever a stranger's package raises
        return f"The voice {name!r} cannot be set up: {type(error).__name__}: {error}."
    return tell_lack(name)


def _describe(name: str, config: Config, *, measure: bool) -> InstalledVoice | BrokenVoice:
    try:
        kind = load_voice(name)
        info = describe_voice(kind)
        about = (kind.__doc__ or "").strip().partition("\n")[0]
        if about.startswith(f"{kind.__name__}("):
            about = ""  # no words of its author: dataclass writes the signature there
        return InstalledVoice(
            name=name,
            version=str(find_voice_version(kind)),
            online=info.online,
            max_chars=info.max_chars,
            about=about,
            languages=info.list_languages(),
            needs=info.needs,
            measured=_measure(name, config) if measure else None,
        )
    except ConfigError as error:
        return BrokenVoice(name, error.message)
    except Exception as error:  # whatever a stranger's package raises
        return BrokenVoice(
            name, f"The voice {name!r} cannot describe itself: {type(error).__name__}: {error}."
        )


def _measure(name: str, config: Config) -> Measured:
    try:
        voice = make_voice(config, name)
        require_trust(find_access(voice))
        online = describe_voice(voice).online
        limit_s = _PATIENCE_S if online else _LONGEST_S
        probe = limit_wait(voice, limit_s) if online else voice
        speak = partial(probe.speak, _SENTENCE, language=config.show.language)
        if not online:
            run_within(limit_s, speak)  # the first call also loads what all later ones have
        begun = time.perf_counter()
        take = run_within(limit_s, speak)
        took_s = time.perf_counter() - begun
        return Measured(
            took_s=round(took_s, 3), speech_s=round(len(take.pcm) / 2 / take.rate_hz, 3)
        )
    except ReviewcastError as error:
        return Measured(error=error.message)
    except TimeoutError:
        return Measured(error=f"It does not answer within {limit_s:.0f} s.")
    except Exception as error:  # whatever a stranger's package raises
        return Measured(error=f"{type(error).__name__}: {error}.")
