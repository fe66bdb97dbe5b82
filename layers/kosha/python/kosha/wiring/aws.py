"""Ports of a deployment on AWS, each made when it is first asked for: a function pays for what it uses."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kosha.errors import NotInThisVersion, Rejected, Unavailable
from kosha.ports import (
    Asks,
    Blobs,
    ChatModels,
    Connections,
    CrossEncoders,
    Embedders,
    Endings,
    EngineInfo,
    Followers,
    Frontier,
    Health,
    Holdings,
    Hosts,
    Index,
    Limits,
    LiveOutbox,
    Parser,
    Passwords,
    Place,
    Replies,
    Schedules,
    Sessions,
    Sockets,
    Sources,
    Tokens,
    Turns,
    Users,
    Web,
    Workflows,
    Workspaces,
    WorkspaceVersions,
)
from kosha.ports import Documents as DocumentRecords
from kosha.wiring.aws_settings import AwsSettings

if TYPE_CHECKING:
    from kosha.adapters.aws.dynamo_sessions import DynamoSessions
    from kosha.adapters.aws.dynamo_turns import DynamoTurns
    from kosha.adapters.aws.dynamo_workspaces import DynamoWorkspaces
    from kosha.adapters.aws.secrets import SecretsManager
    from kosha.adapters.postgres.database import Database
    from kosha.wiring.engines import Engines

T = TypeVar("T")
ENGINE = EngineInfo("aurora", "Amazon Aurora PostgreSQL with pgvector", True)
DATABASE_CONNECTIONS = 2  # a function: hundreds of workers must not storm the database
WAKING_SECONDS = 60.0
IDLE_SESSION_SECONDS = 120  # a function that froze with a connection open must not keep the database awake
CONNECT_SECONDS = 3
READ_SECONDS = 10
ATTEMPTS = 3
POST_READ_SECONDS = 3  # a frame that takes longer holds up its successors


def kept(make: Callable[["AwsPorts"], T]) -> Callable[["AwsPorts"], T]:
    """A part that is made when it is first asked for, once, whichever thread asks."""
    name = make.__name__

    @wraps(make)
    def ask(ports: "AwsPorts") -> T:
        if name not in ports.made:
            with ports.making:
                if name not in ports.made:
                    ports.made[name] = make(ports)
        return ports.made[name]

    return ask


class AwsPorts:
    """Every port of a deployment; making it reads and opens nothing. Fits `GatewayPorts`.

    waking_seconds: how long a database that sleeps is waited for.
    """

    def __init__(
        self, settings: Callable[[], AwsSettings] = AwsSettings.read, *, waking_seconds: float = WAKING_SECONDS
    ) -> None:
        self._read_settings = settings
        self._waking_seconds = waking_seconds
        self.made: dict[str, Any] = {}
        self.making = threading.RLock()

    @property
    @kept
    def settings(self) -> AwsSettings:
        """What the stacks told this function."""
        return self._read_settings()

    @property
    @kept
    def limits(self) -> Limits:
        """Limits that the use cases hold."""
        told = self.settings
        return Limits(
            upload_bytes=told.upload_limit_bytes,
            ticket_seconds=told.upload_ticket_seconds,
            history_tokens=told.history_tokens,
            context_tokens=told.context_tokens,
            model_timeout_seconds=told.model_timeout_seconds,
            crawl_slice_seconds=told.crawl_slice_seconds,
        )

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, on one event loop for as long as the function lives: clients are bound to it."""
        return self._runner.run(work)

    @property
    @kept
    def workspaces(self) -> Workspaces:
        """In DynamoDB, with grants and counts."""
        return self._workspaces

    @property
    @kept
    def workspace_versions(self) -> WorkspaceVersions:
        """In the database, with the vectors."""
        from kosha.adapters.postgres.workspace_versions import PostgresWorkspaceVersions

        return PostgresWorkspaceVersions(self.database)

    @property
    @kept
    def documents(self) -> DocumentRecords:
        """In DynamoDB."""
        from kosha.adapters.aws.dynamo_documents import DynamoDocuments

        settings = self.settings
        return DynamoDocuments(
            self._dynamodb,
            table=settings.needed("documents_table"),
            workspaces_table=settings.needed("workspaces_table"),
        )

    @property
    @kept
    def sessions(self) -> Sessions:
        """In DynamoDB."""
        return self._sessions

    @property
    def turns(self) -> Turns:
        """In DynamoDB."""
        return self._turns

    @property
    def followers(self) -> Followers:
        """With the turns."""
        return self._turns

    @property
    @kept
    def holdings(self) -> Sequence[Holdings]:
        """Grants and sessions: the user pool forgets people without a word."""
        return self._workspaces, self._sessions

    @property
    @kept
    def connections(self) -> Connections:
        """In DynamoDB."""
        from kosha.adapters.aws.dynamo_connections import DynamoConnections

        return DynamoConnections(self._dynamodb, table=self.settings.needed("connections_table"), now=self.now)

    @property
    @kept
    def replies(self) -> Replies:
        """In DynamoDB."""
        from kosha.adapters.aws.dynamo_replies import DynamoReplies

        return DynamoReplies(self._dynamodb, table=self.settings.needed("replies_table"), now=self.now)

    @property
    @kept
    def asks(self) -> Asks:
        """The topic, and behind it a queue of the workers."""
        from kosha.adapters.aws.sns import SnsAsks

        return SnsAsks(self._client("sns"), self.settings.needed("messages_topic"))

    @property
    @kept
    def endings(self) -> Endings:
        """The topic, and behind it a queue of those who tell the followers."""
        from kosha.adapters.aws.sns import SnsEndings

        return SnsEndings(self._client("sns"), self.settings.needed("messages_topic"))

    @property
    @kept
    def sockets(self) -> Sockets:
        """Those that API Gateway holds."""
        from kosha.adapters.aws.outbox import POST_THREADS
        from kosha.adapters.aws.websocket import ApiGatewaySockets

        return ApiGatewaySockets(
            self._client(
                "apigatewaymanagementapi",
                endpoint_url=self.settings.needed("websocket_endpoint"),
                read_timeout=POST_READ_SECONDS,
                max_pool_connections=POST_THREADS,
            )
        )

    @property
    @kept
    def outbox(self) -> LiveOutbox:
        """Straight to the connections."""
        from kosha.adapters.aws.outbox import ConnectionOutbox
        from kosha.adapters.feeds import Feeds
        from kosha.chat.frames import delta_frame

        turns = self.turns
        return ConnectionOutbox(
            Feeds(turns.get, lambda key, after: turns.deltas(key, after=after)),
            lambda turn, delta: delta_frame(turn, delta, self.now()),
            sockets=self.sockets,
            connections=self.connections,
            followers=self.followers,
        )

    @property
    @kept
    def blobs(self) -> Blobs:
        """Originals in one bucket, what imports made of them in another."""
        from kosha.adapters.aws.s3 import S3Blobs

        return S3Blobs(
            self._client("s3", signature_version="s3v4"),
            upload_bucket=self.settings.needed("upload_bucket"),
            processing_bucket=self.settings.needed("processing_bucket"),
        )

    @property
    @kept
    def workflows(self) -> Workflows:
        """Step Functions."""
        from kosha.adapters.aws.stepfunctions import StepFunctionsWorkflows

        return StepFunctionsWorkflows(self._client("stepfunctions"), self.settings.state_machines)

    @property
    @kept
    def web(self) -> Web:
        """The web, and private hosts that the deployment names."""
        from kosha.adapters.web.http import HttpWeb

        return HttpWeb(self.settings.crawl_allowed)

    @property
    @kept
    def frontier(self) -> Frontier:
        """In the database, where the pages are."""
        from kosha.adapters.postgres.frontier import PostgresFrontier

        return PostgresFrontier(self.database)

    @property
    @kept
    def hosts(self) -> Hosts:
        """In the database."""
        from kosha.adapters.postgres.hosts import PostgresHosts

        return PostgresHosts(self.database)

    @property
    @kept
    def schedules(self) -> Schedules:
        """In DynamoDB: a clock that asks every minute must not keep the database awake."""
        from kosha.adapters.aws.dynamo_schedules import DynamoSchedules

        return DynamoSchedules(self._dynamodb, table=self.settings.needed("documents_table"))

    @property
    @kept
    def parser(self) -> Parser:
        """A process of its own, with the readers that this image has."""
        from kosha.wiring.parsers import PARSERS

        return PARSERS[self.settings.parser]()

    @property
    @kept
    def users(self) -> Users:
        """The people of the user pool, to be read."""
        from kosha.adapters.aws.cognito import CognitoUsers

        return CognitoUsers(self._client("cognito-idp"), self.settings.needed("user_pool_id"))

    @property
    @kept
    def tokens(self) -> Tokens:
        """Those of the user pool."""
        from kosha.adapters.aws.cognito import CognitoTokens

        return CognitoTokens(
            self._client("cognito-idp"),
            pool_id=self.settings.needed("user_pool_id"),
            client_id=self.settings.needed("user_pool_client_id"),
        )

    @property
    @kept
    def passwords(self) -> Passwords:
        """None: the user pool has them."""
        return NoPasswords()

    @property
    @kept
    def chat_models(self) -> ChatModels:
        """Bedrock, and the providers whose keys or endpoints are set."""
        from kosha.wiring.aws_models import chat_models

        return chat_models(self._client, self.provider_keys, self.model_choice)

    @property
    @kept
    def embedders(self) -> Embedders:
        """Those that the parameter of models names."""
        from kosha.wiring.aws_models import embedders

        return embedders(self._client, self.provider_keys, self.model_choice)

    @property
    @kept
    def cross_encoders(self) -> CrossEncoders:
        """Those with an endpoint."""
        from kosha.wiring.aws_models import rerankers

        return rerankers(self._client, self.provider_keys, self.model_choice)

    @property
    @kept
    def database(self) -> "Database":
        """Where vectors and words are; one that sleeps is waited for."""
        from kosha.adapters.postgres.database import Database
        from kosha.wiring.aws_database import SignIn

        sign_in = SignIn(self._secrets, self.settings.needed("database_secret"), host=self.settings.database_host)
        database = Database(
            sign_in, connections=DATABASE_CONNECTIONS, patience_seconds=self._waking_seconds, sleeps=True
        )
        database.open()
        return database

    @property
    @kept
    def sources(self) -> Sources:
        """Beside the vectors that come of them."""
        from kosha.adapters.postgres.sources import PostgresSources

        return PostgresSources(self.database)

    def place(self, kind: str) -> Place:
        """Buckets that the stage names. Raises Rejected for a folder: a function has none."""
        from kosha.wiring.buckets import bucket_place

        if kind != "s3":
            raise Rejected("Only buckets can be followed on AWS. Give a location like s3://bucket/prefix/.")
        return bucket_place(self.settings.source_buckets)

    def index(self, engine: str) -> Index:
        """Raises Rejected for an engine that is not here."""
        return self._engines.index(engine)

    def engines(self) -> list[EngineInfo]:
        """Aurora, and what the settings name beside it."""
        return self._engines.known()

    def health(self) -> dict[str, Health]:
        """The records, asked now. The database is not: asking would wake it."""
        try:
            self.workspaces.grant_of("none", "none")
        except Unavailable as error:
            return {"records": Health("down", str(error))}
        return {"records": Health("ok")}

    def prepare_database(self) -> int:
        """Bring the schema up to date, and have it put out idle sessions; returns the version it had."""
        from kosha.adapters.postgres.idle import put_out_idle_sessions
        from kosha.adapters.postgres.migrate import migrate

        version = migrate(self.database)
        put_out_idle_sessions(self.database, after_seconds=IDLE_SESSION_SECONDS)
        return version

    @property
    def origin_secret(self) -> str | None:
        """What our edge says with every request; None without an edge."""
        arn = self.settings.origin_secret
        return self._secrets.get(arn) if arn else None

    @property
    def provider_keys(self) -> dict[str, str]:
        """Keys of model providers, by the names that their own SDKs have for them."""
        arn = self.settings.provider_secret
        return self._secrets.get_json(arn) if arn else {}

    @property
    @kept
    def model_choice(self) -> dict[str, Any]:
        """The default model, the embedding models, and endpoints of our own."""
        from kosha.adapters.aws.ssm import Parameters

        name = self.settings.models_parameter
        return Parameters(self._client("ssm")).get_json(name) if name else {}

    @property
    @kept
    def _workspaces(self) -> "DynamoWorkspaces":
        from kosha.adapters.aws.dynamo_workspaces import DynamoWorkspaces

        return DynamoWorkspaces(
            self._dynamodb,
            table=self.settings.needed("workspaces_table"),
            documents_table=self.settings.needed("documents_table"),
            users=self.users,
            now=self.now,
        )

    @property
    @kept
    def _sessions(self) -> "DynamoSessions":
        from kosha.adapters.aws.dynamo_sessions import DynamoSessions

        return DynamoSessions(
            self._dynamodb,
            sessions_table=self.settings.needed("sessions_table"),
            turns_table=self.settings.needed("turns_table"),
            now=self.now,
        )

    @property
    @kept
    def _turns(self) -> "DynamoTurns":
        from kosha.adapters.aws.dynamo_turns import DynamoTurns

        settings = self.settings
        return DynamoTurns(
            self._dynamodb,
            turns_table=settings.needed("turns_table"),
            sessions_table=settings.needed("sessions_table"),
            now=self.now,
        )

    @property
    @kept
    def _engines(self) -> "Engines":
        from kosha.wiring.engines import Engines, others

        told = self.settings
        beside = others(
            lambda: self.database,
            vector_store=told.vector_store,
            opensearch_url=told.opensearch_url,
            aws_region=told.opensearch_region,
        )
        return Engines(ENGINE, lambda: self._pgvector, beside)

    @property
    @kept
    def _pgvector(self) -> Index:
        from kosha.adapters.postgres.index import PgvectorIndex

        return PgvectorIndex(self.database)

    @property
    @kept
    def _secrets(self) -> "SecretsManager":
        from kosha.adapters.aws.secrets import SecretsManager

        return SecretsManager(self._client("secretsmanager"))

    @property
    @kept
    def _dynamodb(self) -> Any:
        return self._client("dynamodb")

    @property
    @kept
    def _runner(self) -> asyncio.Runner:
        return asyncio.Runner()

    def _client(self, service: str, *, endpoint_url: str | None = None, **config: Any) -> Any:
        """A client of boto3, which reads `AWS_ENDPOINT_URL` and the like by itself."""
        import boto3
        from botocore.config import Config

        times = {"connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}
        retries = {"mode": "standard", "total_max_attempts": ATTEMPTS}
        make = cast("Any", boto3).client  # the lock has no stubs of it
        return make(service, endpoint_url=endpoint_url, config=Config(retries=retries, **{**times, **config}))


class NoPasswords:
    """Fits the port `Passwords` where the user pool has them."""

    def hash(self, password: str) -> str:  # noqa: ARG002 # the port has it
        """Refuses."""
        raise NotInThisVersion("The user pool has the people. Manage them there.")

    def matches(self, password_hash: str | None, password: str) -> bool:  # noqa: ARG002 # there is nothing to compare
        """Never."""
        return False

    def is_outdated(self, password_hash: str) -> bool:  # noqa: ARG002 # as above
        """Never."""
        return False
