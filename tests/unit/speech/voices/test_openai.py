"""The voice `openai`, against a service on loopback: whole audio of this text, or an error."""

import io
import logging
import pickle
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
import soundfile
from tests.support import speech_server
from tests.support.program import Program
from tests.support.speech_server import Answer, SpeechServer, first, speak, status
from tests.support.tones import make_noise, to_pcm

from reviewcast.model.errors import ConfigError, ReviewcastError, VoiceError, VoiceUnavailable
from reviewcast.model.protocols import Voice
from reviewcast.settings.accesses import find_access
from reviewcast.speech.takes import key_take
from reviewcast.speech.voices.openai import OpenaiVoice
from reviewcast.system.http import open_session
from reviewcast.testing.voice import check_voice

TEXT = "The camera is the best part of this phone."
KEY = "sk-planted-7f3a9c0e51d24b86"
FORMATS = ("wav", "mp3", "flac", "pcm")
SHORT = "# A short one\n\nIt begins.\n\n## More\n\nIt goes on, and then it ends well.\n"
QUICK = {
    "REVIEWCAST_SYNTHESIZE_FIRST_WAIT_S": "0.001",
    "REVIEWCAST_SYNTHESIZE_LONGEST_WAIT_S": "0.002",
}


@pytest.fixture(autouse=True)
def fresh_session(monkeypatch):
    """Return each test a session and a key of its own."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    open_session.cache_clear()
    yield
    open_session().close()
    open_session.cache_clear()


@pytest.fixture
def server():
    with SpeechServer() as server:
        yield server


def ask(server, text=TEXT, **options):
    return OpenaiVoice(base_url=server.url, **options).speak(text, language="en")


def refuse(server, **options):
    """Return the error of a refused request, after a look for the key in all that it shows."""
    with pytest.raises(ReviewcastError) as caught:
        ask(server, **options)
    shown = "".join(traceback.format_exception(caught.value))
    for told in (shown, caught.value.hint, repr(caught.value), repr(pickle.dumps(caught.value))):
        assert KEY not in told
    assert caught.value.hint
    return caught.value


def test_it_is_a_voice():
    """It has all that the protocol asks for, and travels to a worker."""
    voice = OpenaiVoice()
    assert isinstance(voice, Voice)
    assert pickle.loads(pickle.dumps(voice)) == voice
    assert voice.info.online


def test_it_is_what_a_voice_must_be(server):
    """It passes what authors of voices hold theirs against."""
    check_voice(OpenaiVoice(base_url=server.url))


@pytest.mark.parametrize("wanted", FORMATS)
def test_it_speaks(server, wanted):
    """One text is one request, and comes back as 24 kHz speech in each format."""
    take = ask(server, format=wanted)
    assert take.rate_hz == 24_000
    if wanted == "mp3":
        assert abs(len(take.pcm) - len(speak(TEXT))) < 2 * 2400
    else:
        assert take.pcm == speak(TEXT)
    [asked] = server.asked
    assert asked.path == "/v1/audio/speech"
    assert asked.authorization == f"Bearer {KEY}"
    assert asked.body == {
        "model": "gpt-4o-mini-tts",
        "voice": "alloy",
        "input": TEXT,
        "response_format": wanted,
    }


def test_options_reach_the_service(server):
    """Model, voice, pace and instructions are sent, the last two only when they are set."""
    ask(server, model="kokoro", voice="af_heart", speed=1.25, instructions="Warm.")
    [asked] = server.asked
    assert (asked.body["model"], asked.body["voice"]) == ("kokoro", "af_heart")
    assert (asked.body["speed"], asked.body["instructions"]) == (1.25, "Warm.")


def test_the_text_is_sent_as_it_is(server):
    """Nothing is split, dropped or rewritten on the way."""
    texts = ["„Größer“ & besser = 100 % 😀", 'He said "no".\n\tThen \\ he left.', "a" * 4096]
    for text in texts[:2]:
        ask(server, text)
    server.answer = lambda _asked: speech_server.encode(speak("a" * 3000), "wav")
    ask(server, texts[2])
    assert server.texts == texts


@pytest.mark.parametrize("size", [0xFFFF_FFFF, 0x7FFF_FFFF, 2_000_000_000, 0])
def test_a_wave_of_unknown_length(server, size):
    """A WAV that was sent before its length was known is read to its end."""
    server.answer = lambda _asked: Answer(speech_server.stream_wave(speak(TEXT), size))
    assert ask(server).pcm == speak(TEXT)


@pytest.mark.parametrize("wanted", FORMATS)
@pytest.mark.parametrize("sent", ["wav", "mp3", "flac"])
def test_a_service_may_answer_in_its_own_format(server, wanted, sent):
    """What comes is told from its first bytes; an MP3 in place of PCM must have a tag."""
    body = speech_server.encode(speak(TEXT), sent).body
    if sent == "mp3":
        body = b"ID3\x04\0\0\0\0\x01\x00" + bytes(128) + body + b"TAG" + bytes(125)
    server.answer = lambda _asked: Answer(body, kind="application/octet-stream")
    assert abs(len(ask(server, format=wanted).pcm) - len(speak(TEXT))) < 2 * 2400


def test_another_rate_and_two_channels(server):
    """The rate is that of the file, and two channels are mixed."""
    file = io.BytesIO()
    mono = soundfile.read(io.BytesIO(speech_server.encode(speak(TEXT), "wav").body))[0]
    soundfile.write(file, mono.repeat(4).reshape(-1, 2), 48_000, format="WAV")
    server.answer = lambda _asked: Answer(file.getvalue())
    take = ask(server)
    assert (take.rate_hz, len(take.pcm)) == (48_000, 2 * len(speak(TEXT)))


# --- faults

PASSING = {
    "429": (status(429), None),
    "429 with a wait": (status(429, {"Retry-After": "7"}), 7.0),
    "500": (status(500), None),
    "503": (status(503, {"Retry-After": "2"}, b"<html>busy"), 2.0),
    "408": (status(408), None),
    "reset": (speech_server.reset, None),
    "cut": (speech_server.cut, None),
    "page": (speech_server.page(), None),
    "page as audio": (speech_server.page("audio/wav"), None),
    "json": (status(200, body={"status": "queued"}), None),
    "empty": (speech_server.empty, None),
    "half": (speech_server.half, None),
    "silence": (speech_server.silence, None),
    "too little": (speech_server.neighbour, None),
}


@pytest.mark.parametrize("wanted", FORMATS)
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_is_refused_and_the_next_call_is_well(server, fault, wanted):
    """What may pass is VoiceUnavailable with the wait asked for; then the text is spoken."""
    answer, wait_s = PASSING[fault]
    server.faults = first(1, answer)
    error = refuse(server, format=wanted)
    assert isinstance(error, VoiceUnavailable)
    assert error.retry_after_s == wait_s
    assert ask(server, format=wanted).pcm


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5, 0.65, 0.8, 0.9])
def test_a_streamed_wave_that_breaks_off(server, share):
    """Without a true length, audio that ends in a word is refused or doubted."""
    pcm = speak(TEXT)
    body = speech_server.stream_wave(pcm[: int(len(pcm) * share) // 2 * 2])
    server.answer = lambda _asked: Answer(body)
    if share < 0.9:
        assert isinstance(refuse(server), VoiceUnavailable)
    else:
        assert "breaks off" in ask(server).doubts


def test_a_length_that_is_told_proves_the_end(server):
    """A WAV or FLAC of its own length is whole, however loud it ends; PCM may not be."""
    loud = make_noise(3.0, speech_server.RATE_HZ)
    for wanted, doubts in (("wav", ()), ("flac", ()), ("mp3", ()), ("pcm", ("breaks off",))):
        body = speech_server.encode(to_pcm(loud), wanted)
        server.answer = lambda _asked, body=body: body
        assert ask(server, format=wanted).doubts == doubts


def test_a_hang_ends_after_the_timeout(server):
    """A service that does not answer is given up."""
    server.faults = first(1, speech_server.hang)
    error = refuse(server, timeout_s=0.2)
    assert isinstance(error, VoiceUnavailable)
    assert "cannot be reached" in error.message


def test_a_service_that_is_gone():
    """A refused connection is VoiceUnavailable."""
    with SpeechServer() as server:
        pass
    assert isinstance(refuse(server), VoiceUnavailable)


@pytest.mark.parametrize("code", [401, 403])
def test_a_refused_key(server, code):
    """The variable is named, and the service's words, which repeat the key, are not."""
    server.answer = status(code, body={"error": {"message": f"Incorrect API key: {KEY[:9]}***"}})
    error = refuse(server)
    assert not isinstance(error, VoiceUnavailable)
    assert "OPENAI_API_KEY" in error.hint
    assert KEY[:9] not in error.message
    assert "key_variable" in refuse(server, key_variable="").hint


