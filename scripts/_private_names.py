"""Refuse tests that import or replace a private name of reviewcast, or of another test.

Those that read one as an attribute are found by ruff (SLF001).
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = {"reviewcast", "tests"}
REPLACING = {"setattr", "delattr", "setitem", "delitem", "patch", "object"}
"""What pytest's monkeypatch and unittest.mock call their ways to replace something."""


def main() -> None:
    """Print each place, or that there is none; exit 1 if there is one."""
    found: list[str] = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        place = path.relative_to(ROOT).as_posix()
        found += (f"{place}:{line}: private name {name}" for line, name in find_private(tree))
    print("\n".join(found) or "No test imports or replaces a private name.")
    sys.exit(bool(found))


def find_private(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield lines and private names that are imported from us, or replaced by their name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names if one.name.partition(".")[0] in OURS]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in OURS:
            names = [f"{node.module}.{one.name}" for one in node.names]
        elif isinstance(node, ast.Call) and _find_name(node.func) in REPLACING:
            names = [
                given.value
                for given in node.args[:2]
                if isinstance(given, ast.Constant) and isinstance(given.value, str)
            ]
        else:
            continue
        yield from ((node.lineno, name) for name in names if _is_private(name))


def _find_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_private(name: str) -> bool:
    return any(part.startswith("_") and not part.endswith("__") for part in name.split("."))


if __name__ == "__main__":
    main()
