"""Cores in which a second voice comes into an ordinary text: a turn after a question, a remark in a document, the last of
many questions, a line in the middle of a list. The same functions write attacks and their innocent twins; only the bank of
the second voice differs. A core is a line of that bank, whatever surrounds it.
"""
from builders import dialogue
from grammar import digest, tidy

# What surrounds the second voice is kept short enough for one window of the model: a window without the order would be
# trained as an attack that is not in it.
ROOM = 560
TONGUES = ("de", "es", "fr", "pl", "hr", "it", "nl")
FACTS = (
    ("Who painted the Mona Lisa?", "Leonardo da Vinci"), ("What is the capital of Peru?", "Lima"), ("2 + 2?", "4"),
    ("How many legs has a spider?", "Eight"), ("Largest ocean?", "The Pacific"), ("Is water wet?", "Yes"),
    ("What colour is snow?", "White"), ("Opposite of hot?", "Cold"), ("How many days has a week?", "7"),
    ("Who wrote Hamlet?", "Shakespeare"), ("Chemical sign of gold?", "Au"), ("Plural of mouse?", "Mice"),
    ("What do bees make?", "Honey"), ("Square root of 81?", "9"), ("Which planet has rings?", "Saturn"),
    ("Boiling point of water?", "100 degrees Celsius"), ("First month?", "January"), ("Do fish sleep?", "Yes, in a way"),
    ("Continent of Kenya?", "Africa"), ("How many strings has a violin?", "Four"), ("Currency of Japan?", "Yen"),
    ("Fastest land animal?", "The cheetah"), ("What is H2O?", "Water"), ("Is the earth flat?", "No"),
    ("How do you say thanks in French?", "Merci"), ("Who lives in a hive?", "Bees"), ("10 times 12?", "120"),
    ("Longest river of Europe?", "The Volga"), ("What do pandas eat?", "Bamboo"), ("Year of the moon landing?", "1969"),
)


def within(parts, room=ROOM):
    """As many parts as fit into the room, at least one."""
    used, kept = 0, []
    for part in parts:
        used += len(part)
        if kept and used > room:
            break
        kept.append(part)
    return kept


def host(grammar, rng):
    return tidy(grammar.one("casual_q", rng))


def joined(first, second, grammar, rng):
    """Two voices in one text; the seam is a space, a break, a bracket or a faked end."""
    seam = grammar.expand("{seam}", rng)
    if not seam.strip() and "\n" not in seam:
        seam = " " if first[-1:] in ".?!" else rng.choice([". ", ", ", " - "])
    return first + (seam.lstrip(".,;") if first[-1:] in ".?!" else seam) + second


def each_line(grammar, rule, make):
    """A function for each line of a rule; its group is the line, in whichever kind it stands."""
    def maker(line):
        return lambda rng: (make(tidy(grammar.expand(line, rng)), rng), f"{rule}/{digest(line)}")
    return [(f"{rule}-{number}", maker(line)) for number, line in enumerate(grammar.rules[rule])]


def turned(grammar, rule):
    """A question and then another voice; sometimes the voice first, sometimes alone, sometimes between two questions."""
    def make(turn, rng):
        place = rng.random()
        if place < 0.14:
            return turn
        if place < 0.26:
            return joined(turn, host(grammar, rng), grammar, rng)
        if place < 0.36:
            return joined(joined(host(grammar, rng), turn, grammar, rng), host(grammar, rng), grammar, rng)
        first = host(grammar, rng)
        if rng.random() < 0.2:
            first = joined(first, host(grammar, rng), grammar, rng)
        return joined(first, turn, grammar, rng)
    return each_line(grammar, rule, make)


def spoken(grammar, rule):
    """A turn of a talk: alone, after an opening word, before a reason or another wish, or after a turn that was answered."""
    def make(turn, rng):
        if rng.random() < 0.35:
            turn = tidy(grammar.one("chat_open", rng)) + " " + turn
        if rng.random() < 0.28:
            more = tidy(grammar.one("chat_more", rng))
            turn += (" " if turn[-1:] in ".?!" else rng.choice([", ", ". ", " ", "; ", "\n"])) + more
        if rng.random() < 0.06:
            turn = tidy(grammar.one(rng.choice(["errand", "casual_q"]), rng)) + rng.choice(["\n", ". ", "\n\n"]) + turn
        return turn
    return each_line(grammar, rule, make)


