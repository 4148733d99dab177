#!/usr/bin/env python3
"""The attacks of a labelled set as they are and in other spellings, to compare how many are found.

    encode_attacks.py FILE > ROWS

Each row's `kind` is the spelling; English ones only, since some of the spellings have no meaning elsewhere.
"""
import base64
import codecs
import json
import sys
import urllib.parse

LEET = str.maketrans({'a': '4', 'e': '3', 'i': '1', 'o': '0', 's': '5', 't': '7'})
CYRILLIC = str.maketrans({'a': 'а', 'e': 'е', 'o': 'о', 'p': 'р', 'c': 'с', 'x': 'х', 'y': 'у', 'i': 'і'})
SPELLINGS = {
    'plain': lambda t: t,
    'base64': lambda t: base64.b64encode(t.encode()).decode(),
    'hex': lambda t: t.encode().hex(),
    'percent': lambda t: urllib.parse.quote(t, safe=''),
    'html': lambda t: ''.join(f'&#{ord(c)};' for c in t),
    'rot13': lambda t: codecs.encode(t, 'rot13'),
    'leet': lambda t: t.translate(LEET),
    'homoglyph': lambda t: t.translate(CYRILLIC),
    'zero_width': lambda t: '\u200b'.join(t),
    'full_width': lambda t: ''.join(chr(ord(c) + 0xFEE0) if 0x21 <= ord(c) <= 0x7E else c for c in t),
    'spaced': lambda t: '  '.join(' '.join(word) for word in t.split()),
    'tags': lambda t: ''.join(chr(0xE0000 + ord(c)) if ord(c) < 0x7F else c for c in t),
    'reversed': lambda t: t[::-1],
    'base64_twice': lambda t: base64.b64encode(base64.b64encode(t.encode())).decode(),
}

with open(sys.argv[1], encoding='utf-8') as file:
    for line in file:
        row = json.loads(line)
        if row.get('label') != 1 or 'multilingual' in row.get('source', '') or len(row['text']) > 4000:
            continue
        if any(ord(c) > 0x7E for c in row['text']):
            continue
        for name, spell in SPELLINGS.items():
            print(json.dumps({'text': spell(row['text']), 'label': 1, 'source': row.get('source', ''), 'kind': name}))
