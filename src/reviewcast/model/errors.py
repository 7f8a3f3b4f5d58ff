"""Everything that can go wrong, as one tree with one exit code a kind.

    ReviewcastError            1   a bug, when it is none of those below
    ├── UsageError             2   the command line asks for what cannot be
    ├── ReviewError            3   the review cannot be read
    │   └── LostTextError      3   the script would lose a part of the review
    ├── ConfigError            4   podcast.toml, a variable or a plug-in is wrong
    ├── VoiceError             5   the voice refuses, or answered with something that is not speech
    │   └── VoiceUnavailable   5   the voice cannot be reached: try later
    ├── StorageError           6   a disk or a folder refuses
    │   ├── LostEntry          6   a stored take or block is gone, or not whole
    │   └── DestinationError   6   a destination refuses what is to be published
    │       └── DestinationUnavailable  6   it cannot be reached: try later
    ├── FetchError             6   a file of the web cannot be had
    │   └── FetchUnavailable   6   its server cannot be reached: try later
    ├── TellError              6   whether a new episode was announced is not known
    │   └── NotTold            6   it was certainly not announced: try again
    ├── ClusterError           6   a cluster's workers cannot do what is asked of them
    │   └── ClusterUnavailable 6   it cannot be reached: try later
    ├── SoundError             6   an audio file cannot be used
    ├── LockedError            7   another run is at work on the same show
    │   └── ConflictError      7   another run has changed the published feed meanwhile
    ├── FaultsFound            8   the check of a published show found faults
    └── BudgetSpent            0   what a day may take is used up, as its user wanted it

Each message is one sentence; the hint says what to do about it.
"""

from collections.abc import Iterable
from typing import ClassVar


class ReviewcastError(Exception):
    """The root of the tree: one sentence, a hint, and the process's exit code."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process with the hint."""
        return _revive, (type(self), self.message, self.hint, self.__dict__)


def _revive(
    kind: type[ReviewcastError], message: str, hint: str, state: dict[str, object]
) -> ReviewcastError:
    error = kind(message, hint=hint)
    error.__dict__.update(state)
    return error


def suggest(given: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return a hint: the known name that is nearest to the given one, or what is said otherwise."""
    import difflib

    near = difflib.get_close_matches(given, list(known), 1)
    return f"Did you mean {near[0]}?" if near else otherwise


class UsageError(ReviewcastError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class ReviewError(ReviewcastError):
    """The review cannot be read."""

    exit_code = 3


class LostTextError(ReviewError):
    """A visible character of the review is in no segment and in no omission."""


class ConfigError(ReviewcastError):
    """A setting is unknown or has a value that cannot be used."""

    exit_code = 4


class VoiceError(ReviewcastError):
    """A voice refuses the text, or what it gave back is not speech."""

    exit_code = 5


class VoiceUnavailable(VoiceError):
    """A voice cannot be reached now; asking again later may help.

    `retry_after_s` is the wait that the service itself asked for, when it did; `slow_down` when it
    refuses because it is asked too much.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        retry_after_s: float | None = None,
        slow_down: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s
        self.slow_down = slow_down


class StorageError(ReviewcastError):
    """A disk is full, a folder cannot be written, a stored file is broken."""

    exit_code = 6


class LostEntry(StorageError):
    """A take or block that this run counted on is not in the store any more, or not whole."""


class DestinationError(StorageError):
    """A destination refuses a file, or does not hold what was put there."""


class DestinationUnavailable(DestinationError):
    """A destination cannot be reached now; what was put there stays, the next run does the rest."""


class FetchError(ReviewcastError):
    """A file of the web is not there, is refused, or is too large."""

    exit_code = 6


class FetchUnavailable(FetchError):
    """A server cannot be reached now, or broke off; asking again later may help."""


class TellError(ReviewcastError):
    """A message about a new episode was sent, and whether it has arrived is not known."""

    exit_code = 6


class NotTold(TellError):
    """A message about a new episode was certainly not accepted; sending it again doubles none."""


class ClusterError(ReviewcastError):
    """A cluster has workers of other versions, or they fail otherwise than a voice does."""

    exit_code = 6


class ClusterUnavailable(ClusterError):
    """A cluster cannot be reached now; what came home is kept, the next run does the rest."""


class SoundError(ReviewcastError):
    """An audio file is missing, broken or of a kind that cannot be read."""

    exit_code = 6


class LockedError(ReviewcastError):
    """Another run holds the show."""

    exit_code = 7


class ConflictError(LockedError):
    """The published feed is no longer the one that this run has read."""


class FaultsFound(ReviewcastError):
    """What is published, or would be, breaks a rule that podcast clients go by."""

    exit_code = 8


class BudgetSpent(ReviewcastError):
    """What [budget] allows for a day is used up; the next day goes on. No failure."""

    exit_code = 0
