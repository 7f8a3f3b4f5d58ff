"""`reviewcast init`: a show in a minute."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewcast.cli.layout import clean
from reviewcast.model.errors import StorageError

if TYPE_CHECKING:
    from reviewcast.jobs.new_show import Start
    from reviewcast.text.blogs import Blog


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--title", default="", help="The show's name; else that of the blog or the folder.")
@click.option("--author", default="", help="Who writes the reviews.")
@click.option("--url", default="", help="Where the show will be published.")
@click.option("--language", default="", help="The reviews' language, such as en or pt-BR.")
@click.option(
    "--from",
    "source",
    metavar="BLOG",
    type=click.Path(path_type=Path),
    help="A blog's folder, whose reviews become the show's.",
)
@click.pass_obj
def command(
    quiet: bool,
    folder: Path,
    title: str,
    author: str,
    url: str,
    language: str,
    source: Path | None,
) -> None:
    """Begin a show in DIR: settings, sounds, a cover, a lexicon and a sample review.

    Nothing that is there is overwritten. On a terminal, title, author, language and URL
    are asked for.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.new_show import check_free, propose_title, start_show
    from reviewcast.model.events import Noticed, Warned
    from reviewcast.model.languages import read_language
    from reviewcast.settings.accesses import reach_reviews
    from reviewcast.system.trust import record_trust
    from reviewcast.text.blogs import find_blog

    check_free(folder)
    notify = make_notify(quiet=quiet)
    blog = find_blog(source) if source else None
    for line in _describe_blog(blog) if blog else ():
        notify(Noticed(line))
    if sys.stdin.isatty() and sys.stderr.isatty() and not quiet:
        title = title or click.prompt("Title", default=propose_title(folder, blog), err=True)
        known = blog.author if blog else ""
        author = author or click.prompt("Author", default=known, show_default=bool(known), err=True)
        spoken = read_language(blog.language) if blog else ""
        language = language or click.prompt("Language", default=spoken or "en", err=True)
        url = url or click.prompt(
            "URL of the published show (may stay empty)", default="", show_default=False, err=True
        )
    start = start_show(folder, title=title, author=author, url=url, language=language, blog=blog)
    if blog and blog.reviews:
        try:  # who names a blog has confirmed that its reviews are read
            record_trust([reach_reviews(blog.folder)])
        except StorageError as error:
            notify(Warned(error.message))
    for name in start.written:
        click.echo(clean(str(folder / name)))
    for line in _describe_start(start):
        notify(Noticed(line))


def _describe_blog(blog: "Blog") -> list[str]:
    if not blog.reviews:
        return [f"No reviews were found in {blog.folder} ({blog.posts} texts were looked at)."]
    found = f"{len(blog.reviews)} reviews among {blog.posts} texts of {blog.folder}"
    lines = [f"Found {found} ({blog.kind}):"]
    lines += [f"  {count} {sign}" for sign, count in blog.signs.items()]
    lines += [f"  in {place}: {count}" for place, count in blog.places.items()]
    return [*lines, *blog.notes]


def _describe_start(start: "Start") -> list[str]:
    lines = [f"{name} was there before and is kept." for name in start.kept]
    where = "" if start.folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(start.folder))}; "
    return [
        *lines,
        *start.notes,
        f"The show “{start.title}” is ready. Next: {where}reviewcast build",
        *([] if start.url else ["Before you publish, set url in its podcast.toml."]),
    ]
