"""The steps of the state machines by name: `(arguments, ports) -> small JSON`."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from kosha import errors
from kosha.errors import Cancelled, KoshaError, NotFound, Rejected, Unavailable
from kosha.ingestion import at_once, importing, index, keys, outcomes, remove, syncing
from kosha.ingestion.syncing import Look
from kosha.model.document import Document, DocumentError
from kosha.model.record import rfc3339
from kosha.model.source import Source
from kosha.model.workspace import Workspace
from kosha.observe import log
from kosha.ports import Ports

if TYPE_CHECKING:
    from kosha.ingestion.crawl import Rest

Arguments = dict[str, Any]
Outcome = dict[str, Any]
Step = Callable[[Arguments, Ports], Outcome]


class Import(NamedTuple):
    """What the arguments of an import's step name."""

    document: Document
    workspace: Workspace


def run(event: dict[str, Any], ports: Ports) -> Outcome:
    """Run the step that a state names: `{"step", "arguments"}`. What nobody expected is logged with its trace."""
    name, arguments = event["step"], event["arguments"]
    try:
        return STEPS[name](arguments, ports)
    except KoshaError as error:
        log.info("step %s of %s: %s: %s", name, _reference(arguments), type(error).__name__, error)
        raise
    except BaseException:
        log.exception("step %s of %s failed", name, _reference(arguments))
        raise


def run_in_job(event: dict[str, Any], ports: Ports) -> bool:
    """Run a step and keep how it ended, for its `..._outcome` step to tell; False where another try may help.

    What nobody expected flies. Of work that was stopped nothing is kept: nobody would remove it.
    """
    arguments, error = event["arguments"], None
    try:
        run(event, ports)
    except Cancelled:
        return True
    except KoshaError as raised:
        error = raised
    key = keys.outcome(arguments["workspaceId"], arguments["documentId"], arguments["run"], event["step"])
    outcomes.keep(key, error, ports.blobs)
    return not isinstance(error, Unavailable)


def begin(arguments: Arguments, ports: Ports) -> Outcome:
    """Take the import up."""
    with _import(arguments, ports) as (document, workspace):
        importing.begin(document, workspace, ports)
    return {}


def parse(arguments: Arguments, ports: Ports) -> Outcome:
    """Read the original into sections."""
    with _import(arguments, ports) as (document, _):
        importing.parse(document, ports)
    return {}


def parse_at_once(arguments: Arguments, ports: Ports) -> Outcome:
    """Read the original into sections if it is small and plainly text: `{"done": False}` where a job has to do it."""
    with _import(arguments, ports) as (document, _):
        return {"done": at_once.parse(document, ports)}


def parse_outcome(arguments: Arguments, ports: Ports) -> Outcome:
    """Raise what `parse` raised in a job."""
    with _import(arguments, ports) as (document, _):
        outcomes.tell(document, "parse", ports.blobs)
    return {}


def split(arguments: Arguments, ports: Ports) -> Outcome:
    """Make passages of the sections: `{"chunks": how many}`."""
    with _import(arguments, ports) as (document, workspace):
        return {"chunks": importing.split_into_chunks(document, workspace, ports)}


def index_slice(arguments: Arguments, ports: Ports) -> Outcome:
    """Embed and stage for a while: `{"done": whether that was all}`."""
    with _import(arguments, ports) as (document, workspace):
        return {"done": index.index(document, workspace, arguments["split"]["chunks"], ports)}


def finish(arguments: Arguments, ports: Ports) -> Outcome:
    """Serve what was staged: `{"done": False}` where some of it has to be staged again."""
    with _import(arguments, ports, finished=True) as (document, workspace):
        return {"done": importing.finish(document, workspace, arguments["split"]["chunks"], ports)}


def tend(arguments: Arguments, ports: Ports) -> Outcome:
    """See to the index of a workspace: `{"made": whether one was made, which takes minutes}`."""
    try:
        workspace = ports.workspaces.get(arguments["workspaceId"])
        return {"made": ports.index(workspace.engine).tend(workspace)}
    except NotFound:
        return {"made": False}  # it was deleted meanwhile


def fail(arguments: Arguments, ports: Ports) -> Outcome:
    """End the import in the error that a state was left with."""
    with _import(arguments, ports) as (document, workspace):
        importing.fail(document, workspace, _told(arguments), ports)
    return {}


def begin_crawl(arguments: Arguments, ports: Ports) -> Outcome:
    """Take a crawl up: `{"at": when}`."""
    from kosha.ingestion import crawl  # its libraries are only where crawls run

    with _import(arguments, ports) as (document, _):
        return {"at": rfc3339(crawl.begin(document, ports))}


