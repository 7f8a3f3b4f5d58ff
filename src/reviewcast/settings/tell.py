"""Where new episodes are announced, and in which words."""

import re
from typing import Annotated, Any

from msgspec import Struct, field

from reviewcast.model.errors import ConfigError, suggest
from reviewcast.settings.fields import about, check_bounds

TEXT_FIELDS = ("show", "title", "rating", "link", "subject", "author", "description", "audio")

_FIELD = re.compile(r"\{([^{}\s]*)\}")


class TellSettings(Struct, frozen=True):
    """Where new episodes are announced, once each, when the public feed names them."""

    use: Annotated[
        tuple[str, ...],
        about(
            'Services: "webhook", "mastodon", "bluesky", "email", or a plug-in; each has a table'
            " of its own below."
        ),
    ] = ()
    text: Annotated[
        str,
        about(
            "The message. {show}, {title}, {rating}, {link}, {subject}, {author}, {description} and"
            " {audio} are replaced; a line of which nothing is there is left out."
        ),
    ] = "{show}: {title}\n{rating}\n{link}"
    most: Annotated[
        int,
        about(
            "The newest so many of the episodes that a publication adds are announced, the others"
            " are not.",
            ge=1,
            le=50,
        ),
    ] = 3
    within_days: Annotated[
        int,
        about(
            "What is dated longer ago when it appears is no news and not announced.", ge=1, le=3650
        ),
    ] = 30
    confirm_s: Annotated[
        int,
        about(
            "Seconds to wait until the feed at its public address names a new episode; the next"
            " publish announces it otherwise.",
            ge=0,
            le=3600,
        ),
    ] = 60
    options: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_bounds(self, "[tell]")
        if not all(self.use) or len(set(self.use)) < len(self.use):
            raise ConfigError("[tell] use must name each teller once.")
        if not self.text.strip():
            raise ConfigError("[tell] text is empty.")
        for name in _FIELD.findall(self.text):
            if name not in TEXT_FIELDS:
                raise ConfigError(
                    f"[tell] text has an unknown field {{{name}}}.",
                    hint=suggest(
                        name, TEXT_FIELDS, otherwise=f"There are: {', '.join(TEXT_FIELDS)}."
                    ),
                )
