"""Workspaces: made, seen, changed and shared."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from pydantic import Field

from kosha.access import allow, may, require
from kosha.errors import Conflict, Invalid, KoshaError, NotFound
from kosha.model.index_report import IndexReport
from kosha.model.page import Page, PageOf
from kosha.model.record import Record, Request
from kosha.model.user import Caller, Grant, Member
from kosha.model.workspace import (
    CHILD_SIZE,
    PARENT_SIZE,
    ChunkingStrategy,
    ChunkOptions,
    EmptyRetrieval,
    KeptSettings,
    Name,
    RetrievalOptions,
    Workspace,
    WorkspaceSettings,
    WorkspaceView,
)
from kosha.observe import log
from kosha.ports import Counts, Embedder, Ports

NO_EMBEDDER = "none"
"""Provider and name of the model of a workspace that only keywords search; its vectors have 0 dimensions."""

FIXED = {
    "engine": "the engine holds the chunks",
    "languages": "the keyword index was made for them",
    "embeddings_model_provider": "the vectors were made by this model",
    "embeddings_model_name": "the vectors were made by this model",
    "metric": "the vectors are indexed by it",
    "index": "the vectors are indexed by it",
}


class WorkspaceChange(Request):
    """What may be changed, and what is refused with a reason. What is left out, or null, stays as it is."""

    name: Name | None = None
    hybrid_search: bool | None = None
    chunking_strategy: ChunkingStrategy | None = None
    chunk_size: int | None = Field(None, ge=100, le=10_000)
    chunk_overlap: int | None = Field(None, ge=0)
    chunk_options: ChunkOptions | None = None
    empty_retrieval: EmptyRetrieval | None = None
    retrieval: RetrievalOptions | None = None
    engine: str | None = None
    languages: tuple[str, ...] | None = None
    embeddings_model_provider: str | None = None
    embeddings_model_name: str | None = None
    cross_encoder_model_provider: str | None = None
    cross_encoder_model_name: str | None = None
    metric: str | None = None
    index: bool | None = None


class GrantChange(Request):
    """What somebody is to be in a workspace."""

    grant: Grant


class Engine(Record):
    """A place where the chunks of workspaces can be kept. reason: why it cannot be used here."""

    id: str
    name: str
    enabled: bool
    reason: str | None = None


def create(caller: Caller, settings: WorkspaceSettings, ports: Ports) -> WorkspaceView:
    """A new, empty workspace, owned by the caller. Raises Invalid for settings that cannot be had together.

    Without an embedding model at hand, or with the provider "none", keywords alone search it.
    """
    require(caller, "create workspaces")
    _refuse(_faults(settings, ports))
    embedder = _embedder(settings, ports)
    index = ports.index(settings.engine)
    if embedder and (reason := index.supports(settings.metric, embedder.dimensions)):
        raise Invalid(reason, (("embeddingsModelName", reason),))
    now = ports.now()
    workspace = Workspace.model_validate(
        {
            **settings.model_dump(),
            "id": str(uuid4()),
            "status": "creating",
            "embeddings_model_provider": embedder.provider if embedder else NO_EMBEDDER,
            "embeddings_model_name": embedder.name if embedder else NO_EMBEDDER,
            "embeddings_model_dimensions": embedder.dimensions if embedder else 0,
            "created_at": now,
            "updated_at": now,
        }
    )
    ready = workspace.model_copy(update={"status": "ready"})
    ports.workspaces.add(workspace, caller.user)
    try:
        index.create(workspace)
        ports.workspaces.put(ready)
    except KoshaError:
        ports.workspaces.remove(workspace.id)
        raise
    return _view(ready, "owner", Counts())


def of(caller: Caller, page: PageOf, ports: Ports) -> Page[WorkspaceView]:
    """The workspaces the caller has a grant of, by name; an administrator's are all there are."""
    if may(caller, "list every workspace"):
        everything = ports.workspaces.all(page)
        held = [_held(workspace, caller, ports) for workspace in everything.items]
        return Page(_counted(held, ports), everything.next_cursor)
    own = ports.workspaces.of(caller.user.id, page)
    return Page(_counted(own.items, ports), own.next_cursor)


