"""New episodes are announced by a post on Bluesky, with a link card."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from reviewcast.model.clean import clean_line
from reviewcast.model.errors import ConfigError, NotTold, TellError
from reviewcast.model.protocols import Access
from reviewcast.model.telling import Alert, TellerInfo
from reviewcast.podcast.tellers.posting import (
    TIMEOUT_S,
    Service,
    check_address,
    find_host,
    read_json,
)
from reviewcast.settings.fields import check_bounds
from reviewcast.system.secret_variables import SecretKind, check_variable, read_variable

_POST = "app.bsky.feed.post"
_HANDLE = re.compile(r"[A-Za-z0-9.:_%-]{1,253}")
_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_LONGEST_CARD = 300

_PASSWORD = SecretKind(
    setting="[tell.bluesky] password_variable",
    noun="app password",
    endings=("APP_PASSWORD",),
    shown=("APP_PASSWORD",),
    example="BLUESKY_APP_PASSWORD",
    other="BLUESKY_APP_PASSWORD",
)


@dataclass(frozen=True)
class BlueskyTeller:
    """A post on Bluesky, whose link is a card.

    The app password is made under Settings, Privacy and security; never the account's own.
    """

    handle: Annotated[str, Meta(description='The account, such as "jo.bsky.social".')] = ""
    password_variable: Annotated[
        str, Meta(description="The name of the variable with the app password, never that itself.")
    ] = "BLUESKY_APP_PASSWORD"  # noqa: S105
    service: Annotated[str, Meta(description="The server that has the account.")] = (
        "https://bsky.social"
    )
    timeout_s: Annotated[
        float, Meta(ge=0.1, le=600, description="Seconds that each of its requests may take.")
    ] = TIMEOUT_S

    info: ClassVar[TellerInfo] = TellerInfo(name="bluesky", most_graphemes=300, most_bytes=3000)

    def __post_init__(self) -> None:
        if not _HANDLE.fullmatch(self.handle):
            raise ConfigError(
                "[tell.bluesky] handle is none.", hint='Such as handle = "jo.bsky.social".'
            )
        check_address(self.service, "[tell.bluesky] service")
        check_variable(self.password_variable, _PASSWORD)
        check_bounds(self, "[tell.bluesky]")

    @property
    def accesses(self) -> tuple[Access, ...]:
        """Return the host that gets the app password."""
        purpose = f"posts with the app password in {self.password_variable} to"
        return (Access(purpose, find_host(self.service)),)

    def tell(self, alert: Alert) -> str:
        """Log in and post under a key of the episode's own, which the server takes once."""
        password = read_variable(self.password_variable, _PASSWORD)
        login = {"identifier": self.handle, "password": password}
        try:
            session = self._call("server.createSession", login, secrets=(password,))
        except NotTold:
            raise
        except TellError as error:  # nothing of the post was sent yet
            raise NotTold(f"{self._service.name} did not let us in.") from error
        token, did = session.get("accessJwt"), session.get("did")
        if not (isinstance(token, str) and isinstance(did, str) and token.isascii() and token):
            raise NotTold(f"{self._service.name} let us in without a key.")
        key = make_record_key(alert.published, alert.id)
        if not (alert.again and self._is_there(did, key, token)):
            record = {"repo": did, "collection": _POST, "rkey": key, "record": make_post(alert)}
            if not self._call("repo.createRecord", record, secrets=(token,)).get("uri"):
                raise TellError(f"{self._service.name} answers without a post.")
        return f"https://bsky.app/profile/{did}/post/{key}"

    @property
    def _service(self) -> Service:
        return Service(name=f"Bluesky at {find_host(self.service)}", timeout_s=self.timeout_s)

    def _is_there(self, did: str, key: str, token: str) -> bool:
        """True if an attempt before has arrived."""
        query = urlencode({"repo": did, "collection": _POST, "rkey": key})
        try:
            return bool(self._call(f"repo.getRecord?{query}", None, secrets=(token,)).get("uri"))
        except NotTold:
            return False  # the server knows no such record

    def _call(
        self, method: str, body: dict[str, Any] | None, *, secrets: tuple[str, ...]
    ) -> dict[str, Any]:
        """Call a method of the AT protocol; all but the login have a token, their one secret."""
        headers = {} if "createSession" in method else {"Authorization": f"Bearer {secrets[0]}"}
        url = f"{self.service.rstrip('/')}/xrpc/com.atproto.{method}"
        data = None if body is None else msgspec.json.encode(body)
        return read_json(self._service.send(url, data, headers, secrets=secrets))


def make_post(alert: Alert) -> dict[str, Any]:
    """Return the record of a post: the text, the link in it, and a card for the link."""
    post: dict[str, Any] = {
        "$type": _POST,
        "text": alert.text,
        "createdAt": f"{alert.sent:%Y-%m-%dT%H:%M:%S}.000Z",
    }
    if alert.language:
        post["langs"] = [alert.language]
    at = alert.text.encode().rfind(alert.link.encode()) if alert.link else -1
    if at >= 0:
        # places are counted in bytes of UTF-8
        end = at + len(alert.link.encode())
        feature = {"$type": "app.bsky.richtext.facet#link", "uri": alert.link}
        post["facets"] = [{"index": {"byteStart": at, "byteEnd": end}, "features": [feature]}]
    if alert.link:
        post["embed"] = {
            "$type": "app.bsky.embed.external",
            "external": {
                "uri": alert.link,
                "title": clean_line(alert.title, longest=_LONGEST_CARD),
                "description": clean_line(alert.description, longest=_LONGEST_CARD),
            },
        }
    return post


def make_record_key(published: datetime, identifier: str) -> str:
    """Return an episode's record key, a TID: the same each time, so that no post is there twice."""
    microseconds = int(published.timestamp() * 1_000_000)
    digest = hashlib.sha256(identifier.encode()).digest()
    # the episodes of one day have the same time: the rest of it tells them apart
    microseconds += int.from_bytes(digest[:4], "big") % 1_000_000
    number = (max(microseconds, 0) << 10) | (int.from_bytes(digest[4:6], "big") & 0x3FF)
    return "".join(_DIGITS[number >> 5 * place & 31] for place in range(12, -1, -1))
