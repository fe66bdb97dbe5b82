"""The base of every noun that goes over the wire: frozen, camelCase outside, snake_case inside."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel


def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds and a Z, as PROTOCOL.md has its times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]


class Record(BaseModel):
    """A noun as we write it: what is not known to us is ignored when we read our own store."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True)

    def wire(self) -> dict[str, Any]:
        """As a reply: camelCase, JSON types only, absent where None has no meaning for a client."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Request(BaseModel):
    """A noun as a client writes it: an unknown field is an error, which names it."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)
