"""What a blog's own settings say: Jekyll, Hugo, Eleventy and Pelican; nothing is executed."""

import ast
import re
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path

from reviewcast.model.characters import clean_text
from reviewcast.model.errors import ReviewError
from reviewcast.text.readers import fields
from reviewcast.text.readers.front_matter import split_front_matter

_LARGEST_SETTINGS_BYTES = 60_000

# --- the blog's settings

_SETTINGS = {
    "Pelican": ("pelicanconf.py", "publishconf.py"),
    "Hugo": (
        "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config/_default/hugo.toml",
        "config/_default/config.toml", "config/_default/hugo.yaml", "config/_default/config.yaml",
        "config/_default/params.toml", "config.toml", "config.yaml", "config.yml", "config.json",
    ),
    "Jekyll": ("_config.yml", "_config.yaml", "_config.toml"),
    "Eleventy": (
        *(
            f"{folder}_data/{name}.{suffix}"
            for folder in ("", "src/", "content/")
            for name in ("metadata", "site", "meta")
            for suffix in ("json", "yaml", "yml", "js", "cjs", "mjs")
        ),
        "package.json",
    ),
}  # fmt: skip

_MARKS = {"Eleventy": (".eleventy.js", "eleventy.config.js", "eleventy.config.mjs",
                       "eleventy.config.cjs", "eleventy.config.ts")}  # fmt: skip

_JS_FIELD = re.compile(
    r"""^[ \t]*["']?(\w+)["']?[ \t]*:[ \t]*(?:\{|(["'`])((?:(?!\2)[^\\\n])*)\2)""", re.MULTILINE
)


def read_settings(folder: Path) -> tuple[dict[str, str], str, list[str]]:
    """Return a blog's own settings, the generator that makes it, and remarks on unreadable ones."""
    kind = next((k for k, names in _MARKS.items() if _any_file(folder, names)), "")
    kind = kind or next((k for k, names in _SETTINGS.items() if _is_of(folder, k, names)), "")
    if not kind:
        return {}, "Jekyll" if (folder / "_posts").is_dir() else "folder", []
    settings: dict[str, str] = {}
    notes = []
    for name in _SETTINGS[kind]:
        path = folder / name
        if not path.is_file():
            continue
        try:
            found = _parse_settings(path)
        except (OSError, ValueError, SyntaxError, RecursionError, MemoryError, ReviewError):
            notes.append(f"{name} could not be read: title and author may be missing.")
            continue
        if name.endswith("params.toml"):
            found = {f"params.{key}": value for key, value in found.items()}
        if name == "package.json":  # its name and title are those of a program
            found = {key: found[key] for key in ("description", "homepage", "author",
                     "author.name") if key in found}  # fmt: skip
        # publishconf.py says what holds for the site that is published
        settings = {**settings, **found} if name == "publishconf.py" else {**found, **settings}
    return {key: value for key, value in settings.items() if value}, kind, notes


def _any_file(folder: Path, names: Iterable[str]) -> bool:
    return any((folder / name).is_file() for name in names)


def _is_of(folder: Path, kind: str, names: Iterable[str]) -> bool:
    if kind == "Eleventy":  # many tools have a package.json
        return _any_file(folder, [name for name in names if name != "package.json"])
    return _any_file(folder, names) and (kind != "Hugo" or (folder / "content").is_dir())


def _parse_settings(path: Path) -> dict[str, str]:
    """Return the settings as strings under lower-case names; `outer.inner` for what is nested."""
    with path.open("rb") as file:
        text = file.read(_LARGEST_SETTINGS_BYTES).decode("utf-8-sig", "replace").strip()
    text = text.replace("\r\n", "\n")
    if path.suffix == ".py":
        return _parse_python(text)
    if path.suffix in {".js", ".cjs", ".mjs"}:
        return _parse_javascript(text)
    if path.suffix == ".json":
        return split_front_matter(f"{text}\n")[0]
    if path.suffix == ".toml":
        return split_front_matter(f"+++\n{text}\n+++\n")[0]
    text = re.sub(r"\A---[ \t]*\n", "", text).partition("\n---")[0]
    return split_front_matter(f"---yaml\n{text}\n---\n")[0]


def _parse_python(text: str) -> dict[str, str]:
    """Read plain assignments of a Python file, without running it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a blog's escape sequences are not our business
        tree = ast.parse(text)
    return {
        target.id.lower(): node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _parse_javascript(text: str) -> dict[str, str]:
    """Read `name: "text"` lines of a data file, without running it."""
    settings: dict[str, str] = {}
    outer = ""
    for match in _JS_FIELD.finditer(text):
        if match[2] is None:
            outer = match[1].lower()
            continue
        name = match[1].lower()
        settings.setdefault(f"{outer}.{name}" if outer else name, match[3])
        if text[match.end() :].lstrip(" ,\t\n").startswith("}"):
            outer = ""
    return settings


def find_setting(settings: Mapping[str, str], names: str) -> str:
    """Return the first of these settings, by their names in order, that says anything."""
    for name in names.split():
        if value := " ".join(clean_text(fields.plain_value(settings.get(name, ""))).split()):
            return value
    return ""


def find_website(settings: Mapping[str, str]) -> str:
    """Return the blog's address; Jekyll has its host and its path apart."""
    url = find_setting(settings, "url siteurl base_url site.url homepage")
    base = find_setting(settings, "baseurl")
    if base.startswith(("http://", "https://")):
        return base
    return f"{url.rstrip('/')}/{base.strip('/')}".rstrip("/") if url and base.strip("/") else url
