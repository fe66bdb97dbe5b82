"""Where the parts of an import lie: keys of blobs and the name of its execution."""

from typing import NamedTuple

from kosha.model.document import Document
from kosha.model.source import Source

FIRST = "original"  # the name of the bytes that a document came with


def workspace(workspace_id: str) -> str:
    """The prefix of everything of a workspace."""
    return f"{workspace_id}/"


def document(document: Document) -> str:
    """The prefix of everything of a document."""
    return folder(document.workspace_id, document.id)


def folder(workspace_id: str, document_id: str) -> str:
    """The same, by ids."""
    return f"{workspace(workspace_id)}{document_id}/"


def original(document: Document) -> str:
    """The bytes as a person brought them: of what is served, where something is."""
    return version(document, document.original)


def newest(document: Document) -> str:
    """The bytes that the present import reads."""
    return version(document, document.incoming or document.original)


def version(document: Document, name: str) -> str:
    """The bytes of one version, by its name: `original`, or `original-` and what tells it from the others."""
    return f"{folder(document.workspace_id, document.id)}{name}"


class Named(NamedTuple):
    """What the key of an original says."""

    workspace_id: str
    document_id: str
    name: str


def document_of(key: str) -> Named | None:
    """Whose bytes lie there; None for the key of anything else."""
    parts = key.split("/")
    is_original = len(parts) == 3 and all(parts) and (parts[2] == FIRST or parts[2].startswith(f"{FIRST}-"))
    return Named(*parts) if is_original else None


def run(document: Document, number: int | None = None) -> str:
    """The prefix of what one import made; of the present one without a number."""
    return _run(document.workspace_id, document.id, document.run if number is None else number)


def sections(document: Document) -> str:
    """What the parser found, a JSON object a line."""
    return f"{run(document)}sections.jsonl"


def chunks(document: Document) -> str:
    """What the splitter made of it, a JSON object a line."""
    return f"{run(document)}chunks.jsonl"


def outcome(workspace_id: str, document_id: str, run: int, step: str) -> str:
    """How a step that was done in a job of its own ended."""
    return f"{_run(workspace_id, document_id, run)}outcome-{step}.json"


def execution(document: Document) -> str:
    """The name of the present import."""
    return f"{document.id}-{document.run}"


def sync(source: Source) -> str:
    """The name of the present look at a source."""
    return f"{source.id}-sync-{source.syncs}"


def _run(workspace_id: str, document_id: str, number: int) -> str:
    return f"{folder(workspace_id, document_id)}run-{number}/"
