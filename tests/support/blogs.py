"""Blogs with one review in them, built by the real generators."""

import subprocess
from pathlib import Path

from tests.conftest import require_tool

FRONT_MATTER = """---
title: "The Third Man"
date: 2026-11-02
slug: the-third-man
rating: 4.5/5
link: LINK
---
"""

BODY = """
It begins in Vienna -- divided, *hungry*, and full of "friends of friends"[^1]. Holly Martins
writes cheap westerns; he has come for [a job that does not exist](https://example.org/job).
The film cost 1.5 million in 1949, and 87% of it was shot at night.

![A doorway at night](door.png)

## The doorway

A cat finds the shoes first. Then a window lights up across the street, and **there he is**:
Orson Welles, caught, with the smile of a boy who was *never* going to pay for the windows.
Don't look away... it lasts four seconds.

> In Italy, for thirty years under the Borgias, they had warfare.

What nobody forgets:

- the zither, which `plays on` whatever happens
- the wheel, and the *dots* below it
- a hand that comes up through a grating

## The verdict

Dr. Winkel was cut by 20 min. in some prints; see the whole of it. Nobody else in the picture is
so sure, and nobody else is so wrong. It ends with a woman who walks past.

[^1]: The phrase is Greene's own, from the novella.
"""

STYLE = """
:root { color-scheme: light dark; }
body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; font: 1.1rem/1.6 Georgia, serif; }
img { max-width: 100%; }
@media (prefers-color-scheme: dark) {
  body { background: #14171f; color: #e8e6e0; }
  a { color: #9ec1ff; }
}
"""

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>TITLE</title><link rel="stylesheet" href="BASE/blog.css">
<link rel="icon" href="BASE/door.png">
</head><body><header><nav><a href="BASE/">A blog</a></nav></header><main><article>
<h1>TITLE</h1>
<div class="content">CONTENT</div></article></main>
<footer><p>A blog of nobody.</p></footer>SCRIPT</body></html>
"""


def write_plain(folder: Path, content: str, script: str) -> None:
    """Write the review as a page of its own, with `content` as its text."""
    page = _PAGE.replace("TITLE", "The Third Man").replace("BASE", ".")
    write_common(folder)
    text = page.replace("CONTENT", content).replace("SCRIPT", script)
    (folder / "index.html").write_text(text, encoding="utf-8")


def start_hugo(folder: Path, base: str) -> None:
    """Write the sources of a site for Hugo, whose template calls the partial."""
    layouts = folder / "layouts" / "_default"
    layouts.mkdir(parents=True)
    post = folder / "content" / "posts" / "the-third-man.md"
    post.parent.mkdir(parents=True)
    post.write_text(FRONT_MATTER.replace("LINK", '""') + BODY, encoding="utf-8")
    (folder / "config.toml").write_text(f'baseURL = "{base}"\ntitle = "A blog"\n', encoding="utf-8")
    page = _PAGE.replace("TITLE", "{{ .Title }}").replace("BASE/", "{{ .Site.BaseURL }}")
    page = page.replace("CONTENT", "{{ .Content }}")
    partial = '{{ partial "reviewcast-listen.html" . }}'
    (layouts / "single.html").write_text(page.replace("SCRIPT", partial), encoding="utf-8")
    (layouts / "list.html").write_text(page.replace("SCRIPT", partial), encoding="utf-8")
    write_common(folder / "static")
    write_common(folder / "static" / "posts" / "the-third-man")


def build_hugo(folder: Path, out: Path) -> None:
    """Build a site with Hugo."""
    hugo = require_tool("hugo")
    run([hugo, "--quiet", "--source", folder, "--destination", out])


def start_jekyll(folder: Path, base: str, path: str) -> None:
    """Write the sources of a site for Jekyll, whose post calls the include."""
    (folder / "_layouts").mkdir(parents=True)
    (folder / "_posts").mkdir()
    front = FRONT_MATTER.replace("LINK", '""').replace("slug:", "layout: post\nslug:")
    text = front + "\n{% include listen.html %}\n" + BODY
    (folder / "_posts" / "2026-11-02-the-third-man.md").write_text(text, encoding="utf-8")
    (folder / "_config.yml").write_text(
        f'url: "{base}"\nbaseurl: "{path}"\npermalink: /:slug/\ntitle: A blog\n', encoding="utf-8"
    )
    page = _PAGE.replace("TITLE", "{{ page.title }}").replace("BASE", "{{ site.baseurl }}")
    page = page.replace("CONTENT", "{{ content }}").replace("SCRIPT", "")
    (folder / "_layouts" / "post.html").write_text(page, encoding="utf-8")
    write_common(folder)
    write_common(folder / "the-third-man")


def build_jekyll(folder: Path, out: Path) -> None:
    """Build a site with Jekyll."""
    jekyll = require_tool("jekyll")
    run([jekyll, "build", "--quiet", "--source", folder, "--destination", out], cwd=folder)


def write_common(folder: Path) -> None:
    """Write the style and the picture that all blogs have."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "blog.css").write_text(STYLE, encoding="utf-8")
    Image.new("RGB", (640, 240), "#3b4252").save(folder / "door.png")


def run(command: list[str | Path], cwd: Path | None = None) -> None:
    """Run a program to the end; raise AssertionError with what it says when it fails."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
