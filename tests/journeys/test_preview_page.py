"""The page in a real browser: each step that a writer takes, and what it leaves unchanged."""

import io
import threading
import tomllib
from importlib.resources import files

import numpy as np
import pytest
import soundfile
from tests.support.browser import open_browser, open_page, wait_until
from tests.support.node_packages import require_node_package
from tests.support.preview import serve_preview, write_review
from tests.support.program import Program

from reviewcast.web.versions import measure_levels

SENTENCE = "That choice has not grown easier to sit with."
RATE_HZ = 44_100


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    text = (
        files("reviewcast").joinpath("resources/samples/the-general.md").read_text(encoding="utf-8")
    )
    return write_review(tmp_path_factory.mktemp("show"), text, "the-general.md")


@pytest.fixture(scope="module")
def preview(sample):
    with serve_preview(sample) as preview:
        yield preview


TALE = """# A tale

It begins in 4K, and Marion Mack ends it.

## A verdict

> A clown falls down.

A cannon slowly lowers its barrel until it points at his own head.

![A still that nobody hears](still.png)
"""


@pytest.fixture(scope="module")
def tale(tmp_path_factory):
    with serve_preview(write_review(tmp_path_factory.mktemp("tale"), TALE)) as preview:
        yield preview


def get_segment(state, text):
    return next(one for one in state["segments"] if one["text"].startswith(text))


def decode(preview, state):
    """Decode the MP3 of a state and cut it into its segments, by id."""
    data = preview.session.find_audio(state["audio"]["version"]).read_bytes()
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    assert rate == RATE_HZ
    cut = {}
    for segment in state["segments"]:
        start, end = (round(at * RATE_HZ) for at in segment["place"])
        cut[segment["id"]] = samples[start:end]
    return cut


def list_differing(before, after):
    """List the segments that do not sound, sample for sample, as they did."""
    assert before.keys() == after.keys()
    return [name for name in before if not np.array_equal(before[name], after[name])]


def make_wav():
    """Make a recording: two seconds of a tone that swells."""
    at = np.arange(2 * 22_050) / 22_050
    file = io.BytesIO()
    tone = 0.3 * np.sin(2 * np.pi * 220 * at) * np.hanning(len(at))
    soundfile.write(file, tone.astype(np.float32), 22_050, format="WAV", subtype="PCM_16")
    return file.getvalue()


def drop(page, place, name, data):
    """Drop a file onto an element."""
    transfer = page.evaluate_handle(
        """([name, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name));
            return transfer;
        }""",
        [name, list(data)],
    )
    page.dispatch_event(place, "drop", {"dataTransfer": transfer})


def wait_for(page, state):
    """Wait until the page shows a state of the session."""
    wait_until(
        page,
        f"document.body.dataset.version === '{state['audio']['version']}'"
        " && document.body.dataset.ready === 'true'",
    )


def test_a_writer_hears_corrects_and_builds(browser, preview, sample, tmp_path):
    """Every step changes the segments that it is about, and no sample of any other."""
    with open_page(browser, viewport={"width": 1280, "height": 900}) as (page, recorder):
        page.goto(preview.url)
        state = preview.wait()
        wait_for(page, state)
        assert page.url == f"{preview.origin}/"
        assert page.locator(".segment").count() == len(state["segments"])
        hear_segment(page, get_segment(state, "The ride"))
        one = get_segment(state, SENTENCE)["id"]
        said = correct_words(page, preview, sample, one)
        use_recording_and_undo(page, preview, sample, one, said)
        build_all(page, preview, sample, tmp_path)
        # what comes after is not in it
        state, _ = preview.act(lambda: press_key(page, "u", "/undo"))
        wait_for(page, state)
        assert "changed it since" in page.inner_text("#built")
        assert recorder.errors == []
        assert recorder.get_external(preview.origin) == []


def hear_segment(page, segment):
    """Play a segment: it begins at its place, goes on, and ends by itself."""
    page.click(f".segment[data-id='{segment['id']}'] [data-deed=play]")
    start, end = segment["place"]
    at = "document.getElementById('audio')"
    wait_until(page, f"{at}.currentTime > {start + 0.2} && {at}.currentTime < {end}")
    wait_until(page, f"{at}.paused")
    assert abs(page.evaluate(f"{at}.currentTime") - end) < 0.3


