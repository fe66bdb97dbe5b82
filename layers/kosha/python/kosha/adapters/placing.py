"""Where a question stands in its conversation, and what every store makes of its text."""

from typing import Literal, NamedTuple

from kosha.adapters.storable import storable

TITLE_CHARACTERS = 80


class Place(NamedTuple):
    """Where a question stands: after a message, beside a question, or as another wish for an answer to one."""

    parent_id: str | None
    branch_from: str | None
    regenerates: bool


class Named(NamedTuple):
    """A message that a place names: a question to answer again or to stand beside, or any message to follow."""

    role: Literal["question", "sibling", "parent"]
    id: str


def named(place: Place, question_id: str) -> Named | None:
    """None where the question follows what was said last."""
    if place.regenerates:
        return Named("question", question_id)
    if place.branch_from is not None:
        return Named("sibling", place.branch_from)
    if place.parent_id is not None:
        return Named("parent", place.parent_id)
    return None


def title_of(question: str) -> str:
    """A session's first title: the beginning of its first question on one line."""
    return storable(" ".join(question[: 10 * TITLE_CHARACTERS].split())[:TITLE_CHARACTERS].strip())


def estimated_tokens(text: str) -> int:
    """About four characters a token, and four tokens around each message."""
    return len(text) // 4 + 4
