"""What people who run a deployment look at: a dashboard, and the alarms that functions and queues lack themselves."""

from collections.abc import Sequence
from typing import NamedTuple

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.api import ApiStack
from stacks.chat import ChatStack
from stacks.constructs.function import PythonFunction
from stacks.constructs.queue import QueueWithRedrive
from stacks.constructs.stack import KoshaStack, alarm
from stacks.foundation import FoundationStack
from stacks.ingestion import IngestionStack
from stacks.sagemaker import SagemakerStack
from stacks.search import SearchStack
from stacks.settings import Stage

PERIOD = Duration.minutes(5)


class Watched(NamedTuple):
    """The stacks of a stage that are watched."""

    foundation: FoundationStack
    search: SearchStack
    ingestion: IngestionStack
    chat: ChatStack
    api: ApiStack
    sagemaker: SagemakerStack | None = None


class ObservabilityStack(KoshaStack):
    """Errors of functions, dead letters, failed workflows and canaries raise their alarms where they are made."""

    def __init__(self, scope: Construct, stage: Stage, watched: Watched) -> None:
        super().__init__(scope, "observability", stage)
        self.alarm_topic = watched.foundation.alarm_topic
        stacks = [stack for stack in watched if isinstance(stack, KoshaStack)]
        self.functions = [each for stack in stacks for each in _all(stack, PythonFunction)]
        self.queues = [each for stack in stacks for each in _all(stack, QueueWithRedrive)]
        self._alarms(watched)
        board = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=f"kosha-{stage.name}",
            period_override=cloudwatch.PeriodOverride.AUTO,
            widgets=self._widgets(watched),
        )
        self.output("Dashboard", board.dashboard_name)

    def _alarms(self, watched: Watched) -> None:
        chosen = self.stage_settings.watching
        for function in self.functions:
            throttled = function.metric_throttles(period=PERIOD)
            alarm(
                self,
                f"{_id(function)}Throttled",
                throttled,
                above=0,
                says=f"{function.folder}: Lambda refused to start it",
            )
        for queue in self.queues:
            oldest = queue.metric_approximate_age_of_oldest_message(period=Duration.minutes(1), statistic="Maximum")
            seconds = chosen.oldest_message_minutes * 60
            alarm(
                self, f"{_id(queue)}Late", oldest, above=seconds, says=f"{queue.node.id}: a message waits for too long"
            )
        api = watched.api.api
        alarm(
            self, "ApiFaults", api.metric_server_error(period=PERIOD), above=0, says="The REST API answered with a 5xx"
        )
        slow = api.metric_latency(period=PERIOD, statistic="p95")
        alarm(self, "ApiSlow", slow, above=chosen.api_seconds_p95 * 1000, says="The REST API is slow")
        alarm(self, "SocketFaults", _socket(watched, "IntegrationError"), above=0, says="The socket's function failed")
        for name, metric, above in self._database(watched):
            alarm(self, f"Database{name}", metric, above=above, says=f"Aurora: {name.lower()}; see docs/operations.md")

    def _database(self, watched: Watched) -> list[tuple[str, cloudwatch.Metric, float]]:
        """Full for 15 minutes; more connections than all functions together should have."""
        cluster = watched.search.cluster
        if cluster is None:
            return []
        capacity = cluster.metric_acu_utilization(period=Duration.minutes(15), statistic="Average")
        connections = cluster.metric_database_connections(period=PERIOD, statistic="Maximum")
        return [("Capacity", capacity, 90), ("Connections", connections, self.stage_settings.watching.connections)]

    def _widgets(self, watched: Watched) -> Sequence[Sequence[cloudwatch.IWidget]]:
        waiting = [each.metric_approximate_number_of_messages_visible(label=each.node.id) for each in self.queues]
        dead = [
            each.dead_letters.metric_approximate_number_of_messages_visible(label=each.node.id) for each in self.queues
        ]
        oldest = [each.metric_approximate_age_of_oldest_message(label=each.node.id) for each in self.queues]
        errors = [each.metric_errors(label=each.folder) for each in self.functions]
        durations = [each.metric_duration(label=each.folder, statistic="p95") for each in self.functions]
        api = watched.api.api
        calls = [
            api.metric_latency(label="p95, ms", statistic="p95"),
            api.metric_count(label="calls"),
            api.metric_client_error(label="4xx"),
            api.metric_server_error(label="5xx"),
        ]
        waits = [_of_answers("FirstToken", statistic="p95"), _of_answers("WholeAnswer", statistic="p95")]
        answers = [_of_answers(name) for name in ("Answers", "FailedAnswers", "CachedAnswers")]
        database = [_graph("Aurora", metrics) for metrics in [[each[1] for each in self._database(watched)]] if metrics]
        return [
            [
                _graph("Waiting in queues", waiting),
                _graph("Dead letters", dead),
                _graph("Age of the oldest message, s", oldest),
            ],
            [
                _graph("Errors of functions", errors),
                _graph("p95 of functions, ms", durations),
                _graph("REST API", calls),
            ],
            [
                _graph("Waited for, p95, ms", waits),
                _graph("Answers", answers),
                _graph("Cache hits", [self._cache_hits()]),
            ],
            [_graph("Cost of answers, USD", [_of_answers("Cost")]), *database],
        ]

    def _cache_hits(self) -> cloudwatch.IMetric:
        """Answers that needed no model."""
        return cloudwatch.MathExpression(
            expression="100 * FILL(cached, 0) / (answers + 0.001)",
            label="answers from the cache, %",
            using_metrics={"cached": _of_answers("CachedAnswers"), "answers": _of_answers("Answers")},
            period=PERIOD,
        )


def _all(stack: KoshaStack, kind: type) -> list:
    """The constructs of a kind in a stack, in the order they were made."""
    return [each for each in stack.node.find_all() if isinstance(each, kind)]


def _id(construct: Construct) -> str:
    return "".join(part.capitalize() if part.islower() else part for part in construct.node.path.split("/"))


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8, height=6)


def _of_answers(name: str, *, statistic: str = "Sum") -> cloudwatch.Metric:
    """What the worker counted itself (Powertools)."""
    return cloudwatch.Metric(
        namespace="Kosha",
        metric_name=name,
        dimensions_map={"service": "chat_worker"},
        period=PERIOD,
        statistic=statistic,
        label=name,
    )


def _socket(watched: Watched, name: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/ApiGateway",
        metric_name=name,
        dimensions_map={"ApiId": watched.chat.socket.api_id},
        period=PERIOD,
        statistic="Sum",
    )
