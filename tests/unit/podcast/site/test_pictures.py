"""Pages show small copies of pictures; feeds and directories keep the large ones."""

import hashlib
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image
from tests.support.show import add_episode, make_show
from tests.unit.jobs.test_publish import Recorder, publish

from reviewcast.episode.artwork import make_suffix, shrink_picture
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.podcast.site.pictures import make_small, name_small
from reviewcast.system.workspace import load_records, save_record

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOST_BYTES = 30_000


def encode(image, kind="JPEG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def make_noise(*size):
    return Image.effect_noise(size, 80).convert("RGB")


def measure(data):
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image.format, image.mode, image.size


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (encode(Image.new("RGB", (3000, 3000), "navy")), (400, 400)),
        (encode(Image.new("RGB", (1400, 700), "navy")), (400, 200)),
        (encode(Image.new("RGB", (30, 30), "navy")), (30, 30)),
        (encode(Image.new("RGBA", (1400, 1400), (0, 0, 0, 0)), "PNG"), (400, 400)),
        (encode(Image.new("CMYK", (1400, 1400))), (400, 400)),
    ],
)
def test_a_copy_is_small_and_plain(data, size):
    """At most 400 pixels a side, in proportion, and never larger than it was."""
    assert measure(shrink_picture(data)) == ("JPEG", "RGB", size)


def test_a_copy_weighs_little_whatever_it_shows():
    """Noise, which no compression makes small, loses quality and then pixels."""
    data = shrink_picture(encode(make_noise(1400, 1400), quality=95))
    assert len(data) <= MOST_BYTES
    assert min(measure(data)[2]) >= 150


def test_what_is_no_picture_is_left_as_it_is():
    """A cover that only its own users can read fails no publication."""
    assert make_small(b"\xff\xd8\xff broken") == b"\xff\xd8\xff broken"
    assert name_small("media/a-0123456789ab.png") == "media/a-0123456789ab-small.jpg"
    assert name_small("") == ""


@pytest.fixture
def show(tmp_path):
    """A show with a cover, and an episode that has an image and a chapter's picture of its own."""
    folder = make_show(tmp_path / "show", more='cover = "cover.jpg"\n')
    (folder / "cover.jpg").write_bytes(encode(make_noise(1400, 1400)))
    picture = encode(make_noise(900, 900))
    suffix = make_suffix(picture)
    chapters = (EpisodeChapter("Opening", 0.0), EpisodeChapter("Plot", 20.0, image=suffix))
    add_episode(folder, "film-1", 1, "2026-10-01", chapters=chapters)
    add_episode(folder, "film-2", 2, "2026-10-02")
    (record,) = (one for one in load_records(folder) if one.slug == "film-1")
    own = {".jpg": encode(make_noise(1500, 1500)), suffix: picture}
    kept = write_companions(record, own)
    save_record(folder / "episodes/film-1/film-1.mp3", kept)
    return folder


def write_companions(record, own):
    """Write further files beside an episode, and return the record that names them."""
    path = Path(record.path)
    for suffix, data in own.items():
        path.with_suffix(suffix).write_bytes(data)
    digests = {suffix: hashlib.sha256(data).hexdigest() for suffix, data in own.items()}
    return replace(record, companions=record.companions | digests)


def list_images(page):
    return re.findall(r'<img[^>]* src="(?:\.\./|\./)*([^"]+)"', page)


def test_pages_show_small_copies_that_are_there(show):
    """Each is there before the page, and no page loads a picture of over 30 kB."""
    to = Recorder(show / "public")
    publish(show, to=to)
    seen = set()
    for page in (show / "public").rglob("*.html"):
        for name in list_images(page.read_text()):
            seen.add(name)
            size = (show / "public" / name).stat().st_size
            assert 500 < size <= MOST_BYTES, name
            order = to.put_names
            assert order.index(name) < order.index(page.relative_to(show / "public").as_posix())
    assert len(seen) == 3, "the cover, the image and the chapter's picture"
    feed = (show / "public/feed.xml").read_text()
    assert "-small" not in feed
    page = (show / "public/episodes/film-1/index.html").read_text()
    (shared,) = re.findall(r'og:image" content="([^"]+)"', page)
    assert "-small" not in shared


def test_they_are_made_once_and_swept(show):
    """A second publish sends none; of another cover the old copy goes."""
    to = Recorder(show / "public")
    publish(show, to=to)
    before = len(to.put_names)
    publish(show, to=to)
    assert len(to.put_names) == before
    (old,) = (show / "public").glob("cover-*-small.jpg")
    (show / "cover.jpg").write_bytes(encode(make_noise(1450, 1450)))
    publish(show, to=to, now=NOW + timedelta(days=1))
    (new,) = (show / "public").glob("cover-*-small.jpg")
    assert new != old
    assert not old.exists()


def test_a_show_without_pages_has_none(show):
    """Nothing but pages loads them."""
    toml = (show / "podcast.toml").read_text()
    (show / "podcast.toml").write_text(toml + "[site]\npages = false\n")
    publish(show)
    assert not list((show / "public").rglob("*-small.jpg"))
