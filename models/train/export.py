"""Writes the shipped model: ONNX in int8, tokenizer, linear model, calibration, manifest.

    python3 models/train/export.py --run DIR --set DIR --linear FILE --dev DIR --out models/encoder [--version V]

The graph, and what of it is in 8 bits, is graph.py's; how far its activations reach is measured on windows of the
training set. It is held against the network twice: in floats, where it has to be the same, and in 8 bits, where the
difference is printed (texts of dev, one window a pass). The threshold is evaluate.py's, by the benign texts and the
dialogues of dev; the manifest's shift puts it at one half.
"""

import argparse
import hashlib
import json
import pathlib
import random
import shutil

import numpy as np
import onnx
import onnxruntime
import torch

import evaluate
import graph
from common import BASE, CONTEXT, CONTEXT_SHAPE, LABELS, OVERLAP, WINDOW, read_lines
from network import trained

SAME = 1e-3  # of log odds, logits and the embedding, whatever the order of adding up
SEED = 7
MEASURED = {"injection.train": 240, "entities.train": 120, "sentences": 60}  # windows of the training set, by its files
MOST_BYTES = 30 << 20  # of all files


def plain(model):
    """The network as evaluate.Reader takes one."""
    def read(ids, mask, shapes):
        with torch.inference_mode():
            return [part.numpy() for part in model(*(torch.from_numpy(each) for each in (ids, mask, shapes)))]
    return read


def check(model):
    """Raises unless the graph in floats is the network: what one of them lacks would be shipped unseen."""
    session = onnxruntime.InferenceSession(graph.write_floats(model)[0].SerializeToString(),
                                           providers=["CPUExecutionProvider"])
    for tokens in (5, 48):
        rng = np.random.default_rng(SEED)
        ids = rng.integers(1000, 30000, (3, tokens))
        mask, shapes = np.ones_like(ids), rng.integers(0, CONTEXT_SHAPE, ids.shape)
        shapes[2, 1:tokens // 3] = CONTEXT_SHAPE
        theirs = session.run(graph.OUTPUTS, dict(zip(graph.INPUTS, (ids, shapes))))
        for name, a, b in zip(graph.OUTPUTS, plain(model)(ids, mask, shapes), theirs):
            if not np.abs(a - b).max() < SAME:
                raise ValueError(f"graph.py is not network.py: {name} differs by {np.abs(a - b).max()}")


def reach(model, folder):
    """Of each linear layer, by its name in the graph, the largest magnitude of each channel that it is given."""
    made, given = graph.write_floats(model)
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    out, rng = {}, np.random.default_rng(SEED)
    for name, most in MEASURED.items():
        with np.load(folder / f"{name}.npz") as file:
            ids, shapes, ends = (file[column] for column in ("ids", "shapes", "ends"))
        for row in sorted(rng.permutation(len(ends) - 1)[:most]):
            window = slice(ends[row], ends[row + 1])
            rows = (part[None, window].astype(np.int64) for part in (ids, shapes))
            for layer, values in zip(given, session.run(list(given.values()), dict(zip(graph.INPUTS, rows)))):
                highest = np.abs(values).reshape(-1, values.shape[-1]).max(0)
                out[layer] = np.maximum(out.get(layer, 0), highest)
    return out


class Pairs:
    """Reads with both, one window a pass as the gateway does when little is asked, and keeps how they differ."""

    def __init__(self, first, second):
        self.models = first, second
        self.odds, self.context, self.labels, self.near = [], [], [], []

    def __call__(self, ids, mask, shapes):
        for row in range(len(ids)):
            kept = mask[row] > 0
            a, b = (model(*(each[row:row + 1, kept] for each in (ids, mask, shapes))) for model in self.models)
            self.odds.append(abs(float(a[0][0] - b[0][0])))
            self.context.append(bool((shapes[row] == CONTEXT_SHAPE).any()))
            self.labels.extend(a[2][0].argmax(-1) != b[2][0].argmax(-1))
            self.near.append(float(a[3][0] @ b[3][0] / np.linalg.norm(a[3][0]) / np.linalg.norm(b[3][0])))
        # One reading a window is what a Reader wants; nobody looks at it.
        return (np.zeros(len(ids)), np.zeros(len(ids)), np.zeros((*ids.shape, len(LABELS))), np.zeros((len(ids), 384)))


def difference(model, folder, dev, most=60):
    """How the 8-bit model differs from the network over texts of dev, a part of them beside a system text."""
    rng = random.Random(SEED)
    rows = list(read_lines(dev / "injection.jsonl"))
    texts, systems = [], []
    for part in ([row for row in rows if row.get("system")], [row for row in rows if not row.get("system")],
                 list(read_lines(dev / "indirect_injection.jsonl")), list(read_lines(dev / "pii_spans.jsonl"))):
        for row in rng.sample(part, min(most, len(part))):
            texts.append(row["text"])
            systems.append(row.get("system", ""))
    pairs = Pairs(plain(model), evaluate.Exported(folder, 1))
    evaluate.Reader(pairs).read(texts, systems=systems)
    odds, beside = np.asarray(pairs.odds), np.asarray(pairs.context)
    def spread(values):
        return f"{values.mean():.3f}, {values.max():.3f} at most" if len(values) else "none"

    print(f"int8 against float, {len(odds)} windows: log odds differ by {spread(odds)} (beside a context "
          f"{spread(odds[beside])}), {np.mean(pairs.labels):.2%} of the labels are others, "
          f"embeddings have cosine {np.mean(pairs.near):.4f}, {np.min(pairs.near):.4f} at least")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--run", type=pathlib.Path, required=True)
    options.add_argument("--set", type=pathlib.Path, required=True)
    options.add_argument("--linear", type=pathlib.Path)
    options.add_argument("--dev", type=pathlib.Path, required=True)
    options.add_argument("--out", type=pathlib.Path, required=True)
    options.add_argument("--version", default="1")
    given = options.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    model = trained(given.run).eval()
    check(model)
    onnx.save(graph.write(model, reach(model, given.set)), str(given.out / "model.onnx"))
    shutil.copyfile(BASE / "tokenizer.json", given.out / "tokenizer.json")
    files = ["model.onnx", "tokenizer.json"]
    if given.linear:
        shutil.copyfile(given.linear, given.out / "linear.gtl")
        files.append("linear.gtl")
    size = sum((given.out / name).stat().st_size for name in files)
    if size > MOST_BYTES:
        raise ValueError(f"{size} bytes are more than are shipped")
    difference(model, given.out, given.dev)
    figures = {}
    evaluate.injection(evaluate.Reader(evaluate.Exported(given.out, 1)), given.dev, figures)
    manifest = {
        "format": 1, "name": "gatehouse-encoder", "version": given.version,
        "files": {name: sha256(given.out / name) for name in files},
        "model": "model.onnx", "tokenizer": "tokenizer.json",
        **({"linear": "linear.gtl"} if given.linear else {}),
        "window": WINDOW, "overlap": OVERLAP, "context": CONTEXT, "shapes": True,
        "outputs": {
            "injection": {"name": "injection", "scale": 1.0, "shift": round(-figures["threshold"], 4)},
            "harmful": {"name": "harmful", "scale": 1.0, "shift": 0.0},
            "entities": {"name": "entities", "labels": LABELS},
            "embedding": {"name": "embedding", "size": 384},
        },
    }
    (given.out / "gatehouse.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
