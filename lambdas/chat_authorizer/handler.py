"""Socket door: who may open a connection."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.api.gateway import lasting_context_of, let_in, refuse_other_origins, token_of
from kosha.errors import Rejected
from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, function_log, function_tracer

PORTS = AwsPorts()
log, tracer = function_log(), function_tracer()


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: Event, context: LambdaContext) -> Event:
    """The person goes with the connection; API Gateway knows a refusal by its one word."""
    try:
        refuse_other_origins(event, PORTS.origin_secret)
        return let_in(event["methodArn"], lasting_context_of(PORTS.tokens.authorise(token_of(event))))
    except Rejected as error:
        log.info("not let in", extra={"why": str(error)})
        raise Exception("Unauthorized") from error
