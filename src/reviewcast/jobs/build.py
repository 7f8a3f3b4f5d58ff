"""The main job: a review becomes an episode."""

import hashlib
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from reviewcast.audio.files.sounds import open_sounds
from reviewcast.audio.mp3.frames import find_level_change_db
from reviewcast.audio.music import warn_of_sounds
from reviewcast.episode.artwork import open_cover, open_pictures
from reviewcast.episode.describe import count_build, describe_episode, name_source
from reviewcast.episode.export import Export, ExportFormat, export_audio, place_exports
from reviewcast.episode.produce import Production, produce, produce_draft, tell_doubts
from reviewcast.episode.save import save_episode
from reviewcast.model.audio import Sounds
from reviewcast.model.events import Noticed
from reviewcast.model.podcast import BuildFigures, Episode
from reviewcast.podcast.identity import keep_slug
from reviewcast.settings.run import Run
from reviewcast.system.files import check_writable
from reviewcast.text.draft import Draft, read_draft
from reviewcast.text.read import ReviewSource


class Built(Struct, frozen=True):
    """An episode, and the figures of the run that built it."""

    episode: Episode
    figures: BuildFigures

    def flatten(self) -> dict[str, Any]:
        """Return the fields of both, as `--json` prints them."""
        return asdict(self.episode) | asdict(self.figures)


def build_episode(
    source: ReviewSource, draft: Draft, path: Path, run: Run, formats: Collection[ExportFormat] = ()
) -> tuple[Built, Production]:
    """Speak, lay, render, describe and save a review that was read; `path` is the MP3.

    `formats` are written beside it. Return also what can be heard, for a report. Raise one of the
    errors of the tree; what was there before is then still there, whole.
    """
    exports = _place_exports(path, formats)
    sounds, cover, has_own_image = _open_inputs(draft, run)
    made = produce_draft(draft, run, partial(produce, sounds=sounds, run=run))
    tell_doubts(made, draft, run)
    pictures = _open_pictures(draft, made, run)
    episode = describe_episode(source, draft.review, made, path, pictures=pictures, run=run)
    episode = save_episode(
        episode,
        draft.review,
        made,
        cover=cover,
        has_own_image=has_own_image,
        pictures=pictures,
        run=run,
    )
    _export(made, exports, sounds, run)
    files: dict[str, str] = {export: str(file) for export, file in exports.items()}
    figures = count_build(made, files, run.settings)
    return Built(episode, figures), made


def open_draft(source: ReviewSource, run: Run) -> Draft:
    """Read a review and its edits; one whose file was renamed stays the episode that it was."""
    config = run.settings
    draft = read_draft(source, config, notify=run.notify)
    if config.folder is None:
        return draft
    name = name_source(source, config)
    sha256 = hashlib.sha256(source.data).hexdigest()
    slug, former = keep_slug(draft.review, name, sha256, config.folder)
    if slug == draft.review.slug:
        return draft
    if former:
        run.notify(Noticed(f"{name} was {former} before: it stays the episode {slug}."))
    return replace(draft, review=replace(draft.review, slug=slug))


def _place_exports(path: Path, formats: Collection[ExportFormat]) -> dict[Export, Path]:
    exports = place_exports(path, formats)
    for export in exports.values():
        check_writable(export)
    return exports


def _open_inputs(draft: Draft, run: Run) -> tuple[Sounds, bytes, bool]:
    """Open the sounds and the cover, before anything is spoken; True if it is the review's own."""
    sounds = open_sounds(run.settings)
    warn_of_sounds(sounds, run.settings.stitch, run.notify)
    return sounds, *open_cover(draft.review, run.settings, draft.file.parent, run.notify)


def _open_pictures(draft: Draft, made: Production, run: Run) -> dict[str, bytes]:
    shown = (chapter.image for chapter in made.timeline.chapters)
    return open_pictures(shown, run.settings, draft.file.parent, run.notify)


def _export(made: Production, exports: dict[Export, Path], sounds: Sounds, run: Run) -> None:
    """Write the files that stand beside the MP3 on request."""
    if not exports:
        return
    export_audio(
        made.audio,
        exports,
        load_take=run.cache.takes.load,
        sounds=sounds.list_all(),
        level_change_db=find_level_change_db(run.settings.encode),
        notify=run.notify,
    )
