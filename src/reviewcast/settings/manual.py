"""All settings as a chapter of the manual."""

import msgspec

from reviewcast.settings.fields import Setting
from reviewcast.settings.load import PREFIX, list_variables
from reviewcast.settings.schema import TABLES
from reviewcast.settings.template import Table, format_value, list_tables


def describe_settings() -> str:
    """Return all settings as Markdown: for each table of podcast.toml a section with a table.

    The options of every voice that is installed are among them.
    """
    return "\n".join(map(_describe_table, list_tables(plugins=True)))


def _describe_table(table: Table) -> str:
    parts = [f"### [{table.name}]", _escape(table.description)]
    if table.name in TABLES:
        parts.append(f"Variables: `{PREFIX}{table.name.upper()}_` and the setting in capitals.")
    elif variables := list_variables(table.name):
        parts.append(f"Variables: {', '.join(f'`{name}`' for name in variables)}.")
    if table.settings:
        head = "| Setting | Default | Values | What it is for |\n| --- | --- | --- | --- |"
        parts.append("\n".join([head, *map(_describe_setting, table.settings)]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _describe_setting(setting: Setting) -> str:
    default = _escape(_format_default(setting.default))
    values = _escape(setting.bounds or " or ".join(map(format_value, setting.choices)))
    return f"| `{setting.key}` | {default} | {values} | {_escape(setting.description)} |"


def _format_default(value: object) -> str:
    """Return a default as it stands in podcast.toml, "" for one that has no form there."""
    try:
        return f"`{format_value(msgspec.to_builtins(value))}`"
    except TypeError:  # none, or an option of a plug-in that TOML cannot write
        return ""


def _escape(text: str) -> str:
    """Keep a text in its cell of the table."""
    return text.replace("|", "\\|")
