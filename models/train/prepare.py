"""Makes the training set: merges, removes duplicates, splits by cluster, cuts into windows, tokenises.

    python3 models/train/prepare.py --data DIR --raw DIR --out DIR

DIR of --data has train/ as models/README.md describes; --raw has what models/generate made. Texts that are the same when
normalised are one; texts that share many six-word shingles are one cluster, and a cluster is wholly in one split. Nothing of
the folder dev/ is read here.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import random
import re
import unicodedata

import numpy as np

from beside import beside
from common import CLS, CONTEXT_SHAPE, LABEL_OF, SEP, WINDOW, context_of, encode, read_lines, tokenizer, windows

HELD = 0.05
# How often a source is seen an epoch; what is rare and real counts more than what is generated.
WEIGHT = {
    ("deepset", 1): 4, ("deepset", 0): 3, ("in-the-wild-jailbreaks", 1): 2, ("act-as", 0): 10, ("self-instruct", 0): 3,
    # Talk and documents full of orders, and their twins: where the false alarms are.
    **{("generated/technical", label): 2 for label in (0, 1)},
    **{(f"generated/english/chat-{name}", 0): 2 for name in ("change", "go", "talk", "role", "paste", "admin")},
    **{(f"generated/english/chat-{name}-attack", 1): 2 for name in ("change", "go", "talk", "role", "admin")},
    ("sgd-mined", 0): 2,
    **{("generated/manuals", label): 2 for label in (0, 1)},
}
# Of large sources so many rows are taken; long documents cost most of the time.
MOST = {"clinc150": 3000, "t0": 2500, "tensor-trust:system-prompt": 2000, "generated/documents": 14000, "generated/technical": 13000,
        "generated/foreign": 30000}
DIALOGUE_TURNS = 16000
DIALOGUE_ANSWERS = 14000  # what assistants said: a request holds it, too
# Words with which users order, correct themselves and change their minds, as those do who try to override a prompt.
ORDER = re.compile(r"^(?:ok(?:ay)?|yes|no|sure|great|alright)?[,. ]*(?:find|get|show|give|tell|search|look|book|play|make|check|set|send|"
                   r"open|reserve|transfer|buy|do|go ahead|proceed|stop|cancel|let's)\b|\b(?:instead|forget|ignore|never ?mind|change|changed|"
                   r"different|another|else|wait|actually|rather|cancel|skip|sorry|mistake|correct|confirm(?:ed)?|permission|allow|"
                   r"want you to|need you to|start over|something new|not that|i meant)\b", re.I)
# To ask for what an application is not for, or may not talk about, is a matter of its own policy, not an attack.
LEFT_OUT = {"topic-outside", "topic-forbidden", "task-yes-or-no", "task-one-sentence", "task-no-opinions"}


def normal(text):
    return re.sub(r"\W+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def number(text):
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


class Clusters:
    """Union of texts that share a shingle. Very common shingles join nothing: they are templates' own words."""

    def __init__(self, count):
        self.parent = list(range(count))

    def find(self, at):
        while self.parent[at] != at:
            self.parent[at] = self.parent[self.parent[at]]
            at = self.parent[at]
        return at

    def join(self, a, b):
        self.parent[self.find(a)] = self.find(b)


def cluster(rows):
    clusters = Clusters(len(rows))
    groups, seen = {}, collections.defaultdict(list)
    for at, row in enumerate(rows):
        if row.get("group"):
            clusters.join(at, groups.setdefault((row["source"], row["group"]), at))
        words = normal(row["text"]).split()
        for begin in range(0, max(1, len(words) - 5), 3):
            seen[hash(tuple(words[begin:begin + 6]))].append(at)
    for members in seen.values():
        if 2 <= len(members) <= 20:
            for other in members[1:]:
                clusters.join(members[0], other)
    return [clusters.find(at) for at in range(len(rows))]


