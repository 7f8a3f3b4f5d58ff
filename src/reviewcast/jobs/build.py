"""The main job: a review becomes an episode."""

import hashlib
from collections.abc import Callable, Collection
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
from reviewcast.speech.narration import Narration
from reviewcast.system.files import check_writable
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


def render_episode(
    draft: Draft, run: Run, *, tell_chosen: Callable[[], None] | None = None
) -> Rendered:
    """Speak, lay and render a review that was read; nothing is written but into the stores.

    `tell_chosen` is called when it is known who speaks. Raise one of the errors of the tree.
    """
    sounds, cover, has_own_image = _open_inputs(draft, run)

    def perform(narration: Narration) -> Production:
        if tell_chosen:
            tell_chosen()
        return produce(narration, sounds, run)

    made = produce_draft(draft, run, perform)
    tell_doubts(made, draft, run)
    pictures = _open_pictures(draft, made, run)
    return Rendered(
        draft=draft, made=made, cover=cover, has_own_image=has_own_image, pictures=pictures
    )


def finish_episode(
    source: ReviewSource,
    rendered: Rendered,
    path: Path,
    run: Run,
    formats: Collection[ExportFormat] = (),
) -> Built:
    """Number, describe and save an episode that was rendered; `path` is the MP3.

    `formats` are written beside it. Raise one of the errors of the tree; what was there before is
    then still there, whole.
    """
    exports = place_checked(path, formats)
    draft, made = rendered.draft, rendered.made
    episode = describe_episode(
        source, draft.review, made, path, pictures=rendered.pictures, run=run
    )
    episode = save_episode(
        episode,
        draft.review,
        made,
        cover=rendered.cover,
        has_own_image=rendered.has_own_image,
        pictures=rendered.pictures,
        run=run,
    )
    if exports:
        _export(made, exports, open_sounds(run.settings), run)
    files: dict[str, str] = {export: str(file) for export, file in exports.items()}
    figures = count_build(made, files, run.settings)
    return Built(episode, figures)


def keep_former(draft: Draft, source: ReviewSource, run: Run) -> Draft:
    """Return a draft under the slug of its episode: one whose file was renamed stays what it was.

    Raise UsageError as `keep_slug` does.
    """
    config = run.settings
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


def place_checked(path: Path, formats: Collection[ExportFormat]) -> dict[Export, Path]:
    """Return where what stands beside an MP3 on request goes.

    Raise StorageError where the MP3 or one of these cannot be written.
    """
    exports = place_exports(path, formats)
    for file in (path, *exports.values()):
        check_writable(file)
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
    export_audio(
        made.audio,
        exports,
        load_take=run.cache.takes.load,
        sounds=sounds.list_all(),
        level_change_db=find_level_change_db(run.settings.encode),
        notify=run.notify,
    )
