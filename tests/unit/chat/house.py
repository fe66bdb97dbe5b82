"""A house to chat in: the adapters of one machine, a provider that says what it is told to, a clock at noon."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from kosha.adapters.feeds import Feed, Feeds
from kosha.adapters.local.embedders import LocalEmbedders
from kosha.adapters.models.catalogue import Catalogue
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.documents import PostgresDocuments
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.sessions import PostgresSessions
from kosha.adapters.postgres.turns import PostgresTurns
from kosha.adapters.postgres.workspaces import PostgresWorkspaces
from kosha.chat.accept import accept
from kosha.chat.answer import answer
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.prompt import ModelInfo, Piece, Prompt
from kosha.model.turn import Ask, Delta, Turn, TurnKey
from kosha.model.user import Caller, User
from kosha.model.wire import RunData
from kosha.model.workspace import Workspace
from kosha.ports import Limits
from kosha.wiring.local import Nobody

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WAIT_SECONDS = 10.0
Frame = dict[str, Any]
Step = str | Piece | BaseException | Callable[[], Coroutine[Any, Any, Any]]


class ScriptedModel:
    """A provider: says texts, raises errors, waits for what it is given to wait for."""

    info = ModelInfo(provider="test", name="scripted", label="Scripted", price_input_per_million=1)

    def __init__(self) -> None:
        self.script: list[Step] = ["25 days [1]."]
        self.prompts: list[Prompt] = []
        self.closed = 0

    def will_say(self, *steps: Step) -> None:
        """From now on, in every answer."""
        self.script = list(steps)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        self.prompts.append(prompt)
        try:
            for step in self.script:
                if isinstance(step, BaseException):
                    raise step
                if isinstance(step, (str, Piece)):
                    yield step if isinstance(step, Piece) else Piece(text=step)
                else:
                    await step()
            if not any(isinstance(step, Piece) and step.stop_reason for step in self.script):
                yield Piece(stop_reason="end")
        finally:
            self.closed += 1


async def silence() -> None:
    """A model that says nothing more."""
    await asyncio.Event().wait()


class ChatHouse:
    """Fits `Ports` as far as chatting asks for it. Its person has an id of their own, so tests share a database."""

    def __init__(self, database: Database) -> None:
        self._names = count()
        self.database = database
        self.model = ScriptedModel()
        self.limits = Limits()
        self.ada = Caller(user=User(id=str(uuid4()), name="ada"))
        self.workspaces = PostgresWorkspaces(database)
        self.documents = PostgresDocuments(database)
        self.sessions = PostgresSessions(database)
        self.chat_models = Catalogue(self.model, [], [], None)
        self.embedders = LocalEmbedders(None, "none here")
        self.asks = Nobody()
        self.pgvector = PgvectorIndex(database)
        self.is_restarted()

    def is_restarted(self) -> None:
        """The process died with what it held in memory, and another begins."""
        self.turns = PostgresTurns(self.database, holder=f"{id(self)} {next(self._names)}", sole_holder=True)
        self.feeds = self.outbox = Feeds(self.turns.get, self._deltas)

    def index(self, engine: str) -> PgvectorIndex:
        return self.pgvector

    def now(self) -> datetime:
        return NOON

    def has_workspace(self, **choices: Any) -> Workspace:
        """One that ada owns, in which every passage that has a word of the question is found."""
        plain = {
            "id": str(uuid4()),
            "name": "hr",
            "embeddings_model_provider": "none",
            "embeddings_model_name": "none",
            "embeddings_model_dimensions": 0,
            "retrieval": {"threshold": 0},
            "created_at": NOON,
            "updated_at": NOON,
        }
        workspace = Workspace.model_validate({**plain, **choices})
        self.workspaces.add(workspace, self.ada.user)
        self.pgvector.create(workspace)
        return workspace

    def has_document(self, workspace: Workspace, *texts: str, complement: str | None = None) -> Document:
        """A document of these passages, served; with `complement` a question and its answer."""
        document = Document(
            id=str(uuid4()),
            workspace_id=workspace.id,
            type="qna" if complement else "text",
            title="Leave",
            path="leave.md",
            content_type="text/markdown",
            status="processed",
            run=1,
            vectors=len(texts),
            created_at=NOON,
            updated_at=NOON,
        )
        self.documents.add(document)
        chunks = [
            IndexedChunk(
                chunk_id=str(uuid4()),
                document_id=document.id,
                index=index,
                content=text,
                content_complement=complement,
            )
            for index, text in enumerate(texts)
        ]
        self.pgvector.stage(document, chunks, None)
        self.pgvector.publish(workspace, document)
        return document

    def asked(self, text: str = "How many days of leave?", *, by: Caller | None = None, **fields: Any) -> Ask:
        """A question that was accepted."""
        return self.accepts(text, by=by, **fields).ask

    def accepts(self, text: str, *, by: Caller | None = None, **fields: Any) -> Turn:
        """The turn of a question."""
        ids = {"session_id": uuid4(), "message_id": uuid4()}
        return accept(by or self.ada, RunData.model_validate({**ids, "text": text, **fields}), self)[0]

    async def answers(self, ask: Ask) -> list[Frame]:
        """The frames that a follower sees of an answer, which is made now."""
        feed = self.feeds.open(ask.key)
        await answer(ask.key, self)
        return frames_of(feed)

    def kept_tokens(self, ask: Ask) -> list[Delta]:
        """The token frames in the record."""
        return self.turns.deltas(ask.key, after=-1)

    def _deltas(self, key: TurnKey, after: int) -> list[Delta]:
        return self.turns.deltas(key, after=after)


def frames_of(feed: Feed) -> list[Frame]:
    """What was published so far."""
    return [json.loads(frame.text) for frame in feed.frames]


def values(frames: list[Frame]) -> list[str]:
    """The values of token frames."""
    return [frame["data"]["token"]["value"] for frame in frames if frame["action"] == "llm_new_token"]


def end_of(frames: list[Frame]) -> dict[str, Any]:
    """The data of the only end, which is the last frame."""
    ends = [frame for frame in frames if frame["action"] in ("final_response", "error")]
    assert len(ends) == 1
    assert frames[-1] is ends[0]
    return ends[0]["data"]


@contextmanager
def disk_full(database: Database, table: str, when: str) -> Iterator[None]:
    """PostgreSQL says what it says without room (SQLSTATE 53100) to writes of rows for which `when` holds of `new`."""
    name = f"full_{uuid4().hex}"
    database.run(lambda connection: connection.execute(_FULL.format(name=name, table=table, when=when).encode()))
    try:
        yield
    finally:
        database.run(lambda connection: connection.execute(f"drop function {name} cascade".encode()))


_FULL = """
    create function {name}() returns trigger language plpgsql as $$ begin
        if {when} then raise exception 'no space' using errcode = '53100'; end if;
        return new; end $$;
    create trigger {name} before insert or update on kosha.{table} for each row execute function {name}()"""


async def until(true: Callable[[], Any]) -> None:
    """Let others work until it is so."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not true():
            await asyncio.sleep(0.005)
