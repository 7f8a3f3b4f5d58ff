"""Microsoft Edge's voices by edge-tts: one verified connection a text, every reply proven."""

import importlib.util
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError
from reviewcast.model.protocols import VoiceInfo
from reviewcast.settings.fields import check_bounds
from reviewcast.speech.voices.edge_requests import (
    Words,
    find_proxy,
    hush_libraries,
    request_speech,
    trust_environment,
)
from reviewcast.speech.voices.replies import decode_mp3, read_speech, refuse_unspeakable
from reviewcast.system.extras import compose_install_line

if TYPE_CHECKING:
    from edge_tts import Communicate

_NAMES = """
    af-ZA-Adri am-ET-Mekdes ar-SA-Zariyah ar-AE-Fatima ar-EG-Salma az-AZ-Banu bg-BG-Kalina
    bn-BD-Nabanita bn-IN-Tanishaa bs-BA-Vesna ca-ES-Joana cs-CZ-Vlasta cy-GB-Nia da-DK-Christel
    de-DE-Katja de-AT-Ingrid de-CH-Leni el-GR-Athina en-US-Ava en-AU-Natasha en-CA-Clara
    en-GB-Sonia en-IE-Emily en-IN-Neerja en-NZ-Molly en-ZA-Leah es-ES-Elvira es-AR-Elena
    es-CO-Salome es-MX-Dalia es-US-Paloma et-EE-Anu fa-IR-Dilara fi-FI-Noora fil-PH-Blessica
    fr-FR-Denise fr-BE-Charline fr-CA-Sylvie fr-CH-Ariane ga-IE-Orla gl-ES-Sabela gu-IN-Dhwani
    he-IL-Hila hi-IN-Swara hr-HR-Gabrijela hu-HU-Noemi id-ID-Gadis is-IS-Gudrun it-IT-Elsa
    ja-JP-Nanami jv-ID-Siti ka-GE-Eka kk-KZ-Aigul km-KH-Sreymom kn-IN-Sapna ko-KR-SunHi
    lo-LA-Keomany lt-LT-Ona lv-LV-Everita mk-MK-Marija ml-IN-Sobhana mn-MN-Yesui mr-IN-Aarohi
    ms-MY-Yasmin mt-MT-Grace my-MM-Nilar nb-NO-Pernille ne-NP-Hemkala nl-NL-Colette nl-BE-Dena
    pl-PL-Zofia ps-AF-Latifa pt-BR-Francisca pt-PT-Raquel ro-RO-Alina ru-RU-Svetlana si-LK-Thilini
    sk-SK-Viktoria sl-SI-Petra so-SO-Ubax sq-AL-Anila sr-RS-Sophie su-ID-Tuti sv-SE-Sofie
    sw-KE-Zuri sw-TZ-Rehema ta-IN-Pallavi te-IN-Shruti th-TH-Premwadee tr-TR-Emel uk-UA-Polina
    ur-PK-Uzma ur-IN-Gul uz-UZ-Madina vi-VN-HoaiMy zh-CN-Xiaoxiao zh-HK-HiuGaai zh-TW-HsiaoChen
    zu-ZA-Thando
"""
"""A neural voice for each language; the first of a language speaks it where no region is told."""

VOICES: dict[str, str] = {}
"""A voice for each language, and for each of its regions, by their tags."""
for _name in _NAMES.split():
    _region = _name.rpartition("-")[0]
    for _tag in (_region.partition("-")[0], _region):
        VOICES.setdefault(_tag, f"{_name}Neural")

_SAME_TAGS = {"no": "nb", "tl": "fil", "yue": "zh-hk", "zh-hant": "zh-tw"}

# it is set between quotes of SSML as it stands
_VOICE = re.compile(r"[a-z]{2,3}-[A-Z]{2}-([a-z]+-)?[A-Za-z]+Neural", re.ASCII)
_TICKS_PER_S = 10_000_000

_MOST_DRIFT = 1.25
"""A word that is told to begin so much later than the audio ends is missing from it; the service's
times are not exact where speech is slowed, but never so far off."""


