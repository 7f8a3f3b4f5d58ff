"""The voice `hibari`: natural, repeatable, never without a word, and it tells when words begin."""

import dataclasses
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from tests.conftest import require_packages
from tests.support.program import Program

require_packages("hibari", "onnxruntime")

import hibari  # noqa: E402

from reviewcast.audio.measure import measure_take  # noqa: E402
from reviewcast.cli import group  # noqa: E402
from reviewcast.model.errors import ConfigError, ReviewcastError, VoiceError  # noqa: E402
from reviewcast.model.protocols import Voice  # noqa: E402
from reviewcast.speech.takes import key_take  # noqa: E402
from reviewcast.speech.voices.hibari import HibariVoice  # noqa: E402
from reviewcast.speech.voices.hibari_engine import PACKAGE, RELEASE  # noqa: E402
from reviewcast.system.plugins import find_voice_version  # noqa: E402
from reviewcast.system.resources import find_sample  # noqa: E402
from reviewcast.testing.voice import check_voice  # noqa: E402

ROOT = Path(__file__).parents[4]
VOICE = HibariVoice()
TEXT = "The camera is the best part of this phone."


def speak(text=TEXT, *, language="en", **options):
    return HibariVoice(**options).speak(text, language=language)


def measure_s(take):
    figures = measure_take(take)
    return (figures.end - figures.start) / figures.rate_hz


def refuse(text, kind=VoiceError, *, language="en"):
    """Return the message and the hint with which a text is refused, each on one line."""
    with pytest.raises(ReviewcastError) as caught:
        speak(text, language=language)
    error = caught.value
    assert type(error) is kind
    assert error.hint
    assert "\n" not in error.message + error.hint
    return error.message


def run_python(code, *, folder=None, env=None):
    """Run code in a process of its own; with a `folder` that stands before all packages."""
    paths = [str(folder)] if folder else []
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(env or {})}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_a_voice():
    """It has all that the protocol asks for, and travels to a worker."""
    assert isinstance(VOICE, Voice)
    assert pickle.loads(pickle.dumps(VOICE)) == VOICE
    assert not VOICE.info.online


def test_it_keeps_the_protocol():
    """The suite for authors of voices finds nothing."""
    check_voice(HibariVoice(speed=1.5), languages=("en", "en-GB"))


def test_it_speaks_as_fast_as_asked_for():
    """Twice the speed takes about half the time, at 24 kHz."""
    take = speak()
    assert take.rate_hz == 24_000
    assert 1.5 < measure_s(take) < 4
    assert measure_s(speak(speed=2)) < 0.7 * measure_s(take) < measure_s(speak(speed=0.7)) * 0.6


@pytest.mark.parametrize("speed", [0.4, 2.1])
def test_a_speed_out_of_range_is_refused(speed):
    """The sentence names the setting."""
    with pytest.raises(ConfigError, match=r"\[voice.hibari\] speed"):
        HibariVoice(speed=speed)


def test_the_same_text_has_the_same_samples_everywhere():
    """In one process, in threads, and in another process that may use one core or all of them."""
    take = speak()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(speak, [TEXT] * 4)) == {take}
    code = (
        "import hashlib, os, sys\n"
        "from reviewcast.speech.voices.hibari import HibariVoice\n"
        "if sys.argv[1:] and hasattr(os, 'sched_setaffinity'):\n"
        "    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        f"print(hash(HibariVoice().speak({TEXT!r}, language='en').pcm))"
    )
    env = {"PYTHONHASHSEED": "0"}
    one, other = (
        run_python(code, env=env),
        run_python(f"import sys; sys.argv += ['1']\n{code}", env=env),
    )
    assert one == other


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Привет, мир.", "Привет,"),
        ("It is 千と千尋 again.", "千と千尋"),
        ("Αθήνα is a town.", "Αθήνα"),
        ("שלום", "שלום"),
    ],
)
def test_another_script_is_refused_by_name(text, word):
    """It has no sound for it, and says so before it says anything else."""
    assert repr(word) in refuse(text)
    assert HibariVoice.find_unsaid(text) == word


@pytest.mark.parametrize("text", ["", " ", "…", "😀", "🎬🎬", "\0", "x" * 401])
def test_what_is_no_text_for_it_is_refused(text):
    """Empty ones, pictures alone, and more than it takes at once."""
    refuse(text)


def test_another_language_is_refused():
    """It reads English alone."""
    assert "'de'" in refuse("Das ist gut.", ConfigError, language="de")


@pytest.mark.parametrize(
    "text",
    [
        "Żuławski, Dvořák, Nguyễn, Łódź, Ħal, straße, Œuvre, ﬁlm.",
        "“Quoted”—dashed – and (bracketed) [twice](/x/)…",
        "1" * 60,
        "123456789 " * 40,
        "A" * 399 + ".",
        "no-one's rock'n'roll 'tis it''s",
        "½ x² 10% $5.5m #1 R&B 10:30 pm 3rd 5-star 24/7 1080p",
        "e\u0301cole nai\u0308ve",
        "Hawaiʻi, π, 5 µm, the 1º and ª.",
    ],
)
def test_what_a_review_may_hold_is_said(text):
    """Marks, letters with marks, figures of any length: nothing fails, nothing is dropped."""
    take = speak(text)
    letters = sum(map(str.isalnum, text))
    assert measure_s(take) > min(letters, 40) / 30


def test_a_long_word_is_said_whole():
    """Its package would read 24 letters of one that it does not know."""
    assert measure_s(speak("donaudampfschifffahrtsgesellschaftskapitaen")) > 1.6 * measure_s(
        speak("donaudampfschifffahrtsg")
    )