def test_an_account_without_credit(server):
    """OpenAI's 429 for that is not asked again."""
    server.answer = status(429, body={"error": {"code": "insufficient_quota", "message": "No."}})
    error = refuse(server)
    assert not isinstance(error, VoiceUnavailable)
    assert "credit" in error.message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "No voice\x1b[2J\n 'bob'\u202e."}}, "No voice [2J 'bob' ."),
        ({"error": f"Your key {KEY} is not for this."}, "Your key [key] is not for this."),
        ({"detail": [{"loc": ["body"], "msg": "speed too high"}]}, "speed too high"),
        ({"detail": {"error": "x", "message": "y"}}, "x"),
        ({"message": "m" * 500}, "m" * 200 + "…"),
        ({"error": {"message": "m" * 190 + KEY}}, "m" * 190 + "[key]"),
        (b"<html>nothing", None),
        (b"[" * 100_000, None),
        ({}, None),
        ([], None),
        ({"error": {"message": 7}}, None),
    ],
)
@pytest.mark.parametrize("code", [400, 404, 422])
def test_a_refused_request(server, code, body, said):
    """The service's own words are told: one clean line, short, without the key."""
    server.answer = status(code, body=body)
    error = refuse(server)
    assert not isinstance(error, VoiceUnavailable)
    end = f": {said}" if said else "."
    assert error.message.endswith(f"refuses the request ({code}){end}")


