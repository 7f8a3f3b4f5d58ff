"""What a blog's pages are given so that they play their episodes."""

import hashlib
import html
import re
from typing import Literal, get_args

from msgspec import Struct

from reviewcast.podcast.site.embed import format_frame
from reviewcast.podcast.site.listen import SCRIPT, name_beside

Generator = Literal["hugo", "jekyll", "eleventy", "pelican"]
GENERATORS: tuple[Generator, ...] = get_args(Generator)

_MARK = "made by reviewcast embed"
_MARKED = re.compile(rf"[^\n]*{_MARK}, ([0-9a-f]{{16}})[^\n]*\n")


class Snippets(Struct, frozen=True):
    """What stands in a page: a frame with the player, and the script that marks the post itself.

    `frame` is "" where there is no telling which episode.
    """

    frame: str
    script: str


class Include(Struct, frozen=True):
    """A file for a generator of sites, and how a post or a template then calls it."""

    name: str
    content: str


class Includes(Struct, frozen=True):
    """All files for a generator, what tells its folder, and the words that call it."""

    files: tuple[Include, ...]
    signs: tuple[str, ...]
    usage: str


def make_snippets(url: str, *, slug: str = "", page: str = "", title: str = "") -> Snippets:
    """Return the snippets for the show at `url`; with `slug` and `page` those of an episode."""
    place = url.rstrip("/")
    script = html.escape(f"{place}/{SCRIPT}")
    if not slug:
        return Snippets("", f'<script src="{script}" defer></script>')
    embed = name_beside(page, "embed")
    named = f'data-episode="{html.escape(slug)}" data-embed="{html.escape(embed)}"'
    return Snippets(
        format_frame(f"{place}/{embed}", title), f'<script src="{script}" defer {named}></script>'
    )


def make_includes(generator: Generator, url: str) -> Includes:
    """Return the files with which a site of that generator plays the episodes of the show."""
    script = html.escape(f"{url.rstrip('/')}/{SCRIPT}")
    signs: tuple[str, ...]
    match generator:
        case "hugo":
            files = {
                "layouts/partials/reviewcast-listen.html": _mark(
                    _HUGO.replace("SCRIPT", script), "{{/*", "*/}}"
                ),
                "layouts/shortcodes/listen.html": _mark(
                    '{{ partial "reviewcast-listen.html" .Page }}\n', "{{/*", "*/}}"
                ),
            }
            signs = ("hugo.toml", "hugo.yaml", "hugo.json", "config.toml", "config.yaml", "config")
            usage = (
                '{{< listen >}} in a post, or {{ partial "reviewcast-listen.html" . }} in'
                " layouts/_default/single.html"
            )
        case "jekyll":
            text = _JEKYLL.replace("SCRIPT", script)
            files = {"_includes/listen.html": _mark(text, "{% comment %}", "{% endcomment %}")}
            signs = ("_config.yml", "_config.yaml", "_config.toml", "_posts")
            usage = "{% include listen.html %} in a post, or in _layouts/post.html"
        case "eleventy":
            files = {"reviewcast-listen.cjs": _mark(_ELEVENTY.replace("SCRIPT", script), "//", "")}
            signs = (".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "package.json")
            usage = (
                'eleventyConfig.addPlugin(require("./reviewcast-listen.cjs")) in its'
                ' configuration (or import listen from "./reviewcast-listen.cjs", and'
                " addPlugin(listen)), then {% listen %} in a post or its layout"
            )
        case "pelican":
            files = {"templates/listen.html": _mark(_PELICAN.replace("SCRIPT", script), "{#", "#}")}
            signs = ("pelicanconf.py", "publishconf.py")
            usage = (
                'THEME_TEMPLATES_OVERRIDES = ["templates"] in pelicanconf.py, then'
                ' {% include "listen.html" %} in the theme\'s article.html'
            )
    return Includes(tuple(Include(name, text) for name, text in files.items()), signs, usage)


def is_unchanged(content: str) -> bool:
    """True if a file is as it was written: by its first line, which holds a hash of the others."""
    found = _MARKED.match(content)
    return found is not None and found[1] == _hash(content[found.end() :])


def _mark(content: str, opening: str, closing: str) -> str:
    line = f"{opening} {_MARK}, {_hash(content)}: a changed file is left alone {closing}"
    return f"{line.rstrip()}\n{content}"


def _hash(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:16]


_HUGO = """\
{{- $page := . -}}
{{- $sha256 := "" -}}
{{- with .File -}}
{{- $file := path.Join "content" .Path -}}
{{- if fileExists $file -}}{{- $sha256 = sha256 (readFile $file) -}}{{- end -}}
{{- end -}}
<script src="SCRIPT" defer data-post="{{ .Permalink }}" data-sha256="{{ $sha256 }}"\
{{ with .File }} data-episode="{{ $page.Slug | default .ContentBaseName | urlize }}"{{ end }}>\
</script>
"""

_JEKYLL = """\
<script src="SCRIPT" defer data-post="{{ page.url | absolute_url | escape }}" \
data-episode="{{ page.slug | slugify: 'latin' | escape }}"></script>
"""

_ELEVENTY = """\
"use strict";
const { createHash } = require("node:crypto");
const { existsSync, readFileSync } = require("node:fs");

module.exports = function (eleventyConfig) {
  eleventyConfig.addShortcode("listen", function () {
    const { url, fileSlug, inputPath } = this.page;
    const sha256 =
      inputPath && existsSync(inputPath)
        ? createHash("sha256").update(readFileSync(inputPath)).digest("hex")
        : "";
    const quote = (text) => String(text || "").replace(/&/g, "&amp;").replace(/"/g, "&quot;");
    return (
      `<script src="SCRIPT" defer data-post="${quote(url)}" data-sha256="${sha256}"` +
      ` data-episode="${quote(fileSlug)}"></script>`
    );
  });
};
"""

_PELICAN = """\
<script src="SCRIPT" defer data-post="{{ SITEURL }}/{{ article.url|e }}" \
data-episode="{{ article.slug|e }}"></script>
"""
