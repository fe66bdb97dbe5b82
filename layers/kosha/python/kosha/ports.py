"""The seams: what the use cases need of the world. Adapters fit them; only `kosha.wiring` knows both.

All calls block, except `Turns.append` and `ChatModel.stream`, which a turn awaits while hundreds of others run
(docs/adr/0003). An adapter raises `Rejected` or `Unavailable` (kosha.errors), or lets a bug fly.
"""

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple, Protocol, runtime_checkable

from kosha.model.chunk import Hit, IndexedChunk
from kosha.model.connection import Authorisation, Connection
from kosha.model.crawl import Crawl, Link, Outcome, Robots, SitePage, Skipped, Tally, Visit
from kosha.model.document import Document, DocumentStatus, DocumentType, Ticket
from kosha.model.index_report import IndexReport
from kosha.model.page import Page, PageOf
from kosha.model.prompt import ModelInfo, Piece, Prompt, Utterance
from kosha.model.schedule import Schedule
from kosha.model.search import Filters, Rankings
from kosha.model.section import Parsed
from kosha.model.session import Feedback, Message, Session
from kosha.model.source import Entry, Source, SourceFile
from kosha.model.turn import Ask, Delta, Turn, TurnEnd, TurnKey
from kosha.model.user import Account, Caller, Grant, Member, Role, User
from kosha.model.web import WebReply
from kosha.model.workspace import KeptSettings, KeptVersion, Metric, Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    TokenVectors = NDArray[np.int8]  # (tokens, token_dimensions); 127 stands for 1
else:
    Vectors = TokenVectors = Any  # numpy takes 0.12 s of CPU to import, and most functions on AWS never see a vector
Kind = Literal["query", "passage"]


class Counts(NamedTuple):
    """What a workspace holds."""

    documents: int = 0
    vectors: int = 0
    size_bytes: int = 0


class Workspaces(Protocol):
    """Workspaces and who may do what in them. Grants belong to user ids, never to names."""

    def add(self, workspace: Workspace, owner: User) -> None:
        """Keep a new workspace and its owner's grant together. Conflict if the id is taken."""
        ...

    def get(self, workspace_id: str) -> Workspace:
        """Raises NotFound."""
        ...

    def put(self, workspace: Workspace) -> None:
        """Replace what is kept of it. Raises NotFound."""
        ...

    def remove(self, workspace_id: str) -> None:
        """Forget it with its grants; nothing happens where it is gone."""
        ...

    def of(self, user_id: str, page: PageOf) -> Page[tuple[Workspace, Grant]]:
        """The workspaces a user has a grant of, by name."""
        ...

    def all(self, page: PageOf) -> Page[Workspace]:
        """Every workspace, by name."""
        ...

    def seen_by(self, workspace_id: str, user_id: str) -> tuple[Workspace, Grant | None]:
        """The workspace and what the user may do in it, at once. Raises NotFound."""
        ...

    def grant_of(self, workspace_id: str, user_id: str) -> Grant | None:
        """None where the user has none, or the workspace is not there."""
        ...

    def members(self, workspace_id: str) -> list[Member]:
        """Who has a grant, by name."""
        ...

    def set_grant(self, workspace_id: str, user_id: str, grant: Grant) -> None:
        """Raises Conflict rather than leave a workspace without an owner."""
        ...

    def remove_grant(self, workspace_id: str, user_id: str) -> None:
        """Raises Conflict rather than leave a workspace without an owner."""
        ...

    def counts(self, workspace_ids: Sequence[str]) -> dict[str, Counts]:
        """What each holds; one that holds nothing may be absent."""
        ...


class WorkspaceVersions(Protocol):
    """What workspaces were set to. In PostgreSQL wherever the records are."""

    def keep(self, workspace_id: str, before: KeptSettings, after: KeptSettings, *, by: str, at: datetime) -> None:
        """Add `after` as the newest version, and `before` under it where the newest one is not that.

        Nothing happens where `after` is the newest. by: a user's id.
        """
        ...

    def of(self, workspace_id: str, page: PageOf) -> Page[KeptVersion]:
        """Newest first; numbers run from 1 without a gap."""
        ...

    def get(self, workspace_id: str, version: int) -> KeptVersion:
        """Raises NotFound."""
        ...

    def forget(self, workspace_id: str) -> None:
        """No version of the workspace is kept any more."""
        ...


