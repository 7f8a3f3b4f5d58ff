"""What the index searches: the sentences of all episodes, in parts of a bounded size."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from reviewcast.model.clean import clean_line
from reviewcast.model.podcast import EpisodeCue, Release
from reviewcast.podcast.site.frame import keep_language

MOST_SHARD_S = 90 * 60
"""A part holds as much speech, about 90 kB of text, and one episode at least."""


def plan_shards(releases: Sequence[Release]) -> list[tuple[Release, ...]]:
    """Return the episodes of each part, the oldest first.

    They are filled from the first episode on, so a new episode changes the last part alone.
    """
    shards: list[list[Release]] = []
    length_s = 0.0
    for release in sorted(releases, key=lambda one: (one.published, one.number, one.slug)):
        length_s += release.duration_s
        if not shards or length_s > MOST_SHARD_S:
            shards.append([])
            length_s = release.duration_s
        shards[-1].append(release)
    return [tuple(shard) for shard in shards]


def name_shard(number: int) -> str:
    """Return the name of a part, by its number from 1."""
    return f"search/{number:04}.json"


def render_shard(episodes: Iterable[tuple[Release, Sequence[EpisodeCue]]]) -> bytes:
    """Return a part: of each episode its title, page, language and sentences with their starts."""
    found: list[dict[str, Any]] = [
        {
            "title": clean_line(release.title),
            "page": release.page,
            "language": keep_language(release.language),
            "lines": [[cue.start_s, clean_line(cue.text)] for cue in cues if cue.role != "spoiler"],
        }
        for release, cues in episodes
    ]
    return msgspec.json.encode({"version": 1, "episodes": found}) + b"\n"
