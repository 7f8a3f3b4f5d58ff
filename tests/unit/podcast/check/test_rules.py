"""Every rule finds what breaks it, and finds nothing in a show that is as it should be."""

import functools
import hashlib
import io
import json
import re
import tempfile
from copy import deepcopy
from pathlib import Path

import pytest
import soundfile
from lxml import etree
from PIL import Image
from tests.support.published import (
    CHAPTERS,
    URL,
    make_cover,
    make_mp3,
    make_stream,
    make_tag,
    publish_show,
)

from reviewcast.audio.files.opus import encode_opus
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.podcast.check.findings import RULES
from reviewcast.podcast.check.inspect import check_show_folder
from reviewcast.podcast.feed.parse import expand

NEWEST = "1917"


@pytest.fixture(scope="module")
def show(tmp_path_factory) -> Path:
    return publish_show(tmp_path_factory.mktemp("show"))


@pytest.fixture
def copy(show, tmp_path) -> Path:
    """A show of one's own, to break."""
    import shutil

    return Path(shutil.copytree(show, tmp_path / "show"))


def test_nothing_is_wrong_with_a_good_show(show):
    """A show that keeps all rules has no finding, decoded to the end."""
    assert check_show_folder(show).findings == []


def edit(change, name="feed.xml"):
    """Change the parsed feed."""

    def apply(folder):
        parser = etree.XMLParser(strip_cdata=False)
        root = etree.fromstring((folder / name).read_bytes(), parser)
        change(root.find("channel"))
        (folder / name).write_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))

    return apply


def find(parent, name):
    element = parent.find(expand(name))
    assert element is not None, name
    return element


def drop(name, *, item=False):
    def change(channel):
        parent = find(channel, "item") if item else channel
        parent.remove(find(parent, name))

    return edit(change)


def put(name, text, *, item=False):
    """Set the text of an element, making it when it is not there."""

    def change(channel):
        parent = find(channel, "item") if item else channel
        element = parent.find(expand(name))
        if element is None:
            element = etree.Element(expand(name))
            parent.insert(0, element)
        element.text = text

    return edit(change)


def mark(name, *, item=False, **attributes):
    """Set attributes of an element, or take them away with None, making it when it is missing."""

    def change(channel):
        parent = find(channel, "item") if item else channel
        element = parent.find(expand(name))
        if element is None:
            element = etree.Element(expand(name))
            parent.insert(0, element)
        for key, value in attributes.items():
            if value is None:
                del element.attrib[key]
            else:
                element.set(key, value)

    return edit(change)


def replace(old, new, name="feed.xml", *, count=1):
    """Replace text in a file as it is written."""

    def apply(folder):
        data = (folder / name).read_bytes()
        assert old.encode() in data, old
        (folder / name).write_bytes(data.replace(old.encode(), new.encode(), count))

    return apply


def write(name, data):
    def apply(folder):
        (folder / name).write_bytes(data() if callable(data) else data)

    return apply


def remove(name):
    return lambda folder: (folder / name).unlink()


def several(*changes):
    def apply(folder):
        for change in changes:
            change(folder)

    return apply


def swap_audio(make):
    """Return the newest episode another file, with its right length in the feed."""

    def apply(folder):
        data = make()
        (folder / f"media/{NEWEST}.mp3").write_bytes(data)
        mark("enclosure", item=True, length=str(len(data)))(folder)

    return apply


def link_self(channel, href):
    for link in channel.findall(expand("atom:link")):
        if link.get("rel") == "self":
            if href is None:
                channel.remove(link)
            else:
                link.set("href", href)


def repeat_items(name, attribute=None):
    """Return the second item what the first has."""

    def change(channel):
        first, second = channel.findall("item")
        source, target = find(first, name), find(second, name)
        if attribute:
            target.set(attribute, source.get(attribute))
            target.set("length", source.get("length"))
        else:
            target.text = source.text

    return edit(change)


