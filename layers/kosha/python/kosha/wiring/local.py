"""Ports of one machine: embedded PostgreSQL, a folder, MiniLM, and whatever models are within reach."""

import os
import shutil
import tomllib
from datetime import UTC, datetime
from functools import cached_property
from importlib.resources import files
from importlib.util import find_spec
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

from kosha import users as use_of_users
from kosha.adapters.feeds import Feeds
from kosha.adapters.local.embedded_postgres import EmbeddedPostgres, dsn_of
from kosha.adapters.local.embedders import LocalEmbedders
from kosha.adapters.local.folder import FolderBlobs
from kosha.adapters.local.folder_place import FolderPlace
from kosha.adapters.local.links import SignedLinks, secret_in
from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.parser_process import ParserProcess
from kosha.adapters.local.passwords import ArgonPasswords
from kosha.adapters.local.sentence_transformers_encoder import SentenceTransformersEncoder
from kosha.adapters.local.sentence_transformers_encoder import why_not as why_no_encoder
from kosha.adapters.local.tokens import JwtTokens
from kosha.adapters.local.weights import NoWeights, find_weights
from kosha.adapters.local.workflows import LocalWorkflows
from kosha.adapters.models.catalogue import Catalogue, Provider
from kosha.adapters.models.cross_encoders import KnownCrossEncoders
from kosha.adapters.models.extractive import ExtractiveChatModel
from kosha.adapters.models.openai_compatible import OpenAiServer
from kosha.adapters.models.rerank_endpoint import RerankEndpoint
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.documents import PostgresDocuments
from kosha.adapters.postgres.executions import PostgresExecutions
from kosha.adapters.postgres.frontier import PostgresFrontier
from kosha.adapters.postgres.hosts import PostgresHosts
from kosha.adapters.postgres.index import PgvectorIndex
from kosha.adapters.postgres.migrate import migrate
from kosha.adapters.postgres.replies import PostgresReplies
from kosha.adapters.postgres.schedules import PostgresSchedules
from kosha.adapters.postgres.sessions import PostgresSessions
from kosha.adapters.postgres.sources import PostgresSources
from kosha.adapters.postgres.turns import PostgresTurns
from kosha.adapters.postgres.users import PostgresUsers
from kosha.adapters.postgres.workspace_versions import PostgresWorkspaceVersions
from kosha.adapters.postgres.workspaces import PostgresWorkspaces
from kosha.adapters.web.http import HttpWeb
from kosha.errors import KoshaError, Rejected
from kosha.ingestion.parsers import ocr
from kosha.model.turn import Ask
from kosha.model.user import User
from kosha.ports import Asks, CrossEncoder, Embedder, EngineInfo, Health, Index, Limits, Place
from kosha.sentences import sentences
from kosha.sign_in.desk import Desk
from kosha.wiring.engines import Engines, others
from kosha.wiring.resources import statemachines_folder
from kosha.wiring.settings import OPENAI_DEFAULT_URL, Settings

LEAST_FREE_BYTES = 512 * 2**20
ENGINE = EngineInfo("aurora", "PostgreSQL with pgvector", True)
# Servers that people run on their own machine, on the ports that their manuals name.
USUAL_SERVERS = {
    "ollama": "http://127.0.0.1:11434/v1",
    "vllm": "http://127.0.0.1:8000/v1",
    "llama.cpp": "http://127.0.0.1:8080/v1",
}


def embedded_postgres(settings: Settings, *, holder: str = "kosha serve") -> EmbeddedPostgres:
    """The database of a data directory, not started yet."""
    return EmbeddedPostgres(settings.data, holder=holder)


