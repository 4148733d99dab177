"""Measures a model on the held-out sources, each by itself, at one threshold.

    python3 models/train/evaluate.py --dev DIR [--run DIR | --model FOLDER] [--json FILE]

The threshold is where 1 of 100 benign texts of all sources together is flagged, and of 1,000 ordinary dialogues fewer than 10. With --model the exported and quantised model
is measured, as it ships; with --run a checkpoint.
"""

import argparse
import collections
import json
import math
import pathlib
import random

import numpy as np

from common import CLS, CONTEXT_SHAPE, LABELS, SEP, context_of, encode, read_lines, tokenizer, windows


BENIGN_FLAGGED = 0.01
DIALOGUES_ALARMED = 0.01
ASSISTANT = -3.6  # added to what is said of an assistant's turns; kOrdersEven in src/gatehouse/guard/injection/combine.h


class Checkpoint:
    def __init__(self, folder, threads):
        import torch

        from network import trained
        torch.set_num_threads(threads)
        self.torch = torch
        self.model = trained(folder).eval()

    def __call__(self, ids, mask, shapes):
        torch = self.torch
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            return [part.float().numpy() for part in
                    self.model(*(torch.from_numpy(each) for each in (ids, mask, shapes)))]


class Exported:
    def __init__(self, folder, threads):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
        self.masked = "attention_mask" in {each.name for each in self.session.get_inputs()}

    def __call__(self, ids, mask, shapes):
        names = ["injection", "harmful", "entities", "embedding"]
        if self.masked:
            return self.session.run(names, {"input_ids": ids, "attention_mask": mask, "shapes": shapes})
        # Without a mask only rows of one length go together.
        out, lengths = None, mask.sum(1)
        for length in np.unique(lengths):
            rows = lengths == length
            made = self.session.run(names, {"input_ids": ids[rows, :length], "shapes": shapes[rows, :length]})
            if out is None:
                out = [np.zeros((len(ids), *(ids.shape[1:] if each.ndim == 3 else ()), *each.shape[1 + (each.ndim == 3):]),
                                np.float32) for each in made]
            for whole, each in zip(out, made):
                if each.ndim == 3:
                    whole[rows, :length] = each
                else:
                    whole[rows] = each
        return out


class Reader:
    """Texts to verdicts, by windows as the gateway cuts them."""

    def __init__(self, model):
        self.model = model
        self.tok = tokenizer()

    def read(self, texts, entities=False, systems=None):
        encoded = encode(self.tok, texts)
        before = [[CLS]] * len(texts)
        for at, (ids, _, _, _) in enumerate(encode(self.tok, systems) if systems else []):
            if len(ids):
                before[at] = [CLS, *context_of(ids), SEP]
        parts = [(at, begin, end) for at, (ids, _, _, starts) in enumerate(encoded)
                 for begin, end in windows(len(ids), starts, max(0, len(before[at]) - 2))]
        parts.sort(key=lambda part: part[2] - part[1])
        out = [{"injection": -1e9, "harmful": -1e9, "embedding": np.zeros(384), "tags": None} for _ in texts]
        for begin in range(0, len(parts), 32):
            batch = parts[begin:begin + 32]
            length = max(end - start + len(before[at]) for at, start, end in batch) + 1
            ids = np.zeros((len(batch), length), dtype=np.int64)
            shapes, mask = np.zeros_like(ids), np.zeros_like(ids)
            for row, (at, start, end) in enumerate(batch):
                count = end - start
                first = len(before[at])
                ids[row, :first] = before[at]
                shapes[row, 1:first] = CONTEXT_SHAPE
                ids[row, first:first + count] = encoded[at][0][start:end]
                ids[row, first + count] = SEP
                shapes[row, first:first + count] = encoded[at][2][start:end]
                mask[row, :first + count + 1] = 1
            injection, harmful, tags, embedding = self.model(ids, mask, shapes)
            for row, (at, start, end) in enumerate(batch):
                mine = out[at]
                mine["injection"] = max(mine["injection"], float(injection[row]))
                mine["harmful"] = max(mine["harmful"], float(harmful[row]))
                mine["embedding"] += embedding[row] * (end - start + 1)
                if entities:
                    if mine["tags"] is None:
                        mine["tags"] = np.zeros((len(encoded[at][0]), len(LABELS)), dtype=np.float32)
                    mine["tags"][start:end] = tags[row, 1:end - start + 1]
        if entities:
            for (_, offsets, _, starts), mine in zip(encoded, out):
                mine["spans"] = [] if mine["tags"] is None else spans_of(mine["tags"], offsets, starts)
        return out