def tell_items(channel, *values):
    """Let the items say these values of synthetic voices, None for nothing."""
    for item, value in zip(channel.findall("item"), values, strict=True):
        told = find(item, "podcast:txt")
        told.text = value
        if value is None:
            item.remove(told)


def reverse_items(channel):
    first, second = channel.findall("item")
    channel.remove(first)
    second.addnext(first)


def age_last(channel):
    channel.findall("item")[-1].find("pubDate").text = "Wed, 31 Dec 1969 08:00:00 GMT"


def change_json(name, change):
    def apply(folder):
        document = json.loads((folder / name).read_bytes())
        change(document)
        (folder / name).write_text(json.dumps(document))

    return apply


def swap_json_chapters(document):
    listed = document["chapters"]
    listed[1], listed[2] = listed[2], listed[1]


def make_transparent():
    return make_cover((1400, 1400), "RGBA", "PNG")


def make_heavy():
    file = io.BytesIO()
    image = Image.effect_noise((1500, 1500), 90).convert("RGB")
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


def reorder_chap(data):
    """Put the tag's second chapter before the first."""
    frames = list(re.finditer(rb"CHAP\0\0\0(.)..", data, re.DOTALL))
    first, second, third = (match.start() for match in frames[:3])
    return data[:first] + data[second:third] + data[first:second] + data[third:]


@functools.cache
def make_opus(*, longest_s=None):
    """Encode the episode's audio as Opus, or its beginning."""
    samples, rate = soundfile.read(io.BytesIO(make_mp3()), dtype="float32")
    file = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "audio.wav")
        soundfile.write(path, samples[: longest_s * rate if longest_s else None], rate)
        encode_opus(path, file, kbps=24)
    return file.getvalue()


def offer(*, data=None, uri=f"{URL}media/{NEWEST}.opus", count=1, **said):
    """Offer the newest episode as Opus, too; None takes an attribute away."""

    def apply(folder):
        opus = make_opus() if data is None else data()
        (folder / f"media/{NEWEST}.opus").write_bytes(opus)
        values = {"type": "audio/ogg; codecs=opus", "length": str(len(opus))} | said
        attributes = {name: value for name, value in values.items() if value is not None}
        element = etree.Element(expand("podcast:alternateEnclosure"), attributes)
        if uri is not None:
            etree.SubElement(element, expand("podcast:source"), uri=uri)
        for _ in range(count):
            edit(lambda channel: find(channel, "item").append(deepcopy(element)))(folder)

    return apply


OTHER = (CHAPTERS[0], EpisodeChapter("Plot", 2.5), CHAPTERS[2])
C = f"media/{NEWEST}.chapters.json"
OTHERS = {"cover.jpg", "index.html", f"media/{NEWEST}.opus"}
VTT, SRT = f"media/{NEWEST}.vtt", f"media/{NEWEST}.srt"
LATE_VTT = "WEBVTT\n\n00:00:01.000 --> 00:01:00.000\nLate.\n"