class Records:
    """The records of a data directory whose database runs: enough for its users and tokens, and quick to open."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(dsn_of(settings.data), connections=2)
        self.users = PostgresUsers(self.database)

    def __enter__(self) -> Self:
        self.database.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()

    @property
    def passwords(self) -> ArgonPasswords:
        """Argon2id."""
        return self._passwords

    @cached_property
    def _passwords(self) -> ArgonPasswords:
        return ArgonPasswords()

    @property
    def tokens(self) -> JwtTokens:
        """Issues and verifies access tokens with the key of this data directory."""
        return self._tokens

    @cached_property
    def _tokens(self) -> JwtTokens:
        return JwtTokens(self.settings.data / "keys", self.users, lifetime_seconds=self.settings.access_token_seconds)

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def migrate(self) -> int:
        """Bring the schema up to date; returns the version it had."""
        return migrate(self.database)

    def issue_token(self, name: str, seconds: int) -> tuple[str, int, User]:
        """An access token for scripts: (token, seconds, user). Raises NotFound."""
        user = self.users.named(name)
        token, lifetime_seconds = self.tokens.issue(user, lifetime_seconds=seconds)
        return token, lifetime_seconds, user

    @cached_property
    def desk(self) -> Desk:
        """Signs people in."""
        return Desk(
            self.users, self.passwords, self.tokens, now=self.now, refresh_seconds=self.settings.refresh_token_seconds
        )

    def first_sign_in(self) -> str:
        """A one-time token for the administrator, who is made where nobody is there yet."""
        return self.desk.one_time_token(use_of_users.first_administrator(self))


class LocalPorts(Records):
    """Every port of one machine, over a database that runs; builds each part when it is first asked for.

    asks: who answers questions; only the server has somebody. connections: at most so many to the database.
    """

    def __init__(self, settings: Settings, *, asks: Asks | None = None, connections: int = 16) -> None:
        super().__init__(settings)
        self.asks: Asks = asks or Nobody()
        self.instance = uuid4().hex
        self.database = Database(dsn_of(settings.data), connections=connections)
        self.users = PostgresUsers(self.database)
        self.workspaces = PostgresWorkspaces(self.database)
        self.workspace_versions = PostgresWorkspaceVersions(self.database)
        self.documents = PostgresDocuments(self.database)
        self.sessions = PostgresSessions(self.database)
        self.turns = PostgresTurns(self.database, holder=self.instance, sole_holder=True)
        self.replies = PostgresReplies(self.database)
        self.executions = PostgresExecutions(self.database, holder=self.instance, sole_holder=True)
        self.feeds = Feeds(self.turns.get, lambda key, after: self.turns.deltas(key, after=after))
        self.outbox = self.feeds
        self.sources = PostgresSources(self.database)
        self.frontier = PostgresFrontier(self.database)
        self.hosts = PostgresHosts(self.database)
        self.schedules = PostgresSchedules(self.database)
        self.web = HttpWeb(settings.crawl_allow_hosts)
        self.blobs = FolderBlobs(settings.data / "blobs", SignedLinks(secret_in(settings.data / "keys" / "links")))
        self.limits = Limits(
            upload_bytes=settings.upload_limit_bytes,
            ticket_seconds=settings.upload_ticket_seconds,
            history_tokens=settings.history_tokens,
            context_tokens=settings.context_tokens,
            model_timeout_seconds=settings.model_timeout_seconds,
        )
        self._pgvector = PgvectorIndex(self.database, build_memory_bytes=_build_memory_bytes())

    @property
    def workflows(self) -> LocalWorkflows:
        """The state machines of the repository, queued in the database."""
        return self._workflows

    @cached_property
    def _workflows(self) -> LocalWorkflows:
        return LocalWorkflows(self.executions, statemachines_folder())

    @property
    def parser(self) -> ParserProcess:
        """Reads files in a process of its own."""
        return self._parser

    @cached_property
    def _parser(self) -> ParserProcess:
        return ParserProcess()

    @property
    def embedders(self) -> LocalEmbedders:
        """MiniLM where its weights are found."""
        return self._embedders

    @cached_property
    def _embedders(self) -> LocalEmbedders:
        settings = self.settings
        weights = find_weights(
            folder=settings.minilm_folder, cache=settings.data / "models", may_download=settings.allow_model_download
        )
        if isinstance(weights, NoWeights):
            return LocalEmbedders(None, weights.reason)
        return LocalEmbedders(MiniLmEmbedder(weights, cache=settings.data / "models"), None)

    @property
    def cross_encoders(self) -> KnownCrossEncoders:
        """The rerank endpoint that is set, and the model of a folder."""
        return self._cross_encoders

    @cached_property
    def _cross_encoders(self) -> KnownCrossEncoders:
        return _cross_encoders(self.settings)

    @property
    def chat_models(self) -> Catalogue:
        """The built-in answerer, the configured server, and servers found on this machine."""
        return self._chat_models

    @cached_property
    def _chat_models(self) -> Catalogue:
        facts = tomllib.loads((files("kosha.wiring") / "models.toml").read_text(encoding="utf-8"))["model"]
        built_in = ExtractiveChatModel(self._default_embedder, sentences)
        return Catalogue(built_in, _providers(self.settings), facts, self.settings.default_model)

    def index(self, engine: str) -> Index:
        """Raises Rejected for an engine that is not here."""
        return self._engines.index(engine)

    @cached_property
    def _engines(self) -> Engines:
        told = self.settings
        beside = others(lambda: self.database, vector_store=told.vector_store, opensearch_url=told.opensearch_url)
        return Engines(ENGINE, lambda: self._pgvector, beside)

    def place(self, kind: str) -> Place:
        """Folders that the settings name, and buckets where the library for them is installed."""
        return _bucket_place(self.settings) if kind == "s3" else FolderPlace(self.settings.source_folders)

    def engines(self) -> list[EngineInfo]:
        """PostgreSQL, and what the settings name beside it."""
        return self._engines.known()

    def health(self) -> dict[str, Health]:
        """Database, embeddings, models and disk, asked now."""
        free_bytes = shutil.disk_usage(self.settings.data).free
        missing = self.embedders.missing()
        return {
            "database": self._database_health(),
            "embeddings": Health("degraded", missing) if missing else Health("ok"),
            "models": Health("ok", f"{sum(info.available for info in self.chat_models.list())} at hand"),
            "textRecognition": Health("ok", "installed" if ocr.is_installed() else "not installed"),
            "disk": Health("degraded", f"{free_bytes / 2**30:.1f} GB free")
            if free_bytes < LEAST_FREE_BYTES
            else Health("ok"),
        }

    def warm_up(self) -> None:
        """Load what the first question would otherwise wait for."""
        for embedder in self.embedders.list():
            embedder.embed(["warm"], kind="query")
        self.chat_models.list()

    async def close_clients(self) -> None:
        """Close connections to model servers; called on the loop that used them."""
        if "_chat_models" in self.__dict__:
            await self.chat_models.close()

    def _default_embedder(self) -> Embedder | None:
        return next(iter(self.embedders.list()), None)

    def _database_health(self) -> Health:
        try:
            Database.ask_once(dsn_of(self.settings.data), timeout_seconds=1)
        except KoshaError as error:
            return Health("down", str(error))
        return Health("ok")


def _build_memory_bytes() -> int:
    """A quarter of the machine's memory: an index that outgrows what it is built in takes ten times as long."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4


