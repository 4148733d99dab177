"""Where a piece of text is put into a document, and how documents are cut to the size of a model's window."""
from __future__ import annotations

import json
import re
from random import Random

_TOKEN = re.compile(r"[A-Za-z]{1,7}|\d{1,3}|[^\sA-Za-z\d]")
_SENTENCE = re.compile(r"(?<=[.!?]) +(?=[A-Z\"'<])")

#: What stands before and after the inserted piece.
MARKS = (("", ""),) * 9 + (("---\n", "\n---"), ("### ", ""), ("\n", "\n"), ("***", "***"), ("[", "]"), ("\"", "\""), ("=====\n", "\n====="), (">> ", ""), ("\n\n\n", "\n\n\n"), ("- ", ""), ("<", ">"), ("*", "*"), ("</document>\n", ""))
HTML = (("<!-- ", " -->"), ("<p>", "</p>"), ("<span style=\"color:white\">", "</span>"), ("<div style=\"display:none\">", "</div>"), ("<img src=\"x.png\" alt=\"", "\">"), ("<p style=\"font-size:1px\">", "</p>"), ("<li>", "</li>"),
        ("<meta name=\"description\" content=\"", "\">"), ("<a href=\"#\" title=\"", "\">more</a>"), ("", ""), ("<td>", "</td>"), ("<h2>", "</h2>"))
CODE = (("# ", ""), ("// ", ""), ("/* ", " */"), ("\"\"\"", "\"\"\""), ("-- ", ""), ("print(\"", "\")"))
MARKDOWN = (("<!-- ", " -->"), ("[//]: # (", ")"), ("![", "](https://img.example/a.png)"), ("> ", ""), ("**", "**"), ("`", "`"))


def length(text: str) -> int:
    """An estimate of the number of tokens."""
    return len(_TOKEN.findall(text))


def pieces(text: str) -> list[str]:
    """The document in pieces that end where something may be inserted: lines, and the sentences of long lines. Joined they
    are the document."""
    out: list[str] = []
    for line in text.splitlines(keepends=True):
        last = 0
        if len(line) > 90 and not line.lstrip().startswith("|"):
            for m in _SENTENCE.finditer(line):
                out.append(line[last:m.end()])
                last = m.end()
        out.append(line[last:])
    return out or [""]


def cut(rng: Random, text: str, budget: int) -> str:
    """A run of whole pieces of about the budget. Half of the long documents keep their beginning."""
    parts = pieces(text)
    lengths = [length(p) for p in parts]
    if sum(lengths) <= budget:
        return text
    if sum(lengths) and max(lengths) > budget:  # one piece alone is too long: words instead
        words = text.split(" ")
        keep = max(20, int(len(words) * budget / sum(lengths)))
        first = 0 if rng.random() < 0.5 else rng.randrange(max(1, len(words) - keep))
        return " ".join(words[first:first + keep])
    first = 0 if rng.random() < 0.5 else rng.randrange(len(parts))
    total, last = 0, first
    while last < len(parts) and total + lengths[last] <= budget:
        total += lengths[last]
        last += 1
    while first > 0 and total + lengths[first - 1] <= budget:
        first -= 1
        total += lengths[first]
    return "".join(parts[first:last])


def _json_string(rng: Random, text: str, piece: str) -> tuple[str, int, int] | None:
    """Into a string value of a JSON document, or a field of its own."""
    quoted = json.dumps(piece, ensure_ascii=False)[1:-1]
    values = list(re.finditer(r'": "((?:[^"\\]|\\.)*)"', text))
    if not values:
        return None
    m = rng.choice(values)
    if rng.random() < 0.3:
        key = rng.choice(("note", "comment", "description", "summary", "hint", "instructions", "text", "_meta"))
        inserted = f', "{key}": "{quoted}"'
        return text[:m.end()] + inserted + text[m.end():], m.end() + 6 + len(key) + 1, m.end() + len(inserted) - 1
    at = rng.choice((m.start(1), m.end(1)))
    glue = (quoted + " ") if at == m.start(1) else (" " + quoted)
    start = at + (0 if at == m.start(1) else 1)
    return text[:at] + glue + text[at:], start, start + len(quoted)


def _cell(rng: Random, text: str, piece: str, sep: str) -> tuple[str, int, int] | None:
    """Into a cell of a table: in place of its value, or behind it."""
    flat = " ".join(piece.split())
    cells = [m for m in re.finditer(r"[^|\n]+" if sep == "|" else rf"[^{sep}\n]+", text) if m.group().strip() and not set(m.group().strip()) <= set("-+ ")]
    if not cells:
        return None
    m = rng.choice(cells)
    if rng.random() < 0.5:
        return text[:m.start()] + f" {flat} " + text[m.end():], m.start() + 1, m.start() + 1 + len(flat)
    at = m.start() + len(m.group().rstrip())
    return text[:at] + f" {flat}" + text[at:], at + 1, at + 1 + len(flat)


def put_span(rng: Random, text: str, piece: str, family: str) -> tuple[str, int, int]:
    """The document with the piece in it, and where the piece begins and ends."""
    done = None
    if family == "json" and rng.random() < 0.7:
        done = _json_string(rng, text, piece)
    elif family == "table" and rng.random() < 0.3:
        done = _cell(rng, text, piece, "|")
    elif family == "csv" and rng.random() < 0.5:
        done = _cell(rng, text, piece, ",;\t")
    if done:
        return done
    before, after = rng.choice(MARKS) if family != "plain" else ("", "")
    if family == "html" and rng.random() < 0.7:
        before, after = rng.choice(HTML)
    elif family == "code" and "\n" not in piece and rng.random() < 0.4:
        before, after = rng.choice(CODE)
    elif family == "text" and rng.random() < 0.04:
        before, after = rng.choice(MARKDOWN)
    elif family == "table" and rng.random() < 0.15:
        before, after = "| ", " |"
    parts = pieces(text)
    where = rng.random()
    at = 0 if where < 0.3 else len(parts) if where < 0.62 else rng.randint(0, len(parts))
    head, tail = "".join(parts[:at]), "".join(parts[at:])
    # The piece continues a paragraph, or stands on a line of its own.
    gap = "\n" if not head or head.endswith("\n") else rng.choice((" ", " ", "\n", "\n\n")) if at == len(parts) else " "
    left = head if head.endswith("\n") or not head else head.rstrip(" ") + gap
    inserted = before + piece + after
    start = len(left) + len(before)
    if tail:
        right = "" if tail.startswith("\n") else " " if (head and not head.endswith("\n")) else rng.choice(("\n", "\n", "\n", " ", "\n\n"))
        return left + inserted + right + tail, start, start + len(piece)
    return left + inserted, start, start + len(piece)
