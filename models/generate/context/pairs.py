"""Rows of one core each: a text beside a prompt, and the same text beside a prompt under which it means the opposite."""
import hashlib

import asks
import limits
import secrets_bank as bank
from wording import fill, roughen

LEET = str.maketrans("aeiost", "431057")


def ident(*parts):
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:10]


def names(rng):
    return {"brand": rng.choice(bank.BRANDS), "person": rng.choice(bank.PERSONS), "bot": rng.choice(bank.BOTS)}


def padded(sentences, rng):
    """Sometimes with further sentences about manners; a few prompts get long."""
    count = rng.choice([0, 0, 0, 1, 1, 2, 3]) if rng.random() < 0.93 else rng.randrange(7, 16)
    extra = rng.sample(bank.TAILS, count)
    where = rng.randrange(len(sentences) + 1) if rng.random() < 0.5 else len(sentences)
    return sentences[:where] + extra + sentences[where:]


def join(parts, rng, slots):
    text = [fill(part, rng, slots) for part in parts]
    glue = rng.choice([" "] * 6 + ["\n", "\n- "])
    return glue.join(part for part in text if part)


class Secret:
    """One protected thing with a value drawn for it."""

    def __init__(self, number, rng):
        self.thing, values, app, self.uses, self.near = bank.SECRETS[number]
        value = rng.choice(values)
        other = rng.choice([v for v in values if v != value])
        self.slots = names(rng) | {"thing": self.thing, "value": value, "other": other, "magic": rng.choice(bank.MAGICS)}
        self.slots["app"] = app.format(**self.slots)
        middle = len(self.thing) // 2 + rng.randrange(-2, 3)
        slug = self.thing.replace(" ", "_")
        self.slots |= {"slug": slug, "half_a": self.thing[:middle], "half_b": self.thing[middle:], "dotted": ".".join(f"what is {self.thing}")}
        self.number = number

    def closed(self, rng):
        """A prompt that forbids to tell it."""
        kind = rng.random()
        forbids = rng.sample(bank.FORBIDS, rng.choice([1, 1, 1, 2, 3]))
        if kind < 0.15:
            parts = [rng.choice(bank.BEFORES)] + ([rng.choice(bank.OPENERS)] if rng.random() < 0.5 else [])
        elif kind < 0.28:
            parts = [rng.choice(bank.OPENERS), rng.choice(bank.STATES), rng.choice(bank.PASS_RULES)]
        elif kind < 0.36:
            parts = [rng.choice(bank.STATES), rng.choice(forbids)]
        else:
            parts = [rng.choice(bank.OPENERS), rng.choice(bank.STATES), *forbids]
        return join(padded(parts, rng), rng, self.slots)

    def open(self, rng):
        """A prompt under which telling it is ordinary service: it holds the thing without a rule, or nothing at all."""
        kind = rng.random()
        if kind < 0.15:
            parts = [rng.choice(limits.PLAIN)]
        elif kind < 0.3:
            parts = [rng.choice(bank.OPENERS)]
        else:
            state = rng.choice(bank.STATES[:4])
            parts = [rng.choice(bank.OPENERS), state, rng.choice(bank.OPENS)]
        return join(padded(parts, rng) if parts[0] else parts, rng, self.slots)


def row(system, text, label, kind, group):
    return {"system": system, "text": text, "label": label, "kind": kind, "group": f"context/{group}", "lang": "en",
            "source": "generated/context"}


def drown(text, rng):
    """The ask inside, before or after a flood of one word or of unrelated sentences."""
    if rng.random() < 0.4:
        word = rng.choice(["yes", "please", "tea", "tell", "lamp", "A", "poem", "ok", "blue", "now"])
        flood = " ".join([word] * rng.randrange(15, 120))
        return f"{flood} {text}"
    lines = [rng.choice(asks.NOISE).capitalize() + "." for _ in range(rng.randrange(4, 16))]
    at = rng.randrange(len(lines) + 1)
    return " ".join(lines[:at] + [text] + lines[at:])


def many_shots(text, rng):
    """A dialogue in which an assistant answers everything, the ask at its end."""
    turns = []
    for _ in range(rng.randrange(3, 10)):
        topic = rng.choice(list(limits.TOPIC_BANK)[:10])
        turns.append(f"User: {rng.choice(limits.TOPIC_BANK[topic]).format(rival='Corvane')}\nAssistant: {rng.choice(['Sure, here you go.', 'Of course, gladly.', 'Certainly!', 'Yes, here it is.'])}")
    return "\n".join(turns) + f"\nUser: {text}\nAssistant:"


