"""What lets the requests of a run through to a voice; at one address it is a pace."""

from typing import Protocol

from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.model.events import Event, Noticed
from reviewcast.model.protocols import Voice
from reviewcast.speech.endpoints import Endpoint
from reviewcast.speech.pace import Pace


class Visit:
    """One request for a text, or one after another until an address has answered.

    `voice` is who is to be asked; `failed` are the addresses that have failed with this text.
    """

    def __init__(self, voice: Voice, characters: int) -> None:
        self.voice, self.characters = voice, characters
        self.endpoint: Endpoint | None = None
        self.failed: set[Endpoint] = set()
        self.begun = 0.0


class Gate(Protocol):
    """What a request has to pass. Safe for threads."""

    def open_visit(self, text: str) -> Visit:
        """Return a visit for a text that is to be asked for."""
        ...

    def enter(self, visit: Visit) -> None:
        """Wait until the request may go, and set whom it goes to.

        Raise PaceOver once no more requests are sent.
        """
        ...

    def leave(self, visit: Visit) -> None:
        """Note that the request is over, however it ended."""
        ...

    def note_answer(self, visit: Visit) -> None:
        """Note that the voice has spoken."""
        ...

    def note_failure(self, visit: Visit, error: VoiceError) -> bool:
        """Note that a request failed; True if that is no failure of the text: it may enter again.

        Raise PaceOver when no more requests are sent from now on.
        """
        ...

    def stop(self) -> None:
        """End the run: whoever waits is refused."""
        ...

    def take_events(self) -> list[Event]:
        """Return what the user should know since this was last asked."""
        ...


class SingleGate:
    """The gate to a voice that is had at one address: a pace."""

    def __init__(self, voice: Voice, pace: Pace) -> None:
        self._voice, self._pace = voice, pace

    def open_visit(self, text: str) -> Visit:
        """Return a visit for a text that is to be asked for."""
        return Visit(self._voice, len(text))

    def enter(self, visit: Visit) -> None:
        """Wait for the next turn; see `Pace.wait_turn`."""
        del visit
        self._pace.wait_turn()

    def leave(self, visit: Visit) -> None:
        """Do nothing: a pace counts no requests that are under way."""

    def note_answer(self, visit: Visit) -> None:
        """Note that the voice has spoken."""
        del visit
        self._pace.note_answer()

    def note_failure(self, visit: Visit, error: VoiceError) -> bool:
        """Note a failure; True if the service has asked to slow down. See `Pace.note_failure`."""
        del visit
        return isinstance(error, VoiceUnavailable) and self._pace.note_failure(error)

    def stop(self) -> None:
        """End the run."""
        self._pace.stop()

    def take_events(self) -> list[Event]:
        """Return what the user should know since this was last asked."""
        return [Noticed(notice) for notice in self._pace.take_notices()]
