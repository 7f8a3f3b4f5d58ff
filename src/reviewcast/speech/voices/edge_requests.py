"""One request to the Edge service, over its websocket."""

import asyncio
import functools
import os
import ssl
from typing import TYPE_CHECKING, Any

from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.speech.voices.replies import LATER
from reviewcast.system.extras import compose_install_line
from reviewcast.system.retry_after import parse_wait

if TYPE_CHECKING:
    from edge_tts import Communicate

_ADDRESS = "https://speech.platform.bing.com/"

CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")

_MOST_BYTES = 16 << 20  # three quarters of an hour

Words = list[tuple[str, int]]


def request_speech(
    client: "Communicate", timeout_s: float, *, most_bytes: int = _MOST_BYTES
) -> tuple[bytes, Words]:
    """Return the service's reply, in an event loop of this call's own: any thread may call.

    Raise VoiceUnavailable when it cannot be reached, refuses, breaks off or sends more than
    `most_bytes`, VoiceError when it cannot prove who it is.
    """
    import aiohttp
    from edge_tts.exceptions import EdgeTTSException, NoAudioReceived, SkewAdjustmentError

    try:
        with asyncio.Runner(loop_factory=_Loop) as runner:
            data, words = runner.run(_receive(client, timeout_s, most_bytes))
    except aiohttp.ClientConnectorCertificateError as error:
        raise VoiceError(
            "Edge's voice has a certificate that cannot be verified.",
            hint="Behind a proxy, point REQUESTS_CA_BUNDLE at its certificates.",
        ) from error
    except (aiohttp.WSServerHandshakeError, SkewAdjustmentError) as error:
        raise _explain_refusal(error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise VoiceUnavailable(
            "Edge's voice cannot be reached.", hint=f"Check the network. {LATER}"
        ) from error
    except NoAudioReceived as error:
        raise VoiceUnavailable(
            "Edge answered without any audio.",
            hint=f"Check voice in [voice.edge], and that it speaks this language. {LATER}",
        ) from error
    except (EdgeTTSException, ValueError, LookupError, TypeError) as error:  # it met no protocol
        raise VoiceUnavailable("Edge answered with something else.", hint=LATER) from error
    # edge-tts says nothing of a connection that ends early; the last message alone sets this
    if not client.state.get("offset_compensation", 1):
        raise VoiceUnavailable("Edge broke off before the end.", hint=LATER)
    return data, words


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that ends with none of its connections open.

    Else those stay that wait for the other side's goodbye, as TLS does for 30 s.
    """

    def __init__(self) -> None:
        super().__init__()
        self._opened: list[asyncio.Transport] = []

    async def create_connection(self, *arguments: Any, **options: Any) -> Any:
        transport, protocol = await super().create_connection(*arguments, **options)
        self._opened.append(transport)
        return transport, protocol

    async def shutdown_asyncgens(self) -> None:
        await super().shutdown_asyncgens()
        for transport in self._opened:
            transport.abort()
        await asyncio.sleep(0)  # one round of the loop, in which they close


async def _receive(client: "Communicate", timeout_s: float, most_bytes: int) -> tuple[bytes, Words]:
    """Receive the audio, and each word with the ticks of 100 ns at which it begins."""
    data = bytearray()
    words: Words = []
    loop = asyncio.get_running_loop()
    # aiohttp's own timeouts end where the websocket begins
    async with asyncio.timeout(timeout_s) as silence:
        async for event in client.stream():
            silence.reschedule(loop.time() + timeout_s)
            if event["type"] == "audio":
                data += event["data"]
            elif event["type"] == "WordBoundary":
                words.append((event["text"], int(event["offset"])))
            if len(data) > most_bytes:
                raise VoiceUnavailable("Edge does not end its answer.", hint=LATER)
    return bytes(data), words


def _explain_refusal(error: Exception) -> VoiceUnavailable:
    """Return what a status in place of a connection means.

    After a first 403 edge-tts has set its clock by the service's and asked again.
    """
    status = getattr(error, "status", 403)
    headers = getattr(error, "headers", None) or {}
    if status == 403:
        return VoiceUnavailable(
            "Edge's voice refuses the connection (403).",
            hint=f"{LATER} Or upgrade it: {compose_install_line('edge', upgrade=True)}",
        )
    return VoiceUnavailable(
        "Edge's voice asks to slow down (429)."
        if status == 429
        else f"Edge's voice answered {status}.",
        hint=LATER,
        retry_after_s=parse_wait(headers.get("Retry-After", "")),
        slow_down=status == 429,
    )


def find_proxy() -> str | None:
    """Return the proxy that the environment asks for, as for the other voices.

    aiohttp itself would look for one named WSS_PROXY.
    """
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(_ADDRESS, get_environ_proxies(_ADDRESS))
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


def trust_environment() -> None:
    """Trust the certificates that a variable names, beside those of certifi.

    Raise VoiceError when they cannot be read.
    """
    variable = next((name for name in CERTIFICATES if os.environ.get(name)), "")
    if not variable:
        return
    try:
        trust_bundle(os.environ[variable])
    except OSError as error:
        raise VoiceError(
            f"The certificates cannot be read: {error}.", hint=f"Correct or unset {variable}."
        ) from error


@functools.cache
def trust_bundle(path: str) -> None:
    """Make edge-tts trust the certificates of a file, too."""
    from edge_tts import communicate

    # edge-tts offers no setting for it; should it rename this, its certificates alone count
    context = getattr(communicate, "_SSL_CTX", None)
    if isinstance(context, ssl.SSLContext):
        folder = os.path.isdir(path)
        context.load_verify_locations(
            cafile=None if folder else path, capath=path if folder else None
        )


@functools.cache
def hush_libraries() -> None:
    """Keep what they log of a broken connection from standard error, unless a handler is set up."""
    import logging

    for name in ("aiohttp", "asyncio"):
        logging.getLogger(name).addHandler(logging.NullHandler())
