"""Announcements of new episodes: what they say, what became of them, and who makes them."""

from datetime import datetime
from typing import ClassVar, Literal, Protocol, runtime_checkable

from msgspec import Struct

from reviewcast.model.protocols import Access

TellState = Literal["waiting", "failed", "sending", "told", "left out"]


class Alert(Struct, frozen=True, kw_only=True):
    """A new episode that can be heard, as it is announced.

    `text` is the message, within the teller's limits. `id` is a UUID, the same for each attempt by
    the same teller: services that know such a thing take a message with it once. `link` leads to
    the written review, else to the episode's page or audio. `again` says that an attempt before
    may have arrived. Times are in UTC, addresses absolute, "" for what there is not.
    """

    id: str
    guid: str
    text: str
    title: str
    show: str
    link: str
    audio: str
    feed: str
    published: datetime
    sent: datetime
    duration_s: float
    page: str = ""
    image: str = ""
    language: str = ""
    author: str = ""
    subject: str = ""
    rating: str = ""
    description: str = ""
    again: bool = False


class Told(Struct, frozen=True, omit_defaults=True):
    """How far one teller is with one episode, since when (UTC), and where to see it or why not.

    "waiting" is to be sent, "failed" was certainly not accepted and is sent again, "sending" was
    written before sending: when it is found, nobody knows whether the message has arrived. "left
    out" is never sent unasked.
    """

    state: TellState
    at: datetime
    note: str = ""


class TellerInfo(Struct, frozen=True, kw_only=True):
    """What is known of a teller besides its options.

    Messages are cut to `most_graphemes` (characters as readers count them) and `most_bytes` of
    UTF-8, 0 for no limit; a link counts as `link_graphemes`, 0 for its length. Where a message
    `may_mention` people by an @, as in a chat, a title does not; so it is where it is limited.
    """

    name: str
    most_graphemes: int = 0
    most_bytes: int = 0
    link_graphemes: int = 0
    may_mention: bool = False


@runtime_checkable
class Teller(Protocol):
    """Somewhere that new episodes are announced: a frozen dataclass, a ClassVar `info: TellerInfo`.

    Its fields are what `[tell.NAME]` in podcast.toml may set; a field of a secret holds the name
    of a variable, never the secret. Raise ConfigError in `__post_init__` for options that cannot
    be. The class's docstring and `Annotated[str, Meta(description="…")]` explain them in
    `reviewcast help settings`.
    """

    info: ClassVar[TellerInfo]

    @property
    def accesses(self) -> tuple[Access, ...]:
        """Return what has to be confirmed once: each host or address that gets the message."""
        ...

    def tell(self, alert: Alert) -> str:
        """Announce an episode, once; return where the message can be seen, "" when nowhere.

        Raise NotTold when the message was certainly not accepted, ConfigError when a variable is
        not set: it is then sent again by a later run. Raise TellError when it may have arrived:
        it is then never sent again unasked.
        """
        ...
