"""Reads the value lists of values/ and of faker and parts them into train and held."""
import json
import pathlib
import re
import subprocess

import split

HERE = pathlib.Path(__file__).resolve().parent

FAKER_LOCALES = (
    "en en_US en_GB en_CA en_AU en_IE en_IN en_NG en_ZA en_GH en_HK de de_AT de_CH fr fr_BE fr_CA fr_CH fr_SN es es_MX it "
    "pt_BR pt_PT nl nl_BE tr vi pl cs_CZ sk hu ro sv da nb_NO fi hr sr_RS_latin sl_SI lv id_ID af_ZA zu_ZA yo_NG "
    "uz_UZ_latin az").split()


def run_faker():
    """All lists of faker: locale -> list name -> values. Needs Node and `npm ci --ignore-scripts` in this folder."""
    if not (HERE / "node_modules" / "@faker-js" / "faker").is_dir():
        raise SystemExit(f"faker is missing: run `npm ci --ignore-scripts` in {HERE}")
    done = subprocess.run(["node", str(HERE / "faker_values.mjs"), *FAKER_LOCALES], capture_output=True, check=True)
    return json.loads(done.stdout)


def read_sections(path, separator):
    """{section: {key: [values]}} of a list file; separator None means spaces, with _ for a space inside a value."""
    sections, current = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            current = sections.setdefault(line[1:-1], {})
            continue
        key, _, rest = line.partition(":")
        if separator is None:
            values = [value.replace("_", " ") for value in rest.split()]
        else:
            values = [value.strip() for value in rest.split(separator)]
        current.setdefault(key.strip(), []).extend(value for value in values if value)
    return sections


LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ0-9 .,'’‘`/&()#\-–+ºª°\"!:]+\Z")


def clean(values):
    """Latin script only, spaces tidied, no doubles, in the order given."""
    seen = {}
    for value in values:
        value = " ".join(value.split()).strip(" ,")
        if value and LATIN.match(value):
            seen.setdefault(value)
    return list(seen)


class Pool:
    """One list in two parts."""

    def __init__(self, values, side):
        values = clean(values)
        self.train = [v for v in values if side(v) == "train"]
        self.held = [v for v in values if side(v) == "held"]

    def part(self, name):
        return self.train if name == "train" else self.held

    def __len__(self):
        return len(self.train) + len(self.held)


def people_pool(*lists):
    return Pool([v for values in lists for v in values], split.person_side)


def value_pool(*lists):
    return Pool([v for values in lists for v in values], split.value_side)
