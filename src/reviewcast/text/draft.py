"""The text half of the job: a review becomes the script that a voice will speak."""

import glob
import os
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.errors import ReviewError
from reviewcast.model.events import Noticed, Notify, Warned, ignore_events
from reviewcast.model.text import Review, Script
from reviewcast.settings.accesses import reach_review
from reviewcast.settings.schema import Config, ReadSettings
from reviewcast.system.trust import require_trust
from reviewcast.text.disclosures import is_disclosure
from reviewcast.text.edits import Edit, apply_edits, find_edits_file, load_edits
from reviewcast.text.read import ReviewSource, read_review
from reviewcast.text.readers.edited_script import format_script
from reviewcast.text.round_up import (
    compose_review,
    decode_round_up,
    fit_review,
    is_round_up,
    rebase,
)
from reviewcast.text.site_titles import drop_site_ending


def match_reviews(show: Path, config: Config) -> list[Path]:
    """List the files that a show's patterns match, each once, in order.

    What the show itself has made, such as its published pages, is none of its reviews.
    """
    found = {
        Path(os.path.normpath(show / name))
        for pattern in config.show.reviews
        for name in glob.iglob(pattern, root_dir=show, recursive=True)
    }
    made = [show / "episodes"]
    if "://" not in config.publish.to:
        made.append(Path(os.path.normpath(show / config.publish.to)))
    return sorted(
        path for path in found if path.is_file() and not any(map(path.is_relative_to, made))
    )


class Draft(Struct, frozen=True):
    """A review as it was read, the edits of its segments, and the file that they lie beside.

    `parts` are the reviews that a round-up is made of.
    """

    review: Review
    edits: tuple[Edit, ...]
    file: Path
    parts: tuple["Draft", ...] = ()


def read_source(source: ReviewSource, config: Config, *, notify: Notify = ignore_events) -> Review:
    """Read a review with what the show takes for granted; what had to be guessed is told."""
    settings = ReadSettings(language=config.show.language, author=config.show.author)
    review = read_review(source, settings)
    if config.folder is not None and source.name:
        review = drop_site_ending(review, Path(source.name))
    for note in (*config.remarks, *review.notes):
        notify(Noticed(note))
    return review


def read_draft(source: ReviewSource, config: Config, *, notify: Notify = ignore_events) -> Draft:
    """Read a review and the edits that lie beside it, or a round-up and those of its reviews."""
    if is_round_up(source.name):
        return _read_round_up(source, config, notify)
    review = read_source(source, config, notify=notify)
    file = Path(source.name or "standard input")
    return Draft(review, load_edits(find_edits_file(file)) if source.name else (), file)


def _read_round_up(source: ReviewSource, config: Config, notify: Notify) -> Draft:
    """Read the reviews that a round-up names.

    Raise ReviewError for one that is not there any more, ConfigError for one outside of the show
    that the user has not confirmed.
    """
    made, folder = decode_round_up(source), config.folder
    if folder is None:
        raise ReviewError(
            f"{source.name} belongs to no show.", hint="A round-up is read within its show."
        )
    parts = []
    for member in made.members:
        path = folder / member.source
        require_trust(reach_review(path, config))
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ReviewError(
                f"Cannot read {member.source} of the round-up {made.slug}:"
                f" {error.strerror or error}.",
                hint="Build without a name: the round-up is then made without it.",
            ) from error
        part = read_draft(ReviewSource(str(path), data), config, notify=notify)
        parts.append(fit_part(part, folder))
    review = compose_review(made, [part.review for part in parts], config.collect)
    # recordings are found from here, wherever their reviews lie
    return Draft(review, (), folder / Path(source.name).name, tuple(parts))


def fit_part(part: Draft, folder: Path) -> Draft:
    """Return a review as a part of a round-up in a folder, with the title that it has there."""
    review = fit_review(part.review, part.file.parent, folder)
    edits = tuple(
        replace(
            edit,
            text=review.title if edit.text == part.review.title else edit.text,
            recording=edit.recording and rebase(edit.recording, part.file.parent, folder),
        )
        for edit in part.edits
    )
    return Draft(review, edits, part.file)


def format_editable(review: Review, script: Script) -> str:
    """Return a script as a text that can be edited, and built in place of the review."""
    names = ("title", "subject", "author", "rating", "date", "image", "language", "description")
    fields = {name: getattr(review, name) for name in names}
    return format_script(script, fields | {"same_as": ", ".join(review.same_as)})


def list_segment_voices(script: Script) -> set[str]:
    """Return the names of the voices that single segments have in place of the episode's."""
    return {segment.voice for segment in script.segments if segment.voice}


def tell_unfit(draft: Draft, script: Script, notify: Notify) -> None:
    """Warn of edits whose text the review does not have any more; they are kept.

    A line that told of a synthetic voice is not missed where none speaks any more.
    """
    for part in draft.parts:
        tell_unfit(part, script, notify)
    _, unfit = apply_edits(script, draft.edits)
    for edit in unfit:
        if is_disclosure(edit.text):
            continue
        notify(
            Warned(
                f"An edit fits no segment any more and is kept: {edit.text[:60]!r}"
                f" in {find_edits_file(draft.file).name}."
            )
        )
