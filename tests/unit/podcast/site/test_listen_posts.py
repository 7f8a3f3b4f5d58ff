"""Posts of every language and shape: the sentence that is spoken is marked in each."""

import json

import pytest
from tests.support.browser import open_browser, open_page, serve_folder, wait_until
from tests.unit.podcast.site.test_pages import make_mp3, write_files

from reviewcast.podcast.site.listen import render_shared

AUDIO = "document.querySelector('reviewcast-player').shadowRoot.querySelector('audio')"
NOTE = "document.querySelector('reviewcast-player').shadowRoot.querySelector('.note')"
MARKED = """(() => {
    const found = CSS.highlights.get("reviewcast");
    if (!found) return "";
    const [marked] = [...found].map((range) => range.cloneContents());
    marked.querySelectorAll("rt").forEach((mark) => mark.remove());
    return marked.textContent;
})()"""

POSTS = {
    "one-text": ("Seen again. It holds.", ("Seen again.", "It holds.")),
    "one-paragraph": ("<p>Seen again. It holds.</p>", ("Seen again.", "It holds.")),
    "one-word": ("<p>Seen.</p>", ("Seen.",)),
    "breaks": ("Seen again.<br><br>It holds.", ("Seen again.", "It holds.")),
    "one-cell": (
        "<table><tr><td>Seen again. It holds.</td></tr></table>",
        ("Seen again.", "It holds."),
    ),
    "one-item": (
        "<ul><li><p>Seen again. It holds.</p></li></ul>",
        ("Seen again.", "It holds."),
    ),
    "one-quote": (
        "<blockquote><p>Seen again.</p><p>It holds.</p></blockquote>",
        ("Seen again.", "It holds."),
    ),
    "table": (
        "<p>Before.</p><table><tr><td><em>The General</em></td><td>1926</td></tr></table>",
        ("Before.", "The General; 1926"),
    ),
    "arabic": (
        '<p dir="rtl">يبدأ الفيلم في <b>القطار</b>، وينتهي هناك أيضًا. وجه <i>كيتون</i>.</p>',
        ("يبدأ الفيلم في القطار، وينتهي هناك أيضًا.", "وجه كيتون."),
    ),
    "ruby": (
        "<p><em>七人</em>の侍は、雨の中で戦う。<ruby>黒澤<rp>(</rp><rt>くろさわ</rt><rp>)</rp></ruby>の映画。</p>",
        ("七人の侍は、雨の中で戦う。", "黒澤の映画。"),
    ),
    "thai": ("<p>ภาพยนตร์เรื่องนี้ดีมาก และน่าดู</p>", ("ภาพยนตร์เรื่องนี้ดีมาก และน่าดู",)),
    "repeated": (
        "<p>No. No. He said no. No.</p><p>No. It ends.</p>",
        ("No.", "No.", "He said no.", "No.", "No.", "It ends."),
    ),
}


@pytest.fixture(scope="module")
def browser():
    with open_browser() as running:
        yield running


@pytest.fixture(scope="module")
def blog(tmp_path_factory):
    """A blog whose posts are those above, each with an episode and its cues."""
    folder = tmp_path_factory.mktemp("blog")
    episodes, files = [], {**render_shared(), "a.mp3": make_mp3(30), "a.opus": b"none"}
    for name, (body, sentences) in POSTS.items():
        cues = [[2 * n + 1, 2 * n + 2.5, text, 1] for n, text in enumerate(sentences)]
        files[f"{name}.json"] = json.dumps(
            {"version": 1, "slug": name, "cues": cues, "silent": []}
        ).encode()
        files[f"{name}.html"] = (
            '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>x</title>'
            f"<article><h1>A title</h1><div>{body}</div></article>"
            f'<script src="listen.js" defer data-episode="{name}"></script>'
        ).encode()
        episodes.append(
            {
                "slug": name,
                "post": "",
                "page": "p.html",
                "cues": f"{name}.json",
                "audio": "a.mp3",
                "duration": 30,
                "source_sha256": "",
            }
        )
    episodes.append(episodes[0] | {"slug": "opus", "opus": "a.opus"})
    files["opus.html"] = files["one-text.html"].replace(b'"one-text"', b'"opus"')
    files["listen.json"] = json.dumps({"version": 1, "episodes": episodes}).encode()
    write_files(folder, files)
    with serve_folder(folder) as origin:
        yield origin


@pytest.mark.parametrize("name", POSTS)
def test_each_sentence_is_marked(browser, blog, name):
    """Also where all of a post is one text; the player stands above it, and nothing is amiss."""
    with open_page(browser) as (page, recorder):
        page.goto(f"{blog}/{name}.html")
        wait_until(page, "document.querySelector('reviewcast-player')")
        page.evaluate(f"() => {{ {AUDIO}.preload = 'auto'; {AUDIO}.load(); }}")
        wait_until(page, f"{AUDIO}.readyState > 0")
        for number, text in enumerate(POSTS[name][1]):
            page.evaluate(
                f"""(seconds) => new Promise((done) => {{
                    {AUDIO}.addEventListener("seeked", () => done(), {{ once: true }});
                    {AUDIO}.currentTime = seconds;
                }})""",
                2 * number + 1.2,
            )
            assert page.evaluate(MARKED).replace("(", "").replace(")", "") == text.replace("; ", "")
        assert page.evaluate(f"{NOTE}?.textContent ?? ''") == ""
        place = "document.querySelector('reviewcast-player').compareDocumentPosition"
        assert page.evaluate(f"{place}(document.querySelector('h1'))") == 2, "behind the title"
        assert page.evaluate("!document.querySelector('td reviewcast-player, p reviewcast-player')")
        assert recorder.errors == []


def test_the_smaller_encoding_plays_where_a_browser_can(browser, blog):
    """It is a sixth of the size; what cannot play it has the MP3."""
    with open_page(browser) as (page, _):
        page.goto(f"{blog}/opus.html")
        wait_until(page, "document.querySelector('reviewcast-player')")
        assert page.evaluate(f"{AUDIO}.src") == f"{blog}/a.opus"
    with open_page(browser) as (page, _):
        page.add_init_script("HTMLMediaElement.prototype.canPlayType = () => ''")
        page.goto(f"{blog}/opus.html")
        wait_until(page, "document.querySelector('reviewcast-player')")
        assert page.evaluate(f"{AUDIO}.src") == f"{blog}/a.mp3"