def test_a_redirect_is_not_followed(server):
    """The key goes nowhere that the settings do not name."""
    with SpeechServer() as other:
        server.answer = status(307, {"Location": f"{other.url}/audio/speech"})
        error = refuse(server)
        assert "base_url" in error.hint
        assert other.asked == []


def test_flac_without_a_length(server):
    """What cannot be read names the format that can."""
    body = bytearray(speech_server.encode(speak(TEXT), "flac").body)
    body[21] &= 0xF0
    body[22:26] = bytes(4)
    server.answer = lambda _asked: Answer(bytes(body))
    error = refuse(server, format="flac")
    assert not isinstance(error, VoiceUnavailable)
    assert '"wav"' in error.hint


# --- the key and the connection


def test_no_key_for_a_service_on_this_machine(server, monkeypatch, tmp_path):
    """Without one nothing is sent in its place, not even what a .netrc holds."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    ask(server)
    ask(server, key_variable="")
    monkeypatch.delenv("OPENAI_API_KEY")
    ask(server)
    assert [asked.authorization for asked in server.asked] == [f"Bearer {KEY}", None, None]


def test_another_variable(server, monkeypatch):
    """The key is that of the named variable, without the line end that a file gave it."""
    monkeypatch.setenv("MY_API_KEY", "other\n")
    ask(server, key_variable="MY_API_KEY")
    assert server.asked[0].authorization == "Bearer other"


def test_a_missing_key_is_named(monkeypatch):
    """Nobody is asked without the key that the service wants."""
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set"):
        OpenaiVoice().speak(TEXT, language="en")


@pytest.mark.parametrize("key", [f"{KEY}\nX: y", f"{KEY} x", f"{KEY}é"])
def test_a_broken_key_is_not_repeated(server, monkeypatch, key):
    """A key with signs that a header cannot hold is refused before any library repeats it."""
    monkeypatch.setenv("OPENAI_API_KEY", key)
    error = refuse(server)
    assert isinstance(error, ConfigError)
    assert server.asked == []


def test_the_key_is_in_no_log_and_no_take_key(server, caplog, monkeypatch):
    """Not even urllib3's own log has it, and with another key nothing is spoken anew."""
    with caplog.at_level(logging.DEBUG):
        ask(server)
    assert KEY not in caplog.text
    one, other = OpenaiVoice(), OpenaiVoice(key_variable="OTHER_TOKEN", timeout_s=1.0)
    assert key_take(one, "en", TEXT) == key_take(other, "en", TEXT)
    assert key_take(one, "en", TEXT) != key_take(OpenaiVoice(voice="ash"), "en", TEXT)
    assert KEY not in repr(one)


def test_a_proxy_does_not_see_this_machine(server, monkeypatch):
    """What is asked for on loopback goes by no proxy."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    ask(server)
    assert len(server.asked) == 1


def test_connections_are_kept(server):
    """Four workers need at most four connections for any number of texts."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: ask(server, f"This is sentence {n}."), range(16)))
    assert server.connections <= 4


