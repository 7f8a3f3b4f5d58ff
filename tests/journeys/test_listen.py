"""A review is heard where it is read: on pages of Hugo, Jekyll and by hand, in a real browser."""

import json
import re
from types import SimpleNamespace

import pytest
from tests.support import blogs
from tests.support.browser import open_browser, open_page, serve_folder, wait_until
from tests.support.node_packages import require_node_package
from tests.support.program import Program

from reviewcast.podcast.site.embed import EMBED_HEIGHT

POLICY = "default-src 'self'"
PLAYER = "document.querySelector('reviewcast-player').shadowRoot"
AUDIO = f"{PLAYER}.querySelector('audio')"
MARKED = """(() => {
    const found = CSS.highlights.get("reviewcast");
    if (!found) return "";
    const [marked] = [...found].map((range) => range.cloneContents());
    marked.querySelectorAll("sup").forEach((mark) => mark.remove());
    return marked.textContent.replace(/\\s+/g, " ").trim();
})()"""
CONTENT = "document.querySelector('.content').innerHTML.replace(/<reviewcast.*?player>/, '')"
KINDS = ["plain", "hugo", "jekyll"]


@pytest.fixture(scope="module")
def browser():
    with open_browser() as running:
        yield running


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A show and its blogs below one origin, all of whose files come with a strict policy."""
    root = tmp_path_factory.mktemp("world")
    program = Program(root / "cache")
    public = root / "public"
    public.mkdir()
    with serve_folder(public, policy=POLICY) as origin:
        show = root / "show"
        (show / "reviews").mkdir(parents=True)
        settings = (
            f'[show]\ntitle = "Film talk"\nauthor = "Jo Doe"\nurl = "{origin}/podcast/"\n'
            'description = "What we saw."\nlanguage = "en"\nemail = "jo@example.org"\n'
            '[voice]\nuse = ["espeak"]\n'
            '[site]\nsubscribe = { "Apple Podcasts" = "https://podcasts.example/1" }\n'
        )
        (show / "podcast.toml").write_text(settings, encoding="utf-8")
        review = blogs.FRONT_MATTER.replace("LINK", f"{origin}/plain/") + blogs.BODY
        (show / "reviews" / "the-third-man.md").write_text(review, encoding="utf-8")
        for command in (["build"], ["publish", "--to", public / "podcast"]):
            done = program.run(*command, cwd=show)
            assert done.code == 0, done.err
        yield SimpleNamespace(
            root=root, show=show, public=public, origin=origin, program=program, pages={}
        )


def get_page(world, kind):
    """Return the address of the review on a blog of that kind, which is built when it is asked."""
    if kind not in world.pages:
        world.pages[kind] = BUILDERS[kind](world)
    return world.pages[kind]


def build_plain(world):
    script = world.program.run("embed", cwd=world.show)
    assert script.code == 0, script.err
    blogs.write_plain(world.public / "plain", PLAIN, script.out)
    return f"{world.origin}/plain/"


def build_hugo(world):
    base = f"{world.origin}/hugo/"
    blogs.start_hugo(world.root / "hugo", base)
    write_includes(world, "hugo")
    blogs.build_hugo(world.root / "hugo", world.public / "hugo")
    return f"{base}posts/the-third-man/"


def build_jekyll(world):
    blogs.start_jekyll(world.root / "jekyll", world.origin, "/jekyll")
    write_includes(world, "jekyll")
    blogs.build_jekyll(world.root / "jekyll", world.public / "jekyll")
    return f"{world.origin}/jekyll/the-third-man/"


def write_includes(world, generator):
    folder = world.root / generator
    done = world.program.run("embed", "--for", generator, "--write", folder, cwd=world.show)
    assert done.code == 0, done.err


BUILDERS = {"plain": build_plain, "hugo": build_hugo, "jekyll": build_jekyll}

PLAIN = """
<p>It begins in Vienna – divided, <em>hun<b>gry</b></em>, and full of “friends of
friends”<sup><a href="#fn1">1</a></sup>. Holly Martins writes cheap westerns; he has come for <a
href="https://example.org/job">a job that does not exist</a>. The film cost 1.5&nbsp;million in
1949, and 87% of it was shot at night.</p>
<figure><img src="door.png" alt="A doorway at night"><figcaption>The doorway, at night.</figcaption>
</figure>
<h2>The doorway</h2>
<p>A cat finds the shoes first. Then a window lights up across the street, and <strong>there he
is</strong>: Or&shy;son Welles, caught, with the smile of a boy who was <em>never</em> going to pay
for the windows. Don’t look away… it lasts four seconds.</p>
<blockquote><p>In Italy, for thirty years under the Borgias, they had warfare.</p></blockquote>
<p>What nobody forgets:</p>
<ul><li>the zither, which <code>plays on</code> whatever happens</li>
<li>the wheel, and the <em>dots</em> below it</li>
<li>a hand that comes up through a grating</li></ul>
<h2>The verdict</h2>
<p>Dr. Winkel was cut by 20&nbsp;min. in some prints; see the whole of it. Nobody else in the
picture is so sure, and nobody else is so wrong. It ends with a woman who walks past.</p>
<section class="footnotes"><ol><li id="fn1"><p>The phrase is Greene’s own, from the novella.
<a href="#r">↩</a></p></li></ol></section>
"""


def read_cues(world):
    """Return the sentences of the episode that the review itself has, with their times."""
    path = world.public / "podcast" / "episodes" / "the-third-man" / "cues.json"
    cues = json.loads(path.read_bytes())["cues"]
    return [(start, end, text) for start, end, text, written in cues if written]


def spell(text):
    return re.sub(r"[\W_]", "", text.replace("\u00ad", "")).casefold()


def open_post(page, address):
    """Open a post, and wait until its player is there and knows its audio."""
    page.goto(address)
    wait_until(page, "document.querySelector('reviewcast-player')")
    page.evaluate(f"() => {{ {AUDIO}.preload = 'auto'; {AUDIO}.load(); }}")
    wait_until(page, f"{AUDIO}.readyState > 0")


def seek(page, seconds):
    """Move to a place, and return when the page has answered."""
    page.evaluate(
        f"""(seconds) => new Promise((done) => {{
            {AUDIO}.addEventListener("seeked", () => done(), {{ once: true }});
            {AUDIO}.currentTime = seconds;
        }})""",
        seconds,
    )


def get_note(page):
    return page.evaluate(f"{PLAYER}.querySelector('.note')?.textContent ?? ''")


@pytest.mark.parametrize("kind", KINDS)
def test_the_sentence_that_is_spoken_is_marked_in_the_post(world, browser, kind):
    """A tenth of a second into each sentence it is marked, and no other, over the whole post."""
    address = get_page(world, kind)
    with open_page(browser) as (page, recorder):
        open_post(page, address)
        cues = read_cues(world)
        assert len(cues) > 14
        for (start, _, text), before in zip(cues, [None, *cues], strict=False):
            if before and start - 0.1 >= before[0]:
                seek(page, start - 0.1)
                assert spell(page.evaluate(MARKED)) in {spell(before[2]), ""}, text
            seek(page, start + 0.1)
            assert spell(page.evaluate(MARKED)) == spell(text)
        assert get_note(page) == ""
        assert recorder.errors == []
        assert recorder.get_external(world.origin) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_player_stands_above_the_post_and_plays(world, browser, kind):
    """Below the title and before the first sentence; nothing of the post is changed."""
    address = get_page(world, kind)
    with open_page(browser) as (page, recorder):
        page.goto(address)
        wait_until(page, "document.querySelector('reviewcast-player')")
        order = page.evaluate(
            "[...document.querySelectorAll('h1, reviewcast-player, .content p')]"
            ".filter((one) => one.localName !== 'p' || /Vienna/.test(one.textContent))"
            ".map((one) => one.localName).join(' ')"
        )
        assert order == "h1 reviewcast-player p"
        assert page.evaluate(f"{AUDIO}.networkState") in {0, 1}, "nothing of it is fetched unasked"
        page.evaluate(f"() => {AUDIO}.play()")
        wait_until(page, f"{AUDIO}.currentTime > 0.2")
        page.evaluate(f"() => {AUDIO}.pause()")
        assert recorder.errors == []


def test_a_press_on_a_sentence_plays_it(world, browser):
    """Once it was started; links keep their meaning, and so does a text that is selected."""
    with open_page(browser) as (page, recorder):
        open_post(page, get_page(world, "plain"))
        start = next(start for start, _, text in read_cues(world) if text.startswith("A cat"))
        press = page.get_by_text("A cat finds the shoes first")
        press.click(position={"x": 30, "y": 10})
        assert page.evaluate(f"{AUDIO}.paused"), "a reader who has not started it is left alone"
        page.evaluate(f"() => {AUDIO}.play()")
        wait_until(page, f"{AUDIO}.currentTime > 0.1")
        page.evaluate(f"() => {AUDIO}.pause()")
        press.click(position={"x": 30, "y": 10})
        wait_until(page, f"{AUDIO}.currentTime >= {start - 0.05} && !{AUDIO}.paused")
        assert page.evaluate(f"{AUDIO}.currentTime") < start + 8
        page.evaluate(f"() => {AUDIO}.pause()")
        before = page.evaluate(f"{AUDIO}.currentTime")
        page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
        page.get_by_text("a job that does not exist").click()
        assert page.evaluate(f"{AUDIO}.currentTime") == before
        assert recorder.errors == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("thirty years", "forty years", "The audio is of an older version of this text."),
        ("It ends with a woman who walks past.", "", "older version"),
        (
            "What nobody forgets:</p>",
            f"What nobody forgets:</p><p>{'Added later. ' * 20}</p>",
            "Some of",
        ),
        ("friends of\nfriends”", 'FRIENDS of friends"', ""),
    ],
)
def test_a_text_that_has_changed_since_says_so(world, browser, old, new, says):
    """By one word, by what is gone and by what was added; it still plays and marks the others."""
    script = world.program.run("embed", "the-third-man", cwd=world.show).out
    assert old in PLAIN
    name = f"changed-{abs(hash((old, new)))}"
    blogs.write_plain(world.public / name, PLAIN.replace(old, new), script)
    with open_page(browser) as (page, recorder):
        # the snippet for one review names its episode, whatever the page's address
        open_post(page, f"{world.origin}/{name}/")
        assert says in get_note(page)
        assert bool(says) == bool(get_note(page))
        start = next(start for start, _, text in read_cues(world) if text.startswith("Nobody else"))
        seek(page, start + 0.1)
        assert page.evaluate(MARKED).startswith("Nobody else")
        assert recorder.errors == []


def test_a_post_without_an_episode_stays_as_it_is(world, browser):
    """The snippet of the template of all posts does nothing there."""
    script = world.program.run("embed", cwd=world.show).out
    blogs.write_plain(world.public / "other", "<p>A post of its own.</p>", script)
    with open_page(browser) as (page, recorder):
        with page.expect_response("**/listen.json") as answer:
            page.goto(f"{world.origin}/other/")
        answer.value.finished()
        page.evaluate("fetch('/podcast/listen.json').then((again) => again.json())")
        assert page.locator("reviewcast-player").count() == 0
        assert recorder.errors == []
        assert recorder.get_external(world.origin) == []


def test_one_address_that_cannot_be_read_stops_no_other_post(world, browser):
    """Such as an impossible number of a host, in another episode's entry."""
    place = world.public / "podcast" / "listen.json"
    listen = json.loads(place.read_bytes())
    odd = listen["episodes"][0] | {"slug": "odd", "post": "https://1.2.3.456/"}
    listen["episodes"].insert(0, odd)
    with open_page(browser) as (page, recorder):
        page.route("**/listen.json", lambda route: route.fulfill(json=listen))
        page.goto(get_page(world, "plain"))
        wait_until(page, "document.querySelector('reviewcast-player')")
        assert recorder.errors == []


