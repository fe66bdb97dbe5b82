"""All seams in one hand, with the limits that the use cases hold."""

from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from kosha.ports.crawling import Frontier, Hosts, Web
from kosha.ports.documents import Blobs, Documents, Parser
from kosha.ports.gateway import Connections, Endings, Followers, LiveOutbox, Sockets
from kosha.ports.index import EngineInfo, Index
from kosha.ports.models import ChatModels, CrossEncoders, Embedders
from kosha.ports.replies import Replies
from kosha.ports.sessions import Sessions
from kosha.ports.sources import Place, Sources
from kosha.ports.turns import Asks, Outbox, Turns
from kosha.ports.users import Passwords, Tokens, Users
from kosha.ports.workflows import Schedules, Workflows
from kosha.ports.workspaces import Workspaces, WorkspaceVersions


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
    rerank_seconds: float = 5.0
    compress_seconds: float = 15.0
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
