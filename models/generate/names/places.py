"""Cities, countries and addresses: each country's own order and format, and the mixed-up ones that forms contain."""
import split
from lists import value_pool

# country -> (faker locales, own street list, own city list, English name, native name, weight)
COUNTRIES = {
    "us": (["en", "en_US"], "en", "us", "USA", "USA", 26), "gb": (["en_GB"], "en", "gb", "United Kingdom", "UK", 9),
    "ca": (["en_CA"], "en", "ca", "Canada", "Canada", 5), "au": (["en_AU"], "en", "au", "Australia", "Australia", 4),
    "ie": (["en_IE"], "en", "ie", "Ireland", "Ireland", 1), "in": (["en_IN"], "in", "in", "India", "India", 6),
    "cn": ([], "cn", "cn", "China", "P.R. China", 2), "jp": ([], "jp", "jp", "Japan", "Japan", 2),
    "kr": ([], "kr", "kr", "South Korea", "Republic of Korea", 1), "ae": ([], "ae", "ae", "United Arab Emirates", "UAE", 2),
    "ng": (["en_NG"], "ng", "ng", "Nigeria", "Nigeria", 2), "ke": (["en_ZA", "en_GH"], "ke", "ke", "Kenya", "South Africa", 1.5),
    "vn": ([], "vn", "vn", "Vietnam", "Việt Nam", 1), "th": (["id_ID"], "th", "th", "Thailand", "Indonesia", 1.5),
    "ru": ([], "ru", "ru", "Russia", "Ukraine", 1.5), "de": (["de"], None, None, "Germany", "Deutschland", 6),
    "at": (["de_AT"], None, None, "Austria", "Österreich", 1.5), "ch": (["de_CH", "fr_CH"], None, None, "Switzerland", "Schweiz", 1.5),
    "fr": (["fr"], None, None, "France", "France", 5), "be": (["fr_BE", "nl_BE"], None, None, "Belgium", "Belgique", 1.5),
    "es": (["es"], None, None, "Spain", "España", 4), "mx": (["es_MX"], None, "la", "Mexico", "México", 2.5),
    "it": (["it"], None, None, "Italy", "Italia", 3), "br": (["pt_BR"], None, "la", "Brazil", "Brasil", 2),
    "pt": (["pt_PT"], None, None, "Portugal", "Portugal", 1.5), "nl": (["nl"], None, None, "Netherlands", "Nederland", 2.5),
    "tr": (["tr"], None, "tr", "Turkey", "Türkiye", 1.5), "pl": (["pl"], None, None, "Poland", "Polska", 1.5),
    "cz": (["cs_CZ"], None, None, "Czech Republic", "Česko", 1), "hu": (["hu"], None, None, "Hungary", "Magyarország", 1),
    "ro": (["ro"], None, None, "Romania", "România", 1), "se": (["sv"], None, None, "Sweden", "Sverige", 1.5),
    "dk": (["da"], None, None, "Denmark", "Danmark", 1), "no": (["nb_NO"], None, None, "Norway", "Norge", 1),
    "fi": (["fi"], None, None, "Finland", "Suomi", 1.5), "hr": (["hr", "sr_RS_latin", "sl_SI"], None, None, "Croatia", "Hrvatska", 1),
    "el": ([], "el", "eu", "Greece", "Greece", .8),
}
HOME = {"de": ["de", "de", "de", "at", "ch"], "fr": ["fr", "fr", "fr", "be", "ch"], "es": ["es", "es", "mx"], "it": ["it"],
        "pt": ["br", "pt"], "nl": ["nl", "nl", "be"], "pl": ["pl"], "tr": ["tr"], "sv": ["se"], "da": ["dk"], "ro": ["ro"], "cs": ["cz"]}
