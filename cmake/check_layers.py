#!/usr/bin/env python3
"""Checks that every room of src/gatehouse includes only from lower floors (cmake/layers.txt), that stages never
include each other, and that Asio is included only where ARCHITECTURE allows it. Exit 1 with one line a breach."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
floor = {}
for number, line in enumerate(
    line for line in (root / "cmake/layers.txt").read_text().splitlines() if line and not line.startswith("#")
):
    for room in line.split():
        floor[room] = number

ASIO_ROOMS = {"async", "net"}
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.M)
breaches = []
count = 0
for path in sorted((root / "src/gatehouse").rglob("*")):
    if path.suffix not in {".h", ".cc"}:
        continue
    count += 1
    parts = path.relative_to(root / "src/gatehouse").parts
    room = parts[0]
    is_test = path.stem.endswith(("_test", "_bench", "_fuzz"))
    if room not in floor:
        breaches.append(f"{path}: room {room} stands in no line of cmake/layers.txt")
        continue
    for included in INCLUDE.findall(path.read_text()):
        if included.startswith("boost/asio") and room not in ASIO_ROOMS and not is_test:
            breaches.append(f"{path}: includes {included}; Asio stays in async/ and net/")
        if not included.startswith("gatehouse/"):
            continue
        other = included.split("/")[1]
        if other not in floor:
            breaches.append(f"{path}: includes {included} of an unknown room")
        elif other != room and floor[other] >= floor[room]:
            breaches.append(f"{path}: {room} (floor {floor[room]}) includes {included} (floor {floor[other]})")
        elif room == "stages" and other == "stages" and len(parts) > 2:
            stage = included.split("/")[2]
            if stage != parts[1]:
                breaches.append(f"{path}: stage {parts[1]} includes stage {stage}")
for breach in breaches:
    print(breach)
print(f"layers: {count} files, {len(breaches)} breaches")
if count == 0:
    print("layers: nothing was checked")
sys.exit(1 if breaches or count == 0 else 0)
