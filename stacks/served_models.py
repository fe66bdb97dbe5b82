"""Settings: models that the stage serves itself, on SageMaker, deployed in one of three ways."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from stacks.group import Group

Kind = Literal["llm", "embedding", "cross-encoder"]
# Containers of Hugging Face in AWS's registry: our scripts run in the first two, a language model in the third.
SCRIPTS_ON_CPU = "huggingface-pytorch-inference:2.6.0-transformers4.49.0-cpu-py312-ubuntu22.04"
SCRIPTS_ON_GPU = "huggingface-pytorch-inference:2.6.0-transformers4.49.0-gpu-py312-cu124-ubuntu22.04"
TGI = "huggingface-pytorch-tgi-inference:2.7.0-tgi3.3.6-gpu-py311-cu124-ubuntu22.04"
CRON = r"^cron\((\S+ ){5}\S+\)$"


class Image(Group):
    """A container image that brings or fetches its model: TGI, TEI, vLLM, a JumpStart container."""

    way: Literal["image"]
    image: str = Field(
        pattern=r"^(\d{12}\.dkr\.ecr\.\S+|huggingface-[\w-]+):\S+$",
        description="in ECR, with its tag; or only the tag's part of one of Hugging Face's containers",
    )
    environment: dict[str, str] = Field(default_factory=dict, description="of the container, such as HF_MODEL_ID")
    model_data: str | None = Field(
        default=None, pattern=r"^s3://\S+$", description="weights, a .tar.gz or a prefix that ends in /"
    )


class Package(Group):
    """A model package: of JumpStart, of the marketplace, or of one's own registry."""

    way: Literal["package"]
    arn: str = Field(pattern=r"^arn:aws[\w-]*:sagemaker:[\w-]+:\S*:model-package/\S+$")


class Snapshot(Group):
    """A repository of the Hugging Face Hub at one revision, packaged by CodeBuild together with our script."""

    way: Literal["snapshot"]
    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$", description="as in intfloat/multilingual-e5-large")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$", description="a commit: a branch would change under a deployment")
    token_secret_arn: str | None = Field(
        default=None, pattern=r"^arn:aws[\w-]*:secretsmanager:\S+$", description="of a gated one: secret with the token"
    )
    image: str | None = Field(default=None, pattern=r"^\S+:\S+$", description="another container than the usual one")


class Hours(Group):
    """When an endpoint runs. Outside of them it is deleted, and made again: SageMaker has no other way to none."""

    start: str = Field(pattern=CRON, description="cron of EventBridge Scheduler, as cron(0 8 ? * MON-FRI *)")
    stop: str = Field(pattern=CRON)
    time_zone: str = Field(default="UTC", pattern=r"^[A-Za-z_]+(/[A-Za-z_+-]+)*[0-9+-]*$")


class ServedModel(Group):
    """A model and its endpoint `kosha-<stage>-<name>`."""

    kind: Kind
    model: str = Field(description="its id in the catalogue (wiring/models.toml), which knows its window and payload")
    source: Annotated[Image | Package | Snapshot, Field(discriminator="way")]
    instance: str = Field(pattern=r"^ml\.[\w-]+\.[\w-]+$", description="such as ml.g5.xlarge")
    instances_min: int = Field(default=1, ge=1, le=50, description="SageMaker keeps one at least while it runs")
    instances_max: int = Field(default=2, ge=1, le=50)
    calls_per_minute: int = Field(default=60, ge=1, description="of one instance; more, and there will be another")
    hours: Hours | None = None

    @model_validator(mode="after")
    def _fit_together(self) -> "ServedModel":
        if self.instances_min > self.instances_max:
            raise ValueError("instances_min must not be above instances_max")
        return self

    @property
    def on_gpu(self) -> bool:
        """Whether its instances have accelerators of NVIDIA."""
        return self.instance.split(".")[1][0] in "gp"


def endpoint_name(stage: str, name: str) -> str:
    """What SageMaker calls it."""
    return f"kosha-{stage}-{name}"
