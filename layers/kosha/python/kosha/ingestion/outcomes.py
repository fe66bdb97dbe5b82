"""How a step ended that was done in a job of its own: written down by the job, because Batch tells no error by name."""

import json

from kosha import errors
from kosha.errors import KoshaError, NotFound, Rejected, Unavailable
from kosha.ingestion import keys
from kosha.model.document import Document
from kosha.ports import Blobs


def keep(key: str, error: KoshaError | None, blobs: Blobs) -> None:
    """Write down that a step ended, well or in an error."""
    told = {"error": type(error).__name__, "message": str(error)} if error else {}
    blobs.write(key, [json.dumps(told).encode()])


def tell(document: Document, step: str, blobs: Blobs) -> None:
    """Raise the error that the step of the document's present run ended in; Unavailable where nothing was written."""
    try:
        with blobs.open(keys.outcome(document.workspace_id, document.id, document.run, step)) as file:
            told = json.load(file)
    except NotFound as error:
        raise Unavailable("The job that reads the file ended before it was done. Try it again.") from error
    if told:
        raise _as_error(told["error"], told["message"])


def _as_error(name: str, message: str) -> KoshaError:
    kind: type[KoshaError] = getattr(errors, name)
    assert issubclass(kind, (Rejected, Unavailable))
    return kind.__new__(kind, message)  # some are not made of their sentence: NotFound makes it
