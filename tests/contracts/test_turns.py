"""The contract of the port `Turns`: one record a question, one holder, one end."""

import pytest
from tests.contracts.examples import a_failure, an_answer, an_ask, an_end, new_id, some_deltas, texts
from tests.contracts.races import at_once
from tests.contracts.store import PostgresStore, Store

from kosha.errors import LostLease, NotFound, Rejected
from kosha.model.page import PageOf
from kosha.model.turn import Ask, TurnKey
from kosha.ports import Turns

LEASE_SECONDS = 15


def accept(turns: Turns, ask: Ask, **options: object) -> bool:
    plain = {"parent_id": None, "branch_from": None, "regenerates": False}
    return turns.accept(ask, **{**plain, **options})[1]  # type: ignore[arg-type]


def answered(turns: Turns, ask: Ask, content: str = "25 days.", **options: object) -> str:
    """Accept, claim and finish a turn; the answer's id."""
    accept(turns, ask, **options)
    turn = turns.claim(ask.key)
    assert turn is not None
    answer = an_answer(ask, content)
    turns.finish(ask.key, turn.fence, an_end(ask, answer), answer)
    return answer.id


def follow_up(ask: Ask, text: str) -> Ask:
    return an_ask(session_id=ask.session_id, text=text)


def test_a_question_is_kept_with_its_session_and_its_turn(store: Store) -> None:
    ask = an_ask(text="How  much\nleave? " + "x" * 100, workspace_id=new_id())
    turn, is_new = store.turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    assert is_new
    assert (turn.ask, turn.status, turn.fence, turn.next_sequence) == (ask, "accepted", 0, 0)
    session = store.sessions.get("ada", ask.session_id)
    assert session.title == "How much leave? " + "x" * 64
    assert session.workspace_id == ask.workspace_id
    [question] = store.sessions.messages("ada", ask.session_id)
    assert (question.id, question.role, question.content) == (ask.message_id, "user", ask.text)


def test_the_same_question_again_is_the_stored_turn(store: Store) -> None:
    ask = an_ask()
    assert accept(store.turns, ask)
    store.turns.claim(ask.key)
    again = ask.model_copy(update={"text": "something else"})
    turn, is_new = store.turns.accept(again, parent_id=None, branch_from=None, regenerates=False)
    assert not is_new
    assert (turn.ask.text, turn.status) == (ask.text, "running")
    assert len(store.sessions.messages("ada", ask.session_id)) == 1


def test_of_one_question_sent_many_times_at_once_one_is_new(store: Store) -> None:
    for _ in range(5):
        ask = an_ask()
        outcomes = at_once([lambda ask=ask: accept(store.turns, ask)] * 6)
        assert sorted(outcomes) == [False] * 5 + [True]
        assert len(store.sessions.messages("ada", ask.session_id)) == 1


def test_a_message_id_of_another_session_is_rejected_and_leaves_nothing(store: Store) -> None:
    ask = an_ask()
    accept(store.turns, ask)
    elsewhere = an_ask(message_id=ask.message_id)
    with pytest.raises(Rejected, match="already names a question of another session; make a new id"):
        accept(store.turns, elsewhere)
    with pytest.raises(NotFound):
        store.sessions.get("ada", elsewhere.session_id)


def test_one_message_id_in_two_sessions_at_once_opens_one(store: Store) -> None:
    ask = an_ask()
    other = an_ask(message_id=ask.message_id)
    outcomes = at_once([lambda: accept(store.turns, ask), lambda: accept(store.turns, other)])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Rejected", "bool"]
    assert len(store.sessions.of("ada", PageOf()).items) == 1


def test_two_users_may_choose_the_same_message_id(turns: Turns) -> None:
    ask = an_ask()
    assert accept(turns, ask)
    assert accept(turns, an_ask(user_id="bob", message_id=ask.message_id))


def test_another_users_session_is_not_found(store: Store) -> None:
    ask = an_ask()
    accept(store.turns, ask)
    with pytest.raises(NotFound):
        accept(store.turns, an_ask(user_id="bob", session_id=ask.session_id))
    assert len(store.sessions.messages("ada", ask.session_id)) == 1


