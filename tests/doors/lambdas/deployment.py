"""A deployment in one process: the functions' handlers over moto, and queues, a topic and a gateway between them.

Each function has ports of its own, as it has on AWS. What moto cannot be is the local adapter of the same port.
"""

import importlib
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from uuid import uuid4

import boto3
import pytest
from tests.contracts.aws import REGION, Clock, DynamoClients
from tests.house.machine import Machine
from tests.unit.chat.house import ScriptedModel

from kosha.adapters.aws.tables import TABLES
from kosha.adapters.models.catalogue import Catalogue
from kosha.errors import Unavailable
from kosha.model.user import Caller
from kosha.wiring.aws import AwsPorts

FUNCTIONS = (
    "api",
    "api_authorizer",
    "chat_authorizer",
    "chat_connection",
    "chat_incoming",
    "chat_worker",
    "chat_outgoing",
    "upload",
    "workflow_step",
    "gather_step",
    "sweep",
    "database_setup",
)
ARN = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/$connect"
Event = dict[str, Any]


@dataclass
class Context:
    """What Lambda tells of an invocation."""

    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:function"
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Gateway:
    """Fits the port `Sockets`: what was posted to each connection, and who is gone."""

    def __init__(self) -> None:
        self.posted: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.closed: set[str] = set()
        self.gone: set[str] = set()
        self.is_busy = False

    def post(self, connection_id: str, frame: str) -> bool:
        if self.is_busy:
            raise Unavailable("The gateway is busy.")
        if connection_id in self.gone | self.closed:
            return False
        self.posted[connection_id].append(json.loads(frame))
        return True

    def close(self, connection_id: str) -> None:
        self.closed.add(connection_id)


