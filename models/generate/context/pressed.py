"""Forbidden and limited topics and tasks, asked for with a trick; the same trick around what is allowed."""
import limits
import narrow
import wider
from brief import hurry
from frames import ABROAD, ASK_HARD, ASK_SOFT, coded
from pairs import ident, join, limit_slots, names, padded, row
from wording import fill, roughen


class Limit:
    """A prompt that forbids, one that allows, and asks on either side of the line."""

    def __init__(self, rng):
        slots = limit_slots(rng)
        if rng.random() < 0.55:
            forbid, allow, bad, good = rng.choice(narrow.APPS)
            slots["topic"] = rng.choice([t for t in limits.TOPIC_BANK if t not in ("programming", "competitors")])
            self.bad = bad or [q.format(**slots | {"rival": "Corvane"}) for q in limits.TOPIC_BANK[slots["topic"]]]
            self.good, self.name = good, forbid[0]
            if bad is None:
                self.name += slots["topic"]
            only, leave = rng.choice(forbid), rng.choice(allow + allow + [p for p in limits.PLAIN if p])
        else:
            topic, other = rng.sample(list(limits.TOPIC_BANK), 2)
            while {topic, other} in limits.OVERLAPS:
                topic, other = rng.sample(list(limits.TOPIC_BANK), 2)
            bank = {t: [q.format(rival=slots_rival) for q in limits.TOPIC_BANK[t]] for t, slots_rival in ((topic, "Corvane"), (other, "Zentra"))}
            slots["topic"] = topic
            if rng.random() < 0.5 and topic not in limits.NO_SERVICE:  # Only this one: the other is out.
                only, self.bad, self.good = rng.choice(limits.ONLY), bank[other], bank[topic]
                leave = rng.choice([p for p in limits.PLAIN if p])
            else:
                only, self.bad, self.good = rng.choice(limits.NEVER), bank[topic], bank[other]
                leave = rng.choice([p for p in limits.PLAIN if p] + limits.ONLY * (topic not in limits.NO_SERVICE))
            self.name = topic
        self.closed = join(padded([only], rng), rng, slots)
        extra = rng.sample(wider.NEUTRAL_TAILS, rng.choice([0, 0, 1]))
        self.open = join([leave] + extra, rng, slots)


def chat(asks, last, rng):
    """A harmless talk that comes to its point at the end."""
    turns = []
    people = rng.choice([("User", "Assistant"), ("Me", "You"), ("Q", "A"), ("Human", "Bot"), ("-", "-")])
    for ask in rng.sample(asks, min(len(asks), rng.randrange(2, 5))):
        turns.append(f"{people[0]}: {ask}\n{people[1]}: {rng.choice(narrow.REPLIES)}")
    bridge = rng.choice(["", "", "Speaking of which: ", "That reminds me: ", "Great, thanks! By the way, ", "And one more, in the same spirit: ", "Since we talk so well: "])
    end = rng.choice(["", f"\n{people[1]}:"])
    return "\n".join(turns) + f"\n{people[0]}: {bridge}{last}{end}"


def monologue(asks, last, rng):
    """The same without a dialogue: small talk, then the point."""
    idle = rng.sample(["I had a long day.", "The weather is lovely here.", "My cat sleeps on the keyboard.", "I really like your service.", "Thanks for the help last week.", "My sister recommended you.", "I am writing from a train.", "It's my first time here.", "We are planning a party.", "I just had tea.", "You seem clever."], rng.randrange(1, 4))
    bridge = rng.choice(["Speaking of {x}, here is what I wonder:", "Anyway, while we are at it:", "By the way,", "What I also wanted to ask:", "And since you are so kind:", "That brings me to another point:", "PS:"]).format(x=rng.choice(["that", "my sister", "tea", "today"]))
    return " ".join(idle + [rng.choice(asks), bridge, last])


