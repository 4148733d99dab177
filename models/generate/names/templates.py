"""Reads templates: our own (templates/*.txt) and those of the shared data."""
import hashlib
import pathlib
import re

from fill import SLOT, TYPE_OF, ALIASES

HERE = pathlib.Path(__file__).resolve().parent

# Names that stand in the templates of the shared data as plain words; they are tagged as what they are.
LITERALS = {
    "ORGANIZATION": ["Metallica", "Blink-182", "Fuse TV", "White Stripes", "Entertainment Weekly", "European Union"],
    "DATE_TIME": ["the 60s", "Labor Day"],
}
LITERAL = {word: kind for kind, words in LITERALS.items() for word in words}
# Some slots of the shared templates are written with one brace.
ONE_BRACE = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")


class Template:
    """One template: its text, language, register and a stable id; `weight` is how often it is drawn."""

    def __init__(self, text, lang, register, source):
        self.text, self.lang, self.register, self.source = text, lang, register, source
        self.group = f"{source}:{hashlib.blake2b(text.encode(), digest_size=5).hexdigest()}"
        slots = [ALIASES.get(m[1], m[1]) for m in SLOT.finditer(text)]
        self.typed = sum(slot in TYPE_OF for slot in slots)
        # A text without a slot is the same each time: a few copies (its case variants) are enough.
        self.weight = .12 if not slots else .35 if not self.typed else 1.0
        self.coded = register in ("code", "json", "log", "csv")


def own_templates(folder=HERE / "templates"):
    """Templates of templates/*.txt: `[lang register]` heads, then one template a line; # comments."""
    out = []
    for path in sorted(folder.glob("*.txt")):
        lang, register = "en", "text"
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            head = re.fullmatch(r"\[(\w+) (\w+)\]", line.strip())
            if head:
                lang, register = head.groups()
            else:
                out.append(Template(line, lang, register, "own"))
    return out


def shared_templates(path):
    out = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        line = line.replace("�", "-").rstrip()
        if not line:
            continue
        line = ONE_BRACE.sub(r"{{\1}}", line)
        out.append(Template(line, "en", "shared", "pii_templates"))
    return out


def literal_spans(text, spans):
    """Adds spans for the plain names of LITERALS that no span covers."""
    found = []
    for word, kind in LITERAL.items():
        for m in re.finditer(r"(?<!\w)" + re.escape(word) + r"(?!\w)", text):
            if not any(m.start() < e and s < m.end() for s, e, _ in spans):
                found.append([m.start(), m.end(), kind])
    return sorted(spans + found)