def test_https_is_verified(monkeypatch, tmp_path):
    """A certificate that nobody vouches for is refused before the key is sent."""
    import ssl

    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    with SpeechServer(context=context) as server:
        error = refuse(server)
        assert not isinstance(error, VoiceUnavailable)
        assert "certificate" in error.message
        assert server.asked == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
        assert ask(server).pcm


# --- settings


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "http://192.168.1.5/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost.example.com",
        f"https://me:{KEY}@api.example.com/v1",
        f"https://api.example.com/v1?key={KEY}",
        f"https://api.example.com/v1#{KEY}",
        "http://127.0.0.1\\@example.com",
        "https://",
        "https://a..example",
        "https://.example",
        "https://[::::]/v1",
        "https://api.example.com:0",
        "HTTP://api.example.com",
        "https://api.example.com:99999",
        "https://api.example.com\n",
        "ftp://api.example.com",
        "api.example.com",
        "",
    ],
)
def test_addresses_that_are_refused(url):
    """Unsafe and unclear addresses are refused, and what they hold is not repeated."""
    with pytest.raises(ConfigError, match="base_url") as caught:
        OpenaiVoice(base_url=url)
    assert KEY not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    "url", ["http://localhost:8880/v1", "http://[::1]:1/", "HTTPS://X.example/a%20b/v1/"]
)
def test_addresses_that_are_taken(url):
    """Anywhere by https, on this machine also by http."""
    OpenaiVoice(base_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "http://gpu1:8880/v1",
        "http://192.168.1.5:8880/v1",
        "http://gpu.local/v1",
        "http://[fd00::5]",
    ],
)
def test_servers_of_the_own_network(url):
    """Those that want no key are asked by http; a key never goes that way."""
    assert OpenaiVoice(base_url=url, key_variable="").access  # it is to be confirmed
    with pytest.raises(ConfigError, match="where a key goes") as caught:
        OpenaiVoice(base_url=url)
    assert 'key_variable = ""' in caught.value.hint


@pytest.mark.parametrize(
    "url", ["http://api.example.com/v1", "http://8.8.8.8", "http://127.0.0.1.example.com"]
)
def test_servers_of_others(url):
    """They are never asked by http."""
    with pytest.raises(ConfigError, match="your own network"):
        OpenaiVoice(base_url=url, key_variable="")


def test_several_addresses(server):
    """Each is a voice by itself; a text goes to the first that answers; the key is the first's."""
    with SpeechServer() as other:
        voice = OpenaiVoice(base_url=[server.url, other.url, server.url])
        assert voice == OpenaiVoice(base_url=(server.url, other.url))
        assert pickle.loads(pickle.dumps(voice)) == voice
        assert len({voice, *voice.endpoints}) == 3
        assert voice.endpoints == (
            OpenaiVoice(base_url=server.url),
            OpenaiVoice(base_url=other.url),
        )
        server.faults = first(1, status(503))
        voice.speak(TEXT, language="en")
        voice.speak(TEXT, language="en")
        assert (len(server.asked), len(other.asked)) == (2, 1)
    one = OpenaiVoice(base_url=server.url)
    assert key_take(voice, "en", TEXT) == key_take(one, "en", TEXT)
    assert key_take(voice, "en", TEXT) != key_take(voice.endpoints[1], "en", TEXT)
    assert OpenaiVoice(base_url=[server.url]) == one
    with pytest.raises(VoiceUnavailable):
        OpenaiVoice(base_url=["http://127.0.0.1:9", "http://[::1]:9"]).speak(TEXT, language="en")


def test_the_key_of_one_address_is_what_it_was():
    """What was spoken before there were lists is found again."""
    voice = OpenaiVoice(base_url="http://127.0.0.1:8880/v1", model="kokoro", voice="af_heart")
    expected = "27465ebe98c0410fa73ba367af447cbb31ac09598549cbb5ff04f7eec2aab07d"
    assert key_take(voice, "en", "Hello.") == expected


def test_several_addresses_are_all_held_to_the_rules(monkeypatch):
    """One that is not safe is refused; each stranger is to be confirmed, once."""
    for urls in ([], ["http://127.0.0.1:1", "http://gpu.example"], ["http://127.0.0.1:1", ""]):
        with pytest.raises(ConfigError, match="base_url"):
            OpenaiVoice(base_url=urls)
    voice = OpenaiVoice(
        base_url=["http://127.0.0.1:1", "https://a.example/v1", "https://b.example/v1"]
    )
    assert [access.place for access in find_access(voice)] == ["a.example", "b.example"]
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(ConfigError, match=r"a\.example wants a key"):
        voice.check_setup()


