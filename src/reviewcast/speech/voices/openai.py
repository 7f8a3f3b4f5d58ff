"""Any service that speaks as OpenAI's does: one POST a text, every reply proven."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import urlsplit

from msgspec import Meta

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError, VoiceUnavailable
from reviewcast.model.protocols import Access, VoiceInfo
from reviewcast.settings.fields import check_bounds
from reviewcast.speech.voices.openai_addresses import is_loopback, read_addresses
from reviewcast.speech.voices.openai_replies import decode_reply, find_code, read_message
from reviewcast.speech.voices.replies import LATER, ask_service, read_speech, refuse_unspeakable
from reviewcast.system.http import open_session
from reviewcast.system.retry_after import read_wait
from reviewcast.system.secret_variables import SecretKind, check_variable

if TYPE_CHECKING:
    import requests

_FORMATS = ("wav", "mp3", "flac", "pcm")

_KEYS = SecretKind(
    setting="[voice.openai] key_variable",
    noun="key",
    endings=("API_KEY", "APIKEY", "TTS_KEY", "SPEECH_KEY", "TOKEN"),
    shown=("API_KEY", "TOKEN"),
    example="OPENAI_API_KEY",
    other="SPEECH_API_KEY",
)
_PUBLIC = ("api.openai.com", "OPENAI_API_KEY")
_KEY = re.compile(r"[\x21-\x7e]+")
_AUDIO_TYPES = re.compile(r"audio/.+|application/octet-stream|binary/octet-stream|")
_PASSING = (408, 409, 425, 429)

_LANGUAGES = (
    "af ar az be bg bs ca cs cy da de el en es et fa fi fr gl he hi hr hu hy id is it ja kk kn ko"
    " lt lv mi mk mr ms ne nl no pl pt ro ru sk sl sr sv sw ta th tl tr uk ur vi zh"
)
"""Those that OpenAI names for its own models; others may speak fewer."""

_CORRECT = "Check base_url, model, voice and format in [voice.openai]."


@dataclass(frozen=True)
class OpenaiVoice:
    """OpenAI's speech, or a server that offers the same (Kokoro-FastAPI, LocalAI …).

    The text and the key go to base_url: look at it in a file that is not yours.
    """

    base_url: Annotated[
        str | tuple[str, ...],
        Meta(
            description="What comes before /audio/speech; https, or http on this machine and,"
            " without a key, in your own network. A list of several that speak the same is asked as"
            " one."
        ),
    ] = "https://api.openai.com/v1"
    model: Annotated[str, Meta(description="The service's name for it.")] = "gpt-4o-mini-tts"
    voice: Annotated[str, Meta(description="The service's name for it.")] = "alloy"
    format: Annotated[str, Meta(description="What is asked for: wav, mp3, flac or pcm.")] = "wav"
    speed: Annotated[float, Meta(ge=0.25, le=4, description="0.25 to 4.")] = 1.0
    instructions: Annotated[
        str,
        Meta(description='How to speak, such as "Warm and unhurried", for models that take it.'),
    ] = ""
    key_variable: Annotated[
        str,
        Meta(
            description='The name of the variable that holds the key, never the key; "" for none.'
        ),
    ] = field(default="OPENAI_API_KEY", metadata={"sounds": False})
    timeout_s: Annotated[
        float, Meta(ge=0.1, le=600, description="Seconds that the service may be silent.")
    ] = field(default=60.0, metadata={"sounds": False})

    info: ClassVar[VoiceInfo] = VoiceInfo(
        name="openai",
        version="1",
        max_chars=4096,
        max_workers=8,
        online=True,
        needs="a key in OPENAI_API_KEY, or a server of your own",
        languages=tuple(_LANGUAGES.split()),
    )

    def __post_init__(self) -> None:
        addresses = read_addresses(self.base_url, has_key=bool(self.key_variable))
        object.__setattr__(self, "base_url", addresses)
        if self.key_variable:
            check_variable(self.key_variable, _KEYS)
        for name in ("model", "voice"):
            if not getattr(self, name).strip():
                raise ConfigError(f"[voice.openai] {name} must not be empty.")
        if self.format not in _FORMATS:
            raise ConfigError(
                f"[voice.openai] format cannot be {self.format!r}.",
                hint=f"There are: {', '.join(_FORMATS)}.",
            )
        check_bounds(self, "[voice.openai]")

    def speak(self, text: str, *, language: str) -> Take:
        """Speak up to 4,096 characters, at the rate of the reply (pcm: 24 kHz).

        The service takes no language: its model tells it from the text. Raise ConfigError
        without a key, VoiceError for what the service refuses for good, VoiceUnavailable for
        what may pass and for every reply that is not whole audio. What only sounds as if a part
        were missing is told by the take's `doubts`. Of several addresses the first that answers
        speaks; a build asks each by itself.
        """
        *others, last = self.endpoints
        for one in others:
            with suppress(VoiceUnavailable):
                return one.speak(text, language=language)
        if others:
            return last.speak(text, language=language)
        refuse_unspeakable(text, service="The voice openai", max_chars=self.info.max_chars)
        key = self._find_key()
        reply, data = ask_service(
            self._prepare(text, key),
            service=self._service,
            timeout_s=self.timeout_s,
            direct=is_loopback(self._address),
        )
        self._check_answer(reply, data, key)
        return read_speech(
            lambda: decode_reply(data, self.format), text, service=self._service, speed=self.speed
        )

    @property
    def endpoints(self) -> "tuple[OpenaiVoice, ...]":
        """Return a voice for each address, in their order."""
        if isinstance(self.base_url, str):
            return (self,)
        return tuple(replace(self, base_url=url) for url in self.base_url)

    @property
    def access(self) -> tuple[Access, ...]:
        """Return where the text and the key go, but for this machine and OpenAI's own service."""
        if not isinstance(self.base_url, str):
            return tuple(dict.fromkeys(found for one in self.endpoints for found in one.access))
        host = urlsplit(self.base_url).netloc.lower()
        if is_loopback(self.base_url) or (host, self.key_variable) == _PUBLIC:
            return ()
        key = f" with the key in {self.key_variable}" if self.key_variable else ""
        return (Access(f"speech{key} from", host),)

    @property
    def _address(self) -> str:
        return self.base_url if isinstance(self.base_url, str) else self.base_url[0]

    @property
    def _service(self) -> str:
        return f"The voice openai at {urlsplit(self._address).netloc}"

    def check_setup(self) -> None:
        """Raise ConfigError when the key is missing that a service wants."""
        if isinstance(self.base_url, str):
            self._find_key()
        else:
            for one in self.endpoints:
                one.check_setup()

    def _find_key(self) -> str:
        """Return the key, empty for a service that wants none. No message may repeat it."""
        if not self.key_variable:
            return ""
        key = os.environ.get(self.key_variable, "").strip()
        if not key and not is_loopback(self._address):
            raise ConfigError(
                f"The variable {self.key_variable} is not set, and {self._service} wants a key.",
                hint=f"Set {self.key_variable} to your key; for a service that wants none, "
                'key_variable = "" in [voice.openai].',
            )
        if key and not _KEY.fullmatch(key):
            raise ConfigError(
                f"The variable {self.key_variable} holds signs that no key has.",
                hint="Copy the key again.",
            )
        return key

    def _prepare(self, text: str, key: str) -> "requests.PreparedRequest":
        import requests

        body: dict[str, Any] = {
            "model": self.model,
            "voice": self.voice,
            "input": text,
            "response_format": self.format,
        }
        # models that do not know these two may refuse them
        if self.speed != 1:
            body["speed"] = self.speed
        if self.instructions:
            body["instructions"] = self.instructions

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            # as requests' auth, so that no .netrc takes its place
            if key:
                request.headers["Authorization"] = f"Bearer {key}"
            return request

        url = f"{self._address.rstrip('/')}/audio/speech"
        return open_session().prepare_request(requests.Request("POST", url, json=body, auth=sign))

    def _check_answer(self, reply: "requests.Response", data: bytes, key: str) -> None:
        """Hold the status and the kind of an answer against what was asked for."""
        status = reply.status_code
        if status in {401, 403}:
            # the service's own words repeat a part of the key
            raise VoiceError(
                f"{self._service} refuses the key ({status}).",
                hint=f"Check the key in {self.key_variable}, and what it may be used for."
                if self.key_variable
                else "Name the variable that holds your key as key_variable in [voice.openai].",
            )
        if status == 429 and find_code(data) == "insufficient_quota":
            raise VoiceError(
                f"{self._service} says that the account has no credit left (429).",
                hint="Top it up and run the same command again; what was spoken is kept.",
            )
        if status in _PASSING or status >= 500:
            what = "asks to slow down (429)" if status == 429 else f"answered {status}"
            raise VoiceUnavailable(
                f"{self._service} {what}.",
                hint=LATER,
                retry_after_s=read_wait(reply),
                slow_down=status == 429,
            )
        if 300 <= status < 400:
            raise VoiceError(
                f"{self._service} leads elsewhere ({status}), where the key is not sent.",
                hint="Write the final address as base_url in [voice.openai].",
            )
        if status != 200:
            said = read_message(data, key)
            raise VoiceError(
                f"{self._service} refuses the request ({status})" + (f": {said}" if said else "."),
                hint=_CORRECT,
            )
        kind = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if not _AUDIO_TYPES.fullmatch(kind):
            raise VoiceUnavailable(
                f"{self._service} answered without any audio.", hint=f"{_CORRECT} {LATER}"
            )
