"""Addresses that count a download and lead on to the file: put on, and taken off again.

A prefix stands before an address without its https://; an http:// stays, so that the service knows
it (OP3's rule). Prefixes may stand before one another.
"""

import re

_HTTPS, _HTTP = "https://", "http://"
_SCHEME = re.compile(r"https?://", re.IGNORECASE)

_KNOWN = re.compile(
    r"""https?://(?:
    op3\.dev/e(?:,[^/]*)?
    |(?:dts|www|play)\.podtrac\.com/(?:pts/)?redirect\.\w+
    |(?:chrt\.fm|chtbl\.com)/track/\w+
    |pd(?:st\.fm|cn\.co)/e
    |mgln\.ai/e/[\w-]+
    |prfx\.byspotify\.com/e
    |(?:verifi\.podscribe\.com|pscrb\.fm)/rss/p
    |arttrk\.com/p/\w+
    |claritaspod\.com/measure
    )/(?=(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::\d+)?/)""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""Services whose prefixes feeds have; what follows one is the address of a file."""

_GUID = re.compile(r"https?://op3\.dev/e,(?:[^/]*,)?pg=([^/,]*)", re.IGNORECASE)


def fill_prefix(prefix: str, guid: str) -> str:
    """Return a prefix with the show's podcast:guid in place of {guid}."""
    return prefix.replace("{guid}", guid)


def add_prefix(prefix: str, url: str) -> str:
    """Return the address that counts, and leads to a file; without a prefix that of the file."""
    return f"{prefix}{url.removeprefix(_HTTPS)}" if prefix else url


def strip_prefix(url: str, base: str = "") -> str:
    """Return the address of the file that a counting address leads to; any other as it is.

    What lies below `base`, the URL of the show's folder, is known behind any prefix, all else
    behind those of known services.
    """
    if base and not url.startswith(base):
        scheme, _, inner = base.partition("://")
        at = url.find(f"/{inner}", url.find("://") + 3)
        if inner and at >= 0:
            own = next((one for one in (_HTTP, _HTTPS) if url[: at + 1].endswith(one)), "")
            return f"{own or f'{scheme}://'}{url[at + 1 :]}"
    if base and url.startswith(base):
        return url
    while match := _KNOWN.match(url):
        rest = url[match.end() :]
        url = rest if _SCHEME.match(rest) else f"{_HTTPS}{rest}"
    return url


def find_prefix_guid(url: str) -> str:
    """Return the podcast:guid that an address of OP3 counts for, "" without one."""
    match = _GUID.match(url)
    return match[1] if match else ""