class Documents(Protocol):
    """The records of documents. Their status moves only through `ingestion.lifecycle`."""

    def add(self, document: Document) -> None:
        """Keep a new record. Conflict if the id is taken."""
        ...

    def get(self, workspace_id: str, document_id: str) -> Document:
        """Raises NotFound, also for a document of another workspace."""
        ...

    def of(
        self,
        workspace_id: str,
        page: PageOf,
        *,
        type: DocumentType | None = None,
        status: DocumentStatus | None = None,
        parent_id: str | None = None,
    ) -> Page[Document]:
        """Newest first; without `parent_id` no sub-documents."""
        ...

    def replace(self, old: Document, new: Document) -> bool:
        """Write `new` if status, run and `updated_at` of the record are still those of `old`; else False."""
        ...

    def remove(self, workspace_id: str, document_id: str) -> None:
        """Forget it; nothing happens where it is gone."""
        ...

    def unfinished(self) -> list[Document]:
        """Every document that is submitted, processing or has a pending change: what a restart must see to."""
        ...


class Sessions(Protocol):
    """Conversations. A session of another user is NotFound."""

    def of(self, user_id: str, page: PageOf, *, query: str | None = None) -> Page[Session]:
        """Latest first; `query` looks for words in titles and messages."""
        ...

    def get(self, user_id: str, session_id: str) -> Session:
        """Raises NotFound."""
        ...

    def messages(self, user_id: str, session_id: str) -> list[Message]:
        """All messages, oldest first. Raises NotFound."""
        ...

    def message(self, user_id: str, session_id: str, message_id: str) -> Message:
        """Raises NotFound."""
        ...

    def history(self, user_id: str, session_id: str, *, leaf_id: str, budget_tokens: int) -> list[Utterance]:
        """The newest part of the branch that ends at `leaf_id` that fits the budget, oldest first.

        Takes time in proportion to the budget, not to the session.
        """
        ...

    def rename(self, user_id: str, session_id: str, title: str) -> Session:
        """Raises NotFound."""
        ...

    def remove(self, user_id: str, session_id: str) -> None:
        """Forget it with messages, turns and deltas. Raises NotFound."""
        ...

    def remove_all(self, user_id: str) -> None:
        """Forget every session of a user."""
        ...

    def add_feedback(self, feedback: Feedback) -> None:
        """Raises NotFound where the user has no such message; a second word on an answer replaces the first."""
        ...

    def forget_document(self, document_id: str) -> None:
        """Erase what stored citations and hits say of a document to its title and `deleted: true`."""
        ...


class Beat(NamedTuple):
    """What a write to a held turn tells its holder.

    followers: connections that joined while the answer was made, each with the last sequence number it has seen.
    """

    stop_requested: bool
    followers: Mapping[str, int] = MappingProxyType({})


class Turns(Protocol):
    """One record a question; see ARCHITECTURE.md, 'A turn'. Times and leases are the adapter's."""

    def accept(
        self, ask: Ask, *, parent_id: str | None, branch_from: str | None, regenerates: bool
    ) -> tuple[Turn, bool]:
        """Keep a question, its session and its turn at once, or find them kept: (turn, whether it is new).

        Raises NotFound for another user's session, Rejected where the message id names a turn of another session.
        """
        ...

    def get(self, key: TurnKey) -> Turn:
        """Raises NotFound."""
        ...

    def claim(self, key: TurnKey) -> Turn | None:
        """Take the turn with a new fence; None if it has ended or a living holder has it."""
        ...

    async def append(self, key: TurnKey, fence: int, deltas: Sequence[Delta]) -> Beat:
        """Keep token frames (none: a heartbeat), renew the lease, read the stop flag: one durable write.

        Raises LostLease when the turn has a newer fence or has ended.
        """
        ...

    def finish(self, key: TurnKey, fence: int, end: TurnEnd, answer: Message | None) -> None:
        """Keep the end and the answer's message at once, or neither. Raises LostLease."""
        ...

    def deltas(self, key: TurnKey, *, after: int) -> list[Delta]:
        """The token frames numbered above `after`, in order."""
        ...

    def request_stop(self, key: TurnKey) -> None:
        """Ask the holder to stop. Raises NotFound; nothing happens where the turn has ended."""
        ...

    def unfinished(self) -> list[Ask]:
        """Questions without an end that nobody living holds, oldest first."""
        ...

    def sweep(self) -> None:
        """Forget the deltas of turns that ended more than 10 minutes ago."""
        ...


