"""Google's voice by gTTS: one verified session, one part a call, every reply proven."""

import base64
import binascii
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, ClassVar

from reviewcast.errors import ConfigError, SoundError, VoiceError, VoiceUnavailable
from reviewcast.model import Take
from reviewcast.mp3 import find_frames
from reviewcast.sound import decode_speech, is_cut_off, is_silent

if TYPE_CHECKING:
    import requests
    from gtts import gTTS

_AUDIO = re.compile(rb'"jQ1olc","\[\\"(.*?)\\"')
_SLOWEST_CHARS_PER_S = 30.0
"""More characters a second than this nobody speaks: a part of the audio is missing."""
_LATER = "Wait a while and run the same command again; what was spoken is kept."


@dataclass(frozen=True)
class GttsVoice:
    """Google Translate's voice: natural, free, unofficial, needs the network.

    `tld` chooses the accent ("com", "co.uk", "com.au" …), `slow` a slow reading. `language`
    overrides the review's. A request may take `timeout_s`.
    """

    language: str = ""
    tld: str = "com"
    slow: bool = False
    timeout_s: float = field(default=15.0, metadata={"sounds": False})

    name: ClassVar[str] = "gtts"
    version: ClassVar[str] = "1"
    max_chars: ClassVar[int] = 100
    max_workers: ClassVar[int] = 4
    online: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z]{2,3}(\.[a-z]{2,3})?", self.tld):
            raise ConfigError(
                f"[voice.gtts] tld cannot be {self.tld!r}.", hint='Such as "com" or "co.uk".'
            )
        if not 0.1 <= self.timeout_s <= 300:
            raise ConfigError("[voice.gtts] timeout_s must be from 0.1 to 300.")

    def speak(self, text: str, *, language: str) -> Take:
        """Speak up to 100 characters at 24 kHz.

        Raises ConfigError for a language that Google does not speak, VoiceError for a text that
        it does not take, VoiceUnavailable for every reply that is not the whole audio of it.
        """
        if not any(map(str.isalnum, text)) or len(text) > self.max_chars:
            raise VoiceError(
                f"Google takes 1 to {self.max_chars} characters with a word in them, "
                f"not {text[:60]!r}.",
                hint="Please report it: the script should hold no such segment.",
            )
        client = _make_client(text, self, self._find_language(language))
        data = b"".join(client.stream())
        try:
            if not list(find_frames(data)):
                raise SoundError("The reply is empty.")
            take = decode_speech(data)
        except SoundError as error:
            raise VoiceUnavailable(
                f"Google answered with broken audio for {text[:60]!r}.", hint=_LATER
            ) from error
        letters = sum(map(str.isalnum, text))
        if len(take.pcm) / 2 / take.rate_hz < letters / _SLOWEST_CHARS_PER_S:
            raise VoiceUnavailable(
                f"Google answered with too little audio for {text[:60]!r}.", hint=_LATER
            )
        if is_silent(take):
            raise VoiceUnavailable(f"Google answered with silence for {text[:60]!r}.", hint=_LATER)
        if is_cut_off(take):
            raise VoiceUnavailable(f"Google's audio breaks off for {text[:60]!r}.", hint=_LATER)
        return take

    def _find_language(self, language: str) -> str:
        from gtts.lang import tts_langs

        wanted = self.language or language
        known: dict[str, str] = {code.lower(): code for code in tts_langs()}
        for code in (wanted.lower(), wanted.lower().partition("-")[0]):
            if code in known:
                return known[code]
        raise ConfigError(
            f"Google speaks no language {wanted!r}.",
            hint="Set language in the review's front matter, or in [voice.gtts].",
        )


@functools.cache
def _open_session() -> "requests.Session":
    """Open the one session: kept-alive connections for all workers, TLS verified."""
    import requests

    session = requests.Session()
    session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=16))
    return session


def _make_client(text: str, voice: GttsVoice, language: str) -> "gTTS":
    """Make a gTTS whose requests go through our session and whose replies are checked."""
    import requests
    from gtts import gTTS

    class CheckedTTS(gTTS):  # type: ignore[misc]
        def stream(self) -> Iterator[bytes]:
            (request,) = self._prepare_requests()
            session = _open_session()
            try:
                # gTTS itself passes verify=False; the environment decides (REQUESTS_CA_BUNDLE)
                options = session.merge_environment_settings(request.url, {}, False, None, None)
                reply = session.send(
                    request, timeout=self.timeout, allow_redirects=False, **options
                )
            except requests.exceptions.RequestException as error:
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise VoiceError(
                        "Google's certificate cannot be verified.",
                        hint="Behind a proxy, point REQUESTS_CA_BUNDLE at its certificates.",
                    ) from error
                raise VoiceUnavailable(
                    "Google's voice cannot be reached.", hint=f"Check the network. {_LATER}"
                ) from error
            except OSError as error:  # requests' word for certificates that are not there
                raise VoiceError(
                    f"The certificates cannot be read: {error}.",
                    hint="Correct or unset REQUESTS_CA_BUNDLE.",
                ) from error
            yield _read_audio(reply)

    return CheckedTTS(
        text,
        tld=voice.tld,
        lang=language,
        slow=voice.slow,
        lang_check=False,
        pre_processor_funcs=[],
        tokenizer_func=lambda whole: [whole],
        timeout=voice.timeout_s,
    )


def _read_audio(reply: "requests.Response") -> bytes:
    """Take the audio out of a reply.

    Raises VoiceUnavailable when the service refuses for now or answers with anything else.
    """
    if reply.status_code == 429:
        raise VoiceUnavailable(
            "Google asks to slow down (429).", hint=_LATER, retry_after_s=_read_wait(reply)
        )
    if reply.status_code != 200:
        raise VoiceUnavailable(
            f"Google's voice answered {reply.status_code}.",
            hint=_LATER,
            retry_after_s=_read_wait(reply),
        )
    found = _AUDIO.search(reply.content)
    if found is None:
        raise VoiceUnavailable("Google answered without any audio.", hint=_LATER)
    try:
        return base64.b64decode(found[1], validate=True)
    except binascii.Error as error:
        raise VoiceUnavailable("Google answered with broken audio.", hint=_LATER) from error


def _read_wait(reply: "requests.Response") -> float | None:
    """Give the seconds that Retry-After asks for, whether it is a number or a date."""
    import datetime as dt

    value = reply.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
