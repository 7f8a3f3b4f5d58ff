"""An item of another tool's feed, with what was fetched of it, becomes an episode's record."""

import hashlib

from reviewcast.episode.notes import compose_notes
from reviewcast.model.disclosure import SYNTHETIC, Speaker
from reviewcast.model.podcast import Episode
from reviewcast.podcast.feed.external import ExternalItem
from reviewcast.podcast.importing.companions import Companions
from reviewcast.podcast.importing.download import Measured
from reviewcast.podcast.importing.match import Match

_UNKNOWN_VOICE = "synthetic"
_SPEAKERS: dict[str, tuple[Speaker, ...]] = {"true": SYNTHETIC, "false": ("own",)}


def make_episode(match: Match, measured: Measured, beside: Companions, *, language: str) -> Episode:
    """Return an adopted episode, but for its audio's path, size and hash."""
    item = match.item
    digests = {suffix: hashlib.sha256(data).hexdigest() for suffix, data in beside.files.items()}
    return Episode(
        slug=match.slug,
        title=item.title or match.slug,
        path="",
        size_bytes=0,
        duration_s=measured.duration_s,
        sha256="",
        voice=_UNKNOWN_VOICE if item.ai_content == "true" else "",
        speakers=_SPEAKERS.get(item.ai_content, ()),
        language=language,
        loudness=measured.loudness,
        chapters=beside.chapters,
        cues=beside.cues,
        track=item.number,
        season=item.season,
        kind=item.kind,
        author=item.author,
        date=f"{item.published:%Y-%m-%d}",
        description=_make_plain(item),
        link=item.link,
        explicit=item.explicit,
        companions=digests,
    )


def _make_plain(item: ExternalItem) -> str:
    """Return an item's description as plain text; it may hold HTML."""
    if not item.description:
        return ""
    text, _ = compose_notes(
        item.description, rating="", subject="", author="", chapters=(), link=""
    )
    return text
