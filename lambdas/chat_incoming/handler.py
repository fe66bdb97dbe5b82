"""Socket door: one frame of a client."""

from uuid import uuid4

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.api.gateway import frame_in
from kosha.chat.relay import take
from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, count, function_log, function_tracer

PORTS = AwsPorts()
log, tracer, metrics = function_log(), function_tracer(), Metrics()


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: Event, context: LambdaContext) -> Event:
    """Whatever is to be said goes to the connection; the gateway is told that the frame was taken."""
    count(metrics, "Frames")
    trace_id = uuid4().hex
    log.append_keys(traceId=trace_id)
    take(event["requestContext"]["connectionId"], frame_in(event), PORTS, trace_id=trace_id)
    return {"statusCode": 200}
