"""What a workspace was set to before: listed with what changed, and brought back."""

from typing import Any

import pytest
from tests.house.machine import Machine

from kosha.model.user import Caller
from kosha.model.workspace import Workspace
from kosha.workspaces import settings_of


@pytest.fixture
def owner(machine: Machine) -> Caller:
    return machine.person("manager")


@pytest.fixture
def workspace(machine: Machine, owner: Caller) -> Workspace:
    return machine.workspace(owner)


def change(machine: Machine, workspace: Workspace, owner: Caller, **wish: Any) -> None:
    reply = machine.call("PATCH", f"/workspaces/{workspace.id}", wish, by=owner)
    assert reply.status == 200, reply.text


def versions(machine: Machine, workspace: Workspace, by: Caller) -> list[dict[str, Any]]:
    return machine.call("GET", f"/workspaces/{workspace.id}/versions", by=by).json["items"]


def test_a_workspace_that_was_never_changed_has_one_version(
    machine: Machine, workspace: Workspace, owner: Caller
) -> None:
    [only] = versions(machine, workspace, owner)
    assert (only["version"], only["changes"], only["settings"]["name"]) == (1, [], "Handbook")
    assert "changedBy" not in only


def test_each_change_is_told_field_by_field_with_who_made_it(
    machine: Machine, workspace: Workspace, owner: Caller
) -> None:
    change(machine, workspace, owner, chunkSize=600, retrieval={"topK": 5})
    change(machine, workspace, owner, chunkOptions={"parentSize": 3000}, name="Rules")
    newest, second, first = versions(machine, workspace, owner)
    assert newest["changedBy"] == second["changedBy"] == owner.user.name
    assert {"field": "chunkSize", "old": workspace.chunk_size, "new": 600} in second["changes"]
    assert {"field": "retrieval.topK", "old": workspace.retrieval.top_k, "new": 5} in second["changes"]
    assert len(second["changes"]) == 2
    assert {"field": "name", "old": "Handbook", "new": "Rules"} in newest["changes"]
    assert {"field": "chunkOptions.parentSize", "old": None, "new": 3000} in newest["changes"]
    assert first["changes"] == []


def test_a_change_that_changes_nothing_is_no_version(machine: Machine, workspace: Workspace, owner: Caller) -> None:
    change(machine, workspace, owner, chunkSize=600)
    change(machine, workspace, owner, chunkSize=600)
    assert len(versions(machine, workspace, owner)) == 2


def test_an_older_version_is_restored_as_a_new_one(machine: Machine, workspace: Workspace, owner: Caller) -> None:
    before = machine.call("GET", f"/workspaces/{workspace.id}", by=owner).json
    change(machine, workspace, owner, chunkOptions={"childSize": 200}, retrieval={"topK": 3}, name="Rules")
    change(machine, workspace, owner, chunkSize=600)
    reply = machine.call("POST", f"/workspaces/{workspace.id}/versions/1/restore", by=owner)
    assert reply.status == 200
    assert {**reply.json, "updatedAt": ""} == {**before, "updatedAt": ""}
    assert [one["version"] for one in versions(machine, workspace, owner)] == [4, 3, 2, 1]
    assert versions(machine, workspace, owner)[0]["settings"] == versions(machine, workspace, owner)[3]["settings"]


@pytest.mark.parametrize("version", ["7", "0", "-1", "x", "9" * 30])
def test_a_version_that_never_was_cannot_be_restored(
    machine: Machine, workspace: Workspace, owner: Caller, version: str
) -> None:
    reply = machine.call("POST", f"/workspaces/{workspace.id}/versions/{version}/restore", by=owner)
    assert reply.status == 404


def test_a_version_whose_cross_encoder_is_gone_is_refused_with_a_reason(
    machine: Machine, workspace: Workspace, owner: Caller
) -> None:
    old = {"cross_encoder_model_provider": "x", "cross_encoder_model_name": "y"}
    kept = settings_of(workspace)
    gone = kept.model_copy(update=old)
    machine.ports.workspace_versions.keep(workspace.id, gone, kept, by=owner.user.id, at=machine.ports.now())
    reply = machine.call("POST", f"/workspaces/{workspace.id}/versions/1/restore", by=owner)
    assert reply.status == 422
    assert reply.json["errors"][0]["path"] == "crossEncoderModelName"


def test_a_refused_change_leaves_no_version(machine: Machine, workspace: Workspace, owner: Caller) -> None:
    wish = {"chunkSize": 200, "chunkOverlap": 300}
    assert machine.call("PATCH", f"/workspaces/{workspace.id}", wish, by=owner).status == 422
    assert len(versions(machine, workspace, owner)) == 1


def test_who_left_is_named_no_more(machine: Machine, workspace: Workspace, owner: Caller) -> None:
    second = machine.member(workspace, "owner")
    change(machine, workspace, second, chunkSize=600)
    machine.ports.users.remove(second.user.id)
    assert "changedBy" not in versions(machine, workspace, owner)[0]
