"""Request bodies: JSON as RFC 8259 has it, of a bounded size, with text that can be stored."""

import base64
import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from kosha.errors import Invalid, Rejected, TooLarge, UnsupportedType

BODY_LIMIT_BYTES = 5 * 2**20  # Lambda takes 6 MB with headers and the escapes of JSON in JSON
_UNSTORABLE = "holds characters that are no text (NUL or half a surrogate pair)"


def text_of(event: Mapping[str, Any]) -> str:
    """The body of a proxy event, "" without one. Raises Rejected where it is not UTF-8, TooLarge."""
    body: str = event.get("body") or ""
    try:
        return decoded(base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode())
    except ValueError as error:
        raise _not_text() from error


def decoded(raw: bytes) -> str:
    """The text of a body. Raises Rejected where it is not UTF-8, TooLarge."""
    if len(raw) > BODY_LIMIT_BYTES:
        raise TooLarge(
            f"The request has {len(raw):,} bytes; the limit is {BODY_LIMIT_BYTES:,}. "
            "Bring long texts as a file: POST /workspaces/{id}/documents/file-upload."
        )
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise _not_text() from error


def refuse_other_types(content_type: str | None) -> None:
    """Raises UnsupportedType for a body that does not say it is JSON."""
    kind = (content_type or "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedType(f"A body of type {kind!r} is not read here. Send JSON as application/json.")


def parse(text: str) -> Any:
    """The value of a JSON text. Raises Rejected where it is none, Invalid for text or numbers that cannot be kept."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
        refuse_unstorable(value)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Rejected(f"The body is not JSON: {reason[:200]}.") from error
    return value


def refuse_unstorable(value: Any, path: str = "") -> None:
    """Raises Invalid for a NUL, half a surrogate pair, or a number beyond floating point, anywhere in a JSON value."""
    if isinstance(value, str):
        if "\x00" in value or not _is_encodable(value):
            raise Invalid(f"{path or 'the body'} {_UNSTORABLE}.", ((path, _UNSTORABLE),))
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise Invalid(f"{path or 'the body'} is a number beyond what is kept.", ((path, "is too large a number"),))
    elif isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            refuse_unstorable(key, path)
            refuse_unstorable(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for position, inner in enumerate(cast("list[Any]", value)):
            refuse_unstorable(inner, f"{path}.{position}" if path else str(position))


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _not_text() -> Rejected:
    return Rejected("The body is not text in UTF-8. Send JSON.")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")
