"""Texts and nouns as every store keeps them: the same characters and the same JSON whatever the technology."""

import json
import re
from typing import cast

from pydantic import BaseModel

# PostgreSQL keeps neither NUL nor a lone half of a UTF-16 pair; DynamoDB keeps no lone half.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with U+FFFD for each character that a store cannot keep; an id so changed is found nowhere."""
    if text.isascii():  # most are, and the expression takes 4 ns a character (2026-11)
        return text.replace("\x00", "\ufffd")
    return _UNSTORABLE.sub("\ufffd", text)


def to_json(value: object) -> str:
    """JSON text of a record by its snake_case names, or of any JSON value, without characters that cannot be kept."""
    plain = value.model_dump(mode="json", by_alias=False) if isinstance(value, BaseModel) else value
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    if r"\u0000" in text or (not text.isascii() and _UNSTORABLE.search(text)):
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
