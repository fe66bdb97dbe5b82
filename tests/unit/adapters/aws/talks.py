"""Conversations as the tests of DynamoDB need them."""

from typing import Any

from tests.contracts.aws import DynamoStore
from tests.contracts.examples import an_answer, an_ask, an_end, new_id

from kosha.model.chunk import Hit
from kosha.model.session import Message
from kosha.model.turn import Ask, TurnEnd

SECRET = "Leave is 25 days."


def claimed(store: DynamoStore, ask: Ask | None = None, **options: Any) -> Ask:
    """A question whose turn is held under fence 1."""
    ask = ask or an_ask()
    store.turns.accept(ask, **{"parent_id": None, "branch_from": None, "regenerates": False, **options})
    assert store.turns.claim(ask.key) is not None
    return ask


def answered(store: DynamoStore, ask: Ask | None = None, content: str = "25 days.", **options: Any) -> Message:
    """A whole turn."""
    ask = claimed(store, ask, **options)
    end, answer = telling(ask, content=content)
    store.turns.finish(ask.key, 1, end, answer)
    return answer


def telling(ask: Ask, *document_ids: str, content: str = "25 days.", words: str = SECRET) -> tuple[TurnEnd, Message]:
    """An end and an answer that tell of documents."""
    hits = tuple(_hit(document_id, words) for document_id in document_ids)
    answer = an_answer(ask, content)
    end = an_end(ask, answer, {"documents": hits})
    assert end.final is not None
    return end, answer.model_copy(update={"metadata": end.final.metadata.wire() if document_ids else {}})


def _hit(document_id: str, words: str) -> Hit:
    return Hit(
        chunk_id=new_id(),
        document_id=document_id,
        document_type="file",
        title="Leave rules",
        path="leave.md",
        content=words,
    )
