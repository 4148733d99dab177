#!/usr/bin/env python3
"""Trains the linear model of the cascade and writes it as a .gtl file (README.md). NumPy only.

    train.py --set DIR [--dev DIR] --out linear.gtl
    train.py --injection FILE.. --entities FILE.. [--harmful FILE..] --held FILE.. --out linear.gtl

--set is a training set as ../train/prepare.py leaves it ({injection,entities}.{train,held}.jsonl). --dev: a folder of the
measuring data, whose files are held out with the others. Files are JSON lines with `text` and `label` (1: an attack; harmful) or, for entities, `spans` (not empty: some).
--held names files that are not trained on; rows with `label` are for injection, rows with `spans` for entities. From
them come the thresholds and the calibration, and the figures that are printed. Spans are [begin, end, type] or
{"type": ..}; those of other types than --types are none (patterns find card numbers, and every second text has a date).
"""
import argparse
import collections
import hashlib
import json
import sys
import time

import numpy as np

import features
import gtl

TYPES = ("PERSON", "ORGANIZATION", "LOCATION", "GPE", "STREET_ADDRESS", "NATIONALITY", "NRP", "DATE_OF_BIRTH", "USERNAME",
         "MEDICAL_CONDITION", "MEDICATION", "LEGAL_REFERENCE", "ZIP_CODE", "AGE", "TITLE")
TAGGED = {"PER": "PERSON", "ORG": "ORGANIZATION", "LOC": "LOCATION"}
DEV = ("injection.jsonl", "indirect_injection.jsonl", "pii_spans.jsonl", "ner_wikiann_en.jsonl")
CHUNK = 1 << 20  # bytes of text that are looked at together


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def rows_of(paths, what, types=TYPES):
    """[(text as bytes, label, source)]; rows without an answer to `what` are left out."""
    out = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                if row.get("system") and what != "entities":
                    continue  # read beside a context: never settled here
                if "tokens" in row:  # of a tagged corpus
                    row = {"text": " ".join(row["tokens"]), "source": path.rsplit("/", 1)[-1],
                           "spans": [{"type": TAGGED.get(tag[2:], tag[2:])} for tag in row["tags"] if tag != "O"]}
                text = row["text"].encode("utf-8", "replace")
                if what == "entities":
                    spans = row.get("spans")
                    label = None if spans is None else any(
                        (span["type"] if isinstance(span, dict) else span[2]) in types for span in spans)
                else:
                    label = row.get("label")
                if label is None or not text:
                    continue
                out.append((text, int(bool(label)), row.get("source", "")))
    return out


