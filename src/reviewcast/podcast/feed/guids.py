"""Guids of shows and episodes, made once and kept for life."""

import re
import uuid

_GUID_NAMESPACE = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")


def make_show_guid(feed_url: str) -> str:
    """Make a show's podcast:guid of its first feed URL; it is then kept when the URL changes.

    It is the UUIDv5 of the URL without scheme and trailing slashes (podcast namespace, guid).
    """
    seed = re.sub(r"\A[A-Za-z][A-Za-z0-9+.-]*://", "", feed_url.strip()).rstrip("/")
    return str(uuid.uuid5(_GUID_NAMESPACE, seed))


def is_guid(text: str) -> bool:
    """True if a text is a podcast:guid: a UUID in its usual form."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def make_episode_guid(show_guid: str, slug: str) -> str:
    """Make an episode's guid; it is then kept in the episode's record when the slug changes."""
    return str(uuid.uuid5(uuid.UUID(show_guid), slug))
