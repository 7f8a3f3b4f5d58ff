"""A whole episode as a task for a worker that shares no folder with us.

It is given what `produce` needs as plain data, speaks and renders in a folder of its own, and sends
home the entries of its stores, each with its digest. Whoever puts them into the stores here finds
all of the episode there, as if it had been made on this machine.
"""

import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.episode.produce import produce
from reviewcast.model.audio import Sounds
from reviewcast.model.protocols import describe_voice
from reviewcast.model.text import Role, Script
from reviewcast.settings.accesses import find_access
from reviewcast.settings.run import Run
from reviewcast.settings.schema import (
    Config,
    EncodeSettings,
    MasterSettings,
    PolishSettings,
    StitchSettings,
    SynthesizeSettings,
    VoiceChoice,
)
from reviewcast.speech.casting import Cast
from reviewcast.speech.cluster_worker import (
    TURN,
    PlainVoice,
    list_versions,
    pack_voice,
    require_versions,
    unpack_voice,
)
from reviewcast.speech.narration import Narration
from reviewcast.speech.takes import find_voiced
from reviewcast.system.cache import Cache

_LARGEST_SOUNDS_BYTES = 64_000_000
"""Music of six minutes: more is not sent with each episode."""


class RenderTask(Struct, frozen=True, kw_only=True):
    """An episode to speak and render: its script, its voices, and the settings of its sound.

    `takes` are the entries of the store that are there already. Nothing else of the settings
    travels, and no value of a variable.
    """

    script: Script
    voice: PlainVoice
    roles: dict[Role, PlainVoice]
    others: dict[str, PlainVoice]
    sounds: Sounds
    polish: PolishSettings
    synthesize: SynthesizeSettings
    stitch: StitchSettings
    master: MasterSettings
    encode: EncodeSettings
    takes: dict[str, bytes]
    versions: dict[str, str]


class RenderReply(Struct, frozen=True, kw_only=True):
    """What was made of an episode: entries of the stores by their keys, as they are stored."""

    takes: dict[str, bytes]
    blocks: dict[str, bytes]
    voiced: frozenset[str]


def pack_episode(narration: Narration, sounds: Sounds, run: Run) -> bytes | None:
    """Return an episode as an encoded RenderTask; None for one that is not rendered elsewhere.

    That is one with a recording, a voice that is a service or reads files, more music than is sent,
    or with no segment left to speak.
    """
    voices = [voice for voice, _ in narration.list_parts()]
    segments = narration.script.segments
    found = find_voiced(narration, run.cache)
    if (
        any(segment.recording for segment in segments)
        or any(describe_voice(voice).online or find_access(voice) for voice in voices)
        or sum(len(sound.pcm) for sound in sounds.list_all()) > _LARGEST_SOUNDS_BYTES
        or len(found) == len(segments)
    ):
        return None
    settings, cast = run.settings, narration.cast
    takes = {take.key: run.cache.takes.pack(take.key) for take in found.values()}
    task = RenderTask(
        script=narration.script,
        voice=pack_voice(cast.voice),
        roles={role: pack_voice(voice) for role, voice in cast.roles.items()},
        others={name: pack_voice(voice) for name, voice in cast.others.items()},
        sounds=sounds,
        polish=settings.voice.polish,
        synthesize=settings.synthesize,
        stitch=settings.stitch,
        master=settings.master,
        encode=settings.encode,
        takes={key: data for key, data in takes.items() if data},
        versions=list_versions(),
    )
    return msgspec.msgpack.encode(task)


def render_there(data: bytes) -> bytes:
    """Speak and render an encoded RenderTask; return an encoded RenderReply.

    Raise ClusterError when this worker has other versions, and what `produce` raises.
    """
    task = msgspec.msgpack.decode(data, type=RenderTask)
    require_versions(task.versions)
    narration = Narration(
        cast=Cast(
            voice=unpack_voice(task.voice),
            roles={role: unpack_voice(voice) for role, voice in task.roles.items()},
            others={name: unpack_voice(voice) for name, voice in task.others.items()},
        ),
        script=task.script,
    )
    settings = Config(
        voice=VoiceChoice(use=(task.voice.name,), polish=task.polish),
        synthesize=task.synthesize,
        stitch=task.stitch,
        master=task.master,
        encode=task.encode,
    )
    with TURN, tempfile.TemporaryDirectory(prefix="reviewcast-") as folder:
        cache = Cache(Path(folder))
        cache.prepare()
        for key, packed in task.takes.items():
            cache.takes.unpack(key, packed)
        run = Run(settings=settings, cache=cache, cores=1, in_process=True)
        made = produce(narration, task.sounds, run)
        takes, voiced = made.takes, set(made.takes.fresh)
        sources = zip(task.script.segments, takes.sources, strict=True)
        spoken = {key for segment, key in sources if segment.index in voiced}
        keys = (spoken | {take.key for take in takes.takes}) - task.takes.keys()
        reply = RenderReply(
            takes={key: cache.takes.pack(key) or b"" for key in sorted(keys)},
            blocks={b.key: cache.blocks.pack(b.key) or b"" for b in made.audio.blocks},
            voiced=frozenset(spoken),
        )
    return msgspec.msgpack.encode(reply)


def keep_rendered(data: bytes, cache: Cache) -> frozenset[str]:
    """Put what an encoded RenderReply holds into the stores; return the keys of what is new.

    What has not come home whole is left out: it is made here then. Raise StorageError when the
    disk is full.
    """
    reply = msgspec.msgpack.decode(data, type=RenderReply)
    kept = {key for key, packed in reply.takes.items() if cache.takes.unpack(key, packed)}
    blocks = {key for key, packed in reply.blocks.items() if cache.blocks.unpack(key, packed)}
    return frozenset((kept & reply.voiced) | blocks)
