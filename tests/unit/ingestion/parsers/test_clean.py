"""Text as it is kept."""

import pytest

from kosha.ingestion.parsers.clean import clean, one_line


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("e\u0301te\u0301", "été"),
        ("\u1112\u1161\u11ab", "한"),
        ("a \t\nb  \n", "a\nb\n"),
        ("a  b", "a  b"),
        ("\n\n\n\na", "\n\na"),
        ("\ud83d\ude00 \ud800", "😀 \ufffd"),
    ],
)
def test_text_is_composed_and_lines_end_in_words(text: str, kept: str) -> None:
    assert clean(text) == kept


def test_a_line_of_spaces_without_end_is_gone_over_once() -> None:
    spaces = " " * 1_000_000
    assert clean(f"a{spaces}b{spaces}\n") == f"a{spaces}b\n"
    assert one_line(f"a{spaces}b") == "a b"


def test_accents_without_end_are_put_in_order_piece_by_piece() -> None:
    accents = "\u0301\u0323" * 500_000
    cleaned = clean(f"Cafe\u0301 x{accents} e\u0301")
    assert (cleaned[:5], cleaned[-2:]) == ("Café ", " é")
    assert cleaned.count("\u0301") == 500_000


def test_a_long_line_of_signs_stays_as_it_is() -> None:
    assert clean("─" * 1000 + "é") == "─" * 1000 + "é"
