"""The contract of the port `Schedules`."""

from datetime import timedelta

import pytest
from tests.contracts.examples import NOON, a_document, new_id
from tests.contracts.races import at_once
from tests.contracts.store import Store

from kosha.model.page import PageOf
from kosha.model.schedule import Schedule
from kosha.ports import Schedules

HOUR = timedelta(hours=1)


@pytest.fixture
def schedules(store: Store) -> Schedules:
    return store.schedules


def a_schedule(**fields: object) -> Schedule:
    plain = Schedule("document", new_id(), new_id(), every_minutes=60, due_at=NOON)
    return plain._replace(**fields)


def test_what_is_due_is_told_longest_ago_first(schedules: Schedules) -> None:
    late, now, later = a_schedule(due_at=NOON - HOUR), a_schedule(kind="source"), a_schedule(due_at=NOON + HOUR)
    for each in (now, later, late):
        schedules.put(each)
    assert schedules.due(NOON, 10) == [late, now]
    assert schedules.due(NOON, 1) == [late]


def test_a_later_wish_takes_the_place_of_the_one_before(schedules: Schedules) -> None:
    schedule = a_schedule()
    schedules.put(schedule)
    schedules.put(schedule._replace(every_minutes=5, due_at=NOON + HOUR))
    assert schedules.due(NOON, 10) == []
    assert schedules.due(NOON + HOUR, 10) == [schedule._replace(every_minutes=5, due_at=NOON + HOUR)]


def test_what_is_claimed_is_due_again_at_its_next_time(schedules: Schedules) -> None:
    schedule = a_schedule()
    schedules.put(schedule)
    assert schedules.claim(schedule, NOON + timedelta(minutes=150))
    assert schedules.due(NOON + timedelta(minutes=179), 10) == []
    [next_one] = schedules.due(NOON + timedelta(minutes=180), 10)
    assert next_one.due_at == NOON + timedelta(minutes=180)


def test_of_many_who_claim_at_once_one_gets_it(schedules: Schedules) -> None:
    schedule = a_schedule()
    schedules.put(schedule)
    claims = at_once([lambda: schedules.claim(schedule, NOON)] * 6)
    assert sorted(claims) == [False] * 5 + [True]


def test_what_was_changed_or_removed_meanwhile_is_not_claimed(schedules: Schedules) -> None:
    changed, removed = a_schedule(), a_schedule()
    schedules.put(changed._replace(every_minutes=5))
    assert not schedules.claim(changed, NOON)
    assert not schedules.claim(removed, NOON)


def test_what_is_removed_is_due_no_more(schedules: Schedules) -> None:
    schedule = a_schedule()
    schedules.put(schedule)
    schedules.remove("source", schedule.workspace_id, schedule.id)
    schedules.remove(schedule.kind, schedule.workspace_id, schedule.id)
    schedules.remove(schedule.kind, schedule.workspace_id, schedule.id)
    assert schedules.due(NOON, 10) == []


def test_a_schedule_is_no_document(store: Store) -> None:
    schedule = a_schedule()
    store.schedules.put(schedule)
    document = a_document(schedule.workspace_id, id=schedule.id)
    store.documents.add(document)
    assert list(store.documents.of(schedule.workspace_id, PageOf()).items) == [document]
    assert store.documents.unfinished() == [document]