class Nobody:
    """Where questions go in a process that answers none: they wait in the record for the server."""

    def send(self, ask: Ask) -> None:
        """The server's next look finds it."""


def _bucket_place(settings: Settings) -> Place:
    if find_spec("boto3") is None:
        raise Rejected("Buckets cannot be followed: boto3 is not installed. Run pip install 'kosha[aws]'.")
    from kosha.wiring.buckets import bucket_place

    return bucket_place(settings.source_buckets)


def _cross_encoders(settings: Settings) -> KnownCrossEncoders:
    known: list[CrossEncoder] = []
    missing = "Set KOSHA_RERANK_URL and KOSHA_RERANK_MODEL, or KOSHA_CROSS_ENCODER_FOLDER (docs/settings.md)."
    if settings.rerank_url and settings.rerank_model:
        known.append(RerankEndpoint(settings.rerank_model, settings.rerank_url, settings.rerank_api_key))
    if settings.cross_encoder_folder:
        reason = why_no_encoder(settings.cross_encoder_folder)
        if reason is None:
            known.append(SentenceTransformersEncoder(settings.cross_encoder_folder))
        else:
            missing = reason
    return KnownCrossEncoders(known, missing)


def _providers(settings: Settings) -> list[Provider]:
    """The configured server first, then the usual ports."""
    providers: list[Provider] = []
    if settings.openai_base_url or settings.openai_api_key:
        url = settings.openai_base_url or OPENAI_DEFAULT_URL
        server = OpenAiServer(url, settings.openai_api_key)
        providers.append(Provider("openai", server, settings.openai_api_key, found=False))
    if settings.find_local_models:
        configured = urlsplit(settings.openai_base_url or "").netloc
        providers += [
            Provider(name, OpenAiServer(url, None), None, found=True)
            for name, url in USUAL_SERVERS.items()
            if urlsplit(url).netloc != configured
        ]
    return providers
