"""The tag, read back by its bytes, by mutagen and by ffprobe."""

import io
import json
import subprocess

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.id3 import ID3, CTOCFlags
from PIL import Image
from tests.conftest import require_tool
from tests.support.budget import count_examples
from tests.support.tones import encode_frames

from reviewcast.audio.mp3.frames import FRAME_SAMPLES, build_info_frame
from reviewcast.episode.tag import Tags, build_tag
from reviewcast.model.audio import Chapter
from reviewcast.model.podcast import EpisodeCue
from reviewcast.podcast.check.id3 import read_tag as read_checked
from reviewcast.system.file_types import find_image_type

PNG = b"\x89PNG\r\n\x1a\n" + bytes(500)
JPEG = b"\xff\xd8\xff\xe0" + bytes(500)
RATE_HZ = 44_100


def make_tags(**options):
    fields = {
        "title": "La La Land – ein Traum",
        "artist": "Zoë Ångström",
        "album": "Reviews",
        "date": "2016-12-09",
        "track": 7,
        "comment": "What it is about.",
        "lyrics": "The title\n\nThe text, “quoted” and 映画.",
        "language": "en-GB",
        "cover": PNG,
        "chapters": (Chapter("One", 0), Chapter("Two", RATE_HZ * 10)),
        "samples": RATE_HZ * 30,
        "rate_hz": RATE_HZ,
    }
    return Tags(**fields | options)


def make_chapters(count, *, step_s=1.0, title="Chapter"):
    return tuple(Chapter(f"{title} {n}", round(n * step_s * RATE_HZ)) for n in range(count))


def read_tag(tag):
    """Read with mutagen, untranslated."""
    return ID3(io.BytesIO(tag), translate=False)


def list_frames(tag):
    """Read the frames by their bytes as ID3v2.3 says: names and bodies in order."""
    offset, frames = 10, []
    while offset < len(tag):
        size = int.from_bytes(tag[offset + 4 : offset + 8], "big")
        frames.append(
            (tag[offset : offset + 4].decode("ascii"), tag[offset + 10 : offset + 10 + size])
        )
        offset += 10 + size
    assert offset == len(tag)
    return frames


def test_header_is_that_of_version_3():
    """The tag begins as ID3v2.3, without flags, and states its size; nothing follows it."""
    tag = build_tag(make_tags())
    assert tag[:6] == b"ID3\3\0\0"
    size = sum(byte << shift for byte, shift in zip(tag[6:10], (21, 14, 7, 0), strict=True))
    assert all(byte < 128 for byte in tag[6:10])
    assert size == len(tag) - 10
    assert b"TAG" not in tag[-128:]


def test_fields_come_back():
    """Every field is there, in the frames of that version."""
    frames = read_tag(build_tag(make_tags()))
    texts = {name: str(frames[name]) for name in ("TIT2", "TPE1", "TALB", "TCON", "TRCK", "TLEN")}
    assert texts == {
        "TIT2": "La La Land – ein Traum",
        "TPE1": "Zoë Ångström",
        "TALB": "Reviews",
        "TCON": "Podcast",
        "TRCK": "7",
        "TLEN": "30000",
    }
    assert (str(frames["TYER"]), str(frames["TDAT"])) == ("2016", "0912")
    assert frames["COMM::eng"].text == ["What it is about."]
    assert frames["USLT::eng"].text == "The title\n\nThe text, “quoted” and 映画."
    assert frames["APIC:"].data == PNG
    assert (frames["APIC:"].mime, frames["APIC:"].type) == ("image/png", 3)


def test_every_text_is_utf_16():
    """Text frames carry a byte order mark and their encoding's number."""
    frames = list_frames(build_tag(make_tags()))
    for name, body in frames:
        if name.startswith("T"):
            assert body[:3] in {b"\1\xff\xfe", b"\1\xfe\xff"}, name
        if name in {"COMM", "USLT"}:
            assert body[0] == 1
    assert "TDRC" not in dict(frames)


@pytest.mark.parametrize("date", ["", "2016", "2016-12", "2016-12-09"])
def test_any_part_of_a_date(date):
    """Year, month and day are kept as far as they are known."""
    frames = read_tag(build_tag(make_tags(date=date)))
    assert str(frames.get("TYER", "")) == date[:4]
    assert str(frames.get("TDAT", "")) == ("0912" if len(date) == 10 else "")


