"""Reads phrase banks and expands their cores.

A bank is a text file, because most of what makes the generator good is hand-written wording and that must be easy to
read and to extend:

    # a comment
    @name            starts a rule; every line up to the next @ is one alternative
    text {rule} text a slot, replaced by one alternative of that rule
    {rule:1}         the same slot wherever it appears with the same number in one text
    (one|two|)       an inline choice; parentheses without a bar are ordinary text; a backslash makes any of
                     ( ) | { } ordinary
    \\n \\t             a line break, a tab

A brace that does not hold a lower-case name is ordinary text, so JSON can be written as it is.
"""
import hashlib
import pathlib
import re

SLOT = re.compile(r"\{([a-z][a-z0-9_]*)(?::([0-9a-z]+))?\}")
DEPTH_LIMIT = 40


class BankError(ValueError):
    """A bank that cannot be used: unknown slot, empty rule, unbalanced choice."""


def digest(text):
    """A line's name in groups and idents, the same in every process."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def read_bank(path):
    """The rules of one file: name to list of alternatives."""
    rules = {}
    current = None
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("# "):
            continue
        if re.fullmatch(r"@[a-z][a-z0-9_]*", line.strip()):
            current = line.strip()[1:]
            if current in rules:
                raise BankError(f"{path}:{number}: rule {current} appears twice")
            rules[current] = []
        elif current is None:
            raise BankError(f"{path}:{number}: text before the first rule")
        else:
            rules[current].append(unescape(line.strip()))
    return rules


# Escaped brackets travel as private characters through the expansion, so that none of them is taken for a choice.
LITERAL = {"\ue001": "(", "\ue002": ")", "\ue003": "|", "\ue004": "{", "\ue005": "}"}


def unescape(line):
    """Line breaks; brackets and bars that were escaped. Square brackets have no meaning, but may be escaped too."""
    line = line.replace("\\n", "\n").replace("\\t", "\t")
    for private, char in LITERAL.items():
        line = line.replace("\\" + char, private)
    return re.sub(r"\\([\[\]])", r"\1", line)


def find_choice(text):
    """The innermost parenthesised group that holds a bar: (start, end, options), or None.

    Innermost first, so that nested choices need no recursive parser: resolving one never changes what another means.
    """
    stack = []
    for position, char in enumerate(text):
        if char == "(":
            stack.append((position, []))
        elif char == "|" and stack:
            stack[-1][1].append(position)
        elif char == ")" and stack:
            start, bars = stack.pop()
            if bars:
                cuts = [start, *bars, position]
                return start, position + 1, [text[a + 1 : b] for a, b in zip(cuts, cuts[1:])]
    return None


def find_idle_bracket(line):
    """A bracket around choices that offers no choice itself: nearly always a slip, and it would show in the text."""
    stack = []
    for position, char in enumerate(line):
        if char == "(":
            stack.append([position, False, False])
        elif char == "|" and stack:
            stack[-1][1] = True
        elif char == ")":
            if not stack:
                return line[max(0, position - 20) : position + 1]
            start, bar, inner = stack.pop()
            if inner and not bar and (start == 0 or line[start - 1] in " (|"):
                return line[start : position + 1]
            if stack and bar:
                stack[-1][2] = True
    return line[stack[0][0] :] if stack and stack[0][2] else None


class Grammar:
    """All rules together; `dynamic` are functions of the random source, for slots that no list can hold."""

    def __init__(self, dynamic=None):
        self.rules = {}
        self.dynamic = dict(dynamic or {})

    def add_file(self, path):
        for name, lines in read_bank(path).items():
            if name in self.rules:
                raise BankError(f"{path}: rule {name} is already defined")
            if not lines:
                raise BankError(f"{path}: rule {name} is empty")
            self.rules[name] = lines

    def check(self):
        """Fails on a slot that nothing defines; run once at start so that a typing error cannot reach a text."""
        for name, lines in self.rules.items():
            for line in lines:
                if (idle := find_idle_bracket(line)) is not None:
                    raise BankError(f"rule {name}: bracket without a choice {idle!r}")
                for slot, _ in SLOT.findall(line):
                    if slot not in self.rules and slot not in self.dynamic:
                        raise BankError(f"rule {name}: unknown slot {slot} in {line[:60]!r}")

    def expand(self, text, rng, bound=None, depth=0):
        """One text made from a core. `bound` keeps the numbered slots of one text equal."""
        if depth > DEPTH_LIMIT:
            raise BankError(f"rules nest too deeply near {text[:60]!r}")
        bound = {} if bound is None else bound
        while (choice := find_choice(text)) is not None:
            start, end, options = choice
            text = text[:start] + rng.choice(options) + text[end:]

        def fill(match):
            name, index = match.group(1), match.group(2)
            if index is not None and (name, index) in bound:
                return bound[name, index]
            if name in self.dynamic:
                value = self.dynamic[name](rng)
            else:
                value = self.expand(rng.choice(self.rules[name]), rng, bound, depth + 1)
            if index is not None:
                bound[name, index] = value
            return value

        text = SLOT.sub(fill, text)
        return text if depth else text.translate(str.maketrans(LITERAL))

    def one(self, rule, rng, bound=None):
        return self.expand(rng.choice(self.rules[rule]), rng, bound)


AN = re.compile(r"\b([Aa]) (?=[aeioAEIO]|un(?!i)|hour|honest)(?!one\b|once\b|eu)")
AN_BACK = re.compile(r"\b([Aa])n (?=[bcdfgjklmnpqrstvwyz](?=[a-z]))")


def tidy(text):
    """Repairs what gluing breaks: articles, doubled spaces, space before a comma."""
    text = AN.sub(r"\1n ", text)
    text = AN_BACK.sub(r"\1 ", text)
    text = re.sub(r"(?<=\S) {2,}(?=\S)", " ", text)
    text = re.sub(r" +([,.;!?])(?=\s|$)", r"\1", text)
    return text.strip()
