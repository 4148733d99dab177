"""Documents out of real manuals: what Python's standard library and the packages that training installs say of themselves.

Their docstrings hold what answers in forums hold, prose that tells its reader what to do and code beside it, in words that no
list of ours has. They are read from where they are installed (licences: PSF for the library, BSD, MIT and Apache-2.0 for the
packages) and shaped as such answers are.
"""
from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import sysconfig
import textwrap
from pathlib import Path
from random import Random

from models.generate.documents import technical

#: Whose docstrings are read, where they are installed.
PACKAGES = ("numpy", "torch", "sympy", "networkx", "transformers", "huggingface_hub", "jinja2", "onnx")
FILES_OF_ONE = 300
DOCS_OF_ONE = 2500
LEAST, MOST = 200, 4000  # characters
MOST_BYTES = 400_000  # of a source file

_CODE = re.compile(r">>> |```|::\s*$|^ {4}\w+[.(=]", re.M)
_PROSE = re.compile(r"[A-Z][a-z]+(?: [a-z]+){4,}")
_SESSION = re.compile(r"(?:^[ \t]*(?:>>>|\.\.\.)[^\n]*\n(?:(?![ \t]*(?:>>>|\.\.\.|\n))[^\n]+\n)*)+", re.M)

LEADS = (
    "As the manual of `{name}` has it:", "You want `{name}` for that.", "Use `{name}`, like so:", "The documentation says it:", "From the docs of `{name}`:",
    "That is what `{name}` is for.", "I had the same error. Read this again:", "You are looking for `{name}`:", "The reason is in the docs:", "",
    "According to the documentation of `{name}`,", "Your call is wrong, `{name}` takes other arguments:", "This works for me:", "See the notes on `{name}`.", "",
)
TAILS = (
    "Hope this helps.", "Tested with Python 3.11.", "Let me know if that solves it.", "Edit: there was a typo in the second line.", "", "", "",
    "Note that older versions behave differently.", "If you see the same message again, post the whole traceback.", "Put it before the import.", "",
)


def folders() -> list[tuple[str, Path]]:
    """The library and the packages that are installed, by name."""
    out = [("python", Path(sysconfig.get_paths()["stdlib"]))]
    for name in PACKAGES:
        found = importlib.util.find_spec(name)
        if found and found.origin:
            out.append((name, Path(found.origin).parent))
    return out


def read(path: Path) -> list[tuple[str, str, str]]:
    """Of a source file: name, docstring and source of what documents itself and is neither short nor long."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return []
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
    except (OSError, ValueError, SyntaxError):
        return []
    out, lines = [], source.splitlines(keepends=True)
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module, ast.AsyncFunctionDef)):
            continue
        text = ast.get_docstring(node) or ""
        name = getattr(node, "name", path.stem)
        if not LEAST <= len(text) <= MOST or name.startswith("_") or not _PROSE.search(text):
            continue
        body = textwrap.dedent("".join(lines[node.lineno - 1:node.end_lineno])).rstrip() if isinstance(node, ast.FunctionDef) else ""
        out.append((name, text, body if LEAST <= len(body) <= MOST else ""))
    return out


def gather(scale: float = 1) -> list[tuple[str, str, str]]:
    """All that is read, in an order that only what is installed decides; no text twice. With a scale of fewer files."""
    out, seen = [], set()
    for name, folder in folders():
        own = []
        paths = [path for path in sorted(folder.rglob("*.py"))
                 if not {"tests", "test", "testing", "site-packages", "idlelib", "lib2to3"} & set(path.relative_to(folder).parts)]
        Random(name).shuffle(paths)
        for path in paths[:max(20, round(FILES_OF_ONE * scale))]:
            new = [entry for entry in read(path) if entry[1] not in seen]
            seen.update(entry[1] for entry in new)
            own += new
        # Those with code in them are the ones that are mistaken.
        own.sort(key=lambda entry: not _CODE.search(entry[1]))
        out += own[:DOCS_OF_ONE]
    return out


def fence(text: str) -> str:
    """Sessions as forums show them."""
    return _SESSION.sub(lambda found: "```\n" + inspect.cleandoc(found.group()) + "\n```\n", text + "\n")


def answer(rng: Random, entry: tuple[str, str, str]) -> str:
    """One of the read ones, shaped as somebody's answer or note, or as it is."""
    name, text, body = entry
    if body and rng.random() < 0.3:
        text = "```python\n" + body + "\n```" if rng.random() < 0.6 else body
    else:
        if rng.random() < 0.6:
            text = fence(text)
        if rng.random() < 0.6:
            text = text.replace("``", "`")
        if rng.random() < 0.3:  # headings underlined belong to manuals
            text = re.sub(r"^(\w[\w ]*)\n[-=~]{3,}$", r"\1:", text, flags=re.M)
        blocks = text.split("\n\n")
        if len(blocks) > 4:  # nobody quotes all of it
            first = rng.randrange(len(blocks) - 3)
            text = "\n\n".join(blocks[first:first + rng.randint(3, 8)])
    parts = [rng.choice(LEADS).replace("{name}", name), text]
    if rng.random() < 0.3:
        parts.insert(rng.randrange(3), technical.order(rng))
    parts.append(rng.choice(TAILS))
    return rng.choice(("\n", "\n\n")).join(part for part in parts if part)