def test_a_show_that_lets_no_other_origin_read_plays_in_its_frame(world, browser, tmp_path):
    """Its server sends no Access-Control-Allow-Origin: the snippet of one review still plays."""
    script = world.program.run("embed", "the-third-man", cwd=world.show).out.splitlines()[-1]
    blogs.write_plain(tmp_path, PLAIN, script)
    with serve_folder(tmp_path) as elsewhere, open_page(browser) as (page, recorder):
        page.goto(f"{elsewhere}/")
        page.frame_locator("iframe").get_by_role("button", name="Play").click()
        page.frame_locator("iframe").get_by_role("button", name="Pause").wait_for()
        assert page.locator("reviewcast-player").count() == 0
        assert all(
            "Access-Control-Allow-Origin" in error or "ERR_FAILED" in error
            for error in recorder.errors
        )


def test_a_browser_without_highlights_lays_boxes_over_the_text(world, browser):
    """The post's own elements stay the same."""
    with open_page(browser) as (page, recorder):
        page.add_init_script("delete window.Highlight")
        page.goto(get_page(world, "plain"))
        wait_until(page, "document.querySelector('reviewcast-player')")
        before = page.evaluate(CONTENT)
        page.evaluate(f"() => {{ {AUDIO}.preload = 'auto'; {AUDIO}.load(); }}")
        wait_until(page, f"{AUDIO}.readyState > 0")
        start = next(start for start, _, text in read_cues(world) if text.startswith("A cat"))
        seek(page, start + 0.1)
        boxes = page.evaluate(
            "[...document.querySelectorAll('body > div[aria-hidden] > div')]"
            ".map((one) => one.getBoundingClientRect().toJSON())"
        )
        line = page.get_by_text("A cat finds the shoes first").bounding_box()
        assert len(boxes) == 1
        assert boxes[0]["x"] == pytest.approx(line["x"], abs=2)
        assert line["y"] <= boxes[0]["y"] <= line["y"] + 20
        after = page.evaluate(CONTENT)
        assert after == before
        assert recorder.errors == []


