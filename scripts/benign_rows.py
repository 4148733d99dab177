#!/usr/bin/env python3
"""The benign texts of a labelled set, one JSON row each, to count false alarms on.

    benign_rows.py FILE > ROWS
"""
import json
import sys


def texts(row):
    if 'text' in row:
        yield row['text']
    if 'prompt' in row:
        yield row['prompt']
    for message in row.get('messages', []):
        if isinstance(message.get('content'), str):
            yield message['content']


with open(sys.argv[1], encoding='utf-8') as file:
    for line in file:
        row = json.loads(line)
        if row.get('label', 0) != 0:
            continue
        for text in texts(row):
            print(json.dumps({'text': text, 'label': 0, 'source': row.get('source', '')}))
