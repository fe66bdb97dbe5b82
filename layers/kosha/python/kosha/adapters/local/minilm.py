"""The embedder that needs no account: all-MiniLM-L6-v2 on ONNX Runtime, on the processor, without torch."""

import importlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from kosha.adapters.local.gathered import Gathered
from kosha.adapters.local.kept_graph import kept_graph
from kosha.adapters.local.minilm_graph import DIMENSIONS, Precision
from kosha.adapters.local.weights import MODEL_NAME, TOKENIZER_FILE, WEIGHTS_FILE, Weights
from kosha.adapters.pooling import pooled
from kosha.ports import Kind, Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WINDOW_TOKENS = 256  # what the model was tuned on, the two marks around a text included
MARKS = 2
OVERLAP_TOKENS = 32
CLASSIFY, SEPARATE = 101, 102  # [CLS] and [SEP] of BERT's vocabulary
# Padded tokens in one run of the model. Measured on two cores with texts of 8-256 tokens (2026-11): 256 gives as many
# tokens a second as any other size and 124 MB resident; 4,096 takes 420 MB and is slower, for it leaves the cache.
BATCH_TOKENS = 256
# Padding in one run, over all its texts. A run costs as much as 8 to 10 tokens before it has read one, so that short
# texts are cheaper apart from a long one: 2.1 ms of CPU a question instead of 2.7 for 16 of 8 to 40 tokens (2026-11).
PADDING_TOKENS = 16
# Runs side by side, each on one core: as fast as one run on two cores when the machine is quiet, and half as fast again
# when something else (chats, PostgreSQL) wants a core, since no run waits for its other half.
THREADS = 2
REMEMBERED_QUERIES = 2000  # 3 MB
# Vectors of passages stay for years and are made in the background; one of a question is used once, while people wait.
# Rounded, it costs half, and ranks as well (docs/quality.md).
PRECISION: Mapping[Kind, Precision] = {"passage": "float32", "query": "int8"}


class Session(Protocol):
    """What we use of onnxruntime.InferenceSession, which comes without types."""

    def run(self, outputs: list[str], inputs: dict[str, NDArray[np.int64]]) -> list[Vectors]: ...


class Window(NamedTuple):
    """A piece of one text that the model takes at once."""

    row: int
    ids: list[int]


