"""Texts of the shared corpora: WikiANN, dialogues, plain requests."""
import json
import random
import re

import dates
import split

WIKI_TYPES = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
MONTH_WORDS = {lang: "|".join(m for m in dates.MONTHS[lang]) for lang in ("en", "de", "es")}
DATE_RULES = {
    "en": [r"\b(?:\d{1,2}(?:st|nd|rd|th)? )?(?:%s)(?: \d{1,2}(?:st|nd|rd|th)?)?(?: ?,? \d{4})?\b" % MONTH_WORDS["en"].replace("|May|", "|May(?= \\d)|").replace("|March|", "|March(?= \\d)|")],
    "de": [r"\b(?:\d{1,2} ?\. )?(?:%s)(?: \d{4})?\b" % MONTH_WORDS["de"]],
    "es": [r"\b(?:\d{1,2} de )?(?:%s) (?:de|del) \d{4}\b|\b\d{1,2} de (?:%s)\b" % (MONTH_WORDS["es"], MONTH_WORDS["es"])],
}
YEAR = r"(?<![\w.,\-–/])(?:1[0-9]{3}|20[0-2][0-9])(?:[-–/](?:\d{4}|\d{2}))?(?![\w\-–/]|[.,]\d| ?(?:m|km|ft|km2|MW|kg|people|inhabitants|metres|meters|miles|acres|votes|Einwohner|habitantes)\b)"


