"""Deployment door: makes the database ready for the version that is deployed (a custom resource of CloudFormation)."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from kosha.wiring.aws import AwsPorts
from kosha.wiring.functions import Event, function_log, function_tracer

PORTS = AwsPorts()
NAME = "kosha-database"  # it never changes: a new name would have CloudFormation delete the old one
log, tracer = function_log(), function_tracer()


@log.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: Event, context: LambdaContext) -> Event:
    """`Create` and `Update` bring the schema up to date; `Delete` leaves everything: data outlives a stack."""
    if event["RequestType"] != "Delete":
        log.info("the schema had version %s", PORTS.prepare_database())
    return {"PhysicalResourceId": event.get("PhysicalResourceId", NAME)}