class MiniLmEmbedder:
    """Fits the port Embedder. Safe to call from many threads; at most `threads` runs of the model at a time.

    Loads what it needs at first use: about 0.1 s and 30 MB for queries, 0.1 s and 50 MB for passages.
    A text longer than the window is embedded window by window, never cut.
    """

    provider = "kosha"
    name = MODEL_NAME
    dimensions = DIMENSIONS
    window_tokens = WINDOW_TOKENS

    def __init__(self, weights: Weights, *, cache: Path, threads: int = THREADS) -> None:
        """`cache` is a folder for the graphs (11 MB); the weights stay where they are."""
        self._weights = weights
        self._cache = cache
        self._threads = threads
        self._loading = threading.Lock()
        self._tokenizer: Tokenizer | None = None
        self._sessions: dict[Precision, Session] = {}
        # More runs than cores would only slow each other down: who comes first is done first.
        self._slots = threading.BoundedSemaphore(threads)
        self._runners = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="minilm")
        self._queries = _Remembered(REMEMBERED_QUERIES)
        self._together = Gathered(partial(self._compute, kind="query"), at_once=threads)

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """float32 (len(texts), 384), rows of unit length, in the order of the texts.

        The model knows no difference between queries and passages. Ours: a query is computed in int8 (cosine to float32
        about .996), with the queries that wait beside it, and its vector is remembered.
        """
        if kind == "passage":
            return self._compute(texts, kind=kind)
        known = [self._queries.get(text) for text in texts]
        fresh = self._together.compute([text for text, vector in zip(texts, known, strict=True) if vector is None])
        rows = iter(fresh)
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        for row, (text, vector) in enumerate(zip(texts, known, strict=True)):
            vectors[row] = self._queries.put(text, next(rows).copy()) if vector is None else vector
        return vectors

    def tokens(self, text: str) -> int:
        """Word pieces of the text with the two marks around it: it fits if this is at most `window_tokens`."""
        return len(self._load_tokenizer().encode_batch_fast([text], add_special_tokens=False)[0]) + MARKS

    def _compute(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        encodings = self._load_tokenizer().encode_batch_fast(list(texts), add_special_tokens=False)
        windows = [Window(row, ids) for row, encoding in enumerate(encodings) for ids in _windows(encoding.ids)]
        batches = list(_batches(windows))
        run = partial(self._run, PRECISION[kind])
        results = map(run, batches) if len(batches) == 1 else self._runners.map(run, batches)
        parts = np.concatenate(list(results))
        embedded = [window for batch in batches for window in batch]  # in the order of `parts`
        return pooled(parts, [w.row for w in embedded], [len(w.ids) for w in embedded], len(texts))

    def _run(self, precision: Precision, batch: list[Window]) -> Vectors:
        """The model on one batch, padded to its longest window."""
        ids = np.zeros((len(batch), max(len(window.ids) for window in batch)), np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(batch):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        session = self._load_session(precision)
        with self._slots:
            [embedded] = session.run(["embedding"], {"input_ids": ids, "attention_mask": mask})
        return embedded

    def _load_tokenizer(self) -> "Tokenizer":
        with self._loading:
            if self._tokenizer is None:
                from tokenizers import Tokenizer

                self._tokenizer = Tokenizer.from_file(str(self._weights.folder / TOKENIZER_FILE))
                self._tokenizer.no_padding()  # the file asks for 128 tokens, cut and filled
                self._tokenizer.no_truncation()
            return self._tokenizer

    def _load_session(self, precision: Precision) -> Session:
        with self._loading:
            if precision not in self._sessions:
                self._sessions[precision] = _open_session(self._weights.folder, self._cache, precision)
            return self._sessions[precision]


def _open_session(weights_folder: Path, cache: Path, precision: Precision) -> Session:
    """A session on one core; weights that its graph does not hold are mapped from where they lie."""
    onnxruntime: Any = importlib.import_module("onnxruntime")  # here, because it takes 0.1 s
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    # The graph comes from memory, so this says which folder its external data is in; a link beside the graph is
    # refused by ONNX Runtime ("escapes model directory").
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(weights_folder))
    graph = kept_graph(weights_folder / WEIGHTS_FILE, cache, precision)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _windows(ids: list[int]) -> Iterator[list[int]]:
    """A text's word pieces in windows that overlap a little, each with the marks the model expects."""
    room = WINDOW_TOKENS - MARKS
    for start in range(0, max(1, len(ids) - OVERLAP_TOKENS), room - OVERLAP_TOKENS):
        yield [CLASSIFY, *ids[start : start + room], SEPARATE]


def _batches(windows: list[Window]) -> Iterator[list[Window]]:
    """Windows of like length together, the longest first, at most BATCH_TOKENS a batch, PADDING_TOKENS of them void."""
    batch: list[Window] = []
    text_tokens = 0
    for window in sorted(windows, key=lambda window: len(window.ids), reverse=True):
        padded = len(batch[0].ids) * (len(batch) + 1) if batch else 0
        if padded > BATCH_TOKENS or padded - text_tokens - len(window.ids) > PADDING_TOKENS:
            yield batch
            batch, text_tokens = [], 0
        batch.append(window)
        text_tokens += len(window.ids)
    if batch:
        yield batch


class _Remembered:
    """The vectors of the queries used last, at most `limit`; safe for many threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> Vectors | None:
        with self._lock:
            if text in self._vectors:
                self._vectors.move_to_end(text)
            return self._vectors.get(text)

    def put(self, text: str, vector: Vectors) -> Vectors:
        """Keep and return it; the one used longest ago makes room."""
        with self._lock:
            self._vectors[text] = vector
            if len(self._vectors) > self._limit:
                self._vectors.popitem(last=False)
        return vector
