"""Calls that arrive together are computed together, and each gets its own rows."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from kosha.adapters.local.gathered import TEXTS_AT_ONCE, Gathered


def lengths(texts: Sequence[str]) -> list[list[int]]:
    """A row a text that tells it from the others."""
    return [[len(text)] for text in texts]


def test_each_caller_gets_the_rows_of_its_own_texts() -> None:
    gathered = Gathered(lengths, at_once=2)
    calls = [["x" * number, "y" * (number + 1)] for number in range(100)]
    with ThreadPoolExecutor(16) as callers:
        for call, rows in zip(calls, callers.map(gathered.compute, calls), strict=True):
            assert rows == [[len(call[0])], [len(call[1])]]


def test_those_who_wait_are_computed_in_one_batch() -> None:
    begun, go = threading.Event(), threading.Event()
    batches: list[int] = []

    def slow(texts: Sequence[str]) -> list[list[int]]:
        batches.append(len(texts))
        begun.set()
        assert go.wait(10)
        return lengths(texts)

    gathered = Gathered(slow, at_once=1)
    with ThreadPoolExecutor(6) as callers:
        first = callers.submit(gathered.compute, ["first"])
        assert begun.wait(10)
        others = [callers.submit(gathered.compute, ["x" * number]) for number in range(1, 6)]
        while len(gathered._waiting) < 5:
            threading.Event().wait(0.001)
        go.set()
        assert first.result() == [[5]]
        assert [one.result() for one in others] == [[[number]] for number in range(1, 6)]
    assert batches == [1, 5]


def test_an_error_is_every_callers_and_the_next_call_works() -> None:
    fails = iter([True])

    def once_broken(texts: Sequence[str]) -> list[list[int]]:
        if next(fails, False):
            raise ValueError("broken")
        return lengths(texts)

    gathered = Gathered(once_broken, at_once=1)
    with pytest.raises(ValueError, match="broken"):
        gathered.compute(["a"])
    assert gathered.compute(["ab"]) == [[2]]


def test_no_text_needs_no_room_and_many_texts_go_at_once() -> None:
    gathered = Gathered(lengths, at_once=1)
    assert gathered.compute([]) == []
    assert len(gathered.compute(["a"] * (3 * TEXTS_AT_ONCE))) == 3 * TEXTS_AT_ONCE
