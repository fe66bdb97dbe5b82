"""Deployment door: asks whether a model is packaged (a custom resource of CloudFormation, every half minute)."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.wiring.functions import Event, function_log, function_tracer
from kosha.wiring.model_packaging import model_packaging

log, tracer = function_log(), function_tracer()


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: Event, context: LambdaContext) -> Event:
    """`{"IsComplete"}`; what is raised stands in CloudFormation's events, in words."""
    if event["RequestType"] == "Delete":
        return {"IsComplete": True}
    project = event["ResourceProperties"]["Project"]
    return {"IsComplete": model_packaging(project).is_done(event["Data"]["Build"])}
