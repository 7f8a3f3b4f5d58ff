"""New episodes are announced by a POST of JSON to any address."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta, structs

from reviewcast.model.errors import ConfigError
from reviewcast.model.protocols import Access
from reviewcast.model.telling import Alert, TellerInfo
from reviewcast.podcast.tellers.posting import TIMEOUT_S, Service, check_address, find_host
from reviewcast.settings.fields import check_bounds
from reviewcast.system.secret_variables import SecretKind, check_variable, read_variable

_ADDRESS = SecretKind(
    setting="[tell.webhook] url_variable",
    noun="address",
    endings=("WEBHOOK_URL",),
    shown=("WEBHOOK_URL",),
    example="PODCAST_WEBHOOK_URL",
    other="PODCAST_WEBHOOK_URL",
)
_SECRET = SecretKind(
    setting="[tell.webhook] secret_variable",
    noun="secret",
    endings=("WEBHOOK_SECRET",),
    shown=("WEBHOOK_SECRET",),
    example="PODCAST_WEBHOOK_SECRET",
    other="PODCAST_WEBHOOK_SECRET",
)


@dataclass(frozen=True)
class WebhookTeller:
    """A POST of JSON; chats that take a `text` (Slack, Mattermost) or `content` (Discord) do, too.

    With a secret it is signed as Standard Webhooks are: webhook-id, webhook-timestamp and
    webhook-signature.
    """

    url: Annotated[str, Meta(description="Where it is sent.")] = ""
    url_variable: Annotated[
        str,
        Meta(
            description="The name of the variable with the address instead, where that is a secret"
            " itself, as Slack's and Discord's are; it ends in _WEBHOOK_URL."
        ),
    ] = ""
    secret_variable: Annotated[
        str,
        Meta(
            description="The name of the variable with the secret that signs, which ends in"
            ' _WEBHOOK_SECRET; "" for no signature.'
        ),
    ] = ""
    timeout_s: Annotated[float, Meta(ge=0.1, le=600, description="Seconds that it may take.")] = (
        TIMEOUT_S
    )

    info: ClassVar[TellerInfo] = TellerInfo(name="webhook", may_mention=True)

    def __post_init__(self) -> None:
        if bool(self.url) == bool(self.url_variable):
            raise ConfigError(
                "[tell.webhook] needs either url or url_variable.",
                hint='Such as url = "https://example.org/hook".',
            )
        if self.url:
            check_address(self.url, "[tell.webhook] url", secure=False)
        if self.url_variable:
            check_variable(self.url_variable, _ADDRESS)
        if self.secret_variable:
            check_variable(self.secret_variable, _SECRET)
        check_bounds(self, "[tell.webhook]")

    @property
    def accesses(self) -> tuple[Access, ...]:
        """Return the host that is posted to; of an address in a variable, the variable."""
        signed = f" signed with {self.secret_variable}" if self.secret_variable else ""
        if self.url_variable:
            return (Access(f"messages{signed} to the address in", self.url_variable),)
        return (Access(f"messages{signed} to", find_host(self.url)),)

    def tell(self, alert: Alert) -> str:
        """Send the episode as JSON; `content` and `allowed_mentions` are for Discord."""
        url = self.url
        if self.url_variable:
            url = read_variable(self.url_variable, _ADDRESS)
            check_address(url, f"The variable {self.url_variable}")
        body = msgspec.json.encode(_describe(alert))
        headers = {"webhook-id": alert.id}
        if self.secret_variable:
            secret = read_variable(self.secret_variable, _SECRET)
            stamp = str(int(alert.sent.timestamp()))
            headers["webhook-timestamp"] = stamp
            headers["webhook-signature"] = _sign(secret, f"{alert.id}.{stamp}.".encode() + body)
        service = Service(name="The webhook", timeout_s=self.timeout_s)
        service.send(url, body, headers, secrets=None if self.url_variable else ())
        return ""


def _describe(alert: Alert) -> dict[str, Any]:
    episode = structs.asdict(alert)
    for name in ("id", "text", "sent", "again", "show", "feed"):
        del episode[name]
    return {
        "type": "episode.published",
        "timestamp": alert.sent,
        "text": alert.text,
        "content": alert.text,
        "allowed_mentions": {"parse": []},
        "data": {"show": {"title": alert.show, "feed": alert.feed}, "episode": episode},
    }


def _sign(secret: str, message: bytes) -> str:
    """Return the signature of Standard Webhooks; a secret that begins with whsec_ is base64."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            raise ConfigError(
                "The secret of [tell.webhook] begins with whsec_ and is no base64.",
                hint="Copy it again.",
            ) from None
    return f"v1,{base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()}"
