"""The embedded voice: repeatable, whatever its path, and never without a word."""

import dataclasses
import hashlib
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import espeakng_loader
import pytest

from reviewcast.audio.measure import measure_take
from reviewcast.model.errors import ConfigError, VoiceError
from reviewcast.model.protocols import Voice
from reviewcast.speech.voices.espeak import EspeakVoice

TEXT = "The camera is the best part of this phone."
VOICE = EspeakVoice()


def speak(text=TEXT, *, language="en", **options):
    return EspeakVoice(**options).speak(text, language=language)


def measure_s(take):
    figures = measure_take(take)
    return (figures.end - figures.start) / figures.rate_hz


def hash_take(take):
    return hashlib.sha256(take.pcm).hexdigest()


def test_it_is_a_voice():
    """It has all that the protocol asks for, and travels to a worker."""
    assert isinstance(VOICE, Voice)
    assert pickle.loads(pickle.dumps(VOICE)) == VOICE
    assert not VOICE.info.online


def test_it_speaks():
    """A sentence takes as long as somebody would need for it."""
    take = VOICE.speak(TEXT, language="en")
    assert take.rate_hz == 22_050
    assert 1.5 < measure_s(take) < 4.5


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Amélie’s best film 🎬 is “good” — not great: it is Björk’s, too."),
        ("de", "Größe, „Maß“ und Übermut; das ist ein schöner Film."),
        ("fr", "C’est l’été : on s’aime, n’est-ce pas ?"),
    ],
)
def test_it_marks_its_words(language, text):
    """Marks stand at words, in order, and a word after a comma is heard where its mark says."""
    take = speak(text, language=language)
    words = {match.start() for match in re.finditer(r"(?<![^\W_])[^\W_]", text)}
    places, samples = zip(*take.marks, strict=True)
    assert set(places) <= words
    assert len(places) >= 0.8 * len(re.findall(r"\w\S*", text))
    assert list(samples) == sorted(samples)
    figures = measure_take(take)
    ends = [end for _, end in figures.pauses[1:-1]]
    marks = dict(take.marks)
    after = [at for at in places if text[:at].rstrip(" “„")[-1:] in {",", ";", ":", "—"}]
    assert len(after) >= 2
    for at in after:
        assert min(abs(end - marks[at]) for end in ends) <= 0.06 * take.rate_hz, text[at:]


def test_it_repeats_itself_within_a_process():
    """The same text gives the same samples, also after other texts."""
    first = speak()
    speak("Something else entirely, with other words in it!")
    speak("Etwas anderes.", language="de")
    assert speak() == first


def test_it_repeats_itself_across_processes():
    """A fresh process gives the same samples."""
    program = (
        "import hashlib\n"
        "from reviewcast.speech.voices.espeak import EspeakVoice\n"
        f"take = EspeakVoice().speak({TEXT!r}, language='en')\n"
        "print(hashlib.sha256(take.pcm).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == hash_take(speak())


def test_threads_wait_for_each_other():
    """Several threads at once neither abort the process nor change a sample."""
    texts = [f"This is sentence number {n}." for n in range(8)]
    alone = [speak(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(speak, texts)) == alone


@pytest.mark.parametrize("size", [120, 159, 160, 200, 400])
def test_a_long_path_to_the_data(tmp_path, monkeypatch, size):
    """From any path, however long, the same samples come."""
    wanted = speak()
    folder = Path(str(tmp_path))
    while len(str(folder)) < size - 60:
        folder /= "a" * 50
    folder /= "b" * max(1, size - len(str(folder)) - 1)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(espeakng_loader.get_data_path(), target_is_directory=True)
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(folder))
    links = []

    class Noted(tempfile.TemporaryDirectory):
        def __enter__(self):
            links.append(Path(super().__enter__()))
            return str(links[-1])

    monkeypatch.setattr(tempfile, "TemporaryDirectory", Noted)
    assert speak() == wanted
    assert len(links) == (len(os.fsencode(folder)) >= 160)
    assert not any(link.exists() for link in links)


def test_missing_data_is_an_error(tmp_path, monkeypatch):
    """Without its data the voice says so; the process lives on."""
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path / "none"))
    with pytest.raises(VoiceError) as caught:
        speak()
    assert caught.value.hint
    monkeypatch.undo()
    assert speak().pcm


def test_a_missing_library_is_an_error(tmp_path, monkeypatch):
    """Without its library the voice says so."""
    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: str(tmp_path / "none.so"))
    with pytest.raises(VoiceError, match="cannot be loaded"):
        speak()