def test_empty_fields_are_left_out():
    """What is not known has no frame."""
    tags = make_tags(artist="", date="", comment="", lyrics="", cover=b"", chapters=())
    names = {name for name, _ in list_frames(build_tag(tags))}
    assert names == {"TIT2", "TALB", "TCON", "TRCK", "TLEN"}


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("en", "eng"),
        ("de-AT", "deu"),
        ("PT-br", "por"),
        ("zh-Hant", "zho"),
        ("tlh", "und"),
        ("", "und"),
    ],
)
def test_languages(language, code):
    """A language becomes its three letters, an unknown one is undetermined."""
    assert f"COMM::{code}" in read_tag(build_tag(make_tags(language=language)))


@pytest.mark.parametrize(
    ("data", "kind"), [(JPEG, "image/jpeg"), (PNG, "image/png"), (b"GIF89a", ""), (b"", "")]
)
def test_image_types(data, kind):
    """An image is told by its first bytes."""
    assert find_image_type(data) == kind
    if kind:
        assert read_tag(build_tag(make_tags(cover=data)))["APIC:"].mime == kind


def test_limits():
    """Long titles and texts are cut at a whole character, and say so."""
    tags = make_tags(title="T" * 400, comment="😀" * 40_000, chapters=(Chapter("c" * 300, 0),))
    frames = read_tag(build_tag(tags))
    assert str(frames["TIT2"]) == "T" * 254 + "…"
    [comment] = frames["COMM::eng"].text
    assert len(comment.encode("utf-16-le")) <= 64_000
    assert comment.endswith("😀…")
    [chapter] = frames.getall("CHAP")
    assert str(chapter.sub_frames["TIT2"]) == "c" * 254 + "…"


@pytest.mark.parametrize("count", [1, 2, 12, 120, 255])
def test_chapters_stand_in_time_order(count):
    """In the bytes, CHAP frames follow each other in time, whatever their size."""
    chapters = tuple(Chapter("x" * (1 + (count - n) * 7 % 200), n * RATE_HZ) for n in range(count))
    tag = build_tag(make_tags(chapters=chapters, samples=(count + 5) * RATE_HZ))
    bodies = [body for name, body in list_frames(tag) if name == "CHAP"]
    times = []
    for body in bodies:
        rest = body[body.index(0) + 1 :]
        times.append(tuple(int.from_bytes(rest[n : n + 4], "big") for n in (0, 4, 8, 12)))
    ends = [*range(1000, count * 1000, 1000), (count + 5) * 1000]
    assert times == [(n * 1000, end, 2**32 - 1, 2**32 - 1) for n, end in enumerate(ends)]
    [toc] = read_tag(tag).getall("CTOC")
    assert toc.flags == CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
    assert toc.child_element_ids == [body[: body.index(0)].decode() for body in bodies]


def test_more_chapters_than_a_table_can_hold():
    """Beyond 255 chapters the tag is still whole, and the table lists those it can."""
    chapters = make_chapters(300)
    frames = read_tag(build_tag(make_tags(chapters=chapters, samples=301 * RATE_HZ)))
    [toc] = frames.getall("CTOC")
    assert len(toc.child_element_ids) == 255
    assert len(frames.getall("CHAP")) == 255
    assert max(chapter.end_time for chapter in frames.getall("CHAP")) == 301_000


def make_file(path, tags):
    """Write seconds of silence with a tag."""
    frames = tags.samples // FRAME_SAMPLES + 1
    silence = np.zeros(frames * FRAME_SAMPLES, "<i2").tobytes()
    body = encode_frames(silence, rate_hz=RATE_HZ, channels=1, bitrate_kbps=64, quality=9)
    info = build_info_frame(
        frames=frames, size_bytes=len(body), rate_hz=RATE_HZ, channels=1, bitrate_kbps=64
    )
    path.write_bytes(build_tag(tags) + info + body)


