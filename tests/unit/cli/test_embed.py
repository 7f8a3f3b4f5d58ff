"""`reviewcast embed`: snippets of a show and of an episode, files for generators of sites."""

import hashlib
import json
import subprocess

import pytest
from tests.conftest import require_tool
from tests.support.program import Program
from tests.support.show import add_episode, make_show

GENERATORS = {
    "hugo": ["layouts/partials/reviewcast-listen.html", "layouts/shortcodes/listen.html"],
    "jekyll": ["_includes/listen.html"],
    "eleventy": ["reviewcast-listen.cjs"],
    "pelican": ["templates/listen.html"],
}


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path / "cache")


@pytest.fixture
def show(tmp_path):
    """A show with an episode of a review, that is not published yet."""
    show = make_show(tmp_path / "show")
    (show / "reviews").mkdir()
    (show / "reviews" / "heat.md").write_text("# Heat\n\nIt burns.\n")
    add_episode(show, "heat", 1, "2026-10-01", source="reviews/heat.md", title='"Heat" & <dust>')
    return show


def test_the_snippet_of_all_posts_is_one_line(program, show):
    """It names the script of the show and nothing else."""
    result = program.run("embed", cwd=show)
    assert (result.code, result.err) == (0, "")
    assert result.out == '<script src="https://example.org/podcast/listen.js" defer></script>\n'


@pytest.mark.parametrize("name", ["heat", "reviews/heat.md"])
def test_an_episode_has_a_frame_and_a_script(program, show, name):
    """By its name or by its review's file; that it is not published yet is said."""
    result = program.run("embed", name, cwd=show)
    assert result.code == 0
    assert "heat is not published" in result.err
    assert 'src="https://example.org/podcast/episodes/heat/embed.html"' in result.out
    assert 'title="Listen: &quot;Heat&quot; &amp; &lt;dust&gt;"' in result.out
    assert 'data-episode="heat"' in result.out
    program.run("publish", cwd=show)
    after = program.run("embed", name, "--json", cwd=show)
    assert after.err == ""
    assert json.loads(after.out)["frame"] in result.out


@pytest.mark.parametrize("generator", GENERATORS)
def test_files_of_generators_are_written_once(program, show, tmp_path, generator):
    """The second time they are as they were; for another address they are written anew."""
    blog = tmp_path / "my blog"
    blog.mkdir()
    write = ("embed", "--for", generator, "--write", blog)
    first = program.run(*write, cwd=show)
    assert first.code == 0
    assert "is it the right one?" in first.err
    assert [line[:1] for line in first.out.splitlines()] == ["+"] * len(GENERATORS[generator])
    kept = {name: (blog / name).read_bytes() for name in GENERATORS[generator]}
    assert {line[:1] for line in program.run(*write, cwd=show).out.splitlines()} == {"="}
    printed = program.run("embed", "--for", generator, cwd=show).out
    for data in kept.values():
        assert data.decode() in printed
    settings = (show / "podcast.toml").read_text()
    (show / "podcast.toml").write_text(settings.replace("example.org", "example.net"))
    assert program.run(*write, cwd=show).code == 0
    assert b"example.net" in (blog / GENERATORS[generator][0]).read_bytes()


@pytest.mark.parametrize("generator", GENERATORS)
def test_what_a_user_has_changed_stays(program, show, tmp_path, generator):
    """One changed file, or one of somebody else's, and none of them is written."""
    names = GENERATORS[generator]
    blog = tmp_path / "blog"
    blog.mkdir()
    write = ("embed", "--for", generator, "--write", blog)
    assert program.run(*write, cwd=show).code == 0
    changed = (blog / names[-1]).read_text() + "<!-- mine -->\n"
    (blog / names[-1]).write_text(changed)
    for name in names[:-1]:
        (blog / name).unlink()
    result = program.run(*write, cwd=show)
    assert result.code == 2
    assert "stays so" in result.err
    assert (blog / names[-1]).read_text() == changed
    assert [name for name in names if (blog / name).exists()] == names[-1:]
    (blog / names[-1]).write_text("of somebody else\n")
    assert program.run(*write, cwd=show).code == 2
    assert (blog / names[-1]).read_text() == "of somebody else\n"


def test_what_cannot_be_embedded_is_said(program, show, tmp_path):
    """An unknown review, no folder, an option alone, a show without address or pages."""
    assert program.run("embed", "unknown", cwd=show).code == 2
    assert program.run("embed", "--write", tmp_path, cwd=show).code == 2
    assert program.run("embed", "heat", "--for", "hugo", cwd=show).code == 2
    assert program.run("embed", "--for", "hugo", "--write", show / "none", cwd=show).code == 2
    assert program.run("embed", cwd=tmp_path).code == 2
    settings = (show / "podcast.toml").read_text()
    (show / "podcast.toml").write_text(settings + "[site]\npages = false\n")
    assert program.run("embed", cwd=show).code == 4
    (show / "podcast.toml").write_text(settings.replace("url =", "website ="))
    assert program.run("embed", cwd=show).code == 4


@pytest.mark.parametrize(
    "url",
    ["example.org/podcast/", "https://x.example/a b/", "https://x.example/${1}`/", "ftp://x/"],
)
def test_an_address_that_publishes_nothing_is_in_no_snippet(program, show, url):
    """As `publish` would, it says how the address is written; no page is given a broken one."""
    settings = (show / "podcast.toml").read_text()
    (show / "podcast.toml").write_text(settings.replace("https://example.org/podcast/", url))
    for more in ((), ("heat",), ("--for", "eleventy")):
        result = program.run("embed", *more, cwd=show)
        assert (result.code, result.out) == (4, ""), more
        assert "[show] url" in result.err


def test_eleventys_shortcode_runs(program, show, tmp_path):
    """It names the post, its file's hash and its name, in any characters."""
    node = require_tool("node")
    program.run("embed", "--for", "eleventy", "--write", tmp_path, cwd=show)
    post = tmp_path / "heat.md"
    post.write_text("It burns.\n")
    page = json.dumps({"url": '/a"b/&', "fileSlug": "heat", "inputPath": str(post)})
    code = (
        'require("./reviewcast-listen.cjs")({ addShortcode: (name, make) =>'
        f" console.log(name, make.call({{ page: {page} }})) }})"
    )
    done = subprocess.run(
        [node, "-e", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    digest = hashlib.sha256(post.read_bytes()).hexdigest()
    assert done.stdout == (
        'listen <script src="https://example.org/podcast/listen.js" defer'
        f' data-post="/a&quot;b/&amp;" data-sha256="{digest}" data-episode="heat"></script>\n'
    )


def test_pelicans_template_renders(program, show, tmp_path):
    """With the variables that Pelican gives an article."""
    from jinja2 import Environment

    program.run("embed", "--for", "pelican", "--write", tmp_path, cwd=show)
    text = (tmp_path / "templates" / "listen.html").read_text()
    article = {"url": "heat.html", "slug": "heat"}
    assert Environment().from_string(text).render(
        SITEURL="https://blog.example", article=article
    ).strip() == (
        '<script src="https://example.org/podcast/listen.js" defer'
        ' data-post="https://blog.example/heat.html" data-episode="heat"></script>'
    )
