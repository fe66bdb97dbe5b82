"""What a function has around its use case where messages of a queue come in: each for itself, in our own words."""

# pyright: reportUnknownVariableType=false
# Powertools' own types have holes.

import json
import logging
from collections.abc import Callable
from typing import cast
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.model.turn import TurnKey
from kosha.wiring.functions import Event


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
