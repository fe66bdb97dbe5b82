"""A state machine from its file in statemachines/: it orders steps, and every step is a function's."""

import json
from pathlib import Path
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.layers import ROOT
from stacks.constructs.stack import alarm, kept_logs

Definition = dict[str, Any]


def definition_of(name: str) -> Definition:
    """`statemachines/<name>.asl.json`."""
    definition: Definition = json.loads(Path(ROOT / "statemachines" / f"{name}.asl.json").read_text())
    return definition


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


def parsed_in_a_job(definition: Definition) -> Definition:
    """The import with its Parse state as a Batch job, and after it a state that raises what the job wrote down.

    Batch tells no error by name, so the job ends well and keeps its outcome; it retries what is Unavailable by itself.
    """
    parse = definition["States"]["Parse"]
    job = {
        "Comment": "Reads the original in a container; its outcome is told by the next state.",
        "Type": "Task",
        "Resource": "${SubmitJob}",
        "Parameters": {
            "JobName": "parse",
            "JobQueue": "${JobQueue}",
            "JobDefinition": "${JobDefinition}",
            "ContainerOverrides": {"Command.$": "States.Array('run_step', 'parse', States.JsonToString($))"},
        },
        "ResultPath": None,
        "Retry": [
            {
                "ErrorEquals": ["Batch.BatchException", "Batch.ServerException"],
                "IntervalSeconds": 5,
                "MaxAttempts": 5,
                "BackoffRate": 2,
            }
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Fail"}],
        "Next": "ParseOutcome",
    }
    outcome = {**parse, "Parameters": {"step": "parse_outcome", "arguments.$": "$"}}
    return {**definition, "States": {**definition["States"], "Parse": job, "ParseOutcome": outcome}}
