"""Harmful goals from the training data, in the forms that the wrappers need."""
import json
import pathlib
import re

QUESTION = re.compile(r"^(how|what|why|where|which|who|when|can|is|are|do|does|should|tips|ideas|steps|ways)\b", re.I)
ASK = re.compile(r"^(please\s+|can you\s+|could you\s+)+", re.I)
HOW = re.compile(r"\bhow (?:to|do i|can i|would i|could i|do you|can you|can someone|should i)\b(.*)", re.I | re.S)
LONGEST = 260


def load_goals(folder):
    """Goals short enough to be wrapped, in file order and without repeats."""
    seen = {}
    path = pathlib.Path(folder) / "train" / "harmful_goals.jsonl"
    if not path.exists():
        path = pathlib.Path(folder) / "harmful_goals.jsonl"
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            text = " ".join(json.loads(line)["text"].split())
            if 10 <= len(text) <= LONGEST:
                seen.setdefault(text.lower().rstrip(".?! "), text)
    return list(seen.values())


def plain(goal):
    return ASK.sub("", goal.split("? ")[0].rstrip(".?! "))


def lowered(text):
    return text[0].lower() + text[1:] if not text[:2].isupper() else text


def as_how(goal):
    """'how to ...', whatever the form of the goal."""
    text = plain(goal)
    found = HOW.search(text)
    if found and found.group(1).strip():
        return "how to" + found.group(1)
    if QUESTION.match(text):
        return lowered(text)
    return "how to " + lowered(text)


def as_do(goal):
    """An order in the imperative, in lower case."""
    text = plain(goal)
    if QUESTION.match(text):
        return "explain " + as_how(goal) if HOW.search(text) else "answer this: " + lowered(text)
    return lowered(text)
