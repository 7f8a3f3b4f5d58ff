"""A build outlives its voice: refusals, faults of all kinds, outages, kills, dead workers."""

import contextlib
import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from tests.conftest import require_packages
from tests.support import google
from tests.support.budget import FULL_SWEEP
from tests.support.google import GoogleStandIn
from tests.support.program import Program, Result

from reviewcast.speech.takes import key_take
from reviewcast.speech.voices.gtts import GttsVoice
from reviewcast.system.cache import Cache

SENTENCES = [
    f"The {ordinal} scene of the film belongs to {who}, who {what}."
    for ordinal, (who, what) in zip(
        "first second third fourth fifth sixth seventh eighth".split(),
        itertools.product(
            ("the engineer", "a stray dog"),
            ("waits for a train", "crosses the river alone", "says nothing at all", "runs"),
        ),
        strict=True,
    )
]
REVIEW = "# Eight scenes\n\n" + "\n\n".join(
    f"{one} {other}" for one, other in zip(SENTENCES, reversed(SENTENCES), strict=True)
)
SETTINGS = """
[stitch]
intro = ""
outro = ""
sting = ""
[split]
run_chars = 0
[encode]
channels = 1
quality = 9
[synthesize]
requests_per_s = 1000
first_wait_s = 0.001
longest_wait_s = 0.02
"""
# what an answer of 200 can hold that is not the speech of the text
NO_SPEECH = (
    google.NO_AUDIO,
    google.NULL_AUDIO,
    google.EMPTY_AUDIO,
    google.HTML_AS_AUDIO,
    google.CONSENT_PAGE,
)
FALSE_ANSWERS = (
    *NO_SPEECH,
    google.TRUNCATED_MP3,
    google.BODY_CUT,
    google.SILENCE,
    google.NEIGHBOUR,
)
MIXED = (*FALSE_ANSWERS, google.TOO_MANY, google.SERVER_ERROR, google.RESET, google.SORRY_REDIRECT)


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A review of seventeen segments, half of which stand there twice."""
    folder = tmp_path_factory.mktemp("show")
    (folder / "podcast.toml").write_text(SETTINGS)
    path = folder / "scenes.md"
    path.write_text(REVIEW, encoding="utf-8")
    return path


def build(review: Path, cache: Path, service: GoogleStandIn, **env: str) -> tuple[Result, Path]:
    output = cache.parent / f"{cache.name}.mp3"
    arguments = ("build", review, "-o", output, "--voice", "gtts", "--json")
    return Program(cache).run(*arguments, env={**service.environ(), **env}), output


@pytest.fixture(scope="module")
def calm(review: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[str], Path]:
    """The episode without any fault, all that was asked for it, and its blocks."""
    cache = tmp_path_factory.mktemp("faultless") / "cache"
    with GoogleStandIn() as service:
        result, output = build(review, cache, service)
        assert result.code == 0, result.err
        assert len(service.texts) == len(set(service.texts)) == 10
    return output.read_bytes(), service.texts, cache / "blocks"


@pytest.fixture
def faultless(calm, tmp_path: Path) -> tuple[bytes, list[str]]:
    """The episode without any fault, and all that was asked for it; its blocks are in the cache.

    A block's name is what is in it: none but that of the very same takes is found there.
    """
    episode, texts, blocks = calm
    shutil.copytree(blocks, tmp_path / "cache/blocks")
    return episode, texts


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(google.first(60, google.TOO_MANY), id="429 sixty times"),
        pytest.param(google.first(3, google.TOO_MANY_RETRY_AFTER), id="429 with Retry-After"),
        pytest.param(google.faults_by_text(0.3, seed=3, kinds=MIXED), id="30 % mixed faults"),
        pytest.param(
            google.combine(
                google.first(60, google.TOO_MANY),
                google.faults_by_text(0.3, seed=4, kinds=MIXED),
            ),
            id="both",
        ),
    ],
)
def test_faults_change_nothing_but_the_time(review, faultless, tmp_path, faults):
    """However the service fails meanwhile, the episode is byte for byte the faultless one."""
    with GoogleStandIn(faults=faults) as service:
        result, output = build(review, tmp_path / "cache", service)
        assert any(request.fault for request in service.requests)
    assert result.code == 0, result.err
    assert output.read_bytes() == faultless[0]


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(NO_SPEECH, id="no-speech"),
        *(pytest.param((one,), id=one.kind.value) for one in FALSE_ANSWERS[len(NO_SPEECH) :]),
    ],
)
def test_a_false_answer_is_never_in_an_episode(review, faultless, tmp_path, kinds):
    """Given once for every second text, each kind is found out and the text asked for again."""
    seen: dict[str, int] = {}

    def fail(request):
        if request.text in seen:
            return None
        seen[request.text] = number = len(seen)
        return kinds[number // 2 % len(kinds)] if number % 2 else None

    with GoogleStandIn(faults=fail) as service:
        result, output = build(review, tmp_path / "cache", service)
        assert {request.fault for request in service.requests} == {None, *kinds}
    assert result.code == 0, result.err
    assert output.read_bytes() == faultless[0]


@pytest.mark.parametrize("fault", FALSE_ANSWERS, ids=lambda fault: fault.kind.value)
def test_an_answer_that_stays_false_is_named(review, tmp_path, fault):
    """When one text never gets its own speech, the build fails with its segment and its words."""
    bad, other = SENTENCES[5], SENTENCES[2]

    def fail(request):
        wrong = google.neighbour(other) if fault is google.NEIGHBOUR else fault
        return wrong if request.text == bad else None

    with GoogleStandIn(faults=fail) as service:
        result, output = build(review, tmp_path / "cache", service)
    assert result.code == 5
    # of two texts with one sound that is named which came last
    named = [bad[:40], other[:40]] if fault is google.NEIGHBOUR else [bad[:40]]
    assert re.search(rf"segment \d+: '({'|'.join(map(re.escape, named))})", result.err), result.err
    assert not output.exists()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"frames": 1}, id="never the same bytes"),
        pytest.param({"end_s": 0.0}, id="ends with the last sound"),
        pytest.param({"stretch": 3.0}, id="slow"),
    ],
)
def test_an_honest_service_is_asked_once(review, tmp_path, options):
    """However a whole reply sounds, nothing is asked for twice and nothing is doubted."""
    with GoogleStandIn(speak=google.make_speak(**options)) as service:
        result, output = build(review, tmp_path / "cache", service)
    assert result.code == 0, result.err
    twice = {text for text in service.texts if service.texts.count(text) > 1}
    assert not twice, [(request.text, request.fault) for request in service.requests]
    assert len(service.texts) == 10
    assert "Warning" not in result.err
    assert output.exists()


@pytest.mark.parametrize(
    "fault", [google.TRUNCATED_MP3, google.SILENCE, google.NEIGHBOUR], ids=lambda f: f.kind.value
)
def test_a_false_answer_is_found_though_no_bytes_repeat(review, tmp_path, fault):
    """Given first for every fourth text, it is asked for again until the text has its own speech.

    By text, not by request: two workers' retries come in any order, and a short text that is
    silent twice is believed.
    """
    speech: dict[str, str] = {}

    def fail(request):
        wrong = fault if request.text not in speech and len(speech) % 4 == 1 else None
        speech[request.text] = "wrong" if wrong else "own"
        return wrong

    with GoogleStandIn(speak=google.make_speak(frames=1), faults=fail) as service:
        result, _ = build(review, tmp_path / "cache", service)
    assert result.code == 0, result.err
    assert any(request.fault for request in service.requests)
    assert set(speech.values()) == {"own"}, (speech, result.err)


def test_a_service_that_insists_is_believed_and_told(review, tmp_path):
    """Silence for a short text, and a neighbour's sound with other bytes each time, are named."""
    bad = SENTENCES[5]

    def fail(request):
        return google.neighbour(SENTENCES[2]) if request.text == bad else None

    speak = google.make_speak(silent={"Eight scenes"})
    with GoogleStandIn(speak=speak, faults=fail) as service:
        result, output = build(review, tmp_path / "cache", service)
    assert result.code == 0, result.err
    assert "is silent in segment 1: 'Eight scenes'" in result.err
    told = " ".join(line for line in result.err.splitlines() if "has the sound of" in line)
    assert bad[:50] in told
    assert SENTENCES[2][:50] in told
    assert max(map(service.texts.count, set(service.texts))) <= 10
    assert output.exists()


