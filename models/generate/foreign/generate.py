#!/usr/bin/env python3
"""Writes training texts in many languages: attacks on an assistant, and harmless texts of the same topics and words.

Most known attacks are English; a gateway reads whatever its clients write. The sentences are hand-written per language
(languages/*.txt); this program recombines them. --data is taken for the common command line and not read.
"""
from __future__ import annotations

import argparse
import json
import os
import sys
import unicodedata
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from models.generate import encodings  # noqa: E402
from models.generate.foreign import grammar, neutral, romanise  # noqa: E402

PER_LANGUAGE = 640  # of each label, before the scale
DISGUISED = 0.06  # share of attacks that are encoded
DISGUISED_BENIGN = 0.03


def first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def without_accents(text: str) -> str:
    """As typed on a foreign keyboard. Letters that do not decompose are written with their usual substitutes."""
    for a, b in (("ß", "ss"), ("ø", "o"), ("Ø", "O"), ("ł", "l"), ("Ł", "L"), ("đ", "d"), ("Đ", "D"), ("ı", "i"), ("æ", "ae")):
        text = text.replace(a, b)
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


class Writer:
    """Builds texts of one language from one bundle at a time."""

    def __init__(self, language: grammar.Language, rng: Random):
        self.language, self.rng = language, rng

    def say(self, template: str) -> str:
        return first_upper(grammar.expand(template, self.language.parts, self.rng, self.language.code != "fr"))

    def part(self, name: str) -> str:
        return self.say(self.rng.choice(self.language.parts[name]))

    def join(self, *sentences: str) -> str:
        rng = self.rng
        glue = self.language.join if rng.random() < 0.9 else "\n"
        if sentences[0].endswith(",") and len(sentences) > 1 and rng.random() < 0.5:  # "Hi, wie", not "Hi, Wie"
            sentences = (sentences[0], sentences[1][:1].lower() + sentences[1][1:], *sentences[2:])
        return glue.join(s for s in sentences if s)

    def speakers(self) -> tuple[str, str]:
        parts = self.language.parts
        return self.rng.choice(parts["user"]), self.rng.choice(parts["assistant"])

    def other(self, attack: bool, core: grammar.Core) -> str:
        choices = [c for c in self.language.bundled(attack, core.bundle) if c is not core]
        return self.say(self.rng.choice(choices).template) if choices else ""

    def attack(self, core: grammar.Core) -> str:
        rng, main = self.rng, self.say(core.template)
        frame = rng.random()
        if frame < 0.26:
            return main
        if frame < 0.36:
            return self.join(self.part("greet"), main)
        if frame < 0.50:
            return self.join(self.part("reason"), main)
        if frame < 0.61:
            return self.join(main, self.part("insist"))
        if frame < 0.66:
            return self.join(self.part("greet"), self.part("reason"), main, self.part("insist"))
        if frame < 0.70:
            return self.join(main, self.part("thanks"))
        if frame < 0.80:
            return self.join(main, self.other(True, core))
        if frame < 0.87:
            return self.join(self.other(False, core), main)
        if frame < 0.92:
            return self.other(False, core) + rng.choice(neutral.SEPARATORS) + main
        if frame < 0.95:
            user, assistant = self.speakers()
            return f"{user}: {self.other(False, core)}\n{assistant}: OK\n{user}: {main}\n{assistant}:"
        if frame < 0.98:
            pair = [main, rng.choice(neutral.ENGLISH_ATTACK + neutral.ENGLISH_PLAIN)]
            rng.shuffle(pair)
            return " ".join(pair)
        return self.join(self.other(False, core), main, self.other(False, core))

    def benign(self, core: grammar.Core) -> str:
        rng, main = self.rng, self.say(core.template)
        frame = rng.random()
        if frame < 0.30:
            return main
        if frame < 0.48:
            return self.join(self.part("greet"), main)
        if frame < 0.63:
            return self.join(main, self.part("thanks"))
        if frame < 0.72:
            return self.join(self.part("greet"), main, self.part("thanks"))
        if frame < 0.84:
            return self.join(main, self.other(False, core))
        if frame < 0.89:
            return self.other(False, core) + rng.choice(neutral.SEPARATORS) + main
        if frame < 0.94:
            user, assistant = self.speakers()
            return f"{user}: {self.other(False, core)}\n{assistant}: OK\n{user}: {main}\n{assistant}:"
        if frame < 0.97:
            pair = [main, rng.choice(neutral.ENGLISH_PLAIN)]
            rng.shuffle(pair)
            return " ".join(pair)
        return self.join(self.part("greet"), main, self.other(False, core), self.part("thanks"))

    def surface(self, text: str, attack: bool) -> str:
        """The ways in which the same sentence is typed: no accents, Latin letters, small letters, or a disguise."""
        rng, code = self.rng, self.language.code
        if code in romanise.TABLES and rng.random() < 0.07:
            text = romanise.romanise(code, text)
        elif rng.random() < 0.08 and encodings.is_latin(text):
            text = without_accents(text)
        if rng.random() < 0.10:
            text = text.lower()
        elif rng.random() < 0.05:
            text = text.rstrip(".!?。！？।")
        if rng.random() < (DISGUISED if attack else DISGUISED_BENIGN):
            text = encodings.disguise(rng, text, attack, 400)[1]
        return text


def rows(seed: int, scale: float = 1.0):
    """All rows, language by language. Each language has its own stream, so that editing one leaves the others as they were."""
    for language in grammar.load(neutral.NEUTRAL):
        rng = Random(f"{seed}/{language.code}")
        writer = Writer(language, rng)
        seen: set[str] = set()
        # A small file (a romanised variant) gives a share that fits its size.
        wanted = round(min(PER_LANGUAGE, 10.5 * len(language.attacks)) * scale)
        for label, cores in ((1, language.attacks), (0, language.benign)):
            made = tries = 0
            while made < wanted and tries < 20 * wanted:
                core = cores[tries % len(cores)]
                tries += 1
                text = writer.attack(core) if label else writer.benign(core)
                text = writer.surface(text, label == 1)
                if text.casefold() in seen:
                    continue
                seen.add(text.casefold())
                made += 1
                yield {"text": text, "label": label, "kind": f"foreign-{core.kind}", "lang": language.code,
                       "group": f"foreign/{language.code}/{core.bundle}", "source": "generated/foreign"}


def write(out: str, lines) -> int:
    """Into a temporary name first: a reader never sees half a file."""
    count = 0
    temporary = f"{out}.tmp{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as f:
        for row in lines:
            f.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    os.replace(temporary, out)
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="", help="folder of the given data (not needed here)")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    args = parser.parse_args()
    print(write(args.out, rows(args.seed, args.scale)), "rows")


if __name__ == "__main__":
    main()
