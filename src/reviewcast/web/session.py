"""One review with its edits, as it is worked on: what there is to hear, and how it is changed."""

import threading
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.jobs.listing import Row
from reviewcast.jobs.shows import STDIN
from reviewcast.model.errors import ConfigError, ConflictError, UsageError
from reviewcast.model.protocols import describe_voice
from reviewcast.speech.casting import make_role_voice, make_voice
from reviewcast.system.files import write_whole
from reviewcast.system.plugins import list_voices
from reviewcast.text.edits import Edit, find_edits_file, load_edits, save_edit
from reviewcast.text.spoken.lexicon_file import add_word, find_lexicon_file
from reviewcast.web.state import Message, describe_audio, describe_row, name_row
from reviewcast.web.undo import UndoHistory
from reviewcast.web.uploads import keep_recording
from reviewcast.web.versions import Measure, Versions, measure_levels
from reviewcast.web.worker import DRAWN_AT_ONCE, WATCH_S, Listen, Worker


class SegmentEdit(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page wants of a segment, None for what the build would do by itself.

    `expect` is the version of the edit that the page has seen. A recording that is there stays
    with `recording`, and only the session knows where it lies.
    """

    expect: str
    spoken: str | None = None
    pause_s: float | None = None
    voice: str | None = None
    recording: bool = False


class MissingSegmentError(UsageError):
    """The review has no such segment, or not any more."""


class EditingSession:
    """One review being worked on: what there is to see and hear, and the ways to change it.

    Its methods are for any thread. What is asked of it is saved at once; what has to be spoken
    and encoded for it is done by one worker, one thing after another, and told to listeners.
    """

    def __init__(
        self,
        review: str,
        *,
        voice: str | None = None,
        output: Path | None = None,
        measure: Measure = measure_levels,
        drawn_at_once: int = DRAWN_AT_ONCE,
        watch_s: float = WATCH_S,
    ) -> None:
        if review == STDIN:
            raise UsageError("The page needs a review in a file.", hint="Save it, and name it.")
        self._file = Path(review)
        self._lock = threading.Lock()
        self._undo = UndoHistory()
        self._versions = Versions(measure)
        self._worker = Worker(
            review,
            voice=voice,
            output=output,
            versions=self._versions,
            drawn_at_once=drawn_at_once,
            watch_s=watch_s,
        )

    def start(self) -> None:
        """Begin to speak what is not in the store yet."""
        self._worker.start()

    def close(self, *, wait_s: float = 5.0) -> None:
        """Stop the worker at its next step, and remove its files."""
        self._worker.stop(wait_s=wait_s)
        self._versions.close()

    def listen(self, listener: Listen) -> Callable[[], None]:
        """Report all that happens to a listener; return what ends it."""
        return self._worker.listen(listener)

    # -- what there is to see and hear

    def describe(self) -> Message:
        """Return all that a page shows, as plain values."""
        worker = self._worker
        listing, audio = worker.listing, worker.audio
        places = audio.places if audio else {}
        is_drawn = audio is not None and self.find_levels(audio.version) is not None
        return {
            "title": listing.title,
            "language": listing.language,
            "review": self._file.name,
            "voice": listing.voice,
            "voices": [{"name": name, "lack": lack} for name, lack in worker.lacks.items()],
            "chapters": listing.chapters,
            "segments": [describe_row(row, places, listing.names) for row in listing.rows],
            "omitted": [{"text": one.text, "reason": one.reason} for one in listing.omissions],
            "unfit": [edit.text for edit in listing.unfit],
            "audio": describe_audio(audio, is_drawn=is_drawn),
            "undo": self._undo.label,
            "busy": worker.busy,
            "failure": worker.failure,
            "remarks": worker.remarks,
            "absent": worker.has_absent,
            "built": worker.built,
        }

    def find_audio(self, version: str) -> Path | None:
        """Return the MP3 of a version, None when it is none of the last few."""
        return self._versions.find_audio(version)

    def find_levels(self, version: str) -> bytes | None:
        """Return the levels of a version's MP3 frames as JSON, None while they are not measured."""
        return self._versions.find_levels(version)

    def find_edit(self, segment: str) -> Edit:
        """Return the edit that a segment has now, whoever made it."""
        return self._find(segment)[1]

    # -- what a writer does

    def change(self, segment: str, wanted: SegmentEdit) -> Edit:
        """Save what is wanted of a segment, and have it spoken.

        Raise ConflictError when its edit is another one than the page has seen, ConfigError for
        what cannot be, and MissingSegmentError.
        """
        with self._lock:
            row, before = self._find(segment)
            edit = Edit(
                text=row.text,
                occurrence=row.occurrence,
                spoken=wanted.spoken,
                pause_s=wanted.pause_s,
                voice=wanted.voice,
                recording=before.recording if wanted.recording else None,
            )
            self._refuse_unspeakable(edit, row)
            return self._save(row, before, edit, wanted.expect)

    def record(self, segment: str, data: bytes, *, expect: str) -> Edit:
        """Put a recording in the place of a segment's speech.

        Raises what `change` does, and SoundError for what is no audio.
        """
        self._find(segment)
        recording = keep_recording(data, self._file)
        with self._lock:
            row, before = self._find(segment)
            return self._save(row, before, replace(before, recording=recording), expect)

    def add_word(self, written: str, spoken: str) -> None:
        """Put a word into the show's lexicon, or the user's when there is no show.

        Raise UsageError for a word that cannot stand there, ConfigError for a broken file.
        """
        written, spoken = " ".join(written.split()), " ".join(spoken.split())
        with self._lock:
            file = find_lexicon_file(self._worker.open_config().folder)
            before = _read(file)
            with self._worker.files.writing(file):
                add_word(file, written, spoken)
            after = _read(file)

            def restore() -> None:
                if _read(file) != after:
                    raise ConflictError("The lexicon was changed elsewhere meanwhile.")
                with self._worker.files.writing(file):
                    if before is None:
                        file.unlink()
                        return
                    with write_whole(file) as opened:
                        opened.write(before)

            self._undo.remember(f"how “{written}” is said", restore)
        self._worker.ask("render")

    def undo(self) -> str:
        """Take back the last change that was made here; return what it was, "" for nothing.

        Raise ConflictError when somebody else has changed the same since; theirs stays.
        """
        with self._lock:
            label = self._undo.take_back()
        if label:
            self._worker.ask("render")
        return label

    def build(self) -> None:
        """Write the episode, as `reviewcast build` does."""
        self._worker.ask("build")

    def render(self) -> None:
        """Read all anew, and speak what is missing: voices that did not answer are asked again."""
        self._worker.ask("retry")

    # -- inside

    def _find(self, segment: str) -> tuple[Row, Edit]:
        """Find a segment's row, and its edit as it is saved now."""
        row = next((row for row in self._worker.listing.rows if name_row(row) == segment), None)
        if row is None:
            raise MissingSegmentError("There is no such segment any more.", hint="Reload the page.")
        known = {edit.place: edit for edit in load_edits(find_edits_file(self._file))}
        blank = Edit(text=row.text, occurrence=row.occurrence)
        return row, known.get(blank.place, blank)

    def _refuse_unspeakable(self, edit: Edit, row: Row) -> None:
        if edit.voice is None and edit.spoken is None:
            return
        if edit.voice is not None and edit.voice not in list_voices():
            raise ConfigError("There is no voice of that name.", hint="Choose one of the list.")
        config, own = self._worker.open_config(), self._worker.listing.voice
        voice = (
            make_voice(config, edit.voice) if edit.voice else make_role_voice(config, row.role, own)
        )
        info = describe_voice(voice)
        if edit.spoken is not None and len(" ".join(edit.spoken.split())) > info.max_chars:
            raise ConfigError(
                f"The voice {info.name} says at most {info.max_chars} characters at once.",
                hint="Say it shorter, or choose another voice for it.",
            )

    def _save(self, row: Row, before: Edit, edit: Edit, expect: str) -> Edit:
        file = find_edits_file(self._file)
        with self._worker.files.writing(file):
            save_edit(file, edit, expect=expect)
        if edit.version != before.version:

            def restore() -> None:
                with self._worker.files.writing(file):
                    save_edit(file, before, expect=edit.version)

            self._undo.remember(f"segment {row.index + 1}", restore)
            self._worker.ask("render")
        return edit


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
