"""Clock door: every minute, sees to what was left half way."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.chat.delivery import send_again, tell_again
from kosha.chat.listeners import put_out_whose_sign_in_ended
from kosha.errors import KoshaError
from kosha.ingestion import clock, sweep
from kosha.users import forget_those_who_left
from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, count, function_log, function_tracer

PORTS = AwsPorts()
log, tracer, metrics = function_log(), function_tracer(), Metrics()
SWEEPS = (
    send_again,
    tell_again,
    put_out_whose_sign_in_ended,
    sweep.imports,
    sweep.deletions,
    sweep.uploads_at_the_hour,
    clock.begin_due,
    forget_those_who_left,
)


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: Event, context: LambdaContext) -> None:
    """One that fails leaves the others theirs, and is tried again in a minute."""
    for each in SWEEPS:
        try:
            count(metrics, each.__name__, each(PORTS) or 0)
        except KoshaError as error:
            log.warning("a sweep was left", extra={"sweep": each.__name__, "why": str(error)})
            count(metrics, "SweepsLeft")
