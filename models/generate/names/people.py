"""Names of people, composed as each culture composes them."""
import collections
import re

import split
from lists import people_pool

# culture -> (faker locales for the names, own sections of values/people.txt, weight in English texts)
CULTURES = {
    "en": (["en", "en_AU"], ["en"], 34), "in": (["en_IN"], ["in"], 8), "zh": (["en_HK"], ["zh"], 6),
    "ar": ([], ["ar"], 7), "fa": ([], ["fa"], 1.5), "ko": ([], ["ko"], 2), "ja": ([], ["ja"], 2.5),
    "vi": (["vi"], ["vi"], 3), "th": ([], ["th"], 1), "id": (["id_ID"], [], 1.5), "ph": ([], ["ph"], 1.5),
    "sa": ([], ["sa"], 2), "tr": (["tr"], ["tr"], 2.5), "he": ([], ["he"], 1), "ng": (["en_NG", "yo_NG"], ["ng"], 3),
    "af": (["en_GH", "zu_ZA", "en_ZA"], ["af"], 2.5), "de": (["de", "de_CH", "de_AT"], ["de"], 5),
    "fr": (["fr", "fr_BE", "fr_CH", "fr_SN"], ["fr"], 5), "es": (["es", "es_MX"], ["es"], 6),
    "it": (["it"], ["it"], 3), "pt": (["pt_BR", "pt_PT"], ["pt"], 3), "nl": (["nl", "nl_BE", "af_ZA"], ["nl"], 3),
    "pl": (["pl"], [], 1.5), "cs": (["cs_CZ"], [], 1), "sk": (["sk"], [], .5), "hu": (["hu"], [], 1), "ro": (["ro"], [], 1),
    "sv": (["sv"], [], 1), "da": (["da"], [], 1), "nb": (["nb_NO"], [], .8), "fi": (["fi"], [], .8), "is": ([], ["is"], .4),
    "hr": (["hr"], [], .8), "sr": (["sr_RS_latin"], [], .6), "sl": (["sl_SI"], [], .6), "lv": (["lv"], [], .4),
    "ru": ([], ["ru"], 3), "el": ([], ["el"], 1), "uz": (["uz_UZ_latin"], [], .3), "az": (["az"], [], .3),
}
HOME = {  # cultures at home in a language of templates
    "de": ["de", "de", "de", "tr", "pl", "ru"], "es": ["es"], "fr": ["fr", "fr", "fr", "ar", "af"], "it": ["it"],
    "pt": ["pt"], "nl": ["nl", "nl", "nl", "tr", "ar"], "pl": ["pl"], "tr": ["tr"], "sv": ["sv"], "da": ["da"],
    "ro": ["ro"], "cs": ["cs"],
}
SURNAME_FIRST = {"zh": .6, "ko": .65, "vi": .65, "hu": .55, "ja": .2}
PARTICLES = {
    "nl": ["van", "van de", "van den", "van der", "de", "ter", "ten", "van 't"], "de": ["von", "zu", "von der", "von und zu"],
    "fr": ["de", "de la", "du", "Le", "La", "d'"], "es": ["de", "de la", "del", "de los"],
    "pt": ["da", "de", "dos", "do", "das"], "it": ["De", "Di", "Della", "D'", "Lo", "La"],
    "ar": ["bin", "ibn", "al", "el", "Abu", "bint"], "en": ["O'", "Mc", "Mac", "St.", "Fitz"],
}
INITIALS = "ABCDEFGHJKLMNPRSTVW"


def ascii_only(name, german=False):
    """How a name with accents is typed on an English keyboard; german: ae, oe, ue for the umlauts."""
    if german:
        for umlaut, typed in zip("äöüÄÖÜ", ("ae", "oe", "ue", "Ae", "Oe", "Ue")):
            name = name.replace(umlaut, typed)
    return "".join(c if c.isascii() else split.fold(c).capitalize() if c.isupper() else split.fold(c) for c in name)


class Person:
    """One person: the parts that texts speak of. `full()` draws a written form."""

    def __init__(self, given, surname, gender, culture, rng, nicks=()):
        self.given, self.surname, self.gender, self.culture, self.nicks = given, surname, gender, culture, nicks
        self.rng = rng
        self.order = "surname" if rng.random() < SURNAME_FIRST.get(culture, 0) else "given"
        self.middle = None
        self._full = None

    def plain(self):
        if self.order == "surname":
            return f"{self.surname} {self.given}"
        return f"{self.given} {self.surname}"

    def initials(self):
        return "".join(part[0] + "." for part in re.split(r"[ \-]", self.given) if part)

    def full(self, plain=False):
        """The written form; the same again and again once drawn."""
        if self._full is None:
            self._full = self._draw(plain)
        return self._full

    def _draw(self, plain):
        rng, roll = self.rng, self.rng.random()
        if roll < .64:
            return self.plain()
        if roll < .72:
            return f"{self.given} {rng.choice(INITIALS)}{rng.choice(['.', '.', ''])} {self.surname}"
        if roll < .80 and self.middle:
            return f"{self.given} {self.middle} {self.surname}"
        if roll < .85:
            return f"{self.initials()} {self.surname}"
        if roll < .87:
            return f"{self.given[0]}.{rng.choice(['', ' '])}{rng.choice(INITIALS)}. {self.surname}"
        if roll < .91 and not plain:
            return f"{self.surname}, {self.given}"
        if roll < .925 and self.culture == "en":
            return f"{self.plain()}{rng.choice([' Jr.', ' III', ' Sr.', ' Jr', ' II', ', Jr.'])}"
        if roll < .935 and self.nicks and not plain:
            nick = rng.choice(self.nicks)
            return rng.choice([f'{self.given} "{nick}" {self.surname}', f"{self.given} '{nick}' {self.surname}"])
        if roll < .95:
            return f"{self.surname} {self.given}"
        return self.plain()


