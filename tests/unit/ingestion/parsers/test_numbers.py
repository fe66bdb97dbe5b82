"""Whole numbers as files write them."""

import pytest

from kosha.ingestion.parsers.numbers import whole


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("12", 12), ("007", 7), ("٣", 3)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole(text, None) == number


@pytest.mark.parametrize("text", [None, "", " 1", "-1", "1.5", "two", "²", "9" * 5000])
def test_what_is_none_or_counts_nothing_in_a_file_is_the_default(text: str | None) -> None:
    assert whole(text, 1) == 1
    assert whole(text, None) is None
