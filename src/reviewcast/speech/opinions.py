"""Doubtful replies are requested again; two of the same length settle the doubt."""

import threading

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.audio.files.decode import is_silent
from reviewcast.audio.loudness import SILENCE_LUFS
from reviewcast.model.audio import Take, TakeFigures
from reviewcast.model.errors import VoiceUnavailable
from reviewcast.model.text import Segment

_SAME_S = 2 * 576 / 24_000
"""Two frames of a service's MP3: its replies to one text repeat in length, hardly ever in bytes."""

_MOST_REPLIES = 4
"""Most replies to one text that are compared, where no two have the same length."""


class DoubtfulReply(VoiceUnavailable):
    """A reply may be incomplete: the text is to be requested again."""


class Reply(Struct, frozen=True):
    """A reply of a service: the take, what was measured of it, and what speaks against it."""

    take: Take
    figures: TakeFigures
    doubts: tuple[str, ...] = ()


class Opinions:
    """Collects doubtful replies by the key of their take, and decides on them. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._replies: dict[str, list[Reply]] = {}

    def weigh(self, key: str, reply: Reply) -> Reply | None:
        """Return the reply that counts, None when the text is to be requested again.

        A reply without a doubt counts at once. Doubtful ones are settled by two that last the
        same, within two frames of MP3, or by their number.
        """
        with self._lock:
            if not reply.doubts:
                self._replies.pop(key, None)
                return reply
            replies = self._replies.setdefault(key, [])
            replies.append(reply)
            is_settled = _count_alike(reply, replies) > 1 or len(replies) >= _MOST_REPLIES
            return self._take_best(key) if is_settled else None

    def find_best(self, key: str) -> Reply | None:
        """Return the best of the doubtful replies to a text that nothing better came for."""
        with self._lock:
            return self._take_best(key)

    def _take_best(self, key: str) -> Reply | None:
        """Choose the reply with the fewest doubts, then the length that came most often."""
        replies = self._replies.pop(key, [])
        return max(
            replies,
            key=lambda one: (-len(one.doubts), _count_alike(one, replies), _last_s(one)),
            default=None,
        )


def describe_doubts(reply: Reply, segment: Segment, *, voice: str, asked: int) -> str:
    """Return the warning that a doubtful reply was kept: it names the text and what is doubted."""
    return (
        f"The voice {voice} {' and '.join(reply.doubts)} in segment {segment.index + 1}:"
        f" {segment.text[:60]!r}. It was requested {asked} times, and its"
        " best reply is kept: listen to it."
    )


def keep_silence(reply: Reply) -> Reply:
    """Return a reply in which nothing is heard as a pause of its length, without its noise."""
    take, figures = reply.take, reply.figures
    if not is_silent(take):
        return reply
    figures = replace(
        figures, start=0, end=figures.samples, level_lufs=SILENCE_LUFS, energies=b"", pauses=()
    )
    return replace(reply, take=replace(take, pcm=bytes(len(take.pcm))), figures=figures)


def _last_s(reply: Reply) -> float:
    return reply.figures.samples / reply.figures.rate_hz


def _count_alike(reply: Reply, replies: list[Reply]) -> int:
    # a sample more, for what a change of rate rounds away
    longest_s = _SAME_S + 1 / reply.figures.rate_hz
    return sum(abs(_last_s(other) - _last_s(reply)) <= longest_s for other in replies)
