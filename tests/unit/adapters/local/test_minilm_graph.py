"""The graphs that our code writes over the weights."""

from collections import Counter
from pathlib import Path
from typing import get_args

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from kosha.adapters.local.minilm_graph import LAYERS, Precision, make_graph, read_header
from kosha.adapters.local.rounded import GREATEST
from kosha.adapters.local.weights import WEIGHTS_FILE, Weights, find_weights

PRODUCTS = 6 * LAYERS  # query, key, value, their mixture, and two of the wide layer
LEFT_OUT = {"embeddings.position_ids", "pooler.dense.bias", "pooler.dense.weight"}


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = find_weights(folder=None, cache=tmp_path_factory.mktemp("none"), may_download=False)
    assert isinstance(found, Weights)
    return found.folder / WEIGHTS_FILE


@pytest.fixture(scope="module")
def int8_graph(weights_file: Path) -> onnx.GraphProto:
    return onnx.load_from_string(make_graph(weights_file, "int8")).graph


def test_the_float32_graph_is_small_and_well_formed(weights_file: Path) -> None:
    graph = make_graph(weights_file, "float32")
    assert len(graph) < 120_000
    inferred = onnx.shape_inference.infer_shapes(onnx.load_from_string(graph), check_type=True, strict_mode=True)
    shapes = {
        output.name: [side.dim_param or side.dim_value for side in output.type.tensor_type.shape.dim]
        for output in inferred.graph.output
    }
    assert shapes == {"embedding": ["texts", 384], "token_vectors": ["texts", "tokens", 32]}


def test_the_float32_graph_uses_every_weight_of_the_sentence_model(weights_file: Path) -> None:
    used = {tensor.name for tensor in onnx.load_from_string(make_graph(weights_file, "float32")).graph.initializer}
    assert {name for name in read_header(weights_file) if name not in used} == LEFT_OUT


def test_the_int8_graph_uses_every_weight_too_each_matrix_as_codes(
    weights_file: Path, int8_graph: onnx.GraphProto
) -> None:
    used = {tensor.name.replace(".codes", ".weight") for tensor in int8_graph.initializer}
    assert {name for name in read_header(weights_file) if name not in used} == LEFT_OUT


def test_all_products_with_weights_are_of_whole_numbers_in_int8(int8_graph: onnx.GraphProto) -> None:
    operators = Counter(node.op_type for node in int8_graph.node)
    assert operators["MatMulIntegerToFloat"] == PRODUCTS
    assert operators["Gemm"] == 0


def test_query_key_and_value_share_their_rounded_input(int8_graph: onnx.GraphProto) -> None:
    operators = Counter(node.op_type for node in int8_graph.node)
    assert operators["QuantizeLinear"] == 4 * LAYERS


def test_the_codes_leave_room_for_processors_that_add_in_16_bits(int8_graph: onnx.GraphProto) -> None:
    codes = [numpy_helper.to_array(one) for one in int8_graph.initializer if one.name.endswith(".codes")]
    assert len(codes) == PRODUCTS
    assert max(int(np.abs(code).max()) for code in codes) == GREATEST


@pytest.mark.parametrize("precision", get_args(Precision))
def test_a_graph_is_the_same_each_time_it_is_made(weights_file: Path, precision: Precision) -> None:
    assert make_graph(weights_file, precision) == make_graph(weights_file, precision)
