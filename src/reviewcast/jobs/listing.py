"""A review's segments and names, as tables for the terminal and the page."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.audio import StoredTake
from reviewcast.model.errors import ConfigError
from reviewcast.model.text import Change, Omission, Role, Segment
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.speech.casting import make_cast
from reviewcast.speech.fallback import expect_narration
from reviewcast.speech.memo_writer import name_part
from reviewcast.speech.narration import Narration, write_narration
from reviewcast.speech.takes import find_polished
from reviewcast.text.draft import Draft, read_draft
from reviewcast.text.edits import Edit, find_unfit, number_segments
from reviewcast.text.memos import Memo
from reviewcast.text.name_search import Passage
from reviewcast.text.proper_nouns import Name, find_names
from reviewcast.text.read import ReviewSource

_NAMES = "names"
_CHARS_PER_S = 14.0
"""How fast a voice speaks of which nothing is known yet."""


class Row(Struct, frozen=True, kw_only=True):
    """A segment as a writer looks at it.

    `length_s` is measured when `is_known`, else estimated from what the voice has spoken so far.
    `occurrence` and `version` are those of its edit, `edit` is None without one. `options` are
    those that its role changes in its voice.
    """

    index: int
    chapter: str
    role: Role
    text: str
    spoken: str
    changes: tuple[Change, ...]
    pause_s: float
    length_s: float
    is_known: bool
    voice: str
    recording: str
    occurrence: int
    edit: Edit | None
    version: str
    options: dict[str, Any] = {}


class Listing(Struct, frozen=True, kw_only=True):
    """A whole script to look at, what is left out of it, and edits that fit nothing any more.

    `names` are the names and odd words of `list_segments`; their places are rows by index.
    """

    title: str
    language: str
    voice: str
    chapters: tuple[str, ...]
    rows: tuple[Row, ...]
    omissions: tuple[Omission, ...]
    unfit: tuple[Edit, ...]
    names: tuple[Name, ...] = ()


class Names(Struct, frozen=True):
    """The names and odd words of one review."""

    title: str
    language: str
    names: tuple[Name, ...]


def list_segments(source: ReviewSource, run: Run) -> Listing:
    """List the segments that a build would speak; nothing is spoken and nothing written.

    No request is sent: a voice that must answer first is listed if it has begun the episode, else
    the next.
    """
    draft = read_draft(source, run.settings, notify=run.notify)
    narration = expect_narration(draft, run)
    names = find_script_names(draft, narration, run.settings)
    return describe_script(draft, narration, find_polished(narration, run), names)


def list_names(source: ReviewSource, config: Config, *, memo: Memo | None = None) -> Names:
    """Find the names and odd words of a review; nothing is spoken and no request is sent.

    They are taken from the review's memo, or kept there.
    """
    memo, own = memo or Memo(), config.voice.use[0]
    with suppress(ConfigError):  # reported when the review was read
        cast = make_cast(config, own, Path())
        known = memo.recall(name_part(_NAMES, cast.voice, cast.roles), Names)
        if known is not None:
            return known
    draft = read_draft(source, config)
    narration = write_narration(draft, config, own)
    script, cast = narration.script, narration.cast
    found = Names(script.title, script.language, find_script_names(draft, narration, config))
    if not cast.others:
        memo.keep(name_part(_NAMES, cast.voice, cast.roles), found)
    return found


def find_script_names(draft: Draft, narration: Narration, config: Config) -> tuple[Name, ...]:
    """Find the names and odd words of a script that was cast; their places are its segments."""
    italics = (
        paragraph.text[start:end]
        for section in draft.review.sections
        for paragraph in section.paragraphs
        for start, end in paragraph.emphasis
    )
    # names of a sentence that was cut for its voice are found only in the whole
    groups = [
        list(group)
        for _, group in groupby(
            narration.script.segments,
            key=lambda one: (one.span.section, one.span.paragraph, one.role),
        )
    ]
    names = find_names(
        [
            Passage(
                " ".join(one.text for one in group),
                " ".join(one.spoken for one in group),
                group[0].role == "title",
            )
            for group in groups
        ],
        language=narration.script.language,
        lexicon=config.lexicon,
        italics=sorted(set(italics)),
        cast=draft.review.cast,
        voice=narration.cast.name,
    )
    return tuple(
        replace(name, places=tuple(_list_places(name.written, [groups[at] for at in name.places])))
        for name in names
    )


def _list_places(written: str, groups: Sequence[Sequence[Segment]]) -> Iterator[int]:
    """Return the segments that hold a name, of each group at least that where it begins."""
    first = written.split(" ", 1)[0]
    for group in groups:
        whole = [one.index for one in group if written in one.text or written in one.spoken]
        parts = [one.index for one in group if first in one.text]
        yield from whole or parts[:1] or [group[0].index]


def describe_script(
    draft: Draft, narration: Narration, takes: dict[int, StoredTake], names: tuple[Name, ...]
) -> Listing:
    """Put a script and what is known of its takes and names into rows."""
    cast, script = narration.cast, narration.script
    lengths = {
        index: (take.figures.end - take.figures.start) / take.figures.rate_hz
        for index, take in takes.items()
    }
    said = sum(len(script.segments[index].spoken) for index in lengths)
    chars_per_s = said / total if (total := sum(lengths.values())) else _CHARS_PER_S
    edits = {edit.place: edit for edit in draft.edits}
    rows = []
    for segment, occurrence in number_segments(script.segments):
        edit = edits.get((segment.text, occurrence))
        known = lengths.get(segment.index)
        rows.append(
            Row(
                index=segment.index,
                chapter=script.chapters[segment.chapter].title if script.chapters else "",
                role=segment.role,
                text=segment.text,
                spoken=segment.spoken,
                changes=segment.changes,
                pause_s=segment.pause_s,
                length_s=round(len(segment.spoken) / chars_per_s if known is None else known, 3),
                is_known=known is not None,
                voice=cast.name_voice(segment),
                options=cast.find_options(segment),
                recording=segment.recording,
                occurrence=occurrence,
                edit=edit,
                version=edit.version if edit else "",
            )
        )
    return Listing(
        title=script.title,
        language=script.language,
        voice=cast.name,
        chapters=tuple(chapter.title for chapter in script.chapters),
        rows=tuple(rows),
        omissions=script.omissions,
        unfit=find_unfit(script, draft.edits),
        names=names,
    )