def test_the_place_and_the_speed_are_kept(world, browser):
    """A reader who comes back goes on, as quick as before."""
    kept = f"reviewcast:{world.origin}/podcast/episodes/the-third-man/index.html0"
    with open_page(browser) as (page, recorder):
        open_post(page, get_page(world, "plain"))
        page.get_by_label("Speed").select_option("1.5")
        page.evaluate(f"() => {{ {AUDIO}.currentTime = 20; return {AUDIO}.play(); }}")
        wait_until(page, f"Number(localStorage.getItem('{kept}')) > 20")
        page.reload()
        wait_until(page, "document.querySelector('reviewcast-player')")
        assert page.evaluate(f"{AUDIO}.currentTime") > 20
        assert page.evaluate(f"{AUDIO}.playbackRate") == 1.5
        assert recorder.errors == []


def test_the_embed_page_plays_in_a_frame(world, browser):
    """Under the page's policy, and in a sandbox, as WordPress puts it; chapters seek."""
    snippets = json.loads(world.program.run("embed", "the-third-man", "--json", cwd=world.show).out)
    for number, frame in enumerate(
        (snippets["frame"], snippets["frame"].replace("<iframe", '<iframe sandbox="allow-scripts"'))
    ):
        blogs.write_plain(world.public / f"frame{number}", frame + PLAIN, "")
        with open_page(browser) as (page, recorder):
            page.goto(f"{world.origin}/frame{number}/")
            inner = page.frame_locator("iframe")
            inner.get_by_role("button", name="Play").wait_for()
            inner.get_by_label("Chapter", exact=True).select_option(index=2)
            inner.get_by_role("button", name="Pause").wait_for()
            embedded = page.frames[1]
            wait_until(embedded, "document.querySelector('audio').currentTime > 5")
            assert inner.get_by_role("link", name="Apple Podcasts").is_visible()
            assert inner.get_by_text("read aloud by a synthetic voice").is_visible()
            assert embedded.evaluate("document.documentElement.scrollHeight") <= EMBED_HEIGHT
            assert recorder.errors == []
            assert recorder.get_external(world.origin) == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_what_is_put_into_pages_is_accessible(world, browser, width, scheme):
    """axe-core finds nothing in a post with its player, nor in the page for frames."""
    axe = (require_node_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    size = {"width": width, "height": 800}
    embed = f"{world.origin}/podcast/episodes/the-third-man/embed.html"
    with open_page(browser, color_scheme=scheme, viewport=size, bypass_csp=True) as (page, _):
        for address in (get_page(world, "plain"), embed):
            page.goto(address)
            if address != embed:
                open_post(page, address)
                wait_until(page, f"{PLAYER}.querySelector('link').sheet")
                seek(page, read_cues(world)[0][0] + 0.1)
            page.evaluate(f"() => {{ {axe} }}")
            report = page.evaluate("() => axe.run({resultTypes: ['violations']})")
            faults = [
                (fault["id"], [node["html"] for node in fault["nodes"]])
                for fault in report["violations"]
            ]
            assert faults == [], address


def test_the_script_stays_small(world):
    """Less than 8 kB as it is served."""
    assert len((world.public / "podcast" / "listen.js").read_bytes()) < 8000