def correct_words(page, preview, sample, one):
    """Say a sentence otherwise, wait longer after it, respell a word; return what is heard."""
    row = f".segment[data-id='{one}']"
    sound = decode(preview, preview.wait())
    page.click(f"{row} [data-deed=edit]")
    page.fill("#edit-spoken", "That choice is no easier to live with.")
    state, told = preview.act(lambda: save(page))
    assert state["audio"]["voiced"] == 1
    assert any(message["kind"] == "progress" for message in told)
    assert get_segment(state, SENTENCE)["spoken"] == "That choice is no easier to live with."
    changed = decode(preview, state)
    assert list_differing(sound, changed) == [one]
    wait_for(page, state)
    assert "1 segment spoken" in page.inner_text("#status")
    assert page.inner_text(f"{row} .spoken") == "That choice is no easier to live with."
    edits = tomllib.loads(sample.with_name("the-general.edits.toml").read_text("utf-8"))
    assert edits["edit"] == [{"text": SENTENCE, "spoken": "That choice is no easier to live with."}]

    # a longer pause speaks nothing
    page.click(f"{row} [data-deed=edit]")
    page.fill("#edit-pause", "1.5")
    state, _ = preview.act(lambda: save(page))
    assert state["audio"]["voiced"] == 0
    assert list_differing(changed, decode(preview, state)) == []

    # a word for the lexicon: its segments, and no others
    holds = [s["id"] for s in state["segments"] if "Johnnie" in s["text"]]
    wait_for(page, state)
    page.click(f"{row} [data-deed=edit]")
    page.fill("#word-written", "Johnnie")
    page.fill("#word-spoken", "Johnny Lee")
    state, _ = preview.act(lambda: press(page, "Add to the lexicon", "/word"))
    assert state["audio"]["voiced"] == len(holds) > 0
    said = decode(preview, state)
    assert list_differing(changed, said) == holds
    page.keyboard.press("Escape")
    wait_for(page, state)
    return said


def use_recording_and_undo(page, preview, sample, one, said):
    """Drop an own recording in a segment's place, and take it back by key."""
    row = f".segment[data-id='{one}']"
    page.click(f"{row} [data-deed=edit]")

    def send():
        with page.expect_response(lambda r: "/recording" in r.url) as got:
            drop(page, f"{row} .desk", "../../evil name.wav", make_wav())
        assert got.value.status == 200

    state, _ = preview.act(send)
    assert state["audio"]["voiced"] == 1  # the last line, for only a part is synthetic now
    heard = decode(preview, state)
    assert list(heard)[:-1] == list(said)[:-1]
    assert list(heard)[-1] != list(said)[-1]
    shared = heard.keys() & said.keys()
    assert list_differing(*({name: show[name] for name in shared} for show in (said, heard))) == [
        one
    ]
    kept = list((sample.parent / "the-general.recordings").iterdir())
    assert [file.suffix for file in kept] == [".wav"]
    assert len(kept[0].stem) == 12
    wait_for(page, state)
    wait_until(page, "!document.querySelector('.desk')")
    state, _ = preview.act(lambda: press_key(page, "u", "/undo"))
    assert list_differing(said, decode(preview, state)) == []
    assert state["audio"]["voiced"] == 0
    wait_for(page, state)


def build_all(page, preview, sample, folder):
    """Build from the page: the same bytes as by the command, which speaks nothing again."""
    state, _ = preview.act(lambda: press(page, "Build the episode", "/build"))
    page.wait_for_selector("#built")
    shown = page.inner_text("#built")
    assert state["failure"] is None
    built = state["built"]
    assert f"{built['loudness'].integrated_lufs:.1f}".replace("-", "−") in shown
    assert "The ride" in shown
    assert "changed it since" not in shown
    mine = sample.parent / "episodes" / "the-general" / "the-general.mp3"
    result = Program(sample.parent / ".reviewcast").run(
        "build", sample, "-o", folder / "x.mp3", "--json"
    )
    assert result.episode["voiced"] == 0
    assert mine.read_bytes() == (folder / "x.mp3").read_bytes()


def save(page):
    press(page, "Save", "/edit")


def press(page, name, path):
    """Press a button, and wait until the server has answered."""
    with page.expect_response(lambda response: response.url.endswith(path)) as got:
        page.get_by_role("button", name=name, exact=True).click()
    assert got.value.ok, got.value.text()


def press_key(page, key, path):
    with page.expect_response(lambda response: response.url.endswith(path)) as got:
        page.keyboard.press(key)
    assert got.value.ok


