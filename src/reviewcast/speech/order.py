"""In which order voices may speak a review, and why one of them cannot."""

import functools
from pathlib import Path

from msgspec import Struct

from reviewcast.model.errors import ConfigError
from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.model.text import Script
from reviewcast.settings.schema import DEFAULT_USE, Config, VoiceChoice
from reviewcast.system.plugins import load_voice
from reviewcast.system.workspace import load_voices


class Candidate(Struct, frozen=True, kw_only=True):
    """A voice that may speak, and why it stands where it does.

    With a `lack` it is passed over. `remark` is told when it speaks.
    """

    name: str
    why: str
    lack: str = ""
    remark: str = ""


def order_voices(config: Config, language: str) -> tuple[Candidate, ...]:
    """Return the voices that may speak a review of this language, in the order of their turns.

    They are those of [voice] use, without those before the last that compute and do not have the
    language. A show whose episodes in this language one of the usual embedded voices has spoken
    keeps that one. The last voice has no `lack`: it is taken when all others are passed over.
    """
    choice = config.voice
    *better, last = choice.use
    names = [name for name in better if _has_language(name, language)] + [last]
    stand_ins = [name for name in names[1:] if name in DEFAULT_USE] if _is_usual(choice) else []
    remark = ""
    if config.folder and len(stand_ins) > 1:
        spoken = _list_spoken(config.folder, _find_base(language)) & set(stand_ins)
        kept = next((name for name in stand_ins if name in spoken), stand_ins[0])
        passed = stand_ins[: stand_ins.index(kept)]
        if passed:
            names = [name for name in names if name not in passed]
            remark = (
                f"This show was built with {kept} and keeps it; for the voice {passed[0]} write"
                f' use = ["{names[0]}", "{passed[0]}"] under [voice] in podcast.toml.'
            )
    return tuple(
        Candidate(
            name=name,
            why=_explain(name, names, choice, stand_ins, is_kept=bool(remark)),
            lack=tell_lack(name) if name != last else "",
            remark=remark if place == 1 else "",
        )
        for place, name in enumerate(names)
    )


def _explain(
    name: str, names: list[str], choice: VoiceChoice, stand_ins: list[str], *, is_kept: bool
) -> str:
    if name not in stand_ins:
        if name == choice.use[-1] or not (choice.may_pass and _is_online(name)):
            return "the settings name it"
        return f"speaks when it answers within {choice.answer_within_s:g} s and has the language"
    if is_kept:
        return "has spoken this show's episodes, so it goes on"
    if name == names[1]:
        return "the best embedded voice of this language"
    return "speaks when no other voice can: it has every language"


def list_passed(choice: VoiceChoice, name: str) -> set[str]:
    """Return the online voices before one in [voice] use: they have not answered when it speaks."""
    return {one for one in choice.use[: choice.use.index(name)] if _is_online(one)}


def find_unsaid(script: Script, voice: Voice) -> str:
    """Return the first word of a script that a voice has no sound for, "" when it reports none."""
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


def _is_usual(choice: VoiceChoice) -> bool:
    """True if the voices that stand in are those that do so where no setting names others."""
    return choice.use[1:] == tuple(name for name in DEFAULT_USE[1:] if name != choice.use[0])


def _is_online(name: str) -> bool:
    try:
        return describe_voice(load_voice(name)).online
    except ConfigError:
        return False


def _has_language(name: str, language: str) -> bool:
    """True unless a voice that computes names its languages, and this one is none of them."""
    try:
        info = describe_voice(load_voice(name))
    except ConfigError:
        return True  # what it lacks is reported
    if info.online:
        return True
    languages = [_find_base(one) for one in info.list_languages()]
    return not languages or _find_base(language) in languages


@functools.lru_cache(maxsize=64)
def _list_spoken(show: Path, language: str) -> set[str]:
    """Return the voices that have spoken episodes of a show in a language.

    They are found once a run, so that all its reviews have the same voice.
    """
    return {voice for voice, spoken in load_voices(show) if _find_base(spoken) == language}


def _find_base(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]
