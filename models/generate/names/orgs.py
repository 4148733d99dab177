"""Organisations: known ones and composed ones, with and without a legal form."""
from lists import value_pool

LEGAL = {"en": "legal_en", "de": "legal_de", "fr": "legal_fr", "es": "legal_es", "it": "legal_it", "pt": "legal_pt", "nl": "legal_nl"}


class Orgs:
    """Draws organisations of one part ("train" or "held")."""

    def __init__(self, faker, own, part, people, places, real=()):
        self.part, self.people, self.places = part, people, places
        self.real = list(real) if len(real) >= 100 else []
        self.known = {key: value_pool(values).part(part) for key, values in own["known"].items()}
        parts = own["parts"]
        self.parts = parts
        self.stems = value_pool(parts["stems"], parts["made"]).part(part)
        codes = {"en": ["en", "en_GB", "en_IN"], "de": ["de"], "fr": ["fr"], "es": ["es"], "it": ["it"], "pt": ["pt_PT"], "nl": []}
        self.faker = {lang: value_pool(*[faker[c].get("companies", []) for c in list_ if c in faker]).part(part)
                      for lang, list_ in codes.items()}

    def legal(self, rng, lang):
        key = LEGAL.get(lang, "legal_xx")
        if lang == "en" and rng.random() < .25:
            key = rng.choice(["legal_de", "legal_fr", "legal_es", "legal_it", "legal_nl", "legal_xx", "legal_xx"])
        return rng.choice(self.parts[key])

    def surname(self, rng, lang):
        return self.people.person(rng, lang).surname

    def company(self, rng, lang="en"):
        roll = rng.random()
        if roll < .26:
            return rng.choice(self.known["companies"])
        if roll < .34 and self.faker.get(lang):
            return rng.choice(self.faker[lang])
        if roll < .40 and self.real:
            return rng.choice(self.real)
        stem = rng.choice(self.stems)
        sector = rng.choice(self.parts["sectors"])
        if roll < .55:
            return f"{stem} {sector}"
        if roll < .66:
            return f"{stem} {sector} {self.legal(rng, lang)}"
        if roll < .72:
            legal = self.legal(rng, lang)
            return f"{stem}, {legal}" if lang == "en" and rng.random() < .3 else f"{stem} {legal}"
        if roll < .78:
            return stem
        if roll < .84:
            return f"{self.surname(rng, lang)} {rng.choice([sector, self.legal(rng, lang)])}"
        if roll < .89:
            join = {"de": "und", "fr": "et", "es": "y", "it": "e", "nl": "en", "pt": "e"}.get(lang, rng.choice(["&", "and"]))
            tail = rng.choice(["", "", " " + self.legal(rng, lang), " LLP" if lang == "en" else ""])
            names = f"{self.surname(rng, lang)} {join} {self.surname(rng, lang)}"
            return (f"{self.surname(rng, lang)}, {names}" if rng.random() < .3 else names) + tail
        if roll < .93:
            return f"{self.surname(rng, lang)}-{self.surname(rng, lang)}"
        if roll < .97:
            return f"{self.places.city(rng, lang)} {sector}"
        letters = "".join(rng.choice("ABCDEFGHIKLMNOPRSTVWX") for _ in range(rng.choice([2, 3, 3, 4])))
        return f"{letters} {rng.choice([sector, self.legal(rng, lang)])}"

    def university(self, rng, lang="en"):
        city, field = self.places.city(rng, lang), rng.choice(self.parts["fields"])
        if rng.random() < .3 and lang == "en":
            return rng.choice(self.known["universities"])
        forms = {
            "de": [f"Universität {city}", f"TU {city}", f"Hochschule {city}", f"Technische Universität {city}", f"Gymnasium {city}"],
            "fr": [f"Université de {city}", f"Lycée de {city}", f"INSA {city}", f"École supérieure de {city}"],
            "es": [f"Universidad de {city}", f"Universidad Politécnica de {city}", f"Instituto de {city}"],
            "it": [f"Università di {city}", f"Università degli Studi di {city}", f"Politecnico di {city}"],
            "pt": [f"Universidade de {city}", f"Universidade Federal de {city}"],
            "nl": [f"Universiteit {city}", f"Hogeschool {city}"],
        }
        return rng.choice(forms.get(lang) or [
            f"University of {city}", f"{city} University", f"{city} State University", f"{city} Institute of {field}", f"{city} College",
            f"{self.surname(rng, lang)} College", f"{city} School of {field}", f"{city} High School", f"{self.surname(rng, lang)} University",
            f"{city} Community College", f"St. {rng.choice(self.parts['saints'])}'s School", f"Academy of {field}"])

    def hospital(self, rng, lang="en"):
        city, saint = self.places.city(rng, lang), rng.choice(self.parts["saints"])
        if rng.random() < .2:
            return rng.choice(self.known["hospitals"])
        forms = {
            "de": [f"Klinikum {city}", f"Universitätsklinikum {city}", f"Krankenhaus {city}", f"St.-{saint}-Hospital", f"Praxis {self.surname(rng, lang)}"],
            "fr": [f"CHU de {city}", f"Hôpital Saint-{saint}", f"Clinique de {city}"],
            "es": [f"Hospital Universitario de {city}", f"Hospital San {saint}", f"Clínica {self.surname(rng, lang)}"],
            "it": [f"Ospedale di {city}", f"Policlinico di {city}"], "pt": [f"Hospital de {city}", f"Santa Casa de {city}"],
            "nl": [f"{city} Ziekenhuis", f"Medisch Centrum {city}"],
        }
        return rng.choice(forms.get(lang) or [
            f"St. {saint}'s Hospital", f"{city} General Hospital", f"{city} Medical Center", f"{city} Clinic", f"{self.surname(rng, lang)} Clinic",
            f"{city} Children's Hospital", f"Saint {saint} Hospital", f"{self.surname(rng, lang)} Memorial Hospital", f"{city} Family Practice",
            f"{rng.choice(self.stems)} Health", f"{city} Regional Medical Center"])

    def body(self, rng, lang="en"):
        if lang in ("de", "fr", "es"):
            base = rng.choice(self.parts["departments_" + lang])
            if rng.random() < .35 and lang == "de":
                return f"{base} {self.places.city(rng, lang)}"
            return base
        roll = rng.random()
        if roll < .5:
            return rng.choice(self.known["bodies"])
        base = rng.choice(self.parts["departments"])
        if roll < .7:
            return base
        if base.startswith(("Ministry", "Department", "Bureau")):
            return f"{base} of {self.places.country(rng)}"
        return f"{self.places.city(rng, lang)} {base}"

    def band(self, rng):
        if rng.random() < .4:
            return rng.choice(self.known["bands"])
        a, b = rng.choice(self.parts["band_a"]), rng.choice(self.parts["band_b"])
        return rng.choice([f"The {a} {b}", f"{a} {b}", f"the {b}", f"{a} {rng.choice(self.parts['band_a'])}"])

    def club(self, rng, lang="en"):
        if rng.random() < .4:
            return rng.choice(self.known["clubs"])
        city = self.places.city(rng, lang)
        return rng.choice([f"{city} FC", f"FC {city}", f"{city} United", f"{city} City", f"{city} {rng.choice(self.parts['band_b'])}", f"SC {city}",
                           f"{city} Rovers", f"AS {city}", f"{city} Athletic", f"SV {city}", f"Real {city}", f"VfB {city}", f"Sporting {city}"])

    def any(self, rng, lang="en"):
        roll = rng.random()
        if roll < .68:
            return self.company(rng, lang)
        if roll < .78:
            return self.university(rng, lang)
        if roll < .84:
            return self.hospital(rng, lang)
        if roll < .94:
            return self.body(rng, lang)
        return self.club(rng, lang) if roll < .98 else self.band(rng)
