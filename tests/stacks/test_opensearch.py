"""An OpenSearch cluster of a stage: who is told of it, who may read its one secret, and what is refused."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from stacks.foundation import FoundationStack
from stacks.ingestion import IngestionStack
from stacks.search import SearchStack
from stacks.settings import SettingRefused, Stage, read
from tests.stacks import parts
from tests.stacks.synthesised import Synthesised, synthesise
from tests.stacks.test_functions import NEED_DATABASE, ours
from tests.stacks.test_rights import rights

from kosha.wiring.aws_settings import AwsSettings

URL = "https://search.example.com:9200"
SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:opensearch-AbCdEf"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/0f1e2d3c"
DOMAIN = "arn:aws:es:eu-west-1:111122223333:domain/handbook"
WITH_SECRET = {"url": URL, "secret_arn": SECRET}
NEED_INDEX = NEED_DATABASE - {"database_setup"}
# Roles of the functions that need the index, and of the job: one that is stopped forgets what it has staged.
THEIR_ROLES = {
    "Api/FunctionRole", "Chat/WorkerRole", "Chat/SweepRole", "Ingestion/WorkflowStepRole", "Ingestion/GatherStepRole",
    "Ingestion/Parse/Role",
}  # fmt: skip


@pytest.fixture(scope="module")
def with_secret(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """The default stage with a cluster whose user a secret names."""
    return synthesise("searching", tmp_path_factory.mktemp("searching"), {"opensearch": WITH_SECRET})


def ingesting(folder: Path, **opensearch: str) -> Synthesised:
    """What imports files, with a cluster."""

    def build(application: cdk.App, chosen: Stage) -> None:
        foundation = FoundationStack(application, chosen)
        IngestionStack(application, chosen, foundation, SearchStack(application, chosen, foundation))

    return parts.synthesise(folder, parts.stage(opensearch=opensearch), build)


def variables(stage: Synthesised) -> dict[str, dict[str, Any]]:
    """The settings of each function by its folder, and of the job."""
    told = {folder: each.properties["Environment"]["Variables"] for folder, each in ours(stage).items()}
    for job in stage.resources("AWS::Batch::JobDefinition"):
        pairs = job.properties["ContainerProperties"]["Environment"]
        told["job"] = {pair["Name"]: pair["Value"] for pair in pairs}
    return told


def holders(stage: Synthesised, resource: str) -> dict[str, set[str]]:
    """What each role may do on exactly that."""
    found: dict[str, set[str]] = {}
    for place, action, target in rights(stage):
        if target == resource:
            found.setdefault(place.removesuffix("/DefaultPolicy/Resource"), set()).add(action)
    return found


def test_a_stage_without_a_cluster_says_nothing_of_one(stage: Synthesised) -> None:
    told = json.dumps(stage.templates)
    assert "OPENSEARCH" not in told
    assert "OpenSearch" not in told
    assert not [action for _, action, _ in rights(stage) if action.startswith("es:")]


def test_those_who_need_the_index_are_told_of_the_cluster_and_nobody_else(with_secret: Synthesised) -> None:
    told = variables(with_secret)
    assert {name for name, each in told.items() if "KOSHA_OPENSEARCH_URL" in each} == {*NEED_INDEX, "job"}
    for name in NEED_INDEX:
        settings = AwsSettings.read({key: value for key, value in told[name].items() if "OPENSEARCH" in key})
        assert (settings.opensearch_url, settings.opensearch_secret, settings.opensearch_region) == (URL, SECRET, None)


def test_they_may_read_that_one_secret_and_do_nothing_else_with_it(with_secret: Synthesised) -> None:
    reading = {"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}
    assert holders(with_secret, SECRET) == dict.fromkeys(THEIR_ROLES, reading)
    secrets = {target for _, action, target in rights(with_secret) if action == "secretsmanager:GetSecretValue"}
    assert not [each for each in secrets if "*" in each or "?" in each]


def test_a_secret_under_a_key_of_ones_own_is_read_with_that_key(tmp_path: Path) -> None:
    made = ingesting(tmp_path, **WITH_SECRET, secret_key_arn=KEY)
    theirs = {"Ingestion/WorkflowStepRole", "Ingestion/GatherStepRole"}
    assert holders(made, KEY) == {role: {"kms:Decrypt"} for role in theirs}


def test_calls_to_a_domain_are_signed_and_may_touch_our_indexes_only(tmp_path: Path) -> None:
    made = ingesting(tmp_path, url=URL, domain_arn=DOMAIN)
    told = variables(made)["workflow_step"]
    assert told["KOSHA_OPENSEARCH_REGION"] == "eu-west-1"
    assert "KOSHA_OPENSEARCH_SECRET" not in told
    on_indexes = {"es:ESHttpDelete", "es:ESHttpPost", "es:ESHttpPut"}
    theirs = {"Ingestion/WorkflowStepRole", "Ingestion/GatherStepRole"}
    assert holders(made, f"{DOMAIN}/kosha-*") == dict.fromkeys(theirs, on_indexes)
    assert {target for _, action, target in rights(made) if action.startswith("es:")} == {f"{DOMAIN}/kosha-*"}


@pytest.mark.parametrize(
    ("opensearch", "told"),
    [
        ({}, "x.opensearch.url is missing"),
        ({"url": URL}, "x.opensearch: give either secret_arn, or domain_arn"),
        ({**WITH_SECRET, "domain_arn": DOMAIN}, "either secret_arn, or domain_arn"),
        ({"url": URL, "domain_arn": DOMAIN, "secret_key_arn": KEY}, "secret_key_arn needs secret_arn"),
        ({**WITH_SECRET, "url": "http://search.example.com"}, "url has to be an https address"),
        ({**WITH_SECRET, "url": "search.example.com:9200"}, "url has to be an https address"),
        ({**WITH_SECRET, "url": "https://search.example.com:port"}, "url is no address"),
        ({**WITH_SECRET, "url": "https://search.example.com/path"}, "url ends with the host or its port"),
        ({**WITH_SECRET, "url": "https://a1.eu-west-1.aoss.amazonaws.com"}, "serverless collection"),
        ({"url": URL, "secret_arn": "opensearch"}, "x.opensearch.secret_arn = 'opensearch'"),
        ({"url": URL, "secret_arn": SECRET.removesuffix("-AbCdEf")}, "x.opensearch.secret_arn"),
        ({"url": URL, "domain_arn": "arn:aws:aoss:eu-west-1:111122223333:collection/a1"}, "x.opensearch.domain_arn"),
        ({**WITH_SECRET, "user": "ada"}, "allowed are domain_arn, secret_arn, secret_key_arn, url"),
    ],
)
def test_a_cluster_that_cannot_be_is_refused_with_what_is_wrong(opensearch: dict[str, str], told: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        read("x", {"x": {"opensearch": opensearch}})
    assert told in str(refused.value)


@pytest.mark.parametrize("url", ["https://ada:hunter2@search.example.com", "https://:hunter2@search.example.com:port"])
def test_a_password_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingRefused, match="url") as refused:
        read("x", {"x": {"opensearch": {**WITH_SECRET, "url": url}}})
    assert "hunter2" not in str(refused.value)
