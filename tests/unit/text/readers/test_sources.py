"""Any source: none of its words is lost, nothing fails but by the error tree, in linear time."""

import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import FULL_SWEEP, count_examples

from reviewcast.model.errors import LostTextError, ReviewError
from reviewcast.model.text import Script
from reviewcast.settings.schema import Config
from reviewcast.speech.narration import write_script
from reviewcast.text.read import ReviewSource

GOLDEN = Path(__file__).parents[3] / "golden"
REVIEWS = [
    path.read_text(encoding="utf-8")
    for path in sorted(GOLDEN.iterdir())
    if path.suffix in {".md", ".txt", ".html"}
]
MARKUP = [
    # Markdown and its dialects
    "# ", "## ", "> ", "- ", "1. ", "10. ", "---\n", "***", "```", "~~~", "`", "**", "__", "*", "_",
    "~~", "~", "==", "[", "]", "](", ")", "![", "[[", "|", "]]", "[^1]", "[^1]: ", "^[", "[a]: ",
    "\\", ":::", "::: spoiler\n", ">!", "!<", "||", "%%", ":star:", "{:.x}", "{#x}", "]{.spoiler}",
    "[spoiler]", "[/spoiler]", "[quote=A]", "[/quote]", "[TOC]", "[youtube x]", "[!NOTE]", "$$",
    "*[HTML]: ", "|a|b|\n|-|-|\n", ": ", "- [x] ", "    ", "\n", "\n\n", "\t", "M*A*S*H", "f*ck",
    # templates and front matter
    "{{", "}}", "{%", "%}", "{#", "#}", "{{< ", " >}}", "{% highlight %}", "{% endhighlight %}",
    "{% comment %}", "{% endcomment %}", "{% include ", "{% quote ", "{% endquote %}", 'title="',
    "{{ page.title }}", '{{ "x" }}', "{% spoiler %}", "{% endspoiler %}", "{% raw %}", "caption=",
    "---\ntitle: A\n---\n", "+++\ntitle = 'A'\n+++\n", "Title: A\nDate: 2020-01-01\n\n",
    # HTML
    "<", ">", "</", "/>", "<p>", "</p>", "<div>", "</div>", "<b>", "</b>", "<i>", "<br>", "<!--",
    "-->", "<script>", "</script>", "<style>", "<title>", "<head>", "<body>", "</body>", "<ul>",
    "<ol reversed>", "<li>", "<table>", "<td>", "</table>", "<q>", "</q>", "<h1>", "</h1>", "<h2>",
    "<blockquote>", "<details>", "<summary>", "</details>", "<figure>", "<figcaption>", "<pre>",
    '<img src=x alt="', '<a href="#fn1">', "</a>", '<li id="fn1">', "<nav>", "<article>", "<rt>",
    "<textarea>", "<svg>", "<s>", "<del>", "<iframe>", "<![CDATA[", "]]>", "<!DOCTYPE html>",
    "<frameset>", "<plaintext>", "<x-y>", "<insert joke>", "<w:>", " hidden>", ' class="share">',
    "<reviewcast-quote>", "&", ";", "&#", "&amp;", "&lt;", "&eacute;", "&#8203;", "&#x110000;",
    # texts
    "★★★½", "4/5", "$5m", "1990s", "Dr. ", "U.S. ", "“", "”", "—", "…", "é", "ß", "ﬁ", "映画。",
    "السينما", "👨\u200d👩\u200d👧", "👍🏽", "क्षि", "½", "²", "©", "12:30", "May 5, 2020",
    "Rocky IV ", "https://example.org/a?b=c#d", "don't ", "\u00ad", "\u200b", "\u200c", "\u0301",
    "\u2028", "\x0c", "\u00a0", "\ufeff", "\ufffd", "\u202e", "\ud800", "word ", "a", "The ",
    ". ", " ",
]  # fmt: skip
kinds = st.sampled_from(["x.md", "x.md", "x.html", "x.txt", ""])
heaps = st.lists(st.sampled_from(MARKUP) | st.text(max_size=3), max_size=30).map("".join)


@st.composite
def mutations(draw) -> str:
    """One of the golden reviews with something put in, taken out or said twice, here and there."""
    text = draw(st.sampled_from(REVIEWS))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        put_in = draw(st.sampled_from(MARKUP) | st.just(text[start:end] * 2) | st.just(""))
        text = text[:start] + put_in + text[end:]
    return text


