"""Trains the encoder's heads together. Seeded; goes on where it was stopped.

    python3 models/train/train.py --set DIR --run DIR --tokens 12e6 [--threads 1]

A step is one batch of one task: injection (with harmful), entities, or the embedding, which is held to the base's own by
distillation. `--tokens` is how much is read in all; the learning rate goes down to nothing by then. A run that stopped goes
on from its last checkpoint with the same command; with `--begin RUN` it begins with another run's weights and a schedule
of its own (and perhaps another set).

For comparison: `--scratch` leaves the pretrained base out. `--student-of RUN --layers N` begins with some of a run's layers
and its heads, and learns what it says beside what the set does (distillation: its last hidden state, its odds and labels).
"""

import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
from torch import nn

from network import LAYERS, Network, trained

BUDGET = 5120  # tokens a batch, padding counted
SHARE = {"injection": 0.60, "entities": 0.30, "sentences": 0.10}  # of the tokens


class Set:
    """Windows in an endless shuffled order, in batches of one length: nothing is padded."""

    def __init__(self, path, seed):
        with np.load(path) as file:
            self.columns = {name: file[name] for name in file.files}
        self.ends = self.columns["ends"]
        weight = self.columns.get("weight")
        self.order = np.repeat(np.arange(len(self.ends) - 1), weight if weight is not None else 1)
        self.lengths = np.diff(self.ends)
        self.rng = np.random.default_rng(seed)
        self.queue = []

    def batch(self):
        if not self.queue:
            order = self.rng.permutation(self.order)
            order = order[np.argsort(self.lengths[order], kind="stable")]
            at = 0
            while at < len(order):
                length = self.lengths[order[at]]
                most = min(max(1, BUDGET // length), 256)
                to = min(at + most, int(np.searchsorted(self.lengths[order], length, side="right")))
                self.queue.append(order[at:to])
                at = to
            self.rng.shuffle(self.queue)
        return self.queue.pop()

    def tensors(self, rows, names=()):
        length = int(self.lengths[rows].max())
        ids = np.zeros((len(rows), length), dtype=np.int64)
        shapes = np.zeros_like(ids)
        mask = np.zeros_like(ids)
        tags = np.full_like(ids, -1)
        for at, row in enumerate(rows):
            begin, end = self.ends[row], self.ends[row + 1]
            ids[at, :end - begin] = self.columns["ids"][begin:end]
            shapes[at, :end - begin] = self.columns["shapes"][begin:end]
            mask[at, :end - begin] = 1
            if "tags" in self.columns:
                tags[at, :end - begin] = self.columns["tags"][begin:end]
        extra = [torch.from_numpy(self.columns[name][rows].astype(np.float32)) for name in names]
        return [torch.from_numpy(part) for part in (ids, mask, shapes, tags)] + extra


def teach(folder, sentences, device):
    """The base's embeddings of the sentences, made once."""
    path = folder / "teacher.npy"
    count = len(sentences.ends) - 1
    if path.exists() and len(made := np.load(path)) == count:
        return made
    base = Network().to(device).eval()
    out = np.zeros((count, 384), dtype=np.float16)
    order = np.argsort(sentences.lengths)
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16):
        for begin in range(0, count, 256):
            rows = order[begin:begin + 256]
            ids, mask, shapes, _ = (part.to(device) for part in sentences.tensors(rows))
            out[rows] = base.embedding(base.hidden(ids, mask, shapes * 0), mask).cpu().numpy()
    np.save(path, out)
    return out


def groups(model, rate, scratch):
    """Lower layers know the language already, unless nothing does: they move less."""
    out, last = [], model.bert.config.num_hidden_layers - 1
    for name, value in model.named_parameters():
        factor = 1.0
        if scratch:
            pass
        elif name.startswith("bert.encoder.layer."):
            factor = 0.88 ** (last - int(name.split(".")[3]))
        elif name.startswith("bert.embeddings"):
            factor = 0.4
        elif not name.startswith("bert."):
            factor = 4.0
        decay = 0.01 if value.ndim > 1 and "embeddings" not in name else 0.0
        out.append({"params": [value], "lr": rate * factor, "base": rate * factor, "weight_decay": decay})
    return out


def follow(student, teacher, mask):
    """How far the last hidden states are apart, a share of the teacher's own spread."""
    weight = mask.unsqueeze(-1).float()
    apart = ((student.float() - teacher.float()) * weight).pow(2).sum() / weight.sum()
    spread = (teacher.float() * weight).pow(2).sum() / weight.sum()
    return apart / spread


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--set", type=pathlib.Path, required=True)
    options.add_argument("--run", type=pathlib.Path, required=True)
    options.add_argument("--tokens", type=float, default=12e6)
    options.add_argument("--rate", type=float, default=1.2e-4)
    options.add_argument("--threads", type=int, default=0)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--scratch", action="store_true", help="without the pretrained base, for comparison")
    options.add_argument("--layers", type=int, default=LAYERS)
    options.add_argument("--student-of", type=pathlib.Path, help="a run whose network is the teacher")
    options.add_argument("--begin", type=pathlib.Path, help="a run whose weights this one begins with")
    options.add_argument("--minutes", type=float, default=1e9, help="stop after so long, with a checkpoint")
    given = options.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    given.run.mkdir(parents=True, exist_ok=True)

    sets = {name: Set(given.set / f"{name}{'' if name == 'sentences' else '.train'}.npz", given.seed)
            for name in SHARE}
    teacher = teach(given.set, sets["sentences"], device)
    elder = trained(given.student_of).eval().to(device) if given.student_of else None
    if elder:
        model = trained(given.student_of, given.layers)
    else:
        model = trained(given.begin) if given.begin else Network(given.layers, from_base=not given.scratch)
    model = model.to(device)
    optimizer = torch.optim.AdamW(groups(model, given.rate, given.scratch), betas=(0.9, 0.98), eps=1e-6, fused=True)
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    spent, step = 0, 0
    checkpoint = given.run / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        average = saved["average"]
        optimizer.load_state_dict(saved["optimizer"])
        spent, step = saved["spent"], saved["step"]
        for each in sets.values():
            each.rng = np.random.default_rng(given.seed + 1000 + step)
        print(f"going on at step {step}, {spent / 1e6:.2f} M tokens", flush=True)
    weights = torch.ones(len(model.entities.bias), device=device)
    weights[0] = 0.6  # a missed name costs more than one too many
    used = dict.fromkeys(SHARE, 0.0)
    running, since, counted, begun = {}, time.time(), spent, time.time()

    def save():
        torch.save({"model": model.state_dict(), "average": average, "optimizer": optimizer.state_dict(),
                    "spent": spent, "step": step}, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)

    model.train()
    last = time.time()
    while spent < given.tokens:
        done = spent / given.tokens
        factor = min(1.0, (step + 1) / 150) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in optimizer.param_groups:
            group["lr"] = group["base"] * factor
        task = min(SHARE, key=lambda name: used[name] / SHARE[name])
        source = sets[task]
        rows = source.batch()
        with torch.autocast(device.type, dtype=torch.bfloat16):
            if task == "injection":
                ids, mask, shapes, _, label, harmful = (
                    part.to(device) for part in source.tensors(rows, ("label", "harmful")))
                hidden = model.hidden(ids, mask, shapes)
                both = model.verdict(hidden, mask, shapes)
                loss = nn.functional.binary_cross_entropy_with_logits(both[:, 0], label * 0.96 + 0.02)
                if elder:
                    with torch.no_grad():
                        theirs = elder.hidden(ids, mask, shapes)
                        odds = elder.verdict(theirs, mask, shapes)[:, 0]
                    said = nn.functional.binary_cross_entropy_with_logits(both[:, 0], torch.sigmoid(odds))
                    loss = 0.5 * loss + 0.5 * said + follow(hidden, theirs, mask)
                known = harmful >= 0
                if known.any():
                    loss = loss + 0.3 * nn.functional.binary_cross_entropy_with_logits(both[known, 1], harmful[known])
            elif task == "entities":
                ids, mask, shapes, tags = (part.to(device) for part in source.tensors(rows))
                hidden = model.hidden(ids, mask, shapes)
                logits = model.entities(model.drop(hidden)).float()
                loss = nn.functional.cross_entropy(logits.view(-1, logits.shape[-1]), tags.view(-1), weights,
                                                   ignore_index=-1, label_smoothing=0.02)
                if elder:
                    with torch.no_grad():
                        theirs = elder.hidden(ids, mask, shapes)
                        chances = torch.softmax(elder.entities(theirs).float(), -1)
                    said = -(chances * torch.log_softmax(logits, -1)).sum(-1)
                    loss = 0.5 * loss + 0.5 * said[mask > 0].mean() + follow(hidden, theirs, mask)
            else:
                ids, mask, shapes, _ = (part.to(device) for part in source.tensors(rows))
                wanted = torch.from_numpy(teacher[rows].astype(np.float32)).to(device)
                made = model.embedding(model.hidden(ids, mask, shapes), mask)
                near = (made @ made.T - wanted @ wanted.T).pow(2).mean()
                loss = 4 * (1 - (made * wanted).sum(-1)).mean() + 8 * near
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        count = ids.numel()
        spent += count
        used[task] += count
        step += 1
        keep = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            if step % 4 == 0:
                values = model.state_dict()
                torch._foreach_lerp_(list(average.values()), [values[name] for name in average], 1 - keep ** 4)
        running.setdefault(task, []).append(loss.item())
        if step % 50 == 0:
            line = {"step": step, "tokens": round(spent / 1e6, 3), "per_s": round((spent - counted) / (time.time() - since)),
                    **{name: round(float(np.mean(values)), 4) for name, values in running.items()}}
            print(json.dumps(line), flush=True)
            running, since, counted = {}, time.time(), spent
        if time.time() - last > 240:
            save()
            last = time.time()
        if time.time() - begun > 60 * given.minutes:
            break
    save()


if __name__ == "__main__":
    main()
