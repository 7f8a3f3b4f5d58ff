"""What is said in an episode on disk, sentence by sentence, and what is not."""

from bisect import bisect_right
from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.model.podcast import EpisodeCue, EpisodeRecord
from reviewcast.model.text import Omission
from reviewcast.system.workspace import load_cues

_SUFFIX = ".transcript.json"
_RECORD = "episode.json"


class _Sentence(Struct, frozen=True, rename={"start_s": "startTime", "end_s": "endTime"}):
    start_s: float
    end_s: float
    body: str


class _Transcript(Struct, frozen=True):
    segments: tuple[_Sentence, ...] = ()


class _Omitted(Struct, frozen=True):
    omitted: tuple[Omission, ...] = ()


def load_sentences(record: EpisodeRecord) -> tuple[EpisodeCue, ...]:
    """Read the sentences of an episode, from when to when each is said.

    They are those of the JSON transcript beside its MP3, where there is one that can be read, with
    the role of the cue that they belong to; else the cues.
    """
    cues = load_cues(record)
    starts = [cue.start_s for cue in cues]
    found = []
    for one in _read_sentences(record):
        at = bisect_right(starts, one.start_s + 0.001) - 1
        role = cues[at].role if at >= 0 else "narrator"
        found.append(EpisodeCue(one.start_s, one.end_s, role, one.body))
    return tuple(found) or cues


def load_omissions(record: EpisodeRecord) -> tuple[str, ...]:
    """Read the texts of a review that its episode leaves out; () when they are not known."""
    try:
        data = Path(record.path).with_name(_RECORD).read_bytes()
        return tuple(one.text for one in msgspec.json.decode(data, type=_Omitted).omitted)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ()


def _read_sentences(record: EpisodeRecord) -> tuple[_Sentence, ...]:
    try:
        data = Path(record.path).with_suffix(_SUFFIX).read_bytes()
        return msgspec.json.decode(data, type=_Transcript).segments
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ()  # a foreign one may have another shape