def write(source: str, name: str) -> Script | None:
    """Write the script of a source; None when it is refused, as it may be, but not for a loss."""
    data = source.encode("utf-8", "surrogatepass")
    try:
        return write_script(ReviewSource(name, data), Config())[1].script
    except LostTextError:
        raise
    except ReviewError as error:
        assert error.message.endswith(".")
        return None


@settings(max_examples=count_examples(250), deadline=None, derandomize=True)
@given(heaps | mutations(), kinds)
def test_any_source(source, name):
    """Whatever markup stands in whatever disorder: a script, or a refusal in one sentence."""
    script = write(source, name)
    assert script is None or all(segment.spoken.strip() for segment in script.segments)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("x.md", "<reviewcast-quote x=y>a</reviewcast-quote> <Reviewcast-spoilers>"),
        ("x.md", "a <![CDATA[b]]> c <![CDATA[d"),
        ("x.md", "a &#<b>1;</b> &#1[youtube x]; &nbs&#8203;p; &ampap; &amp<!a>;ap;"),
        ("x.md", "{%a&#233;%} {%include%} {%include . a%} {%<a"),
        ("x.md", "{% endquote %}{% quote <a %} {% quote 'Ada' %} b"),
        ("x.md", "---\nstars: 4\n---\nv{{page.stars}}x *{{page.stars}}*y a{%quote/t ta%}"),
        ("x.md", "a\n\n[^a]:```b\n\n[^b]: 7. c\n\n|d|\n|-|\n|e|f|"),
        ("x.md", "<h4>^[note](\n\n<p>a **b**^[c]</p>"),
        ("x.md", ":::\n:::<a\n\n:::a&aacute; b"),
        ("x.md", ">!a![>]{spoiler} b"),
        ("x.md", "a<w:>wa ht t a~h~~~tt *S*H *a*S*H word<mc:>word[a<mc:>"),
        ("x.md", "a<del>n aa g</p>ng\n\naquote` example~a`quoteexample"),
        ("x.md", "b: bf*ck" * 40 + "~~Ch. 3" * 40 + "é[^1]" * 200),
        ("x.html", "a<svg>a<a>b<span><a>a<rt>k</rt>ka 10</.>a>10</<>ba=b"),
        ("x.html", "---\na: b\n---\n<a {% if a > 1 %}href='x'{% endif %}>b</a>"),
        ("x.html", "---\na: b\n---\n<{{}}a {%c name=<d>%}"),
        ("x.html", "---\n---\n<p {% if a > 1 %}>b</p> {#\n&copy c#}"),
        ("x.html", "---{{<a}}b"),
    ],
)  # fmt: skip
def test_found(name, source):
    """What was once taken for lost, or was, is not."""
    write(source, name)


def count_steps(source: str, name: str) -> int:
    """Count the calls, of Python's functions and of C's, that a source takes."""
    steps = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal steps
        steps += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        write(source, name)
    finally:
        sys.setprofile(before)
    return steps


def measure(source: str, name: str) -> float:
    start = time.process_time()
    write(source, name)
    return time.process_time() - start


PIECES = [
    "word ", "Word. ", "word", "word\n\n", "- *a* b\n", "> a\n", "# A\n\na\n\n", "|a|b|\n",
    "[a](b) ", "*a", "a*", "_a ", "`a", "[^1]", "{{ a }}", "{% a ", "<b>a</b> ", "<!-- a",
    "&eacute;", "“a ", "~~Ch. 3", "bf*ck ", "==a", "||a", ">!a ", ":::\n", "[a]{.x}", "8/10 ",
    "1. a\n", "<p>a", "a—", "…", "★", "映画",
]  # fmt: skip


# half the size shows the same growth, and a square of it is still far off
STEPS = (2_500, 10_000) if FULL_SWEEP else (1_200, 4_800)
SIZES = (3_000, 24_000) if FULL_SWEEP else (1_500, 12_000)


@pytest.mark.parametrize("piece", PIECES[::3])
def test_steps_are_linear(piece):
    """Four times the source takes hardly more than four times the steps."""
    few, many = (count_steps(piece * (size // len(piece)), "x.md") for size in STEPS)
    assert many <= 6 * few + 8 * STEPS[0]  # were they to grow with its square, it would be 16 times


@pytest.mark.parametrize("piece", PIECES)
def test_time_is_linear(piece):
    """Nor does any pattern look at a source again and again: its time grows as its size does."""
    for _ in range(3):  # a machine may have other things to do
        few, many = (measure(piece * (size // len(piece)), "x.md") for size in SIZES)
        if many <= 20 * few + 4e-6 * SIZES[1]:
            return
    pytest.fail(f"{many:.2f} s for eight times what took {few:.2f} s")
