"""Least privilege: no action of all, and every right that is not bound to one thing stands here with its reason."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

from tests.stacks.synthesised import Synthesised

# Actions on `*`, and why no narrower resource can be named.
EVERYWHERE = {
    "xray:PutTraceSegments": "X-Ray has no resources",
    "xray:PutTelemetryRecords": "X-Ray has no resources",
    "xray:GetSamplingRules": "X-Ray has no resources",
    "xray:GetSamplingTargets": "X-Ray has no resources",
    "ec2:CreateNetworkInterface": "Lambda makes the interface of a function in a network; no ARN is known before",
    "ec2:DeleteNetworkInterface": "the same interface",
    "ec2:DescribeNetworkInterfaces": "EC2 knows no resources for Describe",
    "ec2:DescribeSubnets": "EC2 knows no resources for Describe",
    "ec2:AssignPrivateIpAddresses": "the same interface",
    "ec2:UnassignPrivateIpAddresses": "the same interface",
    "logs:*LogDelivery": "log delivery of Step Functions has no resources",
    "logs:ListLogDeliveries": "log delivery of Step Functions has no resources",
    "logs:*ResourcePolic*": "log delivery of Step Functions has no resources",
    "logs:DescribeLogGroups": "log delivery of Step Functions has no resources",
    "batch:DescribeJobs": "Batch knows no resources for Describe",
    "batch:TerminateJob": "jobs are named by Batch when they are submitted",
    "cloudfront:CreateInvalidation": "the CDK's own upload function; it can only empty caches",
    "cloudfront:GetInvalidation": "the same function",
    "ecr:GetAuthorizationToken": "ECR has no resources for it",
}
# Resources with a `*` in them, and why.
PATTERNS = {
    "*/index/*": "the indexes of one table",
    "<bucket>/*": "the objects of one bucket",
    "*:*": "the versions of one function",
    "*foundation-model/*": "which model answers is chosen in a question, by people who may",
    "*inference-profile/*": "which model answers is chosen in a question, by people who may",
    "*endpoint/kosha-*": "the SageMaker endpoints of this stage",
    "*/@connections/*": "connections are named by the gateway when they open",
    "*execution:*": "executions are named when they start",
    "*:key/*": "the key that AWS keeps for SNS has an id we do not know; a condition names its alias",
}


def test_no_role_may_do_everything(stage: Synthesised) -> None:
    for place, action, _ in rights(stage):
        assert action != "*", place
        assert not action.endswith(":*"), f"{place}: {action}"


def test_every_right_on_everything_is_listed_with_its_reason(stage: Synthesised) -> None:
    unlisted = {
        f"{place}: {action}"
        for place, action, resource in rights(stage)
        if resource == "*" and not any(fnmatchcase(action, known) for known in EVERYWHERE)
    }
    assert unlisted == set()


def test_every_pattern_of_resources_is_listed_with_its_reason(stage: Synthesised) -> None:
    unlisted = {
        f"{place}: {action} on {resource}"
        for place, action, resource in rights(stage)
        if resource != "*" and "*" in resource and not any(fnmatchcase(resource, known) for known in PATTERNS)
    }
    assert unlisted == set()


def test_the_lists_name_nothing_that_no_stage_needs(stages) -> None:
    used = [right for name in ("default", "specified", "emulated") for right in rights(stages(name))]
    for known in EVERYWHERE:
        assert any(fnmatchcase(action, known) for _, action, resource in used if resource == "*"), known
    for known in PATTERNS:
        assert any(fnmatchcase(resource, known) for _, _, resource in used), known


def test_nobody_scans_a_table(stage: Synthesised) -> None:
    assert not [place for place, action, _ in rights(stage) if action in {"dynamodb:Scan", "dynamodb:PartiQLSelect"}]


def test_who_brings_files_in_may_forget_them_with_their_versions_and_read_originals(stage: Synthesised) -> None:
    told = [(action, resource) for place, action, resource in rights(stage) if "/UploadRole/" in place]
    on_files = sorted((action, resource) for action, resource in told if action.startswith("s3:"))
    forgets_in_both_buckets = 2 * [
        ("s3:DeleteObject", "<bucket>/*"),
        ("s3:DeleteObjectVersion", "<bucket>/*"),
        ("s3:ListBucketVersions", "<bucket>"),
    ]
    reads_in_one = list(product(("s3:GetObject*", "s3:GetBucket*", "s3:List*"), ("<bucket>", "<bucket>/*")))
    assert on_files == sorted(forgets_in_both_buckets + reads_in_one)


def test_who_reads_foreign_sites_may_call_no_model_and_read_no_keys_of_providers(stage: Synthesised) -> None:
    told = {action for place, action, _ in rights(stage) if "/GatherStepRole/" in place}
    assert not {action for action in told if action.startswith(("bedrock:", "sagemaker:", "ssm:"))}
    assert len([1 for place, action, _ in rights(stage) if _reads_secret(place, action)]) == 1  # the database's


def test_who_brings_files_in_may_begin_imports_and_crawls_alone(stage: Synthesised) -> None:
    [upload] = [each for each in stage.resources("AWS::IAM::Policy") if "/UploadRole/" in each.path]
    begun = {
        target["Ref"].rstrip("0123456789ABCDEF")
        for statement in upload.properties["PolicyDocument"]["Statement"]
        for target in _list(statement["Resource"])
        if "states:StartExecution" in _list(statement["Action"])
    }
    assert begun == {"FileImport", "WebsiteCrawl"}


def test_who_lists_people_may_ask_for_roles_and_who_looks_one_up_for_theirs(stage: Synthesised) -> None:
    told = {(place.split("/Resource")[0], action) for place, action, _ in rights(stage)}
    one = {"cognito-idp:ListUsers", "cognito-idp:AdminListGroupsForUser"}
    assert {("Api/FunctionRole/DefaultPolicy", action) for action in {*one, "cognito-idp:ListUsersInGroup"}} <= told
    assert {("Chat/SweepRole/DefaultPolicy", action) for action in one} <= told  # who left is told by nobody else


def rights(stage: Synthesised) -> Iterator[tuple[str, str, str]]:
    """Where, what and on what: every action that a role is allowed; resources as text, references as <name>."""
    for resource in stage.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"):
        own = [resource.properties] if resource.type != "AWS::IAM::Role" else resource.properties.get("Policies", [])
        for policy in own:
            for statement in policy["PolicyDocument"]["Statement"]:
                if statement["Effect"] == "Allow":
                    for action in _list(statement["Action"]):
                        for target in _list(statement["Resource"]):
                            yield resource.path, action, _text(target, stage, resource.stack)


def _reads_secret(place: str, action: str) -> bool:
    return "/GatherStepRole/" in place and action == "secretsmanager:GetSecretValue"


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else [told]


def _text(target: Any, stage: Synthesised, stack: str) -> str:
    """An ARN as one line, with what CloudFormation fills in between angle brackets."""
    if isinstance(target, str):
        return target
    if "Fn::Join" in target:
        separator, parts = target["Fn::Join"]
        return separator.join(_text(part, stage, stack) for part in parts)
    reference = json.dumps(target)
    is_bucket = any(each.name in reference for each in stage.resources("AWS::S3::Bucket")) and "Arn" in reference
    return "<bucket>" if is_bucket else "<something>"