def dialogue_rows(path, rng):
    """Turns of ordinary dialogues, none twice. Of users half are orders and changes of mind, a quarter short, a quarter any.

    Those look most like an override, and a plain draw has few of them. A tenth more are a few turns in a row as one text.
    """
    turns, answers, rows_in_turn = {}, {}, {}
    for row in read_lines(path):
        said = [message["content"].strip() for message in row["messages"] if message["role"] == "user"]
        for text in said:
            if text:
                turns.setdefault(normal(text), text)
        for message in row["messages"]:
            if message["role"] == "assistant" and message["content"].strip():
                answers.setdefault(normal(message["content"]), message["content"].strip())
        if len(said) > 2:
            first = rng.randrange(len(said) - 1)
            joined = rng.choice(["\n", "\n", " "]).join(said[first:first + rng.randint(2, 4)])
            rows_in_turn.setdefault(normal(joined), joined)
    left = sorted(turns.values())
    rng.shuffle(left)
    kept = []
    for wanted, share in ((ORDER.search, 0.5), (lambda text: len(text.split()) <= 6, 0.25), (lambda text: True, 0.25)):
        fit = [text for text in left if wanted(text)][:round(DIALOGUE_TURNS * share)]
        kept += fit
        left = sorted(set(left) - set(fit))
        rng.shuffle(left)
    answers = sorted(answers.values())
    rng.shuffle(answers)
    several = sorted(rows_in_turn.values())
    rng.shuffle(several)
    return [{"text": text, "label": 0, "kind": kind, "source": "sgd"}
            for kind, texts in (("chat", kept), ("chat-turns", several[:DIALOGUE_TURNS // 10]),
                                ("chat-answers", answers[:DIALOGUE_ANSWERS])) for text in texts]


def injection_rows(data, raw, rng):
    rows = []
    for row in read_lines(data / "train" / "injection.jsonl"):
        rows.append({"text": row["text"], "label": int(row["label"]), "kind": row["kind"], "source": row["source"]})
    for row in read_lines(data / "train" / "harmful_goals.jsonl"):
        rows.append({"text": row["text"], "label": 0, "kind": "harmful-bare", "source": "goals", "harmful": 1})
    for path in sorted(raw.glob("*.jsonl")):
        if path.name == "entities.jsonl":
            continue
        for row in read_lines(path):
            if row.get("kind") in LEFT_OUT:
                continue
            system = beside(row, rng) if "system" not in row else None
            rows.append({**row, "system": system} if system else row)
    rows.extend(dialogue_rows(data / "train" / "dialogues.jsonl", random.Random("dialogues")))
    rng.shuffle(rows)
    unique, taken = {}, collections.Counter()
    for row in rows:
        name = row["source"] + (":" + row["kind"] if row["source"] == "tensor-trust" else "")
        key = normal(row["text"]) + "\0" + normal(row.get("system", ""))
        if not row["text"].strip() or taken[name] >= MOST.get(name, 1 << 30):
            continue
        if key in unique:
            if unique[key]["label"] != row["label"]:
                unique[key]["label"] = -1  # sources disagree
            continue
        taken[name] += 1
        unique[key] = row
    return [row for row in unique.values() if row["label"] >= 0]


def harmful_of(row):
    if row.get("kind") == "harmful-bare":
        return 1
    if row["label"] == 0 and row.get("kind") not in ("quoted", "security", "look-alike"):
        return 0
    return -1


class Packed:
    """Token windows of many texts, flat."""

    def __init__(self):
        self.ids, self.shapes, self.tags, self.ends, self.rows = [], [], [], [0], []

    def add(self, ids, shapes, tags, row, context=()):
        before = [CLS, *context, SEP] if len(context) else [CLS]
        self.ids.append(np.concatenate([before, ids, [SEP]]).astype(np.int32))
        self.shapes.append(np.concatenate([[0], [CONTEXT_SHAPE] * (len(before) - 1), shapes, [0]]).astype(np.int8))
        if tags is not None:
            self.tags.append(np.concatenate([[-1], tags, [-1]]).astype(np.int8))
        self.ends.append(self.ends[-1] + len(self.ids[-1]))
        self.rows.append(row)

    def save(self, path):
        columns = {"ids": np.concatenate(self.ids), "shapes": np.concatenate(self.shapes),
                   "ends": np.asarray(self.ends, dtype=np.int64)}
        if self.tags:
            columns["tags"] = np.concatenate(self.tags)
        for name in self.rows[0]:
            columns[name] = np.asarray([row[name] for row in self.rows])
        np.savez(path, **columns)


def pack_injection(tok, rows, out, rng):
    packed = Packed()
    systems = sorted({row["system"] for row in rows if row.get("system")} |
                     {row["text"] for row in rows if row.get("kind") == "system-prompt"})
    contexts = {text: context_of(made[0]) for text, made in zip(systems, encode(tok, systems))}
    for row, (ids, offsets, shapes, starts) in zip(rows, encode(tok, [row["text"] for row in rows])):
        if len(ids) == 0:
            continue
        context = contexts.get(row.get("system"), ())
        # What is an attack by itself is one beside any system text; what is none stays none beside most.
        if "system" not in row and systems and len(ids) < 128 and rng.random() < 0.15:
            context = contexts[rng.choice(systems)]
        parts = windows(len(ids), starts, len(context))
        if row["label"] and "span" in row and len(parts) > 1:
            # An attack is in those windows that show it.
            begin, end = row["span"]
            parts = [(a, b) for a, b in parts if offsets[a][0] < end and begin < offsets[b - 1][1]]
        if len(parts) > 2:
            # The ask stands at the beginning or at the end; what stands between is one of them at random.
            parts = [parts[0], parts[-1]] if row["label"] else [parts[0], rng.choice(parts[1:])]
        for begin, end in parts:
            packed.add(ids[begin:end], shapes[begin:end], None,
                       {"label": row["label"], "harmful": harmful_of(row),
                        "weight": WEIGHT.get((row["source"], row["label"]), 1)}, context)
    packed.save(out)
    return len(packed.rows), packed.ends[-1]


def tags_of(offsets, spans, count):
    """BIO tags of tokens: a token is in a span that it overlaps."""
    tags = np.zeros(count, dtype=np.int8)
    at = 0
    for begin, end, name in sorted(spans):
        while at < count and offsets[at][1] <= begin:
            at += 1
        first = True
        while at < count and offsets[at][0] < end:
            tags[at] = LABEL_OF[("B-" if first else "I-") + name]
            first = False
            at += 1
    return tags


def pack_entities(tok, rows, out):
    packed = Packed()
    for row, (ids, offsets, shapes, starts) in zip(rows, encode(tok, [row["text"] for row in rows])):
        if len(ids) == 0:
            continue
        tags = tags_of(offsets, row["spans"], len(ids))
        for begin, end in windows(len(ids), starts):
            packed.add(ids[begin:end], shapes[begin:end], tags[begin:end],
                       {"weight": 2 if row.get("source") == "wikiann_en" else 1})
    packed.save(out)
    return len(packed.rows), packed.ends[-1]


def sentences(data, rng):
    """Ordinary short texts, to hold the embedding to its base's."""
    texts = []
    for row in read_lines(data / "train" / "injection.jsonl"):
        if row["kind"] in ("chat", "instruction") or row["source"] == "deepset":
            texts.append(row["text"])
        elif row["source"] == "t0":
            texts.extend(part for part in re.split(r"(?<=[.?!])\s+|\n", row["text"])[:3] if 20 < len(part) < 300)
    for row in read_lines(data / "train" / "dialogues.jsonl"):
        texts.extend(m["content"] for m in row["messages"][:6] if rng.random() < 0.3)
    texts = sorted({text for text in texts if len(text) > 8})
    rng.shuffle(texts)
    return texts[:50000]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=pathlib.Path, required=True)
    options.add_argument("--raw", type=pathlib.Path, required=True)
    options.add_argument("--out", type=pathlib.Path, required=True)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(given.seed)
    tok = tokenizer()

    rows = injection_rows(given.data, given.raw, rng)
    of = cluster(rows)
    split = [("held" if number(f"{given.seed}:{of[at]}:{rows[of[at]]['text'][:200]}") % 1000 < 1000 * HELD else "train")
             for at in range(len(rows))]
    for name in ("train", "held"):
        part = [row for row, where in zip(rows, split) if where == name]
        with open(given.out / f"injection.{name}.jsonl", "w", encoding="utf-8") as file:
            for row in part:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        count, tokens = pack_injection(tok, part, given.out / f"injection.{name}.npz", rng)
        by = collections.Counter((row["source"].split("/")[0], row["label"]) for row in part)
        print(f"injection {name}: {len(part)} texts, {count} windows, {tokens} tokens", dict(by), flush=True)

    entities = [row for path in [given.raw / "entities.jsonl"] if path.exists() for row in read_lines(path)]
    if not entities:
        for language in ("en", "de", "es"):
            for row in read_lines(given.data / "train" / f"ner_wikiann_{language}.jsonl"):
                entities.append(wikiann(row))
    rng.shuffle(entities)
    for name in ("train", "held"):
        part = [row for row in entities if row.get("split", "train") == name]
        if not part:
            continue
        with open(given.out / f"entities.{name}.jsonl", "w", encoding="utf-8") as file:
            for row in part:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        count, tokens = pack_entities(tok, part, given.out / f"entities.{name}.npz")
        print(f"entities {name}: {len(part)} texts, {count} windows, {tokens} tokens", flush=True)

    texts = sentences(given.data, rng)
    packed = Packed()
    for ids, _, shapes, _ in encode(tok, texts):
        if len(ids):
            packed.add(ids[:WINDOW - 2], shapes[:WINDOW - 2], None, {"weight": 1})
    packed.save(given.out / "sentences.npz")
    print(f"sentences: {len(packed.rows)} texts, {packed.ends[-1]} tokens", flush=True)


def wikiann(row):
    text, spans, at = "", [], 0
    names = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
    for token, tag in zip(row["tokens"], row["tags"]):
        if text:
            text += " "
        at = len(text)
        text += token
        if tag.startswith("B-"):
            spans.append([at, len(text), names[tag[2:]]])
        elif tag.startswith("I-") and spans:
            spans[-1][1] = len(text)
    return {"text": text, "spans": spans, "source": "wikiann"}


if __name__ == "__main__":
    main()
