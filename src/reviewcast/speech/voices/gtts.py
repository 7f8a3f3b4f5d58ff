"""Google's voice by gTTS: one verified session, one part a call, every reply proven."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceUnavailable
from reviewcast.model.protocols import VoiceInfo
from reviewcast.settings.fields import check_bounds
from reviewcast.speech.voices.replies import (
    LATER,
    ask_service,
    decode_mp3,
    read_speech,
    refuse_unspeakable,
)
from reviewcast.system.retry_after import read_wait

if TYPE_CHECKING:
    import requests
    from gtts import gTTS

_AUDIO = re.compile(rb'"jQ1olc","\[\\"(.*?)\\"')


def _list_languages() -> list[str]:
    """Return the languages that gTTS knows Google to speak."""
    from gtts.lang import tts_langs

    return sorted(tts_langs())


@dataclass(frozen=True)
class GttsVoice:
    """Google Translate's voice: natural, free, unofficial. It sends the text to Google."""

    language: Annotated[str, Meta(description="Overrides the review's.")] = ""
    tld: Annotated[
        str, Meta(description='The accent: "com", "co.uk", "com.au", "ca", "co.in" …')
    ] = "com"
    slow: Annotated[bool, Meta(description="True for a slow reading.")] = False
    timeout_s: Annotated[
        float, Meta(ge=0.1, le=300, description="Seconds that one request may take.")
    ] = field(default=15.0, metadata={"sounds": False})

    info: ClassVar[VoiceInfo] = VoiceInfo(
        name="gtts",
        version="1",
        max_chars=100,
        max_workers=8,
        online=True,
        languages=_list_languages,
        stock=True,
    )

    def __post_init__(self) -> None:
        if not re.fullmatch(r"com|cat|[a-z]{2}|com?\.[a-z]{2}", self.tld):
            raise ConfigError(
                f"[voice.gtts] tld cannot be {self.tld!r}.", hint='Such as "com" or "co.uk".'
            )
        check_bounds(self, "[voice.gtts]")

    def speak(self, text: str, *, language: str) -> Take:
        """Speak up to 100 characters at 24 kHz.

        Raise ConfigError for a language that Google does not speak, VoiceError for a text that
        it does not take, VoiceUnavailable for every reply that is not whole audio. What only
        sounds as if a part were missing is told by the take's `doubts`.
        """
        refuse_unspeakable(text, service="Google", max_chars=self.info.max_chars)
        client = _make_client(text, self, self._find_language(language))
        data = b"".join(client.stream())
        return read_speech(lambda: decode_mp3(data, by_lame=True), text, service="Google")

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


def _make_client(text: str, voice: GttsVoice, language: str) -> "gTTS":
    """Make a gTTS whose requests go through our session and whose replies are checked."""
    from gtts import gTTS

    class CheckedTTS(gTTS):  # type: ignore[misc]
        def stream(self) -> Iterator[bytes]:
            (request,) = self._prepare_requests()
            # gTTS itself passes verify=False
            reply = ask_service(request, service="Google's voice", timeout_s=self.timeout)
            yield _read_audio(*reply)

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


def _read_audio(reply: "requests.Response", data: bytes) -> bytes:
    """Take the audio out of a reply.

    Raise VoiceUnavailable when the service refuses for now or answers with anything else.
    """
    if reply.status_code == 429:
        raise VoiceUnavailable(
            "Google asks to slow down (429).",
            hint=LATER,
            retry_after_s=read_wait(reply),
            slow_down=True,
        )
    if reply.status_code == 302 and "/sorry/" in reply.headers.get("Location", ""):
        raise VoiceUnavailable(
            "Google asks whether we are a robot: it wants a pause.", hint=LATER, slow_down=True
        )
    if reply.status_code != 200:
        raise VoiceUnavailable(
            f"Google's voice answered {reply.status_code}.",
            hint=LATER,
            retry_after_s=read_wait(reply),
        )
    found = _AUDIO.search(data)
    if found is None:
        raise VoiceUnavailable("Google answered without any audio.", hint=LATER)
    try:
        return base64.b64decode(found[1], validate=True)
    except binascii.Error as error:
        raise VoiceUnavailable("Google answered with broken audio.", hint=LATER) from error
