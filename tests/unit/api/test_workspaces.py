"""Workspaces over the API: defaults, what cannot be had together, what is fixed, and how they are shared."""

import logging
from typing import Any

import pytest
from tests.house.machine import Machine


def test_only_a_name_is_needed_and_everything_else_has_a_default(machine: Machine) -> None:
    reply = machine.call("POST", "/workspaces", {"name": "  Handbook "}, by=machine.person("manager"))
    assert reply.status == 201
    made = reply.json
    assert made["name"] == "Handbook"
    assert made["status"] == "ready"
    assert made["grant"] == "owner"
    assert (made["documents"], made["vectors"], made["sizeInBytes"]) == (0, 0, 0)
    assert made["crossEncoderModelProvider"] is None
    assert made["chunkOverlap"] < made["chunkSize"]
    assert made["emptyRetrieval"] == "refuse"


def test_the_default_embedding_model_is_the_first_at_hand_or_none(machine: Machine) -> None:
    made = machine.call("POST", "/workspaces", {"name": "a"}, by=machine.person("manager")).json
    at_hand = machine.call("GET", "/embeddings/models", by=machine.person()).json["items"]
    first = at_hand[0] if at_hand else {"provider": "none", "name": "none", "dimensions": 0}
    assert made["embeddingsModelProvider"] == first["provider"]
    assert made["embeddingsModelName"] == first["name"]
    assert made["embeddingsModelDimensions"] == first["dimensions"]


def test_a_workspace_without_an_embedding_model_can_be_asked_for(machine: Machine) -> None:
    body = {"name": "words only", "embeddingsModelProvider": "none"}
    owner = machine.person("manager")
    made = machine.call("POST", "/workspaces", body, by=owner)
    assert made.status == 201
    assert made.json["embeddingsModelDimensions"] == 0
    found = machine.call("POST", "/semantic-search", {"workspaceId": made.json["id"], "query": "x"}, by=owner)
    assert found.status == 200
    assert found.json["items"] == []


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"chunkSize": 99}, "chunkSize"),
        ({"chunkSize": 200, "chunkOverlap": 200}, "chunkOverlap"),
        ({"languages": []}, "languages"),
        ({"languages": ["en", "de", "fr", "it"]}, "languages"),
        ({"languages": ["en", "en"]}, "languages"),
        ({"engine": "kendra"}, "engine"),
        ({"embeddingsModelName": "no-such-model"}, "embeddingsModelName"),
        ({"crossEncoderModelProvider": "x", "crossEncoderModelName": "y"}, "crossEncoderModelName"),
        ({"retrieval": {"topK": 0}}, "retrieval.topK"),
        ({"chunkOptions": {"parentSize": 400, "childSize": 400}}, "chunkOptions.childSize"),
    ],
)
def test_a_setting_that_cannot_be_had_is_refused_by_its_name(machine: Machine, wish: dict[str, Any], path: str) -> None:
    reply = machine.call("POST", "/workspaces", {"name": "x", **wish}, by=machine.person("manager"))
    assert reply.status == 422
    assert path in [error["path"] for error in reply.json["errors"]]


def test_the_name_and_how_it_answers_can_be_changed(machine: Machine) -> None:
    owner = machine.person("manager")
    workspace = machine.workspace(owner)
    wish = {"name": "Rules", "emptyRetrieval": "converse", "retrieval": {"topK": 3}, "chunkSize": 500}
    reply = machine.call("PATCH", f"/workspaces/{workspace.id}", wish, by=owner)
    assert reply.status == 200
    kept = machine.call("GET", f"/workspaces/{workspace.id}", by=owner).json
    assert kept == reply.json
    assert (kept["name"], kept["emptyRetrieval"], kept["retrieval"]["topK"]) == ("Rules", "converse", 3)


