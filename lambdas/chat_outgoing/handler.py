"""Queue door: tells the end of an answer to every connection that follows it, once."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.chat.delivery import tell_end
from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, count, function_log, function_tracer
from kosha.wiring.queues import each_record, trace_id_in, turn_in

PORTS = AwsPorts()
log, tracer, metrics = function_log(), function_tracer(), Metrics()


def tell(record: SQSRecord) -> None:
    """An end that somebody could not be told goes back to the queue; who was told is not told again."""
    key = turn_in(record)
    log.append_keys(traceId=trace_id_in(record), messageId=key.message_id)
    count(metrics, "EndsTold", tell_end(key, PORTS))


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: Event, context: LambdaContext) -> Event:
    """Messages of the topic, direction OUT."""
    count(metrics, "Ends", len(event["Records"]))
    return each_record(event, context, tell, log)
