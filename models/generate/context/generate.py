#!/usr/bin/env python3
"""Writes texts beside system prompts: what breaks the prompt (label 1) and what an ordinary user of it writes (label 0).

    generate.py --data DIR --out FILE --seed N [--scale X]

DIR is accepted for the sake of one command line for all generators; nothing is read from it, every wording is written
here. The same seed and scale give the same file.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import sys

import brief
import files
import pairs
import pressed
import submitted
import work

SHARES = [
    (pairs.secret_rows, 7000), (pairs.topic_rows, 1800), (pairs.task_rows, 3000), (work.data_rows, 1500), (work.hijack_rows, 1600),
    (work.extraction_rows, 1000), (work.long_rows, 700), (work.passphrase_rows, 600), (work.security_rows, 4000),
    (brief.short_rows, 3000), (brief.tongue_rows, 6500), (files.record_rows, 4800), (pressed.pressed_rows, 7500),
    (submitted.submitted_rows, 5200),
]
PATIENCE = 40  # Draws in a row without a new row: the banks have nothing more to say.


def generate(data, seed, scale=1.0):
    """All rows, mixed; no pair of prompt and text appears twice."""
    rows, seen = [], set()
    for make, share in SHARES:
        rng = random.Random(f"{seed}/{make.__name__}")
        wanted, misses, made = max(1, round(share * scale)), 0, 0
        while made < wanted and misses < PATIENCE:
            misses += 1
            for row in make(rng):
                key = row["system"], row["text"]
                if key not in seen and len(row["text"]) > 1:
                    seen.add(key)
                    rows.append(row)
                    made += 1
                    misses = 0
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