def spans_of(logits, offsets, starts):
    """A word has the label with the highest mean probability over its tokens; words of one label in a row are a span."""
    chances = np.exp(logits - logits.max(-1, keepdims=True))
    chances /= chances.sum(-1, keepdims=True)
    words, at = [], 0
    while at < len(starts):
        to = at + 1
        while to < len(starts) and not starts[to]:
            to += 1
        words.append((at, to))
        at = to
    spans = []
    for begin, end in words:
        mean = chances[begin:end].mean(0)
        # B and I of a type are one choice; which of the two it is decides whether a span goes on.
        types = mean[1::2] + mean[2::2]
        best = int(types.argmax())
        if mean[0] >= types[best]:
            spans.append(None)
            continue
        begins = chances[begin][1 + 2 * best] > chances[begin][2 + 2 * best]
        name = LABELS[1 + 2 * best][2:]
        if spans and spans[-1] is not None and spans[-1][2] == name and not begins:
            spans[-1][1] = offsets[end - 1][1]
            spans[-1][3].append(float(types[best]))
        else:
            spans.append([offsets[begin][0], offsets[end - 1][1], name, [float(types[best])]])
    return [(begin, end, name, sum(scores) / len(scores)) for span in spans if span for begin, end, name, scores in [span]]


def wilson(hits, count):
    if not count:
        return 0.0, 1.0
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return middle - reach, middle + reach


def dialogues(reader, talk):
    """Of each dialogue the log odds that decide whether it raises an alarm, the highest first."""
    texts = sorted({message["content"] for row in talk for message in row["messages"]})
    odds = dict(zip(texts, (made["injection"] for made in reader.read(texts))))
    return np.sort([max(odds[message["content"]] + (ASSISTANT if message["role"] == "assistant" else 0)
                        for message in row["messages"]) for row in talk])[::-1]


def injection(reader, dev, figures):
    rows = [row for row in read_lines(dev / "injection.jsonl") if row["label"] is not None]
    rows += list(read_lines(dev / "indirect_injection.jsonl"))
    talk = list(read_lines(dev / "dialogues.jsonl"))
    random.Random(1).shuffle(talk)
    rows += [{"text": m["content"], "label": 0, "source": "dialogues"} for row in talk[:120]
             for m in row["messages"] if m["role"] == "user"]
    scores = np.asarray([made["injection"] for made in reader.read(
        [row["text"] for row in rows], systems=[row.get("system", "") for row in rows])])
    labels = np.asarray([row["label"] for row in rows])
    # All benign sources count alike towards the 1%, or the largest would decide alone.
    sources = sorted({row["source"] for row in rows})
    benign = [scores[[at for at, row in enumerate(rows) if row["source"] == name and not row["label"]]]
              for name in sources]
    benign = [part for part in benign if len(part)]
    pooled = np.sort(np.concatenate(benign))[::-1]
    alarms = dialogues(reader, talk)
    threshold = max(float(pooled[int(BENIGN_FLAGGED * len(pooled))]),
                    float(alarms[math.ceil(DIALOGUES_ALARMED * len(alarms)) - 1])) + 1e-6
    figures["threshold"] = threshold
    figures["benign"] = {"n": len(pooled), "flagged": float((pooled >= threshold).mean())}
    figures["dialogues"] = {"n": len(alarms), "alarmed": int((alarms >= threshold).sum())}
    print(f"threshold {threshold:.3f} (log odds): {(pooled >= threshold).mean():.2%} of {len(pooled)} benign texts, "
          f"{(alarms >= threshold).sum()} of {len(alarms)} dialogues")
    for name in sources:
        for label in (1, 0):
            part = scores[[at for at, row in enumerate(rows) if row["source"] == name and row["label"] == label]]
            if not len(part):
                continue
            hits = int((part >= threshold).sum())
            low, high = wilson(hits, len(part))
            figures[f"{name}:{'attack' if label else 'benign'}"] = {"n": len(part), "flagged": hits / len(part)}
            print(f"  {name:26} {'attacks' if label else 'benign '} {len(part):5}  flagged {hits / len(part):6.1%}"
                  f"  [{low:.1%}, {high:.1%}]")
    kinds = collections.defaultdict(list)
    for row, score in zip(rows, scores):
        if row["label"]:
            kinds[row["source"], row.get("kind"), row.get("position")].append(score >= threshold)
    for key, hits in sorted(kinds.items(), key=str):
        print("     ", *key, f"{np.mean(hits):.2f} of {len(hits)}")


NAMES = {"GPE": "LOCATION", "NRP": "NATIONALITY"}
PATTERNS = {"CREDIT_CARD", "EMAIL_ADDRESS", "PHONE_NUMBER", "DOMAIN_NAME", "IP_ADDRESS", "IBAN_CODE"}


