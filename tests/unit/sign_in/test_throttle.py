"""Guessing gets slower, and nobody is kept out for ever."""

import pytest
from tests.house.clock import Clock

from kosha.errors import TooManyRequests
from kosha.sign_in.throttle import BY_BOTH, BY_NAME, Throttle


@pytest.fixture
def clock() -> Clock:
    return Clock(0.0)


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock)


def wait_of(throttle: Throttle, name: str = "ada", address: str = "10.0.0.1") -> int:
    """Seconds until the next attempt; 0 where it was let through (and failed)."""
    try:
        throttle.begin(name, address)
    except TooManyRequests as error:
        return error.retry_after_seconds
    return 0


def fail(throttle: Throttle, clock: Clock, times: int, name: str = "ada", address: str = "10.0.0.1") -> None:
    for _ in range(times):
        while wait := wait_of(throttle, name, address):
            clock.now += wait


def test_a_few_failures_are_free(throttle: Throttle) -> None:
    assert [wait_of(throttle) for _ in range(5)] == [0] * 5
    assert wait_of(throttle) > 0


def test_each_failure_doubles_the_wait_up_to_fifteen_minutes(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, clock, 5)
    waits = []
    for _ in range(14):
        waits.append(wait_of(throttle))
        clock.now += waits[-1]
        assert wait_of(throttle) == 0
    assert waits[:4] == [2, 3, 5, 9]
    assert waits == sorted(waits)
    assert waits[-1] == BY_BOTH.limit_seconds + 1


def test_the_right_password_forgives(throttle: Throttle) -> None:
    for _ in range(20):
        assert wait_of(throttle) == 0
        throttle.succeed("ada", "10.0.0.1")


def test_somebody_who_fails_for_a_name_does_not_keep_it_from_another_address(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, clock, 40, address="10.6.6.6")
    assert wait_of(throttle, address="10.0.0.1") == 0


def test_even_a_name_that_is_guessed_from_everywhere_waits_for_seconds_only(throttle: Throttle, clock: Clock) -> None:
    for number in range(400):
        fail(throttle, clock, 1, address=f"10.6.{number // 256}.{number % 256}")
    assert 0 < wait_of(throttle, address="10.0.0.1") <= BY_NAME.limit_seconds + 1


def test_one_address_cannot_try_many_names(throttle: Throttle) -> None:
    outcomes = [wait_of(throttle, name=f"user{number}") for number in range(40)]
    assert outcomes[:30] == [0] * 30
    assert all(wait > 0 for wait in outcomes[30:])


def test_attempts_at_once_count_before_they_are_decided(throttle: Throttle) -> None:
    assert sum(wait_of(throttle) == 0 for _ in range(50)) == 5


def test_failures_are_forgotten_after_an_hour(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, clock, 12)
    clock.now += 3601
    assert [wait_of(throttle) for _ in range(5)] == [0] * 5


def test_memory_stays_bounded(throttle: Throttle) -> None:
    for number in range(30_000):
        wait_of(throttle, name=f"n{number}", address=f"a{number}")
    assert len(throttle._records) <= 20_000