def test_a_message_id_that_names_an_answer_is_rejected(turns: Turns) -> None:
    ask = an_ask()
    answer_id = answered(turns, ask)
    with pytest.raises(Rejected):
        accept(turns, an_ask(session_id=ask.session_id, message_id=answer_id))


def test_questions_that_come_at_once_are_all_kept_in_one_branch(store: Store) -> None:
    first = an_ask()
    accept(store.turns, first)
    asks = [follow_up(first, f"question {number}") for number in range(5)]
    at_once([lambda ask=ask: accept(store.turns, ask) for ask in asks])
    messages = store.sessions.messages("ada", first.session_id)
    assert len(messages) == 6
    parents = [message.parent_id for message in messages]
    assert parents == [None, *(message.id for message in messages[:-1])]


def test_a_question_follows_the_newest_answer(store: Store) -> None:
    first = an_ask()
    answer_id = answered(store.turns, first)
    second = follow_up(first, "And in my first year?")
    accept(store.turns, second)
    assert store.sessions.message("ada", first.session_id, second.message_id).parent_id == answer_id


def test_a_question_without_an_answer_is_followed_itself(store: Store) -> None:
    first = an_ask()
    accept(store.turns, first)
    turn = store.turns.claim(first.key)
    assert turn is not None
    store.turns.finish(first.key, turn.fence, a_failure(first), None)
    second = follow_up(first, "Again?")
    accept(store.turns, second)
    assert store.sessions.message("ada", first.session_id, second.message_id).parent_id == first.message_id


def test_a_late_answer_to_an_older_question_does_not_move_the_branch(store: Store) -> None:
    first = an_ask()
    accept(store.turns, first)
    slow = store.turns.claim(first.key)
    assert slow is not None
    second_answer_id = answered(store.turns, second := follow_up(first, "second"))
    late = an_answer(first)
    store.turns.finish(first.key, slow.fence, an_end(first, late), late)
    third = follow_up(first, "third")
    accept(store.turns, third)
    assert store.sessions.message("ada", second.session_id, third.message_id).parent_id == second_answer_id


def test_a_branch_starts_beside_the_question_it_names(store: Store) -> None:
    first = an_ask()
    answer_id = answered(store.turns, first)
    second = follow_up(first, "second")
    answered(store.turns, second)
    beside = follow_up(first, "beside second")
    accept(store.turns, beside, branch_from=second.message_id)
    assert store.sessions.message("ada", first.session_id, beside.message_id).parent_id == answer_id
    next_question = follow_up(first, "next")
    accept(store.turns, next_question)
    assert store.sessions.message("ada", first.session_id, next_question.message_id).parent_id == beside.message_id


def test_a_parent_is_followed_where_it_is_named(store: Store) -> None:
    first = an_ask()
    answer_id = answered(store.turns, first)
    answered(store.turns, follow_up(first, "second"))
    third = follow_up(first, "third")
    accept(store.turns, third, parent_id=answer_id)
    assert store.sessions.message("ada", first.session_id, third.message_id).parent_id == answer_id


@pytest.mark.parametrize("place", ["parent_id", "branch_from"])
def test_a_place_that_is_not_in_the_session_is_not_found_and_leaves_nothing(store: Store, place: str) -> None:
    ask = an_ask()
    with pytest.raises(NotFound):
        accept(store.turns, ask, **{place: new_id()})
    with pytest.raises(NotFound):
        store.turns.get(ask.key)
    with pytest.raises(NotFound):
        store.sessions.get("ada", ask.session_id)


def test_another_answer_to_a_question_is_its_next_version(store: Store) -> None:
    ask = an_ask()
    answered(store.turns, ask, "first")
    again = an_ask(session_id=ask.session_id, question_id=ask.message_id)
    answered(store.turns, again, "second", regenerates=True)
    messages = store.sessions.messages("ada", ask.session_id)
    assert texts(messages) == [ask.text, "first", "second"]
    assert [message.version for message in messages] == [1, 1, 2]
    assert [message.parent_id for message in messages] == [None, ask.message_id, ask.message_id]


