"""A writer's desk: one review with its edits, and the one worker that slevels and encodes it."""

import contextlib
import hashlib
import queue
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from reviewcast.audio.files.decode import decode_frames
from reviewcast.audio.files.sounds import open_sounds
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.audio.render import list_frames
from reviewcast.episode.produce import Production, produce, produce_draft
from reviewcast.jobs.batch import build_catalogue
from reviewcast.jobs.listing import Listing, Row, describe_script, find_script_names, list_segments
from reviewcast.jobs.shows import STDIN, open_review, open_run
from reviewcast.model.audio import EncodedAudio, Loudness
from reviewcast.model.errors import ConfigError, ConflictError, ReviewcastError, UsageError
from reviewcast.model.events import Event, Noticed, Progressed, ignore_events, tell_once
from reviewcast.model.podcast import Episode, EpisodeChapter
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.speech.casting import make_role_voice, make_voice
from reviewcast.speech.narration import Narration
from reviewcast.speech.takes import find_polished
from reviewcast.system.cache import Cache
from reviewcast.system.files import write_whole
from reviewcast.system.plugins import list_voices
from reviewcast.text.draft import Draft, read_draft
from reviewcast.text.edits import Edit, find_edits_file, load_edits, save_edit
from reviewcast.text.proper_nouns import Name
from reviewcast.text.read import ReviewSource
from reviewcast.text.spoken.lexicon_file import add_word, find_lexicon_file
from reviewcast.web.uploads import keep_recording

Message = dict[str, Any]


Listen = Callable[[Message], None]


_KEPT_VERSIONS = 3


_MOST_UNDONE = 200


_DRAWN_AT_ONCE = 100  # blocks: decoding more takes long enough to be waited for