def get(caller: Caller, workspace_id: str, ports: Ports) -> WorkspaceView:
    """One workspace with its counts."""
    return _seen(allow(caller, "see", workspace_id, ports.workspaces), caller, ports)


def open_to_documents(caller: Caller, workspace_id: str, ports: Ports) -> Workspace:
    """The workspace, for a caller who may bring documents into it. Raises Conflict while it goes away."""
    workspace = allow(caller, "write", workspace_id, ports.workspaces)
    if workspace.status in {"deleting", "error"}:
        reason = f" {workspace.status_reason}" if workspace.status_reason else ""
        raise Conflict(f"Workspace {workspace.name!r} takes no documents: it is {workspace.status}.{reason}")
    return workspace


def change(caller: Caller, workspace_id: str, wish: WorkspaceChange, ports: Ports) -> WorkspaceView:
    """Change its name, how it answers, and how documents are split from now on.

    Raises Conflict for what is fixed when a workspace is made, and for one that is being deleted.
    """
    workspace = allow(caller, "configure", workspace_id, ports.workspaces)
    wishes = {field: value for field in wish.model_fields_set if (value := getattr(wish, field)) is not None}
    if wish.retrieval:
        told = {field: getattr(wish.retrieval, field) for field in wish.retrieval.model_fields_set}
        wishes["retrieval"] = workspace.retrieval.model_copy(update=told)
    for field, reason in FIXED.items():
        if field in wishes and wishes[field] != getattr(workspace, field):
            raise Conflict(f"{field} stays as it is: {reason}. Make a new workspace and bring the documents there.")
    return adopt(caller, workspace, workspace.model_copy(update=wishes), ports)


def adopt(caller: Caller, workspace: Workspace, wanted: Workspace, ports: Ports) -> WorkspaceView:
    """Set a workspace to what somebody who may wants of it, and keep what it was set to before.

    Raises Invalid for settings that cannot be had together, Conflict for a workspace that is being deleted.
    """
    if workspace.status == "deleting":
        raise Conflict(f"Workspace {workspace.name!r} is being deleted.")
    _refuse([*_chunking_faults(wanted), *_rerank_faults(wanted, ports)])
    now = ports.now()
    changed = wanted.model_copy(update={"updated_at": now})
    # First: a version that was never adopted is told apart by the next one, a change without a version never.
    ports.workspace_versions.keep(workspace.id, settings_of(workspace), settings_of(changed), by=caller.user.id, at=now)
    ports.workspaces.put(changed)
    return _seen(changed, caller, ports)


def settings_of(workspace: Workspace) -> KeptSettings:
    """What a workspace is set to, as versions keep it."""
    return KeptSettings.model_validate(workspace.model_dump(include=set(WorkspaceSettings.model_fields)))


def members(caller: Caller, workspace_id: str, ports: Ports) -> list[Member]:
    """Who has a grant, by name."""
    allow(caller, "share", workspace_id, ports.workspaces)
    return ports.workspaces.members(workspace_id)


def share(caller: Caller, workspace_id: str, user_name: str, grant: Grant, ports: Ports) -> Member:
    """Give somebody a grant, or another one. Raises Conflict rather than leave the workspace without an owner."""
    workspace = allow(caller, "share", workspace_id, ports.workspaces)
    user = ports.users.named(user_name)
    _log_intervention(caller, workspace, f"gave {user.name} the grant {grant}", ports)
    ports.workspaces.set_grant(workspace_id, user.id, grant)
    return Member(user_name=user.name, grant=grant)


def unshare(caller: Caller, workspace_id: str, user_name: str, ports: Ports) -> None:
    """Take somebody's grant. Raises NotFound where they have none, Conflict for the last owner."""
    workspace = allow(caller, "share", workspace_id, ports.workspaces)
    user = ports.users.named(user_name)
    if ports.workspaces.grant_of(workspace_id, user.id) is None:
        raise NotFound("member", user_name)
    _log_intervention(caller, workspace, f"took the grant of {user.name}", ports)
    ports.workspaces.remove_grant(workspace_id, user.id)


def engines(ports: Ports) -> list[Engine]:
    """Every engine known, with whether it can be used here."""
    return [Engine(**engine._asdict()) for engine in ports.engines()]


