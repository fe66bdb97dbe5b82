"""Deployment door: starts packaging a model of the Hub (a custom resource of CloudFormation)."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.wiring.functions import Event, function_log, function_tracer
from kosha.wiring.model_packaging import model_packaging

log, tracer = function_log(), function_tracer()


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: Event, context: LambdaContext) -> Event:
    """The package's place is its id: another model, revision or script is another one. `Delete` leaves it."""
    told = event["ResourceProperties"]
    if event["RequestType"] == "Delete":
        return {"PhysicalResourceId": event["PhysicalResourceId"]}
    build = model_packaging(told["Project"]).start(told["Variables"], once=event["RequestId"])
    log.info("packaging", extra={"build": build, **told["Variables"]})
    return {"PhysicalResourceId": told["Variables"]["DESTINATION"], "Data": {"Build": build}}
