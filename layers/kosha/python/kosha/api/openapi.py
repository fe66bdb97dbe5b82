"""The OpenAPI document of the API, made of its routes and nouns: `python -m kosha.api.openapi > openapi.json`."""

import json
import re
import sys
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from kosha import __version__
from kosha.api.problems import CONTENT_TYPE as PROBLEM_TYPE
from kosha.api.problems import Problem
from kosha.api.resolver import Api, build
from kosha.api.resource import Endpoint
from kosha.model import wire
from kosha.model.record import Record, Request
from kosha.sign_in import desk

TITLE = "Kosha"
_REFS = "#/components/schemas/"
# What a reply holds although it may be null; every other field without a value is left out.
_NULL_IS_SAID = ("nextCursor", "crossEncoderModelProvider", "crossEncoderModelName")
# The socket, the event stream and the sign-in are no routes of the resolver, but clients need their nouns too.
_FRAMES_IN = (wire.RunData, wire.StopData, wire.ResumeData, wire.AuthorizeData)
_FRAMES_OUT = (wire.AcceptedData, wire.ThinkingData, wire.TokenData, wire.FinalData, wire.ErrorData, wire.Citation)
_SIGN_IN = (desk.Login, desk.Exchange, desk.Refresh, desk.NewPassword)
Schema = dict[str, Any]
_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key gives the first reply again for 24 hours.",
    "schema": {"type": "string", "maxLength": 200},
}


class _Untitled(GenerateJsonSchema):
    """Schemas whose fields carry no titles: they would repeat the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 # pydantic gives it
        """Never."""
        return False


def document() -> Schema:
    """The whole document; the same code gives the same text."""
    api = build(cast("Any", None))  # routes need no ports before they are called
    made: Schema = json.loads(api.get_openapi_json_schema(title=TITLE, version=__version__))
    taken, given = _nouns(api)
    schemas, names_in = _components(taken, given)
    for route, endpoint in api.endpoints():
        operation = made["paths"][route.openapi_path][route.method.lower()]
        operation["responses"] = _responses(endpoint)
        operation["security"] = [] if endpoint.is_public else [{"bearer": []}]
        if endpoint.is_creating:
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            schema["$ref"] = _REFS + names_in[schema["$ref"].removeprefix(_REFS)]
    made["components"] = {
        "schemas": dict(sorted(schemas.items())),
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    }
    made["servers"] = [{"url": "/api"}]
    made["paths"] = dict(sorted(made["paths"].items()))
    return made


def text() -> str:
    """The document as it stands in the repository."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _nouns(api: Api) -> tuple[set[type[BaseModel]], set[type[BaseModel]]]:
    """What clients send and what they are given, over every door."""
    taken: set[type[BaseModel]] = {*_FRAMES_IN, *_SIGN_IN}
    given: set[type[BaseModel]] = {*_FRAMES_OUT, desk.SignedIn, Problem}
    for route, endpoint in api.endpoints():
        taken.update(one.type_ for one in route.dependant.body_params if issubclass(one.type_, Request))
        if isinstance(endpoint.reply, type) and issubclass(endpoint.reply, Record):
            given.add(endpoint.reply)
    return taken, given


def _components(taken: set[type[BaseModel]], given: set[type[BaseModel]]) -> tuple[dict[str, Schema], dict[str, str]]:
    """All schemas by name, and the names of those that clients send.

    A noun that goes both ways, and may leave out on one what is always there on the other, is `...Input` on its way in.
    """
    schemas = {name: _as_given(schema) for name, schema in _schemas(given, "serialization").items()}
    incoming = _schemas(taken, "validation")
    names = {
        name: f"{name}Input" if name in schemas and schemas[name] != schema else name
        for name, schema in incoming.items()
    }
    for name, schema in incoming.items():
        renamed = re.sub(
            rf'"{_REFS}(\w+)"', lambda found: f'"{_REFS}{names[found[1]]}"', json.dumps(schema, ensure_ascii=False)
        )
        schemas[names[name]] = _as_taken(json.loads(renamed), names[name])
    return schemas, names


def _schemas(nouns: set[type[BaseModel]], mode: JsonSchemaMode) -> dict[str, Schema]:
    models = [(noun, mode) for noun in sorted(nouns, key=lambda noun: noun.__name__)]
    _, made = models_json_schema(cast("Any", models), ref_template=_REFS + "{model}", schema_generator=_Untitled)
    return made["$defs"]


def _as_taken(schema: Schema, name: str) -> Schema:
    """A noun as clients write it; generators of types take a field with a default for one that is needed."""
    properties: dict[str, Schema] = schema.get("properties", {})
    for field in properties.values():
        default = field.pop("default", None)
        if default not in (None, [], {}, ""):
            field["description"] = f"{field.get('description', '')} Default: {json.dumps(default)}.".strip()
    return {**schema, "title": name}


def _as_given(schema: Schema) -> Schema:
    """A noun as `Record.wire` writes it: every field is there, but those without a value are left out."""
    properties: dict[str, Schema] = schema.get("properties", {})
    required: list[str] = []
    for name, field in properties.items():
        options: list[Schema] = field.get("anyOf", [])
        can_be_null = {"type": "null"} in options
        if can_be_null and name not in _NULL_IS_SAID:
            rest = [option for option in options if option != {"type": "null"}]
            field.pop("anyOf")
            field.update(rest[0] if len(rest) == 1 else {"anyOf": rest})
        else:
            required.append(name)
        field.pop("default", None)
    if properties:
        schema["required"] = required
    return schema


def _responses(endpoint: Endpoint) -> Schema:
    problem = {"content": {PROBLEM_TYPE: {"schema": {"$ref": _REFS + Problem.__name__}}}}
    done: Schema = {"description": "Done."}
    if endpoint.reply is not None:
        done["content"] = {"application/json": {"schema": {"$ref": _REFS + endpoint.reply.__name__}}}
    return {str(endpoint.status): done, "default": {"description": "What went wrong.", **problem}}


if __name__ == "__main__":
    sys.stdout.write(text())
