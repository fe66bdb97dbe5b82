"""Models that the stage serves itself: endpoints made in three ways, scaled by their calls, stopped out of hours."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.constructs.endpoint import VARIANT, Endpoint
from stacks.constructs.endpoint_hours import EndpointHours
from stacks.constructs.model_packaging import ModelPackaging
from stacks.constructs.stack import KoshaStack, alarm
from stacks.foundation import FoundationStack
from stacks.settings import Stage


class SagemakerStack(KoshaStack):
    """`endpoints` by their short names. Functions know them by the parameter of models, which foundation writes."""

    def __init__(self, scope: Construct, stage: Stage, foundation: FoundationStack) -> None:
        super().__init__(scope, "sagemaker", stage)
        self.alarm_topic = foundation.alarm_topic
        packaging = (
            self._packaging(foundation)
            if any(each.source.way == "snapshot" for each in stage.serves.values())
            else None
        )
        self.endpoints: dict[str, Endpoint] = {}
        for name, served in stage.serves.items():
            own_id = name.title().replace("-", "")
            endpoint = Endpoint(self, own_id, short_name=name, served=served, packaging=packaging)
            if served.hours:
                EndpointHours(endpoint, "Hours", endpoint=endpoint, served=served, hours=served.hours)
            self.endpoints[name] = endpoint
            self._alarms(endpoint)
            self.output(f"{own_id}Endpoint", endpoint.name)

    def _packaging(self, foundation: FoundationStack) -> ModelPackaging:
        return ModelPackaging(self, "Packaging", key=foundation.key, access_logs=foundation.logs)

    def _alarms(self, endpoint: Endpoint) -> None:
        failed = cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name="Invocation5XXErrors",
            dimensions_map={"EndpointName": endpoint.name, "VariantName": VARIANT},
            period=Duration.minutes(5),
            statistic="Sum",
        )
        alarm(endpoint, "Errors", failed, above=0, says=f"{endpoint.name}: the model's container failed")
