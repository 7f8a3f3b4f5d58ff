"""The same sound is known again by its fingerprint, another one is not."""

import numpy as np
import pytest
from tests.support import google
from tests.support.google import SAMPLE_RATE

from reviewcast.audio.files.decode import decode_speech
from reviewcast.audio.fingerprints import is_same_sound, make_fingerprint
from reviewcast.model.audio import Take

TEXT = "He gives the film four stars out of five."


def fingerprint(mp3):
    return make_fingerprint(decode_speech(mp3))


@pytest.mark.parametrize("frames", [0, 2])
@pytest.mark.parametrize("noise_db", [-80, -54])
def test_a_reply_that_is_given_again(frames, noise_db):
    """With other noise, and shorter or longer by two frames at its edges, it is the same."""
    speak = google.make_speak(noise_db=noise_db, frames=frames)
    first, *others = (fingerprint(speak(TEXT, "en")) for _ in range(6))
    assert first not in others
    assert all(is_same_sound(first, other) for other in others)


@pytest.mark.parametrize(
    "text",
    [
        "He gives the film five stars out of five.",
        "The general's daughter waits for a train.",
        "Nobody leaves the cinema before it ends.",
    ],
)
def test_another_text(text):
    """One word that differs is enough."""
    assert not is_same_sound(
        fingerprint(google.speak(TEXT, "en")), fingerprint(google.speak(text, "en"))
    )


def test_its_size_and_the_rate():
    """It holds five bytes for 10 ms, at any rate; what is shorter than 200 ms is like nothing."""
    speech = google.make_speak()(TEXT, "en")
    take = decode_speech(speech)
    assert abs(len(make_fingerprint(take)) - len(take.pcm) / 2 / SAMPLE_RATE * 500) <= 25
    samples = np.frombuffer(take.pcm, "<i2")
    double = Take(samples.repeat(2).tobytes(), 2 * SAMPLE_RATE)
    assert is_same_sound(make_fingerprint(take), make_fingerprint(double))
    short = make_fingerprint(Take(take.pcm[:4800], SAMPLE_RATE))
    assert not is_same_sound(short, short)
    assert make_fingerprint(Take(b"", SAMPLE_RATE)) == b""
