"""The function `api`: who calls, by which way in, and an answer read as events."""

import json
import threading
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.doors.lambdas.deployment import Deployment, ids
from tests.house.machine import TOMORROW

from kosha.errors import NotInThisVersion
from kosha.model.user import Caller


def event(method: str, path: str, body: Any = None, *, authorizer: Any = None, **more: Any) -> dict[str, Any]:
    """What API Gateway hands to a proxy integration of REST (payload 1.0)."""
    return {
        "resource": "/api/{proxy+}",
        "path": f"/api{path}",
        "httpMethod": method,
        "headers": {"Content-Type": "application/json", "Host": "abc", **more.pop("headers", {})},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.strip("/")},
        "stageVariables": None,
        "requestContext": {"stage": "v1", "path": f"/v1/api{path}", "authorizer": authorizer},
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
        **more,
    }


def by_our_authorizer(caller: Caller) -> dict[str, Any]:
    """What our own authorizer's verdict becomes."""
    user = caller.user
    told = {"sub": user.id, "name": user.name, "roles": ",".join(user.roles), "exp": str(caller.expires_at)}
    return {"principalId": user.id, "integrationLatency": 12, **told}


def by_cognito(caller: Caller, **claims: Any) -> dict[str, Any]:
    """What API Gateway's own authorizer makes of an id token."""
    expiry = datetime.fromtimestamp(TOMORROW, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    return {"claims": {"sub": caller.user.id, "cognito:username": caller.user.name, "exp": expiry, **claims}}


def query(**told: str) -> dict[str, Any]:
    return {
        "queryStringParameters": told,
        "multiValueQueryStringParameters": {name: [value] for name, value in told.items()},
    }


def body_of(reply: dict[str, Any]) -> Any:
    return json.loads(reply["body"])


def header(reply: dict[str, Any], name: str) -> str:
    return reply["multiValueHeaders"][name][0]


def test_our_authorizer_tells_who_calls(aws: Deployment) -> None:
    manager = aws.machine.person("manager")
    reply = aws.call("api", event("GET", "/me", authorizer=by_our_authorizer(manager)))
    assert reply["statusCode"] == 200
    assert body_of(reply)["user"] == manager.user.wire()


@pytest.mark.parametrize(
    ("groups", "roles"),
    [({}, ["user"]), ({"cognito:groups": "admin,others"}, ["admin"]), ({"cognito:groups": "[manager x]"}, ["manager"])],
)
def test_cognitos_own_authorizer_tells_who_calls(
    aws: Deployment, ada: Caller, groups: dict[str, str], roles: list[str]
) -> None:
    reply = aws.call("api", event("GET", "/me", authorizer=by_cognito(ada, **groups)))
    assert body_of(reply)["user"] == {"id": ada.user.id, "name": ada.user.name, "roles": roles}


# What API Gateway hands on, of a pool whose people have a full name and e-mail (Cognito's reference of id tokens).
OF_AN_ID_TOKEN = {
    "sub": "7d8ca528-4931-4254-9273-ea5ee853f271",
    "cognito:groups": "manager",
    "email_verified": "true",
    "iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example",
    "cognito:username": "ada",
    "origin_jti": "11111111-2222-3333-4444-555555555555",
    "aud": "65ipf60sqifqbn8i6l9hgq1a0",
    "event_id": "64f513be-32db-42b0-b78e-b02127b4f463",
    "token_use": "id",
    "auth_time": "1795183488",
    "name": "Ada Lovelace, admin",
    "exp": "Fri Nov 20 21:04:48 UTC 2096",
    "iat": "Fri Nov 20 20:04:48 UTC 2026",
    "jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "email": "ada@example.com",
}
OF_OUR_AUTHORIZER = {
    "principalId": "7d8ca528-4931-4254-9273-ea5ee853f271",
    "integrationLatency": 12,
    "sub": "7d8ca528-4931-4254-9273-ea5ee853f271",
    "name": "ada",
    "roles": "manager",
    "exp": "4000000000",
}


@pytest.mark.parametrize("authorizer", [{"claims": OF_AN_ID_TOKEN}, OF_OUR_AUTHORIZER])
def test_a_person_has_the_name_they_sign_in_with_whichever_authorizer_read_the_token(
    aws: Deployment, authorizer: dict[str, Any]
) -> None:
    reply = aws.call("api", event("GET", "/me", authorizer=authorizer))
    assert body_of(reply)["user"] == {"id": OF_AN_ID_TOKEN["sub"], "name": "ada", "roles": ["manager"]}


@pytest.mark.parametrize(("path", "status"), [("/me", 200), ("/workspaces/none", 404), ("/nothing", 404)])
def test_a_page_of_another_origin_may_read_every_reply(aws: Deployment, ada: Caller, path: str, status: int) -> None:
    asked = event("GET", path, authorizer=by_our_authorizer(ada), headers={"Origin": "https://kosha.example"})
    reply = aws.call("api", asked)
    assert reply["statusCode"] == status
    assert header(reply, "Access-Control-Allow-Origin") == "*"


def test_nobody_is_401_and_health_is_for_everybody(aws: Deployment) -> None:
    assert aws.call("api", event("GET", "/me"))["statusCode"] == 401
    reply = aws.call("api", event("GET", "/health"))
    assert (reply["statusCode"], body_of(reply)["status"]) == (200, "ok")


def test_what_does_not_come_through_our_edge_is_refused_as_a_problem(aws: Deployment, ada: Caller) -> None:
    secret = aws.has_secret("KOSHA_ORIGIN_SECRET", "of our edge")
    asked = event("GET", "/me", authorizer=by_our_authorizer(ada))
    for told in ({}, {"X-Origin-Verify": "of another"}):
        refused = aws.call("api", {**asked, "headers": told})
        assert (refused["statusCode"], refused["headers"]["Content-Type"]) == (403, "application/problem+json")
        assert body_of(refused)["instance"].startswith("urn:kosha:trace:")
    assert aws.call("api", {**asked, "headers": {"X-Origin-Verify": secret}})["statusCode"] == 200


def test_one_trace_id_goes_from_the_browser_to_the_answer(aws: Deployment, ada: Caller) -> None:
    asked = ids()
    reply = aws.call(
        "api",
        event(
            "POST",
            "/chat",
            {**asked, "text": "Hi"},
            authorizer=by_our_authorizer(ada),
            headers={"X-Trace-Id": "browser-1234"},
        ),
    )
    assert (reply["statusCode"], header(reply, "X-Trace-Id")) == (202, "browser-1234")
    browser = aws.connect(ada)
    aws.settle()
    assert browser.heard[-1]["data"]["metadata"]["traceId"] == "browser-1234"


def stream(aws: Deployment, caller: Caller, message_id: str, **more: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {aws.token(caller)}", **more.pop("headers", {})}
    return aws.call("api", event("GET", f"/stream/{message_id}", headers=headers, **more))


def frames(reply: dict[str, Any]) -> list[dict[str, Any]]:
    assert (reply["statusCode"], header(reply, "Content-Type")) == (200, "text/event-stream")
    told = [line for line in reply["body"].splitlines() if line.startswith("data: ")]
    return [json.loads(line.removeprefix("data: ")) for line in told]


@pytest.fixture
def asked(aws: Deployment, ada: Caller) -> str:
    """A question whose answer is made, over the socket."""
    named = ids()
    aws.connect(ada).send("run", **named, text="Hi")
    aws.settle()
    return named["messageId"]


def test_an_answer_is_read_as_events(aws: Deployment, ada: Caller, asked: str) -> None:
    reply = stream(aws, ada, asked)
    assert [frame["action"] for frame in frames(reply)] == ["llm_new_token", "final_response"]
    assert reply["body"].startswith("retry: ")
    assert reply["body"].count("id: 0\n") == 1


def test_who_sends_no_header_sends_the_token_in_the_address(aws: Deployment, ada: Caller, asked: str) -> None:
    reply = aws.call("api", event("GET", f"/stream/{asked}", **query(token=aws.token(ada), after="0")))
    assert [frame["action"] for frame in frames(reply)] == ["final_response"]


def test_last_event_id_resumes_and_goes_before_the_address(aws: Deployment, ada: Caller, asked: str) -> None:
    reply = stream(aws, ada, asked, headers={"Last-Event-ID": "0"}, **query(after="-1"))
    assert [frame["action"] for frame in frames(reply)] == ["final_response"]


def test_who_has_seen_all_is_told_so_by_204(aws: Deployment, ada: Caller, asked: str) -> None:
    assert stream(aws, ada, asked, **query(after="1"))["statusCode"] == 204


def test_a_place_that_is_no_number_is_422(aws: Deployment, ada: Caller, asked: str) -> None:
    assert stream(aws, ada, asked, **query(after="here"))["statusCode"] == 422


def test_the_answer_of_another_person_is_404_and_nobodys_stream_401(aws: Deployment, asked: str) -> None:
    assert stream(aws, aws.machine.person(), asked)["statusCode"] == 404
    assert aws.call("api", event("GET", f"/stream/{asked}"))["statusCode"] == 401
    assert aws.call("api", event("GET", f"/stream/{asked}", **query(token="wrong")))["statusCode"] == 401


def test_a_stream_waits_for_what_comes_and_ends_with_the_answer(aws: Deployment, ada: Caller) -> None:
    named = ids()
    aws.connect(ada).send("run", **named, text="Hi")
    answering = threading.Timer(0.2, aws.answer)
    answering.start()
    told = frames(stream(aws, ada, named["messageId"]))
    answering.join()
    assert [frame["action"] for frame in told] == ["llm_new_token", "final_response"]


def test_a_stream_without_news_ends_within_the_limit_and_says_when_to_come_back(aws: Deployment, ada: Caller) -> None:
    named = ids()
    aws.connect(ada).send("run", **named, text="Hi")
    ports = aws.ports("api")
    ports.made["limits"] = ports.limits._replace(stream_seconds=0)
    began = time.monotonic()
    reply = stream(aws, ada, named["messageId"])
    assert frames(reply) == []
    assert time.monotonic() - began < 10
    assert "retry:" in reply["body"]


def test_the_people_are_managed_in_the_user_pool(aws: Deployment) -> None:
    class Pool:
        managed_here = False

        def list(self, _: object) -> None:
            raise NotInThisVersion("the user pool has the people")

    aws.ports("api").made["users"] = Pool()
    by = by_our_authorizer(aws.machine.person("admin"))
    assert body_of(aws.call("api", event("GET", "/me", authorizer=by)))["features"]["manageUsers"] is False
    assert aws.call("api", event("GET", "/users", authorizer=by))["statusCode"] == 501
    new = {"userName": f"new-{uuid4().hex[:8]}", "password": "correct horse"}
    assert aws.call("api", event("POST", "/users", new, authorizer=by))["statusCode"] == 501
