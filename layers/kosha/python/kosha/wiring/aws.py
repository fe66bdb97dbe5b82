"""Ports of a deployment on AWS, each made when it is first asked for: a function pays for what it uses."""

from functools import partial
from typing import TYPE_CHECKING

from kosha.errors import Rejected, Unavailable
from kosha.ports import (
    Asks,
    Blobs,
    ChatModels,
    CrossEncoders,
    Embedders,
    Endings,
    EngineInfo,
    Health,
    Index,
    Limits,
    LiveOutbox,
    Parser,
    Passwords,
    Place,
    Sockets,
    Tokens,
    Web,
    Workflows,
)
from kosha.wiring.aws_parts import kept, kept_with_keys
from kosha.wiring.aws_records import AwsRecords

if TYPE_CHECKING:
    from kosha.wiring.engines import Engines

ENGINE = EngineInfo("aurora", "Amazon Aurora PostgreSQL with pgvector", True)
POST_READ_SECONDS = 3  # a frame that takes longer holds up its successors


class AwsPorts(AwsRecords):
    """Every port of a deployment. Fits `GatewayPorts`."""

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

        return HttpWeb(self.settings.crawl_allow_hosts)

    @property
    @kept
    def parser(self) -> Parser:
        """A process of its own, with the readers that this image has."""
        from kosha.wiring.parsers import parser

        told = self.settings
        return parser(told.parser, seconds=told.parser_seconds, memory_bytes=told.parser_memory_bytes)

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
        from kosha.adapters.aws.no_passwords import NoPasswords

        return NoPasswords()

    @property
    @kept_with_keys
    def chat_models(self) -> ChatModels:
        """Bedrock, and the providers whose keys or endpoints are set."""
        from kosha.wiring.aws_models import chat_models

        return chat_models(self._client, self.provider_keys, self.model_choice)

    @property
    @kept_with_keys
    def embedders(self) -> Embedders:
        """Those that the parameter of models names."""
        from kosha.wiring.aws_models import embedders

        return embedders(self._client, self.provider_keys, self.model_choice)

    @property
    @kept_with_keys
    def cross_encoders(self) -> CrossEncoders:
        """Those with an endpoint."""
        from kosha.wiring.aws_models import rerankers

        return rerankers(self._client, self.provider_keys, self.model_choice)

    def place(self, kind: str) -> Place:
        """Buckets that the stage names. Raises Rejected for a folder: a function has none."""
        if kind != "s3":
            raise Rejected("Only buckets can be followed on AWS. Give a location like s3://bucket/prefix/.")
        return self._buckets

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

    @property
    @kept
    def _buckets(self) -> Place:
        from kosha.adapters.aws.s3_place import S3Place

        return S3Place(self._client("s3"), self.settings.source_buckets)

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
            user=partial(self._secrets.get_json, told.opensearch_secret) if told.opensearch_secret else None,
        )
        return Engines(ENGINE, lambda: self._pgvector, beside)

    @property
    @kept
    def _pgvector(self) -> Index:
        from kosha.adapters.postgres.index import PgvectorIndex

        return PgvectorIndex(self.database)
