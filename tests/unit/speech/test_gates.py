"""One voice at several servers on loopback: nothing lost, nothing twice, one model an episode."""

import collections
import contextlib
import random
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support import speech_server
from tests.support.endpoint_night import PlayedVoice
from tests.support.speech_server import SpeechServer, encode, page, reset, speak, status
from tests.support.tones import make_script

from reviewcast.model.errors import BudgetSpent, VoiceError, VoiceUnavailable
from reviewcast.model.events import Noticed, Warned
from reviewcast.settings.schema import SynthesizeSettings
from reviewcast.speech.endpoint_gate import EndpointGate
from reviewcast.speech.endpoints import Endpoints
from reviewcast.speech.limits import find_endpoints
from reviewcast.speech.same_voice import SENTENCE
from reviewcast.speech.synthesize import synthesize_script
from reviewcast.speech.takes import key_take
from reviewcast.speech.voices.openai import OpenaiVoice
from reviewcast.speech.workers import open_pool
from reviewcast.system.budget import Budget
from reviewcast.system.cache import Cache
from reviewcast.system.turns import OwnTurns

WORDS = "the film has slow music and a cut by hand in one winter near Oslo that we forget".split()
QUICK = SynthesizeSettings(
    requests_per_s=1000.0, first_wait_s=0.001, longest_wait_s=0.002, patience_s=20.0
)


def make_texts(count):
    """Return sentences that the stand-in speaks differently."""
    chosen, found = random.Random(1), {}
    while len(found) < count:
        text = " ".join(chosen.choices(WORDS, k=chosen.randint(2, 9))) + "."
        found.setdefault(sum(text.encode()) + len(text), text)
    return list(found.values())


TEXTS = make_texts(24)


class Pool:
    """Some servers, and a store of their takes."""

    def __init__(self, folder, servers, **options):
        self.folder, self.servers = folder, servers
        self.store = Cache(folder).takes
        self.voice = OpenaiVoice(
            base_url=[one.url for one in servers],
            key_variable="",
            **{"timeout_s": 5.0, **options},
        )
        self.told, self.warned = [], threading.Event()

    def hold(self, event):
        """Let the first server say no text before an event, so that others are asked."""

        def answer(asked):
            if asked.body["input"] != SENTENCE:
                assert event.wait(30)
            return speech_server.answer(asked)

        self.servers[0].answer = answer

    def fail_from(self, n, fault):
        """Let the second server fail from its n-th request on, which it surely gets."""
        begun = threading.Event()

        def choose(asked):
            if asked.n < n:
                return None
            begun.set()
            return fault

        self.servers[1].faults = choose
        self.hold(begun)

    def hear(self, event):
        """Be told."""
        self.told.append(event)
        if isinstance(event, Warned):
            self.warned.set()

    def synthesize(self, texts=TEXTS, settings=QUICK, **options):
        """Speak a script with this voice, as a run of its own process would."""
        return synthesize_script(
            make_script(texts),
            self.voice,
            settings,
            store=self.store,
            open_pool=lambda: open_pool(self.voice, characters=0, connections=4),
            notify=self.hear,
            limits=Endpoints(self.voice, settings, lambda _: OwnTurns(settings.requests_per_s)),
            **options,
        )

    def find_kept(self, texts=TEXTS):
        """Return the samples of the texts that are kept, by text."""
        keys = {text: key_take(self.voice, "en", text) for text in texts}
        return {text: self.store.load(key) for text, key in keys.items() if self.store.peek(key)}

    def count_answers(self):
        """Return how often each text was asked for, of all servers."""
        return collections.Counter(
            text for one in self.servers for text in one.texts if text != SENTENCE
        )

    @property
    def warnings(self):
        """Return what was warned of."""
        return [event.message for event in self.told if isinstance(event, Warned)]


@pytest.fixture
def open_servers(tmp_path):
    """Return what starts some servers, and ends them with the test."""
    with contextlib.ExitStack() as stack:

        def open_servers(count=2, **options):
            servers = [stack.enter_context(SpeechServer()) for _ in range(count)]
            return Pool(tmp_path, servers, **options)

        yield open_servers


