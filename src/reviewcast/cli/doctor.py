"""`reviewcast doctor`: each part is tried."""

import click


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(as_json: bool) -> int:
    """Try each part that a build needs, and say what is wrong with those that fail."""
    import msgspec

    from reviewcast.cli.console import print_table
    from reviewcast.doctor import examine_machine

    findings = examine_machine()
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode({"findings": findings}), indent=2))
    else:
        marks = {"ok": "ok", "missing": "--", "broken": "!!"}
        print_table([(marks[finding.state], finding.part, finding.detail) for finding in findings])
    return 6 if any(finding.state == "broken" for finding in findings) else 0
