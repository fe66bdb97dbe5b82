"""What everything else stands on, and what stays when the rest goes: network, files, tables, keys, secrets, people."""

import json

from aws_cdk import Duration
from aws_cdk import aws_apigateway as gateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secrets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.constructs.function import Place
from stacks.constructs.grants import arn_of
from stacks.constructs.network import Network
from stacks.constructs.people import People
from stacks.constructs.queue import QueueWithRedrive, six_times
from stacks.constructs.stack import KoshaStack
from stacks.constructs.storage import KeptBucket, KeptTable, LogBucket, SecondIndex, TableKeys
from stacks.settings import Stage

UPLOAD_TIMEOUT = Duration.seconds(30)

TABLES = {
    "workspaces": TableKeys(
        "workspace_id",
        "object_type",
        indexes={
            "by_object_type": SecondIndex("object_type", "created_at"),
            "by_name": SecondIndex("object_type", "sort_name"),
        },
    ),
    "documents": TableKeys(
        "workspace_id",
        "document_id",
        indexes={
            "by_compound_sort_key": SecondIndex("workspace_id", "compound_sort_key", projects=("type", "status")),
            "by_unfinished": SecondIndex("unfinished", "updated_at"),
            "by_due": SecondIndex("scheduled", "due_at"),
        },
    ),
    "sessions": TableKeys("user_id", "sort_key", indexes={"by_updated": SecondIndex("user_id", "updated_at")}),
    "turns": TableKeys(
        "turn_id", "sort_key", indexes={"by_open": SecondIndex("open", "opened_at")}, expires_at="expires_at"
    ),
    "connections": TableKeys(
        "connection_id",
        indexes={
            "by_user": SecondIndex("user_id", "connected_at", projects="ALL"),
            "by_open": SecondIndex("open", "ends_at", projects="ALL"),
        },
        expires_at="expires_at",
    ),
    "replies": TableKeys("reply_key", expires_at="expires_at"),
}


