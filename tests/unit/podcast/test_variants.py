"""Episodes are also offered as Opus: the same sound, a sixth of the size, swept like all files."""

import io
import json
import subprocess
from datetime import UTC, datetime, timedelta

import mutagen.oggopus
import numpy as np
import podcastparser
import pytest
import soundfile
from lxml import etree
from tests.conftest import require_tool
from tests.support.browser import open_browser, open_page, serve_folder, wait_until
from tests.support.partytime import read_with_partytime
from tests.support.published import CHAPTERS, make_mp3
from tests.support.show import add_episode, make_show
from tests.unit.jobs.test_publish import Recorder, publish

from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import ConfigError
from reviewcast.podcast.feed.parse import expand

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = "[feed]\nopus_kbps = 24\n[site]\npages = false\n"


@pytest.fixture
def show(tmp_path):
    folder = make_show(tmp_path / "show", more=SETTINGS)
    samples, rate = soundfile.read(io.BytesIO(make_mp3()))
    add_episode(
        folder,
        "film-1",
        1,
        "2026-10-01",
        audio=make_mp3(),
        duration_s=len(samples) / rate,
        chapters=CHAPTERS,
        title="The Third Man",
    )
    return folder


def find_opus(show):
    (path,) = (show / "public/media").glob("*.opus")
    return path


def test_the_feed_names_what_is_there(show):
    """Its length and type are right, both parsers read it, and the MP3 stays the enclosure."""
    publish(show)
    data = (show / "public/feed.xml").read_bytes()
    item = etree.fromstring(data).find("channel/item")
    element = item.find(expand("podcast:alternateEnclosure"))
    path = find_opus(show)
    assert element.get("type") == "audio/ogg"
    assert element.get("codecs") == "opus"
    assert int(element.get("length")) == path.stat().st_size < 24_000 / 8 * 6.3 * 1.3
    assert int(element.get("bitrate")) == 24_000
    uri = element.find(expand("podcast:source")).get("uri")
    assert uri == f"https://example.org/podcast/media/{path.name}"
    assert item.find("enclosure").get("type") == "audio/mpeg"
    parsed = podcastparser.parse("https://example.org/feed.xml", io.BytesIO(data))
    assert parsed["episodes"][0]["enclosures"][0]["mime_type"] == "audio/mpeg"
    (found,) = read_with_partytime(data)["items"][0]["alternativeEnclosures"]
    assert (found["type"], found["length"]) == ("audio/ogg", path.stat().st_size)
    assert [source["uri"] for source in found["source"]] == [uri]


def test_its_downloads_are_counted_as_the_mp3s_are(show):
    """The prefix of [feed] stands before both addresses."""
    text = (show / "podcast.toml").read_text()
    prefix = "https://op3.dev/e/"
    toml = text.replace("[feed]\n", f'[feed]\nanalytics_prefix = "{prefix}"\n')
    (show / "podcast.toml").write_text(toml)
    publish(show)
    item = etree.parse(show / "public/feed.xml").getroot().find("channel/item")
    uri = item.find(expand("podcast:alternateEnclosure")).find(expand("podcast:source")).get("uri")
    assert uri == f"{prefix}example.org/podcast/media/{find_opus(show).name}"
    assert item.find("enclosure").get("url").startswith(prefix)


def test_it_is_the_same_sound(show):
    """Decoded it lasts as long to the sample, lies at the same time, and is as loud."""
    publish(show)
    mp3, rate = soundfile.read(io.BytesIO(make_mp3()))
    opus, opus_rate = soundfile.read(find_opus(show))
    assert opus_rate == 48_000
    assert abs(len(opus) / opus_rate - len(mp3) / rate) < 1 / 48_000
    mono = mp3.mean(axis=1)
    starts = [np.argmax(np.abs(one) > 0.02) / hz for one, hz in ((mono, rate), (opus, opus_rate))]
    assert abs(starts[0] - starts[1]) < 0.02
    levels = [10 * np.log10(np.mean(one**2)) for one in (mono, opus)]
    assert abs(levels[0] - levels[1]) < 2.5  # noise of all frequencies, of which the highest go


