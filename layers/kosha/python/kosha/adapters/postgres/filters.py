"""Conditions on documents as SQL: fields from a fixed table, every value a parameter."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from kosha.errors import Invalid
from kosha.model.document import DocumentType
from kosha.model.search import Condition, Filters, FilterValue, Operator

Parameters = dict[str, Any]

_TEXT_COLUMNS = {"type": "document_type", "title": "title", "path": "path"}
_TYPES = get_args(DocumentType)
# What a person says of a document's language goes before what was found out.
_LANGUAGE = sql.SQL("coalesce(m.metadata ->> 'language', m.language)")
_COMPARE: dict[Operator, sql.SQL] = {
    "eq": sql.SQL("="),
    "lt": sql.SQL("<"),
    "lte": sql.SQL("<="),
    "gt": sql.SQL(">"),
    "gte": sql.SQL(">="),
}


def compile_filters(filters: Filters) -> tuple[sql.Composable, Parameters]:
    """A condition on the rows `m` of a chunk table, and its parameters (`filter_0`, ...); true where there are none.

    A field that a document has not got fails every condition but `ne`. Raises Invalid for an operator or a value that
    makes no sense for its field.
    """
    clauses: list[sql.Composable] = []
    parameters: Parameters = {}
    for number, condition in enumerate(filters.all):
        name = f"filter_{number}"
        clause, values = _clause(condition, name)
        clauses.append(clause)
        parameters |= values
    return (sql.SQL(" and ").join(clauses) if clauses else sql.SQL("true")), parameters


def _clause(condition: Condition, name: str) -> tuple[sql.Composable, Parameters]:
    field = condition.field
    if field == "createdAt":
        return _compared(condition, name, sql.Identifier("m", "created_at"), _moment)
    if field == "documentId":
        return _of_document(condition, name)
    if field == "language":
        return _compared(condition, name, _LANGUAGE, _text)
    if field in _TEXT_COLUMNS:
        is_type = field == "type" and condition.op in ("eq", "ne", "in")
        return _compared(condition, name, sql.Identifier("m", _TEXT_COLUMNS[field]), _type if is_type else _text)
    return _of_metadata(condition, name, field.removeprefix("metadata."))


def _of_document(condition: Condition, name: str) -> tuple[sql.Composable, Parameters]:
    """Named ones are looked up by their index; the other operators compare ids as text."""
    if condition.op not in ("eq", "in"):
        return _compared(condition, name, sql.SQL("m.document_id::text"), _text)
    wanted = _many(condition) if condition.op == "in" else [_single(condition)]
    ids = [str(one) for one in wanted if _is_uuid(str(one))]
    return sql.SQL("m.document_id = any({}::uuid[])").format(sql.Placeholder(name)), {name: ids}


def _compared(
    condition: Condition, name: str, column: sql.Composable, read: Callable[[Condition, FilterValue], Any]
) -> tuple[sql.Composable, Parameters]:
    """A condition on a column whose values `read` makes of what the filter holds."""
    value = sql.Placeholder(name)
    if condition.op == "contains":
        return _contains(condition, name, sql.SQL("{}::text").format(column))
    if condition.op == "in":
        return sql.SQL("{} = any({})").format(column, value), {name: [read(condition, one) for one in _many(condition)]}
    parameters = {name: read(condition, _single(condition))}
    if condition.op == "ne":
        return sql.SQL("{} is distinct from {}").format(column, value), parameters
    return sql.SQL("{} {} {}").format(column, _COMPARE[condition.op], value), parameters


def _of_metadata(condition: Condition, name: str, key: str) -> tuple[sql.Composable, Parameters]:
    """A condition on a field of the user's own, which may be text, a number or a truth value in each document."""
    key_name = f"{name}_key"
    field = sql.SQL("m.metadata -> {}::text").format(sql.Placeholder(key_name))
    text = sql.SQL("m.metadata ->> {}::text").format(sql.Placeholder(key_name))
    value = sql.Placeholder(name)
    parameters: Parameters = {key_name: key}
    match condition.op:
        case "contains":
            clause, more = _contains(condition, name, text)
            return clause, parameters | more
        case "in":
            values = [Jsonb(one) for one in _many(condition)]
            return sql.SQL("({}) = any({}::jsonb[])").format(field, value), parameters | {name: values}
        case "eq":
            return sql.SQL("({}) = {}").format(field, value), parameters | {name: Jsonb(_single(condition))}
        case "ne":
            clause = sql.SQL("({}) is distinct from {}").format(field, value)
            return clause, parameters | {name: Jsonb(_single(condition))}
        case _:
            return _ordered(condition, name, field, text, parameters)


