"""The one worker behind the page: it speaks, encodes and builds, one job after another."""

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from reviewcast.audio.files.sounds import open_sounds
from reviewcast.episode.produce import produce
from reviewcast.jobs.batch import build_batch
from reviewcast.jobs.listing import Listing, describe_script, find_script_names, list_segments
from reviewcast.jobs.shows import open_review, open_run
from reviewcast.jobs.voices import find_lack
from reviewcast.model.errors import ReviewcastError, VoiceError
from reviewcast.model.events import Event, Noticed, Progressed, ignore_events, tell_once
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.speech.fallback import choose_narration, choose_next
from reviewcast.speech.narration import Narration
from reviewcast.speech.takes import find_polished
from reviewcast.system.plugins import list_voices
from reviewcast.text.draft import Draft, read_draft
from reviewcast.text.edits import find_edits_file
from reviewcast.text.read import ReviewSource
from reviewcast.text.spoken.lexicon_file import find_lexicon_file
from reviewcast.web.state import Message, WholeAudio, describe_built, name_row
from reviewcast.web.versions import Versions, name_version
from reviewcast.web.watch import WatchedFiles

DRAWN_AT_ONCE = 100
"""Blocks that are decoded before the page may play: more take long enough to be waited for."""

WATCH_S = 1.0
"""Seconds between two looks for changes that others make to the files."""

Listen = Callable[[Message], None]


class Stopped(Exception):
    """The worker is being stopped while it is at work."""


