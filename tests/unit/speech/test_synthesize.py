"""Speaking: nothing twice, nothing lost when workers die, nothing kept that is not speech."""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

import pytest
import stamina
from tests.support.tones import ToneVoice, make_script, make_segment

from reviewcast.audio.measure import measure_take
from reviewcast.model.audio import Take
from reviewcast.model.errors import BudgetSpent, ConfigError, VoiceError, VoiceUnavailable
from reviewcast.model.events import Noticed, Warned, ignore_events
from reviewcast.settings.schema import SynthesizeSettings
from reviewcast.speech.synthesize import synthesize_script
from reviewcast.speech.takes import find_takes, keep_take, key_take
from reviewcast.speech.workers import ProcessWorkers
from reviewcast.system.budget import Budget
from reviewcast.system.cache import Cache

TEXTS = ["The first sentence", "The second one", "A third", "And the fourth"]
VOICE = ToneVoice()


@pytest.fixture
def store(tmp_path):
    return Cache(tmp_path / "cache").takes


class Pools:
    """Opens pools and counts them."""

    def __init__(self, kind="threads", workers=1):
        self.kind, self.workers, self.opened = kind, workers, 0

    def __call__(self):
        self.opened += 1
        if self.kind == "own":
            return ProcessWorkers(self.workers)
        if self.kind == "threads":
            return ThreadPoolExecutor(self.workers)
        # spawned as the program does it; one worker, so that the order is certain
        return ProcessPoolExecutor(self.workers, multiprocessing.get_context("spawn"))


def synthesize(store, voice=VOICE, texts=TEXTS, *, pools=None, notify=ignore_events, **options):
    return synthesize_script(
        make_script(list(texts)),
        voice,
        options.pop("settings", SynthesizeSettings()),
        store=store,
        open_pool=pools or Pools(),
        notify=notify,
        **options,
    )


def list_kept(store, texts, voice=VOICE):
    """Return the texts whose takes are in the store."""
    return [text for text in texts if store.find(key_take(voice, "en", text))]


@dataclass(frozen=True)
class OnlineVoice:
    """A voice that waits for a network: `trouble` decides what each call meets."""

    calls: list = field(default_factory=list, metadata={"sounds": False})
    trouble: dict = field(default_factory=dict, metadata={"sounds": False})

    name: ClassVar[str] = "online"
    version: ClassVar[str] = "1"
    max_chars: ClassVar[int] = 100
    max_workers: ClassVar[int] = 2
    online: ClassVar[bool] = True

    def speak(self, text, *, language):
        """Speak unless there is trouble left for this text."""
        self.calls.append(text)
        if self.trouble.get(text):
            error = self.trouble[text].pop(0)
            if error is not None:
                raise error
        return VOICE.speak(text, language=language)


# --- the store


def test_takes_come_in_order_and_are_stored(store):
    """Each segment has its own take, found again under its key with the voice's samples."""
    made = synthesize(store, pools=Pools(workers=3))
    assert made.voiced == 4
    for text, take in zip(TEXTS, made.takes, strict=True):
        assert take.key == key_take(VOICE, "en", text)
        assert store.find(take.key) == (take.figures, VOICE.speak(text, language="en").pcm)


def test_a_second_run_asks_nobody(store):
    """When all is in the store, no pool is opened and nothing is voiced."""
    first = synthesize(store)
    pools = Pools()
    again = synthesize(store, pools=pools)
    assert (again.voiced, pools.opened) == (0, 0)
    assert again.takes == first.takes


def test_only_what_is_missing_is_spoken(store):
    """A changed sentence is the only one that is spoken."""
    voice = OnlineVoice()
    synthesize(store, voice)
    voice.calls.clear()
    made = synthesize(store, voice, [*TEXTS[:2], "This is new", *TEXTS[3:]])
    assert (made.voiced, voice.calls) == (1, ["This is new"])


def test_the_same_text_is_spoken_once(store):
    """Segments that say the same share one take; all of them count as voiced."""
    voice = OnlineVoice()
    made = synthesize(store, voice, ["Yes", "No", "Yes", "Yes"])
    assert sorted(voice.calls) == ["No", "Yes"]
    assert made.voiced == 4
    assert made.takes[0] == made.takes[2] == made.takes[3]


