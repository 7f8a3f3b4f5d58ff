"""An existing blog's reviews are found, by signs that blogs really have; nothing is executed."""

import glob
from pathlib import Path

import pytest

from reviewcast.model.errors import UsageError
from reviewcast.text.blogs import find_blog

POST = "---\ntitle: {title}\n{more}---\n\nIt begins, and it ends.\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def post(title: str = "A walk", more: str = "") -> str:
    return POST.format(title=title, more=more)


def match(folder: Path, patterns: tuple[str, ...]) -> list[str]:
    found = {n for p in patterns for n in glob.glob(p, root_dir=folder, recursive=True)}
    return sorted(Path(name).as_posix() for name in found)


RATED = post("The General", "rating: 4.5\n")
JEKYLL = {
    "_config.yml": "title: Late Returns\nauthor:\n  name: Jo Critic\nurl: https://example.org\n"
    'baseurl: /blog\nlang: en-GB\ndescription: "Reviews: late"\n',
    "_posts/2026-01-02-general.md": RATED,
    "_posts/2026-01-03-walk.md": post(),
    "_posts/2026-02-02-wind.md": post("Wind", "categories: [film, reviews]\n"),
    "_drafts/soon.md": RATED,
    "_site/general.html": "<title>Review</title>",
    "README.md": "# Review of nothing",
    "about.md": RATED,
}
HUGO = {
    "hugo.toml": 'baseURL = "https://example.org/"\ntitle = "Wind"\nlanguageCode = "de"\n'
    '[params]\nauthor = "Ada"\ndescription = "Filme"\n',
    "content/reviews/_index.md": post("Reviews"),
    "content/reviews/one/index.md": post("One"),
    "content/reviews/two/index.md": post("Two"),
    "content/about.md": post("About"),
    "content/posts/walk.md": post(),
    "public/reviews/one/index.html": "<title>One</title>",
}
ELEVENTY = {
    "eleventy.config.js": "export default (c) => { throw new Error('executed') };",
    "_data/metadata.js": 'export default {\n  title: "Shelf Life",\n  url: "https://example.org/",\n'
    '  language: "en",\n  description: `On books`,\n  author: {\n    name: "Eve",\n'
    '    email: "e@example.org"\n  }\n}\n',
    "package.json": '{"name": "base", "description": "A starter", "author": "X <x@example.org>"}',
    "src/posts/review-emma.md": post("Emma", "tags:\n  - books\n  - review\n"),
    "src/posts/review-persuasion.md": post("Persuasion", "tags: [review]\n"),
    "src/posts/news.md": post("News"),
    "node_modules/x/review.md": RATED,
}
PELICAN = {
    "pelicanconf.py": "import os\nraise SystemExit('executed')\nSITENAME = 'Bobines'\n"
    "AUTHOR = 'Zoé'\nDEFAULT_LANG = 'fr'\nSITEURL = ''\nPATH = 'texts'\nRE = '\\d'\n",
    "publishconf.py": "SITEURL = 'https://example.org/fr'\n",
    "texts/critique-amelie.md": "Title: Amélie\nDate: 2026-01-01\nCategory: Critiques\n\nBien.\n",
    "texts/autre.md": "Title: Autre chose\nDate: 2026-01-01\n\nBien.\n",
}
PLAIN = {
    "films/a.txt": "Review: The General\n\nIt begins.\n",
    "films/b.md": "# The General, a review\n\nIt begins.\n",
    "films/c.html": "<title>Rezension: Wind</title><p>Ja.</p>",
    "notes.md": "# Year in review\n\nIt begins.\n",
    "preview.md": "# A preview of interviews\n\nIt begins.\n",
}


@pytest.mark.parametrize(
    ("files", "kind", "reviews", "patterns"),
    [
        (
            JEKYLL,
            "Jekyll",
            ["_posts/2026-01-02-general.md", "_posts/2026-02-02-wind.md"],
            ["_posts/2026-01-02-general.md", "_posts/2026-02-02-wind.md"],
        ),
        (
            HUGO,
            "Hugo",
            ["content/reviews/one/index.md", "content/reviews/two/index.md"],
            ["content/reviews/**/[!_]*.md"],
        ),
        (
            ELEVENTY,
            "Eleventy",
            ["src/posts/review-emma.md", "src/posts/review-persuasion.md"],
            ["src/posts/*review*.md"],
        ),
        (PELICAN, "Pelican", ["texts/critique-amelie.md"], ["texts/critique-amelie.md"]),
        (
            PLAIN,
            "folder",
            ["films/b.md", "films/c.html"],
            ["films/*.html", "films/*.md"],
        ),
    ],
    ids=["jekyll", "hugo", "eleventy", "pelican", "plain"],
)
def test_reviews_are_found(tmp_path, files, kind, reviews, patterns):
    """Each kind of blog gives its reviews, and patterns that match them and nothing else."""
    folder = write(tmp_path / "blog", files)
    blog = find_blog(folder)
    assert blog.kind == kind
    assert list(blog.reviews) == reviews
    assert list(blog.patterns) == patterns
    assert match(folder, blog.patterns) == reviews
    assert sum(blog.signs.values()) == sum(blog.places.values()) == len(reviews)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            JEKYLL,
            ("Late Returns", "Jo Critic", "https://example.org/blog", "Reviews: late", "en-GB"),
        ),
        (HUGO, ("Wind", "Ada", "https://example.org/", "Filme", "de")),
        (ELEVENTY, ("Shelf Life", "Eve", "https://example.org/", "On books", "en")),
        (PELICAN, ("Bobines", "Zoé", "https://example.org/fr", "", "fr")),
        (PLAIN, ("", "", "", "", "")),
    ],
    ids=["jekyll", "hugo", "eleventy", "pelican", "plain"],
)
def test_the_blog_tells_of_itself(tmp_path, files, told):
    """Title, author, address, description and language come from its own settings, as read."""
    blog = find_blog(write(tmp_path, files))
    assert (blog.title, blog.author, blog.website, blog.description, blog.language) == told


