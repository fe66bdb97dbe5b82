"""One machine for tests: the real ports over a PostgreSQL of its own, and people who call its API."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kosha.api.call import claims_of
from kosha.api.resolver import Api
from kosha.model.document import Document
from kosha.model.user import Account, Caller, Grant, Role, User
from kosha.model.workspace import Workspace
from kosha.wiring.local import LocalPorts, embedded_postgres
from kosha.wiring.settings import Settings

TOMORROW = 4_000_000_000


@dataclass(frozen=True)
class Reply:
    """What the API answered."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def json(self) -> Any:
        return json.loads(self.text)


class Machine:
    """Ports, the API over them, and shorthands for who is there and what they have."""

    def __init__(self, ports: LocalPorts) -> None:
        self.ports = ports
        self.api = Api(ports)

    def person(self, *roles: Role, password: str | None = None) -> Caller:
        """Somebody with an account, of a name that nobody else has."""
        user = User(id=str(uuid4()), name=f"user-{uuid4().hex[:12]}", roles=roles or ("user",))
        password_hash = self.ports.passwords.hash(password) if password else None
        self.ports.users.add(Account(user=user, password_hash=password_hash, created_at=self.ports.now()))
        return Caller(user=user, expires_at=TOMORROW)

    def workspace(self, owner: Caller, **fields: Any) -> Workspace:
        """A workspace of that owner, with its vector table."""
        now = self.ports.now()
        plain = {
            "id": str(uuid4()),
            "name": "Handbook",
            "embeddings_model_provider": "none",
            "embeddings_model_name": "none",
            "embeddings_model_dimensions": 0,
            "created_at": now,
            "updated_at": now,
        }
        workspace = Workspace.model_validate({**plain, **fields})
        self.ports.workspaces.add(workspace, owner.user)
        self.ports.index(workspace.engine).create(workspace)
        return workspace

    def member(self, workspace: Workspace, grant: Grant, *roles: Role) -> Caller:
        """Somebody with a grant of a workspace."""
        caller = self.person(*roles)
        self.ports.workspaces.set_grant(workspace.id, caller.user.id, grant)
        return caller

    def document(self, workspace: Workspace, **fields: Any) -> Document:
        """A text whose import has ended, with its bytes."""
        now = self.ports.now()
        plain = {
            "id": str(uuid4()),
            "workspace_id": workspace.id,
            "type": "text",
            "title": "Leave",
            "path": "Leave",
            "content_type": "text/plain",
            "status": "processed",
            "size_in_bytes": 12,
            "run": 1,
            "created_at": now,
            "updated_at": now,
        }
        document = Document.model_validate({**plain, **fields})
        self.ports.documents.add(document)
        self.ports.blobs.write(f"{workspace.id}/{document.id}/original", [b"25 days a year"])
        return document

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: Caller | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Ask the API; a body that is no text is sent as JSON."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        event = {
            "path": f"/api{path}",
            "httpMethod": method,
            "headers": {"Content-Type": "application/json", **(headers or {})},
            "multiValueHeaders": None,
            "queryStringParameters": query,
            "multiValueQueryStringParameters": None,
            "requestContext": {"stage": "", "path": path, "authorizer": {"claims": claims_of(by)} if by else {}},
            "body": text,
            "isBase64Encoded": False,
        }
        made = self.api.resolve(event)
        sent: dict[str, Sequence[str]] = made["multiValueHeaders"]
        return Reply(made["statusCode"], made["body"] or "", {name: values[-1] for name, values in sent.items()})


def start_machine(data: Path) -> Iterator[Machine]:
    """A machine for as long as the generator is open: what a fixture yields from."""
    settings = Settings(data=data, find_local_models=False, minilm_folder=None)
    with embedded_postgres(settings, holder="tests"), LocalPorts(settings) as ports:
        ports.migrate()
        yield Machine(ports)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One machine for all tests of a folder; each test brings its own people and workspaces."""
    yield from start_machine(tmp_path_factory.mktemp("machine"))