def test_force_speaks_all_anew(store):
    """With force the store is not asked, only written."""
    voice = OnlineVoice()
    first = synthesize(store, voice)
    again = synthesize(store, voice, force=True)
    assert again == first
    assert len(voice.calls) == 8


def test_a_damaged_take_is_spoken_again(store, tmp_path):
    """An entry that was cut is a miss."""
    voice = OnlineVoice()
    made = synthesize(store, voice)
    key = made.takes[1].key
    entry = tmp_path / "cache" / "takes" / key[:2] / key
    entry.write_bytes(entry.read_bytes()[:-1])
    voice.calls.clear()
    assert synthesize(store, voice) == type(made)(made.takes, (1,))
    assert voice.calls == [TEXTS[1]]


def test_find_takes_tells_what_is_there(store):
    """What the store holds of a script is found without speaking."""
    synthesize(store, texts=TEXTS[:2])
    found = find_takes(make_script(TEXTS), VOICE, store=store)
    assert set(found) == {key_take(VOICE, "en", text) for text in TEXTS[:2]}


# --- keys


@dataclass(frozen=True)
class Dial(ToneVoice):
    """A voice with an option that changes its sound and one that does not."""

    speed: int = 1
    timeout_s: float = field(default=5.0, metadata={"sounds": False})


def test_keys_hang_on_what_changes_the_sound():
    """Text, language, voice and sounding options are in the key; a timeout is not."""
    keys = {
        key_take(Dial(), "en", "a"),
        key_take(Dial(), "en", "b"),
        key_take(Dial(), "de", "a"),
        key_take(Dial(speed=2), "en", "a"),
        key_take(ToneVoice(), "en", "a"),
    }
    assert len(keys) == 5
    assert key_take(Dial(timeout_s=9.0), "en", "a") == key_take(Dial(), "en", "a")


def test_keys_hang_on_the_version(monkeypatch):
    """A voice that sounds different raises its version, and is spoken anew."""
    before = key_take(VOICE, "en", "a")
    monkeypatch.setattr(ToneVoice, "version", "2")
    assert key_take(VOICE, "en", "a") != before


# --- workers that die


def test_a_dead_worker_is_replaced(store, tmp_path):
    """A process that ends once costs a new pool; every take is there and none is lost."""
    voice = ToneVoice(folder=str(tmp_path))
    pools = Pools("processes")
    texts = ["One", "Two DIE ONCE", "Three", "Four"]
    made = synthesize(store, voice, texts, pools=pools)
    assert pools.opened == 2
    assert made.voiced == 4
    assert list_kept(store, texts, voice) == texts


def test_a_segment_that_kills_three_workers_is_named(store):
    """With processes of their own only that segment fails, after all others are spoken."""
    pools = Pools("own", workers=2)
    texts = ["One", "Two DIE", "Three", "Four"]
    with pytest.raises(VoiceError, match="3 times at segment 2: 'Two DIE'") as caught:
        synthesize(store, texts=texts, pools=pools)
    assert "3 of 4 segments are kept" in caught.value.message
    assert pools.opened == 1
    assert list_kept(store, texts) == ["One", "Three", "Four"]


def test_many_deaths_cost_a_retry_each(store, tmp_path):
    """Ten workers that die, each at another segment, hold up nothing."""
    voice = ToneVoice(folder=str(tmp_path))
    texts = [f"Number {n} DIE ONCE" for n in range(10)]
    made = synthesize(store, voice, texts, pools=Pools("own", workers=2))
    assert made.voiced == 10
    assert list_kept(store, texts, voice) == texts


def test_three_deaths_are_enough(store):
    """A text that kills every worker ends in VoiceError; what was spoken before is kept."""
    pools = Pools("processes")
    with pytest.raises(VoiceError, match="3 times") as caught:
        synthesize(store, texts=["One", "Two DIE"], pools=pools)
    assert pools.opened == 3
    assert caught.value.exit_code == 5
    assert list_kept(store, ["One", "Two DIE"]) == ["One"]


def test_an_error_in_a_worker_comes_back_with_its_hint(store):
    """What a voice raises in its process arrives as it was raised."""
    with pytest.raises(VoiceError, match="The voice refuses") as caught:
        synthesize(store, texts=["One", "Two REFUSE"], pools=Pools("processes"))
    assert caught.value.hint == "Say something else."
    assert "1 of 2 segments are kept" in str(caught.value)


