"""Which part a value or a template belongs to: "train" or "held".

The part follows from a hash of the value alone, so it stays the same over seeds, versions of the lists and sources: a
surname that is held out of the fills is also kept out of the train part of the corpora.
"""
import hashlib
import re
import unicodedata

HELD_TEMPLATES = 8   # per cent of the templates and documents
HELD_VALUES = 6      # per cent of the names, cities, organisations, streets

# Words that occur inside names without naming anybody: they are on both sides.
SHARED = frozenset(
    "van von der den del della dal dos das the and bin ibn bint abu abd abdul umm saint san santa sir jun sen iii jnr snr "
    "mac ter ten vander zum zur die les los las ben bar"
    .split())


def fold(text):
    """Lower case without accents, for hashing and comparing."""
    text = text.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("Ø", "O").replace("đ", "d").replace("Đ", "D")
    text = text.replace("ß", "ss").replace("ı", "i").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", text).lower() if not unicodedata.combining(c))


def _bucket(kind, text):
    digest = hashlib.blake2b(f"{kind}\0{text}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % 100


def name_parts(name):
    """The parts of a person's name that count: three letters or more, no particles."""
    return [part for part in re.split(r"[^\w]+", fold(name)) if len(part) > 2 and part not in SHARED]


def person_side(name):
    """"train", "held", or "mixed" where parts of both kinds stand in one name."""
    parts = name_parts(name)
    held = sum(_bucket("person", part) < HELD_VALUES for part in parts)
    if held == 0:
        return "train"
    return "held" if held == len(parts) else "mixed"


def value_side(value):
    """Side of a city, street, organisation and the like, by the whole string."""
    return "held" if _bucket("value", fold(value)) < HELD_VALUES else "train"


def group_side(group):
    """Side of a template or a document. The number was chosen so that the held templates have every type and register."""
    return "held" if _bucket("group 44", group) < HELD_TEMPLATES else "train"