NUMBER_LAST = set("de at ch es mx it br pt nl tr pl cz hu ro se dk no fi hr el be".split())
ZIP_FIRST = set("de at ch fr be es mx it pt nl tr pl cz hu ro se dk no fi hr el".split())
LINES = {  # the block, from the street on; parts in braces are drawn
    "us": ["{n} {s}{u}\n{c}, {st} {z}", "{n} {s}{u}\n{c}, {st} {z}\n{co}", "{n} {s}\n{c} {st} {z}", "{n} {s}{u}\n{c}\n{stn}\n{z}"],
    "gb": ["{n} {s}\n{c}\n{z}", "Flat {k}, {n} {s}\n{c} {z}", "{n} {s}\n{c}\n{z}\n{co}", "{s} {n}\n{c}, {z}"],
    "ca": ["{n} {s}{u}\n{c}, {st} {z}", "{n} {s}\n{c} {st}  {z}\n{co}"],
    "au": ["{n} {s}\n{c} {st} {z}", "Unit {k}, {n} {s}\n{c} {st} {z}\n{co}", "{k}/{n} {s}\n{c} {st} {z}"],
    "ie": ["{n} {s}\n{c}\n{z}", "{n} {s}, {c} {k}, {z}"],
    "in": ["No. {n}, {s}\n{c} - {z}", "Flat {k}, {s}\n{c}, {st} {z}\n{co}", "H.No. {k}-{n}, {s}\n{c} {z}", "#{n}, {s}\n{c} {z}",
           "{k}/{n}, {s}, {stn}, {c} {z}"],
    "cn": ["No. {n}, {s}\n{c} {z}\n{co}", "Room {u3}, Building {k}, {n} {s}\n{c}, {co}", "{n} {s}, {c} {z}"],
    "jp": ["{k}-{k2}-{k3} {s}\n{c} {z}\n{co}", "{s} {k}-{k2}-{k3}, {c}, {co}", "{k}-chome-{k2}-{k3} {s}\n{c} {z}"],
    "kr": ["{n} {s}\n{c} {z}\n{co}", "{n}, {s}, {c}"],
    "ae": ["{s}, Building {n}\n{c}\n{co}", "Villa {k}, {s}\n{c}\n{co}", "{n} {s}\nP.O. Box {z}\n{c}", "{n} {s}, Apt {u3}\n{c}"],
    "fr": ["{n} {s}\n{z} {c}", "{n}, {s}\n{z} {c}\n{co}", "{n} bis {s}\n{z} {c}"],
    "be": ["{s} {n}\n{z} {c}", "{s} {n}\n{z} {c}\n{co}"],
    "es": ["{s}, {n}\n{z} {c}", "{s} {n}, {k}º {k2}\n{z} {c}", "{s}, {n}, {k}.º B\n{z} {c}\n{co}"],
    "mx": ["{s} {n}\n{z} {c}, {st}", "{s} No. {n}\nCol. Centro\n{z} {c}\n{co}"],
    "it": ["{s}, {n}\n{z} {c} ({st})", "{s} {n}\n{z} {c}\n{co}", "{s} {n}/{k}\n{z} {c} {st}"],
    "br": ["{s}, {n}\n{c} - {st}\n{z}", "{s}, {n}, apto {u3}\n{c} - {st}, {z}\n{co}"],
    "pt": ["{s}, {n}, {k}º Esq.\n{z} {c}", "{s} {n}\n{z} {c}\n{co}"],
    "tr": ["{s} No: {n}\n{z} {c}", "{s} No: {n} D: {k}\n{c}\n{co}"],
    "pl": ["{s} {n}/{k}\n{z} {c}", "{s} {n}\n{z} {c}\n{co}"],
    "hu": ["{c}\n{s} {n}.\n{z}", "{z} {c}, {s} {n}."],
    "ng": ["{n} {s}\n{c}\n{co}", "Plot {n}, {s}, {c}", "{n}, {s}\n{c}, {stn}\n{co}"],
    "ke": ["{n} {s}\n{c}\n{co}", "{n} {s}, {c}, {z}"],
    "vn": ["{n} {s}\n{c}\n{co}", "{n} {s}, {c}", "{k}/{n} {s}, {c}, {co}"],
    "th": ["{n} {s}\n{c} {z}\n{co}", "{n}/{k} {s}, {c} {z}"],
    "ru": ["{s}, {n}, kv. {k}\n{c}, {z}\n{co}", "{s} {n}\n{z} {c}", "{n} {s}, apt. {k}\n{c}"],
}
DEFAULT_LINES = ["{s} {n}\n{z} {c}", "{s} {n}\n{z} {c}\n{co}", "{s} {n}, {z} {c}"]
MIXED = [  # what web forms and test data mix: a street of anywhere with American lines around it
    "{n} {s}\n{c}, {st} {z}", "{n} {s}\n {u2}\n {c}\n {co} {z}", "{n} {s} {u2} {c} {stn}", "{n} {s}\n{c}\n, {st}\n {z}",
    "{n} {s}\n{c}\n, {st}\n {co} {z}", "{n} {s} {u2} {c} {co}", "{n} {s}, {c}, {co}", "{n} {s} {u2}, {c}, {co} {z}",
    "{n} {s} {u2} {c} {st}", "{n} {s}\n {u2}\n {c}\n {co}", "{s} {n}\n{c}, {co}", "{n} {s} {u2}\n{c}, {st} {z}",
    "{s} {n}, {c} {z}", "{n} {s} {c} {z}", "the corner of {s} and {s2}", "{n} {s}",
]
US_STATES = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY".split()


