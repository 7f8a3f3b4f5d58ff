"""Every online voice passes the public check, trusts nobody unproven, and gives no key away."""

import base64
import contextlib
import logging
import pickle
import ssl
import traceback

import pytest
import trustme
from tblib import pickling_support
from tests.support import google, speech_server
from tests.support.edge_server import EdgeServer
from tests.support.google import GoogleStandIn
from tests.support.program import Program
from tests.support.speech_server import Answer, SpeechServer

from reviewcast.model.errors import ReviewcastError, VoiceError, VoiceUnavailable
from reviewcast.model.languages import read_language
from reviewcast.speech.voices.edge import EdgeVoice
from reviewcast.speech.voices.gtts import GttsVoice
from reviewcast.speech.voices.openai import OpenaiVoice
from reviewcast.system.http import open_session
from reviewcast.system.plugins import list_voices, load_voice
from reviewcast.testing.voice import check_voice

TEXT = "The camera is the best part of this phone."
KEY = "sk-planted-4b1f0e8d/+7c26a95"
SHORT = "# A short one\n\nIt begins.\n\n## More\n\nIt goes on, and then it ends well.\n"
QUICK = {
    "REVIEWCAST_SYNTHESIZE_FIRST_WAIT_S": "0.001",
    "REVIEWCAST_SYNTHESIZE_LONGEST_WAIT_S": "0.002",
    "REVIEWCAST_SYNTHESIZE_ATTEMPTS": "2",
    "REVIEWCAST_SYNTHESIZE_PATIENCE_S": "0.5",  # of one that asks to slow down again and again
}


@pytest.fixture(autouse=True)
def fresh_session(monkeypatch):
    """Return each test a session and a key of its own."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    open_session.cache_clear()
    yield
    open_session().close()
    open_session.cache_clear()


@contextlib.contextmanager
def serve_edge(monkeypatch, *, trusted=True):
    with EdgeServer(trusted=trusted) as server:
        for name, value in server.environ().items():
            monkeypatch.setenv(name, value)
        yield EdgeVoice(), lambda: server.texts


@contextlib.contextmanager
def serve_gtts(monkeypatch, *, trusted=True):
    with GoogleStandIn(trusted=trusted, speak=google.speak) as server:
        for name, value in server.environ().items():
            monkeypatch.setenv(name, value)
        yield GttsVoice(), lambda: server.texts


@contextlib.contextmanager
def serve_openai(monkeypatch, *, trusted=True):
    """Serve by https, as the real one does."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    vouching = authority if trusted else trustme.CA()
    with vouching.cert_pem.tempfile() as path, SpeechServer(context=context) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", path)
        yield OpenaiVoice(base_url=server.url), lambda: server.texts


SERVED = {"edge": serve_edge, "gtts": serve_gtts, "openai": serve_openai}


def test_none_is_forgotten():
    """Each built-in voice that is online stands here."""
    installed = {name: load_voice(name) for name in list_voices()}
    ours = {n: kind for n, kind in installed.items() if kind.__module__.startswith("reviewcast.")}
    assert {name for name, kind in ours.items() if kind.info.online} == set(SERVED)


@pytest.mark.parametrize("name", SERVED)
def test_it_is_what_a_voice_must_be(monkeypatch, name):
    """It passes what authors of voices hold theirs against."""
    with SERVED[name](monkeypatch) as (voice, texts):
        check_voice(voice, languages=("en", "de"))
        assert len(texts()) > 10


@pytest.mark.parametrize("name", SERVED)
def test_a_wrong_certificate_fails(monkeypatch, name):
    """Whoever cannot prove who it is is refused for good, before any text is sent."""
    with SERVED[name](monkeypatch, trusted=False) as (voice, texts):
        with pytest.raises(VoiceError, match="certificate") as caught:
            voice.speak(TEXT, language="en")
        assert texts() == []
    assert not isinstance(caught.value, VoiceUnavailable)
    assert "REQUESTS_CA_BUNDLE" in caught.value.hint


@pytest.mark.parametrize("name", SERVED)
def test_a_dead_proxy_is_no_fault_of_the_text(monkeypatch, name):
    """What cannot be reached may be tried again."""
    with SERVED[name](monkeypatch) as (voice, texts):
        for variable in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(variable, "http://127.0.0.1:9")
        # what is on this machine goes by no proxy
        gone = OpenaiVoice(base_url="https://127.0.0.1:9/v1") if name == "openai" else voice
        with pytest.raises(VoiceUnavailable, match="cannot be reached"):
            gone.speak(TEXT, language="en")
        assert texts() == []


@pytest.mark.parametrize("name", SERVED)
def test_languages_are_told(name):
    """Each tells which languages it speaks, by codes that a review may have."""
    languages = SERVED[name] and load_voice(name).info.list_languages()
    assert {"en", "de", "fr", "ja"} <= set(languages)
    assert list(languages) == sorted(set(languages))
    if name != "gtts":  # that has Google's own codes, and finds them
        assert [code for code in languages if read_language(code) != code] == []


# --- the key


