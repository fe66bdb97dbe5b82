"""Words out of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kosha.adapters.postgres.keywords import asked, counted, dictionaries, storable, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Cat's 25 mats, v2.3!", ["the", "cat", "s", "25", "mats", "v2", "3", "v2.3"]),
        ("Résumé naïve Ångström", ["resume", "naive", "angstrom"]),
        ("Straße ﬁne ①", ["strasse", "fine", "1"]),
        ("E-117 foo_bar", ["e", "117", "foo", "bar", "e-117", "foo_bar"]),
        ("ERR_42. See §21A, C2065", ["err", "42", "see", "21a", "c2065", "err_42"]),
        ("a well-known and/or so-called U.S.", ["a", "well", "known", "and", "or", "so", "called", "u", "s"]),
        (f"x/{'a1/' * 20}", ["x", *["a1"] * 20]),
        ("ภาษาไทย", ["ภ", "า", "ษ", "า", "ไ", "ท", "ย", "ภา", "าษ", "ษา", "าไ", "ไท", "ทย"]),
        ("Kosha รุ่น2 と東京", ["kosha", "ร", "ุ", "่", "น", "รุ", "ุ่", "่น", "2", "と", "東", "京", "と東", "東京"]),
        ("東京", ["東", "京", "東京"]),
        ("Kyoto京都2024", ["kyoto", "京", "都", "京都", "2024"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("كِتَاب", ["كتاب"]),
        ("", []),
        ("\0 \ud800 🙂 --- ''", []),
    ],
)
def test_text_becomes_words(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_a_question_has_pairs_where_there_are_pairs() -> None:
    assert asked("東京 猫 cat cat", limit=10) == ["東京", "猫", "cat"]


def test_a_question_has_a_limit() -> None:
    assert asked(" ".join(f"w{number}" for number in range(100)), limit=3) == ["w0", "w1", "w2"]


def test_words_of_several_texts_are_counted_together() -> None:
    assert counted("leave days", None, "Leave") == {"leave": 2, "days": 1}


@given(st.text(max_size=200))
def test_whatever_the_text_its_words_can_be_kept(text: str) -> None:
    for word in tokens(text):
        assert 0 < len(word) <= 64
        assert storable(word) == word


@given(st.text(max_size=100))
def test_what_is_asked_is_among_what_is_kept(text: str) -> None:
    assert set(asked(text, limit=1000)) <= set(tokens(text))


def test_a_language_without_a_stemmer_keeps_its_words() -> None:
    assert dictionaries(("en", "de")) == ["pg_catalog.english_stem", "pg_catalog.german_stem"]
    assert dictionaries(("ja", "xx")) == ["pg_catalog.simple"]
