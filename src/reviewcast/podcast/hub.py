"""A WebSub hub is notified that a feed has changed (WebSub 1.0, section 7)."""

from reviewcast.model.errors import FetchError
from reviewcast.model.events import Noticed, Warned
from reviewcast.system.http import post_form

_PING_S = 10.0


def ping_hub(hub: str, feed_url: str) -> Noticed | Warned:
    """Notify a hub of a changed feed; return how that went, for it fails nothing."""
    form = {"hub.mode": "publish", "hub.url": feed_url}
    try:
        post_form(hub, form, name="It", timeout_s=_PING_S)
    except FetchError as error:
        return Warned(f"The hub {hub} was not notified. {error.message}")
    return Noticed(f"The hub {hub} was notified.")