@pytest.mark.parametrize(
    ("retrieval", "path", "allowed"),
    [
        ({"rewrite": "always"}, "retrieval.rewrite", "'off', 'rules' or 'auto'"),
        ({"context": "chapter"}, "retrieval.context", "'passage', 'parent' or 'neighbours'"),
        ({"order": "worst-first"}, "retrieval.order", "'best-first' or 'edges'"),
        ({"documentsFirst": 3}, "retrieval.documentsFirst", "greater than or equal to 5"),
        ({"queryVariants": 5}, "retrieval.queryVariants", "less than or equal to 4"),
        ({"diversity": 1.5}, "retrieval.diversity", "less than or equal to 1"),
        ({"neighbours": 0}, "retrieval.neighbours", "greater than or equal to 1"),
        ({"spelling": True}, "retrieval.spelling", "no such field"),
    ],
)
def test_a_way_of_retrieval_that_is_not_there_is_refused_with_those_that_are(
    machine: Machine, retrieval: dict[str, Any], path: str, allowed: str
) -> None:
    owner = machine.person("manager")
    workspace = machine.workspace(owner)
    for reply in (
        machine.call("POST", "/workspaces", {"name": "x", "retrieval": retrieval}, by=owner),
        machine.call("PATCH", f"/workspaces/{workspace.id}", {"retrieval": retrieval}, by=owner),
    ):
        assert reply.status == 422
        [error] = reply.json["errors"]
        assert error["path"] == path
        assert allowed in error["message"]


def test_a_change_of_one_way_of_retrieval_leaves_the_others(machine: Machine) -> None:
    owner = machine.person("manager")
    workspace = machine.workspace(owner, retrieval={"top_k": 3, "rewrite": "rules", "threshold": 0.2})
    path = f"/workspaces/{workspace.id}"
    assert machine.call("PATCH", path, {"retrieval": {"compress": True, "threshold": None}}, by=owner).status == 200
    kept = machine.call("GET", path, by=owner).json["retrieval"]
    assert (kept["topK"], kept["rewrite"], kept["compress"]) == (3, "rules", True)
    assert "threshold" not in kept


def test_the_embedding_model_stays_and_the_refusal_says_why(machine: Machine) -> None:
    owner = machine.person("manager")
    path = f"/workspaces/{machine.workspace(owner).id}"
    reply = machine.call("PATCH", path, {"embeddingsModelName": "another"}, by=owner)
    assert reply.status == 409
    assert "vectors were made by this model" in reply.json["detail"]
    assert machine.call("PATCH", path, {"embeddingsModelName": "none", "name": "b"}, by=owner).status == 200


def test_a_change_that_breaks_the_rules_together_with_what_is_there_is_refused(machine: Machine) -> None:
    owner = machine.person("manager")
    workspace = machine.workspace(owner, chunk_size=1000, chunk_overlap=150)
    reply = machine.call("PATCH", f"/workspaces/{workspace.id}", {"chunkSize": 120}, by=owner)
    assert reply.status == 422


def test_everybody_lists_what_they_have_a_grant_of_and_an_administrator_lists_all(machine: Machine) -> None:
    owner, admin = machine.person("manager"), machine.person("admin")
    mine, other = machine.workspace(owner, name="mine"), machine.workspace(machine.person(), name="other")
    assert [one["id"] for one in machine.call("GET", "/workspaces", by=owner).json["items"]] == [mine.id]
    seen, cursor = {}, None
    while True:
        query = {"limit": "100", **({"cursor": cursor} if cursor else {})}
        page = machine.call("GET", "/workspaces", by=admin, query=query).json
        seen.update({one["id"]: one for one in page["items"]})
        if (cursor := page["nextCursor"]) is None:
            break
    assert {mine.id, other.id} <= seen.keys()
    assert "grant" not in seen[mine.id]


