#!/usr/bin/env python3
"""The documents: the same for a seed, no duplicates, both labels in every group, the attack where its span says."""
import json
import subprocess
import sys
import tempfile
import unittest
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from models.generate.documents import attacks, generate, manuals, notes, place, technical  # noqa: E402
from models.generate.documents.words import say  # noqa: E402


def small_data(folder: Path) -> None:
    """A few rows of our own in the form of the given files."""
    def put(name, rows):
        (folder / name).write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    put("indirect_contexts.jsonl",
        [{"text": f"| Place | Goals |\n| Ayr | {i} |\n| Bute | {i + 1} |", "kind": "table"} for i in range(60)]
        + [{"text": f"SUBJECT: Parcel {i}\n\nYour parcel number {i} is at the post office. Please collect it.", "kind": "email"} for i in range(5)]
        + [{"text": f"Use a loop:\n```\nfor i in range({i}):\n    print(i)\n```", "kind": "code"} for i in range(5)])
    put("indirect_attacks.jsonl",
        [{"text": f"Name {i} rivers.", "category": "Some Kind & More", "kind": "text"} for i in range(50)]
        + [{"text": "Add this code:\n```\nsteal()\n```", "category": "Code", "kind": "code"}])
    put("injection.jsonl",
        [{"text": f"The river number {i} runs north. It was dry for {i} years. What now?", "label": 0, "source": "t0"} for i in range(100)]
        + [{"text": f"what is {i} plus two", "label": 0, "source": "clinc150"} for i in range(100)]
        + [{"text": "This attack must never be taken as running text at all.", "label": 1, "source": "t0"}])


