#!/usr/bin/env python3
"""Turns a rank file of tiktoken's into the table that the program looks tokens up in (vocabulary.h has the layout).

  make_vocabulary.py RANKS SHA256 COUNT OUT

RANKS has a line a token: its bytes in base64, a space, its rank, which is also its id. The file must have this SHA-256
and this many tokens, with the ranks 0 to COUNT - 1. The result depends on RANKS alone: a perfect hash (a pilot for each
bucket of tokens, found by trying: "compress, hash and displace"), so that a lookup is one slot whatever is looked up.
"""
import base64
import hashlib
import os
import struct
import sys

MASK = (1 << 64) - 1
# The hash of vocabulary.h; the constants are odd and otherwise arbitrary.
K0, K1, K2, K3, K4 = (
    0x9E3779B97F4A7C15,
    0xBF58476D1CE4E5B9,
    0x94D049BB133111EB,
    0xD6E8FEB86659FD93,
    0xA0761D6478BD642F,
)
INLINE = 12  # bytes of a token that fit into its slot
ID_BITS = 18
MAGIC = 0x31565447  # "GTV1"


def mum(a, b):
    product = a * b
    return (product & MASK) ^ (product >> 64)


def token_hash(token):
    size = len(token)
    if size <= INLINE:
        padded = token + bytes(INLINE - size)
        first, last = struct.unpack("<QI", padded)
        return mum(first ^ K0, last ^ K1 ^ (size * K2 & MASK))
    h = size * K2 & MASK
    padded = token + bytes(-size % 16)
    for first, last in struct.iter_unpack("<QQ", padded):
        h = mum(first ^ K0 ^ h, last ^ K1)
    return h


def place(tokens):
    """[(slot of each token)], pilots, number of slots."""
    slots = len(tokens) * 10 // 9 + 1
    buckets = len(tokens) // 4 + 1
    members = [[] for _ in range(buckets)]
    hashes = [token_hash(token) for token in tokens]
    if len(set(hashes)) != len(hashes):
        sys.exit("two tokens have the same hash: change a constant here and in vocabulary.h")
    for index, h in enumerate(hashes):
        members[(h >> 32) * buckets >> 32].append(index)
    taken = bytearray(slots)
    slot_of = [0] * len(tokens)
    pilots = [0] * buckets
    for bucket in sorted(range(buckets), key=lambda b: (-len(members[b]), b)):
        keys = [hashes[index] for index in members[bucket]]
        if not keys:
            break
        for pilot in range(1 << 16):
            salt = pilot * K3 & MASK
            places = [((((h ^ salt) * K4 & MASK) >> 32) * slots) >> 32 for h in keys]
            if not any(taken[p] for p in places) and len(set(places)) == len(places):
                break
        else:
            sys.exit("no pilot found: make more slots")
        pilots[bucket] = pilot
        for index, p in zip(members[bucket], places):
            taken[p] = 1
            slot_of[index] = p
    return slot_of, pilots, slots


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    source, digest, count, target = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    with open(source, "rb") as file:
        ranks = file.read()
    found = hashlib.sha256(ranks).hexdigest()
    if found != digest:
        sys.exit(f"{source}: SHA-256 {found} is not {digest}, the one that OpenAI publishes")
    tokens = []
    for line in ranks.splitlines():
        text, rank = line.split()
        if int(rank) != len(tokens):
            sys.exit(f"{source}: rank {int(rank)} where {len(tokens)} was expected")
        tokens.append(base64.b64decode(text, validate=True))
    if len(tokens) != count:
        sys.exit(f"{source}: {len(tokens)} tokens, not {count}")
    longest = max(map(len, tokens))
    if longest > 255 or len(tokens) > 1 << ID_BITS or not all(bytes([b]) in set(tokens[:256]) for b in range(256)):
        sys.exit(f"{source}: does not fit the layout")

    slot_of, pilots, slots = place(tokens)
    table = bytearray(slots * 16)
    blob = bytearray()
    for identity, (token, slot) in enumerate(zip(tokens, slot_of)):
        meta = identity | len(token) << ID_BITS
        if len(token) <= INLINE:
            first, last = struct.unpack("<QI", token + bytes(INLINE - len(token)))
        else:
            first, last = token_hash(token), len(blob)
            blob += token
        struct.pack_into("<QII", table, slot * 16, first, last, meta)
    blob += bytes(-len(blob) % 64)
    header = struct.pack("<8I", MAGIC, len(tokens), slots, len(pilots), len(blob), longest, 0, 0)
    pilot_bytes = struct.pack(f"<{len(pilots)}H", *pilots)
    out = bytearray(header + bytes(32))
    for part in (bytes(table), pilot_bytes, struct.pack(f"<{len(tokens)}I", *slot_of), bytes(blob)):
        out += part
        out += bytes(-len(out) % 64)
    temporary = f"{target}.{os.getpid()}"
    with open(temporary, "wb") as file:
        file.write(out)
    os.replace(temporary, target)


if __name__ == "__main__":
    main()
