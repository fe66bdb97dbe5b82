"""When an endpoint runs: outside of its hours it is deleted, and made again from the same configuration.

A real-time endpoint has one instance at least; only endpoints of inference components go down to none, and those scale
by copies and want another parameter in every call. So the endpoint itself goes and comes. Source: SageMaker developer
guide, "Scale an endpoint to zero instances", 2026-11.
"""

from typing import Any

from aws_cdk import Duration, TimeZone
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.constructs.endpoint import Endpoint
from stacks.constructs.stack import KoshaStack, alarm, kept_logs
from stacks.served_models import Hours, ServedModel

ANY_ERROR = ["States.ALL"]


class EndpointHours(Construct):
    """Two schedules and the state machine that they start with `{"do": "start"}` and `{"do": "stop"}`."""

    def __init__(self, scope: Construct, id: str, *, endpoint: Endpoint, served: ServedModel, hours: Hours) -> None:
        super().__init__(scope, id)
        self._endpoint, self._served = endpoint, served
        which = (
            sfn.Choice(self, "Which")
            .when(sfn.Condition.string_equals("$.do", "stop"), self._stop())
            .otherwise(self._start())
        )
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_chainable(which),
            timeout=Duration.hours(2),
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=kept_logs(self, "Logs"), level=sfn.LogLevel.ALL),
        )
        failed = self.machine.metric_failed(period=Duration.minutes(5))
        alarm(self, "Failures", failed, above=0, says=f"{endpoint.name} could not be started or stopped")
        for do, cron in (("start", hours.start), ("stop", hours.stop)):
            scheduler.Schedule(
                self,
                do.capitalize(),
                description=f"{do} {endpoint.name}",
                schedule=scheduler.ScheduleExpression.expression(cron, TimeZone.of(hours.time_zone)),
                target=targets.StepFunctionsStartExecution(
                    self.machine, input=scheduler.ScheduleTargetInput.from_object({"do": do})
                ),
            )

    def _start(self) -> sfn.IChainable:
        """The endpoint; its scaling follows as soon as it is in service, which is tried every minute."""
        create = self._call(
            "Create", "sagemaker", "createEndpoint",
            {"EndpointName": self._endpoint.name, "EndpointConfigName": self._named("endpoint-config")},
            "endpoint", "endpoint-config",
        )  # fmt: skip
        scaled = self._scaled()
        register = self._call(
            "Register", "applicationautoscaling", "registerScalableTarget",
            {**scaled, "MinCapacity": self._served.instances_min, "MaxCapacity": self._served.instances_max},
        )  # fmt: skip
        register.add_retry(errors=ANY_ERROR, interval=Duration.minutes(1), max_attempts=60, backoff_rate=1)
        tracked = {
            "TargetValue": self._served.calls_per_minute,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            "ScaleInCooldown": 600,
            "ScaleOutCooldown": 120,
        }
        policy = {
            **scaled,
            "PolicyName": f"{self._endpoint.name}-by-calls",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": tracked,
        }
        follow = self._call("Follow", "applicationautoscaling", "putScalingPolicy", policy)
        register.next(follow)
        create.add_catch(register, result_path=sfn.JsonPath.DISCARD)  # it is there already, or registering will tell
        return create.next(register)

    def _stop(self) -> sfn.IChainable:
        scaled = self._scaled()
        forget = self._call("Forget", "applicationautoscaling", "deregisterScalableTarget", scaled)
        delete = self._call("Delete", "sagemaker", "deleteEndpoint", {"EndpointName": self._endpoint.name}, "endpoint")
        forget.add_catch(delete, result_path=sfn.JsonPath.DISCARD)  # it was not registered
        return forget.next(delete)

    def _call(
        self, id: str, service: str, action: str, parameters: dict[str, Any], *kinds: str
    ) -> tasks.CallAwsService:
        """kinds: of SageMaker's resources it acts on; none for the scaling."""
        stack = KoshaStack.around(self)
        name = action[0].upper() + action[1:]
        if kinds:
            # The name of a configuration is made up by CloudFormation: the stack's, the construct's, and a hash.
            arns = [
                stack.format_arn(service="sagemaker", resource=kind, resource_name=self._named(kind)) for kind in kinds
            ]
        else:
            arns = [stack.format_arn(service="application-autoscaling", resource="scalable-target", resource_name="*")]
        return tasks.CallAwsService(
            self,
            id,
            service=service,
            action=action,
            parameters=parameters,
            iam_resources=arns,
            iam_action=f"{'sagemaker' if kinds else 'application-autoscaling'}:{name}",
            result_path=sfn.JsonPath.DISCARD,
        )

    def _named(self, kind: str) -> str:
        return self._endpoint.name if kind == "endpoint" else self._endpoint.config.attr_endpoint_config_name

    def _scaled(self) -> dict[str, Any]:
        return {name.title().replace("_", ""): value for name, value in self._endpoint.scaled.items()}
