"""A WebSub hub is told that a feed has changed (WebSub 1.0, section 7)."""

from reviewcast.model.events import Noticed, Warned

_PING_S = 10.0


def ping_hub(hub: str, feed_url: str) -> Noticed | Warned:
    """Tell a hub of a changed feed and return how that went: it fails nothing."""
    import requests

    form = {"hub.mode": "publish", "hub.url": feed_url}
    try:
        answer = requests.post(hub, data=form, timeout=_PING_S)
        answer.raise_for_status()
    except requests.RequestException as error:
        return Warned(f"The hub {hub} was not told: {error}.")
    return Noticed(f"The hub {hub} was told.")