# Instead of a number: the connection follows since the question was asked, and whoever held the turn has told it all.
SINCE_THE_QUESTION = -2


class Followers(Protocol):
    """Which connections want a turn's frames, where whoever makes the answer does not hold the sockets."""

    def follow(self, key: TurnKey, connection_id: str, after: int) -> bool:
        """Have the holder send the frames numbered above `after`, then what comes; False where the turn has ended."""
        ...

    def gather(self, key: TurnKey, connection_ids: Collection[str]) -> Mapping[str, int]:
        """Have these follow too, since the question was asked, where they do not yet; of an ended turn as well.

        Returns all that follow and were not told the end, each with the number it named.
        """
        ...

    def untold(self, before: datetime) -> list[TurnKey]:
        """Turns that ended before then, and whose end nobody has handed on to those who tell it."""
        ...

    def handed_on(self, key: TurnKey) -> None:
        """Those who tell the turn's end will hear of it; nothing happens where it has none, or is gone."""
        ...

    def hears(self, key: TurnKey, connection_id: str) -> bool:
        """Whether it follows since the question was asked, and the end is still to come: it need not ask again."""
        ...

    def mark_told(self, key: TurnKey, connection_id: str) -> bool:
        """Note that a connection is told the turn's end: True once, then False.

        Always True where the turn is gone: told twice harms less than never.
        """
        ...

    def joined(self, key: TurnKey) -> Mapping[str, int]:
        """All that followed, each with the number it named; it changes no more once the turn has ended."""
        ...

    def forget_told(self, key: TurnKey, connection_id: str) -> None:
        """Take the mark back: the end could not be sent."""
        ...


class Connections(Protocol):
    """The open sockets of users, where a gateway holds them."""

    def add(self, connection: Connection) -> None:
        """Keep a new one. Raises TooManyRequests for a user who has as many as one may have."""
        ...

    def get(self, connection_id: str) -> Connection:
        """Raises NotFound."""
        ...

    def remove(self, connection_id: str) -> None:
        """Forget it; nothing happens where it is gone."""
        ...

    def renew(self, connection_id: str, authorisation: Authorisation) -> None:
        """Let it stay open on a fresh token. Raises NotFound, also for a connection of another user."""
        ...

    def of(self, user_id: str) -> list[Connection]:
        """A user's, newest first."""
        ...

    def open(self, page: PageOf) -> Page[Connection]:
        """Everybody's, those whose token ends soonest first; a new or renewed one may come a moment late."""
        ...


class Asks(Protocol):
    """Where accepted questions go to be answered: a topic on AWS, a task in the server on one machine."""

    def send(self, ask: Ask) -> None:
        """Hand it on; at least once."""
        ...


class Outbox(Protocol):
    """The only way news goes to a user's connections. `frame` is a frame of PROTOCOL.md as JSON text."""

    def publish(self, key: TurnKey, frame: str, *, sequence: int | None, last: bool) -> None:
        """To every connection of the user that follows the turn. `last` ends the turn's frames."""
        ...

    def join(self, key: TurnKey, followers: Mapping[str, int]) -> None:
        """The connections that a beat told of follow the turn from now on: what they miss first, then what comes."""
        ...


class ChatModel(Protocol):
    """A model that answers."""

    info: ModelInfo

    def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """The answer as it is made; closing the iterator cancels the provider's call. Raises ModelUnavailable."""
        ...


class ChatModels(Protocol):
    """The catalogue of models that answer."""

    def list(self) -> list[ModelInfo]:
        """Every model known, the default one first, those that cannot be used with the reason."""
        ...

    def get(self, provider: str | None, name: str | None) -> ChatModel:
        """The model named, or the default one. Raises Rejected for one that is unknown or cannot be used."""
        ...