class Places:
    """Draws cities, streets and addresses of one part ("train" or "held")."""

    def __init__(self, faker, own, part, real=()):
        self.part, self.data, self.real = part, {}, list(real) if len(real) >= 100 else []
        for code, (locales, streets, cities, english, native, weight) in COUNTRIES.items():
            sources = [faker[x] for x in locales if x in faker]
            pool = lambda key, *extra: value_pool(*[s.get(key, []) for s in sources], *extra).part(part)
            own_streets = own["streets"].get(streets, []) if streets else []
            own_cities = own["cities"].get(cities, []) if cities else []
            if not own_cities and not sources:
                continue
            entry = {
                "streets": pool("streets", own_streets), "own_streets": value_pool(own_streets).part(part),
                "cities": pool("cities", own_cities), "own_cities": value_pool(own_cities).part(part),
                "zips": [z for s in sources for z in s.get("zips", [])],
                "units": [u for s in sources for u in s.get("units", [])],
                "states": [x for s in sources for x in s.get("states", [])],
                "abbr": [x for s in sources for x in s.get("state_abbr", [])],
                "names": [english, native], "weight": weight,
            }
            if entry["cities"] and entry["streets"]:
                self.data[code] = entry
        self.codes = list(self.data)
        self.weights = [self.data[c]["weight"] for c in self.codes]
        self.countries = own["countries"]["en"]
        faker_countries = faker.get("en", {}).get("countries", [])
        self.countries_long = [c for c in faker_countries if len(c) < 24] or self.countries
        self.native_countries = {lang: [c for c in faker.get(code, {}).get("countries", []) if len(c) < 22] or self.countries
                                 for lang, code in (("de", "de"), ("fr", "fr"), ("es", "es"), ("it", "it"), ("pt", "pt_PT"), ("nl", "nl"))}
        self.regions = own["regions"]["en"]
        self.world = value_pool(*own["cities"].values()).part(part)
        self.other_cities = [c for e in self.data.values() for c in e["cities"]]

    def country_code(self, rng, lang):
        home = [c for c in HOME.get(lang, []) if c in self.data]
        if home and rng.random() < .75:
            return rng.choice(home)
        return rng.choices(self.codes, self.weights)[0]

    def city(self, rng, lang="en", code=None):
        if code is None:
            roll = rng.random()
            if roll < .30 and self.world and lang == "en":
                return rng.choice(self.world)
            if roll < .42 and self.real:
                return rng.choice(self.real)
            code = self.country_code(rng, lang)
        entry = self.data[code]
        if entry["own_cities"] and rng.random() < .5:
            return rng.choice(entry["own_cities"])
        return rng.choice(entry["cities"])

    def country(self, rng, lang="en"):
        if lang in self.native_countries:
            return rng.choice(self.native_countries[lang])
        return rng.choice(self.countries if rng.random() < .75 else self.countries_long)

    def state(self, rng, abbr=False):
        entry = self.data.get(rng.choice(["us", "us", "us", "ca", "au", "in", "de"])) or self.data[self.codes[0]]
        values = (US_STATES if abbr else entry["states"]) or self.regions
        return rng.choice(values)

    def location(self, rng, lang="en"):
        roll = rng.random()
        if roll < .6:
            return self.city(rng, lang)
        if roll < .8:
            return self.country(rng, lang)
        if roll < .93:
            return rng.choice(self.regions) if lang == "en" else self.city(rng, lang)
        return f"{self.city(rng, lang)}, {self.country(rng, lang)}"

    def zip(self, rng, lang="en"):
        entry = self.data.get(self.country_code(rng, lang))
        if entry["zips"]:
            return rng.choice(entry["zips"]) if lang != "en" or rng.random() < .6 else f"{rng.randrange(501, 99951):05}"
        return f"{rng.randrange(10000, 99999)}"

    def number(self, rng):
        roll = rng.random()
        if roll < .3:
            return str(rng.randrange(1, 100))
        if roll < .55:
            return str(rng.randrange(100, 1000))
        if roll < .8:
            return str(rng.randrange(1000, 10000))
        if roll < .9:
            return f"{rng.randrange(1, 300)}{rng.choice(['a', 'b', 'A', 'B', 'C', '-2', '/3'])}"
        return rng.choice([f"{rng.randrange(10000, 99999)}", f"0{rng.randrange(100, 9999)}"])

    def street_name(self, rng, lang="en", code=None):
        code = code or self.country_code(rng, lang)
        entry = self.data[code]
        if entry["own_streets"] and rng.random() < .45:
            return rng.choice(entry["own_streets"])
        return rng.choice(entry["streets"])

    def street(self, rng, lang="en"):
        """Street and number on one line."""
        code = self.country_code(rng, lang)
        name, number = self.street_name(rng, lang, code), self.number(rng)
        line = f"{name} {number}" if code in NUMBER_LAST else f"{number} {name}"
        roll = rng.random()
        if roll < .12:
            line += rng.choice([", ", " "]) + self.unit(rng, code)
        return line

    def unit(self, rng, code="us"):
        entry = self.data[code]
        if entry["units"] and rng.random() < .4:
            return rng.choice(entry["units"])
        return rng.choice(["Apt. {0}", "Apt {0}", "Suite {0}", "Unit {0}", "#{0}", "Flat {0}", "Ste {0}", "Floor {1}", "Apartment {0}", "{1}th floor",
                           "Bldg {1}", "PO Box {2}"]).format(rng.randrange(1, 999), rng.randrange(2, 20), rng.randrange(100, 9999))

    def _fill(self, rng, pattern, code, lang):
        entry = self.data[code]
        zip_code = rng.choice(entry["zips"]) if entry["zips"] else str(rng.randrange(10000, 999999))
        parts = {
            "n": self.number(rng), "s": self.street_name(rng, lang, code), "s2": self.street_name(rng, lang, code),
            "c": self.city(rng, lang, code), "z": zip_code,
            "u": rng.choice(["", "", "", ", " + self.unit(rng, code), " " + self.unit(rng, code), "\n" + self.unit(rng, code)]),
            "u2": self.unit(rng, code), "u3": str(rng.randrange(1, 2500)), "k": str(rng.randrange(1, 40)),
            "k2": str(rng.randrange(1, 12)), "k3": str(rng.randrange(1, 30)),
            "st": rng.choice(entry["abbr"] or US_STATES), "stn": rng.choice(entry["states"] or self.regions),
            "co": rng.choice(entry["names"]),
        }
        return pattern.format(**parts)

    def address(self, rng, lang="en", layout=None):
        """A whole address; layout "block" (lines), "line" (one line), "csv" (one line, no comma) or None for either."""
        code = self.country_code(rng, lang)
        if lang == "en" and rng.random() < .42:
            pattern = rng.choice(MIXED)
            entry_us = "us" if "us" in self.data else code
            text = self._fill(rng, pattern, code, lang) if rng.random() < .6 else self._fill(rng, pattern, entry_us, lang)
            if rng.random() < .5 and code != "us" and pattern.count("{st}") and "us" in self.data:
                # American lines around a foreign street
                text = self._fill(rng, pattern.replace("{s}", "{{s}}"), "us", lang).replace("{s}", self.street_name(rng, lang, code))
        else:
            text = self._fill(rng, rng.choice(LINES.get(code, DEFAULT_LINES)), code, lang)
        if layout == "block":
            return text if "\n" in text else text.replace(", ", "\n", 1)
        if layout == "line" or (layout is None and rng.random() < .45):
            text = text.replace("\n,", ",").replace("\n ", "\n").replace("\n", rng.choice([", ", ", ", ", ", " "]))
        if layout == "csv":
            text = text.replace("\n,", " ").replace("\n", " ").replace(",", "")
        return text if layout else text
