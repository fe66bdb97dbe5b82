"""The graph that our code writes over the weights."""

from pathlib import Path

import onnx
import pytest

from kosha.adapters.local.minilm_graph import cached_graph, make_graph, read_header
from kosha.adapters.local.weights import WEIGHTS_FILE, Weights, find_weights


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = find_weights(folder=None, cache=tmp_path_factory.mktemp("none"), may_download=False)
    assert isinstance(found, Weights)
    return found.folder / WEIGHTS_FILE


def test_the_graph_is_small_and_well_formed(weights_file: Path) -> None:
    graph = make_graph(weights_file)
    assert len(graph) < 40_000
    inferred = onnx.shape_inference.infer_shapes(onnx.load_from_string(graph), check_type=True, strict_mode=True)
    [embedding] = inferred.graph.output
    assert [side.dim_param or side.dim_value for side in embedding.type.tensor_type.shape.dim] == ["texts", 384]


def test_it_uses_every_weight_of_the_sentence_model(weights_file: Path) -> None:
    used = {tensor.name for tensor in onnx.load_from_string(make_graph(weights_file)).graph.initializer}
    left_out = {name for name in read_header(weights_file) if name not in used}
    assert left_out == {"embeddings.position_ids", "pooler.dense.bias", "pooler.dense.weight"}


def test_it_is_made_once_and_the_same_each_time(weights_file: Path, tmp_path: Path) -> None:
    cache = tmp_path / "models"
    made = cached_graph(weights_file, cache)
    [kept] = cache.iterdir()
    assert kept.read_bytes() == made == make_graph(weights_file)
    kept.write_bytes(b"as it was kept")
    assert cached_graph(weights_file, cache) == b"as it was kept"
