"""python3 -m unittest discover -s models/generate/names: without faker, Node or the shared data."""
import json
import pathlib
import random
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import corpora
import dates
import fill
import generate
import lists
import split
import templates
import variants

TYPES = {"PERSON", "STREET_ADDRESS", "LOCATION", "ORGANIZATION", "DATE_TIME", "DATE_OF_BIRTH", "TITLE", "NATIONALITY", "AGE", "ZIP_CODE",
         "MEDICAL_CONDITION", "MEDICATION", "LEGAL_REFERENCE", "USERNAME", "JOB"}


def small_data(folder):
    """A data folder of a few invented rows."""
    folder = pathlib.Path(folder)
    (folder / "pii_templates.txt").write_text("Call {{person}} at {{phone_number}}\\nnow\n{{building_number}} {{street_name}}\\n{{city}} {{zipcode}}\n", encoding="utf-8")
    wiki = [{"tokens": ["''", "Ada", "Quill", "''", "moved", "to", "Brask", ",", "in", "1931", "."], "tags": ["O", "B-PER", "I-PER", "O", "O", "O", "B-LOC", "O", "O", "O", "O"]}] * 30
    for lang in ("en", "de", "es"):
        (folder / f"ner_wikiann_{lang}.jsonl").write_text("\n".join(json.dumps(row) for row in wiki), encoding="utf-8")
    talk = {"messages": [{"role": "user", "content": "Find a table in Brask, please."}, {"role": "assistant", "content": "There is one in brask for you."},
                         {"role": "user", "content": "Ask Tom in Brask."}], "spans": [[0, 16, 21, "city"]], "services": []}
    (folder / "dialogues.jsonl").write_text("\n".join(json.dumps(talk) for _ in range(8)), encoding="utf-8")
    plain = [{"text": "the order is late and the shop is closed", "label": 0, "kind": "document"}] * 6 + [
        {"text": "is the shop closed", "label": 0, "kind": "chat"}, {"text": "is the shop in bergen closed", "label": 0, "kind": "chat"}]
    (folder / "injection.jsonl").write_text("\n".join(json.dumps(row) for row in plain), encoding="utf-8")
    return folder


