"""What handlers return, as HTTP replies."""

import json
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from aws_lambda_powertools.event_handler import Response

from kosha.api.problems import CONTENT_TYPE as PROBLEM_TYPE
from kosha.api.problems import ProblemReply
from kosha.model.page import Page
from kosha.model.record import Record

T = TypeVar("T", bound=Record)
U = TypeVar("U")


class Items(Record, Generic[T]):
    """A slice of a list. `next_cursor` leads on; null at the end."""

    items: tuple[T, ...]
    next_cursor: str | None = None

    def wire(self) -> dict[str, Any]:
        """The cursor is always there, the items as they go alone."""
        return {"items": [item.wire() for item in self.items], "nextCursor": self.next_cursor}


def page_of(kind: type[Items[T]], page: Page[U], make: Callable[[U], T] | None = None) -> Any:
    """A page of a use case as a list of the wire."""
    items = tuple(make(item) for item in page.items) if make else tuple(page.items)
    return kind.model_construct(items=items, next_cursor=page.next_cursor)


def reply(value: Record | Response[Any] | None, status: int) -> Response[Any]:
    """A noun as JSON; None as nothing; a reply as it is."""
    if isinstance(value, Response):
        return value
    if value is None:
        return Response(status_code=status, body="")
    body = json.dumps(value.wire(), ensure_ascii=False, separators=(",", ":"))
    return json_reply(status, body)


def json_reply(status: int, body: str) -> Response[Any]:
    """A JSON text that was made before."""
    kind = "application/json" if status < 400 else PROBLEM_TYPE
    return Response(status_code=status, content_type=kind, headers={"Cache-Control": "no-store"}, body=body)


def problem_reply(problem: ProblemReply) -> Response[Any]:
    """A problem as a reply of the resolver."""
    headers: dict[str, Any] = {"Cache-Control": "no-store", **problem.headers}
    return Response(status_code=problem.status, content_type=PROBLEM_TYPE, headers=headers, body=problem.body)
