#!/usr/bin/env python3
"""Writes documents with and without an instruction buried in them, for training the detector of indirect injection.

A document is label 0 as it is and label 1 with an attack in it. Contexts come from the generators here and, for a part, from
the given indirect_contexts.jsonl; attacks from attacks.py and the given indirect_attacks.jsonl. Attacks and contexts are dealt
into bundles; a document only ever meets attacks of its own bundle, and the bundle is the group: a split by groups then shares
neither contexts nor attacks. A row with an attack also has "span", its place in characters, for a trainer that cuts windows; "uses" names the given sources
whose text is in the row, for a choice by licence.
"""
from __future__ import annotations

import argparse
import itertools
import re
import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from models.generate import encodings  # noqa: E402
from models.generate.documents import attacks, given, letters, manuals, notes, pages, place, programs, records, technical  # noqa: E402
from models.generate.documents.words import say, WORDS  # noqa: E402
from models.generate.foreign.generate import write  # noqa: E402

BUNDLES = 48
PER_LABEL = 15000
TECHNICAL = {0: 8000, 1: 5000}  # documents that tell their reader what to do: more clean ones, for those are taken for attacks
MANUALS = {0: 5000, 1: 3000}  # the same out of real manuals
GIVEN_CONTEXTS = 0.35  # share of documents built on the given contexts
DISGUISED = 0.06
PASSAGES = 0.12  # share of documents that are running text of the given passages
REQUESTS = 0.10  # share of attacks that are given requests

#: Kinds that look like the work of an exam, a FAQ, a forum: not out of place there, so not buried there.
ORDINARY = frozenset(("question", "task", "translate", "learn", "programming", "business", "entertain", "information-retrieval", "content-creation",
                      "learning-and-tutoring", "language-translation", "programming-help"))
HOMELY = frozenset(("exam", "faq", "forum", "chat"))

GENERATORS = {**letters.LETTERS, **pages.PAGES, **records.DATA, **programs.CODE}
FAMILY = {"html": "html", "json": "json", "table": "table", "csv": "csv", "source": "code", "question_answer": "code", "readme": "code", "code": "code"}
#: How often a kind is drawn; the rest count 1. E-mail, tables and code are where assistants read most.
WEIGHT = {"email": 5, "table": 4, "question_answer": 4, "news": 2, "abstract": 2, "bills": 2, "html": 2, "json": 2, "chat": 2, "csv": 2}


class Attacks:
    """All attack cores, dealt into bundles so that every bundle has every kind that is common enough."""

    def __init__(self, given: list[dict], more: given.Given):
        self.more = more
        text = [(kind, t, False) for kind, ts in attacks.TEXT.items() for t in ts]
        text += [(r["category"].lower().replace(" & ", "-").replace(" ", "-"), r["text"], True) for r in given if r["kind"] == "text"]
        coded = [(kind, t, False) for kind, ts in attacks.CODE.items() for t in ts]
        coded += [("code-" + r["category"].lower().replace(" & ", "-").replace(" ", "-"), r["text"], True) for r in given if r["kind"] == "code"]
        self.text, self.code = self._deal(text), self._deal(coded)

    @staticmethod
    def _deal(cores):
        order = list(cores)
        Random("deal").shuffle(order)
        return [order[b::BUNDLES] for b in range(BUNDLES)]

    def draw(self, rng: Random, bundle: int, family: str, homely: bool, uses: set[str]) -> tuple[str, str]:
        """The kind and the text of an attack that fits a document of this family; `uses` as above."""
        if family == "code" and self.code[bundle] and rng.random() < 0.55:
            kind, core, given = rng.choice(self.code[bundle])
            if given:
                uses.add("indirect_attacks")
                return kind, core
            body = core.replace("{evil}", rng.choice(WORDS["evil"]))
            fence = rng.choice(("\n```\n{}\n```", "\n{}", "\n```python\n{}\n```", "\n<code>{}</code>"))
            return "code-" + kind, say(rng, rng.choice(attacks.CODE_REQUESTS)) + fence.replace("{}", body)
        if not homely and rng.random() < REQUESTS and self.more.requests[bundle]:
            uses.add("clinc150")
            return "request", self.more.request(rng, bundle)
        kind, core, given = rng.choice([c for c in self.text[bundle] if not homely or c[0] not in ORDINARY])
        if given:
            uses.add("indirect_attacks")
            return kind, core
        text = self.speak(rng, core)
        if rng.random() < 0.12:  # two wishes at once, or the same one twice
            text += rng.choice((" ", "\n")) + rng.choice((text, self.speak(rng, rng.choice([c for k, c, g in self.text[bundle] if not g and not (homely and k in ORDINARY)]))))
        return kind, text

    @staticmethod
    def speak(rng: Random, core: str) -> str:
        text, call = say(rng, core), rng.choice(attacks.CALLS)
        if call.endswith((", ", "Please ")) and text[:2] not in ("I ", "AI"):
            text = text[:1].lower() + text[1:]
        return f"{say(rng, call)} {text}" if call else text


