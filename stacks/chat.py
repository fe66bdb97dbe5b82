"""A question over the socket: gateway, topic, queues, the worker that answers, and the sweep that forgets nobody."""

import json

import jsii
from aws_cdk import Duration, Fn
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk.aws_apigateway import AccessLogFormat
from constructs import Construct

from stacks.constructs.canary import CanaryRelease
from stacks.constructs.function import PythonFunction
from stacks.constructs.grants import may_call_models, may_look_up_people, may_read, may_run
from stacks.constructs.queue import QueueWithRedrive, six_times
from stacks.constructs.stack import KoshaStack, kept_logs
from stacks.foundation import FoundationStack
from stacks.ingestion import IngestionStack
from stacks.search import SearchStack
from stacks.settings import Stage

WORKER_TIMEOUT = Duration.minutes(5)
FRAME_TIMEOUT = Duration.seconds(29)  # a gateway waits no longer
STAGE = "v1"


@jsii.implements(gateway.IAccessLogSettings)
class AccessLogs:
    """What is kept of each frame: who, when, which route, how it went; never what it said."""

    def __init__(self, destination: gateway.IAccessLogDestination) -> None:
        self._destination = destination

    @property
    def destination(self) -> gateway.IAccessLogDestination:
        """Where they go."""
        return self._destination

    @property
    def format(self) -> AccessLogFormat:
        """A line of JSON."""
        return AccessLogFormat.custom(
            json.dumps(
                {
                    "requestId": "$context.requestId",
                    "ip": "$context.identity.sourceIp",
                    "requestTime": "$context.requestTime",
                    "routeKey": "$context.routeKey",
                    "status": "$context.status",
                    "connectionId": "$context.connectionId",
                    "error": "$context.error.messageString",
                }
            )
        )


