"""Models on SageMaker: three ways to deploy one, how they scale and rest, what functions are told, who may do what."""

import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stacks.constructs.model_packaging import COMMANDS
from stacks.foundation import FoundationStack
from stacks.sagemaker import SagemakerStack
from stacks.settings import SettingRefused
from tests.stacks import parts
from tests.stacks.synthesised import Resource, Synthesised

REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
SERVES: dict[str, Any] = {
    "minilm": {
        "kind": "embedding",
        "model": "sentence-transformers/all-MiniLM-L6-v2",
        "instance": "ml.c7i.large",
        "instances_max": 4,
        "calls_per_minute": 300,
        "source": {"way": "snapshot", "repository": "sentence-transformers/all-MiniLM-L6-v2", "revision": REVISION},
        "hours": {
            "start": "cron(0 8 ? * MON-FRI *)",
            "stop": "cron(0 19 ? * MON-FRI *)",
            "time_zone": "Europe/Berlin",
        },
    },
    "rerank": {
        "kind": "cross-encoder",
        "model": "cross-encoder/ms-marco-MiniLM-L-12-v2",
        "instance": "ml.g4dn.xlarge",
        "source": {
            "way": "snapshot",
            "repository": "cross-encoder/ms-marco-MiniLM-L-12-v2",
            "revision": "7b0235231ca2674cb8ca8f022859a6eba2b1c968",
            "token_secret_arn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:hub",
        },
    },
    "llama": {
        "kind": "llm",
        "model": "meta-llama/Llama-3.1-8B-Instruct",
        "instance": "ml.g5.xlarge",
        "source": {
            "way": "image",
            "image": "huggingface-pytorch-tgi-inference:2.7.0-tgi3.3.6-gpu-py311-cu124-ubuntu22.04",
            "environment": {"HF_MODEL_ID": "meta-llama/Llama-3.1-8B-Instruct"},
        },
    },
    "mistral": {
        "kind": "llm",
        "model": "mistralai/Mistral-7B-Instruct-v0.3",
        "instance": "ml.g5.xlarge",
        "source": {"way": "package", "arn": "arn:aws:sagemaker:us-east-1:865070037744:model-package/mistral-7b"},
    },
}


def build(app: Any, chosen: Any) -> None:
    SagemakerStack(app, chosen, FoundationStack(app, chosen))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return parts.synthesise(tmp_path_factory.mktemp("sagemaker"), parts.stage(serves=SERVES), build)


Of = Callable[[str, str], Resource]


@pytest.fixture
def of(made: Synthesised) -> Of:
    """The resource of that type of an endpoint."""
    return lambda endpoint, kind: made.one(f"AWS::SageMaker::{kind}", f"Sagemaker/{endpoint}/")


def texts(value: Any) -> str:
    """A value with CloudFormation's functions in it, as one text to look into."""
    return json.dumps(value)


def test_every_endpoint_has_the_name_that_functions_are_told(made: Synthesised) -> None:
    names = {each.properties["EndpointName"] for each in made.resources("AWS::SageMaker::Endpoint")}
    assert names == {"kosha-part-minilm", "kosha-part-rerank", "kosha-part-llama", "kosha-part-mistral"}
    [parameter] = made.resources("AWS::SSM::Parameter")
    told = json.loads(parameter.properties["Value"])
    assert {one["endpoint"] for one in told["sagemakerEndpoints"]} == names
    assert {one["model"] for one in told["sagemakerEndpoints"]} == {each["model"] for each in SERVES.values()}


def test_an_embedding_endpoint_can_be_chosen_beside_the_default_model(made: Synthesised) -> None:
    [parameter] = made.resources("AWS::SSM::Parameter")
    embeddings = json.loads(parameter.properties["Value"])["embeddings"]
    assert embeddings == ["bedrock/amazon.titan-embed-text-v2:0", "sagemaker/sentence-transformers/all-MiniLM-L6-v2"]


def test_an_image_runs_with_its_environment_and_speaks_the_messages_api(of: Of) -> None:
    model = of("Llama", "Model").properties
    container = model["PrimaryContainer"]
    assert "huggingface-pytorch-tgi-inference:2.7.0-tgi3.3.6" in texts(container["Image"])
    assert container["Environment"] == {
        "HF_MODEL_ID": "meta-llama/Llama-3.1-8B-Instruct",
        "MESSAGES_API_ENABLED": "true",
    }
    assert model["EnableNetworkIsolation"] is False  # it fetches its weights