class Contexts:
    def __init__(self, given: list[dict], more: given.Given):
        self.more = more
        kinds = sorted({r["kind"] for r in given})
        order = [[r for r in given if r["kind"] == k] for k in kinds]
        self.given = [[rs[b::BUNDLES] or rs[b % len(rs)::BUNDLES] for rs in order] for b in range(BUNDLES)]
        self.names = list(GENERATORS)
        self.weights = [WEIGHT.get(n, 1) for n in self.names]

    def draw(self, rng: Random, bundle: int, uses: set[str]) -> tuple[str, str]:
        """The kind and the text of a document. `uses` gains the given sources in it."""
        if self.given[bundle] and rng.random() < GIVEN_CONTEXTS:
            uses.add("indirect_contexts")
            row = rng.choice(rng.choice(self.given[bundle]))  # tables are most of them: first the kind
            text = row["text"].strip("\n")
            if row["kind"] == "table":
                text = re.sub(r" {3,}", "  ", text) if rng.random() < 0.7 else text
            return row["kind"], text
        if rng.random() < PASSAGES and self.more.passages[bundle]:
            uses.add("t0")
            return "passage", self.more.passage(rng, bundle)
        kind = rng.choices(self.names, self.weights)[0]
        text = GENERATORS[kind](rng)
        if FAMILY.get(kind, "text") in ("text", "html") and self.more.passages[bundle]:
            for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):  # words that no list of ours holds
                uses.add("t0")
                text = place.put_span(rng, text, self.more.sentence(rng, bundle), "plain")[0]
        return kind, text


def honest_note(rng: Random, family: str) -> str:
    """A note that belongs, called out as attacks are in a third of the cases."""
    pool = notes.CODE_NOTES if family == "code" and rng.random() < 0.7 else notes.NOTES + notes.HARD_NOTES
    note = say(rng, rng.choice(pool))
    if rng.random() < 0.33:
        note = say(rng, rng.choice(notes.CALLS)) + " " + note
    return note


def rows(seed: int, scale: float, folder: Path):
    more = given.Given(folder / "injection.jsonl", BUNDLES)
    all_attacks = Attacks(given.read_lines(folder / "indirect_attacks.jsonl"), more)
    contexts = Contexts(given.read_lines(folder / "indirect_contexts.jsonl"), more)
    rng = Random(f"documents/{seed}")
    seen: set[str] = set()
    pairs = round(PER_LABEL * scale)
    number = 0
    while pairs:
        bundle = number % BUNDLES
        number += 1
        uses: set[str] = set()
        kind, text = contexts.draw(rng, bundle, uses)
        family = FAMILY.get(kind, "text")
        budget = rng.choice((90, 130, 170, 210, 230, 240)) if rng.random() < 0.92 else rng.randint(260, 480)

        note = honest_note(rng, family) if rng.random() < 0.55 else ""
        if not note and rng.random() < 0.3:
            note = more.sentence(rng, bundle)
            uses.update(("t0",) if note else ())
        bad_uses = set(uses)
        clean = place.put_span(rng, place.cut(rng, text, budget), note, family)[0] if note else place.cut(rng, text, budget)
        name, attack = all_attacks.draw(rng, bundle, family, kind in HOMELY, bad_uses)
        if rng.random() < DISGUISED:
            attack = encodings.disguise(rng, attack, True, 400)[1]
        elif rng.random() < DISGUISED / 2:
            clean = place.put_span(rng, clean, encodings.disguise(rng, note or honest_note(rng, family), False, 400)[1], family)[0]
        room = max(40, budget - place.length(attack))
        base = place.cut(rng, text, room)
        if note and rng.random() < 0.3:  # an honest note beside the attack: a note clears nothing
            base = place.put_span(rng, base, note, family)[0]
        bad, start, end = place.put_span(rng, base, attack, family)
        if clean in seen or bad in seen:
            continue
        seen.update((clean, bad))
        pairs -= 1
        group = f"documents/{bundle}"
        yield {"text": clean, "label": 0, "kind": f"document-{kind}", "group": group, "lang": "en", "source": "generated/documents", "uses": sorted(uses)}
        yield {"text": bad, "label": 1, "kind": f"buried-{name}", "group": group, "lang": "en", "source": "generated/documents", "uses": sorted(bad_uses), "span": [start, end]}


