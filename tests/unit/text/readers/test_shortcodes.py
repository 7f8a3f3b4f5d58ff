"""Templates: what a reader of the page would see stays, the rest is left out by name."""

import pytest

from reviewcast.text.readers.markdown.walker import read_markdown


def read(source: str):
    """The paragraphs as (role, text) and the omissions as (reason, text)."""
    document = read_markdown(source)
    said = [(p.role, p.text) for section in document.sections for p in section.paragraphs]
    return said, [(o.reason, o.text) for o in document.omissions]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("We saw {%include movie name='Smile|2022'%} twice.", "We saw Smile twice."),
        (r"We saw {%include movie name='Don\'t Look|1973'%} twice.", "We saw Don't Look twice."),
        (r'See {{< film "A \"Quiet\" Man" >}} now.', 'See A "Quiet" Man now.'),
        ("See {% Movie 'Spider-Man' %} now.", "See Spider-Man now."),
        ('See {{< film "The Thing" 1982 >}} now.', "See The Thing now."),
        ('See {{% film title="The Thing" year=1982 %}} now.', "See The Thing now."),
        ("See {% Movie 'Smile' %} now.", "See Smile now."),
        ("{% include review/Film.html title='Low' id=4 %} is good.", "Low is good."),
        ("{{< note >}}Inner *text*.{{< /note >}}", "Inner text."),
        ("{% if page.x %}Yes.{% endif %} {% assign a = 1 %}No.", "Yes. No."),
        ("A {% comment %}hidden words{% endcomment %}b {# hidden #}c.", "A b c."),
        ("{% raw %}kept{% endraw %}", "kept"),
        ("[a]({% post_url 2020-01-01-x %}) <a href='{{ site.url }}/x'>b</a>", "a b"),
        ("{{ 'a text' | upcase }} {{ '/a/path' | relative_url }}", "a text"),
        ("`{% raw %}` and `{{ x }}`", "{% raw %} and {{ x }}"),
        ("{% never closed", "{% never closed"),
        ("One <script>if (a) {{ b() }}</script>two <style>{{ c</style>}}.", "One two }}."),
        ("{{< never closed\n\n>}}", "{{< never closed"),
        ("[caption id='x']A caption[/caption]\n\nText", "Text"),
        ("{{</* shown */>}}Text", "Text"),
        ("{% include toc.html\n%}\nText", "Text"),
    ],
)
def test_kept(source, text):
    """Names, titles, quoted words and what is between two tags is read."""
    assert read(source)[0][0] == ("narrator", text)


@pytest.mark.parametrize(
    ("source", "omission"),
    [
        ("{% include ads.html %}", ("shortcode", "ads")),
        ("{{< rating 4 >}}", ("shortcode", "rating 4")),
        ("{{ page.unknown }}", ("variable", "{{ page.unknown }}")),
        (
            "{{ So much for the content of the hold }}",
            ("variable", "{{ So much for the content of the hold }}"),
        ),
        ("{{< youtube dQw4w9WgXcQ >}}", ("embed", "youtube dQw4w9WgXcQ")),
        ("{% YouTube 'x1' %}", ("embed", "YouTube 'x1'")),
        ("[youtube id=abc]", ("embed", "youtube id=abc")),
        ('{{< figure src="a.jpg" alt="A moon" >}}', ("image", "A moon")),
        ("{% include image.html url='a.jpg' caption='Under it' %}", ("caption", "Under it")),
        ("{% highlight ruby %}\nputs 1\n{% endhighlight %}", ("code", "puts 1")),
    ],
)
def test_left_out(source, omission):
    """Images, embeds, code and what shows nothing are named."""
    assert omission in read(f"Before.\n\n{source}\n\nAfter.")[1]


def test_variable_of_front_matter():
    """A variable that front matter fills is what it says there."""
    source = "---\ntitle: The Wind\nstars: 4\n---\n{{ page.title }} gets {{page.stars}}."
    assert read(source)[0] == [("narrator", "The Wind gets 4.")]


@pytest.mark.parametrize(
    "source",
    [
        "{% spoiler %}\nHe dies.\n{% endspoiler %}",
        "{{< spoiler >}}He dies.{{< /spoiler >}}",
        '{{< spoiler "He dies." >}}',
        "||He dies.||",
        ">!He dies.!<",
        "[spoiler]He dies.[/spoiler]",
        "::: spoiler\nHe dies.\n:::",
        "<details>\n\nHe dies.\n\n</details>",
        "He <span class='the-spoiler'>dies</span>.",
        "[He dies.]{.spoiler}",
        "> [!spoiler]\n> He dies.",
        "<Spoiler>He dies.</Spoiler>",
    ],
)
def test_spoilers(source):
    """However a blog hides a spoiler, it is told as one, and what follows is not."""
    said, _ = read(f"Before.\n\n{source}\n\nAfter.")
    assert said == [("narrator", "Before."), ("spoiler", "He dies."), ("narrator", "After.")]


def test_quotes():
    """A quotation's tag makes a quote, its speaker stands below."""
    said, _ = read("{% blockquote Ada Quill %}\nSo it goes.\n{% endblockquote %}\n\nAfter.")
    assert said == [("quote", "So it goes."), ("quote", "Ada Quill"), ("narrator", "After.")]


@pytest.mark.parametrize("opener", ["{% ", "{{< ", "{{ ", "{# ", "{% spoiler %}"])
def test_many_openers(opener):
    """A heap of openers that nothing closes stays as it is."""
    said, left_out = read(opener * 300)
    assert said or len(left_out) == 300
