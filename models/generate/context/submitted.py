"""A task on a document in the user's text: with an order for the model hidden in it, with honest notes, or asked about."""
import base64

import limits
import sheets
from brief import CITIES, PEOPLE
import secrets_bank as bank
from pairs import LEET, drown, ident, join, names, padded, row
from wording import disguise, fill, roughen

LONG = 700  # Characters: of longer texts a window may show the order without the question about it.


def slots_of(rng):
    brand = rng.choice(bank.BRANDS)
    return names(rng) | {"word": rng.choice(limits.WORDS), "brand": brand, "brand_slug": brand.lower().replace(" ", "-").replace("&", "and"), "who": rng.choice(PEOPLE), "city": rng.choice(CITIES), "n": str(rng.randrange(2, 10)),
                         "day": rng.choice(["Monday", "Friday", "3 May", "the 12th"]), "hex": "".join(rng.choices("0123456789abcdef", k=24)), "b64": base64.b64encode(bytes(rng.randrange(256) for _ in range(rng.randrange(9, 40)))).decode()}


def order(rng):
    """An order for whoever processes the text, and the core that it was made of."""
    slots = slots_of(rng)
    kind = rng.choices(["direct", "hypothetical", "persuasion", "fake", "abroad", "coded", "overload"], [30, 12, 14, 16, 16, 10, 5])[0]
    if kind == "abroad":
        template = rng.choice(sheets.ABROAD)
        return kind, template, fill(template, rng, slots)
    goal = rng.choice(sheets.GOALS)
    template = rng.choice({"hypothetical": sheets.HYPO, "persuasion": sheets.PERSUADE, "fake": sheets.FAKE}.get(kind, sheets.DIRECT))
    text = fill(template, rng, slots | {"g": fill(goal, rng, slots)})
    if kind == "coded":
        text = text.translate(LEET) if rng.random() < 0.25 else disguise(rng, text, True, 160)[1]
    if kind == "overload":
        text = drown(text, rng)
    return kind, template + goal, text


def note(rng):
    template = rng.choice(sheets.HONEST)
    text = fill(template, rng, slots_of(rng))
    if rng.random() < 0.08:
        text = text.translate(LEET) if rng.random() < 0.25 else disguise(rng, text, False, 160)[1]
    elif rng.random() < 0.03:
        text = drown(text, rng)
    return template, text


def placed(lines, style, text, rng):
    """The piece where such documents have room for one: a line, a cell, a comment, a caption, a field."""
    at = rng.randrange(1, len(lines) + 1)
    flat = text.replace("\n", " ")
    if style.startswith("cell:"):
        cut = style[5:]
        if rng.random() < 0.7 and at > 1:
            line = lines[at - 1].rstrip(" |").rsplit(cut.strip(" "), 1)[0].rstrip()
            if line and "---" not in line:
                return lines[:at - 1] + [line + cut + flat + (" |" if "|" in cut and lines[0].startswith("|") else "")] + lines[at:]
        return lines + [flat]
    if style in ("# ", "// "):
        indent = lines[at][:len(lines[at]) - len(lines[at].lstrip())] if at < len(lines) else ""
        if rng.random() < 0.12:
            quoted = flat.replace('"', "'")
            return lines[:at] + [f'{indent}note = "{quoted}"' + (";" if style == "// " else "")] + lines[at:]
        return lines[:at] + [indent + style + flat] + lines[at:]
    if style == "html":
        at = rng.randrange(1, len(lines))
        piece = rng.choice(["<!-- {x} -->", "<!-- {x} -->", "<p style=\"display:none\">{x}</p>", "<p>{x}</p>", "<img src=\"a.png\" alt=\"{x}\">", "<figcaption>{x}</figcaption>", "<span style=\"color:white\">{x}</span>", "<title>{x}</title>", "<footer>{x}</footer>"])
        return lines[:at] + [piece.replace("{x}", flat.replace('"', "'"))] + lines[at:]
    if style == "json":
        at = rng.randrange(1, len(lines) - 1)
        return lines[:at] + ['  "%s": "%s",' % (rng.choice(["note", "comment", "remark", "memo"]), flat.replace('"', "'"))] + lines[at:]
    return lines[:at] + [rng.choice(["{x}", "{x}", "{x}", "({x})", "Note: {x}", "PS: {x}", "* {x}", "[{x}]", "Comment: {x}", "Caption: {x}"]).replace("{x}", text)] + lines[at:]


def submitted_rows(rng):
    """One kind of document: an order in it, the same without, a note in its place, and the order asked about."""
    kind = rng.choice(list(sheets.KINDS))
    build, tasks = sheets.KINDS[kind]
    slots = slots_of(rng) | {"job": rng.choice(sheets.JOBS), "k": kind}
    task = rng.choice(tasks)
    glue = rng.choice(sheets.GLUES)

    def system():
        part = [rng.choice(sheets.APPS)]
        return join(padded(part, rng) if part[0] and rng.random() < 0.4 else part, rng, slots)

    def whole(lines, ask):
        ask = roughen(fill(ask, rng, slots), rng)
        return glue.replace("{k}", kind).replace("{t}", ask).replace("{d}", "\n".join(lines))

    lines, style = build(rng)
    name, core, bad = order(rng)
    dirty = placed(lines, style, bad, rng)
    group = ident("submitted", core)
    text = whole(dirty, task)
    made = row(system(), text, 1, f"submitted-{name}", group)
    hidden = next((part for part in (bad, bad.replace("\n", " "), bad.replace("\n", " ").replace('"', "'")) if part in text), None)
    if hidden:
        made["span"] = [text.index(hidden), text.index(hidden) + len(hidden)]
    yield made
    if rng.random() < 0.22 and len(text) < LONG and name not in ("coded", "overload"):
        yield row(system(), whole(dirty, rng.choice(sheets.ABOUT)), 0, "submitted-about", group)
    chance = rng.random()
    if chance < 0.25:
        yield row(system(), whole(lines, task), 0, "submitted-clean", ident("clean", kind, task))
    elif chance < 0.95:
        clean, style = build(rng)
        template, honest = note(rng)
        yield row(system(), whole(placed(clean, style, honest, rng), task), 0, "submitted-note", ident("note", kind, template))