@dataclass(frozen=True)
class EdgeVoice:
    """Microsoft Edge's neural voices: natural, free, unofficial.

    It needs the package edge-tts, and sends the text to Microsoft.
    """

    voice: Annotated[
        str,
        Meta(
            description='One of its voices, such as "en-GB-SoniaNeural"; "" goes by the language.'
        ),
    ] = ""
    speed: Annotated[float, Meta(ge=0.5, le=2, description="0.5 to 2.")] = 1.0
    pitch_hz: Annotated[
        int, Meta(ge=-100, le=100, description="Higher or lower than the voice's own, -100 to 100.")
    ] = 0
    timeout_s: Annotated[
        float, Meta(ge=0.1, le=300, description="Seconds that the service may be silent.")
    ] = field(default=15.0, metadata={"sounds": False})

    info: ClassVar[VoiceInfo] = VoiceInfo(
        name="edge",
        version="1",
        max_chars=800,  # a request has 4,096 bytes, a character five at most, as of "&amp;"
        max_workers=4,
        online=True,
        needs=f"edge-tts: {compose_install_line('edge')}",
        languages=tuple(sorted(VOICES)),
        stock=True,
    )

    def __post_init__(self) -> None:
        if self.voice and not _VOICE.fullmatch(self.voice):
            raise ConfigError(
                f"[voice.edge] voice cannot be {self.voice!r}.",
                hint='Such as "en-GB-SoniaNeural": edge-tts --list-voices lists them.',
            )
        check_bounds(self, "[voice.edge]")

    def speak(self, text: str, *, language: str) -> Take:
        """Speak up to 800 characters at 24 kHz, and mark the words when the service tells them.

        Raise ConfigError without the package edge-tts and for a language without a voice,
        VoiceError for a text that it does not take and a certificate that proves nothing,
        VoiceUnavailable for every reply that is not whole audio. What only sounds as if a part
        were missing is told by the take's `doubts`.
        """
        refuse_unspeakable(text, service="Edge", max_chars=self.info.max_chars)
        voice = self.voice or _find_voice(language)
        data, words = request_speech(self._prepare(text, voice), self.timeout_s)
        take = read_speech(lambda: decode_mp3(data), text, service="Edge", speed=self.speed)
        told_s = max((ticks for _, ticks in words), default=0) / _TICKS_PER_S
        doubts = take.doubts
        if told_s > _MOST_DRIFT * len(take.pcm) / 2 / take.rate_hz:
            doubts = (*doubts, "ends before the last word that it reports")
        return Take(take.pcm, take.rate_hz, mark_words(text, words, take), doubts)

    def check_setup(self) -> None:
        """Raise ConfigError when the package is missing that it needs."""
        if importlib.util.find_spec("edge_tts") is None:
            raise _tell_missing()

    def _prepare(self, text: str, voice: str) -> "Communicate":
        try:
            import edge_tts
        except ImportError as error:
            raise _tell_missing() from error
        hush_libraries()
        trust_environment()
        return edge_tts.Communicate(
            text,
            voice,
            rate=f"{round(100 * self.speed) - 100:+d}%",
            pitch=f"{self.pitch_hz:+d}Hz",
            boundary="WordBoundary",
            proxy=find_proxy(),
        )


def _tell_missing() -> ConfigError:
    return ConfigError(
        "The voice edge needs the package edge-tts.",
        hint=f"Install it: {compose_install_line('edge')}",
    )


def _find_voice(language: str) -> str:
    """Return the voice for a tag, shortened until there is one (RFC 4647, 3.4)."""
    known = {tag.lower(): voice for tag, voice in VOICES.items()}
    tag = language.lower()
    while tag:
        if voice := known.get(_SAME_TAGS.get(tag, tag)):
            return voice
        tag = tag.rpartition("-")[0]
    raise ConfigError(
        f"Edge has no voice for the language {language!r}.",
        hint="Set language in the review's front matter, or voice in [voice.edge].",
    )


def mark_words(text: str, words: Words, take: Take) -> tuple[tuple[int, int], ...]:
    """Find the words in the text, and return none when they are not exactly all of its words.

    The service reports some words in another spelling, and some at a wrong time.
    """
    marks: list[tuple[int, int]] = []
    at = 0
    for word, ticks in words:
        start = text.find(word, at)
        if start < 0 or any(map(str.isalnum, text[at:start])):
            return ()
        at = start + len(word)
        letter = next((n for n in range(start, at) if text[n].isalnum()), None)
        if letter is not None:
            marks.append((letter, ticks * take.rate_hz // _TICKS_PER_S))
    samples = [0, *(sample for _, sample in marks), len(take.pcm) // 2]
    if samples != sorted(samples) or any(map(str.isalnum, text[at:])):
        return ()
    return tuple(marks)
