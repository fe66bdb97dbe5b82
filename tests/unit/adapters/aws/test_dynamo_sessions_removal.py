"""A removed session is gone at once, and a removal that broke off is finished by repeating it."""

import pytest
from tests.contracts.aws import DynamoStore
from tests.contracts.examples import an_ask, new_id, some_deltas
from tests.contracts.kept import kept
from tests.unit.adapters.aws.calls import Interrupted, died, on
from tests.unit.adapters.aws.talks import answered, claimed, telling

from kosha.errors import LostLease, NotFound, Unavailable
from kosha.model.page import PageOf
from kosha.model.session import Feedback
from kosha.model.turn import Ask


async def a_session(store: DynamoStore) -> Ask:
    """Two answers to one question, the second long and judged, and a question that is being answered."""
    ask = an_ask()
    answered(store, ask)
    again = claimed(store, an_ask(session_id=ask.session_id, question_id=ask.message_id), regenerates=True)
    end, answer = telling(again, new_id(), words="x" * 400_000)
    await store.turns.append(again.key, 1, some_deltas("a", "b"))
    store.turns.finish(again.key, 1, end, answer)
    word = {"user_id": "ada", "session_id": ask.session_id, "message_id": ask.message_id, "score": 1}
    store.sessions.add_feedback(Feedback(id=new_id(), created_at=store.clock(), **word))
    running = claimed(store, an_ask(session_id=ask.session_id))
    await store.turns.append(running.key, 1, some_deltas("a"))
    return running


async def test_nothing_is_left(store: DynamoStore) -> None:
    ask = await a_session(store)
    store.sessions.remove("ada", ask.session_id)
    assert kept(store) == ""


@pytest.mark.parametrize("at", range(1, 14))
async def test_a_removal_that_broke_off_shows_nothing_and_is_finished_by_repeating_it(
    store: DynamoStore, at: int
) -> None:
    ask = await a_session(store)
    with pytest.raises(Unavailable):
        on(store, Interrupted(store.client, at, died)).sessions.remove("ada", ask.session_id)
    for call in (
        lambda: store.sessions.get("ada", ask.session_id),
        lambda: store.sessions.messages("ada", ask.session_id),
        lambda: store.sessions.history("ada", ask.session_id, leaf_id=ask.message_id, budget_tokens=100),
        lambda: store.sessions.rename("ada", ask.session_id, "mine"),
        lambda: store.turns.accept(
            an_ask(session_id=ask.session_id), parent_id=None, branch_from=None, regenerates=False
        ),
    ):
        with pytest.raises(NotFound):
            call()
    assert store.sessions.of("ada", PageOf()).items == []
    assert store.sessions.of("ada", PageOf(), query="leave").items == []
    store.sessions.remove("ada", ask.session_id)
    assert kept(store) == ""


async def test_removing_all_finishes_what_broke_off(store: DynamoStore) -> None:
    ask = await a_session(store)
    with pytest.raises(Unavailable):
        on(store, Interrupted(store.client, 2, died)).sessions.remove("ada", ask.session_id)
    answered(store)
    store.sessions.remove_all("ada")
    assert kept(store) == ""


@pytest.mark.parametrize("at", range(6))
def test_an_answer_that_ends_while_its_session_is_removed_leaves_nothing(store: DynamoStore, at: int) -> None:
    ask = claimed(store)
    end, answer = telling(ask, new_id(), words="x" * 400_000)
    interrupted = Interrupted(store.client, at, lambda: store.sessions.remove("ada", ask.session_id))
    try:
        on(store, interrupted).turns.finish(ask.key, 1, end, answer)
    except LostLease:
        assert interrupted.was_reached
    else:
        store.sessions.remove("ada", ask.session_id)
    assert kept(store) == ""


def test_a_removed_sessions_id_is_free_again(store: DynamoStore) -> None:
    ask = an_ask()
    answered(store, ask)
    store.sessions.remove("ada", ask.session_id)
    answered(store, an_ask(user_id="bob", session_id=ask.session_id))
    assert len(store.sessions.messages("bob", ask.session_id)) == 2
