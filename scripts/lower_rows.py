#!/usr/bin/env python3
"""The rows of a set with spans or tags, their texts in lower case: names as people type them.

    lower_rows.py FILE > ROWS
"""
import json
import sys


def lower(text):
    # By single characters, so that places stay where they are.
    return ''.join(c.lower() if len(c.lower()) == 1 else c for c in text)


with open(sys.argv[1], encoding='utf-8') as file:
    for line in file:
        row = json.loads(line)
        if 'tokens' in row:
            row['tokens'] = [lower(token) for token in row['tokens']]
        if 'text' in row:
            row['text'] = lower(row['text'])
        print(json.dumps(row, ensure_ascii=False))
