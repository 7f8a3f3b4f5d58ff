"""What a voice does wrong is named as the voice's, wherever it speaks."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from tests.support.tones import make_script

from reviewcast.model.audio import Take
from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.model.events import ignore_events
from reviewcast.settings.schema import SynthesizeSettings
from reviewcast.speech.synthesize import synthesize_script
from reviewcast.speech.take_checks import find_fault, speak_checked
from reviewcast.speech.workers import open_pool
from reviewcast.system.cache import Cache
from reviewcast.testing.tone_voice import ToneVoice
from reviewcast.testing.voice import check_voice

TONE = ToneVoice().speak("A word.", language="en")
SAMPLES = np.frombuffer(TONE.pcm, "<i2")
FAULTS = {
    "none": (None, "None, and no Take"),
    "array": (SAMPLES, "type ndarray, and no Take"),
    "array inside": (Take(SAMPLES, 24_000), "pcm is a value of type ndarray"),
    "bytearray": (Take(bytearray(TONE.pcm), 24_000), "pcm is a value of type bytearray"),
    "text": (Take("speech", 24_000), "pcm is a value of type str"),
    "empty": (Take(b"", 24_000), "is empty"),
    "odd": (Take(TONE.pcm[:-1], 24_000), "an odd number"),
    "rate of nothing": (Take(TONE.pcm, 0), "a rate of 0"),
    "rate below": (Take(TONE.pcm, -24_000), "a rate of -24000"),
    "rate beyond": (Take(TONE.pcm, 10**9), "a rate of 1000000000"),
    "rate as a float": (Take(TONE.pcm, 24_000.0), "a rate of 24000.0"),
    "rate as text": (Take(TONE.pcm, "24000"), "a rate of '24000'"),
    "no rate": (Take(TONE.pcm, None), "a rate of None"),
    "file": (Take(b"RIFF" + TONE.pcm, 24_000), "an audio file"),
    "constant": (Take(np.full(9000, 12_000, "<i2").tobytes(), 24_000), "the same value"),
    "low constant": (Take(np.full(9000, -32_768, "<i2").tobytes(), 24_000), "the same value"),
    "marks of one": (Take(TONE.pcm, 24_000, ((1,),)), "marks are not pairs"),
    "no marks": (Take(TONE.pcm, 24_000, None), "marks are not pairs"),
    "marks as floats": (Take(TONE.pcm, 24_000, ((0, 1.5),)), "marks are not pairs"),
    "exit": (SystemExit(0), "failed with SystemExit: 0"),
    "exit with a word": (SystemExit("no licence"), "failed with SystemExit: no licence"),
    "error": (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    "memory": (MemoryError(), "failed with MemoryError."),
}


@dataclass(frozen=True)
class _Faulty(ToneVoice):
    """Speaks well unless a fault is asked for, in a process of its own too."""

    always: str = ""

    name: ClassVar[str] = "faulty"

    def speak(self, text, *, language):
        kind = self.always or text.partition(" is ")[0]
        if kind not in FAULTS:
            return super().speak(text, language=language)
        fault = FAULTS[kind][0]
        if isinstance(fault, BaseException):
            raise fault
        return fault


@dataclass(frozen=True)
class _FaultyService(_Faulty):
    online: ClassVar[bool] = True
    max_workers: ClassVar[int] = 2


def _synthesize(voice, folder, *texts):
    store = Cache(folder / "cache").takes
    settings = SynthesizeSettings(attempts=2, first_wait_s=0, longest_wait_s=0, patience_s=0.5)
    return synthesize_script(
        make_script(list(texts)),
        voice,
        settings,
        store=store,
        open_pool=lambda: open_pool(voice, characters=0),
        notify=ignore_events,
    )


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_names_the_voice(tmp_path, kind):
    """A voice's fault is its own: one sentence that names it and the text, with a hint."""
    text = f"{kind} is what this asks for."
    with pytest.raises(VoiceError) as caught:
        _synthesize(_FaultyService(), tmp_path, "This one is good.", text)
    error = caught.value
    assert not isinstance(error, VoiceUnavailable)  # asking again would not help
    assert "The voice faulty " in error.message
    assert FAULTS[kind][1] in error.message
    assert "segment 2" in error.message
    assert "a fault of the voice faulty" in error.hint
    assert error.exit_code == 5


@pytest.mark.parametrize("kind", ["exit", "array", "rate of nothing", "constant"])
def test_a_fault_in_a_process_of_its_own_names_the_voice(tmp_path, kind):
    """A voice that computes is found out where it speaks, and the program goes on."""
    with pytest.raises(VoiceError, match="The voice faulty ") as caught:
        _synthesize(_Faulty(), tmp_path, f"{kind} is what this asks for.")
    assert FAULTS[kind][1] in caught.value.message
    assert "a fault of the voice faulty" in caught.value.hint


@pytest.mark.parametrize("kind", FAULTS)
def test_check_voice_says_the_same(kind):
    """Whoever tests a voice hears of its fault in the words in which its users would."""
    with pytest.raises(AssertionError) as caught:
        check_voice(_Faulty(always=kind))
    assert FAULTS[kind][1].removeprefix("failed with ").rstrip(".") in str(caught.value)


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100, 192_000])
def test_takes_of_any_usual_rate_are_takes(rate_hz):
    """Silence, a click, one sample, and speech beside an offset are all takes."""
    click = np.zeros(5000, "<i2")
    click[97 * 3 + 1] = 30_000
    offset = np.full(5000, 8000, "<i2") + (np.arange(5000) % 200).astype("<i2")
    pieces = (TONE.pcm, bytes(2), bytes(9000), click.tobytes(), offset.tobytes(), b"\x07\x00" * 50)
    assert [find_fault(Take(pcm, rate_hz)) for pcm in pieces] == [""] * len(pieces)


def test_what_is_no_fault_of_the_voice_passes():
    """An error of the tree is left as it is, and Ctrl-C is no fault."""

    @dataclass(frozen=True)
    class Raising(ToneVoice):
        def speak(self, text, *, language):
            raise {"away": VoiceUnavailable("Later."), "stop": KeyboardInterrupt()}[text]

    with pytest.raises(VoiceUnavailable, match="Later"):
        speak_checked(Raising(), "away", "en")
    with pytest.raises(KeyboardInterrupt):
        speak_checked(Raising(), "stop", "en")
