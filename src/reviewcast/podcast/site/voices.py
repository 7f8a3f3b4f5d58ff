"""What a page says of the voices of its episodes."""

from collections.abc import Collection, Sequence

from reviewcast.model.disclosure import Speaker, find_disclosure
from reviewcast.model.podcast import Release
from reviewcast.settings.schema import Show


def tell_voice(show: Show, release: Release) -> str:
    """Return the sentence of an episode's page on who speaks, "" where nothing is to be told."""
    return _tell_one(release.speakers) if show.ai_voice else ""


def tell_voices(show: Show, releases: Sequence[Release]) -> str:
    """Return the sentence of a page that lists episodes, "" where nothing is to be told."""
    found = {find_disclosure(one.speakers) or "unknown" for one in releases}
    speakers = {speaker for one in releases for speaker in one.speakers}
    if not show.ai_voice or not speakers:
        return ""
    if found == {"synthetic"}:
        return "The episodes are read aloud by a synthetic voice."
    if not found.isdisjoint({"synthetic", "mixed"}):
        return "Some of what is heard is read aloud by a synthetic voice; each episode says so."
    if "clone" in speakers:
        return "The episodes are read aloud by the author, or by a synthetic copy of that voice."
    if speakers == {"recording"} and "unknown" not in found:
        return "The episodes are read aloud by a person."
    return ""


def _tell_one(speakers: Collection[Speaker]) -> str:
    match find_disclosure(speakers):
        case "synthetic":
            return "This episode is read aloud by a synthetic voice."
        case "mixed":
            return "Parts of this episode are read aloud by a synthetic voice."
        case "own" if "clone" in speakers:
            parts = "Parts of this episode are" if len(speakers) > 1 else "This episode is"
            return f"{parts} read aloud by a synthetic copy of the author's voice."
        case "own" if "recording" in speakers:
            return "This episode is read aloud by a person."
    return ""