def test_a_model_package_is_named_and_nothing_else_and_reaches_no_network(of: Of) -> None:
    model = of("Mistral", "Model").properties
    assert model["PrimaryContainer"] == {"ModelPackageName": SERVES["mistral"]["source"]["arn"]}
    assert model["EnableNetworkIsolation"] is True


@pytest.mark.parametrize(("endpoint", "device"), [("Minilm", "cpu"), ("Rerank", "gpu")])
def test_a_snapshot_runs_with_our_script_in_the_container_of_its_device(of: Of, endpoint: str, device: str) -> None:
    model = of(endpoint, "Model").properties
    assert f"-{device}-" in texts(model["PrimaryContainer"]["Image"])
    assert texts(model["PrimaryContainer"]["ModelDataUrl"]).endswith('/model.tar.gz"]]}')
    assert model["PrimaryContainer"]["Environment"]["SAGEMAKER_PROGRAM"] == "inference.py"
    assert model["EnableNetworkIsolation"] is True


def test_a_model_waits_for_its_package(made: Synthesised, of: Of) -> None:
    package = made.one("Custom::ModelPackage", "Sagemaker/Packaging/MinilmPackage")
    assert package.name in of("Minilm", "Model").whole["DependsOn"]
    variables = package.properties["Variables"]
    assert (variables["REPOSITORY"], variables["REVISION"]) == ("sentence-transformers/all-MiniLM-L6-v2", REVISION)
    assert REVISION[:12] in texts(variables["DESTINATION"])


def test_another_script_is_another_package(made: Synthesised) -> None:
    """Its place has the script's hash, so that a changed script makes CloudFormation package anew."""
    [embedding, rerank] = [
        texts(each.properties["Variables"]["DESTINATION"]).rpartition("-")[2]
        for each in sorted(made.resources("Custom::ModelPackage"))
    ]
    assert embedding != rerank


def test_the_hubs_token_is_read_by_the_build_alone(made: Synthesised) -> None:
    readers = [each.path for each in made.resources("AWS::IAM::Policy") if ":secret:hub" in texts(each.properties)]
    assert readers == ["Sagemaker/Packaging/Project/Role/DefaultPolicy/Resource"]


