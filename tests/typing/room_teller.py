"""A teller of somebody else's, typed by the public face alone."""

from dataclasses import dataclass
from typing import ClassVar

from reviewcast.plugin import Access, Alert, NotTold, Teller, TellerInfo


@dataclass(frozen=True)
class RoomTeller:
    """Posts into a chat room."""

    room: str = "films"
    info: ClassVar[TellerInfo] = TellerInfo(name="room", most_graphemes=400)

    @property
    def accesses(self) -> tuple[Access, ...]:
        """Return what the user confirms once."""
        return (Access("messages to the room", self.room),)

    def tell(self, alert: Alert) -> str:
        """Find nobody there."""
        raise NotTold(f"Nobody is in {self.room} to hear {alert.text!r}.")


TELLER: Teller = RoomTeller()
