"""The model's graphs, kept on the disk once they are made: importing the onnx package to make one takes 0.2 s."""

import hashlib
import os
from pathlib import Path

from kosha.adapters.local.minilm_graph import GRAPH_VERSION, Precision, make_graph
from kosha.adapters.local.weights import SHA256, WEIGHTS_FILE

DIGEST_BYTES = hashlib.sha256().digest_size


def kept_graph(weights_file: Path, cache: Path, precision: Precision) -> bytes:
    """The serialised graph, from `cache` if it is there and whole; else it is made and kept there.

    Its file is named for all that its content depends on: precision, version of the graph, weights.
    """
    kept = cache / f"minilm-{precision}-{GRAPH_VERSION}-{SHA256[WEIGHTS_FILE][:8]}.graph"
    graph = _read_whole(kept)
    if graph is None:
        graph = make_graph(weights_file, precision)
        _keep(graph, kept)
    return graph


def _read_whole(kept: Path) -> bytes | None:
    """What stands behind the digest that opens the file; None if it is not there or another than the digest says."""
    try:
        content = kept.read_bytes()
    except FileNotFoundError:
        return None
    digest, graph = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    return graph if hashlib.sha256(graph).digest() == digest else None


def _keep(graph: bytes, kept: Path) -> None:
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = kept.with_name(f"{kept.name}.{os.getpid()}")  # server and worker may both be first
    with part.open("wb") as file:
        file.write(hashlib.sha256(graph).digest())
        file.write(graph)
        file.flush()
        os.fsync(file.fileno())
    part.replace(kept)