@pytest.mark.parametrize(
    "options",
    [
        {"format": "opus"},
        {"speed": 0.2},
        {"speed": 4.1},
        {"speed": float("nan")},
        {"timeout_s": 0.0},
        {"model": " "},
        {"voice": ""},
        {"key_variable": KEY},
        {"key_variable": "A-B"},
        {"key_variable": "AWS_SECRET_ACCESS_KEY"},
        {"key_variable": "GITHUB_TOKEN"},
        {"key_variable": "GH_TOKEN"},
        {"key_variable": "CI_JOB_TOKEN"},
        {"key_variable": "MY_GITLAB_API_KEY"},
        {"key_variable": "DATABASE_URL"},
        {"key_variable": "HOME"},
    ],
)
def test_options_out_of_range(options):
    """What cannot be is refused by name; a key in the place of its variable is not repeated."""
    with pytest.raises(ConfigError, match=next(iter(options))) as caught:
        OpenaiVoice(**options)
    assert KEY not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("text", ["", "...", " \n", "a" * 4097])
def test_texts_that_are_not_taken(server, text):
    """Nothing to say, and more than one request holds, are refused; nobody is asked."""
    with pytest.raises(VoiceError):
        ask(server, text)
    assert server.asked == []


# --- the program


def make_show(folder, server):
    folder.mkdir()
    (folder / "podcast.toml").write_text(
        f'[voice.openai]\nbase_url = "{server.url}"\nmodel = "kokoro"\n'
        'key_variable = "MY_API_KEY"\n',
        encoding="utf-8",
    )
    (folder / "reviews").mkdir()
    review = folder / "reviews/short.md"
    review.write_text(SHORT, encoding="utf-8")
    return review


def find_key(folder, result):
    """Name what holds the key: files by path, streams."""
    holding = [str(f) for f in folder.rglob("*") if f.is_file() and KEY.encode() in f.read_bytes()]
    return holding + [stream for stream in (result.out, result.err) if KEY in stream]


def test_an_episode_is_built(server, tmp_path):
    """Under faults it is complete; the second build asks nothing; the key is left nowhere."""
    review = make_show(tmp_path / "show", server)
    program, env = Program(tmp_path / "cache"), {**QUICK, "MY_API_KEY": KEY}
    order = [
        answer for answer, _ in PASSING.values() if answer is not PASSING["429 with a wait"][0]
    ]
    server.faults = lambda asked: order[asked.n // 2 % len(order)] if asked.n % 2 else None
    command = ("build", review, "--voice", "openai", "--json")
    result = program.run(*command, env=env)
    episode = result.episode
    assert (episode["voice"], episode["voiced"]) == ("openai", episode["segments"])
    assert {asked.authorization for asked in server.asked} == {f"Bearer {KEY}"}
    assert find_key(tmp_path, result) == []
    asked = len(server.asked)
    again = program.run(*command, env={"MY_API_KEY": ""}).episode
    assert (again["voiced"], again["sha256"], len(server.asked)) == (0, episode["sha256"], asked)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (status(401), 5),
        (status(400, body={"error": {"message": f"You sent {KEY}."}}), 5),
        (status(500, body=f"{KEY}".encode()), 5),
    ],
)
def test_a_failed_build_tells_no_key(server, tmp_path, fault, code):
    """Neither stderr, JSON nor a file has the key when the service refuses."""
    review = make_show(tmp_path / "show", server)
    server.answer = fault
    env = {**QUICK, "MY_API_KEY": KEY, "REVIEWCAST_SYNTHESIZE_ATTEMPTS": "2"}
    command = ("build", review, "--voice", "openai", "--json")
    result = Program(tmp_path / "cache").run(*command, env=env)
    assert (result.code, find_key(tmp_path, result)) == (code, [])
    assert "The voice openai at 127.0.0.1" in result.err


def test_the_doctor_tries_the_voice_of_the_show(server, tmp_path):
    """A voice that the settings name is asked for one sentence, and its fault is told."""
    make_show(tmp_path / "show", server)
    env = {"MY_API_KEY": KEY, "REVIEWCAST_VOICE": "openai", "HTTPS_PROXY": "http://127.0.0.1:9"}

    def examine():
        run = Program(tmp_path / "cache").run
        told = run("doctor", "--json", cwd=tmp_path / "show", env=env).json["findings"]
        return {finding["part"]: finding for finding in told}["voice openai"]

    assert examine()["state"] == "ok"
    server.answer = status(401)
    assert "MY_API_KEY" in examine()["detail"]
