"""Fills a template: "My name is {{person}}" -> the text and its spans.

A slot is {{name}} or {{name#1}}; slots with one number speak of one person ({{title#1}} {{last#1}} ... {{email#1}}).
`[[TITLE|Captain]]` is plain text with a span. `\\n` and `\\t` in a template are a line break and a tab.
"""
import re

import dates
import split

ADDRESS_GAP = re.compile(r"[\s,>?]*\Z")  # what may stand between the lines of one address, quoting marks included
FIXED = re.compile(r"\[\[([A-Z_]+)\|([^\]]+)\]\]")
SLOT = re.compile(r"\{\{([a-z_]+)(?:#(\w+))?\}\}")
BIRTH = re.compile(r"\b(born|birth|dob|d\.o\.b|birthday|birthdate|geb|geboren|geburt\w*|naissance|née?|nacid[oa]|nacimiento|nat[oa]|nascita|nascid[oa]|nascimento|"
                   r"geboortedatum)\b", re.I)
# slot -> type; a slot that is not here leaves no span (identifiers with a format are found by patterns elsewhere)
TYPES = {
    "PERSON": "person name full first last first_m first_f first_x name_m name_f last_m last_f nick initials_last last_first user_full",
    "TITLE": "title title_m title_f", "LOCATION": "city country state state_abbr location region",
    "ADDRESS": "address address_block address_line address_csv", "STREET": "street street_name number unit", "POSTCODE": "postcode",
    "ORGANIZATION": "org company university hospital body band club", "DATE_TIME": "date time datetime weekday month_year year decade date_num timestamp",
    "DATE_OF_BIRTH": "dob", "AGE": "age", "ZIP_CODE": "zip", "NATIONALITY": "nat nats nat_person religion politics",
    "MEDICAL_CONDITION": "condition", "MEDICATION": "medication", "LEGAL_REFERENCE": "legal", "USERNAME": "user", "JOB": "job",
}
TYPE_OF = {slot: kind for kind, slots in TYPES.items() for slot in slots.split()}
# names in the template file of the shared data -> ours
ALIASES = {
    "name": "full", "person": "full", "first_name": "first", "last_name": "last", "first_name_male": "first_m", "first_name_female": "first_f",
    "first_name_nonbinary": "first_x", "name_male": "name_m", "name_female": "name_f", "last_name_male": "last_m", "last_name_female": "last_f",
    "prefix": "title", "prefix_male": "title_m", "prefix_female": "title_f", "organization": "org", "credit_card_number": "card",
    "phone_number": "phone", "ip_address": "ip", "nationality": "nat", "nation_woman": "nat_person", "nation_man": "nat_person",
    "nation_plural": "nats", "date_of_birth": "dob", "date_time": "date", "day_of_week": "weekday", "zipcode": "zip", "postcode": "postcode",
    "us_driver_license": "licence", "building_number": "number", "secondary_address": "unit",
}
LEET = str.maketrans("aeio", "4310")


class Text:
    """A text being put together, with its spans."""

    def __init__(self):
        self.parts, self.length, self.spans = [], 0, []

    def add(self, text, kind=None):
        if kind and text.strip():
            lead = len(text) - len(text.lstrip())
            self.spans.append([self.length + lead, self.length + len(text.rstrip()), kind])
        self.parts.append(text)
        self.length += len(text)

    def done(self):
        text = "".join(self.parts)
        for span in self.spans:
            # An ending that the template adds belongs to the word: deutsch-e, the Smith-s.
            if span[2] in ("PERSON", "NATIONALITY"):
                while span[1] < len(text) and text[span[1]].isalpha():
                    span[1] += 1
        return text, joined(text, whole_names(text, self.spans))


def whole_names(text, spans):
    """Given name and surname side by side are one name."""
    out = []
    for span in spans:
        if out and span[2] == out[-1][2] == "PERSON" and text[out[-1][1]:span[0]] == " ":
            out[-1][1] = span[1]
        else:
            out.append(span)
    return out


