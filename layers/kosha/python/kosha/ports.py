"""The seams: what the use cases need of the world. Adapters fit them; only `kosha.wiring` knows both.

All calls block, except `Turns.append` and `ChatModel.stream`, which a turn awaits while hundreds of others run
(docs/adr/0003). An adapter raises `Rejected` or `Unavailable` (kosha.errors), or lets a bug fly.
"""

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple, Protocol, runtime_checkable

from kosha.model.chunk import Hit, IndexedChunk
from kosha.model.connection import Authorisation, Connection
from kosha.model.document import Document, DocumentStatus, DocumentType, Ticket
from kosha.model.page import Page, PageOf
from kosha.model.prompt import ModelInfo, Piece, Prompt, Utterance
from kosha.model.search import Filters, Rankings
from kosha.model.section import Parsed
from kosha.model.session import Feedback, Message, Session
from kosha.model.turn import Ask, Delta, Turn, TurnEnd, TurnKey
from kosha.model.user import Account, Caller, Grant, Member, Role, User
from kosha.model.workspace import Metric, Workspace

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
        """Write `new` if the record's status and run are still those of `old`; False where they are not."""
        ...

    def remove(self, workspace_id: str, document_id: str) -> None:
        """Forget it; nothing happens where it is gone."""
        ...

    def unfinished(self) -> list[Document]:
        """Every document that is submitted or processing: what a restart must see to."""
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
    """What one pass of a model over texts gives: a vector of each, as `Embedder.embed`, and one of each of its tokens."""

    vectors: Vectors
    token_vectors: list[TokenVectors]


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


class Ports(Protocol):
    """All seams together; the top of a use case takes this, everything below only what it uses."""

    @property
    def limits(self) -> Limits: ...
    @property
    def workspaces(self) -> Workspaces: ...
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

    def engines(self) -> list[tuple[str, str, bool]]:
        """(id, name, enabled) of every engine known."""
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
