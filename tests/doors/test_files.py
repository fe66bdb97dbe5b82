"""Bytes in and out without a sign-in: a ticket is good for one document, one size, one type, and a while."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from tests.house.machine import Machine

from kosha.ingestion import register
from kosha.ingestion.register import FileUpload
from kosha.model.document import Document, Ticket
from kosha_local.files import DownloadDoor, UploadDoor

TEXT = b"Leave is 25 days a year."


@pytest.fixture
def http(machine: Machine) -> TestClient:
    """The two doors alone."""
    upload, download = UploadDoor(machine.ports, machine.ports.blobs), DownloadDoor(machine.ports.blobs)
    routes = [
        Route("/upload/{ticket}", upload.answer, methods=["PUT"]),
        Route("/download/{ticket}", download.answer, methods=["GET"]),
    ]
    return TestClient(Starlette(routes=routes))


@pytest.fixture
def awaited(machine: Machine) -> tuple[Document, Ticket]:
    """A document whose bytes are to come."""
    owner = machine.person("manager")
    workspace = machine.workspace(owner)
    wish = FileUpload(file_name="leave.txt", size_bytes=len(TEXT), content_type="text/plain")
    return register.file_upload(owner, workspace.id, wish, machine.ports)


def status(machine: Machine, document: Document) -> str:
    return machine.ports.documents.get(document.workspace_id, document.id).status


def test_the_right_bytes_are_taken_and_the_document_is_submitted(
    machine: Machine, http: TestClient, awaited: tuple[Document, Ticket]
) -> None:
    document, ticket = awaited
    assert http.put(ticket.url, content=TEXT, headers=ticket.headers).status_code == 204
    assert status(machine, document) == "submitted"


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (TEXT + b"more", {}, 413),
        (TEXT[:-1], {}, 422),
        (TEXT, {"Content-Type": "text/html"}, 415),
    ],
    ids=["too many bytes", "too few", "another type"],
)
def test_other_bytes_than_the_tickets_leave_nothing_behind(
    machine: Machine,
    http: TestClient,
    awaited: tuple[Document, Ticket],
    content: bytes,
    headers: dict[str, str],
    expected: int,
) -> None:
    document, ticket = awaited
    reply = http.put(ticket.url, content=content, headers={**ticket.headers, **headers})
    assert reply.status_code == expected
    assert reply.headers["content-type"].startswith("application/problem+json")
    assert status(machine, document) == "awaiting"
    assert not list(Path(machine.ports.settings.data / "blobs" / document.workspace_id).rglob("original"))


@pytest.mark.parametrize(
    "change", [lambda url: url[:-2] + "xx", lambda url: url.replace(".", "", 1), lambda _: "/upload/a.b"]
)
def test_a_ticket_that_was_changed_is_refused(http: TestClient, awaited: tuple[Document, Ticket], change: Any) -> None:
    _, ticket = awaited
    assert http.put(change(ticket.url), content=TEXT, headers=ticket.headers).status_code == 403


def test_a_ticket_to_bring_is_no_leave_to_read(http: TestClient, awaited: tuple[Document, Ticket]) -> None:
    _, ticket = awaited
    assert http.get(ticket.url.replace("/upload/", "/download/")).status_code == 403


def test_a_ticket_that_was_used_cannot_overwrite_the_document(
    machine: Machine, http: TestClient, awaited: tuple[Document, Ticket]
) -> None:
    document, ticket = awaited
    http.put(ticket.url, content=TEXT, headers=ticket.headers)
    again = http.put(ticket.url, content=TEXT.upper(), headers=ticket.headers)
    with machine.ports.blobs.open(f"{document.workspace_id}/{document.id}/original") as kept:
        assert kept.read() == TEXT
    assert again.status_code in (204, 409)


@pytest.mark.parametrize(
    ("kind", "shown"), [("application/pdf", "inline"), ("text/html", "attachment"), ("image/svg+xml", "attachment")]
)
def test_what_a_browser_might_run_is_saved_and_never_shown(
    machine: Machine, http: TestClient, kind: str, shown: str
) -> None:
    machine.ports.blobs.write("w/d/original", [b"<script>alert(1)</script>"])
    link = machine.ports.blobs.link("w/d/original", file_name="böse.html", content_type=kind, seconds=60)
    reply = http.get(link)
    assert reply.status_code == 200
    assert reply.headers["content-disposition"].startswith(shown)
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-security-policy"] == "sandbox"
