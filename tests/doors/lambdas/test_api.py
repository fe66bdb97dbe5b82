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
