"""Queue door: answers a question that was accepted, and sends its frames to whoever follows."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.chat.delivery import work
from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, count, count_answer, function_log, function_tracer
from kosha.wiring.queues import each_record, trace_id_in, turn_in
from kosha.wiring.snapshot import prepare_answering

PORTS = AwsPorts()
log, tracer, metrics = function_log(), function_tracer(), Metrics()
prepare_answering()


def answer(record: SQSRecord) -> None:
    """A question that cannot be worked on now goes back to the queue."""
    key = turn_in(record)
    log.append_keys(traceId=trace_id_in(record), messageId=key.message_id)
    count_answer(metrics, PORTS.run(work(key, PORTS)))


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: Event, context: LambdaContext) -> Event:
    """Messages of the topic, direction IN."""
    count(metrics, "Questions", len(event["Records"]))
    return each_record(event, context, answer, log)