def other_voice(asked):
    """Speak a quarter more quickly."""
    return encode(speak(asked.body["input"], 1.25), asked.body["response_format"])


def fail_from(n, fault):
    """Fail from the n-th request on."""
    return lambda asked: fault if asked.n >= n else None


def check_whole(pool, texts=TEXTS):
    """Hold all takes against what the first server says, and that each text was spoken once."""
    assert pool.find_kept(texts) == {text: speak(text) for text in texts}


def test_all_are_asked_and_each_text_once(open_servers):
    """Each says the sentence first, then they share the texts."""
    pool = open_servers(3)
    made = pool.synthesize()
    assert made.voiced == len(TEXTS)
    check_whole(pool)
    assert pool.count_answers() == dict.fromkeys(TEXTS, 1)
    for server in pool.servers:
        assert server.texts[0] == SENTENCE
        assert server.texts.count(SENTENCE) == 1
        assert len(server.texts) > 1
    assert pool.told[-1].done == len(TEXTS)
    assert pool.warnings == []


def test_what_is_there_asks_nobody(open_servers):
    """A script whose takes are all in the store compares nothing."""
    pool = open_servers()
    pool.synthesize()
    asked = [len(server.asked) for server in pool.servers]
    assert pool.synthesize().voiced == 0
    assert [len(server.asked) for server in pool.servers] == asked


@pytest.mark.parametrize(
    "fault", [reset, status(503), status(500), page(), speech_server.cut, status(404)]
)
def test_one_that_dies_costs_no_attempt(open_servers, fault):
    """Where each text may be asked for once only, all are spoken while another server answers."""
    pool = open_servers()
    pool.fail_from(4, fault)
    pool.synthesize(settings=replace(QUICK, attempts=1))
    check_whole(pool)
    assert len(pool.servers[0].asked) > len(TEXTS) - 4


def test_one_that_asks_to_wait_for_an_hour(open_servers):
    """It is not asked again, and the run does not end by its patience as the other answers."""
    pool = open_servers()
    pool.fail_from(4, status(429, {"Retry-After": "3600"}))
    pool.synthesize()
    check_whole(pool)
    assert len(pool.servers[1].asked) <= 3 + 4
    assert any("asks to slow down" in e.message for e in pool.told if isinstance(e, Noticed))


def test_one_that_hangs_costs_its_timeout(open_servers):
    """A server that says nothing any more is given up as one address alone would be."""
    pool = open_servers(timeout_s=1.0)
    pool.fail_from(4, speech_server.hang)
    pool.synthesize()
    check_whole(pool)


class Waited(Exception):
    """Somebody waits for so long."""


def test_nobody_is_given_up_while_another_may_come_back(tmp_path):
    """One asks for an hour: that ends a run only when no other is asked, or rests for less."""
    now = 100.0

    def wait(_condition, seconds):
        raise Waited(seconds)

    endpoints = Endpoints(PlayedVoice(("a", "b")), QUICK, lambda _: OwnTurns(1e6, lambda: now))
    gate = EndpointGate(
        endpoints,
        patience_s=60.0,
        store=Cache(tmp_path).takes,
        clock=lambda: now,
        wait=wait,
        start=lambda _: None,
    )
    one, other = endpoints.all

    def enter():
        gate.enter(gate.open_visit("A text."))

    with pytest.raises(Waited):
        enter()
    assert (one.state, other.state) == ("asked", "asked")
    endpoints.note_silence(one, now, VoiceUnavailable("Busy.", retry_after_s=3600.0))
    with pytest.raises(Waited):
        enter()
    endpoints.note_silence(other, now, VoiceUnavailable("Gone.", hint="Later."))
    with pytest.raises(Waited):
        enter()
    now += 1.0
    with pytest.raises(Waited):
        enter()
    assert other.state == "asked"
    endpoints.note_silence(other, now, VoiceUnavailable("Busy.", retry_after_s=3600.0))
    with pytest.raises(VoiceUnavailable, match="none of the 2 addresses answers"):
        enter()