def test_after_an_outage_only_what_is_missing_is_asked_for(review, faultless, tmp_path):
    """The service goes for good after eight answers: exit 5; the resume asks for the others."""
    with GoogleStandIn(faults=google.after(8, google.RESET)) as service:
        result, output = build(review, tmp_path / "cache", service)
        assert result.code == 5
        assert "run the same command again" in result.err
        assert not output.exists()
        kept = {request.text for request in service.requests if request.fault is None}
        asked = len(service.requests)
        service.faults = None
        result, output = build(review, tmp_path / "cache", service)
        assert result.code == 0, result.err
        assert sorted(service.texts[asked:]) == sorted(set(faultless[1]) - kept)
    assert output.read_bytes() == faultless[0]


def test_requests_keep_to_the_rate_and_the_connections(review, faultless, tmp_path):
    """No second sees more requests than the settings allow, over no more than eight handshakes."""
    rate = 4.0
    env = {
        "REVIEWCAST_SYNTHESIZE_REQUESTS_PER_S": str(rate),
        "REVIEWCAST_SYNTHESIZE_CONNECTIONS": "8",
    }
    with GoogleStandIn() as service:
        started = time.monotonic()
        result, output = build(review, tmp_path / "cache", service, **env)
        begun = sorted(request.at_s for request in service.requests)
    assert result.code == 0, result.err
    assert service.handshakes <= 8
    # they leave at that rate, the first after the start; when each arrives, the machine decides
    assert begun[-1] - started >= (len(begun) - 1) / rate > 2
    assert output.read_bytes() == faultless[0]