class Audio(Struct, frozen=True, kw_only=True):
    """The whole episode as it sounds now; `places` are segments by id, from and to in seconds."""

    version: str
    duration_s: float
    loudness: Loudness
    places: dict[str, tuple[float, float]]
    chapters: tuple[EpisodeChapter, ...]
    voiced: int


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page wants of a segment, None for what the build would do by itself.

    `expect` is the version of the edit that the page has seen. A recording that is there stays
    with `recording`, and only this desk says where it lies.
    """

    expect: str
    spoken: str | None = None
    pause_s: float | None = None
    voice: str | None = None
    recording: bool = False


class MissingSegmentError(UsageError):
    """The review has no such segment, or not any more."""


class Stopped(Exception):
    """The desk is being closed while its worker is at work."""


class Desk:
    """One review being worked on: what there is to see and hear, and the ways to change it.

    Its methods are for any thread. What is asked of it is saved at once; what has to be spoken
    and encoded for it is done by one worker, one thing after another, and told to listeners.
    """

    def __init__(
        self, review: str, *, voice: str | None = None, output: Path | None = None
    ) -> None:
        if review == STDIN:
            raise UsageError("The page needs a review in a file.", hint="Save it, and name it.")
        self._name = review
        self._file = Path(review)
        self._output = output
        self._voice = voice
        self._absent: dict[str, str] = {}
        self._tell_once = tell_once(self._notify)
        source, run = self._open()
        self._listing = list_segments(source, replace(run, notify=ignore_events))
        self._audio: Audio | None = None
        self._failure: Message | None = None
        self._built: Message | None = None
        self._job = ""
        self._waiting = 0  # jobs that are not done, with the one under way
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._listeners: list[Listen] = []
        self._undo: list[tuple[str, Callable[[], None]]] = []
        self._levels: dict[str, list[int]] = {}
        self._versions: dict[str, tuple[Path, bytes | None]] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="reviewcast-")
        self._jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._asked = self._done = 0
        self._stop = threading.Event()
        self._worker = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Begin to speak what is not in the store yet."""
        self._worker.start()
        self._ask("render")

    def close(self, *, wait_s: float = 5.0) -> None:
        """Stop the worker at its next step, and take its files away."""
        self._stop.set()
        self._jobs.put("")
        if self._worker.is_alive():
            self._worker.join(wait_s)
        self._folder.cleanup()

    def listen(self, listener: Listen) -> Callable[[], None]:
        """Tell a listener of all that happens; what comes back ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # -- what there is to see and hear

    def describe(self) -> Message:
        """Return all that a page shows, as plain values."""
        listing, audio = self._listing, self._audio
        return {
            "title": listing.title,
            "language": listing.language,
            "review": self._file.name,
            "voice": listing.voice,
            "voices": list_voices(),
            "chapters": listing.chapters,
            "segments": [
                _describe_row(row, audio.places if audio else {}, listing.names)
                for row in listing.rows
            ],
            "omitted": [{"text": one.text, "reason": one.reason} for one in listing.omissions],
            "unfit": [edit.text for edit in listing.unfit],
            "audio": audio
            and {
                "version": audio.version,
                "drawn": self.find_levels(audio.version) is not None,
                "duration_s": audio.duration_s,
                "loudness": audio.loudness,
                "chapters": audio.chapters,
                "voiced": audio.voiced,
            },
            "undo": self._undo[-1][0] if self._undo else "",
            "busy": self._job if self._waiting else "",
            "failure": self._failure,
            "built": self._built,
        }

    def find_audio(self, version: str) -> Path | None:
        """Return the MP3 of a version, None when it is none of the last few."""
        found = self._versions.get(version)
        return found[0] if found else None

    def find_levels(self, version: str) -> bytes | None:
        """Return the levels of a version's MP3 frames: JSON, whole numbers from 0 to 100.

        None while they are not measured yet.
        """
        found = self._versions.get(version)
        return found[1] if found else None

    def find_edit(self, segment: str) -> Edit:
        """Return the edit that a segment has now, whoever made it."""
        return self._find(segment)[1]

    # -- what a writer does

    def change(self, segment: str, wish: Wish) -> Edit:
        """Save what is wanted of a segment, and have it spoken.

        Raise ConflictError when its edit is another one than the page has seen, ConfigError for
        what cannot be, and MissingSegmentError.
        """
        with self._lock:
            row, before = self._find(segment)
            edit = Edit(
                text=row.text,
                occurrence=row.occurrence,
                spoken=wish.spoken,
                pause_s=wish.pause_s,
                voice=wish.voice,
                recording=before.recording if wish.recording else None,
            )
            self._refuse_unspeakable(edit, row)
            return self._save(row, before, edit, wish.expect)

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
            file = find_lexicon_file(self._open_config().folder)
            before = _read(file)
            add_word(file, written, spoken)
            after = _read(file)

            def restore() -> None:
                if _read(file) != after:
                    raise ConflictError("The lexicon was changed elsewhere meanwhile.")
                if before is None:
                    file.unlink()
                    return
                with write_whole(file) as opened:
                    opened.write(before)

            self._remember(f"how “{written}” is said", restore)
        self._ask("render")

    def undo(self) -> str:
        """Take back the last change that was made here; return what it was, "" for nothing.

        Raise ConflictError when somebody else has changed the same since; theirs stays.
        """
        with self._lock:
            if not self._undo:
                return ""
            label, restore = self._undo.pop()
            restore()
        self._ask("render")
        return label

    def build(self) -> None:
        """Write the episode, as `reviewcast build` does."""
        self._ask("build")

    def render(self) -> None:
        """Read all anew and speak what is missing, after a failure for example."""
        self._ask("render")

    # -- inside

    def _open_config(self) -> Config:
        return open_review(self._name, voice=self._voice)[1]

    def _open(self) -> tuple[ReviewSource, Run]:
        source, config = open_review(self._name, voice=self._voice)
        return source, open_run(config, notify=self._tell_once, absent=self._absent)

    def _find(self, segment: str) -> tuple[Row, Edit]:
        """Find a segment's row, and its edit as it is saved now."""
        row = next((row for row in self._listing.rows if name_row(row) == segment), None)
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
        config, own = self._open_config(), self._listing.voice
        voice = (
            make_voice(config, edit.voice) if edit.voice else make_role_voice(config, row.role, own)
        )
        if edit.spoken is not None and len(" ".join(edit.spoken.split())) > voice.max_chars:
            raise ConfigError(
                f"The voice {voice.name} says at most {voice.max_chars} characters at once.",
                hint="Say it shorter, or choose another voice for it.",
            )

    def _save(self, row: Row, before: Edit, edit: Edit, expect: str) -> Edit:
        file = find_edits_file(self._file)
        save_edit(file, edit, expect=expect)
        if edit.version != before.version:

            def restore() -> None:
                save_edit(file, before, expect=edit.version)

            self._remember(f"segment {row.index + 1}", restore)
            self._ask("render")
        return edit

    def _remember(self, label: str, restore: Callable[[], None]) -> None:
        self._undo = [*self._undo[-_MOST_UNDONE:], (label, restore)]

    def _ask(self, job: str) -> None:
        with self._counting:
            self._asked += 1
            self._waiting += 1
            if self._waiting == 1:
                self._job = job
        self._jobs.put(job)

    def _work(self) -> None:
        while job := self._jobs.get():
            if not (job == "render" and self._done == self._asked):  # else it is done already
                self._job, self._failure = job, None
                self._tell(kind="busy", what=job)
                try:
                    self._render()
                    if job == "build":
                        self._build()
                except Stopped:
                    return
                except ReviewcastError as error:
                    self._absent.clear()  # whoever tries again wants the voice to be asked
                    self._failure = {"message": error.message, "hint": error.hint}
                except Exception as error:  # the page stays, and says what the command line would
                    self._failure = {
                        "message": f"This is a bug in reviewcast: {type(error).__name__}: {error}",
                        "hint": "Please report it.",
                    }
            with self._counting:
                self._waiting -= 1
            self._tell(kind="state")

    def _render(self) -> None:
        """Speak what is missing and encode the whole, as a build would."""
        asked = self._asked
        source, run = self._open()
        run.cache.prepare()
        sounds = open_sounds(run.settings)
        draft = read_draft(source, run.settings)
        speaking = replace(run, notify=self._notify)

        def perform(narration: Narration) -> Production:
            choice = run.settings.voice
            if choice.may_pass and choice.when_it_fails == "stop" and not run.absent:
                self._voice = narration.cast.voice.name  # one cast: it is asked for once
            self._show(self._describe(draft, narration, run))
            return produce(narration, sounds, speaking)

        made = produce_draft(draft, run, perform)
        listing = self._describe(draft, made.narration, run)
        timeline, audio, cache = made.timeline, made.audio, run.cache
        rate = audio.rate_hz
        self._keep(audio, cache)
        self._audio = Audio(
            version=_name_version(audio),
            duration_s=audio.samples / rate,
            loudness=audio.loudness,
            places={
                name_row(row): (round(cue.start / rate, 6), round(cue.end / rate, 6))
                for row, cue in zip(listing.rows, timeline.cues, strict=True)
            },
            chapters=tuple(
                EpisodeChapter(chapter.title, round(chapter.start / rate, 3))
                for chapter in timeline.chapters
            ),
            voiced=made.takes.voiced,
        )
        self._done = asked
        missing = sum(block.key not in self._levels for block in audio.blocks)
        if missing > _DRAWN_AT_ONCE:
            self._show(listing)  # it can be played before it can be drawn
        self._draw(audio, cache)
        self._show(listing)

    def _describe(self, draft: Draft, narration: Narration, run: Run) -> Listing:
        names = find_script_names(draft, narration, run.settings)
        return describe_script(draft, narration, find_polished(narration, run), names)

    def _show(self, listing: Listing) -> None:
        self._listing = listing
        self._tell(kind="state")

    def _keep(self, audio: EncodedAudio, cache: Cache) -> None:
        """Keep this version's MP3, and forget all but the last few."""
        version = _name_version(audio)
        if version in self._versions:
            self._versions[version] = self._versions.pop(version)  # the newest again
            return
        path = Path(self._folder.name, f"{version}.mp3")
        with path.open("wb") as file:
            for piece in list_frames(audio, cache):
                file.write(piece)
        self._versions[version] = path, None
        for old in list(self._versions)[:-_KEPT_VERSIONS]:
            gone, _ = self._versions.pop(old)
            with contextlib.suppress(OSError):  # where an open file cannot be removed
                gone.unlink()

    def _draw(self, audio: EncodedAudio, cache: Cache) -> None:
        """Measure the levels of this version, as far as they are not known."""
        version = _name_version(audio)
        known, self._levels = self._levels, {}
        levels: list[int] = []
        for block in audio.blocks:
            self._check()
            found = known.get(block.key)
            if found is None:
                found = _measure_levels(cache.blocks.load(block.key))
            self._levels[block.key] = found
            levels += found
        path, _ = self._versions[version]
        self._versions[version] = path, msgspec.json.encode(levels[1:])  # the decoder's delay

    def _build(self) -> None:
        batch = build_catalogue(
            [self._name],
            output=self._output,
            voice=self._voice,
            force=False,
            notify=self._tell_once,
            absent=self._absent,
        )
        for failure in batch.failed:
            self._failure = {"message": failure.error, "hint": failure.hint}
        for episode in batch.episodes:
            version = self._audio.version if self._audio else ""
            self._built = {**_describe_episode(episode), "version": version}

    def _notify(self, event: Event) -> None:
        self._check()
        if isinstance(event, Progressed):
            self._tell(kind="progress", what=event.stage, done=event.done, total=event.total)
        else:
            kind = "noticed" if isinstance(event, Noticed) else "warned"
            self._tell(kind=kind, message=event.message)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def _tell(self, **message: Any) -> None:
        for listener in list(self._listeners):
            listener(message)


