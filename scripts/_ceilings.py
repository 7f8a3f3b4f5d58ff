"""Hold files and functions to the ceilings of [tool.ceilings] in pyproject.toml.

A file may be longer for a reason that stands there; one that is shorter needs none any more.
Complexity and statements are ruff's: [tool.ruff.lint.mccabe] and [tool.ruff.lint.pylint].
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "scripts")


def main() -> None:
    """Print each line that is over a ceiling; exit 1 if there is one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ceilings = project["tool"]["ceilings"]
    reasons: dict[str, str] = ceilings["longer_files"]
    found = [*judge(reasons, ceilings["file_lines"], ceilings["function_lines"])]
    print("\n".join(found) or "All files and functions are below their ceilings.")
    sys.exit(bool(found))


def judge(reasons: dict[str, str], most: int, most_of_function: int) -> Iterator[str]:
    """Yield what is wrong, with its place."""
    yield from (
        f"{name}: is named in longer_files, and is not there"
        for name in reasons
        if not (ROOT / name).is_file()
    )
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
            lines = len(text.splitlines())
            if lines > most and name not in reasons:
                yield f"{name}: {lines} lines, {most} at most"
            if lines <= most and name in reasons:
                yield f"{name}: {lines} lines need no exception in longer_files"
            for function in ast.walk(ast.parse(text)):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    size = (function.end_lineno or 0) - function.lineno + 1
                    if size > most_of_function:
                        place = f"{name}:{function.lineno}: {function.name}"
                        yield f"{place} has {size} lines, {most_of_function} at most"


if __name__ == "__main__":
    main()
