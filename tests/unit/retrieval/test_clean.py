"""What is searched of what a person typed or pasted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kosha.retrieval.clean import LIMIT_CHARACTERS, cleaned


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("How much leave?", "How much leave?"),
        ("  How\tmuch\r\n leave? ", "How much leave?"),
        ("How\x00 much\u200b leave\x1b?", "How much leave?"),
        ("-" * 32 + "\nHow much leave?\n" + "=" * 40, "How much leave?"),
        ("“How much leave?”", "How much leave?"),
        ("l’été n’est-ce pas", "l'été n'est-ce pas"),
        ("what does \u202eevael\u202c mean", "what does evael mean"),
        ("C++ and ERR_42 in v2.1.7?", "C++ and ERR_42 in v2.1.7?"),
        ("休暇は何日ですか", "休暇は何日ですか"),
        ("می‌خواهم", "می‌خواهم"),
    ],
)
def test_what_only_disturbs_goes_and_what_is_meant_stays(typed: str, searched: str) -> None:
    assert cleaned(typed) == searched


def test_of_an_address_its_words_stay_and_its_tracking_goes() -> None:
    typed = "why does https://docs.example.com/install/linux?id=ERR_42&utm_source=mail&fbclid=x fail?"
    assert cleaned(typed) == "why does docs.example.com install linux ERR_42 fail?"


@pytest.mark.parametrize("typed", ["", "   ", "-" * 40, "?!", "\x00", "🙂"])
def test_nothing_is_left_of_what_says_nothing(typed: str) -> None:
    assert cleaned(typed) == ""


def test_of_a_long_paste_the_question_is_kept_wherever_it_stands() -> None:
    paste = " ".join(f"Line {number} of the log says that all is well." for number in range(400))
    for typed in (f"Why did it stop? {paste}", f"{paste} Why did it stop?"):
        searched = cleaned(typed)
        assert "Why did it stop?" in searched
        assert len(searched) <= LIMIT_CHARACTERS


@given(st.text(max_size=6000))
def test_any_text_becomes_one_line_of_bounded_length_that_stays_as_it_is(typed: str) -> None:
    searched = cleaned(typed)
    assert len(searched) <= LIMIT_CHARACTERS
    assert searched == " ".join(searched.split())