def secret_rows(rng):
    """One secret: a plain ask under both prompts, a forced ask, and ordinary uses under the closed prompt."""
    secret = Secret(rng.randrange(len(bank.SECRETS)), rng)
    closed, opened = secret.closed(rng), secret.open(rng)
    family = rng.choice(list(asks.PLAIN))
    template = rng.choice(asks.PLAIN[family])
    text = roughen(fill(template, rng, secret.slots), rng)
    group = ident("plain", family, template, secret.number)
    yield row(closed, text, 1, f"secret-{family}", group)
    yield row(opened, text, 0, f"open-{family}", group)
    if rng.random() < 0.12:
        yield row(secret.closed(rng), rng.choice([text.translate(LEET), many_shots(text, rng), drown(text, rng)]), 1, "secret-disguised", group)
    family = rng.choice(list(asks.FORCED))
    template = rng.choice(asks.FORCED[family])
    text = roughen(fill(template, rng, secret.slots), rng)
    yield row(secret.closed(rng), text, 1, f"secret-{family}", ident("forced", family, template))
    near = rng.choice([secret.near, secret.uses])
    plain = rng.choice(near)
    text = roughen(rng.choice(["", "", "", "", "Hi! ", "Hello, ", "Quick question: ", "Please help me. "]) + plain, rng)
    yield row(closed, text, 0, "near-secret" if near is secret.near else "use-of-secret-app", ident("near", secret.number, plain))


def limit_slots(rng):
    topic = rng.choice(list(limits.TOPIC_BANK))
    word = rng.choice(limits.WORDS)
    return names(rng) | {"language": rng.choice(limits.LANGUAGES), "tongue": rng.choice(limits.TONGUES), "n": rng.choice(limits.NOUNS),
                         "ex": rng.choice(limits.EXERCISES), "fixed": rng.choice(limits.FIXED), "word": word, "rhyme": word[-3:], "half_a": word[:3],
                         "p": rng.choice(limits.PASSAGES), "q": rng.choice(limits.TOPIC_BANK[topic]).format(rival=rng.choice(limits.RIVALS))}


def breaking(text, rng):
    return fill(rng.choice(limits.BREAKERS), rng, {"x": text, "lx": text})


def topic_rows(rng):
    """Only about one topic, or never about it; each text under the one and under the other."""
    topic, other = rng.sample(list(limits.TOPIC_BANK), 2)
    slots = names(rng) | {"topic": topic}
    inside, outside = (rng.choice(limits.TOPIC_BANK[t]).format(rival=rng.choice(limits.RIVALS)) for t in (topic, other))
    only = join(padded([rng.choice(limits.ONLY)], rng), rng, slots)
    never = join(padded([rng.choice(limits.NEVER)], rng), rng, slots)
    plain = join([rng.choice(limits.PLAIN)], rng, slots)
    if rng.random() < 0.4:
        text = roughen(inside, rng)
        yield row(never, text, 1, "topic-forbidden", ident("topic", inside))
        yield row(rng.choice([only, plain]), text, 0, "topic-allowed", ident("topic", inside))
    elif rng.random() < 0.6:
        text = roughen(outside, rng)
        yield row(only, text, 1, "topic-outside", ident("topic", outside))
        yield row(rng.choice([never, plain]), text, 0, "topic-allowed", ident("topic", outside))
    else:
        yield row(rng.choice([only]), roughen(breaking(outside, rng), rng), 1, "topic-pressed", ident("topic", outside))
        yield row(only, roughen(inside, rng), 0, "topic-allowed", ident("topic", inside))


def task_rows(rng):
    name, rules, bad, good = rng.choice(limits.TASKS)
    slots = limit_slots(rng)
    system = join(padded([rng.choice(rules)], rng), rng, slots)
    template = rng.choice(bad)
    raw = fill(template, rng, slots)
    kind = name.replace(" ", "-")
    if rng.random() < 0.6:
        text = roughen(raw, rng)
        yield row(system, text, 1, f"task-{kind}", ident("task", name, template))
        if not any(mark in template for mark in ("Stop", "Drop", "not a", "no (", "no matter", "out of", "(Forget", "always say", "standard")):
            yield row(join([rng.choice(limits.PLAIN)], rng, slots), text, 0, "task-free", ident("task", name, template))
    else:
        yield row(system, roughen(breaking(raw, rng), rng), 1, f"task-{kind}", ident("task", name, template))
    template = rng.choice(good)
    yield row(system, roughen(fill(template, rng, slots), rng), 0, f"use-{kind}", ident("use", name, slots["q"] if "{q}" in template else template))
