"""Which embedded voice speaks when no service does: the best one of the language, then espeak."""

import functools
from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.model.errors import ConfigError
from reviewcast.model.protocols import Voice
from reviewcast.model.text import Script
from reviewcast.settings.schema import AUTO, EMBEDDED, ONLINE, Config
from reviewcast.system.plugins import load_voice
from reviewcast.system.workspace import load_voices

BEST = {"en": "hibari"}
"""The embedded voice that sounds best, by language; in all others it is espeak."""


class Candidate(Struct, frozen=True, kw_only=True):
    """A voice that may speak, and why it stands where it does.

    With a `lack` it is passed over. `remark` is told when it speaks.
    """

    name: str
    why: str
    lack: str = ""
    remark: str = ""


def order_voices(config: Config, language: str) -> tuple[Candidate, ...]:
    """Return the voices that may speak a review of this language, in the order of their turns."""
    if config.voice.name != AUTO:
        first = Candidate(name=config.voice.name, why="the settings name it")
        if config.voice.fallback == "none":
            return (first,)
    else:
        first = Candidate(
            name=ONLINE, why="speaks when it answers within five seconds and has the language"
        )
    rest = [one for one in list_embedded(config, language) if one.name != first.name]
    return (first, *rest)


def list_embedded(config: Config, language: str) -> tuple[Candidate, ...]:
    """Return the voices that stand in when the first one does not speak, the best one first.

    It is the `second` one of the settings; without it the best one of the language, then espeak.
    A show whose episodes in this language were spoken by espeak keeps it.
    """
    if config.voice.second:
        return (Candidate(name=config.voice.second, why="the settings name it as second"),)
    last = Candidate(name=EMBEDDED, why="speaks when no other voice can: it has every language")
    base = _find_base(language)
    best = BEST.get(base)
    if not best:
        why = "the best embedded voice of this language"
        return (msgspec.structs.replace(last, why=why),)
    if config.folder and _keeps_old_voice(config.folder, base):
        kept = Candidate(
            name=EMBEDDED,
            why="has spoken this show's episodes, so it goes on",
            remark=f"This show was built with {EMBEDDED} and keeps it; for the natural voice write"
            f' second = "{best}" under [voice] in podcast.toml.',
        )
        return (kept,)
    why = "the best embedded voice of this language"
    return (Candidate(name=best, why=why, lack=tell_lack(best)), last)


def find_unsaid(script: Script, voice: Voice) -> str:
    """Return the first word of a script that a voice has no sound for, "" when it tells of none."""
    find = getattr(voice, "find_unsaid", None)
    if find is None:
        return ""
    return next((word for one in script.segments if (word := str(find(one.spoken)))), "")


def tell_lack(name: str) -> str:
    """Return a sentence on what a voice needs and does not find here, "" when it can speak."""
    try:
        tell = getattr(load_voice(name), "tell_lack", str)
    except ConfigError as error:
        return error.message
    return str(tell())


@functools.lru_cache(maxsize=64)
def _keeps_old_voice(show: Path, language: str) -> bool:
    """True if espeak has spoken episodes of a show in a language, and no better voice has.

    It is found once a run, so that all reviews of it have the same voice.
    """
    voices = {
        voice
        for voice, spoken in load_voices(show)
        if _find_base(spoken) == language and voice in {EMBEDDED, BEST[language]}
    }
    return voices == {EMBEDDED}


def _find_base(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]