class FoundationStack(KoshaStack):
    """Holds data: retained, and protected from deletion where the stage says so."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(scope, "foundation", stage, holds_data=True)
        self.key = kms.Key(
            self, "Key", alias=f"kosha-{stage.name}", enable_key_rotation=True, removal_policy=self.data_policy
        )
        self.alarm_topic = self._alarms()
        self.logs = LogBucket(self, "Logs")
        self.gateway_logs = self._gateway_logs() if stage.api.set_account_role else None
        self.network = Network(self, "Network", flow_logs=self.logs) if stage.network.enabled else None

        self.tables = {name: KeptTable(self, name.capitalize(), keys, key=self.key) for name, keys in TABLES.items()}
        self.processing = KeptBucket(self, "Processing", key=self.key, access_logs=self.logs)
        self.arrivals = QueueWithRedrive(self, "Arrivals", visible_after=six_times(UPLOAD_TIMEOUT))
        self.uploads = self._uploads()

        self.provider_secret = self._secret(
            "ProviderKeys",
            "Keys of model providers as JSON: OPENAI_API_KEY and others",
            starts_as=secrets.SecretStringGenerator(secret_string_template="{}", generate_string_key="UNUSED"),  # noqa: S106
        )
        self.origin_secret = self._secret(
            "Origin",
            "What CloudFront says to the APIs, so that nobody goes round it",
            starts_as=secrets.SecretStringGenerator(exclude_punctuation=True, password_length=48),
        )
        self.models = ssm.StringParameter(
            self, "Models", parameter_name=f"/kosha/{stage.name}/models", string_value=_models(stage)
        )
        self.people = People(self, "People")
        self._outputs()

    @property
    def place(self) -> Place | None:
        """Where functions run that need the database."""
        return self.network.place if self.network else None

    def lets_write(self, grantee: iam.IGrantable, *tables: str) -> None:
        """Let a function or job read and change items of these tables."""
        for name in tables:
            self.tables[name].lets_write(grantee)

    def lets_read(self, grantee: iam.IGrantable, *tables: str) -> None:
        """Let a function or job look up items of these tables."""
        for name in tables:
            self.tables[name].lets_read(grantee)

    @property
    def variables(self) -> dict[str, str]:
        """What every function is told."""
        return {
            **{f"KOSHA_{name.upper()}_TABLE": table.table_name for name, table in self.tables.items()},
            "KOSHA_UPLOAD_BUCKET": self.uploads.bucket_name,
            "KOSHA_PROCESSING_BUCKET": self.processing.bucket_name,
            "KOSHA_PROVIDER_SECRET": arn_of(self.provider_secret),
            **({"KOSHA_ORIGIN_SECRET": arn_of(self.origin_secret)} if self.stage_settings.cdn else {}),
            "KOSHA_USER_POOL_ID": self.people.pool.user_pool_id,
            "KOSHA_USER_POOL_CLIENT_ID": self.people.client.user_pool_client_id,
            "KOSHA_MODELS_PARAMETER": self.models.parameter_name,
            **self._followed,
        }

    @property
    def _followed(self) -> dict[str, str]:
        buckets = self.stage_settings.ingestion.source_buckets
        return {"KOSHA_SOURCE_BUCKETS": ",".join(buckets)} if buckets else {}

    def _alarms(self) -> sns.Topic:
        topic = sns.Topic(self, "Alarms", master_key=self.key, enforce_ssl=self.stage_settings.tls_only)
        self.key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        if self.stage_settings.life.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(self.stage_settings.life.alarm_email))
        self.output("AlarmTopicArn", topic.topic_arn)
        return topic

    def _gateway_logs(self) -> gateway.CfnAccount:
        """Leave for API Gateway to write logs; an account has one, for all its gateways, so it stays."""
        role = iam.Role(
            self,
            "GatewayLogsRole",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AmazonAPIGatewayPushToCloudWatchLogs")
            ],
        )
        account = gateway.CfnAccount(self, "GatewayAccount", cloud_watch_role_arn=role.role_arn)
        for resource in (role, account):
            resource.apply_removal_policy(self.data_policy)
        return account

    def _uploads(self) -> KeptBucket:
        """Where browsers put originals. The queue is told of each; it stands here because S3 tries it at once."""
        bucket = KeptBucket(
            self,
            "Uploads",
            key=self.key,
            access_logs=self.logs,
            cors=[
                s3.CorsRule(
                    allowed_methods=[s3.HttpMethods.POST, s3.HttpMethods.GET],
                    allowed_origins=list(self.stage_settings.people.site_origins),
                    allowed_headers=["*"],
                    max_age=3600,
                )
            ],
        )
        told = self.arrivals.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.arrivals.queue_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        resource = bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                s3.CfnBucket.QueueConfigurationProperty(event="s3:ObjectCreated:*", queue=self.arrivals.queue_arn)
            ]
        )
        if told.policy_dependable:
            bucket.node.add_dependency(told.policy_dependable)
        return bucket

    def _secret(self, id: str, description: str, *, starts_as: secrets.SecretStringGenerator) -> secrets.Secret:
        return secrets.Secret(
            self,
            id,
            description=description,
            encryption_key=self.key,
            removal_policy=self.data_policy,
            generate_secret_string=starts_as,
        )

    def _outputs(self) -> None:
        self.output("UserPoolId", self.people.pool.user_pool_id)
        self.output("UserPoolClientId", self.people.client.user_pool_client_id)
        self.output("UploadBucket", self.uploads.bucket_name)
        self.output("ProcessingBucket", self.processing.bucket_name)
        self.output("ProviderSecretArn", arn_of(self.provider_secret))
        self.output("OriginSecretArn", arn_of(self.origin_secret))
        self.output("ModelsParameter", self.models.parameter_name)
        for name, table in self.tables.items():
            self.output(f"{name.capitalize()}Table", table.table_name)


def _models(stage: Stage) -> str:
    chosen = stage.models
    served = [f"sagemaker/{each.model}" for each in stage.serves.values() if each.kind == "embedding"]
    return json.dumps(
        {
            "defaultModel": chosen.default,
            "embeddings": list(dict.fromkeys([*chosen.embeddings, *served])),
            "openaiModels": chosen.openai,
            "sagemakerEndpoints": [{"model": model, "endpoint": name} for model, name in stage.endpoints.items()],
        }
    )
