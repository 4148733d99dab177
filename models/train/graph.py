"""Writes the network as an ONNX graph, node by node: what runs in the gateway is what stands here, with no exporter,
optimiser or quantiser between.

Linear layers multiply 8-bit numbers: weights have one scale a column, activations one scale a row, which is a token's
own. So nothing in a batch moves another's verdict, and a token with large numbers (the first, the separator) does not
coarsen the others. ONNX Runtime's own dynamic quantisation has one scale for all of a pass.

Beside ONNX's operators three of ONNX Runtime's: MatMulIntegerToFloat, MultiHeadAttention, Gelu.
"""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from common import CONTEXT_SHAPE

INPUTS = ["input_ids", "attention_mask", "shapes"]
OUTPUTS = ["injection", "harmful", "entities", "embedding"]
OPSET = 17
IR_VERSION = 8
ORT = "com.microsoft"
MOST = 127           # of a weight in 8 bits
MIDDLE = 128         # of an activation in 8 bits: what stands for zero where both signs are alike
GELU_ZERO = 16       # the same behind the Gelu, whose numbers are never below -0.17: the most goes to those above
GELU_LEAST = -0.17
FAR = 3e4            # below every other product of a query and a key
BELOW_ALL = 1e4      # below every activation


class Graph:
    """Nodes and constants in the making. A value is known by its name."""

    def __init__(self):
        self.nodes, self.constants = [], {}

    def constant(self, name, values, kind=np.float32):
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.array(values, dtype=kind, order="C"), name)
        return name

    def whole(self, *values):
        return self.constant("whole_" + "_".join(map(str, values)), values, np.int64)

    def place(self, value):
        return self.constant(f"place_{value}", value, np.int64)

    def number(self, value):
        return self.constant(f"number_{value}", value)

    def __call__(self, kind, *inputs, domain="", output=None, **attributes):
        output = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output


class Floats:
    """Linear layers in float32, to hold the graph against the network it was made of."""

    def __init__(self, graph):
        self.graph = graph

    def table(self, name, values, ids):
        return self.graph("Gather", self.graph.constant(name, values), ids)

    def rows(self, values, behind_gelu=False):
        return values

    def linear(self, rows, name, weights, add=None):
        made = self.graph("MatMul", rows, self.graph.constant(name, weights))
        return made if add is None else self.graph("Add", made, add)


class Bytes:
    """Linear layers and the table of words in 8 bits."""

    def __init__(self, graph):
        self.graph, self.zeros = graph, {}

    def table(self, name, values, ids):
        graph = self.graph
        scale = np.maximum(np.abs(values).max(1, keepdims=True), 1e-8) / MOST
        small = graph("Gather", graph.constant(name, np.round(values / scale), np.int8), ids)
        return graph("Mul", graph("Cast", small, to=TensorProto.FLOAT),
                     graph("Gather", graph.constant(name + "_scale", scale), ids))

    def rows(self, values, behind_gelu=False):
        """Of [rows x size] the bytes, the scale of each row and what stands for zero."""
        graph = self.graph
        if behind_gelu:
            zero = GELU_ZERO
            highest = graph("ReduceMax", values, axes=[1], keepdims=1)
            scale = graph("Max", graph("Mul", highest, graph.number(1 / (255 - zero))),
                          graph.number(-GELU_LEAST / zero))
        else:
            zero = MIDDLE
            scale = graph("Mul", graph("ReduceMax", graph("Abs", values), axes=[1], keepdims=1), graph.number(1 / MOST))
        flat = graph("Reshape", scale, graph.whole(-1))
        if zero not in self.zeros:  # the operator wants one a row
            one = graph.constant(f"zero_{zero}", [zero], np.uint8)
            self.zeros[zero] = graph("Expand", one, graph("Shape", flat))
        return graph("QuantizeLinear", values, flat, self.zeros[zero], axis=0), scale, zero

    def linear(self, rows, name, weights, add=None):
        graph, (small, scale, zero) = self.graph, rows
        columns = np.maximum(np.abs(weights).max(0), 1e-8) / MOST
        made = graph("MatMulIntegerToFloat", small, graph.constant(name, np.round(weights / columns), np.int8),
                     graph.number(1.0), graph.constant(name + "_scale", columns),
                     graph.constant(f"middle_{zero}", zero, np.uint8), domain=ORT)
        made = graph("Mul", made, scale)
        return made if add is None else graph("Add", made, add)