def trick(rng):
    """A name, the core of a trick, a function that puts a question into it, and whether it overrules any prompt."""
    chance = rng.random()
    if chance < 0.56:
        family = rng.choice(list(ASK_SOFT))
        template = rng.choice(ASK_SOFT[family])
        return family, template, lambda q, asks: roughen(fill(template, rng, {"q": q}), rng), False
    if chance < 0.66:
        family = rng.choice(list(ASK_HARD))
        template = rng.choice(ASK_HARD[family])
        return "override", template, lambda q, asks: roughen(fill(template, rng, {"q": q}), rng), True
    if chance < 0.78:
        return "code", "code", lambda q, asks: coded(q, rng), False
    if chance < 0.9:
        return "chat", "chat", lambda q, asks: chat(asks, q, rng), False
    return "drift", "monologue", lambda q, asks: monologue(asks, q, rng), False


def pressed_rows(rng):
    """A forbidden question in a trick under the prompt that forbids and one that allows; an allowed one in the same trick."""
    chance = rng.random()
    if chance < 0.2:
        yield from drift_rows(rng)
        return
    if chance < 0.32:
        yield from abroad_rows(rng)
        return
    limit = Limit(rng)
    bad, good = rng.choice(limit.bad), rng.choice(limit.good)
    name, core, put, overrules = trick(rng)
    text = put(bad, limit.good)
    group = ident("pressed", core, bad)
    yield row(limit.closed, text, 1, "topic-pressed", group)
    if not overrules:
        if rng.random() < 0.48:
            yield row(limit.open, text, 0, "topic-pressed-open", group)
        # What a code hides can hardly be told apart; beside a limit it is mostly there to hide something.
        if rng.random() < (0.2 if name == "code" else 0.55):
            rest = [ask for ask in limit.good if ask != good]
            yield row(limit.closed, put(good, rest), 0, "topic-same-form", ident("pressed", core, good))
    if overrules or rng.random() < 0.15:
        yield row(limit.closed, roughen(good, rng), 0, "topic-use", ident("pressed-use", good))


def drift_rows(rng):
    """An ask that slides out of its task by itself."""
    forbid, allow, bad, good = rng.choice(narrow.DRIFTS)
    slots = limit_slots(rng) | {"items": rng.choice(narrow.THINGS)}
    closed = join(padded([rng.choice(forbid)], rng), rng, slots)
    leave = join([rng.choice(allow + [p for p in limits.PLAIN if p])], rng, slots)
    template = rng.choice(bad)
    text = roughen(fill(template, rng, slots), rng)
    yield row(closed, text, 1, "task-drift", ident("drift", template))
    if rng.random() < 0.5 and not any(mark in template for mark in ("Service technician", "Press button", "Out of order", "secret chat mode", "leave the simulation")):
        yield row(leave, text, 0, "task-drift-open", ident("drift", template))
    template = rng.choice(good)
    yield row(closed, roughen(fill(template, rng, slots), rng), 0, "task-drift-use", ident("drift-use", forbid[0], template))


def abroad_rows(rng):
    """A topic's question in another language, in a trick of that language or bare."""
    topic, other = rng.sample(list(narrow.QUESTIONS), 2)
    while {topic, other} in limits.OVERLAPS:
        topic, other = rng.sample(list(narrow.QUESTIONS), 2)
    language = rng.choice(list(ABROAD))
    slots = names(rng) | {"topic": topic}
    never = join(padded([rng.choice(limits.NEVER)], rng), rng, slots)
    leave = join([rng.choice([p for p in limits.PLAIN if p] + limits.ONLY * (topic not in limits.NO_SERVICE))], rng, slots)
    frame = rng.choice(ABROAD[language][1])
    text, same = (hurry(frame.replace("{q}", narrow.QUESTIONS[t][language]), rng) for t in (topic, other))
    group = ident("pressed-abroad", language, frame)
    yield row(never, text, 1, "topic-pressed", group) | {"lang": language}
    yield row(leave, text, 0, "topic-pressed-open", group) | {"lang": language}
    if rng.random() < 0.6:
        yield row(never, same, 0, "topic-same-form", group) | {"lang": language}
