"""The report of a build: true drawings, readable by all, safe from any text, always the same."""

import html
import re
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.browser import open_browser, open_page
from tests.support.budget import count_examples, pick_code_points
from tests.support.node_packages import require_node_package

from reviewcast.audio.loudness import pack_lufs
from reviewcast.episode.report import MARK, Fault, build_report, report_episode
from reviewcast.episode.report_chart import ReportData, Spoken
from reviewcast.model.audio import Loudness
from reviewcast.model.podcast import BuildFigures, Episode, EpisodeChapter, EpisodeCue
from reviewcast.model.text import Change, Omission

EPISODE = Episode(
    slug="the-general",
    title="The General: a straight face",
    path="episodes/the-general.mp3",
    size_bytes=640_000,
    duration_s=40.0,
    sha256="",
    voice="espeak",
    language="en",
    loudness=Loudness(-16.04, -1.21, 3.4, 21.5),
    chapters=(EpisodeChapter("The General", 0.0), EpisodeChapter("The ride", 20.0)),
    cues=(
        EpisodeCue(8.0, 10.0, "title", "The General (1926)"),
        EpisodeCue(11.0, 14.0, "narrator", "A man loves two things."),
        EpisodeCue(22.0, 23.0, "title", "The ride"),
        EpisodeCue(24.0, 30.0, "narrator", "He keeps a picture."),
    ),
    omitted=(Omission("a picture of a train", "an image"),),
)
FIGURES = BuildFigures(
    segments=4,
    voiced=1,
    reused=3,
    blocks=5,
    blocks_reused=4,
    voiced_segments=(0,),
    voices={"espeak": 3},
    recordings=1,
    rate_hz=44_100,
    channels=2,
    bitrate_kbps=128,
    files={"wav": "episodes/the-general.wav"},
)
SPEECH = (
    Spoken(
        "espeak",
        True,
        "The General, nineteen twenty-six",
        (Change(12, 18, "(1926)", "nineteen twenty-six", "years"),),
    ),
    Spoken("espeak", False, "A man loves two things."),
    Spoken("espeak", False, "The ride"),
    Spoken("", False, "He keeps a picture, in gold."),
)
FRAMES = 40 * 44_100 // 1152 + 1
DATA = ReportData(
    episode=EPISODE,
    figures=FIGURES,
    speech=SPEECH,
    # silence, but at full scale in the 11th of 40 seconds
    peaks=bytes(255 if 10 <= frame * 1152 / 44_100 < 11 else 0 for frame in range(FRAMES)),
    energies=pack_lufs([-15.0 if 100 <= step < 110 else -40.0 for step in range(403)]),
)
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></svg></table><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; & <!-- ]]> <![CDATA[",
    '<meta http-equiv="refresh" content="0;url=https://example.org/">',
    "\u202eright to left\u0000 and NUL",
]


def render(data=DATA, **options):
    return build_report([report_episode(data, **options)]).decode()


def vary(data=DATA, **fields):
    """Return the data of a report whose episode differs in some fields."""
    return msgspec.structs.replace(data, episode=msgspec.structs.replace(data.episode, **fields))


def read_text(page):
    """Return the words of a page, without style and tags."""
    page = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def follow(path):
    """Return the points of a drawn path."""
    points, x, y = [], 0, 0
    for name, numbers in re.findall(r"([MlhVZ])([^MlhVZ]*)", path):
        values = [int(value) for value in re.findall(r"-?\d+", numbers)]
        if name == "M":
            x, y = values
        elif name == "h":
            x += values[0]
        elif name == "V":
            y = values[0]
        steps = zip(values[::2], values[1::2], strict=True) if name == "l" else ()
        for across, down in steps:
            x, y = x + across, y + down
            points.append((x, y))
        points.append((x, y))
    return points


def find_path(page, name):
    return re.search(rf'<path class="{name}" d="([^"]*)"', page)[1]


# --- what it says


def test_measured_figures_are_told():
    """Loudness, peak, range, ratio, length, size, rate, cast and files stand in the summary."""
    page = render()
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert facts == {
        "Duration": "0:40",
        "Loudness": "−16.0 LUFS",
        "True peak": "−1.2 dBTP",
        "Loudness range": "3.4 LU",
        "Speech over bed": "21.5 dB",
        "Size": "0.64 MB",
        "Bit rate": "128 kb/s constant",
        "Audio": "joint stereo, 44.1 kHz",
        "Cast": "espeak (3), own recordings (1)",
        "Segments": "1 spoken anew, 3 reused",
        "Blocks": "1 encoded, 4 reused",
        "Written": "episodes/the-general.mp3, episodes/the-general.wav",
    }


def test_segments_stand_in_their_chapters_with_what_is_said():
    """Each has its time, voice and state; what is said is told where it differs."""
    text = read_text(render())
    order = [
        "The General 1 0:08.0 2.0 s espeak anew The General (1926) (1926) → nineteen twenty-six",
        "2 0:11.0 3.0 s espeak reused A man loves two things.",
        "The ride 3 0:22.0 1.0 s espeak reused The ride",
        "4 0:24.0 6.0 s recording own He keeps a picture. → He keeps a picture, in gold.",
        "Left out a picture of a train (an image)",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert text.count("→") == 2


def test_chapters_have_their_own_loudness():
    """It is gated within the chapter; one in which nothing sounds has none."""
    silent = msgspec.structs.replace(DATA, energies=pack_lufs([-120.0] * 403))
    assert "2 0:20 0:20 −40.0 0 of 2 The ride" in read_text(render())
    assert "2 0:20 0:20 none 0 of 2 The ride" in read_text(render(silent))


def test_remarks_and_faults_are_listed():
    """What the run said, and which reviews were not built, stand on the same page."""
    section = report_episode(DATA, remarks=["A cover is missing."])
    page = build_report([section], [Fault("other.md", "It is empty.", "Write something.")])
    text = read_text(page.decode())
    assert "What the build said A cover is missing." in text
    assert "Not built other.md : It is empty. Write something." in text
    assert "Not built x.md : Gone." in read_text(
        build_report([], [Fault("x.md", "Gone.")]).decode()
    )


def test_several_episodes_have_places_of_their_own():
    """Every id stands once, and every link leads to one."""
    page = build_report(
        [report_episode(DATA, number=number) for number in (1, 2, 3)], [Fault("x", "y")]
    ).decode()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


# --- what it draws


def test_the_waveform_is_where_the_sound_is():
    """From edge to edge, mirrored, and at full height in the 11th second alone."""
    points = follow(find_path(render(), "shape"))
    assert min(x for x, _ in points) == 0
    assert max(x for x, _ in points) == 1800
    loud = [x for x, y in points if y == 0]
    assert 448 <= min(loud) <= 452
    assert 490 <= max(loud) <= 497
    assert {y for _, y in points} == {0, 120, 240}
    assert min(x for x, y in points if y == 240) == pytest.approx(min(loud), abs=3)


def test_the_curves_are_the_loudness():
    """Momentary: −15 and −40 LUFS at their heights; short-term rises after and lies between."""
    page = render()
    momentary, short = (follow(find_path(page, name)) for name in ("momentary", "short"))
    assert {y for _, y in momentary} == {30, 80}
    assert next(x for x, y in momentary if y == 30) == pytest.approx(450, abs=5)
    assert 30 < min(y for _, y in short) < 80
    assert max(x for x, _ in short) == max(x for x, _ in momentary) == 1800


def test_what_was_spoken_anew_is_marked():
    """One stretch from the first such segment to the last in a row."""
    strips = re.findall(r'<rect class="fresh" x="(\d+)" width="(\d+)"', render())
    assert strips == [("360", "90")]


@pytest.mark.parametrize("duration_s", [0.3, 1.0, 59.0, 61.5, 3599.0, 36_000.0])
def test_times_below_the_chart_are_round_and_few(duration_s):
    """At most six labels, the first at the start."""
    chapters = (EpisodeChapter("All", 0.0),)
    page = render(vary(duration_s=duration_s, chapters=chapters))
    labels = re.search(r'<div class="times"[^>]*>(.*?)</div>', page)[1]
    times = re.findall(r"<span style=\"left:([\d.]+)%\">([\d:]+)</span>", labels)
    assert 1 <= len(times) <= 6
    assert times[0] == ("0.0", "0:00")


@given(
    st.binary(max_size=5000),
    st.lists(st.floats(-120, 10), max_size=5000),
    st.floats(0.03, 40_000),
)
@settings(max_examples=count_examples(40), deadline=None)
def test_any_figures_can_be_drawn(peaks, energies, duration_s):
    """Curves stay within the chart, whatever was measured."""
    data = msgspec.structs.replace(
        vary(duration_s=duration_s, chapters=(EpisodeChapter("All", 0.0),)),
        peaks=peaks,
        energies=pack_lufs(energies),
    )
    page = render(data)
    for name, height in (("shape", 240), ("momentary", 120), ("short", 120)):
        for x, y in follow(find_path(page, name)):
            assert 0 <= x <= 1800
            assert 0 <= y <= height


def test_an_hour_is_small():
    """900 segments, 15 chapters and 36,000 windows of loudness stay below 300 kB."""
    texts = [
        f"This is sentence {n} of a long review, which is as long as most are." for n in range(900)
    ]
    data = ReportData(
        episode=msgspec.structs.replace(
            EPISODE,
            duration_s=3600.0,
            chapters=tuple(EpisodeChapter(f"Chapter {n}", 240.0 * n) for n in range(15)),
            cues=tuple(
                EpisodeCue(4.0 * n, 4.0 * n + 3.5, "narrator", text) for n, text in enumerate(texts)
            ),
        ),
        figures=FIGURES,
        speech=tuple(Spoken("espeak", n % 7 == 0, text) for n, text in enumerate(texts)),
        peaks=bytes((n * n) % 251 for n in range(137_813)),
        energies=pack_lufs([-16.0 - (n * n) % 37 for n in range(36_000)]),
    )
    assert len(render(data).encode()) < 300_000


# --- how it can be read


def test_it_asks_for_nothing_and_runs_nothing():
    """No script, no address but places on the page, and a policy that allows no other."""

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            values = dict(attrs)
            assert tag not in {"script", "iframe", "object", "embed", "img", "base", "form"}
            assert not [name for name in values if name.startswith("on")]
            assert "src" not in values
            if "href" in values:
                assert values["href"].startswith(("#", "data:,"))

    page = render(remarks=["See https://example.org/"])
    Reader().feed(page)
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert page.index(MARK) < 900


def test_same_input_same_bytes():
    """Nothing hangs on the time or on a set's order."""
    assert render() == render()


def test_other_languages_are_named():
    """Text that is not English says so to those that read it aloud."""
    page = render(vary(language="pt-BR"))
    assert page.count('lang="pt-BR"') == 1 + 2 + 2  # the title, and two chapters in two tables
    assert 'lang="pt-BR"' not in render()


@pytest.fixture(scope="module")
def browser():
    with open_browser() as opened:
        yield opened


def fill(text):
    """Return what a report shows with a text in every field that holds one."""
    change = Change(0, 1, text, text, text)
    cues = tuple(EpisodeCue(cue.start_s, cue.end_s, cue.role, text) for cue in EPISODE.cues)
    return msgspec.structs.replace(
        vary(
            slug=text,
            title=text,
            path=text,
            voice=text,
            language="en",
            chapters=tuple(EpisodeChapter(text, one.start_s) for one in EPISODE.chapters),
            cues=cues,
            omitted=(Omission(text, text),),
        ),
        figures=msgspec.structs.replace(FIGURES, voices={text: 4}, files={"wav": text}),
        speech=(*[Spoken(text, True, "", (change,))] * 3, Spoken(text, True, text + "!")),
    )


@pytest.mark.parametrize("kind", ["attacks", "code points"])
def test_no_text_becomes_a_script(browser, tmp_path, kind):
    """All kinds of code points and known attacks, in every field, are shown and not obeyed."""
    with open_page(browser) as (page, recorder):
        for number, text in enumerate(ATTACKS if kind == "attacks" else pick_code_points()):
            section = report_episode(fill(text), remarks=[text])
            written = build_report([section], [Fault(text, text, text)])
            if kind == "code points":  # to look for a font for each of them takes minutes
                written = written.replace(b"<style>", b"<style>html{display:none}")
            path = tmp_path / f"{number}.html"
            path.write_bytes(written)
            page.goto(path.as_uri())
            assert page.locator("script, img, svg svg, iframe").count() == 0
            assert page.locator("section").count() == 2
            assert page.locator("h2").count() == 2
            assert page.locator("tbody tr").count() == 2 + 2 + 4
            if kind == "attacks":
                shown = " ".join(re.sub("[\u202e\0]", "", text).split())
                assert page.locator("h2").first.text_content() == shown
        assert recorder.dialogs == []
        assert recorder.errors == []
        assert [url for url in recorder.requests if not url.startswith(("file:", "data:,"))] == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_it_is_accessible(browser, tmp_path, scheme, width):
    """axe-core finds nothing, in either colour scheme, and nothing runs out of the window."""
    axe = (require_node_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    sections = [report_episode(DATA, number=1, remarks=["A remark."])]
    sections.append(report_episode(vary(language="de", title="Zwei"), number=2))
    path = tmp_path / "report.html"
    path.write_bytes(build_report(sections, [Fault("x.md", "It is empty.", "Write.")]))
    size = {"width": width, "height": 800}
    with open_page(browser, color_scheme=scheme, viewport=size) as (page, _):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.evaluate(f"() => {{ {axe} }}")
        report = page.evaluate("() => axe.run({resultTypes: ['violations']})")
        faults = [
            (fault["id"], [node["html"] for node in fault["nodes"]])
            for fault in report["violations"]
        ]
        assert faults == []
