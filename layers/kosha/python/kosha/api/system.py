"""Routes about the product itself: its health, who asks, and which models and engines there are."""

from typing import Any, Literal

from aws_lambda_powertools.event_handler import Response

from kosha import __version__, workspaces
from kosha.access import may
from kosha.api.call import Call
from kosha.api.replies import Items, page_of, reply
from kosha.api.resource import Cursor, Limit, Resource
from kosha.model.page import PageOf, page_in
from kosha.model.prompt import ModelInfo
from kosha.model.record import Record
from kosha.model.user import User
from kosha.workspaces import Engine

ROUTES = Resource("system")


class Component(Record):
    """How a part is."""

    status: Literal["ok", "degraded", "down"]
    detail: str | None = None


class HealthReport(Record):
    """How the product is, as the worst of its parts has it."""

    status: Literal["ok", "degraded"]
    version: str
    components: dict[str, Component]


class Features(Record):
    """What this server can do, and this user may do; a client hides the rest."""

    create_workspaces: bool
    manage_users: bool
    embeddings: bool
    cross_encoders: bool = False
    websites: bool = False
    feeds: bool = False
    sources: bool = False
    attachments: bool = False


class Me(Record):
    """Who asks, what they have left, and what there is for them."""

    user: User
    quota: dict[str, float]
    features: Features


class ModelList(Items[ModelInfo]):
    """Chat models, the default one first."""


class EngineList(Items[Engine]):
    """Where the chunks of a workspace can be kept."""


@ROUTES.on("GET", "/health", is_public=True)
def health(call: Call) -> HealthReport:
    """Whether the product can answer: 503 where a part is down without which it cannot."""
    parts = call.ports.health()
    components = {name: Component(status=part.status, detail=part.detail) for name, part in parts.items()}
    worst = {part.status for part in parts.values()}
    report = HealthReport(status="ok" if worst <= {"ok"} else "degraded", version=__version__, components=components)
    return _with_status(report, 503 if "down" in worst else 200)


@ROUTES.on("GET", "/me")
def me(call: Call) -> Me:
    """Who is signed in, and what they may do."""
    features = Features(
        create_workspaces=may(call.caller, "create workspaces"),
        manage_users=may(call.caller, "manage users") and call.ports.users.managed_here,
        embeddings=bool(call.ports.embedders.list()),
        cross_encoders=bool(call.ports.cross_encoders.list()),
        websites=True,
        feeds=True,
        sources=True,
    )
    return Me(user=call.caller.user, quota={}, features=features)


@ROUTES.on("GET", "/llms")
def llms(call: Call, limit: Limit = 100, cursor: Cursor = None) -> ModelList:
    """Every chat model known, the default one first; one that cannot be used says why."""
    return page_of(ModelList, page_in(call.ports.chat_models.list(), PageOf(limit, cursor)))


@ROUTES.on("GET", "/rag/engines")
def engines(call: Call, limit: Limit = 100, cursor: Cursor = None) -> EngineList:
    """Every engine known, and whether it can be used here."""
    return page_of(EngineList, page_in(workspaces.engines(call.ports), PageOf(limit, cursor)))


def _with_status(report: HealthReport, status: int) -> Any:
    response: Response[Any] = reply(report, status)
    return response
