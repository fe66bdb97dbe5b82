"""People of a deployed stage: invited by mail or with a password, given further roles, and signed in for scripts."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from stacks.outputs import outputs
from stacks.people import add, token
from tests.stacks.deployed import Deployed

PASSWORD = "A-first-secret-1"


@pytest.fixture
def cognito() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("cognito-idp", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="y")


@pytest.fixture
def pool(cognito: Any) -> str:
    made = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    for role in ("admin", "manager", "user"):
        cognito.create_group(UserPoolId=made, GroupName=role)
    return made


def client_of(cognito: Any, pool: str) -> str:
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="browser", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )
    return made["UserPoolClient"]["ClientId"]


def roles(cognito: Any, pool: str, name: str) -> set[str]:
    told = cognito.admin_list_groups_for_user(UserPoolId=pool, Username=name)["Groups"]
    return {group["GroupName"] for group in told}


def test_somebody_new_is_invited_and_has_a_role(cognito: Any, pool: str) -> None:
    assert add(cognito, pool, name="ada", email="ada@example.org", role="admin")
    invited = cognito.admin_get_user(UserPoolId=pool, Username="ada")
    assert invited["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert roles(cognito, pool, "ada") == {"admin"}


def test_somebody_who_is_there_gets_a_further_role(cognito: Any, pool: str) -> None:
    add(cognito, pool, name="ada", email="ada@example.org", role="user")
    assert not add(cognito, pool, name="ada", email="ada@example.org", role="manager")
    assert roles(cognito, pool, "ada") == {"user", "manager"}


def test_a_password_that_is_given_counts_for_good_and_signs_in(cognito: Any, pool: str) -> None:
    add(cognito, pool, name="ada", email="ada@example.org", role="user", password=PASSWORD)
    assert token(cognito, client_of(cognito, pool), name="ada", password=PASSWORD)


def test_whoever_has_to_change_their_password_first_gets_no_token(cognito: Any, pool: str) -> None:
    cognito.admin_create_user(UserPoolId=pool, Username="ada", TemporaryPassword=PASSWORD)
    assert token(cognito, client_of(cognito, pool), name="ada", password=PASSWORD) is None


def test_the_outputs_of_a_stage_are_those_of_all_its_stacks() -> None:
    told = {"kosha-mine-foundation": {"UserPoolId": "pool"}, "kosha-mine-web": {"WebUrl": "https://x"}}
    assert outputs(Deployed(outputs=told), "mine") == {"UserPoolId": "pool", "WebUrl": "https://x"}
    assert outputs(Deployed(outputs=told), "other") == {}
