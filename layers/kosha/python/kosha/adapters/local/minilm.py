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

from kosha.adapters.local.fluency import fluency
from kosha.adapters.local.gathered import Gathered
from kosha.adapters.local.kept_graph import kept_graph
from kosha.adapters.local.minilm_graph import DIMENSIONS, Precision
from kosha.adapters.local.token_choice import (
    CLASSIFY,
    MARKS,
    SEPARATE,
    Vocabulary,
    Window,
    chosen_tokens,
    read_vocabulary,
)
from kosha.adapters.local.token_projection import TOKEN_DIMENSIONS
from kosha.adapters.local.weights import MODEL_NAME, TOKENIZER_FILE, WEIGHTS_FILE, Weights
from kosha.adapters.pooling import pooled
from kosha.ports import Embedded, Kind, TokenVectors, Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WINDOW_TOKENS = 256  # what the model was tuned on, the two marks around a text included
OVERLAP_TOKENS = 32
# Padded tokens in one run of the model. Measured on two cores with texts of 8-256 tokens (2026-11): 256 gives as many
# tokens a second as any other size and 124 MB resident; 4,096 takes 420 MB and is slower, for it leaves the cache.
BATCH_TOKENS = 256
# Padding in one run, over all its texts. A run costs as much as 8 to 10 tokens before it has read one, so that short
# texts are cheaper apart from a long one: 2.1 ms of CPU a question instead of 2.7 for 16 of 8 to 40 tokens (2026-11).
PADDING_TOKENS = 16
# Runs side by side, each on one core: as fast as one run on two cores when the machine is quiet, and half as fast again
# when something else (chats, PostgreSQL) wants a core, since no run waits for its other half.
THREADS = 2
REMEMBERED_QUERIES = 2000  # 4 MB
# Vectors of passages stay for years and are made in the background; one of a question is used once, while people wait.
# Rounded, a question costs half, a passage two thirds, and both rank as well (docs/quality.md).
PRECISION: Mapping[Kind, Precision] = {"passage": "mixed", "query": "int8"}


class Session(Protocol):
    """What we use of onnxruntime.InferenceSession, which comes without types."""

    def run(self, outputs: list[str], inputs: dict[str, NDArray[np.int64]]) -> list[Vectors]: ...


class Read(NamedTuple):
    """What the model makes of one text: float32 (384,) and its telling tokens."""

    vector: Vectors
    token_vectors: TokenVectors
    fluency: float


