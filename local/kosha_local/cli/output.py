"""How commands speak: results on stdout, messages on stderr."""

import json
from collections.abc import Sequence
from typing import Any

import click


def tell(message: str) -> None:
    """A message for the person at the terminal."""
    click.echo(f"kosha: {message}", err=True)


def give(text: str = "", *, end: str = "\n") -> None:
    """A part of the result, at once."""
    click.echo(f"{text}{end}", nl=False)


def give_json(value: Any) -> None:
    """The result for a program, on one line."""
    give(json.dumps(value, ensure_ascii=False))


def give_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as what stands in them; the last one is left as it is."""
    lines = [tuple(titles), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(titles) - 1)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line[:-1], widths, strict=True)]
        give("  ".join([*cells, line[-1]]).rstrip())


def size(size_bytes: float) -> str:
    """`1.4 MB`, in steps of 1000 as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"