class Worker:
    """A thread that does what is asked for in turn, and tells listeners how it goes.

    Its attributes are what there is to see now: the segments, the audio, the last failure, the
    last episode that was built, the remarks on the last job, and what each voice lacks before it
    can speak. They are whole values, replaced by its thread alone.

    While it has nothing to do it looks every `watch_s` seconds whether the review or what belongs
    to it was changed by somebody else, and reads it anew.
    """

    def __init__(
        self,
        review: str,
        *,
        voice: str | None,
        output: Path | None,
        versions: Versions,
        drawn_at_once: int = DRAWN_AT_ONCE,
        watch_s: float = WATCH_S,
    ) -> None:
        self._name = review
        self._output = output
        self._voice = voice
        self._versions = versions
        self._drawn_at_once = drawn_at_once
        self._watch_s = watch_s
        self._absent: dict[str, str] = {}
        self._tell_once = tell_once(self._notify)
        self.remarks: tuple[str, ...] = ()
        source, run = self._open()
        config = run.settings
        files = [Path(review), find_edits_file(Path(review)), find_lexicon_file(config.folder)]
        if config.folder:
            files.append(config.folder / "podcast.toml")
        self.files = WatchedFiles(files)
        self._changed: tuple[Path, ...] = ()
        self.lacks = _find_lacks(config)
        self.listing = list_segments(source, replace(run, notify=ignore_events))
        self.audio: WholeAudio | None = None
        self.failure: Message | None = None
        self.built: Message | None = None
        self._job = ""
        self._waiting = 0  # jobs that are not done, with the one under way
        self._counting = threading.Lock()
        self._listeners: list[Listen] = []
        self._jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._asked = self._done = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    @property
    def busy(self) -> str:
        """The job under way, "" for none."""
        return self._job if self._waiting else ""

    @property
    def has_absent(self) -> bool:
        """True if a voice did not answer, and is not asked again before "retry"."""
        return bool(self._absent)

    def start(self) -> None:
        """Begin to work, with what is not in the store yet."""
        self._thread.start()
        self.ask("render")

    def stop(self, *, wait_s: float) -> None:
        """End at the next step, and wait for it."""
        self._stop.set()
        self._jobs.put("")
        if self._thread.is_alive():
            self._thread.join(wait_s)

    def listen(self, listener: Listen) -> Callable[[], None]:
        """Report all that happens to a listener; return what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def open_config(self) -> Config:
        """Return the settings that hold for the review now."""
        return open_review(self._name, voice=self._voice)[1]

    def ask(self, job: str) -> None:
        """Put a job behind what is to do already.

        "render" reads all anew and speaks what is missing, "retry" does it with the voices that
        did not answer, and "build" writes the episode, too.
        """
        with self._counting:
            self._asked += 1
            self._waiting += 1
            if self._waiting == 1:
                self._job = job
        self._jobs.put(job)

    def _open(self) -> tuple[ReviewSource, Run]:
        source, config = open_review(self._name, voice=self._voice)
        return source, open_run(config, notify=self._hear, absent=self._absent)

    def _work(self) -> None:
        while job := self._wait():
            if not (job == "render" and self._done == self._asked):  # else it is done already
                self._job, self.failure = job, None
                if job == "retry":
                    self._absent.clear()
                self._begin_remarks()
                self._tell(kind="busy", what=job)
                try:
                    self._render()
                    if job == "build":
                        self._build()
                except Stopped:
                    return
                except ReviewcastError as error:
                    self._absent.clear()  # whoever tries again wants the voice to be asked
                    self.failure = {"message": error.message, "hint": error.hint}
                except Exception as error:  # the page stays, and says what the command line would
                    self.failure = {
                        "message": f"This is a bug in reviewcast: {type(error).__name__}: {error}",
                        "hint": "Please report it.",
                    }
            with self._counting:
                self._waiting -= 1
            self._tell(kind="state")

    def _wait(self) -> str:
        """Return the next job, "" for the end; changes from outside ask for one themselves."""
        while True:
            try:
                return self._jobs.get(timeout=self._watch_s)
            except queue.Empty:
                self._changed = self.files.find_changed()
                if self._changed:
                    self.ask("render")

    def _begin_remarks(self) -> None:
        """Remark which files were changed by others since they were last read."""
        changed = dict.fromkeys((*self._changed, *self.files.find_changed()))
        self._changed = ()
        self.remarks = tuple(
            f"{file.name} was changed outside of this page, and has been read anew."
            for file in changed
        )

    def _render(self) -> None:
        """Speak what is missing and encode the whole, as a build would."""
        asked = self._asked
        source, run = self._open()
        run.cache.prepare()
        self.lacks = _find_lacks(run.settings)
        sounds = open_sounds(run.settings)
        draft = read_draft(source, run.settings)
        speaking = replace(run, notify=self._notify)
        narration, made = choose_narration(draft, run), None
        while made is None:
            choice = run.settings.voice
            if choice.may_pass and choice.when_it_fails == "stop" and not run.absent:
                self._voice = narration.cast.name  # one cast: it is asked for once
            self._show(self._describe(draft, narration, run))
            try:
                made = produce(narration, sounds, speaking)
            except VoiceError as error:
                narration = choose_next(narration, draft, error, run)
        listing = self._describe(draft, narration, run)
        timeline, audio, cache = made.timeline, made.audio, run.cache
        rate = audio.rate_hz
        self._versions.keep(audio, cache)
        self.audio = WholeAudio(
            version=name_version(audio),
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
        if self._versions.count_unmeasured(audio) > self._drawn_at_once:
            self._show(listing)  # it can be played before it can be drawn
        self._versions.draw(audio, cache, check=self._check)
        self._show(listing)

    def _describe(self, draft: Draft, narration: Narration, run: Run) -> Listing:
        names = find_script_names(draft, narration, run.settings)
        return describe_script(draft, narration, find_polished(narration, run), names)

    def _show(self, listing: Listing) -> None:
        self.listing = listing
        self._tell(kind="state")

    def _build(self) -> None:
        batch = build_batch(
            [self._name],
            output=self._output,
            voice=self._voice,
            force=False,
            notify=self._hear,
            absent=self._absent,
        )
        for failure in batch.failed:
            self.failure = {"message": failure.error, "hint": failure.hint}
        for built in batch.built:
            version = self.audio.version if self.audio else ""
            self.built = {**describe_built(built), "version": version}

    def _hear(self, event: Event) -> None:
        """Keep what is said of a job for as long as it holds, and pass it on once."""
        if not isinstance(event, Progressed) and event.message not in self.remarks:
            self.remarks = (*self.remarks, event.message)
        self._tell_once(event)

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


def _find_lacks(config: Config) -> dict[str, str]:
    """Return of each voice, by name, what it lacks before it can speak, "" for nothing."""
    return {name: find_lack(name, config) for name in list_voices()}