@pytest.mark.parametrize("title", ["Kapitel", "映画の" * 40, "A very long heading " * 12])
@pytest.mark.parametrize("count", [3, 40])
def test_ffprobe_lists_chapters_in_order(tmp_path, title, count):
    """Ffprobe gives every chapter with its time and title, also when the title is long."""
    chapters = make_chapters(count, step_s=0.5, title=title)
    path = tmp_path / "x.mp3"
    make_file(path, make_tags(chapters=chapters, samples=(count + 2) * RATE_HZ // 2, cover=b""))
    command = [require_tool("ffprobe"), "-v", "error", "-of", "json", "-show_chapters"]
    done = subprocess.run([*command, "-show_format", str(path)], capture_output=True, check=True)
    assert done.stderr == b""
    found = json.loads(done.stdout)
    listed = [(float(c["start_time"]), c["tags"]["title"]) for c in found["chapters"]]
    cut = [c.title if len(c.title) <= 255 else c.title[:254] + "…" for c in chapters]
    assert listed == [(n * 0.5, text) for n, text in enumerate(cut)]
    assert found["format"]["tags"]["title"] == "La La Land – ein Traum"
    assert found["format"]["tags"]["date"].startswith("2016")


def test_mp3val_finds_nothing(tmp_path):
    """A tagged file is clean for mp3val."""
    path = tmp_path / "x.mp3"
    make_file(path, make_tags())
    done = subprocess.run(
        [require_tool("mp3val"), str(path)], capture_output=True, text=True, check=True
    )
    assert "WARNING" not in done.stdout
    assert "ID3v2" in done.stdout


def test_same_tags_give_the_same_bytes():
    """Nothing of the moment is in the tag."""
    assert build_tag(make_tags()) == build_tag(make_tags())


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300
)


@given(TEXT, TEXT, st.lists(TEXT, max_size=5))
@settings(deadline=None, max_examples=count_examples(60))
def test_any_text_comes_back(title, comment, names):
    """Whatever characters a text has, it is read as it was written, or cut."""
    chapters = tuple(Chapter(name, n * RATE_HZ) for n, name in enumerate(names))
    frames = read_tag(build_tag(make_tags(title=title, comment=comment, chapters=chapters)))
    assert frames["TIT2"].text == [title if len(title) <= 255 else title[:254] + "…"]
    assert frames["COMM::eng"].text == [comment]
    read = sorted(frames.getall("CHAP"), key=lambda chapter: chapter.start_time)
    wanted = [name if len(name) <= 255 else name[:254] + "…" for name in names]
    assert [chapter.sub_frames["TIT2"].text for chapter in read] == [[name] for name in wanted]


def test_a_chapter_has_its_picture():
    """It is a front cover within the chapter's frame; chapters without have none."""
    chapters = (
        Chapter("One", 0, "a.png"),
        Chapter("Two", RATE_HZ * 10),
        Chapter("3", 20 * RATE_HZ, "x"),
    )
    tag = build_tag(make_tags(chapters=chapters, pictures={"a.png": JPEG}))
    first, second, third = sorted(read_tag(tag).getall("CHAP"), key=lambda one: one.start_time)
    picture = first.sub_frames["APIC:"]
    assert (picture.data, picture.mime, picture.type) == (JPEG, "image/jpeg", 3)
    assert "APIC:" not in {**second.sub_frames, **third.sub_frames}
    assert read_tag(tag)["APIC:"].data == PNG
    assert [one.title for one in read_checked(io.BytesIO(tag)).chapters] == ["One", "Two", "3"]


def test_pictures_make_no_tag_heavy():
    """Beyond 2 MB chapters go without; those in it stand in the order of their times."""
    names = [f"{n}.jpg" for n in range(30)]
    pictures = {name: JPEG + n.to_bytes(2, "big") * 50_000 for n, name in enumerate(names)}
    chapters = tuple(Chapter(name, n * RATE_HZ, name) for n, name in enumerate(names))
    tag = build_tag(make_tags(chapters=chapters, pictures=pictures, cover=b""))
    assert len(tag) < 2_050_000
    bodies = [body for name, body in list_frames(tag) if name == "CHAP"]
    assert [body[: body.index(0)] for body in bodies] == [f"ch{n}".encode() for n in range(30)]
    assert [b"APIC" in body for body in bodies] == [n < 19 for n in range(30)]


LINES = (
    EpisodeCue(1.5, 2.0, "narrator", "It begins."),
    EpisodeCue(2.25, 3.0, "quote", "“映画”, 😀 she said."),
    EpisodeCue(36_000.001, 36_001.0, "narrator", "It ends."),
)


def test_synchronised_text_by_its_bytes():
    """Each line is terminated UTF-16 with its own byte order mark, then its time (v2.3, 4.10)."""
    body = dict(list_frames(build_tag(make_tags(lines=LINES))))["SYLT"]
    assert body[:6] == b"\1eng\2\1"
    assert body[6:10] == b"\xff\xfe\0\0"
    rest, found = body[10:], []
    while rest:
        assert rest[:2] == b"\xff\xfe"
        end = next(n for n in range(2, len(rest), 2) if rest[n : n + 2] == b"\0\0")
        time_ms = int.from_bytes(rest[end + 2 : end + 6], "big")
        found.append((rest[2:end].decode("utf-16-le"), time_ms))
        rest = rest[end + 6 :]
    assert found == [
        ("It begins.", 1500),
        ("\n“映画”, 😀 she said.", 2250),
        ("\nIt ends.", 36_000_001),
    ]


def test_synchronised_text_is_read_back():
    """Mutagen reads what was written; without captions there is none."""
    [frame] = read_tag(build_tag(make_tags(lines=LINES))).getall("SYLT")
    assert (frame.lang, frame.format, frame.type, frame.desc) == ("eng", 2, 1, "")
    assert [text.strip() for text, _ in frame.text] == [line.text for line in LINES]
    assert "SYLT" not in {name for name, _ in list_frames(build_tag(make_tags()))}


def test_synchronised_text_ends_with_a_whole_line():
    """It has 256 kB at most."""
    lines = tuple(EpisodeCue(n, n + 1.0, "narrator", f"{n:05} " + "x" * 50) for n in range(10_000))
    body = dict(list_frames(build_tag(make_tags(lines=lines))))["SYLT"]
    assert 255_000 < len(body) <= 256_010
    [frame] = read_tag(build_tag(make_tags(lines=lines))).getall("SYLT")
    assert [text.strip() for text, _ in frame.text] == [
        line.text for line in lines[: len(frame.text)]
    ]


def make_image(size):
    file = io.BytesIO()
    Image.effect_noise(size, 50).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def test_other_programs_read_pictures_and_lines_without_a_word(tmp_path):
    """Ffprobe gives every chapter and one cover, ffmpeg, mp3val and mpg123 find nothing."""
    chapters = tuple(Chapter(f"映画 {n}", n * RATE_HZ, f"{n % 2}") for n in range(4))
    pictures = {"0": make_image((400, 300)), "1": make_image((80, 90))}
    tags = make_tags(chapters=chapters, pictures=pictures, lines=LINES, cover=make_image((64, 64)))
    path = tmp_path / "x.mp3"
    make_file(path, msgspec.structs.replace(tags, samples=5 * RATE_HZ))
    command = [require_tool("ffprobe"), "-v", "warning", "-of", "json", "-show_chapters"]
    done = subprocess.run([*command, "-show_streams", path], capture_output=True, check=True)
    # its decoder misses the end of so small a picture at times, and not at others
    assert all(b"EOI missing" in line for line in done.stderr.splitlines())
    found = json.loads(done.stdout)
    assert [c["tags"]["title"] for c in found["chapters"]] == [one.title for one in chapters]
    assert [s["codec_type"] for s in found["streams"]] == ["audio", "video"]
    assert found["streams"][1]["width"] == 64
    for silent in (
        [require_tool("ffmpeg"), "-v", "warning", "-i", path, "-f", "null", "-"],
        [require_tool("mpg123"), "-q", "-t", path],
    ):
        done = subprocess.run(silent, capture_output=True, check=True)
        said = [one for one in done.stderr.splitlines() if b"EOI missing" not in one]
        assert (done.stdout, said) == (b"", [])
    said = subprocess.run([require_tool("mp3val"), path], capture_output=True, check=True).stdout
    assert b"WARNING" not in said
