"""Replies held against their text and against each other."""

import numpy as np
import pytest
from tests.support.tones import ToneVoice, make_segment

from reviewcast.audio.measure import measure_take
from reviewcast.model.audio import Take
from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.speech.reply_checks import (
    Heard,
    NeighbourHeard,
    Proof,
    doubt_length,
    hear_take,
    prove_length,
)

TEXTS = [f"This is the sentence of the number {'x' * n}" for n in range(1, 16)]


def hear(text, sound_of=None, *, index=0, share=1.0):
    take = ToneVoice().speak(sound_of or text, language="en")
    if share != 1.0:
        keep = 2 * int(len(take.pcm) // 2 * share)
        take = Take((take.pcm * 3)[:keep], take.rate_hz)
    segment = make_segment(index, text)
    return hear_take(take, measure_take(take), segment, f"key of {text}"), segment


def make_proof(texts=TEXTS):
    proof = Proof()
    for text in texts:
        proof.prove(*hear(text))
    return proof


def test_the_sound_of_another_text_is_refused():
    """When two texts have the same sound, the second is refused by name, the first doubted."""
    proof = make_proof()
    with pytest.raises(VoiceUnavailable, match="segment 8: 'Quite another matter'"):
        proof.prove(*hear("Quite another matter", TEXTS[3], index=7))
    assert proof.take_doubted() == [f"key of {TEXTS[3]}"]
    assert proof.take_doubted() == []


def test_who_was_right_is_found_out():
    """The first text given the same sound again keeps it; its neighbour goes on being refused."""
    proof = make_proof()
    wrong = hear("Quite another matter", TEXTS[3])
    with pytest.raises(VoiceUnavailable):
        proof.prove(*wrong)
    proof.take_doubted()
    proof.prove(*hear(TEXTS[3]))
    proof.prove(*hear(TEXTS[3]))
    with pytest.raises(VoiceUnavailable):
        proof.prove(*wrong)
    assert proof.take_doubted() == []
    proof.prove(*hear("Quite another matter"))


def test_who_is_wrong_twice_is_asked_a_third_time():
    """As often as one text is given the sound, so often the other that has it is asked again."""
    proof = make_proof()
    wrong, right = (
        hear("This one gets a wrong reply", "The neighbour has something to say"),
        hear("The neighbour has something to say"),
    )
    proof.prove(*wrong)
    for _ in range(6):  # the very same samples for two sentences are never an answer
        with pytest.raises(VoiceUnavailable, match="'This one gets a wrong reply'"):
            proof.prove(*right)
        assert proof.take_doubted() == ["key of This one gets a wrong reply"]
        proof.prove(*wrong)
    proof.prove(*hear("This one gets a wrong reply"))
    proof.prove(*right)


def test_who_is_being_asked_is_not_doubted_again():
    """Until the other has answered, it need not be asked once more."""
    proof = make_proof()
    wrong = hear("Quite another matter", TEXTS[3])
    for doubted in ([f"key of {TEXTS[3]}"], []):
        with pytest.raises(NeighbourHeard):
            proof.prove(*wrong)
        assert proof.take_doubted() == doubted


def test_short_texts_that_sound_the_same_for_good():
    """When both were given one sound twice, the service reads both so: kept, and told."""
    proof = make_proof()
    one, other = hear("千と千尋の神隠し", "The one"), hear("Ran, 七人の侍", "The one")
    assert proof.prove(*one) == ()
    with pytest.raises(NeighbourHeard):
        proof.prove(*other)
    assert proof.take_doubted() == [one[0].key]
    assert proof.prove(*one) == ()
    assert proof.prove(*other) == (f"has the sound of {one[0].spoken!r}",)
    assert proof.take_doubted() == []
    later = make_proof()  # a later run leaves them alone
    assert later.learn([one[0], other[0]]) == set()


def hear_noisy(text, sound_of, seed):
    """Hear a reply whose bytes are others each time, and that is two frames longer each time."""
    take = ToneVoice().speak(sound_of, language="en")
    samples = np.frombuffer(take.pcm, "<i2").astype(np.float32)
    samples = np.pad(samples, (seed % 3 * 576, 0))
    noise = np.random.default_rng(seed).normal(0, 0.016 * samples.std(), len(samples))
    take = Take((samples + noise).astype("<i2").tobytes(), take.rate_hz)
    segment = make_segment(0, text)
    return hear_take(take, measure_take(take), segment, f"key of {text}"), segment


def test_a_neighbour_is_found_though_no_byte_is_the_same():
    """Replies that differ by noise and two frames are the same sound."""
    proof = make_proof()
    proof.prove(*hear_noisy("The neighbour has something to say", "A sound", 1))
    with pytest.raises(NeighbourHeard, match="'Quite another matter than that'"):
        proof.prove(*hear_noisy("Quite another matter than that", "A sound", 2))
    assert proof.prove(*hear_noisy("Quite another matter than that", "Its own sound", 3)) == ()


def test_sentences_that_only_sound_alike_are_kept_at_last():
    """When the service insists four times on it for both, it is told and no longer refused."""
    proof = make_proof()
    for seed in range(1, 8, 2):
        told = proof.prove(*hear_noisy("The neighbour has something to say", "A sound", seed))
        assert told == ()
        if seed < 7:
            with pytest.raises(NeighbourHeard):
                proof.prove(*hear_noisy("Quite another matter than that", "A sound", seed + 1))
    told = proof.prove(*hear_noisy("Quite another matter than that", "A sound", 8))
    assert told == ("has the sound of 'The neighbour has something to say'",)


def test_who_was_wrong_is_found_out():
    """When the first had its neighbour's sound, asking again gives it its own, and both stand."""
    proof = make_proof()
    proof.prove(*hear("This one gets a wrong reply", "The neighbour has something to say"))
    right = hear("The neighbour has something to say")
    with pytest.raises(VoiceUnavailable):
        proof.prove(*right)
    assert proof.take_doubted() == ["key of This one gets a wrong reply"]
    proof.prove(*hear("This one gets a wrong reply"))
    proof.prove(*right)
    assert proof.take_doubted() == []


@pytest.mark.parametrize(
    ("one", "other"), [("They’re over there now", "Their over their now"), ("8", "Ate"), ("A", "a")]
)
def test_what_sounds_alike_may_have_one_sound(one, other):
    """Texts that a voice says in the same way are no neighbours."""
    proof = Proof()
    proof.prove(*hear(one, "sound"))
    proof.prove(*hear(other, "sound"))


def test_stored_takes_are_learned_and_doubted():
    """Of takes that are stored, those that share a sound are given back, both."""
    known = [hear(text)[0] for text in TEXTS]
    known.append(hear("Not at all the same thing", TEXTS[0])[0])
    proof = Proof()
    assert proof.learn(known) == {f"key of {TEXTS[0]}", "key of Not at all the same thing"}
    proof.prove(*hear(TEXTS[0]))
    # nobody has asked for it in this run: who does so now is believed, and the other asked again
    proof.prove(*hear("Something else entirely", TEXTS[5]))
    assert proof.take_doubted() == [f"key of {TEXTS[5]}"]


def doubt_pace(proof, text, share):
    take = ToneVoice().speak(text, language="en")
    take = Take((take.pcm * 6)[: 2 * int(len(take.pcm) // 2 * share)], take.rate_hz)
    return proof.doubt_pace(measure_take(take), make_segment(0, text))


@pytest.mark.parametrize(
    ("share", "is_doubted"), [(0.3, True), (0.5, True), (0.9, False), (2.2, False), (5.0, False)]
)
def test_what_is_far_quicker_than_the_voice_is_doubted(share, is_doubted):
    """Of half a reply a part may be missing; that one is slow speaks against nothing."""
    doubts = doubt_pace(make_proof(), "A sentence that is as long as the others", share)
    assert bool(doubts) == is_doubted


def test_figures_and_acronyms_make_no_prose_suspect():
    """When most of a review is slow, a sentence at the voice's own pace is not doubted."""
    proof = Proof()
    for text in TEXTS[5:]:
        proof.prove(*hear(text, share=2.6))
    for text in TEXTS[:5]:
        proof.prove(*hear(text))
    assert doubt_pace(proof, "A sentence that is as long as the others", 1.0) == ()


def test_nothing_is_said_of_a_pace_that_is_not_known():
    """With few takes, or few letters, no length is doubted."""
    assert not doubt_pace(make_proof(TEXTS[:5]), "A sentence that is as long as the others", 0.4)
    assert not doubt_pace(make_proof(), "So short", 0.4)


@pytest.mark.parametrize(
    ("text", "samples", "doubts"),
    [
        ("A sentence of some length that takes its time", 9_000_000, ()),
        ("IMDb", 480_000, ()),
        ("Hello there", 1000, ("is far too quick",)),
        ("Hello there", 0, ("is silent",)),
        ("A sentence of some length that takes its time", 2000, None),
        ("A sentence of some length that takes its time", 0, None),
    ],
)
def test_the_length_of_a_reply(text, samples, doubts):
    """Slow is no fault; of a short text all is doubted at most, a long one is refused for now."""
    pcm = b"\x10\x20" * samples or bytes(48_000)
    figures = measure_take(Take(pcm, 24_000))
    if doubts is None:
        with pytest.raises(VoiceUnavailable, match="segment 4"):
            doubt_length(figures, make_segment(3, text))
    else:
        assert doubt_length(figures, make_segment(3, text)) == doubts


def test_lengths_that_nobody_speaks_are_refused():
    """A click for a sentence, minutes for a word, silence: refused without knowing the voice."""
    segment = make_segment(3, "A sentence of some length that takes its time")
    for pcm in (bytes(2000), ToneVoice().speak("a", language="en").pcm, bytes(48_000)):
        with pytest.raises(VoiceError, match="segment 4"):
            prove_length(measure_take(Take(pcm, 24_000)), segment)


def test_what_is_heard_is_the_speech_alone():
    """Silence around it makes no other sound, and is no speech."""
    take = ToneVoice().speak("Hello there", language="en")
    longer = Take(bytes(9600) + take.pcm + bytes(4800), take.rate_hz)
    segment = make_segment(0, "Hello there")
    one, other = (hear_take(t, measure_take(t), segment, "key") for t in (take, longer))
    assert isinstance(one, Heard)
    assert (one.digest, one.duration_s) == (other.digest, other.duration_s)
    assert other.lasts_s == pytest.approx(one.lasts_s + 0.3)
