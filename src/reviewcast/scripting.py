"""The text half of the job: a review becomes the script that a voice will speak."""

import glob
import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.config import AUTO, EMBEDDED, Config, make_voice
from reviewcast.edits import Edit, apply_edits, find_edits_file, load_edits
from reviewcast.events import Noticed, Notify, Warned, ignore_events
from reviewcast.model import Change, Review, Script, Segment
from reviewcast.protocols import Voice
from reviewcast.readers.script import format_script
from reviewcast.stages.read import ReadSettings, ReviewSource, read_review
from reviewcast.stages.split import fit_script, split_review

_DEFAULT = "default"
# Apple asks that listeners are told, in the audio too
_DISCLOSURES = {
    "de": "Diese Kritik hat eine künstliche Stimme gelesen.",
    "en": "This review was read by a synthetic voice.",
    "es": "Esta crítica la ha leído una voz sintética.",
    "fr": "Cette critique a été lue par une voix de synthèse.",
    "it": "Questa recensione è stata letta da una voce sintetica.",
    "pt": "Esta crítica foi lida por uma voz sintética.",
}


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


def write_script(
    source: ReviewSource, config: Config, *, notify: Notify = ignore_events
) -> tuple[Review, Script]:
    """Read a review and write the script that a build with the same settings would speak."""
    name = EMBEDDED if config.voice.name == AUTO else config.voice.name
    draft = read_draft(source, config, notify=notify)
    script = script_draft(draft, config, make_voice(config, name))
    tell_unfit(draft, script, notify)
    return draft.review, script


def format_editable(review: Review, script: Script) -> str:
    """Give a script as a text that can be edited, and built in place of the review."""
    names = ("title", "subject", "author", "rating", "date", "image", "language", "description")
    return format_script(script, {name: getattr(review, name) for name in names})


def script_draft(draft: Draft, config: Config, voice: Voice) -> Script:
    """Write the script of a review for a voice: within its limit, in forms that it reads well.

    The writer's edits are applied; those that fit no segment are left alone.
    """
    from reviewcast.spoken import say

    review = draft.review
    titles = {review.title, review.subject, re.sub(r" \(\d{4}\)$", "", review.subject)}

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

    disclosure = config.show.disclosure
    if disclosure == _DEFAULT:
        disclosure = _DISCLOSURES.get(review.language.partition("-")[0].lower(), "")
    settings = msgspec.structs.replace(config.split, closing=(*config.split.closing, disclosure))
    script = split_review(review, settings, max_chars=voice.max_chars, say=speak)
    if not draft.edits:
        return script
    script, _ = apply_edits(script, draft.edits)
    limits = {name: make_voice(config, name).max_chars for name in list_voices(script)}

    def find_limit(segment: Segment) -> int:
        return limits.get(segment.voice, voice.max_chars)

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