def test_answers_made_at_once_are_counted_one_by_one(store: Store) -> None:
    ask = an_ask()
    answered(store.turns, ask)
    again = [an_ask(session_id=ask.session_id, question_id=ask.message_id) for _ in range(5)]
    at_once([lambda ask=ask: answered(store.turns, ask, regenerates=True) for ask in again])
    messages = store.sessions.messages("ada", ask.session_id)
    assert [message.version for message in messages] == [1, 1, 2, 3, 4, 5, 6]


def test_questions_and_answers_of_one_session_at_once_are_all_kept(store: Store) -> None:
    first = an_ask()
    accept(store.turns, first)
    running = [follow_up(first, f"question {number}") for number in range(4)]
    for ask in running:
        accept(store.turns, ask)
        store.turns.claim(ask.key)
    new = [follow_up(first, f"new {number}") for number in range(4)]

    def end(ask: Ask) -> None:
        answer = an_answer(ask)
        store.turns.finish(ask.key, 1, an_end(ask, answer), answer)

    calls = [lambda ask=ask: end(ask) for ask in running] + [lambda ask=ask: accept(store.turns, ask) for ask in new]
    assert at_once(calls) == [None] * 4 + [True] * 4
    messages = store.sessions.messages("ada", first.session_id)
    assert sorted(message.parent_id for message in messages if message.role == "assistant") == sorted(
        ask.message_id for ask in running
    )
    assert len(messages) == 1 + 4 + 4 + 4


def test_only_a_question_of_this_session_can_be_answered_again(store: Store) -> None:
    ask = an_ask()
    answer_id = answered(store.turns, ask)
    for question_id in (new_id(), answer_id):
        with pytest.raises(NotFound):
            accept(store.turns, an_ask(session_id=ask.session_id, question_id=question_id), regenerates=True)
    nowhere = an_ask(question_id=ask.message_id)
    with pytest.raises(NotFound):
        accept(store.turns, nowhere, regenerates=True)


@pytest.mark.parametrize("id", ["", "no uuid", "a\x00b", "\ud800"])
def test_a_turn_of_any_name_is_not_found(turns: Turns, id: str) -> None:
    key = TurnKey(id, id)
    with pytest.raises(NotFound):
        turns.get(key)
    with pytest.raises(NotFound):
        turns.request_stop(key)
    assert turns.claim(key) is None
    assert turns.deltas(key, after=-1) == []


def test_a_turn_is_claimed_once_while_its_holder_lives(store: Store) -> None:
    ask = an_ask()
    accept(store.turns, ask)
    claims = at_once([lambda name=name: store.turns_of(name).claim(ask.key) for name in "abcdef"])
    [turn] = [claim for claim in claims if claim is not None]
    assert (turn.status, turn.fence) == ("running", 1)
    assert store.turns.claim(ask.key) is None


def test_a_turn_of_a_silent_holder_can_be_claimed_with_a_new_fence(store: Store) -> None:
    ask = an_ask()
    accept(store.turns, ask)
    store.turns.claim(ask.key)
    store.pass_seconds(LEASE_SECONDS + 1)
    turn = store.turns_of("second").claim(ask.key)
    assert turn is not None
    assert turn.fence == 2


def test_the_only_server_of_a_data_directory_takes_over_at_once(postgres: PostgresStore) -> None:
    ask = an_ask()
    accept(postgres.turns, ask)
    postgres.turns.claim(ask.key)
    restarted = postgres.turns_of("restarted", sole_holder=True)
    assert restarted.unfinished() == [ask]
    turn = restarted.claim(ask.key)
    assert turn is not None
    assert turn.fence == 2
    assert restarted.claim(ask.key) is None


