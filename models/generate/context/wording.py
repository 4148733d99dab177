"""Fills templates. Choices first and slots last, so that a value with brackets in it is never read as a choice."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "english"))

import surface  # noqa: E402  the English generator's: one house style of typing errors on both labels
from grammar import find_choice, tidy  # noqa: E402

SLOT = re.compile(r"\{([a-z_]+)\}")


def fill(template, rng, slots=None):
    """One text of a template: (a|b|) is a choice, {name} a slot; an upper-case {Name} starts a sentence."""
    while (choice := find_choice(template)) is not None:
        start, end, options = choice
        template = template[:start] + rng.choice(options) + template[end:]
    slots = slots or {}

    def value(match):
        name = match.group(1)
        if name.startswith("up_"):
            return surface.upper_first(slots[name[3:]])
        return slots[name]

    return tidy(SLOT.sub(value, template))


def roughen(text, rng):
    """Most people's hurry, on half of the texts; both labels pass through it with the same odds."""
    return surface.roughen(text, rng) if rng.random() < 0.5 else text
