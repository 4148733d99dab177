"""What is taken from the given data: honest sentences and short requests, so that unfamiliar words alone are no evidence.

The generators' own sentence pools are small; a model would soon know them by heart and call every other sentence an attack.
So documents are also filled with running text of the given passages (source t0), and a part of the attacks are requests that
people really made of assistants (source clinc150): harmless alone, out of place in a document.
"""
from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

_SPLIT = re.compile(r"(?<=[.!?]) +(?=[A-Z\"])")
#: Words of the tasks that stand around the passages; a sentence with one of them may be a request to the reader.
_TASK = re.compile(r"\b(titles?|passages?|answers?|questions?|choose|options?|sentences?|summar\w+|articles?|reviews?|following|write|topics?|"
                   r"paragraphs?|texts?|given|context|hypothesis|premise|true|false|labels?|read|pick|select|based|generate|translate|"
                   r"example|rating|sentiment|category|describe|explain|ignore|instructions?|prompt)\b", re.I)
_REQUEST = re.compile(r"^(what|how|who|when|where|why|which|tell|can you|could you|please|show|give|translate|set|play|book|remind|find|"
                      r"convert|calculate|explain|define|order|call|send|schedule|list|help|is it|do you|are you|roll|flip|spell)\b", re.I)


def read_lines(path: Path) -> list[dict]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


class Given:
    """Passages and requests of injection.jsonl, dealt into bundles; empty where the file is missing."""

    def __init__(self, path: Path, bundles: int):
        passages: list[list[str]] = []
        requests: list[str] = []
        seen: set[str] = set()
        for row in read_lines(path):
            if row["label"] != 0:
                continue
            if row["source"] == "t0" and len(row["text"]) < 20000:
                run: list[str] = []
                for line in row["text"].splitlines():
                    run += [s for s in _SPLIT.split(" ".join(line.split())) if s[-1:] == "." and s[:1].isupper() and s not in seen
                            and 5 <= len(s.split()) <= 40 and not _TASK.search(s)]
                seen.update(run)
                if len(run) >= 2:
                    passages.append(run)
            elif row["source"] == "clinc150" and 4 <= len(row["text"].split()) <= 20 and _REQUEST.match(row["text"]):
                requests.append(row["text"])
        Random("given").shuffle(passages)
        Random("given").shuffle(requests)
        self.passages = [passages[b::bundles] for b in range(bundles)]
        self.requests = [requests[b::bundles] for b in range(bundles)]

    def passage(self, rng: Random, bundle: int) -> str:
        """Running text, paragraphs at random; "" where nothing is given."""
        own = self.passages[bundle]
        if not own:
            return ""
        out: list[str] = []
        for _ in range(rng.choice((1, 1, 2, 3))):
            out += rng.choice(own)
        return "".join(s + (rng.choice(("\n", "\n\n")) if rng.random() < 0.12 else " ") for s in out).strip()

    def sentence(self, rng: Random, bundle: int) -> str:
        return rng.choice(rng.choice(self.passages[bundle])) if self.passages[bundle] else ""

    def request(self, rng: Random, bundle: int) -> str:
        if not self.requests[bundle]:
            return ""
        text = rng.choice(self.requests[bundle])
        if rng.random() < 0.6:
            text = text[:1].upper() + text[1:] + ("?" if re.match(r"(what|how|who|when|where|why|which|can|could|is|do|are)", text) else ".")
        return text