MUTATIONS = [
    ("feed/well-formed", replace("</channel>", "")),
    ("feed/well-formed", replace("What we saw.", "What \x01we saw.")),
    ("feed/well-formed", write("feed.xml", b"")),
    ("feed/rss", replace('version="2.0"', 'version="0.91"')),
    ("feed/rss", write("feed.xml", b"<html/>")),
    ("feed/rss", write("feed.xml", b'<rss version="2.0"/>')),
    ("feed/encoding", lambda folder: (folder / "feed.xml").write_bytes(
        (folder / "feed.xml").read_text().replace("UTF-8", "ISO-8859-1", 1).encode("latin-1"))),
    ("feed/namespaces", lambda folder: (folder / "feed.xml").write_bytes(
        (folder / "feed.xml").read_bytes().replace(b"psc", b"chapters"))),
    ("feed/size", replace("</rss>", "</rss><!--" + "x" * 10_000_000 + "-->")),
    ("feed/title", drop("title")),
    ("feed/title", put("title", " ")),
    ("feed/link", drop("link")),
    ("feed/link", put("link", "example.org")),
    ("feed/description", drop("description")),
    ("feed/description", put("description", "é" * 2001)),
    ("feed/language", drop("language")),
    ("feed/language", put("language", "en_US")),
    ("feed/image", drop("itunes:image")),
    ("feed/image", mark("itunes:image", href="cover.jpg")),
    ("feed/category", drop("itunes:category")),
    ("feed/category", mark("itunes:category", text="TV & film")),
    ("feed/category", replace("Film Reviews", "Film reviews")),
    ("feed/explicit", drop("itunes:explicit")),
    ("feed/explicit", put("itunes:explicit", "no")),
    ("feed/author", drop("itunes:author")),
    ("feed/type", put("itunes:type", "weekly")),
    ("feed/owner", replace("<itunes:email>jo@example.org", "<itunes:email>jo")),
    ("feed/self", edit(lambda channel: link_self(channel, None))),
    ("feed/guid", drop("podcast:guid")),
    ("feed/guid", put("podcast:guid", "guid")),
    ("feed/locked", drop("podcast:locked")),
    ("feed/locked", put("podcast:locked", "true")),
    ("feed/medium", put("podcast:medium", "radio")),
    ("feed/text-length", put("podcast:funding", "x" * 129)),
    ("feed/funding", mark("podcast:funding", url="support")),
    ("feed/ai-content", replace('purpose="ai-content">true', 'purpose="ai-content">yes')),
    ("feed/item-ai-content", edit(lambda c: tell_items(c, "yes", "true"))),
    ("feed/ai-content-denied", replace('purpose="ai-content">true', 'purpose="ai-content">false')),
    ("feed/ai-content-inferred", edit(lambda c: c.remove(find(c, "podcast:txt")))),
    ("feed/ai-content-inferred", several(
        replace('purpose="ai-content">true', 'purpose="ai-content">false'),
        edit(lambda c: tell_items(c, "false", None)), swap_audio(make_stream))),
    ("feed/new-feed-url", put("itunes:new-feed-url", "feed.xml")),
    ("feed/date", put("lastBuildDate", "2026-01-03")),
    ("feed/date", put("lastBuildDate", "Mon, 03 Jan 2026 08:00:00 +0000")),
    ("feed/repeated", edit(lambda c: c.insert(0, etree.fromstring("<title>Again</title>")))),
    ("feed/items", edit(lambda c: [c.remove(item) for item in c.findall("item")])),
    ("feed/blocked", put("itunes:block", "Yes")),
    ("feed/https", mark("itunes:image", href="http://elsewhere.example/cover.jpg")),
    ("feed/url", edit(lambda c: c.insert(0, etree.Element(
        expand("atom:link"), rel="hub", href="hub")))),
    ("feed/item-title", drop("title", item=True)),
    ("feed/item-title-number", put("title", "Episode 3: 1917", item=True)),
    ("feed/item-title-number", put("title", "3. 1917", item=True)),
    ("feed/item-title-number", put("title", "S01E03 1917", item=True)),
    ("feed/item-title-show", put("title", "Film talk: 1917", item=True)),
    ("feed/item-title-show", put("title", "1917 – Film Talk", item=True)),
    ("feed/item-guid", drop("guid", item=True)),
    ("feed/item-guid", mark("guid", item=True, isPermaLink=None)),
    ("feed/item-guid-unique", repeat_items("guid")),
    ("feed/item-date", drop("pubDate", item=True)),
    ("feed/item-date", put("pubDate", "Sat, 3 Jan 2026 8:00", item=True)),
    ("feed/item-date", put("pubDate", "Sat, 32 Jan 2026 08:00:00 GMT", item=True)),
    ("feed/item-date-early", edit(age_last)),
    ("feed/item-order", edit(reverse_items)),
    ("feed/enclosure", drop("enclosure", item=True)),
    ("feed/enclosure-url", mark("enclosure", item=True, url="media/1917.mp3")),
    ("feed/enclosure-url", mark("enclosure", item=True, url="https://elsewhere.example/é.mp3")),
    ("feed/enclosure-url", mark("enclosure", item=True, url="https://elsewhere.example/audio")),
    ("feed/enclosure-unique", repeat_items("enclosure", "url")),
    ("feed/enclosure-type", mark("enclosure", item=True, type="audio/mp3")),
    ("feed/enclosure-length", mark("enclosure", item=True, length="0")),
    ("feed/enclosure-length", mark("enclosure", item=True, length="12345")),
    ("feed/prefix-guid", replace(
        f'enclosure url="{URL}', f'enclosure url="https://op3.dev/e,pg=1/{URL[8:]}')),
    ("feed/alternate", offer(type="")),
    ("feed/alternate", offer(type="Opus")),
    ("feed/alternate", offer(uri=None)),
    ("feed/alternate", offer(uri=f"media/{NEWEST}.opus")),
    ("feed/item-url", offer(uri=f"{URL}media/1917 é.opus")),
    ("feed/alternate-type", offer(type="audio/mpeg")),
    ("feed/alternate-length", offer(length="0")),
    ("feed/alternate-length", offer(length="12345")),
    ("feed/alternate-length-missing", offer(length=None)),
    ("feed/alternate-default", offer(default="yes")),
    ("feed/alternate-default", offer(default="true", count=2)),
    ("feed/item-duration", drop("itunes:duration", item=True)),
    ("feed/item-duration", put("itunes:duration", "6 s", item=True)),
    ("feed/item-duration", put("itunes:duration", "1:75", item=True)),
    ("feed/item-description", several(drop("description", item=True),
                                      drop("content:encoded", item=True))),
    ("feed/item-description", put("description", "x" * 4001, item=True)),
    ("feed/item-notes", put("content:encoded", "<p onclick='x()'>Hello</p>", item=True)),
    ("feed/item-notes", put("content:encoded", "Hello <script>x()</script>", item=True)),
    ("feed/item-explicit", put("itunes:explicit", "clean", item=True)),
    ("feed/item-number", put("itunes:episode", "0", item=True)),
    ("feed/item-number", put("itunes:season", "one", item=True)),
    ("feed/item-number-missing", several(put("itunes:type", "serial"),
                                         drop("itunes:episode", item=True))),
    ("feed/item-type", put("itunes:episodeType", "special", item=True)),
    ("feed/item-url", put("link", "reviews/1917", item=True)),
    ("feed/item-https", mark("itunes:image", item=True, href="http://elsewhere.example/a.jpg")),
    ("feed/item-transcript", mark("podcast:transcript", item=True, type="text/webvtt")),
    ("feed/item-chapters", mark("podcast:chapters", item=True, type="text/json")),
    ("feed/item-soundbite", mark("podcast:soundbite", item=True, duration="20")),
    ("feed/item-soundbite", mark("podcast:soundbite", item=True, duration="0:20")),
    ("feed/item-psc", replace('start="00:00:00', 'start="zero')),
    ("feed/item-psc", several(
        remove(C), drop("podcast:chapters", item=True), swap_audio(make_stream),
        replace('start="00:00:02', 'start="00:00:05'))),
    ("artwork/readable", write("cover.jpg", b"GIF89a" + bytes(100))),
    ("artwork/readable", write("cover.jpg", lambda: make_cover()[:5000])),
    ("artwork/square", write("cover.jpg", lambda: make_cover((1400, 1500)))),
    ("artwork/size", write("cover.jpg", lambda: make_cover((1399, 1399)))),
    ("artwork/size", write("cover.jpg", lambda: make_cover((3001, 3001)))),
    ("artwork/colour", write("cover.jpg", lambda: make_cover((1400, 1400), "CMYK"))),
    ("artwork/weight", write("cover.jpg", make_heavy)),
    ("artwork/name", write("cover.jpg", lambda: make_cover((1400, 1400), "RGB", "PNG"))),
    ("media/tag", swap_audio(lambda: make_mp3()[:200])),
    ("media/frames", swap_audio(lambda: make_mp3()[:-100])),
    ("media/frames", swap_audio(lambda: make_tag() + b"no audio")),
    ("media/frames", swap_audio(make_tag)),
    ("media/frames", swap_audio(lambda: make_mp3()[:50_000] + b"junk" + make_mp3()[50_000:])),
    ("media/readable", swap_audio(lambda: make_tag() + make_stream()[:417])),
    ("media/duration", put("itunes:duration", "8", item=True)),
    ("media/alternate-readable", offer(data=lambda: make_opus()[:60] + bytes(5000))),
    ("media/alternate-duration", offer(data=lambda: make_opus(longest_s=4))),
    ("media/loudness", swap_audio(lambda: make_mp3(gain_db=-2.0))),
    ("media/true-peak", swap_audio(lambda: make_mp3(click=0.99))),
    ("media/ai-content", edit(lambda c: tell_items(c, "false", "true"))),
    ("media/ai-content", edit(lambda c: tell_items(c, None, "true"))),
    ("media/id3-contents", swap_audio(lambda: make_mp3().replace(b"CTOC", b"XTOC", 1))),
    ("media/id3-contents", swap_audio(lambda: make_mp3().replace(b"toc\0\x03", b"toc\0\x02", 1))),
    ("media/id3-contents", swap_audio(
        lambda: make_mp3().replace(b"ch0\0ch1\0ch2", b"ch1\0ch0\0ch2", 1))),
    ("media/id3-order", swap_audio(lambda: reorder_chap(make_mp3()))),
    ("media/chapters-agree", swap_audio(lambda: make_mp3(chapters=OTHER))),
    ("media/chapters-agree", replace('title="Plot"', 'title="The plot"')),
    ("media/chapters-agree", replace("Plot", "The plot", C)),
    ("chapters/readable", write(C, b"{")),
    ("chapters/readable", write(C, b"[]")),
    ("chapters/readable", write(C, b'{"version": "1.2.0", "chapters": [{"title": "x"}]}')),
    ("chapters/version", change_json(C, lambda d: d.pop("version"))),
    ("chapters/image", change_json(C, lambda d: d["chapters"][1].update(img="plot.jpg"))),
    ("chapters/order", change_json(C, swap_json_chapters)),
    ("chapters/within", several(
        replace('start="00:00:04.000', 'start="00:00:06.800'),
        change_json(C, lambda d: d["chapters"][2].update(startTime=6.8)),
        swap_audio(make_stream))),
    ("chapters/title", several(
        replace('title="Plot"', 'title=""'), replace("Plot", "", C), swap_audio(make_stream))),
    ("transcript/readable", write(VTT, b"WEBVTT\n\n1:00 - 2:00\nHello.\n")),
    ("transcript/readable", write(VTT, b"00:00:01.000 --> 00:00:02.000\nHello.\n")),
    ("transcript/readable", write(VTT, b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n\xff\n")),
    ("transcript/readable", write(SRT, b"1\n00:00:01.000 --> 00:00:02.000\nHello.\n")),
    ("transcript/readable", write(f"media/{NEWEST}.transcript.json", b'{"segments": [{}]}')),
    ("transcript/empty", write(VTT, b"WEBVTT\n")),
    ("transcript/order", write(SRT, b"1\n00:00:03,000 --> 00:00:04,000\nB\n\n"
                                    b"2\n00:00:01,000 --> 00:00:02,000\nA\n")),
    ("transcript/order", write(VTT, b"WEBVTT\n\n00:00:02.000 --> 00:00:01.000\nHello.\n")),
    ("transcript/within", write(VTT, LATE_VTT.encode())),
    ("transcript/line-length", write(
        VTT, b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n" + b"word " * 13 + b"again\n")),
    ("files/missing", remove(VTT)),
    ("files/missing", remove(f"media/{NEWEST}.mp3")),
    ("files/missing", write(C, b"")),
    ("files/missing", offer(uri=f"{URL}media/none.opus")),
    ("files/missing", offer(data=bytes, length="2000")),
    ("files/page", several(remove(f"episodes/{NEWEST}/index.html"),
                           replace('href="episodes/1917/#t=1.5"', "", "index.html"))),
    ("links/missing", replace('src="cover.jpg"', 'src="poster.jpg"', "index.html")),
    ("archive/chain", remove("feed-archive-0001.xml")),
    ("archive/mark", replace("<fh:archive/>", "", "feed-archive-0001.xml")),
    ("archive/mark", edit(lambda c: c.insert(0, etree.Element(expand("fh:archive"))))),
    ("archive/current", replace('rel="current"', 'rel="related"', "feed-archive-0001.xml")),
    ("archive/lost", lambda folder: (folder / "feed-archive-0002.xml").write_bytes(
        (folder / "feed-archive-0001.xml").read_bytes())),
]  # fmt: skip

ONLY_ON_THE_WEB = {
    "feed/self-moved",
    "server/prefix",
    "server/ranges",
    "server/type",
    "files/readable",
}
IN_TEST_HASHES = {"files/hash", "files/record"}


@pytest.mark.parametrize(("rule", "break_it"), MUTATIONS)
def test_a_broken_rule_is_found_and_nothing_else(copy, rule, break_it):
    """Each fault is found by its own rule, and by no other."""
    break_it(copy)
    # decoding takes the time, and only these rules need it
    quick = rule.partition("/")[0] not in {"media", "chapters", "transcript"}
    findings = check_show_folder(copy, quick=quick, only={f"media/{NEWEST}.mp3", *OTHERS}).findings
    assert {finding.rule for finding in findings} == {rule}, findings
    for finding in findings:
        assert finding.where
        assert finding.message.endswith((".", "?"))
        assert finding.source
        assert finding.fix.endswith(".")


@pytest.mark.parametrize(
    "good",
    [
        offer(),
        offer(default="true", bitrate="24000", codecs="opus", title="Opus"),
        offer(type="audio/opus"),
        offer(uri=f"https://op3.dev/e/{URL[8:]}media/{NEWEST}.opus"),
        offer(uri="ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"),
        offer(data=lambda: make_opus(longest_s=4), rel="summary"),
        offer(type="video/mp4", uri="https://elsewhere.example/1917.mp4", height="720"),
    ],
)
def test_a_further_encoding_is_as_it_should_be(copy, good):
    """Its source may be counted, lie elsewhere, or be another rendition."""
    good(copy)
    assert check_show_folder(copy).findings == []


def test_a_further_encoding_keeps_what_its_name_promises(copy):
    """Its name holds a hash of its content, as all others do."""
    name = f"{NEWEST}-{hashlib.sha256(make_opus()).hexdigest()[:12]}.opus"
    offer(uri=f"{URL}media/{name}")(copy)
    (copy / f"media/{NEWEST}.opus").rename(copy / "media" / name)
    assert check_show_folder(copy, quick=True, deep=True).findings == []
    data = bytearray(make_opus())
    data[-1] ^= 1
    (copy / "media" / name).write_bytes(data)
    (finding,) = check_show_folder(copy, quick=True, deep=True).findings
    assert finding.rule == "files/hash"


def test_every_rule_is_broken_here():
    """No rule stands in the table without a test; names are those of one rule each."""
    names = [rule.name for rules in RULES.values() for rule in rules]
    assert len(names) == len(set(names))
    assert {rule for rule, _ in MUTATIONS} | ONLY_ON_THE_WEB | IN_TEST_HASHES == set(names)
