"""Finds ordinary texts that a model comes near to flagging, for its next stage of training.

    python3 models/train/mine.py --data DIR (--run DIR | --model FOLDER) --out raw/mined.jsonl [--above LOG_ODDS]

Read are all turns of `train/dialogues.jsonl`, of which prepare.py draws a part: what an order or a confirmation has in common
with a takeover is rare among them, and a plain draw has few of the turns that are mistaken for one. Written are those with log
odds over --above, none twice, as texts that are no attack; prepare.py takes the file up with the others of raw/.
"""

import argparse
import json
import pathlib

from common import read_lines
from evaluate import Checkpoint, Exported, Reader

ABOVE = -3.5
AT_ONCE = 4000


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=pathlib.Path, required=True)
    options.add_argument("--run", type=pathlib.Path)
    options.add_argument("--model", type=pathlib.Path)
    options.add_argument("--out", type=pathlib.Path, required=True)
    options.add_argument("--above", type=float, default=ABOVE)
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    if bool(given.run) == bool(given.model):
        options.error("one of --run and --model")
    reader = Reader(Checkpoint(given.run, given.threads) if given.run else Exported(given.model, given.threads))
    texts = sorted({message["content"].strip() for row in read_lines(given.data / "train" / "dialogues.jsonl")
                    for message in row["messages"]} - {""})
    kept = 0
    with open(given.out, "w", encoding="utf-8") as file:
        for begin in range(0, len(texts), AT_ONCE):
            part = texts[begin:begin + AT_ONCE]
            for text, read in zip(part, reader.read(part)):
                if read["injection"] > given.above:
                    kept += 1
                    file.write(json.dumps({"text": text, "label": 0, "kind": "chat-mined", "source": "sgd-mined"},
                                          ensure_ascii=False) + "\n")
    print(f"{kept} of {len(texts)} turns have log odds over {given.above}")


if __name__ == "__main__":
    main()
