"""Where the parts of an import lie: keys of blobs and the name of its execution."""

from kosha.model.document import Document


def workspace(workspace_id: str) -> str:
    """The prefix of everything of a workspace."""
    return f"{workspace_id}/"


def document(document: Document) -> str:
    """The prefix of everything of a document."""
    return f"{document.workspace_id}/{document.id}/"


def original(document: Document) -> str:
    """The bytes as a person brought them."""
    return f"{document.workspace_id}/{document.id}/original"


def document_of(key: str) -> tuple[str, str] | None:
    """(workspace, document) of the key of an original; None for any other key."""
    parts = key.split("/")
    return (parts[0], parts[1]) if len(parts) == 3 and parts[2] == "original" and all(parts) else None


def run(document: Document, number: int | None = None) -> str:
    """The prefix of what one import made; of the present one without a number."""
    return f"{document.workspace_id}/{document.id}/run-{document.run if number is None else number}/"


def sections(document: Document) -> str:
    """What the parser found, a JSON object a line."""
    return f"{run(document)}sections.jsonl"


def chunks(document: Document) -> str:
    """What the splitter made of it, a JSON object a line."""
    return f"{run(document)}chunks.jsonl"


def outcome(workspace_id: str, document_id: str, run: int, step: str) -> str:
    """How a step that was done in a job of its own ended."""
    return f"{workspace_id}/{document_id}/run-{run}/outcome-{step}.json"


def execution(document: Document) -> str:
    """The name of the present import."""
    return f"{document.id}-{document.run}"