def test_instances_follow_the_calls_of_each(made: Synthesised) -> None:
    target = made.one("AWS::ApplicationAutoScaling::ScalableTarget", "Sagemaker/Minilm/").properties
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    assert target["ResourceId"] == "endpoint/kosha-part-minilm/variant/AllTraffic"
    policy = made.one("AWS::ApplicationAutoScaling::ScalingPolicy", "Sagemaker/Minilm/").properties
    tracked = policy["TargetTrackingScalingPolicyConfiguration"]
    metric = tracked["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert (metric, tracked["TargetValue"]) == ("SageMakerVariantInvocationsPerInstance", 300)


def test_a_deployment_leaves_the_number_of_instances_to_the_scaling(of: Of) -> None:
    assert of("Minilm", "Endpoint").properties["RetainAllVariantProperties"] is True


def test_an_endpoint_with_hours_is_deleted_and_made_again_by_the_clock(made: Synthesised) -> None:
    schedules = {
        each.properties["ScheduleExpression"]: json.loads(each.properties["Target"]["Input"])["do"]
        for each in made.resources("AWS::Scheduler::Schedule")
    }
    assert schedules == {"cron(0 8 ? * MON-FRI *)": "start", "cron(0 19 ? * MON-FRI *)": "stop"}
    zones = {each.properties["ScheduleExpressionTimezone"] for each in made.resources("AWS::Scheduler::Schedule")}
    assert zones == {"Europe/Berlin"}
    machine = made.one("AWS::StepFunctions::StateMachine", "Sagemaker/Minilm/Hours")
    definition = texts(machine.properties["DefinitionString"])
    for call in ("createEndpoint", "registerScalableTarget", "putScalingPolicy", "deregisterScalableTarget"):
        assert call in definition


def test_the_clock_may_touch_its_own_endpoint_alone(made: Synthesised) -> None:
    policy = made.one("AWS::IAM::Policy", "Sagemaker/Minilm/Hours/Machine/Role")
    statements = policy.properties["PolicyDocument"]["Statement"]
    touched = [each for each in statements if "sagemaker:" in texts(each["Action"])]
    assert touched
    assert all(
        "kosha-part-minilm" in texts(each["Resource"]) or "GetAtt" in texts(each["Resource"]) for each in touched
    )
    assert not any(each["Resource"] == "*" for each in touched)


def test_no_role_may_do_everything_of_a_service(made: Synthesised) -> None:
    for policy in made.resources("AWS::IAM::Policy"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            # CDK's own grants on a bucket and a key are families of reads and writes (s3:GetObject*, kms:ReEncrypt*).
            assert not any(action.endswith(":*") or action == "*" for action in actions), policy.path


def test_packages_are_encrypted_private_and_stay(made: Synthesised) -> None:
    bucket = made.one("AWS::S3::Bucket", "Sagemaker/Packaging/Packages")
    [rule] = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket.whole["DeletionPolicy"].startswith("Retain")


def test_a_stage_that_packages_nothing_has_no_build(tmp_path: Path) -> None:
    only = parts.synthesise(tmp_path, parts.stage(serves={"llama": SERVES["llama"]}), build)
    assert list(only.resources("AWS::CodeBuild::Project", "Custom::ModelPackage")) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "chat"}, "'llm', 'embedding' or 'cross-encoder'"),
        ({"instance": "g5.xlarge"}, "should match pattern"),
        ({"source": {"way": "zip"}}, "'image', 'package', 'snapshot'"),
        ({"source": {**SERVES["minilm"]["source"], "revision": "main"}}, "[0-9a-f]{40}"),
        ({"source": {**SERVES["minilm"]["source"], "branch": "main"}}, "allowed are image, repository, revision"),
        ({"instances_min": 5}, "must not be above instances_max"),
        ({"instances_min": 0}, "greater than or equal to 1"),
        ({"hours": {"start": "8:00", "stop": "cron(0 19 ? * MON-FRI *)"}}, "cron"),
    ],
)
def test_what_no_endpoint_can_be_is_refused_with_what_is_allowed(change: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        parts.stage(serves={"minilm": {**SERVES["minilm"], **change}})
    assert words in str(refused.value)


def package(folder: Path, *, script: bool, weights: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the build's own commands, with a Hub and an S3 that are programs of this folder."""
    with zipfile.ZipFile(folder / "script-in-s3.zip", "w") as archive:
        archive.writestr("inference.py", "# ours")
    programs = folder / "bin"
    programs.mkdir()
    file = "model.safetensors" if weights else "pytorch_model.bin"
    fakes = {
        "python3": f"mkdir -p model/onnx && touch model/config.json model/{file} model/onnx/model.json",
        "aws": 'echo "$@" >> calls; case "$4" in s3://code/*) cp script-in-s3.zip "$5";; esac',
    }
    for name, body in fakes.items():
        (programs / name).write_text(f"#!/bin/bash\n{body}\n")
        (programs / name).chmod(0o755)
    told = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "SCRIPT": "s3://code/script.zip" if script else "",
        "DESTINATION": "s3://packages/minilm/v1/",
    }
    return subprocess.run(
        ["bash", "-c", "\n".join(COMMANDS)], cwd=folder, env=told, capture_output=True, text=True, check=False
    )


def test_the_build_packs_snapshot_and_script_into_one_archive(tmp_path: Path) -> None:
    ended = package(tmp_path, script=True)
    assert ended.returncode == 0, ended.stderr
    packed = subprocess.run(["tar", "-tzf", tmp_path / "model.tar.gz"], capture_output=True, text=True, check=True)
    assert {"./config.json", "./model.safetensors", "./code/inference.py"} <= set(packed.stdout.split())
    assert "./onnx/model.json" not in packed.stdout
    assert "model.tar.gz s3://packages/minilm/v1/model.tar.gz" in (tmp_path / "calls").read_text()


def test_the_build_lays_a_language_model_out_file_by_file(tmp_path: Path) -> None:
    assert package(tmp_path, script=False).returncode == 0
    assert (tmp_path / "calls").read_text() == "s3 sync --only-show-errors model s3://packages/minilm/v1/\n"


def test_the_build_fails_where_a_snapshot_has_no_weights_in_safetensors(tmp_path: Path) -> None:
    ended = package(tmp_path, script=True, weights=False)
    assert ended.returncode == 1
    assert "no weights in safetensors" in ended.stdout
    assert not (tmp_path / "calls").exists()