def technical_rows(seed: int, scale: float, folder: Path):
    """Documents of technical.py."""
    names = list(technical.KINDS)
    weights = [technical.WEIGHTS.get(name, 1.5) for name in names]

    def draw(rng: Random, bundle: int) -> tuple[str, str, str]:
        kind = rng.choices(names, weights)[0]
        make, family = technical.KINDS[kind]
        return kind, make(rng), family

    return ordering_rows("technical", TECHNICAL, draw, seed, scale, folder)


def manual_rows(seed: int, scale: float, folder: Path):
    """Documents of manuals.py."""
    entries = manuals.gather(min(1, scale))
    Random("deal").shuffle(entries)

    def draw(rng: Random, bundle: int) -> tuple[str, str, str]:
        return "manual", manuals.answer(rng, rng.choice(entries[bundle::BUNDLES])), "code"

    return ordering_rows("manuals", MANUALS, draw, seed, scale, folder)


def ordering_rows(source: str, wanted: dict[int, int], draw, seed: int, scale: float, folder: Path):
    """Documents that tell their reader what to do; of the clean ones so many have a twin as there are attacks."""
    more = given.Given(folder / "injection.jsonl", BUNDLES)
    all_attacks = Attacks(given.read_lines(folder / "indirect_attacks.jsonl"), more)
    rng = Random(f"{source}/{seed}")
    left = {label: round(count * scale) for label, count in wanted.items()}
    subtle = list(technical.ATTACKS)
    Random("deal").shuffle(subtle)
    seen: set[str] = set()
    number = 0
    while left[0]:
        bundle = number % BUNDLES
        number += 1
        kind, text, family = draw(rng, bundle)
        budget = rng.choice((60, 90, 130, 170, 210, 235)) if rng.random() < 0.92 else rng.randint(260, 480)
        clean = place.cut(rng, text, budget)
        if rng.random() < 0.35:
            clean = place.put_span(rng, clean, technical.order(rng) if rng.random() < 0.6 else honest_note(rng, family), family)[0]
        if not clean.strip() or clean in seen:
            continue
        seen.add(clean)
        left[0] -= 1
        common = {"group": f"{source}/{bundle}", "lang": "en", "source": f"generated/{source}"}
        yield {"text": clean, "label": 0, "kind": f"technical-{kind}", **common, "uses": []}
        if left[1] * wanted[0] <= (left[0] + 1) * wanted[1] - wanted[0] or not left[1]:
            continue
        uses: set[str] = set()
        if rng.random() < 0.6:
            name, attack = "assistant", say(rng, subtle[(bundle + BUNDLES * rng.randrange(8)) % len(subtle)])
        else:
            name, attack = all_attacks.draw(rng, bundle, family, True, uses)
        base = place.cut(rng, clean, max(40, budget - place.length(attack)))
        bad, start, end = place.put_span(rng, base, attack, family)
        if bad in seen:
            continue
        seen.add(bad)
        left[1] -= 1
        yield {"text": bad, "label": 1, "kind": f"technical-{name}", **common, "uses": sorted(uses), "span": [start, end]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder with train/indirect_*.jsonl (or those files themselves)")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    args = parser.parse_args()
    folder = Path(args.data)
    folder = folder / "train" if (folder / "train").is_dir() else folder
    print(write(args.out, itertools.chain(*(make(args.seed, args.scale, folder) for make in (rows, technical_rows, manual_rows)))), "rows")


if __name__ == "__main__":
    main()
