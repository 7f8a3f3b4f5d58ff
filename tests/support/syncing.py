"""A show whose source is a blog of this machine, and what syncs it on a day of one's choice."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.blog import Blog
from tests.support.program import Program, Result
from tests.support.show import make_show

DAY_S = 86_400
START = 1_796_120_000  # 2026-12-01 10:13:20 UTC
PLAIN = '[stitch]\nintro = ""\noutro = ""\nsting = ""\n[site]\npages = false\n'
OFFLINE = '[voice]\nuse = ["espeak"]\n'
ONLINE = (
    '[voice]\nuse = ["openai"]\n[voice.openai]\nbase_url = "{}"\n'
    "[synthesize]\npatience_s = 0.5\nfirst_wait_s = 0\nlongest_wait_s = 0\nattempts = 2\n"
    "requests_per_s = 1000\n"
)


@dataclass(frozen=True)
class Syncing:
    """Shows in a folder, the blog that they import, and the program that syncs them."""

    place: Path
    blog: Blog
    program: Program

    def make(self, more: str = OFFLINE, name: str = "show") -> Path:
        """Write a show that imports the blog."""
        more = f'{more}{PLAIN}[sync]\nsources = ["{self.blog.url}"]\n'
        return make_show(self.place / name, more=more)

    def run(self, show: Path, *options: str, day: float = 0.0) -> Result:
        """Sync a show by the clock of a day, with all that it names trusted."""
        env = {"SOURCE_DATE_EPOCH": str(int(START + day * DAY_S)), "REVIEWCAST_TRUST": "1"}
        return self.program.run("sync", "--allow-private", *options, cwd=show, env=env)

    def sync(self, show: Path, *options: str, day: float = 0.0, code: int = 0) -> Any:
        """Do it, and return the document that it prints; `code` is what it must end with."""
        done = self.run(show, "--json", *options, day=day)
        assert done.code == code, done.err
        assert done.json["exit_code"] == code
        return done.json


def freeze(show: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and times of all files of a show but what may be thrown away."""
    return {
        path.relative_to(show).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in show.rglob("*")
        if path.is_file() and ".reviewcast" not in path.parts
    }


def list_public(show: Path) -> list[str]:
    """Return the titles in the live feed, the newest first."""
    feed = (show / "public/feed.xml").read_text("utf-8")
    return re.findall(r"<item>\s*<title>([^<]*)", feed)
