"""Where vectors and passages are kept: Aurora PostgreSQL that sleeps when unused, set up for pgvector.

An OpenSearch cluster that a stage names stands outside of it; those who use the database are told of it too.
"""

from aws_cdk import CustomResource, Duration, RemovalPolicy, SecretValue
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secrets
from aws_cdk import custom_resources as resources
from constructs import Construct

from stacks.constructs.function import Place, PythonFunction
from stacks.constructs.grants import arn_of, may_read, may_use_indexes
from stacks.constructs.layers import ROOT
from stacks.constructs.network import ISOLATED, PRIVATE
from stacks.constructs.stack import KoshaStack, kept_logs
from stacks.foundation import FoundationStack
from stacks.settings import Stage

VERSION = rds.AuroraPostgresEngineVersion.VER_17_7
DATABASE = "kosha"
MIGRATIONS = ROOT / "layers" / "kosha" / "python" / "kosha" / "adapters" / "postgres" / "migrations"


class SearchStack(KoshaStack):
    """Holds data. `variables` tells functions where it is; `lets_in` lets one of them use it."""

    def __init__(self, scope: Construct, stage: Stage, foundation: FoundationStack) -> None:
        super().__init__(scope, "search", stage, holds_data=True)
        self.alarm_topic = foundation.alarm_topic
        self.cluster: rds.DatabaseCluster | None = None
        self.proxy: rds.DatabaseProxy | None = None
        self.secret: secrets.ISecret = self._outside() if stage.database.kind == "outside" else self._aurora(foundation)
        self._opensearch_secret = self._sign_in_of_opensearch()
        self._set_up(foundation)
        self.output("DatabaseSecretArn", arn_of(self.secret))

    @property
    def variables(self) -> dict[str, str]:
        """Where the database is, and a further engine where the stage has one."""
        opensearch = self.stage_settings.opensearch
        return {**self._database, **(opensearch.variables if opensearch else {})}

    @property
    def _database(self) -> dict[str, str]:
        """Where the database is; a proxy stands before the host that the secret names."""
        proxy = {"KOSHA_DATABASE_HOST": self.proxy.endpoint} if self.proxy else {}
        return {"KOSHA_DATABASE_SECRET": arn_of(self.secret), **proxy}

    def lets_in(self, grantee: iam.IGrantable) -> None:
        """Let a function or job read how to sign in; the network lets in all that run in its place."""
        may_read(self.secret, grantee)
        if self._opensearch_secret:
            may_read(self._opensearch_secret, grantee)
        if (opensearch := self.stage_settings.opensearch) and opensearch.domain_arn:
            may_use_indexes(opensearch.domain_arn, grantee)

    def _sign_in_of_opensearch(self) -> secrets.ISecret | None:
        """The secret that the stage names, which is there already."""
        opensearch = self.stage_settings.opensearch
        if opensearch is None or opensearch.secret_arn is None:
            return None
        key = opensearch.secret_key_arn
        return secrets.Secret.from_secret_attributes(
            self,
            "OpenSearchSignIn",
            secret_complete_arn=opensearch.secret_arn,
            encryption_key=kms.Key.from_key_arn(self, "OpenSearchKey", key) if key else None,
        )

    def _aurora(self, foundation: FoundationStack) -> secrets.ISecret:
        chosen, place = self.stage_settings.database, foundation.place
        assert place is not None
        cluster = self.cluster = rds.DatabaseCluster(
            self,
            "Database",
            engine=rds.DatabaseClusterEngine.aurora_postgres(version=VERSION),
            parameters={"rds.force_ssl": "1"},
            default_database_name=DATABASE,
            credentials=rds.Credentials.from_generated_secret("kosha", encryption_key=foundation.key),
            vpc=place.vpc,
            vpc_subnets=ISOLATED,
            writer=rds.ClusterInstance.serverless_v2("Writer"),
            readers=[
                rds.ClusterInstance.serverless_v2(f"Reader{number}", scale_with_writer=number == 1)
                for number in range(1, chosen.readers + 1)
            ],
            serverless_v2_min_capacity=chosen.min_capacity,
            serverless_v2_max_capacity=chosen.max_capacity,
            serverless_v2_auto_pause_duration=Duration.minutes(chosen.auto_pause_minutes)
            if chosen.min_capacity == 0
            else None,
            storage_encryption_key=foundation.key,
            iam_authentication=True,
            copy_tags_to_snapshot=True,
            backup=rds.BackupProps(retention=Duration.days(self.stage_settings.life.recovery_days)),
            deletion_protection=self.stage_settings.life.retain,
            removal_policy=RemovalPolicy.SNAPSHOT if self.stage_settings.life.retain else RemovalPolicy.DESTROY,
        )
        cluster.connections.allow_default_port_from(place.security_group, "functions and jobs")
        secret = cluster.secret
        assert secret is not None
        if chosen.rotation_days:
            cluster.add_rotation_single_user(
                automatically_after=Duration.days(chosen.rotation_days), vpc_subnets=PRIVATE
            )
        if chosen.proxy:
            self.proxy = self._proxy(cluster, secret, place)
        self.output("DatabaseEndpoint", cluster.cluster_endpoint.hostname)
        return secret

    def _proxy(self, cluster: rds.DatabaseCluster, secret: secrets.ISecret, place: Place) -> rds.DatabaseProxy:
        proxy = cluster.add_proxy(
            "Proxy", secrets=[secret], vpc=place.vpc, vpc_subnets=ISOLATED, require_tls=True, iam_auth=False
        )
        proxy.connections.allow_from(place.security_group, ec2.Port.tcp(5432), "functions and jobs")
        return proxy

    def _outside(self) -> secrets.Secret:
        """The sign-in of a database that is there already, in the shape that Aurora's own secret has."""
        connection = self.stage_settings.database.connection or {}
        return secrets.Secret(
            self,
            "Outside",
            description="A database outside this deployment",
            secret_object_value={
                name: SecretValue.unsafe_plain_text(str(value)) for name, value in sorted(connection.items())
            },
            removal_policy=self.data_policy,
        )

    def _set_up(self, foundation: FoundationStack) -> None:
        """Extensions, tables and limits, made by a function when the stack is deployed."""
        setup = PythonFunction(
            self,
            "DatabaseSetup",
            folder="database_setup",
            timeout=Duration.minutes(5),
            environment=self._database,
            place=foundation.place,
        )
        may_read(self.secret, setup)
        provider = resources.Provider(
            self, "SetupProvider", on_event_handler=setup, log_group=kept_logs(self, "SetupProviderLogs")
        )
        made = CustomResource(
            self,
            "Schema",
            resource_type="Custom::DatabaseSetup",
            service_token=provider.service_token,
            properties={"Schema": _newest_schema()},
        )
        if self.cluster:
            made.node.add_dependency(self.cluster)


def _newest_schema() -> str:
    """The name of the last migration: CloudFormation calls database_setup where it is another than at the last time."""
    return max(path.name for path in MIGRATIONS.glob("*.up.sql")).removesuffix(".up.sql")
