"""One import, from bytes to passages that are served: what each step of file_import does but embedding."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from kosha.errors import Cancelled, NotFound, Rejected
from kosha.ingestion import keys, lifecycle, lines, renew
from kosha.ingestion.crawling import kinds
from kosha.ingestion.index import embedder_of
from kosha.ingestion.passages import indexed
from kosha.ingestion.splitting import Cutter
from kosha.model.document import Document, DocumentError
from kosha.model.section import Chunk, Section
from kosha.model.workspace import Workspace
from kosha.ports import Embedder, Ports

LOOK_SECONDS = 0.3
_RUNS_LEFT_BEHIND = 20  # imports in a row that may have ended without tidying up; a feed's entry has thousands in all
# What a parser is told the file is called, for what never had a name.
_NAMES = {"text/plain": "text.txt", "application/json": "pair.json"}


def begin(document: Document, workspace: Workspace, ports: Ports) -> None:
    """Take the import up; what an import before it staged and did not publish is forgotten."""
    if document.status == "submitted" and document.run > 1:
        ports.index(workspace.engine).discard(document.id)
    lifecycle.advance(document, "processing", ports, stage="parse", progress=0.02)


def parse(document: Document, ports: Ports) -> None:
    """Read the file into sections. Raises Rejected with a reason for the person who brought it."""
    if document.type == "qna":
        return
    with ports.blobs.file(keys.newest(document)) as path:
        parsed = ports.parser.parse(path, file_name(document), cancelled=Watch(document, ports))
    if not any(section.text.strip() for section in parsed.sections):
        raise Rejected(f"{document.title!r} contains no text. Choose a file with content.")
    lines.write(keys.sections(document), (_to_line(section) for section in parsed.sections), ports.blobs)
    lifecycle.advance(
        document, "processing", ports, stage="split", progress=0.06, warnings=parsed.warnings, language=parsed.language
    )


def split_into_chunks(document: Document, workspace: Workspace, ports: Ports) -> int:
    """Make the passages; returns how many. Warns of what the embedder has to read in parts or was cut in another way.

    Raises Cancelled, and Unavailable where a model that compares sentences does not answer.
    """
    embedder = embedder_of(workspace, ports)
    watch = Watch(document, ports)
    cutter = Cutter(workspace, embedder, check=watch.check)
    is_pair = document.type == "qna"
    # The splitter keeps to the model's window, unless a workspace asks for more tokens.
    measured = Measured(embedder if is_pair or workspace.chunking_strategy == "token" else None)
    chunks = _pair(document, ports) if is_pair else cutter.chunks(sections(document, ports))
    made = indexed(document.id, watch.over(measured.each(chunks)))
    lines.write(keys.chunks(document), (chunk.model_dump_json(by_alias=False) for chunk in made), ports.blobs)
    warnings = [] if is_pair else cutter.warnings
    warnings += measured.warnings if embedder else [_words_only(ports)]
    told = tuple(dict.fromkeys([*document.warnings, *warnings]))
    lifecycle.advance(document, "processing", ports, warnings=told, made_of=renew.made_of(document, workspace, ports))
    return measured.count


def finish(document: Document, workspace: Workspace, total: int, ports: Ports) -> bool:
    """Serve the new passages in the place of the old; False where some are missing and have to be staged again."""
    if document.status == "processed":
        return True
    where = ports.index(workspace.engine)
    if document.stage != "finish":  # once told, they may be staged or, after a crash, served already
        if where.staged(document) < total:
            return False
        document = lifecycle.advance(document, "processing", ports, stage="finish", progress=0.99)
    served = where.publish(workspace, document)
    where.describe(workspace, lifecycle.present(document, ports))  # it may have been changed while that went on
    original = document.incoming or document.original
    lifecycle.advance(
        document, "processed", ports, stage=None, progress=1.0, vectors=served, original=original, incoming=None
    )
    if document.incoming:
        ports.blobs.remove(keys.original(document))
    ports.blobs.remove(keys.chunks(document))
    for run in range(max(1, document.run - _RUNS_LEFT_BEHIND), document.run):
        ports.blobs.remove(keys.run(document, run))
    return True


def fail(document: Document, workspace: Workspace, error: DocumentError, ports: Ports) -> None:
    """End the import in an error that a person understands. What was served before is served on."""
    lifecycle.advance(document, "error", ports, stage=None, error=error)
    ports.index(workspace.engine).discard(document.id)
    ports.blobs.remove(keys.run(document))


def abandon(document: Document, workspace: Workspace, ports: Ports) -> None:
    """Forget what a run that is not wanted any more made after it was stopped."""
    try:
        kept = ports.documents.get(workspace.id, document.id)
    except NotFound:
        ports.index(workspace.engine).remove(workspace.id, document.id)
        ports.blobs.remove(keys.document(document))
        ports.frontier.forget(document.id)
        return
    if kept.run > document.run:
        ports.blobs.remove(keys.run(document))
    elif kept.status in {"cancelled", "error"}:  # of a run that was served nothing is left to forget
        ports.blobs.remove(keys.run(document))
        ports.index(workspace.engine).discard(document.id)


def sections(document: Document, ports: Ports) -> Iterator[Section]:
    """What the parser found in the document's present run. Raises NotFound before it was parsed."""
    for line in lines.read(keys.sections(document), ports.blobs):
        yield Section(**json.loads(line))


