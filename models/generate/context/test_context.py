"""python3 -m unittest discover -s models/generate/context -p 'test_*.py': standard library only."""
import collections
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import asks
import frames
import generate
import pairs
import secrets_bank
import tongues
import work

SCALE = 0.2


class Context(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = generate.generate(None, 5, SCALE)

    def test_the_same_seed_gives_the_same_file_and_another_does_not(self):
        self.assertEqual(self.rows, generate.generate(None, 5, SCALE))
        self.assertNotEqual(self.rows[:50], generate.generate(None, 6, SCALE)[:50])

    def test_both_labels_are_near_half_without_the_security_work(self):
        labels = [row["label"] for row in self.rows if row["kind"] != "security-work"]
        self.assertGreater(sum(labels), 0.44 * len(labels))
        self.assertLess(sum(labels), 0.56 * len(labels))

    def test_no_pair_of_prompt_and_text_appears_twice(self):
        keys = [(row["system"], row["text"]) for row in self.rows]
        self.assertEqual(len(keys), len(set(keys)))

    def test_a_third_of_the_rows_stand_under_two_prompts_with_both_labels_in_one_group(self):
        labels, groups = collections.defaultdict(set), collections.defaultdict(set)
        for row in self.rows:
            labels[row["text"]].add(row["label"])
            groups[row["text"]].add(row["group"])
        both = [row for row in self.rows if len(labels[row["text"]]) == 2]
        plain = [row for row in self.rows if row["kind"] != "security-work"]
        self.assertGreater(len(both), len(plain) / 3)
        self.assertGreater(sum(len(groups[row["text"]]) == 1 for row in both), 0.85 * len(both))

    def test_rows_have_every_field_and_no_open_slot(self):
        slots = ("{thing}", "{value}", "{app}", "{brand}", "{x}", "{q}", "{n}", "{up_", "{lang}", "{attack}", "{word}", "{w}", "{a}", "{v}", "{g}", "{k}", "{items}")
        for row in self.rows:
            self.assertEqual(set(row) - {"span"}, {"system", "text", "label", "kind", "group", "lang", "source"})
            for slot in slots:
                self.assertNotIn(slot, row["system"] + row["text"])

    def test_every_template_of_every_family_can_be_filled(self):
        import random
        from wording import fill
        rng = random.Random(1)
        for number in range(len(secrets_bank.SECRETS)):
            secret = pairs.Secret(number, rng)
            self.assertIn(secret.slots["value"], secret.closed(rng))
        for bank in (asks.PLAIN, asks.FORCED):
            for templates in bank.values():
                self.assertEqual(len(templates), len(set(templates)))
                for template in templates:
                    self.assertTrue(fill(template, rng, secret.slots))

    def test_security_work_is_long_and_harmless(self):
        found = [row for row in self.rows if row["kind"] == "security-work"]
        self.assertGreater(len(found), 350)
        self.assertTrue(all(row["label"] == 0 and 35 <= len(row["text"].split()) <= 140 for row in found))
        self.assertGreater(sum(not row["system"] for row in found), 0.3 * len(found))

    def test_the_right_passphrase_is_served_and_a_wrong_one_is_not(self):
        import random
        for seed in range(30):
            for row in work.passphrase_rows(random.Random(seed)):
                if row["kind"] == "passphrase-right":
                    self.assertTrue(any(magic in row["text"] and magic in row["system"] for magic in secrets_bank.MAGICS))
                if row["kind"] == "passphrase-wrong":
                    self.assertFalse(any(magic in row["text"] and magic in row["system"] for magic in secrets_bank.MAGICS))

    def test_a_span_shows_the_order_in_a_document(self):
        found = [row for row in self.rows if row["kind"].startswith("submitted-")]
        self.assertGreater(len(found), 500)
        for row in found:
            self.assertEqual("span" in row, row["label"] == 1)
            if "span" in row:
                begin, end = row["span"]
                self.assertTrue(0 <= begin < end <= len(row["text"]) and row["text"][begin:end].strip())

    def test_what_overrules_the_prompt_is_never_harmless(self):
        marks = [template.split("{", 1)[0] for bank in (frames.THING_HARD, frames.ASK_HARD) for templates in bank.values() for template in templates if "(" not in template]
        marks = [mark.lower() for mark in marks if len(mark) > 12] + [known["x"][0].split("{a}")[0].lower() for known in tongues.TONGUES.values() if len(known["x"][0].split("{a}")[0]) > 8]
        self.assertGreater(len(marks), 40)
        hits = [row for row in self.rows if row["kind"].startswith(("record-", "tongue-", "topic-pressed", "topic-same")) and any(mark in row["text"].lower() for mark in marks)]
        self.assertGreater(len(hits), 50)
        self.assertEqual([row["text"] for row in hits if not row["label"]], [])

    def test_each_language_asks_on_both_labels_and_keeps_the_value_in_its_prompts(self):
        labels = collections.defaultdict(set)
        for row in self.rows:
            labels[row["lang"]].add(row["label"])
        for language, known in tongues.TONGUES.items():
            self.assertEqual(labels[language.split("-")[0]], {0, 1}, language)
            self.assertTrue(all("{v}" in prompt for prompt in known["s"] + [known["o"]]))
            self.assertTrue(all("{a}" in text for text in known["t"] + known["x"]), language)

    def test_the_command_writes_the_rows(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "rows.jsonl"
            generate.main(["--data", folder, "--out", str(out), "--seed", "5", "--scale", "0.01"])
            rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
            self.assertGreater(len(rows), 100)
            self.assertFalse(out.with_name(out.name + ".partial").exists())


if __name__ == "__main__":
    unittest.main()
