"""The small grammar in which a language's sentences are written, and its reader.

A language is one file under languages/. Whole sentences are recombined, never words of different sentences, so that the
result stays grammatical in languages with cases and agreement: variation inside a sentence is written out by somebody who
knows which forms fit.

    # a comment            @name   a list of parts follows (greet, thanks, reason, insist, goal, task, user, assistant, ...)
    +kind                  attack sentences of that kind follow          -kind   harmless sentences follow
    (a|b|)                 one of these, possibly nothing                {name}  one entry of the list, or of a neutral list

Lines are cores. Cores are dealt into bundles (the n-th attack and the n-th harmless core modulo BUNDLES); a text may combine
cores of one bundle only and bears the bundle's name as its group. So texts that share a core share a group, and a split by
groups leaks nothing.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

BUNDLES = 24
LANGUAGES = Path(__file__).resolve().parent / "languages"


@dataclass(frozen=True)
class Core:
    """One hand-written sentence pattern."""
    kind: str
    template: str
    bundle: int


@dataclass
class Language:
    code: str
    join: str = " "  # between sentences; nothing in Chinese and Japanese
    parts: dict[str, list[str]] = field(default_factory=dict)
    attacks: list[Core] = field(default_factory=list)
    benign: list[Core] = field(default_factory=list)

    def bundled(self, attack: bool, bundle: int) -> list[Core]:
        return [c for c in (self.attacks if attack else self.benign) if c.bundle == bundle]


_CHOICE = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")
_GAPS = re.compile(r" {2,}")
_LOOSE = re.compile(r" ([,.;:!?،؟।۔])(?= |$)")
_LOOSE_STOP = re.compile(r" ([,.])(?= |$)")



def expand(template: str, parts: dict[str, list[str]], rng: Random, tight: bool = True) -> str:
    """One sentence of the pattern. Choices nest; slots may hold patterns themselves. `tight`: an empty choice leaves no gap
    before a mark (French sets one on purpose)."""
    text, name = template, rng.choice(parts["name"])

    def fill(m: re.Match) -> str:
        return name if m.group(1) == "name" else rng.choice(parts[m.group(1)])  # one persona has one name
    for _ in range(6):
        before = text
        while "(" in text:
            replaced = _CHOICE.sub(lambda m: rng.choice(m.group(1).split("|")), text)
            if replaced == text:
                raise ValueError(f"unbalanced choice: {template}")
            text = replaced
        text = _SLOT.sub(fill, text)
        if text == before:
            break
    if "|" in text or "{" in text or ")" in text:
        raise ValueError(f"a pattern was not resolved: {template} -> {text}")
    return (_LOOSE if tight else _LOOSE_STOP).sub(r"\1", _GAPS.sub(" ", text).strip())


def parse(code: str, text: str, neutral: dict[str, list[str]]) -> Language:
    language = Language(code)
    language.parts.update({k: list(v) for k, v in neutral.items()})
    where: tuple[str, str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("join="):
            language.join = line[5:].strip('"')
        elif re.fullmatch(r"[@+-]\w+", line):
            where = (line[0], line[1:])
            if where[0] == "@":
                language.parts[where[1]] = []
        elif where is None:
            raise ValueError(f"{code}:{number}: a line before its section")
        elif where[0] == "@":
            language.parts[where[1]].append(line)
        else:
            into = language.attacks if where[0] == "+" else language.benign
            into.append(Core(where[1], line, len(into) % BUNDLES))
    return language


def load(neutral: dict[str, list[str]], folder: Path = LANGUAGES) -> list[Language]:
    """All languages, in the order of their codes."""
    return [parse(p.stem, p.read_text(encoding="utf-8"), neutral) for p in sorted(folder.glob("*.txt"))]
