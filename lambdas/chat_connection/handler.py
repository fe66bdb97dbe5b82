"""Socket door: a connection opens or closes."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.api.gateway import authorisation_in
from kosha.chat.listeners import connect, disconnect
from kosha.errors import TooManyRequests
from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, count, function_log, function_tracer

PORTS = AwsPorts()
log, tracer, metrics = function_log(), function_tracer(), Metrics()


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: Event, context: LambdaContext) -> Event:
    """A status of 200 lets the socket open."""
    told = event["requestContext"]
    count(metrics, "ConnectionsOpened", told["routeKey"] == "$connect")
    if told["routeKey"] == "$disconnect":
        disconnect(told["connectionId"], PORTS)
        return {"statusCode": 200}
    try:
        connect(told["connectionId"], authorisation_in(event), PORTS)
    except TooManyRequests as error:
        return {"statusCode": error.status, "body": str(error)}
    return {"statusCode": 200}