def test_eight_connections_are_used_and_no_more(review, tmp_path):
    """With eight connections, no request ends before the eighth is under way."""
    together = threading.Barrier(8)
    met = threading.Event()

    def speak(text: str, language: str) -> bytes:
        if not met.is_set():
            with contextlib.suppress(threading.BrokenBarrierError):
                together.wait(60)
                met.set()
        return google.speak(text, language)

    with GoogleStandIn(speak=speak) as service:
        result, _ = build(
            review, tmp_path / "cache", service, REVIEWCAST_SYNTHESIZE_CONNECTIONS="8"
        )
        assert service.handshakes <= 8
        assert service.peak_in_flight == 8
    assert result.code == 0, result.err


def test_no_take_that_was_stored_is_asked_for_again(review, faultless, tmp_path):
    """One cold build, killed again and again: what is in the store is never voiced twice."""
    cache = tmp_path / "cache"
    dice = random.Random(6)
    keys = {text: key_take(GttsVoice(), "en", text) for text in faultless[1]}
    command = Program(cache).command("build", review, "-o", tmp_path / "x.mp3", "--voice", "gtts")
    killed = 0
    with GoogleStandIn() as service:
        env = Program(cache).environ(service.environ())
        for _ in range(30 if FULL_SWEEP else 4):
            asked = len(service.texts)
            kept = {text for text, key in keys.items() if Cache(cache).takes.find(key)}
            run = subprocess.Popen(
                command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            wanted = min(len(keys), len(kept) + dice.choice((0, 1, 1, 2)))
            # at a request, after some takes, or, when all are there, at some later moment
            while run.poll() is None and (
                len(service.texts) == asked or len(list(cache.glob("takes/??/*"))) < wanted
            ):
                if len(kept) == len(keys) and any(cache.glob("blocks/??/*")):
                    break
                with contextlib.suppress(subprocess.TimeoutExpired):
                    run.wait(0.005)
            run.kill()
            killed += run.wait() == -signal.SIGKILL
            assert kept.isdisjoint(service.texts[asked:])
        result, output = build(review, cache, service)
        assert result.code == 0, result.err
    assert killed
    assert output.read_bytes() == faultless[0]


# who watches over the workers is the same for both, and what the other says is the same anywhere
@pytest.mark.parametrize("voice", ["espeak", *(["hibari"] if FULL_SWEEP else [])])
def test_dead_workers_cost_only_time(review, tmp_path, voice):
    """Workers of an embedded voice are killed while they speak: the bytes are the same."""
    if voice == "hibari":
        require_packages("hibari", "onnxruntime")
    arguments = ("build", review, "--voice", voice, "--json", "-o")
    calm, output = tmp_path / "calm.mp3", tmp_path / "x.mp3"
    assert Program(tmp_path / "calm").run(*arguments, calm).code == 0
    program = Program(tmp_path / "cache")
    run = subprocess.Popen(
        program.command(*arguments, output),
        env=program.environ(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    killed: set[int] = set()
    while run.poll() is None and len(killed) < 2:
        for child in _list_children(run.pid) - killed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                killed.add(child)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(0.005)
    _, said = run.communicate(timeout=120)
    assert run.returncode == 0, said
    assert killed
    assert output.read_bytes() == calm.read_bytes()


def _list_children(parent: int) -> set[int]:
    """List the processes that a process has spawned to speak."""
    found = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            status = (folder / "stat").read_text()
            line = (folder / "cmdline").read_bytes()
            if int(status.rpartition(")")[2].split()[1]) == parent and b"spawn_main" in line:
                found.add(int(folder.name))
    return found
