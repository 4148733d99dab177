#!/usr/bin/env python3
"""Writes training texts with typed spans for the entity head, as JSON lines.

    generate.py --data DIR --out FILE --seed N [--scale X]

A line is {"text", "spans": [[start, end, type]...] in characters, "jobs": [[start, end]...] where job titles stand,
"source", "lang", "group", "split"}. The same arguments give the same file. See README.md for the types and the parts.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import sys

import corpora
import lists
import orgs
import people
import places
import split
import templates
import variants
from fill import Filler

HERE = pathlib.Path(__file__).resolve().parent
COUNTS = {"shared": 18000, "own": 28000, "wikiann_en": 20000, "wikiann_de": 4500, "wikiann_es": 4500, "dialogues": 5000, "requests": 5000}
JOINED = .25  # share of the own fills that go into longer documents of a few fills
ORG_WORDS = ("University College School Institute Academy FC United City Club Company Corporation Bank Group Records Airlines Museum Party Association Council Foundation "
             "Library Orchestra Hospital Ministry Department Society Union League Airways Television Radio Times Press Church Army Navy Regiment Universität Institut Verein "
             "Partei Bund Universidad Instituto Partido Banco Fútbol Deportivo Compañía").split()


class Values:
    """The value lists of one part ("train" or "held")."""

    def __init__(self, faker, part, real):
        own_people = lists.read_sections(HERE / "values" / "people.txt", None)
        own_places = lists.read_sections(HERE / "values" / "places.txt", ";")
        own_orgs = lists.read_sections(HERE / "values" / "orgs.txt", ";")
        terms = lists.read_sections(HERE / "values" / "terms.txt", ";")
        side = lambda names, of: [n for n in names if of(n) == part]
        self.people = people.People(faker, own_people, part, side(real.get("PERSON", []), split.person_side))
        self.places = places.Places(faker, own_places, part, side(real.get("LOCATION", []), split.value_side))
        self.orgs = orgs.Orgs(faker, own_orgs, part, self.people, self.places, side(real.get("ORGANIZATION", []), split.value_side))
        self.terms = terms
        self.filler = Filler(self.people, self.places, self.orgs, terms, part)


def real_names(data):
    """Names that stand alone in WikiANN: people, places, and organisations that say what they are."""
    real = {"PERSON": [], "LOCATION": [], "ORGANIZATION": []}
    for lang in ("en", "de", "es"):
        for kind, names in corpora.titles(data / f"ner_wikiann_{lang}.jsonl", real).items():
            real[kind] += names
    latin = lambda name: lists.LATIN.match(name) and name[0].isupper()
    real["PERSON"] = [n for n in dict.fromkeys(real["PERSON"]) if latin(n) and 2 <= len(n.split()) <= 4]
    real["LOCATION"] = [n for n in dict.fromkeys(real["LOCATION"]) if latin(n) and len(n.split()) <= 2 and len(n) > 3 and n.split()[-1][0].isupper()]
    real["ORGANIZATION"] = [n for n in dict.fromkeys(real["ORGANIZATION"]) if latin(n) and any(w in ORG_WORDS for w in n.split())]
    return real


def filled(chosen, values, count, rng):
    """Rows from templates: every template first once, then drawn by weight."""
    if not chosen:
        return
    # Whole rounds over the templates by weight, so that none is missing and none is drawn far too often.
    weights = [t.weight for t in chosen]
    total, plan = sum(weights), []
    for i, weight in enumerate(weights):
        plan += [i] * max(1, int(count * weight / total + .5))
    rng.shuffle(plan)
    waiting = {}
    for i in plan:
        template = chosen[i]
        text, spans = values.filler.fill(template.text, template.lang, rng, plain=template.coded)
        if template.source != "own":
            spans = templates.literal_spans(text, spans)
        text, spans = variants.vary(text, spans, rng, template.coded)
        register = "pii_templates" if template.source != "own" else f"own_{template.register}"
        if template.source == "own" and rng.random() < JOINED:
            # Put aside until a few of one language are there: together they make a longer document.
            pieces = waiting.setdefault(template.lang, [])
            pieces.append((text, spans, template.group))
            if len(pieces) >= rng.choice([2, 3, 4, 6, 9]):
                yield (*put_together(pieces, rng), "own_joined", template.lang, "+".join(group for _, _, group in pieces))
                waiting[template.lang] = []
            continue
        yield text, spans, register, template.lang, template.group


def put_together(pieces, rng):
    gap, text, spans = rng.choice(["\n\n", "\n", " ", "\n---\n"]), "", []
    for part, part_spans, _ in pieces:
        text += gap if text else ""
        spans += [[s + len(text), e + len(text), kind] for s, e, kind in part_spans]
        text += part
    return text, spans


def corpus_side(text, spans, group, closed):
    """"train", "held" or None (left out): by its names; a text without names goes by its group."""
    sides = set()
    for s, e, kind in spans:
        name = text[s:e]
        if kind == "PERSON":
            sides.add(split.person_side(name))
        elif kind in ("ORGANIZATION", "LOCATION", "STREET_ADDRESS") and split.fold(name) not in closed:
            sides.add(split.value_side(name))
    if not sides:
        return split.group_side(group)
    if sides == {"train"}:
        return "train"
    if "train" not in sides:
        return "held"
    return None


def taken(rows, count, source, lang, rng, closed):
    """`count` train rows and a twentieth of it held rows of a corpus, drawn by the seed."""
    parts = {"train": [], "held": []}
    for text, spans, group, _ in rows:
        if source == "dialogues" and not spans and rng.random() < .7:
            continue  # small talk: enough of it is left
        side = corpus_side(text, spans, group, closed)
        if side:
            parts[side].append((text, spans, group))
    for side, share in (("train", .95), ("held", .05)):
        rng.shuffle(parts[side])
        for text, spans, group in parts[side][:int(count * share)]:
            if rng.random() < .9:
                text, spans = variants.vary(text, spans, rng)
            yield text, spans, source, lang, group, side


def tidy(text, spans):
    """Spans without space around them, sorted, none empty; None where two overlap."""
    out = []
    for s, e, kind in sorted(spans):
        while s < e and text[s].isspace():
            s += 1
        while e > s and text[e - 1].isspace():
            e -= 1
        if e > s:
            if out and s < out[-1][1]:
                return None
            out.append([s, e, kind])
    return out


def rows(data, seed, scale, faker, drawn=None):
    """All rows, in no order; `drawn` (a Counter) is told the cultures of the people that were drawn."""
    real = real_names(data)
    parts = {part: Values(faker, part, real) for part in ("train", "held")}
    own, shared = templates.own_templates(), templates.shared_templates(data / "pii_templates.txt")
    for source, found in (("shared", shared), ("own", own)):
        count = COUNTS[source] * scale
        for part, share in (("train", .95), ("held", .05)):
            chosen = [t for t in found if split.group_side(t.group) == part]
            for row in filled(chosen, parts[part], count * share, random.Random(f"{seed}:{source}:{part}")):
                yield (*row, part)
    if drawn is not None:
        for values in parts.values():
            drawn.update(values.people.drawn)
    terms = parts["train"].terms
    nationalities = terms["nationality"]
    adjectives = {
        "en": set(nationalities["en"] + nationalities["plural"] + nationalities["religion"]),
        "de": {a + end for a in nationalities["de"] for end in ("e", "er", "en", "es", "em")},
        "es": {a + end for a in nationalities["es"] for end in ("", "s", "es")},
    }
    closed = {split.fold(c) for values in parts.values() for c in values.places.countries + values.places.countries_long + values.places.regions
              + [c for names in values.places.native_countries.values() for c in names]}
    for lang in ("en", "de", "es"):
        source = f"wikiann_{lang}"
        yield from taken(corpora.wikiann(data / f"ner_{source}.jsonl", lang, adjectives), COUNTS[source] * scale, source, lang,
                         random.Random(f"{seed}:{source}"), closed)
    words = corpora.common_words([data / "ner_wikiann_en.jsonl", data / "dialogues.jsonl", data / "injection.jsonl"])
    yield from taken(corpora.dialogues(data / "dialogues.jsonl", words), COUNTS["dialogues"] * scale, "dialogues", "en",
                     random.Random(f"{seed}:dialogues"), closed)
    names = closed | {split.fold(a) for key in ("en", "plural", "religion", "politics") for a in nationalities[key]}
    names |= {split.fold(c) for values in parts.values() for c in values.places.world + values.places.other_cities}
    names -= LOOKALIKES
    yield from taken(corpora.requests(data / "injection.jsonl", words, names), COUNTS["requests"] * scale, "requests", "en",
                     random.Random(f"{seed}:requests"), closed)


# Cities and the like that are everyday words first.
LOOKALIKES = set("reading bath mobile orange nice split buffalo independence liberty surprise paradise normal hope rugby male lens cork".split())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with train/{pii_templates.txt, ner_wikiann_*.jsonl, dialogues.jsonl, injection.jsonl}")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="1 gives about 77,000 texts")
    args = parser.parse_args()
    found, seen, left_out, drawn = [], set(), 0, collections.Counter()
    for text, spans, source, lang, group, part in rows(args.data / "train", args.seed, args.scale, lists.run_faker(), drawn):
        spans = tidy(text, spans)
        if spans is None or not text.strip() or (text, source) in seen:
            left_out += 1
            continue
        seen.add((text, source))
        row = {"text": text, "spans": [sp for sp in spans if sp[2] != "JOB"], "source": source, "lang": lang, "group": group, "split": part}
        jobs = [sp[:2] for sp in spans if sp[2] == "JOB"]
        if jobs:
            row["jobs"] = jobs
        found.append(row)
    random.Random(f"{args.seed}:order").shuffle(found)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    temporary = args.out.with_name(args.out.name + ".part")
    with open(temporary, "w", encoding="utf-8") as file:
        for row in found:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    os.replace(temporary, args.out)
    report(found, left_out, drawn)


def report(found, left_out, drawn):
    kinds, sources, langs, parts = (collections.Counter() for _ in range(4))
    for row in found:
        kinds.update(sp[2] for sp in row["spans"])
        sources[row["source"]] += 1
        langs[row["lang"]] += 1
        parts[row["split"]] += 1
    print(f"{len(found)} texts, {left_out} doubles or overlaps left out; {dict(parts)}", file=sys.stderr)
    for name, counter in (("types", kinds), ("sources", sources), ("languages", langs), ("people by culture", drawn)):
        print(name, " ".join(f"{key}={n}" for key, n in counter.most_common()), file=sys.stderr)


if __name__ == "__main__":
    main()
