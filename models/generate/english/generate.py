#!/usr/bin/env python3
"""Writes labelled English training texts for the injection classifier: attacks and look-alikes.

    generate.py --data DIR --out FILE --seed N [--scale X]

DIR is the folder of the data (its train/harmful_goals.jsonl is read). Each line of FILE is
{"text", "label", "kind", "group", "source"}. The same seed, scale and data give the same file.
"""
import argparse
import collections
import itertools
import json
import os
import pathlib
import random
import re
import sys

import goals as goal_forms
import kinds as kind_table
import surface

PER_LABEL = {1: 36000, 0: 46000}  # More look-alikes: what is taken for an attack has many more forms than attacks have.
SIBLINGS = 40  # Of one core at scale 1: beyond that a core teaches its wording more than its idea.
PATIENCE = 8  # A core that gives this many repeats in a row has nothing new to say.
ROUNDS = 4


def fingerprint(text):
    """Equal for texts that differ only in case and punctuation."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip() or text


def rows_of_kind(kind, siblings, grammar, rng, seen):
    """Rows without end, until the cores are exhausted: they take turns, so that each has about as many as the next."""
    order = list(kind.cores)
    rng.shuffle(order)
    turns = collections.deque((core, 0, 0) for core in order)
    while turns:
        core, made, misses = turns.popleft()
        text, owner = core.make(rng), core.ident
        if isinstance(text, tuple):
            text, owner = text
        text = surface.finish(text, grammar, rng, kind.wrapped, kind.rough)
        known = fingerprint(text)
        if known in seen or surface.words(text) < kind.shortest:
            if misses + 1 < PATIENCE:
                turns.append((core, made, misses + 1))
            continue
        seen.add(known)
        yield {"text": text, "label": kind.label, "kind": kind.name, "group": f"english/{owner}",
               "source": f"generated/english/{kind.name}"}
        if made + 1 < siblings or not core.limited:
            turns.append((core, made + 1, 0))


def rows_of_label(kinds, wanted, seed, siblings, grammar, seen):
    """About `wanted` rows of one label; what a small kind cannot give, the others give by their share."""
    streams = {kind.name: rows_of_kind(kind, siblings, grammar, random.Random(f"{seed}/{kind.name}"), seen)
               for kind in kinds}
    rows = []
    open_kinds = list(kinds)
    for _ in range(ROUNDS):
        missing = wanted - len(rows)
        total = sum(kind.share for kind in open_kinds)
        for kind in list(open_kinds):
            quota = max(1, round(missing * kind.share / total))
            got = list(itertools.islice(streams[kind.name], quota))
            rows.extend(got)
            if len(got) < quota:
                open_kinds.remove(kind)
        if not open_kinds or len(rows) >= wanted * 0.995:
            break
    return rows


def generate(data, seed, scale=1.0):
    """All rows, attacks and look-alikes mixed."""
    goals = goal_forms.load_goals(data)
    grammar = kind_table.build_grammar(goals)
    kinds = kind_table.all_kinds(grammar, goals)
    siblings = max(2, round(SIBLINGS * scale))
    seen = set()
    rows = []
    for label in (1, 0):
        chosen = [kind for kind in kinds if kind.label == label]
        rows.extend(rows_of_label(chosen, round(PER_LABEL[label] * scale), seed, siblings, grammar, seen))
    random.Random(f"{seed}/order").shuffle(rows)
    return rows


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--seed", required=True, type=int)
    parser.add_argument("--scale", default=1.0, type=float)
    options = parser.parse_args(arguments)
    rows = generate(options.data, options.seed, options.scale)
    partial = options.out.with_name(options.out.name + ".partial")
    with partial.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    os.replace(partial, options.out)
    counts = collections.Counter((row["label"], row["kind"]) for row in rows)
    for (label, kind), count in sorted(counts.items(), reverse=True):
        groups = len({row["group"] for row in rows if row["kind"] == kind})
        print(f"{label} {kind:24} {count:6} texts {groups:5} groups", file=sys.stderr)
    print(f"{len(rows)} rows, {sum(row['label'] for row in rows)} attacks", file=sys.stderr)


if __name__ == "__main__":
    main()
