"""Replies held against their text and against each other."""

import pytest
from tests.support.tones import ToneVoice, make_segment

from reviewcast.errors import VoiceError, VoiceUnavailable
from reviewcast.model import Take
from reviewcast.proving import Heard, Proof, hear_take, prove_length
from reviewcast.sound import measure_take

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
        hear("This gets a wrong reply", "The neighbour speaks"),
        hear("The neighbour speaks"),
    )
    proof.prove(*wrong)
    for _ in range(2):
        with pytest.raises(VoiceUnavailable, match="'This gets a wrong reply'"):
            proof.prove(*right)
        assert proof.take_doubted() == ["key of This gets a wrong reply"]
        proof.prove(*wrong)
    proof.prove(*hear("This gets a wrong reply"))
    proof.prove(*right)


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


@pytest.mark.parametrize("share", [0.3, 0.55, 2.2])
def test_a_pace_that_is_not_the_voice_s_is_refused(share):
    """Half of a reply, or twice as much, is asked for again."""
    proof = make_proof()
    with pytest.raises(VoiceUnavailable, match="at its pace that takes"):
        proof.prove(*hear("A sentence that is as long as the others", share=share))


def test_the_same_odd_answer_three_times_is_how_it_is_said():
    """A text that the voice always says slowly is kept in the end; one that is cut never is."""
    proof = make_proof()
    slow = hear("A sentence that is as long as the others", share=2.2)
    for _ in range(2):
        with pytest.raises(VoiceUnavailable):
            proof.prove(*slow)
    proof.prove(*slow)
    cut = hear("Another sentence that is just as long", share=0.3)
    for _ in range(5):
        with pytest.raises(VoiceUnavailable):
            proof.prove(*cut)


def test_nothing_is_said_of_a_pace_that_is_not_known():
    """With few takes, or few letters, no length is doubted."""
    make_proof(TEXTS[:5]).prove(*hear("A sentence that is as long as the others", share=2.2))
    make_proof().prove(*hear("So short", share=2.2))


def test_lengths_that_nobody_speaks_are_refused():
    """A click for a sentence, minutes for a word, silence: refused without knowing the voice."""
    segment = make_segment(3, "A sentence of some length that takes its time")
    for pcm in (bytes(2000), ToneVoice().speak("a", language="en").pcm, bytes(48_000)):
        with pytest.raises(VoiceError, match="segment 4"):
            prove_length(measure_take(Take(pcm, 24_000)), segment)


def test_what_is_heard_is_the_speech_alone():
    """Silence around it makes no other sound."""
    take = ToneVoice().speak("Hello there", language="en")
    longer = Take(bytes(9600) + take.pcm + bytes(4800), take.rate_hz)
    segment = make_segment(0, "Hello there")
    one, other = (hear_take(t, measure_take(t), segment, "key") for t in (take, longer))
    assert isinstance(one, Heard)
    assert one == other
