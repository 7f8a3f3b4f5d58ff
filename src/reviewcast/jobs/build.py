"""The main job: a review becomes an episode."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from reviewcast.audio.files.sounds import open_sounds
from reviewcast.audio.mp3.frames import find_level_change_db
from reviewcast.audio.music import warn_of_sounds
from reviewcast.episode.artwork import open_cover, open_pictures
from reviewcast.episode.describe import count_build, describe_episode
from reviewcast.episode.export import Export, ExportFormat, export_audio, place_exports
from reviewcast.episode.produce import Production, produce_draft, report_doubts
from reviewcast.episode.save import save_episode
from reviewcast.model.podcast import BuildFigures, Episode
from reviewcast.settings.run import Run
from reviewcast.text.draft import Draft
from reviewcast.text.read import ReviewSource


class Built(Struct, frozen=True):
    """An episode, and the figures of the run that built it."""

    episode: Episode
    figures: BuildFigures

    def flatten(self) -> dict[str, Any]:
        """Return the fields of both, as `--json` prints them."""
        return asdict(self.episode) | asdict(self.figures)


class Rendered(Struct, frozen=True, kw_only=True):
    """All of an episode that its number and its place do not change; its audio is in the stores."""

    draft: Draft
    made: Production
    cover: bytes
    has_own_image: bool
    pictures: dict[str, bytes]


def render_episode(draft: Draft, run: Run) -> Rendered:
    """Speak, lay and render a review that was read; nothing is written but into the stores.

    Raise one of the errors of the tree.
    """
    sounds = open_sounds(run.settings)  # what is amiss there is told before anything is spoken
    warn_of_sounds(sounds, run.settings.stitch, run.notify)
    folder = draft.file.parent
    cover, is_own = open_cover(draft.review, run.settings, folder, run.notify)
    made = produce_draft(draft, sounds, run)
    report_doubts(made, draft, run)
    shown = [chapter.image for chapter in made.timeline.chapters]
    pictures = open_pictures(shown, run.settings, folder, run.notify)
    return Rendered(draft=draft, made=made, cover=cover, has_own_image=is_own, pictures=pictures)


def finish_episode(
    source: ReviewSource,
    rendered: Rendered,
    path: Path,
    run: Run,
    formats: Collection[ExportFormat] = (),
) -> Built:
    """Describe and save an episode that was rendered; `path` is the MP3.

    `formats` are written beside it. Raise one of the errors of the tree; what was there before is
    then still there, whole.
    """
    review, made, pictures = rendered.draft.review, rendered.made, rendered.pictures
    exports = place_exports(path, formats)
    episode = describe_episode(source, review, made, path, pictures=pictures, run=run)
    episode = save_episode(
        episode,
        review,
        made,
        cover=rendered.cover,
        has_own_image=rendered.has_own_image,
        pictures=pictures,
        run=run,
    )
    if exports:
        _export(made, exports, run)
    files: dict[str, str] = {export: str(file) for export, file in exports.items()}
    return Built(episode, count_build(made, files, run.settings))


def _export(made: Production, exports: dict[Export, Path], run: Run) -> None:
    """Write the files that stand beside the MP3 on request."""
    export_audio(
        made.audio,
        exports,
        load_take=run.cache.takes.load,
        sounds=open_sounds(run.settings).list_all(),
        level_change_db=find_level_change_db(run.settings.encode),
        notify=run.notify,
    )
