"""What a function has around its use case: one log, trace ids of messages, and figures of answers."""

import json
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from kosha.model.turn import Turn, TurnKey
from kosha.observe import log

Event = dict[str, Any]


def function_log() -> Logger:
    """Powertools' log, and in it the library's lines: both have the keys that the function appends."""
    made = Logger()
    copy_config_to_registered_loggers(source_logger=made, include={log.name}, ignore_log_level=True)
    log.setLevel(made.log_level)
    return made


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
    """Whether an answer was made, and how long the person waited for its first words and for all of it."""
    end = turn.end if turn else None
    count(metrics, "Answers", 1 if end and end.final else 0)
    count(metrics, "FailedAnswers", 1 if end and end.error else 0)
    if end and end.final:
        told = end.final.metadata.timings_ms
        for name, milliseconds in (("FirstToken", told.queue + told.first_token), ("WholeAnswer", told.total)):
            metrics.add_metric(name=name, unit=MetricUnit.Milliseconds, value=milliseconds)