def spell(secret):
    """Return the ways in which a secret may stand in bytes: plain, for a URL, in base64."""
    from urllib.parse import quote

    yield secret.encode()
    yield quote(secret, safe="").encode()
    yield secret.encode().hex().encode()
    for before in range(3):
        # what stands before it decides where the groups of four begin; the ends are shared
        coded = base64.b64encode(b"\0" * before + secret.encode())
        inside = coded[4 if before else 0 : len(coded) - 4]
        yield inside
        yield inside.translate(bytes.maketrans(b"+/", b"-_"))


def find_key(folder, *told):
    """Name what holds the key: files by path, and streams."""
    spelt = list(spell(KEY))
    found = []
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if any(form in data or form in str(path).encode() for form in spelt):
            found.append(str(path))
    return found + [text for text in told if any(form in text.encode() for form in spelt)]


def echo(code, headers=()):
    """Answer with the key wherever an answer has room for it."""
    return lambda asked: Answer(
        f'{{"error": {{"message": "You sent {asked.authorization}"}}}}'.encode(),
        code,
        "application/json",
        dict.fromkeys(headers, asked.authorization),
    )


def echo_as_audio(asked):
    """Answer 200 with the key in place of audio."""
    return Answer(b"RIFF\0\0\0\0WAVE" + asked.authorization.encode())


OUTCOMES = {
    "good": (None, 0),
    "401": (echo(401), 5),
    "400": (echo(400), 5),
    "429": (echo(429, ["Retry-After"]), 5),
    "500": (echo(500, ["Retry-After"]), 5),
    "redirect": (echo(307, ["Location"]), 5),
    "unreachable": (speech_server.reset, 5),
    "broken audio": (echo_as_audio, 5),
    "half the audio": (speech_server.half, 5),
    "page": (speech_server.page(), 5),
}


def test_the_search_finds(tmp_path):
    """The search below would find a key, however it is spelt."""
    for number, form in enumerate(
        [KEY, f"Bearer {KEY}", f":{KEY}", f"me:{KEY}", f"user:{KEY}:", f"long user:{KEY}\n"]
    ):
        for coded in (form.encode(), base64.b64encode(form.encode())):
            (tmp_path / "file").write_bytes(b"\0\xff" + coded + b"\0")
            assert find_key(tmp_path), (number, coded)
        (tmp_path / "file").write_bytes(base64.urlsafe_b64encode(form.encode()))
        assert find_key(tmp_path, f"<{form}>") == [str(tmp_path / "file"), f"<{form}>"]
    (tmp_path / "file").unlink()
    assert find_key(tmp_path, "nothing") == []


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_no_build_writes_the_key(tmp_path, outcome):
    """Whatever a service answers, the program leaves its key in no file and in no line."""
    answer, code = OUTCOMES[outcome]
    with SpeechServer(faults=answer and (lambda _asked: answer)) as server:
        env = confine(tmp_path, server)
        command = ("build", tmp_path / "reviews/short.md", "--voice", "openai", "--json")
        result = Program(tmp_path / "cache").run(*command, env=env)
        assert result.code == code, result.err
        assert {asked.authorization for asked in server.asked} == {f"Bearer {KEY}"}
    assert find_key(tmp_path, result.out, result.err) == []
    assert code or list(tmp_path.rglob("*.mp3"))


@pytest.mark.parametrize(
    "command",
    [
        ("doctor", "--json"),
        ("voices", "--measure", "--json"),
        ("voices", "say", "openai", "Hello.", "-o", "hello.wav"),
        ("preview", "reviews/short.md", "1", "-o", "preview.wav"),
    ],
    ids=lambda command: command[0],
)
def test_no_other_command_writes_the_key(tmp_path, command):
    """Those that only try a voice keep it too."""
    with SpeechServer(faults=lambda _asked: echo(400)) as server:
        env = confine(tmp_path, server)
        env |= {"REVIEWCAST_VOICE": "openai", "HTTPS_PROXY": "http://127.0.0.1:9"}
        result = Program(tmp_path / "cache").run(*command, env=env, cwd=tmp_path)
        assert {asked.authorization for asked in server.asked} == {f"Bearer {KEY}"}
    assert "[key]" in result.out + result.err
    assert find_key(tmp_path, result.out, result.err) == []


def confine(folder, server):
    """Make a show whose program finds every folder that it may write to in here."""
    (folder / "podcast.toml").write_text(
        f'[voice.openai]\nbase_url = "{server.url}"\n', encoding="utf-8"
    )
    (folder / "reviews").mkdir()
    (folder / "reviews/short.md").write_text(SHORT, encoding="utf-8")
    places = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
    for name in places:
        (folder / name).mkdir()
    return {**QUICK, **{name: str(folder / name) for name in places}, "OPENAI_API_KEY": KEY}


@pytest.mark.parametrize("outcome", [name for name in OUTCOMES if name != "good"])
def test_no_error_tells_the_key(tmp_path, caplog, outcome):
    """Neither the error, its whole traceback, its pickle nor any library's log has it."""
    answer, _ = OUTCOMES[outcome]
    with SpeechServer(faults=lambda _asked: answer) as server, caplog.at_level(logging.DEBUG):
        with pytest.raises(ReviewcastError) as caught:
            OpenaiVoice(base_url=server.url).speak(TEXT, language="en")
    error = caught.value
    pickling_support.install()  # as clusters do: a pickle then holds the causes, too
    told = (*traceback.format_exception(error), error.hint, repr(error), repr(pickle.dumps(error)))
    assert find_key(tmp_path, *told, caplog.text) == []
