"""Shows with finished episodes, without building any audio."""

import hashlib
from pathlib import Path

import msgspec

from reviewcast.model.audio import Loudness
from reviewcast.model.podcast import Episode, EpisodeChapter, EpisodeCue
from reviewcast.system.workspace import save_companions, save_record

URL = "https://example.org/podcast/"


def make_show(folder: Path, *, url: str = URL, more: str = "") -> Path:
    """Write a podcast.toml that a feed can be made of."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "podcast.toml").write_text(
        f'[show]\ntitle = "Film talk"\nauthor = "Jo Doe"\nurl = "{url}"\n'
        f'description = "What we saw."\nemail = "jo@example.org"\n{more}',
        encoding="utf-8",
    )
    return folder


def add_episode(
    show: Path,
    slug: str,
    number: int,
    date: str,
    *,
    audio: bytes | None = None,
    draft: bool = False,
    **fields: object,
) -> Episode:
    """Write an episode as a build leaves it behind; its audio is no audio."""
    folder = show / "episodes" / slug
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{slug}.mp3"
    data = audio or f"ID3 {slug}".encode() * 700
    path.write_bytes(data)
    companions = {
        ".vtt": b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Narrator>Hello.\n",
        ".srt": b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n",
        ".transcript.json": b'{"version": "1.0.0", "segments": []}\n',
        ".chapters.json": b'{"version": "1.2.0", "chapters": []}\n',
        ".notes.html": f"<p>Notes of {slug}.</p>\n".encode(),
    }
    save_companions(path, companions)
    values: dict[str, object] = {
        "slug": slug,
        "title": slug.replace("-", " ").capitalize(),
        "path": str(path),
        "size_bytes": len(data),
        "duration_s": 60.0,
        "sha256": hashlib.sha256(data).hexdigest(),
        "voice": "espeak",
        "language": "en",
        "loudness": Loudness(-16.0, -1.2),
        "segments": 1,
        "voiced": 1,
        "reused": 0,
        "blocks": 1,
        "blocks_reused": 0,
        "chapters": (
            EpisodeChapter("Opening", 0.0),
            EpisodeChapter("Plot", 20.0),
            EpisodeChapter("Verdict", 40.0),
        ),
        "cues": (EpisodeCue(1.0, 2.0, "narrator", "Hello."),),
        "track": number,
        "date": date,
        "draft": draft,
        "companions": {
            suffix: hashlib.sha256(content).hexdigest() for suffix, content in companions.items()
        },
    }
    episode = msgspec.convert(values | fields, Episode)
    save_record(path, episode)
    return episode
