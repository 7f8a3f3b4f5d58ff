"""A writer's changes to single segments, in a file beside the review: `x.edits.toml` of `x.md`."""

import collections
import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.characters import has_words
from reviewcast.model.errors import ConfigError, ConflictError
from reviewcast.model.text import Script, Segment
from reviewcast.system.files import write_whole
from reviewcast.text.disclosures import is_disclosure

SUFFIX = ".edits.toml"
_LONGEST_PAUSE_S = 10.0
_OPENING = "Changes to single segments, by the text that the review has there."


class Edit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is changed of the segment that reads `text`, or of its nth one that does.

    Only what is given is changed: what is said, the silence after it, who says it, or a
    `recording` that stands for it, as a path from the file's folder.
    """

    text: str
    occurrence: int = 1
    spoken: str | None = None
    pause_s: float | None = None
    voice: str | None = None
    recording: str | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ConfigError("An edit has no text that says where it belongs.")
        if self.occurrence < 1:
            raise ConfigError("occurrence counts from 1.")
        if self.pause_s is not None and not 0 <= self.pause_s <= _LONGEST_PAUSE_S:
            raise ConfigError(f"pause_s must be from 0 to {_LONGEST_PAUSE_S:.0f}.")
        if self.spoken is not None and not has_words(self.spoken):
            raise ConfigError(f"An edit leaves nothing to say of {self.text[:60]!r}.")
        if self.recording is not None and not self.recording.strip():
            raise ConfigError("recording must name a file.")

    @property
    def place(self) -> tuple[str, int]:
        """Where it belongs: the segment's text, and which one of those that read so."""
        return self.text, self.occurrence

    @property
    def version(self) -> str:
        """A mark that is another one when the edit is; "" for one that changes nothing."""
        if self == Edit(text=self.text, occurrence=self.occurrence):
            return ""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


def find_edits_file(review: Path) -> Path:
    """Return the file in which a review's edits are kept."""
    return review.with_suffix(SUFFIX)


def load_edits(file: Path) -> tuple[Edit, ...]:
    """Read edits; none when there is no file.

    Raise ConfigError, which names the edit, for a file that cannot be used; it stays as it is.
    """
    edits = [_read_edit(file, number, table) for number, table in enumerate(_load(file), 1)]
    counts = collections.Counter(edit.place for edit in edits)
    for (text, _), count in counts.items():
        if count > 1:
            raise ConfigError(
                f"In {file}: {count} edits are for {text[:60]!r}.", hint="Make one of them."
            )
    return tuple(edits)


def save_edit(file: Path, edit: Edit, *, expect: str | None = None) -> Edit:
    """Keep an edit in place of the one that its segment has, and leave all else as it is written.

    One that changes nothing takes the old one away. With `expect`, the version that the writer
    has seen, an edit that somebody else has changed meanwhile raises ConflictError.
    """
    import tomlkit

    known = {one.place: one for one in load_edits(file)}
    now = known.get(edit.place, Edit(text=edit.text, occurrence=edit.occurrence))
    if expect is not None and now.version != expect:
        raise ConflictError(
            f"The edit of {edit.text[:60]!r} was changed elsewhere meanwhile.",
            hint="Look at it, and change it again.",
        )
    if edit.version == now.version:
        return edit
    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
        document.add(tomlkit.comment(_OPENING))
    tables: Any = document.setdefault("edit", tomlkit.aot())
    place = next((n for n, table in enumerate(tables) if _place_of(table) == edit.place), None)
    if not edit.version:
        if place is not None:
            del tables[place]
    else:
        table = tables[place] if place is not None else tomlkit.table()
        values = msgspec.to_builtins(edit)
        if edit.occurrence == 1:
            del values["occurrence"]
        for name in [name for name in table if values.get(name) is None]:
            del table[name]
        for name, value in values.items():
            if value is not None:
                table[name] = value
        if place is None:
            tables.append(table)
    with write_whole(file) as opened:
        opened.write(tomlkit.dumps(document).encode())
    return edit


def apply_edits(script: Script, edits: Iterable[Edit]) -> tuple[Script, tuple[Edit, ...]]:
    """Change a script's segments; return it, and the edits that fit no segment any more."""
    waiting = {edit.place: edit for edit in edits}
    segments = []
    for segment, occurrence in number_segments(script.segments):
        edit = waiting.pop((segment.text, occurrence), None)
        segments.append(_change(segment, edit) if edit else segment)
    return replace(script, segments=tuple(segments)), tuple(waiting.values())


def find_unfit(script: Script, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return the edits that fit no segment any more.

    A line that told of a synthetic voice is not missed where none speaks any more.
    """
    _, unfit = apply_edits(script, edits)
    return tuple(edit for edit in unfit if not is_disclosure(edit.text))


def number_segments(segments: Sequence[Segment]) -> list[tuple[Segment, int]]:
    """Return with each segment which one it is of those that read alike, from 1."""
    seen: collections.Counter[str] = collections.Counter()
    numbered = []
    for segment in segments:
        seen[segment.text] += 1
        numbered.append((segment, seen[segment.text]))
    return numbered


def _change(segment: Segment, edit: Edit) -> Segment:
    if edit.spoken is not None and edit.spoken != segment.spoken:
        segment = replace(segment, spoken=" ".join(edit.spoken.split()), changes=())
    if edit.pause_s is not None:
        segment = replace(segment, pause_s=edit.pause_s)
    return replace(segment, voice=edit.voice or "", recording=edit.recording or "")


def _load(file: Path) -> list[dict[str, Any]]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigError(f"Cannot read {file}: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{file} is not valid TOML: {error}.", hint="Correct it, or move it away."
        ) from error
    tables = document.pop("edit", [])
    if document or not isinstance(tables, list):
        raise ConfigError(f"{file} holds something else than [[edit]].", hint="Correct it.")
    return tables


def _read_edit(file: Path, number: int, table: Any) -> Edit:
    try:
        return msgspec.convert(table, Edit)
    except msgspec.ValidationError as error:
        cause = error.__cause__
        text = cause.message if isinstance(cause, ConfigError) else f"{error}."
        raise ConfigError(f"In {file}, edit {number}: {text}", hint="Correct it.") from error


def _place_of(table: Any) -> tuple[str, int]:
    return str(table.get("text")), int(table.get("occurrence", 1))
