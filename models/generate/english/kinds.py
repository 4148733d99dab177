"""Which kinds there are, how much of each, and how a text of each is made.

A kind is a list of cores. A core is a template line, or a function of the random source for what no template can
write (encodings, long dialogues, floods). Everything made from one core is one group.
"""
import dataclasses
import hashlib
import pathlib

import builders
import goals as goal_forms
from codec import to_base64, to_binary, to_hex, to_morse, to_rot13
from grammar import Grammar

BANKS = pathlib.Path(__file__).resolve().parent / "banks"
FOLDERS = ("shared", "attack", "benign")


@dataclasses.dataclass
class Kind:
    """One kind. `share` is its part of its label's quota; unwrapped kinds keep their own beginning and end."""

    name: str
    label: int
    share: float
    cores: list
    wrapped: bool = True
    rough: bool = True


@dataclasses.dataclass
class Core:
    """One hand-written idea; `make(rng)` gives a fresh wording of it."""

    ident: str
    make: object = dataclasses.field(repr=False)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def dynamic_slots(goals):
    """Slots that lists cannot hold: goals in the form that fits the sentence, strings in a code."""

    def coded(rng):
        plain = rng.choice(["hello world", "meet me at noon", "happy birthday", "the cake is ready", "see you soon",
                            "good job", "follow the white rabbit", "never gonna give you up", "password", "42"])
        return rng.choice([to_base64, to_hex, to_binary, to_rot13, to_morse])(plain, rng)

    return {
        "goal": lambda rng: goal_forms.plain(rng.choice(goals)),
        "goal_do": lambda rng: goal_forms.as_do(rng.choice(goals)),
        "goal_how": lambda rng: goal_forms.as_how(rng.choice(goals)),
        "benign_code": coded,
        "random_word": lambda rng: "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=rng.randrange(4, 12))),
    }


def build_grammar(goals):
    grammar = Grammar(dynamic_slots(goals))
    for folder in FOLDERS:
        for path in sorted((BANKS / folder).glob("*.txt")):
            grammar.add_file(path)
    grammar.check()
    return grammar


def cores_of(grammar, rule):
    """Every line of a rule as a core."""
    def maker(line):
        return lambda rng: grammar.expand(line, rng)
    return [Core(f"{rule}/{digest(line)}", maker(line)) for line in grammar.rules[rule]]


def cores_from(name, functions):
    """Functions as cores; a builder that has variants comes as several functions."""
    return [Core(f"{name}/{ident}", make) for ident, make in functions]


def all_kinds(grammar, goals):
    """Every kind with its share. Shares are relative within a label."""
    kinds = []

    def bank(name, label, share, *rules, wrapped=True, rough=True):
        cores = [core for rule in (rules or (name.replace("-", "_"),)) for core in cores_of(grammar, rule)]
        kinds.append(Kind(name, label, share, cores, wrapped, rough))

    def built(name, label, share, functions, wrapped=True, rough=True):
        kinds.append(Kind(name, label, share, cores_from(name, functions), wrapped, rough))

    # Attacks.
    bank("override", 1, 10)
    bank("extract-prompt", 1, 10)
    bank("extract-secret", 1, 9)
    # Look-alikes.
    bank("trigger-words", 0, 12)
    bank("security", 0, 6)
    bank("ai-security", 0, 3)
    bank("everyday", 0, 6, "request")
    built("harmful-bare", 0, 6, builders.bare_goals(goals))
    return kinds
