"""Where a show is published and at what rhythm, and where its cache is."""

from typing import Annotated, ClassVar, Literal

from reviewcast.model.errors import ConfigError
from reviewcast.settings.fields import Settings, about
from reviewcast.settings.rhythm import Rhythm, read_rhythm

DripOrder = Literal["oldest", "newest"]


class PublishSettings(Settings, frozen=True):
    """Where the show is published.

    Passwords and keys never stand here: they come from the environment, the AWS settings or
    ssh-agent.
    """

    table: ClassVar[str] = "publish"

    to: Annotated[str, about("A folder, s3://bucket/prefix or sftp://user@host/path.")] = "public"
    grace_days: Annotated[
        int,
        about("So long a replaced file stays: players may still ask for it.", ge=0, le=3650),
    ] = 14
    drip: Annotated[
        str,
        about(
            'How often a new episode is released, such as "3/week", "1/day" or "2/month"; ""'
            " for all at once."
        ),
    ] = ""
    drip_days: Annotated[
        tuple[str, ...],
        about('The days of a weekly drip, such as ["tue", "thu", "sat"].'),
    ] = ()
    drip_hour: Annotated[
        int, about("The hour of a drip, by this machine's clock.", ge=0, le=23)
    ] = 7
    drip_order: Annotated[DripOrder, about("Which review is released first, by its date.")] = (
        "oldest"
    )

    @property
    def rhythm(self) -> Rhythm | None:
        """Return the rhythm of new episodes, None when all are released at once."""
        return read_rhythm(self.drip, self.drip_days, self.drip_hour)

    def __post_init__(self) -> None:
        super().__post_init__()
        read_rhythm(self.drip, self.drip_days, self.drip_hour)
        if not self.to.strip():
            raise ConfigError("[publish] to must name a folder or a URL.")


class CacheSettings(Settings, frozen=True):
    """Where it is kept what was spoken and encoded; it can be removed at any time."""

    table: ClassVar[str] = "cache"

    folder: Annotated[
        str,
        about(
            'A folder of the show\'s own, such as ".reviewcast"; "" for the one that all your'
            " shows share."
        ),
    ] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if "\0" in self.folder:
            raise ConfigError("[cache] folder is no name of a folder.")
