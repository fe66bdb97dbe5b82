"""A function of ours: its folder, its layers, a role of its own, logs that end, traces."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from aws_cdk import Annotations, Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct

from stacks.constructs.layers import ROOT, layer
from stacks.constructs.queue import QueueWithRedrive
from stacks.constructs.stack import KoshaStack, alarm, kept_logs


class Place(NamedTuple):
    """Where a function runs that needs the database: a network, its subnets and the group the database lets in."""

    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection
    security_group: ec2.ISecurityGroup


class PythonFunction(lambda_.Function):
    """`lambdas/<folder>/handler.py`. What it may do is granted where it is joined to things, in its stack."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        folder: str,
        timeout: Duration,
        memory_mb: int = 512,
        environment: Mapping[str, str] | None = None,
        packages: tuple[str, ...] = (),
        place: Place | None = None,
        snap_start: bool = False,
    ) -> None:
        """packages: further layers besides the library and its dependencies. place: None outside any network."""
        stack = KoshaStack.around(scope)
        chosen = stack.stage_settings.functions
        logs = kept_logs(scope, f"{id}Logs")
        role = _own_role(scope, f"{id}Role", in_network=place is not None)
        logs.grant_write(role)
        super().__init__(
            scope,
            id,
            code=lambda_.Code.from_asset(str(ROOT / "lambdas" / folder), exclude=["**/__pycache__"]),
            handler="handler.handler",
            runtime=lambda_.Runtime(chosen.runtime, lambda_.RuntimeFamily.PYTHON, supports_snap_start=True),
            architecture=_ARCHITECTURES[chosen.architecture],
            layers=[layer(stack, name) for name in ("kosha", "dependencies", *packages)],
            role=role,
            log_group=logs,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=_LEVELS[chosen.log_level],
            tracing=lambda_.Tracing.ACTIVE,
            timeout=timeout,
            memory_size=memory_mb,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if snap_start else None,
            environment={
                "KOSHA_STAGE": stack.stage_settings.name,
                "OPENBLAS_NUM_THREADS": "1",  # numpy's other threads would wait by spinning, on processor time we pay
                "POWERTOOLS_LOG_LEVEL": chosen.log_level,
                "POWERTOOLS_SERVICE_NAME": folder,
                "POWERTOOLS_METRICS_NAMESPACE": "Kosha",
                **(environment or {}),
                **chosen.environment,
            },
            **_network(place),
        )
        if snap_start:
            Annotations.of(self).acknowledge_warning(
                "@aws-cdk/aws-lambda:snapStartRequirePublish", "`live` is published"
            )
        self.folder = folder
        self.snapshot = snap_start
        self._live: lambda_.Alias | None = None
        alarm(self, "Errors", self.metric_errors(period=Duration.minutes(5)), above=0, says=f"{folder} failed")

    @property
    def live(self) -> lambda_.Alias:
        """The alias that events and gateways call: the version of the last deployment."""
        if self._live is None:
            self._live = self.add_alias("live")
        return self._live

    @property
    def entrance(self) -> lambda_.IFunction:
        """What to call: the alias where snapshots are taken, which versions alone have."""
        return self.live if self.snapshot else self

    def consumes(
        self,
        queue: QueueWithRedrive,
        *,
        batch_size: int,
        at_once: int | None = None,
        gather: Duration | None = None,
    ) -> None:
        """Take messages off a queue; those that fail go back alone. at_once: the most invocations together, from 2."""
        queue.serves(self.timeout)
        self.entrance.add_event_source(
            sources.SqsEventSource(
                queue,
                batch_size=batch_size,
                max_batching_window=gather,
                max_concurrency=at_once,
                report_batch_item_failures=True,
            )
        )


_LEVELS = {
    "DEBUG": lambda_.ApplicationLogLevel.DEBUG,
    "INFO": lambda_.ApplicationLogLevel.INFO,
    "WARNING": lambda_.ApplicationLogLevel.WARN,
    "ERROR": lambda_.ApplicationLogLevel.ERROR,
}
_ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


def _own_role(scope: Construct, id: str, *, in_network: bool) -> iam.Role:
    role = iam.Role(scope, id, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    if in_network:
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "ec2:AssignPrivateIpAddresses",
                    "ec2:CreateNetworkInterface",
                    "ec2:DeleteNetworkInterface",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSubnets",
                    "ec2:UnassignPrivateIpAddresses",
                ],
                resources=["*"],
            )
        )
    return role


def _network(place: Place | None) -> dict[str, Any]:
    if place is None:
        return {}
    return {
        "vpc": place.vpc,
        "vpc_subnets": place.subnets,
        "security_groups": [place.security_group],
    }
