"""The voice `edge`, through a stand-in on loopback: whole audio of this text, or an error."""

import gc
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import edge_tts.drm
import numpy as np
import pytest
from tests.support import edge_server
from tests.support.edge_server import EdgeServer, Fault, Kind, first
from tests.support.program import Program
from tests.support.tones import find_tones

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError, VoiceUnavailable
from reviewcast.model.languages import read_language
from reviewcast.model.protocols import Voice
from reviewcast.speech.takes import key_take
from reviewcast.speech.voices import edge, edge_requests
from reviewcast.speech.voices.edge import EdgeVoice
from reviewcast.system.extras import compose_install_line

TEXT = "The camera is the best part of this phone."
LONG_NAME = "Microsoft Server Speech Text to Speech Voice"
VOICE = EdgeVoice()
SHORT = "# A short one\n\nIt begins.\n\n## More\n\nIt goes on, and then it ends well.\n"


@pytest.fixture(autouse=True)
def right_time(monkeypatch):
    """Set the clock of edge-tts back after each test."""
    monkeypatch.setattr(edge_tts.drm.DRM, "clock_skew_seconds", 0.0)


@pytest.fixture
def server(monkeypatch):
    with EdgeServer() as server:
        lead_to(server, monkeypatch)
        yield server


def lead_to(server, monkeypatch):
    for name, value in server.environ().items():
        monkeypatch.setenv(name, value)


def refuse(text=TEXT, **options):
    """Return the error of a request that is refused for now."""
    with pytest.raises(VoiceUnavailable) as caught:
        EdgeVoice(**options).speak(text, language="en")
    assert caught.value.hint
    return caught.value


def test_it_is_a_voice():
    """It has all that the protocol asks for, and travels to a worker."""
    assert isinstance(VOICE, Voice)
    assert pickle.loads(pickle.dumps(VOICE)) == VOICE
    assert VOICE.info.online


def test_it_speaks(server):
    """One text is one connection, and comes back as 24 kHz speech of its length."""
    take = VOICE.speak(TEXT, language="en")
    assert len(server.asked) == 1
    assert server.spoken == [
        edge_server.Spoken(TEXT, f"{LONG_NAME} (en-US, AvaNeural)", "+0%", "+0Hz", True)
    ]
    assert take.rate_hz == 24_000
    assert abs(len(take.pcm) / 48_000 - (0.3 + 0.06 * len(TEXT))) < 0.2


@pytest.mark.parametrize(
    "text",
    [
        "It is 122 min, rated 12A; vs. the other one: 3/5!",
        "Tom & Jerry <live>: \"it's\" ]]> &amp; 'all' &#65; right",
        "„Größer“ = 100 % 😀 и ещё 映画 é",
        "a" * 800,
        "a" + "&" * 799,
        "a" + "😀" * 799,
        "a " + "&< " * 266,
    ],
)
def test_the_text_is_sent_as_it_is(server, text):
    """Nothing is split, dropped or rewritten on the way, and markup is only text."""
    VOICE.speak(text, language="en")
    assert server.texts == [text.strip()]


# --- the words


def test_the_words_are_marked(server):
    """Each word's mark is its first character, and the moment at which it is heard to begin."""
    text = 'It isn\'t well-known, & costs 20 % of "Amélie" (2001).'
    take = VOICE.speak(text, language="en")
    words = ["It", "isn't", "well-known", "costs", "20", "of", "Amélie", "2001"]
    assert [at for at, _ in take.marks] == [text.index(word) for word in words]
    samples = np.frombuffer(take.pcm, "<i2").astype(np.float32)
    tones = find_tones([samples], take.rate_hz)
    assert len(tones) == len(words)
    for (_, sample), (starts_s, _, _) in zip(take.marks, tones, strict=True):
        # a decoder gives back what went through two filters: 1,105 samples later
        assert abs(sample / take.rate_hz - starts_s) < 0.06


def change_words(change):
    def speak(text):
        mp3, words = edge_server.speak(text)
        return mp3, change(words)

    return speak


@pytest.mark.parametrize(
    "change",
    [
        lambda words: [],
        lambda words: words[:-1],
        lambda words: words[1:],
        lambda words: words[:3] + words[4:],
        lambda words: [(word.upper(), at) for word, at in words],
        lambda words: [(word, 10_000_000 - at) for word, at in words],
        lambda words: [(word, at - 5_000_000) for word, at in words],
        lambda words: [*words[:-1], (words[-1][0], words[-1][1] + 6_000_000)],
        lambda words: [*words, ("more", words[-1][1])],
        lambda words: [(word, 0) for word, _ in words[::-1]],
    ],
)
def test_words_that_do_not_fit(monkeypatch, change):
    """When a single word is not found in its place the audio is kept, and no word is marked."""
    with EdgeServer(speak=change_words(change)) as server:
        lead_to(server, monkeypatch)
        take = VOICE.speak(TEXT, language="en")
    assert take.pcm
    assert take.marks == ()


