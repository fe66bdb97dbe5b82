"""An end and its answer are kept at once, whatever comes in between."""

import contextlib

import pytest
from tests.contracts.aws import DynamoStore
from tests.contracts.examples import an_ask, new_id
from tests.contracts.kept import kept
from tests.contracts.races import at_once
from tests.unit.adapters.aws.calls import Interrupted, NotedCalls, died, on
from tests.unit.adapters.aws.talks import SECRET, answered, claimed, telling

from kosha.errors import LostLease, Unavailable

LONG = f"{SECRET}{'x' * 400_000}"


@pytest.mark.parametrize("words", [SECRET, LONG], ids=["short", "long"])
@pytest.mark.parametrize("at", range(12))
def test_a_document_forgotten_at_any_moment_of_a_finish_is_erased(store: DynamoStore, at: int, words: str) -> None:
    ask, gone, other = claimed(store), new_id(), new_id()
    interrupted = Interrupted(store.client, at, lambda: store.sessions.forget_document(gone))
    end, answer = telling(ask, gone, other, words=words)
    on(store, interrupted).turns.finish(ask.key, 1, end, answer)
    if not interrupted.was_reached:
        store.sessions.forget_document(gone)
    metadata = store.sessions.message("ada", ask.session_id, answer.id).metadata
    assert [hit.get("deleted", False) for hit in metadata["documents"]] == [True, False]
    stored = store.turns.get(ask.key).end
    assert stored is not None
    assert stored.final is not None
    assert [hit.content for hit in stored.final.metadata.documents] == ["", words]
    assert kept(store).count(SECRET) == 2  # of the other document, in the message and in the turn


@pytest.mark.parametrize("at", range(8))
def test_a_finish_at_any_moment_of_a_forgetting_is_erased(store: DynamoStore, at: int) -> None:
    ask, gone = claimed(store), new_id()
    end, answer = telling(ask, gone)

    def finish() -> None:
        store.turns.finish(ask.key, 1, end, answer)

    interrupted = Interrupted(store.client, at, finish)
    on(store, interrupted).sessions.forget_document(gone)
    if not interrupted.was_reached:
        finish()
    assert SECRET not in kept(store)
    assert store.sessions.message("ada", ask.session_id, answer.id).metadata["documents"][0]["deleted"] is True


@pytest.mark.parametrize("at", range(8))
def test_a_forgetting_that_broke_off_is_finished_by_repeating_it(store: DynamoStore, at: int) -> None:
    gone = new_id()
    for _ in range(2):
        ask = claimed(store)
        store.turns.finish(ask.key, 1, *telling(ask, gone, words=LONG))
    with pytest.raises(Unavailable):
        on(store, Interrupted(store.client, at, died)).sessions.forget_document(gone)
    store.sessions.forget_document(gone)
    assert SECRET not in kept(store)
    assert "asked_by" not in kept(store)  # the links are gone


@pytest.mark.parametrize("at", range(1, 8))
def test_what_a_holder_wrote_who_died_is_erased_with_the_document(store: DynamoStore, at: int) -> None:
    ask, gone = claimed(store), new_id()
    with contextlib.suppress(Unavailable):
        first = on(store, Interrupted(store.client, at, died)).turns
        first.finish(ask.key, 1, *telling(ask, gone, words=LONG))
    store.pass_seconds(16)
    if store.turns.claim(ask.key) is not None:
        store.turns.finish(ask.key, 2, *telling(ask, gone, words=LONG, content="x" * 400_000))
        assert kept(store).count(SECRET) >= 2
    store.sessions.forget_document(gone)
    assert SECRET not in kept(store)
    messages = store.sessions.messages("ada", ask.session_id)
    assert len(messages) == 2
    assert messages[1].metadata["documents"][0]["deleted"] is True


def test_two_documents_forgotten_at_once_are_both_erased(store: DynamoStore) -> None:
    for words in (SECRET, SECRET, LONG, LONG, LONG):
        ask, documents = claimed(store), [new_id(), new_id()]
        end, answer = telling(ask, *documents, words=words)
        store.turns.finish(ask.key, 1, end, answer)
        at_once([lambda each=each: store.sessions.forget_document(each) for each in documents])
        assert SECRET not in kept(store)
        hits = store.sessions.message("ada", ask.session_id, answer.id).metadata["documents"]
        assert [hit["deleted"] for hit in hits] == [True, True]


def test_an_answer_may_tell_of_more_documents_than_a_transaction_has_writes(store: DynamoStore) -> None:
    ask, documents = claimed(store), [new_id() for _ in range(130)]
    store.turns.finish(ask.key, 1, *telling(ask, *documents))
    for document_id in documents[::40]:
        store.sessions.forget_document(document_id)
    assert kept(store).count(SECRET) == 2 * (130 - 4)


def test_an_answer_of_a_megabyte_is_kept_whole(store: DynamoStore) -> None:
    ask, content = claimed(store), "ü🙂" * 200_000
    end, answer = telling(ask, content=content)
    store.turns.finish(ask.key, 1, end, answer)
    assert store.sessions.message("ada", ask.session_id, answer.id).content == content
    assert [message.content for message in store.sessions.messages("ada", ask.session_id)] == [ask.text, content]
    stored = store.turns.get(ask.key).end
    assert stored is not None
    assert stored.final is not None
    assert stored.final.content == content


@pytest.mark.parametrize("at", range(5))
def test_who_loses_the_turn_while_ending_it_leaves_nothing(store: DynamoStore, at: int) -> None:
    ask = claimed(store)

    def take_over() -> None:
        store.pass_seconds(16)
        assert store.turns.claim(ask.key) is not None

    before = kept(store).count("\n")
    old = on(store, Interrupted(store.client, at, take_over)).turns
    with pytest.raises(LostLease):
        old.finish(ask.key, 1, *telling(ask, new_id(), words=LONG))
    assert kept(store).count("\n") == before
    store.turns.finish(ask.key, 2, *telling(ask, new_id()))


@pytest.mark.parametrize("at", range(8))
def test_a_finish_that_broke_off_can_be_repeated_hours_later(store: DynamoStore, at: int) -> None:
    ask = claimed(store)
    end, answer = telling(ask, new_id(), words=LONG)
    interrupted = Interrupted(store.client, at, died)
    try:
        on(store, interrupted).turns.finish(ask.key, 1, end, answer)
    except Unavailable:
        assert len(store.sessions.messages("ada", ask.session_id)) == 1
    store.pass_seconds(6 * 3600)
    store.turns.finish(ask.key, 1, end, answer)
    assert [message.version for message in store.sessions.messages("ada", ask.session_id)] == [1, 1]


def test_an_accept_that_is_delivered_again_hours_later_is_the_turn_that_ended(store: DynamoStore) -> None:
    ask = an_ask()
    answered(store, ask)
    store.pass_seconds(6 * 3600)
    turn, is_new = store.turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    assert (turn.status, is_new) == ("ended", False)
    assert len(store.sessions.messages("ada", ask.session_id)) == 2


def test_a_turn_of_a_usual_answer_takes_few_calls(store: DynamoStore) -> None:
    noted = NotedCalls(store.client)
    answered(on(store, noted))
    assert len(noted.calls) <= 10