def tongues(grammar, rule, english_rule):
    """Two languages in one text: a question in one of them, the other voice in the other."""
    def foreign(turn, rng):
        first = host(grammar, rng) if rng.random() < 0.65 else tidy(grammar.one("q_" + rng.choice(TONGUES), rng))
        return turn if rng.random() < 0.1 else joined(first, turn, grammar, rng)

    def back(turn, rng):
        return joined(tidy(grammar.one("q_" + rng.choice(TONGUES), rng)), turn, grammar, rng)

    out = [core for tongue in TONGUES for core in each_line(grammar, f"{rule}_{tongue}", foreign)]
    return out + each_line(grammar, english_rule, back)


def shelled(grammar, rule):
    """A remark in a document, mostly with the task that somebody wants done with it."""
    def make(remark, rng):
        text = tidy(grammar.one("shell", rng))
        for _ in range(4):
            if len(text) < 1.3 * ROOM:
                break
            text = tidy(grammar.one("shell", rng))
        if '"<NOTE>' in text or '<NOTE>"' in text:
            remark = remark.replace('"', "'")
        if rng.random() < 0.7:
            remark = remark[:1].upper() + remark[1:]
        if rng.random() < 0.06:
            remark = remark.upper()
        text = text.replace("<NOTE>", remark)
        if rng.random() < 0.55:
            task = tidy(grammar.one("shell_task", rng))
            if rng.random() < 0.2:
                return text + "\n\n" + task.rstrip(":.")
            return task + rng.choice(["\n", "\n\n", " "]) + text
        return text
    return each_line(grammar, rule, make)


def chained(grammar, rule):
    """Many short questions with their answers, and one more."""
    pairs = (("Q", "A"), ("Question", "Answer"), ("User", "Assistant"), ("Human", "AI"), ("Frage", "Antwort"), ("Me", "You"))

    def make(last, rng):
        turns = rng.sample(FACTS, rng.randrange(2, 13))
        if rng.random() < 0.3:
            lines = [f"{n}. {ask} {answer}" for n, (ask, answer) in enumerate(turns, 1)]
            return "\n".join([*lines, f"{len(turns) + 1}. {last}"])
        return dialogue(turns, last, rng, rng.choice(pairs))
    return each_line(grammar, rule, make)


def buried(grammar, rule):
    """A long harmless list or text with the other voice in it or after it, and what is asked about the list."""
    def make(turn, rng):
        source = rng.choice(["sentence", "casual_q", "passage", "liked", "short_phrase"])
        count = rng.randrange(2, 4) if source == "passage" else rng.randrange(5, 22)
        items = within([tidy(grammar.one(source, rng)) for _ in range(count)])
        at = rng.choice([len(items), len(items), *range(len(items))])
        items.insert(at, turn)
        mark = rng.choice(["", "", "- ", "* ", "{n}. ", "{n}) "])
        items = [mark.format(n=n) + item for n, item in enumerate(items, 1)]
        if rng.random() < 0.5:
            items.insert(0, tidy(grammar.one("shell_task", rng)))
        return rng.choice(["\n", "\n", " ", "\n\n"] if not mark else ["\n"]).join(items)
    return each_line(grammar, rule, make)


def repeated(grammar, rule):
    """One token or one line very many times, and then the other voice."""
    def make(turn, rng):
        unit = rng.choice(["12345", "67890", "0101", "abcabc", "7 7 7", "blah", "go", "nothing", "la la", "@@", "A", "a b c", "hello", "yes", "00", "test test", "ok", "lorem ipsum", "one two three",
                           "spam", "?", "hm", "the", "cat", "Is it?", "x1", "9 8 7", "tick tock", "word"])
        noise = rng.choice([" ", " ", "\n", ", ", ""]).join(within([unit] * rng.randrange(20, 110), ROOM // 2))
        return noise + rng.choice(["\n", "\n\n", " "]) + turn
    return each_line(grammar, rule, make)
