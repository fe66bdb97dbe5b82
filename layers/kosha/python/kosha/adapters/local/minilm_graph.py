"""Writes the computation of all-MiniLM-L6-v2 as an ONNX graph over the safetensors file, without torch.

In float32 the graph names the weights as external data (file, offset, length): it has 20 kB, and the weights are
mapped, never copied. In int8 it holds the matrices itself, rounded: 11 MB instead of 42, and products of whole numbers.
Mixed, that is so of the feed-forward layers alone, which are two thirds of the work (docs/adr/0005).
Fused operators (MultiHeadAttention, SkipLayerNormalization, FastGelu) were no faster when written out, because nine
tenths of the time is matrix products (2026-11).
Source: Wang et al., MiniLM, 2020; Devlin et al., BERT, 2018; the pooling is sentence-transformers' mean.
"""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kosha.adapters.local.rounded import round_rows
from kosha.adapters.local.token_projection import TOKEN_DIMENSIONS, read_projection

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

LAYERS = 6
HEADS = 12
DIMENSIONS = 384
HEAD_DIMENSIONS = DIMENSIONS // HEADS
LAYER_NORM_EPSILON = 1e-12
OPSET = 20  # the first with Gelu
IR_VERSION = 9  # what ONNX paired with that opset
GRAPH_VERSION = 5  # raise it when a graph changes: it is part of the kept file's name
RUNTIME_DOMAIN = "com.microsoft"  # operators of ONNX Runtime itself
# Inputs of a matrix product in int8: 128 stands for zero, so that 1..255 are -127..127 steps.
ZERO_CODE = 128
STEPS = 127

Precision = Literal["float32", "mixed", "int8"]


class Tensor(NamedTuple):
    """Where a float32 tensor lies in the safetensors file."""

    shape: tuple[int, ...]
    offset: int
    length: int


