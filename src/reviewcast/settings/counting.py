"""The prefix by which a service counts downloads, as it may be set."""

import re
from urllib.parse import urlsplit

from reviewcast.model.clean import quote_url
from reviewcast.model.errors import ConfigError

_GUID = "{guid}"
_NOWHERE = {"localhost", "127.0.0.1", "::1"}


def check_prefix(where: str, prefix: str) -> None:
    """Raise ConfigError unless a prefix can stand before the addresses of all episodes."""
    plain = prefix.replace(_GUID, "0")
    odd = re.search(r"\{[^}]*\}?", plain)
    if odd:
        raise ConfigError(
            f"{where} has {odd[0]}, and {_GUID} is all that is filled in.",
            hint="Such as https://op3.dev/e,pg={guid}/",
        )
    if not plain.startswith(("https://", "http://")) or quote_url(plain) != plain:
        raise ConfigError(
            f"{where} {prefix!r} is not a web address.",
            hint="Such as https://op3.dev/e/ or https://op3.dev/e,pg={guid}/",
        )
    parts = urlsplit(plain)
    if parts.scheme == "http" and parts.hostname not in _NOWHERE:
        raise ConfigError(
            f"{where} {prefix!r} is not encrypted, and phones refuse what it leads to.",
            hint=f"Write https://{prefix.removeprefix('http://')}",
        )
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ConfigError(
            f"{where} {prefix!r} cannot stand before an address.",
            hint="Leave out what follows a ? or #, and a user's name.",
        )
    if not prefix.endswith("/"):
        raise ConfigError(f"{where} {prefix!r} does not end in a slash.", hint=f"Write {prefix}/")
    if not parts.path.strip("/"):
        raise ConfigError(
            f"{where} {prefix!r} is a whole site.",
            hint="Copy the prefix that the service tells, such as https://op3.dev/e/",
        )
