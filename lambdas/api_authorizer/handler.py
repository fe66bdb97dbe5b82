"""REST door: who calls."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.api.gateway import context_of, let_in, token_of
from kosha.errors import Rejected
from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, function_log, function_tracer

PORTS = AwsPorts()
log, tracer = function_log(), function_tracer()


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: Event, context: LambdaContext) -> Event:
    """The person goes with the call; API Gateway knows a refusal by its one word."""
    try:
        return let_in(event["methodArn"], context_of(PORTS.tokens.verify(token_of(event))))
    except Rejected as error:
        log.info("not let in", extra={"why": str(error)})
        raise Exception("Unauthorized") from error
