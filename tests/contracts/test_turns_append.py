"""The contract of `Turns.append`: many answers at once, each frame kept once, whatever happens to the database."""

import asyncio
import os
import signal

import pytest
from tests.contracts.examples import a_failure, an_ask, some_deltas
from tests.contracts.store import PostgresStore, Store

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.postgres.database import Connection
from kosha.errors import LostLease
from kosha.model.turn import Ask, Delta
from kosha.ports import Beat, Turns

LEASE_SECONDS = 15


def claimed(turns: Turns) -> Ask:
    """A question whose turn is held under fence 1."""
    ask = an_ask()
    turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    assert turns.claim(ask.key) is not None
    return ask


async def test_deltas_come_back_in_order_above_a_number(store: Store) -> None:
    turns = store.turns
    ask = claimed(turns)
    await turns.append(ask.key, 1, some_deltas("You ", "have ", "25 "))
    await turns.append(ask.key, 1, some_deltas("days 🙂\x00", start=3))
    assert [delta.value for delta in turns.deltas(ask.key, after=-1)] == ["You ", "have ", "25 ", "days 🙂\ufffd"]
    assert turns.deltas(ask.key, after=2) == [Delta(3, "run-1", "days 🙂\ufffd")]
    assert turns.get(ask.key).next_sequence == 4


async def test_a_frame_that_is_sent_again_is_kept_once(store: Store) -> None:
    turns = store.turns
    ask = claimed(turns)
    for _ in range(2):
        await turns.append(ask.key, 1, some_deltas("a", "b"))
    assert [delta.value for delta in turns.deltas(ask.key, after=-1)] == ["a", "b"]
    assert turns.get(ask.key).next_sequence == 2


async def test_the_next_holder_goes_on_with_the_next_number(store: Store) -> None:
    turns = store.turns
    ask = claimed(turns)
    await turns.append(ask.key, 1, some_deltas("a", "b"))
    store.pass_seconds(LEASE_SECONDS + 1)
    turn = store.turns_of("second").claim(ask.key)
    assert turn is not None
    assert turn.next_sequence == 2


async def test_a_heartbeat_renews_the_lease(store: Store) -> None:
    turns = store.turns
    ask = claimed(turns)
    store.pass_seconds(LEASE_SECONDS - 5)
    await turns.append(ask.key, 1, [])
    store.pass_seconds(LEASE_SECONDS - 5)
    assert store.turns_of("second").claim(ask.key) is None


async def test_who_lost_the_turn_is_told_and_keeps_nothing(store: Store) -> None:
    turns, second = store.turns, store.turns_of("second")
    ask = claimed(turns)
    store.pass_seconds(LEASE_SECONDS + 1)
    second.claim(ask.key)
    with pytest.raises(LostLease):
        await turns.append(ask.key, 1, some_deltas("old"))
    await second.append(ask.key, 2, some_deltas("new"))
    assert [delta.value for delta in turns.deltas(ask.key, after=-1)] == ["new"]


async def test_an_ended_turn_takes_no_frames(store: Store) -> None:
    turns = store.turns
    ask = claimed(turns)
    turns.finish(ask.key, 1, a_failure(ask), None)
    with pytest.raises(LostLease):
        await turns.append(ask.key, 1, some_deltas("late"))
    assert turns.deltas(ask.key, after=-1) == []


async def test_a_turn_that_nobody_claimed_takes_no_frames(store: Store) -> None:
    turns = store.turns
    ask = an_ask()
    turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    with pytest.raises(LostLease):
        await turns.append(ask.key, 0, some_deltas("early"))


async def test_appends_of_one_moment_fail_alone(store: Store) -> None:
    turns = store.turns
    asks = [claimed(turns) for _ in range(10)]
    turns.finish(asks[7].key, 1, a_failure(asks[7]), None)
    turns.request_stop(asks[9].key)
    beats = await asyncio.gather(
        *(turns.append(ask.key, 1, some_deltas(ask.message_id)) for ask in asks),
        *(turns.append(ask.key, 1, []) for ask in asks),
        return_exceptions=True,
    )
    for half in (beats[:10], beats[10:]):
        assert isinstance(half[7], LostLease)
        beaten = [beat for beat in half if isinstance(beat, Beat)]
        assert [beat.stop_requested for beat in beaten] == [False] * 8 + [True]
    assert [delta.value for delta in turns.deltas(asks[8].key, after=-1)] == [asks[8].message_id]


async def test_appends_of_one_moment_go_in_few_transactions(postgres: PostgresStore) -> None:
    turns = postgres.turns
    asks = [claimed(turns) for _ in range(50)]
    before = transactions(postgres)
    await asyncio.gather(
        *(turns.append(ask.key, 1, some_deltas(ask.message_id)) for ask in asks),
        *(turns.append(ask.key, 1, []) for ask in asks),
    )
    assert transactions(postgres) == before + 1


def transactions(postgres: PostgresStore) -> int:
    """How many flushes wrote deltas so far: rows of one transaction bear its number."""

    def work(connection: Connection) -> int:
        row = connection.execute("select count(distinct xmin::text) from kosha.turn_deltas").fetchone()
        assert row is not None
        return row[0]

    return postgres.database.run(work)


async def test_a_caller_who_goes_away_takes_nobody_with_him(store: Store) -> None:
    turns = store.turns
    first, second = claimed(turns), claimed(turns)
    leaving = asyncio.create_task(turns.append(first.key, 1, some_deltas("a")))
    staying = asyncio.create_task(turns.append(second.key, 1, some_deltas("b")))
    await asyncio.sleep(0)
    leaving.cancel()
    assert not (await staying).stop_requested
    assert leaving.cancelled()


async def test_no_frame_is_lost_or_doubled_when_postgresql_is_killed(
    postgres: PostgresStore, server: EmbeddedPostgres
) -> None:
    turns = postgres.turns
    asks = [claimed(turns) for _ in range(20)]
    frames = 60
    under_way = asyncio.Event()

    async def stream(ask: Ask) -> None:
        for sequence in range(frames):
            await turns.append(ask.key, 1, some_deltas(f"{sequence} ", start=sequence))
            if sequence == frames // 3:
                under_way.set()

    async def kill_twice() -> None:
        await under_way.wait()
        for _ in range(2):
            pid = server.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(server.wait_dead, 10)
            await asyncio.to_thread(server.start)

    await asyncio.gather(kill_twice(), *(stream(ask) for ask in asks))
    for ask in asks:
        assert [delta.sequence for delta in turns.deltas(ask.key, after=-1)] == list(range(frames))
