#!/usr/bin/env python3
"""Print what pip has to install, in the versions of uv.lock, for a machine without uv.

The arguments are "dev" for the tests and checks, or "user", and the file that the versions are
written to. Of a package that the lock has in several
versions, for several Pythons, pip finds its own.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = "s3,sftp"


def main() -> None:
    """Print the requirements as pip's files have them, and write the constraints that they name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    needs, constraints = sys.argv[1], Path(sys.argv[2])
    constraints.write_text("".join(f"{one}\n" for one in list_pins(lock)), encoding="utf-8")
    print(f"--constraint {constraints}")
    print(f"--editable {ROOT}[{EXTRAS}]")
    if needs == "dev":
        print("\n".join(list_group(project["dependency-groups"], "dev")))


def list_pins(lock: dict[str, Any]) -> Iterator[str]:
    """Yield name==version for every package that the lock has in one version."""
    packages = [one for one in lock["package"] if "registry" in one["source"]]
    versions = Counter(one["name"] for one in packages)
    for one in packages:
        if versions[one["name"]] == 1:
            yield f"{one['name']}=={one['version']}"


def list_group(groups: dict[str, Any], name: str) -> Iterator[str]:
    """Yield the requirements of a dependency group and of those that it includes (PEP 735)."""
    for one in groups[name]:
        if isinstance(one, dict):
            yield from list_group(groups, one["include-group"])
        else:
            yield one


if __name__ == "__main__":
    main()