def name_row(row: Row) -> str:
    """Name a segment by what an edit belongs to: the same for as long as its text stays."""
    return hashlib.sha256(f"{row.occurrence} {row.text}".encode()).hexdigest()[:16]


def describe_edit(edit: Edit) -> Message:
    """Return an edit as a page sees it: that there is a recording, not where."""
    return {
        "spoken": edit.spoken,
        "pause_s": edit.pause_s,
        "voice": edit.voice,
        "recording": edit.recording is not None,
        "version": edit.version,
    }


def _describe_row(
    row: Row, places: dict[str, tuple[float, float]], names: tuple[Name, ...]
) -> Message:
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


def _describe_episode(episode: Episode) -> Message:
    return {
        "file": Path(episode.path).name,
        "duration_s": episode.duration_s,
        "size_bytes": episode.size_bytes,
        "loudness": episode.loudness,
        "chapters": episode.chapters,
        "voice": episode.voice,
        "segments": episode.segments,
        "sha256": episode.sha256,
    }


def _name_version(audio: EncodedAudio) -> str:
    """Name what is heard: the same for the same frames."""
    keys = " ".join(block.key for block in audio.blocks)
    return hashlib.sha256(keys.encode()).hexdigest()[:16]


def _measure_levels(frames: bytes) -> list[int]:
    """Return how loud each MP3 frame is as decoded, from 0 to 100: its root mean square.

    Peaks tell little of an episode that was brought to its loudness: they are nearly all alike.
    """
    import numpy as np

    samples = decode_frames(frames)
    powers = samples**2 if samples.ndim == 1 else (samples**2).mean(axis=1)
    whole = np.pad(powers, (0, -len(powers) % FRAME_SAMPLES)).reshape(-1, FRAME_SAMPLES)
    levels: list[int] = np.rint(100 * np.sqrt(whole.mean(axis=1))).astype(int).tolist()
    return levels


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