def file_name(document: Document) -> str:
    """What the original is to be read as; a page of a site is named by an address, which says little."""
    if document.parent_id is not None:
        return kinds.file_name(document.content_type)
    return document.path if document.type == "file" else _NAMES.get(document.content_type, "text.txt")


class Watch:
    """Tells long work whether it is still wanted; looks at most every LOOK_SECONDS."""

    def __init__(self, document: Document, ports: Ports) -> None:
        self._document = document
        self._ports = ports
        self._looks_at = time.monotonic() + LOOK_SECONDS
        self._cancelled = False

    def __call__(self) -> bool:
        if not self._cancelled and time.monotonic() >= self._looks_at:
            self._cancelled = not lifecycle.is_current(self._document, self._ports)
            self._looks_at = time.monotonic() + LOOK_SECONDS
        return self._cancelled

    def over(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """The same chunks; raises Cancelled between two of them when they are not wanted any more."""
        for chunk in chunks:
            self.check()
            yield chunk

    def check(self) -> None:
        """Raises Cancelled where the work is not wanted any more."""
        if self():
            raise Cancelled(f"The import of {self._document.title!r} was stopped.")


class Measured:
    """Counts chunks on their way, and of an embedder that is given those that are longer than it reads at once."""

    def __init__(self, embedder: Embedder | None) -> None:
        self.count = 0
        self._long = 0
        self._embedder = embedder

    def each(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """The same chunks."""
        for chunk in chunks:
            self.count += 1
            self._long += self._is_long(chunk.content)
            yield chunk

    @property
    def warnings(self) -> list[str]:
        """Sentences for the person who brought the document."""
        if self._long == 1:
            return ["1 passage is longer than the model reads at once; it was embedded in parts."]
        if self._long:
            return [f"{self._long} passages are longer than the model reads at once; they were embedded in parts."]
        return []

    def _is_long(self, text: str) -> bool:
        embedder = self._embedder
        # A token has at least one character; so most chunks need not be counted.
        return embedder is not None and len(text) > embedder.window_tokens < embedder.tokens(text)


def _words_only(ports: Ports) -> str:
    return f"Found by its words only, not by meaning: {ports.embedders.missing() or 'there is no embedding model.'}"


def _pair(document: Document, ports: Ports) -> Iterator[Chunk]:
    with ports.blobs.open(keys.newest(document)) as file:
        pair: dict[str, str] = json.load(file)
    yield Chunk(index=0, content=pair["question"], complement=pair["answer"])


def _to_line(section: Section) -> str:
    told: dict[str, Any] = {name: value for name, value in asdict(section).items() if value is not None}
    return json.dumps(told, ensure_ascii=False)
