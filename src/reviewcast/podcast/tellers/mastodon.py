"""New episodes are announced by a post on Mastodon."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from reviewcast.model.clean import keep_web_url
from reviewcast.model.errors import ConfigError, TellError
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

_VISIBILITIES = ("public", "unlisted", "private")

_TOKEN = SecretKind(
    setting="[tell.mastodon] token_variable",
    noun="token",
    endings=("TOKEN",),
    shown=("TOKEN",),
    example="MASTODON_TOKEN",
    other="MASTODON_TOKEN",
)


@dataclass(frozen=True)
class MastodonTeller:
    """A post on Mastodon, or a server that speaks as it does.

    The token needs no more than the scope write:statuses; it is made under Preferences,
    Development.
    """

    server: Annotated[
        str, Meta(description='Where the account is, such as "https://mastodon.social".')
    ] = ""
    token_variable: Annotated[
        str, Meta(description="The name of the variable with the token, never the token.")
    ] = "MASTODON_TOKEN"  # noqa: S105
    visibility: Annotated[str, Meta(description="Who sees it: public, unlisted or private.")] = (
        "public"
    )
    timeout_s: Annotated[float, Meta(ge=0.1, le=600, description="Seconds that it may take.")] = (
        TIMEOUT_S
    )

    info: ClassVar[TellerInfo] = TellerInfo(name="mastodon", most_graphemes=500, link_graphemes=23)

    def __post_init__(self) -> None:
        check_address(self.server, "[tell.mastodon] server")
        check_variable(self.token_variable, _TOKEN)
        if self.visibility not in _VISIBILITIES:
            raise ConfigError(
                f"[tell.mastodon] visibility cannot be {self.visibility!r}.",
                hint=f"There are: {', '.join(_VISIBILITIES)}.",
            )
        check_bounds(self, "[tell.mastodon]")

    @property
    def accesses(self) -> tuple[Access, ...]:
        """Return the host that gets the token."""
        return (Access(f"posts with the token in {self.token_variable} to", self._host),)

    def tell(self, alert: Alert) -> str:
        """Post it; the server takes a post with the same key once in an hour."""
        token = read_variable(self.token_variable, _TOKEN)
        body = {"status": alert.text, "visibility": self.visibility}
        if language := alert.language.partition("-")[0].lower():
            body["language"] = language
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": alert.id}
        service = Service(name=f"Mastodon at {self._host}", timeout_s=self.timeout_s)
        url = f"{self.server.rstrip('/')}/api/v1/statuses"
        reply = read_json(service.send(url, msgspec.json.encode(body), headers, secrets=(token,)))
        if not reply.get("id"):
            raise TellError(f"{service.name} answers without a post: is that its address?")
        return keep_web_url(str(reply.get("url") or ""))

    @property
    def _host(self) -> str:
        return find_host(self.server)
