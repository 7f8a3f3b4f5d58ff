"""A clip is that part of the episode, to the sample; a video shows what is said, when it is."""

import io
import json
import subprocess

import mutagen.id3
import numpy as np
import pytest
import soundfile
from PIL import Image
from tests.conftest import require_tool
from tests.support.program import Program
from tests.support.show import add_episode, make_show
from tests.support.tones import encode_frames, make_noise, to_pcm

from reviewcast.audio.mp3.frames import FRAME_SAMPLES, build_info_frame
from reviewcast.episode.card import LAYOUTS, Card
from reviewcast.episode.clip_choice import Line
from reviewcast.episode.clip_video import write_video
from reviewcast.jobs.clip import make_clip
from reviewcast.jobs.shows import load_config
from reviewcast.model.podcast import EpisodeChapter, EpisodeCue

RATE_HZ = 44_100
FRAMES = 40 * RATE_HZ // FRAME_SAMPLES
CUES = tuple(
    EpisodeCue(2.0 * n, 2.0 * n + 1.6, "spoiler" if n > 17 else "narrator", f"Line {n}.")
    for n in range(20)
)


@pytest.fixture(scope="module")
def episode():
    """Forty seconds of noise that is never the same, as an MP3, and as it decodes."""
    samples = np.zeros(FRAMES * FRAME_SAMPLES, np.float32)
    noise = make_noise(39.5, RATE_HZ)
    samples[2000 : 2000 + len(noise)] = noise
    stereo = np.repeat(samples[:, None], 2, axis=1)
    stream = encode_frames(to_pcm(stereo.ravel()), channels=2, bitrate_kbps=128, quality=5)
    info = build_info_frame(
        frames=FRAMES, size_bytes=len(stream), rate_hz=RATE_HZ, channels=2, bitrate_kbps=128
    )
    data = info + stream
    return data, soundfile.read(io.BytesIO(data))[0]


@pytest.fixture
def show(tmp_path, episode):
    folder = make_show(tmp_path / "show", more='cover = ""\n')
    add_episode(
        folder,
        "heat",
        1,
        "2026-10-01",
        audio=episode[0],
        cues=CUES,
        duration_s=len(episode[1]) / RATE_HZ,
        chapters=(EpisodeChapter("Opening", 0.0), EpisodeChapter("Spoilers", 36.0)),
        source="reviews/heat.md",
    )
    blocks = [
        f"{n}\n00:00:{2 * n:02},000 --> 00:00:{2 * n + 1:02},600\nLine {n}.\n" for n in range(20)
    ]
    (folder / "episodes/heat/heat.srt").write_text("\n".join(blocks))
    (folder / "reviews").mkdir()
    (folder / "reviews/heat.md").write_text("# Heat\n\nA heist.\n")
    return folder


def clip(show, *places, form="mp3", name="heat", output=None, events=None):
    told = [] if events is None else events
    return make_clip(load_config(show), name, places, form=form, output=output, notify=told.append)


def test_it_is_the_episode_to_the_sample(show, episode, tmp_path):
    """Decoded, it is that stretch of the episode, as loud, faded at its ends alone."""
    made = clip(show, "4-18", output=tmp_path)
    assert made.files == {"mp3": str(tmp_path / "heat.clip.mp3")}
    decoded, rate = soundfile.read(made.files["mp3"])
    assert rate == RATE_HZ
    assert (made.start_s, made.end_s) == (5.85, 35.8)
    assert made.duration_s == pytest.approx(29.95, abs=0.001)
    assert 0 <= len(decoded) / rate - made.duration_s < 0.1
    start = round(made.start_s * rate)
    part = episode[1][start : start + round(made.duration_s * rate)]
    inner = slice(rate, -rate)
    same = decoded[: len(part)]
    error = np.sqrt(np.mean((same[inner] - part[inner]) ** 2) / np.mean(part[inner] ** 2))
    assert error < 0.15  # coded twice; a shift of one sample is 0.3 and more
    shifted = decoded[1 : len(part) + 1][inner]
    assert np.sqrt(np.mean((shifted - part[inner]) ** 2) / np.mean(part[inner] ** 2)) > 1.5 * error
    assert 20 * np.log10(np.sqrt(np.mean(same[inner] ** 2) / np.mean(part[inner] ** 2))) == (
        pytest.approx(0, abs=0.1)
    )
    assert np.abs(decoded[:40]).max() < 0.02
    assert np.abs(decoded[round(made.duration_s * rate) :]).max() < 0.02


