"""The settings of what runs unattended: where reviews come from, and what a day may take."""

from typing import Annotated, ClassVar

from reviewcast.model.errors import ConfigError
from reviewcast.settings.fields import Settings, about


class SyncSettings(Settings, frozen=True):
    """Where `reviewcast sync` finds new reviews."""

    table: ClassVar[str] = "sync"

    sources: Annotated[
        tuple[str, ...],
        about(
            "What each sync imports, in this order: feeds and pages of the web, and exports or"
            ' folders, from this folder, such as ["https://letterboxd.com/jo/rss/",'
            ' "exports/goodreads.csv"].'
        ),
    ] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not all(source.strip() and "\0" not in source for source in self.sources):
            raise ConfigError("[sync] sources has one without a name.")


class BudgetSettings(Settings, frozen=True):
    """What `reviewcast sync` may have spoken on a day, in UTC; the rest waits for the next."""

    table: ClassVar[str] = "budget"

    requests_per_day: Annotated[
        int,
        about("Requests to online voices, each attempt counted; 0: any.", ge=0, le=1_000_000),
    ] = 0
    minutes_per_day: Annotated[
        float,
        about("Minutes of new speech, by whichever voice; 0: any.", ge=0, le=100_000),
    ] = 0.0
