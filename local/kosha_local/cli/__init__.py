"""`kosha`, the command line of PROTOCOL.md; a command's module is loaded when the command is run."""

import click

from kosha_local.cli.program import Program

COMMANDS = {
    "serve": "Serve the web UI and the API on one port.",
    "workspace": "Create, list and delete workspaces.",
    "ingest": "Bring files, folders and pages into a workspace.",
    "ask": "Ask a question and watch the cited answer stream in.",
    "search": "Search a workspace, and see why it found what it found.",
    "evaluate": "Measure answers against a dataset (not in this version).",
    "user": "Manage the people who can sign in.",
    "token": "Print an access token for scripts.",
    "doctor": "Check this installation and say what to do.",
    "backup": "Write everything into one file.",
    "restore": "Make a data directory from a backup.",
}
LATER = {"evaluate": "later_commands", "restore": "backup"}

EPILOG = """\b
Begin with:
  kosha serve                                     then open the link it prints
or without a browser:
  kosha workspace create Handbook
  kosha ingest --workspace Handbook ~/Documents/handbook
  kosha ask --workspace Handbook "How much leave do I have?"

--data and --json may stand before or after the command. Messages go to stderr; exit 2 means that the command line
was wrong, 1 that the work failed. Every setting is listed in docs/guide.
"""


@click.group(cls=Program, commands_by_name=COMMANDS, modules=LATER, epilog=EPILOG)
@click.version_option(package_name="kosha", message="%(prog)s %(version)s")
def main() -> None:
    """Ask your own documents, and check every answer."""