def score(found, wanted):
    """By overlap of like type: (found and wanted, found, wanted)."""
    hit = sum(any(name == other and begin < to and start < end for start, to, other in found)
              for begin, end, name in wanted)
    right = sum(any(name == other and begin < to and start < end for start, to, other in wanted)
                for begin, end, name in found)
    return hit, right


def f(beta, precision, recall):
    return 0.0 if precision + recall == 0 else (1 + beta * beta) * precision * recall / (beta * beta * precision + recall)


def entities(reader, dev, figures):
    rows = list(read_lines(dev / "pii_spans.jsonl"))
    for style in ("as it is", "lower case"):
        texts = [row["text"] if style == "as it is" else row["text"].lower() for row in rows]
        if any(len(a) != len(b["text"]) for a, b in zip(texts, rows)):
            texts = [b["text"] if len(a) != len(b["text"]) else a for a, b in zip(texts, rows)]
        made = reader.read(texts, entities=True)
        by = collections.defaultdict(lambda: [0, 0, 0, 0])
        for row, mine in zip(rows, made):
            wanted = [(s["start"], s["end"], NAMES.get(s["type"], s["type"])) for s in row["spans"]]
            found = [(begin, end, name) for begin, end, name, _ in mine["spans"]]
            for name in {w[2] for w in wanted} | {x[2] for x in found}:
                if name in PATTERNS:
                    continue
                w = [x for x in wanted if x[2] == name]
                x = [x for x in found if x[2] == name]
                hit, right = score(x, w)
                for at, value in enumerate((hit, len(w), right, len(x))):
                    by[name][at] += value
                    by["all"][at] += value
        print(f"pii_spans, {style} (what patterns find left out)")
        for name, (hit, n, right, made_n) in sorted(by.items()):
            recall, precision = hit / n if n else 0, right / made_n if made_n else 0
            figures[f"pii:{style}:{name}"] = {"n": n, "recall": recall, "precision": precision,
                                              "f1": f(1, precision, recall), "f2": f(2, precision, recall)}
            print(f"  {name:20} {n:5}  recall {recall:.3f}  precision {precision:.3f}  F1 {f(1, precision, recall):.3f}"
                  f"  F2 {f(2, precision, recall):.3f}")
    from prepare import wikiann
    rows = [wikiann(row) for row in read_lines(dev / "ner_wikiann_en.jsonl")]
    made = reader.read([row["text"] for row in rows], entities=True)
    print("wikiann en, exact spans")
    for name in ("PERSON", "LOCATION", "ORGANIZATION"):
        right = wanted = found = 0
        for row, mine in zip(rows, made):
            w = {(b, e) for b, e, other in row["spans"] if other == name}
            x = {(b, e) for b, e, other, _ in mine["spans"] if other == name}
            right += len(w & x)
            wanted += len(w)
            found += len(x)
        precision, recall = right / max(found, 1), right / max(wanted, 1)
        figures[f"wikiann:{name}"] = {"n": wanted, "f1": f(1, precision, recall)}
        print(f"  {name:14} {wanted:5}  F1 {f(1, precision, recall):.3f}  (precision {precision:.3f}, recall {recall:.3f})")


def curve(a, b, same):
    near = (a * b).sum(-1)
    out = {}
    for rate in (0.001, 0.005, 0.01, 0.02, 0.05, 0.10):
        cut = np.quantile(near[~same], 1 - rate)
        out[rate] = float((near[same] > cut).mean())
    return out


def embedding(reader, dev, figures, most):
    rows = list(read_lines(dev / "similar_questions.jsonl"))[:most]
    same = np.asarray([bool(row["same"]) for row in rows])
    sides = []
    for side in ("a", "b"):
        made = np.asarray([mine["embedding"] for mine in reader.read([row[side] for row in rows])])
        sides.append(made / np.linalg.norm(made, axis=-1, keepdims=True))
    figures["similar"] = curve(*sides, same)
    print("similar questions: hits at false-hit rate", {k: round(v, 4) for k, v in figures["similar"].items()})


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--dev", type=pathlib.Path, required=True)
    options.add_argument("--run", type=pathlib.Path)
    options.add_argument("--model", type=pathlib.Path)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--pairs", type=int, default=20000)
    options.add_argument("--only", default="injection,entities,embedding")
    options.add_argument("--json", type=pathlib.Path)
    given = options.parse_args()
    model = Exported(given.model, given.threads) if given.model else Checkpoint(given.run, given.threads)
    reader, figures = Reader(model), {}
    if "injection" in given.only:
        injection(reader, given.dev, figures)
    if "entities" in given.only:
        entities(reader, given.dev, figures)
    if "embedding" in given.only:
        embedding(reader, given.dev, figures, given.pairs)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
