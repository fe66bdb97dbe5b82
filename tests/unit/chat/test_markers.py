"""MarkerGate: what comes out depends on the text alone, and no marker that does not resolve is ever shown."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kosha.chat.markers import MarkerGate

TEXTS = st.text(alphabet="[]123,; ab(\n9", max_size=120)
PASSAGES = 3


def shown(pieces: list[str], passages: int = PASSAGES) -> str:
    gate = MarkerGate(passages)
    return "".join(gate.feed(piece) for piece in pieces) + gate.close()


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[begin:end] for begin, end in pairwise(edges)]


@given(TEXTS, st.lists(st.integers(0, 200), max_size=12))
def test_the_pieces_a_text_comes_in_make_no_difference(text: str, places: list[int]) -> None:
    assert shown(cut(text, places)) == shown([text]) == shown(list(text))


@given(TEXTS)
def test_only_markers_of_passages_that_are_there_are_shown(text: str) -> None:
    markers = {int(number) for number in re.findall(r"\[(\d{1,3})\]", shown(list(text)))}
    assert markers <= set(range(1, PASSAGES + 1))


@given(TEXTS)
def test_nothing_is_held_back_for_long(text: str) -> None:
    gate = MarkerGate(PASSAGES)
    given_so_far, markers = "", re.compile(r"\[[\s\d,;]*\]")
    out = ""
    for character in text:
        given_so_far += character
        out += gate.feed(character)
        assert len(markers.sub("", given_so_far)) - len(markers.sub("", out)) < 40


@given(TEXTS)
def test_without_passages_nothing_is_a_marker(text: str) -> None:
    assert shown(list(text), passages=0) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Leave is 25 days [1].", "Leave is 25 days [1]."),
        ("Both [1, 3].", "Both [1][3]."),
        ("Both [1;3].", "Both [1][3]."),
        ("Spaced [ 2 ].", "Spaced [2]."),
        ("One of two [2, 9].", "One of two [2]."),
        ("Unknown [9].", "Unknown ."),
        ("None [0].", "None ."),
        ("Nested [[9]8].", "Nested [ 8]."),
        ("A case of [1999] 2 AC 1", "A case of [1999] 2 AC 1"),
        ("An index a[i] and a list [1, x]", "An index a[i] and a list [1, x]"),
        ("Cut off [1", "Cut off [1"),
        ("Never closed [" + "1, " * 30 + "1]", "Never closed [" + "1, " * 30 + "1]"),
        ("[the page](a.md) [2]", "[the page](a.md) [2]"),
    ],
)
def test_what_is_shown(text: str, expected: str) -> None:
    assert shown([text]) == shown(list(text)) == expected
