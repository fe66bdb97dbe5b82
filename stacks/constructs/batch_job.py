"""A container of ours that runs one step and ends, on Fargate or on EC2; nothing of it costs while it is idle."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration, IgnoreMode, Size
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.function import Place
from stacks.constructs.layers import ROOT
from stacks.constructs.stack import KoshaStack, kept_logs

MANAGED_RULE = "StepFunctionsGetEventsForBatchJobsRule"  # Step Functions makes it to hear of a job's end


class BatchJob(Construct):
    """`batch_jobs/Dockerfile` as a job; `role` is what the step in it may do."""

    def __init__(self, scope: Construct, id: str, *, place: Place, environment: Mapping[str, str]) -> None:
        super().__init__(scope, id)
        chosen = KoshaStack.around(self).stage_settings.ingestion
        on_ec2 = chosen.parse_in == "ec2"
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
        container: dict[str, Any] = {
            "image": ecs.ContainerImage.from_docker_image_asset(self._image(chosen.image)),
            "cpu": chosen.job_vcpus,
            "memory": Size.mebibytes(chosen.job_memory_mb),
            "job_role": self.role,
            "environment": dict(environment),
            "logging": ecs.LogDriver.aws_logs(stream_prefix="job", log_group=kept_logs(self, "Logs")),
        }
        self.definition = batch.EcsJobDefinition(
            self,
            "Definition",
            container=self._on_ec2(container) if on_ec2 else self._on_fargate(container),
            timeout=Duration.minutes(chosen.job_minutes),
            retry_attempts=3,
            propagate_tags=True,
        )
        where: dict[str, Any] = {
            "vpc": place.vpc,
            "vpc_subnets": place.subnets,
            "security_groups": [place.security_group],
            "maxv_cpus": chosen.max_vcpus,
        }
        machines = self._machines(where) if on_ec2 else batch.FargateComputeEnvironment(self, "Fargate", **where)
        self.queue = batch.JobQueue(
            self,
            "Queue",
            compute_environments=[batch.OrderedComputeEnvironment(compute_environment=machines, order=1)],
        )

    def grant_submit_and_wait(self, grantee: iam.IGrantable) -> None:
        """What `batch:submitJob.sync` needs: to submit this job, and to be told of its end by a managed rule."""
        stack = KoshaStack.around(self)
        batch_arns = [self.definition.job_definition_arn, self.queue.job_queue_arn]
        iam.Grant.add_to_principal(grantee=grantee, actions=["batch:SubmitJob"], resource_arns=batch_arns)
        iam.Grant.add_to_principal(
            grantee=grantee, actions=["batch:DescribeJobs", "batch:TerminateJob"], resource_arns=["*"]
        )
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            resource_arns=[stack.format_arn(service="events", resource="rule", resource_name=MANAGED_RULE)],
        )

    def _image(self, kind: str) -> assets.DockerImageAsset:
        architecture = KoshaStack.around(self).stage_settings.functions.architecture
        return assets.DockerImageAsset(
            self,
            "Image",
            directory=str(ROOT),
            file="batch_jobs/Dockerfile",
            platform=assets.Platform.LINUX_ARM64 if architecture == "arm64" else assets.Platform.LINUX_AMD64,
            target=kind,
            ignore_mode=IgnoreMode.DOCKER,
            exclude=[
                "*",
                *("!batch_jobs", "!layers/kosha", "!requirements-aws.txt", "!requirements-ocr.txt"),
                "**/__pycache__",
            ],
        )

    def _on_fargate(self, container: dict[str, Any]) -> batch.IEcsContainerDefinition:
        arm = KoshaStack.around(self).stage_settings.functions.architecture == "arm64"
        return batch.EcsFargateContainerDefinition(
            self,
            "Container",
            fargate_cpu_architecture=ecs.CpuArchitecture.ARM64 if arm else ecs.CpuArchitecture.X86_64,
            **container,
        )

    def _on_ec2(self, container: dict[str, Any]) -> batch.IEcsContainerDefinition:
        return batch.EcsEc2ContainerDefinition(self, "Container", **container)

    def _machines(self, where: dict[str, Any]) -> batch.ManagedEc2EcsComputeEnvironment:
        arm = KoshaStack.around(self).stage_settings.functions.architecture == "arm64"
        families = (
            [ec2.InstanceClass.M7G, ec2.InstanceClass.C7G] if arm else [ec2.InstanceClass.M7I, ec2.InstanceClass.C7I]
        )
        return batch.ManagedEc2EcsComputeEnvironment(
            self, "Machines", instance_classes=families, use_optimal_instance_classes=False, minv_cpus=0, **where
        )
