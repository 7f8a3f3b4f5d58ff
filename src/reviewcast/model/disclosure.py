"""Who is heard in an episode, and what has to be disclosed of it.

By the podcast namespace (txt, "ai-content") an item says "true" or "false", or leaves it open. By
the framework that it refers to, one's own cloned voice that reads one's own words is a way of
production, as a recording is, and no AI content.
"""

from collections.abc import Collection, Iterable
from typing import Literal

Speaker = Literal["synthetic", "clone", "recording", "own"]
"""A synthetic voice; a synthetic copy of the author's voice; a person who was recorded; or one of
the last two, where it is not known which."""

Disclosure = Literal["", "synthetic", "own", "mixed"]
"""Whether synthetic voices speak all of an episode, none or some of it; "" when it is not known."""

SourceType = Literal["", "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia",
                     "digitalCapture"]  # fmt: skip
"""A term of IPTC's vocabulary of digital source types, "" when it is not known."""

SYNTHETIC: tuple[Speaker, ...] = ("synthetic",)

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"

_AI_CONTENT = {"": "", "own": "false", "synthetic": "true", "mixed": "true"}


def find_disclosure(speakers: Collection[Speaker]) -> Disclosure:
    """Return which of the three states an episode has with these speakers, "" without any."""
    if not speakers:
        return ""
    if "synthetic" not in speakers:
        return "own"
    return "synthetic" if set(speakers) == {"synthetic"} else "mixed"


def find_ai_content(speakers: Collection[Speaker]) -> str:
    """Return "true" or "false" as an item's "ai-content" has it, "" where it is not known."""
    return _AI_CONTENT[find_disclosure(speakers)]


def infer_ai_content(values: Iterable[str]) -> str:
    """Return a show's "ai-content": "true" if any item's is, "false" if all are, else ""."""
    found = set(values)
    return "true" if "true" in found else "false" if found == {"false"} else ""


def find_source_type(speakers: Collection[Speaker]) -> SourceType:
    """Return what the speech is by IPTC's terms.

    A copy of a voice is made by a model, whoever it sounds like.
    """
    is_made = bool({"synthetic", "clone"}.intersection(speakers))
    is_captured = not {"recording", "own"}.isdisjoint(speakers)
    if is_made:
        return "compositeWithTrainedAlgorithmicMedia" if is_captured else "trainedAlgorithmicMedia"
    return "digitalCapture" if set(speakers) == {"recording"} else ""