def encoder(graph, products, network):
    """The last hidden state, [rows x size]: a row is a token, those of a batch behind each other."""
    state = {name: value.float().numpy() for name, value in network.bert.state_dict().items()}
    config = network.bert.config
    size, heads = config.hidden_size, config.num_attention_heads
    width = size // heads
    # ONNX Runtime's attention is quick (blocks that fit the cache, no matrix of all scores) only without a mask. So the
    # mask is one more number of each head: 1 in every query, 0 in a key that counts, FAR below in one of padding.
    wide = heads * (width + 1)
    marks = np.zeros((heads, width + 1), np.float32)
    marks[:, width] = 1

    def widened(values):
        out = np.zeros((len(values), heads, width + 1), np.float32)
        out[:, :, :width] = values.reshape(len(values), heads, width)
        return out.reshape(len(values), wide)

    def norm(values, name):
        return graph("LayerNormalization", values, graph.constant(f"{name}.gain", state[f"{name}.weight"]),
                     graph.constant(f"{name}.bias", state[f"{name}.bias"]), axis=-1, epsilon=config.layer_norm_eps)

    batch = graph("Shape", "input_ids")
    length = graph("Shape", "input_ids", start=1, end=2)
    wide_shape = graph("Concat", batch, graph.whole(wide), axis=0)
    size_shape = graph("Concat", batch, graph.whole(size), axis=0)
    words = products.table("words", state["embeddings.word_embeddings.weight"], "input_ids")
    shapes = graph("Gather", graph.constant("word_shapes", network.shapes.weight.detach().float().numpy()), "shapes")
    # All tokens are of the one type.
    places = state["embeddings.position_embeddings.weight"] + state["embeddings.token_type_embeddings.weight"][0]
    places = graph("Slice", graph.constant("places", places), graph.whole(0), length, graph.whole(0))
    hidden = graph("Reshape", graph("Add", graph("Add", words, shapes), places), graph.whole(-1, size))
    hidden = norm(hidden, "embeddings.LayerNorm")
    mask = graph("Reshape", graph("Cast", "attention_mask", to=TensorProto.FLOAT), graph.whole(-1, 1))
    mask = graph("Mul", graph("Sub", mask, graph.number(1.0)), graph.constant("far", FAR * marks.reshape(1, wide)))

    for layer in range(config.num_hidden_layers):
        name = f"encoder.layer.{layer}"

        def weights(part):
            return state[f"{name}.{part}.weight"].T

        def bias(part):
            return state[f"{name}.{part}.bias"]

        rows = products.rows(hidden)
        query = products.linear(rows, f"{name}.query", widened(weights("attention.self.query")), graph.constant(
            f"{name}.query_bias", widened(bias("attention.self.query")[None])[0] + marks.reshape(wide)))
        # A bias of the keys adds the same to all scores of a query, which changes nothing. That of the values comes out
        # of every mean as it is, and goes through the next layer's weights into its bias.
        key = products.linear(rows, f"{name}.key", widened(weights("attention.self.key")), mask)
        value = products.linear(rows, f"{name}.value", weights("attention.self.value"))
        attended = graph("MultiHeadAttention", graph("Reshape", query, wide_shape), graph("Reshape", key, wide_shape),
                         graph("Reshape", value, size_shape), domain=ORT, num_heads=heads, scale=width ** -0.5)
        attended = products.rows(graph("Reshape", attended, graph.whole(-1, size)))
        out = "attention.output.dense"
        attended = products.linear(attended, f"{name}.attended", weights(out), graph.constant(
            f"{name}.attended_bias", bias(out) + bias("attention.self.value") @ weights(out)))
        hidden = norm(graph("Add", attended, hidden), f"{name}.attention.output.LayerNorm")
        inner = products.linear(products.rows(hidden), f"{name}.inner", weights("intermediate.dense"),
                                graph.constant(f"{name}.inner_bias", bias("intermediate.dense")))
        inner = products.rows(graph("Gelu", inner, domain=ORT), behind_gelu=True)
        outer = products.linear(inner, f"{name}.outer", weights("output.dense"),
                                graph.constant(f"{name}.outer_bias", bias("output.dense")))
        hidden = norm(graph("Add", outer, hidden), f"{name}.output.LayerNorm")
    return hidden, size_shape


def heads(graph, network, hidden, size_shape):
    """The four outputs. They are small, and stay in float32."""
    state = {name: value.float().numpy() for name, value in network.state_dict().items() if "bert." not in name}

    def dense(values, name):
        return graph("Gemm", values, graph.constant(f"{name}.weight", state[f"{name}.weight"]),
                     graph.constant(f"{name}.bias", state[f"{name}.bias"]), transB=1)

    labels = graph("Concat", graph("Shape", "input_ids"), graph.whole(-1), axis=0)
    graph("Reshape", dense(hidden, "entities"), labels, output="entities")

    hidden = graph("Reshape", hidden, size_shape)
    mask = graph("Cast", "attention_mask", to=TensorProto.FLOAT)
    context = graph("Equal", "shapes", graph.place(CONTEXT_SHAPE))
    judged = graph("Mul", mask, graph("Cast", graph("Not", context), to=TensorProto.FLOAT))

    def mean(weights):
        share = graph("Div", weights, graph("ReduceSum", weights, graph.whole(1), keepdims=1))
        made = graph("MatMul", graph("Unsqueeze", share, graph.whole(1)), hidden)
        return graph("Squeeze", made, graph.whole(1))

    graph("LpNormalization", mean(mask), axis=-1, p=2, output="embedding")
    below = graph("Unsqueeze", graph("Mul", graph("Sub", judged, graph.number(1.0)), graph.number(BELOW_ALL)),
                  graph.whole(2))
    peak = graph("ReduceMax", graph("Add", hidden, below), axes=[1], keepdims=0)
    pooled = graph("Concat", graph("Gather", hidden, graph.place(0), axis=1), mean(judged), peak, axis=-1)
    both = dense(graph("Gelu", dense(pooled, "pool"), domain=ORT), "verdicts")
    graph("Gather", both, graph.place(0), axis=1, output="injection")
    graph("Gather", both, graph.place(1), axis=1, output="harmful")


def write(network, products=Bytes):
    """The network (network.Network) as an ONNX model."""
    graph = Graph()
    heads(graph, network, *encoder(graph, products(graph), network))
    floats, size = TensorProto.FLOAT, network.bert.config.hidden_size
    sizes = {"injection": [], "harmful": [], "entities": ["tokens", network.entities.out_features], "embedding": [size]}
    made = helper.make_graph(
        graph.nodes, "gatehouse",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in INPUTS],
        [helper.make_tensor_value_info(name, floats, ["batch", *sizes[name]]) for name in OUTPUTS],
        list(graph.constants.values()))
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(ORT, 1)],
                             ir_version=IR_VERSION, producer_name="gatehouse")