def test_a_finished_turn_keeps_its_end_and_its_answer(store: Store) -> None:
    ask = an_ask()
    accept(store.turns, ask)
    turn = store.turns.claim(ask.key)
    assert turn is not None
    answer = an_answer(ask, "25 days [1].\x00")
    end = an_end(ask, answer)
    store.turns.finish(ask.key, turn.fence, end, answer)
    kept = store.turns.get(ask.key)
    assert kept.status == "ended"
    assert kept.end is not None
    assert kept.end.final is not None
    assert kept.end.final.content == "25 days [1].\ufffd"
    message = store.sessions.message("ada", ask.session_id, answer.id)
    assert (message.content, message.parent_id) == ("25 days [1].\ufffd", ask.message_id)
    assert store.turns.claim(ask.key) is None


def test_finishing_twice_is_finishing_once(store: Store) -> None:
    ask = an_ask()
    accept(store.turns, ask)
    turn = store.turns.claim(ask.key)
    assert turn is not None
    answer = an_answer(ask)
    for _ in range(2):
        store.turns.finish(ask.key, turn.fence, an_end(ask, answer), answer)
    assert len(store.sessions.messages("ada", ask.session_id)) == 2


def test_who_lost_the_turn_cannot_finish_it(store: Store) -> None:
    ask = an_ask()
    accept(store.turns, ask)
    old = store.turns.claim(ask.key)
    store.pass_seconds(LEASE_SECONDS + 1)
    new = store.turns_of("second").claim(ask.key)
    assert old is not None
    assert new is not None
    answer = an_answer(ask)
    with pytest.raises(LostLease):
        store.turns.finish(ask.key, old.fence, an_end(ask, answer), answer)
    assert len(store.sessions.messages("ada", ask.session_id)) == 1
    store.turns.finish(ask.key, new.fence, an_end(ask, answer), answer)
    with pytest.raises(LostLease):
        store.turns.finish(ask.key, old.fence, a_failure(ask), None)


def test_a_turn_whose_session_was_removed_is_lost(store: Store) -> None:
    ask = an_ask()
    accept(store.turns, ask)
    turn = store.turns.claim(ask.key)
    assert turn is not None
    store.sessions.remove("ada", ask.session_id)
    answer = an_answer(ask)
    with pytest.raises(LostLease):
        store.turns.finish(ask.key, turn.fence, an_end(ask, answer), answer)


async def test_a_wish_to_stop_reaches_the_holder_and_ends_with_the_turn(store: Store) -> None:
    turns = store.turns
    ask = an_ask()
    accept(turns, ask)
    turn = turns.claim(ask.key)
    assert turn is not None
    assert not (await turns.append(ask.key, turn.fence, [])).stop_requested
    turns.request_stop(ask.key)
    assert (await turns.append(ask.key, turn.fence, some_deltas("25"))).stop_requested
    turns.finish(ask.key, turn.fence, a_failure(ask), None)
    other = an_ask()
    answered(turns, other)
    turns.request_stop(other.key)
    assert not turns.get(other.key).stop_requested


def test_unfinished_are_those_that_nobody_living_holds_oldest_first(store: Store) -> None:
    asks = [an_ask() for _ in range(4)]
    for ask in asks:
        accept(store.turns, ask)
    store.turns.claim(asks[1].key)
    store.pass_seconds(LEASE_SECONDS + 1)
    store.turns.claim(asks[2].key)
    turn = store.turns.claim(asks[3].key)
    assert turn is not None
    store.turns.finish(asks[3].key, turn.fence, a_failure(asks[3]), None)
    assert store.turns.unfinished() == asks[:2]
    assert store.turns_of("second").unfinished() == asks[:2]


async def test_deltas_are_swept_ten_minutes_after_the_end(store: Store) -> None:
    turns = store.turns
    ended, running = an_ask(), an_ask()
    for ask in (ended, running):
        accept(turns, ask)
        turn = turns.claim(ask.key)
        assert turn is not None
        await turns.append(ask.key, turn.fence, some_deltas("a", "b"))
    turns.finish(ended.key, 1, a_failure(ended), None)
    store.pass_seconds(9 * 60)
    turns.sweep()
    assert len(turns.deltas(ended.key, after=-1)) == 2
    store.pass_seconds(2 * 60)
    turns.sweep()
    assert turns.deltas(ended.key, after=-1) == []
    assert len(turns.deltas(running.key, after=-1)) == 2
