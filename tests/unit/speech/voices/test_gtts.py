"""Google's voice, through a stand-in on loopback: whole audio of this text, or an error."""

import contextlib
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support import google
from tests.support.google import GoogleStandIn

from reviewcast.audio.measure import measure_take
from reviewcast.audio.mp3.frames import find_frames
from reviewcast.model.errors import ConfigError, VoiceError, VoiceUnavailable
from reviewcast.model.protocols import Voice
from reviewcast.speech.voices.gtts import GttsVoice
from reviewcast.system.http import open_session

TEXT = "The camera is the best part of this phone."
VOICE = GttsVoice()


@pytest.fixture(autouse=True)
def fresh_session():
    """Return each test a session of its own, and close it."""
    open_session.cache_clear()
    yield
    open_session().close()
    open_session.cache_clear()


@pytest.fixture
def standin(monkeypatch):
    with GoogleStandIn() as standin:
        lead_to(standin, monkeypatch)
        yield standin


def lead_to(standin, monkeypatch):
    for name, value in standin.environ().items():
        monkeypatch.setenv(name, value)


def measure_s(take):
    figures = measure_take(take)
    return (figures.end - figures.start) / figures.rate_hz


def test_it_is_a_voice():
    """It has all that the protocol asks for, and travels to a worker."""
    assert isinstance(VOICE, Voice)
    assert pickle.loads(pickle.dumps(VOICE)) == VOICE
    assert VOICE.info.online


def test_it_speaks(standin):
    """One text is one request, verified, and comes back as 24 kHz speech of its length."""
    take = VOICE.speak(TEXT, language="en")
    assert standin.texts == [TEXT]
    assert take.rate_hz == 24_000
    assert 0.04 * len(TEXT) < measure_s(take) < 0.09 * len(TEXT)


def test_the_text_is_sent_as_it_is(standin):
    """Nothing is split, dropped or rewritten on the way."""
    texts = [
        "It is 122 min, rated 12A; vs. the other one: 3/5!",
        "Dr. Strangelove, i.e. the film",
        "„Größer“ & besser = 100 % 😀",
        "a" * 100,
    ]
    for text in texts:
        VOICE.speak(text, language="en")
    assert standin.texts == texts


# --- faults

REFUSED = [
    google.TOO_MANY,
    google.TOO_MANY_RETRY_AFTER,
    google.SERVER_ERROR,
    google.status(403),
    google.status(503, retry_after_s=7),
    google.RESET,
    google.BODY_CUT,
    google.NO_AUDIO,
    google.NULL_AUDIO,
    google.EMPTY_AUDIO,
    google.HTML_AS_AUDIO,
    google.CONSENT_PAGE,
    google.SORRY_REDIRECT,
]


@pytest.mark.parametrize("fault", REFUSED, ids=google.name_fault)
def test_a_fault_is_refused_and_the_next_call_is_well(standin, fault):
    """Each fault is VoiceUnavailable with a hint; then the same text is spoken."""
    standin.faults = google.first(1, fault)
    with pytest.raises(VoiceUnavailable) as caught:
        VOICE.speak(TEXT, language="en")
    assert caught.value.hint
    assert caught.value.retry_after_s == fault.retry_after_s
    assert VOICE.speak(TEXT, language="en").pcm
    assert standin.sorry_visits == 0


def test_a_hang_ends_after_the_timeout(standin):
    """A service that does not answer is given up."""
    standin.faults = google.first(1, google.HANG)
    with pytest.raises(VoiceUnavailable, match="cannot be reached"):
        GttsVoice(timeout_s=0.2).speak(TEXT, language="en")


@pytest.mark.parametrize(
    "text", [TEXT, "Hello.", "Damien Chazelle directs.", "I laughed; I cried; I left."]
)
def test_truncated_audio_is_told(standin, text):
    """Half an MP3 is refused, or doubted where it ends with a frame; the whole one is neither."""
    standin.faults = google.first(1, google.TRUNCATED_MP3)
    with contextlib.suppress(VoiceUnavailable):
        assert "breaks off" in VOICE.speak(text, language="en").doubts
    assert VOICE.speak(text, language="en").doubts == ()


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5, 0.65, 0.8, 0.9])
def test_audio_cut_between_frames_is_told(monkeypatch, share):
    """Of an MP3 of whole frames that breaks off, the end shows it, wherever it is.

    When most is missing it is refused, else doubted.
    """

    def speak(text, language):
        mp3 = google.speak(text, language)
        frames = list(find_frames(mp3))
        return mp3[: frames[int(len(frames) * share)]]

    with GoogleStandIn(speak=speak) as standin:
        lead_to(standin, monkeypatch)
        if share <= 0.65:
            with pytest.raises(VoiceUnavailable, match="broke off"):
                VOICE.speak(TEXT, language="en")
        else:
            assert VOICE.speak(TEXT, language="en").doubts[0] == "breaks off"


@pytest.mark.parametrize(
    ("options", "text", "doubts"),
    [
        pytest.param({"end_s": 0.0}, TEXT, (), id="ends with the last sound"),
        pytest.param({"end_s": 0.005}, "Hello", (), id="ends 5 ms after the last sound"),
        pytest.param({"stretch": 4.0}, TEXT, (), id="slow"),
        pytest.param({"noise_db": -52.0}, TEXT, (), id="noise"),
        pytest.param({"silent": {"…ー"}}, "…ー", ("is silent",), id="silent"),
    ],
)
def test_what_google_really_answers(monkeypatch, options, text, doubts):
    """Replies that end abruptly or are slow are whole; silence may be the answer to a sign."""
    with GoogleStandIn(speak=google.make_speak(**options)) as standin:
        lead_to(standin, monkeypatch)
        takes = [VOICE.speak(text, language="en") for _ in range(2)]
    assert takes[0].pcm != takes[1].pcm
    assert [take.doubts for take in takes] == [doubts, doubts]


