"""Several addresses of a voice: played nights of servers that are slow, fail and come back."""

import itertools

import pytest
from msgspec.structs import replace
from tests.support.endpoint_night import SPOKEN, Night, Server

OTHER = replace(SPOKEN, heard_s=7.2)
NEARLY = replace(SPOKEN, heard_s=6.2, timbre=(3.5, 2.0, 0.0, -1.5, -4.0))
BRIGHTER = replace(SPOKEN, timbre=(-2.0, -1.0, 0.0, 1.0, 2.0))


def find_share(night, texts):
    """Return what was spoken of what all servers could have in that time, without their faults."""
    ended = max(at for at, _, _ in night.times)
    possible = 0.0
    for server in night.servers.values():
        off_s = sum(min(end, ended) - begin for begin, end in server.down if begin < ended)
        possible += (ended - off_s) / server.takes_s
    return texts / possible


def find_spoken(night):
    """Return the numbers of the texts that were spoken, in order of size."""
    return sorted(n for _, _, n in night.times)


@pytest.mark.parametrize("failing", ["quick", "slow"])
def test_two_give_what_both_can(failing):
    """300 ms and 600 ms a request, one of them away for a minute: 0.85 of the sum and more."""
    servers = {"quick": Server(0.3), "slow": Server(0.6)}
    servers[failing].down = [(40.0, 100.0)]
    night = Night(servers)
    told = night.speak(600)
    assert find_share(night, 600) > 0.95
    assert find_spoken(night) == list(range(600))
    assert not night.failed  # no attempt of any text
    assert any(address == failing and at > 100 for at, address, _ in night.times)
    assert told == [
        "It broke off: it is asked again later.",
        f"The voice played at {failing} answers again.",
    ]


def test_the_quicker_one_speaks_more():
    """Without any fault each has its share, and the slower one is not taken for a faulty one."""
    night = Night({"quick": Server(0.3), "slow": Server(0.6)})
    assert night.speak(300) == []
    assert find_share(night, 300) > 0.95
    assert night.spoken["quick"] == pytest.approx(200, abs=5)


def test_few_texts_are_shared_out():
    """The address with the fewest requests under way is asked next, the quickest of those."""
    night = Night({"a": Server(0.5), "b": Server(0.5), "c": Server(0.5)})
    night.speak(6)
    assert night.spoken == {"a": 2, "b": 2, "c": 2}


def test_no_more_connections_to_each_than_set():
    """`connections` holds for each address by itself, and `requests_per_s` does."""
    servers = {"a": Server(0.01), "b": Server(0.01)}
    night = Night(servers, requests_per_s=4.0, connections=2)
    night.speak(40)
    for server in servers.values():
        apart = [after - before for before, after in itertools.pairwise(server.asked)]
        assert min(apart) >= 0.25 - 1e-9
    assert night.times[-1][0] == pytest.approx(40 / 8, rel=0.15)


def test_one_that_dies_for_good_costs_nothing():
    """It is asked for the sentence alone, ever more rarely: once a minute after the patience."""
    servers = {"a": Server(0.3), "b": Server(0.3, down=[(5.0, 1e9)])}
    night = Night(servers)
    night.speak(3000)
    assert find_spoken(night) == list(range(3000))
    assert not night.failed
    away = [at for at in servers["b"].asked if at > 5.5]
    assert len([at for at in away if at < 185]) < 90
    late = [at for at in away if at > 250]
    assert all(after - before > 30 for before, after in itertools.pairwise(late))


def test_one_that_asks_to_wait_is_left_alone_for_so_long():
    """Retry-After is kept by that address; the others go on, and no text has failed."""
    servers = {"a": Server(0.3), "b": Server(0.3, busy=[(5.0, 6.0)], retry_after_s=50.0)}
    night = Night(servers)
    night.speak(400)
    assert find_spoken(night) == list(range(400))
    assert not night.failed
    refused = max(at for at in servers["b"].asked if at < 6.0)
    assert min(at for at in servers["b"].asked if at > 6.0) >= refused + 50.0


