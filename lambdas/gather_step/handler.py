"""Gathering door: one step of a crawl or of a look at a source, which start imports of their own."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha import steps
from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, function_log, function_tracer

PORTS = AwsPorts()
log, tracer = function_log(), function_tracer()


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: Event, context: LambdaContext) -> Event:
    """`{"step", "arguments"}`; the name of what a step raises is what the state machine retries or catches."""
    log.append_keys(step=event["step"], **event["arguments"])
    return steps.run(event, PORTS)
