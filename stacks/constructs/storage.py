"""Buckets and tables: encrypted, never public, kept when their stack goes, restorable for the stage's days."""

from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.stack import KoshaStack

READS = ("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query")
WRITES = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
LOGS_KEPT = Duration.days(90)


@dataclass(frozen=True)
class SecondIndex:
    """A second way into a table; projects: ALL, KEYS_ONLY, or the attributes it keeps besides keys."""

    partition_key: str
    sort_key: str | None = None
    projects: str | tuple[str, ...] = "KEYS_ONLY"


@dataclass(frozen=True)
class TableKeys:
    """How a table is entered; all keys are strings. expires_at: the attribute after whose time an item goes."""

    partition_key: str
    sort_key: str | None = None
    indexes: dict[str, SecondIndex] = field(default_factory=dict[str, SecondIndex])
    expires_at: str | None = None


class KeptTable(dynamodb.Table):
    """A table that bills by request."""

    def __init__(self, scope: Construct, id: str, keys: TableKeys, *, key: kms.IKey) -> None:
        stack = KoshaStack.around(scope)
        life = stack.stage_settings.life
        self._key = key
        super().__init__(
            scope,
            id,
            partition_key=_attribute(keys.partition_key),
            sort_key=_attribute(keys.sort_key) if keys.sort_key else None,
            time_to_live_attribute=keys.expires_at,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True, recovery_period_in_days=life.recovery_days
            ),
            deletion_protection=life.retain,
            removal_policy=stack.data_policy,
        )
        for name, index in keys.indexes.items():
            self.add_global_secondary_index(
                index_name=name,
                partition_key=_attribute(index.partition_key),
                sort_key=_attribute(index.sort_key) if index.sort_key else None,
                **_projection(index.projects),
            )

    def lets_read(self, *grantees: iam.IGrantable) -> None:
        """Let them look items up by key; none may scan."""
        for grantee in grantees:
            self.grant(grantee, *READS)
            self._key.grant_decrypt(grantee)

    def lets_write(self, *grantees: iam.IGrantable) -> None:
        """Let them read and change items."""
        for grantee in grantees:
            self.grant(grantee, *READS, *WRITES)
            self._key.grant_encrypt_decrypt(grantee)


class KeptBucket(s3.Bucket):
    """A bucket reached by TLS alone; what is overwritten, or deleted by hand, can be had back for the stage's days.

    What the product deletes is gone: it deletes every version (`S3Blobs.remove`).
    """

    def __init__(self, scope: Construct, id: str, *, key: kms.IKey, access_logs: s3.IBucket, **more: Any) -> None:
        stack = KoshaStack.around(scope)
        super().__init__(
            scope,
            id,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            **_tls(stack),
            versioned=True,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=f"{id.lower()}/",
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="forget",
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    noncurrent_version_expiration=Duration.days(stack.stage_settings.life.recovery_days),
                    expired_object_delete_marker=True,
                )
            ],
            removal_policy=stack.data_policy,
            **more,
        )


class LogBucket(s3.Bucket):
    """Where access and flow logs go. Encrypted by S3 itself: services that deliver logs cannot use a key of ours."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(
            scope,
            id,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            **_tls(KoshaStack.around(scope)),
            lifecycle_rules=[s3.LifecycleRule(id="forget", expiration=LOGS_KEPT)],
            removal_policy=KoshaStack.around(scope).data_policy,
        )


def _tls(stack: KoshaStack) -> dict[str, Any]:
    return {"enforce_ssl": True, "minimum_tls_version": 1.2} if stack.stage_settings.tls_only else {}


def _attribute(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _projection(projects: str | tuple[str, ...]) -> dict[str, Any]:
    if isinstance(projects, str):
        return {"projection_type": dynamodb.ProjectionType[projects]}
    return {"projection_type": dynamodb.ProjectionType.INCLUDE, "non_key_attributes": list(projects)}
