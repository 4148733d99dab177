"""What surrounds and roughens a core: greetings, other requests, casing, typing errors.

Attacks and look-alikes go through the same functions with the same odds. If they did not, the classifier would learn
our wrapping and not the manipulation.
"""
import re

from grammar import tidy

WORD_LIMIT = 300
NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}
CHAT_WORDS = {
    "you": "u", "your": "ur", "are": "r", "please": "pls", "thanks": "thx", "because": "cuz", "before": "b4",
    "people": "ppl", "without": "w/o", "with": "w/", "about": "abt", "message": "msg", "to": "2", "for": "4",
    "going to": "gonna", "want to": "wanna", "I": "i", "don't": "dont", "what": "wat", "okay": "k", "though": "tho",
}
SLIPS = {
    "their": "there", "your": "you're", "its": "it's", "then": "than", "receive": "recieve", "instructions":
    "instuctions", "previous": "previus", "the": "teh", "ignore": "ignor", "definitely": "definately", "separate":
    "seperate", "until": "untill", "password": "pasword", "system": "sytem", "because": "becuase", "following":
    "folowing", "message": "mesage", "answer": "anwser", "which": "wich", "really": "realy", "system prompt":
    "systemprompt", "write": "wirte", "tomorrow": "tommorow", "necessary": "neccessary", "with": "wiht",
}
EMOJI = [" \U0001F642", " \U0001F600", " \U0001F64F", " \U0001F605", " \U0001F914", " :)", " ;)", " xD", " <3", " :D"]


def words(text):
    return len(text.split())


def wrap(text, grammar, rng, room=WORD_LIMIT):
    """Puts ordinary parts of a message around a core, as long as there is room for them."""
    before, after = [], []
    if rng.random() < 0.16:
        before.append(grammar.one("request", rng))
    elif rng.random() < 0.07:
        before.append(grammar.one("passage", rng))
    if rng.random() < 0.08:
        after.append(grammar.one("joiner", rng) + " " + lower_first(grammar.one("request", rng)))
    elif rng.random() < 0.06:
        after.append(grammar.one("passage", rng))
    if rng.random() < 0.12:
        before.insert(0, grammar.one("smalltalk", rng))
    if rng.random() < 0.22:
        before.insert(0, grammar.one("greeting", rng))
    if rng.random() < 0.05:
        before.insert(0, grammar.one("doc_head", rng) + "\n")
    if rng.random() < 0.12:
        after.append(grammar.one("signoff", rng))
    glue = rng.choice([" ", " ", " ", "\n", "\n\n"])
    out = text
    for part in before[::-1]:
        if words(out) + words(part) > room:
            break
        out = part + (" " if part[-1:] in ",-" else glue) + out
    for part in after:
        if words(out) + words(part) > room:
            break
        out += (glue if out[-1:] in ".!?\n:;)" or "\n" in glue else rng.choice([". ", " ", "\n", ", ", " - "])) + part
    return out


def lower_first(text):
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " and text[:1] != "I" else text


def upper_first(text):
    return text[:1].upper() + text[1:]


def typo(word, rng):
    """One slip of the finger in one word."""
    if len(word) < 4 or not word.isalpha():
        return word
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(5)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    if kind == 3 and word[at].lower() in NEIGHBOURS:
        return word[:at] + rng.choice(NEIGHBOURS[word[at].lower()]) + word[at + 1 :]
    return word[: at + 1] + " " + word[at + 1 :] if len(word) > 7 and rng.random() < 0.3 else word


def replace_words(text, table, rng, odds):
    def swap(match):
        word = match.group(0)
        if word.lower() in table and rng.random() < odds:
            return table[word.lower()]
        return word
    return re.sub(r"[A-Za-z']+", swap, text)


def roughen(text, rng):
    """Casing, punctuation and typing errors of hurried people."""
    if rng.random() < 0.16:
        rate = rng.choice([0.01, 0.03, 0.06, 0.1])
        text = re.sub(r"[A-Za-z]{4,14}", lambda m: typo(m.group(0), rng) if rng.random() < rate else m.group(0), text)
    if rng.random() < 0.06:
        text = replace_words(text, SLIPS, rng, 0.5)
    if rng.random() < 0.05:
        text = replace_words(text, CHAT_WORDS, rng, 0.6)
    casing = rng.random()
    if casing < 0.13:
        text = text.lower()
    elif casing < 0.15:
        text = text.upper()
    elif casing < 0.20:
        text = lower_first(text)
    elif casing < 0.85:
        text = upper_first(text)
    if rng.random() < 0.10:
        text = text.rstrip(".!?")
    if rng.random() < 0.04:
        text = text.replace(",", "")
    if rng.random() < 0.03:
        text = re.sub(r"[.!?]$", rng.choice(["!!", "!!!", "??", "...", "..", " !", " ?"]), text)
    if rng.random() < 0.05:
        text = text.replace("'", "\u2019")
    elif rng.random() < 0.06:
        text = re.sub(r"(?<=[a-z])'(?=[a-z])", "", text)
    if rng.random() < 0.04:
        text = re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", text)
    elif rng.random() < 0.05:
        text = re.sub(r'"([^"\n]*)"', r"'\1'", text)
    if rng.random() < 0.02:
        text += rng.choice(EMOJI)
    if rng.random() < 0.02:
        text = text.replace(". ", ".  ")
    if rng.random() < 0.015:
        text = rng.choice(['"{}"', "> {}", "- {}", "* {}", "**{}**", "<p>{}</p>", "User: {}", "Q: {}", "({})"]).format(
            text)
    return text


def cut(text):
    """At most WORD_LIMIT words; the end is kept, because the request of a flood stands there."""
    parts = re.split(r"(\s+)", text)
    if len(parts) <= 2 * WORD_LIMIT:
        return text
    return "".join(parts[: WORD_LIMIT]) + " ... " + "".join(parts[-WORD_LIMIT:])


def finish(text, grammar, rng, wrapped=True, rough=True):
    text = tidy(text) if rough else text.strip()
    if wrapped:
        text = wrap(text, grammar, rng)
    if rough:
        text = roughen(tidy(text), rng)
    return cut(text)