def test_audio_far_too_short_is_refused(standin):
    """One word in place of a long sentence is refused."""
    standin.faults = google.first(1, google.neighbour("Yes."))
    with pytest.raises(VoiceUnavailable, match="too little"):
        VOICE.speak(
            "It was the best of times, it was the worst of times, it was so.", language="en"
        )


def test_silence_is_refused(standin):
    """Ten seconds of silence are no answer."""
    standin.faults = google.first(1, google.SILENCE)
    with pytest.raises(VoiceUnavailable, match="silence"):
        VOICE.speak(TEXT, language="en")


def test_a_service_that_is_gone(standin):
    """A refused connection is VoiceUnavailable; when the service is back, so is the voice."""
    VOICE.speak(TEXT, language="en")
    standin.down()
    with pytest.raises(VoiceUnavailable):
        VOICE.speak(TEXT, language="en")
    standin.up()
    assert VOICE.speak(TEXT, language="en").pcm


# --- the connection


def test_a_wrong_certificate_is_not_asked_again(monkeypatch):
    """Whoever cannot prove to be Google is refused for good, before any text is sent."""
    with GoogleStandIn(trusted=False) as standin:
        lead_to(standin, monkeypatch)
        with pytest.raises(VoiceError, match="certificate") as caught:
            VOICE.speak(TEXT, language="en")
        assert not isinstance(caught.value, VoiceUnavailable)
        assert "REQUESTS_CA_BUNDLE" in caught.value.hint
        assert standin.texts == []


def test_certificates_that_are_not_there(standin, monkeypatch, tmp_path):
    """A variable that points nowhere is an error of the voice that names it."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(VoiceError) as caught:
        VOICE.speak(TEXT, language="en")
    assert "REQUESTS_CA_BUNDLE" in caught.value.hint
    assert standin.texts == []


def test_connections_are_kept(standin):
    """Eight texts one after another need one handshake."""
    for number in range(8):
        VOICE.speak(f"This is sentence number {number}.", language="en")
    assert standin.handshakes == 1


def test_workers_have_a_connection_each(monkeypatch):
    """Four workers need at most four handshakes for any number of texts."""
    meeting = threading.Barrier(4)

    def speak(text, language):
        meeting.wait(30)
        return google.speak("This is a sentence.", language)

    with GoogleStandIn(speak=speak) as standin, ThreadPoolExecutor(4) as pool:
        lead_to(standin, monkeypatch)
        list(pool.map(lambda n: VOICE.speak(f"This is sentence {n}.", language="en"), range(16)))
        assert standin.peak_in_flight == 4
        assert standin.handshakes <= 4


def test_without_its_proxy_nothing_is_reached(standin, monkeypatch):
    """The proxy of the environment is the only way that is taken."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(VoiceUnavailable):
        VOICE.speak(TEXT, language="en")
    assert standin.texts == []


# --- languages and options


@pytest.mark.parametrize(
    ("language", "sent"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("EN-gb", "en"),
        ("de-AT", "de"),
        ("pt", "pt"),
        ("pt-BR", "pt"),
        ("pt-PT", "pt-PT"),
        ("zh", "zh"),
        ("zh-TW", "zh-TW"),
        ("zh-Hant", "zh"),
        ("fr-CA", "fr-CA"),
        ("fr-BE", "fr"),
    ],
)
def test_languages(monkeypatch, language, sent):
    """A language tag becomes the code that Google knows it by."""
    with GoogleStandIn(speak=lambda _text, _language: google.speak("Hello.", "en")) as standin:
        lead_to(standin, monkeypatch)
        VOICE.speak("Radio", language=language)
        assert [request.language for request in standin.requests] == [sent]


@pytest.mark.parametrize("language", ["tlh", "", "xx-YY"])
def test_unknown_languages(standin, language):
    """A language that Google does not speak is a mistake in the settings; nobody is asked."""
    with pytest.raises(ConfigError) as caught:
        VOICE.speak(TEXT, language=language)
    assert caught.value.hint
    assert standin.texts == []


def test_options_reach_google(standin):
    """Accent, pace and language are those of the settings."""
    GttsVoice(language="de", tld="co.uk", slow=True).speak("Hallo Welt", language="en")
    [request] = standin.requests
    assert (request.language, request.tld, request.slow) == ("de", "co.uk", True)


@pytest.mark.parametrize(
    "options",
    [
        {"tld": "evil.example/x?"},
        {"tld": ""},
        {"tld": "com\n"},
        {"tld": "COM"},
        {"timeout_s": 0.0},
        {"timeout_s": 301.0},
        {"timeout_s": float("nan")},
    ],
)
def test_options_out_of_range(options):
    """What would lead elsewhere or wait for ever is refused by name."""
    with pytest.raises(ConfigError, match=next(iter(options))):
        GttsVoice(**options)


@pytest.mark.parametrize("text", ["", "...", "!!!", " \n", "a" * 101, "word " * 30])
def test_texts_that_google_does_not_take(standin, text):
    """Nothing to say, and more than one request holds, are refused; nobody is asked."""
    with pytest.raises(VoiceError):
        VOICE.speak(text, language="en")
    assert standin.texts == []
