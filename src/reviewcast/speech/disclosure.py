"""Which of a script's segments are whose: synthetic, a copy of the author's voice, recorded."""

from collections.abc import Callable, Collection

from reviewcast.model.disclosure import Speaker, find_disclosure
from reviewcast.model.text import Script
from reviewcast.speech.casting import Cast
from reviewcast.text.disclosures import get_disclosure

DEFAULT = "default"
"""The setting that stands for a line in the review's language."""


def list_speakers(script: Script, cast: Cast) -> tuple[Speaker, ...]:
    """Return who is heard in a script, each once, in the order of their names."""
    found: set[Speaker] = set()
    for segment in script.segments:
        if segment.recording:
            found.add("recording")
        else:
            is_cloned = cast.find_voice(segment) in cast.cloned
            found.add("clone" if is_cloned else "synthetic")
    return tuple(sorted(found))


def write_disclosed(
    usual: str,
    write: Callable[[str], tuple[Cast, Script]],
    *,
    language: str,
    recorded: Collection[str],
) -> tuple[Cast, Script]:
    """Write a script whose last line says truthfully who speaks; return it with its cast.

    `usual` is the show's own line, "default" for one in the review's language, "" for none, and
    `write` writes the script with a line. People who were recorded have none: a line of the show's
    is then left out, unless it is among the texts that were `recorded` itself.
    """
    cast, script = write(get_disclosure(language) if usual == DEFAULT else usual)
    if not usual or list_speakers(script, cast) == ("synthetic",):
        return cast, script
    bare_cast, bare = write("")
    speakers = list_speakers(bare, bare_cast)
    if usual == DEFAULT:
        line = get_disclosure(language, speakers)
    elif find_disclosure(speakers) == "own" and "clone" not in speakers:
        line = usual if usual in recorded else ""
    else:
        line = usual
    return write(line) if line else (bare_cast, bare)
