"""`reviewcast check`: a published show is held against the rules."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewcast.cli.layout import print_hanging
from reviewcast.cli.options import flag
from reviewcast.cli.output import count, print_json
from reviewcast.model.errors import FaultsFound

if TYPE_CHECKING:
    from reviewcast.podcast.check.findings import Finding
    from reviewcast.podcast.check.inspect import Report


_SEVERITIES = ("error", "warning", "note")
_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_WORDS = {"audio": "audio file", "chapters": "chapter file"}


@click.command("check")
@click.argument("place", metavar="[DIR|URL]", required=False)
@flag("--quick", help="Do not decode the audio.")
@flag("--deep", help="Fetch and compare all files whose hash is known: no bit has flipped.")
@flag(
    "--allow-private", help="Also ask addresses of private networks that a feed of the web names."
)
@flag("--strict", help="Take warnings for errors.")
@flag("--json", "as_json", help="Print the findings as JSON.")
@click.pass_obj
def command(
    quiet: bool,
    place: str | None,
    quick: bool,
    deep: bool,
    allow_private: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Check what is published in DIR, or the feed at URL and all that it names.

    Without either it is the show around. Each finding names the rule, whose rule it is, and the
    fix. The exit code is 8 when there are errors. DIR may hold any tool's feed.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.podcast.check.inspect import check_feed_url, check_show_folder
    from reviewcast.system.public_folder import find_public_folder

    notify = make_notify(quiet=quiet)
    if place and place.lower().startswith(("http://", "https://")):
        report = check_feed_url(
            place, quick=quick, deep=deep, allow_private=allow_private, notify=notify
        )
    else:
        folder = Path(place) if place else find_public_folder(Path())
        report = check_show_folder(folder, quick=quick, deep=deep, notify=notify)
    if as_json:
        print_json(report)
    else:
        _print_report(report)
    fatal = _SEVERITIES[: 2 if strict else 1]
    faults = sum(finding.severity in fatal for finding in report.findings)
    if faults:
        raise FaultsFound(
            f"The check found {count(faults, 'fault')}.", hint="Each finding names its fix."
        )


def _print_report(report: "Report") -> None:
    """Print the findings by rule, the worst first, then what was looked at."""
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        groups.setdefault(finding.rule, []).append(finding)
    for found in sorted(groups.values(), key=lambda f: _SEVERITIES.index(f[0].severity)):
        first = found[0]
        rule = f"{first.rule}  ({first.source})"
        print_hanging(f"{first.severity}  ", rule, mark_style=_STYLES[first.severity])
        for finding in found:
            # a title or a link with line breaks must not pass for lines of this report
            where, message = (" ".join(t.split()) for t in (finding.where, finding.message))
            print_hanging("  ", f"{where}: {message}")
        print_hanging("  Fix: ", first.fix, mark_style="green")
        click.echo()
    counts = [
        count(sum(f.severity == severity for f in report.findings), severity)
        for severity in _SEVERITIES
    ]
    looked = [
        count(number, _WORDS.get(what, what.removesuffix("s")))
        for what, number in report.checked.items()
        if number
    ]
    print_hanging("", f"{', '.join(counts)} in {', '.join(looked)}.")
