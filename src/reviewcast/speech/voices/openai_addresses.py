"""The addresses of a speech service: one, or several that speak the same."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from reviewcast.model.errors import ConfigError
from reviewcast.system.addresses import is_private, read_address

_URL = re.compile(
    r"https?://([a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[\w.~%/-]*)?",
    re.ASCII | re.IGNORECASE,
)

_MOST = 64


_OWN_NETWORK = (".local", ".lan", ".home", ".home.arpa", ".internal")


def read_addresses(base_url: str | Iterable[str], *, has_key: bool) -> str | tuple[str, ...]:
    """Return one address, or several that are all different.

    Raise ConfigError for what is no plain address, which is not repeated, as it may be a key in the
    wrong place; and for one without https, unless it is of this machine, or of the own network and
    no key goes there.
    """
    urls = (base_url,) if isinstance(base_url, str) else tuple(dict.fromkeys(base_url))
    if not 1 <= len(urls) <= _MOST:
        raise ConfigError(f"[voice.openai] base_url must be 1 to {_MOST} addresses.")
    for url in urls:
        if not _is_plain(url):
            raise ConfigError(
                "[voice.openai] base_url is no plain address.",
                hint='Such as "https://api.openai.com/v1", without a password or a query.',
            )
        if urlsplit(url).scheme.lower() == "http" and not is_loopback(url):
            if has_key and is_near(url):
                raise ConfigError(
                    "[voice.openai] base_url must begin with https:// where a key goes to another"
                    " machine.",
                    hint='For a server of your own that wants no key, add key_variable = "".',
                )
            if not is_near(url):
                raise ConfigError(
                    "[voice.openai] base_url must begin with https:// unless it is on this machine"
                    " or in your own network.",
                    hint="Anyone on the way could read the key and the review.",
                )
    return urls if len(urls) > 1 else urls[0]


def _is_plain(url: str) -> bool:
    if not _URL.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        if "[" in parts.netloc:
            ipaddress.IPv6Address(parts.hostname or "")
        return parts.port != 0
    except ValueError:
        return False


def is_near(url: str) -> bool:
    """True if an address is of the own network: a private one, or a name that only it knows."""
    host = (urlsplit(url).hostname or "").lower()
    address = read_address(host)
    if address is not None:
        return is_private(address)
    return "." not in host or host.endswith(_OWN_NETWORK)


def is_loopback(url: str) -> bool:
    """True if an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
