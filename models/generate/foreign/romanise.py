"""Latin spellings as people type them who have no keyboard of their script.

Only for scripts where a letter-by-letter table comes close to what is really typed. Hindi and Arabic need vowels that their
spelling leaves out; their romanised sentences are hand-written (hi_latn.txt, ar_latn.txt).
"""

_RU = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
               "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya".split(" ")))
_UK = dict(_RU, **{"и": "y", "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "г": "h", "'": ""})
_EL = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
               "a v g d e z i th i k l m n ks o p r s s t y f x ps o a e i i o y o i y i y".split(" ")))

TABLES = {"ru": _RU, "uk": _UK, "el": _EL}


def romanise(code: str, text: str) -> str:
    table = TABLES[code]
    out = []
    for c in text:
        small = c.lower()
        if small in table:
            latin = table[small]
            out.append(latin if c == small else latin[:1].upper() + latin[1:])
        else:
            out.append(c)
    return "".join(out)
