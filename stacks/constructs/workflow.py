"""A state machine from its file in statemachines/: it orders steps, and every step is a function's."""

import json

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.definitions import Definition
from stacks.constructs.stack import alarm, kept_logs


class Workflow(sfn.StateMachine):
    """Runs a definition whose `${WorkflowStep}` is a function; logged and traced, with a role of its own."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        definition: Definition,
        step: lambda_.IFunction,
        timeout: Duration,
        values: dict[str, str] | None = None,
    ) -> None:
        """values: what the definition's other `${...}` stand for; whoever gives them grants what they need."""
        super().__init__(
            scope,
            id,
            definition_body=sfn.DefinitionBody.from_string(json.dumps(definition)),
            definition_substitutions={"WorkflowStep": step.function_arn, **(values or {})},
            timeout=timeout,
            role=iam.Role(scope, f"{id}Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com")),
            logs=sfn.LogOptions(destination=kept_logs(scope, f"{id}Logs"), level=sfn.LogLevel.ALL),
            tracing_enabled=True,
        )
        step.grant_invoke(self)
        alarm(
            self, "Failures", self.metric_failed(period=Duration.minutes(5)), above=0, says=f"{id}: an execution failed"
        )