def _ordered(
    condition: Condition, name: str, field: sql.Composable, text: sql.Composable, parameters: Parameters
) -> tuple[sql.Composable, Parameters]:
    """Numbers compare as numbers, dates as moments, other text by its characters; a value of another kind fails."""
    wanted = _single(condition)
    if isinstance(wanted, bool):
        raise _invalid(condition, f"asks {condition.op!r} of true or false; use 'eq', 'ne' or 'in'")
    if isinstance(wanted, float):
        guard, have = sql.SQL("jsonb_typeof({}) = 'number'").format(field), sql.SQL("({})::numeric").format(field)
        read: Any = wanted
    elif (moment := _as_moment(wanted)) is not None:
        guard = sql.SQL("pg_input_is_valid({}, 'timestamptz')").format(text)
        have, read = sql.SQL("({})::timestamptz").format(text), moment
    else:
        guard, have = sql.SQL("jsonb_typeof({}) = 'string'").format(field), sql.SQL('({}) collate "C"').format(text)
        read = wanted
    # `case` keeps the order: a cast is only tried on what passed the guard.
    clause = sql.SQL("case when {} then {} {} {} else false end").format(
        guard, have, _COMPARE[condition.op], sql.Placeholder(name)
    )
    return clause, parameters | {name: read}


def _contains(condition: Condition, name: str, text: sql.Composable) -> tuple[sql.Composable, Parameters]:
    clause = sql.SQL("position(lower({}::text) in lower({})) > 0").format(sql.Placeholder(name), text)
    return clause, {name: _text(condition, _single(condition))}


def _single(condition: Condition) -> FilterValue:
    if isinstance(condition.value, tuple):
        raise _invalid(condition, f"has a list; {condition.op!r} takes one value, 'in' a list")
    return _checked(condition, condition.value)


def _many(condition: Condition) -> list[FilterValue]:
    if not isinstance(condition.value, tuple):
        raise _invalid(condition, f"has the value {_shown(condition.value)}; 'in' takes a list")
    return [_checked(condition, value) for value in condition.value]


def _checked(condition: Condition, value: FilterValue) -> FilterValue:
    """Refuses what JSON readers let through and PostgreSQL does not: NUL, half surrogate pairs, NaN."""
    if isinstance(value, str):
        legal = not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)
    else:
        legal = math.isfinite(value)
    if not legal:
        raise _invalid(condition, f"has the value {_shown(value)}, which no document can hold")
    return value


def _invalid(condition: Condition, told: str) -> Invalid:
    message = f"The filter on {condition.field!r} {told}."
    return Invalid(message, (("filters", message),))


def _shown(value: FilterValue) -> str:
    """At most so much of it as helps."""
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:80]}..."


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _text(condition: Condition, value: FilterValue) -> str:
    if not isinstance(value, str):
        raise _invalid(condition, f"has the value {_shown(value)}; {condition.op!r} takes text there")
    return value


def _type(condition: Condition, value: FilterValue) -> FilterValue:
    if value not in _TYPES:
        raise _invalid(condition, f"has the value {_shown(value)}; there are: {', '.join(_TYPES)}")
    return value


def _moment(condition: Condition, value: FilterValue) -> datetime:
    moment = _as_moment(value)
    if moment is None:
        told = f"has the value {_shown(value)}, which is no date; write it like 2026-11-20 or 2026-11-20T09:00:00Z"
        raise _invalid(condition, told)
    return moment


def _as_moment(value: FilterValue) -> datetime | None:
    """A date or time of ISO 8601 as UTC; None for other values. Without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(str(value)) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
