"""The same Idempotency-Key gives the first reply again."""

from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools.event_handler import Response
from tests.house.machine import Machine

from kosha.api.call import Call, call_of, claims_of
from kosha.api.idempotency import once
from kosha.api.replies import json_reply
from kosha.errors import Conflict, TooManyRequests
from kosha.model.user import Caller


def a_call(machine: Machine, by: Caller, key: str) -> Call:
    event = {
        "path": "/api/things",
        "httpMethod": "POST",
        "headers": {"Idempotency-Key": key},
        "requestContext": {"authorizer": {"claims": claims_of(by)}},
        "body": "{}",
    }
    return call_of(event, machine.ports)


def create(machine: Machine, by: Caller, key: str, name: str = "Handbook") -> tuple[int, str]:
    reply = machine.call("POST", "/workspaces", {"name": name}, by=by, headers={"Idempotency-Key": key})
    return reply.status, reply.text


def test_the_same_key_creates_once_and_gives_the_first_reply_again(machine: Machine) -> None:
    owner, key = machine.person("manager"), str(uuid4())
    assert create(machine, owner, key) == create(machine, owner, key)
    assert len(machine.call("GET", "/workspaces", by=owner).json["items"]) == 1


def test_another_key_creates_another(machine: Machine) -> None:
    owner = machine.person("manager")
    assert create(machine, owner, "first") != create(machine, owner, "second")


def test_a_key_is_its_users_own(machine: Machine) -> None:
    first, second = machine.person("manager"), machine.person("manager")
    assert create(machine, first, "key") != create(machine, second, "key")


def test_a_key_that_was_used_for_another_request_is_422(machine: Machine) -> None:
    owner = machine.person("manager")
    create(machine, owner, "key")
    assert create(machine, owner, "key", name="Another")[0] == 422


def test_a_refusal_is_the_first_reply_too(machine: Machine) -> None:
    owner = machine.person("manager")
    refused = create(machine, owner, "key", name=" ")
    assert refused[0] == 422
    body = {"name": "x", "chunkSize": 200, "chunkOverlap": 300}
    first, again = (
        machine.call("POST", "/workspaces", body, by=owner, headers={"Idempotency-Key": "b"}) for _ in range(2)
    )
    assert (first.status, first.text) == (again.status, again.text)
    assert again.headers["Content-Type"] == "application/problem+json"


def test_a_key_whose_call_still_runs_is_a_conflict(machine: Machine) -> None:
    call = a_call(machine, machine.person(), "key")

    def work() -> Response[Any]:
        with pytest.raises(Conflict):
            once(call, lambda: json_reply(201, "second"))
        return json_reply(201, "first")

    assert once(call, work).body == "first"


def test_a_call_that_failed_by_our_fault_may_be_made_again(machine: Machine) -> None:
    call = a_call(machine, machine.person(), "key")

    def broken() -> Response[Any]:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        once(call, broken)
    assert once(call, lambda: json_reply(503, "the world is at fault")).status_code == 503
    assert once(call, lambda: json_reply(201, "done")).status_code == 201


def test_a_call_that_was_told_to_come_again_may_be_made_again(machine: Machine) -> None:
    call = a_call(machine, machine.person(), "key")

    def throttled() -> Response[Any]:
        raise TooManyRequests("Too many.", 3)

    assert once(call, throttled).status_code == 429
    assert once(call, lambda: json_reply(201, "done")).status_code == 201


def test_a_key_that_cannot_be_kept_is_422(machine: Machine) -> None:
    owner = machine.person("manager")
    assert create(machine, owner, "x" * 201)[0] == 422
    assert create(machine, owner, "")[0] == 422
