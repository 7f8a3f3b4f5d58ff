"""The text half of the job: a review becomes the script that a voice will speak."""

import glob
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.announcements import get_disclosure
from reviewcast.config import Config, make_voice
from reviewcast.edits import Edit, apply_edits, find_edits_file, load_edits
from reviewcast.events import Noticed, Notify, Warned, ignore_events
from reviewcast.model import Change, Review, Role, Script, Segment
from reviewcast.protocols import Voice
from reviewcast.readers.script import format_script
from reviewcast.stages.read import ReadSettings, ReviewSource, read_review
from reviewcast.stages.split import Manner, fit_script, split_review

_DEFAULT = "default"


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
    """A review as it was read, the edits of its segments, and the file that they lie beside."""

    review: Review
    edits: tuple[Edit, ...]
    file: Path


def read_source(source: ReviewSource, config: Config, *, notify: Notify = ignore_events) -> Review:
    """Read a review with what the show takes for granted; what had to be guessed is told."""
    settings = ReadSettings(language=config.show.language, author=config.show.author)
    review = read_review(source, settings)
    for note in review.notes:
        notify(Noticed(note))
    return review


def read_draft(source: ReviewSource, config: Config, *, notify: Notify = ignore_events) -> Draft:
    """Read a review and the edits that lie beside it."""
    review = read_source(source, config, notify=notify)
    file = Path(source.name or "standard input")
    return Draft(review, load_edits(find_edits_file(file)) if source.name else (), file)


def format_editable(review: Review, script: Script) -> str:
    """Give a script as a text that can be edited, and built in place of the review."""
    names = ("title", "subject", "author", "rating", "date", "image", "language", "description")
    return format_script(script, {name: getattr(review, name) for name in names})


def script_draft(
    draft: Draft, config: Config, voice: Voice, *, roles: Mapping[Role, Voice]
) -> Script:
    """Write the script of a review for its voices: within their limits, in forms they read well.

    `roles` are said by voices of their own. The writer's edits are applied; those that fit no
    segment are left alone.
    """
    from reviewcast.spoken import say

    review = draft.review
    titles = {review.title, review.subject, re.sub(r" \(\d{4}\)$", "", review.subject)}

    def suit(voice: Voice) -> Manner:
        def speak(text: str, emphasis: Sequence[tuple[int, int]]) -> tuple[str, tuple[Change, ...]]:
            spoken = say(
                text,
                language=review.language,
                titles=sorted(titles - {""}),
                emphasis=emphasis,
                overrides=config.spoken,
                entries=config.lexicon,
                engine=voice.name,
            )
            return " ".join(spoken.text.split()), spoken.changes

        return Manner(voice.max_chars, speak)

    disclosure = config.show.disclosure
    if disclosure == _DEFAULT:
        disclosure = get_disclosure(review.language)
    settings = msgspec.structs.replace(config.split, closing=(*config.split.closing, disclosure))
    usual = suit(voice)
    manners = {role: suit(other) for role, other in roles.items()}
    script = split_review(
        review, settings, max_chars=usual.max_chars, say=usual.say, manners=manners
    )
    if not draft.edits:
        return script
    script, _ = apply_edits(script, draft.edits)
    limits = {name: make_voice(config, name).max_chars for name in list_voices(script)}

    def find_limit(segment: Segment) -> int:
        return limits.get(segment.voice) or manners.get(segment.role, usual).max_chars

    return fit_script(script, settings, find_limit=find_limit)


def list_voices(script: Script) -> set[str]:
    """Give the names of the voices that single segments have in place of the episode's."""
    return {segment.voice for segment in script.segments if segment.voice}


def tell_unfit(draft: Draft, script: Script, notify: Notify) -> None:
    """Warn of edits whose text the review does not have any more; they are kept."""
    _, unfit = apply_edits(script, draft.edits)
    for edit in unfit:
        notify(
            Warned(
                f"An edit fits no segment any more and is kept: {edit.text[:60]!r}"
                f" in {find_edits_file(draft.file).name}."
            )
        )
