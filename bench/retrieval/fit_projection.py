"""Fits the projection of token vectors: `python -m bench.retrieval.fit_projection TEXTS.txt ... --into FILE.npy`.

Each file is cut into pieces of 1,000 characters, at most `--pieces` of them at random. The first principal components
of the tokens' unit vectors, about the origin, become the columns; standard output tells their share of the whole.
"""

import argparse
import importlib
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kosha.adapters.local.minilm import MARKS, WINDOW_TOKENS
from kosha.adapters.local.minilm_graph import DIMENSIONS, make_graph
from kosha.adapters.local.token_choice import CLASSIFY, SEPARATE
from kosha.adapters.local.token_projection import TOKEN_DIMENSIONS
from kosha.adapters.local.weights import TOKENIZER_FILE, WEIGHTS_FILE, NoWeights, find_weights

PIECE_CHARACTERS = 1000


def main() -> None:
    """Fit, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--pieces", type=int, default=500, help="of each file, at most")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        weights = find_weights(folder=None, cache=Path(cache), may_download=False)
    if isinstance(weights, NoWeights):
        raise SystemExit(weights.reason)
    moments, tokens = np.zeros((DIMENSIONS, DIMENSIONS)), 0
    for vectors in _token_vectors(_pieces(arguments.files, arguments.pieces), weights.folder):
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        moments += unit.T @ unit
        tokens += len(unit)
    shares, directions = np.linalg.eigh(moments)
    kept = directions[:, ::-1][:, :TOKEN_DIMENSIONS]
    np.save(arguments.into, kept.astype(np.float16))
    share = float(shares[::-1][:TOKEN_DIMENSIONS].sum() / shares.sum())
    json.dump({"tokens": tokens, "share": round(share, 3)}, sys.stdout)
    print()


def _pieces(files: Sequence[Path], limit: int) -> Iterator[str]:
    chance = random.Random(1)
    for file in files:
        text = file.read_text(encoding="utf-8")
        pieces = [text[start : start + PIECE_CHARACTERS] for start in range(0, len(text), PIECE_CHARACTERS)]
        yield from chance.sample(pieces, min(limit, len(pieces)))


def _token_vectors(texts: Iterator[str], folder: Path) -> Iterator[NDArray[np.float32]]:
    """Of each text, the last layer's vectors of its tokens, (tokens, 384), without the marks."""
    model = onnx.load_from_string(make_graph(folder / WEIGHTS_FILE, "float32"))
    [hidden] = [node.input[0] for node in model.graph.node if "token_projection" in node.input]
    model.graph.output.append(onnx.helper.make_tensor_value_info(hidden, onnx.TensorProto.FLOAT, None))
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    session = runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    for text in texts:
        own = tokenizer.encode(text, add_special_tokens=False).ids[: WINDOW_TOKENS - MARKS]
        ids = np.array([[CLASSIFY, *own, SEPARATE]], np.int64)
        [vectors] = session.run([hidden], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        yield vectors[1:-1]


if __name__ == "__main__":
    main()
