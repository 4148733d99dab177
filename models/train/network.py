"""The encoder with its heads: injection, harmful, entities, embedding, from one pass."""

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BertConfig, BertModel

from common import BASE, CONTEXT_SHAPE, LABELS

SHAPES = 7  # the last one is of a context


LAYERS = 6  # of the base


class Network(nn.Module):
    def __init__(self, layers=LAYERS, from_base=True):
        super().__init__()
        config = BertConfig.from_pretrained(str(BASE))
        config.num_hidden_layers = layers
        # On a CPU plain products are 1.5 times as fast in training as the fused kernel, whose way back is slow.
        config._attn_implementation = "sdpa" if torch.cuda.is_available() else "eager"
        config.hidden_dropout_prob = 0.0  # no text is read often enough to be learned by heart
        config.attention_probs_dropout_prob = 0.0
        self.bert = BertModel(config, add_pooling_layer=False)
        size = config.hidden_size
        if from_base:
            state = {name.removeprefix("bert."): value for name, value in
                     load_file(str(BASE / "model.safetensors")).items()}
            missing, _ = self.bert.load_state_dict(fewer(state, "encoder.layer.", layers), strict=False)
            lacking = [name for name in missing if "position_ids" not in name]
            if lacking:
                raise ValueError(f"the base lacks {lacking[:3]}")
        self.shapes = nn.Embedding(SHAPES, size)
        nn.init.zeros_(self.shapes.weight)
        # The strongest token counts beside the mean: an instruction buried in a document is a few of many tokens.
        self.pool = nn.Linear(3 * size, 192)
        self.verdicts = nn.Linear(192, 2)
        self.entities = nn.Linear(size, len(LABELS))
        self.drop = nn.Dropout(0.1)

    def hidden(self, ids, mask, shapes):
        words = self.bert.embeddings.word_embeddings(ids) + self.shapes(shapes)
        # Texts of one length need no mask, which saves two passes over all weights of attention.
        return self.bert(inputs_embeds=words, attention_mask=None if bool(mask.all()) else mask).last_hidden_state

    def embedding(self, hidden, mask):
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        return nn.functional.normalize(mean.float(), dim=-1)

    def verdict(self, hidden, mask, shapes):
        # The context was read, and is not judged itself.
        weight = (mask * (shapes != CONTEXT_SHAPE)).unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        peak = (hidden + (weight - 1) * 1e4).amax(1)
        pooled = torch.cat([hidden[:, 0], mean, peak], -1)
        return self.verdicts(self.drop(nn.functional.gelu(self.pool(pooled)))).float()

    def forward(self, ids, mask, shapes):
        """Injection, harmful [batch], entities [batch, tokens, labels], embedding [batch, size]; graph.py has the same."""
        hidden = self.hidden(ids, mask, shapes)
        both = self.verdict(hidden, mask, shapes)
        return both[:, 0], both[:, 1], self.entities(hidden).float(), self.embedding(hidden, mask)


def layers_of(state, prefix="bert.encoder.layer."):
    return 1 + max(int(name[len(prefix):].split(".")[0]) for name in state if name.startswith(prefix))


def fewer(state, prefix, layers):
    """Of a network's weights those that one with fewer layers begins with: the first and the last, and others between."""
    had = layers_of(state, prefix)
    if layers > had:
        raise ValueError(f"{layers} layers cannot be taken from {had}")
    at = [round(layer * (had - 1) / max(1, layers - 1)) for layer in range(layers)]
    out = {name: value for name, value in state.items() if not name.startswith(prefix)}
    for layer, source in enumerate(at):
        begin = f"{prefix}{source}."
        out.update({f"{prefix}{layer}." + name[len(begin):]: value for name, value in state.items() if name.startswith(begin)})
    return out


def grow(state, model):
    """Weights from before there were more shapes: the new rows begin at zero."""
    had, wanted = state["shapes.weight"], model.shapes.weight
    if had.shape != wanted.shape:
        state["shapes.weight"] = torch.cat([had, torch.zeros(len(wanted) - len(had), had.shape[1])])


def trained(run, layers=None):
    """A run's averaged weights, or of those what a network of fewer layers begins with."""
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)["average"]
    model = Network(layers or layers_of(state), from_base=False)
    grow(state, model)
    model.load_state_dict(fewer(state, "bert.encoder.layer.", layers) if layers else state)
    return model
