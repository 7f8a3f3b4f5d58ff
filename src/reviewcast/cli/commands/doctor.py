"""`reviewcast doctor`: each part is tried."""

from contextlib import suppress
from pathlib import Path

import click

from reviewcast.cli.layout import print_table
from reviewcast.cli.options import flag
from reviewcast.cli.output import print_json
from reviewcast.cli.trusting import confirm_voices, trust_option
from reviewcast.model.errors import ReviewcastError


@click.command("doctor")
@trust_option
@flag("--json", "as_json", help="Print the findings as JSON.")
def command(trust: bool, as_json: bool) -> int:
    """Try each part that a build needs, and say what is wrong with those that fail."""
    from reviewcast.jobs.doctor import examine_machine
    from reviewcast.jobs.shows import load_config
    from reviewcast.system.workspace import find_show

    with suppress(ReviewcastError):  # what is wrong is one of the findings
        confirm_voices(load_config(find_show(Path.cwd())), trust=trust)
    findings = examine_machine()
    if as_json:
        print_json({"findings": findings})
    else:
        marks = {"ok": "ok", "missing": "--", "broken": "!!"}
        rows = [(marks[finding.state], finding.part, finding.detail) for finding in findings]
        print_table(rows, styles=("bold", "cyan"))
    return 6 if any(finding.state == "broken" for finding in findings) else 0