@dataclass
class Deployment:
    """The functions, and what stands between them."""

    machine: Machine
    sns: Any
    sqs: Any
    queues: dict[str, str]
    gateway: Gateway = field(default_factory=Gateway)
    clock: Clock = field(default_factory=Clock)
    model: ScriptedModel = field(default_factory=ScriptedModel)

    def has_secret(self, setting: str, text: str) -> str:
        """A secret that a setting of every function names."""
        secrets = boto3.client("secretsmanager", REGION)
        os.environ[setting] = secrets.create_secret(Name=uuid4().hex, SecretString=text)["ARN"]
        return text

    def module(self, function: str) -> ModuleType:
        """The handler's module."""
        return importlib.import_module(f"lambdas.{function}.handler")

    def call(self, function: str, event: Event) -> Any:
        """Invoke a function."""
        return self.module(function).handler(event, Context())

    def ports(self, function: str) -> AwsPorts:
        """A function's ports. What is put into their `made` takes the place of a part."""
        ports: AwsPorts = self.module(function).PORTS
        return ports

    def token(self, of: Caller, *, seconds: int = 600) -> str:
        """An access token."""
        return self.machine.ports.tokens.issue(of.user, lifetime_seconds=seconds)[0]

    def connect(self, caller: Caller, *, token: str | None = None) -> "Browser":
        """A socket of that person, opened as API Gateway does it."""
        query = {"token": token or self.token(caller)}
        verdict = self.call(
            "chat_authorizer",
            {"type": "REQUEST", "methodArn": ARN, "headers": {}, "queryStringParameters": query, "requestContext": {}},
        )
        browser = Browser(self, f"connection-{uuid4().hex[:8]}=")
        opened = browser.tell("chat_connection", routeKey="$connect", authorizer=verdict["context"])
        assert opened["statusCode"] == 200, opened
        return browser

    def messages(self, direction: str) -> list[dict[str, Any]]:
        """What waits in a queue, taken off it, as the records of an event."""
        told = self.sqs.receive_message(
            QueueUrl=self.queues[direction], MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages", [])
        for message in told:
            self.sqs.delete_message(QueueUrl=self.queues[direction], ReceiptHandle=message["ReceiptHandle"])
        return [record(message["Body"], message.get("MessageAttributes", {})) for message in told]

    def answer(self, records: list[Event] | None = None) -> list[Event]:
        """Questions are answered, one an invocation; returns the records that go back to the queue."""
        return [one for one in records or self.messages("IN") if self._fails("chat_worker", [one])]

    def tell(self, records: list[Event] | None = None) -> list[Event]:
        """Ends are told; returns the records that go back to the queue."""
        taken = records or self.messages("OUT")
        failed = self._fails("chat_outgoing", taken) if taken else set()
        return [one for one in taken if one["messageId"] in failed]

    def settle(self) -> None:
        """Until nothing waits in a queue."""
        while (asked := self.messages("IN")) or (ended := self.messages("OUT")):
            if asked:
                assert self.answer(asked) == []
            else:
                assert self.tell(ended) == []

    def _fails(self, function: str, records: list[Event]) -> set[str]:
        reply = self.call(function, {"Records": records})
        return {failure["itemIdentifier"] for failure in reply["batchItemFailures"]}


@dataclass
class Browser:
    """One socket at the gateway."""

    deployment: Deployment
    id: str

    def send(self, action: str, **data: Any) -> list[dict[str, Any]]:
        """Send a frame; returns what came at once."""
        return self.send_text(json.dumps({"action": action, "data": data}))

    def send_text(self, text: str, **more: Any) -> list[dict[str, Any]]:
        before = len(self.heard)
        assert self.tell("chat_incoming", routeKey="$default", body=text, **more) == {"statusCode": 200}
        return self.heard[before:]

    def leave(self) -> None:
        """The connection breaks, and the gateway says so."""
        self.deployment.gateway.gone.add(self.id)
        self.tell("chat_connection", routeKey="$disconnect")

    @property
    def heard(self) -> list[dict[str, Any]]:
        """Every frame that came."""
        return self.deployment.gateway.posted[self.id]

    @property
    def numbers(self) -> list[int]:
        """Of the token frames that came."""
        return [frame["data"]["token"]["sequenceNumber"] for frame in self.heard if frame["action"] == "llm_new_token"]

    @property
    def actions(self) -> list[str]:
        return [frame["action"] for frame in self.heard]

    def tell(self, function: str, **told: Any) -> Any:
        """Invoke a function with an event of a WebSocket API."""
        body, is_base64 = told.pop("body", None), told.pop("isBase64Encoded", False)
        context = {"connectionId": self.id, "stage": "v1", "eventType": "MESSAGE", "apiId": "abc", **told}
        return self.deployment.call(function, {"requestContext": context, "body": body, "isBase64Encoded": is_base64})


def record(body: str, attributes: dict[str, Any] | None = None) -> Event:
    """A record of an SQS event."""
    return {
        "messageId": str(uuid4()),
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "0"},
        "messageAttributes": {
            name: {"stringValue": told["StringValue"], "dataType": told["DataType"]}
            for name, told in (attributes or {}).items()
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:questions",
        "awsRegion": REGION,
    }


def ids() -> dict[str, str]:
    """A new question in a new session."""
    return {"sessionId": str(uuid4()), "messageId": str(uuid4())}


@contextmanager
def deployed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """The functions as the stacks would deploy them; moto runs."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    settings = {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "POWERTOOLS_SERVICE_NAME": "kosha",
        "POWERTOOLS_METRICS_NAMESPACE": "Kosha",
        **{f"KOSHA_{name.upper()}_TABLE": name for name in TABLES},
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    sns, sqs = boto3.client("sns", REGION), boto3.client("sqs", REGION)
    topic = sns.create_topic(Name=f"messages-{uuid4().hex}")["TopicArn"]
    monkeypatch.setenv("KOSHA_MESSAGES_TOPIC", topic)
    monkeypatch.setenv("KOSHA_ORIGIN_SECRET", "")
    deployment = Deployment(machine, sns, sqs, {name: _queue(sns, sqs, topic, name) for name in ("IN", "OUT")})
    database = DynamoClients().emptied()
    local = machine.ports
    for function in FUNCTIONS:
        monkeypatch.setattr(deployment.ports(function), "now", deployment.clock)
        deployment.ports(function).made = {
            "_dynamodb": database,
            "sockets": deployment.gateway,
            "chat_models": Catalogue(deployment.model, [], [], None),
            **{name: getattr(local, name) for name in ("tokens", "users", "workspaces", "documents", "embedders")},
            **{name: getattr(local, name) for name in ("blobs", "workflows", "parser")},
            "database": local.database,
        }
    try:
        yield deployment
    finally:
        for function in FUNCTIONS:
            ports = deployment.ports(function)
            if "_runner" in ports.made:
                ports.made["_runner"].close()
            ports.made = {}


def _queue(sns: Any, sqs: Any, topic: str, direction: str) -> str:
    """A queue of the messages of one direction, delivered raw; its URL."""
    url = sqs.create_queue(QueueName=f"{direction}-{uuid4().hex}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    attributes = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"direction": [direction]})}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return url