def test_all_goes_by_keys(browser, tale):
    """J and k go through the segments, enter plays one, space pauses, e edits, escape leaves."""
    with open_page(browser, viewport={"width": 1280, "height": 900}) as (page, recorder):
        page.goto(tale.url)
        state = tale.wait()
        wait_for(page, state)
        ids = [segment["id"] for segment in state["segments"]]
        current = "document.querySelector('[aria-current]').dataset.id"
        for key, index in (("j", 1), ("j", 2), ("k", 1)):
            page.keyboard.press(key)
            assert page.evaluate(current) == ids[index]
        assert page.evaluate("document.activeElement.dataset.id") == ids[1]
        page.keyboard.press("Enter")
        start = state["segments"][1]["place"][0]
        at = "document.getElementById('audio')"
        wait_until(page, f"!{at}.paused && {at}.currentTime > {start}")
        page.keyboard.press("Space")
        wait_until(page, f"{at}.paused")
        page.keyboard.press("e")
        assert page.evaluate("document.activeElement.id") == "edit-spoken"
        page.keyboard.type("jk e")
        assert page.evaluate(current) == ids[1]
        recorder.dialogs.clear()
        page.fill("#edit-spoken", state["segments"][1]["spoken"])
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.dataset.id") == ids[1]
        assert recorder.errors == []


def test_ctrl_enter_saves_what_is_typed(browser, tmp_path):
    """From within the text, which has room for a paragraph."""
    with (
        serve_preview(write_review(tmp_path / "show", TALE)) as preview,
        open_page(browser) as (
            page,
            recorder,
        ),
    ):
        page.goto(preview.url)
        wait_for(page, preview.wait())
        page.keyboard.press("e")
        assert int(page.get_attribute("#edit-spoken", "rows")) >= 5
        page.fill("#edit-spoken", "Said by a key.")

        def press_both():
            with page.expect_response(lambda response: response.url.endswith("/edit")) as got:
                page.press("#edit-spoken", "Control+Enter")
            assert got.value.ok, got.value.text()

        state, _ = preview.act(press_both)
        assert [one["spoken"] for one in state["segments"]].count("Said by a key.") == 1
        assert recorder.errors == []


def test_two_pages_lose_no_edit(browser, tale):
    """What was saved elsewhere meanwhile is shown and merged, never overwritten unseen."""
    state = tale.wait()
    segment = get_segment(state, "A cannon")
    row = f".segment[data-id='{segment['id']}']"
    with open_page(browser) as (one, _), open_page(browser) as (two, _):
        for page in (one, two):
            page.goto(tale.url)
            wait_for(page, state)
            page.click(f"{row} [data-deed=edit]")
        one.fill("#edit-spoken", "A cannon slowly lowers its barrel.")
        two.fill("#edit-pause", "2")
        state, _ = tale.act(lambda: save(one))
        # the other page hears of it while its editor is open: their words, its pause
        two.wait_for_selector(".notice:not([hidden])")
        assert "lowers its barrel" in two.inner_text(".notice")
        assert two.input_value("#edit-spoken") == "A cannon slowly lowers its barrel."
        state, _ = tale.act(lambda: save(two))
        edit = get_segment(state, "A cannon")["edit"]
        assert (edit["spoken"], edit["pause_s"]) == ("A cannon slowly lowers its barrel.", 2.0)
    tale.act(tale.session.undo)
    tale.act(tale.session.undo)


