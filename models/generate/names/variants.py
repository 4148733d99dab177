"""Case, punctuation and typing variants of a text that keep its spans."""
import re


def lower(text):
    """Lower case, one character for one."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def upper(text):
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in text)


def capitalised(text):
    return re.sub(r"\b[^\W\d_]", lambda m: upper(m.group()), text)


def edit(text, spans, drop):
    """Removes the characters whose position is in `drop`; spans move along."""
    moved, kept, at = [], [], 0
    for i, c in enumerate(text):
        moved.append(at)
        if i not in drop:
            kept.append(c)
            at += 1
    moved.append(at)
    return "".join(kept), [[moved[s], moved[e], kind] for s, e, kind in spans]


def covered(spans):
    inside = set()
    for s, e, _ in spans:
        inside.update(range(s, e))
    return inside


def without_punctuation(text, spans):
    inside = covered(spans)
    drop = {i for i, c in enumerate(text) if c in ".,!?;:'\"" and i not in inside and not (i and text[i - 1].isdigit() and i + 1 < len(text) and text[i + 1].isdigit())
            and not (c in ":.'" and i + 1 < len(text) and text[i + 1].isalnum() and i and text[i - 1].isalnum())}
    return edit(text, spans, drop)


def typos(text, spans, rng):
    """Swaps or drops a few letters outside the spans."""
    inside, chars = covered(spans), list(text)
    places = [i for i in range(1, len(chars) - 2) if chars[i].isalpha() and chars[i + 1].isalpha() and i not in inside and i + 1 not in inside]
    drop = set()
    for i in rng.sample(places, min(len(places), max(1, len(text) // 60))):
        if rng.random() < .6:
            chars[i], chars[i + 1] = chars[i + 1], chars[i]
        else:
            drop.add(i)
    return edit("".join(chars), spans, drop)


def recase_spans(text, spans, rng, how):
    """Recases the names only: `my friend john smith`, `DUPONT`."""
    chars = list(text)
    for s, e, kind in spans:
        if kind in ("PERSON", "LOCATION", "ORGANIZATION", "STREET_ADDRESS", "TITLE", "NATIONALITY"):
            chars[s:e] = list(how("".join(chars[s:e])))
    return "".join(chars), spans


def vary(text, spans, rng, coded=False):
    """One variant: about a quarter in lower case, 4% in upper case, some without punctuation, a few with typos.
    coded: JSON, code and logs keep their keys; only their values are ever recased."""
    roll = rng.random()
    if coded:
        return recase_spans(text, spans, rng, lower if roll < .12 else upper) if roll < .17 else (text, spans)
    if roll < .25:
        text = lower(text)
        if rng.random() < .35:
            text, spans = without_punctuation(text, spans)
        elif rng.random() < .15:
            text, spans = typos(text, spans, rng)
        return text, spans
    if roll < .29:
        return upper(text), spans
    if roll < .325:
        return recase_spans(text, spans, rng, lower)
    if roll < .355:
        return recase_spans(text, spans, rng, upper)
    if roll < .37:
        return capitalised(text), spans
    if roll < .40:
        return typos(text, spans, rng)
    if roll < .43:
        return without_punctuation(text, spans)
    return text, spans
