"""Snapshots of the Hub packaged for SageMaker: a CodeBuild project, and a custom resource that starts it and waits."""

from aws_cdk import CustomResource, Duration, RemovalPolicy
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import custom_resources as resources
from constructs import Construct

from stacks.constructs.function import PythonFunction
from stacks.constructs.layers import ROOT
from stacks.constructs.stack import kept_logs
from stacks.served_models import ServedModel, Snapshot

HUB_LIBRARY = "huggingface_hub==2.4.0"
# Weights come as safetensors alone: other formats run code when they are loaded.
DOWNLOAD = (
    "import os; from huggingface_hub import snapshot_download as get; "
    "get(os.environ['REPOSITORY'], revision=os.environ['REVISION'], local_dir='model', "
    "allow_patterns=['*.safetensors', '*.json', '*.txt', '*.model', '*.jinja'])"
)
COMMANDS = (
    "set -eu",
    f'python3 -c "{DOWNLOAD}"',
    "rm -rf model/.cache model/onnx model/openvino",
    "if ! find model -name '*.safetensors' | grep -q .; then echo 'There are no weights in safetensors.'; exit 1; fi",
    'if [ -z "$SCRIPT" ]; then aws s3 sync --only-show-errors model "$DESTINATION"; else',
    '  aws s3 cp --only-show-errors "$SCRIPT" script.zip && unzip -q script.zip -d model/code',
    "  tar -C model -czf model.tar.gz .",
    '  aws s3 cp --only-show-errors model.tar.gz "${DESTINATION}model.tar.gz"; fi',
)
_SCRIPTS = {"embedding": "embeddings", "cross-encoder": "cross_encoder"}


class ModelPackaging(Construct):
    """`package` makes a model's package and returns where it will be."""

    def __init__(self, scope: Construct, id: str, *, key: kms.IKey, access_logs: s3.IBucket) -> None:
        super().__init__(scope, id)
        self.bucket = s3.Bucket(
            self,
            "Packages",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="packages/",
            lifecycle_rules=[s3.LifecycleRule(id="forget", abort_incomplete_multipart_upload_after=Duration.days(1))],
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self.project = codebuild.Project(
            self,
            "Project",
            description="Packages models of the Hugging Face Hub for SageMaker",
            encryption_key=key,
            environment=codebuild.BuildEnvironment(
                build_image=codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5, compute_type=codebuild.ComputeType.MEDIUM
            ),
            build_spec=codebuild.BuildSpec.from_object(
                {
                    "version": "0.2",
                    "env": {"shell": "bash"},
                    "phases": {
                        "install": {"commands": [f"python3 -m pip install --quiet {HUB_LIBRARY}"]},
                        "build": {"on-failure": "ABORT", "commands": ["\n".join(COMMANDS)]},
                    },
                }
            ),
            logging=codebuild.LoggingOptions(
                cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=kept_logs(self, "Logs"))
            ),
            timeout=Duration.hours(1),
        )
        self.bucket.grant_put(self.project)
        start, wait = self._function("start"), self._function("wait")
        iam.Grant.add_to_principal(
            grantee=start, actions=["codebuild:StartBuild"], resource_arns=[self.project.project_arn]
        )
        iam.Grant.add_to_principal(
            grantee=wait, actions=["codebuild:BatchGetBuilds"], resource_arns=[self.project.project_arn]
        )
        self._provider = resources.Provider(
            self,
            "Provider",
            on_event_handler=start,
            is_complete_handler=wait,
            query_interval=Duration.seconds(30),
            total_timeout=Duration.hours(2),
            log_group=kept_logs(self, "ProviderLogs"),
        )
        self._scripts: dict[str, assets.Asset] = {}

    def package(self, name: str, served: ServedModel, source: Snapshot) -> tuple[str, CustomResource]:
        """(URL of the package, what must be done before it is read). It is an archive, of a language model a prefix."""
        script = self._script(_SCRIPTS[served.kind]) if served.kind in _SCRIPTS else None
        version = "-".join([source.revision[:12], *([script.asset_hash[:12]] if script else [])])
        destination = self.bucket.s3_url_for_object(f"{name}/{version}/")
        variables = {
            "REPOSITORY": source.repository,
            "REVISION": source.revision,
            "SCRIPT": script.s3_object_url if script else "",
            "DESTINATION": destination,
        }
        if source.token_secret_arn:
            variables["HF_TOKEN"] = source.token_secret_arn
            iam.Grant.add_to_principal(
                grantee=self.project,
                actions=["secretsmanager:GetSecretValue"],
                resource_arns=[f"{source.token_secret_arn}*"],
            )
        made = CustomResource(
            self,
            f"{name.title().replace('-', '')}Package",
            resource_type="Custom::ModelPackage",
            service_token=self._provider.service_token,
            properties={"Project": self.project.project_name, "Variables": variables},
        )
        made.node.add_dependency(self.project, self.bucket)
        return (f"{destination}model.tar.gz" if script else destination), made

    def _function(self, part: str) -> PythonFunction:
        return PythonFunction(
            self, part.capitalize(), folder=f"model_packaging/{part}", timeout=Duration.minutes(1), memory_mb=256
        )

    def _script(self, folder: str) -> assets.Asset:
        if folder not in self._scripts:
            path = str(ROOT / "sagemaker_inference" / folder)
            self._scripts[folder] = assets.Asset(self, f"{folder}Script", path=path, exclude=["**/__pycache__"])
            self._scripts[folder].grant_read(self.project)
        return self._scripts[folder]
