"""Doubtful replies: asked for again, and settled by what the service says twice."""

from tests.support.tones import make_noise, make_segment, to_pcm

from reviewcast.audio.measure import measure_take
from reviewcast.model.audio import Take
from reviewcast.speech.opinions import Opinions, Reply, describe_doubts, keep_silence

RATE_HZ = 24_000
FRAME_S = 576 / RATE_HZ


def reply(seconds, *doubts):
    take = Take(to_pcm(make_noise(seconds, RATE_HZ)), RATE_HZ, doubts=doubts)
    return Reply(take, measure_take(take), doubts)


def test_a_reply_without_a_doubt_counts_at_once():
    """It also ends all doubts that were there before."""
    opinions = Opinions()
    good = reply(3.0)
    assert opinions.weigh("a", reply(1.0, "breaks off")) is None
    assert opinions.weigh("a", good) == good
    assert opinions.weigh("a", reply(1.0, "breaks off")) is None


def test_two_of_the_same_length_settle_it():
    """Two frames more or less are the same, three are not, and keys are apart."""
    opinions = Opinions()
    first = reply(2.0, "breaks off")
    assert opinions.weigh("a", first) is None
    assert opinions.weigh("b", first) is None
    assert opinions.weigh("a", reply(2.0 + 3 * FRAME_S, "breaks off")) is None
    assert opinions.weigh("b", second := reply(2.0 + 2 * FRAME_S, "breaks off")) == second


def test_replies_that_never_last_the_same():
    """After four, the one with the fewest doubts counts, and of those the longest."""
    opinions = Opinions()
    quick, breaks = "is far too quick", "breaks off"
    replies = [
        reply(1.0, quick),
        reply(3.0, quick, breaks),
        best := reply(2.0, quick),
        reply(0.5, breaks),
    ]
    assert [opinions.weigh("a", one) for one in replies] == [None, None, None, best]
    assert opinions.find_best("a") is None


def test_fewer_doubts_are_worth_more_than_a_repetition():
    """A cut that comes twice does not beat one that is only short."""
    opinions = Opinions()
    whole = reply(3.0, "is far quicker than elsewhere")
    cut = reply(1.0, "breaks off", "is far too quick")
    assert opinions.weigh("a", whole) is None
    assert opinions.weigh("a", cut) is None
    assert opinions.weigh("a", cut) == whole


def test_the_best_when_nothing_more_comes():
    """Of what was doubted the best is given once, and of nothing None."""
    opinions = Opinions()
    assert opinions.find_best("a") is None
    opinions.weigh("a", one := reply(2.0, "breaks off"))
    assert opinions.find_best("a") == one
    assert opinions.find_best("a") is None


def test_the_warning_names_the_text():
    """Voice, doubts, segment and words are there, on one line."""
    said = describe_doubts(
        reply(1.0, "breaks off", "is far too quick"),
        make_segment(6, "A sentence\nof two lines"),
        voice="gtts",
        asked=2,
    )
    assert said.startswith("The voice gtts breaks off and is far too quick in segment 7: 'A sent")
    assert "requested 2 times" in said
    assert "\n" not in said


def test_silence_is_kept_as_a_pause():
    """What cannot be heard is as long as it came, and nothing of it is turned up."""
    pcm = b"\x03\x00\xfd\xff" * 3456
    kept = keep_silence(Reply(Take(pcm, RATE_HZ), measure_take(Take(pcm, RATE_HZ)), ("is silent",)))
    assert kept.take.pcm == bytes(len(pcm))
    assert (kept.figures.start, kept.figures.end) == (0, 6912)
    loud = reply(1.0)
    assert keep_silence(loud) == loud