class Embedder(Protocol):
    """Text to vectors. `window_tokens` is the longest text embedded in one piece."""

    provider: str
    name: str
    dimensions: int
    window_tokens: int

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """float32 (len(texts), dimensions), rows of unit length. Raises Unavailable."""
        ...

    def tokens(self, text: str) -> int:
        """How many tokens of this model a text has."""
        ...


class Embedded(NamedTuple):
    """What one pass of a model over texts gives: a vector of each, as `Embedder.embed`, and one of each of its tokens.

    token_vectors: of a passage of unit length; of a query, as long as the token weighs, 1 at most.
    fluency: how well the model knows the words of each text, 1 for a language it was made for, less for others: so
    much less should its vectors weigh.
    """

    vectors: Vectors
    token_vectors: list[TokenVectors]
    fluency: list[float]


@runtime_checkable
class TokenEmbedder(Embedder, Protocol):
    """An embedder that also tells the tokens of a text apart, so that passages can be read word by word (reranking)."""

    token_dimensions: int

    def embed_tokens(self, texts: Sequence[str], *, kind: Kind) -> Embedded:
        """Both in one pass: it costs hardly more than `embed`. Raises Unavailable."""
        ...


class Embedders(Protocol):
    """The embedding models at hand."""

    def list(self) -> list[Embedder]:
        """Those that can be used now, the default one first; none means that keyword search answers alone."""
        ...

    def get(self, provider: str, name: str) -> Embedder | None:
        """None where its weights or its endpoint are missing."""
        ...

    def missing(self) -> str | None:
        """Why there is none, and what would bring one; None where there is."""
        ...


class CrossEncoder(Protocol):
    """Scores a passage against a question, reading both at once."""

    provider: str
    name: str

    def score(self, question: str, passages: Sequence[str]) -> Vectors:
        """float32 (len(passages),), the higher the better. Raises Unavailable."""
        ...


class CrossEncoders(Protocol):
    """The cross-encoders at hand."""

    def list(self) -> list[CrossEncoder]:
        """Those that can be used now, the default one first."""
        ...

    def get(self, provider: str, name: str) -> CrossEncoder | None:
        """None where it is not at hand."""
        ...

    def missing(self) -> str | None:
        """Why there is none, and what would bring one; None where there is."""
        ...


class ChunkEdit(NamedTuple):
    """What a person wants of a chunk; None stays as it is. The vectors are of `content`, None without a model."""

    content: str | None = None
    vector: Vectors | None = None
    token_vectors: TokenVectors | None = None
    enabled: bool | None = None


class EngineInfo(NamedTuple):
    """A place where chunks can be kept. reason: why it cannot be used here."""

    id: str
    name: str
    enabled: bool
    reason: str | None = None


