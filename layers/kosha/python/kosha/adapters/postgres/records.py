"""How nouns and texts are written to tables, and how a row is added once although the unit may run twice."""

import json
import re
from collections.abc import Callable
from typing import cast

from pydantic import BaseModel

from kosha.adapters.postgres.database import Connection, Database

# PostgreSQL keeps neither NUL nor a lone half of a UTF-16 pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with U+FFFD for each character that PostgreSQL cannot keep; an id so changed is found nowhere."""
    return _UNSTORABLE.sub("\ufffd", text)


def to_json(value: object) -> str:
    """JSON text for a jsonb column: a record by its snake_case names, or any JSON value."""
    plain = value.model_dump(mode="json", by_alias=False) if isinstance(value, BaseModel) else value
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    if r"\u0000" in text or _UNSTORABLE.search(text):
        text = json.dumps(_storable_tree(plain), ensure_ascii=False, separators=(",", ":"))
    return text


def _storable_tree(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable_tree(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return {storable(name): _storable_tree(item) for name, item in items}
    return value


def once(database: Database, write: Callable[[Connection], bool], *, is_written: Callable[[Connection], bool]) -> bool:
    """Whether `write` took effect, also where a first run committed and only its confirmation was lost.

    is_written: asked where a run of `write` took effect, and a later one found nothing left to do.
    """
    has_written = False

    def work(connection: Connection) -> bool:
        nonlocal has_written
        if write(connection):
            has_written = True
            return True
        return has_written and is_written(connection)

    return database.run(work)
