"""`kosha backup` and `kosha restore`."""

from pathlib import Path

import click

from kosha.errors import Rejected
from kosha_local.cli import archive
from kosha_local.cli.output import give, give_json, size
from kosha_local.cli.program import Choices, Command, pass_choices
from kosha_local.cli.records import opened


@click.command(cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_choices
def backup(choices: Choices, file: Path) -> None:
    """Write everything into FILE: records, documents, keys and settings, as they are at one moment.

    Works while the server runs. FILE is a tar archive that only its owner may read: who has it can read every
    document and sign in as anybody. It is there whole or not at all; one that is there already is replaced.

    \b
    Examples:
      kosha backup ~/kosha-2026-11-20.tar
      kosha restore ~/kosha-2026-11-20.tar --data /srv/kosha
    """
    settings = choices.settings()
    if not (settings.data / "postgres").exists():
        raise Rejected(f"There is nothing to back up in {settings.data}. Name the data directory with --data.")
    with opened(settings, holder="kosha backup") as ports:
        manifest = archive.write(file, settings.data, ports.database)
    _report(choices, file, manifest, f"{file} holds everything of {settings.data}")


@click.command(cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_choices
def restore(choices: Choices, file: Path) -> None:
    """Make a data directory from FILE, which `kosha backup` wrote.

    The directory must be empty or not there. Every hash is checked before anything is put in place; where one is
    wrong, nothing is.

    \b
    Examples:
      kosha restore ~/kosha-2026-11-20.tar --data /srv/kosha
    """
    settings = choices.settings()
    manifest = archive.read(file, settings.data)
    _report(choices, file, manifest, f"{settings.data} holds everything of {file}; start it with: kosha serve")


def _report(choices: Choices, file: Path, manifest: archive.Manifest, words: str) -> None:
    size_bytes = sum(part.size_bytes for part in manifest.files.values())
    if choices.is_json:
        told = {
            "file": str(file),
            "createdAt": manifest.created_at,
            "files": len(manifest.files),
            "sizeBytes": size_bytes,
        }
        give_json(told)
    else:
        give(f"{words} ({len(manifest.files)} files, {size(size_bytes)}).")