class Index(Protocol):
    """Where the chunks of workspaces are kept and ranked. Every read repeats the workspace."""

    def create(self, workspace: Workspace) -> None:
        """Make room for a workspace; nothing happens where it is made."""
        ...

    def drop(self, workspace_id: str) -> None:
        """Remove the workspace's chunks and vectors; nothing happens where they are gone."""
        ...

    def stage(
        self,
        document: Document,
        chunks: Sequence[IndexedChunk],
        vectors: Vectors | None,
        token_vectors: Sequence[TokenVectors] | None = None,
    ) -> None:
        """Keep chunks of `document.run` beside what is served. The same chunk index twice is kept once."""
        ...

    def staged(self, document: Document) -> int:
        """How many chunks of this run are kept: where an import that failed half way goes on."""
        ...

    def publish(self, workspace: Workspace, document: Document) -> int:
        """Serve the staged run instead of what was served, in one transaction; returns its chunks.

        Again after it was done: nothing changes.
        """
        ...

    def edit(self, workspace: Workspace, document: Document, chunk_id: str, wanted: ChunkEdit) -> IndexedChunk:
        """Serve a chunk with other content, or switch it; its id and its place stay. Raises NotFound.

        The edit is kept: a new run that has a chunk of the same id is published with it, one that has none forgets it.
        """
        ...

    def describe(self, workspace: Workspace, document: Document) -> None:
        """Let what is served of a document have the title, the metadata and the switch of its record.

        Nothing happens where it has them, or nothing is served.
        """
        ...

    def discard(self, document_id: str) -> None:
        """Forget what is staged of a document."""
        ...

    def remove(self, workspace_id: str, document_id: str) -> None:
        """Remove a document's chunks, served and staged."""
        ...

    def rankings(
        self,
        workspace: Workspace,
        query: str,
        vector: Vectors | None,
        *,
        limit: int,
        filters: Filters,
        document_id: str | None = None,
    ) -> Rankings:
        """The best `limit` chunks by vector and by keyword (BM25). Any text is a query; none is an error.

        vector: (dimensions,), or None for keywords alone. `document_id` restricts to one document.
        """
        ...

    def hits(self, workspace_id: str, chunk_ids: Sequence[str]) -> list[Hit]:
        """The chunks as hits without scores, in the order given; those that are gone are left out."""
        ...

    def token_vectors(self, workspace_id: str, chunk_ids: Sequence[str]) -> dict[str, TokenVectors]:
        """Those kept of these chunks; a chunk that was staged without is left out."""
        ...

    def chunks(self, workspace_id: str, document_id: str, page: PageOf) -> Page[IndexedChunk]:
        """A document's served chunks in their order."""
        ...

    def neighbours(self, workspace_id: str, chunk_ids: Sequence[str], *, reach: int) -> dict[str, list[IndexedChunk]]:
        """Of each chunk, itself among up to `reach` served chunks before and behind it in its document, in order.

        Chunks that are switched off are left out; a chunk that is gone is no key.
        """
        ...

    def nearest_documents(self, workspace: Workspace, vector: Vectors, *, limit: int) -> list[str]:
        """Ids of the served documents whose chunks point, on the average, most nearly where `vector` does, best first.

        Documents without vectors are none of them.
        """
        ...

    def tend(self, workspace: Workspace) -> bool:
        """Make what searches of a large workspace need, or make it anew; whether something was made.

        Takes minutes at most times, while searches and imports go on. Nothing happens where nothing is to be made, or
        somebody is making it.
        """
        ...

    def report(self, workspace: Workspace) -> IndexReport:
        """How well approximate searches find what exact ones find, measured now on a sample of its vectors."""
        ...

    def supports(self, metric: Metric, dimensions: int) -> str | None:
        """Why the index cannot hold such vectors; None where it can."""
        ...


class Blobs(Protocol):
    """Bytes by key. Keys look like `workspace/document/name`."""

    def write(self, key: str, pieces: Iterable[bytes]) -> int:
        """Keep bytes, whole or not at all; returns their number."""
        ...

    def open(self, key: str) -> BinaryIO:
        """To read from the start. Raises NotFound."""
        ...

    def file(self, key: str) -> AbstractContextManager[Path]:
        """The bytes as a file for as long as the context is open. Raises NotFound."""
        ...

    def remove(self, prefix: str) -> None:
        """Forget every key under a prefix (`workspace/` or `workspace/document/`)."""
        ...

    def ticket(self, document: Document, *, key: str, seconds: int) -> Ticket:
        """Leave for somebody without a token to write that key, of the document's size and type."""
        ...

    def link(self, key: str, *, file_name: str, content_type: str, seconds: int) -> str:
        """Where somebody without a token can read that key for a while; may be relative to the server."""
        ...


class Workflows(Protocol):
    """Runs state machines (`statemachines/*.asl.json`)."""

    def start(self, machine: str, name: str, input: dict[str, Any]) -> None:
        """Start an execution; a name that was started is not started again."""
        ...

    def stop(self, name: str) -> None:
        """Stop it before its next step; nothing happens where it is not running."""
        ...

    def is_live(self, name: str) -> bool:
        """Whether it is waiting or running."""
        ...

    def live(self, names: Collection[str]) -> set[str]:
        """Those that are waiting or running; in a few calls, however many they are."""
        ...


class Web(Protocol):
    """The world wide web, as far as anybody may reach it."""

    def get(
        self, url: str, *, headers: Mapping[str, str], limit_bytes: int, cancelled: Callable[[], bool]
    ) -> AbstractContextManager[WebReply]:
        """Ask once; a redirection is an answer like any other.

        Raises Rejected for an address that must not be visited, TooLarge beyond `limit_bytes` (unpacked),
        SiteUnavailable where the server is away, breaks off or takes too long, Cancelled.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Let the servers be for a while."""
        ...


