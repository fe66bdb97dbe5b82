"""What a function has around its use case: one log, trace ids of messages, and figures of answers."""

# pyright: reportUnknownVariableType=false
# Powertools' own types have holes.

import json
import logging
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.model.turn import Turn, TurnKey
from kosha.observe import log

Event = dict[str, Any]


def function_log() -> Logger:
    """Powertools' log, and in it the library's lines: both have the keys that the function appends."""
    made = Logger()
    copy_config_to_registered_loggers(source_logger=made, include={log.name}, ignore_log_level=True)
    log.setLevel(made.log_level)
    return made


def each_record(event: Event, context: LambdaContext, work: Callable[[SQSRecord], None], log: Logger) -> Event:
    """Do the work of each message of a queue; one that fails is told in the log and goes back to the queue alone."""
    logger = cast("logging.Logger", log)
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False, logger=logger)
    return dict(process_partial_response(event, work, processor, context))


def turn_in(record: SQSRecord) -> TurnKey:
    """The turn that a message of the topic is about, delivered raw."""
    told = json.loads(record.body)
    return TurnKey(user_id=told["userId"], message_id=told["messageId"])


def trace_id_in(record: SQSRecord) -> str | None:
    """The trace id that came with a message of the topic."""
    told = record.message_attributes["traceId"]
    return told.string_value if told else None


def keys_in(record: SQSRecord) -> list[str]:
    """The keys that a notification of S3 tells of; none of the test that S3 sends when it is set up."""
    return [unquote_plus(told["s3"]["object"]["key"]) for told in json.loads(record.body).get("Records", [])]


def count(metrics: Metrics, name: str, value: float = 1) -> None:
    """So many of them happened."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def count_answer(metrics: Metrics, turn: Turn | None) -> None:
    """Whether an answer was made, its cost in USD, and how long the person waited for its first words and for all."""
    end = turn.end if turn else None
    count(metrics, "Answers", 1 if end and end.final else 0)
    count(metrics, "FailedAnswers", 1 if end and end.error else 0)
    if end and end.final:
        count(metrics, "CachedAnswers", 1 if end.final.metadata.cached else 0)
        metrics.add_metric(name="Cost", unit="None", value=end.final.metadata.usage.cost_usd or 0)
        told = end.final.metadata.timings_ms
        for name, milliseconds in (("FirstToken", told.queue + told.first_token), ("WholeAnswer", told.total)):
            metrics.add_metric(name=name, unit=MetricUnit.Milliseconds, value=milliseconds)
