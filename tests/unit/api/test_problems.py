"""Whatever goes wrong has one shape, and says what to do."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.house.machine import Machine, Reply

from kosha.api.bodies import BODY_LIMIT_BYTES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("name", "sessionId", "text", "query", "workspaceId", "userName", "title", "content", "chunkSize", "filters")


def assert_problem(reply: Reply, status: int) -> Any:
    assert reply.status == status, reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    problem = reply.json
    assert problem["status"] == status
    assert {"type", "title", "status", "detail"} <= problem.keys()
    assert problem["detail"]
    for error in problem.get("errors", []):
        assert error.keys() == {"path", "message"}
    return problem


def test_an_unknown_route_is_404(machine: Machine) -> None:
    assert_problem(machine.call("GET", "/nothing-here", by=machine.person()), 404)


def test_a_wrong_method_is_405_and_names_the_right_ones(machine: Machine) -> None:
    reply = machine.call("PUT", "/workspaces", by=machine.person())
    assert_problem(reply, 405)
    assert reply.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize("body", ["{", "nul", '{"a": NaN}', "[" * 100_000, '{"a": 1' + "0" * 5000 + "}"])
def test_what_is_not_json_is_400(machine: Machine, body: str) -> None:
    assert_problem(machine.call("POST", "/chat", body, by=machine.person()), 400)


def test_a_body_that_is_not_utf_8_is_400(machine: Machine) -> None:
    event = {
        "path": "/api/chat",
        "httpMethod": "POST",
        "headers": {},
        "requestContext": {
            "authorizer": {"claims": {"sub": "u", "name": "n", "roles": ["user"], "exp": 4_000_000_000}}
        },
        "body": "/w==",
        "isBase64Encoded": True,
    }
    assert machine.api.resolve(event)["statusCode"] == 400


def test_a_body_of_another_type_is_415(machine: Machine) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert_problem(machine.call("POST", "/workspaces", "name=x", by=machine.person("manager"), headers=headers), 415)


def test_a_body_beyond_the_limit_is_413_and_names_the_limit(machine: Machine) -> None:
    body = json.dumps({"text": "x" * BODY_LIMIT_BYTES})
    problem = assert_problem(machine.call("POST", "/chat", body, by=machine.person()), 413)
    assert f"{BODY_LIMIT_BYTES:,}" in problem["detail"]


def test_an_unknown_field_is_422_and_named(machine: Machine) -> None:
    reply = machine.call("POST", "/workspaces", {"name": "x", "colour": "red"}, by=machine.person("manager"))
    assert [error["path"] for error in assert_problem(reply, 422)["errors"]] == ["colour"]


def test_an_unknown_query_parameter_is_422_and_named(machine: Machine) -> None:
    reply = machine.call("GET", "/workspaces", by=machine.person(), query={"limt": "3"})
    assert [error["path"] for error in assert_problem(reply, 422)["errors"]] == ["limt"]


def test_a_value_out_of_range_is_422_with_the_value_and_the_limit(machine: Machine) -> None:
    reply = machine.call("GET", "/workspaces", by=machine.person(), query={"limit": "101"})
    detail = assert_problem(reply, 422)["detail"]
    assert "101" in detail
    assert "100" in detail


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_that_cannot_be_stored_is_422(machine: Machine, text: str) -> None:
    body = json.dumps({"name": text})
    reply = machine.call("POST", "/workspaces", body, by=machine.person("manager"))
    assert assert_problem(reply, 422)["errors"][0]["path"] == "name"


def test_an_id_that_is_none_is_404(machine: Machine) -> None:
    assert_problem(machine.call("GET", "/workspaces/not-an-id", by=machine.person()), 404)


def test_a_password_is_not_repeated_in_what_was_wrong_with_it(machine: Machine) -> None:
    body = {"userName": "eve", "password": "short!"}
    reply = machine.call("POST", "/users", body, by=machine.person("admin"))
    assert_problem(reply, 422)
    assert "short!" not in reply.text


def test_nobody_signed_in_is_401(machine: Machine) -> None:
    reply = machine.call("GET", "/me")
    assert_problem(reply, 401)
    assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_a_bug_is_500_with_the_trace_id_alone(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        """Ports that lack everything."""

    api = type(machine.api)(Broken())  # type: ignore[arg-type]
    broken = Machine.__new__(Machine)
    broken.api = api
    reply = broken.call("GET", "/llms", by=machine.person(), headers={"X-Trace-Id": "trace-of-a-bug"})
    problem = assert_problem(reply, 500)
    assert "trace-of-a-bug" in problem["detail"]
    assert "chat_models" not in reply.text
    assert reply.headers["X-Trace-Id"] == "trace-of-a-bug"


def test_a_trace_id_is_made_where_none_is_sent(machine: Machine) -> None:
    first, second = (machine.call("GET", "/me", by=machine.person()).headers["X-Trace-Id"] for _ in range(2))
    assert first != second


def test_a_browser_of_another_origin_is_told_what_it_may_send(machine: Machine) -> None:
    reply = machine.call("OPTIONS", "/workspaces", headers={"Origin": "https://elsewhere.example"})
    assert reply.status == 204
    allowed = reply.headers["Access-Control-Allow-Headers"].split(",")
    assert {"Content-Type", "Authorization", "X-Amz-Date"} <= set(allowed)


@settings(max_examples=150, deadline=None)
@given(body=JSON | st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5), route=st.integers(0, 5))
def test_any_body_is_answered_and_a_refusal_has_the_one_shape(machine: Machine, body: Any, route: int) -> None:
    workspace = f"/workspaces/{uuid4()}"
    path = (
        "/chat",
        "/semantic-search",
        f"{workspace}/documents/text",
        f"{workspace}/chunk-preview",
        "/feedback",
        "/embeddings",
    )[route]
    reply = machine.call("POST", path, json.dumps(body), by=CALLER.setdefault("one", machine.person()))
    assert_problem(reply, reply.status)
    assert reply.status in (400, 404, 422)


CALLER: dict[str, Any] = {}