@pytest.mark.parametrize(
    "language",
    ["en", "en-GB", "en_US", "EN", "de-AT", "fr", "fr-CA", "pt", "pt-BR", "zh", "es-MX", "no"],
)
def test_languages(language):
    """A language with any region, in any case, finds its voice."""
    assert measure_s(speak("Radio 7", language=language)) > 0.3


def test_accents_differ():
    """British is not American, and no region means American."""
    assert speak(language="en") == speak(language="en-US")
    assert speak(language="en-GB") != speak(language="en-US")
    assert speak(voice="en-gb") == speak(language="en-GB")
    assert speak(voice="en-gb+f3") != speak(voice="en-gb")
    assert speak(language="pt-PT") != speak(language="pt-BR")
    assert speak(language="pt-BR") == speak(language="pt")


@pytest.mark.parametrize("language", ["tlh", "xx-YY", "", "../../etc", "e\0n"])
def test_unknown_languages(language):
    """A language that it does not have is a mistake in the settings."""
    with pytest.raises(ConfigError) as caught:
        speak(language=language)
    assert caught.value.hint
    assert speak().pcm  # the library is left in order


def test_a_text_in_two_halves_of_a_zero_byte():
    """What stands behind a NUL is spoken too."""
    both, half = speak("One sentence.\0Another sentence."), speak("One sentence.")
    assert measure_s(both) > 1.6 * measure_s(half)


@pytest.mark.parametrize("text", ["映画", "😀 yes", "naïve café", "<b>bold</b> & 5 < 6", "100 %"])
def test_texts_of_any_kind(text):
    """Other scripts, emoji and markup neither fail nor are silent."""
    assert measure_s(speak(text)) > 0.2


def test_markup_is_spoken_as_text():
    """What looks like SSML is not obeyed."""
    pause = speak('One <break time="5s"/> two')
    assert measure_s(pause) < 5.5
    assert pause != speak("One two")


def test_a_thousand_characters():
    """The longest text there may be is spoken to its end."""
    text = ("All work and no play makes a dull review. " * 24)[:1000]
    assert measure_s(speak(text)) > 20 * measure_s(
        speak("All work and no play makes a dull review.")
    )


@pytest.mark.parametrize("text", ["", "\0"])
def test_nothing_to_say_is_an_error_or_silent(text):
    """Without a word there is no speech."""
    try:
        take = speak(text)
    except VoiceError:
        return
    assert measure_s(take) == 0


# --- options


def test_speed_and_pitch_are_heard():
    """A higher speed is shorter, another pitch is another sound."""
    slow, quick = speak(speed_wpm=100), speak(speed_wpm=300)
    assert measure_s(slow) > 1.7 * measure_s(quick)
    assert len({hash_take(speak(**o)) for o in ({}, {"pitch": 80}, {"pitch_range": 0})}) == 3


def test_a_voice_by_name_goes_before_the_language():
    """A chosen voice speaks every language; a variant is another sound."""
    assert speak(voice="en-us", language="de") == speak(language="en-US")
    assert speak(voice="en-us+f3") != speak(voice="en-us")


@pytest.mark.parametrize(
    "options",
    [
        {"speed_wpm": 79},
        {"speed_wpm": 451},
        {"pitch": -1},
        {"pitch": 100},
        {"pitch_range": 100},
        {"voice": "en us"},
        {"voice": "../x"},
        {"voice": "en\0"},
    ],
)
def test_options_out_of_range(options):
    """What espeak-ng would silently clip or misread is refused by name."""
    with pytest.raises(ConfigError, match=next(iter(options))):
        EspeakVoice(**options)


@pytest.mark.parametrize(
    "options",
    [{"speed_wpm": 80}, {"speed_wpm": 450}, {"pitch": 0}, {"pitch": 99}, {"pitch_range": 0}],
)
def test_options_at_their_bounds(options):
    """Both ends of each range speak."""
    assert measure_s(speak(**options)) > 0.5


def test_an_unknown_voice():
    """A voice that it does not have is a mistake in the settings."""
    with pytest.raises(ConfigError, match="nosuch"):
        speak(voice="nosuch")


def test_every_option_sounds():
    """No field of the voice is left out of a take's key."""
    assert all(f.metadata.get("sounds", True) for f in dataclasses.fields(EspeakVoice))


def test_its_licence_comes_along():
    """espeak-ng's licence text lies beside the voice."""
    licence = Path(sys.modules[EspeakVoice.__module__].__file__).with_name("espeak_COPYING")
    assert "GNU GENERAL PUBLIC LICENSE" in licence.read_text()
    assert shutil.which("true") is None or licence.stat().st_size > 30_000