class Data:
    """Texts as pieces as buckets: those of piece p are buckets[ends[p]:ends[p + 1]], those of text t the pieces
    texts[t]:texts[t + 1]."""

    def __init__(self, rows, bits, most_pieces=None):
        self.labels = np.array([label for _, label, _ in rows], np.int8)
        self.sources = [source for _, _, source in rows]
        texts = [0]
        pieces = []
        for text, _, _ in rows:
            own = features.pieces(text)
            if most_pieces and len(own) > most_pieces:
                own = [own[i * len(own) // most_pieces] for i in range(most_pieces)]
            pieces += own
            texts.append(len(pieces))
        self.texts = np.array(texts)
        extractor = features.Extractor(bits)
        buckets, counts = [], []
        begin = 0
        while begin < len(pieces):
            end, size = begin, 0
            while end < len(pieces) and (size == 0 or size + len(pieces[end]) < CHUNK):
                size += len(pieces[end]) + 2
                end += 1
            found, ends = extractor.extract(pieces[begin:end])
            buckets.append(found)
            counts.append(np.diff(ends))
            begin = end
        self.buckets = np.concatenate(buckets) if buckets else np.zeros(0, np.int32)
        self.ends = np.concatenate(([0], np.cumsum(np.concatenate(counts)))) if counts else np.zeros(1, np.int64)

    def piece_scores(self, weights, bias, scale=1.0):
        sums = np.concatenate(([0], np.cumsum(weights[self.buckets].astype(np.float64))))
        counts = np.maximum(np.diff(self.ends), 1)
        return bias + scale * ((sums[self.ends[1:]] - sums[self.ends[:-1]]) / np.sqrt(counts))

    def text_scores(self, weights, bias, scale=1.0):
        """Of each text its highest piece's, as the service takes it."""
        return np.maximum.reduceat(self.piece_scores(weights, bias, scale), self.texts[:-1])


def train(data, bits, options, rng):
    """Logistic regression, AdaGrad, one example at a time. Which piece of a long attack is the attack is not known: from
    the second pass on it is the one that the model suspects most."""
    weights = np.zeros(1 << bits, np.float32)
    squares = np.full(1 << bits, 1e-6, np.float32)
    positives = int(data.labels.sum())
    negatives = len(data.labels) - positives
    bias = 0.0
    bias_square = 1e-6
    for epoch in range(options.epochs):
        chosen, labels, shares = [], [], []
        scores = data.piece_scores(weights, bias) if epoch else None
        for text, label in enumerate(data.labels):
            begin, end = data.texts[text], data.texts[text + 1]
            if label and epoch and end - begin > 1:
                own = [begin + int(np.argmax(scores[begin:end]))]
            else:
                own = range(begin, end)
            for piece in own:
                chosen.append(piece)
                labels.append(label)
                shares.append(1.0 / len(own) if label else 1.0)
        # Both classes weigh the same, whatever was collected of either.
        weight_of = (0.5 * len(data.labels) / max(negatives, 1), 0.5 * len(data.labels) / max(positives, 1))
        loss = 0.0
        for index in rng.permutation(len(chosen)):
            piece, label = chosen[index], labels[index]
            at = data.buckets[data.ends[piece]:data.ends[piece + 1]]
            if len(at) == 0:
                continue
            x = 1.0 / np.sqrt(len(at))
            own = weights[at]
            z = bias + x * float(own.sum())
            p = 1.0 / (1.0 + np.exp(-min(max(z, -30.0), 30.0)))
            loss += weight_of[label] * -np.log(max(p if label else 1.0 - p, 1e-9))
            g = weight_of[label] * shares[index] * (p - label)
            step = squares[at]
            step += (g * x) ** 2
            squares[at] = step
            own -= options.rate * (g * x / np.sqrt(step) + options.decay * own)
            weights[at] = own
            bias_square += g * g
            bias -= options.rate * g / np.sqrt(bias_square)
        say(f"  epoch {epoch + 1}: {len(chosen)} pieces, loss {loss / max(len(chosen), 1):.4f}")
    return weights, bias


def quantise(weights, bias):
    """To -127..127 with one scale; the few weights beyond are cut."""
    scale = float(np.quantile(np.abs(weights[weights != 0]), 0.9995)) / 127.0 if np.any(weights) else 1.0
    return np.clip(np.rint(weights / scale), -127, 127).astype(np.int8), float(np.float64(bias)), scale


def threshold(scores, labels, miss):
    """The highest score at or below which stands at most `miss` of the positives."""
    positive = np.sort(scores[labels == 1].astype(np.float32))
    return float(np.nextafter(positive[int(miss * len(positive))], np.float32(-np.inf)))


def calibrate(scores, labels, share):
    """Platt's scaling, the positives weighed to be `share` of all: p = 1 / (1 + exp(-(a * score + b)))."""
    positives = max(int(labels.sum()), 1)
    weight = np.where(labels == 1, share / positives, (1 - share) / max(len(labels) - positives, 1))
    x = np.stack([scores, np.ones(len(scores))], 1)
    w = np.array([1.0, 0.0])
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (weight * (p - labels)) + 1e-4 * (w - [1, 0])
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + 1e-4 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-9:
            break
    return float(w[0]), float(w[1])


def hold_back(calibration, scores, labels, share):
    """The calibration moved so that at most `share` of the benign reach one half, where policies act."""
    a, b = calibration
    highest = float(np.quantile(scores[labels == 0], 1 - share))
    return a, min(b, -a * highest)


def area(scores, labels):
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return float("nan")
    return (ranks[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives)


def report(name, data, scores, clear):
    labels = data.labels
    by_source = collections.defaultdict(lambda: [0, 0, 0, 0])
    for source, label, score in zip(data.sources, labels, scores.astype(np.float32)):
        counts = by_source["/".join(source.split("/")[:2])]
        counts[2 * label] += 1
        counts[2 * label + 1] += score <= clear
    say(f"{name}: area under the curve {area(scores, labels):.4f}; clear at or below {clear:.4f}")
    for source, (benign, settled, attacks, missed) in sorted(by_source.items()):
        parts = []
        if benign:
            parts.append(f"{benign} without, {100 * settled / benign:.1f}% settled")
        if attacks:
            parts.append(f"{attacks} with, {100 * missed / attacks:.1f}% missed")
        say(f"  {source}: {'; '.join(parts)}")
    low = scores.astype(np.float32) <= clear
    return {
        "held": len(labels),
        "area": round(float(area(scores, labels)), 4),
        "missed": round(float(low[labels == 1].mean()), 4) if labels.any() else None,
        "settled": round(float(low[labels == 0].mean()), 4) if not labels.all() else None,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", metavar="DIR")
    parser.add_argument("--dev", metavar="DIR")
    for name in gtl.OUTPUTS:
        parser.add_argument("--" + name, nargs="+", default=[], metavar="FILE")
    parser.add_argument("--held", nargs="+", default=[], metavar="FILE")
    parser.add_argument("--held-harmful", nargs="+", default=[], metavar="FILE")
    parser.add_argument("--types", nargs="+", default=list(TYPES), help="of entities that count")
    parser.add_argument("--out", required=True)
    parser.add_argument("--bits", type=int, default=18, help="2^bits buckets (18: 768 kB)")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--decay", type=float, default=1e-5)
    parser.add_argument("--pieces", type=int, default=6, help="of a text that are trained on, evenly spread")
    parser.add_argument("--miss", type=float, default=0.01, help="share of held-out positives that may be settled")
    parser.add_argument("--prior", type=float, default=0.1, help="share of attacks that the probabilities are for")
    parser.add_argument("--alarms", type=float, default=0.01, help="share of benign held-out texts that may reach one half")
    parser.add_argument("--most", type=int, default=0, help="rows of each file set; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    if options.set:
        for name in ("injection", "entities"):
            if not getattr(options, name):
                setattr(options, name, [f"{options.set}/{name}.train.jsonl"])
            options.held = options.held + [f"{options.set}/{name}.held.jsonl"]
    if options.dev:
        options.held = options.held + [f"{options.dev}/{name}" for name in DEV]
    model = gtl.Model(options.bits)
    model.trained = {"seed": options.seed, "epochs": options.epochs, "rate": options.rate, "types": options.types,
                     "files": {}}
    for name in gtl.OUTPUTS:
        paths = getattr(options, name)
        if not paths:
            continue
        rng = np.random.default_rng(options.seed)
        began = time.monotonic()
        rows = rows_of(paths, name, options.types)
        if options.most and len(rows) > options.most:
            rows = [rows[i] for i in np.sort(rng.permutation(len(rows))[:options.most])]
        data = Data(rows, options.bits, options.pieces)
        say(f"{name}: {len(rows)} texts, {int(data.labels.sum())} with, {len(data.ends) - 1} pieces, "
            f"{len(data.buckets)} features in {time.monotonic() - began:.0f} s")
        weights, bias, scale = quantise(*train(data, options.bits, options, rng))
        del data
        model.set(name, weights, bias, scale)
        for path in paths:
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
            model.trained["files"][path.rsplit("/", 1)[-1]] = digest
        held = Data(rows_of(options.held_harmful if name == "harmful" else options.held, name, options.types),
                    options.bits)
        if len(held.labels) and held.labels.any() and not held.labels.all():
            scores = held.text_scores(weights, bias, scale)
            if name != "harmful":
                model.clear[name] = threshold(scores, held.labels, options.miss)
            model.calibration[name] = calibrate(scores, held.labels, options.prior)
            if name == "injection":  # it decides alone where the encoder is late or not there
                model.calibration[name] = hold_back(model.calibration[name], scores, held.labels, options.alarms)
            model.measured[name] = report(name, held, scores, model.clear.get(name, -np.inf))
        say(f"{name}: {time.monotonic() - began:.0f} s")
    content = model.write(options.out)
    say(f"{options.out}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    print(json.dumps(model.measured))


if __name__ == "__main__":
    main()
