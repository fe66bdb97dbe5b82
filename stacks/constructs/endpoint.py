"""A SageMaker endpoint: model, role of its own, instances that follow the calls."""

import re
from typing import Any

from aws_cdk import CustomResource
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.constructs.model_packaging import ModelPackaging
from stacks.constructs.stack import KoshaStack
from stacks.served_models import (
    SCRIPTS_ON_CPU,
    SCRIPTS_ON_GPU,
    TGI,
    Image,
    Package,
    ServedModel,
    Snapshot,
    endpoint_name,
)

VARIANT = "AllTraffic"
# The account of AWS's containers in most regions; in others give the whole address of an image.
# Source: "Deep Learning Containers, available images", 2026-11.
CONTAINERS_ACCOUNT = "763104351884"


class Endpoint(Construct):
    """`name` is what functions call; `config` is what it is made of."""

    def __init__(
        self, scope: Construct, id: str, *, short_name: str, served: ServedModel, packaging: ModelPackaging | None
    ) -> None:
        """packaging: what snapshots need, and nothing else."""
        super().__init__(scope, id)
        self._served = served
        self._packaging = packaging
        self.name = endpoint_name(KoshaStack.around(self).stage_settings.name, short_name)
        self._waits_for: list[CustomResource] = []
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=self.role.role_arn,
            primary_container=self._container(short_name),
            # What is complete needs no network; an image that fetches its weights does.
            enable_network_isolation=not isinstance(served.source, Image) or served.source.model_data is not None,
        )
        self._grants()
        model.node.add_dependency(self.role, *self._waits_for)
        self.config = sagemaker.CfnEndpointConfig(self, "Config", production_variants=[self._variant(model)])
        self.endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=self.name,
            endpoint_config_name=self.config.attr_endpoint_config_name,
            retain_all_variant_properties=True,  # the number of instances is the scaling's
        )
        self.target = self._scaling()

    def _container(self, short_name: str) -> sagemaker.CfnModel.ContainerDefinitionProperty:
        source, kind = self._served.source, self._served.kind
        if isinstance(source, Package):
            return sagemaker.CfnModel.ContainerDefinitionProperty(model_package_name=source.arn)
        if isinstance(source, Image):
            return self._definition(source.image, source.environment, source.model_data)
        assert self._packaging is not None
        data, made = self._packaging.package(short_name, self._served, source)
        self._waits_for.append(made)
        if kind == "llm":
            here = {"HF_MODEL_ID": "/opt/ml/model", "HF_HUB_OFFLINE": "1"}
            return self._definition(source.image or TGI, here, data)
        script = {"KOSHA_MODEL": source.repository, "SAGEMAKER_PROGRAM": "inference.py"}
        return self._definition(
            source.image or (SCRIPTS_ON_GPU if self._served.on_gpu else SCRIPTS_ON_CPU), script, data
        )

    def _definition(
        self, image: str, environment: dict[str, str], data: str | None
    ) -> sagemaker.CfnModel.ContainerDefinitionProperty:
        """A prefix of objects, or an archive, is where the container finds /opt/ml/model."""
        if self._served.kind == "llm":
            environment = {"MESSAGES_API_ENABLED": "true", **environment}
        archive = data is None or data.endswith(".tar.gz")
        return sagemaker.CfnModel.ContainerDefinitionProperty(
            image=self._address(image),
            environment=environment,
            model_data_url=data if archive else None,
            model_data_source=None
            if archive
            else sagemaker.CfnModel.ModelDataSourceProperty(
                s3_data_source=sagemaker.CfnModel.S3DataSourceProperty(
                    s3_uri=str(data), s3_data_type="S3Prefix", compression_type="None"
                )
            ),
        )

    def _address(self, image: str) -> str:
        stack = KoshaStack.around(self)
        whole = re.match(r"\d{12}\.", image)
        return image if whole else f"{CONTAINERS_ACCOUNT}.dkr.ecr.{stack.region}.{stack.url_suffix}/{image}"

    def _variant(self, model: sagemaker.CfnModel) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        patient = self._served.kind == "llm"  # tens of gigabytes are loaded before it answers
        return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=VARIANT,
            model_name=model.attr_model_name,
            instance_type=self._served.instance,
            initial_instance_count=self._served.instances_min,
            initial_variant_weight=1,
            model_data_download_timeout_in_seconds=1800 if patient else 600,
            container_startup_health_check_timeout_in_seconds=1800 if patient else 300,
        )

    def _grants(self) -> None:
        """Logs and figures of its own, its image, and its package."""
        stack, source = KoshaStack.around(self), self._served.source
        logs = f"/aws/sagemaker/Endpoints/{self.name}"
        log_group = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:{logs}"
        self._may(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                  log_group, f"{log_group}:*")  # fmt: skip
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "AWS/SageMaker"]}},
            )
        )
        if isinstance(source, Package):
            return
        self._may(["ecr:GetAuthorizationToken"], "*")
        self._may(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                  f"arn:{stack.partition}:ecr:*:*:repository/*")  # fmt: skip
        if isinstance(source, Snapshot):
            assert self._packaging is not None
            self._packaging.bucket.grant_read(self.role)
        elif source.model_data:
            bucket, _, key = source.model_data.removeprefix("s3://").partition("/")
            self._may(["s3:GetObject"], f"arn:{stack.partition}:s3:::{bucket}/{key}*")
            self._may(["s3:ListBucket"], f"arn:{stack.partition}:s3:::{bucket}")

    def _may(self, actions: list[str], *arns: str) -> None:
        self.role.add_to_policy(iam.PolicyStatement(actions=actions, resources=list(arns)))

    def _scaling(self) -> scaling.CfnScalableTarget:
        """Another instance when each has more calls a minute than it should."""
        target = scaling.CfnScalableTarget(
            self,
            "Instances",
            min_capacity=self._served.instances_min,
            max_capacity=self._served.instances_max,
            **self.scaled,
        )
        target.node.add_dependency(self.endpoint)
        scaling.CfnScalingPolicy(
            self,
            "ByCalls",
            policy_name=f"{self.name}-by-calls",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
                target_value=self._served.calls_per_minute,
                predefined_metric_specification=scaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
                    predefined_metric_type="SageMakerVariantInvocationsPerInstance"
                ),
                scale_in_cooldown=600,
                scale_out_cooldown=120,
            ),
        )
        return target

    @property
    def scaled(self) -> dict[str, Any]:
        """How Application Auto Scaling calls the instances."""
        return {
            "service_namespace": "sagemaker",
            "resource_id": f"endpoint/{self.name}/variant/{VARIANT}",
            "scalable_dimension": "sagemaker:variant:DesiredInstanceCount",
        }