def jsonl(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def overlaps(start, end, spans):
    return any(start < e and s < end for s, e, _ in spans)


def tag_dates(text, spans, lang):
    """Adds DATE_TIME spans by rule: WikiANN marks no dates, and our rule is that dates are marked."""
    found = list(spans)
    for rule in DATE_RULES[lang] + [YEAR]:
        for m in re.finditer(rule, text):
            start, end = m.span()
            while end > start and not text[end - 1].isalnum():
                end -= 1
            if any(c.isdigit() for c in text[start:end]) and not overlaps(start, end, found):
                found.append([start, end, "DATE_TIME"])
    return sorted(found)


def tag_words(text, spans, words, kind):
    """Adds spans for whole words (a set) that no span covers."""
    found = list(spans)
    for m in re.finditer(r"[^\W\d_]+(?:[ -][^\W\d_]+)?", text):
        for start, end in ((m.start(), m.end()), (m.start(), m.start() + len(re.split(r"[ -]", m.group())[0]))):
            if text[start:end] in words and not overlaps(start, end, found):
                found.append([start, end, kind])
                break
    return sorted(found)


def spaced(tokens, tags):
    """Tokens joined with single spaces."""
    return joined(tokens, tags, [" "] * len(tokens))


def natural(tokens, tags):
    """Tokens joined as the sentence was: no space before a comma, quotes and brackets closed up."""
    gaps, open_quote = [], False
    for i, token in enumerate(tokens[:-1]):
        following, gap = tokens[i + 1], " "
        if re.fullmatch(r"[,.;:!?%)\]}»”’]+|'s|n't|'re|'ve|'ll|'d|'m", following) or re.fullmatch(r"[(\[{«“„¿¡#$€£]+", token):
            gap = ""
        if token == '"':
            open_quote = not open_quote
            gap = "" if open_quote else gap
        if following == '"' and open_quote:
            gap = ""
        if token in ("/", "–", "-") and following and i and i % 2 == 0 and token == "/":
            gap = ""
        gaps.append(gap)
    return joined(tokens, tags, gaps + [""])


def joined(tokens, tags, gaps):
    text, spans, current = "", [], None
    for token, tag, gap in zip(tokens, tags, gaps):
        start = len(text)
        text += token
        if tag.startswith("B-") or (tag.startswith("I-") and (current is None or current[2] != WIKI_TYPES[tag[2:]])):
            current = [start, len(text), WIKI_TYPES[tag[2:]]]
            spans.append(current)
        elif tag.startswith("I-"):
            current[1] = len(text)
        else:
            current = None
        text += gap
    return text.rstrip(), spans


def trimmed(text, spans):
    """Leaves quotes, trailing commas and the possessive outside the spans; drops spans without a letter."""
    out = []
    for s, e, kind in spans:
        while s < e and text[s] in " '\"“”„«»,;:*–-(" and not (text[s] == "'" and text[s + 1:s + 3].lower() in ("t ", "s-")):
            s += 1
        m = re.search(r"\s?['’]s?$", text[s:e])
        if m and not text[s:e].endswith("s'"):
            e = s + m.start()
        while e > s and text[e - 1] in " '\"“”„«»,;:*–-/":
            e -= 1
        if text[s:e].count("(") > text[s:e].count(")") and text[e:e + 1] == ")":
            e += 1
        if e > s and any(c.isalpha() for c in text[s:e]):
            out.append([s, e, kind])
    return out


MARKUP = {"'", "''", "'''", "**", "***", "*", "``", ";", "#", "''''", "|", "||"}
MARKER = re.compile(r"(?:REDIRECT|WEITERLEITUNG|Weiterleitung|REDIRECCIÓN|REDIRECCION|redirect|Redirect)\Z")
SPECIES = re.compile(r"[A-Z][a-z]+ [a-z]{4,}\Z")


def wikiann(path, lang, adjectives):
    """Yields (text, spans, document id, {"marked": bool}) for each usable row, its form drawn by the row's own hash."""
    for number, row in enumerate(jsonl(path)):
        tokens, tags = row["tokens"], row["tags"]
        if len(tokens) > 90:
            continue
        group = f"wikiann_{lang}:{number}"
        rng = random.Random(group)
        marked = any(t in MARKUP or MARKER.match(t) for t in tokens)
        if marked and rng.random() < .5:
            # Half of the marked rows lose their markers: running text has none.
            kept = [(t, g) for t, g in zip(tokens, tags) if not ((t in MARKUP and g == "O") or (MARKER.match(t) and g == "O"))]
            if not kept:
                continue
            tokens, tags = [t for t, _ in kept], [g for _, g in kept]
        text, spans = (natural if rng.random() < .65 else spaced)(tokens, tags)
        spans = trimmed(text, spans)
        # Species and other Latin pairs are marked as places in this corpus: leave such rows out.
        if any(kind == "LOCATION" and SPECIES.match(text[s:e]) and lang == "en" and len(text) < 60 for s, e, kind in spans):
            continue
        spans = tag_dates(text, spans, lang)
        spans = tag_words(text, spans, adjectives.get(lang, ()), "NATIONALITY")
        if text:
            yield text, spans, group, number


def titles(path, kinds):
    """Entity strings of rows that are nothing but one entity: {type: [names]}; a gazetteer of real names."""
    found = {kind: {} for kind in kinds}
    for row in jsonl(path):
        tokens, tags = row["tokens"], row["tags"]
        if not 1 <= len(tokens) <= 5 or any(t in "()/;:,&" or any(c.isdigit() for c in t) for t in tokens):
            continue
        kind = WIKI_TYPES.get(tags[0][2:])
        if kind in found and tags[0].startswith("B-") and all(t.startswith("I-") for t in tags[1:]):
            text = trimmed(*natural(tokens, tags))
            if text:
                found[kind].setdefault(natural(tokens, tags)[0][text[0][0]:text[0][1]])
    return {kind: list(names) for kind, names in found.items()}


# Slots of the dialogues (Schema-Guided Dialogue) by what they hold. Slots in neither set make the text unusable.
SLOT_TYPES = {}
for _kind, _slots in {
    "LOCATION": "city destination location origin_city city_of_event destination_city origin from_location to_location pickup_city area where_to",
    "DATE_TIME": "date time pickup_date departure_date appointment_time check_in_date appointment_date outbound_departure_time event_date check_out_date "
                 "pickup_time dropoff_date event_time inbound_departure_time leaving_time visit_date departure_time return_date leaving_date available_start_time "
                 "available_end_time show_time show_date outbound_arrival_time inbound_arrival_time",
    "ORGANIZATION": "restaurant_name hotel_name property_name theater_name dentist_name stylist_name",
    "STREET_ADDRESS": "address street_address venue_address address_of_location",
    "PERSON": "recipient_account_name doctor_name directed_by",
    "": "price genre average_rating fare rent total_price balance number_of_days rating ride_fare amount category subcategory wait_time humidity temperature "
        "precipitation approximate_ride_duration wind price_per_night phone_number car_name movie_name title song_name album",
}.items():
    SLOT_TYPES.update(dict.fromkeys(_slots.split(), _kind))
DATE_HINT = re.compile(r"\d|\b(?:%s|noon|midnight|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: thirty| fifteen)?(?: o\W?clock)? (?:in the|am|pm|a\.m|p\.m))" %
                       "|".join(d.lower() for d in dates.WEEKDAYS["en"] + dates.MONTHS["en"]), re.I)
AIRLINES = ["American Airlines", "United Airlines", "Delta Airlines", "Southwest Airlines", "Alaska Airlines", "Air France", "South African Airways", "Aegean Airlines", "LOT Polish Airlines",
            "British Airways", "Delta", "Southwest", "Yelp", "Uber", "Spotify", "Netflix", "Google"]


def dialogues(path, words):
    """Yields (text, spans, document id, None) for messages whose names are all known; one in four comes as a whole dialogue piece.

    A value is marked wherever it stands in its dialogue. A message that holds a capitalised word which neither a span nor
    common English explains is left out.
    """
    for number, row in enumerate(jsonl(path)):
        messages, known, bad = [m["content"] for m in row["messages"]], {}, set()
        for m, s, e, slot in row["spans"]:
            value, kind = messages[m][s:e], SLOT_TYPES.get(slot)
            if slot == "doctor_name" and re.search(r"\bM\.?D\.?|\bDO\b|OB ?GYN|Clinic|Medical|Center|,", value):
                kind = None
            if slot == "directed_by" and " " not in value or (slot == "title" and kind is None):
                kind = None
            if kind == "DATE_TIME" and not DATE_HINT.search(value):
                kind = ""
            if kind == "LOCATION" and (re.search(r"\d|'|\b(?:airport|station|terminal|restaurant|street|avenue|road|boulevard|drive)\b", value, re.I) or len(value) < 3 and not value.isupper()):
                kind = None
            if kind is None or (len(value) < 4 and kind not in ("", "LOCATION", "DATE_TIME")):
                bad.add(m)
            elif known.setdefault(value, kind) != kind:
                bad.add(m)
        usable = []
        for m, text in enumerate(messages):
            spans = []
            for value, kind in sorted(known.items(), key=lambda item: -len(item[0])):
                for hit in re.finditer(r"(?<!\w)" + re.escape(value) + r"(?!\w)", text, re.I if len(value) > 3 else 0):
                    if not overlaps(hit.start(), hit.end(), spans):
                        spans.append([hit.start(), hit.end(), kind])
            for airline in AIRLINES:
                for hit in re.finditer(r"(?<!\w)" + re.escape(airline) + r"(?!\w)", text):
                    if not overlaps(hit.start(), hit.end(), spans):
                        spans.append([hit.start(), hit.end(), "ORGANIZATION"])
            spans.sort()
            rest = "".join(" " if overlaps(i, i + 1, spans) else c for i, c in enumerate(text))
            strange = [w for w in re.findall(r"[^\W\d_][\w'’]*", rest) if split.fold(w) not in words and (w[0].isupper() or split.fold(w) in WEAK)]
            leftover = re.search(r"\b(?:19|20)\d\d\b|\b\d{1,2}(?::\d\d| ?[ap]\.?m\b|st\b|nd\b|rd\b|th\b)|\b(?:%s)\b" % "|".join(dates.WEEKDAYS["en"] + [m for m in dates.MONTHS["en"] if m != "May"]), rest, re.I)
            if m in bad or strange or leftover:
                usable.append(None)
            else:
                usable.append((text, merged_places(text, [sp for sp in spans if sp[2]])))
        rng, m = random.Random(f"sgd:{number}"), 0
        while m < len(usable):
            if usable[m] is None:
                m += 1
                continue
            take = rng.choice([1, 1, 1, 2, 3, 4])
            piece = []
            while m < len(usable) and usable[m] is not None and len(piece) < take:
                piece.append((m, *usable[m]))
                m += 1
            text, spans = "", []
            style = rng.choice(["", "", "{}: "])
            for i, part, part_spans in piece:
                who = (("User" if row["messages"][i]["role"] == "user" else "Assistant") + ": ") if style and len(piece) > 1 else ""
                text += ("\n" if text else "") + who
                spans += [[s + len(text), e + len(text), kind] for s, e, kind in part_spans]
                text += part
            yield text, spans, f"sgd:{number}", m


def merged_places(text, spans):
    """A city with the state or country after it stays two spans; a street with the city after it is one address."""
    out = []
    for span in spans:
        if out and out[-1][2] == "STREET_ADDRESS" and span[2] == "LOCATION" and text[out[-1][1]:span[0]] in (", ", " "):
            out[-1][1] = span[1]
        else:
            out.append(list(span))
    return out


WEAK = set("sf la nyc ny ca san los vegas francisco york angeles diego jose london paris seattle".split())


def common_words(paths, least=4):
    """Words that running text writes in lower case more often than not; what is not among them may be a name."""
    lower, upper = {}, {}
    for path in paths:
        for row in jsonl(path):
            if "tokens" in row:
                pairs = [(t, g) for t, g in zip(row["tokens"], row["tags"])]
                words = [t for t, g in pairs if g == "O"] + [t for t, g in pairs if g != "O" and t[:1].isupper()]
            elif "messages" in row:
                words = re.findall(r"[^\W\d_][\w'’]*", " ".join(m["content"] for m in row["messages"] if m["role"] == "assistant"))
            else:
                if row["kind"] == "chat":
                    continue
                words = re.findall(r"[^\W\d_][\w'’]*", row["text"][:2000])
            for word in words:
                table = lower if word[:1].islower() else upper
                table[split.fold(word)] = table.get(split.fold(word), 0) + 1
    return {w for w, n in lower.items() if n >= least and n > 1.2 * upper.get(w, 0)} | {"i", "i'm", "i'd", "i'll", "i've", "ok", "okay", "hi", "hello", "hey", "thanks", "yes", "no", "tv"}


PLAIN_DATE = re.compile(r"\b\d{1,2}(?::\d\d| ?[ap]\.?m\b|st\b|nd\b|rd\b|th\b)|\b\d{4}\b|\bo'?clock\b|\b(?:%s)\b" % "|".join(
    [d for d in dates.WEEKDAYS["en"]] + [m for m in dates.MONTHS["en"] if m not in ("May", "March")] + ["noon", "midnight", "christmas", "easter", "thanksgiving"]), re.I)


def requests(path, words, names):
    """Yields (text, [], document id, None): benign chat requests and instructions without any name or date.

    Chat rows are all in lower case, so every word must be one that running text writes in lower case, and none may be
    in `names` (cities, countries, nationalities).
    """
    for number, row in enumerate(jsonl(path)):
        if row["label"] != 0 or row["kind"] not in ("chat", "instruction") or len(row["text"]) > 600:
            continue
        text = row["text"].strip()
        tokens = [split.fold(w) for w in re.findall(r"[^\W\d_][\w'’]*", text)]
        if not tokens or PLAIN_DATE.search(text) or any(w not in words or w in names for w in tokens):
            continue
        if any(" ".join(pair) in names for pair in zip(tokens, tokens[1:])) or re.search(r"(?<![.!?:]\s)(?<!^)(?<!\n)\b[A-Z](?!\b)", text):
            continue
        yield text, [], f"requests:{number}", None