def test_a_voice_that_is_away_is_not_pretended(browser, tmp_path, monkeypatch):
    """The page says who did not speak and who did, marks the segment, and offers to ask again."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    settings = 'fallback = "episode"\nsecond = "espeak"\n[synthesize]\nattempts = 1\n'
    review = write_review(tmp_path / "show", TALE, more=settings)
    with serve_preview(review) as preview, open_page(browser) as (page, recorder):
        page.goto(preview.url)
        state = preview.wait()
        wait_for(page, state)
        one = get_segment(state, "A clown")["id"]
        row = f".segment[data-id='{one}']"
        page.click(f"{row} [data-deed=edit]")
        listed = page.inner_text("#edit-voice")
        assert "openai (cannot speak here)" in listed
        assert "espeak (" not in listed
        page.select_option("#edit-voice", "openai")
        assert "OPENAI_API_KEY is not set" in page.inner_text("#edit-lack")
        page.select_option("#edit-voice", "gtts")
        assert not page.is_visible("#edit-lack")
        state, _ = preview.act(lambda: save(page))
        wait_for(page, state)
        # what is told meanwhile stands there before the result
        said = "document.getElementById('status').innerText"
        wait_until(page, f"{said}.includes('gtts did not speak, espeak did')")
        assert "Nothing had to be spoken" not in page.inner_text("#status")
        assert "espeak in place of gtts" in page.inner_text(row)
        assert "espeak speaks the whole episode" in page.inner_text("#remarks")
        preview.act(lambda: press(page, "Ask the voice again", "/render"))
        assert recorder.errors == []


def test_a_review_that_is_changed_outside_is_shown_as_it_is(browser, tmp_path):
    """Its segments are read anew, and what was being typed for one that is gone is kept."""
    review = write_review(tmp_path / "show", TALE)
    with (
        serve_preview(review, watch_s=0.05) as preview,
        open_page(browser) as (page, recorder),
    ):
        page.goto(preview.url)
        state = preview.wait()
        wait_for(page, state)
        one = get_segment(state, "A clown")["id"]
        page.click(f".segment[data-id='{one}'] [data-deed=edit]")
        page.fill("#edit-spoken", "A clown, falling.")
        review.write_text(TALE.replace("A clown falls down.", "Nobody falls."), encoding="utf-8")
        page.wait_for_selector("#remarks:not([hidden])")
        page.wait_for_selector(f".segment[data-id='{one}']", state="detached")
        remarks = page.locator("#remarks")
        assert "tale.md was changed outside of this page" in remarks.inner_text()
        assert "A clown, falling." in remarks.inner_text()
        assert "Nobody falls." in page.inner_text("#segments")
        page.get_by_role("button", name="Forget what was typed").click()
        assert "A clown, falling." not in remarks.inner_text()
        assert recorder.errors == []


def test_what_is_typed_does_not_lie_under_the_player(browser, preview):
    """However the editor is opened, its whole text field is below the player that stays."""
    # without smooth scrolling a place is reached at once
    with open_page(browser, reduced_motion="reduce") as (page, _):
        page.goto(preview.url)
        state = preview.wait()
        wait_for(page, state)
        # remarks make the player higher, where there is room for that
        for width, height, remarks in (
            (390, 800, 0),
            (1280, 600, 0),
            (900, 420, 0),
            (1280, 900, 9),
        ):
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(
                """count => {
                    const remarks = document.getElementById("remarks");
                    remarks.hidden = !count;
                    remarks.textContent = "This has to be said. ".repeat(11 * count);
                }""",
                remarks,
            )
            # nobody clicks before the page knows how high its player is now
            wait_until(
                page,
                "document.documentElement.style.getPropertyValue('--deck')"
                " === `${document.getElementById('deck').offsetHeight}px`",
            )
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            for segment in (state["segments"][-1], state["segments"][1], state["segments"][8]):
                place = f".segment[data-id='{segment['id']}'] [data-deed=edit]"
                page.evaluate("place => document.querySelector(place).click()", place)
                page.wait_for_function(
                    """height => {
                        const find = id => document.getElementById(id).getBoundingClientRect();
                        const field = find("edit-spoken");
                        return field.top >= find("deck").bottom && field.bottom <= height;
                    }""",
                    arg=height,
                    timeout=60_000,
                )
                page.keyboard.press("Escape")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_it_is_accessible(browser, tale, scheme, width):
    """axe-core finds nothing on the page, with an editor open and an episode built."""
    axe = (require_node_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    size = {"width": width, "height": 800}
    with open_page(browser, color_scheme=scheme, viewport=size) as (page, recorder):
        page.goto(tale.url)
        wait_for(page, tale.wait())
        page.locator("[data-deed=edit]").nth(2).click()
        assert recorder.errors == []  # before axe-core, which sets styles that the policy refuses
        page.evaluate(f"() => {{ {axe} }}")
        report = page.evaluate("() => axe.run({resultTypes: ['violations']})")
        faults = [
            (fault["id"], [node["html"] for node in fault["nodes"]])
            for fault in report["violations"]
        ]
        assert faults == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_long_episode_is_heard_before_it_is_drawn(browser, tmp_path):
    """Drawing is not waited for; when it is done, what plays goes on."""
    may_draw = threading.Event()

    def measure(frames):
        assert may_draw.wait(30)
        return measure_levels(frames)

    review = write_review(tmp_path / "show", TALE)
    with (
        open_page(browser) as (page, recorder),
        serve_preview(review, waits=False, drawn_at_once=0, measure=measure) as preview,
    ):
        page.goto(preview.url)
        page.click("#play:not([disabled])")
        at = "document.getElementById('audio').currentTime"
        wait_until(page, f"{at} > 0.3")
        may_draw.set()
        wait_for(page, preview.wait())
        assert page.evaluate(at) > 0.3
        assert not page.evaluate("document.getElementById('audio').paused")
        assert preview.session.describe()["audio"]["drawn"]
        assert recorder.errors == []


HOSTILE = (
    '# <img src=x onerror=alert(1)>\n\nA <script>alert(2)</script> and \x1b[31mred, "quoted".\n'
)


def test_a_review_is_text_and_nothing_else(browser, tmp_path):
    """Markup and escapes in a review are shown as they stand, or left out; nothing runs."""
    review = write_review(tmp_path / "show", HOSTILE)
    with serve_preview(review) as preview, open_page(browser) as (page, recorder):
        page.goto(preview.url)
        wait_for(page, preview.wait())
        assert page.locator(".segment img, .segment script").count() == 0
        assert recorder.dialogs == []
        assert recorder.errors == []
        assert recorder.get_external(preview.origin) == []