class Frontier(Protocol):
    """The addresses of a crawl that are to be visited, and what is kept of pages between crawls."""

    def begin(self, crawl: Crawl, start: Sequence[Link]) -> None:
        """Forget the crawls before it and take up its first links. What a step that died had taken waits again."""
        ...

    def take(self, crawl: Crawl, now: datetime) -> Visit | None:
        """The next link whose time has come: near the start first, then those that few others look like."""
        ...

    def put_back(self, crawl: Crawl, visit: Visit, *, until: datetime, is_attempt: bool = True) -> None:
        """Let it wait; one that was no attempt does not count as such."""
        ...

    def next_at(self, crawl: Crawl) -> datetime | None:
        """When the next link may be visited; None where none waits."""
        ...

    def settle(self, crawl: Crawl, url: str, outcome: Outcome) -> None:
        """Keep how a visit ended, the page and the new links, at once. Again: nothing changes."""
        ...

    def revive(self, crawl: Crawl) -> None:
        """Let the links wait again that stand for another which came to nothing, each once."""
        ...

    def tally(self, crawl: Crawl) -> Tally:
        """How many links stand where; of kept ones those that came from this crawl."""
        ...

    def skipped(self, crawl: Crawl, *, examples: int) -> list[Skipped]:
        """The links that were neither kept nor meant to be, by reason, most first."""
        ...

    def page(self, document_id: str, url: str) -> SitePage | None:
        """What is kept of a page."""
        ...

    def reserve(self, document_id: str, page: SitePage) -> None:
        """Keep the id of a page that is about to be made; nothing happens where it is kept already."""
        ...

    def twin(self, crawl: Crawl, url: str, digest: str) -> SitePage | None:
        """Another page of the same digest, unless this crawl did not find it again."""
        ...

    def pages(self, document_id: str, page: PageOf) -> Page[SitePage]:
        """All that are kept, by address."""
        ...

    def unsubmitted(self, document_id: str, limit: int) -> list[SitePage]:
        """Pages whose import was not begun."""
        ...

    def unseen(self, crawl: Crawl, limit: int) -> list[SitePage]:
        """Pages that this crawl did not find again, longest unseen first; those that could not be got are left out."""
        ...

    def submitted(self, document_id: str, url: str, page_run: int) -> None:
        """The import of that content was begun."""
        ...

    def forget_page(self, document_id: str, url: str) -> None:
        """Forget what is kept of a page."""
        ...

    def forget(self, document_id: str) -> None:
        """Forget a site with its crawls, or what is kept of a page that is this document."""
        ...


class Hosts(Protocol):
    """What is known of web servers, whoever crawls them: their robots.txt, and whose turn it is to ask."""

    def claim(self, origin: str, holder: str, now: datetime, *, seconds: float) -> float:
        """0 where the host may be asked now: nobody else may until `release`, or for so many seconds.

        Else how many seconds to wait. Who holds it already may ask.
        """
        ...

    def release(self, origin: str, holder: str, *, next_at: datetime) -> None:
        """Nobody asks the host before `next_at`."""
        ...

    def robots(self, origin: str) -> Robots | None:
        """Its robots.txt, if it was read."""
        ...

    def keep_robots(self, origin: str, robots: Robots) -> None:
        """Keep it for all."""
        ...


class Schedules(Protocol):
    """What is to be looked at again, and when. A clock asks it every minute, so it must not wake what sleeps."""

    def put(self, schedule: Schedule) -> None:
        """Keep it, in the place of the one that was kept of the same thing."""
        ...

    def remove(self, kind: str, workspace_id: str, id: str) -> None:
        """Forget it; nothing happens where there is none."""
        ...

    def due(self, now: datetime, limit: int) -> list[Schedule]:
        """Those whose time has come, longest ago first."""
        ...

    def claim(self, schedule: Schedule, now: datetime) -> bool:
        """Move it on to the first of its times after `now`; True for one caller alone at each due time."""
        ...


