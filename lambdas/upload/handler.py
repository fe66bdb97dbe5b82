"""Queue door: bytes have arrived in the bucket of originals."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.ingestion.register import arrived_at
from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, count, function_log, function_tracer
from kosha.wiring.queues import each_record, keys_in

PORTS = AwsPorts()
log, tracer, metrics = function_log(), function_tracer(), Metrics()


def take(record: SQSRecord) -> None:
    """Submit the documents whose bytes a notification of S3 tells of."""
    for key in keys_in(record):
        count(metrics, "FilesArrived", arrived_at(key, PORTS))


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: Event, context: LambdaContext) -> Event:
    """Notifications of S3, told by SQS."""
    count(metrics, "Notifications", len(event["Records"]))
    return each_record(event, context, take, log)