def test_its_chapters_are_inside(show):
    """As comments, in time order; ffmpeg's players show them as chapters."""
    publish(show)
    tags = mutagen.oggopus.OggOpus(find_opus(show)).tags
    assert tags["title"] == ["The Third Man"]
    assert tags["artist"] == ["Jo Doe"]
    assert tags["album"] == ["Film talk"]
    assert tags["chapter002"] == ["00:00:02.000"]
    assert tags["chapter002name"] == ["Plot"]
    require_tool("ffprobe")
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_chapters", "-show_streams",
         str(find_opus(show))],
        capture_output=True,
        check=True,
    )  # fmt: skip
    assert done.stderr == b""
    found = json.loads(done.stdout)
    assert [one["tags"]["title"] for one in found["chapters"]] == ["Opening", "Plot", "End"]
    assert [float(one["start_time"]) for one in found["chapters"]] == [0.0, 2.0, 4.0]
    assert found["streams"][0]["codec_name"] == "opus"


def test_pages_play_it_where_a_browser_can(show):
    """A phone loads a sixth, and no picture first; what cannot play it takes the MP3."""
    make_show(show, more=SETTINGS.replace("false", "true"))
    publish(show)
    place = "episodes/film-1/embed.html"
    sources = etree.fromstring((show / "public" / place).read_bytes(), etree.HTMLParser()).xpath(
        "//audio//source/@src | //audio/@src"
    )
    assert [name.rpartition(".")[2] for name in sources] == ["opus", "mp3"]
    with serve_folder(show / "public") as origin, open_browser() as browser:
        with open_page(browser) as (page, recorder):
            page.goto(f"{origin}/{place}")
            page.get_by_role("button", name="Play").click()
            wait_until(page, "document.querySelector('audio').currentTime > 0.2")
            assert page.evaluate("document.querySelector('audio').currentSrc").endswith(".opus")
            assert not [url for url in recorder.requests if url.endswith(".mp3")]
            assert recorder.errors == []


def test_it_is_made_once_and_the_same_each_time(show):
    """A second publish sends nothing; made anew, it has the same bytes and name."""
    publish(show)
    path = find_opus(show)
    before = path.read_bytes()
    (kept,) = (show / ".reviewcast/opus").glob("*.opus")
    made = kept.stat().st_mtime_ns
    to = Recorder(show / "public")
    publish(show, to=to)
    assert to.put_names == []
    assert kept.stat().st_mtime_ns == made
    for file in (show / ".reviewcast/opus").iterdir():
        file.unlink()
    publish(show, to=to)
    assert to.put_names == []
    assert find_opus(show).read_bytes() == before


def test_it_is_swept_like_all_files(show):
    """When the option is taken back, or the episode is, it goes after its grace period."""
    publish(show)
    make_show(show, more="[site]\npages = false\n")
    publish(show)
    assert "alternateEnclosure" not in (show / "public/feed.xml").read_text()
    find_opus(show)
    publish(show, now=NOW + timedelta(days=15))
    assert not list((show / "public/media").glob("*.opus"))
    make_show(show, more=SETTINGS)
    publish(show, now=NOW + timedelta(days=15))
    publish(show, withdraw=("film-1",), now=NOW + timedelta(days=16))
    publish(show, now=NOW + timedelta(days=31))
    assert not list((show / "public").rglob("*.opus"))


def test_a_dry_run_makes_none(show):
    """It says how many would be made first."""
    events = []
    publish(show, dry_run=True, events=events)
    assert not (show / ".reviewcast/opus").exists()
    assert any("encoded as Opus first: 1" in str(event) for event in events)


def test_audio_that_cannot_be_decoded_has_no_variant(show):
    """It is warned of; the feed names the MP3 alone."""
    add_episode(show, "film-2", 2, "2026-10-08")
    events = []
    publish(show, events=events)
    assert any("film-2 has no Opus variant" in str(event) for event in events)
    assert (show / "public/feed.xml").read_text().count("<podcast:alternateEnclosure") == 1
    assert not list((show / ".reviewcast/opus").glob(".*"))


@pytest.mark.parametrize("value", ["-1", "3", "97"])
def test_rates_that_cannot_be(tmp_path, value):
    """0 is none, 12 to 96 are rates."""
    (tmp_path / "podcast.toml").write_text(f"[feed]\nopus_kbps = {value}\n")
    with pytest.raises(ConfigError, match="opus_kbps must be"):
        load_config(tmp_path)
