"""A house to test ingestion in: the adapters of one machine, a watched embedder, a clock that can be set."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from psycopg import sql

from kosha import steps
from kosha.adapters.local.folder import FolderBlobs
from kosha.adapters.local.links import SignedLinks
from kosha.adapters.local.workflows import LocalWorkflows
from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.documents import PostgresDocuments
from kosha.adapters.postgres.executions import PostgresExecutions
from kosha.adapters.postgres.frontier import PostgresFrontier
from kosha.adapters.postgres.hosts import PostgresHosts
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.schedules import PostgresSchedules
from kosha.adapters.postgres.sessions import PostgresSessions
from kosha.adapters.postgres.sources import PostgresSources
from kosha.adapters.postgres.workspace_versions import PostgresWorkspaceVersions
from kosha.adapters.postgres.workspaces import PostgresWorkspaces
from kosha.adapters.web.http import HttpWeb
from kosha.ingestion import register
from kosha.model.document import Document
from kosha.model.page import PageOf
from kosha.model.section import Parsed
from kosha.model.user import Caller, User
from kosha.model.workspace import Workspace
from kosha.ports import Embedder, Kind, Limits, Parser, Vectors, Web

MACHINES = Path(__file__).parents[3] / "statemachines"
ADA = Caller(user=User(id="11111111-1111-4111-8111-111111111111", name="ada"))


class LetterEmbedder:
    """Counts letters; `before_batch` is called with each batch and may raise what a real model would."""

    provider = "test"
    name = "letters"
    dimensions = 26
    window_tokens = 40

    def __init__(self) -> None:
        self.embedded: list[str] = []
        self.before_batch = lambda _texts: None

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """Rows of unit length."""
        self.before_batch(texts)
        self.embedded += texts
        counts = np.array([[text.lower().count(chr(97 + letter)) + 1e-3 for letter in range(26)] for text in texts])
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)

    def tokens(self, text: str) -> int:
        """Words."""
        return len(text.split()) + 2


@dataclass
class TestEmbedders:
    """One model, or none."""

    __test__ = False
    model: LetterEmbedder | None

    def list(self) -> list[Embedder]:
        return [self.model] if self.model else []

    def get(self, provider: str, name: str) -> Embedder | None:
        return self.model

    def missing(self) -> str | None:
        return None if self.model else "No weights were found."


class Meddled:
    """A parser during whose work something else happens."""

    def __init__(self, parser: Parser, act: Callable[[], object]) -> None:
        self._parser = parser
        self._act = act

    def parse(self, path: Path, file_name: str, *, cancelled: Callable[[], bool]) -> Parsed:
        """As the parser does."""
        parsed = self._parser.parse(path, file_name, cancelled=lambda: False)
        self._act()
        return parsed


@dataclass
class House:
    """Fits `Ports` as far as ingestion asks for it."""

    database: Database
    folder: Path
    parser: Parser
    model: LetterEmbedder = field(default_factory=LetterEmbedder)
    limits: Limits = Limits()  # noqa: RUF009  a tuple
    clock: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.workspaces = PostgresWorkspaces(self.database)
        self.workspace_versions = PostgresWorkspaceVersions(self.database)
        self.documents = PostgresDocuments(self.database)
        self.sessions = PostgresSessions(self.database)
        self.frontier = PostgresFrontier(self.database)
        self.hosts = PostgresHosts(self.database)
        self.schedules = PostgresSchedules(self.database)
        self.sources = PostgresSources(self.database)
        self.web: Web = HttpWeb()
        self.blobs = FolderBlobs(self.folder, SignedLinks(b"secret" * 6))
        self.embedders = TestEmbedders(self.model)
        self.pgvector = PgvectorIndex(self.database)
        self.task = partial(steps.run, ports=self)
        self._names = count()
        self.is_restarted()
        self.workspace = self.has_workspace()

    def index(self, engine: str) -> PgvectorIndex:
        return self.pgvector

    def now(self) -> datetime:
        return self.clock

    def pass_time(self, **of: float) -> None:
        """The clock, and what waits in the queue, go on."""
        self.clock += timedelta(**of)
        seconds = timedelta(**of).total_seconds()
        older = f"update kosha.executions set not_before = not_before - interval '{seconds} seconds'"
        self.database.run(lambda c: c.execute(older))

    def has_workspace(self, **choices: object) -> Workspace:
        """A workspace that ada owns."""
        workspace = Workspace.model_validate(
            {
                "id": str(uuid4()),
                "name": "hr",
                "embeddings_model_provider": "test",
                "embeddings_model_name": "letters",
                "embeddings_model_dimensions": 26,
                "chunking_strategy": "heading",
                "created_at": self.clock,
                "updated_at": self.clock,
                **choices,
            }
        )
        self.workspaces.add(workspace, ADA.user)
        self.pgvector.create(workspace)
        return workspace

    def awaits(self, name: str = "leave.txt", content: bytes = b"Leave is 25 days a year.") -> Document:
        """A file whose bytes were not brought yet."""
        upload = register.FileUpload(file_name=name, size_bytes=len(content))
        return register.file_upload(ADA, self.workspace.id, upload, self)[0]

    def has_file(self, name: str = "leave.txt", content: bytes = b"Leave is 25 days a year.") -> Document:
        """A file whose bytes came, and which waits to be read."""
        document = self.awaits(name, content)
        self.blobs.write(f"{self.workspace.id}/{document.id}/original", [content])
        return register.arrived(self.workspace.id, document.id, self)

    def has_long_file(self, chunks: int = 70) -> Document:
        """A file of so many chunks."""
        sections = (f"# Chapter {number}\n\nAll work and no play." for number in range(chunks))
        return self.has_file("long.md", "\n\n".join(sections).encode())

    def work(self) -> None:
        """Do all the work there is now."""
        while (execution := self.executions.claim()) is not None:
            self.runner.run_one(execution)

    def again(self, document: Document) -> Document:
        """The document as it is kept now."""
        return self.documents.get(document.workspace_id, document.id)

    def texts(self, document: Document) -> list[str]:
        """What is served of it."""
        page = self.pgvector.chunks(document.workspace_id, document.id, PageOf(100))
        return [chunk.content for chunk in page.items]

    def chunk_ids(self, document: Document) -> list[str]:
        """The names of what is served of it."""
        page = self.pgvector.chunks(document.workspace_id, document.id, PageOf(100))
        return [chunk.chunk_id for chunk in page.items]

    def is_restarted(self) -> None:
        """The worker died and another begins: it knows that the one before lives no more."""
        self._use_worker(f"worker {next(self._names)}")

    def after_state(self, state: str, act: Callable[[], object]) -> None:
        """Do something once, when that step has ended."""
        run = self.task

        def run_and_act(event: dict[str, Any]) -> dict[str, Any]:
            outcome = run(event)
            if event["step"] == state:
                self.task = run
                act()
            return outcome

        self.task = run_and_act

    def while_parsing(self, act: Callable[[], object]) -> None:
        """Do something while the next file is read."""
        self.parser = Meddled(self.parser, act)

    def staged_runs(self, document: Document) -> list[int]:
        """The runs of a document that something is staged of."""
        query = "select distinct run from kosha.staged_chunks where document_id = %s order by run"
        return [run for (run,) in self.database.run(lambda c: c.execute(query, (document.id,)).fetchall())]

    def left_of(self, document: Document) -> Iterator[str]:
        """Every trace that stores have of a document."""
        for table, column in (("documents", "id"), ("staged_chunks", "document_id")):
            if self._count(table, f"{column} = %s", document.id):
                yield table
        yield from (str(path) for path in self.folder.rglob(f"{document.id}/*"))
        if self._count("workspaces", "id = %s", document.workspace_id) and self.texts(document):
            yield "chunks"

    def traces(self, text: str) -> list[str]:
        """The tables and files that have it anywhere in them, by whatever column or name."""
        listing = "select schemaname, tablename from pg_tables where schemaname in ('kosha', 'vectors') order by 1, 2"
        tables = self.database.run(lambda c: c.execute(listing).fetchall())

        def has(connection: Connection, schema: str, table: str) -> bool:
            statement = sql.SQL("select exists (select from {} t where t::text like %s)")
            row = connection.execute(statement.format(sql.Identifier(schema, table)), (f"%{text}%",)).fetchone()
            return bool(row and row[0])

        found = [
            f"{schema}.{table}"
            for schema, table in tables
            if self.database.run(partial(has, schema=schema, table=table))
        ]
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return found + [str(path) for path in files if text in str(path) or text.encode() in path.read_bytes()]

    def _use_worker(self, name: str) -> None:
        self.executions = PostgresExecutions(self.database, holder=name, sole_holder=True)
        self.workflows = LocalWorkflows(self.executions, MACHINES)
        self.runner = self.workflows.runner({"WorkflowStep": lambda event: self.task(event)}, concurrency=1)

    def _count(self, table: str, condition: str, *values: object) -> int:
        query = f"select count(*) from kosha.{table} where {condition}"
        return self.database.run(lambda c: c.execute(query, values).fetchone())[0]
