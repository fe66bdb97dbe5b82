"""The seams: what the use cases need of the world. Adapters fit them; only `kosha.wiring` knows both.

All calls block, except `Turns.append` and `ChatModel.stream`, which a turn awaits while hundreds of others run
(docs/adr/0003). An adapter raises `Rejected` or `Unavailable` (kosha.errors), or lets a bug fly.
"""

from kosha.ports.bundle import GatewayPorts, Health, Limits, Ports
from kosha.ports.crawling import Frontier, Hosts, Web
from kosha.ports.documents import Blobs, Documents, Parser
from kosha.ports.gateway import SINCE_THE_QUESTION, Connections, Endings, Followers, LiveOutbox, Sockets
from kosha.ports.index import ChunkEdit, EngineInfo, Index
from kosha.ports.models import (
    ChatModel,
    ChatModels,
    CrossEncoder,
    CrossEncoders,
    Embedded,
    Embedder,
    Embedders,
    Kind,
    TokenEmbedder,
    TokenVectors,
    Vectors,
)
from kosha.ports.replies import Replies, StoredReply
from kosha.ports.sessions import Sessions
from kosha.ports.sources import Place, Sources
from kosha.ports.turns import Asks, Beat, Outbox, Turns
from kosha.ports.users import Holdings, Passwords, Tokens, Users
from kosha.ports.workflows import Schedules, Workflows
from kosha.ports.workspaces import Counts, Workspaces, WorkspaceVersions

__all__ = [
    "SINCE_THE_QUESTION",
    "Asks",
    "Beat",
    "Blobs",
    "ChatModel",
    "ChatModels",
    "ChunkEdit",
    "Connections",
    "Counts",
    "CrossEncoder",
    "CrossEncoders",
    "Documents",
    "Embedded",
    "Embedder",
    "Embedders",
    "Endings",
    "EngineInfo",
    "Followers",
    "Frontier",
    "GatewayPorts",
    "Health",
    "Holdings",
    "Hosts",
    "Index",
    "Kind",
    "Limits",
    "LiveOutbox",
    "Outbox",
    "Parser",
    "Passwords",
    "Place",
    "Ports",
    "Replies",
    "Schedules",
    "Sessions",
    "Sockets",
    "Sources",
    "StoredReply",
    "TokenEmbedder",
    "TokenVectors",
    "Tokens",
    "Turns",
    "Users",
    "Vectors",
    "Web",
    "Workflows",
    "WorkspaceVersions",
    "Workspaces",
]