def test_a_list_goes_on_where_its_cursor_points(machine: Machine) -> None:
    owner = machine.person("manager")
    ids = {machine.workspace(owner, name=f"w{number}").id for number in range(5)}
    first = machine.call("GET", "/workspaces", by=owner, query={"limit": "3"}).json
    rest = machine.call("GET", "/workspaces", by=owner, query={"limit": "3", "cursor": first["nextCursor"]}).json
    assert {one["id"] for one in first["items"] + rest["items"]} == ids
    assert rest["nextCursor"] is None


def test_a_grant_is_given_changed_and_taken(machine: Machine) -> None:
    owner, guest = machine.person("manager"), machine.person()
    workspace = machine.workspace(owner)
    member = f"/workspaces/{workspace.id}/members/{guest.user.name}"
    assert machine.call("PUT", member, {"grant": "viewer"}, by=owner).json["grant"] == "viewer"
    assert machine.call("GET", f"/workspaces/{workspace.id}", by=guest).json["grant"] == "viewer"
    assert machine.call("PUT", member, {"grant": "editor"}, by=owner).json["grant"] == "editor"
    assert machine.call("DELETE", member, by=owner).status == 204
    assert machine.call("GET", f"/workspaces/{workspace.id}", by=guest).status == 404
    assert machine.call("DELETE", member, by=owner).status == 404


def test_the_last_owner_stays(machine: Machine) -> None:
    owner = machine.person("manager")
    member = f"/workspaces/{machine.workspace(owner).id}/members/{owner.user.name}"
    assert machine.call("DELETE", member, by=owner).status == 409
    assert machine.call("PUT", member, {"grant": "viewer"}, by=owner).status == 409


def test_a_grant_that_an_administrator_gives_himself_stays_in_the_log(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    workspace, admin = machine.workspace(machine.person("manager")), machine.person("admin")
    member = f"/workspaces/{workspace.id}/members/{admin.user.name}"
    with caplog.at_level(logging.WARNING, logger="kosha"):
        assert machine.call("PUT", member, {"grant": "owner"}, by=admin).status == 200
    [record] = [record for record in caplog.records if record.message == "administrator changed a grant"]
    assert record.fields["by"] == admin.user.name  # type: ignore[attr-defined]
    assert record.fields["workspaceId"] == workspace.id  # type: ignore[attr-defined]


def test_a_name_in_a_path_may_be_escaped(machine: Machine) -> None:
    owner, guest = machine.person("manager"), machine.person()
    name = "".join(f"%{byte:02X}" for byte in guest.user.name.encode())
    member = f"/workspaces/{machine.workspace(owner).id}/members/{name}"
    assert machine.call("PUT", member, {"grant": "viewer"}, by=owner).json["userName"] == guest.user.name


def test_the_recall_of_a_small_workspace_is_that_of_an_exact_search(machine: Machine) -> None:
    owner = machine.person("manager")
    made = machine.call("POST", "/workspaces", {"name": "a"}, by=owner).json
    report = machine.call("GET", f"/workspaces/{made['id']}/recall", by=owner)
    assert report.status == 200
    assert (report.json["kind"], report.json["recallAt10"], report.json["chunks"]) == ("exact", 1.0, 0)


def test_engines_that_cannot_be_used_say_why(machine: Machine) -> None:
    engines = {one["id"]: one for one in machine.call("GET", "/rag/engines", by=machine.person()).json["items"]}
    assert engines["aurora"]["enabled"] is True
    assert engines["kendra"]["enabled"] is False
    assert "KOSHA_OPENSEARCH_URL" in engines["opensearch"]["reason"]


def test_a_filter_on_what_is_no_field_names_the_fields(machine: Machine) -> None:
    owner = machine.person("manager")
    made = machine.call("POST", "/workspaces", {"name": "a"}, by=owner).json
    filters = {"all": [{"field": "colour", "op": "eq", "value": "red"}]}
    body = {"workspaceId": made["id"], "query": "x", "filters": filters}
    refused = machine.call("POST", "/semantic-search", body, by=owner)
    assert refused.status == 422
    assert "colour" in str(refused.json)
    assert "createdAt" in str(refused.json)
