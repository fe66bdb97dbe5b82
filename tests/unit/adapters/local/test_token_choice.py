"""Which tokens of a text are kept."""

import numpy as np
import pytest

from kosha.adapters.local.token_choice import CLASSIFY, SEPARATE, TOKENS_LIMIT, Window, chosen_tokens, read_vocabulary
from kosha.ports import Kind, Vectors

WORDS = {
    "[PAD]": 0,
    "[CLS]": CLASSIFY,
    "[SEP]": SEPARATE,
    "the": 1,
    "leave": 2,
    "days": 3,
    ",": 4,
    "##s": 5,
    "[UNK]": 6,
}
VOCABULARY = read_vocabulary(WORDS)


def window(row: int, *words: str, known: int = 0) -> Window:
    return Window(row, [CLASSIFY, *(WORDS[word] for word in words), SEPARATE], known)


def results_of(batch: list[Window]) -> Vectors:
    """Each token along the axis of its id; what pads is as long as anything else."""
    vectors = np.ones((len(batch), max(len(one.ids) for one in batch), 200), np.float32)
    for row, one in enumerate(batch):
        vectors[row, : len(one.ids)] = 3 * np.eye(200, dtype=np.float32)[one.ids]
    return vectors


def kept(*batches: list[Window], texts: int = 1) -> list[list[int]]:
    """The ids of each text's tokens."""
    found = chosen_tokens(batches, map(results_of, batches), VOCABULARY, texts, "passage")
    return [tokens.argmax(axis=1).tolist() if len(tokens) else [] for tokens in found]


def test_stop_words_punctuation_and_marks_are_left_out() -> None:
    assert kept([window(0, "the", "leave", ",", "days", "##s", "[UNK]")]) == [[2, 3, 5]]


def test_texts_of_different_batches_come_in_their_order() -> None:
    assert kept([window(1, "days"), window(0, "leave", "days")], [window(2, "leave")], texts=3) == [[2, 3], [3], [2]]


def test_what_two_windows_of_a_text_share_is_kept_once() -> None:
    assert kept([window(0, "leave", "days"), window(0, "days", "##s", known=1)]) == [[2, 3, 5]]


@pytest.mark.parametrize("words", [(), ("the", ",")], ids=["empty", "stop words"])
def test_a_text_without_telling_words_has_no_tokens(words: tuple[str, ...]) -> None:
    assert kept([window(0, *words)]) == [[]]


def test_a_long_text_has_no_more_than_a_bound() -> None:
    [tokens] = kept([window(0, *["leave"] * (TOKENS_LIMIT + 40))])
    assert len(tokens) == TOKENS_LIMIT


@pytest.mark.parametrize(("kind", "codes"), [("passage", [127, 127]), ("query", [64, 127])])
def test_words_of_a_question_keep_their_weights(kind: Kind, codes: list[int]) -> None:
    batch = [window(0, "leave", "days")]
    results = results_of(batch) * np.array([1, 1, 2, 1], np.float32)[None, :, None]
    [tokens] = chosen_tokens([batch], [results], VOCABULARY, 1, kind)
    assert tokens.max(axis=1).tolist() == codes
