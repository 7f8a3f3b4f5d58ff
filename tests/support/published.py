"""A small published show in which the check finds nothing, with real audio."""

from __future__ import annotations

import functools
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from tests.support.tones import encode_frames, make_noise, to_pcm

from reviewcast.audio.measure import measure_stream
from reviewcast.audio.mp3.frames import FRAME_SAMPLES, build_info_frame, count_samples
from reviewcast.episode.captions import caption_episode
from reviewcast.episode.tag import Tags, build_tag
from reviewcast.model.audio import Chapter
from reviewcast.model.disclosure import SYNTHETIC
from reviewcast.model.podcast import EpisodeChapter, EpisodeCue, Release
from reviewcast.podcast.feed.archives import plan_feed
from reviewcast.podcast.feed.guids import make_show_guid
from reviewcast.podcast.feed.render import render_feed
from reviewcast.settings.schema import FeedSettings, Show

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://example.org/podcast/"
CHAPTERS = (EpisodeChapter("Opening", 0.0), EpisodeChapter("Plot", 2.0), EpisodeChapter("End", 4.0))
CUES = (
    EpisodeCue(0.2, 1.9, "title", "The Third Man"),
    EpisodeCue(
        2.1, 5.5, "narrator", "It begins in Vienna, and it ends there, too, under the trees."
    ),
)
TITLES = ("The Third Man", "The General", "1917")
RATE_HZ = 44_100
FRAMES = 240


def make_mp3(
    *,
    gain_db: float = 0.0,
    chapters: tuple[EpisodeChapter, ...] = CHAPTERS,
    click: float = 0.0,
) -> bytes:
    """Make a tagged MP3 of noise at -16 LUFS plus `gain_db`."""
    return make_tag(chapters) + make_stream(gain_db, click)


@functools.cache
def make_tag(chapters: tuple[EpisodeChapter, ...] = CHAPTERS) -> bytes:
    """Make the tag of an episode."""
    return build_tag(
        Tags(
            title="The Third Man",
            artist="Jo Doe",
            album="Film talk",
            date="2026-01-02",
            track=1,
            comment="",
            lyrics="",
            language="en",
            cover=b"",
            chapters=tuple(Chapter(c.title, round(c.start_s * RATE_HZ)) for c in chapters),
            samples=count_samples(FRAMES),
            rate_hz=RATE_HZ,
            speakers=SYNTHETIC,
        )
    )


@functools.cache
def make_stream(gain_db: float = 0.0, click: float = 0.0) -> bytes:
    """Make the frames of stereo noise that measures -16 LUFS plus `gain_db`, and a click."""
    samples = np.zeros(FRAMES * FRAME_SAMPLES, np.float32)
    noise = make_noise((FRAMES - 8) * FRAME_SAMPLES / RATE_HZ, RATE_HZ)
    samples[3000 : 3000 + len(noise)] = noise
    stereo = np.repeat(samples[:, None], 2, axis=1)

    def blocks() -> Iterator[np.ndarray]:
        yield stereo

    measured, _ = measure_stream(blocks(), RATE_HZ)
    stereo = stereo * np.float32(10 ** ((-16 + 0.445 + gain_db - measured.integrated_lufs) / 20))
    if click:
        stereo[100_000:100_020] = click
    stream = encode_frames(
        to_pcm(stereo.ravel()), rate_hz=RATE_HZ, channels=2, bitrate_kbps=128, quality=5
    )
    info = build_info_frame(
        frames=FRAMES, size_bytes=len(stream), rate_hz=RATE_HZ, channels=2, bitrate_kbps=128
    )
    return info + stream


@functools.cache
def make_cover(
    size: tuple[int, int] = (1400, 1400), mode: str = "RGB", kind: str = "JPEG"
) -> bytes:
    """Make an image of one colour."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


def make_release(number: int) -> Release:
    """Return the release of an episode, by its number from 1."""
    slug = TITLES[number - 1].lower().replace(" ", "-")
    return Release(
        slug=slug,
        guid=f"guid-{number}",
        title=TITLES[number - 1],
        published=datetime(2026, 1, number, 8, tzinfo=UTC),
        audio=f"media/{slug}.mp3",
        size_bytes=len(make_mp3()),
        duration_s=count_samples(FRAMES) / RATE_HZ,
        page=f"episodes/{slug}/index.html",
        vtt=f"media/{slug}.vtt",
        srt=f"media/{slug}.srt",
        transcript=f"media/{slug}.transcript.json",
        chapters_file=f"media/{slug}.chapters.json",
        chapters=CHAPTERS,
        number=number,
        description="What it is about.",
        notes="<p>What it is about.</p>",
        soundbite=(0.5, 3.0),
    )


def publish_show(folder: Path, *, url: str = URL) -> Path:
    """Write a show of three episodes, of which the oldest two are in an archive page."""
    show = Show(
        title="Film talk",
        author="Jo Doe",
        url=url,
        description="What we saw.",
        email="jo@example.org",
        funding_url="https://example.org/support",
    )
    releases = [make_release(number) for number in (1, 2, 3)]
    captions = caption_episode(CUES, CHAPTERS, title="The Third Man")
    files: dict[str, bytes] = {"cover.jpg": make_cover(), "index.html": _make_page()}
    for release in releases:
        files[release.audio] = make_mp3()
        files[release.vtt] = captions.vtt
        files[release.srt] = captions.srt
        files[release.transcript] = captions.transcript_json
        files[release.chapters_file] = captions.chapters_json
        files[release.page] = b'<!doctype html><title>x</title><a href="../../">Up</a>'
    settings = FeedSettings(items=2)
    guid = make_show_guid(url + "feed.xml")
    for part in plan_feed(releases, settings):
        files[part.name] = render_feed(show, part, settings, guid=guid, cover="cover.jpg")
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def _make_page() -> bytes:
    links = "".join(
        f'<a href="episodes/{title.lower().replace(" ", "-")}/#t=1.5">{title}</a>'
        for title in TITLES
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Film talk</title>'
        f'<link rel="alternate" href="feed.xml"></head><body><img src="cover.jpg" alt="">{links}'
        f'<a href="https://elsewhere.example/none">Elsewhere</a></body></html>'
    ).encode()