def read_header(weights_file: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file: eight bytes of length, a JSON header, then the numbers."""
    with weights_file.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(header_bytes))
    header.pop("__metadata__", None)
    tensors: dict[str, Tensor] = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        tensors[name] = Tensor(tuple(entry["shape"]), 8 + header_bytes + start, end - start)
    return tensors


def make_graph(weights_file: Path, precision: Precision) -> bytes:
    """input_ids and attention_mask, int64 (texts, tokens) -> embedding and token_vectors, float32.

    embedding: (texts, 384), of unit length; token_vectors: (texts, tokens, 32), the last layer's, projected.
    precision: of the linear layers; everything else is computed in float32.
    """
    from onnx import TensorProto, helper

    build = {"float32": _Builder, "mixed": _MixedBuilder, "int8": _RoundingBuilder}[precision](weights_file)
    shape = build.node("Shape", "input_ids")
    mask = build.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    bias = _padding_bias(build, mask)
    heads_shape = build.node("Concat", shape, build.integers(HEADS, HEAD_DIMENSIONS), axis=0)
    hidden = _embed_tokens(build, shape)
    for layer in range(LAYERS):
        hidden = _layer(build, f"encoder.layer.{layer}", hidden, heads_shape, bias)
    _pool(build, hidden, shape, mask)
    _project(build, hidden, shape)
    graph = helper.make_graph(
        build.nodes,
        "all-MiniLM-L6-v2",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", DIMENSIONS]),
            helper.make_tensor_value_info("token_vectors", TensorProto.FLOAT, ["texts", "tokens", TOKEN_DIMENSIONS]),
        ],
        initializer=build.initializers,
    )
    operators = [helper.make_opsetid("", OPSET), helper.make_opsetid(RUNTIME_DOMAIN, 1)]
    model = helper.make_model(graph, opset_imports=operators, ir_version=IR_VERSION)
    return model.SerializeToString()


def _embed_tokens(build: "_Builder", shape: str) -> str:
    """(texts * tokens, 384): word + position + token type 0, normalised."""
    length = build.node("Slice", shape, build.integers(1), build.integers(2))
    positions = build.node(
        "Slice", build.weight("embeddings.position_embeddings.weight"), build.integers(0), length, build.integers(0)
    )
    words = build.node("Gather", build.weight("embeddings.word_embeddings.weight"), "input_ids")
    first_type = build.node("Gather", build.weight("embeddings.token_type_embeddings.weight"), build.integers(0))
    summed = build.node("Add", build.node("Add", words, positions), first_type)
    return build.normalise("embeddings.LayerNorm", build.node("Reshape", summed, build.integers(-1, DIMENSIONS)))


def _padding_bias(build: "_Builder", mask: str) -> str:
    """(texts, 1, 1, tokens): 0 where there is text, so low where there is padding that it gets no attention."""
    wide = build.node("Unsqueeze", mask, build.integers(1, 2))
    absent = build.node("Sub", build.number(1.0), wide)
    return build.node("Mul", absent, build.number(-1e9))


def _layer(build: "_Builder", name: str, hidden: str, heads_shape: str, bias: str) -> str:
    """One transformer layer on (texts * tokens, 384)."""
    attended = build.linear(f"{name}.attention.output.dense", _attend(build, name, hidden, heads_shape, bias))
    middle = build.normalise(f"{name}.attention.output.LayerNorm", build.node("Add", attended, hidden))
    wide = build.node("Gelu", build.linear(f"{name}.intermediate.dense", middle))
    narrow = build.linear(f"{name}.output.dense", wide)
    return build.normalise(f"{name}.output.LayerNorm", build.node("Add", narrow, middle))


def _attend(build: "_Builder", name: str, hidden: str, heads_shape: str, bias: str) -> str:
    """softmax(q k / sqrt(32) + bias) v, head by head; (texts * tokens, 384) again."""

    def heads(role: str, order: list[int]) -> str:
        projected = build.linear(f"{name}.attention.self.{role}", hidden)
        return build.node("Transpose", build.node("Reshape", projected, heads_shape), perm=order)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scores = build.node("Mul", build.node("MatMul", query, key), build.number(1 / math.sqrt(HEAD_DIMENSIONS)))
    chances = build.node("Softmax", build.node("Add", scores, bias), axis=-1)
    mixed = build.node("Transpose", build.node("MatMul", chances, value), perm=[0, 2, 1, 3])
    return build.node("Reshape", mixed, build.integers(-1, DIMENSIONS))


def _pool(build: "_Builder", hidden: str, shape: str, mask: str) -> None:
    """The mean over the tokens that are text, scaled to length one, as the output `embedding`."""
    deep = build.node("Reshape", hidden, build.node("Concat", shape, build.integers(DIMENSIONS), axis=0))
    kept = build.node("Mul", deep, build.node("Unsqueeze", mask, build.integers(-1)))
    # The mean's divisor would fall out again when the row is scaled to length one.
    summed = build.node("ReduceSum", kept, build.integers(1), keepdims=0)
    length = build.node("ReduceL2", summed, build.integers(1), keepdims=1)
    build.node("Div", summed, length, output="embedding")


def _project(build: "_Builder", hidden: str, shape: str) -> None:
    """Each token's vector in the few dimensions that tell tokens apart best, as long as those make it."""
    projected = build.node("MatMul", hidden, build.constant("token_projection", read_projection()))
    deep = build.node("Concat", shape, build.integers(TOKEN_DIMENSIONS), axis=0)
    build.node("Reshape", projected, deep, output="token_vectors")


class _Builder:
    """Collects nodes and weights; every method returns the name of what it made."""

    def __init__(self, weights_file: Path) -> None:
        self.nodes: list[NodeProto] = []
        self.initializers: list[TensorProto] = []
        self._weights_file = weights_file
        self._tensors = read_header(weights_file)
        self._made: set[str] = set()

    def node(
        self,
        operator: str,
        *inputs: str,
        output: str | None = None,
        domain: str | None = None,
        **attributes: int | list[int] | float,
    ) -> str:
        from onnx import helper

        name = output or f"{operator}_{len(self.nodes)}"
        node = helper.make_node(operator, inputs, [name], domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return name

    def linear(self, name: str, x: str) -> str:
        """x W^T + b: torch keeps a layer's weights transposed, and Gemm takes them so."""
        return self.node("Gemm", x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), transB=1)

    def normalise(self, name: str, x: str) -> str:
        gain, shift = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node("LayerNormalization", x, gain, shift, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def integers(self, *values: int) -> str:
        return self.constant("integers_" + "_".join(map(str, values)), np.array(values, np.int64))

    def number(self, value: float) -> str:
        return self.constant(f"number_{value:g}", np.array(value, np.float32))

    def weight(self, name: str) -> str:
        """A tensor of the safetensors file, by its name there."""
        from onnx import StringStringEntryProto, TensorProto

        if name not in self._made:
            self._made.add(name)
            tensor = self._tensors[name]
            place = {"location": self._weights_file.name, "offset": str(tensor.offset), "length": str(tensor.length)}
            self.initializers.append(
                TensorProto(
                    name=name,
                    data_type=TensorProto.FLOAT,
                    dims=tensor.shape,
                    data_location=TensorProto.EXTERNAL,
                    external_data=[StringStringEntryProto(key=key, value=value) for key, value in place.items()],
                )
            )
        return name

    def constant(self, name: str, value: NDArray[np.int64 | np.float32 | np.int8 | np.uint8]) -> str:
        """A tensor that the graph holds itself."""
        from onnx import numpy_helper

        if name not in self._made:
            self._made.add(name)
            self.initializers.append(numpy_helper.from_array(value, name))
        return name


class _RoundingBuilder(_Builder):
    """Makes linear layers of whole numbers: weights rounded here, inputs rounded when the graph runs.

    Every row of an input, which is one token, has a scale of its own: its greatest entry. So a text's vector does not
    depend on the texts beside it, and the vectors are nearer to those of float32 than with one scale for all tokens
    (DynamicQuantizeLinear, DynamicQuantizeMatMul), cosine .996 to .997 against .993 on questions (2026-11).
    """

    def __init__(self, weights_file: Path) -> None:
        super().__init__(weights_file)
        self._coded: dict[str, _Coded] = {}

    def linear(self, name: str, x: str) -> str:
        coded = self._code(x)
        codes, scales = round_rows(_read(self._weights_file, self._tensors[f"{name}.weight"]))
        product = self.node(
            "MatMulIntegerToFloat",
            coded.codes,
            self.constant(f"{name}.codes", np.ascontiguousarray(codes.T)),
            self.number(1 / STEPS),
            self.constant(f"{name}.scales", scales),
            self._zero_code(),
            domain=RUNTIME_DOMAIN,
        )
        return self.node("Add", self.node("Mul", product, coded.greatest), self.weight(f"{name}.bias"))

    def _code(self, x: str) -> "_Coded":
        """x in bytes; done once for the three linear layers (query, key, value) that read the same."""
        if x not in self._coded:
            greatest = self.node("ReduceMax", self.node("Abs", x), self.integers(-1), keepdims=1)
            share = self.node("Div", x, greatest)
            codes = self.node("QuantizeLinear", share, self.number(1 / STEPS), self._zero_code())
            self._coded[x] = _Coded(codes, greatest)
        return self._coded[x]

    def _zero_code(self) -> str:
        return self.constant("zero_code", np.array(ZERO_CODE, np.uint8))


class _MixedBuilder(_RoundingBuilder):
    """Rounds the feed-forward layers alone."""

    def linear(self, name: str, x: str) -> str:
        return _Builder.linear(self, name, x) if ".attention." in name else super().linear(name, x)


class _Coded(NamedTuple):
    """Names of an input's uint8 codes (rows, columns) and of the greatest size in each row (rows, 1)."""

    codes: str
    greatest: str


def _read(weights_file: Path, tensor: Tensor) -> NDArray[np.float32]:
    numbers = np.fromfile(weights_file, "<f4", count=tensor.length // 4, offset=tensor.offset)
    return numbers.reshape(tensor.shape)
