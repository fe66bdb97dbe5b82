"""Token frames in DynamoDB: which count, and how long they live."""

import pytest
from tests.contracts.aws import DynamoStore
from tests.contracts.examples import a_failure, an_ask, some_deltas
from tests.unit.adapters.aws.calls import Interrupted, NotedCalls, on

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.items import marshalled
from kosha.errors import LostLease
from kosha.model.turn import Ask, TurnKey
from kosha.ports import Beat


def claimed(store: DynamoStore) -> Ask:
    ask = an_ask()
    store.turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    assert store.turns.claim(ask.key) is not None
    return ask


def values(store: DynamoStore, key: TurnKey) -> list[str]:
    return [delta.value for delta in store.turns.deltas(key, after=-1)]


async def test_a_frame_of_a_holder_who_lost_the_turn_meanwhile_never_counts(store: DynamoStore) -> None:
    ask = claimed(store)
    await store.turns.append(ask.key, 1, some_deltas("You "))

    def take_over() -> None:
        store.pass_seconds(16)
        assert store.turns.claim(ask.key) is not None

    old = on(store, Interrupted(store.client, 1, take_over))  # after its frame is put, before it is counted
    with pytest.raises(LostLease):
        await old.turns.append(ask.key, 1, some_deltas("old", start=1))
    assert values(store, ask.key) == ["You "]
    await store.turns.append(ask.key, 2, some_deltas("have", start=1))
    assert values(store, ask.key) == ["You ", "have"]


async def test_frames_that_are_counted_again_late_take_nothing_back(store: DynamoStore) -> None:
    ask = claimed(store)
    for deltas in (some_deltas("a"), some_deltas("b", start=1), some_deltas("a")):
        await store.turns.append(ask.key, 1, deltas)
    assert values(store, ask.key) == ["a", "b"]


async def test_ten_thousand_frames_are_in_order(store: DynamoStore) -> None:
    ask = claimed(store)
    for sequence in (9, 99, 9_999, 10_000):
        await store.turns.append(ask.key, 1, some_deltas(str(sequence), start=sequence))
    assert values(store, ask.key) == ["9", "99", "9999", "10000"]
    assert [delta.sequence for delta in store.turns.deltas(ask.key, after=99)] == [9_999, 10_000]


async def test_a_frame_goes_by_itself_after_a_day(store: DynamoStore) -> None:
    ask = claimed(store)
    await store.turns.append(ask.key, 1, some_deltas("a"))
    key = marshalled(keys.delta(ask.key, 0, 1))
    item = store.client.get_item(TableName="turns", Key=key)["Item"]
    assert int(item["expires_at"]["N"]) - store.clock().timestamp() == pytest.approx(24 * 3600, abs=60)


async def test_an_append_is_two_small_writes(store: DynamoStore) -> None:
    ask = an_ask(text="x" * 20_000)
    store.turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    store.turns.claim(ask.key)
    noted = NotedCalls(store.client)
    await on(store, noted).turns.append(ask.key, 1, some_deltas("a"))
    assert [name for name, _, _ in noted.calls] == ["put_item", "update_item"]
    assert len(str(noted.calls[1][2]["Attributes"])) < 1_000  # what an update is billed by


async def test_a_beat_tells_who_follows(store: DynamoStore) -> None:
    ask = claimed(store)
    assert (await store.turns.append(ask.key, 1, [])) == Beat(False)
    assert store.turns.follow(ask.key, "L0SM9cOFvHcCIhw=", 4)
    assert store.turns.follow(ask.key, "other#", -1)
    beat = await store.turns.append(ask.key, 1, some_deltas("a"))
    assert beat.followers == {"L0SM9cOFvHcCIhw=": 4, "other#": -1}


def test_nobody_follows_a_turn_that_ended_or_is_not_there(store: DynamoStore) -> None:
    ask = claimed(store)
    store.turns.finish(ask.key, 1, a_failure(ask), None)
    assert not store.turns.follow(ask.key, "one", -1)
    assert not store.turns.follow(TurnKey("ada", "nothing"), "one", -1)