def test_its_tag_says_what_it_is_of(show, tmp_path):
    """Title, show, author, and what is said."""
    made = clip(show, "4-18", output=tmp_path)
    tag = mutagen.id3.ID3(made.files["mp3"])
    assert (str(tag["TIT2"]), str(tag["TALB"]), str(tag["TPE1"])) == ("Heat", "Film talk", "Jo Doe")
    assert tag.getall("USLT")[0].text.startswith("Line 3. Line 4.")


def test_a_clip_says_who_speaks_as_its_episode_does(show, tmp_path):
    """It goes where no episode does: its MP3 is marked, its video tells the eye and machines."""
    require_tool("ffmpeg")
    made = clip(show, "1-2", form="square", output=tmp_path)
    tag = mutagen.id3.ID3(made.files["mp3"])
    assert [str(one) for one in tag.getall("TXXX:ai-content")] == ["true"]
    assert tag.getall("COMM:AI disclosure:eng")
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", made.files["square"]],
        capture_output=True,
        check=True,
    )
    told = json.loads(probe.stdout)["format"]["tags"]
    assert told["title"] == "Heat"
    assert told["comment"] == "This review was read by a synthetic voice."
    box = LAYOUTS["square"].note
    area = (box.left, box.top, box.left + box.width, box.top + box.height)
    noted = grab(made.files["square"], 0.5).crop(area)
    bare = Card("square", title="Heat", show="Film talk", cover=b"").draw("")
    assert compare(noted, Image.open(io.BytesIO(bare)).crop(area)) > 3


def test_a_show_that_discloses_nothing_has_no_line_on_its_card(show, tmp_path):
    """As its feed and its pages have none."""
    require_tool("ffmpeg")
    text = (show / "podcast.toml").read_text()
    (show / "podcast.toml").write_text(text + "ai_voice = false\n")
    made = clip(show, "1-2", form="square", output=tmp_path)
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", made.files["square"]],
        capture_output=True,
        check=True,
    )
    assert "comment" not in json.loads(probe.stdout)["format"]["tags"]


def test_the_best_part_has_no_spoilers(show):
    """It lies beside the review that is named; what was asked for by name is warned of."""
    events = []
    made = clip(show, name=str(show / "reviews/heat.md"), events=events)
    assert made.files == {"mp3": str(show / "reviews/heat.clip.mp3")}
    assert (made.segments, made.has_spoilers) == ((1, 18), False)
    assert not events
    assert clip(show, "chapter:Spoilers", events=events).has_spoilers
    assert any("spoilers" in str(event) for event in events)


def test_without_ffmpeg_there_is_the_mp3(show, tmp_path, monkeypatch):
    """And a sentence that says why."""
    monkeypatch.setenv("PATH", str(tmp_path))
    events = []
    assert list(clip(show, form="both", events=events).files) == ["mp3"]
    assert any("ffmpeg is not installed" in str(event) for event in events)


