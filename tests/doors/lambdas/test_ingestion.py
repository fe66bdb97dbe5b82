"""The functions of ingestion: bytes that arrive, steps of state machines, and the database made ready."""

import json
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
from tests.doors.lambdas.deployment import Deployment, record

from kosha.errors import NotFound, Unavailable
from kosha.ingestion import keys
from kosha.ingestion.register import FileUpload, file_upload
from kosha.model.document import Document
from kosha.model.user import Caller


def notification(*object_keys: str) -> dict[str, Any]:
    """As S3 tells it through SQS: keys are written as in a form."""
    told = [
        {"eventName": "ObjectCreated:Post", "s3": {"bucket": {"name": "originals"}, "object": {"key": quote_plus(key)}}}
        for key in object_keys
    ]
    return record(json.dumps({"Records": told}))


def failed(aws: Deployment, *records: dict[str, Any]) -> set[str]:
    reply = aws.call("upload", {"Records": list(records)})
    return {failure["itemIdentifier"] for failure in reply["batchItemFailures"]}


@pytest.fixture
def awaited(aws: Deployment, ada: Caller) -> Document:
    """A document whose bytes have not come."""
    workspace = aws.machine.workspace(ada)
    upload = FileUpload(file_name="Leave & more.txt", size_bytes=3)
    return file_upload(ada, workspace.id, upload, aws.machine.ports)[0]


def status(aws: Deployment, document: Document) -> tuple[str, int]:
    kept = aws.machine.ports.documents.get(document.workspace_id, document.id)
    return kept.status, kept.run


def test_a_document_whose_bytes_have_come_is_submitted(aws: Deployment, awaited: Document) -> None:
    assert failed(aws, notification(keys.original(awaited))) == set()
    assert status(aws, awaited) == ("submitted", 1)


def test_bytes_that_are_told_of_again_and_again_are_imported_once(aws: Deployment, awaited: Document) -> None:
    told = notification(keys.original(awaited))
    assert failed(aws, told, told) == set()
    assert failed(aws, told) == set()
    assert status(aws, awaited) == ("submitted", 1)


def test_a_new_version_is_imported_in_the_place_of_the_bytes_before(aws: Deployment, awaited: Document) -> None:
    newer = keys.version(awaited, "original-newer")
    aws.machine.ports.blobs.write(newer, [b"new"])
    assert failed(aws, notification(keys.original(awaited)), notification(newer), notification(newer)) == set()
    assert status(aws, awaited) == ("submitted", 2)


def test_bytes_of_a_document_that_was_deleted_are_passed_over_and_the_others_taken(
    aws: Deployment, awaited: Document
) -> None:
    gone = f"{awaited.workspace_id}/{uuid4()}/original"
    assert failed(aws, notification(gone, keys.original(awaited))) == set()
    assert status(aws, awaited) == ("submitted", 1)


@pytest.mark.parametrize("key", ["readme.txt", "a/b/c", "a//original", "a/b/original/more", "ä b/c+d/e f"])
def test_bytes_that_nobody_awaits_are_passed_over(aws: Deployment, key: str) -> None:
    assert failed(aws, notification(key)) == set()


def test_the_test_of_s3_is_passed_over(aws: Deployment) -> None:
    assert failed(aws, record(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}))) == set()


def test_what_cannot_be_recorded_now_goes_back_alone(aws: Deployment, awaited: Document) -> None:
    class Away:
        def get(self, workspace_id: str, document_id: str) -> Document:
            if document_id == "away":
                raise Unavailable("The records are away.")
            return aws.machine.ports.documents.get(workspace_id, document_id)

        def __getattr__(self, name: str) -> Any:
            return getattr(aws.machine.ports.documents, name)

    aws.ports("upload").made["documents"] = Away()
    away, there = notification("w/away/original"), notification(keys.original(awaited))
    assert failed(aws, away, there) == {away["messageId"]}
    assert status(aws, awaited) == ("submitted", 1)


def test_a_step_is_run_and_its_outcome_told(aws: Deployment, ada: Caller) -> None:
    workspace = aws.machine.workspace(ada)
    step = {"step": "delete_workspace", "arguments": {"workspaceId": workspace.id}}
    assert aws.call("workflow_step", step) == {"done": True}


def test_the_name_of_what_a_step_raises_is_what_the_state_machine_matches(aws: Deployment) -> None:
    class Away:
        def get(self, _: str) -> None:
            raise Unavailable("away")

    aws.ports("workflow_step").made["workspaces"] = Away()
    with pytest.raises(Unavailable, match="away"):
        aws.call("workflow_step", {"step": "delete_workspace", "arguments": {"workspaceId": "w"}})


def test_the_database_is_made_ready_and_again(aws: Deployment) -> None:
    for request in ("Create", "Update"):
        reply = aws.call("database_setup", {"RequestType": request, "ResourceProperties": {"Schema": "1"}})
        assert reply == {"PhysicalResourceId": "kosha-database"}
    database = aws.machine.ports.database
    told = database.ask(
        lambda c: c.execute("select rolconfig::text from pg_roles where rolname = current_user").fetchone()
    )
    assert told is not None
    assert "idle_session_timeout=120s" in told[0]


def test_a_stack_that_goes_leaves_the_data(aws: Deployment) -> None:
    del aws.ports("database_setup").made["database"]  # it is not even asked
    event = {"RequestType": "Delete", "PhysicalResourceId": "kosha-database"}
    assert aws.call("database_setup", event) == {"PhysicalResourceId": "kosha-database"}


def test_a_sweep_that_fails_leaves_the_others_theirs(aws: Deployment, awaited: Document) -> None:
    class Away:
        def unfinished(self) -> None:
            raise Unavailable("away")

        def __getattr__(self, name: str) -> Any:
            raise NotFound("thing", name)

    ports = aws.ports("sweep")
    aws.machine.ports.documents.replace(awaited, awaited.model_copy(update={"status": "submitted", "run": 1}))
    ports.made["_turns"] = Away()
    aws.call("sweep", {})
    assert aws.machine.ports.workflows.is_live(f"{awaited.id}-1")