@pytest.mark.parametrize(
    ("text", "words", "marks"),
    [
        ("映画は良い", ["映画", "は", "良い"], [0, 2, 3]),
        ("3/5 & more", ["3/5", "&", "more"], [0, 6]),
        ("the other: the", ["the", "other", "the"], [0, 4, 11]),
        ("the other", ["other"], []),
        ("other", ["the"], []),
        ("„So“ – ja", ["So", "ja"], [1, 7]),
        ("(one)", ["(one)"], [1]),
        ("one", [""], []),
    ],
)
def test_words_in_their_places(text, words, marks):
    """Words are found one behind the other, whatever stands between them."""
    take = Take(bytes(48_000), 24_000)
    told = [(word, 1000 * n) for n, word in enumerate(words)]
    assert [at for at, _ in edge.mark_words(text, told, take)] == marks


# --- faults


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.RESET, "cannot be reached"),
        (Kind.CLOSE, "broke off before the end"),
        (Kind.DROP, "broke off before the end"),
        (Kind.NO_AUDIO, "without any audio"),
        (Kind.SILENCE, "silence"),
        (Kind.HALF, "broke off for"),
        (Kind.TORN, "broken audio"),
        (Kind.NEIGHBOUR, "too little"),
        (Kind.PAGE, "broken audio"),
        (Kind.NONSENSE, "something else"),
    ],
)
def test_a_fault_is_refused_and_the_next_call_is_well(server, capfd, kind, said):
    """Each fault is VoiceUnavailable, nothing is printed; then the same text is spoken."""
    server.faults = first(2 if kind is Kind.RESET else 1, Fault(kind))  # aiohttp asks once more
    assert said in refuse().message
    assert VOICE.speak(TEXT, language="en").marks
    gc.collect()  # what is still open then warns, and a warning is an error
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", [Kind.MUTE, Kind.HANG, Kind.STALL])
def test_a_hang_ends_after_the_timeout(server, capfd, kind):
    """A service that falls silent is given up, wherever it does."""
    server.faults = lambda _asked: Fault(kind)
    assert "cannot be reached" in refuse(timeout_s=0.3).message
    gc.collect()  # what is still open then warns, and a warning is an error
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize("share", [0.2, 0.35, 0.5, 0.65, 0.8])
def test_audio_cut_between_frames_is_told(monkeypatch, share, words):
    """An MP3 of whole frames that breaks off is refused or doubted, by its end or its words."""

    def speak(text):
        mp3, told = edge_server.speak(text)
        return mp3[: int(len(mp3) * share) // 144 * 144], told if words else []

    with EdgeServer(speak=speak) as server:
        lead_to(server, monkeypatch)
        if share < 0.7:
            refuse()
            return
        doubts = VOICE.speak(TEXT, language="en").doubts
    assert "breaks off" in doubts


@pytest.mark.parametrize(("share", "doubts"), [(1.0, ()), (0.75, ("breaks off",))])
def test_an_end_that_nothing_tells_of(monkeypatch, share, doubts):
    """With an encoder that leaves zeros, a quiet end is whole, and a loud one is doubted."""

    def speak(text):
        mp3, _ = edge_server.speak(text)
        frames = int(len(mp3) / 144 * share) - 4
        # the last has no main data, and zeros behind its side information
        return mp3[: 144 * frames] + mp3[:4] + bytes(140), []

    with EdgeServer(speak=speak) as server:
        lead_to(server, monkeypatch)
        assert VOICE.speak("A long aaaaaaaaaaa", language="en").doubts == doubts


@pytest.mark.parametrize(
    ("code", "headers", "wait_s", "slow_down"),
    [
        (429, {}, None, True),
        (429, {"Retry-After": "7"}, 7.0, True),
        (503, {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0.0, False),
        (500, {}, None, False),
        (200, {}, None, False),
    ],
)
def test_a_status(server, code, headers, wait_s, slow_down):
    """The wait that the service asks for is told."""
    server.faults = first(1, Fault(Kind.STATUS, code, headers))
    error = refuse()
    assert f"{code}" in error.message
    assert (error.retry_after_s, error.slow_down) == (wait_s, slow_down)
    assert VOICE.speak(TEXT, language="en").pcm


def test_a_clock_that_is_wrong(server):
    """A first 403 makes edge-tts take the service's time, and the same call speaks."""
    ahead = format_datetime(datetime.now(UTC) + timedelta(hours=5), usegmt=True)
    server.faults = first(1, Fault(Kind.STATUS, 403, {"Date": ahead}))
    assert VOICE.speak(TEXT, language="en").marks
    tokens = [asked.query["Sec-MS-GEC"] for asked in server.asked]
    assert len(set(tokens)) == 2


@pytest.mark.parametrize("headers", [{}, {"Date": "long ago"}])
def test_a_refused_connection(server, headers):
    """A 403 that stays is told with what helps most: a newer edge-tts."""
    server.faults = lambda _asked: Fault(Kind.STATUS, 403, headers)
    error = refuse()
    assert "(403)" in error.message
    assert "--upgrade 'edge-tts>=" in error.hint


def test_an_endless_answer(server):
    """What does not end is not waited for."""
    edge_requests.trust_environment()
    client = edge_tts.Communicate(
        TEXT, "en-US-AvaNeural", boundary="WordBoundary", proxy=edge_requests.find_proxy()
    )
    with pytest.raises(VoiceUnavailable, match="does not end"):
        edge_requests.request_speech(client, 15.0, most_bytes=1000)


# --- the connection


def test_a_wrong_certificate_is_not_asked_again(monkeypatch, capfd):
    """Whoever cannot prove to be Microsoft is refused for good, before any text is sent."""
    with EdgeServer(trusted=False) as server:
        lead_to(server, monkeypatch)
        with pytest.raises(VoiceError, match="certificate") as caught:
            VOICE.speak(TEXT, language="en")
        assert not isinstance(caught.value, VoiceUnavailable)
        assert "REQUESTS_CA_BUNDLE" in caught.value.hint
        assert server.asked == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates_by_variable(server, monkeypatch, tmp_path, variable):
    """Each variable that other programs know works, and is named when its file is not there."""
    for other in edge_requests.CERTIFICATES:
        monkeypatch.delenv(other, raising=False)
    for bundle in (tmp_path / "none.pem", tmp_path):  # no file, and a folder without any in it
        monkeypatch.setenv(variable, str(bundle))
        with pytest.raises(VoiceError, match="certificate") as caught:
            VOICE.speak(TEXT, language="en")
        assert not isinstance(caught.value, VoiceUnavailable)
        assert (variable in caught.value.hint) or bundle == tmp_path
    assert server.asked == []
    monkeypatch.setenv(variable, str(server.ca_path))
    assert VOICE.speak(TEXT, language="en").pcm


def test_without_its_proxy_nothing_is_reached(server, monkeypatch):
    """The proxy of the environment is the only way that is taken."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "127.0.0.1:9")
    assert "cannot be reached" in refuse().message
    assert server.asked == []


def test_proxies(monkeypatch):
    """A proxy needs no scheme, and hosts can be left out."""
    monkeypatch.setenv("https_proxy", "proxy.example:8080")
    monkeypatch.setenv("no_proxy", "")
    assert edge_requests.find_proxy() == "http://proxy.example:8080"
    monkeypatch.setenv("no_proxy", ".bing.com")
    assert edge_requests.find_proxy() is None


def test_several_at_once(monkeypatch):
    """Four threads speak at the same time, each with a loop of its own that it ends."""
    texts = [f"This is sentence {n}{' more' * (n % 4)}." for n in range(8)]
    with EdgeServer(meeting=4) as server, ThreadPoolExecutor(4) as pool:
        lead_to(server, monkeypatch)
        takes = list(pool.map(lambda text: VOICE.speak(text, language="en"), texts))
    gc.collect()
    assert sorted(server.texts) == sorted(texts)
    assert [len(take.marks) for take in takes] == [len(text.split()) for text in texts]


# --- languages and options


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("en", "(en-US, AvaNeural)"),
        ("EN-gb", "(en-GB, SoniaNeural)"),
        ("en-US", "(en-US, AvaNeural)"),
        ("en-SG", "(en-US, AvaNeural)"),
        ("de-AT", "(de-AT, IngridNeural)"),
        ("de-1996", "(de-DE, KatjaNeural)"),
        ("pt", "(pt-BR, FranciscaNeural)"),
        ("pt-PT", "(pt-PT, RaquelNeural)"),
        ("zh", "(zh-CN, XiaoxiaoNeural)"),
        ("zh-Hant-TW", "(zh-TW, HsiaoChenNeural)"),
        ("zh-Hans-CN", "(zh-CN, XiaoxiaoNeural)"),
        ("no", "(nb-NO, PernilleNeural)"),
        ("sr-Latn-RS", "(sr-RS, SophieNeural)"),
    ],
)
def test_languages(server, language, voice):
    """A language tag becomes the voice of its region, or of the language."""
    VOICE.speak("Radio", language=language)
    assert [spoken.voice for spoken in server.spoken] == [f"{LONG_NAME} {voice}"]


@pytest.mark.parametrize("language", ["tlh", "", "xx-YY", "-"])
def test_unknown_languages(server, language):
    """A language without a voice is a mistake in the settings; nobody is asked."""
    with pytest.raises(ConfigError) as caught:
        VOICE.speak(TEXT, language=language)
    assert "[voice.edge]" in caught.value.hint
    assert server.asked == []


def test_the_table_of_voices():
    """Every voice is one that may be set, and every language one that a review can have."""
    for tag, voice in edge.VOICES.items():
        EdgeVoice(voice=voice)
        assert voice.startswith(f"{tag}-")
        assert read_language(tag) == tag
    assert {"en", "en-GB", "de", "fr", "pt-BR", "zh-TW"} <= set(EdgeVoice.info.list_languages())


def test_options_reach_the_service(server):
    """Voice, pace and pitch are those of the settings, whatever the language."""
    voice = EdgeVoice(voice="zh-CN-liaoning-XiaobeiNeural", speed=1.25, pitch_hz=-20)
    voice.speak(TEXT, language="tlh")
    EdgeVoice(speed=0.5).speak(TEXT, language="en")
    one, other = server.spoken
    assert one.voice == f"{LONG_NAME} (zh-CN-liaoning, XiaobeiNeural)"
    assert (one.rate, one.pitch, other.rate, other.pitch) == ("+25%", "-20Hz", "-50%", "+0Hz")


def test_a_timeout_sounds_no_different():
    """Patience alone makes no take anew."""
    assert key_take(VOICE, "en", TEXT) == key_take(EdgeVoice(timeout_s=1.0), "en", TEXT)
    assert key_take(VOICE, "en", TEXT) != key_take(EdgeVoice(pitch_hz=1), "en", TEXT)


@pytest.mark.parametrize(
    "options",
    [
        {"voice": "Sonia"},
        {"voice": "en-GB-SoniaNeural'/><break time='9s"},
        {"voice": "en-GB-SoniaNeural\n"},
        {"speed": 0.4},
        {"speed": 2.1},
        {"speed": float("nan")},
        {"pitch_hz": 101},
        {"timeout_s": 0.0},
        {"timeout_s": 301.0},
    ],
)
def test_options_out_of_range(options):
    """What cannot be is refused by name."""
    with pytest.raises(ConfigError, match=next(iter(options))):
        EdgeVoice(**options)


@pytest.mark.parametrize("text", ["", "...", " \n", "\0", "a" * 801])
def test_texts_that_are_not_taken(server, text):
    """Nothing to say, and more than one request holds, are refused; nobody is asked."""
    with pytest.raises(VoiceError):
        VOICE.speak(text, language="en")
    assert server.asked == []


def test_without_the_package(monkeypatch):
    """What is missing is named with the command that brings it."""
    monkeypatch.setitem(sys.modules, "edge_tts", None)
    with pytest.raises(ConfigError, match="edge-tts") as caught:
        VOICE.speak(TEXT, language="en")
    assert compose_install_line("edge") in caught.value.hint


# --- the program


def test_an_episode_is_built(server, tmp_path):
    """Under faults it is complete; the second build asks nothing."""
    review = tmp_path / "short.md"
    review.write_text(SHORT, encoding="utf-8")
    kinds = [Kind.RESET, Kind.DROP, Kind.NO_AUDIO, Kind.SILENCE, Kind.HALF, Kind.NONSENSE]
    server.faults = lambda asked: Fault(kinds[asked.n // 2 % len(kinds)]) if asked.n % 2 else None
    quick = {
        "REVIEWCAST_SYNTHESIZE_FIRST_WAIT_S": "0.001",
        "REVIEWCAST_SYNTHESIZE_LONGEST_WAIT_S": "0.002",
    }
    program = Program(tmp_path / "cache")
    command = ("build", review, "--voice", "edge", "--json")
    result = program.run(*command, env={**quick, **server.environ()})
    episode = result.episode
    assert (episode["voice"], episode["voiced"]) == ("edge", episode["segments"])
    asked = len(server.asked)
    again = program.run(*command, env=server.environ()).episode
    assert (again["voiced"], again["sha256"], len(server.asked)) == (0, episode["sha256"], asked)
