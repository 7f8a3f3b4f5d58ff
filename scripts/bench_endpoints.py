#!/usr/bin/env python3
"""Measure what two speech servers give as one, of what both could give.

One takes 300 ms a request and one 600 ms, each with a single processor, on loopback; one of them
fails for a minute in the middle, which does not count as time in which it could give anything. A
third speaks with another voice: it must not be asked for a single text.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support import speech_server  # noqa: E402
from tests.support.speech_server import Answer, Asked, SpeechServer, speak  # noqa: E402
from tests.support.tones import make_script  # noqa: E402

from reviewcast.model.events import Event, Progressed  # noqa: E402
from reviewcast.settings.schema import SynthesizeSettings  # noqa: E402
from reviewcast.speech.limits import find_endpoints  # noqa: E402
from reviewcast.speech.same_voice import SENTENCE  # noqa: E402
from reviewcast.speech.synthesize import synthesize_script  # noqa: E402
from reviewcast.speech.voices.openai import OpenaiVoice  # noqa: E402
from reviewcast.speech.workers import open_pool  # noqa: E402
from reviewcast.system.cache import Cache  # noqa: E402

LEAST = 0.85
WORDS = (
    "the film has a slow start and it ends well with music that nobody will forget for years"
    " because every scene was cut by hand in one long and cold winter near Oslo"
).split()


class Machine:
    """A server that speaks one text after another, each in `takes_s`, and is down for a while."""

    def __init__(self, takes_s: float, *, speed: float = 1.0) -> None:
        self.takes_s, self.speed = takes_s, speed
        self.down = (0.0, 0.0)
        self.spoken: list[str] = []
        self._processor = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        """Answer one request."""
        if self._is_down():
            return speech_server.status(503)(asked)
        with self._processor:
            ends = time.monotonic() + self.takes_s
            text = asked.body["input"]
            reply = speech_server.encode(speak(text, self.speed), asked.body["response_format"])
            time.sleep(max(0.0, ends - time.monotonic()))
            if self._is_down():
                return Answer(reset=True)
            if text != SENTENCE:
                self.spoken.append(text)
            return reply

    def count_possible(self, begun: float, ended: float) -> float:
        """Return how many texts it could have spoken in this time."""
        off_s = max(0.0, min(self.down[1], ended) - max(self.down[0], begun))
        return (ended - begun - off_s) / self.takes_s

    def _is_down(self) -> bool:
        return self.down[0] <= time.monotonic() < self.down[1]


def make_texts(count: int) -> list[str]:
    """Return sentences whose speech differs: the stand-in tells them apart by the sum of bytes."""
    chosen = random.Random(0)
    found: dict[int, str] = {}
    while len(found) < count:
        text = " ".join(chosen.choices(WORDS, k=chosen.randint(4, 22))).capitalize() + "."
        found.setdefault(sum(text.encode()) + len(text), text)
    return list(found.values())


def main() -> None:
    """Measure, and print the ratio; exit 1 when it is too small, or anything is not as it must."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=600)
    parser.add_argument("--down", type=float, default=60.0, help="seconds; 0 for none")
    parser.add_argument("--which", choices=("quick", "slow"), default="quick", help="which fails")
    given = parser.parse_args()
    quick, slow, other = Machine(0.3), Machine(0.6), Machine(0.3, speed=1.2)
    texts = make_texts(given.texts)
    told: list[str] = []

    def hear(event: Event) -> None:
        if not isinstance(event, Progressed):
            told.append(f"{time.monotonic() - begun:6.1f} s  {event.message}")

    with (
        tempfile.TemporaryDirectory(prefix="reviewcast-bench-") as name,
        SpeechServer(answer=quick.answer) as one,
        SpeechServer(answer=slow.answer) as two,
        SpeechServer(answer=other.answer) as three,
    ):
        settings = SynthesizeSettings(requests_per_s=100.0)
        voice = OpenaiVoice(base_url=(one.url, two.url, three.url), key_variable="")
        store = Cache(Path(name)).takes
        begun = time.monotonic()
        failing, middle = (quick if given.which == "quick" else slow), begun + given.texts / 5 / 3
        failing.down = (middle, middle + given.down)
        made = synthesize_script(
            make_script(texts),
            voice,
            settings,
            store=store,
            open_pool=lambda: open_pool(voice, characters=0, connections=settings.connections),
            notify=hear,
            limits=find_endpoints(voice, settings, Path(name)),
        )
        ended = time.monotonic()
        kept = {store.load(take.key) for take in made.takes}
    print("\n".join(told))
    possible = quick.count_possible(begun, ended) + slow.count_possible(begun, ended)
    ratio = len(texts) / possible
    print(
        f"{len(texts)} texts in {ended - begun:.1f} s: 300 ms {len(quick.spoken)},"
        f" 600 ms {len(slow.spoken)}, another voice {len(other.spoken)};"
        f" {ratio:.3f} of what both could give (at least {LEAST})"
    )
    is_whole = kept == {speak(text) for text in texts} and not other.spoken
    twice = len(quick.spoken) + len(slow.spoken) - len(texts)
    print(f"nothing lost, one voice: {is_whole}; spoken twice: {twice}")
    sys.exit(ratio < LEAST or not is_whole)


if __name__ == "__main__":
    main()
