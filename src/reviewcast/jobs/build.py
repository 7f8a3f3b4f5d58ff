"""The main job: a review becomes an episode."""

import hashlib
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from reviewcast.audio.files.sounds import open_sounds
from reviewcast.audio.master import check_loudness
from reviewcast.audio.mp3.frames import find_level_change_db
from reviewcast.audio.music import misses_bed
from reviewcast.audio.render import Renderer
from reviewcast.audio.timeline import stitch_takes
from reviewcast.episode.artwork import (
    open_cover,
    open_pictures,
    warn_of_sounds,
)
from reviewcast.episode.describe import describe_episode, give_account, name_source
from reviewcast.episode.export import ExportFormat, export_audio, place_exports
from reviewcast.episode.report import Account
from reviewcast.episode.save import save_episode
from reviewcast.model.audio import EncodedAudio, Timeline
from reviewcast.model.events import Noticed, Notify, Warned
from reviewcast.model.podcast import Episode
from reviewcast.model.text import Review, Script
from reviewcast.podcast.identity import keep_slug
from reviewcast.settings.schema import Config
from reviewcast.speech.casting import Cast
from reviewcast.speech.fallback import Absent
from reviewcast.speech.narrate import voice_draft
from reviewcast.speech.takes import Takes
from reviewcast.system.cache import Cache
from reviewcast.system.files import check_writable
from reviewcast.system.store import retry_lost
from reviewcast.text.draft import Draft, read_draft, tell_unfit
from reviewcast.text.read import ReviewSource


def build_episode(
    source: ReviewSource,
    config: Config,
    *,
    place: Callable[[Review], Path],
    cache: Cache,
    notify: Notify,
    force: bool = False,
    absent: Absent | None = None,
    formats: Collection[ExportFormat] = (),
    tell: Callable[[Account], None] | None = None,
) -> Episode:
    """Turn a review into a finished MP3 with its captions, and return what was measured of it.

    `place` says where the MP3 goes; `absent` are voices that other reviews of the run have found
    not to answer. `formats` are written beside the MP3, and `tell` is given what a report shows.
    Raises one of the errors of the tree; what was there before is then still there, whole.
    """
    draft = _keep_identity(read_draft(source, config, notify=notify), source, config, notify)
    review = draft.review
    output = place(review)
    exports = place_exports(output, formats)
    for path in exports.values():
        check_writable(path)
    sounds = open_sounds(config)
    warn_of_sounds(sounds, config, notify)
    cover, has_own_image = open_cover(review, config, Path(source.name).parent, notify)
    with Renderer(sounds, config, cache, notify=notify, force=force) as renderer:

        def perform() -> tuple[Cast, Script, Takes, Timeline, EncodedAudio]:
            cast, script, made = voice_draft(
                draft, config, cache, notify=notify, force=force, absent=absent
            )
            fresh.update(made.fresh)
            timeline = stitch_takes(script, made.takes, sounds, config.stitch)
            return cast, script, made, timeline, renderer.encode(timeline)

        fresh: set[int] = set()
        cast, script, made, timeline, audio = retry_lost(perform)
    missed = check_loudness(audio.loudness, config.master, channels=config.encode.channels)
    if missed:
        notify(Warned(missed))
    made = msgspec.structs.replace(made, voiced=len(fresh), fresh=tuple(sorted(fresh)))
    tell_unfit(draft, script, notify)
    if misses_bed(script, config.stitch):
        notify(Warned(_tell_bedless(script, config)))
    if config.encode.mode == "vbr":
        notify(Noticed(_VBR_SEEKING))
    shown = (chapter.image for chapter in timeline.chapters)
    pictures = open_pictures(shown, config, Path(source.name).parent, notify)
    episode = describe_episode(
        source,
        review,
        script,
        timeline=timeline,
        audio=audio,
        config=config,
        output=output,
        cast=cast,
        made=made,
        pictures=pictures,
    )
    episode = save_episode(
        episode,
        review,
        script,
        timeline=timeline,
        audio=audio,
        cover=cover,
        has_own_image=has_own_image,
        pictures=pictures,
        config=config,
        cache=cache,
    )
    takes = {*made.sources, *(take.key for take in made.takes)}
    keys = [*sorted(takes), *(block.key for block in audio.blocks)]
    cache.leave_receipt(output, episode.size_bytes, keys)
    if exports:
        export_audio(
            audio,
            exports,
            load_take=cache.takes.load,
            sounds=sounds.list_all(),
            level_change_db=find_level_change_db(config.encode),
            notify=notify,
        )
        files = {export: str(path) for export, path in exports.items()}
        episode = msgspec.structs.replace(episode, files=files)
    if tell:
        tell(give_account(episode, script, audio=audio, cast=cast, made=made))
    return episode


_VBR_SEEKING = (
    'With [encode] mode = "vbr" browsers seek by a table of 256 steps, about 1/500 of the episode'
    ' off at most: 7 seconds in an hour. With "cbr" they seek exactly.'
)


def _keep_identity(draft: Draft, source: ReviewSource, config: Config, notify: Notify) -> Draft:
    """Let an episode whose review file was renamed stay the one that it was."""
    if config.folder is None:
        return draft
    name = name_source(source, config)
    sha256 = hashlib.sha256(source.data).hexdigest()
    slug, former = keep_slug(draft.review, name, sha256, config.folder)
    if slug == draft.review.slug:
        return draft
    if former:
        notify(Noticed(f"{name} was {former} before: it stays the episode {slug}."))
    review = msgspec.structs.replace(draft.review, slug=slug)
    return msgspec.structs.replace(draft, review=review)


def _tell_bedless(script: Script, config: Config) -> str:
    wanted, there = (
        ", ".join(repr(name) for name in names)
        for names in (config.stitch.bed_chapters, [one.title for one in script.chapters])
    )
    return f"There is no bed: [stitch] bed_chapters names {wanted}, and the chapters are {there}."