def index_report(caller: Caller, workspace_id: str, ports: Ports) -> IndexReport:
    """How well the workspace's index finds what an exact search finds, measured now: takes some seconds."""
    workspace = allow(caller, "see", workspace_id, ports.workspaces)
    return ports.index(workspace.engine).report(workspace)


def _log_intervention(caller: Caller, workspace: Workspace, deed: str, ports: Ports) -> None:
    """What an administrator does in a workspace without owning it stays in the log."""
    if ports.workspaces.grant_of(workspace.id, caller.user.id) != "owner":
        fields = {"by": caller.user.name, "byId": caller.user.id, "workspaceId": workspace.id, "deed": deed}
        log.warning("administrator changed a grant", extra={"fields": fields})


def _seen(workspace: Workspace, caller: Caller, ports: Ports) -> WorkspaceView:
    [view] = _counted([_held(workspace, caller, ports)], ports)
    return view


def _held(workspace: Workspace, caller: Caller, ports: Ports) -> tuple[Workspace, Grant | None]:
    return workspace, ports.workspaces.grant_of(workspace.id, caller.user.id)


def _counted(held: Sequence[tuple[Workspace, Grant | None]], ports: Ports) -> list[WorkspaceView]:
    counts = ports.workspaces.counts([workspace.id for workspace, _ in held])
    return [_view(workspace, grant, counts.get(workspace.id, Counts())) for workspace, grant in held]


def _view(workspace: Workspace, grant: Grant | None, counts: Counts) -> WorkspaceView:
    fields: dict[str, Any] = {field: getattr(workspace, field) for field in Workspace.model_fields}
    return WorkspaceView(
        **fields, documents=counts.documents, vectors=counts.vectors, size_in_bytes=counts.size_bytes, grant=grant
    )


def _embedder(settings: WorkspaceSettings, ports: Ports) -> Embedder | None:
    provider, name = settings.embeddings_model_provider, settings.embeddings_model_name
    if provider == NO_EMBEDDER:
        return None
    fitting = (one for one in ports.embedders.list() if provider in (None, one.provider) and name in (None, one.name))
    found = next(fitting, None)
    if found is None and (provider or name):
        reason = ports.embedders.missing() or "The models at hand: GET /embeddings/models."
        message = f"There is no embedding model {provider or 'any'}/{name or 'any'}. {reason}"
        raise Invalid(message, (("embeddingsModelName", message),))
    return found


def _faults(settings: WorkspaceSettings, ports: Ports) -> Iterable[tuple[str, str]]:
    usable = [engine.id for engine in ports.engines() if engine.enabled]
    if settings.engine not in usable:
        yield "engine", f"{settings.engine!r} is no engine that can be used here; these can: {', '.join(usable)}"
    if len(set(settings.languages)) < len(settings.languages):
        yield "languages", f"{', '.join(settings.languages)} names a language twice"
    yield from _chunking_faults(settings)
    yield from _rerank_faults(settings, ports)


def _chunking_faults(settings: WorkspaceSettings | Workspace) -> Iterable[tuple[str, str]]:
    if settings.chunk_overlap >= settings.chunk_size:
        yield "chunkOverlap", f"{settings.chunk_overlap} is not below chunkSize, which is {settings.chunk_size}"
    options = settings.chunk_options or ChunkOptions()
    parent_size, child_size = options.parent_size or PARENT_SIZE, options.child_size or CHILD_SIZE
    if child_size >= parent_size:
        yield "chunkOptions.childSize", f"{child_size} is not below parentSize, which is {parent_size}"


def _rerank_faults(settings: WorkspaceSettings | Workspace, ports: Ports) -> Iterable[tuple[str, str]]:
    provider, name = settings.cross_encoder_model_provider, settings.cross_encoder_model_name
    if (provider or name) and not (provider and name and ports.cross_encoders.get(provider, name)):
        reason = ports.cross_encoders.missing() or "GET /cross-encoders/models lists those that are."
        yield "crossEncoderModelName", f"the cross-encoder {provider or 'any'}/{name or 'any'} is not at hand. {reason}"


def _refuse(faults: Iterable[tuple[str, str]]) -> None:
    """Raises Invalid where there is a fault."""
    found = tuple(faults)
    if found:
        raise Invalid("; ".join(f"{path}: {message}" for path, message in found) + ".", found)