def test_another_voice_is_left_out(open_servers):
    """The first address decides; one that sounds otherwise says not one text, and is named."""
    pool = open_servers(3)
    pool.servers[2].answer = other_voice
    pool.hold(pool.warned)
    pool.servers[1].answer = pool.servers[0].answer
    pool.synthesize()
    check_whole(pool)
    assert set(pool.servers[2].texts) == {SENTENCE}
    [warning] = pool.warnings
    assert pool.servers[2].url in warning
    assert "left out" in warning


def test_a_model_that_is_not_there_is_left_out(open_servers):
    """What it says of that is told."""
    pool = open_servers()
    pool.servers[1].answer = status(404, body={"error": {"message": "No model kokoro."}})
    pool.hold(pool.warned)
    pool.synthesize()
    check_whole(pool)
    [warning] = pool.warnings
    assert "No model kokoro" in warning
    assert "left out" in warning
    assert len(pool.servers[1].asked) == 1


def test_a_model_that_none_has_ends_the_run(open_servers):
    """With the first address refused nothing can be compared: its own words for texts decide."""
    pool = open_servers()
    for server in pool.servers:
        server.answer = status(404, body={"error": {"message": "No model kokoro."}})
    with pytest.raises(VoiceError, match=r"No model kokoro.* 0 of 24 segments are kept"):
        pool.synthesize()
    assert pool.find_kept() == {}
    assert set(pool.servers[1].texts) <= {SENTENCE}


def test_a_sentence_that_none_can_say_ends_no_run(open_servers):
    """As of a model for another language: the first is asked alone, as if it were the only one."""
    pool = open_servers()
    for server in pool.servers:
        server.faults = lambda asked: (
            status(400, body={"error": {"message": "No English."}})
            if asked.body["input"] == SENTENCE
            else None
        )
    pool.synthesize()
    check_whole(pool)
    assert not set(pool.servers[1].texts) & set(TEXTS)
    warning = pool.warnings[-1]
    assert "No English" in warning
    assert f"{pool.servers[0].url} is asked alone" in warning


def test_the_first_address_is_away_at_the_start(open_servers):
    """Nothing is guessed: the run ends. Once it has spoken, the others go on without it."""
    pool = open_servers()
    away = replace(QUICK, patience_s=0.3)
    pool.servers[0].faults = fail_from(1, status(503))
    with pytest.raises(VoiceUnavailable, match="first in base_url") as caught:
        pool.synthesize(settings=away)
    assert "another one first" in caught.value.hint
    assert pool.find_kept() == {}
    pool.servers[0].faults = None
    pool.synthesize(TEXTS[:3])
    pool.servers[0].faults = fail_from(1, status(503))
    pool.synthesize()
    check_whole(pool)


def test_all_fail_in_the_middle_and_the_next_run_goes_on(open_servers):
    """The patience holds as for one; what was spoken is kept, and nothing is spoken twice."""
    pool = open_servers()
    for server in pool.servers:
        server.faults = fail_from(5, reset)
    with pytest.raises(VoiceUnavailable, match=r"of 24 segments are kept"):
        pool.synthesize(settings=replace(QUICK, patience_s=0.3))
    kept = pool.find_kept()
    assert 0 < len(kept) < len(TEXTS)
    for server in pool.servers:
        server.faults = None
        server.asked.clear()
    pool.synthesize()
    check_whole(pool)
    assert pool.count_answers() == {text: 1 for text in TEXTS if text not in kept}


def test_all_that_refuse_texts_alone_end_the_run(open_servers):
    """A server that still says the sentence, and no text, does not keep a run waiting for ever."""
    pool = open_servers()
    for server in pool.servers:
        server.faults = lambda asked: (
            None if asked.body["input"] == SENTENCE else status(429, {"Retry-After": "0"})
        )
    with pytest.raises(VoiceUnavailable, match="none of the 2 addresses answers"):
        pool.synthesize(settings=replace(QUICK, patience_s=0.5))


