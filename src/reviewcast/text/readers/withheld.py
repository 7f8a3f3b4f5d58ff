"""Whether front matter says that a text is not for everybody, in the words of blogs."""

import re
from collections.abc import Mapping

_OUTER = re.compile(r"^(?:params|extra)\.")
_SIGN = re.compile(r"[\W_]+")
_OFF = frozenset("false no 0 off n".split())
_ON = frozenset("true yes 1 on y".split())
_NO_VALUE = frozenset({"", "null", "none", "~"})
_LEVELS = frozenset(
    "private members paid hidden password unlisted draft none onlypaid onlyfree subscribers"
    " patrons supporters founding never".split()
)
_STATES = frozenset(
    "draft hidden private pending unpublished skip archived trash scheduled never".split()
)

_DRAFT = frozenset("draft drafts isdraft eleventyexcludefromcollections".split())
_PUBLISHED = frozenset("published publish ispublished permalink".split())
_PUBLIC = frozenset("public ispublic listed visible".split())
_PRIVATE = frozenset(
    "private isprivate membersonly memberonly subscribersonly subscriberonly patronsonly paid"
    " paidonly premium paywall paywalled unlisted hidden headless".split()
)
_PASSWORD = frozenset("password pwd protected passwordprotected".split())
_STATE = frozenset("status state poststatus".split())
_LEVEL = frozenset("visibility access audience".split())
_KEYS = _DRAFT | _PUBLISHED | _PUBLIC | _PRIVATE | _PASSWORD | _STATE | _LEVEL
_RENDERED = frozenset({"build.render", "_build.render"})


def is_key(key: str) -> bool:
    """True if a key of front matter tells for whom a text is: `draft`, `params.members_only`."""
    plain = _OUTER.sub("", key)
    return plain in _RENDERED or _SIGN.sub("", plain) in _KEYS


def find_reason(metadata: Mapping[str, str]) -> str:
    """Return why a text is not for everybody, such as "a draft"; "" when nothing says so.

    One key that says so is enough, whatever the others say.
    """
    for key, written in metadata.items():
        value = written.strip(" \t\"'[]").lower()
        reason = _judge(_OUTER.sub("", key), value)
        if reason:
            return reason
    return ""


def _judge(key: str, value: str) -> str:
    if key in _RENDERED:
        return "not published" if value == "never" else ""
    name, word = _SIGN.sub("", key), _SIGN.sub("", value)
    if name in _DRAFT:
        return "a draft" if value in _ON else ""
    if name in _PUBLISHED:
        is_held = value in _OFF or (name != "permalink" and word in _LEVELS)
        return "not published" if is_held else ""
    if name in _STATE:
        return f"not published ({value})" if word in _STATES else ""
    if name in _PASSWORD:  # a password may be any word
        return "protected by a password" if value not in _OFF | _NO_VALUE else ""
    if name in _LEVEL:
        levels = {_SIGN.sub("", one) for one in value.split(",")}
        return "" if _LEVELS.isdisjoint(levels) else "private"
    is_private = value in _OFF if name in _PUBLIC else name in _PRIVATE and value in _ON
    return "private" if is_private else ""