class Sources(Protocol):
    """The folders and buckets that workspaces follow, and what is known of their files."""

    def add(self, source: Source) -> None:
        """Keep a new one; nothing happens where it is kept."""
        ...

    def get(self, workspace_id: str, source_id: str) -> Source:
        """Raises NotFound, also for a source of another workspace."""
        ...

    def of(self, workspace_id: str, page: PageOf) -> Page[Source]:
        """Newest first."""
        ...

    def replace(self, old: Source, new: Source) -> bool:
        """Write `new` if no look was begun since `old`; False where one was, or the source is gone."""
        ...

    def remove(self, workspace_id: str, source_id: str) -> None:
        """Forget it with what is known of its files; nothing happens where it is gone."""
        ...

    def files(self, source_id: str, paths: Sequence[str]) -> dict[str, SourceFile]:
        """What is known of these paths; one that is new is left out."""
        ...

    def unseen(self, source_id: str, sync: int, limit: int) -> list[SourceFile]:
        """Files that this look has not seen, by their paths."""
        ...

    def count(self, source_id: str) -> int:
        """How many files are known."""
        ...

    def keep_files(self, source_id: str, files: Sequence[SourceFile]) -> None:
        """Keep what is known of files, in the place of what was; nothing happens where the source is gone."""
        ...

    def forget_files(self, source_id: str, paths: Sequence[str]) -> None:
        """Know them no more."""
        ...


class Place(Protocol):
    """Where files lie that a workspace can follow: the folders of a machine, or buckets."""

    def why_not(self, location: str) -> str | None:
        """Why a location cannot be followed; None where it can."""
        ...

    def entries(self, location: str, after: str) -> Iterator[Entry]:
        """Files below it whose paths stand behind `after`, by their paths. Raises Rejected, Unavailable."""
        ...

    def open(self, location: str, path: str) -> AbstractContextManager[BinaryIO]:
        """The bytes of a file. Raises NotFound where it is gone, Rejected where it may not be read."""
        ...


class Parser(Protocol):
    """Reads a file apart from us, within limits of time and memory."""

    def parse(self, path: Path, file_name: str, *, cancelled: Callable[[], bool]) -> Parsed:
        """Raises Rejected with a reason for the person who brought the file; Cancelled when told so."""
        ...


class Users(Protocol):
    """The people of one machine; on AWS the user pool has them, and they are managed there (`managed_here`)."""

    managed_here: bool

    def get(self, user_id: str) -> User:
        """Raises NotFound."""
        ...

    def named(self, name: str) -> User:
        """Raises NotFound."""
        ...

    def list(self, page: PageOf) -> Page[User]:
        """By name."""
        ...

    def account(self, name: str) -> Account:
        """Raises NotFound."""
        ...

    def add(self, account: Account) -> None:
        """Raises Conflict if the name is taken."""
        ...

    def set_roles(self, user_id: str, roles: Sequence[Role]) -> User:
        """Raises Conflict rather than leave nobody to administer."""
        ...

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Also voids every token given out before."""
        ...

    def remove(self, user_id: str) -> None:
        """With grants, sessions and tokens. Raises Conflict for the last administrator."""
        ...


class Tokens(Protocol):
    """Tells who a bearer token speaks for."""

    def verify(self, token: str) -> Caller:
        """Raises Unauthorized when it is malformed, expired, revoked or of a user who is gone."""
        ...

    def authorise(self, token: str) -> Authorisation:
        """As `verify`: what to keep, to ask again later without the token."""
        ...

    def confirm(self, authorisation: Authorisation) -> Caller:
        """Raises Unauthorized when it has expired, was revoked (within a minute), or its user is gone."""
        ...


class Holdings(Protocol):
    """Where something is kept of people, if those are in a pool that tells nobody who leaves it."""

    def unseen(self, since: datetime, limit: int) -> list[str]:
        """Ids of people of whom something may be kept and who were not seen since then, longest ago first."""
        ...

    def seen(self, user_id: str) -> None:
        """They are still there."""
        ...

    def forget_user(self, user_id: str) -> bool:
        """Forget what is kept of them, or as much as one call should; whether nothing is left."""
        ...


class Passwords(Protocol):
    """Turns passwords into what may be kept, and tells them apart; on AWS the user pool does both."""

    def hash(self, password: str) -> str:
        """A salted hash, good to keep."""
        ...

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password; None (nobody of that name, or no password set) takes as long and is False."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it should be made again, because a hash costs more to guess today."""
        ...


