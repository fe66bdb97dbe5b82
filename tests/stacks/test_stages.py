"""What each stage promises, and what is refused before anything is synthesised."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from stacks.api import HEADERS
from stacks.foundation import FoundationStack
from stacks.settings import SettingRefused, Stage, read
from tests.stacks import parts
from tests.stacks.conftest import Stages
from tests.stacks.synthesised import ROOT, Synthesised

from kosha.adapters.aws.cognito import USABLE_SECONDS
from kosha.api.resolver import CORS
from stacks import emulated

PROMISED = {
    "ApiUrl", "SocketUrl", "WebSocketCallback", "UserPoolId", "UserPoolClientId", "UploadBucket", "ProcessingBucket",
    "FileImportArn", "WorkspaceDeleteArn", "DatabaseSecretArn", "OriginSecretArn", "ProviderSecretArn",
    "MessagesTopicArn", "ArrivalsQueueUrl", "ArrivalsDeadLettersUrl", "QuestionsQueueUrl", "QuestionsDeadLettersUrl",
    "AnswersQueueUrl", "AnswersDeadLettersUrl",
}  # fmt: skip
NOT_EMULATED = tuple(
    f"AWS::{name}::" for name in ("Batch", "SageMaker", "EC2", "RDS", "WAFv2", "ApplicationAutoScaling")
)


def stages_of_the_project() -> Mapping[str, Mapping[str, Any]]:
    """As app.py reads them."""
    told = json.loads((ROOT / "cdk.json").read_text())["context"]["stages"]
    return {**told, "emulated": emulated.settings({})}


def test_every_stage_tells_where_its_parts_are(stage: Synthesised) -> None:
    assert stage.outputs() >= PROMISED


def test_no_stack_refers_weakly_to_another(stage: Synthesised) -> None:
    assert "Fn::GetStackOutput" not in json.dumps(stage.templates)


def test_the_same_settings_give_the_same_templates(stages: Stages, tmp_path: Path) -> None:
    from tests.stacks.synthesised import synthesise

    assert synthesise("emulated", tmp_path).templates == stages("emulated").templates


def test_the_default_stage_pays_for_no_nat_gateway_and_no_interface_endpoint(stages: Stages) -> None:
    kinds = {each.type for each in stages("default").resources()}
    assert "AWS::EC2::NatGateway" not in kinds
    endpoints = [each.properties["VpcEndpointType"] for each in stages("default").resources("AWS::EC2::VPCEndpoint")]
    assert endpoints == ["Gateway", "Gateway"]


def test_the_specified_stage_is_the_specification(stages: Stages) -> None:
    told = stages("specified")
    interfaces = [
        json.dumps(each.properties["ServiceName"])
        for each in told.resources("AWS::EC2::VPCEndpoint")
        if each.properties["VpcEndpointType"] == "Interface"
    ]
    assert len(interfaces) == 2
    assert any("sagemaker.runtime" in each for each in interfaces)
    assert any("secretsmanager" in each for each in interfaces)
    [proxied] = [each for each in told.resources("AWS::ApiGateway::Method") if each.properties["HttpMethod"] == "ANY"]
    assert proxied.properties["AuthorizationType"] == "COGNITO_USER_POOLS"
    [job] = told.resources("AWS::Batch::JobDefinition")
    assert job.properties["PlatformCapabilities"] == ["EC2"]


def test_the_emulated_stage_has_only_what_the_emulator_knows(stages: Stages) -> None:
    strange = {each.type for each in stages("emulated").resources() if each.type.startswith(NOT_EMULATED)}
    assert strange == set()


def test_the_emulated_stage_reads_all_files_in_a_function_and_the_real_ones_what_is_small(stages: Stages) -> None:
    for name, step in (("emulated", "parse"), ("default", "parse_at_once"), ("specified", "parse_at_once")):
        machine = stages(name).one("AWS::StepFunctions::StateMachine", "Ingestion/FileImport/")
        definition = json.loads(machine.properties["DefinitionString"])
        assert definition["States"]["Parse"]["Parameters"]["step"] == step
        assert ("ParseInJob" in definition["States"]) == (name != "emulated")
        assert definition["StartAt"] == "Begin"


def test_the_preflight_allows_what_browsers_send(stage: Synthesised) -> None:
    methods = stage.resources("AWS::ApiGateway::Method")
    preflights = [each for each in methods if each.properties["HttpMethod"] == "OPTIONS"]
    assert preflights
    for preflight in preflights:
        [reply] = preflight.properties["Integration"]["IntegrationResponses"]
        allowed = reply["ResponseParameters"]["method.response.header.Access-Control-Allow-Headers"]
        assert {"Content-Type", "Authorization", "X-Amz-Date"} <= set(allowed.strip("'").split(",")), preflight.path


def test_the_preflight_and_the_api_allow_the_same_headers() -> None:
    assert set(HEADERS) <= set(CORS.to_dict("https://kosha.example")["Access-Control-Allow-Headers"].split(","))


def test_a_revoked_person_is_out_within_a_minute_also_where_the_gateway_keeps_a_verdict(stages: Stages) -> None:
    ttl = {
        each.path.split("/")[1]: each.properties["AuthorizerResultTtlInSeconds"]
        for each in stages("default").resources("AWS::ApiGateway::Authorizer")
    }
    assert ttl == {"ByToken": 20, "ByTokenAnywhere": 0}
    assert USABLE_SECONDS + ttl["ByToken"] <= 60


def test_a_token_from_another_house_can_be_asked_about(tmp_path: Path) -> None:
    house = {"kind": "saml", "name": "acme", "metadata_url": "https://acme.example/metadata"}
    chosen = parts.stage(
        people={"identity_provider": house, "site_origins": ["https://kosha.example"], "sign_in_domain": "acme"}
    )
    made = parts.synthesise(tmp_path, chosen, FoundationStack)
    [client] = made.resources("AWS::Cognito::UserPoolClient")
    assert "aws.cognito.signin.user.admin" in client.properties["AllowedOAuthScopes"]


def test_only_health_is_open_to_whoever_asks(stage: Synthesised) -> None:
    opened = [
        each.path
        for each in stage.resources("AWS::ApiGateway::Method")
        if each.properties["AuthorizationType"] == "NONE" and each.properties["HttpMethod"] != "OPTIONS"
    ]
    assert len(opened) == 1
    assert "health" in opened[0]


def test_both_gateways_are_throttled_and_log_who_calls(stage: Synthesised) -> None:
    [rest] = stage.resources("AWS::ApiGateway::Stage")
    [socket] = stage.resources("AWS::ApiGatewayV2::Stage")
    [limits] = rest.properties["MethodSettings"]
    assert limits["ThrottlingRateLimit"] == 50
    assert rest.properties["AccessLogSetting"]["DestinationArn"]
    assert socket.properties["DefaultRouteSettings"]["ThrottlingRateLimit"] == 50
    assert socket.properties["AccessLogSettings"]["DestinationArn"]


def test_the_three_roles_are_groups_of_the_pool(stage: Synthesised) -> None:
    groups = {each.properties["GroupName"] for each in stage.resources("AWS::Cognito::UserPoolGroup")}
    assert groups == {"admin", "manager", "user"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"network": {"egress": "nat"}}, "x.network.egress = 'nat'"),
        ({"network": {"egress": "nat"}}, "'nat_instance' or 'nat_gateway'"),
        ({"network": {"egres": "none"}}, "allowed are cidr, egress"),
        ({"life": {"log_days": 2}}, "x.life.log_days = 2"),
        ({"life": {"recovery_days": 36}}, "less than or equal to 35"),
        ({"database": {"proxy": True}}, "min_capacity of at least 0.5"),
        ({"database": {"kind": "outside"}}, "host, password, port, username"),
        ({"network": {"enabled": False}}, "needs network.enabled"),
        ({"people": {"identity_provider": {"kind": "oidc", "name": "acme"}}}, "issuer, client_id"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_allowed(changes: Mapping[str, Any], told: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        read("x", {"x": changes})
    assert told in str(refused.value)


def test_an_unknown_stage_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingRefused, match="allowed are default, emulated, specified"):
        read("production", stages_of_the_project())


@pytest.mark.parametrize("name", ["default", "specified", "emulated"])
def test_the_stages_of_the_project_are_accepted(name: str) -> None:
    assert isinstance(read(name, stages_of_the_project()), Stage)