class Rows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.rows = list(generate.rows(small_data(folder), 7, .12, {}))
            cls.again = list(generate.rows(small_data(folder), 7, .12, {}))
            cls.other = list(generate.rows(small_data(folder), 8, .12, {}))

    def test_same_seed_same_rows(self):
        self.assertEqual(self.rows, self.again)
        self.assertNotEqual(self.rows, self.other)

    def test_spans_are_tidy(self):
        self.assertGreater(len(self.rows), 3000)
        for text, spans, *_ in self.rows:
            tidied = generate.tidy(text, spans)
            self.assertIsNotNone(tidied, text)
            last = 0
            for start, end, kind in tidied:
                self.assertIn(kind, TYPES)
                self.assertLessEqual(last, start)
                self.assertLess(start, end)
                self.assertLessEqual(end, len(text))
                self.assertEqual(text[start:end], text[start:end].strip())
                last = end

    def test_no_slot_is_left(self):
        for text, *_ in self.rows:
            self.assertNotRegex(text, r"\{\{|\}\}\}|\[\[|\\n")

    def test_templates_and_names_are_parted(self):
        groups, names = {"train": set(), "held": set()}, {"train": set(), "held": set()}
        for text, spans, source, _, group, part in self.rows:
            groups[part].update(group.split("+"))
            for start, end, kind in spans:
                if kind == "PERSON":
                    names[part].update(split.name_parts(text[start:end]))
        self.assertTrue(groups["held"] and names["held"])
        self.assertFalse({g for g in groups["train"] & groups["held"] if g.startswith(("own:", "pii_templates:"))})
        # Every part of a name in train is a train part; a typed-in ending (the Smiths) is the one thing that may differ.
        wrong = {n for n in names["train"] if split.person_side(n) == "held"}
        self.assertLess(len(wrong), 1 + len(names["train"]) // 500, wrong)

    def test_case_variants(self):
        lower = sum(text == text.lower() and any(c.isalpha() for c in text) for text, *_ in self.rows)
        upper = sum(text == text.upper() and any(c.isalpha() for c in text) for text, *_ in self.rows)
        self.assertGreater(lower / len(self.rows), .2)
        self.assertLess(lower / len(self.rows), .45)
        self.assertGreater(upper / len(self.rows), .02)

    def test_every_type_occurs(self):
        for part in ("train", "held"):
            self.assertEqual({kind for _, spans, *_, side in self.rows if side == part for *_, kind in spans}, TYPES, part)


class Parts(unittest.TestCase):
    def setUp(self):
        self.filler = generate.Values({}, "train", {}).filler
        self.rng = random.Random(3)

    def filled(self, template, lang="en", **more):
        text, spans = self.filler.fill(template, lang, self.rng, **more)
        return text, [(text[s:e], kind) for s, e, kind in spans]

    def test_address_parts_become_one_span(self):
        for _ in range(50):
            text, spans = self.filled("at {{street}}\\n{{zip}} {{city}}\\n{{country}}.")
            self.assertEqual([kind for _, kind in spans], ["STREET_ADDRESS"])
            self.assertEqual(spans[0][0], text[3:-1].strip())
        self.assertEqual([k for _, k in self.filled("in {{city}}, {{country}} ({{zip}})")[1]], ["LOCATION", "LOCATION", "ZIP_CODE"])

    def test_numbered_slots_are_one_person(self):
        for _ in range(30):
            _, spans = self.filled("{{title#1}} {{last#1}} ... {{last#1}}'s letter")
            self.assertEqual([k for _, k in spans], ["TITLE", "PERSON", "PERSON"])
            self.assertEqual(spans[1][0], spans[2][0])
            self.assertFalse(spans[2][0].endswith("'s"))

    def test_given_and_surname_are_one_name(self):
        self.assertEqual(len(self.filled("{{first}} {{last}}")[1]), 1)
        self.assertEqual(len(self.filled("{{first}}, {{last}}")[1]), 2)

    def test_birth_dates_are_told_by_the_template(self):
        self.assertEqual(self.filled("born on {{dob}}")[1][0][1], "DATE_OF_BIRTH")
        self.assertEqual(self.filled("since {{dob}}")[1][0][1], "DATE_TIME")

    def test_fixed_spans(self):
        text, spans = self.filled("[[TITLE|Judge]] spoke")
        self.assertEqual((text, spans), ("Judge spoke", [("Judge", "TITLE")]))

    def test_coded_values_stay_on_their_line(self):
        for _ in range(200):
            text, _ = self.filled('{"a": "{{address}}", "n": "{{full}}"}', plain=True)
            self.assertNotIn("\n", text)
            self.assertEqual(text.count('"'), 8)

    def test_every_own_template_fills(self):
        found = templates.own_templates()
        self.assertGreater(len(found), 800)
        for part in ("train", "held"):
            filler = generate.Values({}, part, {}).filler
            for template in found:
                for _ in range(3):
                    text, spans = filler.fill(template.text, template.lang, self.rng, plain=template.coded)
                    self.assertIsNotNone(generate.tidy(text, spans))

    def test_template_groups_are_unique(self):
        groups = [t.group for t in templates.own_templates()]
        self.assertEqual(len(groups), len(set(groups)))

    def test_value_lists_have_held_values(self):
        held = generate.Values({}, "held", {})
        self.assertTrue(held.orgs.stems and held.places.world)
        self.assertTrue(all(held.orgs.known.values()))
        self.assertGreater(len(held.people.cultures), 10)


class Variants(unittest.TestCase):
    def test_lengths_stay(self):
        for text in ("İstanbul STRASSE ß", "ŒUVRE ﬁn"):
            self.assertEqual(len(variants.lower(text)), len(text))
            self.assertEqual(len(variants.upper(text)), len(text))

    def test_edits_move_spans(self):
        text, rng = "Hello, my friend Ann Lee, lives here; truly.", random.Random(1)
        spans = [[17, 24, "PERSON"]]
        for change in (lambda: variants.without_punctuation(text, spans), lambda: variants.typos(text, spans, rng)):
            changed, moved = change()
            self.assertEqual(changed[moved[0][0]:moved[0][1]], "Ann Lee")
        self.assertNotIn(",", variants.without_punctuation(text, spans)[0])


class Corpora(unittest.TestCase):
    def test_natural_spacing(self):
        text, spans = corpora.natural(["She", "met", "Ann", "Lee", "'s", "son", "(", "Bo", ")", ",", "twice", "."],
                                      ["O", "O", "B-PER", "I-PER", "O", "O", "O", "B-PER", "O", "O", "O", "O"])
        self.assertEqual(text, "She met Ann Lee's son (Bo), twice.")
        self.assertEqual([text[s:e] for s, e, _ in spans], ["Ann Lee", "Bo"])

    def test_possessive_and_quotes_are_outside(self):
        text = "'' Ann Lee 's ''"
        self.assertEqual([text[s:e] for s, e, _ in corpora.trimmed(text, [[0, 13, "PERSON"]])], ["Ann Lee"])

    def test_dates_by_rule(self):
        text = "Born 3 May 1931 , he walked 1500 m in 1952 ."
        self.assertEqual([text[s:e] for s, e, _ in corpora.tag_dates(text, [], "en")], ["3 May 1931", "1952"])

    def test_a_city_is_marked_in_every_mention_and_strangers_leave_the_text_out(self):
        with tempfile.TemporaryDirectory() as folder:
            words = {"find", "a", "table", "in", "please", "there", "is", "one", "for", "you", "ask"}
            texts = list(corpora.dialogues(small_data(folder) / "dialogues.jsonl", words))
        together = "\n".join(text for text, *_ in texts)
        self.assertNotIn("Tom", together)
        for text, spans, *_ in texts:
            self.assertEqual(sorted(text[s:e].lower() for s, e, _ in spans), ["brask"] * len(re.findall("brask", text, re.I)))

    def test_requests_with_names_are_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            path = small_data(folder) / "injection.jsonl"
            found = [text for text, *_ in corpora.requests(path, {"is", "the", "shop", "in", "closed"}, {"bergen"})]
        self.assertEqual(found, ["is the shop closed"])


class Dates(unittest.TestCase):
    def test_forms(self):
        rng = random.Random(2)
        self.assertEqual([dates.ordinal(d) for d in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30)],
                         "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd 30th".split())
        for lang in dates.MONTHS:
            for draw in (dates.date, dates.clock, dates.weekday, dates.month_year, dates.birth):
                value = draw(rng, lang)
                self.assertEqual(value, value.strip())


if __name__ == "__main__":
    unittest.main()
