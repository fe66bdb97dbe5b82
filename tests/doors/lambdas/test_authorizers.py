"""The functions that let people in, and what they hand on of them."""

from typing import Any

import pytest
from tests.doors.lambdas.deployment import ARN, Deployment

from kosha.api.gateway import authorisation_in
from kosha.model.user import Caller

REST_ARN = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/GET/api/me"


def rest(token: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"}
    return {"type": "REQUEST", "methodArn": REST_ARN, "headers": headers, "queryStringParameters": {}}


def socket(token: str, **headers: str) -> dict[str, Any]:
    query = {"token": token}
    return {"type": "REQUEST", "methodArn": ARN, "headers": headers, "queryStringParameters": query}


def test_a_verdict_lets_its_person_call_every_method_of_the_stage(aws: Deployment, ada: Caller) -> None:
    verdict = aws.call("api_authorizer", rest(aws.token(ada)))
    [statement] = verdict["policyDocument"]["Statement"]
    assert statement["Resource"] == "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/*"
    assert statement["Effect"] == "Allow"
    assert verdict["principalId"] == ada.user.id


def test_what_goes_with_a_rest_call_is_text_and_no_token(aws: Deployment, ada: Caller) -> None:
    context = aws.call("api_authorizer", rest(aws.token(ada)))["context"]
    assert context.keys() == {"sub", "name", "roles", "exp"}
    assert all(isinstance(value, str) for value in context.values())


def test_a_token_authorizers_event_is_understood_too(aws: Deployment, ada: Caller) -> None:
    asked = {"type": "TOKEN", "methodArn": REST_ARN, "authorizationToken": f"bearer {aws.token(ada)}"}
    assert aws.call("api_authorizer", asked)["principalId"] == ada.user.id


def test_what_goes_with_a_socket_is_enough_to_ask_again(aws: Deployment) -> None:
    manager = aws.machine.person("manager", "user")
    token = aws.token(manager)
    context = aws.call("chat_authorizer", socket(token))["context"]
    kept = authorisation_in({"requestContext": {"authorizer": context}})
    assert kept == aws.machine.ports.tokens.authorise(token)


@pytest.mark.parametrize("token", ["", "wrong", "a.b.c"])
@pytest.mark.parametrize(("function", "asking"), [("api_authorizer", rest), ("chat_authorizer", socket)])
def test_who_has_no_good_token_is_refused_by_the_word_api_gateway_knows(
    aws: Deployment, function: str, asking: Any, token: str
) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        aws.call(function, asking(token))


def test_a_socket_that_does_not_come_through_our_edge_is_refused(aws: Deployment, ada: Caller) -> None:
    secret = aws.has_secret("KOSHA_ORIGIN_SECRET", "of our edge")
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        aws.call("chat_authorizer", socket(aws.token(ada)))
    told = {"x-origin-verify": secret}
    assert aws.call("chat_authorizer", socket(aws.token(ada), **told))["principalId"] == ada.user.id