def joined(text, spans):
    """Joins the parts of an address (street, unit, city, state, zip) that follow one another into one span."""
    out, i = [], 0
    parts = ("STREET", "LOCATION", "POSTCODE", "ZIP_CODE")
    while i < len(spans):
        j = i
        while spans[j][2] in parts and j + 1 < len(spans) and spans[j + 1][2] in parts and ADDRESS_GAP.match(
                text[spans[j][1]:spans[j + 1][0]]):
            j += 1
        run = spans[i:j + 1]
        if any(kind == "STREET" for _, _, kind in run):
            out.append([run[0][0], run[-1][1], "STREET_ADDRESS"])
        else:
            out += [[s, e, {"ADDRESS": "STREET_ADDRESS", "POSTCODE": "ZIP_CODE"}.get(kind, kind)] for s, e, kind in run]
        i = j + 1
    return out


class Filler:
    """Fills templates with values of one part."""

    def __init__(self, people, places, orgs, terms, part):
        self.people, self.places, self.orgs, self.terms, self.part = people, places, orgs, terms, part

    def fill(self, template, lang, rng, plain=False, layout=None):
        """(text, spans). plain: values fit inside a quoted string (no quotes, no line breaks)."""
        persons, same, pieces = {}, {}, SLOT.split(template)
        out = Text()
        birth = BIRTH.search(SLOT.sub(" ", template)) is not None
        for i in range(0, len(pieces), 3):
            for j, piece in enumerate(FIXED.split(pieces[i].replace("\\n", "\n").replace("\\t", "\t"))):
                # split() gives plain, kind, text, plain, ...
                if j % 3 == 1:
                    fixed = piece
                else:
                    out.add(piece, fixed if j % 3 == 2 else None)
            if i + 1 >= len(pieces):
                break
            slot, index = ALIASES.get(pieces[i + 1], pieces[i + 1]), pieces[i + 2]
            key = (slot, index)
            if index is None or key not in same:
                value = self.value(slot, index, persons, lang, rng, plain, layout)
                if plain:
                    value = value.replace('"', "").replace("\n,", ",").replace("\n", ", ")
                if index is not None:
                    same[key] = value
            else:
                value = same[key]
            kind = TYPE_OF.get(slot)
            if kind == "DATE_OF_BIRTH" and not birth:
                kind = "DATE_TIME"
            out.add(value, kind)
        return out.done()

    def person(self, slot, index, persons, lang, rng):
        gender = {"m": "m", "f": "f"}.get(slot[-1]) if slot[-2:-1] == "_" else None
        if index is None:
            return self.people.person(rng, lang, gender)
        if index not in persons:
            persons[index] = self.people.person(rng, lang, gender)
        return persons[index]

    def title(self, rng, lang, person):
        titles = self.terms["titles"]
        lang = lang if lang + "_m" in titles else "en"
        if person.culture == "in" and lang == "en" and rng.random() < .4:
            lang = "in"
        options = titles.get(f"{lang}_{person.gender}", []) if rng.random() < .75 or lang not in titles else titles[lang]
        if lang == "en" and rng.random() < .5:
            options = ["Mr.", "Mr"] if person.gender == "m" else ["Ms.", "Mrs.", "Ms", "Mrs", "Miss"]
        return rng.choice(options)

    def value(self, slot, index, persons, lang, rng, plain, layout):
        if slot in ("full", "name_m", "name_f", "last_first"):
            person = self.person(slot, index, persons, lang, rng)
            if slot == "last_first":
                return f"{person.surname}, {person.given}"
            if slot == "full" and index is None and self.people.real and rng.random() < .12:
                return rng.choice(self.people.real)
            return person.full(plain)
        if slot in ("first", "first_m", "first_f", "first_x"):
            person = self.person(slot, index, persons, lang, rng)
            if index is None and person.nicks and rng.random() < .12:
                return rng.choice(person.nicks)
            return person.given
        if slot in ("last", "last_m", "last_f"):
            return self.person(slot, index, persons, lang, rng).surname
        if slot == "nick":
            person = self.person(slot, index, persons, lang, rng)
            return rng.choice(person.nicks) if person.nicks else person.given
        if slot == "initials_last":
            person = self.person(slot, index, persons, lang, rng)
            return f"{person.initials()} {person.surname}"
        if slot in ("title", "title_m", "title_f"):
            return self.title(rng, lang, self.person(slot, index, persons, lang, rng))
        if slot in ("email", "user"):
            return getattr(self, slot)(rng, self.person(slot, index, persons, lang, rng) if index or rng.random() < .7 else None)
        if slot == "postcode":
            return self.places.zip(rng, lang)
        if slot in ("city", "country", "location", "street", "street_name", "zip"):
            return getattr(self.places, slot)(rng, lang)
        if slot in ("address", "address_block", "address_line", "address_csv"):
            wanted = {"address_block": "block", "address_line": "line", "address_csv": "csv"}.get(slot, "line" if plain else layout)
            return self.places.address(rng, lang, wanted)
        if slot == "state":
            return self.places.state(rng)
        if slot == "state_abbr":
            return self.places.state(rng, abbr=True)
        if slot == "region":
            return rng.choice(self.places.regions)
        if slot == "org":
            return self.orgs.any(rng, lang)
        if slot in ("company", "university", "hospital", "body", "club"):
            return getattr(self.orgs, slot)(rng, lang)
        if slot == "band":
            return self.orgs.band(rng)
        if slot == "date":
            return dates.date(rng, lang)
        if slot == "datetime":
            return f"{dates.date(rng, lang)} {dates.clock(rng, lang)}"
        if slot == "time":
            return dates.clock(rng, lang)
        if slot == "date_num":
            return dates.numeric(rng, dates.day_of(rng, 2005, 2026), lang)
        if slot in ("weekday", "month_year"):
            return getattr(dates, slot)(rng, lang)
        if slot in ("year", "decade", "timestamp", "age"):
            return getattr(dates, slot)(rng)
        if slot == "dob":
            return dates.birth(rng, lang)
        if slot in ("nat", "nats", "nat_person", "religion", "politics"):
            return self.nationality(slot, lang, rng)
        if slot in ("condition", "medication", "job"):
            lists = self.terms[slot]
            return rng.choice(lists.get(lang) or lists["en"])
        if slot == "legal":
            return self.legal(rng, lang)
        return self.plain_value(slot, rng, lang)

    def nationality(self, slot, lang, rng):
        lists = self.terms["nationality"]
        if slot == "nat":
            return rng.choice(lists.get(lang) or lists["en"])
        return rng.choice(lists[{"nats": "plural", "nat_person": "person"}.get(slot, slot)])

    def handle(self, rng, person):
        if person is None:
            person = self.people.person(rng)
        clean = lambda s: re.sub(r"[^a-z]", "", split.fold(s))
        return clean(person.given) or "user", clean(person.surname) or "name"

    def email(self, rng, person):
        given, surname = self.handle(rng, person)
        local = rng.choice([f"{given}.{surname}", f"{given[0]}{surname}", f"{given}{rng.randrange(1, 99)}", f"{given}_{surname}", f"{surname}.{given}", given])
        domain = rng.choice(["gmail.com", "outlook.com", "yahoo.com", "example.com", "example.org", "company.example", "web.de", "mail.example.net",
                             f"{surname}.example", "proton.me", "firma.example", "hotmail.co.uk", "icloud.com"])
        return f"{local}@{domain}"

    def user(self, rng, person):
        given, surname = self.handle(rng, person)
        word = rng.choice("dark star cyber pixel ninja sky moon wolf fire tiger coffee code rock ghost night blue green lucky happy crazy".split())
        return rng.choice([f"{given}{rng.randrange(1, 9999)}", f"{given[0]}{surname}", f"{given}_{surname}", f"{word}{given}", f"{word}_{word}{rng.randrange(10, 99)}",
                           f"{given}.{surname}{rng.randrange(10, 99)}", f"x{word}{given}x", f"{surname}{given[0]}", f"{word}{rng.randrange(10, 9999)}",
                           f"{word.capitalize()}{given.capitalize()}", f"{given}-{word}", f"{given}{surname}".translate(LEET), f"u{rng.randrange(10000, 999999)}",
                           f"{given[:3]}{surname[:3]}{rng.randrange(10):02}"])

    def legal(self, rng, lang):
        n, y, yy = rng.randrange(1, 99999), rng.randrange(1995, 2027), rng.randrange(10, 27)
        court = rng.choice("CV CR CIV MC CF DR JA AP BK".split())
        if lang == "de":
            return rng.choice([f"{rng.randrange(1, 40)} {rng.choice(['O', 'C', 'F', 'S', 'U', 'Ks', 'Ls', 'T'])} {rng.randrange(1, 900)}/{yy}",
                               f"{rng.randrange(1, 30)} C {rng.randrange(1, 999)}/{yy}", f"{rng.choice(['I', 'II', 'V', 'VIII'])} ZR {rng.randrange(1, 400)}/{yy}",
                               f"{rng.randrange(100, 999)} Js {rng.randrange(100, 99999)}/{yy}", f"1 BvR {rng.randrange(10, 3000)}/{yy}"])
        if lang == "fr":
            return rng.choice([f"RG n° {yy}/{n:05}", f"n° {yy}-{rng.randrange(10, 99)}.{rng.randrange(100, 999)}", f"RG {yy}/{n:05}"])
        if lang in ("es", "it", "pt"):
            return rng.choice([f"{n}/{y}", f"{rng.randrange(1, 999)}/{y}", f"R.G. {n}/{y}", f"{rng.randrange(1000000, 9999999)}-{rng.randrange(10, 99)}.{y}.8.26.0100"])
        return rng.choice([
            f"{y}-{court}-{n:05}", f"{rng.randrange(1, 9)}:{yy}-cv-{n:05}", f"{rng.randrange(1, 9)}:{yy}-cr-{rng.randrange(1, 999):05}-{rng.choice(['ABC', 'JRM', 'KLT'])}",
            f"{court}-{y}-{n}", f"No. {yy}-{rng.randrange(10, 9999)}", f"[{y}] EWCA Civ {rng.randrange(1, 1900)}", f"[{y}] UKSC {rng.randrange(1, 60)}",
            f"C-{rng.randrange(1, 800)}/{yy}", f"{rng.randrange(100, 600)} U.S. {rng.randrange(1, 900)}", f"{rng.randrange(10, 999)} F.{rng.choice(['2d', '3d', ' Supp. 2d'])} {rng.randrange(1, 1500)}",
            f"{yy}-{court}-{n:06}", f"HC-{y}-{n:06}", f"{court}{yy}-{n}", f"SC/{rng.randrange(1, 500)}/{y}", f"W.P.(C) {rng.randrange(1, 9999)}/{y}",
            f"{y} SCC {rng.randrange(1, 60)}", f"Crl.A. {rng.randrange(1, 2500)} of {y}", f"EA/{y}/{rng.randrange(1, 999):04}", f"{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}"])

    def plain_value(self, slot, rng, lang):
        """Values without a span: identifiers that patterns find, amounts, products."""
        digits = lambda n: "".join(rng.choice("0123456789") for _ in range(n))
        upper = lambda n: "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(n))
        if slot == "phone":
            return rng.choice([f"+1 {digits(3)}-{digits(3)}-{digits(4)}", f"({digits(3)}) {digits(3)}-{digits(4)}", f"{digits(3)}-{digits(3)}-{digits(4)}", f"+49 {digits(3)} {digits(7)}",
                               f"+44 7{digits(3)} {digits(6)}", f"0{digits(9)}", f"+91 {digits(5)} {digits(5)}", f"{digits(10)}", f"+33 6 {digits(2)} {digits(2)} {digits(2)} {digits(2)}",
                               f"{digits(3)}.{digits(3)}.{digits(4)}", f"+41 4{digits(1)} {digits(3)} {digits(2)} {digits(2)}", f"({digits(3)}){digits(3)}-{digits(4)}x{digits(3)}",
                               f"0{digits(3)}/{digits(6)}", f"+34 6{digits(2)} {digits(3)} {digits(3)}"])
        if slot == "card":
            return rng.choice([f"4{digits(3)} {digits(4)} {digits(4)} {digits(4)}", f"5{digits(15)}", f"4{digits(3)}-{digits(4)}-{digits(4)}-{digits(4)}", f"3{digits(14)}", f"4{digits(15)}", f"6{digits(15)}"])
        if slot == "iban":
            code = rng.choice(["DE", "GB", "FR", "ES", "IT", "NL", "CH", "PL", "TR"])
            body = digits(18) if code != "GB" else upper(4) + digits(14)
            return code + digits(2) + body if rng.random() < .5 else f"{code}{digits(2)} " + " ".join(body[i:i + 4] for i in range(0, len(body), 4))
        if slot == "ip":
            return ".".join(str(rng.randrange(1, 255)) for _ in range(4)) if rng.random() < .8 else ":".join(f"{rng.randrange(65536):x}" for _ in range(8))
        if slot == "url":
            word = rng.choice("shop portal blog docs media my app news photo cloud".split())
            host = rng.choice(self.orgs.stems).lower().replace(" ", "")
            return rng.choice([f"https://{word}.{host}.com/{digits(4)}", f"www.{host}.org", f"http://{host}.io/{word}", f"{host}.de", f"https://www.{host}.co.uk/"])
        if slot == "ssn":
            return rng.choice([f"{digits(3)}-{digits(2)}-{digits(4)}", f"{digits(9)}", f"{digits(3)} {digits(2)} {digits(4)}"])
        if slot == "licence":
            return rng.choice([upper(1) + digits(7), digits(9), upper(2) + digits(6), digits(8), f"{upper(1)}{digits(3)}-{digits(4)}-{digits(4)}"])
        if slot == "passport":
            return rng.choice([upper(1) + digits(8), digits(9), "C01X" + upper(2) + digits(3)])
        if slot == "id":
            return rng.choice([digits(6), f"{upper(3)}-{digits(4)}", f"#{digits(5)}", f"{upper(2)}{digits(7)}", f"{digits(4)}-{digits(4)}", digits(10)])
        if slot == "uuid":
            hexa = lambda n: "".join(rng.choice("0123456789abcdef") for _ in range(n))
            return f"{hexa(8)}-{hexa(4)}-{hexa(4)}-{hexa(4)}-{hexa(12)}"
        if slot == "amount":
            n = rng.choice([rng.randrange(5, 100), rng.randrange(100, 10000), rng.randrange(10000, 2000000)])
            return rng.choice([f"${n:,}", f"${n}.{digits(2)}", f"€{n}", f"{n} EUR", f"£{n:,}", f"{n} €", f"USD {n:,}.00", f"{n} dollars", f"₹{n:,}"] if lang == "en" else [f"{n} €", f"{n},{digits(2)} €", f"{n} EUR"])
        if slot == "num":
            return str(rng.choice([rng.randrange(2, 12), rng.randrange(2, 100), rng.randrange(100, 5000)]))
        if slot == "small":
            return str(rng.randrange(2, 10))
        if slot == "dose":
            return rng.choice(["5 mg", "10 mg", "20mg", "500 mg", "50mg", "2.5 mg", "100 mg", "1 g", "250mg", "40 mg", "75 mcg", "10 units"])
        if slot == "product":
            return rng.choice(self.terms["product"]["en"])
        if slot == "number":
            return self.places.number(rng)
        if slot == "unit":
            return self.places.unit(rng, self.places.codes[0])
        if slot == "plate":
            return rng.choice([f"{upper(3)} {digits(4)}", f"{upper(2)}{digits(2)} {upper(3)}", f"{upper(1)}-{upper(2)} {digits(4)}"])
        if slot == "vin":
            return upper(3) + digits(3) + upper(5) + digits(6)
        raise KeyError(f"no slot {slot}")
