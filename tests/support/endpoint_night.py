"""A night of several speech servers in no time: a played clock, and servers that only take time.

night = Night({"fast": Server(0.3), "slow": Server(0.6, down=[(40.0, 100.0)])})
night.speak(600)
assert night.spoken == {"fast": 450, "slow": 150}
"""

from __future__ import annotations

import collections
import heapq
import itertools
from dataclasses import dataclass, field
from typing import Any

from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.model.events import Progressed
from reviewcast.settings.schema import SynthesizeSettings
from reviewcast.speech.endpoints import Endpoint, Endpoints
from reviewcast.speech.pace import is_refusal
from reviewcast.speech.same_voice import Spoken
from reviewcast.system.turns import OwnTurns

SPOKEN = Spoken(24_000, 6.0, (3.0, 2.0, 0.0, -1.0, -4.0))


@dataclass
class Server:
    """A server with one processor: each request takes `takes_s` of it, one after another.

    It refuses connections during `down`, and answers 429 with Retry-After during `busy`; `slow`
    are times in which a request takes longer, by a factor. `spoken` is how it says the sentence.
    """

    takes_s: float
    down: list[tuple[float, float]] = field(default_factory=list)
    busy: list[tuple[float, float]] = field(default_factory=list)
    slow: list[tuple[float, float, float]] = field(default_factory=list)
    retry_after_s: float = 5.0
    spoken: Spoken = SPOKEN
    free_at: float = 0.0
    asked: list[float] = field(default_factory=list)

    def serve(self, now: float) -> tuple[float, VoiceError | None]:
        """Return when a request that comes now ends, and with which error."""
        self.asked.append(now)
        if _is_within(self.down, now):
            return now + 0.001, VoiceUnavailable("It cannot be reached.", hint="Later.")
        if _is_within(self.busy, now):
            wait_s = self.retry_after_s
            busy = VoiceUnavailable("It is busy (429).", retry_after_s=wait_s, slow_down=True)
            return now + 0.001, busy
        factor = next((times for begin, end, times in self.slow if begin <= now < end), 1.0)
        end = max(now, self.free_at) + self.takes_s * factor
        broken = [begin for begin, _ in self.down if now < begin < end]
        if broken:
            self.free_at = broken[0]
            return broken[0], VoiceUnavailable("It broke off.", hint="Later.")
        self.free_at = end
        return end, None


def _is_within(times: list[tuple[float, float]], now: float) -> bool:
    return any(begin <= now < end for begin, end in times)


@dataclass(frozen=True)
class PlayedVoice:
    """A voice of that name at one address or several."""

    base_url: str | tuple[str, ...] = ""

    name = "played"
    version = "1"
    max_chars = 1000
    max_workers = 8
    online = True

    @property
    def endpoints(self) -> tuple[PlayedVoice, ...]:
        """Return a voice for each address."""
        urls = (self.base_url,) if isinstance(self.base_url, str) else self.base_url
        return tuple(PlayedVoice(url) for url in urls)

    def speak(self, text: str, *, language: str) -> Any:
        """Do not speak: only time is played."""
        raise AssertionError(text + language)


class Night:
    """Texts, and servers that speak them, as a run of several threads would ask them."""

    def __init__(
        self, servers: dict[str, Server], *, known: Spoken | None = None, **options: Any
    ) -> None:
        self.now = 0.0
        settings = SynthesizeSettings(**{"requests_per_s": 100.0, **options})
        self.servers = servers
        voice = PlayedVoice(tuple(servers))
        self.endpoints = Endpoints(
            voice,
            settings,
            lambda _: OwnTurns(settings.requests_per_s, clock=lambda: self.now),
            jitter=lambda: 0.5,
        )
        self.endpoints.begin(0.0, known)
        self.spoken: collections.Counter[str] = collections.Counter()
        self.failed: collections.Counter[int] = collections.Counter()
        self.times: list[tuple[float, str, int]] = []
        self._events: list[tuple[float, int, Any]] = []
        self._count = itertools.count()

    def speak(self, texts: int, *, limit_s: float = 10_000.0) -> list[str]:
        """Have so many texts spoken; return what was told."""
        waiting = collections.deque((n, set[Endpoint]()) for n in range(texts))
        self._plan(self.now, None)
        while (waiting or self._events) and self.now < limit_s:
            self.now, _, then = heapq.heappop(self._events)
            if then is not None:
                then(waiting)
            for one in self.endpoints.take_due(self.now):
                self._ask(one)
            while waiting:
                n, avoid = waiting[0]
                chosen, wait_s = self.endpoints.choose(self.now, avoid)
                if chosen is None:
                    if wait_s < float("inf"):
                        self._plan(self.now + wait_s, None)
                    break
                waiting.popleft()
                self._send(chosen, n, avoid)
        events = self.endpoints.take_events()
        return [event.message for event in events if not isinstance(event, Progressed)]

    def _plan(self, at: float, then: Any) -> None:
        heapq.heappush(self._events, (at, next(self._count), then))

    def _ask(self, one: Endpoint) -> None:
        server = self.servers[one.address]
        end, error = server.serve(self.now)

        def hear(_waiting: Any) -> None:
            if error:
                self.endpoints.note_silence(one, self.now, error)
            else:
                self.endpoints.note_sentence(one, self.now, server.spoken)

        self._plan(end, hear)

    def _send(self, one: Endpoint, n: int, avoid: set[Endpoint]) -> None:
        begun = self.now
        end, error = self.servers[one.address].serve(begun)

        def finish(waiting: Any) -> None:
            one.under_way -= 1
            if error is None:
                self.endpoints.note_answer(one, self.now, self.now - begun)
                self.spoken[one.address] += 1
                self.times.append((self.now, one.address, n))
                return
            self.endpoints.note_failure(one, self.now, error)
            if not is_refusal(error):
                is_new = one not in avoid
                avoid.add(one)
                if not (is_new and self.endpoints.has_ready(avoid)):
                    self.failed[n] += 1
                    avoid.clear()
            waiting.appendleft((n, avoid))

        self._plan(end, finish)