@pytest.mark.parametrize(
    "text",
    [
        post("X", "stars: 4\n"),
        post("X", "grade: B+\n"),
        post("X", "review:\n  rating: 7/10\n"),
        post("X", "type: review\n"),
        post("X", "tags: film-reviews, new\n"),
        post("X", "categories:\n- Filmkritiken\n"),
        post("X", "category: Reseñas\n"),
        post("X", "category: Críticas de cine\n"),
        post("X", "taxonomies:\n  tags: [critique]\n"),
        '+++\ntitle = "X"\n[params]\nrating = 4\n+++\nText.\n',
        post('"Review: X"'),
        post("X (Buchrezension)"),
        "# X – critique du film\n\nText.\n",
    ],
)
def test_signs_of_a_review(tmp_path, text):
    """Ratings, categories, tags and titles tell, in four languages."""
    write(tmp_path, {"posts/x.md": text, "posts/y.md": post()})
    assert find_blog(tmp_path).reviews == ("posts/x.md",)


@pytest.mark.parametrize(
    "text",
    [
        post("A preview of the year"),
        post("2026: the year in review"),
        post("Code review for beginners"),
        post("X", "tags: [interviews, previews]\n"),
        post("X", "rating:\n"),
        "",
        "\x00\xff binary",
        "---\ntitle: [broken\n---\nText.\n",
        "---\nnever: ends\n",
    ],
)
def test_what_is_no_review(tmp_path, text):
    """Words that only look like it, empty values and broken files are passed over."""
    assert find_blog(write(tmp_path, {"posts/x.md": text})).reviews == ()


def test_a_folder_that_says_so(tmp_path):
    """All of a folder called reviews, in any depth, and a blog's own folder of that name."""
    files = {"Film Reviews/2025/a.md": "A.", "Film Reviews/2026/b.md": "B.", "c.md": "C."}
    blog = find_blog(write(tmp_path / "site", files))
    assert blog.patterns == ("Film Reviews/**/*.md",)
    assert blog.signs == {"by their folder": 2}
    assert find_blog(write(tmp_path / "kritiken", {"a.md": "A."})).patterns == ("*.md",)


def test_names_that_look_like_patterns(tmp_path):
    """Brackets and stars in names are taken as they are."""
    files = {"reviews [2026]/a.md": "A.", "reviews [2026]/b.md": "B.", "x/[r] y.md": RATED,
             "x/n.md": post()}  # fmt: skip
    blog = find_blog(write(tmp_path, files))
    assert match(tmp_path, blog.patterns) == list(blog.reviews)
    assert len(blog.reviews) == 3
    assert any("by name" in note for note in blog.notes)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("_config.yml", "title: [never closed"),
        ("_config.yml", "a: &x 1\nb: *x\n"),
        ("pelicanconf.py", "SITENAME = (((("),
        ("pelicanconf.py", "(" * 5000),
        ("pelicanconf.py", "A = '\\0"),
    ],
)
def test_broken_settings_are_told(tmp_path, name, text):
    """Settings that cannot be read are a remark, and the reviews are found all the same."""
    blog = find_blog(write(tmp_path, {name: text, "_posts/x.md": RATED, "content/x.md": RATED}))
    assert len(blog.reviews) == 1
    assert blog.title == ""
    assert name in blog.notes[0]


def test_no_folder(tmp_path):
    """A name that is no folder is an error of usage."""
    with pytest.raises(UsageError, match="no folder"):
        find_blog(tmp_path / "none")


def test_many_posts(tmp_path):
    """A mixed blog lists by name, one of reviews alone by one pattern, whatever its years are."""
    files = {f"_posts/20{year}/{n}.md": RATED for year in (24, 25, 26) for n in range(5)}
    blog = find_blog(write(tmp_path, files))
    assert blog.patterns == ("_posts/**/*.md",)
    assert blog.places == {"_posts/2024": 5, "_posts/2025": 5, "_posts/2026": 5}