# --- failing


def test_an_error_keeps_what_was_spoken(store):
    """Takes that were under way when another failed are stored before the error comes."""
    gate = threading.Barrier(3)

    class Meeting(OnlineVoice):
        def speak(self, text, *, language):
            gate.wait(30)  # until all three are under way
            return super().speak(text, language=language)

    voice = Meeting(trouble={"One": [VoiceError("It refuses.")]})
    texts = ["One", "Two", "Three"]
    with pytest.raises(VoiceError, match="2 of 3 segments are kept"):
        synthesize(store, voice, texts, pools=Pools(workers=3))
    assert list_kept(store, texts, voice) == ["Two", "Three"]


def test_a_refused_take_keeps_what_was_spoken(store, monkeypatch):
    """Also when a take is not speech, those that are under way are stored."""
    refused = threading.Event()

    def measure(take):
        figures = measure_take(take)
        if figures.start == figures.end:
            refused.set()
        return figures

    begun = threading.Barrier(3)

    class Slow(OnlineVoice):
        def speak(self, text, *, language):
            begun.wait(30)  # all three are under way before the first is refused
            if "SILENT" not in text:
                assert refused.wait(30)
            return super().speak(text, language=language)

    monkeypatch.setattr("reviewcast.speech.service.measure_take", measure)
    texts = ["SILENT is all of this long sentence", "Two", "Three"]
    settings = SynthesizeSettings(attempts=1)
    with pytest.raises(VoiceError, match="2 of 3 segments are kept"):
        synthesize(store, Slow(), texts, pools=Pools(workers=3), settings=settings)
    assert list_kept(store, texts, Slow()) == ["Two", "Three"]


def test_after_an_error_nothing_more_is_asked(store):
    """What had not begun when the voice failed is not asked for."""
    voice = OnlineVoice(trouble={"Number 0": [VoiceError("It refuses.")]})
    texts = [f"Number {n}" for n in range(60)]
    with pytest.raises(VoiceError):
        synthesize(store, voice, texts)
    assert len(voice.calls) < 10


@pytest.mark.parametrize("word", ["SILENT", "SHORT", "LONG"])
def test_what_is_no_speech_is_refused(store, word):
    """Silence, a fragment, and minutes for a sentence are refused by name and not stored."""
    text = f"This sentence comes {word} from the voice"
    with pytest.raises(VoiceError, match="segment 2") as caught:
        synthesize(store, texts=["One", text])
    assert word in caught.value.message
    assert caught.value.hint
    assert list_kept(store, [text]) == []


def test_ten_seconds_of_silence_are_refused(store):
    """Digital silence is not speech, however long."""
    take = Take(bytes(2 * 240_000), 24_000)
    with pytest.raises(VoiceError):
        keep_take(take, make_segment(0, "A sentence"), "a" * 64, store=store)


@pytest.mark.parametrize("text", ["I", "A.", "9", "Oh!"])
def test_the_shortest_words_are_speech(store, text):
    """A take of one syllable is kept."""
    speech = Take(VOICE.speak("abcd", language="en").pcm, 24_000)
    assert keep_take(speech, make_segment(0, text), "a" * 64, store=store).figures.samples


# --- patience


@pytest.fixture
def no_waiting():
    """Let retries come at once, so that no test sleeps."""
    with stamina.set_testing(True, attempts=8):
        yield


def make_unavailable(**options):
    return VoiceUnavailable("It does not answer.", **options)


@pytest.mark.usefixtures("no_waiting")
def test_an_unavailable_voice_is_asked_again(store):
    """A few failures of an online voice cost nothing but time."""
    voice = OnlineVoice(trouble={"Two": [make_unavailable(), make_unavailable(retry_after_s=0.01)]})
    made = synthesize(store, voice, ["One", "Two", "Three"])
    assert made.voiced == 3
    assert voice.calls.count("Two") == 3


@pytest.mark.usefixtures("no_waiting")
def test_patience_ends(store):
    """A voice that is gone for good ends in VoiceUnavailable, after as many attempts as said."""
    voice = OnlineVoice(trouble={"Two": [make_unavailable()] * 99})
    with pytest.raises(VoiceUnavailable, match="1 of 2 segments are kept") as caught:
        synthesize(store, voice, ["One", "Two"])
    assert caught.value.exit_code == 5
    assert voice.calls.count("Two") == 8
    assert list_kept(store, ["One", "Two"], voice) == ["One"]


