"""Rights that several functions need and no construct grants, narrowed as far as the services allow."""

from collections.abc import Iterable

from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secrets
from aws_cdk import aws_stepfunctions as sfn

from stacks.constructs.stack import KoshaStack


def may_call_models(stack: KoshaStack, *grantees: iam.IGrantable) -> None:
    """Bedrock's models, which are chosen in workspaces and questions, and the SageMaker endpoints of this stage."""
    named = [
        stack.format_arn(service="sagemaker", resource="endpoint", resource_name=name)
        for name in (f"kosha-{stack.stage_settings.name}-*", *stack.stage_settings.models.sagemaker_endpoints.values())
    ]
    for grantee in grantees:
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
            resource_arns=[
                f"arn:{stack.partition}:bedrock:*::foundation-model/*",
                f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}:inference-profile/*",
            ],
        )
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[
                "sagemaker:InvokeEndpoint",
                "sagemaker:InvokeEndpointWithResponseStream",
                "sagemaker:DescribeEndpoint",
            ],
            resource_arns=named,
        )


def may_look_up_people(pool: cognito.IUserPool, *grantees: iam.IGrantable) -> None:
    """Who somebody is, which roles they have, and whether they still may sign in."""
    for grantee in grantees:
        pool.grant(grantee, "cognito-idp:AdminGetUser", "cognito-idp:AdminListGroupsForUser", "cognito-idp:ListUsers")


def may_forget_files(bucket: s3.IBucket, *grantees: iam.IGrantable) -> None:
    """Delete files with all their versions, and read none."""
    for grantee in grantees:
        for actions, resource in (
            (["s3:ListBucketVersions"], bucket.bucket_arn),
            (["s3:DeleteObject", "s3:DeleteObjectVersion"], bucket.arn_for_objects("*")),
        ):
            iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=[resource])


def may_follow(stack: KoshaStack, buckets: Iterable[str], *grantees: iam.IGrantable) -> None:
    """List and read buckets that are somebody else's."""
    for bucket in buckets:
        arn = f"arn:{stack.partition}:s3:::{bucket}"
        for grantee in grantees:
            iam.Grant.add_to_principal(grantee=grantee, actions=["s3:ListBucket"], resource_arns=[arn])
            iam.Grant.add_to_principal(grantee=grantee, actions=["s3:GetObject"], resource_arns=[f"{arn}/*"])


def may_run(workflows: Iterable[sfn.StateMachine], *grantees: iam.IGrantable) -> None:
    """Start executions, see which run and how they ended, stop them."""
    for workflow in workflows:
        for grantee in grantees:
            workflow.grant_start_execution(grantee)
            workflow.grant_execution(grantee, "states:DescribeExecution", "states:StopExecution")
            workflow.grant(grantee, "states:ListExecutions")


def may_use_indexes(domain_arn: str, *grantees: iam.IGrantable) -> None:
    """Make, fill, search and delete the indexes of workspaces in an OpenSearch domain."""
    for grantee in grantees:
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["es:ESHttpDelete", "es:ESHttpPost", "es:ESHttpPut"],
            resource_arns=[f"{domain_arn}/kosha-*"],
        )


def arn_of(secret: secrets.ISecret) -> str:
    """The ARN of a secret: its attribute `Id`, as the emulator gives the name for `Ref` (ministack 1.5.33)."""
    made = secret.node.default_child
    return made.attr_id if isinstance(made, secrets.CfnSecret) else secret.secret_arn


def may_read(secret: secrets.ISecret, *grantees: iam.IGrantable) -> None:
    """Read a secret. The right to its key stands with the reader: in the key's own policy it would tie the key's stack
    to every stack that reads."""
    for grantee in grantees:
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            resource_arns=[arn_of(secret)],
        )
        if secret.encryption_key:
            iam.Grant.add_to_principal(
                grantee=grantee, actions=["kms:Decrypt"], resource_arns=[secret.encryption_key.key_arn]
            )