class ChatStack(KoshaStack):
    """`messages` is the topic that questions go to; `socket_url` is where browsers connect."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        foundation: FoundationStack,
        search: SearchStack,
        ingestion: IngestionStack,
    ) -> None:
        super().__init__(scope, "chat", stage)
        self.alarm_topic = foundation.alarm_topic
        self.messages = sns.Topic(
            self,
            "Messages",
            enforce_ssl=stage.tls_only,
            master_key=kms.Alias.from_alias_name(self, "SnsKey", "alias/aws/sns"),
        )
        self.socket = gateway.WebSocketApi(
            self, "Socket", route_selection_expression="$request.body.action", description=f"Kosha {stage.name}: socket"
        )
        self.variables = {
            **foundation.variables,
            "KOSHA_MESSAGES_TOPIC": self.messages.topic_arn,
            "KOSHA_WEBSOCKET_ENDPOINT": self.callback_url,
        }

        self.authorizer = PythonFunction(
            self, "Authorizer", folder="chat_authorizer", timeout=Duration.seconds(10), environment=self.variables
        )
        self.connection = PythonFunction(
            self, "Connection", folder="chat_connection", timeout=FRAME_TIMEOUT, environment=self.variables
        )
        self.incoming = PythonFunction(
            self, "Incoming", folder="chat_incoming", timeout=FRAME_TIMEOUT, memory_mb=1024, environment=self.variables
        )
        self.worker = PythonFunction(
            self,
            "Worker",
            folder="chat_worker",
            timeout=WORKER_TIMEOUT,
            memory_mb=stage.chat.worker_memory_mb,
            environment={**self.variables, **search.variables},
            packages=("models",),
            place=foundation.place,
            snap_start=stage.chat.snap_start,
        )
        self.outgoing = PythonFunction(
            self, "Outgoing", folder="chat_outgoing", timeout=FRAME_TIMEOUT, environment=self.variables
        )
        self.sweep = PythonFunction(
            self,
            "Sweep",
            folder="sweep",
            timeout=Duration.seconds(55),
            environment={**self.variables, **search.variables, **ingestion.variables},
            place=foundation.place,
        )

        self.questions = self._queue("Questions", direction="IN", timeout=WORKER_TIMEOUT)
        self.answers = self._queue("Answers", direction="OUT", timeout=FRAME_TIMEOUT)
        self.worker.consumes(self.questions, batch_size=1, at_once=stage.chat.worker_concurrency)
        self.outgoing.consumes(self.answers, batch_size=10, at_once=20)
        if stage.chat.canary != "off":
            CanaryRelease(self, "WorkerRelease", function=self.worker, share=stage.chat.canary)
        self._routes()
        self._every_minute()
        self._grants(foundation, search, ingestion)
        self.output("SocketUrl", self.socket_url)
        self.output("WebSocketCallback", self.callback_url)
        self.output("MessagesTopicArn", self.messages.topic_arn)

    @property
    def callback_url(self) -> str:
        """Where functions post to connections."""
        base = self.stage_settings.callback_base
        host = f"{self.socket.api_id}.execute-api.{self.region}.{self.url_suffix}"
        return Fn.join("/", [base, self.socket.api_id, STAGE]) if base else f"https://{host}/{STAGE}"

    @property
    def socket_url(self) -> str:
        """Where browsers connect."""
        base = self.stage_settings.callback_base
        if base:
            return Fn.join("/", [base.replace("http", "ws", 1), self.socket.api_id, STAGE])
        return f"wss://{self.socket.api_id}.execute-api.{self.region}.{self.url_suffix}/{STAGE}"

    def _queue(self, id: str, *, direction: str, timeout: Duration) -> QueueWithRedrive:
        queue = QueueWithRedrive(self, id, visible_after=six_times(timeout))
        self.messages.add_subscription(
            subscriptions.SqsSubscription(
                queue,
                raw_message_delivery=True,
                filter_policy={"direction": sns.SubscriptionFilter.string_filter(allowlist=[direction])},
            )
        )
        return queue

    def _routes(self) -> None:
        self.socket.add_route(
            "$connect",
            integration=integrations.WebSocketLambdaIntegration("Connect", self.connection),
            authorizer=authorizers.WebSocketLambdaAuthorizer(
                "ByToken", self.authorizer, identity_source=["route.request.querystring.token"]
            ),
        )
        self.socket.add_route(
            "$disconnect", integration=integrations.WebSocketLambdaIntegration("Disconnect", self.connection)
        )
        self.socket.add_route("$default", integration=integrations.WebSocketLambdaIntegration("Frame", self.incoming))
        chosen = self.stage_settings.chat
        gateway.WebSocketStage(
            self,
            "SocketStage",
            web_socket_api=self.socket,
            stage_name=STAGE,
            auto_deploy=True,
            throttle=gateway.ThrottleSettings(rate_limit=chosen.messages_per_second, burst_limit=chosen.message_burst),
            access_log_settings=AccessLogs(gateway.LogGroupLogDestination(kept_logs(self, "AccessLogs"))),
        )

    def _every_minute(self) -> None:
        events.Rule(
            self,
            "EveryMinute",
            description="Turns nobody holds, sign-ins that ended, imports that stopped",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[targets.LambdaFunction(self.sweep, retry_attempts=0)],
        )

    def _grants(self, foundation: FoundationStack, search: SearchStack, ingestion: IngestionStack) -> None:
        foundation.lets_write(self.connection, "connections")
        foundation.lets_write(self.incoming, "turns", "sessions", "connections")
        foundation.lets_write(self.worker, "turns", "sessions", "connections")
        foundation.lets_write(self.outgoing, "turns", "connections")
        foundation.lets_write(self.sweep, *foundation.tables)
        foundation.lets_read(self.incoming, "workspaces")
        foundation.lets_read(self.worker, "workspaces", "documents")
        foundation.lets_read(self.outgoing, "sessions")

        for function in (self.incoming, self.worker, self.outgoing, self.sweep):
            self.socket.grant_manage_connections(function)
        for function in (self.incoming, self.worker, self.sweep):
            self.messages.grant_publish(function)
        for function in (self.incoming, self.worker):
            foundation.models.grant_read(function)
            may_read(foundation.provider_secret, function)
        may_call_models(self, self.worker)
        may_look_up_people(foundation.people.pool, self.authorizer, self.incoming, self.sweep)
        if self.stage_settings.cdn:
            may_read(foundation.origin_secret, self.authorizer)

        for function in (self.worker, self.sweep):
            search.lets_in(function)
        # An upload that never came is forgotten with all that was ever made of it.
        foundation.uploads.grant_read_write(self.sweep)
        foundation.processing.grant_read_write(self.sweep)
        may_run(ingestion.workflows.values(), self.sweep)
