"""Pictures of a show for other purposes than its cover."""

import re

from msgspec import Struct

from reviewcast.model.clean import quote_url
from reviewcast.model.errors import ConfigError

_RATIO = re.compile(r"[1-9]\d{0,4}\s*/\s*[1-9]\d{0,4}", re.ASCII)


class Image(Struct, frozen=True, forbid_unknown_fields=True):
    """A picture of the show for a purpose, such as "social" or "canvas"; sizes are pixels."""

    href: str
    purpose: str = ""
    alt: str = ""
    aspect_ratio: str = ""
    width: int = 0
    height: int = 0
    type: str = ""

    def __post_init__(self) -> None:
        if not self.href or quote_url(self.href) != self.href:
            raise ConfigError(
                f"[feed] images href {self.href!r} is not a web address.",
                hint="It begins with https://, and is percent-encoded.",
            )
        if self.aspect_ratio and not _RATIO.fullmatch(self.aspect_ratio):
            raise ConfigError(
                f"[feed] images aspect_ratio {self.aspect_ratio!r} is none.", hint='Such as "16/9".'
            )
        if self.width < 0 or self.height < 0:
            raise ConfigError("[feed] images width and height are pixels, from 1.")