@pytest.mark.usefixtures("no_waiting")
def test_a_refusal_is_not_asked_again(store):
    """Only what may help later is tried again."""
    voice = OnlineVoice(trouble={"Two": [VoiceError("Never.")]})
    with pytest.raises(VoiceError):
        synthesize(store, voice, ["One", "Two"])
    assert voice.calls.count("Two") == 1


def test_a_wait_beyond_all_patience_is_not_waited_for(store):
    """When the service asks for more time than there is, the error comes at once."""
    voice = OnlineVoice(trouble={"One": [make_unavailable(retry_after_s=3600.0)]})
    with pytest.raises(VoiceUnavailable, match=r"3600 s\. 0 of 1 segments are kept"):
        synthesize(store, voice, ["One"], settings=SynthesizeSettings(patience_s=10))
    assert voice.calls == ["One"]


def test_an_embedded_voice_is_asked_once(store):
    """What computes is not asked again: it would say the same."""
    with pytest.raises(VoiceError, match="segment 1: 'REFUSE this'"):
        synthesize(store, texts=["REFUSE this"])


@pytest.mark.usefixtures("no_waiting")
def test_being_asked_to_slow_down_is_no_attempt(store):
    """Sixty refusals cost time and nothing else, and are told once."""
    busy = [make_unavailable(slow_down=True) for _ in range(60)]
    voice = OnlineVoice(trouble={"Two": busy})
    settings = SynthesizeSettings(first_wait_s=0, longest_wait_s=0, requests_per_s=1000)
    events = []
    made = synthesize(store, voice, ["One", "Two"], settings=settings, notify=events.append)
    assert made.voiced == 2
    assert voice.calls.count("Two") == 61
    assert [event for event in events if isinstance(event, Noticed)] == [
        Noticed("It does not answer: slower from here on.")
    ]


@pytest.mark.usefixtures("no_waiting")
def test_a_neighbour_s_sound_is_asked_for_again(store):
    """A take that was kept with another text's sound is found out when that text is spoken."""
    texts = ["The first of the sentences", "And here something else is said", "A third matter"]

    class Mixed(OnlineVoice):
        def speak(self, text, *, language):
            wrong = text == texts[0] and self.calls.count(text) == 0
            take = super().speak(text, language=language)
            return VOICE.speak(texts[1], language=language) if wrong else take

    voice = Mixed()
    made = synthesize(store, voice, texts)
    for text, take in zip(texts, made.takes, strict=True):
        assert store.load(take.key) == VOICE.speak(text, language="en").pcm
    assert made.voiced == 3
    assert 2 <= voice.calls.count(texts[0]) <= 4


@pytest.mark.usefixtures("no_waiting")
def test_a_neighbour_s_sound_in_the_store_is_found_out(store):
    """Takes of an interrupted run that share a sound are both asked for again."""
    texts = ["The first of the sentences", "And here something else is said", "A third matter"]
    for index in (0, 1):
        take = VOICE.speak(texts[1], language="en")
        segment = make_segment(index, texts[index])
        keep_take(take, segment, key_take(OnlineVoice(), "en", texts[index]), store=store)
    made = synthesize(store, OnlineVoice(), texts)
    assert made.voiced == 3
    for text, take in zip(texts, made.takes, strict=True):
        assert store.load(take.key) == VOICE.speak(text, language="en").pcm


# --- doubts