def test_one_that_comes_back_as_another_speaks_no_more(open_servers):
    """After a failure the sentence tells that it is another model now."""
    pool = open_servers()
    second = pool.servers[1]
    second.faults = lambda asked: reset if asked.n == 2 else other_voice if asked.n > 2 else None
    pool.hold(pool.warned)
    pool.synthesize(settings=replace(QUICK, connections=1))
    check_whole(pool)
    assert second.texts[0] == SENTENCE
    assert second.texts[2:] == [SENTENCE] * 3
    assert second.url in pool.warnings[0]


def test_a_text_that_no_server_can_say_fails_after_its_attempts(open_servers):
    """Each attempt asks every server that answers once; what was spoken is kept."""
    pool = open_servers()
    bad = TEXTS[7]
    for server in pool.servers:
        server.faults = lambda asked: status(500) if asked.body["input"] == bad else None
    with pytest.raises(VoiceUnavailable, match="of 24 segments are kept") as caught:
        pool.synthesize(settings=replace(QUICK, attempts=3))
    assert bad[:20] in caught.value.message
    assert 3 <= pool.count_answers()[bad] <= 6
    kept = pool.find_kept()
    assert kept == {text: speak(text) for text in kept}
    assert bad not in kept


def test_a_text_that_every_server_refuses_is_named(open_servers):
    """A refusal for good is not asked again and again."""
    pool = open_servers()
    bad = TEXTS[7]
    for server in pool.servers:
        server.faults = lambda asked: status(400) if asked.body["input"] == bad else None
    with pytest.raises(VoiceError, match="refuses the request") as caught:
        pool.synthesize()
    assert bad[:20] in caught.value.message
    assert pool.count_answers()[bad] <= 2


def test_the_budget_of_a_day_counts_the_sentence(open_servers, tmp_path):
    """No request is sent that the day does not have."""
    pool = open_servers()
    now = datetime(2026, 12, 1, tzinfo=UTC)
    budget = Budget(tmp_path / "budget.json", requests=9, speech_s=0, clock=lambda: now)
    with pytest.raises(BudgetSpent):
        pool.synthesize(budget=budget)
    assert sum(len(server.asked) for server in pool.servers) == 9
    assert len(pool.find_kept()) == 7


def test_runs_of_a_process_compare_once(open_servers, tmp_path):
    """The addresses are the same for all scripts of a process."""
    pool = open_servers()
    one = find_endpoints(pool.voice, QUICK, tmp_path)
    assert one is find_endpoints(pool.voice, QUICK, tmp_path)
    assert find_endpoints(pool.voice.endpoints[0], QUICK, tmp_path) is None
    for texts in (TEXTS[:8], TEXTS[8:]):
        synthesize_script(
            make_script(texts),
            pool.voice,
            QUICK,
            store=pool.store,
            open_pool=lambda: open_pool(pool.voice, characters=0, connections=4),
            notify=pool.hear,
            limits=one,
        )
    check_whole(pool)
    assert [server.texts.count(SENTENCE) for server in pool.servers] == [1, 1]


FAULTS = st.sampled_from(
    [None, None, None, reset, status(503), status(429, {"Retry-After": "0"}), speech_server.cut]
)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(FAULTS, min_size=4, max_size=12), min_size=2, max_size=3))
def test_whatever_happens_nothing_is_lost_or_spoken_twice(tmp_path_factory, plans):
    """Servers fail at any of their requests, in any way that may pass."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(SpeechServer()) for _ in plans]
        answered = collections.Counter()
        lock = threading.Lock()

        def count(asked):
            with lock:
                answered[asked.body["input"]] += 1
            return speech_server.answer(asked)

        for server, plan in zip(servers, plans, strict=True):
            server.answer = count
            server.faults = lambda asked, plan=plan: plan[asked.n] if asked.n < len(plan) else None
        pool = Pool(tmp_path_factory.mktemp("pool"), servers)
        pool.synthesize(TEXTS[:12])
        check_whole(pool, TEXTS[:12])
        del answered[SENTENCE]
        assert answered == dict.fromkeys(TEXTS[:12], 1)