def crawl_slice(arguments: Arguments, ports: Ports) -> Outcome:
    """Visit addresses for a while: `{"done": whether that was all, "waitSeconds": until the next may be asked}`."""
    from kosha.ingestion import crawl  # its libraries are only where crawls run

    with _import(arguments, ports) as (document, workspace):
        return _rest(crawl.crawl(document, workspace, _begun(arguments), ports))


def finish_crawl(arguments: Arguments, ports: Ports) -> Outcome:
    """Wait for the imports of the pages and end the crawl: as `crawl_slice`."""
    from kosha.ingestion import crawl  # its libraries are only where crawls run

    with _import(arguments, ports, finished=True) as (document, workspace):
        return _rest(crawl.finish(document, workspace, ports))


def sync(arguments: Arguments, ports: Ports) -> Outcome:
    """Look at a slice of a source: how far the look is, and `"done"` whether that was all."""
    source = _source(arguments, ports)
    look, done = syncing.advance(
        source, ports.workspaces.get(source.workspace_id), Look.of(arguments.get("look")), ports
    )
    return {**look.wire(), "done": done}


def fail_sync(arguments: Arguments, ports: Ports) -> Outcome:
    """Tell in the source why its look ended early."""
    syncing.fail(_source(arguments, ports), _told(arguments).message, ports)
    return {}


def delete_workspace(arguments: Arguments, ports: Ports) -> Outcome:
    """Remove a slice of a workspace: `{"done": whether it is gone}`."""
    return {"done": remove.part_of_workspace(arguments["workspaceId"], ports)}


def fail_deletion(arguments: Arguments, ports: Ports) -> Outcome:
    """Tell in the workspace why it is still there."""
    remove.stop_deletion(arguments["workspaceId"], f"{_told(arguments).message} Delete it again.", ports)
    return {}


STEPS: dict[str, Step] = {
    "begin": begin,
    "parse": parse,
    "parse_at_once": parse_at_once,
    "parse_outcome": parse_outcome,
    "split": split,
    "index": index_slice,
    "finish": finish,
    "tend": tend,
    "fail": fail,
    "begin_crawl": begin_crawl,
    "crawl": crawl_slice,
    "finish_crawl": finish_crawl,
    "sync": sync,
    "fail_sync": fail_sync,
    "delete_workspace": delete_workspace,
    "fail_deletion": fail_deletion,
}


@contextmanager
def _import(arguments: Arguments, ports: Ports, *, finished: bool = False) -> Generator[Import]:
    """The document and workspace of a step; a run that is stopped meanwhile leaves nothing behind.

    finished: the step may be repeated after it ended the import. Raises Cancelled where the run is not wanted any more.
    """
    try:
        workspace = ports.workspaces.get(arguments["workspaceId"])
        document = ports.documents.get(workspace.id, arguments["documentId"])
    except NotFound as error:
        raise Cancelled("The document was deleted.") from error
    running = document.model_copy(update={"run": arguments["run"]})
    wanted = {"submitted", "processing", "processed"} if finished else {"submitted", "processing"}
    try:
        if document.run != running.run or document.status not in wanted:
            raise Cancelled(f"The import of {document.title!r} was stopped.")
        yield Import(document, workspace)
    except Cancelled:
        importing.abandon(running, workspace, ports)
        raise


def _rest(rest: "Rest") -> Outcome:
    return {"done": rest.done, "waitSeconds": rest.wait_seconds}


def _begun(arguments: Arguments) -> datetime:
    return datetime.fromisoformat(arguments["begun"]["at"])


def _source(arguments: Arguments, ports: Ports) -> Source:
    """The source of a look. Raises Cancelled where it is gone or looked at anew."""
    try:
        source = ports.sources.get(arguments["workspaceId"], arguments["sourceId"])
    except NotFound as error:
        raise Cancelled("The source was deleted.") from error
    if source.syncs != arguments["number"]:
        raise Cancelled(f"{source.location!r} is looked at anew.")
    return source


def _told(arguments: Arguments) -> DocumentError:
    """The error of a state in words for a person. Lambda and the runner give the cause as JSON."""
    kind = getattr(errors, arguments["error"]["Error"], None)
    if isinstance(kind, type) and issubclass(kind, (Rejected, Unavailable)):
        message: str = json.loads(arguments["error"]["Cause"])["errorMessage"]
        return DocumentError(code=kind.code, message=message, retryable=issubclass(kind, Unavailable))
    return DocumentError(
        code="internal",
        message=f"Something went wrong on our side (reference {_reference(arguments)}). Try it again.",
        retryable=True,
    )


def _reference(arguments: Arguments) -> str:
    """What finds the step's lines in the log."""
    if "documentId" in arguments:
        return f"{arguments['documentId'][:8]}-{arguments.get('run', 0)}"
    return f"{arguments.get('workspaceId', '')[:8]}"