@dataclass(frozen=True)
class DoubtfulVoice(OnlineVoice):
    """An online voice of which each reply is as long as said, in shares, and doubted or not.

    A text without replies of its own is spoken well.
    """

    replies: dict = field(default_factory=dict, metadata={"sounds": False})

    def speak(self, text, *, language):
        """Return the next of the replies to this text, the last one again and again."""
        take = super().speak(text, language=language)
        replies = self.replies.get(text)
        if not replies:
            return take
        share, *doubts = replies.pop(0) if len(replies) > 1 else replies[0]
        pcm = (take.pcm * 8)[: 2 * int(len(take.pcm) // 2 * share)]
        return Take(pcm, take.rate_hz, doubts=tuple(doubts))


def list_warnings(events):
    return [event.message for event in events if isinstance(event, Warned)]


CUT = "breaks off"
LONG = "A sentence that the service answers in an odd way"


def synthesize_doubtful(store, replies, *, attempts=10, texts=("One", LONG, "Three")):
    voice = DoubtfulVoice(replies={LONG: list(replies)})
    settings = SynthesizeSettings(attempts=attempts, first_wait_s=0, longest_wait_s=0)
    events = []
    made = synthesize(store, voice, texts, settings=settings, notify=events.append)
    take = made.takes[1].figures
    return voice.calls.count(LONG), take.samples / take.rate_hz, list_warnings(events)


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    ("replies", "asked", "share", "is_warned"),
    [
        pytest.param([(1.0,)], 1, 1.0, False, id="no doubt"),
        pytest.param([(0.6, CUT), (1.0,)], 2, 1.0, False, id="whole at the second time"),
        pytest.param([(0.9, CUT)], 2, 0.9, True, id="twice alike"),
        pytest.param([(0.5, CUT), (0.9, CUT), (0.5, CUT)], 3, 0.5, True, id="alike with another"),
        pytest.param(
            [(0.5, CUT), (0.6, CUT), (0.9, CUT), (0.7, CUT)], 4, 0.9, True, id="never alike"
        ),
        pytest.param(
            [(0.5, CUT, "is odd"), (0.7, CUT), (0.9, CUT, "is odd"), (0.6, CUT, "is odd")],
            4,
            0.7,
            True,
            id="the one with the fewest doubts",
        ),
        pytest.param([(6.0,)], 1, 6.0, False, id="slow"),
    ],
)
def test_a_doubtful_reply_is_asked_for_again(store, replies, asked, share, is_warned):
    """What comes twice alike, or at last, is kept with a warning that names the text."""
    calls, lasts_s, warnings = synthesize_doubtful(store, replies)
    whole_s = len(VOICE.speak(LONG, language="en").pcm) / 48_000
    assert calls == asked
    assert lasts_s == pytest.approx(share * whole_s, abs=0.001)
    assert len(warnings) == is_warned
    assert all(f"segment 2: {LONG!r}" in said and CUT in said for said in warnings)


@pytest.mark.usefixtures("no_waiting")
def test_a_doubtful_reply_is_better_than_none(store):
    """When all other attempts fail, what was doubted is kept, and told."""
    voice = DoubtfulVoice(
        replies={LONG: [(0.9, CUT)]}, trouble={LONG: [None, *[make_unavailable()] * 99]}
    )
    events = []
    made = synthesize(store, voice, ["One", LONG], notify=events.append)
    assert made.voiced == 2
    assert len(list_warnings(events)) == 1


def test_one_attempt_is_one_request(store):
    """Who allows one attempt gets the doubtful reply at once."""
    calls, _, warnings = synthesize_doubtful(store, [(0.9, CUT)], attempts=1)
    assert (calls, len(warnings)) == (1, 1)


@pytest.mark.usefixtures("no_waiting")
def test_a_short_text_may_be_silent(store):
    """Silence twice is how the service says it: a pause of its length, and a warning."""
    voice = OnlineVoice()
    events = []
    made = synthesize(store, voice, ["One", "SILENT", "Three"], notify=events.append)
    figures = made.takes[1].figures
    assert voice.calls.count("SILENT") == 2
    assert (figures.start, figures.end) == (0, 24_000)
    assert "is silent in segment 2: 'SILENT'" in list_warnings(events)[0]


@pytest.mark.parametrize("attempts", [1, 2, 10])
def test_short_texts_that_sound_the_same_are_kept(store, attempts):
    """Two titles that the service reads alike cost a warning, however often it may be asked."""

    class Alike(OnlineVoice):
        def speak(self, text, *, language):
            super().speak(text, language=language)
            return VOICE.speak("The film", language=language)

    settings = SynthesizeSettings(attempts=attempts, first_wait_s=0, longest_wait_s=0)
    events, voice = [], Alike()
    texts = ["千と千尋の神隠し", "Ran, 七人の侍"]
    made = synthesize(store, voice, texts, settings=settings, notify=events.append)
    assert made.voiced == 2
    assert max(map(voice.calls.count, texts)) <= min(3, attempts)
    [said] = list_warnings(events)
    assert all(text in said for text in texts)


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("attempts", [1, 3, 5])
def test_no_text_is_asked_for_more_often_than_attempts(store, attempts):
    """A neighbour's sound, failures and doubts together cost so many requests at most."""
    texts = ["The first of all the sentences", "And here something else is said", "A third"]
    trouble = [make_unavailable(), None] * 50

    class Mixed(OnlineVoice):
        def speak(self, text, *, language):
            take = super().speak(text, language=language)
            return VOICE.speak(texts[1], language=language) if text == texts[0] else take

    voice = Mixed(trouble={texts[0]: trouble})
    settings = SynthesizeSettings(attempts=attempts, first_wait_s=0, longest_wait_s=0)
    with pytest.raises(VoiceUnavailable), stamina.set_testing(False):
        synthesize(store, voice, texts, settings=settings)
    counts = [voice.calls.count(text) for text in texts]
    assert counts[0] <= attempts
    assert max(counts) <= attempts


@pytest.mark.parametrize(
    "name",
    ["connections", "requests_per_s", "attempts", "patience_s", "first_wait_s", "longest_wait_s"],
)
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_patience_that_cannot_be_is_refused(name, value):
    """Negative, endless and undefined numbers are mistakes in the settings."""
    with pytest.raises(ConfigError, match=name):
        SynthesizeSettings(**{name: value})


# --- progress


def test_progress_counts_segments(store):
    """Events rise to the total, starting above what was in the store."""
    synthesize(store, texts=TEXTS[:2])
    events = []
    synthesize(store, notify=events.append)
    done = [event.done for event in events]
    assert done == sorted(done)
    assert done[-1] == 4
    assert {event.total for event in events} == {4}


# --- the budget of a day


def open_budget(tmp_path, requests=0, speech_s=0.0):
    def clock():
        return datetime(2026, 12, 1, tzinfo=UTC)

    path = tmp_path / "budget.json"
    return Budget(path, requests=requests, speech_s=speech_s, clock=clock)


@pytest.mark.parametrize("workers", [1, 2])
def test_no_request_too_many(store, tmp_path, workers):
    """Failed attempts count, too; what was spoken is kept, and the next run goes on there."""
    trouble = {TEXTS[1]: [VoiceUnavailable("Not now.")]}
    voice = OnlineVoice(trouble=trouble)
    settings = SynthesizeSettings(first_wait_s=0, longest_wait_s=0, requests_per_s=1000)
    budget = open_budget(tmp_path, requests=3)
    with pytest.raises(BudgetSpent, match="of 4 segments are kept"):
        synthesize(store, voice, pools=Pools(workers=workers), settings=settings, budget=budget)
    assert len(voice.calls) == 3
    kept = list_kept(store, TEXTS, voice)
    assert len(kept) == 2
    with pytest.raises(BudgetSpent):  # another run of the same day
        synthesize(store, voice, settings=settings, budget=open_budget(tmp_path, requests=3))
    assert len(voice.calls) == 3
    takes = synthesize(store, voice, settings=settings, budget=open_budget(tmp_path, requests=9))
    assert takes.voiced == 2
    assert len(voice.calls) == 5


def test_no_minute_too_many(store, tmp_path):
    """Whoever speaks: what is heard of a day fits its budget, and the rest goes on later."""
    said = {text: VOICE.speak(text, language="en") for text in TEXTS}
    seconds = {text: len(take.pcm) / 2 / take.rate_hz for text, take in said.items()}
    limit_s = 1.05 * max(sum(seconds[text] for text in TEXTS[:2]), len("".join(TEXTS[:2])) / 9)
    budget = open_budget(tmp_path, speech_s=limit_s)
    with pytest.raises(BudgetSpent):
        synthesize(store, budget=budget)
    kept = list_kept(store, TEXTS)
    assert 1 <= len(kept) < 4
    spent = open_budget(tmp_path, speech_s=limit_s).read_today().speech_s
    assert spent == pytest.approx(sum(seconds[text] for text in kept), abs=0.01)
    assert spent <= limit_s
    synthesize(store, budget=open_budget(tmp_path / "other", speech_s=0))
    assert list_kept(store, TEXTS) == TEXTS
