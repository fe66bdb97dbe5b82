"""People who leave a pool that tells nobody: what they leave behind is found and forgotten, a little at a call."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from kosha.errors import NotFound, Unavailable
from kosha.model.user import User
from kosha.users import LOOKED_FOR_AT_ONCE, forget_those_who_left

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Kept:
    """Fits the port `Holdings`. calls: how often somebody must be forgotten until nothing is left."""

    def __init__(self, *user_ids: str, calls: int = 1) -> None:
        self.now = NOON
        self.seen_at = {user_id: NOON + timedelta(seconds=number) for number, user_id in enumerate(user_ids)}
        self.left = dict.fromkeys(user_ids, calls)

    def unseen(self, since: datetime, limit: int) -> list[str]:
        found = [user_id for user_id, moment in self.seen_at.items() if moment < since]
        return sorted(found, key=lambda user_id: self.seen_at[user_id])[:limit]

    def seen(self, user_id: str) -> None:
        self.seen_at[user_id] = self.now

    def forget_user(self, user_id: str) -> bool:
        self.left[user_id] -= 1
        if self.left[user_id]:
            return False
        del self.seen_at[user_id]
        return True


class Pool:
    """Who is there, as the port `Users` tells it."""

    def __init__(self, *user_ids: str) -> None:
        self.here = set(user_ids)
        self.is_busy = False

    def get(self, user_id: str) -> User:
        if self.is_busy:
            raise Unavailable("The pool is busy.")
        if user_id not in self.here:
            raise NotFound("user", user_id)
        return User(id=user_id, name=user_id, roles=("user",))


@dataclass
class Deployment:
    """Fits `PoolOfPeople`, as far as it is asked."""

    users: Pool
    holdings: list[Kept]
    time: datetime = field(default=NOON + timedelta(days=2))

    def now(self) -> datetime:
        return self.time

    def sweep(self) -> int:
        for holding in self.holdings:
            holding.now = self.time
        return forget_those_who_left(self)  # type: ignore[arg-type]


def test_who_left_is_forgotten_wherever_something_is_kept_and_who_is_there_is_not() -> None:
    deployment = Deployment(Pool("ada"), [Kept("ada", "bob"), Kept("bob", "ada")])
    assert deployment.sweep() == 2
    assert [list(holding.seen_at) for holding in deployment.holdings] == [["ada"], ["ada"]]


def test_who_was_seen_within_a_day_is_not_looked_for() -> None:
    deployment = Deployment(Pool(), [Kept("ada")], time=NOON + timedelta(hours=23))
    assert deployment.sweep() == 0
    assert "ada" in deployment.holdings[0].seen_at


def test_a_call_looks_for_a_few_and_the_next_one_goes_on() -> None:
    crowd = [f"user-{number:03d}" for number in range(2 * LOOKED_FOR_AT_ONCE)]
    deployment = Deployment(Pool(*crowd[:-1]), [Kept(*crowd)])
    assert [deployment.sweep(), deployment.sweep()] == [0, 1]
    assert list(deployment.holdings[0].seen_at) == crowd[:-1]


def test_who_has_much_is_forgotten_bit_by_bit() -> None:
    deployment = Deployment(Pool(), [Kept("ada", calls=3)])
    assert [deployment.sweep() for _ in range(4)] == [0, 0, 1, 0]


def test_while_the_pool_does_not_answer_nobody_is_forgotten() -> None:
    deployment = Deployment(Pool(), [Kept("ada")])
    deployment.users.is_busy = True
    with pytest.raises(Unavailable):
        deployment.sweep()
    assert deployment.holdings[0].left == {"ada": 1}
