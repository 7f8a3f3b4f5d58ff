"""A whole episode as a task: what goes out, and what comes home, without a cluster."""

import os
import re

import msgspec
import pytest
from msgspec.structs import replace

from reviewcast.audio.files.sounds import open_sounds
from reviewcast.episode.cluster_task import (
    RenderReply,
    RenderTask,
    keep_rendered,
    pack_episode,
    render_there,
)
from reviewcast.episode.produce import produce
from reviewcast.model.errors import ClusterError
from reviewcast.model.events import Progressed
from reviewcast.settings.load import load_settings
from reviewcast.settings.run import Run
from reviewcast.speech.fallback import expect_narration
from reviewcast.speech.narrate import synthesize
from reviewcast.system.cache import Cache
from reviewcast.text.draft import read_draft
from reviewcast.text.read import ReviewSource

CANARY = "canary-c41d"
TEXT = (
    "# The lamp\n\nA lamp burns in the small cinema.\n\n## Verdict\n\n"
    "> The light is all there is.\n\nGo and see it while it burns.\n"
)


class Made:
    """A narration, its sounds, and a run with a cache of its own."""

    def __init__(self, folder, name="home", toml=""):
        show = folder / "show"
        show.mkdir(exist_ok=True)
        (show / "podcast.toml").write_text(
            f'[show]\ntitle = "Lamps"\n[voice]\nuse = ["espeak"]\n{toml}', encoding="utf-8"
        )
        review = show / "lamp.md"
        if not review.exists():
            review.write_text(TEXT, encoding="utf-8")
        config = load_settings(show)
        cache = Cache(folder / name)
        cache.prepare()
        self.heard = []
        self.run = Run(settings=config, cache=cache, notify=self.heard.append)
        self.narration = expect_narration(
            read_draft(ReviewSource(str(review), review.read_bytes()), config), self.run
        )
        self.sounds = open_sounds(config)

    def pack(self):
        """Return it as a task."""
        return pack_episode(self.narration, self.sounds, self.run)

    def produce(self, made=frozenset()):
        """Make it here; return what was made, and which segments were not found."""
        return produce(self.narration, self.sounds, replace(self.run, made=made))

    def count_work(self):
        """Return which kinds of work were begun here."""
        return {event.stage for event in self.heard if isinstance(event, Progressed)}


def read_all(cache, made):
    """Return the bytes of all takes and blocks of an episode."""
    return (
        [cache.takes.load(take.key) for take in made.takes.takes],
        [cache.blocks.load(block.key) for block in made.audio.blocks],
    )


def test_it_comes_home_as_it_would_be_made_here(tmp_path):
    """Nothing is left to do here, and its figures count it as made by this run."""
    home, here = Made(tmp_path), Made(tmp_path, "other")
    made = keep_rendered(render_there(home.pack()), home.run.cache)
    there, expected = home.produce(made), here.produce()
    assert home.count_work() == set()
    assert read_all(home.run.cache, there) == read_all(here.run.cache, expected)
    assert there.takes == expected.takes
    assert [block.reused for block in there.audio.blocks] == [False] * len(there.audio.blocks)
    assert there.audio == expected.audio
    assert home.pack() is None  # it is all there


def test_what_is_there_travels_and_is_not_spoken_again(tmp_path):
    """A worker speaks what is missing alone."""
    home = Made(tmp_path)
    first = home.narration.select([1])
    spoken = synthesize(first, home.run)
    task = msgspec.msgpack.decode(home.pack(), type=RenderTask)
    assert set(task.takes) == set(spoken.sources)
    reply = msgspec.msgpack.decode(render_there(home.pack()), type=RenderReply)
    assert not reply.voiced & set(spoken.sources)
    made = home.produce(keep_rendered(msgspec.msgpack.encode(reply), home.run.cache))
    segments = {segment.index for segment in home.narration.script.segments}
    assert set(made.takes.fresh) == segments - {1}


def test_no_secret_travels(tmp_path, monkeypatch):
    """Neither the value of a variable, nor settings that have nothing to do with sound."""
    for name in [*os.environ, "OPENAI_API_KEY", "REVIEWCAST_VOICE", "MASTODON_TOKEN"]:
        if name not in {"PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR", "REVIEWCAST_VOICE"}:
            monkeypatch.setenv(name, CANARY)
    toml = f'[voice.openai]\nvoice = "{CANARY}"\n[publish]\nto = "{CANARY}"\n'
    data = Made(tmp_path, toml=toml).pack()
    assert data
    assert CANARY.encode() not in data
    assert str(tmp_path).encode() not in data


@pytest.mark.parametrize("toml", ['[cast]\nquote = "gtts"\n', '[stitch]\nbed = "long.wav"\n'])
def test_what_is_made_here(tmp_path, toml):
    """A service is asked from here alone, and much music is not sent with each episode."""
    if "bed" in toml:
        write_long(tmp_path / "show")
    assert Made(tmp_path, toml=toml).pack() is None


def write_long(folder):
    """Write seven minutes of a soft tone."""
    import wave

    import numpy as np

    folder.mkdir()
    tone = (3000 * np.sin(np.arange(44100) * 0.05)).astype("<i2").tobytes()
    with wave.open(str(folder / "long.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44100)
        for _ in range(7 * 60):
            file.writeframes(tone)


def test_a_worker_of_another_version_renders_nothing(tmp_path):
    """Neither with another program nor with another voice."""
    task = msgspec.msgpack.decode(Made(tmp_path).pack(), type=RenderTask)
    for other in (
        replace(task, versions={**task.versions, "lameenc": "0.1"}),
        replace(task, voice=replace(task.voice, version="0.1")),
    ):
        with pytest.raises(ClusterError, match=r"instead of 0\.1|0\.1 instead of"):
            render_there(msgspec.msgpack.encode(other))


def test_what_is_not_whole_is_made_here(tmp_path):
    """An entry whose bytes differ from its digest is not kept."""
    home = Made(tmp_path)
    reply = msgspec.msgpack.decode(render_there(home.pack()), type=RenderReply)
    key = min(reply.voiced)
    data = reply.takes[key]
    broken = replace(reply, takes={**reply.takes, key: data[:-1] + bytes([data[-1] ^ 1])})
    kept = keep_rendered(msgspec.msgpack.encode(broken), home.run.cache)
    assert key not in kept
    home.produce(kept)
    assert home.count_work() == {"voice"}


def test_a_task_is_plain_data(tmp_path):
    """No pickle is in it: it decodes without any type."""
    told = msgspec.msgpack.decode(Made(tmp_path).pack())
    assert set(told) == set(RenderTask.__struct_fields__)
    assert re.fullmatch(r"[0-9.]+.*", told["voice"]["version"])