def grab(video, at_s):
    """Return a frame of a video."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-ss", f"{at_s:.3f}", "-i", str(video), "-frames:v", "1",
         "-f", "image2pipe", "-c:v", "png", "-"],
        capture_output=True,
        check=True,
    )  # fmt: skip
    return Image.open(io.BytesIO(done.stdout)).convert("RGB")


def test_a_video_shows_each_caption_at_its_time(tmp_path):
    """The frames before and after a change are the cards of these captions, and the wave fills."""
    require_tool("ffmpeg")
    card = Card("square", title="Heat", show="Film talk", cover=b"")
    lines = [Line(0.0, 0.9, "One."), Line(1.0, 1.8, "Two."), Line(2.2, 3.0, "Three.")]
    noise = np.repeat(make_noise(3.0, RATE_HZ)[:, None], 2, axis=1)
    sound = io.BytesIO()
    soundfile.write(sound, noise, RATE_HZ, format="MP3")
    video = tmp_path / "clip.mp4"
    write_video(video, card, lines, noise, sound.getvalue())
    box = LAYOUTS["square"].caption
    area = (box.left, box.top, box.left + box.width, box.top + box.height)
    cards = {
        text: np.asarray(Image.open(io.BytesIO(card.draw(text))).crop(area), np.float32)
        for text in ("One.", "Two.", "Three.")
    }
    seen = {0.1: "One.", 0.94: "One.", 1.06: "Two.", 2.14: "Two.", 2.26: "Three.", 2.9: "Three."}
    for at_s, text in seen.items():
        frame = np.asarray(grab(video, at_s).crop(area), np.float32)
        differences = {name: float(np.abs(frame - one).mean()) for name, one in cards.items()}
        assert min(differences, key=differences.get) == text, (at_s, differences)
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(video)],
        capture_output=True,
        check=True,
    )
    streams = json.loads(probe.stdout)["streams"]
    assert {one["codec_name"] for one in streams} == {"h264", "aac"}
    assert all(abs(float(one["duration"]) - 3.0) < 0.08 for one in streams)
    wave = LAYOUTS["square"].wave
    halves = [(wave.left, wave.top, wave.left + 400, wave.top + wave.height),
              (wave.left + 560, wave.top, wave.left + 960, wave.top + wave.height)]  # fmt: skip
    early, late = grab(video, 0.1), grab(video, 2.9)
    middle = grab(video, 1.5)
    assert compare(middle.crop(halves[0]), late.crop(halves[0])) < 3
    assert compare(middle.crop(halves[1]), early.crop(halves[1])) < 3
    assert compare(early.crop(halves[0]), late.crop(halves[0])) > 10


def compare(one, other):
    return float(np.abs(np.asarray(one, np.float32) - np.asarray(other, np.float32)).mean())


@pytest.mark.parametrize("shape", LAYOUTS)
@pytest.mark.parametrize(
    "title",
    [
        "Heat",
        "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb, seen again " * 3,
        "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle" * 2,
    ],
)
@pytest.mark.parametrize("with_cover", [True, False])
def test_texts_stay_in_their_places(shape, title, with_cover):
    """A title of any length ends before the caption begins, and inside of the margins."""
    file = io.BytesIO()
    Image.new("RGB", (30, 30), "red").save(file, "PNG")
    cover = file.getvalue() if with_cover else b""
    card = Card(shape, title=title, show="Film talk", cover=cover)
    bare = np.asarray(Image.open(io.BytesIO(card.draw(""))))
    full = np.asarray(Image.open(io.BytesIO(card.draw("A caption of several words, " * 20))))
    layout = LAYOUTS[shape]
    assert bare.shape[:2] == (layout.size[1], layout.size[0])
    ground = bare[2, 2]
    used = (bare != ground).any(axis=2)
    rows, columns = np.nonzero(used)
    assert rows.max() < layout.caption.top
    assert columns.max() <= layout.size[0] - 50
    rows, columns = np.nonzero((full != bare).any(axis=2))
    assert rows.min() >= layout.caption.top
    assert rows.max() < layout.wave.top
    assert columns.min() >= layout.caption.left - 4
    assert columns.max() <= layout.caption.left + layout.caption.width + 4


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path / "cache")


def test_the_command(show, program):
    """It prints what was written; what was never built is said in a sentence."""
    done = program.run("clip", "heat", "--format", "mp3", "--json", cwd=show)
    assert done.json["segments"] == [1, 18]
    assert (show / "episodes/heat/heat.clip.mp3").is_file()
    done = program.run("clip", "reviews/heat.md", "2-3", "--format", "mp3", cwd=show)
    assert "segments 2-3" in done.out
    assert "less than 30 s" in done.err
    for arguments, code in (
        (("nothing",), 2),
        (("heat", "99"), 2),
        (("heat", "-o", "x.wav"), 2),
        (("heat", "-o", "episodes/heat/heat.mp3"), 2),
        (("heat", "-o", "/dev/null/x.mp3"), 6),
    ):
        assert program.run("clip", *arguments, "--format", "mp3", cwd=show).code == code
    (show / "episodes/heat/heat.mp3").write_bytes(b"ID3 not what was built")
    assert program.run("clip", "heat", "--format", "mp3", cwd=show).code == 6
