"""A message is sent once, and it is known whether it was surely not accepted."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from reviewcast.model.clean import clean_line, keep_web_url
from reviewcast.model.errors import ConfigError, NotTold, TellError

TIMEOUT_S = 30.0
_LARGEST_REPLY_BYTES = 1 << 20
_UNACCEPTED = {501, 503}
"""Of the server's own errors these say that nothing was done; others may come behind it."""


class Service(Struct, frozen=True, kw_only=True):
    """A service that messages are sent to: its name for sentences, and how long it may take."""

    name: str
    timeout_s: float = TIMEOUT_S

    def send(
        self,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        secrets: tuple[str, ...] | None = (),
    ) -> bytes:
        """Send a JSON body once by POST, or ask by GET with none.

        Return the reply, empty where it cannot be read to its end.

        Raise NotTold when it was certainly not accepted, TellError when it may have been. No
        sentence repeats one of the `secrets`, or with None any word of the server's.
        """
        import requests

        from reviewcast.system.guarded_http import GuardedSession

        given = {"Content-Type": "application/json", "Connection": "close", **headers}

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            return request  # as requests' auth, so that no .netrc takes the place of a header

        session = GuardedSession(
            agent="reviewcast", most_redirects=1, allow_private=True, patience_s=self.timeout_s
        )
        try:
            with session.watch(url):
                try:
                    method = "GET" if body is None else "POST"
                    reply = session.request(
                        method, url, given, redirects=False, data=body, auth=sign
                    )
                except (requests.RequestException, OSError, ValueError) as error:
                    raise self._judge_failure(error) from error
                with reply:
                    data = _read(reply)
        finally:
            session.close()
        self._judge_status(reply.status_code, data, secrets)
        return data

    def _judge_failure(self, error: Exception) -> TellError:
        if _is_unsent(error):
            return NotTold(f"{self.name} cannot be reached.", hint="Check the network.")
        return TellError(f"{self.name} did not answer: the message may have arrived.")

    def _judge_status(self, status: int, data: bytes, secrets: tuple[str, ...] | None) -> None:
        if 200 <= status < 300:
            return
        if status in {401, 403}:
            raise NotTold(f"{self.name} refuses the secret ({status}).")
        if 300 <= status < 400:
            raise NotTold(
                f"{self.name} leads elsewhere ({status}).", hint="Write the final address."
            )
        said = _read_message(data)
        if secrets is None or any(secret in said for secret in secrets):
            said = ""
        sentence = f"{self.name} answers {status}" + (f": {said}" if said else ".")
        if 400 <= status < 500 or status in _UNACCEPTED:
            raise NotTold(sentence)
        raise TellError(f"{self.name} answers {status}: the message may have arrived.")


def check_address(url: str, setting: str, *, secure: bool = True) -> None:
    """Raise ConfigError unless a setting is a plain address, https where it has to be `secure`.

    http is taken on this machine. The address may be a secret itself, so it is not repeated.
    """
    parts = urlsplit(url) if keep_web_url(url) else None
    if parts is None or "@" in parts.netloc or parts.fragment:
        raise ConfigError(
            f"{setting} is no plain web address.", hint="It begins with https://, without a name."
        )
    if secure and parts.scheme.lower() != "https" and not _is_loopback(parts.hostname or ""):
        raise ConfigError(
            f"{setting} must begin with https:// unless it is on this machine.",
            hint="Anyone on the way could read the secret.",
        )


def find_host(url: str) -> str:
    """Return the host and port of an address, which may be a secret otherwise."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def read_json(data: bytes) -> dict[str, Any]:
    """Return a reply's JSON object, {} when it is none."""
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _read(reply: Any) -> bytes:
    """Read a reply, as far as it comes: that it was accepted is known without it."""
    import requests

    data = bytearray()
    try:
        for piece in reply.iter_content(1 << 14):
            data += piece
            if len(data) > _LARGEST_REPLY_BYTES:
                return b""
    except (requests.RequestException, OSError):
        return b""
    return bytes(data)


def _read_message(data: bytes) -> str:
    found = read_json(data)
    said = found.get("message") or found.get("error")
    return clean_line(said, longest=200) if isinstance(said, str) else ""


def _is_unsent(error: Exception) -> bool:
    """True if a request failed before any of it was sent."""
    import requests
    from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL | ValueError):
        return True
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, NewConnectionError | ConnectTimeoutError):
        return True
    # a certificate is looked at before anything is sent
    return isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY" in str(error)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
