"""What each command's help ends with: how it is commonly called."""

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "init": (
        ("reviewcast init my-show", "a show in a new folder"),
        ("reviewcast init --from ~/blog", "the reviews of a blog become the show's"),
    ),
    "build": (
        ("reviewcast build heat.md", "heat.mp3 beside it, or in its show"),
        ("reviewcast build heat.md --plan", "what it would take; nothing is written"),
        ("reviewcast build reviews/*.md -o out/", "each review's MP3 in one folder"),
    ),
    "script": (
        ("reviewcast script heat.md", "what will be said, and what is left out"),
        ("reviewcast script heat.md --explain", "and why it is said so"),
        ("reviewcast script heat.md --format md", "a text to edit and build"),
    ),
    "preview": (
        ("reviewcast preview heat.md", "the list of segments"),
        ("reviewcast preview heat.md 7-9", "hear three of them"),
        ("reviewcast preview heat.md --web", "hear, correct and build on a page"),
    ),
    "names": (
        ("reviewcast names --unknown", "what a voice may say wrong"),
        ("reviewcast names --say Chazelle", "hear it"),
        ("reviewcast names --set Chazelle=sha-ZELL", "correct it, for all reviews"),
    ),
    "clip": (
        ("reviewcast clip heat.md", "its verdict, as MP3 and as a square video"),
        ("reviewcast clip heat 2-4 --format both", "some segments, also for phones"),
    ),
    "shelf": (
        ("reviewcast shelf", "every review, and what becomes of it"),
        ("reviewcast shelf --state new --role alone", "what the next build speaks"),
        ("reviewcast shelf --year 2010-2015 --rating 4-5", "the best of some years"),
    ),
    "publish": (
        ("reviewcast publish --to s3://bucket/show", "feed, pages and files to a store"),
        ("reviewcast publish heat --date 2026-12-24", "one episode, not before that day"),
        ("reviewcast publish --drip 3/week --dry-run", "what would appear when"),
    ),
    "embed": (
        ("reviewcast embed", "one line for the template of all posts"),
        ("reviewcast embed heat.md", "those for a single post: a frame, a script"),
        ("reviewcast embed --for hugo --write ~/blog", "a partial and a shortcode for Hugo"),
    ),
    "sync": (
        ("reviewcast sync", "what is new at the sources of podcast.toml"),
        ("reviewcast sync letterboxd.zip --dry-run", "what would be done with another source"),
        ("reviewcast sync -q", "for cron: silent when there is nothing new"),
    ),
    "tell": (
        ("reviewcast tell", "what waits, once it can be heard"),
        ("reviewcast tell heat --dry-run", "how one episode would be announced"),
        ("reviewcast tell heat --again", "what may not have been announced"),
    ),
    "unpublish": (
        ("reviewcast unpublish heat", "out of the feed; its files stay here"),
        ("reviewcast publish heat", "and back in"),
    ),
    "import": (
        ("reviewcast import letterboxd.zip --dry-run", "what would be imported, what left out"),
        ("reviewcast import letterboxd.zip", "each review becomes a file in reviews/"),
        ("reviewcast import --adopt old.xml", "a podcast's episodes, under their old guids"),
    ),
    "check": (
        ("reviewcast check", "what the show around has published"),
        ("reviewcast check --quick", "the feed and its files, not their sound"),
        ("reviewcast check https://example.org/feed.xml", "a feed of the web"),
    ),
    "serve": (
        ("reviewcast serve", "the show around, for this machine"),
        ("reviewcast serve public --port 8080", "a folder, at a port of your choice"),
    ),
    "voices": (
        ("reviewcast voices", "which there are, and what they need"),
        ("reviewcast voices --measure", "how quick each of them is"),
        ("reviewcast voices say espeak Hello", "hear one"),
    ),
    "voices say": (
        ('reviewcast voices say gtts "A fine film."', "hear it"),
        ("reviewcast voices say espeak Hallo --language de -o hallo.mp3", "or write it"),
    ),
    "cache": (
        ("reviewcast cache", "where it lies, and how large it is"),
        ("reviewcast cache prune --unused", "remove what no episode uses"),
    ),
    "cache prune": (
        ("reviewcast cache prune --unused", "what no episode uses"),
        ("reviewcast cache prune --older 90", "what was not used for 90 days"),
    ),
    "cache clear": (
        ("reviewcast cache clear", "remove all, after a question"),
        ("reviewcast cache clear --yes", "without it"),
    ),
    "doctor": (
        ("reviewcast doctor", "try every part on this machine"),
        ("reviewcast doctor --json", "the same, for a program"),
    ),
    "help": (
        ("reviewcast help", "the topics of the manual"),
        ("reviewcast help voices", "one of them"),
        ("reviewcast help settings", "every setting, with its default"),
    ),
    "completion": (
        ("reviewcast completion bash >> ~/.bashrc", ""),
        ("reviewcast completion zsh > ~/.zfunc/_reviewcast", "with ~/.zfunc in fpath"),
        ("reviewcast completion fish > ~/.config/fish/completions/reviewcast.fish", ""),
    ),
}
"""By command: a command line, and what it is for ("" where that is plain)."""


_MOST_COLUMNS = 77  # of 79, as click moves a command's end in by two


def format_examples(name: str) -> str:
    """Return the end of a command's help: its examples, within 79 columns.

    What each is for stands beside it, or below it where one of them has no room for that.
    """
    examples = EXAMPLES.get(name, ())
    width = max((len(line) for line, about in examples if about), default=0)
    lines = [f"  {line:{width}}  {about}".rstrip() for line, about in examples]
    if max(map(len, lines), default=0) > _MOST_COLUMNS:
        lines = [part for line, about in examples for part in (f"  {line}", f"      {about}")]
        lines = [line.rstrip() for line in lines if line.strip()]
    # \b has click leave a paragraph as it is
    return "\n".join(["\b", "Examples:", *lines]) if lines else ""