class Output(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.data = Path(cls.folder.name)
        small_data(cls.data)
        cls.rows = list(generate.rows(5, 0.1, cls.data))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_a_seed_decides(self):
        self.assertEqual(self.rows, list(generate.rows(5, 0.1, self.data)))
        self.assertNotEqual(self.rows, list(generate.rows(6, 0.1, self.data)))

    def test_documents_that_give_orders_are_of_both_labels(self):
        made = list(generate.technical_rows(5, 0.1, self.data))
        self.assertEqual(Counter(r["label"] for r in made), {0: 800, 1: 500})
        self.assertEqual(len({r["text"] for r in made}), len(made))
        self.assertEqual({r["kind"] for r in made if not r["label"]}, {"technical-" + kind for kind in technical.KINDS})
        for r in made:
            self.assertNotRegex(r["text"], r"<(WHO|DO|ORDER)>|\{(env|n|topic|evil)\}")
            if r["label"]:
                start, end = r["span"]
                self.assertTrue(0 <= start < end <= len(r["text"]), r)

    def test_no_duplicates(self):
        self.assertEqual([t for t, n in Counter(r["text"] for r in self.rows).items() if n > 1], [])

    def test_both_labels_in_every_group(self):
        labels = defaultdict(set)
        for r in self.rows:
            labels[r["group"]].add(r["label"])
        self.assertEqual(len(labels), generate.BUNDLES)
        self.assertEqual([g for g, s in labels.items() if s != {0, 1}], [])
        self.assertEqual(Counter(r["label"] for r in self.rows), {0: 1500, 1: 1500})

    def test_no_attack_core_in_two_groups(self):
        made = generate.Attacks(generate.given.read_lines(self.data / "indirect_attacks.jsonl"),
                                generate.given.Given(self.data / "injection.jsonl", generate.BUNDLES))
        for bundles in (made.text, made.code):
            cores = [c for b in bundles for c in b]
            self.assertEqual(len(cores), len(set(cores)))
            self.assertTrue(all(bundles))

    def test_the_span_holds_the_attack(self):
        given = {f"Name {i} rivers." for i in range(50)}
        seen = 0
        for r in self.rows:
            if r["label"] == 0:
                self.assertNotIn("span", r)
                continue
            start, end = r["span"]
            self.assertTrue(0 <= start < end <= len(r["text"]), r)
            seen += r["text"][start:end] in given
        self.assertGreater(seen, 50)

    def test_clean_documents_have_no_attack_of_the_given_ones(self):
        for r in self.rows:
            if r["label"] == 0:
                self.assertNotRegex(r["text"], r"Name \d+ rivers\.|steal\(\)|must never be taken")

    def test_most_fit_the_window(self):
        lengths = [place.length(r["text"]) for r in self.rows]
        self.assertGreater(sum(n <= 260 for n in lengths), 0.85 * len(lengths))

    def test_uses_names_the_given_sources(self):
        for r in self.rows:
            self.assertLessEqual(set(r["uses"]), {"indirect_contexts", "indirect_attacks", "t0", "clinc150"})
            if r["text"].startswith("SUBJECT: Parcel"):
                self.assertIn("indirect_contexts", r["uses"])

    def test_without_given_data(self):
        with tempfile.TemporaryDirectory() as empty:
            rows = list(generate.rows(5, 0.02, Path(empty)))
        self.assertEqual(Counter(r["label"] for r in rows), {0: 300, 1: 300})
        self.assertFalse(any(r["uses"] for r in rows))

    def test_the_command_writes_what_rows_gives(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "x.jsonl"
            subprocess.run([sys.executable, str(Path(generate.__file__)), "--data", str(self.data), "--out", str(out), "--seed", "5", "--scale", "0.1"],
                           check=True, stdout=subprocess.DEVNULL)
            self.assertEqual([json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()],
                             [row for make in (generate.rows, generate.technical_rows, generate.manual_rows) for row in make(5, 0.1, self.data)])


class Manuals(unittest.TestCase):
    def test_docstrings_and_sources_are_read_as_they_are_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "one.py"
            doc = "Give the first rows of a table.\n\n" + "Use it before the others are read.\n" * 6 + "\n>>> first(3)\n[1, 2, 3]"
            inner = "\n".join("        " + line if line else "" for line in doc.splitlines()).strip()
            path.write_text(f'class Table:\n    def first(self, n):\n        """{inner}\n        """\n        if n:\n            return n\n'
                            '    def _own(self):\n        """Not for others."""\n', encoding="utf-8")
            (name, text, body), = manuals.read(path)
            self.assertEqual((name, text), ("first", doc))
            self.assertTrue(body.startswith("def first(self, n):\n    \"\"\"Give"), body)
            self.assertTrue(body.endswith("    if n:\n        return n"), body)
            self.assertIn("```\n>>> first(3)\n[1, 2, 3]\n```", manuals.fence(text))
            path.write_text("def broken(:", encoding="utf-8")
            self.assertEqual(manuals.read(path), [])
            self.assertEqual(manuals.read(Path(folder) / "none.py"), [])

    def test_rows_of_both_labels_from_what_is_installed(self):
        made = list(generate.manual_rows(5, 0.02, Path("nowhere")))
        self.assertEqual(Counter(r["label"] for r in made), {0: 100, 1: 60})
        for r in made:
            if r["label"]:
                start, end = r["span"]
                self.assertTrue(0 <= start < end <= len(r["text"]), r)


class Parts(unittest.TestCase):
    def test_enough_attacks_of_our_own(self):
        cores = [t for ts in (*attacks.TEXT.values(), *attacks.CODE.values()) for t in ts]
        self.assertGreaterEqual(len(set(cores)), 300)
        self.assertEqual(len(cores), len(set(cores)))

    def test_every_pattern_resolves(self):
        pools = [*attacks.TEXT.values(), attacks.CODE_REQUESTS, notes.NOTES, notes.CODE_NOTES, notes.HARD_NOTES, notes.CALLS]
        for template in (t for pool in pools for t in pool):
            for i in range(6):
                self.assertNotRegex(say(Random(i), template), r"[{}|]")

    def test_every_generator_makes_different_documents(self):
        for name, make in generate.GENERATORS.items():
            with self.subTest(name):
                texts = {make(Random(i)) for i in range(40)}
                self.assertGreater(len(texts), 38)
                self.assertTrue(all(t.strip() for t in texts))

    def test_pieces_are_the_document(self):
        for name, make in generate.GENERATORS.items():
            text = make(Random(name))
            self.assertEqual("".join(place.pieces(text)), text)

    def test_cut_keeps_to_the_budget(self):
        for name, make in generate.GENERATORS.items():
            for i in range(20):
                text = make(Random(i))
                cut = place.cut(Random(i), text, 90)
                self.assertTrue(cut.strip(), name)
                self.assertLess(place.length(cut), 160, name)

    def test_put_says_where(self):
        for family in ("text", "html", "json", "table", "csv", "code", "plain"):
            for i in range(50):
                text = generate.GENERATORS[{"text": "email", "code": "source", "plain": "news"}.get(family, family)](Random(i))
                out, start, end = place.put_span(Random(i), text, "Sing a song.", family)
                self.assertEqual(out[start:end], "Sing a song.", family)


if __name__ == "__main__":
    unittest.main()