class People:
    """Draws people of one part ("train" or "held")."""

    def __init__(self, faker, own, part, real=()):
        self.part, self.cultures, self.real = part, {}, list(real) if len(real) >= 30 else []
        self.drawn = collections.Counter()
        for culture, (locales, sections, weight) in CULTURES.items():
            sources = [faker[code] for code in locales if code in faker] + [own[s] for s in sections if s in own]
            get = lambda *keys: people_pool(*[s.get(k, []) for s in sources for k in keys]).part(part)
            lists = {
                "m": get("given_m", "given"), "f": get("given_f", "given"), "nick": get("nick"),
                "sm": get("surname", "surname_m"), "sf": get("surname", "surname_f"),
                "pm": get("patronymic_m"), "pf": get("patronymic_f"),
                "syl": [s for source in sources for s in source.get("syllable", [])],
            }
            if lists["m"] and lists["f"] and lists["sm"] and lists["sf"]:
                self.cultures[culture] = (lists, weight)
        self.names = list(self.cultures)
        self.weights = [self.cultures[c][1] for c in self.names]

    def culture(self, rng, lang):
        home = [c for c in HOME.get(lang, []) if c in self.cultures]
        if home and rng.random() < .7:
            return rng.choice(home)
        return rng.choices(self.names, self.weights)[0]

    def _syllables(self, rng, lists, culture):
        """A romanised Chinese or Korean given name of two syllables; tried again until it is of this part."""
        for _ in range(200):
            a, b = rng.choice(lists["syl"]), rng.choice(lists["syl"])
            form = rng.random()
            name = (a + b).capitalize() if form < .55 else f"{a.capitalize()}-{b}" if form < .75 else \
                f"{a.capitalize()} {b.capitalize()}" if form < .9 else f"{a.capitalize()}-{b.capitalize()}"
            if split.person_side(name) == self.part or (self.part == "train" and not split.name_parts(name)):
                return name
        return None

    def person(self, rng, lang="en", gender=None, culture=None):
        culture = culture or self.culture(rng, lang)
        lists = self.cultures[culture][0]
        self.drawn[culture] += 1
        gender = gender or rng.choice("mf")
        given = rng.choice(lists[gender])
        if lists["syl"] and rng.random() < .6:
            given = self._syllables(rng, lists, culture) or given
        surname = rng.choice(lists["s" + gender])
        second = rng.choice(lists["s" + gender])
        roll = rng.random()
        if culture in ("es", "ph") and roll < .4:
            surname = f"{surname} {second}"
        elif culture == "pt" and roll < .5:
            surname = f"{surname} {rng.choice(['', '', 'da ', 'de ', 'dos '])}{second}"
        elif culture in ("de", "fr", "en", "es", "nl", "pl", "in") and roll < .55 and roll > .5:
            surname = f"{surname}-{second}"
        elif culture in PARTICLES and .6 < roll < (.82 if culture in ("nl", "ar") else .66) and " " not in surname:
            particle = rng.choice(PARTICLES[culture])
            if not surname.lower().startswith(("al-", "el-", "o'", "mc", "van ", "de ")):
                surname = particle + surname if particle.endswith(("'", "c", "z")) else f"{particle} {surname}"
        if culture == "ar" and .85 < roll < .95:
            surname = f"{rng.choice(['bin', 'ibn', 'bin', 'Abu'])} {rng.choice(lists['m'])} {surname}"
        if culture == "in" and .8 < roll < .9:
            given = rng.choice([f"{rng.choice(INITIALS)}. {given}", f"{rng.choice(INITIALS)}.{rng.choice(INITIALS)}. {given}"])
        if culture in ("fr", "de", "nl", "es") and .9 < roll < .93 and "-" not in given and " " not in given:
            given = f"{given}-{rng.choice(lists[gender])}"
        parts = split.name_parts(f"{given} {surname}")
        if parts and split.person_side(f"{given} {surname}") != self.part:
            given, surname = rng.choice(lists[gender]), rng.choice(lists["s" + gender])  # a particle brought in a part of the other side
        if rng.random() < (.5 if culture == "vi" else .2):
            typed = [ascii_only(part, culture == "de" and roll < .5) for part in (given, surname)]
            if split.person_side(" ".join(typed)) == split.person_side(f"{given} {surname}"):
                given, surname = typed
        person = Person(given, surname, gender, culture, rng, lists["nick"])
        if lists["p" + gender]:
            person.middle = rng.choice(lists["p" + gender])
        else:
            person.middle = rng.choice(lists[gender])
        return person