def test_accents_in_two_writings_sound_the_same():
    """A letter with its mark apart is the same letter."""
    text = "Amélie, naïve, Chloë."
    assert speak(unicodedata.normalize("NFD", text)).pcm == speak(text).pcm


def test_it_marks_its_words():
    """Marks stand at words, in order; what follows a pause is heard where its mark says."""
    text = (
        "Amélie’s best film is “good”—not great; it’s Björk’s, too. Dr. Grey ran 10 km, then"
        " rested: the well-known end."
    )
    take = speak(text)
    words = {match.start() for match in re.finditer(r"(?<![^\W_])[^\W_]", text)}
    places, samples = zip(*take.marks, strict=True)
    assert set(places) <= words
    assert len(places) >= 0.9 * len(re.findall(r"[\w’-]+", text))
    assert list(samples) == sorted(samples)
    ends = [end for _, end in measure_take(take).pauses]
    marks = dict(take.marks)
    for word in ("it’s", "then", "the well", "Dr."):
        time = marks[text.index(word)]
        assert min(abs(end - time) for end in ends) <= 0.06 * take.rate_hz, word


def test_a_whole_review_is_timed_as_it_sounds():
    """Where the samples rise after a pause, a word is marked: within 60 ms by half, 150 by most."""
    done = CliRunner().invoke(
        group, ["script", str(find_sample()), "--json"], env={"REVIEWCAST_VOICE": "hibari"}
    )
    errors, unheard = [], 0
    for segment in json.loads(done.stdout)["segments"]:
        text, take = segment["spoken"], VOICE.speak(segment["spoken"], language="en")
        ends = np.array([end for _, end in measure_take(take).pauses])
        for place, sample in take.marks:
            if re.search(r"[,;:.?!—][“\"(\s]*$", text[:place]):
                distance = np.abs(ends - sample).min(initial=take.rate_hz) / take.rate_hz
                unheard += distance > 0.3  # spoken without a pause
                errors += [distance] if distance <= 0.3 else []
    assert len(errors) >= 50
    assert unheard <= 3
    assert np.median(errors) <= 0.06
    assert np.percentile(errors, 95) <= 0.15


def test_words_said_otherwise_do_not_shift_the_others():
    """A number of many words has one mark; those after it stand where they are said."""
    text = "In 1,234,567 cases, nobody knows."
    marks = dict(speak(text).marks)
    apart = dict(speak("Nobody knows.").marks)
    gap = marks[text.index("knows")] - marks[text.index("nobody")]
    assert gap == pytest.approx(apart[7] - apart[0], abs=0.2 * 24_000)
    assert marks[text.index("cases")] - marks[text.index("1,234")] > 2 * 24_000


def test_a_model_with_a_flipped_byte_is_refused(tmp_path):
    """Each of both is held against its checksum when it is loaded."""
    package = Path(hibari.__file__).parent
    for name in ("hibari.onnx", "oov.onnx"):
        folder = tmp_path / name
        shutil.copytree(package, folder / "hibari")
        file = folder / "hibari/assets" / name
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        code = (
            "from reviewcast.model.errors import ConfigError\n"
            "from reviewcast.speech.voices.hibari import HibariVoice\n"
            "try: HibariVoice().speak('One word.', language='en')\n"
            "except ConfigError as error: print(error.message, error.hint)"
        )
        said = run_python(code, folder=folder)
        assert f"{name} of the voice hibari is not that of {PACKAGE} {RELEASE}" in said
        assert "force-reinstall" in said


def test_the_pinned_release_is_the_one_that_the_voice_knows():
    """The project asks for the very release whose checksums are held here."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    (pinned,) = [line for line in lines if PACKAGE in line]
    assert f"{PACKAGE}=={RELEASE};" in pinned
    assert RELEASE in find_voice_version(VOICE)


def test_options_and_version_are_in_the_key():
    """Another speed is another take, and so is another release."""
    key = key_take(VOICE, "en", TEXT)
    assert key_take(HibariVoice(speed=1.1), "en", TEXT) != key

    @dataclasses.dataclass(frozen=True)
    class Newer(HibariVoice):
        info = msgspec.structs.replace(HibariVoice.info, version="1+9")

    assert key_take(Newer(), "en", TEXT) != key


def test_memory_does_not_grow_with_the_text(tmp_path):
    """A sentence as long as one may be takes less than 350 MB."""
    code = (
        "import re, resource, sys\n"
        "from reviewcast.speech.voices.hibari import HibariVoice\n"
        "HibariVoice().speak(('It goes on and on without any mark ' * 12)[:400], language='en')\n"
        "most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        # on Linux a process begins with the most that its parent had
        "if sys.platform == 'linux':\n"
        "    most = re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1]\n"
        "print(most)"
    )
    pytest.importorskip("resource", reason="no such figure on this system")
    unit = 1024 if sys.platform == "darwin" else 1
    assert int(run_python(code)) / unit < 350 * 1024


def test_a_build_is_the_same_after_the_cache_is_gone(tmp_path):
    """The same MP3, byte by byte, by another run with a cache of its own."""
    review = tmp_path / "r.md"
    review.write_text("# A short one\n\nIt begins at 10:30 pm.\n\n## More\n\nIt ends well, too.\n")
    files = []
    for name in ("one", "two"):
        program = Program(tmp_path / name)
        result = program.run(
            "build", review, "-o", tmp_path / f"{name}.mp3", "--voice", "hibari", "--json"
        )
        assert result.episode["voice"] == "hibari"
        files.append((tmp_path / f"{name}.mp3").read_bytes())
    assert files[0] == files[1]
    assert np.unique(np.frombuffer(files[0][-10_000:], np.uint8)).size > 50
