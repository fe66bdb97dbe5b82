"""What cdk-nag and cfn-lint say: nothing, or what is acknowledged here with its reason."""

import os
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

from tests.stacks.synthesised import Synthesised

# Rule, path, why it is as it is. IAM5 (rights on more than one thing) is held by test_rights.py, line by line.
ACKNOWLEDGED = [
    ("AwsSolutions-IAM5", "*", "listed with reasons in test_rights.py"),
    ("AwsSolutions-IAM4", "Search/SetupProvider/*", "the CDK's own framework function: it may write its log"),
    ("AwsSolutions-IAM4", "Foundation/GatewayLogsRole/*", "the right that API Gateway needs to write logs at all"),
    ("AwsSolutions-IAM4", "Ingestion/Parse/Machines/InstanceProfileRole/*", "what ECS needs on machines of its own"),
    ("AwsSolutions-L1", "*", "3.13 is the newest Python that the locked packages have wheels for"),
    (
        "AwsSolutions-SMG4",
        "Search/*Secret*",
        "database.rotation_days has it rotated; it wakes the database",
    ),
    (
        "AwsSolutions-S10",
        "Foundation/*",
        "the emulator is reached by plain HTTP; test_data.py holds real stages to TLS",
    ),
    ("AwsSolutions-SQS4", "*", "as above"),
    ("AwsSolutions-SMG4", "Search/Outside/*", "whoever keeps that database changes its password"),
    ("AwsSolutions-SMG4", "Foundation/ProviderKeys/*", "keys of other houses; they alone can change them"),
    (
        "AwsSolutions-SMG4",
        "Foundation/Origin/*",
        "CloudFront reads it when it is deployed; docs/operations.md",
    ),
    (
        "AwsSolutions-COG2",
        "Foundation/People/*",
        "people.mfa can require it; scripts sign in too",
    ),
    ("AwsSolutions-COG8", "Foundation/People/*", "threat protection is billed a person and month"),
    ("AwsSolutions-COG4", "Api/*", "our own authorizer takes access tokens too and knows revoked ones; health is open"),
    ("AwsSolutions-APIG3", "Api/*", "the web's firewall stands before CloudFront, by setting"),
    ("AwsSolutions-APIG4", "Api/*health*", "health is for whoever asks; it tells no names"),
    ("AwsSolutions-APIG4", "Chat/Socket/*", "a socket is authorised at $connect, and every frame by chat_incoming"),
    ("AwsSolutions-CFR1", "Web/*", "people sign in wherever they are; web.waf can keep countries out"),
    ("AwsSolutions-CFR2", "Web/*", "web.waf by setting: it costs 8 USD a month at rest"),
    ("AwsSolutions-CFR3", "Web/*", "both gateways log who calls; what is left are the UI's own files"),
    ("AwsSolutions-CFR4", "Web/*", "with CloudFront's own certificate it chooses; with web.domain it is TLS 1.2"),
    ("AwsSolutions-IAM4", "Web/Custom::CDKBucketDeployment*", "the CDK's own upload function: it may write its log"),
    ("AwsSolutions-IAM4", "Chat/WorkerRelease/*", "the right that CodeDeploy needs to move an alias at all"),
    ("AwsSolutions-EC28", "*NatInstance*", "minute metrics of a NAT instance cost more than they tell"),
    ("AwsSolutions-EC29", "*NatInstance*", "it holds nothing, and its replacement must not be refused"),
]


def test_cdk_nag_finds_nothing_that_is_not_acknowledged(stage: Synthesised) -> None:
    assert [found for found in stage.findings if not _is_acknowledged(*found)] == []


def test_nothing_is_acknowledged_that_no_stage_has(stages) -> None:
    found = [each for name in ("default", "specified", "emulated") for each in stages(name).findings]
    for rule, path, _ in ACKNOWLEDGED:
        assert any(each.rule.startswith(rule) and fnmatchcase(each.path, path) for each in found), (rule, path)


def test_cfn_lint_finds_nothing(real_stage: Synthesised) -> None:
    # W3005: the CDK writes down dependencies that references make already.
    command = [_cfn_lint(), "--regions", "us-east-1", "--ignore-checks", "W3005", "--format", "parseable"]
    told = subprocess.run(
        [*command, *sorted(map(str, real_stage.folder.glob("*.template.json")))],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (0, ""), told.stdout + told.stderr


def _is_acknowledged(rule: str, path: str) -> bool:
    return any(rule.startswith(known) and fnmatchcase(path, place) for known, place, _ in ACKNOWLEDGED)


def _cfn_lint() -> str:
    import cfnlint

    return str(Path(cfnlint.__file__).parents[4] / "bin" / "cfn-lint")
