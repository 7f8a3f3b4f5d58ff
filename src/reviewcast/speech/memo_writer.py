"""Scripts that were written before are taken from a review's memo, and others kept in it."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

import msgspec

from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.model.text import Role, Script
from reviewcast.settings.schema import Config
from reviewcast.speech.narration import Writer, list_recorded, script_draft, script_draft_alone
from reviewcast.text.draft import Draft, list_segment_voices, read_draft
from reviewcast.text.memos import Memo
from reviewcast.text.read import ReviewSource

_FACTS = "facts"


def open_memo_writer(source: ReviewSource, config: Config, memo: Memo) -> Writer:
    """Return a writer that reads the review only if its memo lacks what is needed.

    Raise what `read_draft` raises. Its remarks on the review are dropped.
    """

    @cache
    def read() -> Draft:
        return read_draft(source, config)

    facts = memo.recall(_FACTS, tuple[str, frozenset[str]])
    if facts is None:
        facts = read().review.language, list_recorded(read())
        memo.keep(_FACTS, facts)
    language, recorded = facts

    def write(
        script: Callable[[Draft, Config, Voice, Mapping[Role, Voice]], Script],
        settings: Config,
        voice: Voice,
        roles: Mapping[Role, Voice],
    ) -> Script:
        name = name_part(f"{script.__name__} {settings.show.disclosure}", voice, roles)
        known = memo.recall(name, Script)
        if known is None:
            known = script(read(), settings, voice, roles)
            # the limits of voices that single segments have are not in its name
            if not list_segment_voices(known):
                memo.keep(name, known)
        return known

    return Writer(
        language,
        Path(source.name or "standard input").parent,
        recorded,
        partial(write, script_draft),
        partial(write, script_draft_alone),
    )


def name_part(what: str, voice: Voice, roles: Mapping[Role, Voice]) -> str:
    """Return the name in a memo of what was written for a voice, and those of roles.

    A text is fitted to the name and the limit of a voice, and to nothing else of it.
    """
    voices: dict[str, Voice] = {"": voice}
    voices.update(roles.items())
    infos = ((role, describe_voice(one)) for role, one in sorted(voices.items()))
    limits = [(role, info.name, info.max_chars) for role, info in infos]
    return msgspec.json.encode([what, limits]).decode()
