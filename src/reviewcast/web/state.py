"""A review being worked on as plain values: what the page is told of segments and episodes."""

import hashlib
from pathlib import Path
from typing import Any

from msgspec import Struct

from reviewcast.jobs.build import Built
from reviewcast.jobs.listing import Row
from reviewcast.model.audio import Loudness
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.text.edits import Edit
from reviewcast.text.proper_nouns import Name

Message = dict[str, Any]


class WholeAudio(Struct, frozen=True, kw_only=True):
    """The whole episode as it sounds now; `places` are segments by id, from and to in seconds."""

    version: str
    duration_s: float
    loudness: Loudness
    places: dict[str, tuple[float, float]]
    chapters: tuple[EpisodeChapter, ...]
    voiced: int


def name_row(row: Row) -> str:
    """Return a segment's id, made of what an edit belongs to: it stays as long as its text does."""
    return hashlib.sha256(f"{row.occurrence} {row.text}".encode()).hexdigest()[:16]


def describe_audio(audio: WholeAudio | None, *, is_drawn: bool) -> Message | None:
    """Return what a page needs to play the whole, None while nothing was encoded."""
    if audio is None:
        return None
    return {
        "version": audio.version,
        "drawn": is_drawn,
        "duration_s": audio.duration_s,
        "loudness": audio.loudness,
        "chapters": audio.chapters,
        "voiced": audio.voiced,
    }


def describe_edit(edit: Edit) -> Message:
    """Return an edit as a page sees it: that there is a recording, not where."""
    return {
        "spoken": edit.spoken,
        "pause_s": edit.pause_s,
        "voice": edit.voice,
        "recording": edit.recording is not None,
        "version": edit.version,
    }


def describe_row(
    row: Row, places: dict[str, tuple[float, float]], names: tuple[Name, ...]
) -> Message:
    """Return a segment as a page sees it, and where it is heard."""
    name = name_row(row)
    edit = row.edit or Edit(text=row.text, occurrence=row.occurrence)
    return {
        "id": name,
        "chapter": row.chapter,
        "role": row.role,
        "text": row.text,
        "spoken": row.spoken,
        "changes": [(one.written, one.spoken, one.rule) for one in row.changes],
        "pause_s": row.pause_s,
        "length_s": row.length_s,
        "known": row.is_known,
        "voice": row.voice,
        "options": row.options,
        "place": places.get(name),
        "edit": describe_edit(edit),
        "names": [one.written for one in names if not one.spoken and row.index in one.places],
    }


def describe_built(built: Built) -> Message:
    """Return what a page shows of an episode that was built."""
    episode = built.episode
    return {
        "file": Path(episode.path).name,
        "duration_s": episode.duration_s,
        "size_bytes": episode.size_bytes,
        "loudness": episode.loudness,
        "chapters": episode.chapters,
        "voice": episode.voice,
        "segments": built.figures.segments,
        "sha256": episode.sha256,
    }
