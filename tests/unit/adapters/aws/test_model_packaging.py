"""Builds that package a model: what CodeBuild is told, and what a person reads where one fails."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from kosha.adapters.aws.model_packaging import ModelPackaging
from kosha.errors import Rejected, Unavailable

BUILD = "packaging:1"
LOG = "https://console.example/logs"


@pytest.fixture
def codebuild() -> Any:
    return boto3.client("codebuild", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="y")


def told(status: str, **more: Any) -> dict[str, Any]:
    return {"builds": [{"id": BUILD, "buildStatus": status, "logs": {"deepLink": LOG}, **more}]}


def is_done(codebuild: Any, reply: dict[str, Any]) -> bool:
    with Stubber(codebuild) as stub:
        stub.add_response("batch_get_builds", reply, {"ids": [BUILD]})
        return ModelPackaging(codebuild, "packaging").is_done(BUILD)


def test_a_build_is_started_once_with_the_models_name_and_its_token_from_a_secret(codebuild: Any) -> None:
    variables = [
        {"name": "HF_TOKEN", "value": "arn:secret", "type": "SECRETS_MANAGER"},
        {"name": "REPOSITORY", "value": "a/b", "type": "PLAINTEXT"},
    ]
    asked = {"projectName": "packaging", "environmentVariablesOverride": variables, "idempotencyToken": "request-1"}
    with Stubber(codebuild) as stub:
        stub.add_response("start_build", {"build": {"id": BUILD}}, asked)
        packaging = ModelPackaging(codebuild, "packaging")
        assert packaging.start({"REPOSITORY": "a/b", "HF_TOKEN": "arn:secret"}, once="request-1") == BUILD


def test_a_build_is_done_when_it_ended_well(codebuild: Any) -> None:
    assert not is_done(codebuild, told("IN_PROGRESS"))
    assert is_done(codebuild, told("SUCCEEDED"))


def test_a_failed_build_says_where_in_which_words_and_where_its_log_is(codebuild: Any) -> None:
    phases = [
        {"phaseType": "INSTALL", "phaseStatus": "SUCCEEDED"},
        {"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [{"message": "There are no weights."}]},
        {"phaseType": "COMPLETED"},
    ]
    with pytest.raises(Rejected) as failed:
        is_done(codebuild, told("FAILED", phases=phases))
    assert str(failed.value) == (
        f"The model could not be packaged: build {BUILD} ended FAILED in BUILD: There are no weights. Log: {LOG}"
    )


def test_a_build_that_was_stopped_is_no_package(codebuild: Any) -> None:
    with pytest.raises(Rejected, match="ended STOPPED"):
        is_done(codebuild, told("STOPPED"))


def test_a_build_that_nobody_knows_is_no_package(codebuild: Any) -> None:
    with pytest.raises(Rejected, match="knows no build"):
        is_done(codebuild, {"builds": []})


def test_a_busy_service_is_asked_again_by_whoever_waits(codebuild: Any) -> None:
    with Stubber(codebuild) as stub:
        stub.add_client_error("batch_get_builds", "ThrottlingException", http_status_code=400)
        with pytest.raises(Unavailable):
            ModelPackaging(codebuild, "packaging").is_done(BUILD)
