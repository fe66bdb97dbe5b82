"""One resolver answers many callers at once, each with what is theirs."""

from concurrent.futures import ThreadPoolExecutor

from tests.house.machine import Machine


def test_callers_at_once_are_not_mixed_up(machine: Machine) -> None:
    people = [machine.person() for _ in range(8)]

    def who_am_i(number: int) -> bool:
        caller = people[number % len(people)]
        return machine.call("GET", "/me", by=caller).json["user"]["id"] == caller.user.id

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(who_am_i, range(800)))
