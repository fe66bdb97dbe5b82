"""REST door: one call of the API."""

from functools import cache

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.api.gateway import refuse_other_origins, refused, traced, with_claims
from kosha.api.resolver import Api
from kosha.errors import Forbidden
from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, count, function_log, function_tracer

PORTS = AwsPorts(waking_seconds=25)  # API Gateway gives a call up after 29
log, tracer, metrics = function_log(), function_tracer(), Metrics()


@cache
def api() -> Api:
    """Every route."""
    return Api(PORTS)


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: Event, context: LambdaContext) -> Event:
    """A proxy event (REST, payload 1.0) and the reply to it."""
    count(metrics, "Calls")
    call = traced(with_claims(event))
    log.append_keys(traceId=call["headers"]["x-trace-id"])
    try:
        refuse_other_origins(call, PORTS.origin_secret)
    except Forbidden as error:
        return refused(call, error)
    reply = api().resolve(call, context)
    count(metrics, "Faults", reply["statusCode"] >= 500)
    return reply
