"""e5's layers as a graph for onnxruntime, with whole numbers of a byte in its products.

One scale holds for all that goes into a product, so that a few large numbers leave little of the
others. Two things even them out before: what a layer norm has made is divided by what its weights
say of the size of each dimension, and the middle of a layer is divided by the largest of each token.
"""

from typing import List

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from engine.nlu.packed_e5 import PackedE5

INPUT, OUTPUT = "tokens", "sentence"
_OPSETS = {"": 17, "com.microsoft": 1}
_IR_VERSION = 9
"""What onnx 1.14 to 1.19 and onnxruntime since 1.15 both read."""
_LARGEST = 127
_SPREAD = 3
"""How many standard deviations are within the usual; beyond a norm's weights they are 1."""
_EVENING = 0.75
"""Between 0 (as they are) and 1 (all alike); from 0.5 to 1 makes no difference to speak of."""


def graph_of(model: PackedE5) -> bytes:
    """From `PackedE5.embeddings` of one text (`INPUT`) to the mean over its tokens (`OUTPUT`)."""
    return _Builder(model).built()


class _Builder:
    """Notes the nodes and their constants, from first to last, where they stay: they are large."""

    def __init__(self, model: PackedE5) -> None:
        self._model = model
        opsets = [helper.make_opsetid(*opset) for opset in _OPSETS.items()]
        self._made = ModelProto(ir_version=_IR_VERSION, opset_import=opsets)
        self._graph = self._made.graph
        self._graph.name = "e5"

    def built(self) -> bytes:
        model = self._model
        self._node(
            "LayerNormalization",
            [INPUT, *self._vectors("emb.ln.w", "emb.ln.b")],
            "layer0",
            epsilon=model.epsilon,
        )
        for number in range(model.layers):
            self._layer(number)
        self._node("ReduceMean", [f"layer{model.layers}"], OUTPUT, axes=[1], keepdims=0)
        values = helper.make_tensor_value_info
        self._graph.input.append(values(INPUT, TensorProto.FLOAT, [1, "count", model.hidden]))
        self._graph.output.append(values(OUTPUT, TensorProto.FLOAT, [1, model.hidden]))
        serialized: bytes = self._made.SerializeToString()
        return serialized

    def _layer(self, number: int) -> None:
        """Attention, then the two products, each added to what it began with."""
        at, above, model = f"l{number}.", f"layer{number}", self._model
        sizes = self._evened(above, f"l{number - 1}.oln" if number else "emb.ln")
        for part in "qkv":
            self._product(f"{above}.even", f"{at}{part}", sizes)
        biases = np.concatenate([model.vector(f"{at}{part}.b") for part in "qkv"])
        self._node(
            "MultiHeadAttention",
            [f"{at}q", f"{at}k", f"{at}v", self._constant(f"{at}qkv.b", biases)],
            f"{at}context",
            own=False,
            num_heads=model.heads,
        )
        self._product(f"{at}context", f"{at}ao", np.ones(model.hidden, np.float32))
        attended = f"{at}attended"
        self._sum(above, f"{at}ao", f"{at}aln", attended)
        self._product(f"{attended}.even", f"{at}fi", self._evened(attended, f"{at}aln"))
        self._node("BiasGelu", [f"{at}fi", *self._vectors(f"{at}fi.b")], f"{at}inner", own=False)
        self._product_by_token(f"{at}inner", f"{at}fo")
        self._sum(attended, f"{at}fo", f"{at}oln", f"layer{number + 1}")

    def _evened(self, values: str, norm: str) -> np.ndarray:
        """Divides what *norm* has made into `<values>.even`; gives what by, for each dimension."""
        size = _SPREAD * np.abs(self._model.vector(f"{norm}.w"))
        sizes = (size + np.abs(self._model.vector(f"{norm}.b"))) ** _EVENING
        sizes = np.asarray(sizes / np.exp(np.log(sizes).mean()), np.float32)
        self._node("Mul", [values, self._constant(f"{norm}.even", 1 / sizes)], f"{values}.even")
        return sizes

    def _product_by_token(self, left: str, name: str) -> None:
        """As `_product`, each token by its largest number."""
        self._node("Abs", [left], f"{left}.abs")
        self._node("ReduceMax", [f"{left}.abs"], f"{left}.most", axes=[-1], keepdims=1)
        self._node("Div", [left, f"{left}.most"], f"{left}.even")
        ones = np.ones(self._model.inner, np.float32)
        self._product(f"{left}.even", name, ones, result=f"{name}.even")
        self._node("Mul", [f"{name}.even", f"{left}.most"], name)

    def _product(self, left: str, name: str, sizes: np.ndarray, result: str = "") -> None:
        """*left* times the matrix of that name, both rounded to a byte: a scale for each output.

        *left* was divided by *sizes*, which the matrix makes good.
        """
        matrix = self._model.matrix(f"{name}.w", len(sizes)) * sizes
        scales = np.abs(matrix).max(axis=1) / _LARGEST
        rounded = np.round(matrix / scales[:, None]).astype(np.int8)
        constants = [
            self._constant(f"{name}.w", np.ascontiguousarray(rounded.T)),
            self._constant(f"{name}.scales", scales),
            self._constant(f"{name}.zeros", np.zeros(len(scales), np.int8)),
        ]
        self._node("DynamicQuantizeMatMul", [left, *constants], result or name, own=False)

    def _sum(self, left: str, right: str, norm: str, result: str) -> None:
        """Both added, with the bias of the product *right*, and brought to one scale."""
        self._node(
            "SkipLayerNormalization",
            [left, right, *self._vectors(f"{norm}.w", f"{norm}.b", f"{right}.b")],
            result,
            own=False,
            epsilon=self._model.epsilon,
        )

    def _vectors(self, *names: str) -> List[str]:
        return [self._constant(name, self._model.vector(name)) for name in names]

    def _constant(self, name: str, values: np.ndarray) -> str:
        self._graph.initializer.append(numpy_helper.from_array(values, name))
        return name

    def _node(
        self, kind: str, inputs: List[str], output: str, *, own: bool = True, **settings: object
    ) -> None:
        """*own*: of ONNX itself, not one of those that onnxruntime adds."""
        domain = "" if own else "com.microsoft"
        node = helper.make_node(kind, inputs, [output], domain=domain, **settings)
        self._graph.node.append(node)