class StoredReply(NamedTuple):
    """The first reply to an idempotent call."""

    status: int
    body: str


class Replies(Protocol):
    """First replies by idempotency key, for 24 hours."""

    def begin(self, user_id: str, key: str, request_digest: str) -> StoredReply | None:
        """None for a new key. Raises Conflict for one in progress, Invalid for one used for another request."""
        ...

    def keep(self, user_id: str, key: str, reply: StoredReply) -> None:
        """Keep the reply of a begun key."""
        ...

    def forget(self, user_id: str, key: str) -> None:
        """The call failed in a way that may be tried again."""
        ...


class Sockets(Protocol):
    """The way back to a browser through the gateway that holds its socket."""

    def post(self, connection_id: str, frame: str) -> bool:
        """Send a frame; False where the connection is gone. Raises Unavailable."""
        ...

    def close(self, connection_id: str) -> None:
        """Put it out; nothing happens where it is gone. Raises Unavailable."""
        ...


class Endings(Protocol):
    """Where the news goes that a turn has ended: whoever hears it tells the followers."""

    def send(self, key: TurnKey, *, trace_id: str | None) -> None:
        """Tell of it; at least once. Raises Unavailable."""
        ...


class Health(NamedTuple):
    """How a part is."""

    status: Literal["ok", "degraded", "down"]
    detail: str | None = None


class Limits(NamedTuple):
    """Limits that the use cases hold."""

    upload_bytes: int = 100 * 2**20
    ticket_seconds: int = 900
    history_tokens: int = 2000
    context_tokens: int = 2400
    model_timeout_seconds: int = 120
    stream_seconds: int = 20
    rewrite_seconds: float = 3.0
    crawl_slice_seconds: float = 4.0


class Ports(Protocol):
    """All seams together; the top of a use case takes this, everything below only what it uses."""

    @property
    def limits(self) -> Limits: ...
    @property
    def workspaces(self) -> Workspaces: ...
    @property
    def workspace_versions(self) -> WorkspaceVersions: ...
    @property
    def documents(self) -> Documents: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def turns(self) -> Turns: ...
    @property
    def asks(self) -> Asks: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def chat_models(self) -> ChatModels: ...
    @property
    def embedders(self) -> Embedders: ...
    @property
    def cross_encoders(self) -> CrossEncoders: ...
    @property
    def blobs(self) -> Blobs: ...
    @property
    def workflows(self) -> Workflows: ...
    @property
    def parser(self) -> Parser: ...
    @property
    def web(self) -> Web: ...
    @property
    def frontier(self) -> Frontier: ...
    @property
    def hosts(self) -> Hosts: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def users(self) -> Users: ...
    @property
    def passwords(self) -> Passwords: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def replies(self) -> Replies: ...

    def index(self, engine: str) -> Index:
        """Raises Rejected for an engine that is not here."""
        ...

    def place(self, kind: str) -> Place:
        """Where sources of a kind lie. Raises Rejected for a kind that is not here."""
        ...

    def engines(self) -> list[EngineInfo]:
        """Every engine known, the default one first."""
        ...

    def now(self) -> datetime:
        """The time in UTC."""
        ...

    def health(self) -> dict[str, Health]:
        """Every part and how it is, asked now, within two seconds."""
        ...


class LiveOutbox(Outbox, Protocol):
    """An outbox that posts by itself, while whoever makes an answer waits for nothing."""

    async def drained(self) -> None:
        """Returns when all that was published is posted, or its connection was given up."""
        ...


class GatewayPorts(Ports, Protocol):
    """What chatting needs besides where a gateway holds the sockets and every part of it may be another process."""

    @property
    def outbox(self) -> LiveOutbox: ...
    @property
    def connections(self) -> Connections: ...
    @property
    def followers(self) -> Followers: ...
    @property
    def sockets(self) -> Sockets: ...
    @property
    def endings(self) -> Endings: ...
