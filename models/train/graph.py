"""Writes the network as an ONNX graph, node by node: what runs in the gateway is what stands here, with no exporter,
optimiser or quantiser between.

Linear layers multiply 8-bit numbers. Weights have one scale a column. Activations have one step a channel, which was
measured beforehand over texts of training (`reach`): the channels of one layer differ by a factor of ten, so one scale
a token, as was here before, is both coarser and slower. Only behind the Gelu, where the first token and the separator
have numbers that no other has, each token gets a scale of its own as it comes. So nothing in a batch moves another's
verdict.

There is no mask: the rows of a pass are of one length. Attention that heeds one takes longer than what batches of
several lengths save.

Beside ONNX's operators three of ONNX Runtime's: QAttention, MatMulIntegerToFloat, Gelu.
"""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from common import CONTEXT_SHAPE

INPUTS = ["input_ids", "shapes"]
OUTPUTS = ["injection", "harmful", "entities", "embedding"]
OPSET = 17
IR_VERSION = 8
ORT = "com.microsoft"
MOST = 127           # of a weight in 8 bits
MIDDLE = 128         # of an activation in 8 bits: what stands for zero where both signs are alike
GELU_ZERO = 16       # the same behind the Gelu, whose numbers are never below -0.17: the most goes to those above
GELU_LEAST = -0.17
# How far the steps of channels follow their reach: at 1 each channel has all of its 8 bits, and those with a wide reach
# coarsen the weights that they meet; at 0 all channels have the step of the widest. Between 0.7 and 0.9 all is well.
FOLLOW = 0.8
LEAST_REACH = 1e-2   # of the widest channel's: what was hardly used in the texts may be in others
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
    """Linear layers in float32, to hold the graph against the network it was made of, and to see what they are given."""

    def __init__(self, graph):
        self.graph, self.given = graph, {}

    def table(self, name, values, ids):
        return self.graph("Gather", self.graph.constant(name, values), ids)

    def linear(self, values, name, weights, bias):
        self.given[name] = values
        return self.graph("Add", self.behind_gelu(values, name, weights), self.graph.constant(f"{name}_bias", bias))

    attended = linear

    def behind_gelu(self, values, name, weights):
        return self.graph("MatMul", values, self.graph.constant(name, weights))

    def attention(self, values, name, weights, biases, heads, shape):
        graph = self.graph
        self.given[name] = values
        made = graph("Add", graph("MatMul", values, graph.constant(name, np.concatenate(weights, 1))),
                     graph.constant(f"{name}_bias", np.concatenate(biases)))
        size = weights[0].shape[1]
        apart = graph("Concat", shape, graph.whole(3, heads, size // heads), axis=0)
        made = graph("Transpose", graph("Reshape", made, apart), perm=[2, 0, 3, 1, 4])
        query, key, value = (graph("Gather", made, graph.place(part), axis=0) for part in range(3))
        scores = graph("MatMul", query, graph("Transpose", key, perm=[0, 1, 3, 2]))
        scores = graph("Softmax", graph("Mul", scores, graph.number((size // heads) ** -0.5)), axis=-1)
        return graph("Transpose", graph("MatMul", scores, value), perm=[0, 2, 1, 3])


class Bytes:
    """Linear layers and the table of words in 8 bits. `reach`: of each layer by its name the largest magnitudes of the
    channels that it is given (export.py)."""

    def __init__(self, graph, reach):
        self.graph, self.reach, self.zeros = graph, reach, None

    def table(self, name, values, ids):
        graph = self.graph
        scale = np.maximum(np.abs(values).max(1, keepdims=True), 1e-8) / MOST
        small = graph("Gather", graph.constant(name, np.round(values / scale), np.int8), ids)
        return graph("Mul", graph("Cast", small, to=TensorProto.FLOAT),
                     graph("Gather", graph.constant(name + "_scale", scale), ids))

    def steps(self, name):
        """Of the channels that a layer is given."""
        reach = self.reach[name].astype(np.float64)
        reach = np.maximum(reach, max(LEAST_REACH * reach.max(), 1e-8))
        steps = reach ** FOLLOW
        return (steps * (reach / steps).max() / MOST).astype(np.float32)

    def zero(self, value):
        return self.graph.constant(f"zero_{value}", value, np.uint8)

    def small(self, values):
        """What is in steps already as bytes; what is beyond them stays at their end."""
        return self.graph("QuantizeLinear", values, self.graph.number(1.0), self.zero(MIDDLE))

    def weights(self, name, values):
        columns = np.maximum(np.abs(values).max(0), 1e-12) / MOST
        return self.graph.constant(name, np.round(values / columns), np.int8), columns

    def product(self, rows, name, weights, zero, bias=None):
        values, columns = self.weights(name, weights)
        return self.graph("MatMulIntegerToFloat", rows, values, self.graph.number(1.0),
                          self.graph.constant(f"{name}_scale", columns), self.zero(zero),
                          *([] if bias is None else ["", self.graph.constant(f"{name}_bias", bias)]), domain=ORT)

    def in_steps(self, values, name):
        return self.small(self.graph("Mul", values, self.graph.constant(f"{name}_steps", 1 / self.steps(name))))

    def linear(self, values, name, weights, bias):
        return self.product(self.in_steps(values, name), name, weights * self.steps(name)[:, None], MIDDLE, bias)

    def attended(self, values, name, weights, bias):
        """Of what `attention` made, which is in steps."""
        return self.product(self.small(values), name, weights * self.steps(name)[:, None], MIDDLE, bias)

    def behind_gelu(self, values, name, weights):
        graph = self.graph
        highest = graph("ReduceMax", values, axes=[1], keepdims=1)
        scale = graph("Max", graph("Mul", highest, graph.number(1 / (255 - GELU_ZERO))),
                      graph.number(-GELU_LEAST / GELU_ZERO))
        flat = graph("Reshape", scale, graph.whole(-1))
        if self.zeros is None:  # the operator wants one a row
            self.zeros = graph("Expand", graph.constant("gelu_zero", [GELU_ZERO], np.uint8), graph("Shape", flat))
        rows = graph("QuantizeLinear", values, flat, self.zeros, axis=0)
        return graph("Mul", self.product(rows, name, weights, GELU_ZERO), scale)

    def attention(self, values, name, weights, biases, heads, shape):
        """The mean of the values is in the steps of the layer that takes it: their columns are divided at no cost.

        No zero is named for the weights: one constant for all layers, and ONNX Runtime refuses the model where it has
        to take its exact way (no VNNI).
        """
        graph, size = self.graph, weights[0].shape[1]
        rows = graph("Reshape", self.in_steps(values, name), graph("Concat", shape, graph.whole(size), axis=0))
        small, columns = self.weights(name, np.concatenate(weights, 1) * self.steps(name)[:, None])
        columns[2 * size:] /= self.steps(name.replace(".attention", ".attended"))
        return graph("QAttention", rows, small, graph.constant(f"{name}_bias", np.concatenate(biases)),
                     graph.number(1.0), graph.constant(f"{name}_scale", columns), "", self.zero(MIDDLE),
                     domain=ORT, num_heads=heads)


def encoder(graph, products, network):
    """The last hidden state, [rows x size]: a row is a token, those of a batch behind each other."""
    state = {name: value.float().numpy() for name, value in network.bert.state_dict().items()}
    config = network.bert.config
    size = config.hidden_size

    def norm(values, name, plus=0):
        return graph("LayerNormalization", values, graph.constant(f"{name}.gain", state[f"{name}.weight"]),
                     graph.constant(f"{name}.bias", state[f"{name}.bias"] + plus), axis=-1,
                     epsilon=config.layer_norm_eps)

    shape = graph("Shape", "input_ids")
    words = products.table("words", state["embeddings.word_embeddings.weight"], "input_ids")
    shapes = graph("Gather", graph.constant("word_shapes", network.shapes.weight.detach().float().numpy()), "shapes")
    # All tokens are of the one type.
    places = state["embeddings.position_embeddings.weight"] + state["embeddings.token_type_embeddings.weight"][0]
    places = graph("Slice", graph.constant("places", places), graph.whole(0),
                   graph("Shape", "input_ids", start=1, end=2), graph.whole(0))
    hidden = graph("Reshape", graph("Add", graph("Add", words, shapes), places), graph.whole(-1, size))
    hidden = norm(hidden, "embeddings.LayerNorm")

    for layer in range(config.num_hidden_layers):
        name = f"encoder.layer.{layer}"

        def weights(part):
            return state[f"{name}.{part}.weight"].T

        def bias(part):
            return state[f"{name}.{part}.bias"]

        # A bias of the keys adds the same to all scores of a query, which changes nothing. That of the values comes out
        # of every mean as it is, and goes through the next layer's weights into its bias.
        parts = [f"attention.self.{part}" for part in ("query", "key", "value")]
        nothing = np.zeros(size, np.float32)
        attended = products.attention(hidden, f"{name}.attention", [weights(part) for part in parts],
                                      [bias(parts[0]), nothing, nothing], config.num_attention_heads, shape)
        attended = graph("Reshape", attended, graph.whole(-1, size))
        out = "attention.output.dense"
        attended = products.attended(attended, f"{name}.attended", weights(out), bias(out) + bias(parts[2]) @ weights(out))
        # The outer layer's bias is in what its result is added to already, and taken off again from the inner one's.
        plus, into = bias("output.dense"), weights("intermediate.dense")
        hidden = norm(graph("Add", attended, hidden), f"{name}.attention.output.LayerNorm", plus)
        inner = products.linear(hidden, f"{name}.inner", into, bias("intermediate.dense") - plus @ into)
        outer = products.behind_gelu(graph("Gelu", inner, domain=ORT), f"{name}.outer", weights("output.dense"))
        hidden = norm(graph("Add", outer, hidden), f"{name}.output.LayerNorm")
    return hidden, shape


def heads(graph, network, hidden, shape):
    """The four outputs. They are small, and stay in float32."""
    state = {name: value.float().numpy() for name, value in network.state_dict().items() if "bert." not in name}

    def dense(values, name):
        return graph("Gemm", values, graph.constant(f"{name}.weight", state[f"{name}.weight"]),
                     graph.constant(f"{name}.bias", state[f"{name}.bias"]), transB=1)

    of_tokens = graph("Concat", shape, graph.whole(-1), axis=0)
    graph("Reshape", dense(hidden, "entities"), of_tokens, output="entities")

    hidden = graph("Reshape", hidden, of_tokens)
    # The context was read, and is not judged itself.
    context = graph("Cast", graph("Equal", "shapes", graph.place(CONTEXT_SHAPE)), to=TensorProto.FLOAT)
    judged = graph("Sub", graph.number(1.0), context)

    def total(weights):  # a product, which is four times as quick as ReduceMean
        made = graph("MatMul", graph("Unsqueeze", weights, graph.whole(1)), hidden)
        return graph("Squeeze", made, graph.whole(1))

    graph("LpNormalization", total(graph("Add", judged, context)), axis=-1, p=2, output="embedding")
    mean = graph("Div", total(judged), graph("ReduceSum", judged, graph.whole(1), keepdims=1))
    below = graph("Unsqueeze", graph("Mul", graph("Sub", judged, graph.number(1.0)), graph.number(BELOW_ALL)),
                  graph.whole(2))
    peak = graph("ReduceMax", graph("Add", hidden, below), axes=[1], keepdims=0)
    pooled = graph("Concat", graph("Gather", hidden, graph.place(0), axis=1), mean, peak, axis=-1)
    both = dense(graph("Gelu", dense(pooled, "pool"), domain=ORT), "verdicts")
    graph("Gather", both, graph.place(0), axis=1, output="injection")
    graph("Gather", both, graph.place(1), axis=1, output="harmful")


def model(graph, network, more=()):
    floats, size = TensorProto.FLOAT, network.bert.config.hidden_size
    sizes = {"injection": [], "harmful": [], "entities": ["tokens", network.entities.out_features], "embedding": [size]}
    made = helper.make_graph(
        graph.nodes, "gatehouse",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in INPUTS],
        [helper.make_tensor_value_info(name, floats, ["batch", *sizes[name]]) for name in OUTPUTS] +
        [helper.make_tensor_value_info(name, floats, None) for name in more],
        list(graph.constants.values()))
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(ORT, 1)],
                             ir_version=IR_VERSION, producer_name="gatehouse")


def write(network, reach):
    """The network (network.Network) as an ONNX model in 8 bits."""
    graph = Graph()
    heads(graph, network, *encoder(graph, Bytes(graph, reach), network))
    return model(graph, network)


def write_floats(network):
    """The same in floats, and the names of what each linear layer is given, which are outputs of it too."""
    graph = Graph()
    products = Floats(graph)
    heads(graph, network, *encoder(graph, products, network))
    return model(graph, network, dict.fromkeys(products.given.values())), products.given
