"""Encodings that people use to hide words from a filter, and that puzzles and homework use innocently."""
import base64
import codecs

MORSE = dict(zip(
    "abcdefghijklmnopqrstuvwxyz0123456789",
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. "
    "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.".split(),
))
LEET = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7", "l": "1", "b": "8", "g": "9"}
LOOKALIKES = str.maketrans(
    "aeopcxyiBHKMT", "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0412\u041d\u041a\u041c\u0422")
NATO = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo "
    "Sierra Tango Uniform Victor Whiskey Xray Yankee Zulu"
).split()))


def to_base64(text, rng):
    return base64.b64encode(text.encode()).decode()


def to_base32(text, rng):
    return base64.b32encode(text.encode()).decode()


def to_hex(text, rng):
    digits = text.encode().hex()
    style = rng.randrange(4)
    pairs = [digits[i : i + 2] for i in range(0, len(digits), 2)]
    return [digits, " ".join(pairs), "".join("\\x" + p for p in pairs), " ".join(pairs).upper()][style]


def to_binary(text, rng):
    return " ".join(f"{byte:08b}" for byte in text.encode()[:60])


def to_decimal(text, rng):
    return rng.choice([" ", ", ", "-"]).join(str(ord(c)) for c in text)


def to_rot13(text, rng):
    return codecs.encode(text, "rot13")


def to_caesar(text, rng, shift=3):
    def move(char):
        if char.isascii() and char.isalpha():
            base = 65 if char.isupper() else 97
            return chr((ord(char) - base + shift) % 26 + base)
        return char
    return "".join(map(move, text))


def to_reversed(text, rng):
    return text[::-1]


def to_reversed_words(text, rng):
    return " ".join(reversed(text.split()))


def to_words_backwards(text, rng):
    return " ".join(word[::-1] for word in text.split())


def to_morse(text, rng):
    return " / ".join(" ".join(MORSE[c] for c in word if c in MORSE) for word in text.lower().split())


def to_leet(text, rng):
    rate = rng.uniform(0.5, 1.0)
    return "".join(LEET.get(c.lower(), c) if rng.random() < rate else c for c in text)


def to_spaced(text, rng):
    gap = rng.choice([" ", ".", "-", "_", " ", "*", "/"])
    return (" " * 3 if gap == " " else " ").join(gap.join(word) for word in text.split())


def to_homoglyphs(text, rng):
    return "".join(c.translate(LOOKALIKES) if rng.random() < 0.6 else c for c in text)


def to_zero_width(text, rng):
    return "".join(c + ("\u200b" if c.isalpha() and rng.random() < 0.4 else "") for c in text)


def to_pig_latin(text, rng):
    def turn(word):
        for i, char in enumerate(word):
            if char.lower() in "aeiou":
                return word[i:] + word[:i].lower() + "ay"
        return word
    return " ".join(map(turn, text.split()))


def to_nato(text, rng):
    return " / ".join(" ".join(NATO[c] for c in word if c in NATO) for word in text.lower().split()[:6])


def to_url(text, rng):
    return "".join(f"%{byte:02X}" if rng.random() < 0.6 or byte == 32 else chr(byte) for byte in text.encode())


def to_no_vowels(text, rng):
    return "".join(c for c in text if c.lower() not in "aeiou")


def to_fullwidth(text, rng):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def to_hyphenated(text, rng):
    """Words cut by a hyphen or a dot in the middle, which breaks the tokens that a filter looks for."""
    mark = rng.choice("-._~*")
    out = []
    for word in text.split():
        cut = rng.randrange(1, len(word)) if len(word) > 3 else 0
        out.append(word[:cut] + mark + word[cut:] if cut else word)
    return " ".join(out)


def to_acrostic(text, rng):
    return " ".join(char for char in text.upper() if char.isalpha())


BRAILLE = dict(zip("abcdefghijklmnopqrstuvwxyz", "\u2801\u2803\u2809\u2819\u2811\u280b\u281b\u2813\u280a\u281a\u2805\u2807\u280d"
                   "\u281d\u2815\u280f\u281f\u2817\u280e\u281e\u2825\u2827\u283a\u282d\u283d\u2835"))


def by_letter(text, table, between="", words=" "):
    """Each letter by a table; what the table lacks is left out."""
    return words.join(between.join(table[c] for c in word if c in table) for word in text.lower().split())


def shifted(base):
    return {c: chr(base + i) for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}


def to_letter_numbers(text, rng):
    return by_letter(text, {c: str(i) for i, c in enumerate("abcdefghijklmnopqrstuvwxyz", 1)}, rng.choice("-.,"), " ")


def to_atbash(text, rng):
    table = dict(zip("abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba"))
    return "".join(table.get(c, c) for c in text.lower())


def to_braille(text, rng):
    return by_letter(text, BRAILLE)


def to_emoji_letters(text, rng):
    return by_letter(text, shifted(0x1F1E6), " ", "   ")


def to_circled(text, rng):
    return by_letter(text, shifted(0x24D0))


def to_octal(text, rng):
    return " ".join(f"{byte:03o}" for byte in text.encode()[:80])


def caesar(shift):
    return lambda text, rng: to_caesar(text, rng, shift)


# Name as a person would write it, and the function. The first part hides everything; the second stays half readable.
OPAQUE = {
    "base64": to_base64, "Base64": to_base64, "b64": to_base64, "base32": to_base32, "hex": to_hex,
    "hexadecimal": to_hex, "binary": to_binary, "ASCII codes": to_decimal, "decimal ASCII": to_decimal,
    "rot13": to_rot13, "ROT13": to_rot13, "Caesar cipher with shift 3": to_caesar, "reversed text": to_reversed,
    "Morse code": to_morse, "URL encoding": to_url, "the NATO alphabet": to_nato,
    "Caesar cipher with shift 7": caesar(7), "Caesar, each letter 5 back": caesar(5), "ROT 10": caesar(10),
    "letter numbers (A=1)": to_letter_numbers, "atbash": to_atbash, "braille": to_braille,
    "emoji letters": to_emoji_letters, "circled letters": to_circled, "octal bytes": to_octal, "binary digits": to_binary,
}
READABLE = {
    "leetspeak": to_leet, "spaced letters": to_spaced, "lookalike letters": to_homoglyphs,
    "invisible characters": to_zero_width, "pig latin": to_pig_latin, "text without vowels": to_no_vowels,
    "fullwidth letters": to_fullwidth, "hyphenated words": to_hyphenated, "words in reverse order": to_reversed_words,
    "each word backwards": to_words_backwards,
}


def encode(name, text, rng):
    return (OPAQUE.get(name) or READABLE[name])(text, rng)