class MiniLmEmbedder:
    """Fits the port TokenEmbedder. Safe to call from many threads; at most `threads` runs of the model at a time.

    Loads what it needs at first use: about 0.1 s and 30 MB for queries, 0.1 s and 50 MB for passages.
    A text longer than the window is embedded window by window, never cut.
    """

    provider = "kosha"
    name = MODEL_NAME
    dimensions = DIMENSIONS
    token_dimensions = TOKEN_DIMENSIONS
    window_tokens = WINDOW_TOKENS

    def __init__(
        self,
        weights: Weights,
        *,
        cache: Path,
        threads: int = THREADS,
        precision: Mapping[Kind, Precision] = PRECISION,
    ) -> None:
        """`cache` is a folder for the graphs (20 MB); the weights stay where they are."""
        self._weights = weights
        self._cache = cache
        self._precision = precision
        self._threads = threads
        self._loading = threading.Lock()
        self._tokenizer: Tokenizer | None = None
        self._vocabulary: Vocabulary | None = None
        self._sessions: dict[Precision, Session] = {}
        # More runs than cores would only slow each other down: who comes first is done first.
        self._slots = threading.BoundedSemaphore(threads)
        self._runners = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="minilm")
        self._queries = _Remembered(REMEMBERED_QUERIES)
        self._together = Gathered(self._read_queries, at_once=threads)

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """float32 (len(texts), 384), rows of unit length, in the order of the texts."""
        return self.embed_tokens(texts, kind=kind).vectors

    def embed_tokens(self, texts: Sequence[str], *, kind: Kind) -> Embedded:
        """The vectors of the texts and of their tokens, without those that say little by themselves.

        The model knows no difference between queries and passages. Ours: a query is computed in int8 (cosine to float32
        about .996), with the queries that wait beside it, and its vectors are remembered.
        """
        if kind == "passage":
            return self._compute(texts, kind=kind)
        known = {text: self._queries.get(text) for text in texts}
        fresh = [text for text, read in known.items() if read is None]
        made = self._together.compute(fresh)
        reads = known | {text: self._queries.put(text, read) for text, read in zip(fresh, made, strict=True)}
        found = [read for text in texts if (read := reads[text]) is not None]
        vectors = np.array([read.vector for read in found], np.float32).reshape(-1, DIMENSIONS)
        return Embedded(vectors, [read.token_vectors for read in found], [read.fluency for read in found])

    def tokens(self, text: str) -> int:
        """Word pieces of the text with the two marks around it: it fits if this is at most `window_tokens`."""
        return len(self._load_tokenizer().encode_batch_fast([text], add_special_tokens=False)[0]) + MARKS

    def _read_queries(self, texts: Sequence[str]) -> list[Read]:
        made = self._compute(texts, kind="query")
        return [Read(vector.copy(), tokens, fluent) for vector, tokens, fluent in zip(*made, strict=True)]

    def _compute(self, texts: Sequence[str], *, kind: Kind) -> Embedded:
        if not texts:
            return Embedded(np.zeros((0, DIMENSIONS), np.float32), [], [])
        vocabulary = self._load_vocabulary()
        encodings = self._load_tokenizer().encode_batch_fast(list(texts), add_special_tokens=False)
        windows = [window for row, encoding in enumerate(encodings) for window in _windows(row, encoding.ids)]
        batches = list(_batches(windows))
        run = partial(self._run, self._precision[kind])
        results = map(run, batches) if len(batches) == 1 else self._runners.map(run, batches)
        parts, tokens = zip(*results, strict=True)
        embedded = [window for batch in batches for window in batch]  # in the order of `parts`
        rows, lengths = [window.row for window in embedded], [len(window.ids) for window in embedded]
        vectors = pooled(np.concatenate(parts), rows, lengths, len(texts))
        pieces = [int(vocabulary.has_letters[encoding.ids].sum()) for encoding in encodings]
        fluent = [fluency(text, count) for text, count in zip(texts, pieces, strict=True)]
        return Embedded(vectors, chosen_tokens(batches, tokens, vocabulary, len(texts), kind), fluent)

    def _run(self, precision: Precision, batch: list[Window]) -> tuple[Vectors, Vectors]:
        """The model on one batch, padded to its longest window: (windows, 384) and (windows, tokens, 32)."""
        ids = np.zeros((len(batch), max(len(window.ids) for window in batch)), np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(batch):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        session = self._load_session(precision)
        with self._slots:
            embedded, tokens = session.run(["embedding", "token_vectors"], {"input_ids": ids, "attention_mask": mask})
        return embedded, tokens

    def _load_tokenizer(self) -> "Tokenizer":
        with self._loading:
            if self._tokenizer is None:
                from tokenizers import Tokenizer

                self._tokenizer = Tokenizer.from_file(str(self._weights.folder / TOKENIZER_FILE))
                self._tokenizer.no_padding()  # the file asks for 128 tokens, cut and filled
                self._tokenizer.no_truncation()
            return self._tokenizer

    def _load_vocabulary(self) -> Vocabulary:
        tokenizer = self._load_tokenizer()
        with self._loading:
            if self._vocabulary is None:
                self._vocabulary = read_vocabulary(tokenizer.get_vocab())
            return self._vocabulary

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


def _windows(row: int, ids: list[int]) -> Iterator[Window]:
    """A text's word pieces in windows that overlap a little, each with the marks the model expects."""
    room = WINDOW_TOKENS - MARKS
    for start in range(0, max(1, len(ids) - OVERLAP_TOKENS), room - OVERLAP_TOKENS):
        marked = [CLASSIFY, *ids[start : start + room], SEPARATE]
        yield Window(row, marked, known=OVERLAP_TOKENS if start else 0)


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
    """What was read of the queries used last, at most `limit`; safe for many threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._reads: OrderedDict[str, Read] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> Read | None:
        with self._lock:
            if text in self._reads:
                self._reads.move_to_end(text)
            return self._reads.get(text)

    def put(self, text: str, read: Read) -> Read:
        """Keep and return it; the one used longest ago makes room."""
        with self._lock:
            self._reads[text] = read
            if len(self._reads) > self._limit:
                self._reads.popitem(last=False)
        return read