def test_all_that_ask_to_wait_cost_no_attempt():
    """Being asked to slow down is no failure of a text, whoever says so."""
    busy = {name: Server(0.3, busy=[(5.0, 9.0)], retry_after_s=2.0) for name in ("a", "b")}
    night = Night(busy)
    night.speak(60)
    assert find_spoken(night) == list(range(60))
    assert not night.failed


def test_one_that_becomes_slow_rests_and_is_used_as_it_then_is():
    """Several times slower than before is told, once; what it still gives is taken."""
    servers = {"a": Server(0.5), "b": Server(0.5, slow=[(20.0, 1e9, 10.0)])}
    night = Night(servers)
    told = night.speak(300)
    assert told[0] == "The voice played at b has become slow: it rests a while."
    assert sum("slow" in message for message in told) == 1
    assert any(address == "b" and at > 40 for at, address, _ in night.times)
    assert find_spoken(night) == list(range(300))


def test_a_long_text_after_short_ones_is_no_slowness():
    """How long a reply takes is held against the length of its text."""
    night = Night({"a": Server(0.5), "b": Server(0.5)})
    night.speak(20)
    one, other = night.endpoints.all
    for _ in range(8):
        night.endpoints.note_answer(one, night.now, 0.5, characters=10)
        night.endpoints.note_answer(other, night.now, 0.5, characters=10)
    night.endpoints.note_answer(one, night.now, 2.5, characters=300)
    night.endpoints.note_answer(other, night.now, 2.5, characters=10)
    assert (one.state, other.state) == ("ready", "resting")


@pytest.mark.parametrize("spoken", [OTHER, BRIGHTER, replace(SPOKEN, rate_hz=22_050)])
def test_one_with_another_voice_is_left_out(spoken):
    """It is not asked for a single text; the warning names it."""
    night = Night({"a": Server(0.3), "b": Server(0.3, spoken=spoken), "c": Server(0.3)})
    [told] = night.speak(50)
    assert told.startswith("The voice played at b does not speak as a does (")
    assert set(night.spoken) == {"a", "c"}
    assert len(night.servers["b"].asked) == 3  # some models vary by themselves


def test_one_that_varies_a_little_is_the_same():
    """A few per cent of length make no other voice."""
    night = Night({"a": Server(0.3), "b": Server(0.3, spoken=NEARLY)})
    assert night.speak(50) == []
    assert set(night.spoken) == {"a", "b"}


def test_one_that_comes_back_as_another_is_left_out():
    """A server that is started again with another model speaks no more in this run."""
    servers = {"a": Server(0.3), "b": Server(0.3, down=[(5.0, 15.0)])}
    night = Night(servers)
    night.speak(30, limit_s=8.0)
    servers["b"].spoken = OTHER
    told = night.speak(100)
    assert any("does not speak as a does" in message for message in told)
    assert all(address == "a" for at, address, _ in night.times if at > 5.0)


def test_one_is_always_left():
    """When none speaks as before, the first goes on as if it were the only one, with a warning."""
    servers = {name: Server(0.3, down=[(5.0, 15.0)]) for name in "ab"}
    night = Night(servers)
    night.speak(30, limit_s=8.0)
    servers["a"].spoken, servers["b"].spoken = OTHER, BRIGHTER
    told = night.speak(60)
    assert "a is asked alone" in told[-1]
    assert night.times
    assert all(address == "a" for at, address, _ in night.times if at > 15.0)


def test_none_speaks_before_the_first_has():
    """Nothing tells whether the others are the same voice, unless an earlier run does."""
    down = [(0.0, 20.0)]
    night = Night({"a": Server(0.3, down=down), "b": Server(0.3)})
    night.speak(50)
    assert min(at for at, _, _ in night.times) > 20
    message, hint = Night({"a": Server(0.3, down=down), "b": Server(0.3)}).endpoints.explain()
    assert message
    assert hint == ""
    for known, speaks in ((SPOKEN, True), (OTHER, False)):
        night = Night({"a": Server(0.3, down=down), "b": Server(0.3)}, known=known)
        night.speak(50, limit_s=19.0)
        assert bool(night.spoken["b"]) == speaks
